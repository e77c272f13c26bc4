"""The matrix of partial inductances of many straight bars in any direction."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.bars import MU0_4PI, _parallel, _parallel_line
from chipscale.solvers.skew_lines import _skew_line

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bars:
    """n straight bars with rectangular cross-section, current along each; all in m.

    `start_m`, `end_m` (n, 3): the ends of the axis; `across` (n, 3): unit vector of the width, square to the axis;
    `width_m`, `thick_m` (n,).
    """

    start_m: Array
    end_m: Array
    across: Array
    width_m: Array
    thick_m: Array


def partial_inductance(bars: Bars, tolerance_ratio: float = 1e-6) -> Array:
    """Return the (n, n) matrix of partial inductances in H, symmetric; current flows from start to end.

    Parallel bars with parallel sides: Hoer and Love (1965), eq. 14, when near, the mean over filaments when that is
    within `tolerance_ratio`. Others: the closed integral between axes; thick bars as 2 x 2 filaments. O(n²).
    """
    axis = bars.end_m - bars.start_m
    length = np.linalg.norm(axis, axis=1)
    along = axis / length[:, None]
    up = np.cross(along, bars.across)
    size = np.column_stack((bars.width_m, bars.thick_m, length))
    out = np.empty((len(size), len(size)))
    _fill(out, bars.start_m, along, bars.across, up, size, tolerance_ratio)
    return MU0_4PI * out


def image_inductance(bars: Bars, plane_m: float, tolerance_ratio: float = 1e-6) -> Array:
    """Return what a perfect plane at the height `plane_m` adds to `partial_inductance`, (n, n) in H, negative on the
    diagonal of level bars.

    The image of a bar carries its current back where it is level, and on where it is upright.
    """
    flip = np.array([1.0, 1.0, -1.0])
    lift = np.array([0.0, 0.0, 2.0 * plane_m])
    both = Bars(
        np.vstack((bars.start_m, bars.start_m * flip + lift)),
        np.vstack((bars.end_m, bars.end_m * flip + lift)),
        np.vstack((bars.across, bars.across * flip)),
        np.tile(bars.width_m, 2),
        np.tile(bars.thick_m, 2),
    )
    count = len(bars.width_m)
    found = -partial_inductance(both, tolerance_ratio)[:count, count:]
    return np.asarray((found + found.T) / 2)


@njit(cache=True, parallel=True)
def _fill(out: Array, start: Array, along: Array, across: Array, up: Array, size: Array, tolerance: float) -> None:
    n = len(size)
    for half in prange((n + 1) // 2):  # a long row and a short one together: equal work
        for turn in range(2):
            i = np.int64(half) if turn == 0 else n - 1 - np.int64(half)
            for j in range(i + 1):
                value = _mutual(np.int64(i), np.int64(j), start, along, across, up, size, tolerance)
                out[i, j] = value
                out[j, i] = value


@njit(cache=True)
def _mutual(
    i: np.int64, j: np.int64, start: Array, along: Array, across: Array, up: Array, size: Array, tol: float
) -> float:
    cosine = along[i, 0] * along[j, 0] + along[i, 1] * along[j, 1] + along[i, 2] * along[j, 2]
    if abs(cosine) < 1e-9:
        return 0.0
    if abs(cosine) > 1.0 - 1e-12:
        side = across[i, 0] * across[j, 0] + across[i, 1] * across[j, 1] + across[i, 2] * across[j, 2]
        swapped = abs(side) < 1e-9
        if swapped or abs(side) > 1.0 - 1e-9:
            return _aligned(i, j, start, along, across, up, size, tol, cosine > 0, swapped)
    return _skew(i, j, start, along, across, up, size, cosine)


@njit(cache=True)
def _aligned(
    i: int,
    j: int,
    start: Array,
    along: Array,
    across: Array,
    up: Array,
    size: Array,
    tol: float,
    same: bool,
    swapped: bool,
) -> float:
    """Parallel bars with parallel sides, in the frame of bar i."""
    d = start[j] - start[i]
    x = d[0] * across[i, 0] + d[1] * across[i, 1] + d[2] * across[i, 2]
    y = d[0] * up[i, 0] + d[1] * up[i, 1] + d[2] * up[i, 2]
    z = d[0] * along[i, 0] + d[1] * along[i, 1] + d[2] * along[i, 2]
    one = size[i].copy()
    other = size[j].copy()
    if swapped:
        other[0], other[1] = size[j, 1], size[j, 0]
    if not same:
        z -= size[j, 2]
    gap = np.empty(3)
    gap[0] = x + 0.5 * (one[0] - other[0])
    gap[1] = y + 0.5 * (one[1] - other[1])
    gap[2] = z
    value = _parallel(one, other, gap, tol)
    return value if same else -value


@njit(cache=True)
def _skew(i: int, j: int, start: Array, along: Array, across: Array, up: Array, size: Array, cosine: float) -> float:
    """Bars at an angle, or turned about a common direction: each as 2 x 2 filaments when they are near, else as one."""
    d = start[j] + 0.5 * size[j, 2] * along[j] - start[i] - 0.5 * size[i, 2] * along[i]
    room = math.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2) - 0.5 * (size[i, 2] + size[j, 2])
    span = max(size[i, 0], size[i, 1], size[j, 0], size[j, 1])
    points = 2 if room < 5.0 * span else 1
    half = 0.28867513459481287 if points == 2 else 0.0
    total = 0.0
    p = np.empty(3)
    q = np.empty(3)
    for a in range(points):
        for b in range(points):
            for k in range(3):
                p[k] = start[i, k] + half * (2 * a - 1) * size[i, 0] * across[i, k]
                p[k] += half * (2 * b - 1) * size[i, 1] * up[i, k]
            for c in range(points):
                for e in range(points):
                    for k in range(3):
                        q[k] = start[j, k] + half * (2 * c - 1) * size[j, 0] * across[j, k]
                        q[k] += half * (2 * e - 1) * size[j, 1] * up[j, k]
                    total += _lines(p, along[i], size[i, 2], q, along[j], size[j, 2], cosine)
    return total / points**4


@njit(cache=True)
def _lines(p: Array, u: Array, length: float, q: Array, v: Array, other: float, cosine: float) -> float:
    """Return the mutual inductance of two filaments in any direction."""
    if abs(cosine) < 1.0 - 1e-12:
        return cosine * _skew_line(p, u, length, q, v, other, cosine)
    along, away2 = 0.0, 0.0
    for k in range(3):
        along += (q[k] - p[k]) * u[k]
    for k in range(3):
        away2 += (q[k] - p[k] - along * u[k]) ** 2
    if cosine > 0.0:
        return _parallel_line(length, other, along, math.sqrt(away2))
    return -_parallel_line(length, other, along - other, math.sqrt(away2))
