"""Gives the balls of a package their nets, as its assignment plan asks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from chipscale.layout.assign.demand import demand_of
from chipscale.package.types import Ball, Package


def assign(package: Package) -> Package:
    """Return the package with every ball's net filled in; the same package when the plan is fixed.

    Partial: balls that have a net keep it. Free: all nets are found anew and those given are kept in
    `assignment.given` to compare with. Supply nets go by the plan's pattern, signals by least total length without
    crossings. Raises InputError when the plan names unknown balls or nets, or when there are too few balls.
    """
    demand = demand_of(package)
    if package.assignment.mode == "fixed" or not demand.count:
        return package
    from chipscale.layout.assign.solve import solve

    return with_ball_nets(package, solve(package, demand))


def with_ball_nets(package: Package, net_of: dict[str, str]) -> Package:
    """Return the package with these nets (by ball name) and none other on its balls; nets list their balls anew."""
    given = tuple((ball.name, ball.net) for ball in package.balls if ball.net is not None)
    doc: dict[str | None, str] = {ball.net: ball.doc_name for ball in package.balls if ball.net is not None}
    balls = tuple(_with_net(ball, net_of.get(ball.name), doc) for ball in package.balls)
    balls_of = defaultdict(list)
    for ball in balls:
        balls_of[ball.net].append(ball.name)
    nets = tuple(replace(net, balls=tuple(balls_of[net.name])) for net in package.nets)
    return replace(package, balls=balls, nets=nets, assignment=replace(package.assignment, given=given))


def _with_net(ball: Ball, net: str | None, doc: dict[str | None, str]) -> Ball:
    return replace(ball, net=net, doc_name=doc.get(net, "") if net != ball.net else ball.doc_name)
