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
    if kind == "steps":
        return _step(name, cls)
    data: dict[str, Any] = {"name": name, "help": inspect.getdoc(cls)}
    for attribute in ("reads", "metrics"):
        if hasattr(cls, attribute):
            data[attribute] = getattr(cls, attribute)
    if dataclasses.is_dataclass(cls):
        data["options"] = {item.name: _default(item) for item in dataclasses.fields(cls) if item.init}
    return data


def _step(name: str, cls: Any) -> dict[str, Any]:
    """Return a kind of step as plain data: order, options with unit, range and source, time, variation, defects."""
    fields = dataclasses.fields(cls)
    needed = [item.name for item in fields if item.default is dataclasses.MISSING]
    step = None if needed else cls()
    data: dict[str, Any] = {"name": name, "title": cls.title, "help": inspect.getdoc(cls), "tool": cls.tool}
    data |= {key: sorted(getattr(cls, key)) for key in ("needs", "never")}
    data |= {key: sorted(_states(getattr(cls, key))) for key in ("makes", "takes")}
    data["time"] = _first_line(cls.time_s).removeprefix("Return ")
    if step is not None:
        seconds = _time_s(step)
        if seconds is not None:
            data["time"] += f" With the defaults {seconds:.4g} s for a 300 mm wafer of 1000 dies of 5 x 5 mm."
    data["options"] = {item.name: _option(item) for item in fields}
    varies = step.spreads() if step is not None else ()
    data["varies"] = [
        {"quantity": s.quantity, "layer": s.layer, "by_level": dict(s.by_level), "source": s.source} for s in varies
    ]
    data["defects"] = [dataclasses.asdict(item) for item in cls.defects]
    return data


def _states(states: Any) -> Any:
    return getattr(states, "may", states)


def _time_s(step: Any) -> float | None:
    """Return the time for a usual wafer, None where it depends on what the step finds."""
    from chipscale.process.step import Batch

    try:
        return float(step.time_s(Batch(300.0, 1000, 100, 5000.0, 5000.0, 80.0, 80.0)))
    except (ArithmeticError, LookupError, ValueError):
        return None


def _option(item: dataclasses.Field[Any]) -> dict[str, Any]:
    """Return type, default, unit, range or choices, meaning and source of a step's option."""
    from chipscale.units import unit_of

    meta, unit = item.metadata, unit_of(item.name)
    low, high, choices = meta.get("low"), meta.get("high"), meta.get("choices")
    symbol = unit.symbol if unit is not None else ""
    ends = [f"from {low:g}"] if low is not None else []
    ends += [f"to {high:g}"] if high is not None else []
    needed = item.default is dataclasses.MISSING
    return {
        "type": str(item.type),
        "default": None if needed else item.default,
        "needed": needed,
        "unit": symbol,
        "range": " ".join([*ends, symbol] if ends and symbol else ends) or ", ".join(choices or ()),
        "meaning": meta.get("meaning", ""),
        "source": meta.get("source", ""),
    }


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
