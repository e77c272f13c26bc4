"""The height of many solder caps at once: volume and base as arrays, the closed form of the cubic."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def cap_height_um(volume_um3: Any, base_d_um: Any) -> npt.NDArray[np.float64]:
    """Return the height in µm of spherical caps of the given volume (µm³) on round bases (diameter in µm).

    The arrays are of any shapes that fit each other. With the base's radius a the cap of height h holds
    pi h (3 a^2 + h^2) / 6; the cubic h^3 + 3 a^2 h - 6 V / pi = 0 has the one real root
    2 a sinh(asinh(3 V / pi a^3) / 3). Same model as `package.joint.reflowed`, which takes one sphere.

    >>> round(float(cap_height_um(np.pi / 6 * 250.0**3, 215.0)), 3)
    204.35
    """
    a = np.asarray(base_d_um, dtype=np.float64) / 2.0
    volume = np.asarray(volume_um3, dtype=np.float64)
    height: npt.NDArray[np.float64] = 2.0 * a * np.sinh(np.arcsinh(3.0 * volume / (np.pi * a**3)) / 3.0)
    return height


def cap_slopes(volume_um3: Any, base_d_um: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return (dh/dV in 1/µm², dh/d(base diameter) in µm/µm) of spherical caps.

    From the cubic: dV/dh = pi (a^2 + h^2) / 2 at constant base, dV/da = pi a h at constant height.
    """
    a = np.asarray(base_d_um, dtype=np.float64) / 2.0
    h = cap_height_um(volume_um3, base_d_um)
    per_volume: npt.NDArray[np.float64] = 2.0 / (np.pi * (a * a + h * h))
    per_base: npt.NDArray[np.float64] = -a * h / (a * a + h * h)
    return per_volume, per_base
