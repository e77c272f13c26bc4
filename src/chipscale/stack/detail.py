"""How finely a model is drawn: the more balls and corners a package has, the fewer corners its shapes get."""

from __future__ import annotations

from typing import NamedTuple

import shapely

from chipscale.stack.types import Revolved, Slab, Stack


class Detail(NamedTuple):
    """How far outlines may move, the most sides of a drawn disc, sides and outline points of a ball."""

    simplify_um: float
    disc_sides: int
    ball_sides: int
    ball_points: int
    grid_um: float  # of a mesh's x and y; halves of halves, whose trailing zero bits pack well


_FINE, _MEDIUM, _COARSE = (
    Detail(1.0, 64, 32, 17, 2.0**-13),
    Detail(2.0, 32, 24, 13, 2.0**-9),
    Detail(5.0, 16, 16, 9, 2.0**-7),
)
_MEDIUM_FROM, _COARSE_FROM = 150, 400  # balls
_MANY_CORNERS = 150_000  # of all outlines; beyond, outlines may move further, up to twice as far


def detail(stack: Stack, simplify_um: float) -> Detail:
    """Return the detail for a stack: what is asked for up to 150 balls, then twice, from 400 on five times coarser.

    With fewer balls and many corners outlines may move up to twice as far. With simplify_um = 0 every corner of the
    masks stays.
    """
    balls = sum(isinstance(body, Revolved) for body in stack.bodies)
    if simplify_um <= 0:
        return fine(simplify_um)
    if balls < _MEDIUM_FROM:
        return fine(simplify_um * min(2.0, max(1.0, _corners(stack) / _MANY_CORNERS)))
    share = _MEDIUM if balls < _COARSE_FROM else _COARSE
    return share._replace(simplify_um=simplify_um * share.simplify_um)


def _corners(stack: Stack) -> int:
    return sum(int(shapely.get_num_coordinates(body.bottom)) for body in stack.bodies if isinstance(body, Slab))


def fine(simplify_um: float) -> Detail:
    """Return the finest detail with the given movement of outlines."""
    return _FINE._replace(simplify_um=simplify_um)
