"""Shapes that change with the height as few layers with plane walls: cut, joined, and shared out among regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.ruled import AGREE_UM2, CLOSE_UM, between, ruled

SLIVER_UM2 = 1e-3  # smaller remnants of an overlay are rounding of the mask grid
LEAST_UM = 0.25  # a piece of a wall that is no lower is taken as upright
_PARTS = 128  # nor lower than this share of what is cut
_INSET = 1e-3  # share of the height at which a shape is looked at where its very end is degenerate


class Layer(NamedTuple):
    """A layer of a film between two heights: its outline at its bottom and its top (the same object: upright walls).

    Leaning outlines have the same corners in the same order, joined by straight lines.
    """

    z_um: float
    h_um: float
    bottom: Any
    top: Any

    @property
    def top_um(self) -> float:
        """Return the height of its top."""
        return self.z_um + self.h_um

    @property
    def upright(self) -> bool:
        """True when its walls are vertical."""
        return self.top is self.bottom

    def at(self, z_um: float) -> Any:
        """Return its outline at a height."""
        return between(self.bottom, self.top, (z_um - self.z_um) / self.h_um)

    def part(self, z_um: float, top_um: float) -> Layer:
        """Return what lies between two heights."""
        return Layer(z_um, top_um - z_um, *((self.bottom,) * 2 if self.upright else (self.at(z_um), self.at(top_um))))


def cleaned(*regions: Any) -> Any | None:
    """Return the polygons of disjoint regions without slivers, None when nothing is left."""
    parts = [part for region in regions for part in polygons(region)]
    if len(parts) > 1:
        parts = np.array(parts, dtype=object)[shapely.area(parts) > SLIVER_UM2].tolist()
    elif parts and parts[0].area <= SLIVER_UM2:
        return None
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def sliced(at: Callable[[float], Any], z_um: float, top_um: float) -> list[Layer]:
    """Return the shape whose region at each height is `at(z_um)` as layers with ruled walls, the lowest first.

    One layer where the region's corners move on straight lines all the way; it is looked at at its bottom, middle
    and top, and the middle must agree within AGREE_UM2. Else the height is halved, down to LEAST_UM (or 1/128 of it
    all), where the walls are upright with the middle's outline.
    """
    return _sliced(at, z_um, top_um, max(LEAST_UM, (top_um - z_um) / _PARTS))


def _sliced(at: Callable[[float], Any], z_um: float, top_um: float, least_um: float) -> list[Layer]:
    height = top_um - z_um
    half = z_um + height / 2
    middle = cleaned(at(half))
    for inset in (0.0, _INSET):
        low, high = cleaned(at(z_um + inset * height)), cleaned(at(top_um - inset * height))
        if low is None or middle is None or high is None:
            if low is middle is high:
                return []
            continue
        pair = ruled(low, middle, high)
        if pair is not None:
            return [Layer(z_um, height, *_to_ends(*pair, inset))]
    if height <= least_um:
        return [] if middle is None else [Layer(z_um, height, middle, middle)]
    return _sliced(at, z_um, half, least_um) + _sliced(at, half, top_um, least_um)


def _to_ends(low: Any, high: Any, inset: float) -> tuple[Any, Any]:
    """Return the outlines at the very ends, of walls known from `inset` to 1 - inset of the height."""
    if low is high:
        return low, low
    if inset:
        share = inset / (1 - 2 * inset)
        ends = between(low, high, -share), between(low, high, 1 + share)
        low, high = (end if end.is_valid else known for end, known in zip(ends, (low, high), strict=True))
    return low, high


def joined(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers with neighbours made one where their walls go on straight."""
    found: list[Layer] = []
    for layer in layers:
        one = _as_one(found[-1], layer) if found else None
        if one is None:
            found.append(layer)
        else:
            found[-1] = one
    return found


