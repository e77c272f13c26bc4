"""The polygon a disc or a wire becomes on a mask: the 64-gon around a disc, strips and round joins for a wire."""

from __future__ import annotations

import math

import numpy as np

from chipscale.layout.types import Circle, Points, Trace

SIDES = 64
CIRCUMSCRIBED_RATIO = 1.0 / math.cos(math.pi / SIDES)  # corner radius of the 64-gon over the disc's radius

_STEP = 2.0 * math.pi / SIDES
_CAP_ANGLES = (np.arange(SIDES // 2) + 0.5) * _STEP


def circle_points(circle: Circle) -> Points:
    """Return the 64-gon (64, 2) in µm around a disc, counter-clockwise.

    Its sides touch the disc and lie on the axes and diagonals, so widths across it and the enclosure of one
    concentric disc by another are exact and never below the drawn figures.
    """
    angles = (np.arange(SIDES) + 0.5) * _STEP
    radius = circle.d_um / 2.0 * CIRCUMSCRIBED_RATIO
    return np.column_stack((circle.x_um + radius * np.cos(angles), circle.y_um + radius * np.sin(angles)))


def trace_pieces(trace: Trace) -> list[Points]:
    """Return convex polygons (n, 2) in µm whose union is the wire.

    One strip per segment, a wedge at every bend and half a 64-gon at either end. Arcs of bends have their corners
    on the true arc, at most 1/64 turn apart: the wire is never narrower than drawn and its sides never reach
    beyond the true outline, so that spaces the router kept are the spaces on the mask. Only the ends, which lie on
    a land, a pad or another wire, go round the true half disc (by 0.12 % of half the width).
    """
    points = _without_repeats(np.asarray(trace.points, dtype=np.float64))
    half = trace.width_um / 2.0
    if len(points) < 2:
        return [circle_points(Circle(trace.layer, "wire", *points[0], trace.width_um))] if len(points) else []
    steps = np.diff(points, axis=0)
    directions = steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]
    normals = np.column_stack((-directions[:, 1], directions[:, 0])) * half
    a, b = points[:-1], points[1:]
    pieces = list(np.stack((a - normals, b - normals, b + normals, a + normals), axis=1))
    pieces.append(_cap(points[0], normals[0]))
    pieces.append(_cap(points[-1], -normals[-1]))
    return pieces + _bends(points[1:-1], directions, normals)


def _bends(corners: Points, directions: Points, normals: Points) -> list[Points]:
    """Return what fills the gap at each corner, on the outer side of the bend; nothing where the wire goes straight."""
    before, after = directions[:-1], directions[1:]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turns = np.arctan2(cross, (before * after).sum(axis=1))
    left = (turns > 0)[:, None]  # the gap opens on the right
    starts, ends = np.where(left, -normals[:-1], normals[1:]), np.where(left, -normals[1:], normals[:-1])
    plain = corners[:, None] + np.stack((starts, ends, -starts, -ends), axis=1)  # an arc of one side has no more
    return [
        plain[k] if abs(turns[k]) <= _STEP else _sector(corners[k], starts[k], abs(float(turns[k])), ends[k])
        for k in np.flatnonzero(turns).tolist()
    ]


def _without_repeats(points: Points) -> Points:
    if len(points) < 2:
        return points
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = np.hypot(*np.diff(points, axis=0).T) > 1e-6
    return points[keep]


def _sector(center: Points, start: Points, turn: float, end: Points) -> Points:
    """Return the part of a disc that fills a bend: the arc from `start` counter-clockwise over `turn` to `end`.

    It reaches back to the points opposite, so that it overlaps both strips on the grid instead of abutting them.
    """
    count = max(1, math.ceil(turn / _STEP - 1e-9))
    arc = _turned(start, turn / count * np.arange(count + 1))
    arc[-1] = end
    return center + np.vstack((arc, -start, -end))


def _cap(center: Points, start: Points) -> Points:
    """Return half a 64-gon about `center`, its sides touching the circle, from `start` counter-clockwise."""
    arc = _turned(start, _CAP_ANGLES) * CIRCUMSCRIBED_RATIO
    return center + np.vstack((start, arc, -start))


def _turned(start: Points, angles: Points) -> Points:
    cos, sin = np.cos(angles), np.sin(angles)
    return np.column_stack((start[0] * cos - start[1] * sin, start[0] * sin + start[1] * cos))
