"""What a process step is: a frozen plugin with options in units, what it needs, and its effect on the workpiece."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from chipscale.errors import Problem, did_you_mean
from chipscale.process.front import Front
from chipscale.process.masks import Masks
from chipscale.stack.types import Body, Stack


@dataclass(frozen=True, slots=True)
class StepSpec:
    """A step of a flow as data: the plugin's name, its options, and the label it has in the flow."""

    name: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    label: str = ""

    @property
    def title(self) -> str:
        """Return the label, or the name where there is none."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Resist:
    """A patterned resist on the wafer: the mask that opened it, its top, its bodies (they go when it is stripped)."""

    mask: str
    z_top_um: float
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """The workpiece between two steps: what is built so far and the relief of its front (without resist)."""

    name: str
    size_x_um: float
    size_y_um: float
    bodies: tuple[Body, ...] = ()
    front: Front = dataclasses.field(default_factory=lambda: Front(()))
    resist: Resist | None = None
    log: tuple[str, ...] = ()

    def with_bodies(self, added: Iterable[Body], front: Front | None = None) -> Work:
        """Return the workpiece with more bodies and, if given, its new front."""
        return dataclasses.replace(self, bodies=self.bodies + tuple(added), front=front or self.front)

    def stack(self) -> Stack:
        """Return what stands there now, resist included."""
        bodies = self.bodies + (self.resist.bodies if self.resist else ())
        return Stack(self.name, self.size_x_um, self.size_y_um, bodies, self.log)


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

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece after the step. Raises `StepError` when it can't be done on this one."""
        ...


class StepError(Exception):
    """A step that can't be done on this workpiece; the flow turns it into a Problem that names the step."""

    def __init__(self, what: str, value: str = "", limit: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.value, self.limit, self.remedy = what, value, limit, remedy


def option(default: Any, meaning: str, low: float | None = None, high: float | None = None, source: str = "") -> Any:
    """Return a dataclass field for an option: its meaning, the range it may have, and who says so."""
    return dataclasses.field(default=default, metadata={"meaning": meaning, "low": low, "high": high, "source": source})


def make_step(spec: StepSpec, kind: type[Any], where: str) -> tuple[Any | None, list[Problem]]:
    """Return (the step, []) or (None, every problem of its options); `where` names its place in the flow."""
    known = {field.name: field for field in dataclasses.fields(kind)}
    problems = [
        Problem("flow.unknown_option", f"unknown option '{name}'", key=where, remedy=did_you_mean(name, known))
        for name in sorted(set(spec.options) - set(known))
    ]
    for name in sorted(set(spec.options) & set(known)):
        value, meta = spec.options[name], known[name].metadata
        low, high = meta.get("low"), meta.get("high")
        if low is None and high is None:
            continue
        limit = f"{low} to {high}" + (f" ({meta['source']})" if meta.get("source") else "")
        if isinstance(value, bool) or not isinstance(value, int | float):
            problems.append(Problem("flow.not_a_number", "must be a number", key=f"{where}.{name}", value=repr(value)))
        elif not (low is None or value >= low) or not (high is None or value <= high):
            problems.append(
                Problem("flow.out_of_range", "outside its range", key=f"{where}.{name}", value=str(value), limit=limit)
            )
    missing = [
        name
        for name, field in known.items()
        if field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
        and name not in spec.options
    ]
    problems += [Problem("flow.missing_option", f"needs '{name}'", key=where) for name in missing]
    return (None, problems) if problems else (kind(**spec.options), [])
