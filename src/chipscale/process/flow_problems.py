"""What is wrong with a package's flow, told where its file says it: at the edit, the film or the flow's own file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from chipscale.errors import Problem
from chipscale.package.types import FlowChange, Package
from chipscale.process.edit import option_key
from chipscale.process.flow import draft
from chipscale.process.flow_values import VALUES, names_in
from chipscale.process.flows import Drafted, draft_of
from chipscale.process.plated_reach import PLATED, plated_remedy
from chipscale.process.steps import find
from chipscale.spec.located import located
from chipscale.spec.read import SpecFile

_KEY = re.compile(r"flow\[(\d+)\](?: (.*))?$", re.DOTALL)


def flow_problems(specfile: SpecFile, package: Package) -> list[Problem]:
    """Return everything that is wrong with the flow the package file asks for, without running it.

    Unknown flows, steps, labels and options, values out of range and steps out of order; each at the line of the
    package file that set it: an edit, a film's thickness, a ball's size, else `flow.base`.
    """
    drafted = draft_of(package)
    found = [_with_file(specfile, problem) for problem in drafted.problems]
    more = draft(drafted.steps)[1]
    if found:  # what could not be made is told already, and the order of what is left says nothing
        more = [problem for problem in more if problem.code != "flow.order" and not _unmade(problem, drafted)]
    return found + placed_problems(specfile, package, more)


def placed_problems(specfile: SpecFile, package: Package, problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of planning or running the package's flow (keys `flow[place] label.option`) in their place."""
    drafted = draft_of(package)
    found = []
    for problem in problems:
        match = _KEY.match(problem.key)
        place = int(match[1]) if match else 0
        if match is None or not 0 < place <= len(drafted.placed):
            found.append(located(specfile, problem))
            continue
        label = drafted.steps[place - 1].title
        option = (match[2] or "").removeprefix(label).lstrip(".")
        named = replace(problem, what=f"step '{label}': {_said(problem, option)}" if match[2] else problem.what)
        found.append(_placed(specfile, package, drafted, (place, option), named))
    return list(dict.fromkeys(found))


def _unmade(problem: Problem, drafted: Drafted) -> bool:
    """Tell whether a problem is about an option whose expression gave no value."""
    match = _KEY.match(problem.key)
    if match is None:
        return False
    step = drafted.steps[int(match[1]) - 1]
    given = step.recipe.get((match[2] or "").removeprefix(step.title).lstrip("."))
    return isinstance(given, str) and given.startswith("=")


def _said(problem: Problem, option: str) -> str:
    """Return what is wrong with the option's name before it; what a step says while it runs is a sentence already."""
    if problem.code == "flow.step" or not option or option in problem.what:
        return problem.what
    return f"{option} {problem.what}"


def _with_file(specfile: SpecFile, problem: Problem) -> Problem:
    """Return the problem at its key of the package file, or in the flow's own file."""
    if problem.file:
        return replace(problem, file=str(specfile.folder / problem.file))
    return located(specfile, problem)


def _placed(specfile: SpecFile, package: Package, drafted: Drafted, at: tuple[int, str], problem: Problem) -> Problem:
    """Return the problem of the step at a place, keyed by what set the option or brought the step there."""
    (place, option), plan = at, package.flow
    item = drafted.placed[place - 1]
    by = item.set_by.get(option, item.put_by) if option else item.put_by
    if by is not None:
        key = option_key(by, plan.changes[by], option if option in item.set_by else "")
        return located(specfile, replace(problem, key=key))
    given = item.step.recipe.get(option)
    if isinstance(given, str) and given.startswith("=") and names_in(given):
        keys = [VALUES[name].key for name in names_in(given)]
        written = [key for key in keys if key in specfile.lines or key in specfile.settings]
        near = _nearest_edit(drafted, place) if problem.code == "flow.step" and not written else None
        if near is not None:
            return located(specfile, _blamed(plan.changes[near], near, problem))
        sphere = plated_remedy(package) if PLATED in names_in(given) else ""
        remedy = sphere or problem.remedy
        return located(specfile, replace(problem, key=(written or keys)[0], remedy=remedy))
    guilty = None if option else _guilty(package, problem, drafted.steps[place - 1].title)
    if guilty is not None:
        key = f"flow.edits.{guilty}"
        return located(specfile, replace(problem, key=key, remedy=_undo(plan.changes[guilty], guilty, problem)))
    near = _nearest_edit(drafted, place) if problem.code == "flow.step" else None
    if near is not None:
        return located(specfile, _blamed(plan.changes[near], near, problem))
    if plan.own is not None:
        key = f"step {item.step.title}"
        return replace(problem, file=str(specfile.folder / plan.own.file), line=item.line, key=key)
    return located(specfile, replace(problem, key="flow.base"))


def _nearest_edit(drafted: Drafted, place: int) -> int | None:
    """Return the edit that last touched the step nearest before (or at) a place of the flow; None: none did.

    Flows run as they come, so what a step can't do with values nobody wrote is most likely what an edit left to it.
    """
    for item in reversed(drafted.placed[:place]):
        touched = [*item.set_by.values(), *([item.put_by] if item.put_by is not None else [])]
        if touched:
            return max(touched)
    return None


def _blamed(change: FlowChange, number: int, problem: Problem) -> Problem:
    """Return the problem at an edit of an earlier step, which the remedy names."""
    return replace(problem, key=option_key(number, change), remedy=_undo(change, number, problem))


def _guilty(package: Package, problem: Problem, label: str) -> int | None:
    """Return the first edit after which the flow has this problem of order; None when it has it without any."""
    for count in range(len(package.flow.changes) + 1):
        steps = draft_of(package, edits=count).steps
        for other in draft(steps)[1]:
            match = _KEY.match(other.key)
            same = match is not None and (not match[2] or match[2] == label)
            if same and problem.what in (other.what, f"step '{label}': {other.what}"):
                return count - 1 if count else None
    return None


def _undo(change: FlowChange, number: int, problem: Problem) -> str:
    """Return what to do about an edit that broke the order of the steps."""
    word = {"remove": "takes out", "replace": "replaces", "change": "changes"}.get(change.kind, "adds a step at")
    new = find(change.new.step) if change.new is not None else None
    text = f"edit {number + 1} {word} '{change.target}'"
    if new is not None and change.kind != "remove":
        text += f" with '{new.title}'" if change.kind == "replace" else f" ('{new.title}')"
    return "; ".join(part for part in (f"{text}: undo it", problem.remedy.replace("first: ", "or first do: ")) if part)
