"""Untangles a sketch: nets trade balls as long as that makes the whole shorter, less crossed or less crowded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chipscale.layout.assign.segments import cross
from chipscale.layout.assign.sketch import Floats, Ints, Sketch

_NEAR = 14  # balls around a net's ball it may trade for
_NEAR_OF_OTHERS = 40  # the same for a net of several pads or balls, where a ball decides more
_WORK = 20_000  # what looking at trades may cost in all; one trade of simple nets costs 1
_WORK_OF_REDRAW = 8  # a trade for which a net of several terminals is drawn anew
_PAIRS_PER_WORK = 20_000  # and for the pairs of segments this compares

Allowed = Callable[[int, int], bool]  # (ball given, ball taken) -> may these be traded


@dataclass(slots=True)
class Hands:
    """Who holds which ball (net by ball), and which balls nobody holds."""

    holder: dict[int, int]
    free: set[int]


def untangle(sketch: Sketch, free: set[int], allowed: Allowed) -> None:
    """Improve `sketch` in place; `free` are balls without a net.

    First the nets that cross another or pass an overfull gap trade balls with others near by, then all nets. Every
    trade lowers the sketch's total, so that this ends; trades are tried in a fixed order, and a fixed amount of work
    is not exceeded.
    """
    hands = Hands({ball: net for net, balls in enumerate(sketch.balls_of) for ball in balls}, set(free))
    left = _WORK
    for only_troubled in (True, False, True):
        improved = True
        while improved and left > 0:
            improved, left = _pass(sketch, hands, allowed, left, only_troubled)


def _pass(sketch: Sketch, hands: Hands, allowed: Allowed, left: int, only_troubled: bool) -> tuple[bool, int]:
    """Try every net's trades once; returns whether one was good, and how much work is left."""
    load = sketch.load(sketch.edges)
    nets = _troubled(sketch, load) if only_troubled else list(range(len(sketch.balls_of)))
    improved = False
    for net in nets:
        for ball in sorted(sketch.balls_of[net]):
            if left <= 0:
                return improved, left
            cost = 1 if sketch.joins_one_pad(net) else _redraw_work(sketch, net)
            if cost * _NEAR_OF_OTHERS > max(left, _WORK) // 4:
                break
            other, seen = _best_trade(sketch, (net, ball), hands, allowed, load)
            left -= seen * cost
            if other is not None:
                _trade(sketch, (net, ball), other, hands)
                load = sketch.load(sketch.edges)
                improved = True
    return improved, left


def _redraw_work(sketch: Sketch, net: int) -> int:
    terminals = len(sketch.field.pads[net]) + len(sketch.balls_of[net])
    lines = len(sketch.edges) + len(sketch.field.stubs)
    return _WORK_OF_REDRAW + 9 * terminals * (terminals - 1) * lines // _PAIRS_PER_WORK


def _troubled(sketch: Sketch, load: Ints) -> list[int]:
    """Return the nets that cross another or pass an overfull gap."""
    bad = sketch.crossings() > 0
    over = load > sketch.field.capacity
    if over.any():
        bad = bad | cross(sketch.edges, sketch.field.gaps[over]).any(axis=1)
    return sorted({int(net) for net in sketch.owner[bad]})


def _best_trade(
    sketch: Sketch, mine: tuple[int, int], hands: Hands, allowed: Allowed, load: Ints
) -> tuple[int | None, int]:
    """Return the ball whose trade lowers the total most (None: no trade does) and how many were looked at."""
    net, ball = mine
    away = ((sketch.field.balls - sketch.field.balls[ball]) ** 2).sum(axis=1)
    order = (int(b) for b in np.lexsort((np.arange(len(away)), np.round(away, 3))))
    near = [b for b in order if (b in hands.free or hands.holder.get(b, net) != net) and allowed(ball, b)]
    if sketch.joins_one_pad(net):  # trades with other nets are looked at from their side
        near = [b for b in near if b in hands.free or sketch.joins_one_pad(hands.holder[b])][:_NEAR]
    near = near[:_NEAR_OF_OTHERS]
    added = _added(sketch, mine, near, hands, load)
    best = int(np.argmin(added)) if len(added) else 0
    return (near[best] if len(added) and added[best] < -1e-6 else None), len(near)


def _added(sketch: Sketch, mine: tuple[int, int], near: list[int], hands: Hands, load: Ints) -> Floats:
    """Return what trading for each of the balls `near` would add (n,) in µm, rounded to 1 nm."""
    if near and sketch.joins_one_pad(mine[0]):
        return np.round(sketch.swaps(mine, [(b, hands.holder.get(b)) for b in near], load), 3)
    return np.array([round(sketch.change(_traded(sketch, mine, b, hands), load)[0], 3) for b in near])


def _traded(sketch: Sketch, mine: tuple[int, int], other: int, hands: Hands) -> dict[int, list[int]]:
    net, ball = mine
    new = {net: [other if b == ball else b for b in sketch.balls_of[net]]}
    if other in hands.holder:
        partner = hands.holder[other]
        new[partner] = [ball if b == other else b for b in sketch.balls_of[partner]]
    return new


def _trade(sketch: Sketch, mine: tuple[int, int], other: int, hands: Hands) -> None:
    net, ball = mine
    new = _traded(sketch, mine, other, hands)
    sketch.accept(new, sketch.change(new, np.zeros(0, dtype=np.int64))[1])
    partner = hands.holder.pop(other, None)
    del hands.holder[ball]
    hands.holder[other] = net
    if partner is None:
        hands.free.discard(other)
        hands.free.add(ball)
    else:
        hands.holder[ball] = partner
