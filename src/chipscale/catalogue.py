"""What `chipscale list` shows: plugins, materials and rule sets, each with one line of what it is."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from chipscale import registry


def entries(kind: str) -> dict[str, str]:
    """Return name -> one line for `families`, `steps`, `analyses`, `materials` or `rules`."""
    if kind == "materials":
        from chipscale.materials.library import list_materials, material

        return {name: material(name).title for name in list_materials()}
    if kind == "rules":
        from chipscale.package.rules import list_rules, load_rules

        return {name: load_rules(name).title for name in list_rules()}
    return {name: _first_line(registry.find(kind, name)) for name in registry.names(kind)}  # type: ignore[arg-type]


def entry(kind: str, name: str) -> dict[str, Any]:
    """Return all that is known of one entry as plain data; InputError with the nearest names when there is none."""
    if kind == "materials":
        from chipscale.materials.library import material

        return dataclasses.asdict(material(name))
    if kind == "rules":
        from chipscale.package.rules import load_rules

        return dataclasses.asdict(load_rules(name))
    cls = registry.find(kind, name)  # type: ignore[arg-type]
    data: dict[str, Any] = {"name": name, "help": inspect.getdoc(cls)}
    for attribute in ("reads", "metrics"):
        if hasattr(cls, attribute):
            data[attribute] = getattr(cls, attribute)
    if dataclasses.is_dataclass(cls):
        data["options"] = {item.name: _default(item) for item in dataclasses.fields(cls)}
    return data


def _default(item: dataclasses.Field[Any]) -> str:
    default = "required" if item.default is dataclasses.MISSING else repr(item.default)
    return f"{item.type}, default {default}"


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").split("\n")[0]
