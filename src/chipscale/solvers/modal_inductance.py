"""The impedance between current patterns of bars, without the matrix of all filaments."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.bar_blocks import _fill_block
from chipscale.solvers.bar_pairs import pattern_inductance, shapes
from chipscale.solvers.bars import MU0_4PI
from chipscale.solvers.conduction_modes import modes
from chipscale.solvers.filaments import Bundle

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


def own_inductance(made: Bundle, bar: int) -> Array:
    """Return the matrix (k, k) in H of the filaments of one bar."""
    count = int(made.cut.parts[bar].prod())
    out = np.empty((count, count))
    _fill_block(out, bar, bar, made.cut, 1e-6)
    return MU0_4PI * (out + out.T) / 2


def patterns(made: Bundle, frequency_Hz: float, count: Index) -> Patterns:
    """Return at most count[b] patterns of each bar b (n,)."""
    n, first = len(count), made.first
    kind = np.unique(np.column_stack((made.sigma_S_m, count)), axis=0, return_inverse=True)[1].reshape(-1)
    shape = shapes(made.cut, kind)
    weight = np.zeros((int(first[-1]), int(count.max())), dtype=complex)
    wide = np.zeros(n, dtype=np.int64)
    known: dict[int, Complex] = {}
    for k in range(n):
        of = slice(first[k], first[k + 1])
        key = int(shape[k])
        if key not in known:
            own = own_inductance(made, k)
            known[key] = modes(made.r_ohm[of], own, made.place_m[of], frequency_Hz, int(count[k]))
        wide[k] = known[key].shape[1]
        weight[of, : wide[k]] = known[key]
    column = np.zeros((n, int(wide.max())), dtype=np.int64)
    column[:, 0] = np.arange(n)
    start = n + np.concatenate(([0], np.cumsum(wide - 1)))[:-1]
    for j in range(1, column.shape[1]):
        column[:, j] = start + j - 1
    return Patterns(weight, wide, column, shape, frequency_Hz)


def pattern_impedance(made: Bundle, found: Patterns, tolerance_ratio: float) -> Complex:
    """Return the impedance (k, k) in ohm between all patterns."""
    z = pattern_inductance(made.cut, found.weight, found.wide, found.column, found.shape, tolerance_ratio)
    z *= 2j * math.pi * found.frequency_Hz
    first = made.first
    for k in range(len(found.wide)):
        rows, of = found.column[k, : found.wide[k]], slice(first[k], first[k + 1])
        mine = found.weight[of, : found.wide[k]]
        z[np.ix_(rows, rows)] += mine.T @ (made.r_ohm[of, None] * mine)
    return z
