"""The workpiece between two steps: the bodies that stand, the open surface, what lies on it, how the wafer is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chipscale.process.relief.front import Front, Layer, Wall
from chipscale.stack.types import Body, Slab, Stack


@dataclass(frozen=True, slots=True)
class Coat:
    """A film that has been spun, sprayed or laminated and is not yet permanent: a resist, or a polymer before cure.

    `opened` is where the developer takes it away (a shape with walls); None until developed: it covers everything.
    Its top is level, unless it was sprayed: then it follows the relief, `wall_um` thick square to the walls.
    """

    layer: str
    material: str
    kind: Literal["resist", "polymer"]
    z_top_um: float
    thickness_um: float  # over the highest place
    mask: str = ""  # the mask it was exposed with
    exposed: Wall | None = None
    opened: Wall | None = None
    whole: Any = None  # region it covers when that is not the whole die
    wall_um: float | None = None  # of a sprayed coat: its thickness on walls

    def top_over_um(self, foot_um: float) -> float:
        """Return the height in µm of its top over a level place at `foot_um`."""
        return self.z_top_um if self.wall_um is None else foot_um + self.thickness_um


@dataclass(frozen=True, slots=True)
class Blanket:
    """A metal film over everything, not yet patterned. A seed (`is_seed`) ends as the foot of the plated metal and
    is counted in that metal's thickness; any other film is patterned by an etch."""

    layer: str
    material: str
    thickness_um: float
    wall_thickness_um: float  # on walls: less, by the step coverage
    is_seed: bool


@dataclass(frozen=True, slots=True)
class Residual:
    """The stress a step left in the films of one layer at room temperature: positive is tension."""

    layer: str
    stress_MPa: float
    source: str


@dataclass(frozen=True, slots=True)
class Silicon:
    """How the wafer itself is: its diameter, the depth of its grinding damage, its unevenness, its strength."""

    diameter_mm: float = 300.0
    damage_um: float = 0.0
    ttv_um: float = 0.0
    roughness_nm: float = 0.0
    strength_MPa: float = 0.0  # Weibull's characteristic strength; 0: not known
    weibull_modulus_ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Note:
    """What one step found out: figures by name with their unit, and warnings."""

    figures: Mapping[str, float] = dataclasses.field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """The workpiece between two steps.

    `front` is the open surface of the side that is worked on, without `coat` and `blanket`. After a flip that side
    is the back. z grows towards the side the balls will be on; see `flip`.
    """

    name: str
    size_x_um: float
    size_y_um: float
    bodies: tuple[Body, ...] = ()
    front: Front = dataclasses.field(default_factory=lambda: Front(()))
    coat: Coat | None = None
    blanket: Blanket | None = None
    residual: Mapping[str, Residual] = dataclasses.field(default_factory=dict)  # by layer, or "layer material"
    silicon: Silicon = Silicon()
    note: Note = Note()  # of the last step
    log: tuple[str, ...] = ()

    def with_bodies(self, added: Iterable[Body], front: Front | None = None) -> Work:
        """Return the workpiece with more bodies and, if given, its new front."""
        return dataclasses.replace(self, bodies=self.bodies + tuple(added), front=front or self.front)

    def but(self, **changes: Any) -> Work:
        """Return the workpiece with fields replaced."""
        return dataclasses.replace(self, **changes)

    def noted(self, *warnings: str, **figures: float) -> Work:
        """Return the workpiece with more figures (names with units) and warnings of this step."""
        note = Note({**self.note.figures, **figures}, (*self.note.warnings, *warnings))
        return dataclasses.replace(self, note=note)

    def strained(self, layer: str, stress_MPa: float, source: str, material: str = "") -> Work:
        """Return the workpiece whose films of `layer` (with `material`: those of it) hold this stress at 25 °C."""
        key = f"{layer} {material}".rstrip()
        held = {**self.residual, key: Residual(layer, stress_MPa, source)}
        return dataclasses.replace(self, residual=held)

    def stack(self) -> Stack:
        """Return what stands there now, coat and unpatterned metal included."""
        return Stack(self.name, self.size_x_um, self.size_y_um, self.bodies + self.passing(), self.log)

    def passing(self) -> tuple[Body, ...]:
        """Return the bodies of what will not stay: the unpatterned metal, then the coat on it."""
        found: list[Body] = []
        if self.blanket is not None and not self.blanket.is_seed:
            film = self.blanket
            layers, _ = self.front.covered(film.thickness_um, film.wall_thickness_um)
            found += [
                Slab(f"{film.layer}.film{k}", film.layer, film.material, part.z_um, part.h_um, part.bottom, part.top)
                for k, part in enumerate(layers, start=1)
            ]
        if self.coat is not None:
            coat = self.coat
            layers = self.coat_layers(self.front.outside(coat.opened, coat.whole))
            found += [
                Slab(f"{coat.layer}.coat{k}", coat.layer, coat.material, part.z_um, part.h_um, part.bottom, part.top)
                for k, part in enumerate(layers, start=1)
            ]
        return tuple(found)

    def coat_layers(self, shape: Wall) -> list[Layer]:
        """Return the layers of the coat as far as it lies in a shape, on the surface and the unpatterned metal.

        A sprayed coat follows the relief; its edges are drawn upright.
        """
        coat, front = self.coat, self.front
        if coat is None:
            return []
        if self.blanket is not None and not self.blanket.is_seed:
            _, front = front.covered(self.blanket.thickness_um, self.blanket.wall_thickness_um)
        if coat.wall_um is None:
            return front.filled(shape, coat.z_top_um)[0]
        return front.covered(coat.thickness_um, coat.wall_um, shape.section(shape.z_um, front.whole))[0]
