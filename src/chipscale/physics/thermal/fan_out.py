"""Which balls a test board leads out on its top layer, along which lines, and how much copper that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipscale.package.types import Ball, Package
from chipscale.physics.thermal.boards import Board

_COARSE_UM = 500.0  # pitch from which JESD51-3 and -7 fix the traces' width (recalled)


class Way(NamedTuple):
    """A trace under the package, from the ball's centre to the package's outline: points (µm, die view) and width."""

    ball: str
    points_um: tuple[tuple[float, float], ...]
    width_um: float


def trace_width_um(package: Package, board: Board, land_d_um: float) -> float:
    """Return the width of the traces the board's standard wants for this pitch."""
    pitch = package.min_ball_distance_um
    if board.trace_ratio:
        return board.trace_ratio * pitch
    return board.trace_um if pitch >= _COARSE_UM else min(board.trace_um, land_d_um)


def to_plane(package: Package, board: Board) -> frozenset[str]:
    """Return the balls whose land has a via to the first plane: all, none, or those of ground nets."""
    kinds = {net.name: net.kind for net in package.nets}
    all_or_none = {"all": True, "none": False}.get(board.vias)
    tied = {ball.name: kinds.get(ball.net or "") == "ground" for ball in package.balls}
    return frozenset(name for name, ground in tied.items() if (ground if all_or_none is None else all_or_none))


def ways_out(package: Package, board: Board, land_d_um: float) -> tuple[Way, ...]:
    """Return the traces to the package's outline on the top layer, of the outer `board.rows_out_count` rows of balls.

    The outer row are the balls with a clear straight way out; the next row those that would have one without the outer
    row: their traces pass between its lands, as wide as a third of the gap, one in each gap. Balls farther in end on
    their land or at the plane (assumed: holes to the back layer would be wider than the lands of such pitches).
    """
    left, found = sorted(package.balls, key=lambda ball: ball.name), []
    used: set[tuple[int, int, int]] = set()
    for row in range(board.rows_out_count):
        asked = [(ball, _straight(ball, left, package.package_size_um, land_d_um)) for ball in left]
        here = [(ball, ends) for ball, ends in asked if ends]
        for ball, ends in here:
            way = (
                _outer(ball, ends[0], trace_width_um(package, board, land_d_um))
                if row == 0
                else _between(package, ball, ends, land_d_um, used)
            )
            if way is not None:
                found.append(way)
        out = {ball.name for ball, _ in here}
        left = [ball for ball in left if ball.name not in out]
    return tuple(found)


_End = tuple[float, int, int]  # distance to the outline, axis, way


def _straight(ball: Ball, balls: Sequence[Ball], size_um: tuple[float, float], clear_um: float) -> list[_End]:
    """Return the straight ways out that no other ball bars, the shortest first."""
    found = []
    for axis, way in ((0, -1), (0, 1), (1, -1), (1, 1)):
        if not any(_ahead(other, ball, axis, way, clear_um) for other in balls):
            at = (ball.x_um, ball.y_um)[axis]
            found.append((at if way < 0 else size_um[axis] - at, axis, way))
    return sorted(found)


def _ahead(other: Ball, ball: Ball, axis: int, way: int, clear_um: float) -> bool:
    ahead, aside = (other.x_um - ball.x_um, other.y_um - ball.y_um)[:: 1 if axis == 0 else -1]
    return abs(aside) < clear_um - 1e-6 and way * ahead > 1e-6


def _point(axis: int, along: float, across: float) -> tuple[float, float]:
    return (along, across) if axis == 0 else (across, along)


def _outer(ball: Ball, end: _End, width_um: float) -> Way:
    length, axis, way = end
    along, across = (ball.x_um, ball.y_um)[:: 1 if axis == 0 else -1]
    points = ((ball.x_um, ball.y_um), _point(axis, along + way * length, across))
    return Way(ball.name, points, width_um)


def _between(
    package: Package, ball: Ball, ends: Sequence[_End], land_d_um: float, used: set[tuple[int, int, int]]
) -> Way | None:
    """Return a trace that steps half a pitch aside and leaves between two lands, through a gap none has taken."""
    pitch = package.min_ball_distance_um
    width = (pitch - land_d_um) / 3
    if width <= 0:
        return None
    for length, axis, way in ends:
        along, across = (ball.x_um, ball.y_um)[:: 1 if axis == 0 else -1]
        for aside in (across - pitch / 2, across + pitch / 2):
            gap = (axis, way, round(aside))
            lands = [(b.x_um, b.y_um)[:: 1 if axis == 0 else -1] for b in package.balls if b.name != ball.name]
            barred = any(abs(v - aside) < pitch / 2 - 1e-3 and way * (u - along) > 0 for u, v in lands)
            if barred or gap in used:
                continue
            used.add(gap)
            first, turn = (ball.x_um, ball.y_um), _point(axis, along + way * pitch / 2, aside)
            return Way(ball.name, (first, turn, _point(axis, along + way * length, aside)), width)
    return None


def top_copper(package: Package, ways: Sequence[Way], land_d_um: float) -> Any:
    """Return the copper of the top layer under the package, lands and traces in one, as a shapely geometry in µm."""
    import shapely

    lands = [shapely.Point(ball.x_um, ball.y_um).buffer(land_d_um / 2, quad_segs=16) for ball in package.balls]
    flat = shapely.BufferCapStyle.flat
    traces = [shapely.LineString(way.points_um).buffer(way.width_um / 2, cap_style=flat) for way in ways]
    return shapely.unary_union([*lands, *traces])


def trace_share(package: Package, count: int, width_um: float, off_um: Any) -> Any:
    """Return the share of copper in the traces' layer `off_um` (a number or an array) outside the package.

    `count` traces `width_um` wide cross its outline; flared evenly to a square (JESD51-9, 5.1) they stand wider apart
    farther out.
    """
    sides = 2 * (package.package_size_um[0] + package.package_size_um[1]) + 8 * off_um
    return np.minimum(0.9, count * width_um / sides)
