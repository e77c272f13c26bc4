"""Names the gap that stood in the way of a net: between what, how wide, and how much all wires would need."""

from __future__ import annotations

import numpy as np
import shapely

from chipscale.layout.route.problem import Unrouted
from chipscale.layout.route_grid.features import RULE_OWN, Fixed, Floats
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.tree import parts, pieces

NEIGHBOURS = 10.0  # features farther than this many wire pitches from the way are not looked at


def explain_all(field: Field) -> tuple[Unrouted, ...]:
    """One report for each part of each net that could not be joined to the net's first part."""
    wished: list[tuple[int, tuple[str, str], Floats]] = []
    for net in range(len(field.lines)):
        lines, pins = field.lines[net], field.pins[net]
        terms = [t for t in field.problem.terminals if t.net == field.problem.nets[net].name]
        groups = [g for g in parts(lines, pins) if g[1]]
        trees = [pieces([lines[i] for i in w], [pins[i] for i in p]) for w, p in groups]
        for k in range(1, len(groups)):
            names = (terms[groups[0][1][0]].name, terms[groups[k][1][0]].name)
            wished.append((net, names, wished_way(field, net, (trees[0], trees[k]))))
    ways = [(net, shapely.LineString(way)) for net, _, way in wished]
    return tuple(report(field, net, names, ways, way) for net, names, way in wished)


def wished_way(field: Field, net: int, ends: tuple[Floats, Floats]) -> Floats:
    """The way a net would take without other wires; thinner, if it does not even fit between fixed metal."""
    span = np.ptp(field.problem.boundary, axis=0)
    limit = 4.0 * float(span.sum())
    half, scale = field.half[net], 1.0
    for _ in range(12):
        field.half[net] = half * scale - (1.0 - scale) * field.space[net]
        way = field.join(net, ends, limit, wires=False)
        field.half[net] = half
        if len(way):
            return way
        scale -= 0.15
    return np.vstack([ends[0][0, 0], ends[1][0, 0]])


def hulls_of(fixed: Fixed) -> np.ndarray:
    """Each fixed shape's hull as shapely geometry."""
    out = []
    for i in range(len(fixed.names)):
        p = fixed.points[fixed.start[i] : fixed.start[i + 1]]
        kind = shapely.Point if len(p) == 1 else shapely.LineString if len(p) == 2 else shapely.Polygon
        out.append(kind(p[0] if len(p) == 1 else p))
    return np.array(out, dtype=object)


def report(
    field: Field, net: int, names: tuple[str, str], ways: list[tuple[int, shapely.LineString]], way: Floats
) -> Unrouted:
    """The gap across `way` (n, 2) that lacks most room for the wires that want through it.

    `ways` holds the wished way of every net that is open.
    """
    f, problem = field.fixed, field.problem
    pitch = 2 * field.half[net] + field.space[net]
    hulls, line = hulls_of(f), shapely.LineString(way)
    near = np.flatnonzero((f.net != net) & (shapely.distance(hulls, line) - f.radius < NEIGHBOURS * pitch))
    i, j = (near[k] for k in np.triu_indices(len(near), 1))
    across = shapely.shortest_line(hulls[i], hulls[j])
    room = shapely.length(across) - f.radius[i] - f.radius[j]
    name = np.array(f.names)
    ok = (room > 0) & (room < 2 * NEIGHBOURS * pitch) & (name[i] != name[j]) & shapely.intersects(across, line)
    best: tuple[float, float, float, int, int, shapely.Geometry] | None = None
    for k in np.flatnonzero(ok):
        others = near[(near != i[k]) & (near != j[k])]
        if np.any(shapely.distance(hulls[others], across[k]) < f.radius[others]):
            continue
        needed = room_needed(field, ways, (int(i[k]), int(j[k])), across[k])
        if best is None or needed - room[k] > best[0]:
            best = (needed - room[k], float(room[k]), needed, int(i[k]), int(j[k]), across[k])
    net_name = problem.nets[net].name
    if best is None:
        x, y = way[len(way) // 2]
        message = f"net {net_name}: no legal way from {names[0]} to {names[1]}"
        return Unrouted(net_name, names, names, 0.0, float(pitch), float(x), float(y), message)
    lack, gap, needed, a, b, cut = best
    mid = cut.interpolate(0.5, normalized=True)
    why = f"lacks {lack:.1f} µm" if lack > 0 else "is the tightest on its way; other wires cut it off"
    message = (
        f"net {net_name}: no way from {names[0]} to {names[1]}; the gap between {f.names[a]} and {f.names[b]} "
        f"at ({mid.x:.1f}, {mid.y:.1f}) is {gap:.1f} µm wide, all wires through it need {needed:.1f} µm: it {why}"
    )
    return Unrouted(net_name, names, (f.names[a], f.names[b]), gap, needed, float(mid.x), float(mid.y), message)


def room_needed(
    field: Field,
    ways: list[tuple[int, shapely.LineString]],
    sides: tuple[int, int],
    across: shapely.Geometry,
) -> float:
    """Room in µm for the wires that pass a gap now, and for the open nets that want to."""
    f = field.fixed
    used = np.flatnonzero(field.owner >= 0)
    hit = used[shapely.intersects(shapely.linestrings(field.segments[used]), across)]
    nets = sorted({int(n) for n in field.owner[hit]} | {n for n, way in ways if across.intersects(way)})
    wish = max(field.space[n] for n in nets)
    sides_um = sum(f.space[s] if f.rule[s] == RULE_OWN else max(f.space[s], wish) for s in sides)
    return float(sum(2 * field.half[n] for n in nets) + (len(nets) - 1) * wish + sides_um)
