"""Straight connections between terminals: which cross, which pass a gap, and trees that avoid crossings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_DIAGONAL = np.sqrt(2.0) - 1.0


def octilinear_um(step: Floats) -> Floats:
    """Return the octilinear length in µm of steps (..., 2): wires at 0°, 45° and 90° only."""
    step = np.abs(step)
    return np.asarray(step.max(axis=-1) + _DIAGONAL * step.min(axis=-1))


def cross(first: Floats, second: Floats) -> Bools:
    """Return which segments (n, 4) of x0, y0, x1, y1 cross which of (m, 4): shape (n, m).

    Segments that only touch, share an end or lie on one line do not cross.
    """
    found = np.zeros((len(first), len(second)), dtype=np.bool_)
    _cross(np.ascontiguousarray(first, dtype=np.float64), np.ascontiguousarray(second, dtype=np.float64), found)
    return found


@njit(cache=True)
def _cross(first: Floats, second: Floats, found: Bools) -> None:
    for i in range(len(first)):
        px, py, rx, ry = first[i, 0], first[i, 1], first[i, 2] - first[i, 0], first[i, 3] - first[i, 1]
        left, right = min(px, px + rx), max(px, px + rx)
        low, high = min(py, py + ry), max(py, py + ry)
        for j in range(len(second)):
            qx, qy, ex, ey = second[j, 0], second[j, 1], second[j, 2], second[j, 3]
            if max(qx, ex) < left or min(qx, ex) > right or max(qy, ey) < low or min(qy, ey) > high:
                continue
            sx, sy = ex - qx, ey - qy
            small = 1e-7 * (abs(rx) + abs(ry) + 1.0) * (abs(sx) + abs(sy) + 1.0)
            start = rx * (qy - py) - ry * (qx - px)
            end = rx * (ey - py) - ry * (ex - px)
            if not ((start > small and end < -small) or (start < -small and end > small)):
                continue
            start = sx * (py - qy) - sy * (px - qx)
            end = sx * (py + ry - qy) - sy * (px + rx - qx)
            found[i, j] = (start > small and end < -small) or (start < -small and end > small)


def tree(points: Floats, others: Floats, crossing_um: float, past_um: float) -> Floats:
    """Return the segments of a spanning tree over points (k, 2) that avoids crossing `others` (m, 4).

    Two points: one straight segment (1, 4). More: each of the k - 1 edges is two segments, straight (the second
    of no length) or bent once, `past_um` off the corner. An edge costs its octilinear length plus `crossing_um` for
    each crossing; Prim's algorithm.
    """
    count = len(points)
    if count == 2:
        return np.concatenate((points[0], points[1]))[None]
    start, end = np.triu_indices(count, 1)
    shapes = _shapes(points[start], points[end], past_um)
    cost = octilinear_um(shapes[..., 2:] - shapes[..., :2]).sum(axis=2)
    if len(others):
        cost = cost + crossing_um * cross(shapes.reshape(-1, 4), others).sum(axis=1).reshape(len(start), -1, 2).sum(
            axis=2
        )
    best = np.argmin(np.round(cost, 3), axis=1)
    every = np.arange(len(start))
    weight = np.full((count, count), np.inf)
    weight[start, end] = weight[end, start] = cost[every, best]
    which = np.zeros((count, count), dtype=np.int64)
    which[start, end] = which[end, start] = every
    chosen = [which[i, j] for i, j in _prim(weight)]
    return np.asarray(shapes[chosen, best[chosen]].reshape(-1, 4))


def bent(pads: Floats, ball: Floats, outward: Floats, past_um: float) -> Floats:
    """Return segments (2 k, 4) from pads (k, 2) straight inwards to `past_um` behind the ball's row, then to the ball.

    `outward` (k, 2) are the pads' directions to the die's edge. Several pads joined so close a bay that the wires
    of the pads between them can stay in, with the balls of that row.
    """
    out = outward / np.maximum(np.abs(outward).max(axis=1, keepdims=True), 1e-9)
    depth = ball[None, :] - past_um * out
    corner = np.where(np.abs(out) > 0.5, depth, pads)
    ends = np.broadcast_to(ball, corner.shape)
    return np.asarray(np.stack((np.hstack((pads, corner)), np.hstack((corner, ends))), axis=1).reshape(-1, 4))


def _shapes(start: Floats, end: Floats, past_um: float) -> Floats:
    """Return the ways (n, 9, 2, 4) from start (n, 2) to end (n, 2): straight, and bent near either corner.

    A bend lies `past_um` off the corner, each way: a wire that follows a row of balls runs on one side of them.
    """
    corners = [end]
    for corner in (np.column_stack((start[:, 0], end[:, 1])), np.column_stack((end[:, 0], start[:, 1]))):
        corners += [corner + past_um * np.array(sign) for sign in ((-1, -1), (-1, 1), (1, -1), (1, 1))]
    ways = [np.stack((np.hstack((start, corner)), np.hstack((corner, end))), axis=1) for corner in corners]
    return np.stack(ways, axis=1)


def _prim(weight: Floats) -> list[tuple[int, int]]:
    count = len(weight)
    reach, parent = weight[0].copy(), np.zeros(count, dtype=np.int64)
    joined = np.zeros(count, dtype=bool)
    joined[0] = True
    pairs = []
    for _ in range(count - 1):
        nearest = int(np.argmin(np.where(joined, np.inf, reach)))
        joined[nearest] = True
        pairs.append((int(parent[nearest]), nearest))
        closer = weight[nearest] < reach
        reach[closer], parent[closer] = weight[nearest][closer], nearest
    return pairs


def length_um(edges: Floats) -> float:
    """Return the octilinear length in µm of edges (n, 4)."""
    return float(octilinear_um(edges[:, 2:] - edges[:, :2]).sum()) if len(edges) else 0.0
