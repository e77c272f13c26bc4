"""A film that follows the relief: insulation on the walls of a groove, opened by a mask where metal goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import shapely

from chipscale.process.masks import Masks
from chipscale.process.models.film_mismatch import mismatch_MPa
from chipscale.process.models.film_stress import stress_free_C
from chipscale.process.relief.front import Layer
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab

_ASSUMED = "assumed: usual practice"
_SLIVER_UM2 = 1.0


@dataclass(frozen=True, slots=True)
class ConformalFilm:
    """Deposit or spray a film over level places and walls alike, then open it by dry etch or laser, straight down.

    On walls it is `wall_ratio` times as thick, square to the wall; its faces meet in sharp edges.
    """

    name: ClassVar[str] = "conformal_film"
    title: ClassVar[str] = "Conformal film"
    tool: ClassVar[str] = "deposition or spray coater"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset(
        {"seed", "film", "resist", "coat", "dry", "latent", "opened", "solder", "joints", "diced"}
    )
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("pinhole on a wall", "wire", "rough wall, thin film: metal touches the silicon"),
        Defect("film left in an opening", "pad", "too short an etch: an open"),
        Defect("crack at a mouth's edge", "die", "stress in the film where it bends"),
    )

    layer: str = "INS"
    material: str = "PI"
    thickness_um: float = option(5.0, "thickness on level places", 0.05, 50, f"2 to 10 µm {_ASSUMED}")
    wall_ratio: float = option(0.8, "thickness on walls over that on level places", 0.05, 1.5, _ASSUMED)
    openings: str = mask_option("", "mask of the openings; empty: none", optional=True)
    deposit_C: float = option(250.0, "temperature at which it sets (deposition or cure)", 20, 450, _ASSUMED)
    stress_MPa: float = option(
        0.0, "its stress at room temperature (tension positive); 0: thermal mismatch to silicon", -2000, 2000
    )
    growth_um_min: float = option(0.5, "growth on level places", 0.001, 50, _ASSUMED)
    open_um_min: float = option(0.5, "rate of the etch of the openings", 0.001, 50, _ASSUMED)
    set_h: float = option(1.0, "time in the oven or chamber, shared by a batch", 0, 24, _ASSUMED)
    wafers_count: float = option(25.0, "wafers of one batch", 1, 200, _ASSUMED)
    within_wafer_pct: float = option(5.0, "thickness over the wafer, +/- (3 sigma)", 0, 50, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film; refused when a mask of openings is named that nothing is drawn on."""
        within = self._within(masks)
        wall_um = self.thickness_um * self.wall_ratio
        layers, front = work.front.covered(self.thickness_um, wall_um, within)
        after = work.with_bodies(_slabs(self, layers, {body.name for body in work.bodies}), front)
        told = []
        stress, source = self.stress_MPa, "given in the recipe"
        if stress == 0:
            found = mismatch_MPa(self.material, stress_free_C(self.material, self.deposit_C))
            stress, source = found or 0.0, f"thermal mismatch to silicon from {self.deposit_C:g} °C, elastic"
            if found is None:
                told.append(f"the library has no modulus or expansion of {self.material}: its stress is not known")
        if not told:
            after = after.strained(self.layer, stress, source)
        figures = {"level_um": self.thickness_um, "wall_um": wall_um}
        if within is not None:
            figures["opened_um2"] = float(shapely.area(masks.region(self.openings)))
        return after.noted(*told, **figures)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s for one wafer: growth, its share of the batch's time, and the openings."""
        opening = self.thickness_um / self.open_um_min if self.openings else 0.0
        return 60.0 * (self.thickness_um / self.growth_um_min + opening) + 3600.0 * self.set_h / self.wafers_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies."""
        return (Spread("thickness_pct", self.layer, {"radius": self.within_wafer_pct / 3.0}, _ASSUMED),)

    def _within(self, masks: Masks) -> Any | None:
        """Return the region the film stays on, None for everything."""
        if not self.openings:
            return None
        if not masks.has(self.openings):
            raise StepError(
                f"nothing is drawn on {self.openings}",
                remedy="draw the openings, or leave `openings` empty",
                option="openings",
            )
        within = shapely.difference(masks.die, masks.region(self.openings))
        if shapely.area(within) < _SLIVER_UM2:
            raise StepError("the openings leave nothing of the film", option="openings")
        return within


def _slabs(step: ConformalFilm, layers: list[Layer], taken: set[str]) -> list[Slab]:
    """Return the film as bodies: the highest layer has the film's name, those below it are its parts in the relief."""
    found = []
    for number, layer in enumerate(layers, start=1):
        last = number == len(layers)
        name = step.layer if last else f"{step.layer}.fill{number}"
        count = 2
        while name in taken:
            name, count = f"{step.layer}.{count}", count + 1
        taken = taken | {name}
        part = "" if last else "fill"
        found.append(Slab(name, step.layer, step.material, *layer, None, part))
    return found
