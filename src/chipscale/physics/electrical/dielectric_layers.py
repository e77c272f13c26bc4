"""The flat dielectric layers over a package's silicon, as the capacitance of its metal sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.materials.types import Material
from chipscale.solvers.layered_images import Space
from chipscale.stack.types import Body, Slab, Stack
from chipscale.stack.volume import region_at

GROUND = "DIE"
UNDER_PADS_UM = 4.0  # of the die's own wiring layers between its pads and its ground (assumed)
EPS0_F_um = 8.8541878128e-18
_MIXED_RATIO = 0.1  # of the die's area: so much of another dielectric in a layer is told


@dataclass(frozen=True, slots=True)
class Layer:
    """One dielectric between two heights; the highest has no end."""

    material: str
    low_um: float
    high_um: float | None
    eps_ratio: float


@dataclass(frozen=True, slots=True)
class Dielectrics:
    """Layers bottom to top over the ground plane at `ground_um`, and in which of them something else takes a part."""

    ground_um: float
    layers: tuple[Layer, ...]
    mixed: tuple[str, ...] = ()

    @property
    def faces_um(self) -> tuple[float, ...]:
        """Return the heights between layers of different permittivity."""
        return tuple(b.low_um for a, b in pairwise(self.layers) if a.eps_ratio != b.eps_ratio)

    def eps_below(self, z_um: float) -> float:
        """Return the permittivity of one dielectric in place of all between the ground and a height."""
        parts = [
            (min(z_um if item.high_um is None else item.high_um, z_um) - item.low_um, item.eps_ratio)
            for item in self.layers
            if item.low_um < z_um - 1e-6
        ]
        return (z_um - self.ground_um) / sum(thick / eps for thick, eps in parts)

    def space(self, board_um: float | None = None) -> Space:
        """Return what the solver needs, in m; with a board's ground plane at a height."""
        kept = [self.layers[0], *(b for a, b in pairwise(self.layers) if a.eps_ratio != b.eps_ratio)]
        faces = tuple(z * 1e-6 for z in self.faces_um)
        lid = None if board_um is None else board_um * 1e-6
        return Space(tuple(layer.eps_ratio for layer in kept), faces, self.ground_um * 1e-6, lid)


def is_metal(body: Body, materials: Mapping[str, Material]) -> bool:
    """Tell whether a body conducts: its material has no permittivity, or a resistivity."""
    found = materials[body.material]
    return found.has("resistivity_nohm_m") or not found.has("permittivity_ratio")


def eps_ratio(name: str, materials: Mapping[str, Material] | None = None) -> float:
    """Return a dielectric's relative permittivity; "air" is 1. InputError when the material has none."""
    if name == "air":
        return 1.0
    found = (materials or {}).get(name) or material(name)
    return found.number("permittivity_ratio")


def eps_above(above: str, materials: Mapping[str, Material] | None = None) -> float:
    """Return the permittivity of what is above the package; InputError that names the option `above`."""
    try:
        return eps_ratio(above, materials)
    except InputError as error:
        raise InputError([replace(item, key="above", value=above) for item in error.problems]) from error


def dielectrics(stack: Stack, materials: Mapping[str, Material], above: str, under_pads_um: float) -> Dielectrics:
    """Return the layers from the silicon's upper face to the highest dielectric, and `above` from there on.

    Where metal stands directly on the silicon's face in the stack (pads of a die seen from its active side), the
    die's own wiring layers are `under_pads_um` of BEOL below it (assumed), and the ground is their lower face.
    A layer is of the dielectric that covers most of the die at its heights. Raises InputError without silicon.
    """
    silicon = [body for body in stack.on(GROUND) if isinstance(body, Slab)]
    if not silicon:
        what = "the stack has no silicon that could be the ground of the capacitances"
        raise InputError([Problem("electrical.no_ground", what)])
    face = max(body.z_um + body.h_um for body in silicon)
    films = [body for body in stack.bodies if isinstance(body, Slab) and body.z_um + body.h_um > face + 1e-6]
    on_face = any(abs(body.z_um - face) < 1e-3 and is_metal(body, materials) for body in films)
    insulators = [body for body in films if not is_metal(body, materials)]
    levels = sorted({z for body in insulators for z in (max(body.z_um, face), body.z_um + body.h_um)} | {face})
    found: list[Layer] = []
    mixed: list[str] = []
    if on_face:
        found.append(Layer("BEOL", face - under_pads_um, face, eps_ratio("BEOL", materials)))
    area = stack.size_x_um * stack.size_y_um
    for low, high in pairwise(levels):
        cut = _areas(insulators, (low + high) / 2)
        if not cut:
            continue
        name = max(sorted(cut), key=lambda key: cut[key])
        mixed += [f"{other} in {name}" for other in sorted(cut) if other != name and cut[other] > _MIXED_RATIO * area]
        eps = eps_ratio(name, materials)
        if found and found[-1].material == name and found[-1].high_um == low:
            found[-1] = Layer(name, found[-1].low_um, high, eps)
        else:
            found.append(Layer(name, low, high, eps))
    top = found[-1].high_um if found else face
    layers = (*found, Layer(above, float(top or face), None, eps_above(above, materials)))
    return Dielectrics(layers[0].low_um, layers, tuple(mixed))


def _areas(bodies: Sequence[Slab], z_um: float) -> dict[str, float]:
    """Return the area in µm² of each dielectric at a height."""
    found: dict[str, float] = {}
    for body in bodies:
        if body.z_um < z_um < body.z_um + body.h_um:
            found[body.material] = found.get(body.material, 0.0) + float(region_at(body, z_um).area)
    return found
