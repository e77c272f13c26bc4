"""How much of every cell of a grid outlines cover, exact: signed areas left of every edge, summed along the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]


def coverage(region: Any, x_edges: Array, y_edges: Array) -> Array:
    """Return the share (ny, nx), 0 to 1, of every cell that shapely polygons cover; edges rise.

    `region` is a geometry or an array of some that don't overlap. Exact for polygons, holes included: every edge is
    cut at the grid's lines, and each piece adds the area between itself and the right end of its row (as fonts are
    drawn). O(cells + pieces).

    >>> import shapely
    >>> grid = np.array([0.0, 1.0, 3.0])
    >>> coverage(shapely.box(0.5, 0.0, 2.0, 0.5), grid, grid).tolist()
    [[0.25, 0.25], [0.0, 0.0]]
    """
    import shapely

    total = np.zeros((len(y_edges) - 1, len(x_edges) - 1))
    parts = shapely.get_parts(shapely.get_parts(region))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return total
    points, of = shapely.get_coordinates(rings, return_index=True)
    outer = np.append(True, part[1:] != part[:-1])
    _add_edges(total, points, of.astype(np.int64), np.where(outer, 1.0, -1.0) * _turns(points, of), x_edges, y_edges)
    return np.clip(total / np.outer(np.diff(y_edges), np.diff(x_edges)), 0.0, 1.0)


def _turns(points: Array, of: npt.NDArray[np.int64]) -> Array:
    """Return for every ring 1 if it runs counterclockwise, else -1."""
    cross = points[:-1, 0] * points[1:, 1] - points[1:, 0] * points[:-1, 1]
    return np.sign(np.bincount(of[:-1], np.where(of[:-1] == of[1:], cross, 0.0), minlength=int(of[-1]) + 1))


@njit(cache=True)
def _add_edges(
    area: Array, points: Array, of: npt.NDArray[np.int64], way: Array, x_edges: Array, y_edges: Array
) -> None:
    ny, nx = area.shape
    turn = np.zeros((ny, nx + 1))  # rise of all edges left of a cell, by row
    for k in range(len(points) - 1):
        if of[k] != of[k + 1]:
            continue
        x0, y0 = points[k]
        x1, y1 = points[k + 1]
        if y0 == y1:
            continue
        sign = -way[of[k]]  # counterclockwise: what rises has its inside on the left
        if y0 > y1:
            x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
        slope = (x1 - x0) / (y1 - y0)
        if y1 <= y_edges[0] or y0 >= y_edges[-1]:
            continue
        row = max(np.searchsorted(y_edges, y0, side="right") - 1, 0)
        while row < ny and y_edges[row] < y1:
            low, high = max(y0, y_edges[row]), min(y1, y_edges[row + 1])
            if high > low:
                xa, xb = x0 + slope * (low - y0), x0 + slope * (high - y0)
                _add_piece(area[row], turn[row], xa, xb, high - low, sign, x_edges)
            row += 1
    for j in range(ny):
        left = 0.0
        for i in range(nx):
            left += turn[j, i]
            area[j, i] += left * (x_edges[i + 1] - x_edges[i])


@njit(cache=True)
def _add_piece(area: Array, turn: Array, xa: float, xb: float, rise: float, sign: float, x_edges: Array) -> None:
    """Add one piece of an edge within a row: to the cells it crosses, and to the turn of the cells right of it."""
    nx = len(x_edges) - 1
    if xa > xb:
        xa, xb = xb, xa
    if xa >= x_edges[-1]:
        return
    per_x = rise / (xb - xa) if xb > xa else 0.0
    if xa < x_edges[0]:  # what lies left of the grid turns the whole row
        part = rise if xb <= x_edges[0] else per_x * (x_edges[0] - xa)
        turn[0] += sign * part
        if xb <= x_edges[0]:
            return
        xa = x_edges[0]
    i = min(np.searchsorted(x_edges, xa, side="right") - 1, nx - 1)
    if xb == xa:
        area[i] += sign * rise * (x_edges[i + 1] - xa)
        turn[i + 1] += sign * rise
        return
    while i < nx and x_edges[i] < xb:
        low, high = max(xa, x_edges[i]), min(xb, x_edges[i + 1])
        part = per_x * (high - low)
        area[i] += sign * part * (x_edges[i + 1] - 0.5 * (low + high))
        turn[i + 1] += sign * part
        i += 1
