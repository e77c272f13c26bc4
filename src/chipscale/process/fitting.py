"""Whether the material a step is given is of a class the step works with: solder for balls, a polymer for a coat."""

from __future__ import annotations

from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material

# material of the library -> its class; what is listed nowhere is not judged
CLASSES: dict[str, tuple[str, ...]] = {
    "polymer": ("ABF", "BCB", "BacksideCoating", "EMC", "PBO", "PI", "Resist", "SU8", "SolderMask", "Underfill"),
    "metal": ("Al", "Au", "Cu", "Cu_foil", "Cu_plated", "Ni", "Pd", "Ti", "TiW", "W"),
    "solder": ("SAC305", "SAC387", "Sn", "Sn60Pb40", "Sn63Pb37", "SnAg"),
    "intermetallic": ("Cu3Sn", "Cu6Sn5", "Ni3Sn4"),
    "glass": ("Glass_AF32", "Glass_Borofloat33", "Glass_EagleXG"),
    "dielectric": ("BEOL", "SiN", "SiO2"),
    "semiconductor": ("Si",),
    "laminate": ("BT_core", "FR4", "Laminate_IsolaHR370", "Laminate_IsolaP95", "Laminate_RO4350B"),
    "auxiliary": ("Flux", "TIM", "Water"),
}
# (step, option) -> classes that fit; options with several films ("Ti/Cu") are looked at film by film
_FITS: dict[tuple[str, str], tuple[str, ...]] = {
    ("backside_coat", "material"): ("polymer",),
    ("ball_drop", "material"): ("solder",),
    ("bond", "material"): ("glass", "semiconductor"),
    ("coat", "material"): ("polymer",),
    ("conformal_film", "material"): ("polymer", "dielectric"),
    ("evaporate", "material"): ("metal", "solder"),
    ("incoming_wafer", "device_material"): ("dielectric", "polymer"),
    ("incoming_wafer", "pad_material"): ("metal",),
    ("incoming_wafer", "passivation_material"): ("dielectric", "polymer"),
    ("incoming_wafer", "silicon"): ("semiconductor",),
    ("mold", "material"): ("polymer",),
    ("screen_print", "material"): ("solder",),
    ("solder_mask", "material"): ("polymer",),
    ("sputter", "material"): ("metal", "solder"),
}


def class_of(name: str) -> str:
    """Return the class of a material of the library (or of an alias); empty for what the library does not have.

    >>> class_of("SAC305"), class_of("polyimide"), class_of("Unobtainium")
    ('solder', 'polymer', '')
    """
    try:
        known = material(name).name
    except InputError:
        return ""
    return next((kind for kind, names in CLASSES.items() if known in names), "")


def misfits(step: Any, key: str) -> list[Problem]:
    """Return a problem for every material of a step that is of a class it can't work with; `key` names the step."""
    problems = []
    for (kind, option), classes in _FITS.items():
        if kind != step.name:
            continue
        given = str(getattr(step, option))
        wrong = [part for part in given.split("/") if class_of(part) not in ("", *classes)]
        if wrong:
            wanted = " or ".join(classes)
            what = f"{wrong[0]} is no {wanted} but a {class_of(wrong[0])}: {step.title} can't work with it"
            fitting = ", ".join(name for one in classes for name in CLASSES[one] if name != "Resist")
            remedy = f"a {wanted}, as {fitting}"
            problems.append(
                Problem("flow.misfit", what, key=f"{key}.{option}", value=given, limit=wanted, remedy=remedy)
            )
    return problems
