"""How many balls each net still needs, which balls are free, and what makes that impossible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import Net, Package


@dataclass(frozen=True, slots=True)
class Demand:
    """Balls to find: `count` per net name (only nets that need some), free balls and those already fixed, by name."""

    count: dict[str, int]
    supplies: frozenset[str]
    free: tuple[str, ...]
    fixed: dict[str, str]  # ball -> net


def demand_of(package: Package) -> Demand:
    """Return what has to be found; raises InputError with everything that makes it impossible.

    A signal net with a pad needs one ball, or as many as the map gave it (free mode). A supply net gets
    `supply_balls`; without a number as many as the map gave it (free mode), else one per pad of it, fewer when balls
    are short. Free mode forgets the nets given to balls; partial mode keeps them.
    """
    plan = package.assignment
    problems = _plan_problems(package)
    if problems:
        raise InputError(problems)
    keep = frozenset(plan.keep)
    fixed = {} if plan.mode == "free" else {ball.name: ball.net for ball in package.balls if ball.net is not None}
    free = tuple(ball.name for ball in package.balls if ball.name not in fixed and ball.name not in keep)
    had = Counter(fixed.values())
    nets = [net for net in package.nets if net.pads]
    in_map = Counter(ball.net for ball in package.balls if ball.net is not None) if plan.mode == "free" else Counter()
    signals = {net.name: in_map[net.name] or 1 for net in nets if net.kind == "signal" and not had[net.name]}
    supplies = [net for net in nets if net.kind != "signal"]
    wanted = _supply_counts(package, supplies, had, len(free) - sum(signals.values()))
    count = {name: number for name, number in (signals | wanted).items() if number > 0}
    if sum(count.values()) > len(free):
        raise InputError([_too_few(sum(count.values()), len(free))])
    return Demand(count, frozenset(net.name for net in supplies), free, fixed)


def _plan_problems(package: Package) -> list[Problem]:
    plan = package.assignment
    balls = {ball.name: ball for ball in package.balls}
    problems = [
        Problem(
            "assignment.unknown_ball",
            "no ball has this name",
            key="assignment.keep",
            value=name,
            remedy=_near(name, list(balls)),
        )
        for name in plan.keep
        if name not in balls
    ]
    if plan.mode != "free":
        problems += [
            Problem(
                "assignment.kept_with_net",
                "a ball left unconnected has a net",
                key="assignment.keep",
                value=f"{name}: {balls[name].net}",
            )
            for name in plan.keep
            if name in balls and balls[name].net is not None
        ]
    supply = [net.name for net in package.nets if net.kind != "signal"]
    for name, number in (plan.supply_balls or {}).items():
        key = f"assignment.supply_balls.{name}"
        if name not in supply:
            what = "not a power or ground net"
            remedy = did_you_mean(name, supply) or "give the net's class the kind power or ground"
            problems.append(Problem("assignment.unknown_supply", what, key=key, value=name, remedy=remedy))
        elif number < 1:
            what = "a supply needs at least one ball"
            problems.append(Problem("assignment.no_supply_ball", what, key=key, value=str(number), limit="1"))
    return problems


def _near(name: str, known: list[str]) -> str:
    remedy = did_you_mean(name, known)
    return remedy if remedy.startswith("did") else ""


def _supply_counts(package: Package, supplies: list[Net], had: Counter[str], room: int) -> dict[str, int]:
    """Return balls still to find per supply net; only counts nobody gave are cut when room is short."""
    plan = package.assignment
    planned = plan.supply_balls or {}
    in_map = Counter(ball.net for ball in package.balls if ball.net is not None) if plan.mode == "free" else Counter()
    given = {net.name: max(0, planned[net.name] - had[net.name]) for net in supplies if net.name in planned}
    least = {net.name: 0 if had[net.name] else 1 for net in supplies if net.name not in planned}
    wish = {
        net.name: max(least[net.name], in_map[net.name] or (0 if had[net.name] else len(net.pads)))
        for net in supplies
        if net.name in least
    }
    over = sum(given.values()) + sum(wish.values()) - room
    while over > 0:
        most = max(sorted(wish), key=lambda name: wish[name] - least[name], default=None)
        if most is None or wish[most] <= least[most]:
            break
        wish[most] -= 1
        over -= 1
    return given | wish


def _too_few(needed: int, free: int) -> Problem:
    return Problem(
        "assignment.too_few_balls",
        "more balls are needed than are free",
        key="assignment",
        value=f"{needed} needed",
        limit=f"{free} free",
        remedy="a larger array, fewer supply balls, or fewer balls left unconnected",
    )
