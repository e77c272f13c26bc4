"""What a process step is: a frozen plugin with options in units, what it needs, its effect on the workpiece."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from chipscale.errors import Problem, did_you_mean
from chipscale.layout.types import LAYER
from chipscale.package.types import FlowStep
from chipscale.process.fitting import misfits
from chipscale.process.masks import Masks
from chipscale.process.work import Work
from chipscale.units import unit_of

LEVELS = ("lot", "wafer", "radius", "die", "feature")


@dataclass(frozen=True, slots=True)
class Batch:
    """What a step works on, as far as its time and its defects depend on it: one wafer and what is on it.

    `figures` are those the step told when it was done on this workpiece (values it took in place of automatic ones);
    empty where it was not done.
    """

    diameter_mm: float
    dies_count: int
    balls_count: int  # per die
    die_x_um: float
    die_y_um: float
    street_x_um: float
    street_y_um: float
    wafer_um: float = 775.0  # thickness when the step begins
    figures: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def told(self, name: str, otherwise: float) -> float:
        """Return the figure the step told, or `otherwise` where it was not done."""
        return float(self.figures.get(name, otherwise))


@dataclass(frozen=True, slots=True)
class Spread:
    """How one quantity of a step varies about its mean: one standard deviation per level.

    `quantity` carries the unit of the numbers in `by_level` (`thickness_pct`, `cd_um`, `sphere_d_um`...). Levels are
    lot, wafer, radius, die, feature; at `radius` the number is the signed rise from the wafer's centre to its edge
    (a bowl), at the others a standard deviation. `layer` is the body's layer it concerns.
    """

    quantity: str
    layer: str
    by_level: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that may go wrong at a step: what, on what (wafer, die, ball, wire, pad), how often if known, why."""

    name: str
    on: str
    cause: str
    rate_ppm: float | None = None
    source: str = ""


class Step(Protocol):
    """A process step: a frozen dataclass whose fields are its options (made with `option`).

    `needs`, `makes` and `takes` are states of the workpiece that must hold before, hold afterwards, hold no longer;
    `never` must not hold before. The order of a flow is checked by them before anything is computed.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    tool: ClassVar[str]  # class of the tool that does it
    needs: ClassVar[frozenset[str]]
    never: ClassVar[frozenset[str]]
    makes: ClassVar[frozenset[str]]
    takes: ClassVar[frozenset[str]]
    defects: ClassVar[tuple[Defect, ...]]

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece after the step. Raises `StepError` when it can't be done on this one."""
        ...

    def time_s(self, batch: Batch) -> float:
        """Return the time in s the tool needs for one wafer, loading not counted."""
        ...

    def spreads(self) -> tuple[Spread, ...]:
        """Return what varies, from the recipe's own numbers."""
        ...


class StepError(Exception):
    """A step that can't be done on this workpiece; the flow turns it into a Problem that names the step.

    `option` names the option that is to blame, where one is.
    """

    def __init__(self, what: str, value: str = "", limit: str = "", remedy: str = "", option: str = "") -> None:
        super().__init__(what)
        self.what, self.value, self.limit, self.remedy, self.option = what, value, limit, remedy, option


def option(
    default: Any,
    meaning: str,
    low: float | None = None,
    high: float | None = None,
    source: str = "",
    choices: tuple[str, ...] = (),
) -> Any:
    """Return a dataclass field for an option: its meaning, the range or the choices it has, and who says so."""
    meta = {"meaning": meaning, "low": low, "high": high, "source": source, "choices": choices}
    return dataclasses.field(default=default, metadata=meta)


def mask_option(default: str, meaning: str, optional: bool = False) -> Any:
    """Return a dataclass field for an option that names a mask layer; `optional`: it may be left empty."""
    known = (*LAYER, "") if optional else tuple(LAYER)
    return dataclasses.field(default=default, metadata={"meaning": meaning, "masks": known})


def make_step(spec: FlowStep, kind: type[Any], where: str) -> tuple[Any | None, list[Problem]]:
    """Return (the step, []) or (None, every problem of its options); `where` names its place in the flow."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    problems = []
    for name in sorted(set(spec.recipe) - set(known)):
        what, remedy = f"{kind.name} has no option '{name}'", did_you_mean(name, known)
        problems.append(Problem("flow.unknown_option", what, key=f"{where}.{name}", remedy=remedy))
    for name in sorted(set(spec.recipe) & set(known)):
        problems += _value_problems(f"{where}.{name}", spec.recipe[name], known[name])
    missing = [
        name
        for name, field in known.items()
        if field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
        and name not in spec.recipe
    ]
    problems += [Problem("flow.missing_option", f"needs '{name}'", key=where) for name in missing]
    if problems:
        return None, problems
    made = kind(**spec.recipe)
    problems = misfits(made, where)
    return (None, problems) if problems else (made, [])


def _value_problems(key: str, value: Any, field: Any) -> list[Problem]:
    """Return what is wrong with one value: its type, its range (with who gave it), its choices."""
    meta, wanted = field.metadata, str(field.type)
    if wanted.startswith(("float", "int")):
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            remedy = "give a number" + (f" in {_symbol(field.name)}" if _symbol(field.name) else "")
            return [Problem("flow.not_a_number", "must be a number", key=key, value=repr(value), remedy=remedy)]
        low, high = meta.get("low"), meta.get("high")
        if (low is not None and value < low) or (high is not None and value > high):
            bounds = " to ".join(f"{bound:g}" for bound in (low, high) if bound is not None)
            unit, source = _symbol(field.name), meta.get("source")
            limit = f"{bounds} {unit}".rstrip() + (f" ({source})" if source else "")
            what = f"outside its range: {meta['meaning']}"
            nearest = low if low is not None and value < low else high
            remedy = f"give a value of the range; the nearest is {nearest:g} {unit}".rstrip()
            told = f"{value:g} {unit}".rstrip()
            return [Problem("flow.out_of_range", what, key=key, value=told, limit=limit, remedy=remedy)]
    elif wanted.startswith("bool") and not isinstance(value, bool):
        return [Problem("flow.not_a_switch", "must be true or false", key=key, value=repr(value))]
    elif wanted.startswith("str") and not isinstance(value, str):
        return [Problem("flow.not_a_text", "must be a text", key=key, value=repr(value))]
    masks = meta.get("masks")
    if masks and isinstance(value, str) and value not in masks:
        remedy = did_you_mean(value, LAYER)
        return [Problem("flow.no_such_mask", "there is no mask of this name", key=key, value=value, remedy=remedy)]
    choices = meta.get("choices")
    if choices and value not in choices:
        limit = ", ".join(choices)
        return [
            Problem(
                "flow.no_such_choice",
                "no such choice",
                key=key,
                value=str(value),
                limit=limit,
                remedy=did_you_mean(str(value), choices),
            )
        ]
    return []


def _symbol(name: str) -> str:
    unit = unit_of(name)
    return unit.symbol if unit is not None else ""
