"""Can wires get in: how many must cross each ring of lands, and how many the gaps of the ring let through.

For every ring of the array (the outermost sites, the next...) each net that has balls inside the ring, none on
it and no pad inside must cross the closed chain of lands at least once. A gap of width g between two lands passes
floor((g - s) / (w + s)) wires of width w at space s. More wires than the gaps pass: no router can do it on one
layer. Fewer: it may still fail elsewhere; this is a bound, not a routing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chipscale.package.types import Ball, Pad


@dataclass(frozen=True, slots=True)
class RingLoad:
    """One ring of lands, 0 the outermost: wires that must cross it and wires its gaps pass."""

    ring: int
    wires_count: int
    capacity_count: int


@dataclass(frozen=True, slots=True)
class WireRule:
    """What decides how many wires pass a gap, in µm."""

    land_d_um: float
    width_um: float
    space_um: float

    def capacity(self, distance_um: float) -> int:
        """Return how many wires pass between two lands whose centres are `distance_um` apart.

        >>> WireRule(235.0, 10.0, 10.0).capacity(400.0)
        7
        """
        gap = distance_um - self.land_d_um - self.space_um
        return max(0, math.floor(gap / (self.width_um + self.space_um) + 1e-9))


def ring_loads(balls: Sequence[Ball], pads: Sequence[Pad], rule: WireRule) -> tuple[RingLoad, ...]:
    """Return the load of every ring that something lies inside of; balls without a net are only obstacles."""
    if not balls:
        return ()
    rows, cols = max(ball.row for ball in balls) + 1, max(ball.col for ball in balls) + 1
    depth = {ball.name: min(ball.row, rows - 1 - ball.row, ball.col, cols - 1 - ball.col) for ball in balls}
    at = {(ball.row, ball.col): ball for ball in balls}
    loads = []
    for ring in range((min(rows, cols) + 1) // 2 - 1):
        chain = [at[site] for site in _ring_sites(ring, rows, cols) if site in at]
        if len(chain) < 3:
            continue
        wires = _crossing_nets(balls, depth, ring, _nets_with_pads_inside(pads, chain))
        pairs = zip(chain, chain[1:] + chain[:1], strict=True)
        capacity = sum(rule.capacity(math.hypot(a.x_um - b.x_um, a.y_um - b.y_um)) for a, b in pairs)
        if wires:
            loads.append(RingLoad(ring, wires, capacity))
    return tuple(loads)


def filled_array(rows: int, cols: int, pitch_um: float, needed: int) -> tuple[Ball, ...]:
    """Return a square array of which the `needed` outermost balls carry a net each; for a first estimate."""
    sites = [(row, col) for row in range(rows) for col in range(cols)]
    sites.sort(key=lambda site: (min(site[0], rows - 1 - site[0], site[1], cols - 1 - site[1]), site))
    return tuple(
        Ball(f"{row}:{col}", col * pitch_um, -row * pitch_um, f"n{i}" if i < needed else None, row, col)
        for i, (row, col) in enumerate(sites)
    )


def _ring_sites(ring: int, rows: int, cols: int) -> list[tuple[int, int]]:
    """Return the sites (row, col) of a ring in walking order."""
    top, left, bottom, right = ring, ring, rows - 1 - ring, cols - 1 - ring
    return (
        [(top, col) for col in range(left, right)]
        + [(row, right) for row in range(top, bottom)]
        + [(bottom, col) for col in range(right, left, -1)]
        + [(row, left) for row in range(bottom, top, -1)]
    )


def _nets_with_pads_inside(pads: Sequence[Pad], chain: Sequence[Ball]) -> frozenset[str]:
    x = [ball.x_um for ball in chain]
    y = [ball.y_um for ball in chain]
    return frozenset(
        pad.net for pad in pads if pad.net is not None and min(x) < pad.x_um < max(x) and min(y) < pad.y_um < max(y)
    )


def _crossing_nets(balls: Sequence[Ball], depth: Mapping[str, int], ring: int, free: frozenset[str]) -> int:
    inside = {ball.net for ball in balls if ball.net is not None and depth[ball.name] > ring}
    on_ring = {ball.net for ball in balls if ball.net is not None and depth[ball.name] == ring}
    return len(inside - on_ring - free)
