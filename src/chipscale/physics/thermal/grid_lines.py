"""The grid lines of a scene: through faces that matter upright, along ball lands' traces and about the package."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.fan_out import trace_width_um
from chipscale.physics.thermal.grid import lines, merged
from chipscale.physics.thermal.mounted import BALL
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]
LEAST_UM = 0.15  # faces closer than this are one
_RING_MM = 5.0  # JESD51-8: the ring that takes the heat begins 5 mm from the package
_PROBE_MM = 1.0  # JESD51-8: the board's temperature is taken within 1 mm of the package's edge


class Fineness(NamedTuple):
    """Cells per pitch over the die, how much wider cells get per distance from it, how thick the layer of cells at the
    active face is, and the thickest and widest cells in µm."""

    per_pitch: float = 8.0
    growth: float = 0.25
    first_um: float = 5.0
    thickest_um: float = 150.0
    widest_um: float = 4000.0


def z_lines(bodies: tuple[Body, ...], board_faces: list[float], fine: Fineness, z_top: float) -> Array:
    """Return the upright lines in µm: at all faces of bodies below `z_top`, fine about the films of the active face."""
    faces = [z for body in bodies for z in z_range_um(body) if z <= z_top + LEAST_UM] + board_faces
    kept = merged([round(z, 6) for z in faces], LEAST_UM)
    films = [body for body in bodies if body.layer not in ("DIE", "BOARD", "BACKSIDE", BALL)]
    high = max((z_range_um(body)[1] for body in films if isinstance(body, Slab)), default=0.0)
    return lines(kept, (min(0.0, high), max(0.0, high)), fine.first_um, fine.growth, fine.thickest_um)


def lateral_lines(
    package: Package, size: tuple[float, float], board: Board | None, fine: Fineness, cooling: Cooling
) -> tuple[Array, Array]:
    """Return the lines along x and y in µm: at the package's edges, both edges of the board's traces at every ball,
    and where planes, traces, ring and probe end."""
    cell = package.min_ball_distance_um / fine.per_pitch
    found = []
    for axis, side in enumerate(size):
        stops = [0.0, side]
        plates = {r for r in cooling.reach_um(axis) if r > side / 2 + 20.0}
        stops += [side / 2 + way * r for r in plates for way in (-1, 1)]
        if board is not None:
            reach = _reach_um(board, axis, side)
            stops += [side / 2 + way * r for r in reach for way in (-1, 1)]
            stops += _trace_edges(package, board, axis, cell / 2)
        found.append(lines(merged(stops, 20.0), (0.0, side), cell, fine.growth, fine.widest_um))
    return found[0], found[1]


def _reach_um(board: Board, axis: int, side: float) -> set[float]:
    """Return how far what ends beside the package reaches from its middle."""
    half = 500.0 * board.size_mm[axis]
    planes = {500.0 * layer.side_mm for layer in board.layers if layer.side_mm}
    reach = {half, *planes, *(side / 2 + 1e3 * off_mm for off_mm in (board.fan_out_mm, _RING_MM, _PROBE_MM))}
    return {r for r in reach if side / 2 < r <= half}


def _trace_edges(package: Package, board: Board, axis: int, least: float) -> list[float]:
    """Return both edges of a trace through each ball's middle along an axis, those nearer than `least` to another or to
    the package's edges left out: of irregular balls some have lines."""
    half = trace_width_um(package, board, package.terminal.ubm_d_um) / 2
    side = package.package_size_um[axis]
    found: list[float] = []
    for middle in sorted({round((ball.x_um, ball.y_um)[axis], 3) for ball in package.balls}):
        for edge in (middle - half, middle + half):
            last = found[-1] if found else 0.0
            if edge - last >= least and side - edge >= least:
                found.append(edge)
    return found


def within(edges: Array, side: float) -> slice:
    """Return the cells from 0 to `side`."""
    first, last = np.searchsorted(edges, [-1e-6, side - 1e-6])
    return slice(int(first), int(last))
