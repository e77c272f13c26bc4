"""Draw how the wire lengths of the nets are spread."""

from __future__ import annotations

from collections.abc import Sequence

from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, nice_step, picture, rect, ticks
from chipscale.report.wording import count, number


def length_histogram(groups: Sequence[tuple[str, str, Sequence[float]]]) -> Html:
    """Return bars of the number of nets per length; `groups` holds (class, colour, lengths in mm), stacked."""
    lengths = [value for _, _, values in groups for value in values]
    longest = max(lengths, default=1.0) or 1.0
    step = nice_step(longest, 14)
    bins = max(1, int(longest / step) + 1)
    counts = [[0] * bins for _ in groups]
    for row, (_, _, values) in zip(counts, groups, strict=True):
        for value in values:
            row[min(int(value / step), bins - 1)] += 1
    top = max((sum(column) for column in zip(*counts, strict=True)), default=1) or 1
    plot = Plot((640, 280), (0, bins * step), (0, top * 1.06))
    bars = []
    for index in range(bins):
        base = 0
        for row, (name, color, _) in zip(counts, groups, strict=True):
            if not row[index]:
                continue
            x0, x1 = plot.x(index * step) + 1, plot.x((index + 1) * step) - 1
            y0, y1 = plot.y(base), plot.y(base + row[index])
            span = f"{number(round(index * step, 6))} to {number(round((index + 1) * step, 6))} mm"
            note = tag("title", f"{span}: {count(row[index], 'net')} of class {name}")
            bars.append(tag("g", note, rect(x0, y1, x1 - x0, y0 - y1, fill=color)))
            base += row[index]
    whole = sorted({round(t) for t in ticks(0, top, 5) if abs(t - round(t)) < 1e-9})
    axes = plot.axes("wire length per net, mm", "nets", ticks(0, bins * step, 8), whole)
    label = f"Histogram of wire length per net: {count(len(lengths), 'net')}, longest {number(longest, 3)} mm"
    return picture(640, 280, label, axes, tag("g", bars), class_="plot")
