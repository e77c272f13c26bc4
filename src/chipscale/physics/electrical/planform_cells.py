"""Cut a flat region of metal into small polygons, fine at its edges, along the wires and discs it was drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Points = npt.NDArray[np.float64]
CORNERS = 8  # of a cell, at most
_STRAIGHT_RATIO = 0.85  # a cell fills this much of its convex hull: its middle lies within it


@dataclass(frozen=True, slots=True)
class Fineness:
    """Sizes of cells: their length along a wire, how many lie across it, sides of a disc, and how wide the rings at
    its edge are; the rest is no larger than `length_um`. Balls have `ball_sides_count` sides, walls so many strips.
    Cells below `sliver_um2` are left out."""

    length_um: float = 150.0
    across_count: int = 6
    sides_count: int = 12
    edge_um: tuple[float, ...] = (1.0, 5.0, 15.0)
    strips_count: int = 2
    ball_sides_count: int = 10
    sliver_um2: float = 10.0

    def upper(self) -> Fineness:
        """Return what does for faces turned away from the ground: they hold less charge."""
        return replace(self, across_count=max(2, self.across_count - 2), edge_um=self.edge_um[1:2])

    def hidden(self) -> Fineness:
        """Return what does for faces beside other metal of the same net: they hold next to none."""
        return replace(self, across_count=max(1, self.across_count - 4), edge_um=(), strips_count=1)


@dataclass(frozen=True, slots=True)
class Guide:
    """Cells that a region may be cut along: four corners each, or more, (m, K, 2); and what they cover together."""

    cells: list[Points]
    cover: Any = field(repr=False)


def graded(count: int) -> Points:
    """Return cuts 0 .. 1 that are dense at both ends (cubic): the charge of an edge grows towards it.

    >>> graded(4).tolist()
    [0.0, 0.0625, 0.5, 0.9375, 1.0]
    """
    t = np.arange(count + 1) / count
    return np.where(t <= 0.5, 4 * t**3, 1 - 4 * (1 - t) ** 3)


def wire_guide(points: Points, width_um: float, fine: Fineness) -> Guide:
    """Return the cells of a wire with mitred bends, longer by half its width at both ends."""
    way = np.diff(points, axis=0)
    length = np.hypot(*way.T)
    kept = length > 1e-6
    if not kept.any():
        return Guide([], shapely.Polygon())
    points = np.concatenate((points[:1], points[1:][kept]))
    along = way[kept] / length[kept][:, None]
    points[0], points[-1] = points[0] - width_um / 2 * along[0], points[-1] + width_um / 2 * along[-1]
    normal = np.column_stack((-along[:, 1], along[:, 0]))
    mitre = np.concatenate((normal[:1], normal[:-1] + normal[1:], normal[-1:]))
    mitre[1:-1] /= np.maximum(1 + np.einsum("ij,ij->i", normal[:-1], normal[1:]), 0.2)[:, None]
    offset = (graded(fine.across_count) - 0.5) * width_um
    offset[[0, -1]] *= 1.3  # the outer ones reach beyond what was drawn, to what was built
    cells: list[Points] = []
    for k, (start, stop) in enumerate(pairwise(points)):
        count = max(1, math.ceil(float(np.hypot(*(stop - start))) / fine.length_um))
        rows = [(start, mitre[k])]
        rows += [(start + (stop - start) * c / count, normal[k]) for c in range(1, count)]
        rows.append((stop, mitre[k + 1]))
        for (p, m), (q, n) in pairwise(rows):
            near, far = p + offset[:, None] * m, q + offset[:, None] * n
            cells += [np.stack((near[a], far[a], far[a + 1], near[a + 1])) for a in range(len(offset) - 1)]
    return Guide(cells, shapely.LineString(points).buffer(0.65 * width_um, cap_style="flat", join_style="mitre"))


def disc_guide(x_um: float, y_um: float, r_um: float, fine: Fineness) -> Guide:
    """Return the cells of a disc in rings, the outermost reaching beyond it, and wedges at its middle."""
    sides = fine.sides_count
    inward = [r_um * 1.1, *(r_um - part for part in np.cumsum(fine.edge_um) if r_um - part > 0.3 * r_um)]
    rest = inward[-1]
    rings = math.ceil(rest / fine.length_um)
    inward += [rest * (rings - k) / rings for k in range(1, rings)]
    angle = np.arange(sides + 1) * math.tau / sides
    unit = np.column_stack((np.cos(angle), np.sin(angle)))
    centre = np.array([x_um, y_um])
    cells = [
        centre + np.stack((a * unit[s], a * unit[s + 1], b * unit[s + 1], b * unit[s]))
        for a, b in pairwise(inward)
        for s in range(sides)
    ]
    step = max(1, sides // 4)
    for s in range(0, sides, step):
        cells.append(centre + np.concatenate((np.zeros((1, 2)), inward[-1] * unit[s : min(s + step, sides) + 1])))
    return Guide(cells, shapely.Polygon(centre + inward[0] * unit[:-1]))


def box_guide(corners: Points, fine: Fineness) -> Guide:
    """Return the cells of a quad (4, 2), fine at its edges."""
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    u, v = (_edged(float(sides[k : k + 3 : 2].max()), fine) for k in (0, 1))
    a, b, c, d = corners
    grid = (
        a * ((1 - u)[:, None, None] * (1 - v)[None, :, None])
        + b * (u[:, None, None] * (1 - v)[None, :, None])
        + c * (u[:, None, None] * v[None, :, None])
        + d * ((1 - u)[:, None, None] * v[None, :, None])
    )
    cells = [
        np.stack((grid[i, j], grid[i + 1, j], grid[i + 1, j + 1], grid[i, j + 1]))
        for i in range(len(u) - 1)
        for j in range(len(v) - 1)
    ]
    return Guide(cells, shapely.Polygon(corners))


def _edged(side_um: float, fine: Fineness) -> Points:
    """Return cuts 0 .. 1 of a side: as wide at both ends as a disc's first two rings, even parts between."""
    end = min(sum(fine.edge_um[:2]) / side_um, 0.25)
    middle = np.linspace(end, 1 - end, math.ceil((1 - 2 * end) * side_um / fine.length_um) + 1)
    return np.unique(np.concatenate(([0.0], middle, [1.0])))


