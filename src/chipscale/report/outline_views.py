"""The views of the outline drawing: top (board view), bottom (die view), side, and a ball enlarged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chipscale.assembly.array import a1_corner_board, array_facts, board_view_um, body_size_um
from chipscale.assembly.heights import heights
from chipscale.package.types import Grooves, Package
from chipscale.report.outline_dimensions import pitch_letters
from chipscale.report.outline_labels import (
    SIZE_PT,
    array_labels,
    largest_size_pt,
    least_gap,
    line_height_mm,
    spaced,
)
from chipscale.report.outline_sheet import PALE, THICK_MM, THIN_MM, Point, Sheet, frame_cells_mm, text_width_mm

SCALES = (
    100.0,
    80.0,
    60.0,
    50.0,
    40.0,
    30.0,
    25.0,
    20.0,
    15.0,
    12.0,
    10.0,
    8.0,
    6.0,
    5.0,
    4.0,
    3.0,
    2.5,
    2.0,
    1.5,
    1.0,
)
BODY_ROOM_MM = (66.0, 78.0)


@dataclass(frozen=True, slots=True)
class View:
    """Where a view's body is on the sheet: its centre, and how many sheet mm one mm of the package takes."""

    centre: Point
    scale: float

    def at(self, x_um: float, y_um: float) -> Point:
        """Return the sheet's place of a point given from the package centre."""
        return (self.centre[0] + x_um / 1000 * self.scale, self.centre[1] + y_um / 1000 * self.scale)


def choose_scale(package: Package) -> float:
    """Return the largest usual scale at which the body fits its room."""
    size = [value / 1000 for value in body_size_um(package)]
    fits = [s for s in SCALES if size[0] * s <= BODY_ROOM_MM[0] and size[1] * s <= BODY_ROOM_MM[1]]
    return fits[0] if fits else min(BODY_ROOM_MM[0] / size[0], BODY_ROOM_MM[1] / size[1])


def _body(sheet: Sheet, package: Package, view: View, past_mm: float = 2.5) -> tuple[Point, Point]:
    """Draw outline and centre lines; return the lower left and upper right corners on the sheet.

    `past_mm` is how far the centre lines reach out at the top and left.
    """
    size_x, size_y = body_size_um(package)
    low, high = view.at(-size_x / 2, -size_y / 2), view.at(size_x / 2, size_y / 2)
    sheet.centre_line((view.centre[0], low[1] - 2.5), (view.centre[0], high[1] + past_mm))
    sheet.centre_line((low[0] - past_mm, view.centre[1]), (high[0] + 2.5, view.centre[1]))
    sheet.box(low, high)
    return low, high


def caption(sheet: Sheet, at: Point, title: str, below: str) -> None:
    """Write a view's name and, smaller, what it shows."""
    sheet.text(at, title, 8.0, bold=True)
    sheet.text((at[0], at[1] - 3.6), below, 6.0)


