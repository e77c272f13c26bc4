"""Optimal matching of nets to balls: least total octilinear spanning length plus charges for crossing things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chipscale.layout.assign.segments import cross, octilinear_um

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Straight length counts a little too: among matchings of equal octilinear length it picks one without crossings,
# since untangling two straight lines always shortens their sum.
_STRAIGHT_SHARE = 1e-4
_BATCH = 300_000  # pairs of segments looked at together, for the memory's sake


def joining_um(pads: Floats, balls: Floats) -> Floats:
    """Return for each ball (n, 2) the octilinear spanning tree's length (n,) in µm over pads (k, 2) and that ball."""
    count = len(pads) + 1
    points = np.concatenate((balls[:, None, :], np.broadcast_to(pads, (len(balls), *pads.shape))), axis=1)
    distance = octilinear_um(points[:, :, None, :] - points[:, None, :, :])
    reach = distance[:, 0, :].copy()
    joined = np.zeros((len(balls), count), dtype=bool)
    joined[:, 0] = True
    total = np.zeros(len(balls))
    every = np.arange(len(balls))
    for _ in range(count - 1):
        nearest = np.argmin(np.where(joined, np.inf, reach), axis=1)
        total += reach[every, nearest]
        joined[every, nearest] = True
        reach = np.minimum(reach, distance[every, nearest])
    return total


def lengths_um(pads: Sequence[Floats], balls: Floats) -> Floats:
    """Return the cost (nets, balls) in µm of giving each net one of the balls."""
    rows = []
    for points in pads:
        near = np.hypot(*(balls[:, None, :] - points[None, :, :]).transpose(2, 0, 1)).min(axis=1)
        rows.append(joining_um(points, balls) + _STRAIGHT_SHARE * near)
    return np.array(rows)


def charges_um(pads: Sequence[Floats], balls: Floats, lines: Floats, price_um: Floats, owner: Ints) -> Floats:
    """Return the charge (nets, balls) of connections that cross lines (m, 4), each at its price (m,).

    A net is not charged for lines it owns (`owner` (m,), -1: nobody's). A connection runs from each pad to the ball.
    """
    total = np.zeros((len(pads), len(balls)))
    if not len(lines) or not len(balls):
        return total
    start = np.vstack(pads)
    net = np.repeat(np.arange(len(pads)), [len(points) for points in pads])
    step = max(1, _BATCH // (len(balls) * len(lines)))
    for first in range(0, len(start), step):
        part = slice(first, first + step)
        ends = np.tile(balls, (len(start[part]), 1))
        crossed = cross(np.hstack((np.repeat(start[part], len(balls), axis=0), ends)), lines)
        other = np.repeat(net[part], len(balls))[:, None] != owner[None, :]
        np.add.at(total, net[part], ((crossed & other) @ price_um).reshape(-1, len(balls)))
    return total


def match(cost: Floats) -> Ints:
    """Return the column (n,) of each row in the matching of least total cost; exact, same input same answer."""
    from scipy.optimize import linear_sum_assignment

    rows, cols = linear_sum_assignment(cost)
    found = np.empty(len(rows), dtype=np.int64)
    found[rows] = cols
    return found
