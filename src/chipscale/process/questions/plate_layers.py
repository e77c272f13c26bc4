"""The workpiece as a layered plate: which of its bodies stretch and bend with the wafer, how much they cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chipscale.errors import InputError
from chipscale.materials.library import material
from chipscale.process.models.plate_bow import PlateLayer
from chipscale.process.work import Residual, Work
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import volume_um3

UNSTRESSED = frozenset({"DIE"})  # the layer that counts as free of stress: stresses are given against it


class Elastic(NamedTuple):
    """What the library says of a material at room temperature; stress None where it gives no film stress."""

    E_GPa: float
    nu_ratio: float
    stress_MPa: float | None
    stress_source: str = ""


class Held(NamedTuple):
    """The stress the films of one layer and material hold (tension positive), and who says so."""

    layer: str
    material: str
    stress_MPa: float
    source: str

    @property
    def assumed(self) -> bool:
        """True when no publication, no computation and no recipe stands behind the number."""
        return "assumed" in self.source


@dataclass(frozen=True, slots=True)
class Plate:
    """The layers of the plate and what had to be left out or taken as free of stress."""

    layers: tuple[PlateLayer, ...]
    silicon_um: float
    unknown_stress: tuple[str, ...] = ()  # layers nobody gave a stress for: counted without
    unknown_elastic: tuple[str, ...] = ()  # materials without modulus: their bodies are left out
    held: tuple[Held, ...] = ()


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
        layers, strange, unstressed, known = [], set(), set(), set()
        for (layer, name, z_um, h_um), cover in sorted(thickness.items()):
            elastic = self._of(name)
            if elastic is None:
                strange.add(name)
                continue
            held = _held(layer, name, elastic, work.residual)
            if held is not None:
                known.add(held)
            elif layer not in UNSTRESSED:
                unstressed.add(layer)
            stress_MPa = held.stress_MPa if held else 0.0
            layers.append(PlateLayer(z_um, h_um, elastic.E_GPa, elastic.nu_ratio, stress_MPa, cover))
        said = tuple(sorted(unstressed)), tuple(sorted(strange)), tuple(sorted(known))
        return Plate(tuple(layers), silicon_um(work), *said)

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
    modulus = found.number("E_GPa"), found.number("nu_ratio")
    if not found.has("film_stress_MPa"):
        return Elastic(*modulus, None)
    stress = found.value("film_stress_MPa")
    return Elastic(*modulus, stress.at(), "assumed" if stress.assumed else stress.source)


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


def _held(layer: str, name: str, elastic: Elastic, residual: Mapping[str, Residual]) -> Held | None:
    """Return what films hold: by the step that made them, else by the material; None where nobody says."""
    for key in (f"{layer} {name}", layer):
        if key in residual:
            return Held(layer, name, residual[key].stress_MPa, residual[key].source)
    if layer in UNSTRESSED or elastic.stress_MPa is None:
        return None
    return Held(layer, name, elastic.stress_MPa, f"film stress of {name}: {elastic.stress_source}")
