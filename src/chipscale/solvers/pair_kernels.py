"""What is between bars at any frequency: computed once, folded with the current patterns of each frequency."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.bar_blocks import Cut, _fill_block, _kernel, _means, _plan
from chipscale.solvers.bar_pairs import _STRIDE, Pairs, grouped
from chipscale.solvers.bars import MU0_4PI

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Complex = npt.NDArray[np.complex128]
MOST_BYTES = 1.5e9  # blocks beyond are computed anew at each frequency


class Kernels(NamedTuple):
    """The inductances between points, or filaments, of bars: a block for each group of pairs that are alike.

    `plan` (groups, 5): the way of bar_blocks and its points; block g is inner[start[g] : start[g + 1]], where nothing
    lies it did not fit. `views` (v, 3): a bar and how many points its width and thickness have (0: its filaments);
    `left`, `right` (groups,): the views a block lies between. Units of µ0/4π.
    """

    cut: Cut
    shape: Index
    pairs: Pairs
    plan: Index
    inner: Array
    start: Index
    views: Index
    left: Index
    right: Index
    tolerance_ratio: float

    def own(self, bars: Index) -> tuple[Array, ...]:
        """Return the matrices (k, k) in H of the filaments of some bars."""
        one = self.pairs.a[self.pairs.first[:-1]]
        alone = np.flatnonzero(one == self.pairs.b[self.pairs.first[:-1]])
        group = dict(zip(self.shape[one[alone]].tolist(), alone.tolist(), strict=True))
        return tuple(self._own(bar, group[int(self.shape[bar])]) for bar in bars.tolist())

    def _own(self, bar: int, group: int) -> Array:
        count = int(self.cut.parts[bar].prod())
        block = self.inner[self.start[group] : self.start[group + 1]]
        if not len(block):
            block = _block(bar, bar, self.cut, self.plan[group], (count, count), self.tolerance_ratio)
        block = block.reshape(count, count)
        return np.asarray(MU0_4PI * (block + block.T) / 2)


def kernels(cut: Cut, shape: Index, tolerance_ratio: float, most_bytes: float = MOST_BYTES) -> Kernels:
    """Return the blocks between all bars; bars of one `shape` (see bar_pairs.shapes) are alike but for their place."""
    pairs = grouped(cut, shape)
    groups = len(pairs.first) - 1
    plan = np.zeros((groups, 5), dtype=np.int64)
    _plans(plan, pairs.a, pairs.b, pairs.first, cut, tolerance_ratio)
    one, other = pairs.a[pairs.first[:-1]], pairs.b[pairs.first[:-1]]
    by_points = (plan[:, 0] == 3)[:, None]
    points = np.vstack((plan[:, 1:3] * by_points, plan[:, 3:5] * by_points))
    most = int(points.max(initial=0)) + 1
    ends = (np.concatenate((shape[one], shape[other])) * most + points[:, 0]) * most + points[:, 1]
    _, first, which = np.unique(ends, return_index=True, return_inverse=True)
    views = np.column_stack((np.concatenate((one, other))[first], points[first]))
    rows = _rows(views, cut)
    left, right = which.reshape(-1)[:groups], which.reshape(-1)[groups:]
    size = rows[left] * rows[right]
    fits = np.cumsum(size) * 8.0 <= most_bytes
    start = np.concatenate(([0], np.cumsum(np.where(fits, size, 0))))
    inner = np.empty(int(start[-1]))
    _fill_inner(inner, start, pairs.a, pairs.b, pairs.first, plan, cut, rows, left, right, tolerance_ratio)
    return Kernels(cut, shape, pairs, plan, inner, start, views, left, right, tolerance_ratio)


def folded(kept: Kernels, weight: Complex, wide: Index, column: Index) -> Complex:
    """Return W^T L W (k, k) in H for the filaments' L, W block-diagonal; without L.

    `weight` (m, most): the share of each filament in each pattern of its bar, of which bar b has wide[b]; its pattern
    j is row and column column[b, j] of the answer. Bars of one shape have the same patterns. Of real `weight` the
    answer is real.
    """
    at = np.concatenate(([0], np.cumsum(kept.cut.parts[:, 0] * kept.cut.parts[:, 1])))
    rows = _rows(kept.views, kept.cut)
    place = np.concatenate(([0], np.cumsum(rows)))
    seen = np.zeros((int(place[-1]), weight.shape[1]), dtype=weight.dtype)
    _see(seen, place, kept.views, kept.cut, at, weight, wide)
    out = np.zeros((int(wide.sum()), int(wide.sum())), dtype=weight.dtype)
    pairs, blocks = kept.pairs, (kept.inner, kept.start, kept.plan, kept.left, kept.right)
    _fold(out, pairs.a, pairs.b, pairs.first, blocks, kept.cut, seen, place, wide, column, kept.tolerance_ratio)
    return out


def _rows(views: Index, cut: Cut) -> Index:
    """Return how many points or filaments (v,) a view has."""
    whole = cut.parts[views[:, 0]].prod(axis=1)
    return np.where(views[:, 1] > 0, views[:, 1] * views[:, 2], whole)


@njit(cache=True, parallel=True)
def _plans(plan: Index, a: Index, b: Index, first: Index, cut: Cut, tolerance: float) -> None:
    for group in prange(len(plan)):
        plan[group, 0] = _plan(a[first[group]], b[first[group]], cut, tolerance, plan[group, 1:])


@njit(cache=True)
def _block(a: int, b: int, cut: Cut, plan: Index, shape: tuple[int, int], tolerance: float) -> Array:
    """Return the inductances between points or filaments of two bars."""
    if plan[0] == 3:
        points: Array = _kernel(a, b, cut, plan[1:])
        return points
    found = np.zeros(shape)
    _fill_block(found, a, b, cut, tolerance)
    return found


@njit(cache=True, parallel=True)
def _fill_inner(
    inner: Array,
    start: Index,
    a: Index,
    b: Index,
    first: Index,
    plan: Index,
    cut: Cut,
    rows: Index,
    left: Index,
    right: Index,
    tolerance: float,
) -> None:
    groups = len(plan)
    step = _STRIDE if math.gcd(_STRIDE, groups) == 1 else 1
    for turn in prange(groups):
        group = np.int64(turn) * step % groups
        if start[group + 1] > start[group]:
            one, other = a[first[group]], b[first[group]]
            found = _block(one, other, cut, plan[group], (rows[left[group]], rows[right[group]]), tolerance)
            inner[start[group] : start[group + 1]] = found.reshape(-1)


@njit(cache=True, parallel=True)
def _see(seen: Complex, place: Index, views: Index, cut: Cut, at: Index, weight: Complex, wide: Index) -> None:
    """Write the patterns as each view has them: what its points stand for of each filament's share."""
    for view in prange(len(views)):
        bar, qw, qt = views[view, 0], views[view, 1], views[view, 2]
        row = place[view]
        if qw == 0:
            for i in range(place[view + 1] - row):
                for k in range(wide[bar]):
                    seen[row + i, k] = weight[at[bar] + i, k]
            continue
        mean = _means(bar, qw, qt, cut)
        for i in range(mean.shape[0]):
            for j in range(mean.shape[1]):
                for k in range(wide[bar]):
                    seen[row + j, k] += mean[i, j] * weight[at[bar] + i, k]


