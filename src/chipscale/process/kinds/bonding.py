"""Bond a cover on the front, and turn the wafer over so that its back becomes the worked side."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from chipscale.process.kinds.grind import back_face
from chipscale.process.masks import Masks
from chipscale.process.models.film_mismatch import mismatch_MPa
from chipscale.process.relief.front import Front
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Body, Revolved, Slab
from chipscale.stack.volume import z_range_um

_ASSUMED = "assumed: usual practice"
_LEAST_BONDED_RATIO = 0.02  # of the die's area (assumed)


@dataclass(frozen=True, slots=True)
class Bond:
    """Bond a plate (glass, silicon) over the whole wafer on the highest places of the front; lower ones stay hollow."""

    name: ClassVar[str] = "bond"
    title: ClassVar[str] = "Bond cover"
    tool: ClassVar[str] = "wafer bonder"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "seed", "film", "cover", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"cover"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("void in the bond", "die", "particle, trapped air"),
        Defect("particle in the cavity", "die", "handling before bonding"),
    )

    layer: str = "GLASS"
    material: str = "Glass_AF32"
    thickness_um: float = option(400.0, "thickness of the plate", 50, 1000, f"300 to 500 µm {_ASSUMED}")
    tolerance_um: float = option(10.0, "thickness from plate to plate, +/- (3 sigma)", 0, 100, _ASSUMED)
    bond_C: float = option(150.0, "temperature at which the joint sets", 20, 450, _ASSUMED)
    bond_s: float = option(900.0, "time under pressure, heating and cooling counted", 0, 7200, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the plate on it."""
        z, ground = work.front.levels[-1]
        highest = max(z_range_um(body)[1] for body in work.bodies)
        if highest > z + Z_EPS_UM:
            raise StepError(
                f"bodies stand above the surface the {self.layer} would lie on",
                value=f"up to {highest:g} µm",
                limit=f"{z:g} µm",
                remedy="bond before balls are dropped",
            )
        plate = Slab(self.layer, self.layer, self.material, z, self.thickness_um, masks.die, masks.die)
        bonded = float(shapely.area(ground)) / float(shapely.area(masks.die))
        hollow_um = z - min(level for level, _ in work.front.levels)
        told = []
        if bonded < _LEAST_BONDED_RATIO:
            told.append(f"only {100 * bonded:.2g} % of the die is bonded to the cover")
        after = work.with_bodies([plate], Front(((z + self.thickness_um, masks.die),)))
        stress = mismatch_MPa(self.material, self.bond_C)
        if stress is None:
            told.append(f"the library has no modulus or expansion of {self.material}: its stress is not known")
        else:
            after = after.strained(self.layer, stress, f"thermal mismatch to silicon from {self.bond_C:g} °C")
        return after.noted(*told, bonded_pct=100 * bonded, cavity_um=hollow_um)

    def time_s(self, batch: Batch) -> float:
        """Return the time in the bonder in s."""
        return self.bond_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the plate's thickness varies."""
        return (Spread("thickness_um", self.layer, {"wafer": self.tolerance_um / 3.0}, _ASSUMED),)


@dataclass(frozen=True, slots=True)
class Flip:
    """Turn the wafer over about its y axis: the back of the silicon is worked from now on, x counts the other way.

    The active face of the silicon stays z = 0; silicon now lies above it and the cover below.
    """

    name: ClassVar[str] = "flip"
    title: ClassVar[str] = "Turn the wafer over"
    tool: ClassVar[str] = "wafer handler"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer", "cover"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "seed", "film", "backside", "flipped", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"flipped"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (Defect("scratch", "wafer", "the cover lies on the chuck from now on"),)

    turn_s: float = option(30.0, "time to turn one wafer", 0, 600, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece upside down."""
        thickness_um, above = back_face(work)
        if above:
            raise StepError("the wafer is upside down already", remedy="one flip only")
        below = [body.name for body in work.bodies if z_range_um(body)[0] < -thickness_um - Z_EPS_UM]
        if below:
            raise StepError(f"{below[0]} lies on the back", remedy="turn the wafer before its back is covered")
        return work.but(bodies=turned(work.bodies, work.size_x_um), front=Front(((thickness_um, masks.die),)))

    def time_s(self, batch: Batch) -> float:
        """Return the time to turn the wafer in s."""
        return self.turn_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: turning changes no size."""
        return ()


def turned(bodies: tuple[Body, ...], size_x_um: float) -> tuple[Body, ...]:
    """Return the bodies turned over about the die's y axis: x to size_x_um - x, z to -z; the last lies lowest."""
    seen: dict[int, Any] = {}

    def region(outline: Any) -> Any:
        if id(outline) not in seen:
            seen[id(outline)] = _mirrored(outline, size_x_um)
        return seen[id(outline)]

    return tuple(
        _turned_slab(body, region) if isinstance(body, Slab) else _turned_round(body, size_x_um)
        for body in reversed(bodies)
    )


def _turned_slab(slab: Slab, region: Any) -> Slab:
    low, high = region(slab.top), region(slab.bottom)
    return dataclasses.replace(slab, z_um=-(slab.z_um + slab.h_um), bottom=low, top=high)


def _turned_round(body: Revolved, size_x_um: float) -> Revolved:
    profile = np.column_stack((body.profile[::-1, 0], -body.profile[::-1, 1]))
    spheroid = None if body.spheroid is None else dataclasses.replace(body.spheroid, z_um=-body.spheroid.z_um)
    return dataclasses.replace(body, x_um=size_x_um - body.x_um, profile=profile, spheroid=spheroid)


def _mirrored(outline: Any, size_x_um: float) -> Any:
    """Return the region with x mirrored; rings are reversed, so that they turn as before and stay matched."""
    flipped = shapely.transform(outline, lambda points: np.column_stack((size_x_um - points[:, 0], points[:, 1])))
    return shapely.reverse(flipped)
