"""How surfaces lose heat to the room: still air, moving air, radiation."""

from __future__ import annotations

import math

SIGMA_W_m2K4 = 5.670374419e-8
GRAVITY_m_s2 = 9.80665


def radiation_W_m2K(t_surface_C: float, t_room_C: float, emissivity_ratio: float) -> float:
    """Return the radiation of a small surface in a large room as a film, exact at these temperatures.

    >>> round(radiation_W_m2K(50.0, 25.0, 0.9), 2)
    6.13
    """
    a, b = t_surface_C + 273.15, t_room_C + 273.15
    return emissivity_ratio * SIGMA_W_m2K4 * (a * a + b * b) * (a + b)


def natural_W_m2K(t_surface_C: float, t_room_C: float, length_m: float, up: bool) -> float:
    """Return the film of still air on a level plate, warmer than the room, facing up or down.

    Nu = 0.54 Ra^1/4 facing up for 1e4 < Ra < 1e7, 0.15 Ra^1/3 above; 0.27 Ra^1/4 facing down; length is area over
    perimeter (Incropera and DeWitt, eq. 9.30 to 9.32; J. R. Lloyd and W. R. Moran 1974). Below Ra = 1e4 the film
    tends to that of conduction, taken as Nu of 1e4 at least scaled on: no better law is common.

    >>> round(natural_W_m2K(50.0, 25.0, 0.027, True), 2)
    7.63
    """
    rise = max(t_surface_C - t_room_C, 0.1)
    nu_m2_s, k, alpha, beta = _air((t_surface_C + t_room_C) / 2)
    rayleigh = GRAVITY_m_s2 * beta * rise * length_m**3 / (nu_m2_s * alpha)
    if not up:
        nusselt = 0.27 * rayleigh**0.25
    else:
        nusselt = 0.54 * rayleigh**0.25 if rayleigh < 1e7 else 0.15 * rayleigh ** (1 / 3)
    return nusselt * k / length_m


def forced_W_m2K(t_surface_C: float, t_room_C: float, length_m: float, speed_m_s: float) -> float:
    """Return the mean film of air moving along a plate: Nu = 0.664 Re^1/2 Pr^1/3, laminar to Re = 5e5, beyond it
    0.037 Re^4/5 - 871 (Incropera and DeWitt, eq. 7.30 and 7.38).

    >>> round(forced_W_m2K(50.0, 25.0, 0.1, 1.0), 1)
    12.4
    """
    nu_m2_s, k, alpha, _ = _air((t_surface_C + t_room_C) / 2)
    reynolds = speed_m_s * length_m / nu_m2_s
    prandtl = nu_m2_s / alpha
    mean = 0.664 * math.sqrt(reynolds) if reynolds < 5e5 else 0.037 * reynolds**0.8 - 871.0
    return mean * prandtl ** (1 / 3) * k / length_m


def _air(t_C: float) -> tuple[float, float, float, float]:
    """Return kinematic viscosity, conductivity, diffusivity and expansion of air at 1 bar.

    Sutherland's law for the viscosity and the like for the conductivity, within 1 % of Incropera's table A.4.
    """
    T = t_C + 273.15
    viscosity = 1.716e-5 * (T / 273.15) ** 1.5 * (273.15 + 110.4) / (T + 110.4)
    k = 0.02414 * (T / 273.15) ** 1.5 * (273.15 + 194.0) / (T + 194.0)
    density = 101325.0 / (287.05 * T)
    return viscosity / density, k, k / (density * 1006.0), 1.0 / T
