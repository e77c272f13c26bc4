"""A thermal impedance as a Foster network: as few stages of R and C, all positive, as hold it within a limit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.diffusion_modes import grown

Array = npt.NDArray[np.float64]
MOST_STAGES = 14
_END_WEIGHT = 1e3  # of the value at rest, over that of one time
_FLAT_RATIO = 1e-3  # below this share of the end, errors count as if the impedance were so large
_LEAST_RATIO = 1e-7  # of the end: a stage with less resistance is left out


class Foster(NamedTuple):
    """Stages in a row, each R beside C = tau / R, by rising time constant; the largest error over the impedance at that
    time, and over the impedance at rest."""

    r_K_W: Array
    tau_s: Array
    error_ratio: float
    error_of_end_ratio: float

    @property
    def c_J_K(self) -> Array:
        """Return the stages' heat capacities."""
        return np.asarray(self.tau_s / self.r_K_W)

    def at(self, times_s: Array) -> Array:
        """Return the impedance (times,) in K/W.

        >>> Foster(np.array([2.0]), np.array([1.0]), 0.0, 0.0).at(np.array([0.0, 1e3])).tolist()
        [0.0, 2.0]
        """
        return np.asarray(grown(times_s, self.tau_s) @ self.r_K_W)


def fitted(times_s: Array, z_K_W: Array, end_K_W: float, wanted_ratio: float, stages_count: int = 0) -> Foster:
    """Return the smallest network within `wanted_ratio` of the impedance at every time (its best of MOST_STAGES where
    none is), or that of `stages_count`.

    Time constants are moved (Levenberg and Marquardt, on their logarithms) with the resistances that suit them best at
    every move, none negative (C. L. Lawson and R. J. Hanson 1974): variable projection, G. Golub and V. Pereyra 1973.
    """
    best: Foster | None = None
    for count in [stages_count] if stages_count else range(2, MOST_STAGES + 1):
        found = _of(times_s, z_K_W, end_K_W, count)
        if best is None or found.error_ratio < best.error_ratio:
            best = found
        if best.error_ratio <= wanted_ratio:
            break
    assert best is not None
    return best


def _of(times_s: Array, z_K_W: Array, end_K_W: float, count: int) -> Foster:
    from scipy.optimize import least_squares

    weight = 1.0 / np.maximum(z_K_W, _FLAT_RATIO * end_K_W)
    spread = np.log(times_s[[0, -1]])
    edge = (spread[1] - spread[0]) / (2 * count)
    start = np.linspace(spread[0] + edge, spread[1] - edge, count)
    limits = (spread[0] - 3.0, spread[1] + 1.0)

    def missing(log_tau: Array) -> Array:
        return _resistances(times_s, z_K_W, end_K_W, weight, log_tau)[1]

    moved = least_squares(missing, start, bounds=limits, method="trf", max_nfev=60)
    r, _ = _resistances(times_s, z_K_W, end_K_W, weight, moved.x)
    order = [k for k in np.argsort(moved.x) if r[k] > _LEAST_RATIO * end_K_W]
    r, tau = r[order], np.exp(moved.x[order])
    r = r * end_K_W / r.sum()
    off = np.abs(grown(times_s, tau) @ r - z_K_W)
    return Foster(r, tau, float((off / z_K_W).max()), float(off.max() / end_K_W))


def _resistances(times_s: Array, z_K_W: Array, end_K_W: float, weight: Array, log_tau: Array) -> tuple[Array, Array]:
    """Return the best resistances, none negative, and what they miss at each time, weighted."""
    from scipy.optimize import nnls

    shape = grown(times_s, np.exp(log_tau)) * weight[:, None]
    rows = np.vstack((shape, np.full((1, len(log_tau)), _END_WEIGHT / end_K_W)))
    wanted = np.append(z_K_W * weight, _END_WEIGHT)
    r, _ = nnls(rows, wanted)
    return r, shape @ r - z_K_W * weight
