"""Turns a routing question into rounded convex shapes with a net, a radius and a clearance rule each."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.problem import Points, RouteProblem, Terminal

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SNAP_UM = 0.01  # room kept for masks snapped to 1 nm
LAND_FACTOR = 1.0 / math.cos(math.pi / 64.0)  # round lands are drawn as circumscribed 64-gons
NOBODY = -1  # net number of metal that belongs to no net
RULE_SPACE = 0  # clearance = the larger space wish of both nets
RULE_OWN = 1  # clearance = the shape's own figure (boundary edge, keepout)


def land_radius_um(terminal: Terminal) -> float:
    """Radius in µm of a round land as the mask draws it."""
    return 0.5 * terminal.diameter_um * LAND_FACTOR


@dataclass(frozen=True, slots=True)
class Fixed:
    """All shapes that do not move: hull points (m, 2), start of each hull (n + 1), and per shape (n,)
    the rounding radius, net number, clearance or space wish, clearance rule and name."""

    points: Floats
    start: Ints
    radius: Floats
    net: Ints
    space: Floats
    rule: Ints
    names: tuple[str, ...]


def counter_clockwise(outline: Points) -> Floats:
    """The outline (n, 2) counter-clockwise and without a repeated last point."""
    p = np.asarray(outline, dtype=np.float64)
    if len(p) > 1 and np.allclose(p[0], p[-1]):
        p = p[:-1]
    x, y = p[:, 0], p[:, 1]
    area = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
    return np.ascontiguousarray(p if area > 0 else p[::-1])


def fixed_shapes(problem: RouteProblem) -> Fixed:
    """Terminals, boundary edges and keepout edges of a problem as rounded convex shapes."""
    number = {net.name: i for i, net in enumerate(problem.nets)}
    wish = {net.name: net.space_um for net in problem.nets}
    hulls: list[Floats] = []
    rows: list[tuple[float, int, float, int, str]] = []
    for t in problem.terminals:
        space = max(problem.space_um, wish.get(t.net or "", 0.0))
        net = number.get(t.net, NOBODY) if t.net is not None else NOBODY
        if t.outline is None:
            hulls.append(np.array([[t.x_um, t.y_um]], dtype=np.float64))
            rows.append((land_radius_um(t), net, space, RULE_SPACE, t.name))
        else:
            hulls.append(counter_clockwise(t.outline))
            rows.append((0.0, net, space, RULE_SPACE, t.name))
    rings = [("boundary", problem.boundary, 0.0)]
    rings += [(k.name, k.outline, k.clearance_um) for k in problem.keepouts]
    for name, outline, clearance in rings:
        ring = counter_clockwise(outline)
        for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            hulls.append(np.array([a, b]))
            rows.append((0.0, NOBODY, clearance, RULE_OWN, name))
    radius, net_no, space_um, rule, names = zip(*rows, strict=True)
    return Fixed(
        np.ascontiguousarray(np.vstack(hulls)),
        np.concatenate([[0], np.cumsum([len(h) for h in hulls])]).astype(np.int64),
        np.array(radius, dtype=np.float64),
        np.array(net_no, dtype=np.int64),
        np.array(space_um, dtype=np.float64),
        np.array(rule, dtype=np.int64),
        tuple(names),
    )


def terminals_of(problem: RouteProblem) -> list[list[Terminal]]:
    """Terminals of each net of the problem, in the order of the nets."""
    number = {net.name: i for i, net in enumerate(problem.nets)}
    out: list[list[Terminal]] = [[] for _ in problem.nets]
    for t in problem.terminals:
        if t.net is not None and t.net in number:
            out[number[t.net]].append(t)
    return out
