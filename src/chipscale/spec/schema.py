"""The reference of the package file, made from its model: a page for people and a JSON schema for editors."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chipscale.spec.fields import alternatives, keys_of
from chipscale.spec.model import Spec

_BOUNDS = (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a package file, for editors that complete and check YAML."""
    schema = Spec.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "chipscale package file", **schema}


_INTRODUCTION = """# The package file

Generated from the code. One YAML 1.2 file per design; `chipscale new FAMILY` writes one with comments. A key ends in
its unit. Unknown and repeated keys are refused, so are anchors, aliases and tags. Text needs no quotes: `NO` stays
text, and a number where a text is wanted (a net called `5`) is read as it is written. Paths are relative to the file.
In titles, `NAME` stands for a name of your own and `[]` for each entry of a list.
"""
_HEAD = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n"


def reference_markdown() -> str:
    """Return the reference page: every key with type, default, range and meaning, one table per block."""
    parts = [_INTRODUCTION]
    for title, block in _blocks(Spec, "", set()):
        about = " ".join((block.__doc__ or "").split())
        rows = "\n".join(_row(key, info) for key, info in keys_of(block).items())
        parts.append(f"## {title}\n\n{about}\n\n{_HEAD}{rows}\n")
    return "\n".join(parts)


def _blocks(block: type[BaseModel], path: str, seen: set[type]) -> list[tuple[str, type[BaseModel]]]:
    """Return (title, block) of a block and all blocks inside it, in the order of the keys."""
    found = [(f"`{path}`" if path else "The file", block)]
    seen = seen | {block}
    for key, info in keys_of(block).items():
        for item, suffix in _inner(info.annotation):
            if item not in seen:
                found += _blocks(item, f"{path}.{key}{suffix}".lstrip("."), seen)
    return found


def _inner(annotation: Any) -> list[tuple[type[BaseModel], str]]:
    """Return the blocks an annotation may hold, with how they are repeated ('.NAME', '[]' or '')."""
    found: list[tuple[type[BaseModel], str]] = []
    for item in alternatives(annotation):
        origin, args = get_origin(item), get_args(item)
        if origin is dict:
            found += [(inner, f".NAME{suffix}") for inner, suffix in _inner(args[1])]
        elif origin is list:
            found += [(inner, f"[]{suffix}") for inner, suffix in _inner(args[0])]
        elif isinstance(item, type) and issubclass(item, BaseModel):
            found.append((item, ""))
    return found


def _row(key: str, info: FieldInfo) -> str:
    cells = (f"`{key}`", _type(info.annotation), _default(info), _range(info), info.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _type(annotation: Any) -> str:
    return " or ".join(dict.fromkeys(_name(item) for item in alternatives(annotation)))


def _name(item: Any) -> str:
    simple = {str: "text", float: "number", int: "whole number", bool: "true, false"}
    if item in simple:
        return simple[item]
    origin, args = get_origin(item), get_args(item)
    if origin is Literal:
        return ", ".join(f"`{word}`" for word in args)
    if origin is list:
        return f"list of {_type(args[0])}"
    if origin is dict:
        return f"NAME: {_type(args[1])}"
    return "block"


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**needed**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ("", [], {}):
        return ""
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _range(info: FieldInfo) -> str:
    """Return the bounds of a number, a text or a list, wherever in the annotation they stand."""
    said: list[str] = []
    for item in [*info.metadata, *_metadata(info.annotation)]:
        for part in (item, *getattr(item, "metadata", ())):
            said += [
                f"{sign} {getattr(part, name):,.10g}" for name, sign in _BOUNDS if getattr(part, name, None) is not None
            ]
        if pattern := getattr(item, "pattern", None):
            said.append(f"`{pattern}`")
        least, most = getattr(item, "min_length", None), getattr(item, "max_length", None)
        if least is not None and least > 1:
            said.append(f"{least} entries" if most == least else f"{least} entries or more")
    return ", ".join(dict.fromkeys(said))


def _metadata(annotation: Any) -> list[Any]:
    """Return what Annotated says inside an annotation: of its alternatives, not of what lists hold."""
    from types import UnionType
    from typing import Annotated, Union

    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return [*args[1:], *_metadata(args[0])]
    if origin in (Union, UnionType):
        return [item for part in args for item in _metadata(part)]
    return []
