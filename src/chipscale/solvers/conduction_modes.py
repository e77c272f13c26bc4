"""Few current patterns in place of many filaments: those a bar takes in fields that vary slowly across it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


def modes(r_ohm: Array, l_H: Array, place_m: Array, frequency_Hz: float, count: int) -> Complex:
    """Return the current patterns (m, k) of a bundle of m filaments, each driven by one harmonic field; k <= count.

    The first is the answer to an even field and carries 1 A; the others carry nothing in all and are orthonormal.
    `r_ohm` (m,) and `l_H` (m, m) are the bundle's own, `place_m` (m, 2) its filaments' centres. Daniel,
    Sangiovanni-Vincentelli and White (ICCAD 2001) take solutions of the wave equation in the section as such
    patterns; here they are answers of the bundle itself, so that as many as there are filaments leave nothing out.
    """
    z = 2j * math.pi * frequency_Hz * l_H
    z[np.diag_indices_from(z)] += r_ohm
    span = float(np.hypot(np.ptp(place_m[:, 0]), np.ptp(place_m[:, 1]))) or 1.0
    found = np.linalg.solve(z, _fields(place_m / span)[:, : min(count, len(place_m))].astype(complex))
    found[:, 0] /= found[:, 0].sum()
    rest = found[:, 1:] - found[:, :1] * found[:, 1:].sum(axis=0)
    if not rest.shape[1]:
        return np.asarray(found)
    kept, sizes, _ = np.linalg.svd(rest / np.maximum(np.linalg.norm(rest, axis=0), 1e-300), full_matrices=False)
    kept = kept[:, sizes > 1e-8 * sizes[0]]
    return np.column_stack((found[:, 0], kept))


def _fields(place: Array) -> Array:
    """Return (m, 14): an even field, r², and the harmonic polynomials up to the sixth order."""
    x, y = place.T
    z = x + 1j * y
    columns = [np.ones_like(x), x * x + y * y, x, y]
    for order in range(2, 7):
        power = z**order
        columns += [power.real, power.imag]
    return np.column_stack(columns)
