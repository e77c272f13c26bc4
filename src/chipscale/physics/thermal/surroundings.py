"""What a package on a test board stands in: still or moving air, a cold ring about it, a cold plate on its back."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.air_films import forced_W_m2K, natural_W_m2K, radiation_W_m2K
from chipscale.physics.thermal.base_plate import BasePlate
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.scene import Scene
from chipscale.physics.thermal.steady_field import Field, Film

Array = npt.NDArray[np.float64]
Held = tuple[npt.NDArray[np.int64], Array, float]
RING_MM = 5.0  # JESD51-8: the ring's inner edge is 5 mm or more off the package
PROBE_MM = 1.0  # JESD51-8: the board's temperature is taken within 1 mm of the package's edge
_GRIP_W_m2K = 1e5  # of the ring and the cold plate on what they hold (assumed: greased metal)


def air(
    board: Board, t_room_C: float, speed_m_s: float, emissivity_ratio: float, plate: BasePlate | None = None
) -> dict[str, Film]:
    """Return the films of a level board in a room (JESD51-2, still air) or a wind tunnel (JESD51-6).

    The package is far smaller than the board and lies in the board's warm air, so its back has the board's film. A
    base plate stands up from it and has a film of its own size, in air at the room's temperature; fins add surface.
    """

    def film(t_C: float, size_m: tuple[float, float], up: bool, area_ratio: float) -> float:
        width, length = size_m
        moving = forced_W_m2K(t_C, t_room_C, width, speed_m_s) if speed_m_s > 0 else 0.0
        still = natural_W_m2K(t_C, t_room_C, width * length / (2 * (width + length)), up)
        return area_ratio * (max(moving, still) + radiation_W_m2K(t_C, t_room_C, emissivity_ratio))

    def of(size_m: tuple[float, float], up: bool, area_ratio: float = 1.0) -> Film:
        return Film(partial(film, size_m=size_m, up=up, area_ratio=area_ratio), t_room_C)

    whole = (1e-3 * board.size_mm[0], 1e-3 * board.size_mm[1])
    top, back = of(whole, True), of(whole, False)
    found = {"case": top, "package sides": top, "board top": top, "board edges": top, "board back": back}
    if plate is not None:
        size_m = (1e-6 * plate.size_um[0], 1e-6 * plate.size_um[1])
        found |= {"plate": of(size_m, True, plate.area_ratio), "plate sides": of(size_m, True)}
    return found


def off_package_m(found: Scene) -> Array:
    """Return how far (ny, nx) each column of cells lies outside the package's outline, 0 under it."""
    x, y = ((edges[:-1] + edges[1:]) / 2 for edges in found.lines_m[:2])
    rows, columns = found.package
    low_y, high_y = found.lines_m[1][rows.start], found.lines_m[1][rows.stop]
    low_x, high_x = found.lines_m[0][columns.start], found.lines_m[0][columns.stop]
    off_x = np.maximum(np.maximum(low_x - x, x - high_x), 0.0)
    off_y = np.maximum(np.maximum(low_y - y, y - high_y), 0.0)
    return np.maximum(off_x[None, :], off_y[:, None])


def cold_ring(found: Scene, t_C: float) -> list[Held]:
    """Return the ring of JESD51-8 that takes the heat from both faces of the board, from 5 mm off the package on."""
    dx, dy, dz = found.sides_m
    area = np.outer(dy, dx)
    ring = off_package_m(found) >= 1e-3 * RING_MM
    held: list[Held] = []
    for layer in (found.z_board, len(dz) - 1):
        at = np.ravel_multi_index((np.full(int(ring.sum()), layer), *np.nonzero(ring)), found.solid.shape)
        k = found.k_W_mK[2, layer][ring]
        held.append((at, area[ring] / (1 / _GRIP_W_m2K + dz[layer] / (2 * k)), t_C))
    return held


def cold_plate(t_C: float) -> dict[str, Film]:
    """Return a cold plate on the die's back, or on the base plate there, all else insulated (JESD51-14 calls it the
    junction-to-case test)."""
    grip = Film(lambda t: _GRIP_W_m2K, t_C)
    return {"case": grip, "plate": grip}


def board_probe(found: Scene, t_C: Array) -> float:
    """Return the board's temperature within 1 mm of the package's edge, at the middle of its longer side."""
    rows, columns = found.package
    x, y = found.lines_m[:2]
    wide = x[columns.stop] - x[columns.start] >= y[rows.stop] - y[rows.start]
    off = 1e-3 * PROBE_MM
    if wide:
        at = (float((x[columns.start] + x[columns.stop]) / 2), float(y[rows.stop]) + off / 2)
    else:
        at = (float(x[columns.stop]) + off / 2, float((y[rows.start] + y[rows.stop]) / 2))
    return _at_point(found, t_C[found.z_board], at)


def case_centre(found: Scene, t_C: Array, h_W_m2K: float = 0.0, t_room_C: float = 0.0) -> float:
    """Return the temperature of the middle of the face that looks away from the board (of a base plate).

    That is the surface's: under a film `h_W_m2K` the outermost cells are warmer, by what their outer halves hold up.
    """
    rows, columns = found.package
    x, y = found.lines_m[:2]
    at = (float(x[columns.start] + x[columns.stop]) / 2, float(y[rows.start] + y[rows.stop]) / 2)
    half_m2K_W = found.sides_m[2][0] / 2 / found.k_W_mK[2, 0]
    return _at_point(found, t_room_C + (t_C[0] - t_room_C) / (1.0 + h_W_m2K * half_m2K_W), at)


def case_of(found: Scene, field: Field, t_room_C: float) -> float:
    """Return `case_centre` of an answer, under the film it was found with."""
    name = "plate" if found.plate else "case"
    return case_centre(found, field.t_C, field.h_W_m2K.get(name, 0.0), t_room_C)


def _at_point(found: Scene, layer_C: Array, at: tuple[float, float]) -> float:
    """Return the temperature of a layer (ny, nx) at x, y in m, straight between the middles of its cells."""
    parts = []
    for edges, value in zip(found.lines_m, at, strict=False):
        middles = (edges[:-1] + edges[1:]) / 2
        low = int(np.clip(np.searchsorted(middles, value) - 1, 0, len(middles) - 2))
        share = (value - middles[low]) / (middles[low + 1] - middles[low])
        parts.append((low, float(np.clip(share, 0.0, 1.0))))
    (i, u), (j, v) = parts
    low_C, high_C = (layer_C[row, i] * (1 - u) + layer_C[row, i + 1] * u for row in (j, j + 1))
    return float(low_C * (1 - v) + high_C * v)
