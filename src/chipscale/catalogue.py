"""What `chipscale list` shows: plugins, flows, materials and rule sets, each with one line of what it is."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from chipscale import registry


def entries(kind: str) -> dict[str, str]:
    """Return name -> one line for `families`, `steps`, `flows`, `analyses`, `materials` or `rules`."""
    if kind == "flows":
        from chipscale.process.flows import list_flows, load_flow

        return {name: load_flow(name).title for name in list_flows()}
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
    if kind == "flows":
        return _flow(name)
    cls = registry.find(kind, name)  # type: ignore[arg-type]
    data: dict[str, Any] = {"name": name, "help": inspect.getdoc(cls)}
    for attribute in ("reads", "metrics"):
        if hasattr(cls, attribute):
            data[attribute] = getattr(cls, attribute)
    if dataclasses.is_dataclass(cls):
        data["options"] = {item.name: _default(item) for item in dataclasses.fields(cls)}
    return data


def _flow(name: str) -> dict[str, Any]:
    """Return a flow as plain data: whom it suits and its steps by label, in order."""
    from chipscale.process.flows import load_flow

    flow = load_flow(name)
    data: dict[str, Any] = {"name": flow.name, "title": flow.title, "about": flow.about, "source": flow.source}
    data["suits"] = dict(flow.suits)
    data["thin_before"] = flow.thin_before
    data["steps"] = [
        {"label": line.step.title, "step": line.step.step, "recipe": line.step.recipe}
        | ({"when": list(line.when)} if line.when else {})
        | ({"thinning": True} if line.thinning else {})
        for line in flow.lines
    ]
    return {key: value for key, value in data.items() if value}


def _default(item: dataclasses.Field[Any]) -> str:
    default = "required" if item.default is dataclasses.MISSING else repr(item.default)
    return f"{item.type}, default {default}"


def _first_line(cls: type) -> str:
    return (inspect.getdoc(cls) or "").split("\n")[0]
