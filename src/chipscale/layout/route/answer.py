"""The router's last word: check every wire independently, take out what is not legal, count the figures."""

from __future__ import annotations

import time

from chipscale.layout.route import figures
from chipscale.layout.route.gaps import from_violation
from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Unrouted, Wire
from chipscale.layout.route.verify import min_space_um, parts_of_net, terminal_shapes, violations


def checked(problem: RouteProblem, wires: list[Wire], unrouted: list[Unrouted], run: tuple[int, float]) -> RouteAnswer:
    """Return the answer made of `wires` without those that are not legal; `run` is (searches, starting clock)."""
    while found := violations(problem, tuple(wires)):
        v = found[0]
        net = wires[v.wire].net
        del wires[v.wire]
        parts = parts_of_net(problem, tuple(wires), net)
        unrouted.append(from_violation(problem, net, tuple(p[0] for p in parts), v))
    kept, shapes = tuple(wires), terminal_shapes(problem)
    named = {u.net for u in unrouted}
    routed = total = 0
    for net in problem.nets:
        parts = parts_of_net(problem, kept, net.name, shapes)
        total += 1
        routed += len(parts) <= 1
        if len(parts) > 1 and net.name not in named:
            x, y = next((t.x_um, t.y_um) for t in problem.terminals if t.name == parts[0][0])
            names = tuple(p[0] for p in parts)
            text = f"net {net.name}: {' and '.join(names)} are not joined"
            unrouted.append(Unrouted(net.name, names, names[:2], 0.0, net.width_um, x, y, text))
    length = figures.wire_um(kept)
    bound = figures.bound_octilinear_um(problem)
    return RouteAnswer(
        kept,
        tuple(sorted(unrouted, key=lambda u: (u.net, u.terminals))),
        {
            "wire_um": length,
            "bends": float(sum(figures.bends(w.points) for w in kept)),
            "bound_octilinear_um": bound,
            "ratio": length / bound if bound > 0 else 1.0,
            "min_space_um": min_space_um(problem, kept),
            "nets_routed": float(routed),
            "nets_total": float(total),
            "iterations": float(run[0]),
            "seconds": time.perf_counter() - run[1],
        },
    )
