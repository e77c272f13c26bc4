"""What can't be as it is given: sizes against each other, pads, balls and keep-outs against the die."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from chipscale.errors import Problem
from chipscale.package.pads.source import MAX_LISTED, PadSource, listed
from chipscale.package.types import Ball, Keepout, RuleSet, Terminal
from chipscale.spec.die import SealRing
from chipscale.spec.read import SpecFile

_SLACK_UM = 1e-6


def pad_problems(specfile: SpecFile, source: PadSource) -> list[Problem]:
    """Return pads outside the die or over each other, each with its line in the source."""
    die = specfile.spec.die
    size = (die.size_x_um, die.size_y_um)
    problems = []
    outside = [
        pad
        for pad in source.pads
        if abs(pad.x_um - size[0] / 2) + pad.size_x_um / 2 > size[0] / 2 + _SLACK_UM
        or abs(pad.y_um - size[1] / 2) + pad.size_y_um / 2 > size[1] / 2 + _SLACK_UM
    ]
    for pad in outside[:MAX_LISTED]:
        value = f"{pad.size_x_um:g} x {pad.size_y_um:g} µm at ({pad.x_um:g}, {pad.y_um:g})"
        problem = specfile.problem(
            "pads.outside",
            "die.pads",
            f"pad '{pad.name}' reaches outside the die",
            value,
            f"0 to {size[0]:g}, 0 to {size[1]:g} µm",
            "is the origin the die's lower left corner?",
        )
        problems.append(_at_pad(problem, source, pad.name))
    if len(outside) > MAX_LISTED:
        what = f"{len(outside)} pads reach outside the die; the first {MAX_LISTED} are named above"
        remedy = "check die.size_x_um, die.size_y_um and die.pads.offset_x_um, offset_y_um"
        problems.append(specfile.problem("pads.outside", "die.pads", what, remedy=remedy))
    pairs = overlapping(source)
    for one, two in pairs[:MAX_LISTED]:
        remedy = "move one, or correct the pad size"
        what = f"pads '{one}' and '{two}' overlap"
        problem = specfile.problem("pads.overlap", "die.pads", what, remedy=remedy)
        problems.append(_at_pad(problem, source, two))
    if len(pairs) > MAX_LISTED:
        what = f"{len(pairs)} pairs of pads overlap; the first {MAX_LISTED} are named above"
        remedy = "check the pads' size and pitch"
        problems.append(specfile.problem("pads.overlap", "die.pads", what, remedy=remedy))
    return problems


def overlapping(source: PadSource) -> list[tuple[str, str]]:
    """Return the pairs of pads that share area, in the order of the source."""
    from shapely import STRtree, box

    pads = source.pads
    if len(pads) < 2:
        return []
    half = [(pad.size_x_um / 2 - _SLACK_UM, pad.size_y_um / 2 - _SLACK_UM) for pad in pads]
    boxes = [
        box(pad.x_um - dx, pad.y_um - dy, pad.x_um + dx, pad.y_um + dy)
        for pad, (dx, dy) in zip(pads, half, strict=True)
    ]
    found = STRtree(boxes).query(boxes, predicate="intersects").T
    return [(pads[i].name, pads[j].name) for i, j in sorted(map(tuple, found.tolist())) if i < j]


def _at_pad(problem: Problem, source: PadSource, name: str) -> Problem:
    line = source.lines.get(name)
    return replace(problem, file=source.file, line=line, key="pad") if line is not None else problem


def ball_problems(specfile: SpecFile, balls: Sequence[Ball], made: Terminal, distance_um: float) -> list[Problem]:
    """Return balls outside the die and sizes that can't go with the distance between balls (µm)."""
    die = specfile.spec.die
    problems = []
    if made.sphere_d_um < distance_um <= made.ball_d_um:
        problems.append(
            specfile.problem(
                "balls.larger_than_pitch",
                "balls.sphere_d_um",
                f"the ball is {made.ball_d_um:.1f} µm wide after reflow: neighbours touch",
                f"{made.sphere_d_um:g}",
                f"reflowed ball < {distance_um:g} µm between balls",
                "a smaller sphere, a larger UBM or a larger pitch",
            )
        )
    for key, size, name in (("ubm_d_um", made.ubm_d_um, "UBM"), ("land_d_um", made.land_d_um, "land")):
        if size >= distance_um > made.sphere_d_um:  # closer ones are balls that touch, told by the ball map
            what = f"the {name} is not smaller than the distance between balls"
            remedy = "make it smaller, or the pitch larger"
            key = f"terminal.{key}"
            problems.append(specfile.problem("terminal.pitch", key, what, f"{size:g}", f"< {distance_um:g} µm", remedy))
    reach = max(made.ball_d_um, made.land_d_um, made.ubm_d_um) / 2
    xy = np.array([(ball.x_um, ball.y_um) for ball in balls]).reshape(-1, 2)
    size_um = np.array([die.size_x_um, die.size_y_um])
    out = np.any((xy - reach < -_SLACK_UM) | (xy + reach > size_um + _SLACK_UM), axis=1)
    if out.any():
        problems.append(_balls_outside(specfile, balls, xy, (out, reach)))
    return problems


