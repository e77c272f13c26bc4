"""What a coat's material is made for: kind, thickness and speed outside of it are refused, with what would do."""

from __future__ import annotations

from chipscale.errors import did_you_mean
from chipscale.process.models.resists import Resist, list_resists, remedy_for, resist, resist_for
from chipscale.process.step import StepError

_NEAR = 1e-3  # a thickness or speed that is off by this share is in range


def product_of(material: str, kind: str) -> tuple[Resist, str]:
    """Return the data of a coat's material and a warning where a stand-in takes their place.

    StepError for a resist that is not in the table, and for a material of the other kind. A polymer without process
    data has the stand-in's, all assumed.
    """
    found = resist(material)
    if found is not None and found.kind != kind:
        raise StepError(
            f"{found.name} is a {found.kind}, the coat is to be a {kind}",
            value=material,
            limit=", ".join(_known(kind)),
            remedy=f"kind: {found.kind}, or a {kind}",
            option="material",
        )
    if found is None and kind == "resist":
        known = _known(kind)
        raise StepError(
            f"no process data for the resist '{material}'",
            value=material,
            limit=", ".join(known),
            remedy=did_you_mean(material, known),
            option="material",
        )
    return resist_for(material, kind)


def refuse_thickness(product: Resist, films_um: tuple[float, float], coats: int, spun: bool) -> None:
    """Raise StepError for more than several coats of a product reach, or for one coat out of its range.

    `films_um`: the film before cure over the highest place, and what the same coats give on a level wafer. A sprayed
    coat may be as thin as one likes.
    """
    if not product.listed:
        return
    coated_um, each = films_um[0], films_um[1] / coats
    reach = product.total_max_um
    if coated_um > reach * (1.0 + _NEAR) or coats > product.coats_max_count:
        raise StepError(
            f"{coated_um:.4g} µm in {_coats(coats)} is more than {product.name} reaches",
            value=f"{coated_um:.4g} µm in {_coats(coats)}",
            limit=f"{reach:g} µm in {_coats(int(product.coats_max_count))} ({product.sources['total_max_um']})",
            remedy=f"for {coated_um:.4g} µm: {remedy_for(coated_um, product.kind)}",
            option="thickness_um",
        )
    if each > product.coat_max_um * (1.0 + _NEAR) or (spun and each < product.coat_min_um * (1.0 - _NEAR)):
        own = product.coats_count(coated_um)
        fewest = f"coats_count: {own} (or 0: the fewest that do)" if own else remedy_for(coated_um, product.kind)
        raise StepError(
            f"a coat of {each:.3g} µm is outside the range of {product.name}",
            value=f"{each:.3g} µm, {coated_um:.4g} µm in {_coats(coats)}",
            limit=f"{product.coat_min_um:g} to {product.coat_max_um:g} µm ({product.sources['coat_max_um']})",
            remedy=f"for {coated_um:.4g} µm: {fewest}",
            option="coats_count" if own and own != coats else "thickness_um",
        )


def speed_told(product: Resist, speed_rpm: float, given: bool) -> list[str]:
    """Return nothing for a speed of the spin its product is made for; StepError for another.

    A polymer that needs another speed is told only: it is sold in several thicknesses.
    """
    low, high = product.speed_min_rpm, product.speed_max_rpm
    if low * (1.0 - _NEAR) <= speed_rpm <= high * (1.0 + _NEAR):
        return []
    limit = f"{low:g} to {high:g} rpm ({product.sources['speed_min_rpm']})"
    if product.kind == "polymer" and not given:
        return [f"a speed of {speed_rpm:.0f} rpm is outside the range of {product.name}: {limit}; take another grade"]
    fewer = "fewer coats or another resist" if speed_rpm > high else "more coats or another resist"
    raise StepError(
        f"a speed of {speed_rpm:.0f} rpm is outside the range of {product.name}",
        value=f"{speed_rpm:.0f} rpm",
        limit=limit,
        remedy="a speed in the range, or speed_rpm: 0 for the one the thickness needs" if given else fewer,
        option="speed_rpm" if given else "thickness_um",
    )


def _known(kind: str) -> list[str]:
    return [name for name in list_resists() if (item := resist(name)) is not None and item.kind == kind]


def _coats(count: int) -> str:
    return "one coat" if count == 1 else f"{count} coats"
