"""Finds an assignment that can be routed: solve, try the router, and trade balls near the wires that found no way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chipscale.layout.assign.ball_nets import with_ball_nets
from chipscale.layout.assign.demand import Demand
from chipscale.layout.assign.solve import Weights, sketch_of, solve
from chipscale.layout.draw_wires import Router, land_problem
from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Unrouted
from chipscale.package.types import Assumption, Package
from chipscale.results import Progress

_LARGEST = 250  # nets; beyond, routing on trial takes too long
_OTHERS = (Weights(4.0), Weights(2.0, 0.4))  # lead to other assignments, looked at where the first can't be routed
_TRADES = 6  # routed on trial, at most, where none of these can
_NEAR = 12  # balls nearest to a wire's end that may be traded for


def routable(package: Package, demand: Demand, router: Router | None = None) -> Package:
    """Return the package with its free balls assigned, so that the router can join as many nets as possible.

    With two redistribution layers, or many nets, the first assignment is taken as it is. Where the plan's supply
    pattern leaves nets open and supply balls at the centre leave fewer, they go there; an assumption says so.
    """
    best = with_ball_nets(package, solve(package, demand))
    if package.rdl_layers > 1 or len(package.nets) > _LARGEST:
        return best
    route = router or _own_router
    unrouted = _unrouted(best, route)
    for found in _others(package, demand):
        if not unrouted:
            return best
        open_now = _unrouted(found, route)
        if len(open_now) < len(unrouted):
            best, unrouted = found, open_now
    left = _TRADES
    while unrouted and left > 0:
        for found in _traded(best, demand, unrouted):
            left -= 1
            open_now = _unrouted(found, route)
            if len(open_now) < len(unrouted):
                best, unrouted = found, open_now
                break
            if left <= 0:
                break
        else:
            break
    return best


def _others(package: Package, demand: Demand) -> Iterator[Package]:
    """Yield other assignments: with other weights, then with supply balls at the centre."""
    for weights in _OTHERS:
        yield with_ball_nets(package, solve(package, demand, weights))
    plan = package.assignment
    if plan.supply_pattern == "center" or not set(demand.count) & demand.supplies:
        return
    central = replace(package, assignment=replace(plan, supply_pattern="center"))
    why = f"with the pattern {plan.supply_pattern} some nets could not be routed"
    said = (*package.assumptions, Assumption("supply balls", "at the centre", why))
    for weights in (Weights(), *_OTHERS):
        yield replace(with_ball_nets(package, solve(central, demand, weights)), assumptions=said)


def _unrouted(package: Package, route: Router) -> tuple[Unrouted, ...]:
    return route(land_problem(replace(package, spread=False), "RDL"), None).unrouted


def _traded(best: Package, demand: Demand, unrouted: tuple[Unrouted, ...]) -> Iterator[Package]:
    """Yield packages in which two balls near an open wire have traded nets, the cheapest trade first."""
    sketch = sketch_of(best)[1]
    free = {i for i, ball in enumerate(best.balls) if ball.name in set(demand.free)}
    holder = {ball: net for net, balls in enumerate(sketch.balls_of) for ball in balls}
    index = {ball.name: i for i, ball in enumerate(best.balls)}
    trades: dict[tuple[int, int], float] = {}
    load = sketch.load(sketch.edges)
    for gap in unrouted:
        ends = [name.removeprefix("ball ") for name in (*gap.terminals, *gap.gap_between) if name.startswith("ball ")]
        for mine in [index[name] for name in ends if name in index and index[name] in free & set(holder)]:
            away = np.round(((sketch.field.balls - sketch.field.balls[mine]) ** 2).sum(axis=1), 3)
            for other in [int(b) for b in np.argsort(away, kind="stable")[1 : _NEAR + 1] if int(b) in free]:
                pair = (min(mine, other), max(mine, other))
                if pair in trades or holder.get(other) == holder[mine]:
                    continue
                new = {holder[mine]: [other if b == mine else b for b in sketch.balls_of[holder[mine]]]}
                if other in holder:
                    new[holder[other]] = [mine if b == other else b for b in sketch.balls_of[holder[other]]]
                trades[pair] = round(sketch.change(new, load)[0], 3)
    for one, two in sorted(trades, key=lambda pair: (trades[pair], pair)):
        nets = {ball.name: ball.net for ball in best.balls if ball.net is not None}
        a, b = best.balls[one], best.balls[two]
        swapped = {**nets, a.name: b.net, b.name: a.net}
        traded = with_ball_nets(best, {name: net for name, net in swapped.items() if net is not None})
        yield replace(traded, assignment=best.assignment)


def _own_router(problem: RouteProblem, progress: Progress | None = None) -> RouteAnswer:
    from chipscale.layout.route.router import route

    return route(problem)
