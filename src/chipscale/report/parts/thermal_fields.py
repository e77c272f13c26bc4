"""Temperatures at work: the junction's plane, a cut upright, the board; the heat by face and by ball."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale, scale_of
from chipscale.report.figures.temperature import Placed, temperature_svg
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
_FLAT = ("x, die view, mm", "y, mm")


def fields(data: ReportInput) -> Html | None:
    """Return pictures of the temperatures and the table of the heat's ways; None without an answer."""
    result = given(data, NAME)
    if result is None or "junction_C" not in result.fields:
        return None
    power = f"{number(sum(row['heat_W'] for row in result.tables['heat']), 3)}{THIN}W"
    junction, upright = _cuts(result.fields, power)
    return tag(
        "section",
        heading("Temperatures at work", result),
        tag("div", junction, _balls(data, result, power), upright, class_="pair"),
        tag("div", _board(result.fields, _package(data), power), class_="pair"),
        _ways(result, power),
        folded(result),
        id=anchor_of(NAME),
    )


def _cuts(f: Any, power: str) -> list[Html]:
    """Return the junction and the cut upright, each with a scale of its own."""
    lines = f["junction_x_mm"], f["junction_y_mm"]
    scale = scale_of([*ends(f["junction_C"])], powers=False)
    hot = temperature_svg(f["junction_C"], lines, scale, ("Temperature of the junction", *_FLAT))
    box = _cut_box(f)
    inside = np.asarray(f["cut_x_C"])[:, _shown(f["x_mm"], box[0], box[1])]
    upright = _upright(f, box, scale_of([*ends(inside)], powers=False))
    return [
        figure(hot, f"Junction at {power}: {_words(f['junction_C'])}."),
        figure(upright, f"Cut along x through the middle at {power}; z grows towards the board."),
    ]


def _board(f: Any, package: Placed, power: str) -> list[Html]:
    """Return the board's side that carries the package, whole and near the package, each with a scale of its own."""
    lines = np.asarray(f["x_mm"]), np.asarray(f["y_mm"])
    box = _near(lines, package.outline_mm)
    part = np.asarray(f["board_C"])[np.ix_(_shown(lines[1], *box[2:]), _shown(lines[0], *box[:2]))]
    drawn = [
        temperature_svg(f["board_C"], lines, scale_of([*ends(values)], powers=False), (words, *_FLAT), at, over=package)
        for words, values, at in (
            ("Temperature of the board", f["board_C"], ()),
            ("Temperature of the board near the package", part, box),
        )
    ]
    key = "line: package; broken line: field of its balls"
    return [
        figure(drawn[0], f"The board's side that carries the package, at {power}: {_words(f['board_C'])}; {key}."),
        figure(drawn[1], f"The same near the package, with a scale of its own: {_words(part)}; {key}; circles: balls."),
    ]


def _package(data: ReportInput) -> Placed:
    wide, tall = data.package.package_size_um
    balls = data.package.balls
    centres = np.array([(ball.x_um, ball.y_um) for ball in balls], dtype=float).reshape(-1, 2) / 1e3
    size = 0.0, wide / 1e3, 0.0, tall / 1e3
    return Placed(size, (centres[:, 0], centres[:, 1]), data.package.terminal.ball_d_um / 1e3)


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
    return table(f"Where {power} leaves", columns, rows)


def _upright(f: Any, box: tuple[float, float, float, float], scale: Scale) -> Html:
    words = ("Temperature of a cut through the middle", "x, die view, mm", "z, mm")
    return temperature_svg(f["cut_x_C"], (f["x_mm"], f["z_mm"]), scale, words, box)


def _cut_box(f: Any) -> tuple[float, float, float, float]:
    """Return the part of the upright cut that shows the package and as much of the board beside it."""
    x = np.asarray(f["junction_x_mm"])
    half = 0.5 * (x[-1] - x[0])
    z = np.asarray(f["z_mm"])
    return float(x[0] - half), float(x[-1] + half), float(z[0]), float(z[-1])


def _near(lines: tuple[Any, Any], outline: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the package's box with once its side around, as far as the board reaches."""
    x0, x1, y0, y1 = outline
    wide, tall = x1 - x0, y1 - y0
    return (
        max(x0 - wide, float(lines[0][0])),
        min(x1 + wide, float(lines[0][-1])),
        max(y0 - tall, float(lines[1][0])),
        min(y1 + tall, float(lines[1][-1])),
    )


def _shown(edges: Any, low: float, high: float) -> Any:
    """Return which cells between edges reach into a range."""
    at = np.asarray(edges)
    return (at[1:] > low) & (at[:-1] < high)


def ends(values: Any) -> tuple[float, float]:
    """Return the least and the largest of values that are known."""
    return float(np.nanmin(values)), float(np.nanmax(values))


def _words(values: Any) -> str:
    low, high = ends(values)
    return f"{number(low, 4)} to {number(high, 4)}{THIN}°C"
