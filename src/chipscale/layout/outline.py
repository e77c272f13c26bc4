"""The polygon a disc or a wire becomes on a mask: the 64-gon around a disc, strips and round joins for a wire."""

from __future__ import annotations

import math

import numpy as np

from chipscale.layout.types import Circle, Points, Trace

SIDES = 64
CIRCUMSCRIBED_RATIO = 1.0 / math.cos(math.pi / SIDES)  # corner radius of the 64-gon over the disc's radius

_STEP = 2.0 * math.pi / SIDES


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

    One strip per segment, a wedge at every bend and a half disc at either end. Arcs have their corners on the
    true arc, at most 1/64 turn apart: the wire is never narrower than drawn between its straight sides and never
    reaches beyond its true outline, so that spaces the router kept are the spaces on the mask.
    """
    points = _without_repeats(np.asarray(trace.points, dtype=np.float64))
    half = trace.width_um / 2.0
    if len(points) < 2:
        return [_disc_on_arc(points[0], half)] if len(points) else []
    steps = np.diff(points, axis=0)
    directions = steps / np.hypot(steps[:, 0], steps[:, 1])[:, None]
    normals = np.column_stack((-directions[:, 1], directions[:, 0])) * half
    pieces = [np.array([a - n, b - n, b + n, a + n]) for a, b, n in zip(points[:-1], points[1:], normals, strict=True)]
    pieces.append(_sector(points[0], normals[0], math.pi))
    pieces.append(_sector(points[-1], -normals[-1], math.pi))
    for index in range(1, len(points) - 1):
        before, after = directions[index - 1], directions[index]
        turn = math.atan2(before[0] * after[1] - before[1] * after[0], float(before @ after))
        if turn > 0:  # to the left: the gap opens on the right
            pieces.append(_sector(points[index], -normals[index - 1], turn, -normals[index]))
        elif turn < 0:
            pieces.append(_sector(points[index], normals[index], -turn, normals[index - 1]))
    return pieces


def _without_repeats(points: Points) -> Points:
    if len(points) < 2:
        return points
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = np.hypot(*np.diff(points, axis=0).T) > 1e-6
    return points[keep]


def _sector(center: Points, start: Points, turn: float, end: Points | None = None) -> Points:
    """Return the pie piece from `center + start` counter-clockwise over `turn`, exactly through `end` if given."""
    count = max(1, math.ceil(turn / _STEP - 1e-9))
    angles = np.linspace(0.0, turn, count + 1)
    cos, sin = np.cos(angles), np.sin(angles)
    arc = np.column_stack((start[0] * cos - start[1] * sin, start[0] * sin + start[1] * cos))
    arc[-1] = -start if end is None else end
    return np.vstack((center, center + arc))


def _disc_on_arc(center: Points, radius: float) -> Points:
    angles = np.arange(SIDES) * _STEP
    return center + radius * np.column_stack((np.cos(angles), np.sin(angles)))
