"""Uses free room: wires keep more than the rule from foreign metal where that costs little length."""

from __future__ import annotations

import numpy as np

from chipscale.layout.route.problem import RouteProblem, Wire
from chipscale.layout.route_grid.features import Floats
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.polish import lone
from chipscale.layout.route_grid.tree import drop_straight, length_um, pieces

FACTORS = (2.0, 1.5, 1.25, 1.1)
STRETCH = 1.01


def spread(problem: RouteProblem, wires: tuple[Wire, ...], rounds: int = 2) -> tuple[Wire, ...]:
    """The same wires with the largest space factor each can have within 1 % more length."""
    field = Field(problem, wires)
    spread_field(field, rounds)
    return field.wires()


def spread_field(field: Field, rounds: int = 2) -> None:
    """Spread every net of one wire; nets of several wires keep their tree."""
    base = {i: length_um(lines[0]) for i, lines in enumerate(field.lines) if lone(field, i)}
    for _ in range(rounds):
        for i in sorted(base):
            spread_net(field, i, base[i])


def spread_net(field: Field, net: int, base_um: float) -> None:
    """Give one net the largest factor that keeps it within STRETCH times its shortest length."""
    a, b = (pieces([], [p]) for p in field.pins[net])
    pitch = 2 * field.half[net] + field.space[net]
    for factor in FACTORS:
        if field.legal(net, field.lines[net][0], factor):
            return
        way = field.join(net, (a, b), STRETCH * base_um + 0.05 * pitch, factor)
        if len(way) and length_um(way) <= STRETCH * base_um:
            way = drop_straight(way)
            if field.legal(net, way):
                field.put(net, [way])
                return


def fewer_bends(field: Field, price_um: float) -> None:
    """Drop bends that cost less than `price_um` each: a vertex, or two for the corner outside them."""
    if field.octo:
        return
    for i, lines in enumerate(field.lines):
        new = [straighten(field, i, line, price_um) for line in lines]
        if any(len(a) != len(b) for a, b in zip(new, lines, strict=True)):
            field.put(i, new)


def straighten(field: Field, net: int, line: Floats, price_um: float) -> Floats:
    """One wire with two neighbouring bends replaced by one wherever that is legal and cheap."""
    k = 1
    while k + 2 < len(line):
        a, b, c, d = line[k - 1], line[k], line[k + 1], line[k + 2]
        u, v = b - a, c - d
        det = u[0] * -v[1] + u[1] * v[0]
        if abs(det) > 1e-9 * float(np.hypot(*u) * np.hypot(*v)):
            w = d - a
            s = (w[0] * -v[1] + w[1] * v[0]) / det
            t = (u[0] * w[1] - u[1] * w[0]) / det
            corner = a + s * u
            new = np.vstack([line[:k], corner, line[k + 2 :]])
            if s >= 1.0 and t >= 1.0 and length_um(new) < length_um(line) + price_um and field.legal(net, new):
                line = new
                continue
        k += 1
    return line
