"""Conductors as bundles of filaments: resistance and inductance of whole paths at a frequency."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chipscale.solvers.inductance import Bars

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


def split(count: int, ratio: float) -> Array:
    """Return the shares (count,) of a side cut into `count` parts, each `ratio` times as wide as the one outside it.

    Symmetric about the middle, so that the skin is cut finest.
    """
    place = np.minimum(np.arange(count), np.arange(count)[::-1])
    share = ratio ** place.astype(float)
    return np.asarray(share / share.sum())


def filaments(bars: Bars, across: npt.NDArray[np.int64], up: npt.NDArray[np.int64], ratio: float) -> tuple[Bars, Array]:
    """Return the filaments of all bars, bar by bar, and the bar (m,) each belongs to.

    `across` and `up` (n,) say in how many each bar's width and thickness are cut.
    """
    axis = bars.end_m - bars.start_m
    along = axis / np.linalg.norm(axis, axis=1)[:, None]
    normal = np.cross(along, bars.across)
    owner, shift_w, shift_t, width, thick = [], [], [], [], []
    for k, (nw, nt) in enumerate(zip(across.tolist(), up.tolist(), strict=True)):
        w, t = split(nw, ratio) * bars.width_m[k], split(nt, ratio) * bars.thick_m[k]
        at_w, at_t = np.cumsum(w) - w / 2 - bars.width_m[k] / 2, np.cumsum(t) - t / 2 - bars.thick_m[k] / 2
        grid_w, grid_t = np.repeat(at_w, nt), np.tile(at_t, nw)
        owner.append(np.full(nw * nt, k))
        shift_w.append(grid_w)
        shift_t.append(grid_t)
        width.append(np.repeat(w, nt))
        thick.append(np.tile(t, nw))
    of = np.concatenate(owner)
    move = np.concatenate(shift_w)[:, None] * bars.across[of] + np.concatenate(shift_t)[:, None] * normal[of]
    made = Bars(
        bars.start_m[of] + move, bars.end_m[of] + move, bars.across[of], np.concatenate(width), np.concatenate(thick)
    )
    return made, of


def resistance(bars: Bars, sigma_S_m: Array) -> Array:
    """Return the resistance (n,) in ohm of each bar at even current."""
    length = np.linalg.norm(bars.end_m - bars.start_m, axis=1)
    return np.asarray(length / (sigma_S_m * bars.width_m * bars.thick_m))


def path_impedance(r_ohm: Array, l_H: Array, path: npt.NDArray[np.int64], bar: Array, frequency_Hz: float) -> Complex:
    """Return the impedance matrix (p, p) in ohm of paths whose bars are in series.

    `r_ohm` (m,) and `l_H` (m, m) are those of the filaments, `bar` (m,) the bar each belongs to, `path` (n,) the path
    of each bar. Filaments of a bar share its voltage, bars of a path its current. O(m³).
    """
    import scipy.linalg as la

    omega = 2 * math.pi * frequency_Hz
    join = (bar[:, None] == np.arange(len(path))[None, :]).astype(float)
    if omega == 0.0:
        per_bar = 1.0 / (join.T @ (1.0 / r_ohm))
        return np.asarray(np.diag(np.bincount(path, per_bar)).astype(complex))
    z = 1j * omega * l_H
    z[np.diag_indices_from(z)] += r_ohm
    y_bar = join.T @ la.solve(z, join.astype(complex), assume_a="sym", overwrite_a=True, check_finite=False)
    z_bar = np.linalg.inv(y_bar)
    gather = (path[:, None] == np.arange(int(path.max()) + 1)[None, :]).astype(float)
    return np.asarray(gather.T @ z_bar @ gather)
