"""Mold compound over the front, levelled to one height, and the stress it holds after cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.masks import Masks
from chipscale.process.models.film_mismatch import mismatch_MPa
from chipscale.process.models.film_stress import stress_free_C
from chipscale.process.relief.front import Wall
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Slab
from chipscale.stack.volume import z_range_um

_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class Mold:
    """Fill the front with mold compound, level, `thickness_um` above its highest place."""

    name: ClassVar[str] = "mold"
    title: ClassVar[str] = "Mold"
    tool: ClassVar[str] = "compression mold"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "seed", "film", "solder", "joints", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("void in the mold", "die", "trapped air, filler larger than a gap"),
        Defect("die shift", "die", "flow drag and shrinkage on a reconstituted wafer"),
    )

    layer: str = "MOLD"
    material: str = "EMC"
    thickness_um: float = option(100.0, "mold above the highest place of the front", 10, 1000, _ASSUMED)
    tolerance_um: float = option(15.0, "thickness within a wafer, +/- (3 sigma)", 0, 100, _ASSUMED)
    cure_C: float = option(125.0, "temperature of the mold", 80, 200, f"120 to 175 °C {_ASSUMED}")
    shrinkage_pct: float = option(0.1, "linear shrinkage of the cure", 0, 1, f"0.05 to 0.3 % {_ASSUMED}")
    mold_s: float = option(300.0, "time in the mold", 30, 3600, _ASSUMED)
    post_cure_h: float = option(2.0, "time in the oven afterwards", 0, 24, _ASSUMED)
    oven_count: float = option(25.0, "wafers cured together in the oven", 1, 200, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece under its mold."""
        highest_um = work.front.levels[-1][0]
        standing = [body.name for body in work.bodies if z_range_um(body)[1] > highest_um + Z_EPS_UM]
        if standing:
            raise StepError(
                f"{standing[0]} stands above the surface that is molded over",
                remedy="mold before balls are dropped",
            )
        layers, front = work.front.filled(Wall(work.front.whole), highest_um + self.thickness_um)
        names = [f"{self.layer}.fill{k}" for k in range(1, len(layers))] + [self.layer]
        bodies = [
            Slab(name, self.layer, self.material, z_um, h_um, bottom, top, None, "" if name == self.layer else "fill")
            for name, (z_um, h_um, bottom, top) in zip(names, layers, strict=True)
        ]
        after = work.with_bodies(bodies, front)
        free_C = stress_free_C(self.material, self.cure_C)
        stress = mismatch_MPa(self.material, free_C, self.shrinkage_pct)
        if stress is None:
            return after.noted(f"the library has no modulus or expansion of {self.material}: its stress is not known")
        source = f"thermal mismatch to silicon from {free_C:g} °C and {self.shrinkage_pct:g} % of shrinkage"
        return after.strained(self.layer, stress, source).noted(stress_MPa=stress)

    def time_s(self, batch: Batch) -> float:
        """Return the time in the mold and this wafer's share of the oven in s."""
        return self.mold_s + 3600.0 * self.post_cure_h / self.oven_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the mold's thickness varies."""
        return (Spread("thickness_um", self.layer, {"die": self.tolerance_um / 3.0}, _ASSUMED),)
