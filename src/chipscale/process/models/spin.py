"""How thick a spun film becomes and how fast to spin for a thickness: power law, its physics, the bead at the edge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

EXPONENT_RATIO = 0.5  # Meyerhofer 1978; fitted to a published table of AZ 5214E: 0.503
EVAPORATION_1000RPM_UM_S = 0.3  # loss of PGMEA from a spinning film (assumed), grows with the square root of the speed
SURFACE_TENSION_N_M = 0.03  # resist in PGMEA (assumed: 0.028 to 0.032)
_BEAD_WIDTHS_RATIO = 10.0  # width of the bead in capillary lengths (assumed, of the order of published ridges)
_BEAD_HEIGHT_RATIO = 1.0  # height of the bead above the film, in film thicknesses (assumed)


@dataclass(frozen=True, slots=True)
class SpinLaw:
    """Thickness against speed, t = k rpm^-p: `thickness_1000rpm_um` is t at 1000 rpm, `exponent_ratio` is p."""

    thickness_1000rpm_um: float
    exponent_ratio: float = EXPONENT_RATIO
    misfit_um: float = 0.0  # root mean square of the points it was fitted to

    def thickness_um(self, speed_rpm: float) -> float:
        """Return the film's thickness in µm at `speed_rpm`.

        >>> SpinLaw(12.4).thickness_um(4000)
        6.2
        """
        return float(self.thickness_1000rpm_um * (speed_rpm / 1000.0) ** -self.exponent_ratio)

    def speed_rpm(self, thickness_um: float) -> float:
        """Return the speed in rpm that leaves `thickness_um`.

        >>> SpinLaw(12.4).speed_rpm(6.2)
        4000.0
        """
        return float(1000.0 * (thickness_um / self.thickness_1000rpm_um) ** (-1.0 / self.exponent_ratio))


def fitted_law(points: Sequence[Sequence[float]]) -> SpinLaw:
    """Return the law through published points (rpm, µm): least squares in the logarithms, two points or more.

    A single point gives the law with Meyerhofer's exponent. Raises ValueError without points.

    >>> law = fitted_law([(2000, 1.98), (3000, 1.62), (4000, 1.40), (5000, 1.25), (6000, 1.14)])
    >>> round(law.exponent_ratio, 3), round(law.misfit_um, 3)
    (0.503, 0.002)
    """
    if not points:
        raise ValueError("a spin law needs at least one point (rpm, µm)")
    logs = [(math.log(rpm / 1000.0), math.log(um)) for rpm, um in points]
    x_mean = sum(x for x, _ in logs) / len(logs)
    y_mean = sum(y for _, y in logs) / len(logs)
    spread = sum((x - x_mean) ** 2 for x, _ in logs)
    if spread < 1e-12:
        exponent = EXPONENT_RATIO
    else:
        exponent = -sum((x - x_mean) * (y - y_mean) for x, y in logs) / spread
    law = SpinLaw(math.exp(y_mean + exponent * x_mean), exponent)
    squares = sum((law.thickness_um(rpm) - um) ** 2 for rpm, um in points)
    return SpinLaw(law.thickness_1000rpm_um, exponent, math.sqrt(squares / len(points)))


def drained_um(
    thickness_um: float, viscosity_mPas: float, density_kg_m3: float, speed_rpm: float, time_s: float
) -> float:
    """Return what is left in µm of a liquid film of `thickness_um` after `time_s` of spinning, without evaporation.

    Emslie, Bonner, Peck, J. Appl. Phys. 29 (1958) 858, eq. 11: h = h0 / sqrt(1 + 4 ρ ω² h0² t / 3 η).

    >>> round(drained_um(500.0, 400.0, 1050.0, 3000.0, 30.0), 2)
    9.82
    """
    omega = speed_rpm * 2.0 * math.pi / 60.0
    h0 = thickness_um * 1e-6
    return thickness_um / math.sqrt(
        1.0 + 4.0 * density_kg_m3 * omega**2 * h0**2 * time_s / (3.0 * viscosity_mPas * 1e-3)
    )


def dried_um(
    solids_pct: float,
    viscosity_mPas: float,
    speed_rpm: float,
    density_kg_m3: float = 1050.0,
    evaporation_um_s: float = 0.0,
) -> float:
    """Return the dry film in µm a solution leaves: it drains until evaporation takes as much as outflow, then dries.

    Meyerhofer, J. Appl. Phys. 49 (1978) 3993: h = c (3 η e / (2 ρ ω² (1 - c)))^(1/3), with c the share of solids and e
    the evaporation; e of 0 is taken as EVAPORATION_1000RPM_UM_S times the root of the speed in 1000 rpm. Holds for
    Newtonian solutions; viscosity and solids are those of the bottle.

    >>> round(dried_um(40.0, 400.0, 3000.0), 1)
    6.8
    """
    omega = speed_rpm * 2.0 * math.pi / 60.0
    share = solids_pct / 100.0
    loss = evaporation_um_s or EVAPORATION_1000RPM_UM_S * math.sqrt(speed_rpm / 1000.0)
    wet = 3.0 * viscosity_mPas * 1e-3 * loss * 1e-6 / (2.0 * density_kg_m3 * omega**2 * (1.0 - share))
    return float(1e6 * share * wet ** (1.0 / 3.0))


def solution_law(solids_pct: float, viscosity_mPas: float, density_kg_m3: float = 1050.0) -> SpinLaw:
    """Return the spin law of a solution by Meyerhofer: as e grows with sqrt(ω), the thickness falls with ω^-1/2.

    >>> law = solution_law(40.0, 400.0)
    >>> round(law.exponent_ratio, 6), round(law.thickness_um(3000.0), 1)
    (0.5, 6.8)
    """
    return fitted_law([(rpm, dried_um(solids_pct, viscosity_mPas, rpm, density_kg_m3)) for rpm in (1000.0, 4000.0)])


def edge_bead(
    thickness_um: float, speed_rpm: float, diameter_mm: float, solids_pct: float = 40.0, density_kg_m3: float = 1050.0
) -> tuple[float, float]:
    """Return (height in µm over the film, width in mm) of the bead a spun film has at the wafer's rim.

    Surface tension holds the bead against the centrifugal force: its width goes with the length
    (γ h / ρ ω² R)^(1/3), h the wet film (the scale of the ridge at the edge of a spun film: Melo, Joanny, Fauve,
    Phys. Rev. Lett. 63 (1989) 1958). The two factors, ten lengths and one film, are assumed: the trend with speed and
    thickness is physical, the size within a factor of two.

    >>> height_um, width_mm = edge_bead(10.0, 1000.0, 300.0)
    >>> height_um, round(width_mm, 2)
    (10.0, 0.76)
    """
    omega = speed_rpm * 2.0 * math.pi / 60.0
    wet_m = thickness_um * 1e-6 * 100.0 / solids_pct
    length_m = (SURFACE_TENSION_N_M * wet_m / (density_kg_m3 * omega**2 * diameter_mm * 1e-3 / 2.0)) ** (1.0 / 3.0)
    return _BEAD_HEIGHT_RATIO * thickness_um, _BEAD_WIDTHS_RATIO * length_m * 1e3
