"""Round straight wires: the impedance inside them at any frequency, and the square bar with the same field outside."""

from __future__ import annotations

import math

import numpy as np

MU0_H_m = 4e-7 * math.pi
# side over radius of the square bar whose filaments are, in geometric mean, one radius apart: its partial inductance is
# that of a tube (Rosa and Grover, Bull. Bur. Stand. 8 (1912) 167: 0.447049 of the side)
TUBE_SIDE_RATIO = 1.0 / 0.447049


def inner_ohm_m(radius_m: float, sigma_S_m: float, f_Hz: float) -> complex:
    """Return resistance and inner reactance in ohm/m: k J0(kr) / (2 pi r sigma J1(kr)), k² = -i omega mu sigma.

    S. Ramo, J. R. Whinnery and T. Van Duzer, Fields and Waves in Communication Electronics, 3rd ed. 1994, sec. 4.5.
    At DC the resistance alone; the inner inductance there is mu0 / 8 pi.

    >>> round(inner_ohm_m(12.5e-6, 4.1e7, 1e9).real, 4)
    138.2548
    """
    from scipy.special import jve

    if f_Hz <= 0.0:
        return complex(1.0 / (sigma_S_m * math.pi * radius_m**2))
    k = (1 - 1j) * math.sqrt(math.pi * f_Hz * MU0_H_m * sigma_S_m)
    at = k * radius_m
    ratio = jve(0, at) / jve(1, at)  # both scaled alike, so that neither grows without end
    return complex(k * ratio / (2 * math.pi * radius_m * sigma_S_m))


def inner_H_m(radius_m: float, sigma_S_m: float, f_Hz: float) -> float:
    """Return the inductance per length in H/m of the field inside the wire, mu0 / 8 pi at DC.

    >>> round(inner_H_m(12.5e-6, 4.1e7, 0.0) * 1e9, 3), round(inner_H_m(12.5e-6, 4.1e7, 1e3) * 1e9, 3)
    (50.0, 50.0)
    """
    if f_Hz <= 0.0:
        return MU0_H_m / (8 * math.pi)
    return float(np.imag(inner_ohm_m(radius_m, sigma_S_m, f_Hz)) / (2 * math.pi * f_Hz))
