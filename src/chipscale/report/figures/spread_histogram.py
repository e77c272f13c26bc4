"""Draw how a figure of many dies or bumps is spread, with the limits it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, line, picture, rect, text, ticks
from chipscale.report.wording import count, number

_BARS = 60  # most that are drawn


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in µm, what is written beside it, whether values must stay below it (else above), and whether it counts.

    One that does not decide is drawn, and bars beyond it are not marked.
    """

    value_um: float
    words: str
    upper: bool = True
    decides: bool = True

    def broken_at(self, value_um: float) -> bool:
        """True when a value lies beyond a limit that decides."""
        if not self.decides:
            return False
        return value_um > self.value_um if self.upper else value_um < self.value_um


def spread_histogram(
    edges: Sequence[float] | Any,
    counts: Sequence[float] | Any,
    axis: tuple[str, str],
    limits: Sequence[Limit] = (),
) -> Html:
    """Return bars of `counts` (b,) between `edges` (b + 1,) with the limits as lines.

    `axis` says what the values are, with unit, and what is counted ("die"). Bars beyond a limit are marked.
    """
    edges, counts = _coarser(np.asarray(edges, dtype=float), np.asarray(counts, dtype=float))
    drawn = [limit for limit in limits if _near(limit.value_um, edges)]
    shown = [limit.value_um for limit in drawn]
    filled = np.flatnonzero(counts)
    first, last = (int(filled[0]), int(filled[-1]) + 1) if len(filled) else (0, len(counts))
    low, high = min([float(edges[first]), *shown]), max([float(edges[last]), *shown])
    room = 0.03 * ((high - low) or 1.0)
    start = low if low == 0 else low - room
    top = float(counts.max()) or 1.0
    up = [value for value in ticks(0, top, 5) if value == round(value)]
    left = 34 + 6.6 * max(len(number(value)) for value in up)
    plot = Plot((640, 300), (start, high + room), (0, top * 1.06), (34, 16, 44, left))
    bars = [_bar(plot, (edges[k], edges[k + 1], counts[k]), axis[1], limits) for k in range(first, last) if counts[k]]
    axes = plot.axes(axis[0], f"{axis[1]}s", ticks(start, high + room, 8), up)
    total = int(counts.sum())
    label = f"Histogram of {axis[0]}: {count(total, axis[1])}"
    return picture(640, 300, label, axes, tag("g", bars), _marks(plot, drawn), class_="plot")


def _near(value: float, edges: Any) -> bool:
    """True when a limit lies where it can be shown without squeezing the bars to nothing."""
    low, high = float(edges[0]), float(edges[-1])
    return low - 2.5 * (high - low) <= value <= high + 2.5 * (high - low)


def _coarser(edges: Any, counts: Any) -> tuple[Any, Any]:
    """Return neighbouring bars joined until there are few enough to see."""
    step = -(-len(counts) // _BARS)
    if step <= 1:
        return edges, counts
    joined = np.add.reduceat(counts, np.arange(0, len(counts), step))
    return np.append(edges[:-1:step], edges[-1]), joined


def _bar(plot: Plot, bin_: tuple[float, float, float], noun: str, limits: Sequence[Limit]) -> Html:
    """Return the bar of a bin (from, to, how many)."""
    low, high, many = map(float, bin_)
    beyond = any(limit.broken_at((low + high) / 2) for limit in limits)
    x0, x1 = plot.x(low) + 0.5, plot.x(high) - 0.5
    y = plot.y(many)
    note = tag("title", f"{number(low, 4)} to {number(high, 4)}: {count(int(many), noun)}")
    shape = rect(x0, y, max(x1 - x0, 0.5), plot.y(0) - y)
    return tag("g", note, shape, class_="bar-beyond" if beyond else "bar-within")


def _marks(plot: Plot, limits: Sequence[Limit]) -> Html:
    parts = []
    for k, limit in enumerate(sorted(limits, key=lambda limit: limit.value_um)):
        x = plot.x(limit.value_um)
        left = x > plot.width / 2
        parts.append(line(x, plot.top - 4, x, plot.y(0), class_="limit"))
        place = (x + (-6 if left else 6), plot.top - 12 + 14 * (k % 2))
        parts.append(text(*place, limit.words, class_="limit-text end" if left else "limit-text"))
    return tag("g", parts)