def top_view(sheet: Sheet, package: Package, view: View) -> None:
    """Draw the package as it lies on the board, seen from above: outline, A1 mark, D, E, datums A and B.

    Of an image sensor the sensing area is drawn too, as it is seen through the glass.
    """
    low, high = _body(sheet, package, view)
    if package.grooves is not None:
        _sensing_area(sheet, package, package.grooves, view)
    sx, sy = a1_corner_board(package)
    d = max(1.2, min(3.0, 0.07 * min(high[0] - low[0], high[1] - low[1])))
    corner = (high[0] if sx > 0 else low[0], high[1] if sy > 0 else low[1])
    mark = (corner[0] - sx * 1.4 * d, corner[1] - sy * 1.4 * d)
    sheet.circles([mark], d, THIN_MM, "#111111")
    # the note stands right of the body; from a mark at the left it runs along the edge above or below it
    y = corner[1] + sy * 4.0
    elbow = (mark[0] + sx * 2.0, y)
    sheet.leader([(mark[0] + sx * 0.25 * d, mark[1] + sy * d / 2), elbow, (elbow[0] + sx * 1.5, y)])
    sheet.text((elbow[0] + sx * 2.2, y), "A1 mark", 6.5, "left" if sx > 0 else "right")
    above = high[1] + 9.0
    sheet.dimension((low[0], high[0]), above, (high[1], high[1]), "D")
    aside = low[0] - 9.0
    sheet.dimension((low[1], high[1]), aside, (low[0], low[0]), "E", vertical=True)
    datum_x = view.centre[0] + 0.25 * (high[0] - low[0])
    sheet.datum((datum_x, low[1]), "B", (0.0, -1.0))
    sheet.datum((high[0], view.centre[1] - 0.25 * (high[1] - low[1])), "A", (1.0, 0.0))
    cells = ["aaa", "C", "A", "B"]
    end = min(low[0] - 4.0 + sum(frame_cells_mm(cells)), datum_x - 3.0)  # of the frame, left of the datum
    foot, edge = low[1] - 8.4, low[0] + 0.5
    sheet.tolerance_frame((end - sum(frame_cells_mm(cells)), foot), "profile", cells)
    bend = [(edge, foot + 4.0)] if end > edge else [(edge, foot + 2.0), (end, foot + 2.0)]
    sheet.leader([(edge, low[1]), *bend])


def _sensing_area(sheet: Sheet, package: Package, grooves: Grooves, view: View) -> None:
    x0, y0, x1, y1 = grooves.sensing
    half_x, half_y = package.die.size_x_um / 2, package.die.size_y_um / 2
    low, high = view.at(half_x - x1, y0 - half_y), view.at(half_x - x0, y1 - half_y)
    sheet.box(low, high, THIN_MM)
    size = f"{(x1 - x0) / 1000:.3f} x {(y1 - y0) / 1000:.3f}"
    sheet.text((low[0] + 0.8, low[1] + 4.2), "sensing area", 5.5, "left")
    sheet.text((low[0] + 0.8, low[1] + 1.6), size, 5.5, "left")


def bottom_view(sheet: Sheet, package: Package, view: View) -> None:
    """Draw the ball side (die view): balls, row and column labels, pitch, spans, edge distances, b."""
    low, high = _body(sheet, package, view, 0.5)
    places = [view.at(-x, y) for x, y in (board_view_um(package, ball) for ball in package.balls)]
    d = package.terminal.ball_d_um / 1000 * view.scale
    first = [place for ball, place in zip(package.balls, places, strict=True) if ball.row == 0 and ball.col == 0]
    sheet.circles(places, d, 0.13, PALE)
    if first:
        sheet.circles(first, d, 0.13, "#8793a3")
    _labels(sheet, package, view, (low, high))
    _array_dimensions(sheet, package, view, (low, high))
    _ball_note(sheet, places, d, high)


def _ball_note(sheet: Sheet, places: Sequence[Point], d_mm: float, corner: Point) -> None:
    """Write b and its tolerances above the upper right corner; the leader passes right of the last column's label."""
    x, y = max(places, key=lambda place: place[0] + place[1])
    last = max(place[0] for place in places)
    passing = (last + 0.5 * text_width_mm("00", SIZE_PT[1]) + 0.8, corner[1] + 0.8)
    away = math.hypot(passing[0] - x, passing[1] - y)
    start = (x + (passing[0] - x) * d_mm / 2 / away, y + (passing[1] - y) * d_mm / 2 / away)
    left, top = max(corner[0] + 2.0, passing[0] + 2.0), corner[1] + 16.5
    sheet.leader([start, passing, (passing[0], top - 1.2), (passing[0] + 1.2, top), (left, top)])
    sheet.text((left + 0.6, top), f"{len(places)}x Øb" if len(places) > 1 else "Øb", 6.5, "left")
    sheet.tolerance_frame((left, top - 6.0), "position", ["Øccc", "C", "A", "B"])
    sheet.tolerance_frame((left, top - 10.0), "position", ["Øddd", "C"])


