"""Terminals on which no wire may end: other metal, a keep-out or the boundary is too near their centre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.problem import RouteProblem, Unrouted
from chipscale.layout.route.verify import TOL_UM, terminal_shapes


def crowded(problem: RouteProblem) -> set[int]:
    """Return the numbers of the terminals whose wire's end alone would break a space; O(n log n).

    A wire ends at the terminal's centre, so a disc of its width there must keep the space to everything foreign.
    """
    shapes = terminal_shapes(problem)
    if not shapes:
        return set()
    cores = np.array([core for core, _ in shapes], dtype=object)
    radius = np.array([r for _, r in shapes])
    width = {net.name: net.width_um for net in problem.nets}
    space = {net.name: max(problem.space_um, net.space_um) for net in problem.nets}
    spots = shapely.points([(t.x_um, t.y_um) for t in problem.terminals])
    reach = max(width.values(), default=0.0) / 2 + max(space.values(), default=0.0) + float(radius.max())
    found = set()
    for i, j in shapely.STRtree(cores).query(spots, predicate="dwithin", distance=reach).T.tolist():
        mine, other = problem.terminals[i].net, problem.terminals[j].net
        if mine is None or mine not in width or mine == other:
            continue
        need = max(space[mine], space.get(other or "", 0.0))
        if float(shapely.distance(spots[i], cores[j])) - radius[j] - width[mine] / 2 < need - TOL_UM:
            found.add(i)
    area = shapely.Polygon(problem.boundary)
    walls = [(shapely.Polygon(k.outline), k.clearance_um) for k in problem.keepouts] + [(area.exterior, 0.0)]
    for i, terminal in enumerate(problem.terminals):
        half = width.get(terminal.net or "", 0.0) / 2
        if terminal.net in width and any(float(shapely.distance(spots[i], w)) < half + c - TOL_UM for w, c in walls):
            found.add(i)
    return found


def named(problem: RouteProblem, found: Unrouted) -> Unrouted:
    """Return the report with the terminals named on which no wire may end, where these are the reason."""
    lost = crowded(problem)
    names = [t.name for i, t in enumerate(problem.terminals) if i in lost and t.net == found.net]
    if not names:
        return found
    width = next(net.width_um for net in problem.nets if net.name == found.net)
    ends = f"a {width:g} µm wire ending on {', '.join(names)}"
    return replace(found, message=f"net {found.net}: {ends} would be nearer than the rule to other metal")


def without_end(problem: RouteProblem, mesh: Mesh, groups: list[list[list[int]]]) -> set[tuple[int, int]]:
    """Return the (net, group) pairs whose every terminal is crowded."""
    lost = crowded(problem)
    return {
        (net, k)
        for net, parts in enumerate(groups)
        for k, part in enumerate(parts)
        if part and all(int(mesh.vterm[v]) in lost for v in part)
    }
