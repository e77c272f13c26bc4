"""The capacitance of a package's wires, leads, traces, vias and balls to what is around them, by formulas."""

from __future__ import annotations

import math

EPS0_F_m = 8.8541878128e-12
C_M_S = 299_792_458.0
ETA_OHM = 376.730313412


def wire_F_m(radius_m: float, height_m: float, eps_ratio: float) -> float:
    """Return F/m of a round wire over a plane, 2 pi eps / acosh(h / r): exact (Smythe, Static and Dynamic Electricity).

    >>> round(wire_F_m(10e-6, 30e-6, 1.0) * 1e12, 4)
    31.5601
    """
    return 2 * math.pi * EPS0_F_m * eps_ratio / math.acosh(height_m / radius_m)


def microstrip(width_m: float, height_m: float, eps_ratio: float) -> tuple[float, float]:
    """Return capacitance in F/m and inductance in H/m of a thin strip on a dielectric over a plane.

    E. Hammerstad and O. Jensen, IEEE MTT-S 1980, 407: within 0.2 % in the permittivity, 0.03 % in the impedance.

    >>> c, l = microstrip(20e-6, 10e-6, 3.2)
    >>> round(math.sqrt(l / c), 3)
    56.062
    """
    u = width_m / height_m
    a = 1 + math.log((u**4 + (u / 52) ** 2) / (u**4 + 0.432)) / 49 + math.log(1 + (u / 18.1) ** 3) / 18.7
    b = 0.564 * ((eps_ratio - 0.9) / (eps_ratio + 3)) ** 0.053
    eps = (eps_ratio + 1) / 2 + (eps_ratio - 1) / 2 * (1 + 10 / u) ** (-a * b)
    f = 6 + (2 * math.pi - 6) * math.exp(-((30.666 / u) ** 0.7528))
    free_ohm = ETA_OHM / (2 * math.pi) * math.log(f / u + math.sqrt(1 + (2 / u) ** 2))
    return eps / (free_ohm * C_M_S), free_ohm / C_M_S


def beside_F_m(width_m: float, gap_m: float, thick_m: float, eps_ratio: float) -> float:
    """Return F/m of a lead between two grounded neighbours alike: twice two coplanar strips, and their sides as plates.

    eps K(k') / K(k) with k = s / (s + 2 w): C. P. Wen, IEEE Trans. MTT 17 (1969) 1087 (conformal map). Counted twice
    the field beyond the neighbours: an upper bound within some 20 %.
    """
    from scipy.special import ellipk

    k2 = (gap_m / (gap_m + 2 * width_m)) ** 2
    flat = EPS0_F_m * eps_ratio * float(ellipk(1 - k2) / ellipk(k2))
    return 2 * (flat + EPS0_F_m * eps_ratio * thick_m / gap_m)


def via_F(d_pad_m: float, d_hole_m: float, height_m: float, eps_ratio: float) -> float:
    """Return F of a via with pads of d_pad in holes d_hole of planes, 1.41 eps T D1 / (D2 - D1) in pF and inches.

    H. Johnson and M. Graham, High-Speed Digital Design, 1993, eq. 7.8 (recalled): good to some 30 %.
    """
    return 1.41e-12 / 0.0254 * eps_ratio * height_m * d_pad_m / (d_hole_m - d_pad_m)


def disc_F(radius_m: float, height_m: float, eps_ratio: float) -> float:
    """Return F of a disc (land, pad) over a plane: plates and Kirchhoff's rim (Monatsber. Akad. Berlin 1877, 144).

    For a disc in one dielectric, wider than high: 6 % below the exact value at a radius of five heights.

    >>> round(disc_F(125e-6, 5e-6, 1.0) * 1e15, 1)
    99.0
    """
    ratio = radius_m / height_m
    rim = 2 * (math.log(8 * math.pi * ratio) - 1) / (math.pi * ratio)  # two discs 2 h apart
    return EPS0_F_m * eps_ratio * math.pi * radius_m * ratio * (1 + rim)


def sphere_F(radius_m: float, height_m: float, eps_ratio: float = 1.0) -> float:
    """Return F of a ball with its centre height_m over a plane: 4 pi eps a sinh(b) sum of 1/sinh(n b), cosh b = h / a.

    Exact (Smythe). A ball that stands on its land stops the sum where the next image is nearer than 1 % of it.

    >>> round(sphere_F(125e-6, 150e-6) * 1e15, 2)
    25.94
    """
    b = math.acosh(max(height_m / radius_m, 1.01))
    total = sum(1 / math.sinh(n * b) for n in range(1, 400) if n * b < 300)
    return 4 * math.pi * EPS0_F_m * eps_ratio * radius_m * math.sinh(b) * total
