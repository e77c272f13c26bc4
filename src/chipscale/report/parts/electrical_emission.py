"""The loop of a signal and its return, what it would radiate, and how far that estimate holds."""

from __future__ import annotations

import math
from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.checks import metrics_block
from chipscale.report.parts.electrical_refusal import doubts, refused
from chipscale.report.parts.frame import Cell, Column, badge, facts, figure, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, frequency, number
from chipscale.results import Result

NAME = "electrical.emission"
_MOST_BARS = 12
_SIZES = (("loop_area_um2", 1e6), ("loop_length_um", 1e3), ("e_loop_uV_m", 1.0))  # column, what it is divided by


def emission(data: ReportInput) -> Html | None:
    """Return the estimate with its range of validity; None when nobody asked."""
    result = data.results.get(NAME)
    if result is None:
        return None
    title = "Radiation: a first estimate"
    if result.state == "failed" or not result.tables.get("loop"):
        return tag("section", tag("h3", title, " ", badge("", "no answer")), refused(data, (NAME,)), id=anchor_of(NAME))
    pill = badge("doubtful", "out of its range") if result.state == "doubtful" else badge("good", "in its range")
    return tag(
        "section",
        tag("h3", title, " ", pill),
        _lead(result),
        doubts(data, (NAME,)),
        facts(_facts(result)),
        _loops(result),
        tag("details", tag("summary", "All figures"), metrics_block(result)),
        id=anchor_of(NAME),
    )


def _asked(result: Result, name: str, unit: str) -> str:
    value = asked_of(result, name)
    if value is None:
        return f"the {name} asked for"
    if unit == "Hz":
        return frequency(value)
    return f"{number(value)}{THIN}{unit}"


def _lead(result: Result) -> Html:
    row = result.tables["loop"][0]
    way = (
        f"from ball {row['signal_ball']} up {row['signal']} to pad {row['signal_pad']}, across the die to pad "
        f"{row['return_pad']}, down {row['return_net']} to ball {row['return_ball']} and straight back"
    )
    return tag(
        "p",
        f"{_asked(result, 'current_mA', 'mA')} at {_asked(result, 'f_Hz', 'Hz')} around the loop {way}, seen from "
        f"{_asked(result, 'distance_m', 'm')}: the largest far field of a small loop in free space; over a "
        "reflecting ground it is up to twice as much, and proportional to the current. The board "
        "beyond the balls is not in it, and is what usually radiates most.",
        class_="lead",
    )


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m, row = result.metrics, result.tables["loop"][0]
    level = row.get("e_total_dBuV_m")
    field = f"{number(m['e_total_uV_m'], 3)}{THIN}µV/m"
    if isinstance(level, int | float) and math.isfinite(level):
        field += f" ({number(level, 3)}{THIN}dBµV/m)"
    told = (
        f"{_asked(result, 'current_mA', 'mA')} at {_asked(result, 'f_Hz', 'Hz')}, {_asked(result, 'distance_m', 'm')}"
    )
    pairs: list[tuple[Child, Child]] = [
        (f"Largest far field of {told} away, free space", field),
        ("Area of the loop", f"{number(m['loop_area_um2'] / 1e6, 4)}{THIN}mm²"),
        ("Way around the loop", f"{number(m['loop_length_um'] / 1e3, 4)}{THIN}mm"),
    ]
    if "holds_to_Hz" in m:
        low, high = m["holds_from_Hz"], m["holds_to_Hz"]
        band = f"{frequency(low)} to {frequency(high)}" if low < high else "none"
        pairs.append(("Frequencies at which the estimate holds, this loop and distance", band))
    return [
        *pairs,
        (
            "Longest way over the wavelength on it (holds below 0.1)",
            [number(m["path_over_wavelength_ratio"], 3), " ", _within(m["path_over_wavelength_ratio"] <= 0.1)],
        ),
        (
            "Distance over wavelength / 2π (holds above 1)",
            [number(m["distance_over_near_ratio"], 3), " ", _within(m["distance_over_near_ratio"] >= 1.0)],
        ),
    ]


def _within(ok: bool) -> Html:
    return badge("good", "holds") if ok else badge("doubtful", "beyond")


def _loops(result: Result) -> Html | None:
    """Return the loops of all signals where more than one was asked for, the largest first."""
    rows: list[dict[str, Any]] = result.tables.get("loops", [])
    if len(rows) < 2:
        return None
    first = [
        Bar(row["signal"], f"{row['signal_ball']} to {row['return_ball']}", row["loop_area_um2"] / 1e6)
        for row in rows[:_MOST_BARS]
    ]
    drawn = bars_svg(first, "area of the loop, mm²", "mm²", "Area of the loop by signal")
    said = f"The {min(len(rows), _MOST_BARS)} largest loops of {len(rows)} signals; the figures above are of the first."
    told = (
        f"{_asked(result, 'current_mA', 'mA')} at {_asked(result, 'f_Hz', 'Hz')}, {_asked(result, 'distance_m', 'm')}"
    )
    columns = [Column("Signal"), Column("Ball"), Column("Return ball")]
    columns += [Column("Area, mm²", True), Column("Around, mm", True), Column("Far field, µV/m", True, f"{told} away")]
    shown = [
        [row["signal"], row["signal_ball"], row["return_ball"]]
        + [Cell(number(row[name] / size, 4), row[name]) for name, size in _SIZES]
        for row in rows
    ]
    box = table(f"Loops of all signals; field of {told} away", columns, shown, sortable=True, tall=len(rows) > 12)
    folded = tag("details", tag("summary", f"All loops: {number(len(rows))}"), box)
    return tag("div", figure(drawn, said, class_="half"), folded)
