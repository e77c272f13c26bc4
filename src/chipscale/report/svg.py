"""Write SVG: paths in short notation, a plot with axes in real units, and the picture as a figure element."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.report.markup import Child, Html, tag

Points = npt.NDArray[np.float64]


def short(value: float, decimals: int = 2) -> str:
    """Return a coordinate in as few characters as `decimals` places need.

    >>> short(12.500), short(-0.001), short(3.0)
    ('12.5', '0', '3')
    """
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def line_path(points: Points, closed: bool = False, decimals: int = 2) -> str:
    """Return the path data of a line through points (n, 2)."""
    pairs = " ".join(f"{short(x, decimals)} {short(y, decimals)}" for x, y in np.asarray(points, dtype=float))
    return f"M{pairs}Z" if closed else f"M{pairs}"


def area_path(outline: Points, holes: Sequence[Points] = (), decimals: int = 2) -> str:
    """Return the path data of a polygon with holes (fill-rule evenodd)."""
    return "".join(line_path(ring, True, decimals) for ring in (outline, *holes))


def disc_path(x: float, y: float, d: float, decimals: int = 2) -> str:
    """Return the path data of a disc of diameter d about (x, y)."""
    r, left = short(d / 2, decimals), f"M{short(x - d / 2, decimals)} {short(y, decimals)}"
    across = short(d, decimals)
    return f"{left}a{r} {r} 0 1 1 {across} 0a{r} {r} 0 1 1 -{across} 0Z"


def nice_step(span: float, wanted: int = 6) -> float:
    """Return 1, 2 or 5 times a power of ten that cuts `span` into about `wanted` parts.

    >>> nice_step(3000, 6)
    500.0
    """
    if not span > 0:
        return 1.0
    rough = span / max(wanted, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * 0.9999)


def ticks(low: float, high: float, wanted: int = 6) -> list[float]:
    """Return round values between low and high, both included where they are round."""
    step = nice_step(high - low, wanted)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step + 0.0 for index in range(first, last + 1)]


def text(x: float, y: float, content: object, **attributes: Any) -> Html:
    """Return a text element at (x, y)."""
    return tag("text", content, x=short(x), y=short(y), **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> Html:
    """Return a straight line."""
    return tag("line", x1=short(x1), y1=short(y1), x2=short(x2), y2=short(y2), **attributes)


def rect(x: float, y: float, width: float, height: float, **attributes: Any) -> Html:
    """Return a rectangle from its upper left corner."""
    return tag("rect", x=short(x), y=short(y), width=short(width), height=short(height), **attributes)


def picture(width: float, height: float, label: str, *children: Child, **attributes: Any) -> Html:
    """Return an svg element that scales with the page; `label` is what a screen reader says."""
    return tag(
        "svg",
        tag("title", label),
        *children,
        xmlns=None,
        viewBox=f"0 0 {short(width)} {short(height)}",
        role="img",
        aria_label=label,
        **attributes,
    )


class Plot:
    """A frame of `width` x `height` drawing units whose inside maps real values x0..x1, y0..y1 (y up)."""

    def __init__(
        self,
        size: tuple[float, float],
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        margins: tuple[float, float, float, float] = (14, 14, 40, 56),
    ) -> None:
        self.width, self.height = size
        self.x0, self.x1 = x_range
        self.y0, self.y1 = y_range
        self.top, self.right, self.bottom, self.left = margins

    def x(self, value: float) -> float:
        """Return the drawing x of a real x."""
        inside = self.width - self.left - self.right
        return self.left + (value - self.x0) / ((self.x1 - self.x0) or 1.0) * inside

    def y(self, value: float) -> float:
        """Return the drawing y of a real y."""
        inside = self.height - self.top - self.bottom
        return self.height - self.bottom - (value - self.y0) / ((self.y1 - self.y0) or 1.0) * inside

    def axes(self, x_title: str, y_title: str, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> Html:
        """Return grid lines, tick labels and titles of both axes."""
        low, left = self.height - self.bottom, self.left
        parts: list[Html] = []
        for value in y_ticks:
            parts.append(line(left, self.y(value), self.width - self.right, self.y(value), class_="grid"))
            parts.append(text(left - 7, self.y(value) + 4, _tick(value), class_="tick end"))
        for value in x_ticks:
            parts.append(line(self.x(value), low, self.x(value), low + 4, class_="axis"))
            parts.append(text(self.x(value), low + 17, _tick(value), class_="tick mid"))
        parts.append(line(left, low, self.width - self.right, low, class_="axis"))
        middle = (left + self.width - self.right) / 2
        parts.append(text(middle, self.height - 5, x_title, class_="axis-title mid"))
        centre = (self.top + low) / 2
        parts.append(text(13, centre, y_title, class_="axis-title mid", transform=f"rotate(-90 13 {short(centre)})"))
        return tag("g", parts)


def _tick(value: float) -> str:
    from chipscale.report.wording import number

    return number(round(value, 9))
