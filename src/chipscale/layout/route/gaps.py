"""Why two parts of a net could not be joined: the narrowest gap on the way, with names and numbers."""

from __future__ import annotations

import numpy as np

from chipscale.layout.route.negotiate import Plan
from chipscale.layout.route.problem import RouteProblem, Unrouted
from chipscale.layout.route.search import COARSE, find
from chipscale.layout.route.sketch import edge_room
from chipscale.layout.route.verify import Violation
from chipscale.layout.route.ways import crossed_wires


def feature_name(problem: RouteProblem, owner: int) -> str:
    """Return the name of a terminal, the boundary or a keep-out by owner number."""
    n = len(problem.terminals)
    if owner < n:
        return problem.terminals[owner].name
    return "boundary" if owner == n else problem.keepouts[owner - n - 1].name


def _missing(plan: Plan, e: int, s: int, net: int) -> tuple[float, float]:
    """Return (room, need) in µm on edge e with one more wire of `net` in slot s."""
    mesh, sk, nets = plan.mesh, plan.sketch, plan.nets
    buf = np.empty(sk.order.shape[1] + 1)
    edge_room(mesh, sk, nets, e, net, 0, buf)
    lo = buf[s]
    edge_room(mesh, sk, nets, e, net, 1, buf)
    hi = mesh.length[e] - buf[sk.count[e] - s]
    room = float(mesh.length[e] - mesh.metal[e].sum())
    return room, room + float(lo - hi)


def _unrouted(problem: RouteProblem, net: int, names: tuple[str, ...], gap: tuple, message: str) -> Unrouted:  # type: ignore[type-arg]
    between, room, need, x, y = gap
    return Unrouted(problem.nets[net].name, names, between, room, need, x, y, message)


def explain(plan: Plan, problem: RouteProblem, net: int) -> Unrouted:
    """Return the report for a net that is not in one piece in the plan."""
    mesh = plan.mesh
    parts = plan.parts(net)
    names = tuple(problem.terminals[mesh.vterm[p[0]]].name for p in parts)
    label = problem.nets[net].name
    pair = plan.ends(net) or plan.ends(net, every=True)
    assert pair is not None
    at = (float(mesh.xy[parts[0][0], 0]), float(mesh.xy[parts[0][0], 1]))
    prices = replace_strict(plan)
    for cross in (False, True):
        cost, nodes, _ = find(mesh, plan.sketch, plan.nets, net, prices._replace(cross=cross), pair)
        if not np.isfinite(cost):
            continue
        names = tuple(problem.terminals[mesh.vterm[nodes[k, 1]]].name for k in (0, -1))
        worst = None
        for kind, e, s, _ in nodes.tolist():
            if kind == 1:
                room, need = _missing(plan, e, s, net)
                if worst is None or need - room > worst[2] - worst[1]:
                    worst = (e, room, need)
        if worst is not None and worst[2] > worst[1]:
            e, room, need = worst
            between = tuple(feature_name(problem, int(mesh.vowner[v])) for v in mesh.ends[e])
            x, y = mesh.xy[mesh.ends[e]].mean(axis=0).tolist()
            message = (
                f"net {label}: no room for {names[0]} - {names[1]} between {between[0]} and {between[1]}: "
                f"{room:.1f} µm there, {need:.1f} µm needed by all wires that want through"
            )
            return _unrouted(problem, net, names, (between, room, need, x, y), message)
        if cross:
            hit = crossed_wires(mesh, plan.sketch, net, nodes)
            others = sorted({problem.nets[plan.sketch.wnet[w]].name for w in hit})
            told = (
                f"is cut off by the wires of {', '.join(others)}"
                if others
                else "would come too close to its neighbours"
            )
            message = f"net {label}: {names[0]} - {names[1]} {told}"
            gap = ((names[0], f"wire of {others[0]}" if others else names[1]), 0.0, _pitch(plan, net), *at)
            return _unrouted(problem, net, names, gap, message)
    message = f"net {label}: {names[0]} and {names[1]} have no way between them inside the boundary"
    return _unrouted(problem, net, names, ((names[0], names[1]), 0.0, _pitch(plan, net), *at), message)


def replace_strict(plan: Plan):  # type: ignore[no-untyped-def]
    """Return prices under which a way with too little room is dear but allowed."""
    return plan.prices(False)._replace(over=100.0, strict=False, samples=COARSE)


def _pitch(plan: Plan, net: int) -> float:
    return float(plan.nets.width[net] + 2 * plan.nets.space[net])


def from_violation(problem: RouteProblem, net: str, names: tuple[str, ...], v: Violation) -> Unrouted:
    """Return the report for a wire taken out because it came too close to something."""
    message = (
        f"net {net}: its wire would come within {v.space_um:.2f} µm of {v.other} "
        f"at ({v.x_um:.1f}, {v.y_um:.1f}); {v.needed_um:.2f} µm needed"
    )
    other = v.other
    return Unrouted(net, names, (net, other), v.space_um, v.needed_um, v.x_um, v.y_um, message)
