"""The stress a film holds at room temperature: published where somebody measured it, else thermal mismatch."""

from __future__ import annotations

from typing import NamedTuple

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.process.models.film_mismatch import ROOM_C, mismatch_MPa


class FilmStress(NamedTuple):
    """A film's stress (tension positive) and who says so."""

    stress_MPa: float
    source: str


def stress_free_C(material_name: str, cure_C: float) -> float:
    """Return the temperature in °C from which on a cured film builds up stress as it cools: the cure's, but not more
    than its glass transition, above which it gives way.

    >>> stress_free_C("PI", 375.0), stress_free_C("BCB", 250.0)
    (330.0, 250.0)
    """
    try:
        return min(cure_C, material(material_name).number("t_glass_C"))
    except InputError:
        return cure_C


def cured_stress(material_name: str, cure_C: float, usual_cure_C: float, published: bool = True) -> FilmStress | None:
    """Return the stress of a film cured on silicon, None when the library knows neither stress nor modulus.

    `published`: the library's film stress, which holds for the usual cure, in proportion to the cooling when cured at
    another temperature. Else, or where the library has none: E / (1 - ν) (α film - α silicon) ΔT from where it is
    free of stress, with the modulus at 25 °C. A polymer creeps when warm, so this is an upper bound: BCB 39 MPa
    against 28 published.

    >>> cured_stress("BCB", 250.0, 250.0).stress_MPa
    28.0
    >>> round(cured_stress("BCB", 250.0, 250.0, published=False).stress_MPa, 1)
    38.5
    """
    free_C = stress_free_C(material_name, cure_C)
    known = _published(material_name) if published else None
    if known is not None:
        share = (free_C - ROOM_C) / (stress_free_C(material_name, usual_cure_C) - ROOM_C)
        source = f"published, {known.source}"
        if abs(share - 1.0) > 1e-9:
            source += f", times {share:.3g} for the cure at {cure_C:g} °C in place of {usual_cure_C:g} °C"
        return FilmStress(known.stress_MPa * share, source)
    found = mismatch_MPa(material_name, free_C)
    return None if found is None else FilmStress(found, f"thermal mismatch to silicon from {free_C:g} °C, elastic")


def held_stress(material_name: str, stress_MPa: float = 0.0) -> FilmStress | None:
    """Return the stress of a film that is deposited: what a recipe gives, at 0 the library's; None when it has none.

    The library's values of metals hold after the warmest step to come: metal yields while it cools from a cure, so it
    holds about the same whatever the cure.

    >>> held_stress("Ni"), held_stress("Ni", -20.0).source
    (FilmStress(stress_MPa=59.3, source='film stress of Ni: pf_nickel_stress'), 'given in the recipe')
    """
    if stress_MPa != 0.0:
        return FilmStress(stress_MPa, "given in the recipe")
    known = _published(material_name)
    return known and FilmStress(known.stress_MPa, f"film stress of {material_name}: {known.source}")


def _published(material_name: str) -> FilmStress | None:
    try:
        entry = material(material_name).value("film_stress_MPa")
    except InputError:
        return None
    return FilmStress(entry.at(), "assumed" if entry.assumed else entry.source)
