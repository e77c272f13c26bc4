"""The fan-in wafer-level package: balls on the die's own area, joined to its pads by one redistribution layer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from chipscale.errors import InputError, Problem
from chipscale.package.ballmap import ball_map, min_distance_um, pitch_um
from chipscale.package.fan_in import fan_in
from chipscale.package.fan_in_question import question_of_spec
from chipscale.package.films import SILICON_UM, layer_plan, material_problems
from chipscale.package.netlist import NetList, net_list
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
)
from chipscale.results import Result
from chipscale.spec.die import SealRing
from chipscale.spec.read import SpecFile

A1Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]


@dataclass(slots=True)
class _Parts:
    """What has been made so far of a package, and everything found wrong on the way."""

    specfile: SpecFile
    problems: list[Problem] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    rules: RuleSet | None = None
    source: PadSource | None = None
    balls: tuple[Ball, ...] | None = None
    nets_known: bool = True  # False when the ball map could be made only without its nets
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

    def build(self, specfile: SpecFile) -> Package:
        """Return the package the file describes, every default resolved.

        Raises InputError with all problems of pads, balls, nets, rules, sizes and keep-outs at once.
        """
        parts = _Parts(specfile)
        _rules(parts)
        _pads(parts)
        _balls(parts)
        parts.keepouts, problems = keepouts(specfile)
        parts.problems += problems + die_problems(specfile) + material_problems(specfile)
        _sizes(parts)
        _nets(parts)
        if parts.problems:
            raise InputError(in_file_order(parts.problems, str(specfile.path)))
        return _package(parts)

    def feasible(self, specfile: SpecFile) -> Result:
        """Return the answer to "is it a fan-in?" from the file's blocks, even where no package can be built of them.

        Raises InputError when pads or rules can't be read: without them there is no answer.
        """
        parts = _Parts(specfile)
        _rules(parts)
        _pads(parts)
        if parts.rules is None or parts.source is None:
            raise InputError(in_file_order(parts.problems, str(specfile.path)))
        spec = specfile.spec
        try:
            balls = ball_map(spec.balls, spec.die.size_x_um, spec.die.size_y_um, specfile.folder)
        except InputError:
            balls = ()  # what is wrong with the map is said when the package is built
        return fan_in(question_of_spec(spec, parts.source.pads, parts.rules, balls))


def located(specfile: SpecFile, problem: Problem) -> Problem:
    """Return the problem with the package file's name and the line of its key, where it names no file itself."""
    if problem.file:
        return problem
    key = f"{problem.key}.{problem.value}" if problem.key == "balls.nets" and problem.value else problem.key
    return replace(problem, file=str(specfile.path), line=specfile.line(key))


def in_file_order(problems: list[Problem], main_file: str) -> list[Problem]:
    """Return the problems without repeats: the package file's first, each file's by line."""
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda item: (item.file != main_file, item.file, item.line or 0, item.key))


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
    """Make the ball map; when only its nets are wrong, make it without them so that the rest can be checked."""
    block, die, folder = parts.specfile.spec.balls, parts.specfile.spec.die, parts.specfile.folder
    try:
        parts.balls = ball_map(block, die.size_x_um, die.size_y_um, folder)
        return
    except InputError as error:
        parts.fail(error)
    parts.nets_known = False
    try:
        bare = block.model_copy(update={"nets": None, "nets_csv": None})
        parts.balls = ball_map(bare, die.size_x_um, die.size_y_um, folder)
    except InputError:
        parts.balls = None


def _sizes(parts: _Parts) -> None:
    if parts.rules is None:
        return
    spec = parts.specfile.spec
    pads = parts.source.pads if parts.source is not None else ()
    parts.terminal, assumed = terminal(spec.terminal, spec.balls.sphere_d_um, parts.rules, pads)
    parts.wire_um, assumed_wire = wire(spec.rdl, parts.rules)
    parts.assumptions += [*assumed, *assumed_wire]
    parts.problems += terminal_problems(parts.specfile, parts.terminal)
    if parts.balls is not None:
        distance = min_distance_um(parts.balls)
        parts.problems += ball_problems(parts.specfile, parts.balls, parts.terminal, distance)


def _nets(parts: _Parts) -> None:
    if parts.source is None or parts.balls is None or not parts.nets_known:
        return
    parts.nets, problems = net_list(parts.specfile, parts.source, parts.balls, parts.wire_um)
    parts.assumptions += parts.nets.assumptions
    parts.problems += problems


def _die(parts: _Parts) -> Die:
    block = parts.specfile.spec.die
    thickness = block.thickness_um
    if thickness is None:
        thickness, why = SILICON_UM
        parts.assumptions.append(Assumption("silicon thickness", f"{thickness:g} µm", why))
    ring = block.seal_ring
    if ring is None:
        ring = SealRing()
        taken = f"{ring.width_um:g} µm wide, {ring.inset_um:g} µm from the die's edge"
        parts.assumptions.append(Assumption("seal ring", taken, "die.seal_ring is not given"))
    return Die(block.size_x_um, block.size_y_um, thickness, ring.width_um, ring.inset_um)


def _package(parts: _Parts) -> Package:
    spec = parts.specfile.spec
    assert parts.source is not None
    assert parts.balls is not None
    assert parts.nets is not None
    assert parts.terminal is not None
    assert parts.rules is not None
    pitch_x_um, pitch_y_um = pitch_um(spec.balls, parts.balls)
    layers, films = layer_plan(parts.specfile)
    die = _die(parts)
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
        assumptions=(*parts.assumptions, *films),
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
