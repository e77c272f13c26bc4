"""Conductors as bundles of filaments: resistance and inductance of whole paths at a frequency."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.inductance import Bars, partial_inductance

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


class Bundle(NamedTuple):
    """The m filaments of n bars: themselves, the bar of each, its centre across the bar (m, 2), its resistance (m,);
    and the conductivity of each bar (n,)."""

    parts: Bars
    bar: npt.NDArray[np.int64]
    place_m: Array
    r_ohm: Array
    sigma_S_m: Array


def split(count: int, ratio: float) -> Array:
    """Return the shares (count,) of a side cut into `count` parts, each `ratio` times as wide as the one outside it.

    Symmetric about the middle, so that the skin is cut finest.
    """
    place = np.minimum(np.arange(count), np.arange(count)[::-1])
    share = ratio ** place.astype(float)
    return np.asarray(share / share.sum())


def bundle(
    bars: Bars, sigma_S_m: Array, across: npt.NDArray[np.int64], up: npt.NDArray[np.int64], ratio: float = 2.0
) -> Bundle:
    """Return the filaments of all bars, bar by bar; `across` and `up` (n,): how many each width and thickness has."""
    axis = bars.end_m - bars.start_m
    along = axis / np.linalg.norm(axis, axis=1)[:, None]
    normal = np.cross(along, bars.across)
    owner, place, size = [], [], []
    for k, (nw, nt) in enumerate(zip(across.tolist(), up.tolist(), strict=True)):
        w, t = split(nw, ratio) * bars.width_m[k], split(nt, ratio) * bars.thick_m[k]
        at_w, at_t = np.cumsum(w) - w / 2 - bars.width_m[k] / 2, np.cumsum(t) - t / 2 - bars.thick_m[k] / 2
        owner.append(np.full(nw * nt, k))
        place.append(np.column_stack((np.repeat(at_w, nt), np.tile(at_t, nw))))
        size.append(np.column_stack((np.repeat(w, nt), np.tile(t, nw))))
    of, at = np.concatenate(owner), np.concatenate(place)
    width, thick = np.ascontiguousarray(np.concatenate(size).T)
    move = at[:, :1] * bars.across[of] + at[:, 1:] * normal[of]
    parts = Bars(bars.start_m[of] + move, bars.end_m[of] + move, bars.across[of], width, thick)
    return Bundle(parts, of, at, resistance(parts, sigma_S_m[of]), sigma_S_m)


def resistance(bars: Bars, sigma_S_m: Array) -> Array:
    """Return the resistance (n,) in ohm of each bar at even current."""
    length = np.linalg.norm(bars.end_m - bars.start_m, axis=1)
    return np.asarray(length / (sigma_S_m * bars.width_m * bars.thick_m))


def path_impedance(bundle: Bundle, l_H: Array, path: npt.NDArray[np.int64], frequency_Hz: float) -> Complex:
    """Return the impedance matrix (p, p) in ohm of paths whose bars are in series.

    `l_H` (m, m) is that of the filaments, `path` (n,) the path of each bar. Filaments of a bar share its voltage,
    bars of a path its current. O(m³).
    """
    import scipy.linalg as la

    omega = 2 * math.pi * frequency_Hz
    r_ohm = bundle.r_ohm
    join = (bundle.bar[:, None] == np.arange(len(path))[None, :]).astype(float)
    if omega == 0.0:
        per_bar = 1.0 / (join.T @ (1.0 / r_ohm))
        return np.asarray(np.diag(np.bincount(path, per_bar)).astype(complex))
    z = 1j * omega * l_H
    z[np.diag_indices_from(z)] += r_ohm
    y_bar = join.T @ la.solve(z, join.astype(complex), assume_a="sym", overwrite_a=True, check_finite=False)
    z_bar = np.linalg.inv(y_bar)
    gather = (path[:, None] == np.arange(int(path.max()) + 1)[None, :]).astype(float)
    return np.asarray(gather.T @ z_bar @ gather)


def path_impedance_by_modes(
    bars: Bars,
    bundle: Bundle,
    path: npt.NDArray[np.int64],
    frequency_Hz: float,
    patterns: int = 5,
    tolerance_ratio: float = 1e-4,
) -> Complex:
    """Return what `path_impedance` does, with at most `patterns` current patterns per bar in place of its filaments.

    Neither memory nor the solve grow with the filaments: O((bars patterns)²) and O((bars patterns)³).
    """
    import scipy.linalg as la

    z, join = bar_patterns(bars, bundle, frequency_Hz, patterns, tolerance_ratio)
    z_bar = np.linalg.inv(join.T @ la.solve(z, join, assume_a="sym", check_finite=False))
    gather = (path[:, None] == np.arange(int(path.max()) + 1)[None, :]).astype(float)
    return np.asarray(gather.T @ z_bar @ gather)


def bar_patterns(
    bars: Bars, bundle: Bundle, frequency_Hz: float, patterns: int = 5, tolerance_ratio: float = 1e-4
) -> tuple[Complex, Complex]:
    """Return the impedance (k, k) in ohm between the current patterns of all bars, and what each carries (k, n)."""
    from chipscale.solvers.conduction_modes import modes
    from chipscale.solvers.modal_inductance import pattern_inductance

    omega, n = 2 * math.pi * frequency_Hz, len(bars.width_m)
    weight = np.zeros((len(bundle.bar), patterns), dtype=complex)
    wide = np.zeros(n, dtype=np.int64)
    first = np.searchsorted(bundle.bar, np.arange(n + 1))
    known: dict[tuple[float, ...], Complex] = {}
    for k in range(n):
        of = slice(first[k], first[k + 1])
        part = bundle.parts
        own = Bars(part.start_m[of], part.end_m[of], part.across[of], part.width_m[of], part.thick_m[of])
        size = [round(float(v), 12) for v in (bars.width_m[k], bars.thick_m[k])]
        length = float(np.linalg.norm(bars.end_m[k] - bars.start_m[k]))
        key = (*size, round(length, 12), float(bundle.sigma_S_m[k]), float(first[k + 1] - first[k]))
        if key not in known:
            l_own = partial_inductance(own, 1e-6)
            known[key] = modes(bundle.r_ohm[of], l_own, bundle.place_m[of], frequency_Hz, patterns)
        wide[k] = known[key].shape[1]
        weight[of, : wide[k]] = known[key]
    start = np.concatenate(([0], np.cumsum(wide)[:-1]))
    z = 1j * omega * pattern_inductance(bars, bundle.parts, first, weight, start, wide, tolerance_ratio)
    join = np.zeros((int(wide.sum()), n), dtype=complex)
    for k in range(n):
        rows, mine = slice(start[k], start[k] + wide[k]), weight[first[k] : first[k + 1], : wide[k]]
        z[rows, rows] += mine.T @ (bundle.r_ohm[first[k] : first[k + 1], None] * mine)
        join[rows, k] = mine.sum(axis=0)
    return z, join
