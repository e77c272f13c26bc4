"""Makes the net list from pads and balls: classes, kinds, and every net that can't be joined as asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chipscale.errors import Problem, did_you_mean
from chipscale.package.net_patterns import guessed_kind, guessed_supplies, matching
from chipscale.package.pads.source import PadSource, listed
from chipscale.package.types import AssignmentPlan, Assumption, Ball, Net, NetClass, NetKind, Pad
from chipscale.spec.read import SpecFile

DEFAULT_CLASS = "default"
_UNCONNECTED = {"NC", "N.C.", "N/C", "DNC"}


@dataclass(frozen=True, slots=True)
class NetList:
    """The nets with their classes, the balls with the nets they keep, and what was assumed."""

    nets: tuple[Net, ...]
    classes: tuple[NetClass, ...]
    balls: tuple[Ball, ...]
    plan: AssignmentPlan
    assumptions: tuple[Assumption, ...]


def net_list(
    specfile: SpecFile, source: PadSource, balls: Sequence[Ball], wire_um: tuple[float, float]
) -> tuple[NetList, list[Problem]]:
    """Return the net list of `pads` and `balls`, and the problems it has.

    `wire_um` is the default (width, space). With assignment `free` the balls' nets are cleared (kept in
    `plan.given`); with `partial` the balls without a net stay open; with `fixed` every ball has a net or is named
    in `assignment.keep`.
    """
    block = specfile.spec.assignment
    given = tuple((ball.name, ball.net) for ball in balls if ball.net is not None)
    balls, assumptions = _without_nc(balls, {pad.net for pad in source.pads if pad.net})
    problems = keep_problems(specfile, balls)
    kept = set(block.keep)
    if block.mode == "free":
        balls = tuple(replace(ball, net=None) for ball in balls)
    pad_nets = _by_net(source.pads)
    ball_nets = _by_net(balls)
    problems += _join_problems(specfile, source, balls, (pad_nets, ball_nets))
    names = sorted(pad_nets.keys() | ball_nets.keys())
    of_net, classes, class_problems = net_classes(specfile, names, wire_um)
    kinds, guessed = _kinds(names, of_net, classes)
    nets = tuple(
        Net(name, of_net[name], kinds[name], tuple(pad_nets.get(name, ())), tuple(ball_nets.get(name, ())))
        for name in names
    )
    plan = AssignmentPlan(
        block.mode,
        block.supply_pattern,
        dict(block.supply_balls) if block.supply_balls else None,
        tuple(ball.name for ball in balls if ball.name in kept),
        given,
    )
    problems += class_problems + _supply_problems(specfile, names, kinds)
    if not names:
        what, remedy = "no pad and no ball has a net: there is nothing to join", "name the nets of the pads"
        problems.append(specfile.problem("nets.none", "die.pads", what, remedy=remedy))
    return NetList(nets, classes, tuple(balls), plan, (*assumptions, *guessed)), problems


def _by_net(items: Sequence[Pad] | Sequence[Ball]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in items:
        if item.net is not None:
            found.setdefault(item.net, []).append(item.name)
    return found


def _without_nc(balls: Sequence[Ball], pad_nets: set[str]) -> tuple[tuple[Ball, ...], list[Assumption]]:
    """Return the balls with nets called NC taken as unconnected, unless a pad has a net of that name."""
    spare = {ball.name for ball in balls if ball.net and ball.net.upper() in _UNCONNECTED and ball.net not in pad_nets}
    if not spare:
        return tuple(balls), []
    why = f"their net is called NC and no pad has it: {listed(sorted(spare))}"
    free = tuple(replace(ball, net=None) if ball.name in spare else ball for ball in balls)
    return free, [Assumption("unconnected balls", str(len(spare)), why)]


def keep_problems(specfile: SpecFile, balls: Sequence[Ball]) -> list[Problem]:
    """Return what is wrong with `assignment.keep`: balls that don't exist or that have a net all the same."""
    block = specfile.spec.assignment
    nets = {ball.name: ball.net for ball in balls}
    problems = []
    for i, name in enumerate(block.keep):
        key = f"assignment.keep.{i}"
        if name not in nets:
            remedy = did_you_mean(name, nets)
            remedy = remedy if remedy.startswith("did") else f"the map has {balls[0].name} to {balls[-1].name}"
            problems.append(specfile.problem("nets.unknown_ball", key, "there is no such ball", name, remedy=remedy))
        elif nets[name] is not None and block.mode != "free":
            what = f"ball {name} is to stay unconnected but is given net '{nets[name]}'"
            problems.append(specfile.problem("nets.kept_ball", key, what, remedy="remove one of the two"))
    return problems


