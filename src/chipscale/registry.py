"""The plugin tables: families, steps and analyses by name; nothing is imported until it is asked for."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.process.steps import OWN as OWN_STEPS

Kind = Literal["families", "steps", "analyses"]

_OWN: dict[Kind, dict[str, str]] = {
    "families": {
        "fan_in_wlcsp": "chipscale.package.families.fan_in_wlcsp:FanInWlcsp",
        "image_sensor_wlcsp": "chipscale.package.families.image_sensor_wlcsp:ImageSensorWlcsp",
    },
    "steps": OWN_STEPS,
    "analyses": {
        "package.fan_in": "chipscale.package.fan_in:FanIn",
        "layout.assign": "chipscale.layout.assign.figures:Assign",
        "layout.wiring": "chipscale.layout.wiring:Wiring",
        "layout.drc": "chipscale.layout.drc:Drc",
        "layout.lvs": "chipscale.layout.lvs:Lvs",
        "layout.density": "chipscale.layout.density:Density",
        "process.flow": "chipscale.process.questions.flow_facts:FlowFacts",
        "process.as_built": "chipscale.process.questions.as_built:AsBuilt",
        "process.bow": "chipscale.process.questions.bow:WaferBow",
        "process.resist": "chipscale.process.questions.advisor:ResistAdvisor",
        "process.variation": "chipscale.process.variation.analysis:Variation",
        "process.influence": "chipscale.process.variation.influence:Influence",
        "process.window": "chipscale.process.variation.window:Window",
        "electrical.rl": "chipscale.physics.electrical.rl:PathRL",
        "electrical.capacitance": "chipscale.physics.electrical.capacitance:Capacitance",
        "electrical.delay": "chipscale.physics.electrical.path_delay:PathDelay",
        "electrical.signals": "chipscale.physics.electrical.signals:Signals",
        "electrical.line": "chipscale.physics.electrical.matched_line:MatchedLine",
        "electrical.supply": "chipscale.physics.electrical.supply:Supply",
        "electrical.compare": "chipscale.physics.electrical.compare:Compare",
        "electrical.emission": "chipscale.physics.electrical.loop_emission:Emission",
        "thermal.plate": "chipscale.physics.thermal.plate:PlateSizing",
        "thermal.steady": "chipscale.physics.thermal.steady:Steady",
        "thermal.theta": "chipscale.physics.thermal.theta:Theta",
        "thermal.what_if": "chipscale.physics.thermal.what_if:WhatIf",
        "thermal.transient": "chipscale.physics.thermal.transient:Transient",
        "thermal.structure": "chipscale.physics.thermal.structure:Structure",
        "thermal.mission": "chipscale.physics.thermal.mission:Mission",
    },
}


def names(kind: Kind) -> dict[str, str]:
    """Return name -> "module:Class" of one kind: our own, then those of other installed distributions.

    Other distributions add theirs through the entry-point group `chipscale.<kind>`; our names win.
    """
    found = {point.name: point.value for point in entry_points(group=f"chipscale.{kind}")}
    return dict(sorted((found | _OWN[kind]).items()))


def find(kind: Kind, name: str) -> Any:
    """Return the class registered as `name`; InputError with the nearest names when there is none."""
    table = names(kind)
    if name not in table:
        singular = {"families": "family", "steps": "step", "analyses": "analysis"}[kind]
        raise InputError(
            [
                Problem(
                    code=f"registry.unknown_{singular}",
                    what=f"unknown {singular} '{name}'",
                    remedy=did_you_mean(name, table),
                )
            ]
        )
    module, _, attribute = table[name].partition(":")
    return getattr(import_module(module), attribute)


def question(name: str, options: Mapping[str, Any]) -> Any:
    """Return the analysis `name` with its options set; InputError names every unknown option and wrong type."""
    cls = find("analyses", name)
    fields = {item.name: str(item.type) for item in dataclasses.fields(cls) if item.init}
    problems = []
    for key, value in options.items():
        if key not in fields:
            what, remedy = f"{name} has no option '{key}'", did_you_mean(key, fields)
            problems.append(Problem("option.unknown", what, key=key, value=repr(value), remedy=remedy))
        elif fields[key].split(" ")[0] in ("float", "int") and not _fits(fields[key], value):
            what = f"option {key} of {name} takes a number"
            problems.append(Problem("option.value", what, key=key, value=repr(value), remedy="give a finite number"))
    if problems:
        raise InputError(problems)
    return cls(**options)


def of_options(analysis: Any, problems: Iterable[Problem]) -> tuple[list[Problem], list[Problem]]:
    """Return the problems that lie in an option of `analysis`, named so, and the others.

    >>> from chipscale.layout.density import Density
    >>> of_options(Density(), [Problem("x", "too small", key="window_um")])[0][0].key
    'option window_um of layout.density'
    """
    fields = {item.name for item in dataclasses.fields(analysis) if item.init}
    own, others = [], []
    for problem in problems:
        if not problem.file and option_in(problem.key) in fields:
            own.append(dataclasses.replace(problem, key=f"option {problem.key} of {analysis.name}"))
        elif not problem.file and not problem.key:  # of no key: the package file's first line has no part in it
            own.append(dataclasses.replace(problem, key=analysis.name))
        else:
            others.append(problem)
    return own, others


def option_in(key: str) -> str:
    """Return the option that a problem's key begins with.

    >>> option_in("power, block 1"), option_in("window_um")
    ('power', 'window_um')
    """
    return re.split(r"[^A-Za-z0-9_]", key, maxsplit=1)[0]


def _fits(wanted: str, value: object) -> bool:
    if value is None:
        return "None" in wanted
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