@njit(cache=True, parallel=True)
def _fold(
    out: Complex,
    a: Index,
    b: Index,
    first: Index,
    blocks: tuple[Array, Index, Index, Index, Index],
    cut: Cut,
    seen: Complex,
    place: Index,
    wide: Index,
    column: Index,
    tolerance: float,
) -> None:
    inner, start, plan, left, right = blocks
    groups = len(plan)
    step = _STRIDE if math.gcd(_STRIDE, groups) == 1 else 1
    for turn in prange(groups):
        group = np.int64(turn) * step % groups
        if plan[group, 0] == 0:
            continue
        one, other = a[first[group]], b[first[group]]
        p, q = place[left[group]], place[right[group]]
        m, n = place[left[group] + 1] - p, place[right[group] + 1] - q
        if start[group + 1] > start[group]:
            kernel = inner[start[group] : start[group + 1]].reshape((m, n))
        else:
            kernel = _block(one, other, cut, plan[group], (m, n), tolerance)
        half = np.zeros((m, wide[other]), dtype=seen.dtype)
        for i in range(m):
            for j in range(n):
                value = kernel[i, j]
                for k in range(wide[other]):
                    half[i, k] += value * seen[q + j, k]
        block = np.zeros((wide[one], wide[other]), dtype=seen.dtype)
        for i in range(m):
            for j in range(wide[one]):
                for k in range(wide[other]):
                    block[j, k] += seen[p + i, j] * half[i, k]
        block *= MU0_4PI
        if one == other:
            block = 0.5 * (block + block.T)
        for pair in range(first[group], first[group + 1]):
            r, s = a[pair], b[pair]
            for i in range(block.shape[0]):
                for j in range(block.shape[1]):
                    out[column[r, i], column[s, j]] = block[i, j]
                    out[column[s, j], column[r, i]] = block[i, j]