def _join_problems(
    specfile: SpecFile,
    source: PadSource,
    balls: Sequence[Ball],
    by_net: tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]],
) -> list[Problem]:
    """Return nets that have pads but can get no ball, and balls that can get no pad."""
    pad_nets, ball_nets = by_net
    spec = specfile.spec
    mode = spec.assignment.mode
    key = "balls.nets" if spec.balls.nets is not None else "balls"
    kept = set(spec.assignment.keep)
    open_balls = [ball.name for ball in balls if ball.net is None and ball.name not in kept]
    problems = [
        _ball_without_pad(specfile, net, ball_nets[net], pad_nets, key)
        for net in sorted(ball_nets)
        if net not in pad_nets and (pad_nets or len(ball_nets[net]) < 2)
    ]
    missing = [net for net in sorted(pad_nets) if net not in ball_nets]
    if mode != "fixed":
        return problems + _too_few(specfile, missing, open_balls, ball_nets)
    if not ball_nets and pad_nets:
        what = "no ball is given a net and the assignment is fixed"
        remedy = "give balls.nets or balls.nets_csv, or let them be found with assignment: {mode: free}"
        return [*problems, specfile.problem("nets.no_ball_nets", key, what, remedy=remedy)]
    for net in missing:
        near = did_you_mean(net, [name for name in ball_nets if name not in pad_nets])
        near = near if near.startswith("did") else "give it a ball, or set assignment.mode to partial"
        what = f"net '{net}' has pads ({listed(pad_nets[net], 4)}) but no ball"
        line = source.lines.get(pad_nets[net][0])
        problem = specfile.problem("nets.net_without_ball", key, what, remedy=near)
        problems.append(replace(problem, file=source.file, line=line, key="net") if line else problem)
    if open_balls:
        what = f"{len(open_balls)} balls have no net: {listed(open_balls)}"
        remedy = "give each a net, name it in assignment.keep, or set assignment.mode to partial"
        problems.append(specfile.problem("nets.ball_without_net", key, what, remedy=remedy))
    return problems


def _ball_without_pad(
    specfile: SpecFile, net: str, balls: Sequence[str], pad_nets: Mapping[str, Sequence[str]], key: str
) -> Problem:
    named = key == "balls.nets" and specfile.spec.balls.nets is not None and balls[0] in specfile.spec.balls.nets
    near = did_you_mean(net, pad_nets)
    return specfile.problem(
        "nets.net_without_pad",
        f"balls.nets.{balls[0]}" if named else key,
        f"net '{net}' of ball {listed(list(balls), 6)} is on no pad",
        net,
        remedy=near if near.startswith("did") else "name it 'NC' if the ball is not connected",
    )


def _too_few(
    specfile: SpecFile, missing: Sequence[str], open_balls: Sequence[str], ball_nets: Mapping[str, Sequence[str]]
) -> list[Problem]:
    """Return a problem when the nets without a ball, or with fewer than `supply_balls` says, outnumber free balls."""
    planned = specfile.spec.assignment.supply_balls or {}
    more = {net: max(count - len(ball_nets.get(net, ())), 0) for net, count in planned.items()}
    needed = sum(more.values()) + sum(1 for net in missing if not more.get(net))
    free = len(open_balls)
    if needed <= free:
        return []
    what = f"{len(missing)} nets need a ball and {free} balls are free"
    remedy = "use more balls (rows, cols, a smaller pitch), fewer in assignment.keep, or a fan-out package"
    if needed > len(missing):
        what = f"{needed} balls are needed, some nets having several (assignment.supply_balls), and {free} are free"
        remedy = f"fewer supply balls, or {remedy}"
    return [specfile.problem("nets.too_few_balls", "balls", what, f"{free}", f">= {needed}", remedy)]


