"""Draw temperatures of a cut through cells of unlike size, with axes in mm and the scale in °C."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale, scale_bar
from chipscale.report.figures.pixels import image_address, levels_of
from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, picture, short, ticks
from chipscale.report.wording import number

_PIXELS = 700


def temperature_svg(
    values_C: Any,
    lines_mm: tuple[Any, Any],
    scale: Scale,
    words: tuple[str, str, str],
    box: tuple[Any, ...] = (),
    *,
    unit: str = "°C",
) -> Html:
    """Return cells (n, m) between lines across and up in mm, coloured; words: what, title across, title up.

    `box` (across from, to, up from, to) in mm shows a part only; `unit`: of rises, where the values are none in °C.
    """
    across, up = (np.asarray(edges, dtype=float) for edges in lines_mm)
    x0, x1, y0, y1 = box or (across[0], across[-1], up[0], up[-1])
    ratio = (y1 - y0) / (x1 - x0)
    wide = 470.0
    tall = min(max(wide * ratio, 130.0), 560.0)
    if tall == 560.0:
        wide = tall / ratio
    plot = Plot((wide + 152, tall + 58), (x0, x1), (y0, y1), (14, 96, 44, 56))
    columns, rows = _PIXELS, max(60, round(_PIXELS * tall / wide))
    at_x = x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns
    at_y = y1 - (np.arange(rows) + 0.5) * (y1 - y0) / rows
    i = np.clip(np.searchsorted(across, at_x) - 1, 0, len(across) - 2)
    j = np.clip(np.searchsorted(up, at_y) - 1, 0, len(up) - 2)
    shown = np.asarray(values_C, dtype=float)[np.ix_(j, i)]
    image = tag(
        "image",
        href=image_address(levels_of(shown, scale)),
        x=short(plot.x(x0)),
        y=short(plot.y(y1)),
        width=short(plot.x(x1) - plot.x(x0)),
        height=short(plot.y(y0) - plot.y(y1)),
        preserveAspectRatio="none",
    )
    spread = f"{number(float(np.nanmin(shown)), 4)} to {number(float(np.nanmax(shown)), 4)} {unit}"
    return picture(
        plot.width,
        plot.height,
        f"{words[0]}: {spread}",
        image,
        plot.axes(words[1], words[2], ticks(x0, x1, 6), ticks(y0, y1, 5 if tall > 200 else 3)),
        scale_bar(scale, (plot.width - 74, 30, max(plot.height - 52, 120)), unit),
        class_="plot",
    )
