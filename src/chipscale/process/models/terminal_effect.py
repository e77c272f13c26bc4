"""How much thicker metal plates at the wafer's edge than in its centre, because the seed has a resistance.

Model: the seed carries the current from its contact at the rim. With a sheet resistance Rs and a resistance p per area
between seed and anode (electrode reaction, linearised, in series with the bath), the potential of a disc obeys
phi'' + phi'/r = phi Rs / p. Its current density is i(r) / mean = (R / 2L) I0(r/L) / I1(R/L) with L = sqrt(p / Rs)
(resistive disc electrodes: O. Lanzi and U. Landau, J. Electrochem. Soc. 137 (1990) 1139, here with linear kinetics).
Range: the kinetics are linearised at the mean current, and thieves, shields and segmented anodes, with which a tool
evens this out, are left out: it is what the tool has to correct. The seed's adhesion layer is counted as copper.
"""

from __future__ import annotations

import math

COPPER_OHM_M = 17.2e-9  # materials library, Cu_plated
TAFEL_V = 8.314462618 * 298.15 / (0.5 * 96485.33212)  # RT / (alpha F) at 25 °C, alpha 0.5
BATH_OHM_M2 = 1e-3  # 50 mm of electrolyte of 50 S/m (assumed)


def edge_rise(diameter_mm: float, sheet_ohm: float, area_ohm_m2: float) -> float:
    """Return the excess of the edge's current density over the centre's, as a share of the mean.

    `sheet_ohm` is the metal's sheet resistance, `area_ohm_m2` the resistance per area to the anode.

    >>> round(edge_rise(300.0, 0.057, 1.26e-3), 3)
    0.239
    """
    radius = diameter_mm / 2000.0
    x = radius * math.sqrt(sheet_ohm / area_ohm_m2)
    if x < 1e-6:
        return 0.0
    if x > 30:  # the current flows into a rim of width L; the sums below would overflow far later
        return x / 2
    i0, i1 = _bessel(x)
    return x / 2 * (i0 - 1) / i1


def plated_edge_rise(
    diameter_mm: float, seed_um: float, metal_um: float, open_ratio: float, current_density_A_dm2: float
) -> float:
    """Return `edge_rise` of the finished thickness of plated copper: averaged while the metal grows.

    The metal in the resist's openings (`open_ratio` of the area) carries current beside the seed. The resistance to
    the anode is the reaction's (Tafel slope over current density) and the bath's. ValueError without a seed.

    >>> round(plated_edge_rise(300.0, 0.3, 6.0, 0.25, 2.0), 3)
    0.089
    """
    if seed_um <= 0:
        raise ValueError("without a seed no current flows")
    area_ohm_m2 = TAFEL_V / (100.0 * current_density_A_dm2) + BATH_OHM_M2
    steps = 16
    total = 0.0
    for k in range(steps):
        conducting_um = seed_um + open_ratio * metal_um * (k + 0.5) / steps
        total += edge_rise(diameter_mm, COPPER_OHM_M / (conducting_um * 1e-6), area_ohm_m2)
    return total / steps


def _bessel(x: float) -> tuple[float, float]:
    """Return (I0(x), I1(x)), the modified Bessel functions, by their power series."""
    i0 = i1 = 0.0
    term = 1.0  # (x/2)^2k / k!^2
    for k in range(200):
        i0 += term
        i1 += term * x / 2 / (k + 1)
        term *= (x / 2 / (k + 1)) ** 2
        if term < 1e-17 * i0:
            break
    return i0, i1
