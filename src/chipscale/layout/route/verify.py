"""An independent check of a routing answer: every distance again with shapely, every net's connection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from chipscale.layout.route.problem import RouteProblem, Wire
from chipscale.layout.route.shapes import LAND_FACTOR

TOL_UM = 1e-6
TOUCH_UM = 1e-3


@dataclass(frozen=True, slots=True)
class Violation:
    """A distance that is too small: wire index, the other feature, found and needed metal distance in µm, where."""

    wire: int
    other: str
    other_wire: int
    space_um: float
    needed_um: float
    x_um: float
    y_um: float


def terminal_shapes(problem: RouteProblem) -> list[tuple[shapely.Geometry, float]]:
    """Return (core geometry, radius µm) of each terminal; metal is the core grown by the radius."""
    out: list[tuple[shapely.Geometry, float]] = []
    for t in problem.terminals:
        if t.outline is None:
            out.append((shapely.Point(t.x_um, t.y_um), 0.5 * t.diameter_um * LAND_FACTOR))
        else:
            out.append((shapely.Polygon(t.outline), 0.0))
    return out


def _where(a: shapely.Geometry, b: shapely.Geometry) -> tuple[float, float]:
    p = shapely.get_coordinates(shapely.shortest_line(a, b))
    return (float(p[:, 0].mean()), float(p[:, 1].mean())) if len(p) else (0.0, 0.0)


def violations(problem: RouteProblem, wires: tuple[Wire, ...]) -> tuple[Violation, ...]:
    """Return all spacing violations of wires, worst first; an empty tuple means the answer is legal."""
    lines = [shapely.LineString(w.points) for w in wires]
    if not lines:
        return ()
    wish = {n.name: n.space_um for n in problem.nets}
    terminals = terminal_shapes(problem)
    tree = shapely.STRtree([g for g, _ in terminals]) if terminals else None
    wire_tree = shapely.STRtree(lines)
    widest = max(w.width_um for w in wires)
    radius = max((r for _, r in terminals), default=0.0)
    space = max(problem.space_um, *wish.values())
    found: list[Violation] = []

    def note(i: int, other: tuple[str, int], distances: tuple[float, float], geometry: shapely.Geometry) -> None:
        room, need = distances
        if room < need - TOL_UM:
            found.append(Violation(i, *other, room, need, *_where(lines[i], geometry)))

    for i, wire in enumerate(wires):
        line, half = lines[i], 0.5 * wire.width_um
        s_i = max(problem.space_um, wish.get(wire.net, 0.0))
        if tree is not None:
            for k in np.sort(tree.query(line, predicate="dwithin", distance=half + radius + space)):
                t = problem.terminals[k]
                if t.net != wire.net:
                    need = max(s_i, wish.get(t.net, 0.0)) if t.net is not None else s_i
                    room = float(line.distance(terminals[k][0])) - terminals[k][1] - half
                    note(i, (t.name, -1), (room, need), terminals[k][0])
        for j in np.sort(wire_tree.query(line, predicate="dwithin", distance=half + 0.5 * widest + space)):
            if j > i and wires[j].net != wire.net:
                room = float(line.distance(lines[j])) - half - 0.5 * wires[j].width_um
                note(i, (f"wire of {wires[j].net}", int(j)), (room, max(s_i, wish.get(wires[j].net, 0.0))), lines[j])
        _outlines(problem, wire, line, note, i)
    return tuple(sorted(found, key=lambda v: (v.space_um - v.needed_um, v.wire)))


def _outlines(problem, wire, line, note, i) -> None:  # type: ignore[no-untyped-def]
    half = 0.5 * wire.width_um
    area = shapely.Polygon(problem.boundary)
    rim = area.exterior
    room = float(line.distance(rim)) - half
    note(i, ("boundary", -1), (room if area.contains(line) else -max(half, room), 0.0), rim)
    for k in problem.keepouts:
        polygon = shapely.Polygon(k.outline)
        note(i, (k.name, -1), (float(line.distance(polygon)) - half, k.clearance_um), polygon)


def min_space_um(problem: RouteProblem, wires: tuple[Wire, ...]) -> float:
    """Return the smallest metal distance between a wire and foreign metal, µm (inf without any)."""
    lines = [shapely.LineString(w.points) for w in wires]
    if not lines:
        return float("inf")
    terminals = terminal_shapes(problem)
    best = np.inf
    wire_tree = shapely.STRtree(lines)
    tree = shapely.STRtree([g for g, _ in terminals]) if terminals else None
    radius = max((r for _, r in terminals), default=0.0)
    widest = max(w.width_um for w in wires)
    reach = 4 * problem.space_um + widest
    for i, wire in enumerate(wires):
        half = 0.5 * wire.width_um
        if tree is not None:
            for k in tree.query(lines[i], predicate="dwithin", distance=reach + radius):
                if problem.terminals[k].net != wire.net:
                    best = min(best, float(lines[i].distance(terminals[k][0])) - terminals[k][1] - half)
        for j in wire_tree.query(lines[i], predicate="dwithin", distance=reach):
            if j > i and wires[j].net != wire.net:
                best = min(best, float(lines[i].distance(lines[j])) - half - 0.5 * wires[j].width_um)
    return float(best)


def parts_of_net(
    problem: RouteProblem,
    wires: tuple[Wire, ...],
    net: str,
    shapes: list[tuple[shapely.Geometry, float]] | None = None,
) -> list[list[str]]:
    """Return the groups of a net's terminals that are one piece of metal, by name, in the order of the problem.

    `shapes`: what `terminal_shapes` returned, when it is asked for many nets.
    """
    shapes = terminal_shapes(problem) if shapes is None else shapes
    ids = [k for k, t in enumerate(problem.terminals) if t.net == net]
    pieces: list[tuple[shapely.Geometry, float]] = [shapes[k] for k in ids]
    pieces += [(shapely.LineString(w.points), 0.0) for w in wires if w.net == net]
    root = list(range(len(pieces)))

    def top(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    if pieces:
        tree = shapely.STRtree([g for g, _ in pieces])
        reach = 2 * max(r for _, r in pieces) + TOUCH_UM
        for i, (g, r) in enumerate(pieces):
            for j in tree.query(g, predicate="dwithin", distance=reach):
                if j > i and g.distance(pieces[j][0]) <= r + pieces[j][1] + TOUCH_UM:
                    a, b = top(i), top(int(j))
                    root[max(a, b)] = min(a, b)
    groups: dict[int, list[str]] = {}
    for i, k in enumerate(ids):
        groups.setdefault(top(i), []).append(problem.terminals[k].name)
    return [groups[r] for r in sorted(groups)]
