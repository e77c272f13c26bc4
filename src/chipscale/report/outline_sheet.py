"""A drawing sheet in millimetres: lines, texts, dimensions, leaders, datums, tolerance frames.

Everything is placed in sheet coordinates (mm, origin at the lower left). Line widths follow ISO 128: 0.35 mm
for visible edges, 0.18 mm for dimension and centre lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Arc, Circle, Polygon
from matplotlib.textpath import TextPath

SHEET_MM = (297.0, 210.0)
THICK_MM, THIN_MM = 0.35, 0.18
INK, PALE = "#111111", "#e9edf2"
FONT = "DejaVu Sans"
DIM_PT = 7.0
_MM_PT = 72.0 / 25.4
_ARROW_MM = (1.7, 0.55)  # length, width
_GAP_MM = 0.8  # extension lines start so far from the edge and end so far past the dimension line

Point = tuple[float, float]
Align = Literal["left", "center", "right"]


@lru_cache(maxsize=4096)
def text_width_mm(shown: str, size_pt: float, bold: bool = False) -> float:
    """Return how wide a text is on the sheet."""
    if not shown.strip():
        return 0.0
    font = FontProperties(family=FONT, weight="bold" if bold else "normal")
    return float(TextPath((0, 0), shown, size=size_pt, prop=font).get_extents().width) / _MM_PT


def frame_cells_mm(cells: Sequence[str]) -> list[float]:
    """Return the widths of a tolerance frame's cells, the symbol's first."""
    return [4.4, *(text_width_mm(cell, 6.0) + 1.8 for cell in cells)]


class Sheet:
    """A figure of the sheet's size whose axes count in millimetres."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(SHEET_MM[0] / 25.4, SHEET_MM[1] / 25.4), facecolor="white")
        self.axes: Axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_xlim(0, SHEET_MM[0])
        self.axes.set_ylim(0, SHEET_MM[1])
        self.axes.axis("off")

    # ---- marks ------------------------------------------------------------------------------------------------

    def line(self, points: Sequence[Point], width_mm: float = THIN_MM, style: Any = "-") -> None:
        """Draw a polyline."""
        xs, ys = zip(*points, strict=True)
        self.axes.plot(
            xs,
            ys,
            color=INK,
            linewidth=width_mm * _MM_PT,
            linestyle=style,
            solid_capstyle="butt",
            solid_joinstyle="miter",
        )

    def centre_line(self, start: Point, end: Point) -> None:
        """Draw a thin dash-dotted line."""
        self.line([start, end], 0.13, (0, (12, 3, 2, 3)))

    def polygon(self, points: Sequence[Point], width_mm: float = THICK_MM, fill: str | None = None) -> None:
        """Draw a closed outline, filled or not."""
        patch = Polygon(
            list(points), closed=True, fill=fill is not None, facecolor=fill, edgecolor=INK, linewidth=width_mm * _MM_PT
        )
        patch.set_joinstyle("miter")
        self.axes.add_patch(patch)

    def box(self, low: Point, high: Point, width_mm: float = THICK_MM, fill: str | None = None) -> None:
        """Draw a rectangle."""
        self.polygon([low, (high[0], low[1]), high, (low[0], high[1])], width_mm, fill)

    def circles(self, centres: Sequence[Point], d_mm: float, width_mm: float = THIN_MM, fill: str = "none") -> None:
        """Draw circles of one diameter."""
        patches = [Circle(centre, d_mm / 2) for centre in centres]
        style: dict[str, Any] = {"facecolor": fill, "edgecolor": INK, "linewidth": width_mm * _MM_PT}
        self.axes.add_collection(PatchCollection(patches, **style))

    def arc(self, centre: Point, d_mm: float, start_deg: float, end_deg: float, width_mm: float = THIN_MM) -> None:
        """Draw a part of a circle, counter-clockwise."""
        arc = Arc(centre, d_mm, d_mm, theta1=start_deg, theta2=end_deg, color=INK, linewidth=width_mm * _MM_PT)
        self.axes.add_patch(arc)

    def text(
        self,
        at: Point,
        shown: str,
        size_pt: float = DIM_PT,
        align: Align = "center",
        *,
        bold: bool = False,
        turned: bool = False,
    ) -> None:
        """Write a text centred on its height."""
        self.axes.text(
            *at,
            shown,
            fontsize=size_pt,
            family=FONT,
            weight="bold" if bold else "normal",
            ha=align,
            va="center_baseline" if not turned else "center",
            rotation=90 if turned else 0,
            rotation_mode="anchor" if not turned else "default",
            color=INK,
            parse_math=False,
        )

    def fitted(self, at: Point, shown: str, room_mm: float, size_pt: float, *, bold: bool = False) -> None:
        """Write a text from the left, smaller where it would not fit, cut short where it would get too small."""
        width = text_width_mm(shown, size_pt, bold)
        if width > room_mm:
            size_pt = max(4.5, size_pt * room_mm / width)
            keep = int(len(shown) * room_mm / text_width_mm(shown, size_pt, bold))
            while keep < len(shown) and keep > 1 and text_width_mm(shown[:keep] + "…", size_pt, bold) > room_mm:
                keep -= 1
            shown = shown if keep >= len(shown) else shown[:keep] + "…"
        self.text(at, shown, size_pt, "left", bold=bold)

    # ---- dimensions -------------------------------------------------------------------------------------------

    def dimension(
        self, ends: tuple[float, float], at: float, edges: tuple[float, float], shown: str, *, vertical: bool = False
    ) -> None:
        """Draw a dimension between two coordinates.

        Horizontal: from x = ends[0] to ends[1] on the line y = at, extension lines from y = edges[…]; vertical: the
        same with x and y exchanged. Where text or arrows don't fit they go outside (the text after the second end).
        """

        def place(along: float, across: float) -> Point:
            return (across, along) if vertical else (along, across)

        low, high = ends
        for along, edge in zip(ends, edges, strict=True):
            away = 1.0 if at > edge else -1.0
            self.line([place(along, edge + away * _GAP_MM), place(along, at + away * _GAP_MM)])
        width = text_width_mm(shown, DIM_PT)
        inside = abs(high - low) >= 2 * _ARROW_MM[0] + 0.8
        text_inside = abs(high - low) >= (width + 1.0 if inside else 1e9)
        sign = 1.0 if high > low else -1.0
        reach = 2.0 * _ARROW_MM[0]
        self.line([place(low - (0 if inside else sign * reach), at), place(high + (0 if inside else sign * reach), at)])
        for along, outwards in ((low, -sign), (high, sign)):
            self._arrow(
                place(along, at),
                place(outwards if inside else -outwards, 0.0)
                if not vertical
                else ((0.0, outwards if inside else -outwards)),
            )
        lift = -1.5 if vertical else 1.5
        if text_inside:
            self.text(place((low + high) / 2, at + lift), shown, turned=vertical)
            return
        along = high + sign * ((0.6 if inside else reach + 0.6) + (1.3 if vertical else width / 2))
        self.text(place(along, at), shown)

    def _arrow(self, tip: Point, direction: Point) -> None:
        """Draw an arrow head at `tip` that points along the unit vector `direction`."""
        length, width = _ARROW_MM
        dx, dy = direction
        base = (tip[0] - dx * length, tip[1] - dy * length)
        side = (-dy * width / 2, dx * width / 2)
        self.polygon([tip, (base[0] + side[0], base[1] + side[1]), (base[0] - side[0], base[1] - side[1])], 0.05, INK)

    def leader(self, points: Sequence[Point]) -> None:
        """Draw a leader whose arrow is at the first point."""
        self.line(points)
        (x0, y0), (x1, y1) = points[0], points[1]
        length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 or 1.0
        self._arrow(points[0], ((x0 - x1) / length, (y0 - y1) / length))

    # ---- geometric tolerances ---------------------------------------------------------------------------------

    def datum(self, at: Point, letter: str, direction: Point) -> None:
        """Draw a datum: a triangle on the edge at `at` and its letter in a box towards `direction`."""
        dx, dy = direction
        side = (-dy * 1.1, dx * 1.1)
        tip = (at[0] + dx * 1.8, at[1] + dy * 1.8)
        self.polygon([(at[0] + side[0], at[1] + side[1]), (at[0] - side[0], at[1] - side[1]), tip], 0.1, INK)
        middle = (at[0] + dx * 5.4, at[1] + dy * 5.4)
        self.line([tip, (at[0] + dx * 3.7, at[1] + dy * 3.7)])
        self.box((middle[0] - 1.7, middle[1] - 1.7), (middle[0] + 1.7, middle[1] + 1.7), THIN_MM)
        self.text(middle, letter, 6.5)

    def tolerance_frame(self, corner: Point, symbol: str, cells: Sequence[str]) -> float:
        """Draw a tolerance frame with its lower left at `corner`; return its width in mm."""
        height, x, y = 4.0, corner[0], corner[1]
        widths = frame_cells_mm(cells)
        for width in widths:
            self.box((x, y), (x + width, y + height), THIN_MM)
            x += width
        self._symbol((corner[0] + 2.2, y + height / 2), symbol)
        x = corner[0] + widths[0]
        for cell, width in zip(cells, widths[1:], strict=True):
            self.text((x + width / 2, y + height / 2), cell, 6.0)
            x += width
        return x - corner[0]

    def _symbol(self, at: Point, symbol: str) -> None:
        x, y = at
        if symbol == "position":
            self.circles([at], 1.9)
            self.line([(x - 1.5, y), (x + 1.5, y)])
            self.line([(x, y - 1.5), (x, y + 1.5)])
        elif symbol == "parallelism":
            for shift in (-0.45, 0.45):
                self.line([(x + shift - 0.5, y - 1.3), (x + shift + 0.5, y + 1.3)])
        elif symbol == "profile":
            self.arc((x, y - 0.7), 2.6, 0, 180)
            self.line([(x - 1.3, y - 0.7), (x + 1.3, y - 0.7)])
        else:
            raise ValueError(f"no tolerance symbol called {symbol}")
