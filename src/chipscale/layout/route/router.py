"""The redistribution router: sketch, taut geometry, exact check; a wire that is not legal is never returned."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.answer import checked
from chipscale.layout.route.ends import named, without_end
from chipscale.layout.route.gaps import explain
from chipscale.layout.route.legalise import legalise, wire_slack
from chipscale.layout.route.mesh import Mesh, build_mesh
from chipscale.layout.route.negotiate import Plan, improve, negotiate, open_joins, settle
from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Wire
from chipscale.layout.route.realise import realise
from chipscale.layout.route.shapes import Nets, Shapes, build_shapes, net_arrays
from chipscale.layout.route.shorten import shorten
from chipscale.layout.route.spread import spread
from chipscale.layout.route.steiner import Tree, join_trees
from chipscale.layout.route.verify import parts_of_net, terminal_shapes

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
Points = npt.NDArray[np.float64]
TRIES = 4  # how often a sketch whose geometry does not fit is drawn again with less room where it was tight


def _groups(problem: RouteProblem, mesh: Mesh) -> list[list[list[int]]]:
    """Return per net the vertex sets of its terminals; terminals that touch are one set."""
    by_term: dict[int, list[int]] = {}
    for v, t in enumerate(mesh.vterm.tolist()):
        if t >= 0:
            by_term.setdefault(t, []).append(v)
    number = {t.name: k for k, t in enumerate(problem.terminals)}
    out, shapes = [], terminal_shapes(problem)
    for net in problem.nets:
        parts = parts_of_net(problem, (), net.name, shapes)
        out.append([sorted(v for name in part for v in by_term.get(number[name], [])) for part in parts])
    return out


def _feed_back(plan: Plan, lines: dict[int, Points], world: tuple[Shapes, Nets], slack: dict[int, float]) -> int:
    """Take room away from the mesh edges that illegal wires cross where they are illegal; return how many."""
    from chipscale.layout.route.legalise import scene_of, segment_slacks

    shapes, nets = world
    *scene, wires = scene_of(lines, plan.sketch.wnet, shapes)
    each = segment_slacks(tuple(scene), nets)
    changed = 0
    for w in sorted(w for w, s in slack.items() if s < 0):
        mine = np.nonzero(wires == w)[0]
        k = mine[int(np.argmin(each[mine]))]
        spot = 0.5 * (scene[1][k, :2] + scene[1][k, 2:])
        edges = plan.paths[w].edges
        if not len(edges):
            continue
        mid = plan.mesh.xy[plan.mesh.ends[edges]].mean(axis=1)
        e = int(edges[int(np.argmin(np.hypot(*(mid - spot).T)))])
        plan.mesh.metal[e] += 0.5 * min(-float(each[k]), 10.0) + 0.1
        changed += 1
    return changed


def _plainly_better(plan: Plan) -> bool:
    """Draw the wires anew, shortest nets first and strictly legal; keep that sketch if it leaves fewer joins open.

    Where not all nets can be joined, bargaining for room costs more wires than it wins.
    """
    plain = Plan(plan.mesh, plan.nets, plan.groups)
    plain.hopeless |= plan.hopeless
    settle(plain)
    improve(plain)
    plan.searches += plain.searches
    better = open_joins(plain) < open_joins(plan)
    if better:
        plan.sketch, plan.paths = plain.sketch, plain.paths
    return better


def _geometry(plan: Plan, world: tuple[Shapes, Nets], rounds: int, progress: Progress | None) -> dict[int, Points]:
    """Sketch and realise until all wires are legal; wires that never fit are taken out of the plan."""
    shapes, nets = world
    wnet = plan.sketch.wnet
    negotiated = True
    for attempt in range(TRIES):
        if negotiated:
            negotiate(plan, progress, rounds)
        settle(plan)
        improve(plan)
        if attempt == 0 and open_joins(plan):
            negotiated = not _plainly_better(plan)
        lines = legalise(realise(plan, shapes), wnet, shapes, nets)
        slack = wire_slack(lines, wnet, shapes, nets)
        bad = sorted(w for w, s in slack.items() if s < 0)
        log.debug("attempt %d: %d wires, %d do not fit", attempt, len(lines), len(bad))
        if not bad:
            return lines
        if attempt < TRIES - 1:
            _feed_back(plan, lines, world, slack)
            rounds = max(6, rounds // 2)
    while bad:
        for w in sorted(bad, key=lambda k: (slack[k], k))[: max(1, len(bad) // 4)]:
            del lines[w]
            plan.drop(w)
        lines = legalise(lines, wnet, shapes, nets)
        slack = wire_slack(lines, wnet, shapes, nets)
        bad = sorted(k for k, s in slack.items() if s < 0)
    return lines


def route(problem: RouteProblem, progress: Progress | None = None) -> RouteAnswer:
    """Return legal wires for all nets that can be routed on one layer, and what stayed open with the reason.

    Wires of any angle are sketched on a triangulation; wires at multiples of 45° are negotiated on a fine grid of
    these directions, where the room a bundle of them needs is seen from the start. Same problem, same answer.
    `progress` is told (stage, 0..1). Figures: `wire_um`, `bends`, `bound_octilinear_um`, `ratio`, `min_space_um`,
    `nets_routed`, `nets_total`, `iterations`, `seconds`.
    """
    if problem.angles == "octilinear":
        from chipscale.layout.route_grid.router import route_on_grid

        return route_on_grid(problem, progress)
    return _route_sketched(problem, progress)


def _route_sketched(problem: RouteProblem, progress: Progress | None, rounds: int = 40) -> RouteAnswer:
    begin = time.perf_counter()
    tell = progress or (lambda _stage, _part: None)
    mesh, nets, shapes = build_mesh(problem), net_arrays(problem), build_shapes(problem)
    plan = Plan(mesh, nets, _groups(problem, mesh))
    plan.hopeless |= without_end(problem, mesh, plan.groups)
    lines = _geometry(plan, (shapes, nets), rounds, progress)
    tell("shorten", 0.0)
    wnet = plan.sketch.wnet.copy()
    lines = shorten(lines, wnet, shapes, nets, merging=False)
    tree = Tree(lines, wnet, {w: (p.start, p.end) for w, p in plan.paths.items()}, plan.groups)
    join_trees(tree, shapes, nets)
    wnet = tree.wnet
    lines = shorten(tree.lines, wnet, shapes, nets)
    if problem.spread:
        tell("spread", 0.0)
        lines = spread(lines, wnet, shapes, nets)
    tell("check", 0.0)
    wires = [Wire(problem.nets[wnet[w]].name, problem.nets[wnet[w]].width_um, lines[w]) for w in sorted(lines)]
    open_nets = [named(problem, explain(plan, problem, n)) for n in range(len(plan.groups)) if len(plan.parts(n)) > 1]
    return checked(problem, wires, open_nets, (plan.searches, begin))
