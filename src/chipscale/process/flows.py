"""Flows by name, and the flow of one package: the text, when it is thinned, the edits, the values of the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.flow_file import parse_flow
from chipscale.package.types import FlowChange, FlowLine, FlowPlan, FlowStep, FlowText, Package
from chipscale.process.edit import Placed, edited, option_key
from chipscale.process.flow_values import FlowValueError, holds, value


@dataclass(frozen=True, slots=True)
class Drafted:
    """The flow of a package as far as it could be made: steps with values, where each is from, what is wrong."""

    steps: tuple[FlowStep, ...]
    placed: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def list_flows() -> tuple[str, ...]:
    """Return the names of the flows that come with chipscale, sorted."""
    folder = resources.files("chipscale.process") / "flow_data"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml")))


@lru_cache(maxsize=32)
def load_flow(name: str) -> FlowText:
    """Return one of the flows that come with chipscale; InputError with the nearest names when there is none."""
    if name not in list_flows():
        remedy = did_you_mean(name, list_flows()) + "; or the path of a .toml of your own"
        raise InputError([Problem("flow.unknown_flow", "unknown flow", key="flow.base", value=name, remedy=remedy)])
    text = (resources.files("chipscale.process") / "flow_data" / f"{name}.toml").read_text("utf-8")
    return parse_flow(text, name)


def flow_of(package: Package) -> tuple[FlowStep, ...]:
    """Return the steps that make the package, every value set; InputError with everything wrong with flow and edits.

    Problems are keyed as the package file has them: `flow.base`, `flow.edits.2.recipe.thickness_um`. Kinds of steps,
    options, ranges and order are judged by `flow.plan`.
    """
    drafted = draft_of(package)
    if drafted.problems:
        raise InputError(drafted.problems)
    return drafted.steps


def draft_of(package: Package, edits: int | None = None) -> Drafted:
    """Return the flow of the package as far as it can be made; `edits`: only the first so many."""
    plan = package.flow
    try:
        text = plan.own if plan.own is not None else load_flow(plan.base)
    except InputError as error:
        return Drafted((), (), error.problems)
    lines, left_out, problems = _own_lines(text, package)
    problems += _suits_problems(text, package)
    lines = _thinned(lines, text, plan)
    changes = plan.changes if edits is None else plan.changes[:edits]
    placed, wrong = edited([Placed(line.step, line.line) for line in lines], changes, left_out)
    problems += wrong
    steps = []
    for item in placed:
        step, wrong = _valued(item, package, changes)
        problems += wrong
        steps.append(step)
    return Drafted(tuple(steps), tuple(placed), tuple(problems))


def _own_lines(text: FlowText, package: Package) -> tuple[list[FlowLine], dict[str, str], list[Problem]]:
    """Return the steps the package gets, the labels of the others with why, and conditions that can't be read."""
    kept, left_out, problems = [], {}, []
    for line in text.lines:
        try:
            missed = [condition for condition in line.when if not holds(condition, package)]
        except FlowValueError as error:
            problems.append(_in_file(text, line, "when", error))
            continue
        if missed:
            left_out[line.step.title] = f"it is for packages with {' and '.join(missed)}"
        else:
            kept.append(line)
    return kept, left_out, problems


def _in_file(text: FlowText, line: FlowLine, key: str, error: FlowValueError) -> Problem:
    place = f"step {line.step.title}.{key}"
    return Problem("flow.value", error.what, text.file, line.line if text.file else None, place, remedy=error.remedy)


def _suits_problems(text: FlowText, package: Package) -> list[Problem]:
    """Return the conditions of the flow that the package does not meet."""
    problems = []
    for condition, why in text.suits.items():
        try:
            suited = holds(condition, package)
        except FlowValueError as error:
            problems.append(Problem("flow.value", error.what, text.file, None, "suits", remedy=error.remedy))
            continue
        if not suited:
            what = f"the flow '{text.name}' does not suit this package: {why or condition}"
            fitting = [name for name in list_flows() if name != text.name and suits(load_flow(name), package)]
            remedy = f"flows that suit it: {', '.join(fitting)}" if fitting else "`chipscale list flows` names others"
            problems.append(Problem("flow.suits", what, "", None, "flow.base", text.name, condition, remedy))
    return problems


def suits(text: FlowText, package: Package) -> bool:
    """Tell whether the package meets every condition of the flow."""
    try:
        return all(holds(condition, package) for condition in text.suits)
    except FlowValueError:
        return False


def _thinned(lines: list[FlowLine], text: FlowText, plan: FlowPlan) -> list[FlowLine]:
    """Return the steps with those of the thinning where the plan wants them."""
    if plan.thinning == "after_bumping" or not text.thin_before:
        return lines
    moved = [line for line in lines if line.thinning]
    rest = [line for line in lines if not line.thinning]
    at = next((place for place, line in enumerate(rest) if line.step.title == text.thin_before), None)
    return lines if at is None else rest[:at] + moved + rest[at:]


def _valued(item: Placed, package: Package, changes: Sequence[FlowChange]) -> tuple[FlowStep, list[Problem]]:
    """Return the step with every expression of its recipe replaced by its value."""
    recipe = dict(item.step.recipe)
    problems = []
    for name, given in item.step.recipe.items():
        if not (isinstance(given, str) and given.startswith("=")):
            continue
        try:
            recipe[name] = value(given[1:], package)
        except FlowValueError as error:
            by = item.set_by.get(name)
            file, line, key = "", None, f"step {item.step.title}.recipe.{name}"
            if by is not None:
                key = option_key(by, changes[by], name)
            elif package.flow.own is not None:
                file, line = package.flow.own.file, item.line
            problems.append(Problem("flow.value", error.what, file, line, key, str(given), "", error.remedy))
    return replace(item.step, recipe=recipe), problems
