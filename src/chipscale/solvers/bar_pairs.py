"""The inductances of all pairs of bars; pairs that are copies of each other, shifted in space, are computed once."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.bar_blocks import Cut, _fill_block
from chipscale.solvers.bars import MU0_4PI

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
_SAME_M = 1e-11  # places that differ by less are the same
_STRIDE = 7919  # groups are taken in this step, so that dear ones don't end up in one thread


class Pairs(NamedTuple):
    """All pairs of bars in groups of equal shape and distance: `a`, `b` (p,) sorted by group, `first` (groups + 1,)."""

    a: Index
    b: Index
    first: Index


def shapes(cut: Cut, also: Index | None = None) -> Index:
    """Return for each bar (n,) a number that bars alike in size, direction, cut and `also` share."""
    along, across = np.round(cut.along / 1e-9), np.round(cut.across / 1e-9)
    rows = [along, across, np.round(cut.size / _SAME_M), cut.parts, cut.kind]
    if also is not None:
        rows.append(also[:, None])
    return np.asarray(np.unique(np.column_stack(rows) + 0.0, axis=0, return_inverse=True)[1].reshape(-1), np.int64)


def grouped(cut: Cut, shape: Index) -> Pairs:
    """Return the pairs of bars that are not at right angles, grouped by shape and distance."""
    n = len(shape)
    size = n * (n + 1) // 2
    a, b, key = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.uint64)
    place = np.round(cut.start / _SAME_M).astype(np.int64)
    _keys(a, b, key, cut.along, place, shape)
    kept = np.flatnonzero(key)
    order = kept[np.argsort(key[kept], kind="stable")]
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return Pairs(a[order], b[order], np.append(first, len(order)))


@njit(cache=True)
def _mix(key: np.uint64, value: np.int64) -> np.uint64:
    """Stir a number into a key (splitmix64, Steele and others 2014)."""
    z = (key ^ np.uint64(value)) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True, parallel=True)
def _keys(first: Index, second: Index, keys: npt.NDArray[np.uint64], along: Array, place: Index, shape: Index) -> None:
    n = len(shape)
    for i in prange(n):
        for j in range(i + 1):
            a, b = np.int64(i), np.int64(j)
            swap = shape[a] < shape[b]
            if shape[a] == shape[b]:
                for k in range(3):
                    if place[a, k] != place[b, k]:
                        swap = place[a, k] > place[b, k]
                        break
            if swap:
                a, b = b, a
            at = np.int64(i) * (np.int64(i) + 1) // 2 + j
            first[at], second[at] = a, b
            cosine = along[a, 0] * along[b, 0] + along[a, 1] * along[b, 1] + along[a, 2] * along[b, 2]
            if abs(cosine) < 1e-9:
                keys[at] = np.uint64(0)
                continue
            key = _mix(_mix(np.uint64(1), shape[a]), shape[b])
            for k in range(3):
                key = _mix(key, place[b, k] - place[a, k])
            keys[at] = key | np.uint64(1)


def filament_inductance(cut: Cut, tolerance_ratio: float) -> Array:
    """Return the inductance matrix (m, m) in H of all filaments, bar by bar; symmetric."""
    count = cut.parts[:, 0] * cut.parts[:, 1]
    at = np.concatenate(([0], np.cumsum(count)))
    out = np.zeros((int(at[-1]), int(at[-1])))
    pairs = grouped(cut, shapes(cut))
    _fill_filaments(out, pairs.a, pairs.b, pairs.first, cut, at, tolerance_ratio)
    out *= MU0_4PI
    return out


@njit(cache=True, parallel=True)
def _fill_filaments(out: Array, a: Index, b: Index, first: Index, cut: Cut, at: Index, tolerance: float) -> None:
    groups = len(first) - 1
    step = _STRIDE if math.gcd(_STRIDE, groups) == 1 else 1
    for turn in prange(groups):
        group = np.int64(turn) * step % groups
        one, other = a[first[group]], b[first[group]]
        block = np.empty((at[one + 1] - at[one], at[other + 1] - at[other]))
        if not _fill_block(block, one, other, cut, tolerance):
            continue
        if one == other:
            block = 0.5 * (block + block.T)
        for pair in range(first[group], first[group + 1]):
            row, column = at[a[pair]], at[b[pair]]
            for i in range(block.shape[0]):
                for j in range(block.shape[1]):
                    out[row + i, column + j] = block[i, j]
                    out[column + j, row + i] = block[i, j]
