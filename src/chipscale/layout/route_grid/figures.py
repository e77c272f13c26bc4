"""Figures of a routing answer: length, bends, the spanning bound, and the smallest space there is."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse.csgraph import minimum_spanning_tree

from chipscale.layout.route.problem import RouteProblem, Unrouted, Wire
from chipscale.layout.route_grid.features import terminals_of
from chipscale.layout.route_grid.verify import shapes_of


def wire_length_um(wires: tuple[Wire, ...]) -> float:
    """Sum of centre-line length in µm; where wires of one net lie on each other it counts once."""
    own: dict[str, list[shapely.LineString]] = {}
    for w in wires:
        own.setdefault(w.net, []).append(shapely.LineString(w.points))
    return float(sum(shapely.union_all(lines).length for lines in own.values()))


def bend_count(wires: tuple[Wire, ...]) -> int:
    """Interior vertices with a change of direction."""
    n = 0
    for w in wires:
        d = np.diff(w.points, axis=0)
        a = np.arctan2(d[:, 1], d[:, 0])
        turn = np.abs((np.diff(a) + np.pi) % (2 * np.pi) - np.pi)
        n += int((turn > 1e-6).sum())
    return n


def octilinear_bound_um(problem: RouteProblem) -> float:
    """Sum over nets of the shortest octilinear tree over the terminals' centres, without branch points, in µm."""
    total = 0.0
    for terms in terminals_of(problem):
        if len(terms) > 1:
            p = np.array([(t.x_um, t.y_um) for t in terms])
            d = np.abs(p[:, None] - p[None])
            octile = d.max(axis=2) + (np.sqrt(2.0) - 1.0) * d.min(axis=2)
            total += float(minimum_spanning_tree(octile + 1e-9 * (octile == 0)).sum())
    return total


def smallest_space_um(problem: RouteProblem, wires: tuple[Wire, ...]) -> float:
    """The smallest space in µm between a wire and foreign metal (other wires, terminals); inf without any."""
    if not wires:
        return float("inf")
    lines = np.array([shapely.LineString(w.points) for w in wires], dtype=object)
    half = np.array([w.width_um / 2 for w in wires])
    shapes, radius = shapes_of(problem)
    nets = np.array([w.net for w in wires] + [t.net or "" for t in problem.terminals])
    every = np.concatenate([lines, shapes])
    grown = np.concatenate([half, radius])
    reach = 4 * max(w.width_um for w in wires) + 2 * problem.space_um + float(radius.max(initial=0.0))
    a, b = shapely.STRtree(every).query(lines, predicate="dwithin", distance=reach)
    other = nets[a] != nets[b]
    if not other.any():
        return float("inf")
    gap = shapely.distance(lines[a[other]], every[b[other]]) - half[a[other]] - grown[b[other]]
    return float(gap.min())


def figures_of(problem: RouteProblem, wires: tuple[Wire, ...], unrouted: tuple[Unrouted, ...]) -> dict[str, float]:
    """All figures of an answer but the time."""
    wire, bound = wire_length_um(wires), octilinear_bound_um(problem)
    nets = sum(len(t) > 1 for t in terminals_of(problem))
    return {
        "wire_um": wire,
        "bends": float(bend_count(wires)),
        "bound_octilinear_um": bound,
        "ratio": wire / bound if bound > 0 else 1.0,
        "min_space_um": smallest_space_um(problem, wires),
        "nets_routed": float(nets - len({u.net for u in unrouted})),
        "nets_total": float(nets),
    }
