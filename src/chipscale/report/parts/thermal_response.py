"""How the package warms up: impedance over time, pulses, where the heat is, networks, maps of the junction."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.figures.color_scale import scale_of
from chipscale.report.figures.curves import Axis, Curve, curves_svg
from chipscale.report.figures.temperature import temperature_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Column, facts, figure, table
from chipscale.report.parts.thermal_answer import cell, decades, folded, heading, rests_on, seconds
from chipscale.report.parts.thermal_fields import ends
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, number
from chipscale.results import Result

NAME = "thermal.transient"
Array = npt.NDArray[np.float64]
_CURVES = (
    ("hottest_K_W", "junction, hottest"),
    ("mean_K_W", "junction, mean"),
    ("case_K_W", "top"),
    ("board_K_W", "board, 1 mm off"),
)
_DUTIES = ("50", "20", "10", "5", "1")  # of the pulses drawn; the table has all
_LOST_RATIO = 0.1  # of the first rise of the junction: below that a curve is not drawn
_MAPS_COUNT = 4


def response(data: ReportInput) -> Html | None:
    """Return plots, networks and maps of the step response; None without an answer."""
    result = given(data, NAME)
    if result is None or "hottest_K_W" not in result.fields:
        return None
    rows = result.tables
    return tag(
        "section",
        heading("How fast it warms up", result),
        facts(_facts(result)),
        tag("div", _impedance(result), _pulses(result), _stored(result), class_="pair"),
        tag("h4", "The junction at some times"),
        tag("div", _maps(result.fields), class_="pair"),
        tag("h4", "Networks for SPICE"),
        tag("p", _networks_words(result), class_="lead"),
        tag("div", _network("Foster", rows["foster"]), _network("Cauer", rows["cauer"]), class_="pair"),
        _long_table(result, "step", "Rise after power is on, K/W", _STEP),
        _long_table(result, "pulses", "Rise at the end of pulses, K per watt of the pulse", _pulse_columns(result)),
        tag("details", tag("summary", "What it rests on"), rests_on(result)),
        folded(result),
        id=anchor_of(NAME),
    )


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    pairs: list[tuple[Child, Child]] = [("Rise at rest", f"{number(m['theta_ja_K_W'], 4)}{THIN}K/W")]
    for name in ("1ms", "100ms", "1s", "10s"):
        if f"z_{name}_K_W" in m:
            time = seconds({"1ms": 1e-3, "100ms": 0.1, "1s": 1.0, "10s": 10.0}[name])
            pairs.append((f"Rise after {time}", f"{number(m[f'z_{name}_K_W'], 4)}{THIN}K/W"))
    pairs += [
        ("Half of the rise after", seconds(m["t_half_s"])),
        (f"90{THIN}% after", seconds(m["t_90pct_s"])),
        ("Slowest time constant", seconds(m["tau_longest_s"])),
    ]
    return pairs


def _impedance(result: Result) -> Html:
    f = {name: np.asarray(values, dtype=float) for name, values in result.fields.items()}
    times, hottest = f["times_s"], f["hottest_K_W"]
    low, high = decades(_LOST_RATIO * float(hottest[0]), float(hottest[-1]))
    drawn = [Curve(words, times, np.where(f[name] >= low, f[name], np.nan)) for name, words in _CURVES]
    words = "Rise per watt over time after power is switched on"
    art = curves_svg(drawn, _time("time"), Axis("rise, K/W", True, low, high), words)
    return figure(art, f"{words}: thermal impedance of the junction, and how top and board follow.")


def _time(title: str) -> Axis:
    return Axis(title, powers=True, words=seconds)


def _pulses(result: Result) -> Html:
    rows: list[dict[str, Any]] = result.tables["pulses"]
    width = np.array([row["width_s"] for row in rows])
    names = {f"z_duty_{duty}_pct_K_W": f"duty {duty}{THIN}%" for duty in _DUTIES} | {"z_single_K_W": "one pulse"}
    drawn = [
        Curve(words, width, np.array([row[name] for row in rows])) for name, words in names.items() if name in rows[0]
    ]
    low, high = decades(min(float(np.min(c.y)) for c in drawn), max(float(np.max(c.y)) for c in drawn))
    words = "Rise at the end of a pulse, per watt of the pulse"
    art = curves_svg(drawn, _time("width of the pulse"), Axis("rise, K/W", True, low, high), words)
    return figure(art, f"{words}: one alone, and pulses that come again and again for a long time.")


def _stored(result: Result) -> Html:
    rows = result.tables["stored"]
    times = np.array([row["t_s"] for row in rows])
    drawn = [
        Curve(words, times, np.array([row[name] for row in rows]))
        for name, words in (("package_pct", "package"), ("board_pct", "board"), ("room_pct", "room"))
    ]
    words = "Where the heat made so far is"
    art = curves_svg(drawn, _time("time"), Axis("share, %", low=0.0, high=100.0), words)
    return figure(art, f"{words}: stored in the package, in the board, or gone into the room; a point per decade.")


def _maps(f: Any) -> list[Html]:
    """Return the junction's rise at a few times from the first to the last, each with a scale of its own."""
    times, maps = np.asarray(f["map_times_s"]), np.asarray(f["junction_K_W"])
    made = []
    for k in np.unique(np.linspace(0, len(times) - 1, min(_MAPS_COUNT, len(times))).round().astype(int)):
        low, high = ends(maps[k])
        when = seconds(float(times[k]))
        words = (f"Rise of the junction after {when}", "x, die view, mm", "y, mm")
        art = temperature_svg(maps[k], (f["x_mm"], f["y_mm"]), scale_of([low, high], powers=False), words, unit="K/W")
        made.append(figure(art, f"{words[0]}: {number(low, 4)} to {number(high, 4)}{THIN}K/W."))
    return made


