"""The plating baths: what each deposits, how dense, at which current densities, and whether it is a solder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chipscale.errors import did_you_mean
from chipscale.process.models.faraday import rate_um_min
from chipscale.process.step import StepError

_HANDBOOK = "CRC Handbook of Chemistry and Physics, density of the pure solid near 25 °C"
_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class Bath:
    """A plating bath: mass fractions and density of its deposit, current efficiency, the currents it works with."""

    title: str
    composition: Mapping[str, float]
    density_kg_m3: float
    density_source: str
    efficiency_ratio: float
    low_A_dm2: float
    high_A_dm2: float
    usual_A_dm2: float
    current_source: str
    liquidus_C: float = 0.0  # of a solder; 0: a metal that reflow does not melt

    def growth_um_min(self, current_density_A_dm2: float, efficiency_ratio: float = 0.0) -> float:
        """Return the growth in µm/min; an efficiency of 0 stands for the bath's own."""
        eta = efficiency_ratio or self.efficiency_ratio
        return rate_um_min(self.composition, self.density_kg_m3, current_density_A_dm2, eta)


_COPPER = Bath(
    "acid copper sulfate",
    {"Cu": 1.0},
    8960.0,
    _HANDBOOK,
    1.0,
    0.5,
    20.0,
    2.0,
    "0.5 at redistribution (mems-talk 22682) to 20 A/dm² of high-speed pillar baths (assumed: usual practice)",
)
_TIN = (1.0, 0.5, 10.0)  # efficiency and currents of methanesulfonate baths, all assumed
BATHS: Mapping[str, Bath] = {
    "Cu_plated": _COPPER,
    "Cu": _COPPER,
    "Ni": Bath("nickel sulfamate", {"Ni": 1.0}, 8908.0, _HANDBOOK, 0.96, 0.5, 10.0, 2.0, _ASSUMED),
    "Au": Bath("gold sulfite", {"Au": 1.0}, 19300.0, _HANDBOOK, 0.98, 0.1, 1.5, 0.5, _ASSUMED),
    "Sn": Bath("tin", {"Sn": 1.0}, 7287.0, _HANDBOOK, *_TIN, 2.0, _ASSUMED, 231.9),
    "SnAg": Bath(
        "tin-silver, 2 % silver by weight",
        {"Sn": 0.98, "Ag": 0.02},
        7330.0,
        "volumes of tin and silver added (7287 and 10490 kg/m³)",
        *_TIN,
        1.5,
        "1 to 1.5 A/dm² give silver near the eutectic (abstracts on plated Sn-Ag bumps); range assumed",
        226.0,
    ),
    "Sn63Pb37": Bath(
        "eutectic tin-lead",
        {"Sn": 0.63, "Pb": 0.37},
        8400.0,
        "TopLine, solder ball table: 8.4 g/cm³",
        *_TIN,
        3.0,
        _ASSUMED,
        183.0,
    ),
    "Sn60Pb40": Bath(
        "tin-lead 60/40",
        {"Sn": 0.60, "Pb": 0.40},
        8500.0,
        "TopLine, solder ball table: 8.5 g/cm³",
        *_TIN,
        3.0,
        _ASSUMED,
        190.0,
    ),
}
_NOT_PLATED = {"SAC305": 220.0, "SAC387": 218.0, "SnAgCu": 220.0, "SAC": 220.0, "SnPb": 183.0}
SOLDERS: Mapping[str, float] = {
    **{name: bath.liquidus_C for name, bath in BATHS.items() if bath.liquidus_C},
    **_NOT_PLATED,
}  # liquidus in °C: J-STD-020 (217 to 220 for SnAgCu), TopLine's table, phase diagrams


def bath_of(material: str) -> Bath:
    """Return the bath that deposits the material; StepError with the nearest names when there is none."""
    if material not in BATHS:
        raise StepError(
            "no plating bath deposits this material",
            value=material,
            limit=", ".join(sorted(BATHS)),
            remedy=did_you_mean(material, BATHS),
            option="material",
        )
    return BATHS[material]


def check_current(material: str, current_density_A_dm2: float) -> Bath:
    """Return the bath of the material; StepError when the current density is outside what it works with."""
    bath = bath_of(material)
    if not bath.low_A_dm2 <= current_density_A_dm2 <= bath.high_A_dm2:
        burnt = current_density_A_dm2 > bath.high_A_dm2
        raise StepError(
            f"the current density is outside the range of the {bath.title} bath",
            value=f"{current_density_A_dm2:g} A/dm²",
            limit=f"{bath.low_A_dm2:g} to {bath.high_A_dm2:g} A/dm² ({bath.current_source})",
            remedy=f"about {bath.usual_A_dm2:g} A/dm²: "
            + ("more burns the deposit" if burnt else "less hardly plates"),
            option="current_density_A_dm2",
        )
    return bath
