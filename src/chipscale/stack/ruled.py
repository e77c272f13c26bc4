"""Outlines at two heights that belong together: pair them corner by corner, and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.stack.outline import polygon_of, polygons, rings_of, signed_area
from chipscale.stack.overlay import apart_um2
from chipscale.stack.types import Points

CLOSE_UM = 1e-4  # corners this near to where they are expected are there
AGREE_UM2 = 0.01  # outlines that differ by less are the same
_MANY = 500  # rings


class _Mark(NamedTuple):
    """What a shape is recognised by at another height: its place and size; shapes of other corners are far away."""

    x_um: float
    y_um: float
    size_um: float
    corners: float


def between(low: Any, high: Any, share: float) -> Any:
    """Return the outline at a share of the height from `low` (0) to `high` (1), corners moving on straight lines.

    Both must be paired (see `paired`); a share outside 0..1 extends the walls.
    """
    if low is high:
        return low
    a, b = shapely.get_coordinates(low), shapely.get_coordinates(high)
    return shapely.set_coordinates(low, a + share * (b - a))


def ruled(low: Any, high: Any, looks: Sequence[tuple[float, Any]]) -> tuple[Any, Any] | None:
    """Return (low, high) paired corner by corner, when the walls between them pass through all `looks`.

    Each look is a share of the height and the outline there. Upright walls are returned as one object twice. None when
    the corners don't pair, or the walls are elsewhere.
    """
    if _same_build(low, high) and all(_same_build(low, outline) for _, outline in looks):
        a, b = shapely.get_coordinates(low), shapely.get_coordinates(high)
        if all(np.abs(a + t * (b - a) - shapely.get_coordinates(seen)).max() <= CLOSE_UM for t, seen in looks):
            return (low, low) if np.abs(b - a).max() <= CLOSE_UM else (low, high)
    pair = paired(low, high)
    if pair is None:
        return None
    for share, seen in looks:
        expected = between(*pair, share)
        if not expected.is_valid or apart_um2(expected, seen) > AGREE_UM2:
            return None
    return pair


def paired(low: Any, high: Any) -> tuple[Any, Any] | None:
    """Return both outlines with the same polygons, rings and corners in the same order; None when they differ."""
    lows, highs = ([rings_of(part) for part in polygons(outline)] for outline in (low, high))
    order = _partners([rings[0] for rings in lows], [rings[0] for rings in highs])
    if order is None:
        return None
    bottoms, tops = [], []
    for rings, other in zip(lows, (highs[k] for k in order), strict=True):
        holes = _partners(rings[1:], other[1:])
        if holes is None:
            return None
        partners = [other[0], *(other[1:][k] for k in holes)]
        turned = [_turned(ring, partner) for ring, partner in zip(rings, partners, strict=True)]
        bottoms.append(polygon_of(rings))
        tops.append(polygon_of(turned))
    if len(bottoms) == 1:
        return bottoms[0], tops[0]
    return shapely.MultiPolygon(bottoms), shapely.MultiPolygon(tops)


def _same_build(one: Any, other: Any) -> bool:
    """True when both have as many polygons, rings and corners, in the same order."""
    if one.geom_type != other.geom_type or shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    builds = []
    for outline in (one, other):
        parts = shapely.get_parts(outline)
        rings = shapely.get_rings(parts)
        builds.append((shapely.get_num_interior_rings(parts), shapely.get_num_coordinates(rings)))
    return all(np.array_equal(a, b) for a, b in zip(*builds, strict=True))


def _partners(rings: Sequence[Points], others: Sequence[Points]) -> list[int] | None:
    """Return for each ring the index of its partner among the others: near, alike, of as many corners."""
    if sorted(map(len, rings)) != sorted(map(len, others)):
        return None
    if len(rings) < 2:
        return list(range(len(rings)))
    found = _nearest(_marks(rings), _marks(others))
    if len(set(found)) != len(found) or any(len(rings[k]) != len(others[j]) for k, j in enumerate(found)):
        return None
    return found


def _nearest(marks: Points, others: Points) -> list[int]:
    """Return for each mark the index of the nearest other."""
    if len(marks) > _MANY:
        from scipy.spatial import cKDTree  # takes longer to load than to search a few

        return [int(k) for k in cKDTree(others).query(marks)[1]]
    return [int(k) for k in np.argmin(((marks[:, None] - others) ** 2).sum(axis=2), axis=1)]


def _marks(rings: Sequence[Points]) -> npt.NDArray[np.float64]:
    middles = [ring.mean(axis=0).tolist() for ring in rings]
    marks = [
        _Mark(x, y, abs(signed_area(ring)) ** 0.5, 1e6 * len(ring)) for ring, (x, y) in zip(rings, middles, strict=True)
    ]
    return np.array(marks, dtype=np.float64)


def _turned(ring: Points, other: Points) -> Points:
    """Return the other ring from the corner on that belongs to the ring's first: the least sum of squared moves."""
    a, b = ((points - points.mean(axis=0)) @ np.array([1.0, 1.0j]) for points in (ring, other))
    alike = np.fft.ifft(np.conj(np.fft.fft(a)) * np.fft.fft(b)).real
    turned: Points = np.roll(other, -int(np.argmax(alike)), axis=0)
    return turned