def _balls_outside(specfile: SpecFile, balls: Sequence[Ball], xy: np.ndarray, out: tuple[np.ndarray, float]) -> Problem:
    die = specfile.spec.die
    outside, reach = out
    names = [ball.name for ball, bad in zip(balls, outside, strict=True) if bad]
    need = xy.max(axis=0) - xy.min(axis=0) + 2 * reach
    fits = bool((need <= (die.size_x_um, die.size_y_um)).all())
    remedy = f"the array is {need[0]:.0f} x {need[1]:.0f} µm with its balls: " + (
        "centre it (balls.offset_x_um, offset_y_um)" if fits else "fewer balls, a smaller pitch, or a fan-out"
    )
    return specfile.problem(
        "balls.outside",
        "balls",
        f"{len(names)} of {len(balls)} balls reach outside the die: {listed(names)}",
        f"reach {reach:.1f} µm around each centre",
        f"0 to {die.size_x_um:g}, 0 to {die.size_y_um:g} µm",
        remedy,
    )


def terminal_problems(specfile: SpecFile, made: Terminal) -> list[Problem]:
    """Return sizes that contradict each other; how much one must enclose another is left to the design rules."""
    pairs = (
        ("pi2_d_um", made.pi2_d_um, "PI2 opening", "the UBM", made.ubm_d_um),
        ("pi2_d_um", made.pi2_d_um, "PI2 opening", "the land", made.land_d_um),
        ("ubm_d_um", made.ubm_d_um, "UBM", "the land", made.land_d_um),
        ("pi1_size_um", made.pi1_size_um, "PI1 opening", "the pad's capture", made.pad_capture_um or float("inf")),
    )
    problems = [
        specfile.problem(
            "terminal.larger",
            f"terminal.{key}",
            f"the {name} is larger than {other}",
            f"{size:g}",
            f"<= {limit:g} µm",
            "make it smaller, or the other larger",
        )
        for key, size, name, other, limit in pairs
        if size > limit + _SLACK_UM
    ]
    if made.pi2_d_um <= 0:
        what = "no PI2 opening is left inside the UBM"
        remedy = "give terminal.ubm_d_um or terminal.pi2_d_um"
        problems.append(specfile.problem("terminal.pi2", "terminal", what, f"{made.pi2_d_um:g}", "> 0 µm", remedy))
    return problems


