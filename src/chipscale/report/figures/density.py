"""Draw metal density over the die as a heat map with its scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipscale.report.colors import heat
from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, nice_step, picture, rect, short, text, ticks
from chipscale.report.wording import fixed, number

_STEPS = 50  # of the colour scale


def density_map(share: npt.NDArray[np.float64], size_um: tuple[float, float], layer: str) -> Html:
    """Return the map of `share` (rows from the die's lower edge upwards, columns from its left; 0..1) with a scale."""
    size_x, size_y = size_um
    drawn = 300.0
    tall = min(max(drawn * size_y / size_x, 120), 430)
    width = drawn if drawn * size_y / size_x <= 430 else 430 * size_x / size_y
    low, high = _range(share)
    plot = Plot((width + 172, tall + 62), (0, size_x / 1000), (0, size_y / 1000), (10, 112, 48, 56))
    cells = _cells(share, plot, (low, high))
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


def _cells(share: npt.NDArray[np.float64], plot: Plot, limits: tuple[float, float]) -> list[Html]:
    """Return one path per step of the colour scale; its note says which values it stands for."""
    rows, columns = share.shape
    low, high = limits
    step = (high - low) / _STEPS
    width = (plot.x(plot.x1) - plot.x(plot.x0)) / columns
    height = (plot.y(plot.y0) - plot.y(plot.y1)) / rows
    left, top = plot.x(plot.x0), plot.y(plot.y1)
    paths: dict[int, list[str]] = {}
    for row, column in zip(*np.nonzero(np.isfinite(share)), strict=True):
        level = min(int((share[row, column] - low) / step), _STEPS - 1)
        corner = f"M{short(left + column * width)} {short(top + (rows - 1 - row) * height)}"
        paths.setdefault(level, []).append(
            f"{corner}h{short(width + 0.2)}v{short(height + 0.2)}h-{short(width + 0.2)}Z"
        )
    return [
        tag(
            "path",
            tag("title", f"{fixed((low + level * step) * 100, 1)} to {fixed((low + (level + 1) * step) * 100, 1)} %"),
            d="".join(parts),
            fill=heat((level + 0.5) / _STEPS),
        )
        for level, parts in sorted(paths.items())
    ]


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
