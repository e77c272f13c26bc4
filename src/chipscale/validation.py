"""Run the published cases: what we compute beside what the source says, with the tolerance and its reason.

A case is `validation/<topic>/<case>/case.toml`:

    title = "..."                       kind = "analytic" | "code" | "measured" | "datasheet"
    source = "..."                      where = "table, page or equation in it"
    call = "chipscale.module:function"  # what computes it
    [arguments]                         # keyword arguments of the call; a table where it wants a block of the file
    # or, in place of call: a question to a whole design
    design = "examples/caravel/chip.yaml"   ask = "layout.assign"   # [arguments]: options of the question
    [[figures]]
    name = "ball_d_um"                  pick = [0]   # path into the answer: indices, keys or attributes
    expected = 261.0                    tolerance = 0.5   relative = false   why = "..."
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel

from chipscale.errors import InputError, Problem, did_you_mean


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One figure of one case."""

    case: str
    figure: str
    value: float
    expected: float
    tolerance: float
    relative: bool
    ok: bool
    kind: str
    source: str
    why: str

    def __str__(self) -> str:
        unit = "×" if self.relative else ""
        mark = "ok " if self.ok else "RED"
        numbers = f"{self.value:14.6g}  expected {self.expected:12.6g}  ± {self.tolerance:g}{unit}"
        return f"{mark} {self.case:<36} {self.figure:<28} {numbers}  {self.source}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {name: getattr(self, name) for name in self.__slots__}


def case_folder() -> Path:
    """Return the folder of the cases: `validation/` here or beside the source; InputError when there is none."""
    for place in (Path.cwd() / "validation", Path(__file__).parents[2] / "validation"):
        if place.is_dir():
            return place
    what = "no folder 'validation'; the cases are in the project's source, not in the installed package"
    raise InputError([Problem("validation.absent", what, remedy="run this in a clone of the project")])


def run_cases(topic: str | None = None, folder: Path | None = None) -> list[CaseRow]:
    """Run every case (of one topic) and return a row per figure; a case that fails stays, red."""
    root = folder if folder is not None else case_folder()
    topics = sorted(place.name for place in root.iterdir() if place.is_dir())
    if topic is not None and topic not in topics:
        problem = Problem("validation.topic", f"no topic '{topic}'", str(root), remedy=did_you_mean(topic, topics))
        raise InputError([problem])
    places = sorted(root.glob(f"{topic or '*'}/*/case.toml"))
    return [row for place in places for row in run_case(place)]


def run_case(path: Path) -> list[CaseRow]:
    """Run one case file."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    answer = _asked(case, path) if "design" in case else _called(case, path)
    name = f"{path.parent.parent.name}/{path.parent.name}"
    return [_row(name, case, figure, answer) for figure in case["figures"]]


def _called(case: dict[str, Any], path: Path) -> Any:
    module, _, function = case["call"].partition(":")
    if module.split(".")[0] != "chipscale":
        raise InputError([Problem("validation.call", "a case may only call chipscale", str(path), value=module)])
    call = getattr(import_module(module), function)
    return call(**_arguments(call, case.get("arguments", {})))


def _arguments(call: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with a table read as a block of the package file where the call wants one."""
    kinds = {name: kind for name, kind in get_type_hints(call).items() if name in signature(call).parameters}
    blocks = {name for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, BaseModel)}
    return {name: kinds[name].model_validate(value) if name in blocks else value for name, value in given.items()}


def _asked(case: dict[str, Any], path: Path) -> Any:
    """Return the metrics a question to a whole design gives; the design's path counts from the project's folder."""
    from chipscale.design import Design

    design = Design.load(path.resolve().parents[3] / case["design"])
    return design.run(case["ask"], **case.get("arguments", {})).metrics


def _row(name: str, case: dict[str, Any], figure: dict[str, Any], answer: Any) -> CaseRow:
    value = answer
    for step in figure.get("pick", []):
        value = value[step] if isinstance(step, int) or isinstance(value, dict) else getattr(value, step)
    relative = bool(figure.get("relative", False))
    expected = float(figure["expected"])
    allowed = figure["tolerance"] * (abs(expected) if relative else 1.0)
    return CaseRow(
        case=name,
        figure=figure["name"],
        value=float(value),
        expected=expected,
        tolerance=float(figure["tolerance"]),
        relative=relative,
        ok=abs(float(value) - expected) <= allowed,
        kind=case["kind"],
        source=case["source"],
        why=figure["why"],
    )
