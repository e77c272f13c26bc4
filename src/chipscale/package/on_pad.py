"""A package without redistribution in the making: sizes at balls, nets by the pads they stand on, balls off pads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import hypot

from chipscale.errors import Problem
from chipscale.package.draft import Draft, add_nets
from chipscale.package.pads.source import MAX_LISTED, listed
from chipscale.package.pads_under import beyond_um, gap_um, pads_under
from chipscale.package.terminals import terminal
from chipscale.package.types import Assumption, Ball, Pad, RuleSet, Terminal
from chipscale.spec.read import SpecFile

# Sizes of redistribution metal and of openings under it: there are none here.
_REDISTRIBUTION = ("land_d_um", "pad_capture_um", "pi1_size_um")
_SLACK_UM = 1e-6


def sizes_on_pad(specfile: SpecFile, rules: RuleSet, pads: Sequence[Pad]) -> tuple[Terminal, tuple[Assumption, ...]]:
    """Return the sizes at balls on pads, and what was assumed; land, capture and first opening are those of no metal.

    The land counts as wide as the under-bump metal, so that distances around a ball are the ball's own.
    """
    spec = specfile.spec
    block = spec.terminal.model_copy(update=dict.fromkeys(_REDISTRIBUTION, 1.0))
    made, assumed = terminal(block, spec.balls.sphere_d_um, rules, pads)
    return replace(made, land_d_um=made.ubm_d_um, pad_capture_um=0.0, pi1_size_um=0.0), assumed


def foreign_sizes(specfile: SpecFile) -> list[Problem]:
    """Return the sizes of redistribution metal the file gives although it asks for none."""
    what = "without redistribution (rdl.layers: 0) there is nothing of this size"
    given = [name for name in _REDISTRIBUTION if getattr(specfile.spec.terminal, name) is not None]
    return [
        specfile.problem("terminal.no_metal", f"terminal.{name}", what, remedy="remove it, or rdl.layers: 1")
        for name in given
    ]


def add_nets_on_pads(draft: Draft) -> None:
    """Make the net list where every ball has the net of the pad it stands on, and name the balls that are off."""
    if draft.source is None or not draft.balls:
        add_nets(draft)
        return
    under = pads_under(draft.balls, draft.source.pads)
    given = {ball.name: ball.net for ball in draft.balls}
    kept = set(draft.specfile.spec.assignment.keep)
    draft.balls = tuple(
        replace(ball, net=under[ball.name].net)
        if ball.net is None and ball.name in under and ball.name not in kept
        else ball
        for ball in draft.balls
    )
    specfile, before = draft.specfile, len(draft.problems)
    draft.specfile = _fixed(specfile)
    add_nets(draft)
    draft.specfile = specfile
    off = _off_problems(draft, under, given) if draft.source.complete and draft.balls_known else []
    told = {"nets.ball_without_net", "nets.no_ball_nets"}  # told ball by ball
    draft.problems[before:] = [_worded(item) for item in draft.problems[before:] if item.code not in told] + off


def _fixed(specfile: SpecFile) -> SpecFile:
    """Return the file with nothing to assign: where a ball stands decides its net."""
    spec = specfile.spec
    assignment = spec.assignment.model_copy(update={"mode": "fixed", "supply_balls": None})
    return replace(specfile, spec=spec.model_copy(update={"assignment": assignment}))


def _worded(problem: Problem) -> Problem:
    if problem.code != "nets.net_without_ball":
        return problem
    return replace(problem, remedy="put a ball on one of them, or give the pads no net")


def _off_problems(draft: Draft, under: dict[str, Pad], given: dict[str, str | None]) -> list[Problem]:
    """Return every ball that does not stand whole on a pad of its net, with how far it is off."""
    assert draft.source is not None
    kept = set(draft.specfile.spec.assignment.keep)
    opening = draft.terminal.pi2_d_um if draft.terminal is not None else 0.0
    problems = []
    beyond: dict[tuple[float, ...], list[tuple[Ball, Pad]]] = {}
    for ball in draft.balls or ():
        pad, net = under.get(ball.name), given[ball.name]
        if ball.name in kept and net is None:
            continue
        if pad is None:
            problems.append(_no_pad(draft, ball, net))
        elif net is not None and pad.net != net:
            problems.append(_wrong_pad(draft, ball, pad, net))
        elif pad.net is None:
            what = f"ball {ball.name} stands on pad {pad.name}, which has no net"
            remedy = "give the pad a net, or name the ball in assignment.keep"
            problems.append(draft.specfile.problem("balls.off_pad", "balls", what, remedy=remedy))
        elif beyond_um(ball, pad, opening) > _SLACK_UM:
            place = (ball.x_um - pad.x_um, ball.y_um - pad.y_um, pad.size_x_um, pad.size_y_um)
            beyond.setdefault(tuple(round(value, 3) for value in place), []).append((ball, pad))
    problems += [_over_edge(draft, pairs, opening) for pairs in beyond.values()]
    more = len(problems) - MAX_LISTED
    if more > 0:
        what = f"{more} more balls do not stand on their pads"
        remedy = "check balls.offset_x_um, offset_y_um and the pads' offset, or redistribute: rdl.layers: 1"
        problems = problems[:MAX_LISTED]
        problems.append(draft.specfile.problem("balls.off_pad", "balls", what, remedy=remedy))
    return problems


def _no_pad(draft: Draft, ball: Ball, net: str | None) -> Problem:
    assert draft.source is not None
    own = [pad for pad in draft.source.pads if net is None or pad.net == net]
    nearest = min(own, key=lambda pad: gap_um(ball, pad), default=None)
    what = f"ball {ball.name}" + (f" of net {net}" if net else "") + " stands on no pad"
    value = f"({ball.x_um:g}, {ball.y_um:g}) µm"
    limit = ""
    if nearest is not None:
        whose = "its nearest pad" if net else "the nearest pad"
        limit = f"{whose}, {nearest.name}, begins {gap_um(ball, nearest):.1f} µm away"
    remedy = "put a pad under it, name it in assignment.keep, or redistribute: rdl.layers: 1"
    return draft.specfile.problem("balls.off_pad", _key(draft, ball), what, value, limit, remedy)


def _wrong_pad(draft: Draft, ball: Ball, pad: Pad, net: str) -> Problem:
    what = f"ball {ball.name} is to carry net {net} but stands on pad {pad.name} of net {pad.net}"
    remedy = f"give the ball net {pad.net}, or redistribute: rdl.layers: 1"
    return draft.specfile.problem("balls.wrong_pad", _key(draft, ball), what, net, str(pad.net), remedy)


def _over_edge(draft: Draft, pairs: Sequence[tuple[Ball, Pad]], opening: float) -> Problem:
    """Return the problem of balls that are all off their pads' centres the same way."""
    ball, pad = pairs[0]
    dx, dy = ball.x_um - pad.x_um, ball.y_um - pad.y_um
    one = len(pairs) == 1
    whose = f"ball {ball.name}" if one else f"balls {listed([item.name for item, _ in pairs])}"
    pads = f"its pad {pad.name}" if one else "their pads"
    beyond = f"{beyond_um(ball, pad, opening):.1f} µm"
    what = f"the PI2 opening{'' if one else 's'} of {whose} reach{'es' if one else ''} {beyond} beyond {pads}"
    value = f"{opening:g} µm wide, {hypot(dx, dy):.1f} µm off the pad's centre (x {dx:+.1f}, y {dy:+.1f})"
    limit = f"pad of {pad.size_x_um:g} x {pad.size_y_um:g} µm"
    remedy = (
        "a smaller terminal.pi2_d_um, a larger pad, or the ball on the pad's centre (balls.offset_x_um, offset_y_um)"
    )
    return draft.specfile.problem("balls.off_pad", "balls", what, value, limit, remedy)


def _key(draft: Draft, ball: Ball) -> str:
    named = draft.specfile.spec.balls.nets or {}
    return f"balls.nets.{ball.name}" if ball.name in named else "balls"
