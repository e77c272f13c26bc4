"""The options of a flow that a study may turn: those that say how much something varies, and those that set a mean."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.process.step import LEVELS, Step
from chipscale.process.variation.model import Model, scaled
from chipscale.units import unit_of

_USUAL = ("sphere_tolerance_um", "within_die_pct", "volume_within_pct", "within_wafer_pct")
_MEANS = ("thickness_um", "sphere_d_um", "base_d_um")


@dataclass(frozen=True, slots=True)
class Knob:
    """An option of a step of the flow: where it is, its value now, the range the step allows, who says so.

    `kind`: a spread says how much something varies, a mean what is aimed at.
    """

    index: int
    label: str
    option: str
    meaning: str
    value: float  # in `unit`
    low: float | None
    high: float | None
    unit: str
    source: str
    kind: Literal["spread", "mean"]

    @property
    def name(self) -> str:
        """Return what a question calls it: the step's label and the option."""
        return f"{self.label}.{self.option}"

    def within(self, value: float) -> float:
        """Return the value, moved to the nearer end of the range when outside."""
        raised = value if self.low is None else max(value, self.low)
        return raised if self.high is None else min(raised, self.high)


def knobs(model: Model) -> tuple[Knob, ...]:
    """Return every option that changes what varies, or a mean the bumps' heights are made of, in the flow's order."""
    found = []
    for index, (spec, step) in enumerate(model.steps):
        for item in dataclasses.fields(step):  # type: ignore[arg-type]
            value = getattr(step, item.name)
            kind_of_value = str(getattr(item.type, "__name__", item.type))
            if not kind_of_value.startswith("float") or not isinstance(value, int | float):
                continue
            kind = _kind(model, index, item.name, step)
            if kind is not None:
                meta = item.metadata
                unit = unit_of(item.name)
                found.append(
                    Knob(
                        index,
                        spec.title,
                        item.name,
                        meta.get("meaning", ""),
                        float(value),
                        meta.get("low"),
                        meta.get("high"),
                        unit.symbol if unit else "",
                        meta.get("source", ""),
                        kind,
                    )
                )
    return tuple(found)


def knob(model: Model, name: str) -> Knob:
    """Return the knob called `name` ("ball drop.sphere_tolerance_um"); InputError with the nearest when there is none.

    The name of the kind of step may stand for the label where only one step is of that kind. Without a name: the
    tolerance of the solder spheres, in a flow without them what the last plating varies within a die.
    """
    all_of = knobs(model)
    if not name:
        for option in _USUAL:
            usual = [item for item in all_of if item.option == option]
            if usual:
                return usual[-1]
    for item in all_of:
        if item.name == name:
            return item
    label, _, option = name.rpartition(".")
    alike = [item for item in all_of if model.steps[item.index][0].step == label and item.option == option]
    if len(alike) == 1:
        return alike[0]
    remedy = did_you_mean(name, [item.name for item in all_of])
    what = "no option of the flow that changes what varies is called so"
    raise InputError([Problem("variation.knob", what, key="knob", value=name, remedy=remedy)])


def _kind(model: Model, index: int, option: str, step: Step) -> Literal["spread", "mean"] | None:
    """Return what the option does, found out by turning it; None when nothing of the bumps depends on it."""
    now = getattr(step, option)
    other = now * 1.25 if now else 1.0
    own = [source for source in model.sources if source.step == index and source.target != "none"]
    before = [(source.quantity, source.layer, _levels(source.by_level)) for source in own]
    turned = model.with_recipe({(index, option): other})
    after = [
        (source.quantity, source.layer, _levels(source.by_level))
        for source in turned.sources
        if source.step == index and source.target != "none"
    ]
    if option in _MEANS and now and scaled(model, index, option, 1.25) is not model.chain:
        return "mean"
    patterned = any(not np.array_equal(factor, turned.factors[k]) for k, factor in model.factors.items())
    return "spread" if after != before or patterned else None


def _levels(by_level: object) -> tuple[float, ...]:
    return tuple(float(by_level.get(level, 0.0)) for level in LEVELS)  # type: ignore[attr-defined]
