"""Temperatures along a trace of power: both over the same time, and the hottest times."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipscale.report.figures.curves import Axis, Curve, curves_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Column, facts, figure, table
from chipscale.report.parts.thermal_answer import cell, folded, heading, rests_on, seconds
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, number
from chipscale.results import Result

NAME = "thermal.mission"
Array = npt.NDArray[np.float64]
_PLACES = (
    ("t_junction_C", "junction, hottest"),
    ("t_junction_mean_C", "junction, mean"),
    ("t_case_C", "top"),
    ("t_board_C", "board, 1 mm off"),
)
_SPANS = 180  # of time, each drawn by its first, least, largest and last value


def mission(data: ReportInput) -> Html | None:
    """Return power and temperatures over time and the hottest times; None without an answer."""
    result = given(data, NAME)
    if result is None or "times_s" not in result.fields:
        return None
    return tag(
        "section",
        heading("Along the trace of power", result),
        facts(_facts(result)),
        tag("div", _power(result), _temperatures(result), class_="pair"),
        _hottest(result),
        tag("details", tag("summary", "What it rests on"), rests_on(result)),
        folded(result),
        id=anchor_of(NAME),
    )


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    after = tag("small", f" after {seconds(m['t_max_at_s'])}")
    return [
        ("Hottest", [f"{number(m['t_max_C'], 4)}{THIN}°C", after]),
        ("Swing of the junction", f"{number(m['swing_K'], 3)}{THIN}K"),
        ("Mean of the junction", f"{number(m['t_mean_C'], 4)}{THIN}°C"),
        ("Board, hottest", f"{number(m['t_board_max_C'], 4)}{THIN}°C"),
        ("Mean power", f"{number(m['power_mean_W'], 3)}{THIN}W"),
        ("Largest power", f"{number(m['power_max_W'], 3)}{THIN}W"),
        ("Energy", f"{number(m['energy_J'], 3)}{THIN}J"),
        ("Trace", f"{seconds(m['duration_s'])}, {count(m['steps_count'], 'step')}"),
    ]


def _axis(result: Result) -> Axis:
    return Axis("time, s", low=0.0, high=float(result.metrics["duration_s"]))


def _power(result: Result) -> Html:
    times, power = (np.asarray(result.fields[name], dtype=float) for name in ("times_s", "power_W"))
    drawn = Curve("power", *spans(*stairs(times, power)))
    art = curves_svg([drawn], _axis(result), Axis("power, W", low=0.0), "Power over time")
    return figure(art, "Power over time, as the trace has it.")


def _temperatures(result: Result) -> Html:
    times = np.asarray(result.fields["times_s"], dtype=float)
    drawn = [
        Curve(words, *spans(times, np.asarray(result.fields[name], dtype=float)))
        for name, words in reversed(_PLACES)  # the junction lies on top
        if name in result.fields
    ]
    words = "Temperatures over time"
    art = curves_svg(drawn, _axis(result), Axis("temperature, °C"), words)
    return figure(art, f"{words}; the junction's is that of the point that is hottest at the hottest time.")


def stairs(times_s: Array, values: Array) -> tuple[Array, Array]:
    """Return the corners of values that each hold until the next time; times between equal values are left out.

    >>> stairs(np.array([0.0, 1.0, 2.0]), np.array([5.0, 5.0, 3.0]))[1].tolist()
    [5.0, 5.0, 3.0, 3.0]
    """
    first = np.flatnonzero(np.concatenate(([True], np.diff(values) != 0)))
    ends = np.append(times_s[first[1:]], times_s[-1])
    return np.column_stack((times_s[first], ends)).reshape(-1), np.repeat(values[first], 2)


def spans(x: Array, y: Array) -> tuple[Array, Array]:
    """Return so few of the points that they can be drawn, with every peak kept: of each span of time the first, the
    least, the largest and the last."""
    if len(x) <= 4 * _SPANS:
        return x, y
    cuts = np.unique(np.searchsorted(x, np.linspace(x[0], x[-1], _SPANS + 1)[1:-1]))
    kept = set()
    for part in np.split(np.arange(len(x)), cuts):
        if len(part):
            kept |= {part[0], part[-1], part[y[part].argmin()], part[y[part].argmax()]}
    order = np.array(sorted(kept))
    return x[order], y[order]


def _hottest(result: Result) -> Html:
    columns = [Column("Time", True), Column("Power from then on, W", True)]
    columns += [Column(f"{words[0].upper()}{words[1:]}, °C", True) for _, words in _PLACES]
    shown = [
        [seconds(row["t_s"]), cell(row["power_W"]), *(cell(row[name]) for name, _ in _PLACES)]
        for row in result.tables["hottest"]
    ]
    return table("Hottest times", columns, shown)
