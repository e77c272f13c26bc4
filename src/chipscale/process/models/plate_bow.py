"""How far a round wafer bows under films on it: Stoney, layered plate, and large deflections with their bifurcation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

PLATE_LIMIT_RATIO = 0.3  # slope at the wafer's edge up to which plate theory's small slopes hold (assumed)


@dataclass(frozen=True, slots=True)
class PlateLayer:
    """A layer of the plate from z_um to z_um + h_um that covers `cover_ratio` of its area.

    `stress_MPa` is what it holds in both directions while the plate is kept flat and at the length at which the
    layers without stress hold none (tension positive): for a thin film the film stress, for a layer cooled by dT on
    a rigid plate -E/(1 - nu) cte dT.
    """

    z_um: float
    h_um: float
    E_GPa: float
    nu_ratio: float
    stress_MPa: float = 0.0
    cover_ratio: float = 1.0


class Laminate(NamedTuple):
    """A layered plate's bending, in SI: stiffness against one curvature and coupling to the other (N m), the
    compliance of its stretching 1/(E h) (m/N), and the moment its stresses exert (N, per unit length)."""

    bend: float
    cross: float
    stretch: float
    moment: float


@dataclass(frozen=True, slots=True)
class Shape:
    """The stable shape of the free wafer: its principal curvatures, larger first in size; positive bows towards +z.

    `state`: "cap" as far as both curvatures are equal, "cylinder" beyond the bifurcation. `bow_um` is the height of
    the edge above the centre along the more curved direction.
    """

    kappa_x_per_m: float
    kappa_y_per_m: float
    bow_um: float
    linear_bow_um: float
    load_ratio: float  # moment over the one at which the cap ceases to be stable
    state: Literal["cap", "cylinder"]


def stoney_bow_um(
    film_um: float, stress_MPa: float, plate_um: float, diameter_mm: float, *, biaxial_GPa: float
) -> float:
    """Return the bow in µm of a wafer under one thin film: kappa R^2 / 2 with kappa = 6 s h_f / (M h_s^2).

    M = E/(1 - nu) is the plate's biaxial modulus. Holds for a film thin against the plate and a bow small against the
    plate's thickness. G. G. Stoney, Proc. R. Soc. A 82 (1909) 172; in this biaxial form Freund and Suresh, Thin Film
    Materials (2003) eq. 2.7.

    >>> round(stoney_bow_um(10, 30, 775, 300, biaxial_GPa=130 / (1 - 0.278)), 3)
    187.247
    """
    kappa_per_m = 6.0 * stress_MPa * 1e6 * film_um * 1e-6 / (biaxial_GPa * 1e9 * (plate_um * 1e-6) ** 2)
    return float(kappa_per_m * (diameter_mm * 1e-3) ** 2 / 8 * 1e6)


def laminate(layers: Iterable[PlateLayer]) -> Laminate:
    """Return the bending of a plate of layers with plane stress in each, by classical lamination theory.

    Layers may overlap in height (a wire in a dielectric): each counts with its cover. With A, B, D the integrals of
    the stiffness over z^0, z^1, z^2, stretching is released: D - B A^-1 B and M - B A^-1 N. R. M. Jones, Mechanics
    of Composite Materials, 2nd ed. (1999) ch. 4. ValueError without a layer.

    >>> plate = laminate([PlateLayer(-775, 775, 130, 0.278), PlateLayer(0, 0.01, 3.4, 0.34, 30)])
    >>> round(plate.moment / (plate.bend + plate.cross) * 0.15**2 / 2 * 1e6, 4)  # the film of 10 nm, bow in µm
    0.1872
    """
    sums: dict[int, list[float]] = {1: [0.0] * 3, -1: [0.0] * 3}  # equal and opposite strains in x and y
    force = moment = 0.0
    for layer in layers:
        low, high = layer.z_um * 1e-6, (layer.z_um + layer.h_um) * 1e-6
        spans = [(high**n - low**n) / n * layer.cover_ratio for n in (1, 2, 3)]
        for sign, held in sums.items():
            stiffness = layer.E_GPa * 1e9 / (1.0 - sign * layer.nu_ratio)
            for n, span in enumerate(spans):
                held[n] += stiffness * span
        force += layer.stress_MPa * 1e6 * spans[0]
        moment += layer.stress_MPa * 1e6 * spans[1]
    if sums[1][0] <= 0:
        raise ValueError("a plate needs a layer")
    even, odd = (held[2] - held[1] ** 2 / held[0] for held in (sums[1], sums[-1]))
    stretch = (1.0 / sums[1][0] + 1.0 / sums[-1][0]) / 2
    return Laminate((even + odd) / 2, (even - odd) / 2, stretch, moment - sums[1][1] / sums[1][0] * force)


def shape(plate: Laminate, diameter_mm: float) -> Shape:
    """Return the stable shape of a free round plate under its own stresses, large deflections included.

    The deflection is taken as (kx x^2 + ky y^2) / 2; the plate's stretching under it is exact (von Karman, free
    edge). The energy per area, D (kx^2 + ky^2)/2 + D' kx ky - M (kx + ky) + R^4 kx^2 ky^2 / (384 s), has one minimum,
    kx = ky, up to kx^2 = 192 s (D - D') / R^4; beyond it two mirrored ones with kx ky at that value. For one layer
    this is Freund and Suresh (2003) sec. 2.6: with K = R^2 kappa / 4 h and S the same of Stoney's kappa,
    S = K (1 + (1 - nu) K^2) up to K = (1 + nu)^-1/2, S = 2 (1 + nu)^-3/2; it goes back to C. B. Masters and
    N. J. Salamon, Int. J. Eng. Sci. 31 (1993) 915.
    """
    even, odd = plate.bend + plate.cross, plate.bend - plate.cross
    radius = diameter_mm * 1e-3 / 2
    cubic = radius**4 / (192 * plate.stretch)
    moment = abs(plate.moment)
    limit = math.sqrt(odd / cubic)
    critical = (even + odd) * limit
    if moment <= critical:
        first = second = _cubic_root(even, cubic, moment)
    else:
        half_sum = moment / (even + odd)
        spread = math.sqrt(max(half_sum**2 - limit**2, 0.0))
        first, second = half_sum + spread, limit**2 / (half_sum + spread)
    sign = math.copysign(1.0, plate.moment)
    to_um = radius**2 / 2 * 1e6
    return Shape(
        kappa_x_per_m=sign * first,
        kappa_y_per_m=sign * second,
        bow_um=sign * first * to_um,
        linear_bow_um=plate.moment / even * to_um,
        load_ratio=moment / critical,
        state="cap" if moment <= critical else "cylinder",
    )


def layered_bow(rows: Sequence[Sequence[float]], diameter_mm: float) -> Shape:
    """Return the shape of a round plate of whole layers, each (h_um, E_GPa, nu_ratio, stress_MPa), bottom to top.

    >>> made = layered_bow([(300.0, 130.0, 0.278, 0.0), (10.0, 3.4, 0.34, 30.0)], 300.0)
    >>> round(made.linear_bow_um, 1), round(made.bow_um, 1), made.state
    (1286.1, 1449.2, 'cylinder')
    """
    layers, z_um = [], 0.0
    for h_um, E_GPa, nu_ratio, stress_MPa in rows:
        layers.append(PlateLayer(z_um, h_um, E_GPa, nu_ratio, stress_MPa))
        z_um += h_um
    return shape(laminate(layers), diameter_mm)


def critical_load_GPa(E_GPa: float, nu_ratio: float) -> float:
    """Return s h_f D^2 / h_s^3 in GPa at which a round plate (diameter D) under a thin film becomes a cylinder.

    16 E / (3 (1 - nu) (1 + nu)^1.5): the bifurcation of `shape` for one layer.

    >>> round(critical_load_GPa(130, 0.278), 1)
    664.7
    """
    return float(16.0 * E_GPa / (3.0 * (1.0 - nu_ratio) * (1.0 + nu_ratio) ** 1.5))


def _cubic_root(linear: float, cubic: float, load: float) -> float:
    """Return the one real k >= 0 of linear k + cubic k^3 = load (all >= 0)."""
    scale = math.sqrt(linear / cubic)
    return 2 / math.sqrt(3) * scale * math.sinh(math.asinh(1.5 * math.sqrt(3) * load / (linear * scale)) / 3)
