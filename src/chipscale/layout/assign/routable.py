"""Finds an assignment that can be routed: solve, try it out, and trade balls near the wires that found no way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chipscale.layout.assign.ball_nets import with_ball_nets
from chipscale.layout.assign.demand import Demand
from chipscale.layout.assign.solve import Weights, sketch_of, solve
from chipscale.layout.assign.touching import touched
from chipscale.layout.assign.trial import Trial, Tried, sketched
from chipscale.package.types import Assumption, Package
from chipscale.results import Progress

_LARGEST = 400  # nets; beyond, the first assignment is taken as it is
_OTHERS = (Weights(4.0), Weights(2.0, 0.4))  # lead to other assignments, looked at where the first can't be routed
_WORK = 1_500_000  # places searched in trials after which no other assignment is looked at
_MANY = 120  # nets; from here on solving anew takes a second or more, and fewer other assignments are looked at
_TRADES = 6  # tried at most where none of these can be routed
_NEAR = 12  # balls nearest to a wire's end that may be traded for


def routable(package: Package, demand: Demand, progress: Progress | None = None, trial: Trial = sketched) -> Package:
    """Return the package with its free balls assigned, so that as many nets as possible can be routed.

    With two redistribution layers, or many nets, the first assignment is taken as it is. Where the plan's supply
    pattern leaves nets open and supply balls at the centre or next to their pads leave fewer, they go there; an
    assumption says so. How many assignments are looked at depends on the work that trials took, never on time.
    """
    tell = progress or (lambda _part, _text: None)
    demand = touched(package, demand)
    tell(0.0, "assignment")
    best = with_ball_nets(package, solve(package, demand))
    if package.rdl_layers > 1 or len(package.nets) > _LARGEST:
        return best
    tell(0.3, "assignment: trial 1")
    state = trial(best)
    work, count = state.work, 1
    others = _others(package, demand)
    while state.open_nets and work <= _WORK and (found := next(others, None)) is not None:
        tell(min(0.3 + 0.08 * count, 0.8), f"assignment: trial {count + 1}")
        tried = trial(found)
        work, count = work + tried.work, count + 1
        if tried.better_than(state):
            best, state = found, tried
    tell(0.8, "assignment: trades")
    return _with_trades((best, state), demand, trial, _WORK - work)


def _with_trades(start: tuple[Package, Tried], demand: Demand, trial: Trial, work_left: int) -> Package:
    """Return the package after the trades of balls near open wires that lead to fewer nets open."""
    best, state = start
    left = _TRADES
    while state.open_nets and left > 0 and work_left > 0:
        for found in _traded(best, demand, state.open_nets):
            tried = trial(found)
            left, work_left = left - 1, work_left - tried.work
            better = tried.better_than(state)
            if better:
                best, state = found, tried
            if better or left <= 0 or work_left <= 0:
                break
        else:
            break
    return best


def _others(package: Package, demand: Demand) -> Iterator[Package]:
    """Yield other assignments: with other weights, then with supply balls elsewhere than the plan's pattern says."""
    few = len(package.nets) <= _MANY
    for weights in _OTHERS if few else ():
        yield with_ball_nets(package, solve(package, demand, weights))
    if not set(demand.count) & demand.supplies:
        return
    plan = package.assignment
    central = replace(package, assignment=replace(plan, supply_pattern="center"))
    why = f"with the pattern {plan.supply_pattern} some nets could not be routed"
    for weights in (Weights(), *_OTHERS) if few else (Weights(),):
        if plan.supply_pattern != "center":
            yield _said(with_ball_nets(package, solve(central, demand, weights)), "at the centre", why)
        beside = solve(package, demand, replace(weights, at_pads=True))
        yield _said(with_ball_nets(package, beside), "next to their pads", why)


def _said(package: Package, where: str, why: str) -> Package:
    return replace(package, assumptions=(*package.assumptions, Assumption("supply balls", where, why)))


def _traded(best: Package, demand: Demand, open_nets: dict[str, tuple[str, ...]]) -> Iterator[Package]:
    """Yield packages in which two balls near an open wire have traded nets, the cheapest trade first."""
    sketch = sketch_of(best)[1]
    free = {i for i, ball in enumerate(best.balls) if ball.name in set(demand.free)}
    holder = {ball: net for net, balls in enumerate(sketch.balls_of) for ball in balls}
    index = {ball.name: i for i, ball in enumerate(best.balls)}
    trades: dict[tuple[int, int], float] = {}
    load = sketch.load(sketch.edges)
    for _, names in sorted(open_nets.items()):
        ends = [name.removeprefix("ball ") for name in names if name.startswith("ball ")]
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