def _as_one(lower: Layer, upper: Layer) -> Layer | None:
    if abs(lower.top_um - upper.z_um) > Z_EPS_UM or lower.upright != upper.upright:
        return None
    height = upper.top_um - lower.z_um
    if upper.upright:
        return Layer(lower.z_um, height, upper.top, upper.top) if same_area(lower.top, upper.bottom) else None
    a, m, n, b = (shapely.get_coordinates(r) for r in (lower.bottom, lower.top, upper.bottom, upper.top))
    if not len(a) == len(m) == len(n) == len(b):
        return None
    share = lower.h_um / height
    if max(np.abs(m - n).max(), np.abs(a + share * (b - a) - m).max()) > CLOSE_UM:
        return None
    return Layer(lower.z_um, height, lower.bottom, upper.top)


def same_area(one: Any, other: Any) -> bool:
    """True when two regions are the same but for rounding."""
    if one is other:
        return True
    if abs(one.area - other.area) > max(SLIVER_UM2, 1e-9 * one.area):
        return False
    return bool(shapely.area(shapely.symmetric_difference(one, other)) <= max(AGREE_UM2, 1e-9 * one.area))


def edges(heights: Iterable[float], low_um: float, high_um: float) -> list[tuple[float, float]]:
    """Return the intervals between the heights from low_um to high_um, both included."""
    found: list[float] = []
    for z in sorted([low_um, *(z for z in heights if low_um < z < high_um), high_um]):
        if not found or z - found[-1] > Z_EPS_UM:
            found.append(z)
    return list(pairwise(found))


def shared_out(layer: Layer, regions: list[Any]) -> list[list[Layer]]:
    """Return what each of many small regions has of the layer, in their order; the time grows with what they meet.

    The layer is searched ring by ring: a polygon with hundreds of holes is not cut with every region.
    """
    parts = [polygons(layer.bottom), polygons(layer.bottom) if layer.upright else polygons(layer.top)]
    rings = [_Ring(k, None, *pair) for k, pair in enumerate(zip(*parts, strict=True))]
    for k, (low, high) in enumerate(zip(*parts, strict=True)):
        rings += [_Ring(k, j, low, high) for j in range(len(low.interiors))]
    hulls = np.array([ring.hull() for ring in rings], dtype=object)
    pieces = np.array(regions, dtype=object)
    hits: list[dict[int, list[Any]]] = [{} for _ in regions]
    pairs = np.array(shapely.STRtree(hulls).query(pieces, predicate="intersects")).T.tolist()
    for region, ring in sorted(pairs):
        hits[region].setdefault(rings[ring].polygon, []).append(rings[ring])
    return [_within(layer, region, list(near.values())) for region, near in zip(regions, hits, strict=True)]


class _Ring(NamedTuple):
    """One ring of a layer: the outer one of polygon number `polygon`, or its hole number `hole`."""

    polygon: int
    hole: int | None
    low: Any
    high: Any

    def hull(self) -> Any:
        """Return a polygon that holds the ring at every height."""
        low = self.at(0.0)
        return low if self.low is self.high else shapely.convex_hull(shapely.union_all([low, self.at(1.0)]))

    def at(self, share: float) -> Any:
        """Return what the ring encloses at a share of the layer's height."""
        low, high = (
            part.exterior if self.hole is None else part.interiors[self.hole] for part in (self.low, self.high)
        )
        return shapely.Polygon(low if self.low is self.high else between(low, high, share))


def _within(layer: Layer, region: Any, near: list[list[_Ring]]) -> list[Layer]:
    """Return what a region has of a layer, given the rings it meets, polygon by polygon."""
    near = [rings for rings in near if rings[0].hole is None]
    if not near:
        return []

    def at(z_um: float) -> Any:
        share = (z_um - layer.z_um) / layer.h_um
        found = []
        for outer, *holes in near:
            hull = outer.at(share)
            part = region if shapely.covers(hull, region) else shapely.intersection(region, hull)
            if holes:
                part = shapely.difference(part, shapely.union_all([hole.at(share) for hole in holes]))
            found.append(part)
        return found[0] if len(found) == 1 else shapely.GeometryCollection(found)

    if layer.upright:
        part = cleaned(at(layer.z_um))
        return [] if part is None else [Layer(layer.z_um, layer.h_um, part, part)]
    return sliced(at, layer.z_um, layer.top_um)
