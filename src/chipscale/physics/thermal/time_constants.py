"""The time constants behind a thermal impedance, found by deconvolution, none with a negative resistance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.diffusion_modes import grown

Array = npt.NDArray[np.float64]
_FINE_PER_DECADE = 48
_EARLIER = 1.5  # in ln t: how far before the first time constants may lie
_BEFORE_LAST = 1.0  # and how far before the last
_FAINT_RATIO = 1e-10


class Spectrum(NamedTuple):
    """Resistance (n,) in K/W of each time constant (n,); the largest error of their sum's rise over the end's."""

    tau_s: Array
    r_K_W: Array
    error_ratio: float


def spectrum(times_s: Array, z_K_W: Array, per_decade: int = 12, rounds_count: int = 4000) -> Spectrum:
    """Return the spectrum of an impedance at rising times, that has come to rest at the last.

    On z = ln t its slope is the spectrum blurred by exp(z - exp z): dZ/dz = (R * w)(z) (V. Székely and T. Van Bien,
    Solid-State Electron. 31 (1988) 1363, eq. 12); taken over each step of time, so that it is the rise from one time
    to the next and no slope needs to be guessed. Sharpened by Bayes' rule again and again, which keeps every part
    positive and their sum (T. J. Kennett, W. V. Prestwich and A. Robertson, Nucl. Instr. Meth. 151 (1978) 285;
    JESD51-14, 2010, annex A names it). Peaks closer than about half a decade stay one.
    """
    first, last = np.log(times_s[[0, -1]])
    count = max(8, round(_FINE_PER_DECADE * (last - first) / np.log(10.0)) + 1)
    fine = np.linspace(first, last, count)
    rise = np.diff(np.interp(fine, np.log(times_s), z_K_W), prepend=0.0)
    rise = np.maximum(rise, _FAINT_RATIO * rise.max())
    bins = np.arange(first - _EARLIER, last - _BEFORE_LAST, np.log(10.0) / per_decade)
    blur = np.diff(grown(np.exp(fine), np.exp(bins)), axis=0, prepend=0.0)
    weight = blur.sum(axis=0)
    r = np.full(len(bins), z_K_W[-1] / len(bins))
    for _ in range(rounds_count):
        r *= (blur.T @ (rise / (blur @ r))) / weight
    kept = r > _FAINT_RATIO * r.sum()
    tau, r = np.exp(bins[kept]), r[kept]
    return Spectrum(tau, r, float(np.abs(grown(times_s, tau) @ r - z_K_W).max() / z_K_W[-1]))
