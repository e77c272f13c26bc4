"""A package in the making: what a file's blocks give one after the other, and everything found wrong on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chipscale.errors import InputError, Problem
from chipscale.package.ballmap import draft_ball_map, min_distance_um, pitch_um
from chipscale.package.flow_plan import flow_plan, wafer_facts
from chipscale.package.netlist import NetList, net_classes, net_list
from chipscale.package.pads import PadSource, read_pad_source
from chipscale.package.rules import load_rules, with_overrides
from chipscale.package.terminals import wire
from chipscale.package.types import (
    AssignmentPlan,
    Assumption,
    Ball,
    Die,
    FlowPlan,
    Grooves,
    Keepout,
    LayerPlan,
    Package,
    RuleSet,
    Terminal,
)
from chipscale.package.validity import die_problems, keepouts, pad_problems, wire_problems
from chipscale.spec.located import located
from chipscale.spec.read import SpecFile

A1Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
# What can be wrong with the nets whichever pads and balls there are.
OF_THE_FILE = {
    "nets.unknown_ball",
    "nets.kept_ball",
    "nets.empty_class",
    "nets.two_classes",
    "nets.supply_balls",
}


@dataclass(slots=True)
class Draft:
    """What has been made so far of a package, and everything found wrong on the way."""

    specfile: SpecFile
    problems: list[Problem] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    rules: RuleSet | None = None
    source: PadSource | None = None
    balls: tuple[Ball, ...] | None = None  # as far as they could be made
    balls_known: bool = True  # False when some of the balls could not be made
    nets_known: bool = True  # False when a net given to a ball could not be read
    keepouts: tuple[Keepout, ...] = ()
    terminal: Terminal | None = None
    wire_um: tuple[float, float] = (0.0, 0.0)
    nets: NetList | None = None
    grooves: Grooves | None = None  # of packages that have them
    flow: FlowPlan | None = None  # None: the flow's own file could not be read

    def fail(self, error: InputError) -> None:
        """Keep the problems of a part, with file and line of the package file where they have none."""
        self.problems += [located(self.specfile, problem) for problem in error.problems]


def drafted(specfile: SpecFile, rules: str) -> Draft:
    """Return a draft with rules (`rules`: the set where the file names none), pads, balls, keep-outs and wires."""
    draft = Draft(specfile)
    _rules(draft, rules)
    _pads(draft)
    _balls(draft)
    draft.keepouts, problems = keepouts(specfile)
    draft.problems += problems + die_problems(specfile)
    if draft.rules is not None:
        draft.problems += wire_problems(specfile, draft.rules)
        draft.wire_um, assumed = wire(specfile.spec.rdl, draft.rules)
        draft.assumptions += assumed
    return draft


def _rules(draft: Draft, default: str) -> None:
    spec = draft.specfile.spec
    try:
        draft.rules = load_rules(spec.rules or default, draft.specfile.folder)
    except InputError as error:
        draft.fail(error)
    try:
        base = draft.rules or RuleSet("", "", "", {})
        overridden = with_overrides(base, spec.rule_overrides)
    except InputError as error:
        draft.fail(error)
        return
    if draft.rules is not None:
        draft.rules = overridden


def _pads(draft: Draft) -> None:
    try:
        draft.source = read_pad_source(draft.specfile)
    except InputError as error:
        draft.fail(error)
        return
    draft.assumptions += draft.source.assumptions
    draft.problems += [located(draft.specfile, problem) for problem in draft.source.problems]
    draft.problems += pad_problems(draft.specfile, draft.source)


def _balls(draft: Draft) -> None:
    specfile = draft.specfile
    die = specfile.spec.die
    found = draft_ball_map(specfile.spec.balls, (die.size_x_um, die.size_y_um), specfile.folder)
    draft.problems += [located(specfile, problem) for problem in found.problems]
    draft.balls = found.balls
    draft.balls_known, draft.nets_known = found.complete, found.nets_complete


def add_nets(draft: Draft) -> None:
    """Make the net list; with pads or balls that are not all known, only what is wrong all the same is told."""
    source = draft.source or PadSource((), complete=False)
    if not draft.balls or not draft.balls_known:
        if source.complete:
            nets = sorted({pad.net for pad in source.pads if pad.net is not None})
            draft.problems += net_classes(draft.specfile, nets, draft.wire_um)[2]
        return
    draft.nets, problems = net_list(draft.specfile, source, draft.balls, draft.wire_um)
    draft.assumptions += draft.nets.assumptions
    sure = source.complete and draft.nets_known
    draft.problems += [problem for problem in problems if sure or problem.code in OF_THE_FILE]


def add_flow(draft: Draft, default: str) -> None:
    """Add the plan of the flow; `default` is the family's flow where the file names none."""
    plan, problems = flow_plan(draft.specfile, default)
    draft.problems += problems
    draft.flow = None if problems else plan


