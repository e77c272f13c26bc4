"""The film that covers the wafer's back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.masks import Masks
from chipscale.process.models.film_mismatch import mismatch_MPa
from chipscale.process.models.film_stress import stress_free_C
from chipscale.process.step import Batch, Defect, Spread, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab

_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class BacksideCoat:
    """Laminate or coat the back with a protective film."""

    name: ClassVar[str] = "backside_coat"
    title: ClassVar[str] = "Backside film"
    tool: ClassVar[str] = "laminator"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "backside", "flipped", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"backside"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("bubble", "die", "trapped air, particle"),
        Defect("peeling", "wafer", "dirt from grinding"),
    )

    material: str = "BacksideCoating"
    thickness_um: float = option(25.0, "thickness of the film", 1, 200, f"25 to 40 µm {_ASSUMED}")
    tolerance_um: float = option(2.0, "thickness, +/- (3 sigma)", 0, 20, _ASSUMED)
    cure_C: float = option(130.0, "temperature at which the film sets", 20, 250, _ASSUMED)
    laminate_s: float = option(60.0, "time to laminate one wafer", 0, 3600, _ASSUMED)
    cure_h: float = option(2.0, "time in the oven", 0, 24, _ASSUMED)
    oven_count: float = option(25.0, "wafers cured together in the oven", 1, 200, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film below the silicon."""
        low = min(body.z_um for body in work.bodies if isinstance(body, Slab))
        z = low - self.thickness_um
        film = Slab("BACKSIDE", "BACKSIDE", self.material, z, self.thickness_um, masks.die, masks.die)
        after = dataclasses.replace(work, bodies=(film, *work.bodies))
        free_C = stress_free_C(self.material, self.cure_C)
        stress = mismatch_MPa(self.material, free_C)
        if stress is None:
            return after.noted(f"the library has no modulus or expansion of {self.material}: its stress is not known")
        return after.strained("BACKSIDE", stress, f"thermal mismatch to silicon from {free_C:g} °C")

    def time_s(self, batch: Batch) -> float:
        """Return the time to laminate and this wafer's share of the oven in s."""
        return self.laminate_s + 3600.0 * self.cure_h / self.oven_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the film's thickness varies."""
        return (Spread("thickness_um", "BACKSIDE", {"die": self.tolerance_um / 3.0}, _ASSUMED),)