def _labels(sheet: Sheet, package: Package, view: View, body: tuple[Point, Point]) -> None:
    """Write column labels above and row labels left of the body, thinned out where they would touch."""
    (x0, _), (_, y1) = body
    columns, rows = array_labels(package)
    if not any(label for _, label in columns + rows):
        return _names(sheet, package, view)
    across = [(view.at(-x, 0)[0], label) for x, label in columns]
    size = largest_size_pt(least_gap([x for x, _ in across]), [text_width_mm(label, 1.0) for _, label in across])
    for x, label in spaced(across, [text_width_mm(label, size) for _, label in across]):
        sheet.text((x, y1 + 2.4), label, size)
    down = [(view.at(0, y)[1], label) for y, label in rows]
    size = largest_size_pt(least_gap([y for y, _ in down]), [])
    for y, label in spaced(down, [line_height_mm(size)]):
        sheet.text((x0 - 1.2, y), label, size, "right")


def _names(sheet: Sheet, package: Package, view: View) -> None:
    """Write each ball's name into it where it fits."""
    d = package.terminal.ball_d_um / 1000 * view.scale
    widest = max(text_width_mm(ball.name, 5.0) for ball in package.balls)
    if widest < 0.9 * d:
        for ball in package.balls:
            x, y = board_view_um(package, ball)
            sheet.text(view.at(-x, y), ball.name, 5.0)


def _array_dimensions(sheet: Sheet, package: Package, view: View, body: tuple[Point, Point]) -> None:
    """Draw F, e, D1 below and G, e, E1 right of the bottom view."""
    (x0, y0), (x1, y1) = body
    facts = array_facts(package)
    columns = sorted(view.at(-x, 0)[0] for x in facts.x_um)
    rows = sorted((view.at(0, y)[1] for y in facts.y_um), reverse=True)
    letters = pitch_letters(facts)
    foot, side = y0, x1
    near_y, far_y = foot - 6.0, foot - 12.0
    near_x, far_x = side + 6.0, side + 12.5
    sheet.dimension((columns[0], x0), near_y, (foot, foot), "F")
    pair = _neighbours(columns, facts.pitch_x_um / 1000 * view.scale)
    if pair:
        sheet.dimension(pair, near_y, (foot, foot), letters[0])
    if len(columns) > 1:
        sheet.dimension((columns[0], columns[-1]), far_y, (near_y, near_y), "D1")
    sheet.dimension((rows[0], y1), near_x, (side, side), "G", vertical=True)
    pair = _neighbours(rows, facts.pitch_y_um / 1000 * view.scale)
    if pair:
        sheet.dimension(pair, near_x, (side, side), letters[1], vertical=True)
    if len(rows) > 1:
        sheet.dimension((rows[-1], rows[0]), far_x, (near_x, near_x), "E1", vertical=True)


def _neighbours(places: Sequence[float], gap_mm: float) -> tuple[float, float] | None:
    """Return the last two neighbouring places one pitch apart, or None."""
    for before, after in zip(reversed(places[:-1]), reversed(places[1:]), strict=True):
        if abs(abs(after - before) - gap_mm) < 1e-3:
            return (before, after)
    return None


