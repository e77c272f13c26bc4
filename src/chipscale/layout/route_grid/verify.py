"""Checks wires against the routing question with exact distances, independently of how they were found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from chipscale.layout.route.problem import RouteProblem, Wire
from chipscale.layout.route_grid.features import land_radius_um

TOLERANCE_UM = 1e-6


@dataclass(frozen=True, slots=True)
class Violation:
    """Two things nearer than allowed (or a net in pieces): what, the wire's number, and the figures in µm."""

    kind: str
    net: str
    other: str
    wire: int
    value_um: float
    limit_um: float


def shapes_of(problem: RouteProblem) -> tuple[np.ndarray, np.ndarray]:
    """Each terminal's shapely geometry and the radius in µm by which it is grown."""
    shapes, radius = [], []
    for t in problem.terminals:
        if t.outline is None:
            shapes.append(shapely.Point(t.x_um, t.y_um))
            radius.append(land_radius_um(t))
        else:
            shapes.append(shapely.Polygon(t.outline))
            radius.append(0.0)
    return np.array(shapes, dtype=object), np.array(radius)


def violations(problem: RouteProblem, wires: tuple[Wire, ...]) -> list[Violation]:
    """Everything illegal: spaces, boundary, keepouts, angles, and nets whose terminals are not joined."""
    if not wires:
        return opens(problem, wires)
    lines = np.array([shapely.LineString(w.points) for w in wires], dtype=object)
    out = [*wire_spaces(problem, wires, lines), *metal_spaces(problem, wires, lines)]
    out += [*edges(problem, wires, lines), *opens(problem, wires)]
    if problem.angles == "octilinear":
        for i, w in enumerate(wires):
            d = np.abs(np.diff(w.points, axis=0))
            off = float(np.minimum(d.min(axis=1), np.abs(d[:, 0] - d[:, 1])).max())
            if off > 1e-5:
                out.append(Violation("angle", w.net, "", i, off, 0.0))
    return out


def wishes(problem: RouteProblem) -> dict[str | None, float]:
    """Space in µm each net keeps."""
    return {n.name: max(problem.space_um, n.space_um) for n in problem.nets}


def wire_spaces(problem: RouteProblem, wires: tuple[Wire, ...], lines: np.ndarray) -> list[Violation]:
    """Wires of different nets nearer than their space."""
    wish, out = wishes(problem), []
    reach = max(w.width_um for w in wires) + max(wish.values())
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    for i, j in zip(a, b, strict=True):
        if i < j and wires[i].net != wires[j].net:
            gap = float(shapely.distance(lines[i], lines[j])) - (wires[i].width_um + wires[j].width_um) / 2
            need = max(wish[wires[i].net], wish[wires[j].net])
            if gap < need - TOLERANCE_UM:
                out.append(Violation("space", wires[i].net, wires[j].net, int(i), gap, need))
    return out


def metal_spaces(problem: RouteProblem, wires: tuple[Wire, ...], lines: np.ndarray) -> list[Violation]:
    """Wires nearer than their space to metal of other nets."""
    wish, out = wishes(problem), []
    shapes, radius = shapes_of(problem)
    reach = max(w.width_um for w in wires) + max(wish.values()) + float(radius.max(initial=0.0))
    a, b = shapely.STRtree(shapes).query(lines, predicate="dwithin", distance=reach)
    for i, j in zip(a, b, strict=True):
        t = problem.terminals[j]
        if t.net == wires[i].net:
            continue
        gap = float(shapely.distance(lines[i], shapes[j])) - radius[j] - wires[i].width_um / 2
        need = max(wish[wires[i].net], wish.get(t.net, 0.0))
        if gap < need - TOLERANCE_UM:
            out.append(Violation("space", wires[i].net, t.name, int(i), gap, need))
    return out


def edges(problem: RouteProblem, wires: tuple[Wire, ...], lines: np.ndarray) -> list[Violation]:
    """Wires over the boundary or too near a keepout."""
    out = []
    area = shapely.Polygon(problem.boundary)
    for i, w in enumerate(wires):
        gap = float(shapely.distance(lines[i], area.exterior)) - w.width_um / 2
        gap = gap if area.contains(lines[i]) else min(gap, -w.width_um / 2)
        if gap < -TOLERANCE_UM:
            out.append(Violation("boundary", w.net, "boundary", i, gap, 0.0))
        for k in problem.keepouts:
            gap = float(shapely.distance(lines[i], shapely.Polygon(k.outline))) - w.width_um / 2
            if gap < k.clearance_um - TOLERANCE_UM:
                out.append(Violation("keepout", w.net, k.name, i, gap, k.clearance_um))
    return out


def groups(problem: RouteProblem, wires: tuple[Wire, ...], net: str) -> list[list[str]]:
    """Names of a net's terminals, grouped by what its wires join."""
    pins = [t for t in problem.terminals if t.net == net]
    items = [shapely.Point(t.x_um, t.y_um) for t in pins]
    items += [shapely.LineString(w.points) for w in wires if w.net == net]
    group = list(range(len(items)))
    a, b = shapely.STRtree(items).query(np.array(items, dtype=object), predicate="dwithin", distance=1e-3)
    for i, j in zip(a, b, strict=True):
        if i < j and group[i] != group[j]:
            old, new = group[j], group[i]
            group = [new if g == old else g for g in group]
    out: dict[int, list[str]] = {}
    for i, t in enumerate(pins):
        out.setdefault(group[i], []).append(t.name)
    return list(out.values())


def opens(problem: RouteProblem, wires: tuple[Wire, ...]) -> list[Violation]:
    """Nets whose terminals are in more than one piece."""
    own: dict[str, list[Wire]] = {n.name: [] for n in problem.nets}
    for w in wires:
        own[w.net].append(w)
    out = []
    for net, mine in own.items():
        n = len(groups(problem, tuple(mine), net)) if mine else sum(t.net == net for t in problem.terminals)
        if n > 1:
            out.append(Violation("open", net, "", -1, float(n), 1.0))
    return out
