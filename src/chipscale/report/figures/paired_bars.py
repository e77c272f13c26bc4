"""Draw pairs of values beside each other: what is published and what these models give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, rect, text, ticks
from chipscale.report.wording import number

_ROW = 46.0


class Pair(NamedTuple):
    """A name, a second line of words, the published value and ours, and a note on hover."""

    name: str
    more: str
    published: float
    ours: float
    note: str = ""


def paired_bars(pairs: Sequence[Pair], axis: str, unit: str, label: str) -> Html:
    """Return two bars per pair: the published value above, grey, ours below."""
    names = min(330.0, max(max(6.6 * len(item.name), 6.0 * len(item.more)) for item in pairs) + 16)
    tall = _ROW * len(pairs) + 52
    high = max(max(item.published, item.ours) for item in pairs) or 1.0
    plot = Plot((760, tall), (0.0, high), (0, 1), (8, 92, 44, names))
    base = tall - 44
    marks = []
    for value in ticks(0.0, high, 6):
        marks.append(line(plot.x(value), 8, plot.x(value), base, class_="grid"))
        marks.append(text(plot.x(value), base + 17, number(round(value, 9)), class_="tick mid"))
    marks.append(text((plot.left + plot.width - plot.right) / 2, tall - 6, axis, class_="axis-title mid"))
    rows = [_row(plot, item, 8 + _ROW * k, unit) for k, item in enumerate(pairs)]
    zero = line(plot.x(0), 6, plot.x(0), base, class_="axis")
    return picture(760, tall, label, tag("g", marks), tag("g", rows), zero, class_="plot bars")


def _row(plot: Plot, item: Pair, y: float, unit: str) -> Html:
    middle = y + _ROW / 2
    parts = [
        tag("title", item.note or item.name),
        text(plot.left - 10, middle - 1, item.name, class_="bar-name end"),
        text(plot.left - 10, middle + 13, item.more, class_="tick end"),
    ]
    for value, top, kind in ((item.published, middle - 16, "bar-other"), (item.ours, middle + 1, "bar-within")):
        wide = plot.x(value) - plot.x(0)
        parts.append(rect(plot.x(0), top, max(wide, 0.8), 14, class_=kind))
        parts.append(text(plot.x(0) + wide + 7, top + 11, f"{number(value, 3)} {unit}", class_="tick"))
    return tag("g", parts)
