"""Turns the package file's `flow` and `wafer` blocks into the plan every family hands to its package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from chipscale.errors import InputError, Problem
from chipscale.package.flow_file import parse_flow
from chipscale.package.types import FlowChange, FlowPlan, FlowStep, FlowText, WaferFacts
from chipscale.spec.flow import FlowEdit, RecipeValue, StepBlock
from chipscale.spec.model import Wafer
from chipscale.spec.read import SpecFile, read_text

_FILES = ("map",)  # options that name a file


def flow_plan(specfile: SpecFile, default: str) -> tuple[FlowPlan, list[Problem]]:
    """Return the plan of the file's `flow` block, and what is wrong with a flow file of the user's own.

    `default` is the flow's name where the file gives none. A base that ends in `.toml` is read here, relative to
    the package file; names and edits are judged by `process.flow_problems`, which knows the flows.
    """
    block = specfile.spec.flow
    base = block.base or default
    own, problems = None, []
    if base.endswith(".toml"):
        try:
            own = _own(specfile, base)
        except InputError as error:
            problems = list(error.problems)
    changes = tuple(_change(edit, specfile.folder) for edit in block.edits)
    return FlowPlan(base, block.thinning, changes, own, _contents(changes, own)), problems


def wafer_facts(wafer: Wafer) -> WaferFacts:
    """Return what processing depends on of the file's `wafer` block."""
    return WaferFacts(float(wafer.diameter_mm), wafer.street_x_um, wafer.street_y_um, wafer.edge_exclusion_mm)


def _own(specfile: SpecFile, base: str) -> FlowText:
    path = specfile.folder / base
    try:
        text = read_text(path)
    except InputError as error:
        found = error.problems[0]
        what = f"the flow's file {found.what}" if found.what.startswith("can't") else f"the flow's file: {found.what}"
        remedy = "check the path; it starts at the package file"
        raise InputError([specfile.problem("flow.unreadable", "flow.base", what, str(path), remedy=remedy)]) from None
    name = base.rsplit("/", 1)[-1].removesuffix(".toml")
    flow = parse_flow(text, name, str(path))
    lines = [
        replace(line, step=replace(line.step, recipe=_recipe(line.step.recipe, path.parent))) for line in flow.lines
    ]
    return replace(flow, lines=tuple(lines), file=base)


def _contents(changes: tuple[FlowChange, ...], own: FlowText | None) -> dict[str, str]:
    """Return the sha256 of every file that a recipe names, "" where it can't be read (its step says so)."""
    recipes = [change.recipe for change in changes] + [change.new.recipe for change in changes if change.new]
    recipes += [line.step.recipe for line in own.lines] if own is not None else []
    named = {str(recipe[name]) for recipe in recipes for name in _FILES if recipe.get(name)}
    return {name: _sha256(Path(name)) for name in sorted(named)}


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    except (OSError, ValueError):
        return ""


def _change(edit: FlowEdit, folder: Path) -> FlowChange:
    """Return one edit of the file; the model has seen to it that exactly one kind is given."""
    if edit.change:
        return FlowChange("change", edit.change, _recipe(edit.recipe, folder))
    if edit.remove:
        return FlowChange("remove", edit.remove)
    assert edit.step is not None
    if edit.replace:
        return FlowChange("replace", edit.replace, new=_step(edit.step, folder))
    kind: Literal["insert_before", "insert_after"] = "insert_before" if edit.insert == "before" else "insert_after"
    return FlowChange(kind, edit.at, new=_step(edit.step, folder))


def _step(block: StepBlock, folder: Path) -> FlowStep:
    return FlowStep(block.step, block.label, _recipe(block.recipe, folder))


def _recipe(recipe: Mapping[str, RecipeValue], folder: Path) -> dict[str, RecipeValue]:
    """Return a recipe with the files it names found relative to the package file."""
    return {
        name: str(folder / value) if name in _FILES and isinstance(value, str) and value else value
        for name, value in recipe.items()
    }
