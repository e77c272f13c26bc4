"""Which walls stand open on the workpiece: of openings in films and of grooves, with their angle, depth and width."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.process.front import Front
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM, prisms, signed_area
from chipscale.stack.types import Points, Slab

_ASIDE_UM = 0.05  # beside the rim: where the ground on it is looked up


class OpenWall(NamedTuple):
    """A wall: of which layer, its angle to the floor, how deep below its rim the floor lies, how wide the foot is."""

    layer: str
    wall_deg: float
    depth_um: float
    width_um: float  # of the opening at its foot; infinite where no other wall stands opposite


def open_walls(work: Work) -> tuple[OpenWall, ...]:
    """Return every different kind of wall the open surface has, sorted; heights to 1 nm, angles to 0.1 degree.

    Looked for are the holes of slabs that lie open, and the leaning outer walls of slabs (grooves, mesas).
    """
    rings = [found for body in work.bodies if isinstance(body, Slab) for found in _rings(body)]
    if not rings:
        return ()
    inside = _ground(work.front, np.array([ring.inside for ring in rings]))
    beside = _ground(work.front, np.array([ring.beside for ring in rings]))
    found = set()
    for ring, floor, rim in zip(rings, inside, beside, strict=True):
        depth = ring.top_um - floor
        if abs(rim - ring.top_um) < 10 * Z_EPS_UM and depth > 10 * Z_EPS_UM:
            found.add(OpenWall(ring.layer, round(ring.wall_deg, 1), round(float(depth), 3), round(ring.width_um, 2)))
    return tuple(sorted(found))


class _Ring(NamedTuple):
    layer: str
    top_um: float
    wall_deg: float
    width_um: float
    inside: tuple[float, float]  # a place over the floor
    beside: tuple[float, float]  # a place on the slab's top, beside the rim


def _rings(body: Slab) -> list[_Ring]:
    upright = body.top is body.bottom
    found = []
    for prism in prisms(body):
        for number, (low, high) in enumerate(zip(prism.bottom, prism.top, strict=True)):
            if number == 0 and upright:
                continue
            outward = (signed_area(low) - signed_area(high)) / _length(low)  # how far the room opens upward
            wall_deg = 90.0 if upright else math.degrees(math.atan2(body.h_um, outward))
            width = math.inf if number == 0 else 4 * abs(signed_area(low)) / _length(low)
            corner, away = _aside(low, high, _ASIDE_UM)
            inside = _within(low) if number else (corner[0] + away[0], corner[1] + away[1])
            top_corner, top_away = _aside(high, high, _ASIDE_UM)
            beside = (top_corner[0] - top_away[0], top_corner[1] - top_away[1])
            found.append(_Ring(body.layer, body.z_um + body.h_um, wall_deg, width, inside, beside))
    return found


def _aside(ring: Points, other: Points, by_um: float) -> tuple[Points, Points]:
    """Return the middle of the ring's longest side, and the step out of the material there."""
    side = np.roll(ring, -1, axis=0) - ring
    k = int(np.argmax(np.hypot(*side.T)))
    out = np.array([side[k, 1], -side[k, 0]]) / np.hypot(*side[k])  # to the right of the direction: out of it
    return ring[k] + side[k] / 2, by_um * out


def _within(ring: Points) -> tuple[float, float]:
    point = shapely.point_on_surface(shapely.Polygon(ring))
    return float(point.x), float(point.y)


def _length(ring: Points) -> float:
    return float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum())


def _ground(front: Front, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return (n,) height of the open surface at places (n, 2); NaN outside of its level parts."""
    found = np.full(len(places), np.nan)
    for z_um, region in front.levels:
        shapely.prepare(region)
        found[shapely.contains_xy(region, places[:, 0], places[:, 1])] = z_um
    return found


def thinnest(walls: tuple[OpenWall, ...], ratio: Any) -> tuple[float, OpenWall | None]:
    """Return the least `ratio(wall)` of all walls and the wall it is on; (1, None) where there is no wall."""
    if not walls:
        return 1.0, None
    shares = [float(ratio(wall)) for wall in walls]
    least = int(np.argmin(shares))
    return shares[least], walls[least]
