"""Which pad is under which ball, and how far a ball or an opening is off it."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from chipscale.package.types import Ball, Pad

_SLACK_UM = 1e-6


def pads_under(balls: Sequence[Ball], pads: Sequence[Pad]) -> dict[str, Pad]:
    """Return by ball name the pad whose metal is under the ball's centre; balls over no pad are left out."""
    found = {}
    for ball in balls:
        for pad in pads:
            dx, dy = abs(ball.x_um - pad.x_um), abs(ball.y_um - pad.y_um)
            if dx <= pad.size_x_um / 2 + _SLACK_UM and dy <= pad.size_y_um / 2 + _SLACK_UM:
                found[ball.name] = pad
                break
    return found


def gap_um(ball: Ball, pad: Pad) -> float:
    """Return the distance of the ball's centre from the pad's metal, 0 over it."""
    dx = max(abs(ball.x_um - pad.x_um) - pad.size_x_um / 2, 0.0)
    return hypot(dx, max(abs(ball.y_um - pad.y_um) - pad.size_y_um / 2, 0.0))


def beyond_um(ball: Ball, pad: Pad, opening_um: float) -> float:
    """Return how far a round opening at the ball reaches beyond the pad's metal, negative inside it."""
    dx = abs(ball.x_um - pad.x_um) + opening_um / 2 - pad.size_x_um / 2
    return max(dx, abs(ball.y_um - pad.y_um) + opening_um / 2 - pad.size_y_um / 2)
