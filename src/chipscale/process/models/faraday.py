"""Faraday's law: how thick a metal grows per minute at a current density, and how long a thickness takes.

A charge Q deposits the mass Q M / (n F): M molar mass, n electrons per ion, F the Faraday constant. Spread over the
area with the density rho this is the rate j M eta / (n F rho), eta the share of the current that deposits metal.
An alloy takes the charge of each of its elements: n / M becomes the sum of w n / M over the mass fractions w.
Range: exact for the mean thickness over what the current flows into; how it spreads over die and wafer is another
question (`plating_profile`, `terminal_effect`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

FARADAY_C_MOL = 96485.33212  # CODATA 2018, exact since the SI of 2019: e N_A


class Ion(NamedTuple):
    """A metal as it is in the bath: molar mass in g/mol and electrons it takes."""

    molar_mass: float
    electrons: int
    source: str


_WEIGHTS = "IUPAC, standard atomic weights (abridged values 2021)"
IONS: Mapping[str, Ion] = {
    "Cu": Ion(63.546, 2, f"{_WEIGHTS}; Cu(II) of sulfate baths"),
    "Ni": Ion(58.6934, 2, f"{_WEIGHTS}; Ni(II) of sulfamate baths"),
    "Sn": Ion(118.710, 2, f"{_WEIGHTS}; Sn(II) of methanesulfonate baths"),
    "Ag": Ion(107.8682, 1, f"{_WEIGHTS}; Ag(I)"),
    "Pb": Ion(207.2, 2, f"{_WEIGHTS}; Pb(II)"),
    "Au": Ion(196.966570, 1, f"{_WEIGHTS}; Au(I) of sulfite and cyanide baths"),
}


def rate_um_min(
    composition: Mapping[str, float], density_kg_m3: float, current_density_A_dm2: float, efficiency_ratio: float = 1.0
) -> float:
    """Return the growth in µm/min of a metal of the given composition (element -> mass fraction, adding up to 1).

    Raises ValueError for an element without a known ion, or fractions that don't add up to 1.

    >>> round(rate_um_min({"Cu": 1.0}, 8960.0, 1.0), 4)
    0.2205
    """
    unknown = sorted(set(composition) - set(IONS))
    if unknown:
        raise ValueError(f"no ion known of {', '.join(unknown)}")
    if abs(sum(composition.values()) - 1) > 1e-6:
        raise ValueError("mass fractions must add up to 1")
    mol_per_kg = sum(1000.0 * w * IONS[name].electrons / IONS[name].molar_mass for name, w in composition.items())
    m_s = 100.0 * current_density_A_dm2 * efficiency_ratio / (mol_per_kg * FARADAY_C_MOL * density_kg_m3)
    return m_s * 60e6


def minutes(thickness_um: float, growth_um_min: float) -> float:
    """Return the minutes a thickness takes at a growth; ValueError when it doesn't grow.

    >>> round(minutes(5.0, rate_um_min({"Cu": 1.0}, 8960.0, 2.0)), 1)
    11.3
    """
    if growth_um_min <= 0:
        raise ValueError("without current nothing grows")
    return thickness_um / growth_um_min
