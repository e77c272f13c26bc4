"""The fan-in wafer-level package: balls on the die's own area, joined to its pads by one redistribution layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chipscale.errors import InputError, Problem
from chipscale.package.ballmap import draft_ball_map, min_distance_um, pitch_um
from chipscale.package.fan_in import fan_in
from chipscale.package.fan_in_question import question_of_spec
from chipscale.package.films import SILICON_UM, layer_plan, material_problems
from chipscale.package.netlist import NetList, net_classes, net_list
from chipscale.package.pads import PadSource, read_pad_source
from chipscale.package.rules import load_rules, with_overrides
from chipscale.package.terminals import terminal, wire
from chipscale.package.types import Assumption, Ball, Die, Keepout, Package, RuleSet, Terminal
from chipscale.package.validity import (
    ball_problems,
    die_problems,
    keepouts,
    pad_problems,
    terminal_problems,
    wire_problems,
)
from chipscale.results import Result
from chipscale.spec.die import SealRing
from chipscale.spec.located import in_file_order, located
from chipscale.spec.read import SpecFile

A1Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
# What only says that the array is too much for the die: the answer to "is it a fan-in?", not a fault of the file.
DOES_NOT_FIT = {"balls.outside", "nets.too_few_balls"}
# What can be wrong with the nets whichever pads and balls there are.
OF_THE_FILE = {
    "nets.unknown_ball",
    "nets.kept_ball",
    "nets.empty_class",
    "nets.two_classes",
    "nets.supply_balls",
}


@dataclass(slots=True)
class _Parts:
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

    def fail(self, error: InputError) -> None:
        """Keep the problems of a part, with file and line of the package file where they have none."""
        self.problems += [located(self.specfile, problem) for problem in error.problems]


class FanInWlcsp:
    """Family `fan_in_wlcsp`: the package is the die."""

    name = "fan_in_wlcsp"

    def __init__(self) -> None:
        self._made: tuple[SpecFile, _Parts] | None = None

    def _parts(self, specfile: SpecFile) -> _Parts:
        """Return the parts of the file and all its problems; kept for the last file asked about."""
        if self._made is None or self._made[0] is not specfile:
            self._made = (specfile, _parts_of(specfile))
        return self._made[1]

    def build(self, specfile: SpecFile) -> Package:
        """Return the package the file describes, every default resolved.

        Raises InputError with all problems of pads, balls, nets, rules, sizes and keep-outs at once.
        """
        parts = self._parts(specfile)
        if parts.problems:
            raise InputError(in_file_order(parts.problems, str(specfile.path)))
        return _package(parts)

    def feasible(self, specfile: SpecFile) -> Result:
        """Return the answer to "is it a fan-in?", even where the array asked for does not fit on the die.

        Raises InputError with all problems of the file when there is any other.
        """
        parts = self._parts(specfile)
        if any(problem.code not in DOES_NOT_FIT for problem in parts.problems):
            raise InputError(in_file_order(parts.problems, str(specfile.path)))
        assert parts.rules is not None
        assert parts.source is not None
        return fan_in(question_of_spec(specfile.spec, parts.source.pads, parts.rules, parts.balls or ()))

    def array(self, specfile: SpecFile) -> tuple[float, float] | None:
        """Return the distance of the nearest balls and the reflowed balls' diameter in µm; None when unknown."""
        parts = self._parts(specfile)
        if not parts.balls or parts.terminal is None:
            return None
        die = specfile.spec.die
        distance = min_distance_um(parts.balls) if len(parts.balls) > 1 else min(die.size_x_um, die.size_y_um)
        return (distance, parts.terminal.ball_d_um) if distance > 0 else None


def _parts_of(specfile: SpecFile) -> _Parts:
    parts = _Parts(specfile)
    _rules(parts)
    _pads(parts)
    _balls(parts)
    parts.keepouts, problems = keepouts(specfile)
    parts.problems += problems + die_problems(specfile) + material_problems(specfile)
    _sizes(parts)
    _nets(parts)
    return parts


def _rules(parts: _Parts) -> None:
    spec = parts.specfile.spec
    try:
        parts.rules = load_rules(spec.rules, parts.specfile.folder)
    except InputError as error:
        parts.fail(error)
    try:
        base = parts.rules or RuleSet("", "", "", {})
        overridden = with_overrides(base, spec.rule_overrides)
    except InputError as error:
        parts.fail(error)
        return
    if parts.rules is not None:
        parts.rules = overridden


def _pads(parts: _Parts) -> None:
    try:
        parts.source = read_pad_source(parts.specfile)
    except InputError as error:
        parts.fail(error)
        return
    parts.assumptions += parts.source.assumptions
    parts.problems += [located(parts.specfile, problem) for problem in parts.source.problems]
    parts.problems += pad_problems(parts.specfile, parts.source)


