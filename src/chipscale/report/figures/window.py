"""Draw the share of good dies over one option of the recipe, with what is wanted and where the answer lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, short, text, ticks
from chipscale.report.wording import number


def window_svg(
    points: Sequence[dict[str, Any]],
    axis: tuple[str, str],
    goal_pct: float,
    recipe: float,
    answer: float | None,
) -> Html:
    """Return the curve of `points` (value, share_pct and its interval, by value) with the goal as a line.

    `axis` holds the option's name and its unit.
    """
    values = [point["value"] for point in points]
    low = min(point["share_low_pct"] for point in points)
    start = 0.0 if low < 40 else 10.0 * int(low / 10)
    span = (values[-1] - values[0]) or 1.0
    plot = Plot((640, 320), (values[0] - 0.02 * span, values[-1] + 0.02 * span), (start, 101.5), (30, 16, 44, 62))
    across = ticks(values[0], values[-1], 8)
    title = f"{axis[0]}, {axis[1]}" if axis[1] else axis[0]
    axes = plot.axes(title, "dies within the limit, %", across, ticks(start, 100, 6))
    band = [(p["value"], p["share_high_pct"]) for p in points]
    band += [(p["value"], p["share_low_pct"]) for p in reversed(points)]
    parts = [
        tag("path", d=f"M{_pairs(plot, band)}Z", class_="band"),
        tag("path", d=f"M{_pairs(plot, [(p['value'], p['share_pct']) for p in points])}", class_="series series-a"),
        [_dot(plot, point, axis[1]) for point in points],
        line(plot.left, plot.y(goal_pct), plot.width - plot.right, plot.y(goal_pct), class_="limit"),
        text(
            plot.width - plot.right - 4, plot.y(goal_pct) + 15, f"wanted {number(goal_pct)} %", class_="limit-text end"
        ),
        _mark(plot, recipe, f"recipe: {number(recipe)} {axis[1]}".rstrip(), "mark-recipe"),
    ]
    if answer is not None:
        parts.append(_mark(plot, answer, f"goes to {number(answer)}{' ' + axis[1] if axis[1] else ''}", "mark-answer"))
    label = f"Share of dies within the limit over {axis[0]}"
    return picture(640, 320, label, axes, parts, class_="plot")


def _pairs(plot: Plot, pairs: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{short(plot.x(x))} {short(plot.y(min(y, plot.y1)))}" for x, y in pairs)


def _dot(plot: Plot, point: dict[str, Any], unit: str) -> Html:
    interval = f"{number(point['share_low_pct'], 4)} to {number(point['share_high_pct'], 4)} %"
    said = f"{number(point['value'])} {unit}: {number(point['share_pct'], 4)} % (95 %: {interval})"
    shape = tag("circle", cx=short(plot.x(point["value"])), cy=short(plot.y(point["share_pct"])), r=3)
    return tag("g", tag("title", said), shape, class_="dot-ok")


def _mark(plot: Plot, value: float, words: str, kind: str) -> Html:
    x = min(max(plot.x(value), plot.left), plot.width - plot.right)
    left = x > plot.width * 0.6
    row = 12 if kind == "mark-recipe" else 25
    return tag(
        "g",
        line(x, plot.top, x, plot.y(plot.y0), class_=kind),
        text(x + (-6 if left else 6), row, words, class_=f"tick {'end' if left else ''}".strip()),
    )
