"""Draw values over frequency or time: a few named curves in colours, any number of others thin behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, short, text, ticks
from chipscale.report.wording import number

COLORS = ("#1f77b4", "#d9622b", "#2c9a5b", "#9c4f93", "#c29a1f", "#b3303f")  # of named curves, in their order
_SIZE = (620.0, 330.0)
_MOST_POINTS = 400
_SMALL = 0.9e-4  # below: as a power of ten
_MANY_DECADES = 5.0  # over more, lines between would be a blur
_FEW_DECADES = 1.7  # an axis over less says more of its values than powers of ten


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve: its name (empty: drawn thin and grey, behind), x and y (n,); what is not finite is left out."""

    name: str
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]


def plain(value: float) -> str:
    """Return a value on an axis in few digits.

    >>> plain(0.25), plain(1e-5)
    ('0.25', '1e−5')
    """
    return number(float(f"{value:.6g}"), 1 if 0 < abs(value) < _SMALL else 4)


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis: its title with the unit, whether by powers of ten, its ends where they are not to be found, and how its
    values are said."""

    title: str
    powers: bool = False
    low: float | None = None
    high: float | None = None
    words: Callable[[float], str] = plain


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across at a value of an axis, "x" or "y", with its name."""

    name: str
    at: float
    axis: str = "x"


def curves_svg(curves: Sequence[Curve], x_axis: Axis, y_axis: Axis, label: str, marks: Sequence[Mark] = ()) -> Html:
    """Return the curves over a common axis, names in the order of the curves beside their colours."""
    named = [curve for curve in curves if curve.name]
    xs = _limits(np.concatenate([np.asarray(curve.x, dtype=float) for curve in curves]), x_axis)
    ys = _limits(np.concatenate([np.asarray(curve.y, dtype=float) for curve in curves]), y_axis)
    rows = -(-len(named) // 3)
    tall = _SIZE[1] + 20 * rows
    plot = Plot((_SIZE[0], tall), xs, ys, (14, 18, 46 + 20 * rows, 62))
    by = (x_axis.powers, y_axis.powers)
    behind = [_path(plot, curve, by, "#8894a0", "curve thin") for curve in curves if not curve.name]
    front = [_path(plot, curve, by, COLORS[k % len(COLORS)], "curve") for k, curve in enumerate(named)]
    return picture(
        _SIZE[0],
        tall,
        label,
        _axes(plot, x_axis, y_axis, 20 * rows),
        tag("g", behind),
        tag("g", front),
        tag("g", [_mark(plot, mark, by, k) for k, mark in enumerate(marks)]) if marks else None,
        _names(named, plot, tall - 20 * rows),
        class_="plot",
    )


def _limits(values: npt.NDArray[np.float64], axis: Axis) -> tuple[float, float]:
    good = values[np.isfinite(values)]
    if axis.powers:
        good = good[good > 0]
        ends = (axis.low or float(good.min()), axis.high or float(good.max()))
        return math.log10(ends[0]), math.log10(ends[1])
    low = axis.low if axis.low is not None else float(good.min(initial=np.inf))
    high = axis.high if axis.high is not None else float(good.max(initial=-np.inf))
    if not math.isfinite(low) or not math.isfinite(high):
        return 0.0, 1.0
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return low - (room if axis.low is None else 0.0), high + (room if axis.high is None else 0.0)


def _path(plot: Plot, curve: Curve, powers: tuple[bool, bool], color: str, kind: str) -> Html:
    x, y = np.asarray(curve.x, dtype=float), np.asarray(curve.y, dtype=float)
    good = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not powers[0])) & ((y > 0) | (not powers[1]))
    x, y = (np.log10(v[good]) if by else v[good] for v, by in zip((x, y), powers, strict=True))
    y = np.clip(y, plot.y0, plot.y1)
    every = max(1, len(x) // _MOST_POINTS)
    points = " ".join(
        f"{short(plot.x(a), 1)} {short(plot.y(b), 1)}" for a, b in zip(x[::every], y[::every], strict=True)
    )
    return tag("path", tag("title", curve.name) if curve.name else None, d=f"M{points}", class_=kind, stroke=color)


def _axes(plot: Plot, x_axis: Axis, y_axis: Axis, below: float) -> Html:
    base = plot.height - plot.bottom
    parts: list[Any] = []
    for place, words in _marks((plot.y0, plot.y1), y_axis, 6):
        parts.append(line(plot.left, plot.y(place), plot.width - plot.right, plot.y(place), class_="grid"))
        if words:
            parts.append(text(plot.left - 7, plot.y(place) + 4, words, class_="tick end"))
    for place, words in _marks((plot.x0, plot.x1), x_axis, 8):
        parts.append(line(plot.x(place), plot.top, plot.x(place), base + (4 if words else 0), class_="grid"))
        if words:
            parts.append(text(plot.x(place), base + 17, words, class_="tick mid"))
    parts.append(line(plot.left, base, plot.width - plot.right, base, class_="axis"))
    middle, centre = (plot.left + plot.width - plot.right) / 2, (plot.top + base) / 2
    parts.append(text(middle, plot.height - below - 8, x_axis.title, class_="axis-title mid"))
    turned = f"rotate(-90 13 {short(centre)})"
    parts.append(text(13, centre, y_axis.title, class_="axis-title mid", transform=turned))
    return tag("g", parts)


def _marks(ends: tuple[float, float], axis: Axis, wanted: int) -> list[tuple[float, str]]:
    """Return places along the axis and their words; by powers of ten, unless they are many, also lines between."""
    if not axis.powers:
        return [(value, axis.words(round(value, 9))) for value in ticks(*ends, wanted)]
    said = (1, 2, 5) if ends[1] - ends[0] < _FEW_DECADES else (1,)
    found = []
    for k in range(math.floor(ends[0]), math.ceil(ends[1]) + 1):
        for m in range(1, 10 if ends[1] - ends[0] < _MANY_DECADES else 2):
            place = k + math.log10(m)
            if ends[0] - 1e-9 <= place <= ends[1] + 1e-9:
                found.append((place, axis.words(float(f"{m}e{k}")) if m in said else ""))
    return found


def _mark(plot: Plot, mark: Mark, powers: tuple[bool, bool], row: int) -> Html:
    """Return the line with its name at its end, inside the plot; names beside upright lines stand in rows."""
    upright = mark.axis == "x"
    at = math.log10(mark.at) if powers[0 if upright else 1] else mark.at
    right, base = plot.width - plot.right, plot.height - plot.bottom
    if upright:
        x = plot.x(at)
        name = text(x + 5, plot.top + 12 + 16 * row, mark.name, class_="tick")
        return tag("g", line(x, plot.top, x, base, class_="level"), name)
    y = plot.y(at)
    name = text(right - 6, y - 5, mark.name, class_="tick end")
    return tag("g", line(plot.left, y, right, y, class_="level"), name)


def _names(named: Sequence[Curve], plot: Plot, top: float) -> Html:
    wide = (plot.width - plot.left) / 3
    parts = []
    for k, curve in enumerate(named):
        x, y = plot.left + wide * (k % 3), top + 20 * (k // 3) + 10
        color = COLORS[k % len(COLORS)]
        parts.append(tag("path", d=f"M{short(x)} {short(y - 4)}h20", class_="curve", stroke=color))
        parts.append(text(x + 26, y, curve.name, class_="tick"))
    return tag("g", parts)
