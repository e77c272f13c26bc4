"""The stress a layer holds at room temperature after it was joined to silicon hot: thermal mismatch and shrinkage."""

from __future__ import annotations

from chipscale.errors import InputError
from chipscale.materials.library import material

ROOM_C = 25.0


def mismatch_MPa(material_name: str, joined_C: float, shrinkage_pct: float = 0.0, on: str = "Si") -> float | None:
    """Return the stress in MPa (tension positive) of a layer joined to `on` at joined_C and cooled to 25 °C.

    E/(1 - nu) ((cte - cte_on) dT + shrinkage), linear and elastic, `on` taken as rigid (a layered plate relaxes it by
    itself); expansion at the middle temperature. None when the library lacks a value.

    >>> round(mismatch_MPa("Glass_AF32", 150.0), 1)
    1.2
    """
    middle_C = (joined_C + ROOM_C) / 2
    try:
        film, plate = material(material_name), material(on)
        biaxial_MPa = film.number("E_GPa") * 1e3 / (1.0 - film.number("nu_ratio"))
        differ_ppm_K = film.number("cte_ppm_K", middle_C) - plate.number("cte_ppm_K", middle_C)
    except InputError:
        return None
    return biaxial_MPa * (differ_ppm_K * 1e-6 * (joined_C - ROOM_C) + shrinkage_pct / 100.0)
