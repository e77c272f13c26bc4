"""Turns what pydantic says about a package file into problems with line, value, limit and remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from chipscale.errors import Problem, did_you_mean
from chipscale.spec.fields import at, blocks_at, keys_of, words

Where = tuple[str | int, ...]

_TYPE_ERRORS = {
    "string_type",
    "float_type",
    "int_type",
    "int_from_float",
    "bool_type",
    "list_type",
    "dict_type",
    "model_type",
    "model_attributes_type",
    "none_required",
    "float_parsing",
    "int_parsing",
}
_BOUNDS = {
    "greater_than": (">", "gt"),
    "greater_than_equal": (">=", "ge"),
    "less_than": ("<", "lt"),
    "less_than_equal": ("<=", "le"),
}


def where_in(data: Any, error: Mapping[str, Any]) -> Where:
    """Return the place in the file a pydantic error speaks of, without the union tags pydantic puts into it."""
    loc = tuple(error["loc"])
    where: list[str | int] = []
    for step in loc:
        inside = step in data if isinstance(data, dict) else isinstance(step, int) and isinstance(data, list)
        if not inside:
            continue
        data = data[step]
        where.append(step)
    return (*where, loc[-1]) if error["type"] == "missing" else tuple(where)


def dotted(where: Where) -> str:
    """Return the dotted key of a place.

    >>> dotted(("die", "keepouts", 0))
    'die.keepouts.0'
    """
    return ".".join(str(part) for part in where)


def line_of(lines: Mapping[Where, int], where: Where) -> int | None:
    """Return the line of a place or of the nearest block around it."""
    while where:
        if where in lines:
            return lines[where]
        where = where[:-1]
    return lines.get((), 1)


def explain(
    root: type[BaseModel], data: Any, errors: list[dict[str, Any]], lines: Mapping[Where, int], file: str
) -> list[Problem]:
    """Return one Problem per place that is wrong, in the order of the lines."""
    seen: dict[tuple[str, str], Problem] = {}
    for error in errors:
        where = where_in(data, error)
        kind = str(error["type"])
        code, fields = _say(root, kind, where, error)
        key = "missing" if kind == "missing" else ("unknown" if kind == "extra_forbidden" else "value")
        problem = Problem(code, file=file, line=line_of(lines, where), key=dotted(where), **fields)
        seen.setdefault((dotted(where), key), problem)
    return sorted(seen.values(), key=lambda item: (item.line or 0, item.key, item.code))


def _say(root: type[BaseModel], kind: str, where: Where, error: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    value = _show(error.get("input"))
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind == "extra_forbidden":
        known = [key for block in blocks_at(root, where[:-1]) for key in keys_of(block)]
        return "spec.unknown_key", {"what": "unknown key", "remedy": did_you_mean(str(where[-1]), known)}
    if kind == "missing":
        return "spec.missing_key", _missing(root, where)
    if "digits" in error:
        return "spec.range", {"what": "out of range", "value": _short(error["digits"]), "remedy": "give fewer digits"}
    if kind in _BOUNDS:
        sign, name = _BOUNDS[kind]
        limit = f"{sign} {context[name]:g}"
        return "spec.range", {
            "what": "out of range",
            "value": value,
            "limit": limit,
            "remedy": f"give a number {limit}{_unit_hint(where)}",
        }
    if kind == "finite_number":
        return "spec.range", {"what": "not a finite number", "value": value, "remedy": "give a finite number"}
    if kind == "literal_error":
        return "spec.choice", _choice(root, where, error.get("input"))
    if kind in _TYPE_ERRORS:
        expected = " or ".join(dict.fromkeys(words(item) for item in at(root, where))) or "another kind of value"
        return "spec.type", {"what": f"should be {expected}", "value": value, "remedy": _type_remedy(error, expected)}
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", ""))
        return "spec.pattern", {
            "what": "not written as it must be",
            "value": value,
            "limit": pattern,
            "remedy": _PATTERNS.get(where[-1] if where else "", "use the form of the limit"),
        }
    return _size_or_other(kind, value, context, error)


_PATTERNS: dict[str | int, str] = {
    "name": "use letters, digits, '_', '-' and '.', at most 64",
    "pad_layer": "write layer/datatype, such as 70/0",
    "text_layer": "write layer/datatype, such as 70/5",
}


def _size_or_other(
    kind: str, value: str, context: Mapping[str, Any], error: Mapping[str, Any]
) -> tuple[str, dict[str, str]]:
    names: dict[str, Callable[[], tuple[str, str]]] = {
        "too_short": lambda: ("too few entries", f">= {context['min_length']}"),
        "too_long": lambda: ("too many entries", f"<= {context['max_length']}"),
        "string_too_short": lambda: ("text is empty or too short", f">= {context['min_length']} characters"),
        "string_too_long": lambda: ("text is too long", f"<= {context['max_length']} characters"),
    }
    if kind in names:
        what, limit = names[kind]()
        return "spec.length", {"what": what, "value": value, "limit": limit, "remedy": f"give {limit}"}
    if kind == "control_character":
        remedy = "leave out line breaks, tabs, NUL and other characters that can't be seen"
        return "spec.control_character", {"what": str(error["msg"]), "value": value, "remedy": remedy}
    return "spec.value", {"what": str(error.get("msg", kind)), "value": value, "remedy": "see the reference page"}


def _missing(root: type[BaseModel], where: Where) -> dict[str, str]:
    name = str(where[-1])
    for block in blocks_at(root, where[:-1]):
        info = keys_of(block).get(name)
        if info is not None:
            meaning = f" ({info.description})" if info.description else ""
            return {
                "what": f"key '{name}' is missing",
                "limit": words(info.annotation) + meaning,
                "remedy": f"add '{name}:' to {'the file' if len(where) == 1 else dotted(where[:-1])}",
            }
    return {"what": f"key '{name}' is missing", "remedy": f"add '{name}:'"}


def _choice(root: type[BaseModel], where: Where, value: Any) -> dict[str, str]:
    from typing import Literal, get_args, get_origin

    options = [word for item in at(root, where) if get_origin(item) is Literal for word in get_args(item)]
    texts = [str(word) for word in options]
    if isinstance(value, str) and options and not any(isinstance(word, str) for word in options):
        remedy = "write a whole number, no unit and no quotes"
    elif isinstance(value, str):
        remedy = did_you_mean(value, filter(None, texts))
        known = sorted(filter(None, texts))
        if remedy.startswith("known") and len(known) <= 3:  # so few that either may be meant
            remedy = "did you mean " + " or ".join(f"'{word}'" for word in known) + "?"
    else:
        remedy = "known: " + ", ".join(filter(None, texts))
    return {
        "what": "not one of the possible values",
        "value": _show(value),
        "limit": "one of " + ", ".join(filter(None, texts)),
        "remedy": remedy,
    }


def _type_remedy(error: Mapping[str, Any], expected: str) -> str:
    value = error.get("input")
    if isinstance(value, str) and "number" in expected:
        if any(char.isdigit() for char in value):
            return "write the bare number, a point for decimals, no unit and no quotes"
        return "write a number"
    if value is None:
        return f"give {expected}, or remove the key"
    if value == [] or value == {}:
        return f"it is empty: give {expected}, or remove the key"
    if "text" in expected and isinstance(value, list | dict):
        return "quote the text if it contains ': ' or starts with '[' or '{'"
    return f"give {expected}"


def _unit_hint(where: Where) -> str:
    from chipscale.units import unit_of

    unit = unit_of(str(where[-1])) if where else None
    return f" ({unit.symbol})" if unit is not None and unit.symbol else ""


def _show(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"a block of {len(value)} key{'s' if len(value) != 1 else ''}"
    if isinstance(value, list):
        text = str(value)
        return text if len(text) <= 60 else f"a list of {len(value)}"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = _short(text)
    return ascii_controls(f"'{text}'") if isinstance(value, str) else text


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def ascii_controls(text: str) -> str:
    """Return the text with control characters written as escapes."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