def _balls(parts: _Parts) -> None:
    specfile = parts.specfile
    die = specfile.spec.die
    draft = draft_ball_map(specfile.spec.balls, (die.size_x_um, die.size_y_um), specfile.folder)
    parts.problems += [located(specfile, problem) for problem in draft.problems]
    parts.balls = draft.balls
    parts.balls_known, parts.nets_known = draft.complete, draft.nets_complete


def _sizes(parts: _Parts) -> None:
    if parts.rules is None:
        return
    spec = parts.specfile.spec
    parts.problems += wire_problems(parts.specfile, parts.rules)
    pads = parts.source.pads if parts.source is not None else ()
    parts.terminal, assumed = terminal(spec.terminal, spec.balls.sphere_d_um, parts.rules, pads)
    parts.wire_um, assumed_wire = wire(spec.rdl, parts.rules)
    parts.assumptions += [*assumed, *assumed_wire]
    parts.problems += terminal_problems(parts.specfile, parts.terminal)
    if parts.balls:
        distance = min_distance_um(parts.balls)
        parts.problems += ball_problems(parts.specfile, parts.balls, parts.terminal, distance)


def _nets(parts: _Parts) -> None:
    """Make the net list; with pads or balls that are not all known, only what is wrong all the same is told."""
    source = parts.source or PadSource((), complete=False)
    if not parts.balls or not parts.balls_known:
        if source.complete:
            nets = sorted({pad.net for pad in source.pads if pad.net is not None})
            parts.problems += net_classes(parts.specfile, nets, parts.wire_um)[2]
        return
    parts.nets, problems = net_list(parts.specfile, source, parts.balls, parts.wire_um)
    parts.assumptions += parts.nets.assumptions
    sure = source.complete and parts.nets_known
    parts.problems += [problem for problem in problems if sure or problem.code in OF_THE_FILE]


def _die(specfile: SpecFile) -> tuple[Die, list[Assumption]]:
    block = specfile.spec.die
    assumptions = []
    thickness = block.thickness_um
    if thickness is None:
        thickness, why = SILICON_UM
        assumptions.append(Assumption("silicon thickness", f"{thickness:g} µm", why))
    ring = block.seal_ring
    if ring is None:
        ring = SealRing()
        taken = f"{ring.width_um:g} µm wide, {ring.inset_um:g} µm from the die's edge"
        assumptions.append(Assumption("seal ring", taken, "die.seal_ring is not given"))
    return Die(block.size_x_um, block.size_y_um, thickness, ring.width_um, ring.inset_um), assumptions


def _package(parts: _Parts) -> Package:
    spec = parts.specfile.spec
    assert parts.source is not None
    assert parts.balls is not None
    assert parts.nets is not None
    assert parts.terminal is not None
    assert parts.rules is not None
    pitch_x_um, pitch_y_um = pitch_um(spec.balls, parts.balls)
    layers, films = layer_plan(parts.specfile)
    die, assumed = _die(parts.specfile)
    distance = min_distance_um(parts.balls)
    return Package(
        name=spec.name,
        title=spec.title or spec.name,
        family=spec.family,
        die=die,
        pads=parts.source.pads,
        balls=parts.nets.balls,
        nets=parts.nets.nets,
        classes=parts.nets.classes,
        rules=parts.rules,
        terminal=parts.terminal,
        layers=layers,
        pitch_x_um=pitch_x_um,
        pitch_y_um=pitch_y_um,
        min_ball_distance_um=distance if len(parts.balls) > 1 else min(die.size_x_um, die.size_y_um),
        rdl_layers=spec.rdl.layers,
        angles=spec.rdl.angles,
        spread=spec.rdl.spread,
        seed=spec.seed,
        keepouts=parts.keepouts,
        assumptions=(*parts.assumptions, *assumed, *films),
        attribution=tuple(spec.attribution),
        package_size_um=(die.size_x_um, die.size_y_um),
        a1_corner=_a1_corner(spec.balls.a1_corner, spec.balls.view),
        teardrops=spec.rdl.teardrops,
        targets={name: target.model_dump(exclude_none=True) for name, target in spec.targets.items()},
        assignment=parts.nets.plan,
    )


def _a1_corner(corner: str, view: str) -> A1Corner:
    """Return the A1 corner in the die view of a corner given in `view`; the board view is mirrored in x."""
    vertical, _, side = corner.partition("_")
    if view == "board":
        side = "left" if side == "right" else "right"
    return f"{vertical}_{side}"  # type: ignore[return-value]
