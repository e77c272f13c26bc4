"""Few current patterns in place of many filaments: those a bar takes in fields that vary slowly across it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


def modes(r_ohm: Array, l_H: Array, place_m: Array, frequency_Hz: float, count: int) -> Complex:
    """Return the current patterns (m, k) of a bundle of m filaments, each driven by one harmonic field.

    `r_ohm` (m,) and `l_H` (m, m) are the bundle's own, `place_m` (m, 2) its filaments' centres; k <= `count`, m.
    Daniel, Sangiovanni-Vincentelli and White (ICCAD 2001) take solutions of the wave equation in the section as such
    patterns; here they are answers of the bundle itself, so that as many as there are filaments leave nothing out.
    """
    z = 2j * math.pi * frequency_Hz * l_H
    z[np.diag_indices_from(z)] += r_ohm
    span = float(np.hypot(np.ptp(place_m[:, 0]), np.ptp(place_m[:, 1]))) or 1.0
    x, y = (place_m / span).T
    drives = np.column_stack((np.ones_like(x), x * x + y * y, x, y, x * x - y * y, x * y))[:, : min(count, len(x))]
    found = np.linalg.solve(z, drives.astype(complex))
    kept, sizes, _ = np.linalg.svd(found / np.linalg.norm(found, axis=0), full_matrices=False)
    return np.asarray(kept[:, sizes > 1e-8 * sizes[0]])
