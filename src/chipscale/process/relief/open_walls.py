"""Which walls stand open on the workpiece: of openings in films and of grooves, with their angle, depth and width."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.process.relief.front import Front, Layer
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM, polygons, prisms, rings_of, signed_area
from chipscale.stack.types import Points, Slab

_LEANS_UM = 1e-3  # a side that recedes by less is upright
_ASIDE_UM = 0.05  # beside the rim: where the ground on it is looked up
_SIDES = 4  # of an outline (a stud's, a wire's), the longest ones, where its foot and its rim are looked up


class OpenWall(NamedTuple):
    """A wall: of which layer, its angle to the floor, how deep below its rim the floor lies, how wide the foot is."""

    layer: str
    wall_deg: float
    depth_um: float
    width_um: float  # of the opening at its foot; infinite where no other wall stands opposite


def open_walls(work: Work) -> tuple[OpenWall, ...]:
    """Return every different kind of wall the open surface has, sorted; heights to 1 nm, angles to 0.1 degree.

    Looked for are the walls of slabs that lie open, of their holes and of their outlines (studs, wires), and leaning
    walls of the surface itself (grooves, mesas). Where a die ends there is no wall.
    """
    size = (work.size_x_um, work.size_y_um)
    rings = [found for body in work.bodies if isinstance(body, Slab) for found in _rings(body, size)]
    found = _of_slabs(work, rings) if rings else set()
    known = {(wall.layer, wall.wall_deg) for wall in found}
    found |= {wall for wall in _leaning(work) if (wall.layer, wall.wall_deg) not in known}
    return tuple(sorted(found))


def _of_slabs(work: Work, rings: list[_Ring]) -> set[OpenWall]:
    """Return the walls of slabs whose floor and rim lie open."""
    inside = _ground(work.front, np.array([ring.inside for ring in rings]))
    beside = _ground(work.front, np.array([ring.beside for ring in rings]))
    found = set()
    for ring, floor, rim in zip(rings, inside, beside, strict=True):
        depth = ring.top_um - floor
        if abs(rim - ring.top_um) < 10 * Z_EPS_UM and depth > 10 * Z_EPS_UM:
            found.add(OpenWall(ring.layer, round(ring.wall_deg, 1), round(float(depth), 3), round(ring.width_um, 2)))
    return found


def _leaning(work: Work) -> set[OpenWall]:
    """Return the leaning walls of the open room's bands, however many bodies they run across."""
    found = set()
    for band in work.front.bands:
        if band.upright:
            continue
        seen: set[float] = set()
        lows, highs = ([rings_of(part) for part in polygons(region)] for region in (band.bottom, band.top))
        for foot, rim in (
            (a, b) for low, high in zip(lows, highs, strict=True) for a, b in zip(low, high, strict=True)
        ):
            out = -_outward_um(foot, rim)  # rings of the room, not of what is around it
            angles = np.round(np.degrees(np.arctan2(band.h_um, np.maximum(out, 0.0))), 1)
            length = np.hypot(*(np.roll(foot, -1, axis=0) - foot).T)
            for angle in np.unique(angles[out > _LEANS_UM]).tolist():
                if angle in seen:
                    continue
                side = int(np.argmax(length * (angles == angle)))
                layer = _layer_at(work, _beside(foot + (rim - foot) / 2, side, _ASIDE_UM), band)
                if layer:
                    seen.add(angle)
                    found.add(OpenWall(layer, angle, round(band.h_um, 3), math.inf))
    return found


def _layer_at(work: Work, place: tuple[float, float], band: Layer) -> str:
    """Return the layer of the body at a place beside a band, half way up; nothing where the die ends."""
    z_um = band.z_um + band.h_um / 2
    for body in work.bodies:
        if isinstance(body, Slab) and body.z_um <= z_um <= body.z_um + body.h_um:
            shape = Layer(body.z_um, body.h_um, body.bottom, body.top).at(z_um)
            if shapely.contains_xy(shape, *place):
                return body.layer
    return ""


class _Ring(NamedTuple):
    layer: str
    top_um: float
    wall_deg: float
    width_um: float
    inside: tuple[float, float]  # a place over the floor
    beside: tuple[float, float]  # a place on the slab's top, beside the rim


def _rings(body: Slab, size_um: tuple[float, float]) -> list[_Ring]:
    found = []
    for prism in prisms(body):
        for number, (low, high) in enumerate(zip(prism.bottom, prism.top, strict=True)):
            out = _outward_um(low, high)
            length = np.hypot(*(np.roll(low, -1, axis=0) - low).T)
            for side in _sides(low, length, size_um) if number == 0 else [int(np.argmax(length))]:
                found.append(
                    _Ring(
                        body.layer,
                        body.z_um + body.h_um,
                        math.degrees(math.atan2(body.h_um, float(out[side]))),
                        math.inf if number == 0 else 4 * abs(signed_area(low)) / float(length.sum()),
                        _beside(low, side, _ASIDE_UM) if number == 0 else _within(low),
                        _beside(high, side, -_ASIDE_UM),
                    )
                )
    return found


def _sides(ring: Points, length: npt.NDArray[np.float64], size_um: tuple[float, float]) -> list[int]:
    """Return the longest sides of an outline that have the die beside them."""
    found = []
    for side in np.argsort(-length, kind="stable").tolist():
        x, y = _beside(ring, side, _ASIDE_UM)
        if 0 < x < size_um[0] and 0 < y < size_um[1]:
            found.append(side)
        if len(found) == _SIDES:
            break
    return found


def _outward_um(low: Points, high: Points) -> npt.NDArray[np.float64]:
    """Return (n,) how far each side recedes into the material from bottom to top: how far the room opens there."""
    shift = (high - low + np.roll(high - low, -1, axis=0)) / 2
    side = np.roll(low, -1, axis=0) - low
    out = np.column_stack((side[:, 1], -side[:, 0])) / np.maximum(np.hypot(*side.T), 1e-12)[:, None]
    return np.asarray(-np.sum(shift * out, axis=1))


def _beside(ring: Points, side: int, by_um: float) -> tuple[float, float]:
    """Return the place beside the middle of a side: outside of the material for positive distances."""
    along = ring[(side + 1) % len(ring)] - ring[side]
    out = np.array([along[1], -along[0]]) / np.hypot(*along)  # to the right of the direction
    x, y = ring[side] + along / 2 + by_um * out
    return float(x), float(y)


def _within(ring: Points) -> tuple[float, float]:
    point = shapely.point_on_surface(shapely.Polygon(ring))
    return float(point.x), float(point.y)


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
