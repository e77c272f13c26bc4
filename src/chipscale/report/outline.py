"""The dimensioned outline drawing of a package: one A4 sheet as SVG or PDF, both from the same code.

The bottom view is the die view (looking at the balls), the top view is the board view, its mirror image in x.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from chipscale import __version__
from chipscale.assembly.array import body_size_um
from chipscale.assembly.heights import heights
from chipscale.assembly.ipc7351 import kicad_name, name
from chipscale.errors import InputError, Problem
from chipscale.package.types import Package
from chipscale.report import outline_views as views
from chipscale.report.outline_dimensions import TOLERANCE_SOURCES, dimensions
from chipscale.report.outline_sheet import SHEET_MM, THICK_MM, THIN_MM, Sheet

_FRAME = (8.0, 8.0, SHEET_MM[0] - 8.0, SHEET_MM[1] - 8.0)  # left, bottom, right, top
_COLUMN = (209.0, _FRAME[2])  # of table, notes and title block
_TITLE_TOP = 42.0
_TOP_CENTRE = (57.0, 139.0)
_BOTTOM_CENTRE = (147.0, 139.0)
_RC: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "chipscale",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "path.simplify": False,
}


def outline_figure(package: Package) -> Figure:
    """Return the drawing as a figure of A4 size (297 x 210 mm)."""
    sheet = Sheet()
    scale = views.choose_scale(package)
    _frame(sheet)
    size_y = body_size_um(package)[1] / 1000 * scale
    views.top_view(sheet, package, views.View(_TOP_CENTRE, scale))
    views.bottom_view(sheet, package, views.View(_BOTTOM_CENTRE, scale))
    under = _TOP_CENTRE[1] - size_y / 2 - 17.0
    views.caption(sheet, (_TOP_CENTRE[0], under), "TOP VIEW", "board view: seen from above the board")
    views.caption(sheet, (_BOTTOM_CENTRE[0], under), "BOTTOM VIEW", "die view: looking at the balls")
    _lower_views(sheet, package, scale)
    bottom = _table(sheet, package)
    _notes(sheet, package, bottom - 4.0)
    _title_block(sheet, package, scale)
    return sheet.figure


def write_outline(package: Package, path: Path) -> None:
    """Write the drawing to an `.svg` or `.pdf` file; the same package gives the same bytes."""
    kind = path.suffix.lower()
    if kind not in (".svg", ".pdf"):
        remedy = "name the file .svg or .pdf"
        raise InputError(
            [Problem("outline.format", "an outline drawing is SVG or PDF", value=path.name, remedy=remedy)]
        )
    title = f"{package.title or package.name}: outline drawing"
    dates = {"Date": None} if kind == ".svg" else {"CreationDate": None}
    producer = {"Creator": f"chipscale {__version__}"}
    with matplotlib.rc_context(_RC):
        outline_figure(package).savefig(path, format=kind[1:], metadata={"Title": title, **producer, **dates})


def _frame(sheet: Sheet) -> None:
    """Draw the frame with its zones."""
    left, bottom, right, top = _FRAME
    sheet.box((left, bottom), (right, top), 0.5)
    sheet.box((left - 4, bottom - 4), (right + 4, top + 4), 0.13)
    for k in range(6):
        x = left + (right - left) * (k + 0.5) / 6
        for y in (bottom - 2.0, top + 2.0):
            sheet.text((x, y), str(k + 1), 5.5)
        if k:
            edge = left + (right - left) * k / 6
            sheet.line([(edge, bottom - 4), (edge, bottom)], 0.13)
            sheet.line([(edge, top), (edge, top + 4)], 0.13)
    for k, letter in enumerate("DCBA"):
        y = bottom + (top - bottom) * (k + 0.5) / 4
        for x in (left - 2.0, right + 2.0):
            sheet.text((x, y), letter, 5.5)
        if k:
            edge = bottom + (top - bottom) * k / 4
            sheet.line([(left - 4, edge), (left, edge)], 0.13)
            sheet.line([(right, edge), (right + 4, edge)], 0.13)


def _lower_views(sheet: Sheet, package: Package, scale: float) -> None:
    """Draw the side view under the top view and the enlarged ball under the bottom view."""
    total = heights(package).total_um / 1000
    side_scale = max([s for s in views.SCALES if s <= min(scale, 20.0 / total)] or [20.0 / total])
    side_scale = scale if scale * total <= 20.0 else side_scale
    views.side_view(sheet, package, views.View((_TOP_CENTRE[0], 33.0), side_scale))
    note = "" if side_scale == scale else f", scale {side_scale:g} : 1"
    views.caption(sheet, (_TOP_CENTRE[0], 18.5), "SIDE VIEW", f"seen from the front{note}")
    ball = package.terminal.ball_d_um / 1000
    standoff = heights(package).standoff_um / 1000
    fits = [
        s
        for s in (2000, 1000, 500, 400, 300, 250, 200, 150, 100, 80, 60, 50, 40, 30, 25, 20, 15, 10, 5, 2, 1)
        if max(1.9 * ball * s / 1.5, (standoff + 0.45 * ball) * s) <= 24.0
    ]
    detail = float(fits[0] if fits else 1)
    views.detail_view(sheet, package, views.View((_BOTTOM_CENTRE[0] + 8.0, 33.0), detail))
    views.caption(sheet, (_BOTTOM_CENTRE[0] + 8.0, 18.5), "BALL", f"enlarged {detail:g} : 1")


def _table(sheet: Sheet, package: Package) -> float:
    """Draw the table of dimensions; return the height of its lower edge in mm."""
    left, right = _COLUMN
    top, row = _FRAME[3], 4.5
    stops = (left, left + 10.0, left + 22.5, left + 35.0, left + 47.5, right)
    rows = dimensions(package)
    bottom = top - row * (len(rows) + 1)
    sheet.box((left, bottom), (right, top), THICK_MM)
    heads = ("", "MIN", "NOM", "MAX", "millimetres")
    for x, end, head in zip(stops, stops[1:], heads, strict=False):
        sheet.text(((x + end) / 2, top - row / 2), head, 6.0, bold=head != "millimetres")
    for x in stops[1:-1]:
        sheet.line([(x, bottom), (x, top)])
    for index, item in enumerate(rows, start=1):
        y = top - row * index
        sheet.line([(left, y), (right, y)], THICK_MM if index == 1 else THIN_MM)
        middle = y - row / 2
        sheet.text(((stops[0] + stops[1]) / 2, middle), item.letter, 6.5, bold=True)
        for x, end, cell in zip(stops[1:4], stops[2:5], item.cells, strict=True):
            if cell:
                sheet.text(((x + end) / 2, middle), cell, 6.5)
        if item.kind == "basic":
            sheet.box((stops[2] + 1.2, middle - 1.6), (stops[3] - 1.2, middle + 1.6), 0.13)
        sheet.fitted((stops[4] + 1.2, middle), item.meaning, right - stops[4] - 2.4, 6.0)
    return bottom


def _notes(sheet: Sheet, package: Package, top: float) -> None:
    """Write the notes under the table."""
    left, right = _COLUMN
    vertical, horizontal = package.a1_corner.split("_")
    other = "left" if horizontal == "right" else "right"
    alloy = package.layers.materials.get("ball", "solder")
    notes = [
        "Dimensions in millimetres; boxed values are basic (exact), values in parentheses are for reference.",
        f"A1 is at the {vertical} {horizontal} of the bottom view and at the {vertical} {other} of the top view: "
        "the views are mirror images.",
        f"Balls: {alloy}, spheres of {package.terminal.sphere_d_um / 1000:.3f} before reflow. C is the seating plane.",
        f"Tolerances are assumed, typical of such packages ({TOLERANCE_SOURCES}). Nominal values follow the design.",
    ]
    size, step = 5.6, 2.75
    room = int((right - left - 5.0) / (size * 0.203))
    sheet.text((left + 1.5, top), "NOTES", 6.5, "left", bold=True)
    y = top - 3.6
    for number, note in enumerate(notes, start=1):
        for index, shown in enumerate(textwrap.wrap(note, room)):
            if index == 0:
                sheet.text((left + 1.5, y), f"{number}", size, "left")
            sheet.text((left + 4.5, y), shown, size, "left")
            y -= step
        y -= 0.6


def _title_block(sheet: Sheet, package: Package, scale: float) -> None:
    """Draw the title block with projection symbol, scale and names."""
    left, right = _COLUMN
    bottom, top = _FRAME[1], _TITLE_TOP
    sheet.box((left, bottom), (right, top), 0.5)
    levels = (top - 10.0, top - 17.5, top - 25.0)
    for y in levels:
        sheet.line([(left, y), (right, y)], THIN_MM)
    size_x, size_y = (value / 1000 for value in body_size_um(package))
    sheet.fitted((left + 2.0, top - 3.7), package.title or package.name, right - left - 4.0, 9.0, bold=True)
    what = f"outline drawing, {len(package.balls)} balls, body {size_x:.3f} x {size_y:.3f} mm"
    sheet.fitted((left + 2.0, top - 7.9), what, right - left - 4.0, 6.5)
    for y, head, shown in (
        (levels[0], "IPC-7351 STYLE NAME", name(package)),
        (levels[1], "NAME IN KICAD", kicad_name(package)),
    ):
        sheet.text((left + 2.0, y - 1.9), head, 4.5, "left")
        sheet.fitted((left + 2.0, y - 5.2), shown, right - left - 4.0, 7.0)
    cells = (left, left + 20.0, left + 36.0, left + 52.0, right)
    for x in cells[1:-1]:
        sheet.line([(x, bottom), (x, levels[2])], THIN_MM)
    entries = (("SCALE", f"{scale:g} : 1"), ("UNIT", "mm"), ("SHEET", "1 / 1"))
    for x, (head, shown) in zip(cells, entries, strict=False):
        sheet.text((x + 1.5, levels[2] - 1.9), head, 4.5, "left")
        sheet.text((x + 1.5, levels[2] - 5.6), shown, 7.5, "left")
    _third_angle(sheet, (cells[3] + 2.0, (bottom + levels[2]) / 2))


def _third_angle(sheet: Sheet, at: tuple[float, float]) -> None:
    """Draw the symbol of third-angle projection: the end view lies on the side it is seen from."""
    x, y = at
    centre = (x + 4.0, y)
    sheet.circles([centre], 5.0)
    sheet.circles([centre], 2.6)
    start = x + 10.5
    sheet.polygon([(start, y - 1.3), (start + 7.0, y - 2.5), (start + 7.0, y + 2.5), (start, y + 1.3)], THIN_MM)
    sheet.centre_line((x + 0.5, y), (x + 7.5, y))
    sheet.centre_line((x + 4.0, y - 3.4), (x + 4.0, y + 3.4))
    sheet.centre_line((start - 1.5, y), (start + 8.5, y))
