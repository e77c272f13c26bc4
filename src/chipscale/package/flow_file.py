"""Reads a flow's TOML file: its steps in order as data, with every mistake of the file named at its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.package.types import FlowLine, FlowStep, FlowText

_FLOW_KEYS = ("title", "about", "source", "suits", "thin_before", "step")
_STEP_KEYS = ("step", "label", "recipe", "when", "thinning")


def parse_flow(text: str, name: str, file: str = "") -> FlowText:
    """Return the flow written in `text`; `file` is named in problems and kept where it is the user's own.

    A file holds `title`, optionally `about`, `source`, `suits` (a table condition -> whom it is for) and
    `thin_before` (a label), and one table `[[step]]` per step: `step`, `label`, `recipe`, `when`, `thinning`.
    Raises InputError with every problem of the file.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([_not_toml(str(error), text, file or name)]) from None
    places = _places(text)
    problems = _unknown(data, _FLOW_KEYS, "", file or name, 1)
    for key in ("title", "about", "source", "thin_before"):
        if not isinstance(data.get(key, ""), str):
            problems.append(_wrong(f"'{key}' must be a text", file or name, 1, key, repr(data[key])))
    if not data.get("title"):
        problems.append(_wrong("the flow has no title", file or name, 1, "title", remedy='write title = "..."'))
    suits = data.get("suits", {})
    if not isinstance(suits, dict) or not all(isinstance(why, str) for why in suits.values()):
        problems.append(_wrong("'suits' must be a table of condition = text", file or name, 1, "suits"))
    steps = data.get("step", [])
    if not isinstance(steps, list) or not steps or not all(isinstance(item, dict) for item in steps):
        remedy = "write one table [[step]] per step, in order"
        raise InputError([*problems, _wrong("the flow has no steps", file or name, 1, "step", remedy=remedy)])
    for item, line in zip(steps, places, strict=False):
        problems += _step_problems(item, file or name, line)
    problems += _label_problems(steps, places, file or name)
    labels = [_label(item) for item in steps]
    before = data.get("thin_before", "")
    if isinstance(before, str) and before and before not in labels:
        problems.append(
            _wrong("no step has this label", file or name, 1, "thin_before", before, did_you_mean(before, labels))
        )
    if problems:
        raise InputError(problems)
    lines = tuple(_line(item, line) for item, line in zip(steps, places, strict=True))
    texts = {key: data.get(key, "") for key in ("title", "about", "source", "thin_before")}
    return FlowText(name, lines=lines, suits=dict(suits), file=file, **texts)


def _line(item: Mapping[str, Any], line: int) -> FlowLine:
    when = item.get("when", [])
    conditions = (when,) if isinstance(when, str) else tuple(when)
    step = FlowStep(item["step"], item.get("label", ""), dict(item.get("recipe", {})))
    return FlowLine(step, conditions, item.get("thinning", False), line)


def _label(item: Mapping[str, Any]) -> str:
    return str(item.get("label") or item.get("step", ""))


def _step_problems(item: Mapping[str, Any], file: str, line: int) -> list[Problem]:
    """Return what is wrong with the form of one step."""
    key = f"step {_label(item)}".strip()
    problems = _unknown(item, _STEP_KEYS, f"{key}.", file, line)
    if not isinstance(item.get("step"), str) or not item["step"]:
        what, remedy = "needs the kind of step", 'write step = "..."; `chipscale list steps` names them'
        problems.append(_wrong(what, file, line, key, remedy=remedy))
    if not isinstance(item.get("label", ""), str):
        problems.append(_wrong("must be a text", file, line, f"{key}.label", repr(item["label"])))
    if not isinstance(item.get("thinning", False), bool):
        problems.append(_wrong("must be true or false", file, line, f"{key}.thinning", repr(item["thinning"])))
    when = item.get("when", [])
    if not isinstance(when, str) and not (isinstance(when, list) and all(isinstance(part, str) for part in when)):
        problems.append(_wrong("must be a condition or a list of them", file, line, f"{key}.when", repr(when)))
    recipe = item.get("recipe", {})
    if not isinstance(recipe, dict):
        problems.append(_wrong("must be a table of option = value", file, line, f"{key}.recipe", repr(recipe)))
        return problems
    for name, value in recipe.items():
        if not isinstance(value, bool | int | float | str):
            what = "must be a number, a text, true or false"
            problems.append(_wrong(what, file, line, f"{key}.recipe.{name}", repr(value)))
    return problems


def _label_problems(steps: list[Mapping[str, Any]], places: list[int], file: str) -> list[Problem]:
    """Return the labels that two steps have: edits name steps by them."""
    seen: set[str] = set()
    problems = []
    for item, line in zip(steps, places, strict=False):
        label = _label(item)
        if label in seen:
            remedy = "give each step a label of its own"
            problems.append(_wrong("two steps have this label", file, line, "label", label, remedy))
        seen.add(label)
    return problems


def _places(text: str) -> list[int]:
    """Return the line of each `[[step]]`."""
    return [
        number for number, line in enumerate(text.splitlines(), start=1) if re.match(r"\s*\[\[\s*step\s*\]\]", line)
    ]


def _unknown(item: Mapping[str, Any], known: tuple[str, ...], key: str, file: str, line: int) -> list[Problem]:
    return [
        _wrong("unknown key", file, line, f"{key}{name}", remedy=did_you_mean(name, known))
        for name in item
        if name not in known
    ]


def _wrong(what: str, file: str, line: int, key: str, value: str = "", remedy: str = "") -> Problem:
    return Problem("flow.file", what, file, line, key, value, remedy=remedy)


def _not_toml(said: str, text: str, file: str) -> Problem:
    """Return the parser's complaint with its line as the problem's."""
    what, _, place = said.partition(" (at ")
    found = re.match(r"line (\d+)", place)
    line = int(found[1]) if found else text.count("\n") + 1
    remedy = 'a flow is a title and one [[step]] per step, with step = "..." and recipe = {option = value}'
    return Problem("flow.toml", f"not valid TOML: {what}", file, line, remedy=remedy)
