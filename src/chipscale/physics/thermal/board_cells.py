"""What a test board puts under and beside a package: copper bodies, and cells of laminate, planes and traces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.package.types import Package
from chipscale.physics.thermal.boards import Board, BoardLayer
from chipscale.physics.thermal.fan_out import to_plane, top_copper, trace_share, trace_width_um, ways_out
from chipscale.physics.thermal.substances import Substance
from chipscale.stack.types import Body, Slab

Array = npt.NDArray[np.float64]
Cells = tuple[Array, Array, npt.NDArray[np.int16], npt.NDArray[np.bool_]]
COPPER = "Cu_foil"
_LEADS = 0.02  # share of copper from which a cell's conductivity follows the copper's
_JOINED_MM = 1.0  # beside the package traces still run one by one: each gives its heat to this width of the even copper


def copper_layers(board: Board | None) -> tuple[BoardLayer, ...]:
    """Return the layers that are there: those etched away left out."""
    return () if board is None else tuple(layer for layer in board.layers if layer.copper != "none")


def board_faces(board: Board | None, z_land: float) -> list[float]:
    """Return the heights of all faces in µm, from the lands' on."""
    faces, z = [z_land], z_land
    for layer in copper_layers(board):
        z += layer.t_um
        faces.append(z)
    return faces


def board_bodies(package: Package, board: Board | None, z_land: float, land_d_um: float) -> tuple[list[Body], Any]:
    """Return the copper under the balls, lands and vias, and what else is in the board at a height."""
    if board is None:
        return [], lambda z: "air"
    faces = board_faces(board, z_land)
    layers = copper_layers(board)
    ways = ways_out(package, board, land_d_um)
    top = top_copper(package, ways, land_d_um)
    extra: list[Body] = [Slab("lands and traces", "BOARD", COPPER, z_land, layers[0].t_um, top, top)]
    drill = min(board.via_drill_um, land_d_um)  # a hole in a land is no wider than it
    barrel = math.sqrt(max(drill**2 - max(drill - 2 * board.via_plating_um, 0.0) ** 2, 0.0))
    plane = next((k for k, layer in enumerate(layers) if layer.copper == "plane"), 0)
    tied = to_plane(package, board) if plane else frozenset()
    for ball in package.balls:
        if ball.name in tied:
            spot = shapely.Point(ball.x_um, ball.y_um)
            extra.append(_disc(f"via {ball.name}", spot, barrel, faces[1], faces[plane] - faces[1]))

    def between(z: float) -> str:
        layer = layers[min(max(int(np.searchsorted(faces, z)) - 1, 0), len(layers) - 1)]
        return COPPER if layer.copper == "plane" else board.laminate

    return extra, between


def _disc(name: str, spot: Any, d_um: float, z_um: float, h_um: float) -> Slab:
    region = spot.buffer(d_um / 2, quad_segs=16)
    return Slab(name, "BOARD", COPPER, z_um, h_um, region, region)


def spread(
    cells: Cells,
    grid_um: tuple[Array, Array, Array],
    package: Package,
    board: Board,
    known: Mapping[str, Substance],
    land_um: tuple[float, float],
) -> None:
    """Fill the board's cells beside the package: laminate, planes, and traces that run outwards.

    `cells` are k (3, nz, ny, nx), c, the leading substance by its place among sorted names, and what is solid;
    `land_um` the lands' height and diameter.
    """
    k, c, leads, solid = cells
    names = sorted(known)
    x, y, z = ((edges[:-1] + edges[1:]) / 2 for edges in grid_um)
    sx, sy = package.package_size_um
    off_x = np.maximum(np.abs(x - sx / 2) - sx / 2, 0.0)[None, :] + np.zeros((len(y), 1))
    off_y = np.maximum(np.abs(y - sy / 2) - sy / 2, 0.0)[:, None] + np.zeros((1, len(x)))
    beside = (off_x > 0) | (off_y > 0)
    from_middle = np.maximum(np.abs(x - sx / 2)[None, :], np.abs(y - sy / 2)[:, None])
    faces = np.array(board_faces(board, land_um[0]))
    copper, laminate = known[COPPER], known[board.laminate]
    for layer in np.flatnonzero(z > land_um[0]):
        plan = copper_layers(board)[min(max(int(np.searchsorted(faces, z[layer])) - 1, 0), len(faces) - 2)]
        share = np.zeros(beside.shape)
        if plan.copper == "plane":
            share[from_middle < plan.side_mm * 500.0] = 1.0
        elif plan.copper == "traces":
            share = _trace_share(package, board, land_um[1], np.maximum(off_x, off_y))
        solid[layer] = True
        even = _of_traces if plan.copper == "traces" else _of_planes
        k[:, layer][:, beside] = even(share, off_x, off_y, copper, laminate)[:, beside]
        c[layer][beside] = (share * copper.c_J_m3K + (1 - share) * laminate.c_J_m3K)[beside]
        leads[layer][beside] = np.where(share > _LEADS, names.index(COPPER), names.index(board.laminate))[beside]


def _trace_share(package: Package, board: Board, land_d_um: float, off_um: Array) -> Array:
    count, width_um = len(ways_out(package, board, land_d_um)), trace_width_um(package, board, land_d_um)
    return np.where(off_um < 1e3 * board.fan_out_mm, trace_share(package, count, width_um, off_um), 0.0)


def _of_planes(share: Array, off_x: Array, off_y: Array, copper: Substance, laminate: Substance) -> Array:
    """Return the conductivity (3, ny, nx) where there is either copper or none."""
    k = np.array([copper.k_W_mK, laminate.k_W_mK])
    return np.moveaxis(k[np.where(share > 0, 0, 1)], -1, 0)


def _of_traces(share: Array, off_x: Array, off_y: Array, copper: Substance, laminate: Substance) -> Array:
    """Return the conductivity (3, ny, nx) of traces that run outwards, spread evenly.

    Across them the laminate conducts, but for the first mm: there each trace, which under the package lies where it
    does, gives its heat to the copper about it. In truth the traces run on; without it they would end at copper that
    is spread out and leads nothing sideways, the worse the finer the cells.
    """
    along = share * copper.k_W_mK[0] + (1 - share) * laminate.k_W_mK[2]
    across = np.where(np.maximum(off_x, off_y) < 1e3 * _JOINED_MM, along, laminate.k_W_mK[2] / (1 - share))
    outwards_x = off_x > off_y
    return np.array([np.where(outwards_x, along, across), np.where(outwards_x, across, along), along])
