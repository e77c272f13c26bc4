"""The package file's edits of a flow: change, remove, replace and insert steps, each remembered with who set what."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chipscale.errors import Problem, did_you_mean
from chipscale.package.types import FlowChange, FlowStep


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of an edited flow, its recipe still as written, and where each part of it comes from.

    `line` is its line in the flow's file; `put_by` the edit that put it in, `set_by` by option the edit that set it
    (both count from 0).
    """

    step: FlowStep
    line: int = 0
    put_by: int | None = None
    set_by: Mapping[str, int] = dataclasses.field(default_factory=dict)


def edited(
    steps: Sequence[Placed], changes: Sequence[FlowChange], left_out: Mapping[str, str] | None = None
) -> tuple[list[Placed], list[Problem]]:
    """Return the steps after all edits, in order, and the edits that can't be done; the others are done all the same.

    `left_out` says of labels the flow has but this package does not get why that is.
    """
    found = list(steps)
    problems = []
    for number, change in enumerate(changes):
        at = next((place for place, item in enumerate(found) if item.step.title == change.target), None)
        if at is None:
            problems.append(_no_such_step(number, change, found, left_out or {}))
            continue
        if change.new is not None:
            problem = _taken(number, change, found, at)
            if problem is not None:
                problems.append(problem)
                continue
        found = _done(found, number, change, at)
    return found, problems


def _done(found: list[Placed], number: int, change: FlowChange, at: int) -> list[Placed]:
    """Return the steps after one edit at place `at`."""
    if change.kind == "remove":
        return found[:at] + found[at + 1 :]
    if change.kind == "change":
        old = found[at]
        step = dataclasses.replace(old.step, recipe={**old.step.recipe, **change.recipe})
        set_by = {**old.set_by, **dict.fromkeys(change.recipe, number)}
        return [*found[:at], dataclasses.replace(old, step=step, set_by=set_by), *found[at + 1 :]]
    assert change.new is not None
    new = Placed(change.new, put_by=number, set_by=dict.fromkeys(change.new.recipe, number))
    if change.kind == "replace":
        if not new.step.label:  # it takes the label too, so that later edits find it
            new = dataclasses.replace(new, step=dataclasses.replace(new.step, label=change.target))
        return [*found[:at], new, *found[at + 1 :]]
    at += change.kind == "insert_after"
    return [*found[:at], new, *found[at:]]


def key_of(number: int, change: FlowChange) -> str:
    """Return the package file's key that names the step an edit is about."""
    word = {"change": "change", "remove": "remove", "replace": "replace"}.get(change.kind, "at")
    return f"flow.edits.{number}.{word}"


def option_key(number: int, change: FlowChange, option: str = "") -> str:
    """Return the package file's key of an option an edit sets; without option that of the step it puts in."""
    block = f"flow.edits.{number}" + (".step" if change.new is not None else "")
    return f"{block}.recipe.{option}" if option else block


def _no_such_step(number: int, change: FlowChange, found: Sequence[Placed], left_out: Mapping[str, str]) -> Problem:
    labels = [item.step.title for item in found]
    key = key_of(number, change)
    if change.target in left_out:
        what = f"this package does not get the step '{change.target}': {left_out[change.target]}"
        return Problem("flow.no_such_step", what, key=key, value=change.target, remedy="remove the edit")
    near = did_you_mean(change.target, labels)
    remedy = near if near.startswith("did") else f"{near}; `chipscale list flows NAME` lists the labels"
    return Problem("flow.no_such_step", "the flow has no step of this label", "", None, key, change.target, "", remedy)


def _taken(number: int, change: FlowChange, found: Sequence[Placed], at: int) -> Problem | None:
    """Return the problem that another step has the new step's label already."""
    assert change.new is not None
    label = change.new.title if change.new.label or change.kind != "replace" else change.target
    others = [item.step.title for place, item in enumerate(found) if change.kind != "replace" or place != at]
    if label not in others:
        return None
    remedy = "give the new step a label of its own: step: {step: ..., label: ...}"
    key = f"flow.edits.{number}.step.label"
    return Problem("flow.label_taken", "another step of the flow has this label", "", None, key, label, "", remedy)