def wire_problems(specfile: SpecFile, rules: RuleSet) -> list[Problem]:
    """Return the wire widths and spaces the file gives below what the rule set allows."""
    spec = specfile.spec
    given = [("rdl", spec.rdl.width_um, spec.rdl.space_um)]
    given += [(f"nets.{name}", block.width_um, block.space_um) for name, block in spec.nets.items()]
    problems = []
    for block, width, space in given:
        for word, value in (("width", width), ("space", space)):
            rule = f"rdl_min_{word}_um"
            least = rules.values.get(rule)
            if value is None or least is None or value >= least - rules.rounded_um.get(rule, 0.0) - _SLACK_UM:
                continue
            source = f": {rules.sources[rule]}" if rules.sources.get(rule) else ""
            limit = f">= {least:g} µm ({rule} of {rules.name}{source})"
            remedy = f"give {least:g} or more, or override the rule: rule_overrides: {{{rule}: {value:g}}}"
            what = f"the wires' {word} is below the rule set's minimum"
            problems.append(specfile.problem(f"rdl.{word}", f"{block}.{word}_um", what, f"{value:g} µm", limit, remedy))
    return problems


def die_problems(specfile: SpecFile) -> list[Problem]:
    """Return what is absurd about the die: larger than its wafer, seal ring wider than the die."""
    spec = specfile.spec
    die = spec.die
    problems = []
    diagonal_mm = float(np.hypot(die.size_x_um, die.size_y_um)) / 1000
    usable_mm = spec.wafer.diameter_mm - 2 * spec.wafer.edge_exclusion_mm
    if diagonal_mm > usable_mm:
        problems.append(
            specfile.problem(
                "die.too_large",
                "die.size_x_um",
                "the die does not fit on the wafer",
                f"diagonal {diagonal_mm:g} mm",
                f"<= {usable_mm:g} mm",
                "sizes are in µm, not nm",
            )
        )
    ring = spec.die.seal_ring or SealRing()
    if 2 * (ring.width_um + ring.inset_um) >= min(die.size_x_um, die.size_y_um):
        value = f"{ring.inset_um:g} + {ring.width_um:g} µm"
        limit = f"< half of {min(die.size_x_um, die.size_y_um):g} µm"
        what = "the seal ring leaves nothing of the die"
        remedy = "make it narrower" if spec.die.seal_ring else "give die.seal_ring or a larger die; sizes are in µm"
        problems.append(specfile.problem("die.seal_ring", "die.seal_ring", what, value, limit, remedy))
    return problems


def keepouts(specfile: SpecFile) -> tuple[tuple[Keepout, ...], list[Problem]]:
    """Return the keep-outs as polygons and what is wrong with them."""
    from shapely import Polygon

    die = specfile.spec.die
    made: list[Keepout] = []
    problems: list[Problem] = []
    for i, area in enumerate(die.keepouts):
        key = f"die.keepouts.{i}"
        if (area.rect_um is None) == (area.points_um is None):
            what = f"keep-out '{area.name}' needs exactly one of rect_um and points_um"
            problems.append(specfile.problem("die.keepout", key, what, remedy="give one of the two"))
            continue
        if area.rect_um is not None:
            x0, y0, x1, y1 = area.rect_um
            points = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
        else:
            points = [(x, y) for x, y in area.points_um or []]
        polygon = Polygon(points)
        if not polygon.is_valid or polygon.area <= 0:
            what = f"keep-out '{area.name}' has no area or crosses itself"
            problems.append(specfile.problem("die.keepout", key, what, remedy="give its corners in order"))
            continue
        low, high = np.min(points, axis=0), np.max(points, axis=0)
        if (low < -_SLACK_UM).any() or (high > np.array([die.size_x_um, die.size_y_um]) + _SLACK_UM).any():
            value = f"({low[0]:g}, {low[1]:g}) to ({high[0]:g}, {high[1]:g})"
            limit = f"(0, 0) to ({die.size_x_um:g}, {die.size_y_um:g}) µm"
            what = f"keep-out '{area.name}' reaches outside the die"
            remedy = "cut it at the die's edge"
            problems.append(specfile.problem("die.keepout_outside", key, what, value, limit, remedy))
            continue
        made.append(Keepout(area.name, tuple(points) if polygon.exterior.is_ccw else tuple(reversed(points))))
    return tuple(made), problems
