"""Find a material by name or alias in the library's TOML files, one per material."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.materials.types import Look, Material, Value

_REFS = "refs"


@cache
def list_materials() -> tuple[str, ...]:
    """Return the names of all materials, sorted."""
    return tuple(sorted(name for name in _file_names() if name != _REFS))


@cache
def material(name: str) -> Material:
    """Return the material called `name` (or one of its aliases; upper and lower case count alike).

    Raises InputError with the nearest names when there is none.

    >>> material("polyimide").name
    'PI'
    """
    found = _by_any_name().get(name.casefold())
    if found is None:
        known = [*list_materials(), *(alias for item in _all() for alias in item.aliases)]
        remedy = did_you_mean(name, known, "chipscale list materials")
        problem = Problem("materials.unknown", "unknown material", value=name, remedy=remedy)
        raise InputError([problem])
    return found


@cache
def sources() -> dict[str, dict[str, str]]:
    """Return the sources by key, each with at least `text`."""
    return dict(sorted(_read(_REFS).items()))


def _file_names() -> list[str]:
    folder = files("chipscale.materials") / "data"
    return [entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")]


def _read(name: str) -> dict[str, Any]:
    text = (files("chipscale.materials") / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _all() -> tuple[Material, ...]:
    return tuple(_material(name, _read(name)) for name in list_materials())


@cache
def _by_any_name() -> dict[str, Material]:
    table = {alias.casefold(): item for item in _all() for alias in item.aliases}
    return table | {item.name.casefold(): item for item in _all()}


def _material(name: str, data: dict[str, Any]) -> Material:
    return Material(
        name=name,
        title=data["title"],
        aliases=tuple(data["aliases"]),
        look=Look(**data["look"]),
        default_set=data["default_set"],
        sets={key: tuple(_value(entry) for entry in block["values"]) for key, block in data["sets"].items()},
    )


def _value(entry: dict[str, Any]) -> Value:
    rest = dict(entry)
    if "value" in rest:
        return Value(form="constant", coefficients=(float(rest.pop("value")),), **rest)
    return Value(form=rest.pop("form"), coefficients=tuple(rest.pop("coefficients")), **rest)
