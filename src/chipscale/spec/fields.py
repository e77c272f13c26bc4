"""Answers what the file may say at a place: the blocks, keys and types behind a dotted key of the model."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def alternatives(annotation: Any) -> list[Any]:
    """Return the plain alternatives of an annotation: unions opened, Annotated peeled, None dropped.

    >>> alternatives(float | None)
    [<class 'float'>]
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [item for part in get_args(annotation) for item in alternatives(part)]
    return [] if annotation is type(None) else [annotation]


def keys_of(block: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a block by the key the file uses for them."""
    return {info.alias or name: info for name, info in block.model_fields.items()}


def at(root: type[BaseModel], where: tuple[str | int, ...]) -> list[Any]:
    """Return the types a value at `where` may have; empty when the place is unknown."""
    current: list[Any] = [root]
    for step in where:
        current = [item for annotation in current for item in _below(annotation, step)]
    return current


def blocks_at(root: type[BaseModel], where: tuple[str | int, ...]) -> list[type[BaseModel]]:
    """Return the blocks (not lists, texts or numbers) a value at `where` may be."""
    return [item for item in at(root, where) if isinstance(item, type) and issubclass(item, BaseModel)]


def _below(annotation: Any, step: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        info = keys_of(annotation).get(str(step))
        return alternatives(info.annotation) if info is not None else []
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is dict and not isinstance(step, int):
        return alternatives(args[1])
    if origin is list and isinstance(step, int):
        return alternatives(args[0])
    return []


def words(annotation: Any) -> str:
    """Say in words what a value of this type looks like.

    >>> words(float), words(list[str])
    ('a number', 'a list of texts')
    """
    said = [_word(item) for item in alternatives(annotation)]
    return " or ".join(dict.fromkeys(said)) or "a value"


def _word(item: Any) -> str:
    simple = {str: "a text", float: "a number", int: "a whole number", bool: "true or false"}
    if item in simple:
        return simple[item]
    origin, args = get_origin(item), get_args(item)
    if origin is Literal:
        return "one of " + ", ".join(str(word) for word in args)
    if origin is list:
        one = words(args[0]).removeprefix("a ")
        return "a list of " + (one.replace("block of", "blocks of") if one.startswith("block of") else one + "s")
    if origin is dict:
        return "a block of name: " + words(args[1]).removeprefix("a ")
    return "a block of keys"
