"""The closed table of unit suffixes: a float's name ends in one of them, so a reader never guesses a unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit suffix: its dimension, the factor to SI and, for °C, the offset to kelvin."""

    suffix: str
    dimension: str
    si_factor: float
    si_offset: float = 0.0
    symbol: str = ""


_TABLE = (
    Unit("nm", "length", 1e-9, symbol="nm"),
    Unit("um", "length", 1e-6, symbol="µm"),
    Unit("mm", "length", 1e-3, symbol="mm"),
    Unit("m", "length", 1.0, symbol="m"),
    Unit("um2", "area", 1e-12, symbol="µm²"),
    Unit("mm2", "area", 1e-6, symbol="mm²"),
    Unit("um3", "volume", 1e-18, symbol="µm³"),
    Unit("mm3", "volume", 1e-9, symbol="mm³"),
    Unit("deg", "angle", 0.017453292519943295, symbol="°"),
    Unit("s", "time", 1.0, symbol="s"),
    Unit("ms", "time", 1e-3, symbol="ms"),
    Unit("ns", "time", 1e-9, symbol="ns"),
    Unit("ps", "time", 1e-12, symbol="ps"),
    Unit("min", "time", 60.0, symbol="min"),
    Unit("h", "time", 3600.0, symbol="h"),
    Unit("C", "temperature", 1.0, 273.15, symbol="°C"),
    Unit("K", "temperature difference", 1.0, symbol="K"),
    Unit("K_W", "thermal resistance", 1.0, symbol="K/W"),
    Unit("W", "power", 1.0, symbol="W"),
    Unit("mW", "power", 1e-3, symbol="mW"),
    Unit("uV_m", "electric field", 1e-6, symbol="µV/m"),
    Unit("W_mK", "thermal conductivity", 1.0, symbol="W/(m·K)"),
    Unit("W_m2K", "heat transfer coefficient", 1.0, symbol="W/(m²·K)"),
    Unit("m2K_W", "contact resistance of heat", 1.0, symbol="m²·K/W"),
    Unit("J_kgK", "specific heat", 1.0, symbol="J/(kg·K)"),
    Unit("J_K", "heat capacity", 1.0, symbol="J/K"),
    Unit("J", "energy", 1.0, symbol="J"),
    Unit("kg_m3", "density", 1.0, symbol="kg/m³"),
    Unit("ppm_K", "thermal expansion", 1e-6, symbol="ppm/K"),
    Unit("GPa", "pressure", 1e9, symbol="GPa"),
    Unit("MPa", "pressure", 1e6, symbol="MPa"),
    Unit("V", "voltage", 1.0, symbol="V"),
    Unit("mV", "voltage", 1e-3, symbol="mV"),
    Unit("A", "current", 1.0, symbol="A"),
    Unit("mA", "current", 1e-3, symbol="mA"),
    Unit("A_cm2", "current density", 1e4, symbol="A/cm²"),
    Unit("A_dm2", "current density", 100.0, symbol="A/dm²"),
    Unit("S_m", "conductivity", 1.0, symbol="S/m"),
    Unit("uS", "conductance", 1e-6, symbol="µS"),
    Unit("ohm", "resistance", 1.0, symbol="Ω"),
    Unit("mohm", "resistance", 1e-3, symbol="mΩ"),
    Unit("H", "inductance", 1.0, symbol="H"),
    Unit("F", "capacitance", 1.0, symbol="F"),
    Unit("nH", "inductance", 1e-9, symbol="nH"),
    Unit("pF", "capacitance", 1e-12, symbol="pF"),
    Unit("Hz", "frequency", 1.0, symbol="Hz"),
    Unit("GHz", "frequency", 1e9, symbol="GHz"),
    Unit("Gbps", "bit rate", 1e9, symbol="Gbit/s"),
    Unit("dB", "level", 1.0, symbol="dB"),
    Unit("rpm", "rotation speed", 0.10471975511965977, symbol="rpm"),
    Unit("mJ_cm2", "dose", 10.0, symbol="mJ/cm²"),
    Unit("MB", "memory", 1e6, symbol="MB"),
    Unit("J_m3K", "volumetric heat capacity", 1.0, symbol="J/(m³·K)"),
    Unit("m2_s", "diffusivity", 1.0, symbol="m²/s"),
    Unit("N_m", "surface tension", 1.0, symbol="N/m"),
    Unit("eV", "energy", 1.602176634e-19, symbol="eV"),
    Unit("mm3_mg", "hygroscopic swelling", 1e-3, symbol="mm³/mg"),
    Unit("ohm_um2", "contact resistance", 1e-12, symbol="Ω·µm²"),
    Unit("nohm_m", "resistivity", 1e-9, symbol="nΩ·m"),
    Unit("ratio", "number", 1.0),
    Unit("count", "number", 1.0),
    Unit("pct", "number", 0.01, symbol="%"),
    Unit("ppm", "number", 1e-6, symbol="ppm"),
    Unit("per_m", "curvature", 1.0, symbol="1/m"),
    Unit("um_min", "rate", 1e-6 / 60.0, symbol="µm/min"),
    Unit("um_s", "rate", 1e-6, symbol="µm/s"),
    Unit("mm_s", "speed", 1e-3, symbol="mm/s"),
    Unit("mPas", "viscosity", 1e-3, symbol="mPa·s"),
    Unit("mW_cm2", "irradiance", 10.0, symbol="mW/cm²"),
)

UNITS: dict[str, Unit] = {unit.suffix: unit for unit in _TABLE}


def unit_of(name: str) -> Unit | None:
    """Return the unit a name carries, or None; the longest matching suffix wins.

    >>> unit_of("theta_jb_K_W").symbol
    'K/W'
    >>> unit_of("pitch_um").si_factor
    1e-06
    """
    parts = name.rsplit(".", 1)[-1].split("_")
    for take in (3, 2, 1):
        if len(parts) > take or (len(parts) == take and take == 1):
            unit = UNITS.get("_".join(parts[-take:]))
            if unit is not None:
                return unit
    return None


def to_si(name: str, value: float) -> float:
    """Return `value` of the quantity `name` in SI (temperatures in kelvin).

    Raises KeyError when the name carries no known unit.

    >>> to_si("standoff_um", 230.0)
    0.00023
    """
    unit = unit_of(name)
    if unit is None:
        raise KeyError(f"'{name}' carries no known unit suffix")
    return value * unit.si_factor + unit.si_offset
