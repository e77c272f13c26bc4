"""Reads YAML 1.2 text into plain data with the line of every key, refusing what a package file never needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chipscale.errors import InputError, Problem

Where = tuple[str | int, ...]  # a place in the file: ("balls", "nets", "A1") or ("die", "keepouts", 0)

MAX_DEPTH = 16
_MAX_INT_DIGITS = 30

# The scalars of the YAML 1.2 core schema (https://yaml.org/spec/1.2.2, section 10.3.2).
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_INT = re.compile(r"[-+]?[0-9]+")
_OCT = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INF = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = {".nan", ".NaN", ".NAN"}


@dataclass(slots=True)
class YamlText:
    """What a YAML text holds: `data`, the 1-based line of each place, and scalars as they were written."""

    data: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    written: dict[Where, str] = field(default_factory=dict)


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return the value an unquoted scalar has in the YAML 1.2 core schema.

    >>> plain_scalar("NO"), plain_scalar("1e-6"), plain_scalar("0o17"), plain_scalar("~")
    ('NO', 1e-06, 15, None)
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text) if len(text) <= _MAX_INT_DIGITS else float(text)
    if _OCT.fullmatch(text) and len(text) <= _MAX_INT_DIGITS:
        return int(text[2:], 8)
    if _HEX.fullmatch(text) and len(text) <= _MAX_INT_DIGITS:
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INF.fullmatch(text):
        return float("-inf") if text.startswith("-") else float("inf")
    return float("nan") if text in _NAN else text


def parse_yaml(text: str, file: str) -> YamlText:
    """Return the data of one YAML document with lines.

    Mapping keys are always text, as written. Duplicate keys, anchors, aliases, tags, a second document and
    nesting deeper than MAX_DEPTH raise InputError; `file` names the file in its problems.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    builder = _Builder(file)
    try:
        builder.take(YAML(typ="safe", pure=True).parse(text))
    except InputError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark is not None else None
        raise InputError([_syntax(file, line, what)]) from error
    except Exception as error:  # the parser met text it has no message for: bad input all the same
        first = str(error).strip().splitlines()
        raise InputError([_syntax(file, None, first[0] if first else type(error).__name__)]) from error
    if builder.problems:
        raise InputError(builder.problems)
    return builder.result


def _syntax(file: str, line: int | None, what: str) -> Problem:
    return Problem(
        "spec.syntax",
        f"not valid YAML: {what}",
        file,
        line,
        remedy="check indentation, colons and quotes near this line",
    )


@dataclass(slots=True)
class _Open:
    """A mapping or a sequence whose end has not come yet."""

    where: Where
    data: dict[str, Any] | list[Any]
    key: str | None = None  # of a mapping: the key whose value comes next
    skip: bool = False  # the value belongs to a repeated key


class _Builder:
    """Builds plain data from the parser's events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.result = YamlText()
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, events: Iterable[Any]) -> None:
        """Consume the events; the result is in `result`."""
        for event in events:
            kind = type(event).__name__
            line = event.start_mark.line + 1
            if kind == "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    self._stop("spec.documents", line, "a second document ('---')", "keep one design per file")
            elif kind == "AliasEvent":
                self._stop("spec.alias", line, f"alias '*{event.anchor}'", "write the value out; quote a leading '*'")
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self._refuse_extras(event, line)
                self._start({} if kind == "MappingStartEvent" else [], line)
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self._open.pop()
            elif kind == "ScalarEvent":
                self._refuse_extras(event, line)
                self._scalar(event, line)

    def _stop(self, code: str, line: int, what: str, remedy: str) -> None:
        raise InputError([*self.problems, Problem(code, f"{what} is not allowed here", self.file, line, remedy=remedy)])

    def _refuse_extras(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._stop("spec.alias", line, f"anchor '&{event.anchor}'", "write the value out; quote a leading '&'")
        if event.tag is not None:
            self._stop("spec.tag", line, f"tag '{event.tag}'", "remove it; quote a value that starts with '!'")

    def _place(self, line: int) -> tuple[Where, _Open | None]:
        """Return where the next value goes and record its line."""
        if not self._open:
            return (), None
        top = self._open[-1]
        if isinstance(top.data, dict):
            return (*top.where, top.key or ""), top
        where = (*top.where, len(top.data))
        self.result.lines.setdefault(where, line)
        return where, top

    def _put(self, top: _Open | None, value: Any) -> None:
        if top is None:
            self.result.data = value
        elif isinstance(top.data, list):
            top.data.append(value)
        else:
            if not top.skip:
                top.data[top.key or ""] = value
            top.key, top.skip = None, False

    def _start(self, data: dict[str, Any] | list[Any], line: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._stop("spec.depth", line, f"nesting deeper than {MAX_DEPTH} levels", "flatten the file")
        if self._open and isinstance(self._open[-1].data, dict) and self._open[-1].key is None:
            self._stop("spec.key", line, "a list or block as a key", "quote the key if it starts with '[' or '{'")
        where, top = self._place(line)
        self._put(top, data)
        self._open.append(_Open(where, data))

    def _scalar(self, event: Any, line: int) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.data, dict) and top.key is None:
            self._key(top, event.value, line)
            return
        where, top = self._place(line)
        value = plain_scalar(event.value) if event.implicit[0] else event.value
        if not isinstance(value, str) and value is not None:
            self.result.written[where] = event.value
        self._put(top, value)

    def _key(self, top: _Open, key: str, line: int) -> None:
        assert isinstance(top.data, dict)
        where = (*top.where, key)
        if key in top.data:
            first = self.result.lines[where]
            top.skip = True
            self.problems.append(
                Problem(
                    "spec.duplicate_key",
                    f"key '{key}' is given twice, on lines {first} and {line}",
                    self.file,
                    line,
                    ".".join(str(part) for part in where),
                    remedy="remove one of them",
                )
            )
        else:
            self.result.lines[where] = line
        top.key = key
