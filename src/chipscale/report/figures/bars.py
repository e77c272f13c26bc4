"""Draw figures with names as horizontal bars, the largest first, with their uncertainty where it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, rect, text, ticks
from chipscale.report.wording import number

_ROW = 34.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name, a second line of words, its value, half of its interval (0: not known), a note on hover."""

    name: str
    more: str
    value: float
    half: float = 0.0
    note: str = ""


def bars_svg(bars: Sequence[Bar], axis: str, unit: str, label: str) -> Html:
    """Return the bars in their order with an axis in real units; values below zero go to the left."""
    names = min(300.0, max([8.0 * len(bar.name) for bar in bars] + [7.0 * len(bar.more) for bar in bars]) + 22)
    high = max([bar.value + bar.half for bar in bars] + [0.0]) or 1.0
    low = min([bar.value - bar.half for bar in bars] + [0.0])
    tall = _ROW * len(bars) + 52
    plot = Plot((680, tall), (low, high), (0, 1), (8, 78, 44, names))
    least = 1e-4 * max(high, -low)
    parts = [_row(plot, bar, 8 + _ROW * k, (unit, least)) for k, bar in enumerate(bars)]
    base = tall - 44
    marks = []
    for value in ticks(low, high, 6):
        marks.append(line(plot.x(value), 8, plot.x(value), base, class_="grid"))
        marks.append(text(plot.x(value), base + 17, number(round(value, 9)), class_="tick mid"))
    middle = (plot.left + plot.width - plot.right) / 2
    marks.append(text(middle, tall - 6, axis, class_="axis-title mid"))
    zero = line(plot.x(0), 6, plot.x(0), base, class_="axis")
    return picture(680, tall, label, tag("g", marks), tag("g", parts), zero, class_="plot bars")


def _row(plot: Plot, bar: Bar, y: float, said: tuple[str, float]) -> Html:
    """Return one bar; `said` is the unit, and the least value that is told."""
    unit, least = said
    x0, x1 = sorted((plot.x(0), plot.x(bar.value)))
    middle = y + _ROW / 2 - 2
    parts = [
        tag("title", bar.note or f"{bar.name}: {number(bar.value)} {unit}"),
        text(plot.left - 10, middle + (-1 if bar.more else 4), bar.name, class_="bar-name end"),
        text(plot.left - 10, middle + 12, bar.more, class_="tick end") if bar.more else None,
        rect(x0, middle - 8, max(x1 - x0, 0.8), 16, class_="bar-within"),
    ]
    reach = x1
    if bar.half > 0:
        a, b = plot.x(bar.value - bar.half), plot.x(bar.value + bar.half)
        parts += [line(a, middle, b, middle, class_="whisker"), line(a, middle - 4, a, middle + 4, class_="whisker")]
        parts.append(line(b, middle - 4, b, middle + 4, class_="whisker"))
        reach = b
    parts.append(
        text(reach + 7, middle + 4, f"{number(bar.value, 3) if abs(bar.value) >= least else 0} {unit}", class_="tick")
    )
    return tag("g", parts)
