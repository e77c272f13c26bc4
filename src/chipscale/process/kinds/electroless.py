"""Electroless and immersion metal: it grows on bare metal only, without resist, as far sideways as up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import shapely

from chipscale.process.kinds.own_stress import OWN_STRESS, stressed
from chipscale.process.masks import Masks
from chipscale.process.relief.bare_metal import Bare, Deposit, bare_places, deposited
from chipscale.process.relief.front import Wall
from chipscale.process.relief.overgrowth import check_apart
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab


class Chemistry(NamedTuple):
    """An electroless or immersion bath: its growth in µm/min, the most it grows in µm, who says so."""

    title: str
    growth_um_min: float
    most_um: float
    source: str


CHEMISTRIES: Mapping[str, Chemistry] = {
    "Ni": Chemistry(
        "electroless nickel-phosphorus", 0.47, 50.0, "28.2 µm/h on aluminium: InterPACK 2009, vol. 43598, p. 371"
    ),
    "Au": Chemistry("immersion gold", 0.005, 0.1, "assumed: 0.05 µm in 10 min; it ends when the nickel is covered"),
    "Pd": Chemistry("electroless palladium", 0.02, 1.0, "assumed: usual practice"),
    "Cu": Chemistry("electroless copper", 0.05, 20.0, "assumed: usual practice"),
}


@dataclass(frozen=True, slots=True)
class Electroless:
    """Grow metal on what is bare of a metal's bodies: nickel on aluminium pads, gold on nickel.

    In an opening it rises between the walls; above their rim it spreads as far sideways as it rises. Metal that stands
    free grows on its sides too. Immersion gold takes the place of nickel and ends by itself; it is drawn on top.
    """

    name: ClassVar[str] = "electroless"
    title: ClassVar[str] = "Electroless plating"
    tool: ClassVar[str] = "electroless line"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset(
        {"seed", "film", "coat", "dry", "latent", "opened", "solder", "joints", "diced"}
    )
    makes: ClassVar[frozenset[str]] = frozenset({"metal"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("skipped pad", "pad", "residue on the pad, or a potential of the circuit that keeps the reaction off"),
        Defect("nodule", "pad", "zincate too coarse, or metal on a particle"),
        Defect("metal beside the pad", "die", "the bath deposits on scratches or on bare silicon at the edge"),
        Defect("black pad", "pad", "immersion gold eats into the grain boundaries of the nickel"),
    )

    on: str = option("PAD", "layer of the metal it grows on")
    layer: str = option("UBM", "layer of the bodies it becomes")
    material: str = option("Ni", "what is deposited", choices=tuple(sorted(CHEMISTRIES)))
    thickness_um: float = option(
        5.0, "thickness grown upward", 0.01, 50, "assumed: 3 to 7 µm of nickel, 0.03 to 0.1 gold"
    )
    growth_um_min: float = option(0.0, "growth; 0: the bath's own", 0, 2)
    pretreat_s: float = option(300.0, "cleaning, micro-etch, double zincate", 0, 3600, "assumed: usual practice")
    within_wafer_pct: float = option(8.0, "+/- thickness over the wafer, 3 sigma", 0, 50, "assumed: usual practice")
    stress_MPa: float = option(0.0, OWN_STRESS, -2000, 2000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with metal on every bare place."""
        self._check_thickness()
        bare = bare_places(work, self.on)
        if not bare:
            raise StepError(
                f"no metal of {self.on} lies bare",
                limit=", ".join(sorted({body.layer for body in work.bodies})),
                remedy="open the film over it first, or name another layer",
                option="on",
            )
        grown = [deposited(work.front, place, self.thickness_um) for place in bare]
        check_apart([place.piece for place in bare], [deposit.footprint for deposit in grown], "the metal")
        front = work.front
        for top in sorted({place.z_um for place in bare}):
            feet = [d.footprint for place, d in zip(bare, grown, strict=True) if place.z_um == top]
            _, front = front.filled(Wall(shapely.union_all(feet)), top + self.thickness_um)
        aside = max(0.0, *(min(self.thickness_um, self.thickness_um - place.depth_um) for place in bare))
        work = work.with_bodies(self._bodies(work, bare, grown), front)
        work = stressed(work, self.layer, self.material, self.stress_MPa)
        return work.noted(bath_time_min=self._minutes(), aside_um=aside, places_count=float(len(bare)))

    def _bodies(self, work: Work, bare: list[Bare], grown: list[Deposit]) -> list[Slab]:
        """Return the bodies; metal on a layer of its own name carries its material in the name."""
        taken = {body.name for body in work.bodies}
        bodies = []
        for place, deposit in zip(bare, grown, strict=True):
            name = f"{self.layer}.{place.piece.name}"
            name = f"{name}.{self.material}" if name in taken else name
            counts: dict[str, int] = {}
            for part, (z, h, low, high) in deposit.parts:
                counts[part] = counts.get(part, 0) + 1
                called = ".".join([name, *([part] if part else []), *([str(counts[part])] if counts[part] > 1 else [])])
                bodies.append(Slab(called, self.layer, self.material, z, h, low, high, place.piece.net, part))
        return bodies

    def _check_thickness(self) -> None:
        bath = CHEMISTRIES[self.material]
        if self.thickness_um > bath.most_um:
            raise StepError(
                f"{bath.title} does not grow that thick",
                value=f"{self.thickness_um:g} µm",
                limit=f"{bath.most_um:g} µm ({bath.source})",
                option="thickness_um",
            )

    def _minutes(self) -> float:
        return self.thickness_um / (self.growth_um_min or CHEMISTRIES[self.material].growth_um_min)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in pretreatment and bath."""
        return self.pretreat_s + 60.0 * self._minutes()

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies."""
        return (Spread("thickness_pct", self.layer, {"die": self.within_wafer_pct / 3}, "assumed: usual practice"),)
