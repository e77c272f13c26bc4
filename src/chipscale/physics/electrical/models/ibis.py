"""IBIS files of the package: pins with R, L and C of their own (.ibs), and coupled matrices (.pkg).

Source: I/O Buffer Information Specification, version 4.2 (sections 4, 5 and 7), IBIS Open Forum 2006.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from chipscale.physics.electrical.models.touchstone import plain
from chipscale.physics.electrical.models.truncation import Array

VERSION = "4.2"
LINE_LENGTH, NAME_LENGTH, PIN_LENGTH, VALUE_LENGTH, DESCRIPTION_LENGTH = 120, 40, 5, 9, 60
STAND_IN = "not_given"
SCALES = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "u"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
)
PinKind = Literal["signal", "power", "ground", "open"]
Corner = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pin:
    """A ball as IBIS sees it; None where a value is not known. `open`: no metal joins it to the die."""

    name: str
    net: str
    kind: PinKind
    r_ohm: float | None = None
    l_H: float | None = None
    c_F: float | None = None


@dataclass(frozen=True, slots=True)
class Corners:
    """Typical, smallest and largest values of the package as made, where its variation was given."""

    r_ohm: Corner | None = None
    l_H: Corner | None = None
    c_F: Corner | None = None


@dataclass(frozen=True, slots=True)
class Matrices:
    """Coupled values (p, p) of the pins; `meaning` says what the inductances are and at which frequency."""

    pins: tuple[str, ...]
    r_ohm: Array
    l_H: Array
    c_F: Array
    meaning: str


@dataclass(frozen=True, slots=True)
class About:
    """What the head of a file says."""

    name: str
    title: str = ""
    manufacturer: str = "not given"
    notes: tuple[str, ...] = ()


def file_name(name: str, ending: str) -> str:
    """Return a file name as IBIS allows it: lower case, at most 40 characters before the ending.

    >>> file_name("My Chip (rev. B)", "ibs")
    'my_chip_rev_b.ibs'
    """
    base = re.sub(r"[^a-z0-9_]+", "_", plain(name).lower()).strip("_") or "package"
    return f"{base[:NAME_LENGTH]}.{ending}"


def number(value: float, digits: int = 4) -> str:
    """Return a number with IBIS's scale letter behind it, of at most `digits` significant digits.

    >>> number(0.01234), number(1.2e-10), number(0.0), number(-3.4567e-13, 6)
    ('12.34m', '120p', '0', '-345.67f')
    """
    if value == 0.0:
        return "0"
    size = float(f"{abs(value):.{digits - 1}e}")
    scale, letter = next(((s, text) for s, text in SCALES if size >= s), SCALES[-1])
    text = f"{value / scale:.{digits}g}"
    if "e" in text:  # far below the smallest letter
        text = f"{value / scale:.{digits + 6}f}".rstrip("0")
    return f"{text}{letter}"


def ibs_text(about: About, pins: Sequence[Pin], package_model: str = "", corners: Corners | None = None) -> str:
    """Return the .ibs text: one component with [Package], [Pin] and the name of its package model.

    Typical values of [Package] are means over the pins; smallest and largest are NA unless `corners` gives them.
    Buffers are not part of a package: signals stand on a terminator of 1 Mohm called "not_given".
    """
    known = corners or Corners()
    lines = [*_head(about, "ibs"), f"[Component] {_name(about.name)}", f"[Manufacturer] {_title(about.manufacturer)}"]
    lines += ["[Package]", "| variable      typ       min       max"]
    for key, unit, given in (("r_ohm", "", known.r_ohm), ("l_H", "H", known.l_H), ("c_F", "F", known.c_F)):
        values = [value for pin in pins if (value := getattr(pin, key))]  # the return's 0 is no pin's own
        typical = float(np.mean(values)) if values else 0.0
        lines.append(_columns((f"{key[0].upper()}_pkg", *_corner(typical, given, unit)), (12, 11, 11, 11)))
    lines.append("[Pin]  signal_name                              model_name   R_pin     L_pin     C_pin")
    lines += [_pin_line(pin) for pin in pins]
    if package_model:
        lines.append(f"[Package Model] {_name(package_model)}")
    if any(pin.kind == "signal" for pin in pins):
        lines += _stand_in()
    return "\n".join([*lines, "[End]"]) + "\n"


def pkg_text(about: About, matrices: Matrices, sparse: bool = False) -> str:
    """Return the .pkg text: one package model with its three matrices, full or (`sparse`) without their zeros."""
    lines = [
        *_head(about, "pkg"),
        f"[Define Package Model] {_name(about.name)}",
        f"[Manufacturer] {_title(about.manufacturer)}",
        f"[OEM] {_title(about.manufacturer)}",
        f"[Description] {plain(about.title or about.name)[:DESCRIPTION_LENGTH].strip()}",
        f"[Number Of Pins] {len(matrices.pins)}",
        "[Pin Numbers]",
        *matrices.pins,
        "[Model Data]",
        f"| {plain(matrices.meaning)[: LINE_LENGTH - 2]}",
    ]
    for title, matrix, unit in (
        ("Resistance", matrices.r_ohm, "Ohm"),
        ("Inductance", matrices.l_H, "H"),
        ("Capacitance", matrices.c_F, "F"),
    ):
        lines.append(f"[{title} Matrix] {'Sparse_matrix' if sparse else 'Full_matrix'}")
        for k, pin in enumerate(matrices.pins):
            lines.append(f"[Row] {pin}")
            lines += _sparse_row(matrices.pins, matrix, k, unit) if sparse else _full_row(matrix[k, k:], unit)
    return "\n".join([*lines, "[End Model Data]", "[End Package Model]", "[End]"]) + "\n"


def _head(about: About, ending: str) -> list[str]:
    lines = [
        f"[IBIS Ver] {VERSION}",
        f"[File Name] {file_name(about.name, ending)}",
        "[File Rev] 1.0",
        "[Source] Calculated by chipscale from the package as it is built",
    ]
    notes = [plain(line).lstrip("[ ")[: LINE_LENGTH - 2] for line in about.notes]
    return [*lines, *(["[Notes]", *notes] if notes else [])]


def _name(text: str) -> str:
    """Return a name as tools take it: without blanks, comment or keyword signs."""
    return re.sub(r"[\s|\[\]]+", "_", plain(text).strip())[:NAME_LENGTH]


def _title(text: str) -> str:
    return plain(text).replace("|", "_")[:NAME_LENGTH].strip()


def _columns(words: Sequence[str], widths: Sequence[int]) -> str:
    return " ".join(word.ljust(width) for word, width in zip(words, widths, strict=True)).rstrip()


def _corner(typical: float, given: Corner | None, unit: str) -> list[str]:
    if given is None:
        return [number(typical) + unit, "NA", "NA"]
    return [number(value) + unit for value in given]


def _pin_line(pin: Pin) -> str:
    model = {"signal": STAND_IN, "power": "POWER", "ground": "GND", "open": "NC"}[pin.kind]
    values = [
        "NA" if value is None else number(value) + unit
        for value, unit in ((pin.r_ohm, ""), (pin.l_H, "H"), (pin.c_F, "F"))
    ]
    signal = re.sub(r"[\s|]", "_", plain(pin.net or "NC"))[:NAME_LENGTH]
    return _columns((pin.name, signal, model, *values), (6, 40, 12, 9, 9, 9))


def _stand_in() -> list[str]:
    return [
        "| The die's buffers are not part of its package: put their models in place of this stand-in.",
        f"[Model] {STAND_IN}",
        "Model_type Terminator",
        "C_comp 0.0pF NA NA",
        "[Voltage Range] 1.0V NA NA",
        "[Rgnd] 1.0Mohm NA NA",
    ]


def _full_row(values: Array, unit: str) -> list[str]:
    words = [number(float(value), 8) + unit for value in values]
    lines, line = [], ""
    for word in words:
        if len(line) + 1 + len(word) > LINE_LENGTH - 10:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return [*lines, line]


def _sparse_row(pins: Sequence[str], matrix: Array, k: int, unit: str) -> list[str]:
    """Return a row's entries from the diagonal on, "pin value" a line; the diagonal is always there."""
    shown = [j for j in range(k, len(pins)) if j == k or matrix[k, j] != 0.0]
    return [f"{pins[j]} {number(float(matrix[k, j]), 8)}{unit}" for j in shown]
