"""Rings of a slab's outline as arrays: order, circles among them, simplification that keeps the area, offset."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.stack.types import Points, Slab

Z_EPS_UM = 1e-6  # heights closer than this are the same plane
SHORT_UM = 1e-5  # sides shorter than this are rounding


class Prism(NamedTuple):
    """One connected piece of a slab: rings (n, 2) at its bottom and its top, outer ring first (counter-clockwise),
    then holes (clockwise); ring k of the bottom is joined to ring k of the top, vertex by vertex."""

    bottom: tuple[Points, ...]
    top: tuple[Points, ...]

    @property
    def straight(self) -> bool:
        """True when the walls are vertical."""
        return self.top is self.bottom


class Disc(NamedTuple):
    """A ring recognised as a circle: centre, and the radius of the circle of the same area."""

    x_um: float
    y_um: float
    r_um: float


def polygons(region: Any) -> list[Any]:
    """Return the region's polygons; lines and points that overlays leave behind are dropped."""
    return [part for part in shapely.get_parts(region) if part.geom_type == "Polygon" and not part.is_empty]


def prisms(slab: Slab) -> list[Prism]:
    """Return the slab's connected pieces.

    Raises ValueError when the top of a tapered slab has not the same rings with the same vertex counts as its bottom.
    """
    if slab.top is slab.bottom:
        return straight_prisms(polygons(slab.bottom))
    bottoms = [rings_of(part) for part in polygons(slab.bottom)]
    tops = [rings_of(part) for part in polygons(slab.top)]
    if [[len(r) for r in rings] for rings in bottoms] != [[len(r) for r in rings] for rings in tops]:
        raise ValueError(f"{slab.name}: bottom and top outlines do not match vertex by vertex")
    return [Prism(low, high) for low, high in zip(bottoms, tops, strict=True)]


def straight_prisms(parts: list[Any]) -> list[Prism]:
    """Return the prisms with vertical walls on the polygons."""
    found = [tuple(_from_lowest(ring) for ring in rings_of(part)) for part in parts]
    return [Prism(rings, rings) for rings in found]


def signed_area(ring: Points) -> float:
    """Return the area inside the ring (n, 2), positive when counter-clockwise, in its unit squared."""
    x, y = (ring[1:] - ring[0]).T  # the first corner is at 0, 0 and adds nothing
    return float(0.5 * (np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])))


def disc_of(ring: Points) -> Disc | None:
    """Return the circle a ring stands for: at least 32 sides, all corners equally far from the centre and apart."""
    if len(ring) < 32:
        return None
    centre = ring.mean(axis=0)
    radius = np.hypot(*(ring - centre).T)
    side = np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)
    if (
        np.ptp(radius) > 0.005
        or np.ptp(side) > 0.01
        or abs(side.mean() * len(ring) / math.tau - radius.mean()) > (0.01 * radius.mean())
    ):
        return None
    return Disc(float(centre[0]), float(centre[1]), math.sqrt(abs(signed_area(ring)) / math.pi))


def offset(ring: Points, distance_um: float) -> Points:
    """Return the ring with every side moved outward (to the right of its direction), vertex for vertex.

    For a counter-clockwise outer ring a positive distance grows the shape, for a clockwise hole it shrinks the hole,
    so that the material grows in both. Collinear corners are moved straight out.
    """
    before, after = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
    n0, n1 = (np.column_stack((d[:, 1], -d[:, 0])) / np.hypot(*d.T)[:, None] for d in (before, after))
    share = 1.0 + np.sum(n0 * n1, axis=1)
    moved: Points = ring + distance_um * (n0 + n1) / np.maximum(share, 0.05)[:, None]
    return moved


def tapered(region: Any, distance_um: float) -> Any:
    """Return the region with all its walls moved out by `distance_um` (in when negative), vertex for vertex.

    Meant for the other end of a tapered slab. Raises ValueError where a shape closes up or turns inside out.
    """
    parts = []
    for rings in map(rings_of, polygons(region)):
        moved = [offset(ring, distance_um) for ring in rings]
        if any(turns_over(ring, new) for ring, new in zip(rings, moved, strict=True)):
            raise ValueError(f"a wall moved by {distance_um} µm closes the shape")
        parts.append(polygon_of(moved))
    out = shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]
    if not out.is_valid:
        raise ValueError(f"a wall moved by {distance_um} µm closes the shape")
    return out


def turns_over(ring: Points, moved: Points) -> bool:
    """True when a side of a ring whose corners were moved runs the other way: it has shrunk to nothing and beyond."""
    side, new = (np.roll(points, -1, axis=0) - points for points in (ring, moved))
    along = np.einsum("ij,ij->i", side, new)
    return signed_area(moved) * signed_area(ring) <= 0 or bool((along[np.hypot(*side.T) > SHORT_UM] <= 0).any())


def local(prism: Prism, low: Points) -> Prism:
    """Return the prism about the corner `low` (2,), on a grid of 1e-6 µm, so that equal shapes become equal arrays."""
    bottom = tuple(np.round(ring - low, 6) + 0.0 for ring in prism.bottom)
    return Prism(bottom, bottom if prism.straight else tuple(np.round(ring - low, 6) + 0.0 for ring in prism.top))


