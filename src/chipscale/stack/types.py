"""The Stack: ordered bodies in space, each a slab of 2D regions or a solid of revolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slab:
    """A body between two heights whose outline is `bottom` at z_um and `top` at z_um + h_um.

    Both are shapely (Multi)Polygons in µm of the die view; `top is bottom` for a straight wall. Circles stay
    polygons of 64 sides around the drawn disc, as on the masks.
    """

    name: str
    layer: str
    material: str
    z_um: float
    h_um: float
    bottom: Any
    top: Any
    net: str | None = None
    part: str = ""  # "plug": metal of its layer inside an opening of the dielectric below


@dataclass(frozen=True, slots=True)
class Spheroid:
    """An ellipsoid of revolution with a vertical axis: half its width, half its height, height of its centre."""

    semi_r_um: float
    semi_z_um: float
    z_um: float


@dataclass(frozen=True, slots=True)
class Revolved:
    """A solid of revolution about the vertical axis at (x, y), cut flat at its lowest and highest point.

    `profile` (n, 2) holds (r_um, z_um) from bottom to top, r >= 0. With `spheroid` the true outline is that
    ellipsoid between the profile's ends and the profile's points are samples on it.
    """

    name: str
    layer: str
    material: str
    x_um: float
    y_um: float
    profile: Points
    net: str | None = None
    part: str = ""
    spheroid: Spheroid | None = None


Body = Slab | Revolved


@dataclass(frozen=True, slots=True)
class Stack:
    """All bodies of one package, back of the die to balls; z = 0 is the active face of the silicon.

    z grows from the active face towards the balls, so the picture is the die view from above.
    """

    name: str
    size_x_um: float
    size_y_um: float
    bodies: tuple[Body, ...]
    step_log: tuple[str, ...] = ()  # names of the flow's steps that made it, in order

    def extent_z_um(self) -> tuple[float, float]:
        """Return (lowest, highest) z in µm."""
        lows, highs = [], []
        for body in self.bodies:
            if isinstance(body, Slab):
                lows.append(body.z_um)
                highs.append(body.z_um + body.h_um)
            else:
                lows.append(float(np.min(body.profile[:, 1])))
                highs.append(float(np.max(body.profile[:, 1])))
        return min(lows), max(highs)

    def body(self, name: str) -> Body:
        """Return the body called `name`; KeyError when there is none."""
        for body in self.bodies:
            if body.name == name:
                return body
        raise KeyError(name)

    def on(self, layer: str) -> tuple[Body, ...]:
        """Return the bodies of one layer, in order."""
        return tuple(body for body in self.bodies if body.layer == layer)
