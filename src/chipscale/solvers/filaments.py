"""Conductors as bundles of filaments: how bars are cut, what each filament's resistance is, inductance of them all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.bar_blocks import Cut
from chipscale.solvers.inductance import Bars
from chipscale.solvers.section_points import cuts, nodes, split

__all__ = ["Bundle", "bundle", "bundle_inductance", "resistance", "split"]
Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


class Bundle(NamedTuple):
    """The m filaments of n bars: themselves, the bar of each, its centre across the bar (m, 2), its resistance (m,);
    the bars, the conductivity of each (n,), and how they are cut."""

    parts: Bars
    bar: Index
    place_m: Array
    r_ohm: Array
    bars: Bars
    sigma_S_m: Array
    cut: Cut

    @property
    def first(self) -> Index:
        """Return (n + 1,): the number of each bar's first filament, and of all."""
        return np.concatenate(([0], np.cumsum(self.cut.parts[:, 0] * self.cut.parts[:, 1])))


def bundle(bars: Bars, sigma_S_m: Array, across: Index, up: Index, ratio: float = 2.0) -> Bundle:
    """Return the filaments of all bars, bar by bar; `across` and `up` (n,): how many each width and thickness has."""
    cut = cut_bars(bars, across, up, ratio)
    owner, place, size = [], [], []
    for k, (nw, nt) in enumerate(zip(across.tolist(), up.tolist(), strict=True)):
        w, t = split(nw, ratio) * bars.width_m[k], split(nt, ratio) * bars.thick_m[k]
        at_w, at_t = np.cumsum(w) - w / 2 - bars.width_m[k] / 2, np.cumsum(t) - t / 2 - bars.thick_m[k] / 2
        owner.append(np.full(nw * nt, k))
        place.append(np.column_stack((np.repeat(at_w, nt), np.tile(at_t, nw))))
        size.append(np.column_stack((np.repeat(w, nt), np.tile(t, nw))))
    of, at = np.concatenate(owner), np.concatenate(place)
    width, thick = np.ascontiguousarray(np.concatenate(size).T)
    move = at[:, :1] * bars.across[of] + at[:, 1:] * cut.up[of]
    parts = Bars(bars.start_m[of] + move, bars.end_m[of] + move, bars.across[of], width, thick)
    return Bundle(parts, of, at, resistance(parts, sigma_S_m[of]), bars, sigma_S_m, cut)


def cut_bars(bars: Bars, across: Index, up: Index, ratio: float) -> Cut:
    """Return the bars and their cuts as the compiled loops take them."""
    axis = bars.end_m - bars.start_m
    length = np.linalg.norm(axis, axis=1)
    along = axis / length[:, None]
    count = np.column_stack((across, up)).astype(np.int64)
    kind, edges, mean = cuts(count.reshape(-1), ratio)
    size = np.column_stack((bars.width_m, bars.thick_m, length))
    return Cut(
        np.ascontiguousarray(bars.start_m, dtype=float),
        along,
        np.ascontiguousarray(bars.across, dtype=float),
        np.cross(along, bars.across),
        size,
        count,
        kind.reshape(-1, 2),
        edges,
        mean,
        nodes(),
    )


def bundle_inductance(made: Bundle, tolerance_ratio: float = 1e-6) -> Array:
    """Return the matrix (m, m) in H of the partial inductances of all filaments, within the tolerance."""
    from chipscale.solvers.bar_pairs import filament_inductance

    return filament_inductance(made.cut, tolerance_ratio)


def resistance(bars: Bars, sigma_S_m: Array) -> Array:
    """Return the resistance (n,) in ohm of each bar at even current."""
    length = np.linalg.norm(bars.end_m - bars.start_m, axis=1)
    return np.asarray(length / (sigma_S_m * bars.width_m * bars.thick_m))
