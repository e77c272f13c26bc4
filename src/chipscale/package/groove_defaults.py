"""The grooves of an image sensor from its block of the file; what it leaves open is usual practice and says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.package.grooves import along_um, lean_um, span_um
from chipscale.package.types import Assumption, Grooves, Pad
from chipscale.spec.sensor import Sensor

SILICON_UM = (130.0, "assumed: usual practice for sensors thinned for grooves, 80 to 150 µm")
NICKEL_UM = (3.0, "assumed: usual practice, 3 to 5 µm of electroless nickel under the ball")
RDL_UM = (4.0, "assumed: usual practice on sensors, 1.5 to 8 µm")
_USUAL: dict[str, tuple[float, str, str]] = {
    "glass_um": (400.0, "glass cover", "assumed: usual practice, 300 to 500 µm"),
    "wall_um": (40.0, "height of the cavity wall", "assumed: usual practice, 20 to 60 µm"),
    "device_um": (10.0, "device layer", "assumed"),
    "first_wall_deg": (65.0, "wall of the first groove", "assumed: usual practice for tapered grooves, 55 to 80°"),
    "insulation_um": (10.0, "insulating layer", "assumed: usual practice for polymer or oxide, 2 to 25 µm"),
    "second_wall_deg": (75.0, "wall of the second groove", "assumed: a bevelled blade"),
    "mask_um": (25.0, "solder mask", "assumed: usual practice, 15 to 40 µm"),
}
_MATERIALS = {
    "glass": ("Glass_EagleXG", "glass_material"),
    "wall": ("SU8", "wall_material"),
    "device": ("BEOL", "device_material"),
    "insulation": ("PI", "insulation_material"),
    "mask": ("SolderMask", "mask_material"),
}
_BEYOND_PADS_UM = 10.0  # level floor of the first groove beyond the pads; assumed
_WALL_BEYOND_UM = 150.0  # cavity wall beyond the pads; assumed
_TO_AREA_UM = 50.0  # cavity wall to the sensing area; assumed
_CONTACT_RATIO = 0.6  # of the pad's shorter side; assumed
_STEP_UM = 5.0  # values worked out are rounded to this


def grooves_of(
    block: Sensor, pads: Sequence[Pad], die_um: tuple[float, float], silicon_um: float
) -> tuple[Grooves, tuple[Assumption, ...]]:
    """Return the grooves and what was assumed; `pads` as they lie seen from the back.

    Only pads with a net count: their sides have grooves. What the file gives is taken as it is, right or wrong.
    """
    wanted = [pad for pad in pads if pad.net is not None] or list(pads)
    use = _Values(block)
    values: dict[str, Any] = {name: use.get(name, *usual) for name, usual in _USUAL.items()}
    spans = [span_um(pad, die_um) for pad in wanted]
    smallest = min(
        (min(along_um(pad), high - low) for pad, (low, high) in zip(wanted, spans, strict=True)), default=60.0
    )
    spans = spans or [(0.0, 100.0)]
    begin, end = max(low for low, _ in spans), min(high for _, high in spans)
    area = (die_um[0] - block.area_um[2], block.area_um[1], die_um[0] - block.area_um[0], block.area_um[3])
    lean = lean_um(silicon_um, values["first_wall_deg"])
    corner = values["insulation_um"] * math.tan(math.radians(values["first_wall_deg"]) / 2)
    first = _up(max(high for _, high in spans) + _BEYOND_PADS_UM + corner + lean)
    values["first_width_um"] = use.get("first_width_um", first, "width of the first groove", "assumed: bares the pads")
    why = "assumed: cuts the pads in their middle"
    values["second_width_um"] = use.get("second_width_um", _near((begin + end) / 2), "width of the second groove", why)
    why = "assumed: into the cavity wall only; the first blade of US 9,305,961 B2, claim 1, stays clear of the glass"
    values["second_depth_um"] = use.get(
        "second_depth_um", values["wall_um"] / 2, "second groove below device layer", why
    )
    to_area = min(area[0], area[1], die_um[0] - area[2], die_um[1] - area[3])
    wall = min(max(high for _, high in spans) + _WALL_BEYOND_UM, to_area - _TO_AREA_UM)
    why = f"assumed: {_WALL_BEYOND_UM:g} µm beyond the pads, at least {_TO_AREA_UM:g} µm from the sensing area"
    values["wall_width_um"] = use.get("wall_width_um", _near(wall), "width of the cavity wall", why)
    why = "assumed: 60 % of the pad"
    contact = use.get(
        "contact_d_um", round(_CONTACT_RATIO * smallest), "opening of the insulation", why, not block.second
    )
    sides = tuple(side for side in ("left", "right", "bottom", "top") if any(pad.side == side for pad in wanted))
    materials = {key: _library_name(getattr(block, name) or usual) for key, (usual, name) in _MATERIALS.items()}
    taken = [f"{usual} for the {key}" for key, (usual, name) in _MATERIALS.items() if getattr(block, name) is None]
    if taken:
        use.assumptions.append(Assumption("materials of the sensor package", ", ".join(taken), "assumed: usual choice"))
    made = Grooves(
        sides=sides,
        second=block.second,
        contact_d_um=contact,
        mask_fill=block.mask_fill,
        sensing=area,
        materials=materials,
        **values,
    )
    return made, tuple(use.assumptions)


class _Values:
    """Values of the block with a fallback; every fallback used is recorded as an assumption."""

    def __init__(self, block: Sensor) -> None:
        self.block = block
        self.assumptions: list[Assumption] = []

    def get(self, name: str, usual: float, what: str, why: str, told: bool = True) -> float:
        given: float | None = getattr(self.block, name)
        if given is not None:
            return given
        second_only = name.startswith("second_") and not self.block.second
        if told and not second_only:
            unit = "°" if name.endswith("_deg") else " µm"
            self.assumptions.append(Assumption(what, f"{usual:g}{unit}", why))
        return usual


def _library_name(name: str) -> str:
    try:
        return material(name).name
    except InputError:
        return name


def _up(value_um: float) -> float:
    return math.ceil(value_um / _STEP_UM - 1e-9) * _STEP_UM


def _near(value_um: float) -> float:
    return max(_STEP_UM, round(value_um / _STEP_UM) * _STEP_UM)
