"""Foster and Cauer networks as SPICE subcircuits of R and C alone: volts are K, amperes are W."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chipscale.results import Result

_HEAD = "* V is the rise over the room in K, A is heat in W; feed the heat into the first node, the last is the room"


def foster_text(name: str, rows: Sequence[Mapping[str, Any]], notes: tuple[str, ...] = ()) -> str:
    """Return the subcircuit `name` junction room: stages of R beside C in a row.

    `rows` hold r_K_W and c_J_K. Its inner nodes mean nothing: ask the junction alone.
    """
    nodes = ["junction", *(f"n{k}" for k in range(1, len(rows))), "room"]
    lines = []
    for k, row in enumerate(rows):
        lines += _pair(k + 1, row, (nodes[k], nodes[k + 1]), (nodes[k], nodes[k + 1]))
    return _whole(name, notes, lines)


def cauer_text(name: str, rows: Sequence[Mapping[str, Any]], notes: tuple[str, ...] = ()) -> str:
    """Return the subcircuit `name` junction room: at every node a capacity to the room, a resistance to the next."""
    nodes = ["junction", *(f"n{k}" for k in range(1, len(rows))), "room"]
    lines = []
    for k, row in enumerate(rows):
        lines += _pair(k + 1, row, (nodes[k], nodes[k + 1]), (nodes[k], "room"))
    return _whole(name, notes, lines)


def write_networks(found: Result, folder: Path, name: str = "package") -> list[Path]:
    """Write `thermal_foster.sp` and `thermal_cauer.sp` of an answer of `thermal.transient` into an existing folder."""
    metrics = found.metrics
    notes = (
        f"{name}: rise of the hottest point of the junction over the room",
        f"within {100 * metrics['network_error_ratio']:.2g} % from {metrics['first_s']:g} s on",
        *found.provenance.values(),
    )
    written = []
    for kind, text in (("foster", foster_text), ("cauer", cauer_text)):
        path = folder / f"thermal_{kind}.sp"
        path.write_text(text(f"{name}_{kind}", found.tables[kind], notes), encoding="utf-8")
        written.append(path)
    return written


def _pair(number: int, row: Mapping[str, Any], across: tuple[str, str], beside: tuple[str, str]) -> list[str]:
    resistance = f"R{number} {across[0]} {across[1]} {row['r_K_W']:.9g}"
    return [resistance, f"C{number} {beside[0]} {beside[1]} {row['c_J_K']:.9g}"]


def _whole(name: str, notes: tuple[str, ...], lines: list[str]) -> str:
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    told = [f"* {line}" for note in notes for line in note.splitlines()]
    return "\n".join([*told, _HEAD, f".subckt {plain} junction room", *lines, f".ends {plain}"]) + "\n"
