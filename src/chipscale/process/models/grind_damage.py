"""What grinding leaves behind: depth of damage, the strength that goes with it, and how thin a wafer may get."""

from __future__ import annotations

import math

ASSUMED = "assumed: usual practice"
REFERENCE_DAMAGE_UM = 1.5  # the damage the strength of a fine-ground die goes with
ON_TAPE_UM = 50.0  # sict.com.sg, backgrinding: thin stacks 50-75 µm
ON_CARRIER_UM = 25.0  # armementloiseaudelocean.fr, IC assembly notes: capability of the machine
BUMPED_UM = 150.0  # assumed: the tape's adhesive lets the wafer bend between the balls
REFERENCE_DIAMETER_MM = 300.0


def strength_MPa(damage_um: float, ground_MPa: float = 500.0, polished_MPa: float = 1000.0) -> float:
    """Return the characteristic strength in MPa of a face with cracks `damage_um` deep.

    Griffith: the strength goes with 1 / sqrt(crack), from `ground_MPa` at 1.5 µm up to what a face without damage
    holds. 500 and 1000 MPa (ranges 300-800 and 800-2000) are usual of #2000-ground, sawn dies and of polished or
    plasma-etched ones in three-point bending; they depend on the method of test.

    >>> strength_MPa(1.5), round(strength_MPa(20.0), 1), strength_MPa(0.0)
    (500.0, 136.9, 1000.0)
    """
    if damage_um <= 0:
        return polished_MPa
    return min(polished_MPa, ground_MPa * math.sqrt(REFERENCE_DAMAGE_UM / damage_um))


def failing_ratio(stress_MPa: float, strength_MPa: float, modulus_ratio: float, area_ratio: float = 1.0) -> float:
    """Return the share of dies that break at a stress: 1 - exp(-a (s / s0)^m).

    `strength_MPa` is Weibull's characteristic strength (63.2 % broken), `area_ratio` the stressed area over that
    of the test. W. Weibull, J. Appl. Mech. 18 (1951) 293.

    >>> round(failing_ratio(500.0, 500.0, 4.0), 6)
    0.632121
    """
    if stress_MPa <= 0:
        return 0.0
    return -math.expm1(-area_ratio * (stress_MPa / strength_MPa) ** modulus_ratio)


def scaled_strength_MPa(strength_MPa: float, modulus_ratio: float, area_ratio: float) -> float:
    """Return the characteristic strength in MPa of a piece with `area_ratio` times the area: s0 a^(-1/m).

    >>> round(scaled_strength_MPa(500.0, 4.0, 16.0), 9)
    250.0
    """
    return float(strength_MPa * area_ratio ** (-1.0 / modulus_ratio))


def bearable_MPa(failing: float, strength_MPa: float, modulus_ratio: float) -> float:
    """Return the stress in MPa at which the share `failing` (0 to 1) of the dies breaks.

    >>> round(bearable_MPa(0.001, 500.0, 4.0), 1)
    88.9
    """
    return float(strength_MPa * (-math.log1p(-failing)) ** (1.0 / modulus_ratio))


def bend_radius_mm(thickness_um: float, stress_MPa: float, E_GPa: float) -> float:
    """Return the radius in mm to which a die may be bent until its face holds the stress: E h / 2 s.

    >>> bend_radius_mm(50.0, 100.0, 169.0)
    42.25
    """
    return E_GPa * 1e3 * thickness_um / (2.0 * stress_MPa) * 1e-3


def least_um(support: str, bumped: bool, diameter_mm: float) -> tuple[float, str]:
    """Return how thin a wafer may be ground in µm, and who says so; `support` is "tape" or "carrier".

    Known for 300 mm; other diameters in proportion (assumed), as the sag of a free rim grows with its width.

    >>> least_um("tape", False, 300.0)[0], least_um("tape", True, 200.0)[0]
    (50.0, 100.0)
    """
    share = diameter_mm / REFERENCE_DIAMETER_MM
    if support == "carrier":
        return ON_CARRIER_UM * share, "IC assembly notes, armementloiseaudelocean.fr: 25 µm at 300 mm"
    if bumped:
        return BUMPED_UM * share, f"{ASSUMED}, balls in the tape: 150 µm at 300 mm"
    return ON_TAPE_UM * share, "sict.com.sg, backgrinding: 50 µm at 300 mm"