def sketched(draft: Draft) -> Draft | None:
    """Return the draft with nothing in place of pads, balls and nets that are wrong; None where sizes are missing.

    What a package made of it says of films, sizes at the balls, wafer and flow is the file's.
    """
    if draft.rules is None or draft.terminal is None or draft.flow is None:
        return None
    source, balls = draft.source or PadSource(()), draft.balls or ()
    nets = draft.nets or NetList((), (), balls, AssignmentPlan(), ())
    return replace(draft, source=source, balls=balls, nets=nets)


def ball_distance_um(draft: Draft) -> float:
    """Return the distance of the nearest two balls, for a single ball the die's shorter side."""
    die = draft.specfile.spec.die
    balls = draft.balls or ()
    return min_distance_um(balls) if len(balls) > 1 else min(die.size_x_um, die.size_y_um)


def package_of(draft: Draft, die: Die, layers: LayerPlan, assumed: Iterable[Assumption] = (), **more: Any) -> Package:
    """Return the package a draft without problems makes; `more` are fields only one family has."""
    spec = draft.specfile.spec
    assert draft.source is not None
    assert draft.balls is not None
    assert draft.nets is not None
    assert draft.terminal is not None
    assert draft.rules is not None
    assert draft.flow is not None
    pitch_x_um, pitch_y_um = pitch_um(spec.balls, draft.balls) if draft.balls else (0.0, 0.0)
    return Package(
        name=spec.name,
        title=spec.title or spec.name,
        family=spec.family,
        die=die,
        pads=draft.source.pads,
        balls=draft.nets.balls,
        nets=draft.nets.nets,
        classes=draft.nets.classes,
        rules=draft.rules,
        terminal=draft.terminal,
        layers=layers,
        pitch_x_um=pitch_x_um,
        pitch_y_um=pitch_y_um,
        min_ball_distance_um=ball_distance_um(draft),
        rdl_layers=spec.rdl.layers,
        angles=spec.rdl.angles,
        spread=spec.rdl.spread,
        seed=spec.seed,
        keepouts=draft.keepouts,
        assumptions=(*draft.assumptions, *assumed),
        attribution=tuple(spec.attribution),
        package_size_um=(die.size_x_um, die.size_y_um),
        a1_corner=_a1_corner(spec.balls.a1_corner, spec.balls.view),
        teardrops=spec.rdl.teardrops,
        targets={name: target.model_dump(exclude_none=True) for name, target in spec.targets.items()},
        assignment=draft.nets.plan,
        flow=draft.flow,
        wafer=wafer_facts(spec.wafer),
        grooves=draft.grooves,
        **more,
    )


def _a1_corner(corner: str, view: str) -> A1Corner:
    """Return the A1 corner in the die view of a corner given in `view`; the board view is mirrored in x."""
    vertical, _, side = corner.partition("_")
    if view == "board":
        side = "left" if side == "right" else "right"
    return f"{vertical}_{side}"  # type: ignore[return-value]
