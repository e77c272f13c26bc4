"""Puts nets on the balls of a package and lists the balls of every net anew."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from chipscale.package.types import Ball, Package


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
