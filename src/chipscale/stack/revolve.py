"""Solids of revolution: balls from their three measures, samples of the outline, exact volume."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from chipscale.stack.types import Points, Revolved, Spheroid


def cap(base_d_um: float, ball_d_um: float, ball_h_um: float, z_um: float) -> Spheroid:
    """Return the spheroid whose part above z_um is a ball of that width and height on a base of base_d_um.

    A sphere whenever the three measures allow one (which volume-conserving reflow gives); a ball not wider than its
    base is a spherical cap. Raises ValueError for measures that are not positive.
    """
    if min(base_d_um, ball_d_um, ball_h_um) <= 0:
        raise ValueError(f"ball {ball_d_um} x {ball_h_um} µm on {base_d_um} µm: measures must be positive")
    a, r, h = base_d_um / 2, ball_d_um / 2, ball_h_um
    if r <= a * (1 + 1e-9):
        r = (a * a + h * h) / (2 * h)
        return Spheroid(r, r, z_um + h - r)
    b = h / (1 + math.sqrt(1 - (a / r) ** 2))
    if abs(b / r - 1) < 1e-9:
        b = r
    return Spheroid(r, b, z_um + h - b)


def outline(shape: Spheroid, z_low_um: float, z_high_um: float, n: int = 49) -> Points:
    """Return (n, 2) points (r_um, z_um) on the spheroid between two heights, at equal angles, bottom to top."""
    low, high = (math.asin(max(-1.0, min(1.0, (z - shape.z_um) / shape.semi_z_um))) for z in (z_low_um, z_high_um))
    angle = np.linspace(low, high, n)
    radius = shape.semi_r_um * np.cos(angle)
    radius[np.abs(radius) < 1e-9 * shape.semi_r_um] = 0.0
    return np.column_stack((radius, shape.z_um + shape.semi_z_um * np.sin(angle)))


def radius_at(body: Revolved, z_um: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the radius in µm at each height (0 outside the body)."""
    r, z = body.profile.T
    inside = (z_um >= z[0]) & (z_um <= z[-1])
    if body.spheroid is None:
        found = np.interp(z_um, z, r)
    else:
        shape = body.spheroid
        found = shape.semi_r_um * np.sqrt(np.clip(1 - ((z_um - shape.z_um) / shape.semi_z_um) ** 2, 0, None))
    return np.where(inside, found, 0.0)


def revolved_volume_um3(body: Revolved) -> float:
    """Return the exact volume: the spheroid's zone, or the sum of the profile's frusta (Pappus)."""
    r, z = body.profile.T
    if body.spheroid is None:
        return float(np.sum(math.pi / 3 * np.diff(z) * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2)))
    shape = body.spheroid
    low, high = ((z[k] - shape.z_um) / shape.semi_z_um for k in (0, -1))
    zone = (high - high**3 / 3) - (low - low**3 / 3)
    return float(math.pi * shape.semi_r_um**2 * shape.semi_z_um * zone)
