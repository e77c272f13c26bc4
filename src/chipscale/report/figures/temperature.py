"""Draw temperatures of a cut through cells of unlike size, with axes in mm and the scale in °C."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.figures.color_scale import Scale, scale_bar
from chipscale.report.figures.pixels import image_address, levels_of
from chipscale.report.markup import Html, tag
from chipscale.report.svg import Plot, disc_path, line, picture, rect, short, ticks
from chipscale.report.wording import number

_PIXELS = 700
_LEAST = 4.0  # drawing units across, that a ball needs to be drawn by itself
_DARK, _HALO = "#16202b", "#ffffff"  # over the colours of the scale, which the page's theme does not change


@dataclass(frozen=True, slots=True)
class Placed:
    """A package on a map: its outline (across from, to, up from, to) and its balls' centres (n,), all in mm."""

    outline_mm: tuple[float, float, float, float]
    balls_mm: tuple[Any, Any]
    ball_d_mm: float

    @property
    def field_mm(self) -> tuple[float, float, float, float]:
        """Return the box around all balls (across from, to, up from, to)."""
        x, y = (np.asarray(at, dtype=float) for at in self.balls_mm)
        r = self.ball_d_mm / 2
        return float(x.min() - r), float(x.max() + r), float(y.min() - r), float(y.max() + r)


def temperature_svg(
    values_C: Any,
    lines_mm: tuple[Any, Any],
    scale: Scale,
    words: tuple[str, str, str],
    box: tuple[Any, ...] = (),
    *,
    unit: str = "°C",
    over: Placed | None = None,
) -> Html:
    """Return cells (n, m) between lines across and up in mm, coloured; words: what, title across, title up.

    `box` (across from, to, up from, to) in mm shows a part only; `unit`: of rises, where the values are none in °C;
    `over`: a package whose outline, field of balls and, where they are large enough, balls are drawn on the colours.
    """
    across, up = (np.asarray(edges, dtype=float) for edges in lines_mm)
    x0, x1, y0, y1 = box or (across[0], across[-1], up[0], up[-1])
    ratio = (y1 - y0) / (x1 - x0)
    wide = 470.0
    tall = min(max(wide * ratio, 130.0), 560.0)
    if tall == 560.0:
        wide = tall / ratio
    plot = Plot((wide + 152, tall + 58), (x0, x1), (y0, y1), (14, 96, 44, 56))
    shown = _pixels(values_C, (across, up), plot, max(60, round(_PIXELS * tall / wide)))
    frame = {"x": plot.x(x0), "y": plot.y(y1), "width": plot.x(x1) - plot.x(x0), "height": plot.y(y0) - plot.y(y1)}
    place = {name: short(value) for name, value in frame.items()}
    image = tag("image", href=image_address(levels_of(shown, scale)), **place, preserveAspectRatio="none")
    spread = f"{number(float(np.nanmin(shown)), 4)} to {number(float(np.nanmax(shown)), 4)} {unit}"
    up_ticks = ticks(y0, y1, 5 if tall > 200 else 3)
    return picture(
        plot.width,
        plot.height,
        f"{words[0]}: {spread}",
        plot.axes(words[1], words[2], ticks(x0, x1, 6), up_ticks),
        [line(plot.left - 4, plot.y(value), plot.left, plot.y(value), class_="axis") for value in up_ticks],
        rect(**frame, class_="map-ground"),  # grid lines end behind it: on the colours they would look like data
        image,
        _placed(over, plot) if over else None,
        scale_bar(scale, (plot.width - 74, 30, max(plot.height - 52, 120)), unit),
        class_="plot",
    )


def _pixels(values: Any, lines: tuple[Any, Any], plot: Plot, rows: int) -> npt.NDArray[np.float64]:
    """Return the values (rows, _PIXELS) of the cells that even pixels of the plot lie in, first row on top."""
    at_x = plot.x0 + (np.arange(_PIXELS) + 0.5) * (plot.x1 - plot.x0) / _PIXELS
    at_y = plot.y1 - (np.arange(rows) + 0.5) * (plot.y1 - plot.y0) / rows
    i, j = (
        np.clip(np.searchsorted(edges, at) - 1, 0, len(edges) - 2)
        for edges, at in zip(lines, (at_x, at_y), strict=True)
    )
    return np.asarray(values, dtype=float)[np.ix_(j, i)]


def _placed(over: Placed, plot: Plot) -> Html:
    parts = [_outline(over.outline_mm, plot, "package")]
    if len(over.balls_mm[0]):
        parts.append(_outline(over.field_mm, plot, "field of the balls", stroke_dasharray="4 3"))
    d = over.ball_d_mm * abs(plot.x(1.0) - plot.x(0.0))
    if d >= _LEAST and len(over.balls_mm[0]):
        discs = "".join(disc_path(plot.x(x), plot.y(y), d) for x, y in zip(*over.balls_mm, strict=True))
        balls = tag("title", f"balls: {len(over.balls_mm[0])}")
        for color, thick in ((_HALO, 2.0), (_DARK, 0.8)):
            parts.append(tag("path", balls, d=discs, fill="none", stroke=color, stroke_width=thick, class_="ball"))
    return tag("g", parts)


def _outline(box: tuple[float, float, float, float], plot: Plot, words: str, **more: Any) -> Html:
    """Return a box as a dark line with a light one around it: seen on each colour of the scale."""
    x, y = plot.x(box[0]), plot.y(box[3])
    size = plot.x(box[1]) - x, plot.y(box[2]) - y
    halo = rect(x, y, *size, fill="none", stroke=_HALO, stroke_width=2.8, stroke_opacity=0.75)
    drawn = {"fill": "none", "stroke": _DARK, "stroke_width": 1.2, **more}
    ident = tag("title", words)
    edge = tag("rect", ident, x=short(x), y=short(y), width=short(size[0]), height=short(size[1]), **drawn)
    return tag("g", halo, edge)
