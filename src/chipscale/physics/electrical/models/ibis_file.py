"""Take an IBIS file apart: its keywords with their arguments and lines, numbers with scale letters and units."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCALE = {"T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([A-Za-z]*)")
_KEYWORD = re.compile(r"\[([^\]]*)\]\s*(.*)")
_UNITS = {"ohm": "Ohm", "ohms": "Ohm", "h": "H", "f": "F", "v": "V", "a": "A"}


class Keyword(NamedTuple):
    """A keyword with words of single blanks in small letters, what follows it, its line, and the lines below it."""

    name: str
    argument: str
    line: int
    content: tuple[tuple[int, str], ...]


class Number(NamedTuple):
    """A number in the basic unit, and its unit where one is written."""

    value: float
    unit: str


def keywords(text: str) -> list[Keyword]:
    """Return the file's keywords in order; comments (from |) and empty lines are gone."""
    found: list[tuple[str, str, int, list[tuple[int, str]]]] = []
    for line, raw in enumerate(text.splitlines(), start=1):
        content = raw.partition("|")[0].strip()
        if not content:
            continue
        match = _KEYWORD.match(content) if raw.startswith("[") else None
        if match:
            found.append((re.sub(r"[\s_]+", " ", match[1].strip().lower()), match[2].strip(), line, []))
        elif found:
            found[-1][3].append((line, content))
        else:
            found.append(("", content, line, []))
    return [Keyword(name, argument, line, tuple(content)) for name, argument, line, content in found]


def number(text: str) -> Number | None:
    """Return a number as IBIS writes it, or None.

    >>> number("12.5mOhm"), number("3pF"), number("1.2e-9"), number("NA")
    (Number(value=0.0125, unit='Ohm'), Number(value=3e-12, unit='F'), Number(value=1.2e-09, unit=''), None)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    value, letters = float(match[1]), match[2]
    unit = letters
    if letters and letters[0] in _SCALE:
        value, unit = value * _SCALE[letters[0]], letters[1:]
        value = float(f"{value:.14g}")
    return Number(value, _UNITS.get(unit.lower(), unit))


def matrix_rows(keyword_list: list[Keyword], name: str) -> tuple[str, list[Keyword], int] | None:
    """Return the form, the [Row]s and the line of a package model's matrix; None when there is none."""
    for k, item in enumerate(keyword_list):
        if item.name == name:
            rows = []
            for other in keyword_list[k + 1 :]:
                if other.name not in ("row", "bandwidth"):
                    break
                rows.append(other)
            return item.argument.lower(), [row for row in rows if row.name == "row"], item.line
    return None
