"""S-parameters as a Touchstone file of version 1.1 or 2.0: writing it, and what both versions share.

Sources: Touchstone File Format Specification 1.1 (EIA/IBIS Open Forum 2002) and 2.0 (IBIS Open Forum 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
_PAIRS_A_LINE = 4  # a line of a matrix of three and more ports holds at most four pairs of numbers


@dataclass(frozen=True, slots=True)
class Touchstone:
    """S-parameters `s` (k, n, n) of `ports` (n) at the frequencies (k,), all ports referred to their own `z0_ohm` (n,).

    `notes`: lines that the file tells a reader.
    """

    ports: tuple[str, ...]
    f_Hz: Array
    s: Complex
    z0_ohm: Array
    notes: tuple[str, ...] = ()


def suffix(data: Touchstone, version: str = "1.1") -> str:
    """Return the file's ending: `.s4p` of version 1.1 with four ports, `.ts` of version 2.0."""
    return f".s{len(data.ports)}p" if version == "1.1" else ".ts"


def write_touchstone(data: Touchstone, path: Path, version: str = "1.1") -> None:
    """Write `data` to `path`; version "1.1" or "2.0"."""
    path.write_text(touchstone_text(data, version), encoding="ascii", newline="\n")


def touchstone_text(data: Touchstone, version: str = "1.1") -> str:
    """Return the file's text: frequencies in Hz, real and imaginary parts, ports named in comments.

    Version 2.0 holds the lower triangle (S is symmetric) and a reference resistance for each port; version 1.1 has a
    single one, so ValueError where ports differ.
    """
    if version == "1.1":
        if np.ptp(data.z0_ohm) > 0.0:
            raise ValueError("version 1.1 has one reference resistance for all ports")
        head = [*_comments(data), f"# Hz S RI R {data.z0_ohm[0]:g}"]
        body = [_full(f, s) for f, s in zip(data.f_Hz, data.s, strict=True)]
        return "\n".join([*head, *body]) + "\n"
    count = len(data.ports)
    two = ["[Two-Port Data Order] 12_21"] if count == 2 else []
    even = bool(np.abs(data.s - np.swapaxes(data.s, 1, 2)).max(initial=0.0) < 1e-12)
    head = [
        *_comments(data),
        "[Version] 2.0",
        "# Hz S RI R 50",
        f"[Number of Ports] {count}",
        *two,
        f"[Number of Frequencies] {len(data.f_Hz)}",
        "[Reference]",
        *_wrapped([f"{value:g}" for value in data.z0_ohm], 10),
        f"[Matrix Format] {'Lower' if even else 'Full'}",
        "[Network Data]",
    ]
    form = _lower if even else _rows
    body = [form(f, s) for f, s in zip(data.f_Hz, data.s, strict=True)]
    return "\n".join([*head, *body, "[End]"]) + "\n"


def plain(text: str) -> str:
    """Return printable ASCII only, as the standards ask for.

    >>> plain("Ω at 25 °C")
    '? at 25 ?C'
    """
    named = text.replace("µ", "u").replace("±", "+-").replace("–", "-")
    return "".join(letter if " " <= letter <= "~" else "?" for letter in named)


def _comments(data: Touchstone) -> list[str]:
    notes = [f"! {plain(line)}" for line in data.notes]
    return [*notes, *(f"! Port[{k}] = {plain(name)}" for k, name in enumerate(data.ports, start=1))]


def _pair(value: complex) -> str:
    return f"{value.real:.10e} {value.imag:.10e}"


def _full(f_Hz: float, s: Complex) -> str:
    """Return one frequency's lines as version 1.1 wants them: two ports column by column, more row by row."""
    if len(s) <= 2:
        return f"{f_Hz:.12g} " + " ".join(_pair(value) for value in s.T.ravel())
    return _rows(f_Hz, s)


def _rows(f_Hz: float, s: Complex) -> str:
    return _matrix_lines(f_Hz, [list(row) for row in s])


def _lower(f_Hz: float, s: Complex) -> str:
    return _matrix_lines(f_Hz, [list(row[: k + 1]) for k, row in enumerate(s)])


def _matrix_lines(f_Hz: float, rows: Sequence[Sequence[complex]]) -> str:
    """Return rows each beginning a line, the first behind its frequency; one or two ports share one line."""
    if len(rows) <= 2:
        return f"{f_Hz:.12g} " + " ".join(_pair(value) for row in rows for value in row)
    lines = [line for row in rows for line in _wrapped([_pair(value) for value in row], _PAIRS_A_LINE)]
    return "\n".join([f"{f_Hz:.12g} {lines[0]}", *(f"  {line}" for line in lines[1:])])


def _wrapped(words: Sequence[str], most: int) -> list[str]:
    return [" ".join(words[k : k + most]) for k in range(0, len(words), most)]
