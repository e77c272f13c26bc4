"""A matrix over frequency from few solutions: rational interpolation, and solutions added where it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
LOWEST_Hz = 1e5  # below, currents in a package are even over every section
_FIRST, _MOST = 6, 33
_HALVED = 8.0  # what halving an interval divides the error by, at least; in the limit 16


class Sweep(NamedTuple):
    """Values (k, rows, columns) at the frequencies (k,) solved, what they are interpolated from, and the largest error
    left, estimated from solutions held against the interpolation of those before."""

    f_Hz: Array
    r_ohm: Array
    l_H: Array
    error_ratio: float

    def at(self, f_Hz: Array) -> tuple[Array, Array]:
        """Return resistance and inductance (n, rows, columns) at any frequencies up to the highest."""
        both = _interpolated(self.f_Hz, np.stack((self.r_ohm, self.l_H), axis=1), f_Hz)
        return both[:, 0], both[:, 1]


def sweep(solve: Callable[[float], tuple[Array, Array]], to_Hz: float, tolerance_ratio: float = 2e-3) -> Sweep:
    """Return resistance and inductance from LOWEST_Hz to `to_Hz`, solved where they are not yet known.

    Between solutions Floater and Hormann's rational interpolation (Numer. Math. 107 (2007) 315) over the logarithm of
    the frequency, which has no poles. An interval is halved until its middle, held against the interpolation before it
    was known, tells that with it the error is within the tolerance of the largest values: half the distance leaves a
    sixteenth of the error, of which only an eighth is counted on.
    """
    found = {f: solve(f) for f in np.geomspace(min(LOWEST_Hz, to_Hz / 10), to_Hz, _FIRST).tolist()}
    known = sorted(found)
    open_ = [(low, high, 0.0) for low, high in pairwise(known)]  # with the error of the interval each is half of
    worst = 0.0
    while open_ and len(found) < _MOST:
        low, high, _ = open_.pop(0)
        middle = float(np.sqrt(low * high))
        known = sorted(found)
        guess = _interpolated(np.array(known), np.array([found[f] for f in known]), np.array([middle]))[0]
        found[middle] = solve(middle)
        error = _error(guess, found[middle])
        if error > _HALVED * tolerance_ratio:
            open_ += [(low, middle, error), (middle, high, error)]
        else:
            worst = max(worst, error if error <= tolerance_ratio else error / _HALVED)
    known = sorted(found)
    worst = max([worst, *(error for _, _, error in open_)])
    r_ohm, l_H = (np.array([found[f][k] for f in known]) for k in (0, 1))
    return Sweep(np.array(known), r_ohm, l_H, worst)


def _error(guess: Array, exact: tuple[Array, Array]) -> float:
    return max(float(np.abs(guess[k] - exact[k]).max() / np.abs(exact[k]).max()) for k in (0, 1))


def _interpolated(known_Hz: Array, values: Array, f_Hz: Array) -> Array:
    from scipy.interpolate import FloaterHormannInterpolator

    inside = np.log(np.clip(f_Hz, known_Hz[0], known_Hz[-1]))
    count = len(known_Hz)
    share = FloaterHormannInterpolator(np.log(known_Hz), np.eye(count), d=min(3, count - 1))(inside).real  # (n, count)
    return np.asarray(np.tensordot(share, values, axes=1))
