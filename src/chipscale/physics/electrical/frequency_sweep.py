"""A matrix over frequency from few solutions: the law of all networks of R and L between them, more where it fails."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LOWEST_Hz = 1e7  # of the solutions: from DC to here the law knows the way
_FIRST, _MOST = 3, 33
_HALVED = 4.0  # what halving all intervals divides the error by; 5 to 14 measured on packages
_BEYOND = 30.0  # rates reach so far below and above the frequencies solved
_ROUNDING = 1e-9  # of the largest singular value: what weighs less is left out


class Sweep(NamedTuple):
    """Values (k, rows, columns) at the frequencies (k,) solved, the values at DC, and the largest error left, estimated
    from solutions held against what was expected of them."""

    f_Hz: Array
    r_ohm: Array
    l_H: Array
    error_ratio: float
    rest: tuple[Array, Array]

    def at(self, f_Hz: Array) -> tuple[Array, Array]:
        """Return resistance and inductance (n, rows, columns) at any frequencies up to the highest."""
        known = np.concatenate(([0.0], self.f_Hz))
        values = (np.concatenate((low[None], rest)) for low, rest in zip(self.rest, self[1:3], strict=True))
        return between(known, *values, f_Hz)


def between(known_Hz: Array, r_ohm: Array, l_H: Array, f_Hz: Array) -> tuple[Array, Array]:
    """Return R in ohm and L in H (n, ...) at frequencies (n,) from those (k, ...) at DC and k - 1 others.

    Any network of resistors and coupled inductors has Z = R0 + s L0 - sum x s²/(s + p) with real rates p above 0, R0
    and L0 those at DC (Cauer, Arch. Elektrotech. 17 (1926) 355): R rises and L falls with it, one from the other. Of
    all x on a dense row of rates the least that meet R and L at the frequencies known are taken. Above the highest
    frequency its values stay.
    """
    known, asked = known_Hz[1:], np.minimum(np.asarray(f_Hz, dtype=float), known_Hz[-1])
    if not len(known):
        return tuple(np.repeat(values, len(asked), axis=0) for values in (r_ohm, l_H))  # type: ignore[return-value]
    rates_Hz = np.geomspace(known[0] / _BEYOND, known[-1] * _BEYOND, 4 * len(known) + 20)
    rows, wanted = _law(known, rates_Hz), _law(asked, rates_Hz)
    left, size, right = np.linalg.svd(rows, full_matrices=False)
    share = wanted @ (right.T * (size / (size**2 + (_ROUNDING * size[0]) ** 2))) @ left.T
    unit = 2.0 * math.pi * known[-1]  # ohm for a henry at the highest frequency: R and L in one measure
    data = np.concatenate(((r_ohm[1:] - r_ohm[0]) / unit, l_H[1:] - l_H[0]))
    found = np.tensordot(share * _measure(asked, known)[:, None] / _measure(known, known), data, axes=1)
    return r_ohm[0] + unit * found[: len(asked)], l_H[0] + found[len(asked) :]


def _law(f_Hz: Array, rates_Hz: Array) -> Array:
    """Return what x = 1 H at each rate adds to R / (2 pi f) and to L (2 n, rates) at frequencies above 0."""
    f, p = f_Hz[:, None], rates_Hz[None, :]
    down = f**2 + p**2
    return np.vstack((f * p / down, -(f**2) / down))


def _measure(f_Hz: Array, known_Hz: Array) -> Array:
    """Return the rows' scale: R by its own frequency over the highest, L as it is."""
    return np.concatenate((f_Hz / known_Hz[-1], np.ones(len(f_Hz))))


def sweep(
    solve: Callable[[float], tuple[Array, Array]],
    to_Hz: float,
    rest: tuple[Array, Array],
    tolerance_ratio: float = 2e-3,
) -> Sweep:
    """Return resistance and inductance from DC, where they are `rest`, to `to_Hz`, solved where they are not yet known.

    An interval is halved until its middle, held against what `between` gave there before it was known, tells that
    with it the error is within the tolerance of the largest values at that frequency: a fourth of the error is counted
    on, less was left wherever it was measured.
    """
    found = {f: solve(f) for f in np.geomspace(min(LOWEST_Hz, to_Hz / 10), to_Hz, _FIRST).tolist()}
    open_ = [(low, high, 0.0) for low, high in pairwise(sorted(found))]  # with the error of what each is half of
    worst = 0.0
    while open_ and len(found) < _MOST:
        low, high, _ = open_.pop(0)
        middle = float(np.sqrt(low * high))
        guess = _sorted(found, rest, 0.0).at(np.array([middle]))
        found[middle] = solve(middle)
        error = _error(guess, found[middle])
        if error > _HALVED * tolerance_ratio:
            open_ += [(low, middle, error), (middle, high, error)]
        else:
            worst = max(worst, error if error <= tolerance_ratio else error / _HALVED)
    return _sorted(found, rest, max([worst, *(error for _, _, error in open_)]))


def _sorted(found: dict[float, tuple[Array, Array]], rest: tuple[Array, Array], error_ratio: float) -> Sweep:
    known = sorted(found)
    r_ohm, l_H = (np.array([found[f][k] for f in known]) for k in (0, 1))
    return Sweep(np.array(known), r_ohm, l_H, error_ratio, rest)


def _error(guess: tuple[Array, Array], exact: tuple[Array, Array]) -> float:
    return max(float(np.abs(guess[k][0] - exact[k]).max() / np.abs(exact[k]).max()) for k in (0, 1))
