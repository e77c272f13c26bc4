"""The current at which a wire melts: without heat loss (short), heat-sunk to the silicon (long), and between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from chipscale.materials.types import Material

CIRCULAR_MIL_UM2 = math.pi / 4 * 25.4**2


@dataclass(frozen=True, slots=True)
class Wire:
    """A flat wire over a dielectric on silicon: its size, its metal at `t_ref_C`, and what lies under it."""

    width_um: float
    thick_um: float
    resistivity_nohm_m: float
    tc_ppm_K: float
    t_ref_C: float
    density_kg_m3: float
    cp_J_kgK: float
    t_melt_C: float
    under_um: float
    under_k_W_mK: float

    @property
    def area_um2(self) -> float:
        """Return the wire's section in µm²."""
        return self.width_um * self.thick_um


def onderdonk_A(area_um2: float, pulse_s: float, t_start_C: float = 25.0, t_melt_C: float = 1083.0) -> float:
    """Return the current in A that melts a copper conductor in `pulse_s` with no heat lost (Onderdonk).

    I = a sqrt(log10((Tm - T0) / (234 + T0) + 1) / 33 s), a in circular mils. E. R. Stauffacher, "Short-time current
    carrying capacity of copper wire", General Electric Review 31(6), 1928. Copper only, and only while no heat leaves:
    on silicon that is far below a millisecond, see `time_constant_s`; for longer pulses it is far too low.

    >>> round(onderdonk_A(CIRCULAR_MIL_UM2 * 1000, 1.0), 1)
    146.3
    """
    mils = area_um2 / CIRCULAR_MIL_UM2
    return mils * math.sqrt(math.log10((t_melt_C - t_start_C) / (234.0 + t_start_C) + 1.0) / (33.0 * pulse_s))


def adiabatic_A(wire: Wire, pulse_s: float, t_start_C: float = 25.0) -> float:
    """Return the current in A that brings the wire to its melting point in `pulse_s` with no heat lost.

    Integral of the heat capacity over the resistivity, both from the wire's own metal: I = S sqrt(c / (r0 b) ln(1 +
    b (Tm - T0)) / t), S section, c heat capacity per volume, r0 (1 + b T) resistivity. Melting itself needs more heat
    still; it is not counted.
    """
    r0, b = _at_start(wire, t_start_C)
    rise = wire.t_melt_C - t_start_C
    gain = math.log1p(b * rise) / b if b > 0 else rise
    return wire.area_um2 * 1e-12 * math.sqrt(wire.density_kg_m3 * wire.cp_J_kgK * gain / (r0 * pulse_s))


def steady_A(wire: Wire, t_start_C: float = 25.0) -> float:
    """Return the current in A at which the wire, cooled through the dielectric under it, stays at its melting point.

    Silicon at `t_start_C`; heat per length G (T - T0), see `heat_path_W_mK`. The current at which no steady state
    is left (thermal runaway, sqrt(G / (r0 b))) is only a little more. An upper estimate: the dielectric, far from its
    own limit at the melting point of copper, and the joints fail before.
    """
    r0, b = _at_start(wire, t_start_C)
    rise = wire.t_melt_C - t_start_C
    per_length: float = r0 / (wire.area_um2 * 1e-12)
    return math.sqrt(heat_path_W_mK(wire) * rise / (per_length * (1.0 + b * rise)))


def fuse_A(wire: Wire, pulse_s: float, t_start_C: float = 25.0) -> float:
    """Return the current in A that melts the wire in `pulse_s`, with heat lost to the silicon at the same time.

    One heat capacity (the wire's) and one heat path: dT/dt = a (1 + b T) - T / tau, solved in closed form. Joins
    `adiabatic_A` for pulses far shorter than tau and `steady_A` for longer ones; the dielectric's own heat capacity
    is left out, so between them it is on the low side.
    """
    from scipy.optimize import brentq

    low, high = steady_A(wire, t_start_C), math.hypot(adiabatic_A(wire, pulse_s, t_start_C), steady_A(wire, t_start_C))
    rise = wire.t_melt_C - t_start_C
    if _rise_K(wire, low * (1 + 1e-9), pulse_s, t_start_C) >= rise:
        return low
    return float(
        brentq(lambda amps: _rise_K(wire, amps, pulse_s, t_start_C) - rise, low, 2 * high, xtol=1e-12, rtol=1e-10)
    )


def time_constant_s(wire: Wire) -> float:
    """Return the time in s after which a wire's heat has left to the silicon: its heat capacity over its heat path."""
    per_length = wire.density_kg_m3 * wire.cp_J_kgK * wire.area_um2 * 1e-12
    return per_length / heat_path_W_mK(wire)


def heat_path_W_mK(wire: Wire) -> float:
    """Return the heat conductance per length from a wire to the silicon under its dielectric, fringes included.

    As the capacitance of a line over a plane: k (1.15 w/h + 2.80 (t/h)^0.222), T. Sakurai and K. Tamaru, IEEE Trans.
    Electron Devices 30, 1983, 183: within 6 % for 0.3 < w/h < 30 and 0.3 < t/h < 10, in one dielectric.
    """
    h = wire.under_um
    return wire.under_k_W_mK * (1.15 * wire.width_um / h + 2.80 * (wire.thick_um / h) ** 0.222)


def wire_of(size_um: tuple[float, float], metal: Material, under: tuple[Material, float]) -> Wire | None:
    """Return the wire of a width and thickness in µm on (dielectric, its thickness in µm); None where a value lacks."""
    dielectric, under_um = under
    needed = ("resistivity_nohm_m", "resistivity_tc_ppm_K", "density_kg_m3", "cp_J_kgK", "t_melt_C")
    if not all(metal.has(name) for name in needed) or not dielectric.has("k_W_mK") or under_um <= 0:
        return None
    values: Mapping[str, float] = {name: metal.number(name) for name in needed}
    t_ref_C = metal.value("resistivity_nohm_m").t_C
    return Wire(
        *size_um,
        values["resistivity_nohm_m"],
        values["resistivity_tc_ppm_K"],
        25.0 if t_ref_C is None else t_ref_C,
        values["density_kg_m3"],
        values["cp_J_kgK"],
        values["t_melt_C"],
        under_um,
        dielectric.number("k_W_mK"),
    )


def _at_start(wire: Wire, t_start_C: float) -> tuple[float, float]:
    """Return resistivity in ohm m at the start, and its growth per K of that."""
    law = 1.0 + wire.tc_ppm_K * 1e-6 * (t_start_C - wire.t_ref_C)
    return wire.resistivity_nohm_m * 1e-9 * law, wire.tc_ppm_K * 1e-6 / law


def _rise_K(wire: Wire, amps: float, pulse_s: float, t_start_C: float) -> float:
    """Return how far the wire has warmed up after the pulse; infinite where it would have melted long before."""
    r0, b = _at_start(wire, t_start_C)
    section = wire.area_um2 * 1e-12
    a = amps**2 * r0 / (section**2 * wire.density_kg_m3 * wire.cp_J_kgK)
    k = a * b - 1.0 / time_constant_s(wire)
    if k * pulse_s > 700.0:
        return math.inf
    return a * pulse_s if abs(k * pulse_s) < 1e-9 else a * math.expm1(k * pulse_s) / k
