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
    shapes = np.zeros((count - 1, 2, 4))
    lines = np.ascontiguousarray(others, dtype=np.float64).reshape(-1, 4)
    _tree(np.ascontiguousarray(points, dtype=np.float64), lines, crossing_um, past_um, shapes)
    return shapes.reshape(-1, 4)


@njit(cache=True)
def _crossings(x0: float, y0: float, x1: float, y1: float, lines: Floats) -> int:
    """Return how many lines (m, 4) a segment crosses."""
    rx, ry = x1 - x0, y1 - y0
    left, right, low, high = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    count = 0
    for j in range(len(lines)):
        qx, qy, ex, ey = lines[j, 0], lines[j, 1], lines[j, 2], lines[j, 3]
        if max(qx, ex) < left or min(qx, ex) > right or max(qy, ey) < low or min(qy, ey) > high:
            continue
        sx, sy = ex - qx, ey - qy
        small = 1e-7 * (abs(rx) + abs(ry) + 1.0) * (abs(sx) + abs(sy) + 1.0)
        start, end = rx * (qy - y0) - ry * (qx - x0), rx * (ey - y0) - ry * (ex - x0)
        if not ((start > small and end < -small) or (start < -small and end > small)):
            continue
        start, end = sx * (y0 - qy) - sy * (x0 - qx), sx * (y1 - qy) - sy * (x1 - qx)
        if (start > small and end < -small) or (start < -small and end > small):
            count += 1
    return count


@njit(cache=True)
def _way(a: Floats, b: Floats, lines: Floats, crossing_um: float, past_um: float) -> tuple[float, float, float]:
    """Return the least cost of a way from a to b and its corner (b itself: straight).

    A bend lies `past_um` off either corner, each way: a wire that follows a row of balls runs on one side of them.
    """
    best, cost, at_x, at_y = np.inf, np.inf, b[0], b[1]
    for k in range(9):
        if k == 0:
            x, y = b[0], b[1]
        else:
            x = (a[0] if k <= 4 else b[0]) + (past_um if (k - 1) % 4 >= 2 else -past_um)
            y = (b[1] if k <= 4 else a[1]) + (past_um if (k - 1) % 2 == 1 else -past_um)
        here = 0.0
        for px, py in ((a[0], a[1]), (b[0], b[1])):
            dx, dy = abs(x - px), abs(y - py)
            here += max(dx, dy) + _DIAGONAL * min(dx, dy)
        if here > best + 1.0:  # crossings only add
            continue
        here += crossing_um * _crossings(a[0], a[1], x, y, lines)
        if k > 0:
            here += crossing_um * _crossings(x, y, b[0], b[1], lines)
        if np.round(here, 3) < best:
            best, cost, at_x, at_y = np.round(here, 3), here, x, y
    return cost, at_x, at_y


@njit(cache=True)
def _tree(points: Floats, lines: Floats, crossing_um: float, past_um: float, shapes: Floats) -> None:
    """Write the edges of Prim's tree over points (k, 2) to shapes (k - 1, 2, 4), in the order they join."""
    count = len(points)
    ways = np.zeros((count, count, 3))
    for i in range(count):
        for j in range(i + 1, count):
            ways[i, j] = _way(points[i], points[j], lines, crossing_um, past_um)
    reach, parent = np.full(count, np.inf), np.zeros(count, dtype=np.int64)
    joined = np.zeros(count, dtype=np.bool_)
    last = 0
    for n in range(count - 1):
        joined[last] = True
        for v in range(count):
            cost = ways[min(last, v), max(last, v), 0]
            if v != last and cost < reach[v]:
                reach[v], parent[v] = cost, last
        nearest = -1
        for v in range(count):
            if not joined[v] and (nearest < 0 or reach[v] < reach[nearest]):
                nearest = v
        i, j = min(parent[nearest], nearest), max(parent[nearest], nearest)
        shapes[n, 0, :2], shapes[n, 1, 2:] = points[i], points[j]
        shapes[n, 0, 2:], shapes[n, 1, :2] = ways[i, j, 1:], ways[i, j, 1:]
        last = nearest


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


def length_um(edges: Floats) -> float:
    """Return the octilinear length in µm of edges (n, 4)."""
    return float(octilinear_um(edges[:, 2:] - edges[:, :2]).sum()) if len(edges) else 0.0
