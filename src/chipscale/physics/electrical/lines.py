"""Impedance of straight lines from their cross-section by published formulas: microstrip, stripline, coplanar."""

from __future__ import annotations

import math
from dataclasses import dataclass

EPS0_F_m = 8.8541878128e-12
C_M_S = 299_792_458.0
ETA0_OHM = 376.730313412  # of free space, CODATA 2022
_NARROWEST, _WIDEST = 1e-3, 1e3  # width over height: between these the microstrip formulas were fitted


@dataclass(frozen=True, slots=True)
class Line:
    """A line's impedance without losses and the permittivity of a uniform space in which its wave runs as fast."""

    z0_ohm: float
    eps_eff_ratio: float

    @property
    def c_F_m(self) -> float:
        """Return its capacitance per metre."""
        return math.sqrt(self.eps_eff_ratio) / (C_M_S * self.z0_ohm)

    @property
    def l_H_m(self) -> float:
        """Return its inductance per metre."""
        return self.z0_ohm * math.sqrt(self.eps_eff_ratio) / C_M_S

    @property
    def delay_s_m(self) -> float:
        """Return its delay per metre."""
        return math.sqrt(self.eps_eff_ratio) / C_M_S


def microstrip(width_um: float, height_um: float, eps_ratio: float, thick_um: float = 0.0) -> Line:
    """Return a microstrip's line: a strip on a dielectric over a plane, air above.

    E. Hammerstad, O. Jensen, IEEE MTT-S Digest 1980, 407-409: eq. 1-2 for the impedance (0.03 % up to a width of 1000
    heights), eq. 3-5 for the permittivity (0.2 %), eq. 6-9 for the strip's thickness.

    >>> round(microstrip(20.0, 10.0, 3.2).z0_ohm, 4)
    56.0621
    """
    u, t = width_um / height_um, thick_um / height_um
    u1 = ur = u
    if t > 0.0:
        coth = 1.0 / math.tanh(math.sqrt(6.517 * u))
        wider = t / math.pi * math.log(1.0 + 4.0 * math.e / (t * coth**2))
        u1 = u + wider
        ur = u + wider / 2.0 * (1.0 + 1.0 / math.cosh(math.sqrt(eps_ratio - 1.0)))
    a = 1.0 + math.log((ur**4 + (ur / 52.0) ** 2) / (ur**4 + 0.432)) / 49.0
    a += math.log(1.0 + (ur / 18.1) ** 3) / 18.7
    b = 0.564 * ((eps_ratio - 0.9) / (eps_ratio + 3.0)) ** 0.053
    eps = (eps_ratio + 1.0) / 2.0 + (eps_ratio - 1.0) / 2.0 * (1.0 + 10.0 / ur) ** (-a * b)
    return Line(_strip_in_air_ohm(ur) / math.sqrt(eps), eps * (_strip_in_air_ohm(u1) / _strip_in_air_ohm(ur)) ** 2)


def microstrip_width_um(z0_ohm: float, height_um: float, eps_ratio: float, thick_um: float = 0.0) -> float:
    """Return the width of the microstrip of an impedance, nan where no width from 1/1000 to 1000 heights has it.

    >>> round(microstrip_width_um(56.062128, 10.0, 3.2), 4)
    20.0
    """
    from scipy.optimize import brentq

    def over(log_ratio: float) -> float:
        return microstrip(height_um * math.exp(log_ratio), height_um, eps_ratio, thick_um).z0_ohm - z0_ohm

    low, high = math.log(_NARROWEST), math.log(_WIDEST)
    if over(low) < 0.0 or over(high) > 0.0:
        return math.nan
    return height_um * math.exp(float(brentq(over, low, high, xtol=1e-12)))


def stripline(width_um: float, between_um: float, eps_ratio: float) -> Line:
    """Return the line of a strip without thickness midway between two planes `between_um` apart.

    S. B. Cohn, IRE Trans. MTT-2 (1954) 52: eta / 4 sqrt(eps) K(k') / K(k), k = tanh(pi w / 2 b); exact (his 30 pi is
    eta / 4 within 0.07 %).

    >>> round(stripline(20.0, 40.0, 3.2).z0_ohm, 4)
    56.1434
    """
    k = math.tanh(math.pi * width_um / (2.0 * between_um))
    return Line(ETA0_OHM / (4.0 * math.sqrt(eps_ratio)) / _over_other(k), eps_ratio)


def coplanar(width_um: float, gap_um: float, eps_ratio: float) -> Line:
    """Return the line of a strip between grounds without end on its own face, on a thick dielectric, air above.

    C. P. Wen, IEEE Trans. MTT-17 (1969) 1087: C = 2 eps0 (eps + 1) K(k) / K(k'), k = w / (w + 2 g); no thickness.

    >>> round(coplanar(20.0, 20.0, 11.7).c_F_m * 1e12, 4)
    143.8506
    """
    eps = (eps_ratio + 1.0) / 2.0
    c_air = 4.0 * EPS0_F_m * _over_other(width_um / (width_um + 2.0 * gap_um))
    return Line(1.0 / (C_M_S * c_air * math.sqrt(eps)), eps)


def plate_F_m(width_um: float, thick_um: float, height_um: float, eps_ratio: float) -> float:
    """Return the capacitance per metre of a bar over a plane, all in one dielectric.

    T. Sakurai, K. Tamaru, IEEE Trans. ED-30 (1983) 183: within 6 % for widths of 0.3 to 30 heights and thicknesses of
    0.3 to 10.
    """
    w, t = width_um / height_um, thick_um / height_um
    return EPS0_F_m * eps_ratio * (1.15 * w + 2.80 * t**0.222)


def neighbour_F_m(width_um: float, thick_um: float, height_um: float, space_um: float, eps_ratio: float) -> float:
    """Return what a like bar beside it adds to the capacitance per metre of such a bar, all but that one grounded.

    Same source: the whole capacitance of a bar between two others is within 10 % for spaces of 0.5 to 10 heights.
    The capacitance between the bars is more than this, for each takes field from the plane under the other.
    """
    w, t, s = width_um / height_um, thick_um / height_um, space_um / height_um
    return EPS0_F_m * eps_ratio * (0.03 * w + 0.83 * t - 0.07 * t**0.222) * s**-1.34


def _strip_in_air_ohm(u: float) -> float:
    f = 6.0 + (2.0 * math.pi - 6.0) * math.exp(-((30.666 / u) ** 0.7528))
    return ETA0_OHM / (2.0 * math.pi) * math.log(f / u + math.sqrt(1.0 + (2.0 / u) ** 2))


def _over_other(k: float) -> float:
    """Return K(k) / K(k'), the complete elliptic integrals of a modulus and its complement."""
    from scipy.special import ellipk, ellipkm1

    return float(ellipk(k * k) / ellipkm1(k * k))
