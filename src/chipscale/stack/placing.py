"""Where a model's origin is and which way is up: as on the die, or as it sits on the board."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chipscale.stack.types import Stack

Place = Literal["die", "board"]


class Placing(NamedTuple):
    """Point p of the stack goes to ((px - x) * flip, py - y, (pz - z) * flip), µm; flip -1 turns it upside down."""

    x_um: float
    y_um: float
    z_um: float
    flip: int


def placing(stack: Stack, place: Place) -> Placing:
    """Return the move for `place`.

    "die": as the stack is, balls up, origin at the die's lower left corner on the active face.
    "board": balls down on z = 0, origin at the package's centre, turned about y (the board view).
    """
    if place == "die":
        return Placing(0.0, 0.0, 0.0, 1)
    if place == "board":
        return Placing(stack.size_x_um / 2, stack.size_y_um / 2, stack.extent_z_um()[1], -1)
    raise ValueError(f"place is 'die' or 'board', not {place!r}")
