"""The shape of a solder ball after reflow on its UBM: a sphere cut flat at the UBM, volume conserved.

Model: surface tension alone shapes the joint, so that the free surface is a sphere pinned at the UBM's rim
(L. S. Goldmann, "Geometric Optimization of Controlled Collapse Interconnections", IBM J. Res. Dev. 13, 1969).
It holds where weight is small against surface tension: the Bond number rho g r^2 / gamma (7400 kg/m3, 0.55 N/m)
is 0.002 for a 250 µm ball and 0.02 for a 800 µm ball. Solder taken up by the intermetallic is not counted.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt


def reflowed(sphere_d_um: float, ubm_d_um: float) -> tuple[float, float]:
    """Return (widest diameter, height above the UBM) in µm of a sphere reflowed on a round UBM.

    With the UBM radius a, the cap of height h holds pi h (3 a^2 + h^2) / 6; equal to the sphere's volume this
    is the cubic h^3 + 3 a^2 h - d^3 = 0, whose only real root is 2 a sinh(asinh(d^3 / 2 a^3) / 3). The sphere's
    radius is (a^2 + h^2) / 2 h; a cap flatter than a half sphere is widest at the UBM. Raises ValueError for
    diameters that are not positive.

    >>> [round(value, 1) for value in reflowed(250.0, 215.0)]
    [260.9, 204.3]
    """
    if not (math.isfinite(sphere_d_um) and math.isfinite(ubm_d_um) and sphere_d_um > 0 and ubm_d_um > 0):
        raise ValueError(f"diameters must be positive: sphere {sphere_d_um} µm, UBM {ubm_d_um} µm")
    a = ubm_d_um / 2
    h = 2 * a * math.sinh(math.asinh((sphere_d_um / a) ** 3 / 2) / 3)
    return ((a * a + h * h) / h if h > a else ubm_d_um), h


def sphere_for(ball_d_um: float, ubm_d_um: float) -> float:
    """Return the sphere diameter in µm that reflows to a ball `ball_d_um` wide on the UBM.

    Raises ValueError when the ball is not wider than the UBM.
    """
    if not ball_d_um > ubm_d_um > 0:
        raise ValueError(f"a ball of {ball_d_um} µm is not wider than its UBM of {ubm_d_um} µm")
    a, r = ubm_d_um / 2, ball_d_um / 2
    h = r + math.sqrt(r * r - a * a)
    return float((h * (3 * a * a + h * h)) ** (1 / 3))


def profile(sphere_d_um: float, ubm_d_um: float, n: int = 33) -> npt.NDArray[np.float64]:
    """Return the ball's outline (n, 2) as (r_um, z_um), from the UBM's rim (z = 0) to the top (r = 0).

    Points lie on the sphere at equal angles, so a solid of revolution made of them stays inside it; needs n >= 2.
    """
    if n < 2:
        raise ValueError("an outline has at least 2 points")
    _, h = reflowed(sphere_d_um, ubm_d_um)
    a = ubm_d_um / 2
    r = (a * a + h * h) / (2 * h)
    angle = np.linspace(math.atan2(r - h, a), math.pi / 2, n)
    points = np.column_stack((r * np.cos(angle), h - r + r * np.sin(angle)))
    points[0], points[-1] = (a, 0.0), (0.0, h)
    return points
