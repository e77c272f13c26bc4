"""Shapes that change with the height as few layers with plane walls: cut, joined, and shared out among regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.overlay import apart_um2, difference, intersection
from chipscale.stack.ruled import AGREE_UM2, between, ruled

SLIVER_UM2 = 1e-3  # smaller remnants of an overlay are rounding of the mask grid
LEAST_UM = 0.05  # a piece of a wall that is no lower is taken as upright
_PARTS = 1000  # nor one lower than what is cut divided by this
_MANY = 40  # once there are that many pieces, none lower than what is cut divided by this
_INSET_UM = 1e-4  # so far from its end a shape is looked at where the very end is degenerate
_LOOKS = (0.5, 0.29)  # shares of the height at which walls are checked, not symmetric
_THIN_UM = 0.01  # no layer is left that is thinner, beside a thicker one


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

    One layer where the region's corners move on straight lines all the way: it is looked at at its ends and at two
    heights between, which must agree within AGREE_UM2. Where corners come or go, or walls bend, it is cut; no piece
    is cut that is lower than LEAST_UM (or 1/1000 of it all; 1/40 after forty): its walls are upright, with the outline
    at its middle.
    """
    look = cache(lambda z: cleaned(at(z)))
    found = joined(_sliced(look, z_um, top_um, max(LEAST_UM, (top_um - z_um) / _PARTS)))
    return found if len(found) < 2 else joined(_without_thin(found))


_Look = Callable[[float], Any]


def _sliced(look: _Look, z_um: float, top_um: float, least_um: float) -> list[Layer]:
    found: list[Layer] = []
    todo = [(z_um, top_um)]
    while todo:
        low, high = todo.pop()
        hurried = len(found) >= _MANY
        if hurried:
            least_um = max(least_um, (top_um - z_um) / _MANY)
        one = _as_ruled(look, low, high)
        if one is not None:
            found += one
        elif high - low <= least_um * (1.5 if hurried else 1.0):
            middle = look((low + high) / 2)
            found += [] if middle is None else [Layer(low, high - low, middle, middle)]
        else:
            cut = low + least_um if hurried else _change(look, low, high, least_um)
            todo += [(cut, high), (low, cut)]
    return found


def _as_ruled(look: _Look, z_um: float, top_um: float) -> list[Layer] | None:
    """Return the shape between two heights as one layer ([] where there is nothing), None when it is none."""
    height = top_um - z_um
    for inset in (0.0, min(_INSET_UM, height / 4)):
        ends = [look(z_um + inset), look(top_um - inset)]
        between_ends = [look(z_um + share * height) for share in _LOOKS]
        if all(region is None for region in (*ends, *between_ends)):
            return []
        if any(region is None for region in (*ends, *between_ends)):
            continue
        shares = [(share * height - inset) / (height - 2 * inset) for share in _LOOKS]
        pair = ruled(ends[0], ends[1], list(zip(shares, between_ends, strict=True)))
        if pair is not None:
            return [_over(z_um, top_um, Layer(z_um + inset, height - 2 * inset, *pair))]
    return None


def _change(look: _Look, z_um: float, top_um: float, least_um: float) -> float:
    """Return where to cut between two heights: where corners come or go first, or walls bend."""
    inset = min(_INSET_UM, (top_um - z_um) / 4)
    low, high = z_um + inset, top_um - inset
    build = _build(look(low))
    heights = [z_um + share * (top_um - z_um) for share in _LOOKS] + [high]
    other = next((z for z in sorted(heights) if _build(look(z)) != build), None)
    if other is not None:
        return _last(lambda z: _build(look(z)) == build, low, other, _INSET_UM / 2)
    cut = _last(lambda z: _as_ruled(look, z_um, z) is not None, z_um + least_um, high, least_um / 2)
    return cut if cut < high - least_um / 2 else (z_um + top_um) / 2


def _last(holds: Callable[[float], bool], low_um: float, high_um: float, within_um: float) -> float:
    """Return the last height from low_um on up to which something holds, which it no longer does at high_um."""
    while high_um - low_um > within_um:
        middle = (low_um + high_um) / 2
        low_um, high_um = (middle, high_um) if holds(middle) else (low_um, middle)
    return low_um


def _build(region: Any) -> list[int]:
    """Return how many corners the rings of a region have, in growing order."""
    return [] if region is None else sorted(shapely.get_num_coordinates(shapely.get_rings(polygons(region))).tolist())


def _without_thin(layers: list[Layer]) -> list[Layer]:
    """Return the layers with those of a few nanometres given to the neighbour that touches them."""
    found: list[Layer] = []
    for layer in layers:
        touches = bool(found) and abs(found[-1].top_um - layer.z_um) <= Z_EPS_UM
        if touches and layer.h_um < _THIN_UM:
            found[-1] = _over(found[-1].z_um, layer.top_um, found[-1])
        elif touches and found[-1].h_um < _THIN_UM:
            found[-1] = _over(found[-1].z_um, layer.top_um, layer)
        else:
            found.append(layer)
    return found


def _over(z_um: float, top_um: float, layer: Layer) -> Layer:
    """Return the layer with its walls going on straight to heights a little below and above it."""
    if layer.upright:
        return Layer(z_um, top_um - z_um, layer.bottom, layer.bottom)
    low = layer.bottom if z_um == layer.z_um else _extended(layer.bottom, layer.at(z_um))
    high = layer.top if top_um == layer.top_um else _extended(layer.top, layer.at(top_um))
    return Layer(z_um, top_um - z_um, low, high)


def _extended(known: Any, end: Any) -> Any:
    """Return the outline at a very end, its rings that turned over there as they are known; all so when it is bad."""
    parts = []
    for part, further in zip(polygons(known), polygons(end), strict=True):
        rings = [
            shapely.get_coordinates(new if shapely.is_ccw(old) == shapely.is_ccw(new) else old)
            for old, new in zip(shapely.get_rings(part), shapely.get_rings(further), strict=True)
        ]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    found = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return found if found.is_valid else known


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
    if not same_area(lower.top, upper.bottom):
        return None
    share = lower.h_um / height
    looks = [(share, lower.top), (share / 2, lower.at(lower.z_um + lower.h_um / 2))]
    looks.append((share + (1 - share) / 2, upper.at(upper.z_um + upper.h_um / 2)))
    pair = ruled(lower.bottom, upper.top, looks)
    return None if pair is None else Layer(lower.z_um, height, *pair)


def same_area(one: Any, other: Any) -> bool:
    """True when two regions are the same but for rounding."""
    if one is other:
        return True
    if abs(one.area - other.area) > max(SLIVER_UM2, 1e-9 * one.area):
        return False
    return bool(apart_um2(one, other) <= max(AGREE_UM2, 1e-9 * one.area))


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
            part = region if shapely.covers(hull, region) else intersection(region, hull)
            if holes:
                part = difference(part, shapely.union_all([hole.at(share) for hole in holes]))
            found += polygons(part)
        return found[0] if len(found) == 1 else shapely.MultiPolygon(found)

    if layer.upright:
        part = cleaned(at(layer.z_um))
        return [] if part is None else [Layer(layer.z_um, layer.h_um, part, part)]
    return sliced(at, layer.z_um, layer.top_um)
