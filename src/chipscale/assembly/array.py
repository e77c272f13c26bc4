"""Facts of the ball array as the board sees it: board-view positions, columns, rows, pitches, A1 corner.

Two views are used and never mixed. The *die view* looks at the ball side (active face), origin at the die's
lower left, y up. The *board view* looks through the package at the board it is mounted on, origin at the
package centre, y up; it is the die view mirrored in x. A ball A1 at the top left of the die view is therefore
at the top right of the board view.
"""

from __future__ import annotations

from dataclasses import dataclass

from chipscale.package.types import Ball, Package

_SAME_UM = 0.5  # coordinates closer than this lie in one column or row


@dataclass(frozen=True, slots=True)
class ArrayFacts:
    """Columns and rows of sites (left to right, top to bottom of the board view), pitches, and the ball nearest."""

    cols: int
    rows: int
    pitch_x_um: float  # between neighbouring columns of sites
    pitch_y_um: float
    pitch_um: float  # the pitch a package is called by: the smallest distance of two balls
    staggered: bool
    x_um: tuple[float, ...]  # columns, board view, ascending
    y_um: tuple[float, ...]  # rows, board view, descending


def body_size_um(package: Package) -> tuple[float, float]:
    """Return the package outline (x, y) in µm; a fan-in's is the die."""
    size_x, size_y = package.package_size_um
    return (size_x or package.die.size_x_um, size_y or package.die.size_y_um)


def board_view_um(package: Package, ball: Ball) -> tuple[float, float]:
    """Return a ball's centre (x, y) in µm of the board view: from the package centre, x mirrored, y up."""
    return (package.die.size_x_um / 2 - ball.x_um + 0.0, ball.y_um - package.die.size_y_um / 2 + 0.0)


def a1_corner_board(package: Package) -> tuple[int, int]:
    """Return the A1 corner in the board view as (sign of x, sign of y), y up.

    >>> # die view top_left -> board view top right: (1, 1)
    """
    vertical, horizontal = package.a1_corner.split("_")
    return (1 if horizontal == "left" else -1, 1 if vertical == "top" else -1)


def array_facts(package: Package) -> ArrayFacts:
    """Return columns, rows and pitches of the ball array in the board view.

    Columns and rows are the distinct coordinates; for a rotated grid, where nearly every ball has its own,
    the row and column numbers of the balls count instead.
    """
    places = [board_view_um(package, ball) for ball in package.balls]
    xs, ys = _distinct([x for x, _ in places]), _distinct([y for _, y in places])
    cols, rows = len(xs), len(ys)
    if cols * rows > 6 * len(package.balls) and len(package.balls) > 4:
        cols = 1 + max(ball.col for ball in package.balls)
        rows = 1 + max(ball.row for ball in package.balls)
    return ArrayFacts(
        cols=cols,
        rows=rows,
        pitch_x_um=package.pitch_x_um,
        pitch_y_um=package.pitch_y_um,
        pitch_um=package.min_ball_distance_um or min(package.pitch_x_um, package.pitch_y_um),
        staggered=_staggered(places, xs, ys),
        x_um=tuple(xs),
        y_um=tuple(reversed(ys)),
    )


def _distinct(values: list[float]) -> list[float]:
    """Return the sorted values, those within `_SAME_UM` of their forerunner dropped."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > _SAME_UM:
            kept.append(value)
    return kept


def _staggered(places: list[tuple[float, float]], xs: list[float], ys: list[float]) -> bool:
    """Tell whether every second site is empty, as on one colour of a chessboard."""
    if len(xs) < 2 or len(ys) < 2:
        return False
    parities = {(_index(xs, x) + _index(ys, y)) % 2 for x, y in places}
    return len(parities) == 1


def _index(kept: list[float], value: float) -> int:
    return min(range(len(kept)), key=lambda i: abs(kept[i] - value))
