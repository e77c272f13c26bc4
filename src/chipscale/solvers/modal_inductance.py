"""The inductance between current patterns of bars, without the matrix of all filaments."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.bars import MU0_4PI
from chipscale.solvers.inductance import Bars, _mutual

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Complex = npt.NDArray[np.complex128]


def frames(bars: Bars) -> tuple[Array, Array, Array, Array, Array]:
    """Return what the compiled loops take of bars: start, along, across, up (n, 3) and size (n, 3)."""
    axis = bars.end_m - bars.start_m
    length = np.linalg.norm(axis, axis=1)
    along = axis / length[:, None]
    size = np.column_stack((bars.width_m, bars.thick_m, length))
    return bars.start_m, along, np.ascontiguousarray(bars.across), np.cross(along, bars.across), size


def pattern_inductance(
    bars: Bars, parts: Bars, first: Index, weight: Complex, start: Index, wide: Index, tolerance_ratio: float
) -> Complex:
    """Return W^T L W (k, k) in H for the filaments' L, W block-diagonal: bar b's patterns are columns start[b]...

    `parts` are the filaments, bar b's from first[b] to first[b + 1]; `weight` (m, patterns) their share in each
    pattern, `wide` (n,) how many patterns each bar has. Bars whose gap makes (span/gap)²/12 less than the tolerance
    see each other as whole bars: one integral in place of all pairs of filaments.
    """
    total = np.zeros((len(wide), weight.shape[1]), dtype=complex)
    for b in range(len(wide)):
        total[b] = weight[first[b] : first[b + 1]].sum(axis=0)
    out = np.zeros((int(wide.sum()), int(wide.sum())), dtype=complex)
    reach = math.sqrt(1.0 / (12.0 * tolerance_ratio))
    _fill(out, frames(bars), frames(parts), first, weight, total, start, wide, tolerance_ratio, reach)
    return MU0_4PI * out


@njit(cache=True)
def _gap(a: int, b: int, start: Array, along: Array, size: Array) -> float:
    """Return a lower bound of the distance of two bars' axes: that of their middles less both half lengths."""
    total = 0.0
    for k in range(3):
        d = start[b, k] + 0.5 * size[b, 2] * along[b, k] - start[a, k] - 0.5 * size[a, 2] * along[a, k]
        total += d * d
    return math.sqrt(total) - 0.5 * (size[a, 2] + size[b, 2])


@njit(cache=True)
def _side_gap(a: int, b: int, start: Array, along: Array, size: Array) -> float:
    """Return the distance of two axes found by stepping along both; good to a tenth of the shorter step."""
    best = 1e300
    for i in range(5):
        for j in range(5):
            total = 0.0
            for k in range(3):
                d = (
                    start[b, k]
                    + 0.25 * j * size[b, 2] * along[b, k]
                    - start[a, k]
                    - 0.25 * i * size[a, 2] * along[a, k]
                )
                total += d * d
            best = min(best, math.sqrt(total))
    return best - 0.125 * max(size[a, 2], size[b, 2])


@njit(cache=True, parallel=True)
def _fill(
    out: Complex,
    bars: tuple[Array, Array, Array, Array, Array],
    parts: tuple[Array, Array, Array, Array, Array],
    first: Index,
    weight: Complex,
    total: Complex,
    start: Index,
    wide: Index,
    tol: float,
    reach: float,
) -> None:
    n = len(wide)
    at, along, across, up, size = bars
    p_at, p_along, p_across, p_up, p_size = parts
    for half in prange((n + 1) // 2):
        for turn in range(2):
            a = np.int64(half) if turn == 0 else n - 1 - np.int64(half)
            for b in range(a + 1):
                cosine = along[a, 0] * along[b, 0] + along[a, 1] * along[b, 1] + along[a, 2] * along[b, 2]
                if abs(cosine) < 1e-9:
                    continue
                span = max(size[a, 0], size[a, 1], size[b, 0], size[b, 1])
                apart = _gap(a, b, at, along, size)
                if apart < reach * span:
                    apart = _side_gap(a, b, at, along, size)
                if a != b and apart - span > reach * span:
                    value = _mutual(a, b, at, along, across, up, size, tol)
                    for k in range(wide[a]):
                        for m in range(wide[b]):
                            out[start[a] + k, start[b] + m] = value * total[a, k] * total[b, m]
                else:
                    for i in range(first[a], first[a + 1]):
                        for j in range(first[b], first[b + 1]):
                            value = _mutual(i, j, p_at, p_along, p_across, p_up, p_size, tol)
                            for k in range(wide[a]):
                                for m in range(wide[b]):
                                    out[start[a] + k, start[b] + m] += value * weight[i, k] * weight[j, m]
                for k in range(wide[a]):
                    for m in range(wide[b]):
                        out[start[b] + m, start[a] + k] = out[start[a] + k, start[b] + m]
