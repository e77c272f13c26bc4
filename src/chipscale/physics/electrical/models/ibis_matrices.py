"""Check (and read) the matrices of an IBIS package model: complete, in the upper half, positive definite."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chipscale.errors import Problem
from chipscale.physics.electrical.models.ibis import PIN_LENGTH
from chipscale.physics.electrical.models.ibis_file import Keyword, matrix_rows, number
from chipscale.physics.electrical.models.truncation import Array

MATRICES = {"resistance matrix": "Ohm", "inductance matrix": "H", "capacitance matrix": "F"}
_FORMS = ("full_matrix", "sparse_matrix", "banded_matrix")


def matrix_problems(items: list[Keyword]) -> list[Problem]:
    """Return what is wrong with the pin list and the matrices of the package model."""
    pins, found = _pin_list(items)
    for name, unit in MATRICES.items():
        found += list(_matrix(items, name, unit, pins))
    return found


def read_matrices(items: list[Keyword]) -> tuple[list[str], dict[str, Array]]:
    """Return the pins and the matrices (p, p) in ohm, H, F by the first letter of their names.

    The file has no problems; banded matrices are not read.
    """
    pins = _pin_list(items)[0]
    return pins, {name[0].upper(): _read(items, name, pins)[0] for name in MATRICES if matrix_rows(items, name)}


def _problem(code: str, what: str, line: int, value: str = "", limit: str = "") -> Problem:
    return Problem(f"ibis.{code}", what, line=line or None, value=value, limit=limit)


def _pin_list(items: list[Keyword]) -> tuple[list[str], list[Problem]]:
    found: list[Problem] = []
    pins: list[str] = []
    told = 0
    for item in items:
        if item.name == "number of pins":
            told = int(item.argument) if item.argument.isdigit() else 0
            if told < 1:
                found.append(_problem("pin_numbers", "no number of pins", item.line, item.argument))
        if item.name == "pin numbers":
            pins = [content.split()[0] for _, content in item.content]
            if len(pins) != told:
                found.append(_problem("pin_numbers", "another number of pins than told", item.line, str(len(pins))))
            for pin in sorted({pin for pin in pins if pins.count(pin) > 1}):
                found.append(_problem("pin_numbers", "the pin is listed twice", item.line, pin))
            for pin in pins:
                if len(pin) > PIN_LENGTH:
                    found.append(_problem("pin_numbers", "the pin's name is too long", item.line, pin))
    return pins, found


def _matrix(items: list[Keyword], name: str, unit: str, pins: list[str]) -> Iterator[Problem]:
    found = matrix_rows(items, name)
    if found is None:
        return
    form, rows, line = found
    title = f"[{name.title()}]"
    if form not in _FORMS:
        yield _problem("matrix", f"{title} has no such form", line, form, ", ".join(_FORMS))
        return
    if [row.argument for row in rows] != pins:
        yield _problem("matrix", f"{title} has not one [Row] for every pin in their order", line, str(len(rows)))
        return
    if form == "banded_matrix":
        return
    for k, row in enumerate(rows):
        yield from (_full(row, len(pins) - k, unit) if form == "full_matrix" else _sparse(row, k, pins, unit))
    matrix, whole = _read(items, name, pins)
    if whole:
        yield from _physics(matrix, title, line)


def _physics(matrix: Array, title: str, line: int) -> Iterator[Problem]:
    size = np.diag(matrix)
    if np.any(size <= 0.0):
        yield _problem("physics", f"{title} has a diagonal that is not positive", line)
        return
    scaled = matrix / np.sqrt(np.outer(size, size))
    lowest = float(np.linalg.eigvalsh(scaled).min())
    if lowest <= 0.0:
        yield _problem("physics", f"{title} is not positive definite", line, f"{lowest:.3g}")
    if "Capacitance" in title and (scaled - np.eye(len(scaled))).max() > 0.0:
        yield _problem("physics", f"{title} has positive values beside the diagonal", line)


def _full(row: Keyword, count: int, unit: str) -> Iterator[Problem]:
    words = [word for _, content in row.content for word in content.split()]
    if len(words) != count:
        yield _problem("matrix", "the row has not all its entries", row.line, str(len(words)), str(count))
    yield from _numbers(words, row.line, unit)


def _sparse(row: Keyword, k: int, pins: list[str], unit: str) -> Iterator[Problem]:
    seen = set()
    for line, content in row.content:
        words = content.split()
        if len(words) != 2 or words[0] not in pins:
            yield _problem("matrix", "an entry is a pin and a value", line, content)
            continue
        if pins.index(words[0]) < k:
            yield _problem("matrix", "the entry is in the lower half", line, content)
        if words[0] in seen:
            yield _problem("matrix", "the entry is there twice", line, content)
        seen.add(words[0])
        yield from _numbers(words[1:], line, unit)
    if pins[k] not in seen:
        yield _problem("matrix", "the row has no diagonal", row.line, pins[k])


def _numbers(words: list[str], line: int, unit: str) -> Iterator[Problem]:
    for word in words:
        read = number(word)
        if read is None:
            yield _problem("number", "no number", line, word)
        elif read.unit not in ("", unit):
            yield _problem("unit", "another unit", line, word, unit)


def _read(items: list[Keyword], name: str, pins: list[str]) -> tuple[Array, bool]:
    """Return the matrix (p, p), and whether all of it could be read."""
    found = matrix_rows(items, name)
    matrix = np.zeros((len(pins), len(pins)))
    if found is None:
        return matrix, False
    whole = True
    for k, row in enumerate(found[1]):
        if found[0] == "full_matrix":
            words = [word for _, content in row.content for word in content.split()]
            pairs = list(zip(pins[k:], words, strict=False))
            whole &= len(words) == len(pins) - k
        else:
            pairs = [(content.split()[0], content.split()[-1]) for _, content in row.content]
        for pin, word in pairs:
            read = number(word)
            if read is None or pin not in pins:
                whole = False
                continue
            j = pins.index(pin)
            matrix[k, j] = matrix[j, k] = read.value
    return matrix, whole
