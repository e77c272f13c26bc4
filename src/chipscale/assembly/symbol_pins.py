"""Arrange a package's balls as the pins of a schematic symbol: supplies above and below, signals at the sides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chipscale.assembly.land_pattern import board_net
from chipscale.package.types import Ball, Package

Electrical = Literal["power_in", "bidirectional", "no_connect"]
Side = Literal["left", "right", "top", "bottom"]

ONE_UNIT_PINS = 100  # a symbol with more pins is split
UNIT_SIGNALS = 64  # signals of one unit of a split symbol
GRID_MM = 2.54
_CHAR_MM = 1.2  # a little more than the width of a character 1.27 mm high


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin: ball, shown name, electrical type, side, and where its wire end is (mm, y up)."""

    number: str
    name: str
    electrical: Electrical
    side: Side
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class Unit:
    """One box of the symbol: half its width and height in mm, and its pins."""

    half_width_mm: float
    half_height_mm: float
    pins: tuple[Pin, ...]


def units(package: Package) -> tuple[Unit, ...]:
    """Return the boxes: one up to 100 balls, else signals by 64 and the supplies in a box of their own."""
    kinds = {net.name: net.kind for net in package.nets}
    sorted_balls = sorted(package.balls, key=lambda ball: (natural(board_net(ball) or "~"), natural(ball.name)))
    of = {
        kind: [ball for ball in sorted_balls if ball.net and kinds.get(ball.net, "signal") == kind]
        for kind in ("signal", "power", "ground")
    }
    side = of["signal"] + [ball for ball in sorted_balls if not ball.net]
    if len(package.balls) <= ONE_UNIT_PINS:
        return (_unit(side, of["power"], of["ground"]),)
    boxes = [_unit(side[start : start + UNIT_SIGNALS], [], []) for start in range(0, len(side), UNIT_SIGNALS)]
    if of["power"] or of["ground"]:
        boxes.append(_unit([], of["power"], of["ground"]))
    return tuple(boxes)


def natural(word: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which numbers count as numbers: io[2] before io[10]."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|\D+", word))


def shown_name(ball: Ball) -> str:
    """Return the pin's name: the board net; KiCad's overbar `~{…}` is kept, a lone brace is escaped.

    >>> shown_name(Ball("B10", 0, 0, "resetb", 0, 0, "~{RST}"))
    '~{RST}'
    >>> shown_name(Ball("A1", 0, 0, "a{b}", 0, 0))
    'a{brace}b}'
    """
    name = board_net(ball)
    if name is None:
        return "NC"
    return re.sub(r"(?<![~_^])\{", "{brace}", name).replace(" ", "_")


def _unit(side: Sequence[Ball], power: Sequence[Ball], ground: Sequence[Ball]) -> Unit:
    """Return a box around side pins (half left, half right), power pins above and ground pins below."""
    left, right = side[: (len(side) + 1) // 2], side[(len(side) + 1) // 2 :]
    rows = max(len(left), len(right))
    above, below = _text_mm(power), _text_mm(ground)
    height = _up_to_grid(max(rows, 1) * GRID_MM + above + below + GRID_MM)
    across = max(len(power), len(ground)) * GRID_MM
    width = _up_to_grid(max(_text_mm(left) + _text_mm(right) + 2 * GRID_MM, across + GRID_MM, 4 * GRID_MM))
    half_w, half_h = width / 2, height / 2
    top_row = half_h - _up_to_grid(above + GRID_MM / 2) if rows else 0.0
    reach_x, reach_y = half_w + GRID_MM, half_h + GRID_MM
    pins = [_pin(ball, "left", (-reach_x, top_row - i * GRID_MM)) for i, ball in enumerate(left)]
    pins += [_pin(ball, "right", (reach_x, top_row - i * GRID_MM)) for i, ball in enumerate(right)]
    pins += [_pin(ball, "top", (_spread(i, len(power)), reach_y)) for i, ball in enumerate(power)]
    pins += [_pin(ball, "bottom", (_spread(i, len(ground)), -reach_y)) for i, ball in enumerate(ground)]
    return Unit(half_w, half_h, tuple(pins))


def _pin(ball: Ball, side: Side, at: tuple[float, float]) -> Pin:
    electrical: Electrical = "power_in" if side in ("top", "bottom") else "bidirectional" if ball.net else "no_connect"
    return Pin(ball.name, shown_name(ball), electrical, side, round(at[0], 4), round(at[1], 4))


def _spread(index: int, count: int) -> float:
    """Return a place on the grid, the row of `count` about centred."""
    return (index - count // 2) * GRID_MM


def _text_mm(balls: Sequence[Ball]) -> float:
    """Return the room the names need, with the gap before them."""
    if not balls:
        return 0.0
    return max(len(re.sub(r"[~_^]\{|\}", "", shown_name(ball))) for ball in balls) * _CHAR_MM + GRID_MM / 2


def _up_to_grid(length_mm: float) -> float:
    """Return the length rounded up so that both halves lie on the grid."""
    step = 2 * GRID_MM
    return step * -int(-length_mm // step)
