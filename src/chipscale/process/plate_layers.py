"""The workpiece as a layered plate: which of its bodies stretch and bend with the wafer, how much they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.process.plate_bow import PlateLayer
from chipscale.process.work import Residual, Work
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import volume_um3

UNSTRESSED = frozenset({"DIE"})  # the layer that counts as free of stress: stresses are given against it


class Elastic(NamedTuple):
    """What the library says of a material at room temperature; stress None where it gives no film stress."""

    E_GPa: float
    nu_ratio: float
    stress_MPa: float | None


@dataclass(frozen=True, slots=True)
class Plate:
    """The layers of the plate and what had to be left out or taken as free of stress."""

    layers: tuple[PlateLayer, ...]
    silicon_um: float
    unknown_stress: tuple[str, ...] = ()  # layers nobody gave a stress for: counted without
    unknown_elastic: tuple[str, ...] = ()  # materials without modulus: their bodies are left out


class PlateBuilder:
    """Turns workpieces of one flow into plates; each body's volume is worked out once."""

    def __init__(self) -> None:
        self._cover: dict[int, tuple[Body, float]] = {}  # the body is kept so that its id stays its own
        self._elastic: dict[str, Elastic | None] = {}

    def plate(self, work: Work) -> Plate:
        """Return the plate the workpiece is, coats and unpatterned metal left out.

        Solder, and columns higher than half their mean width, are islands that stand on the plate: what they hold
        does not reach it, and they are left out.
        """
        area_um2 = work.size_x_um * work.size_y_um
        thickness: dict[tuple[str, str, float, float], float] = {}
        for body in work.bodies:
            if isinstance(body, Slab) and (cover := self._cover_um2(body, work)) > 0:
                key = (body.layer, body.material, body.z_um, body.h_um)
                thickness[key] = thickness.get(key, 0.0) + cover / area_um2
        layers, strange, unstressed = [], set(), set()
        for (layer, name, z_um, h_um), cover in sorted(thickness.items()):
            elastic = self._of(name)
            if elastic is None:
                strange.add(name)
                continue
            stress = _stress_MPa(layer, elastic, work.residual)
            if stress is None:
                unstressed.add(layer)
            layers.append(PlateLayer(z_um, h_um, elastic.E_GPa, elastic.nu_ratio, stress or 0.0, cover))
        return Plate(tuple(layers), silicon_um(work), tuple(sorted(unstressed)), tuple(sorted(strange)))

    def _cover_um2(self, slab: Slab, work: Work) -> float:
        """Return the slab's mean area over its height; 0 for an island that stands on the plate."""
        held = self._cover.get(id(slab))
        if held is None:
            mean_um2 = volume_um3(slab) / slab.h_um
            held = (slab, 0.0 if _is_island(slab, mean_um2, work) else mean_um2)
            self._cover[id(slab)] = held
        return held[1]

    def _of(self, name: str) -> Elastic | None:
        if name not in self._elastic:
            self._elastic[name] = elastic_of(name)
        return self._elastic[name]


def elastic_of(name: str) -> Elastic | None:
    """Return modulus, Poisson's ratio and film stress of a material of the library; None where it has no modulus."""
    try:
        found = material(name)
    except InputError:
        return None
    if not (found.has("E_GPa") and found.has("nu_ratio")):
        return None
    stress = found.number("film_stress_MPa") if found.has("film_stress_MPa") else None
    return Elastic(found.number("E_GPa"), found.number("nu_ratio"), stress)


def silicon_um(work: Work) -> float:
    """Return the thickness of the silicon, 0 without any."""
    dies = [body for body in work.bodies if isinstance(body, Slab) and body.layer == "DIE"]
    if not dies:
        return 0.0
    return max(body.z_um + body.h_um for body in dies) - min(body.z_um for body in dies)


def _is_island(slab: Slab, mean_um2: float, work: Work) -> bool:
    """True for a body higher than half its mean width (2 area / perimeter) that does not go on in the next die."""
    x0, y0, x1, y1 = slab.bottom.bounds
    goes_on = (x1 - x0 > work.size_x_um - 1.0) or (y1 - y0 > work.size_y_um - 1.0)
    return not goes_on and slab.h_um * float(slab.bottom.length) > mean_um2


def _stress_MPa(layer: str, elastic: Elastic, residual: Mapping[str, Residual]) -> float | None:
    """Return what the layer's films hold: by the step that made them, else by the material; None: not known."""
    if layer in residual:
        return residual[layer].stress_MPa
    return 0.0 if layer in UNSTRESSED else elastic.stress_MPa