def net_classes(
    specfile: SpecFile, names: Sequence[str], wire_um: tuple[float, float]
) -> tuple[dict[str, str], tuple[NetClass, ...], list[Problem]]:
    """Return class by net, the classes, and the patterns that match nothing.

    A net named exactly belongs to that class before any pattern; among patterns the first class in the file wins.
    Nets of no class belong to `default`, which the file may define itself.
    """
    blocks = specfile.spec.nets
    exact: dict[str, str] = {}
    by_pattern: dict[str, str] = {}
    problems = []
    known = set(names)
    for class_name, block in blocks.items():
        key = f"nets.{class_name}.nets"
        if not block.nets and class_name != DEFAULT_CLASS:
            what = "the class names no net"
            problems.append(specfile.problem("nets.empty_class", key, what, remedy="list net names or patterns"))
        for i, pattern in enumerate(block.nets):
            found = matching(pattern, known)
            if not found:
                near = did_you_mean(pattern, known)
                remedy = near if near.startswith("did") else f"nets: {listed(sorted(known))}"
                what = "no net matches"
                problems.append(specfile.problem("nets.no_match", f"{key}.{i}", what, pattern, remedy=remedy))
            if found == [pattern] and exact.setdefault(pattern, class_name) != class_name:
                what = f"net '{pattern}' is named in two classes, {exact[pattern]} and {class_name}"
                problems.append(specfile.problem("nets.two_classes", f"{key}.{i}", what, remedy="keep one"))
            for net in found:
                by_pattern.setdefault(net, class_name)
    of_net = {net: exact.get(net, by_pattern.get(net, DEFAULT_CLASS)) for net in names}
    classes = [
        NetClass(name, block.kind, block.width_um or wire_um[0], block.space_um or wire_um[1])
        for name, block in blocks.items()
    ]
    if DEFAULT_CLASS not in blocks:
        classes.append(NetClass(DEFAULT_CLASS, "signal", wire_um[0], wire_um[1]))
    return of_net, tuple(classes), problems


def _kinds(
    names: Sequence[str], of_net: Mapping[str, str], classes: Sequence[NetClass]
) -> tuple[dict[str, NetKind], list[Assumption]]:
    """Return the kind of each net: its class's, or for nets of no class what the name suggests (recorded)."""
    by_class = {item.name: item.kind for item in classes}
    kinds: dict[str, NetKind] = {
        net: guessed_kind(net) if of_net[net] == DEFAULT_CLASS else by_class[of_net[net]] for net in names
    }
    guesses = guessed_supplies(net for net in names if of_net[net] == DEFAULT_CLASS)
    why = "their names suggest it; no net class says otherwise"
    return kinds, [Assumption(f"{kind} nets", listed(nets, 30), why) for kind, nets in guesses.items() if nets]


def _supply_problems(specfile: SpecFile, names: Sequence[str], kinds: Mapping[str, NetKind]) -> list[Problem]:
    problems = []
    for net, count in (specfile.spec.assignment.supply_balls or {}).items():
        key = f"assignment.supply_balls.{net}"
        if net not in names:
            near = did_you_mean(net, names)
            remedy = near if near.startswith("did") else "remove it"
            problems.append(specfile.problem("nets.unknown_net", key, "no pad has this net", net, remedy=remedy))
        elif kinds[net] == "signal":
            remedy = "give the net's class the kind power or ground, or remove it"
            problems.append(specfile.problem("nets.not_a_supply", key, "not a power or ground net", net, remedy=remedy))
        if count < 1:
            problems.append(
                specfile.problem("nets.supply_balls", key, "out of range", str(count), ">= 1", "give 1 or more")
            )
    return problems
