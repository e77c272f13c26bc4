"""Temperatures at work: the junction's plane, a cut upright, the board; the heat by face and by ball."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale, scale_of
from chipscale.report.figures.temperature import temperature_svg
from chipscale.report.figures.value_map import bump_values
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Column, figure, table
from chipscale.report.parts.thermal_answer import cell, folded, heading
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

NAME = "thermal.steady"


def fields(data: ReportInput) -> Html | None:
    """Return pictures of the temperatures and the table of the heat's ways; None without an answer."""
    result = given(data, NAME)
    if result is None or "junction_C" not in result.fields:
        return None
    power = f"{number(sum(row['heat_W'] for row in result.tables['heat']), 3)}{THIN}W"
    pictures = [*_cuts(result.fields, power), _balls(data, result, power)]
    return tag(
        "section",
        heading("Temperatures at work", result),
        tag("div", pictures, class_="pair"),
        _ways(result, power),
        folded(result),
        id=anchor_of(NAME),
    )


def _cuts(f: Any, power: str) -> list[Html]:
    """Return the junction, the cut upright and the board, each with a scale of its own."""
    junction, board = (scale_of([*ends(f[name])], powers=False) for name in ("junction_C", "board_C"))
    box = _cut_box(f)
    inside = np.asarray(f["cut_x_C"])[:, _within(f["x_mm"], box[0], box[1])]
    flat = ("x, die view, mm", "y, mm")
    hot = temperature_svg(
        f["junction_C"], (f["junction_x_mm"], f["junction_y_mm"]), junction, ("Temperature of the junction", *flat)
    )
    cool = temperature_svg(f["board_C"], (f["x_mm"], f["y_mm"]), board, ("Temperature of the board", *flat))
    upright = _upright(f, box, scale_of([*ends(inside)], powers=False))
    return [
        figure(hot, f"Junction at {power}: {_words(f['junction_C'])}."),
        figure(upright, f"Cut along x through the middle at {power}; z grows towards the board."),
        figure(cool, f"The board's side that carries the package, at {power}: {_words(f['board_C'])}."),
    ]


def _balls(data: ReportInput, result: Result, power: str) -> Html | None:
    balls = result.tables["balls"]
    if not balls:
        return None
    drawn = bump_values(
        ([row["x_um"] for row in balls], [row["y_um"] for row in balls]),
        [row["heat_mW"] for row in balls],
        data.package.package_size_um,
        data.package.terminal.ball_d_um,
        ("heat through the balls", "mW"),
    )
    share = number(result.metrics["balls_pct"], 3)
    return figure(drawn, f"Heat through each ball, {share}{THIN}% of {power} in all.")


def _ways(result: Result, power: str) -> Html:
    columns = [
        Column("Face"),
        Column("Heat, W", True),
        Column("Share, %", True),
        Column("Film, W/(m²·K)", True),
        Column("Surface, °C", True),
    ]
    names = ("heat_W", "share_pct", "h_W_m2K", "surface_C")
    rows = [[row["face"], *(cell(row[name]) for name in names)] for row in result.tables["heat"]]
    return table(f"Where {power} leave", columns, rows)


def _upright(f: Any, box: tuple[float, float, float, float], scale: Scale) -> Html:
    words = ("Temperature of a cut through the middle", "x, die view, mm", "z, mm")
    return temperature_svg(f["cut_x_C"], (f["x_mm"], f["z_mm"]), scale, words, box)


def _cut_box(f: Any) -> tuple[float, float, float, float]:
    """Return the part of the upright cut that shows the package and as much of the board beside it."""
    x = np.asarray(f["junction_x_mm"])
    half = 0.5 * (x[-1] - x[0])
    z = np.asarray(f["z_mm"])
    return float(x[0] - half), float(x[-1] + half), float(z[0]), float(z[-1])


def _within(edges: Any, low: float, high: float) -> Any:
    at = np.asarray(edges)
    middle = (at[:-1] + at[1:]) / 2
    return (middle >= low) & (middle <= high)


def ends(values: Any) -> tuple[float, float]:
    """Return the least and the largest of values that are known."""
    return float(np.nanmin(values)), float(np.nanmax(values))


def _words(values: Any) -> str:
    low, high = ends(values)
    return f"{number(low, 4)} to {number(high, 4)}{THIN}°C"
