"""Draw metal density over the die as a heat map with its scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipscale.report.colors import heat
from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, nice_step, picture, rect, text, ticks
from chipscale.report.wording import fixed, number


def density_map(share: npt.NDArray[np.float64], size_um: tuple[float, float], layer: str) -> Html:
    """Return the map of `share` (rows from the die's lower edge upwards, columns from its left; 0..1) with a scale."""
    rows, columns = share.shape
    size_x, size_y = size_um
    drawn = 300.0
    tall = min(max(drawn * size_y / size_x, 120), 430)
    width = drawn if drawn * size_y / size_x <= 430 else 430 * size_x / size_y
    low, high = _range(share)
    plot = Plot((width + 172, tall + 62), (0, size_x / 1000), (0, size_y / 1000), (10, 112, 48, 56))
    cells = []
    for row in range(rows):
        for column in range(columns):
            value = float(share[row, column])
            if not np.isfinite(value):
                continue
            x0, x1 = (plot.x(size_x / 1000 * (column + k) / columns) for k in (0, 1))
            y0, y1 = (plot.y(size_y / 1000 * (row + k) / rows) for k in (1, 0))
            color = heat((value - low) / ((high - low) or 1.0))
            middle = ((column + 0.5) * size_x / columns, (row + 0.5) * size_y / rows)
            note = tag("title", f"{fixed(value * 100, 1)} % at ({number(middle[0], 5)}, {number(middle[1], 5)}) µm")
            cells.append(tag("g", note, rect(x0, y0, x1 - x0 + 0.3, y1 - y0 + 0.3, fill=color)))
    axes = plot.axes("x, mm", "y, mm", ticks(0, size_x / 1000, 5), ticks(0, size_y / 1000, 6))
    least, most = (fixed(float(value) * 100, 1) for value in (np.nanmin(share), np.nanmax(share)))
    label = f"Map of {layer} density: {least} to {most} %"
    return picture(
        plot.width,
        plot.height,
        label,
        tag("g", cells, shape_rendering="crispEdges"),
        axes,
        _scale(plot, low, high),
        class_="plot",
    )


def _range(share: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return round limits of the scale around all values."""
    low, high = float(np.nanmin(share)), float(np.nanmax(share))
    step = nice_step(max(high - low, 0.01), 5)
    return np.floor(low / step) * step, np.ceil(high / step + 1e-9) * step


def _scale(plot: Plot, low: float, high: float) -> Html:
    x, top, bottom = plot.width - 86, plot.top, plot.height - plot.bottom
    steps = 40
    bars = [
        rect(
            x, bottom - (bottom - top) * (i + 1) / steps, 16, (bottom - top) / steps + 0.4, fill=heat((i + 0.5) / steps)
        )
        for i in range(steps)
    ]
    marks = [
        text(
            x + 22,
            bottom - (bottom - top) * (t - low * 100) / ((high - low) * 100) + 4,
            f"{number(round(t, 6))} %",
            class_="tick",
        )
        for t in ticks(low * 100, high * 100, 6)
    ]
    return tag("g", bars, marks)
