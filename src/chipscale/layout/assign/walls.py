"""Places the balls of nets with several pads so that the signals between those pads stay on their side.

On one layer the wires of a net with several pads are a wall: the pads between them have to find their balls on
this side of it. For each such net every ball is tried, with the net drawn the short way and as a bay; for each
try all signals are matched anew, each charged for the walls it would cross. The best stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chipscale.layout.assign.matching import charges_um, lengths_um, match
from chipscale.layout.assign.segments import bent, cross, length_um, tree
from chipscale.layout.assign.sketch import PAST, Field, Floats, Sketch

_LARGEST = 250  # nets; beyond, the matchings would take minutes
_SWEEPS = 3


def walled(sketch: Sketch, free: Sequence[int], singles: Sequence[int], kept: set[int]) -> Sketch:
    """Return a sketch at least as good, with the balls of `singles` placed anew among `free` balls but `kept`."""
    movers = [net for net in singles if len(sketch.field.pads[net]) > 1 and len(sketch.balls_of[net]) == 1]
    simple = [net for net in singles if sketch.joins_one_pad(net)]
    if not movers or not simple or len(singles) > _LARGEST:
        return sketch
    best = sketch
    plan = _Plan(sketch, [ball for ball in free if ball not in kept], movers, simple)
    for _ in range(_SWEEPS):
        if not plan.sweep():
            break
        found = Sketch(sketch.field, plan.balls_of())
        if found.score().total_um < best.score().total_um:
            best = found
    return best


class _Plan:
    """Walls as they stand, and the signals matched around them."""

    def __init__(self, sketch: Sketch, free: list[int], movers: list[int], simple: list[int]) -> None:
        self.field: Field = sketch.field
        self.start, self.free, self.movers, self.simple = sketch, free, movers, simple
        self.column = {ball: i for i, ball in enumerate(free)}
        self.pads = [self.field.pads[net] for net in simple]
        self.length = lengths_um(self.pads, self.field.balls[free])
        owners = range(len(sketch.balls_of))
        self.wall = {net: sketch.edges_of(net).copy() for net in owners if sketch.is_tree(net)}
        self.ball = {net: sketch.balls_of[net][0] for net in movers}
        self.charge = {net: self._charge(wall) for net, wall in self.wall.items()}
        self.total, self.chosen = self._value()

    def sweep(self) -> bool:
        """Try every ball for every net with several pads; return whether anything became better."""
        better = False
        for net in self.movers:
            was = (self.ball[net], self.wall[net], self.charge[net])
            best = (self.total, *was, self.chosen)
            for ball in self.free:
                if ball in self.ball.values() and ball != was[0]:
                    continue
                for wall in self._ways(net, ball):
                    self.ball[net], self.wall[net], self.charge[net] = ball, wall, self._charge(wall)
                    total, chosen = self._value()
                    if total < best[0] - 1e-3:
                        best = (total, ball, wall, self.charge[net], chosen)
                        better = True
            self.total, self.ball[net], self.wall[net], self.charge[net], self.chosen = best
        return better

    def balls_of(self) -> list[list[int]]:
        """Return the balls of every net as planned."""
        balls = [list(mine) for mine in self.start.balls_of]
        for net, ball in self.ball.items():
            balls[net] = [ball]
        for net, ball in zip(self.simple, self.chosen, strict=True):
            balls[net] = [ball]
        return balls

    def _ways(self, net: int, ball: int) -> list[Floats]:
        pads, place = self.field.pads[net], self.field.balls[ball]
        others = [wall for other, wall in self.wall.items() if other != net]
        stubs = self.field.stubs[self.field.stub_net != net]
        past = PAST * self.field.pitch_um
        short = tree(np.vstack((pads, place[None])), np.vstack([*others, stubs]), self.field.crossing_um, past)
        mine = self.field.stubs[self.field.stub_net == net]
        if len(mine) != len(pads):
            return [short]
        return [short, bent(pads, place, mine[:, 2:] - mine[:, :2], past)]

    def _charge(self, wall: Floats) -> Floats:
        price = np.full(len(wall), self.field.crossing_um)
        nobody = np.full(len(wall), -1, dtype=np.int64)
        return charges_um(self.pads, self.field.balls[self.free], wall, price, nobody)

    def _value(self) -> tuple[float, list[int]]:
        """Return length plus crossings in µm with the signals matched best, and the signals' balls."""
        open_columns = np.ones(len(self.free), dtype=bool)
        open_columns[[self.column[ball] for ball in self.ball.values()]] = False
        usable = np.flatnonzero(open_columns)
        cost = (self.length + sum(self.charge.values()))[:, usable]
        chosen = match(cost)
        total = float(cost[np.arange(len(chosen)), chosen].sum())
        for net in self.movers:
            rest = [wall for other, wall in self.wall.items() if other != net]
            stubs = self.field.stubs[self.field.stub_net != net]
            total += length_um(self.wall[net])
            total += self.field.crossing_um * float(cross(self.wall[net], np.vstack([*rest, stubs])).sum())
        return total, [self.free[usable[i]] for i in chosen]
