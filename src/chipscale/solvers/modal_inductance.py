"""The impedance between current patterns of bars, without the matrix of all filaments."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.bar_pairs import shapes
from chipscale.solvers.conduction_modes import modes
from chipscale.solvers.filaments import Bundle
from chipscale.solvers.one_thread import one_thread
from chipscale.solvers.pair_kernels import Kernels, folded, kernels

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Complex = npt.NDArray[np.complex128]


class Patterns(NamedTuple):
    """The current patterns of n bars at a frequency.

    `weight` (m, most): the share of each filament in each pattern of its bar, of which bar b has wide[b]; pattern j of
    bar b is row column[b, j] of the system: the first patterns of all bars, which carry 1 A, are rows 0 to n - 1,
    the others carry nothing in all. `shape` (n,): bars with the same number have the same patterns.
    """

    weight: Complex
    wide: Index
    column: Index
    shape: Index
    frequency_Hz: float


class Bases(NamedTuple):
    """Bars with all of their inductances that no frequency changes: `count` (n,) patterns at most of each bar.

    `bars`: for each shape the first bar that has it; `own`: the matrix in H of its filaments.
    """

    made: Bundle
    count: Index
    kept: Kernels
    bars: Index
    own: tuple[Array, ...]


def bases(made: Bundle, count: Index, tolerance_ratio: float) -> Bases:
    """Return what patterns of the bars at any frequency are made from."""
    kind = np.unique(np.column_stack((made.sigma_S_m, count)), axis=0, return_inverse=True)[1].reshape(-1)
    kept = kernels(made.cut, shapes(made.cut, kind), tolerance_ratio)
    bars = np.unique(kept.shape, return_index=True)[1]
    return Bases(made, count, kept, bars, kept.own(bars))


def patterns(base: Bases, frequency_Hz: float) -> Patterns:
    """Return at most count[b] patterns of each bar b (n,)."""
    made, shape, first = base.made, base.kept.shape, base.made.first
    n = len(shape)
    weight = np.zeros((int(first[-1]), int(base.count.max())), dtype=complex)
    known = []
    with one_thread():
        for bar, own in zip(base.bars.tolist(), base.own, strict=True):
            of = slice(first[bar], first[bar + 1])
            known.append(modes(made.r_ohm[of], own, made.place_m[of], frequency_Hz, int(base.count[bar])))
    wide = np.array([item.shape[1] for item in known])[shape]
    for k in range(n):
        weight[first[k] : first[k + 1], : wide[k]] = known[shape[k]]
    column = np.zeros((n, int(wide.max())), dtype=np.int64)
    column[:, 0] = np.arange(n)
    start = n + np.concatenate(([0], np.cumsum(wide - 1)))[:-1]
    for j in range(1, column.shape[1]):
        column[:, j] = start + j - 1
    return Patterns(weight, wide, column, shape, frequency_Hz)


def pattern_impedance(base: Bases, found: Patterns) -> Complex:
    """Return the impedance (k, k) in ohm between all patterns."""
    made, first = base.made, base.made.first
    z = folded(base.kept, found.weight, found.wide, found.column)
    z *= 2j * math.pi * found.frequency_Hz
    for k in range(len(found.wide)):
        rows, of = found.column[k, : found.wide[k]], slice(first[k], first[k + 1])
        mine = found.weight[of, : found.wide[k]]
        z[np.ix_(rows, rows)] += mine.T @ (made.r_ohm[of, None] * mine)
    return z


def even_inductance(base: Bases) -> Array:
    """Return the matrix (n, n) in H of the bars with even current over their sections."""
    size = base.made.parts
    area = size.width_m * size.thick_m
    n = len(base.count)
    share = area / np.bincount(base.made.bar, weights=area, minlength=n)[base.made.bar]
    return folded(base.kept, share[:, None], np.ones(n, dtype=np.int64), np.arange(n)[:, None])
