"""The seed etch: it parts the nets, undercuts the metal by its seed, and takes a little of the copper itself."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from chipscale.process.masks import Masks
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.opening import shrunk
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Body, Slab

# What the etch of a seed attacks besides it, by the seed's uppermost metal; nickel and solder stand.
ATTACKED = {"Cu": frozenset({"Cu", "Cu_plated"}), "Au": frozenset({"Au"})}
_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class EtchSeed:
    """Etch the seed between the plated shapes; without it every net would be one.

    Two things happen to the metal, and each can be set to nothing. `undercut_um` is how far the seed is etched under
    the metal's edge: the lowest slice of the metal, as thick as the seed, becomes a body of its own with an outline
    that much smaller (its `part` is "foot"). `loss_um` is what the etch takes of all bare metal like the seed's (copper
    by the copper etch, gold by the gold etch) plated on it, from its sides and its top.
    """

    name: ClassVar[str] = "etch_seed"
    title: ClassVar[str] = "Etch seed"
    tool: ClassVar[str] = "wet bench"
    needs: ClassVar[frozenset[str]] = frozenset({"seed"})
    never: ClassVar[frozenset[str]] = frozenset({"coat", "dry", "latent", "opened", "joints", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset({"seed"})
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("seed left", "wire", "residue of the resist or too short an etch: a short between nets"),
        Defect("undercut too deep", "ball", "etched too long: the metal stands on too small a foot"),
        Defect("lifted wire", "wire", "the undercut meets from both sides"),
    )

    undercut_um: float = option(0.8, "seed etched under the metal's edge, per side", 0, 5, f"{_ASSUMED}, 0.3 to 2 µm")
    loss_um: float = option(
        0.0, "metal like the seed lost from each bare face", 0, 3, f"{_ASSUMED}: counted in the mask's bias"
    )
    undercut_within_um: float = option(0.3, "+/- undercut over the wafer, 3 sigma", 0, 3, "assumed")
    bath_time_s: float = option(120.0, "time in the baths, adhesion layer included", 5, 3600, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece without seed."""
        seed = work.blanket
        work = work.but(blanket=None)
        if seed is None or not seed.layer:
            return work
        plated = [k for k, body in enumerate(work.bodies) if _is_plated(body, set(seed.layer.split("+")))]
        bodies: list[Any] = list(work.bodies)
        front = work.front
        feet: dict[int, Slab] = {}
        for k in self._standing(bodies, plated) if self.undercut_um > 0 else []:
            foot = self._foot(bodies[k], seed.thickness_um, front.whole)
            feet[k] = foot
            bodies[k] = dataclasses.replace(bodies[k], z_um=foot.z_um + foot.h_um, h_um=bodies[k].h_um - foot.h_um)
        whole = sum(bodies[k].bottom.area for k in feet)
        if self.loss_um > 0:
            attacked = ATTACKED.get(seed.material.split("/")[-1], frozenset())
            like = [k for k in plated if bodies[k].material in attacked and not bodies[k].part]
            front = self._thinned(bodies, like, _covered(bodies, plated), feet, front)
        left = [part for k, body in enumerate(bodies) for part in ((feet[k], body) if k in feet else (body,))]
        figures = {"undercut_um": self.undercut_um}
        if whole:
            figures["foot_left_pct"] = 100.0 * sum(foot.bottom.area for foot in feet.values()) / whole
        return work.but(bodies=tuple(left), front=front).noted(*_weak(bodies, feet), **figures)

    def _standing(self, bodies: list[Any], plated: list[int]) -> list[int]:
        """Return the bodies that stand on the seed, not on other metal plated on it."""
        tops = {round((bodies[k].z_um + bodies[k].h_um) / Z_EPS_UM) for k in plated}
        return [k for k in plated if round(bodies[k].z_um / Z_EPS_UM) not in tops and not bodies[k].part]

    def _foot(self, body: Slab, seed_um: float, die: Any) -> Slab:
        """Return the foot of a body: as high as the seed, smaller by the undercut."""
        height = min(seed_um, body.h_um / 2)
        outline = shrunk(body.bottom, self.undercut_um, die)
        if outline.is_empty:
            raise StepError(
                f"{body.name} loses its foot: the undercut meets from both sides",
                value=f"{self.undercut_um:g} µm per side",
                remedy="a shorter etch, a thinner seed or wider metal",
                option="undercut_um",
            )
        return dataclasses.replace(
            body, name=f"{body.name}.foot", h_um=height, bottom=outline, top=outline, part="foot"
        )

    def _thinned(
        self, bodies: list[Any], attacked: list[int], covered: set[int], feet: dict[int, Slab], front: Front
    ) -> Front:
        """Replace the attacked bodies by what the etch leaves of them; return the surface after it."""
        rims: dict[float, list[Any]] = {}
        tops: dict[float, list[Any]] = {}
        for k in attacked:
            body = bodies[k]
            outline = shrunk(body.bottom, self.loss_um, front.whole)
            if outline.is_empty or (k not in covered and body.h_um <= self.loss_um):
                raise StepError(
                    f"the etch takes all of {body.name}", value=f"{self.loss_um:g} µm per face", option="loss_um"
                )
            height = body.h_um - (0.0 if k in covered else self.loss_um)
            if k not in covered:  # under other metal the side recedes below an overhang the surface does not show
                ground = feet[k].z_um if k in feet else body.z_um
                rims.setdefault(ground, []).append(shapely.difference(body.bottom, outline))
                tops.setdefault(body.z_um + height, []).append(outline)
            bodies[k] = dataclasses.replace(body, h_um=height, bottom=outline, top=outline)
        for floors in (tops, rims):
            for floor in sorted(floors, reverse=True):
                front = front.cut(Wall(shapely.union_all(floors[floor])), floor)
        return front

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in the baths."""
        return self.bath_time_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the undercut varies."""
        return (Spread("undercut_um", "", {"die": self.undercut_within_um / 3}, "assumed"),)


def _is_plated(body: Body, layers: set[str]) -> bool:
    return isinstance(body, Slab) and body.layer in layers and body.part != "plug"


def _covered(bodies: list[Any], plated: list[int]) -> set[int]:
    """Return the bodies with other plated metal on their top."""
    outlines = np.array([bodies[k].bottom for k in plated], dtype=object)
    points = [shapely.point_on_surface(bodies[k].top) for k in plated]
    found = set()
    for lower, upper in np.array(shapely.STRtree(outlines).query(points, predicate="intersects")).T.tolist():
        low, high = bodies[plated[lower]], bodies[plated[upper]]
        if lower != upper and abs(low.z_um + low.h_um - high.z_um) < Z_EPS_UM:
            found.add(plated[lower])
    return found


def _weak(bodies: list[Any], feet: dict[int, Slab]) -> list[str]:
    """Return a warning where the foot has lost half of its area."""
    weak = [bodies[k].name for k, foot in sorted(feet.items()) if foot.bottom.area < 0.5 * bodies[k].bottom.area]
    if not weak:
        return []
    more = f" and {len(weak) - 4} more" if len(weak) > 4 else ""
    return [f"less than half of the foot is left under {', '.join(weak[:4])}{more}"]