def side_view(sheet: Sheet, package: Package, view: View) -> None:
    """Draw the package on its balls, seen from the front: body, film, balls, seating plane C, A, A1, A2.

    `view.centre` is the middle of the seating plane.
    """
    size_x, _ = body_size_um(package)
    high = heights(package)
    foot, body, top = 0.0, high.standoff_um, high.total_um
    ball_d = package.terminal.ball_d_um
    xs = sorted({round(board_view_um(package, ball)[0], 1) for ball in package.balls})
    _balls_from_the_side(sheet, view, xs, ball_d, body)
    low, upper = view.at(-size_x / 2, body), view.at(size_x / 2, top)
    sheet.box(low, upper, fill="white")
    if package.layers.backside_um > 0:
        film = view.at(0, top - package.layers.backside_um)[1]
        sheet.line([(low[0], film), (upper[0], film)])
    if package.grooves is not None:
        glass = view.at(0, top - package.grooves.glass_um)[1]
        sheet.line([(low[0], glass), (upper[0], glass)])
    ground, left, right = view.at(0, foot)[1], low[0], upper[0]
    sheet.line([(left - 14.0, ground), (right + 20.0, ground)])
    sheet.dimension((ground, upper[1]), right + 6.0, (right, right), "A", vertical=True)
    sheet.dimension((low[1], upper[1]), left - 6.0, (left, left), "A2", vertical=True)
    sheet.dimension((low[1], ground), left - 12.0, (left - 7.0, left), "A1", vertical=True)
    sheet.datum((right + 14.0, ground), "C", (0.0, -1.0))
    sheet.tolerance_frame((right - 2.0, ground - 8.6), "profile", ["eee", "C"])
    frame = (view.centre[0] - 8.0, upper[1] + 3.2)
    sheet.tolerance_frame(frame, "parallelism", ["bbb", "C"])
    sheet.leader([(view.centre[0] - 5.8, upper[1]), (view.centre[0] - 5.8, frame[1])])


def _balls_from_the_side(sheet: Sheet, view: View, xs: Sequence[float], ball_d_um: float, body_um: float) -> None:
    """Draw the visible part of each column's balls, cut off at the body."""
    for x in xs:
        profile = ball_profile(ball_d_um, body_um)
        sheet.polygon([view.at(x + r, z) for r, z in profile], THIN_MM, PALE)


def ball_profile(ball_d_um: float, height_um: float, n: int = 48) -> list[Point]:
    """Return the outline (x, z) in µm of a ball of the given width that stands on z = 0, cut at the height."""
    r = ball_d_um / 2
    if height_um <= r:  # flatter than half a sphere: half an ellipse
        angles = [math.pi + math.pi * k / n for k in range(n + 1)]
        return [(r * math.cos(a), height_um + height_um * math.sin(a)) for a in angles]
    half = math.acos(max(-1.0, min(1.0, (height_um - r) / r)))  # from the axis up to the cut
    angles = [math.pi / 2 + half + (2 * math.pi - 2 * half) * k / n for k in range(n + 1)]
    return [(r * math.cos(a), r + r * math.sin(a)) for a in angles]


def detail_view(sheet: Sheet, package: Package, view: View) -> None:
    """Draw one ball large with a piece of the body: b and A1. `view.centre` is the ball's lowest point."""
    high = heights(package)
    ball_d = package.terminal.ball_d_um
    wide = 0.95 * ball_d
    body = high.standoff_um
    thick = 0.45 * ball_d
    sheet.polygon([view.at(x, z) for x, z in ball_profile(ball_d, body)], THICK_MM, PALE)
    low, upper = view.at(-wide, body), view.at(wide, body + thick)
    sheet.polygon([low, (upper[0], low[1]), upper, *_break_line(upper, (low[0], upper[1]))], THICK_MM, "white")
    ground = view.at(0, 0)[1]
    sheet.line([(low[0] - 3.0, ground), (upper[0] + 10.0, ground)])
    sheet.centre_line((view.centre[0], ground - 2.0), (view.centre[0], upper[1] + 2.5))
    widest = view.at(0, min(ball_d / 2, body))[1]
    sides = (view.at(-ball_d / 2, 0)[0], view.at(ball_d / 2, 0)[0])
    sheet.dimension(sides, ground - 5.0, (widest, widest), "Øb")
    sheet.dimension((ground, low[1]), upper[0] + 6.0, (upper[0], upper[0]), "A1", vertical=True)


def _break_line(start: Point, end: Point) -> list[Point]:
    """Return the points of a wavy line where the body is broken off."""
    n = 24
    return [
        (start[0] + (end[0] - start[0]) * k / n, start[1] + 0.7 * math.sin(2 * math.pi * 2 * k / n))
        for k in range(1, n)
    ] + [end]