def _networks_words(result: Result) -> str:
    m = result.metrics
    off = number(100.0 * m["network_error_ratio"], 2)
    return (
        f"{count(m['stages_count'], 'stage')} give the rise of the hottest point within {off}{THIN}% at every time "
        f"from {seconds(m['first_s'])} on. chipscale models … --heat writes both as SPICE subcircuits of R and C: "
        "volts are K over the room, amperes are W."
    )


def _network(kind: str, rows: list[dict[str, Any]]) -> Html:
    columns = [Column("Stage", True), Column("R, K/W", True), Column("C, J/K", True), Column("R·C", True)]
    shown = [[row["stage"], cell(row["r_K_W"], 5), cell(row["c_J_K"], 5), seconds(row["tau_s"])] for row in rows]
    return table(f"{kind} network", columns, shown)


_STEP = (
    ("z_hottest_K_W", "Junction, hottest"),
    ("z_mean_K_W", "Junction, mean"),
    ("z_case_K_W", "Top"),
    ("z_board_K_W", "Board"),
)


def _pulse_columns(result: Result) -> tuple[tuple[str, str], ...]:
    names = [name for name in result.tables["pulses"][0] if name.startswith("z_duty_")]
    duties = ((name, f"Duty {name.removeprefix('z_duty_').removesuffix('_pct_K_W')}{THIN}%") for name in names)
    return (("z_single_K_W", "One pulse"), *duties)


def _long_table(result: Result, name: str, caption: str, named: tuple[tuple[str, str], ...]) -> Html:
    rows = result.tables[name]
    when = "t_s" if "t_s" in rows[0] else "width_s"
    columns = [Column("Time" if when == "t_s" else "Width", True), *(Column(words, True) for _, words in named)]
    shown = [[seconds(row[when]), *(cell(row[key]) for key, _ in named)] for row in rows]
    return tag("details", tag("summary", caption), table(caption, columns, shown, tall=len(rows) > 12))
