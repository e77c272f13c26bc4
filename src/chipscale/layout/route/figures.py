"""Figures of a routing answer: wire length, bends, the octilinear spanning bound, least space."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.layout.route.problem import RouteProblem, Wire

BEND_RAD = 1e-4
DIAGONAL = np.sqrt(2.0) - 1.0


def octilinear_um(d: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the octilinear distance of vectors (..., 2) µm."""
    a = np.abs(d)
    return a.max(axis=-1) + DIAGONAL * a.min(axis=-1)


def spanning_um(points: npt.NDArray[np.float64]) -> float:
    """Return the length of the octilinear minimum spanning tree of points (n, 2), µm."""
    n = len(points)
    if n < 2:
        return 0.0
    near = np.full(n, np.inf)
    inside = np.zeros(n, dtype=bool)
    at, total = 0, 0.0
    for _ in range(n - 1):
        inside[at] = True
        near = np.minimum(near, octilinear_um(points - points[at]))
        near[inside] = np.inf
        at = int(np.argmin(near))
        total += float(near[at])
    return total


def bound_octilinear_um(problem: RouteProblem) -> float:
    """Return the sum over nets of the octilinear spanning tree over the terminals' centres, µm."""
    spots: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for t in problem.terminals:
        if t.net is not None:
            spots[t.net].append((t.x_um, t.y_um))
    return sum(spanning_um(np.array(spots[n.name])) for n in problem.nets if n.name in spots)


def bends(points: npt.NDArray[np.float64]) -> int:
    """Return how many inner points of a polyline (n, 2) change its direction."""
    d = np.diff(points, axis=0)
    d = d[np.abs(d).max(axis=1) > 0]
    turn = d[:-1, 0] * d[1:, 1] - d[:-1, 1] * d[1:, 0]
    along = (d[:-1] * d[1:]).sum(axis=1)
    return int(np.count_nonzero(np.abs(np.arctan2(turn, along)) > BEND_RAD))


def wire_um(wires: tuple[Wire, ...]) -> float:
    """Return the sum of centre-line lengths, µm; where wires of one net lie on each other it counts once."""
    by_net: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for w in wires:
        by_net[w.net].append(shapely.LineString(w.points))
    total = 0.0
    for net in sorted(by_net):
        lines = by_net[net]
        total += float(lines[0].length if len(lines) == 1 else shapely.union_all(lines, grid_size=1e-3).length)
    return total
