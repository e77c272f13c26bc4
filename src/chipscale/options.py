"""Read the command line's NAME=VALUE options into what an analysis's fields want."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any

from chipscale import registry
from chipscale.errors import InputError, Problem, did_you_mean


def analysis_options(name: str, options: tuple[str, ...]) -> dict[str, Any]:
    """Return the options of analysis `name` as keyword arguments; InputError names every wrong one.

    >>> analysis_options("layout.density", ("window_um=250",))
    {'window_um': 250.0}
    """
    cls = registry.find("analyses", name)
    hints = typing.get_type_hints(cls)
    fields = {item.name: hints[item.name] for item in dataclasses.fields(cls) if item.init}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for option in options:
        key, equals, text = option.partition("=")
        if not equals:
            problems.append(Problem("option.form", "not of the form NAME=VALUE", key="-o", value=option))
        elif key not in fields:
            problems.append(
                Problem("option.unknown", f"{name} has no option '{key}'", key="-o", remedy=did_you_mean(key, fields))
            )
        else:
            try:
                values[key] = _value(fields[key], text)
            except ValueError as error:
                problems.append(Problem("option.value", str(error), key=f"-o {key}", value=text))
    if problems:
        raise InputError(problems)
    return values


def spec_first(spec: Path, analyses: tuple[str, ...]) -> None:
    """Refuse a command line with an analysis in the package file's place."""
    if analyses and not spec.exists() and str(spec) in registry.names("analyses"):
        remedy = f"the package file comes first: chipscale run {analyses[0]} {spec}"
        raise InputError([Problem("option.order", f"'{spec}' is an analysis, not a file", remedy=remedy)])


_MOST = 1e15  # in size, of a number that is asked for


def _number(hint: type, text: str) -> int | float:
    """Return a finite number; a whole one may be written 1e3. ValueError says what is wrong in words."""
    kind = "whole number" if hint is int else "number"
    try:
        value = float(text) if len(text) <= 40 else float("nan")
    except ValueError:
        raise ValueError(f"must be a {kind}, such as {'25' if hint is int else '2.5'}") from None
    if not abs(value) <= _MOST:
        raise ValueError(f"must be a finite {kind}, at most {_MOST:g} in size")
    if hint is float:
        return value
    if not value.is_integer():
        raise ValueError("must be a whole number, such as 25")
    return int(text) if text.lstrip("+-").isdecimal() else int(value)


def _value(hint: Any, text: str) -> Any:
    args = [arg for arg in typing.get_args(hint) if arg is not type(None)]
    if typing.get_origin(hint) is typing.Literal:
        if text not in args:
            raise ValueError(f"must be one of {', '.join(map(str, args))}")
        return text
    if args and typing.get_origin(hint) is not tuple:
        hint = args[0]
    if hint is bool:
        if text.lower() not in ("true", "false", "yes", "no", "1", "0"):
            raise ValueError("must be true or false")
        return text.lower() in ("true", "yes", "1")
    if hint is int or hint is float:
        return _number(hint, text)
    if typing.get_origin(hint) is tuple:
        return tuple(_value(args[0], part) for part in text.split(","))
    return text