def cut(region: Any, guides: Sequence[Guide], fine: Fineness) -> list[Points]:
    """Return the cells (K, 2) of a region: those of the first guide that covers a place, else boxes of `length_um`."""
    found: list[Points] = []
    for guide in guides:
        if region.is_empty:
            break
        if guide.cells and region.intersects(guide.cover):
            wanted = [shapely.make_valid(shapely.Polygon(cell)) for cell in guide.cells]
            whole = shapely.union_all(wanted)
            pieces = shapely.intersection(wanted, region)
            if shapely.area(pieces).sum() > 1.001 * shapely.intersection(whole, region).area:
                pieces = _apart(pieces)
            found += [cell for piece in pieces for cell in flat_cells(piece, fine.sliver_um2)]
            region = shapely.difference(region, whole)
    for part in shapely.get_parts(region):
        if part.area > fine.sliver_um2:
            found += _boxes(part, fine)
    return found


def _apart(pieces: Sequence[Any]) -> list[Any]:
    """Return the pieces, each without what an earlier one covers: short legs of a wire overlap at its bends."""
    found: list[Any] = []
    for piece in pieces:
        for other in found:
            if piece.intersects(other):
                piece = piece.difference(other)
        found.append(piece)
    return found


def _boxes(part: Any, fine: Fineness) -> list[Points]:
    """Return the cells of a piece that no guide covers, cut along a grid."""
    low_x, low_y, high_x, high_y = part.bounds
    nx, ny = (max(1, math.ceil(side / fine.length_um)) for side in (high_x - low_x, high_y - low_y))
    x, y = np.linspace(low_x, high_x, nx + 1), np.linspace(low_y, high_y, ny + 1)
    boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(nx) for j in range(ny)]
    return [cell for piece in shapely.intersection(boxes, part) for cell in flat_cells(piece, fine.sliver_um2)]


def flat_cells(piece: Any, sliver_um2: float) -> list[Points]:
    """Return a piece's polygons as cells: simple, with at most CORNERS corners; pieces too small are left out."""
    found = []
    for part in shapely.get_parts(piece):
        if part.geom_type != "Polygon" or part.area < sliver_um2:
            continue
        if part.interiors:
            found += [cell for half in _halves(part) for cell in flat_cells(half, sliver_um2)]
            continue
        corners = _few_corners(part)
        if corners is None:
            found += [cell for half in _halves(part) for cell in flat_cells(half, sliver_um2)]
        else:
            found.append(corners)
    return found


def _few_corners(part: Any) -> Points | None:
    """Return the corners (K, 2) without those that hardly matter, or None: too many, or the piece is a bent one."""
    if part.area < _STRAIGHT_RATIO * part.convex_hull.area:
        return None
    ring: Points = shapely.get_coordinates(part)[:-1]
    if len(ring) <= CORNERS:
        return ring
    size = math.sqrt(part.area)
    for tolerance in (0.002, 0.01, 0.03):
        fewer = shapely.simplify(part, tolerance * size)
        ring = shapely.get_coordinates(fewer)[:-1]
        if 3 <= len(ring) <= CORNERS and fewer.is_valid and abs(fewer.area / part.area - 1) < 0.02:
            return ring
    return None


def _halves(part: Any) -> list[Any]:
    """Return a piece cut in two across its longer side; through the first hole, if there is one."""
    low_x, low_y, high_x, high_y = part.bounds
    x, y = (low_x + high_x) / 2, (low_y + high_y) / 2
    if part.interiors:
        hole = part.interiors[0].centroid
        x, y = hole.x, hole.y
    if high_x - low_x >= high_y - low_y:
        boxes = [shapely.box(low_x, low_y, x, high_y), shapely.box(x, low_y, high_x, high_y)]
    else:
        boxes = [shapely.box(low_x, low_y, high_x, y), shapely.box(low_x, y, high_x, high_y)]
    return [half for half in shapely.intersection(boxes, part) if half.area > 0]