def simplified(prism: Prism, tolerance_um: float, keep_discs: bool = False, disc_sides: int = 0) -> Prism:
    """Return the prism with fewer vertices: no wall moves by more than `tolerance_um`, the area stays.

    With `keep_discs` rings that stand for circles stay as they are; with `disc_sides` those with more sides get that
    many, evenly spaced, however far their walls move.

    Corners are chosen by Douglas and Peucker (Cartographica 10 (1973) 112), at the bottom and at the top, from a
    start that does not depend on the ring's direction, so that two bodies which share a wall still share it; then all
    sides move by (lost area / length of the ring).
    """
    if tolerance_um <= 0:
        return prism
    choice = (tolerance_um, keep_discs, disc_sides)
    if prism.straight:
        rings = tuple(_fewer(ring, choice) for ring in prism.bottom)
        return Prism(rings, rings) if _is_sound(rings) else prism
    kept = [
        np.union1d(*(_from_corner(ring)[1][list(_fewer_of(ring, choice)[0])] for ring in pair))
        for pair in zip(prism.bottom, prism.top, strict=True)
    ]
    bottom = tuple(_same_area(ring[keep], ring) for ring, keep in zip(prism.bottom, kept, strict=True))
    top = tuple(_same_area(ring[keep], ring) for ring, keep in zip(prism.top, kept, strict=True))
    return Prism(bottom, top) if _is_sound(bottom) and _is_sound(top) else prism


_Choice = tuple[float, bool, int]  # tolerance_um, keep_discs, disc_sides


def _is_sound(rings: tuple[Points, ...]) -> bool:
    return bool(shapely.Polygon(rings[0], rings[1:]).is_valid)


def _fewer(ring: Points, choice: _Choice) -> Points:
    """Return the ring with the corners that stay and its sides moved to keep the area."""
    kept, less = _fewer_of(ring, choice)
    if len(kept) == len(ring):
        return ring
    turns_left, order = _from_corner(ring)
    moved = np.frombuffer(less).reshape(-1, 2) + ring[order[0]]
    return moved if turns_left else np.ascontiguousarray(moved[::-1])


def _fewer_of(ring: Points, choice: _Choice) -> tuple[tuple[int, ...], bytes]:
    _, order = _from_corner(ring)
    return _chosen((np.round(ring[order] - ring[order[0]], 6) + 0.0).tobytes(), choice)


def _from_corner(ring: Points) -> tuple[bool, npt.NDArray[np.int64]]:
    """Return whether the ring turns left, and its corners' indices to the left from the leftmost, lowest one on."""
    turns_left = signed_area(ring) > 0
    first, n = _lowest(ring), len(ring)
    return turns_left, (first + (np.arange(n) if turns_left else -np.arange(n))) % n


@lru_cache(maxsize=4096)
def _chosen(shape: bytes, choice: _Choice) -> tuple[tuple[int, ...], bytes]:
    """Return (indices of the corners that stay, the ring without the others); equal rings are worked out once.

    `shape` is a ring (n, 2) that starts at its leftmost, lowest corner, at 0, 0, and turns left.
    """
    ring = np.frombuffer(shape).reshape(-1, 2)
    tolerance_um, keep_discs, sides = choice
    kept = np.arange(len(ring))
    round_one = (keep_discs or 0 < sides < len(ring)) and disc_of(ring) is not None
    if not round_one:
        kept = _kept(ring, tolerance_um)
    elif 0 < sides < len(ring):
        kept = np.unique(np.arange(sides) * len(ring) // sides)
    return tuple(kept.tolist()), _same_area(ring[kept], ring).tobytes()


def _kept(ring: Points, tolerance_um: float) -> npt.NDArray[np.int64]:
    """Return the sorted indices of the corners that stay."""
    line = shapely.LinearRing(ring)
    rest = shapely.get_coordinates(shapely.simplify(line, tolerance_um, preserve_topology=True))[:-1]
    if len(rest) < 3:
        return np.arange(len(ring))
    index = {tuple(point): place for place, point in enumerate(ring.tolist())}
    return np.sort([index[tuple(point)] for point in rest.tolist()])


def rings_of(polygon: Any) -> tuple[Points, ...]:
    """Return outer ring (counter-clockwise) and holes (clockwise) without the repeated last point."""
    oriented = shapely.orient_polygons(polygon)
    return tuple(shapely.get_coordinates(ring)[:-1] for ring in (oriented.exterior, *oriented.interiors))


def polygon_of(rings: Sequence[Points]) -> Any:
    """Return the polygon of outer ring and holes (n, 2), whose first corner is not repeated; all corners are kept."""
    outer, *holes = [np.concatenate((ring, ring[:1])) for ring in rings]
    return shapely.Polygon(outer, holes)


def _from_lowest(ring: Points) -> Points:
    """Return the ring from its leftmost, lowest corner on, so that overlays' choice of a start does not show."""
    first = _lowest(ring)
    return np.concatenate((ring[first:], ring[:first]))


def _lowest(ring: Points) -> int:
    """Return the index of the leftmost corner, the lowest of several."""
    left = np.flatnonzero(ring[:, 0] == ring[:, 0].min())
    return int(left[np.argmin(ring[left, 1])])


def _same_area(ring: Points, original: Points) -> Points:
    """Return the ring with its sides moved out so that it encloses what the original did."""
    if len(ring) == len(original):
        return ring
    length = float(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T).sum())
    for _ in range(2):
        ring = offset(ring, (signed_area(original) - signed_area(ring)) / length)
    return ring
