"""A plate on the face away from the board: base plate, lid or heat sink, on a layer that joins it to the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.materials.library import material
from chipscale.physics.thermal.substances import Substance

Array = npt.NDArray[np.float64]
TIM = "TIM"
_TIM_c_J_m3K = 4.0e6  # HotSpot's example, as the library's conductivity of TIM


@dataclass(frozen=True, slots=True)
class BasePlate:
    """A plate over the middle of the package, `size_um` along x and y, and `t_um` thick; `tim_m2K_W` is the resistance
    of what joins it; `area_ratio` what its fins have of surface over the plate's own (1: a bare plate)."""

    size_um: tuple[float, float]
    t_um: float
    tim_m2K_W: float
    area_ratio: float = 1.0
    material: str = "Cu"

    @property
    def tim_um(self) -> float:
        """Return how thick a layer of the library's TIM has this resistance."""
        return 1e6 * self.tim_m2K_W * material(TIM).number("k_W_mK")

    def faces_um(self, z_low_um: float) -> list[float]:
        """Return the heights of the plate's outer and inner face below the package's lowest face."""
        return [z_low_um - self.tim_um - self.t_um, z_low_um - self.tim_um]


def tim() -> Substance:
    """Return the layer between package and plate as a substance; its sideways conduction counts for nothing."""
    found = material(TIM)
    k = found.number("k_W_mK")
    return Substance(TIM, (k, k, k), _TIM_c_J_m3K, (), ("k_W_mK",) if found.value("k_W_mK").assumed else ())


def lay(
    plate: BasePlate,
    cells: tuple[Array, Array, npt.NDArray[np.int16], npt.NDArray[np.bool_]],
    grid_um: tuple[Array, Array, Array],
    package: tuple[slice, slice],
    known: Mapping[str, Substance],
    z_um: tuple[float, float | None],
) -> int:
    """Fill the cells (k, c, leads, solid) of plate and joint, and return how many layers of cells they take.

    `grid_um` are the lines x, y, z; `package` its slices (y, x); `z_um` the package's lowest face and the board's
    surface: what lies between plate and board beside the package is air at rest (None: no board, nothing).
    """
    k, c, leads, solid = cells
    x, y, z = ((edges[:-1] + edges[1:]) / 2 for edges in grid_um)
    middle = [(edges[part.start] + edges[part.stop]) / 2 for edges, part in zip(grid_um[1::-1], package, strict=True)]
    over = np.outer(np.abs(y - middle[0]) < plate.size_um[1] / 2, np.abs(x - middle[1]) < plate.size_um[0] / 2)
    under = np.zeros_like(over)
    under[package] = True
    over |= under
    names = sorted(known)
    low = z_um[0] - plate.tim_um
    layers = int(np.searchsorted(z, z_um[0]))
    last = layers if z_um[1] is None else int(np.searchsorted(z, z_um[1]))

    def put(layer: int, where: Any, name: str) -> None:
        k[:, layer][:, where] = np.array(known[name].k_W_mK)[:, None]
        c[layer][where], leads[layer][where], solid[layer][where] = known[name].c_J_m3K, names.index(name), True

    for layer in range(last):
        if layer >= layers:
            put(layer, over & ~under, "air")
        elif z[layer] < low:
            put(layer, over, plate.material)
        else:
            put(layer, under, TIM)
            if z_um[1] is not None:
                put(layer, over & ~under, "air")
    return layers
