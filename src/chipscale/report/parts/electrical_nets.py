"""The table of all nets' electrical values, and words for what an inductance is."""

from __future__ import annotations

import re
from typing import Any

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, join, tag
from chipscale.report.parts.frame import Cell, Column, table
from chipscale.report.wording import count, frequency, number
from chipscale.results import Result

RETURN = re.compile(r"^loop, return ")
# Column of the net's row in a result -> title, what it means.
_RL = (
    ("path_um", "Path, µm", "shortest way of a current from a ball to its pad"),
    ("r_dc_mohm", "R at DC, mΩ", "balls joined by the board, pads by the die"),
    ("r_mohm", "R {at}, mΩ", "the same with skin and proximity effect"),
    ("l_dc_nH", "L at DC, nH", "{kind}: current spread evenly over the metal"),
    ("l_nH", "L {at}, nH", "{kind}"),
)
_C = (
    ("c_pF", "C, pF", "to the silicon and to all other nets, these grounded"),
    ("coupled_pct", "Coupled, %", "share of C that goes to other nets"),
)
_LINES = (
    ("l_loop_nH", "L of the loop, nH", "{kind}, at 1 GHz"),
    ("delay_ps", "Delay, ps", "root of L of the loop times C"),
    ("z_ohm", "Z, Ω", "root of L of the loop over C: of a line without loss"),
)


def answer(data: ReportInput, name: str) -> Result | None:
    """Return the answer of an analysis that has rows for nets; None where there is none."""
    result = data.results.get(name)
    return result if result is not None and result.tables.get("nets") else None


def kind_of(result: Result) -> str:
    """Return what the inductances are: "partial", or "loop, return X"."""
    rows = result.tables.get("nets", [])
    return str(rows[0]["inductance"]) if rows else "partial"


def at_of(result: Result) -> str:
    """Return at what frequency R and L of `electrical.rl` are: "at 1 GHz", "at DC"."""
    found = result.fields.get("f_Hz")
    return f"at {frequency(float(found[0]))}" if found is not None and len(found) else "at DC"


def net_table(data: ReportInput) -> Html | None:
    """Return a row per net with all values that are known of it; None when no value is."""
    groups = []
    for name, columns in (("electrical.rl", _RL), ("electrical.capacitance", _C), ("electrical.delay", _LINES)):
        result = answer(data, name)
        if result is not None:
            groups.append((kind_of(result) if columns is not _C else "", columns, _by_net(result), result))
    if not groups:
        return None
    columns = [Column("Net"), Column("Class"), Column("Balls")]
    at = at_of(groups[0][3])
    for kind, named, _, _ in groups:
        columns += [Column(title.format(at=at), True, hint.format(kind=kind)) for _, title, hint in named]
    rows = []
    for net in data.package.nets:
        if not any(net.name in found for _, _, found, _ in groups):
            continue
        cells: list[Any] = [
            tag("a", net.name, href="#layout", data_net=net.name),
            net.net_class,
            ", ".join(net.balls),
        ]
        for _, named, found, _ in groups:
            cells += [_cell(found.get(net.name, {}).get(name)) for name, _, _ in named]
        rows.append(cells)
    caption = f"{count(len(rows), 'net')} with metal; each net's balls joined by the board, its pads by the die"
    made = table(caption, columns, rows, sortable=True, filter_="Filter by net, class or ball", tall=len(rows) > 12)
    return join(made, _meaning(data))


def _by_net(result: Result) -> dict[str, dict[str, Any]]:
    return {row["net"]: row for row in result.tables["nets"]}


def _cell(value: float | None) -> Cell:
    return Cell("–") if value is None else Cell(number(value, 4), value)


def _meaning(data: ReportInput) -> Html:
    """Return how to read the table: what kind of inductance stands in which column."""
    said = []
    rl, lines = answer(data, "electrical.rl"), answer(data, "electrical.delay")
    if rl is not None and kind_of(rl) == "partial":
        said.append(
            "“L” is partial: it stands for one path alone, and becomes a voltage only together with the return's own "
            "and the mutual inductance (the matrices below)."
        )
    if lines is not None:
        back = RETURN.sub("", kind_of(lines))
        said.append(
            f"“L of the loop” closes through {back}, whose balls share the current; delay and Z are those of a line "
            "without loss made of it and C."
        )
    if answer(data, "electrical.capacitance") is not None:
        said.append("“C” is to the silicon and to all other nets, with these grounded.")
    return tag("p", " ".join(said), class_="fine")
