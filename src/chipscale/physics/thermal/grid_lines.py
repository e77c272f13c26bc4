"""The grid lines of a scene: through faces that matter upright, about joints and about the package."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.grid import Zone, lines, merged
from chipscale.physics.thermal.mounted import BALL
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]
LEAST_UM = 0.15  # faces closer than this are one
_RING_MM = 5.0  # JESD51-8: the ring that takes the heat begins 5 mm from the package
_PROBE_MM = 1.0  # JESD51-8: the board's temperature is taken within 1 mm of the package's edge


_LEAST_EDGE_UM = 10.0  # lines about joints closer than this are one
_NARROWEST = 1 / 16  # of a cell's usual width or thickness, at a block of heat
Outline = tuple[float, float, float, float]  # x0, y0, x1, y1 in µm of the die view
Block = tuple[float, float, float, float, float]  # and its heat


class Fineness(NamedTuple):
    """Cells per pitch over the die, how much wider cells get per distance from it, how thick the layer of cells at the
    active face is, the thickest and widest cells in µm, and how wide cells are at a block of heat's edges over its
    side (twice as thick as those below it are)."""

    per_pitch: float = 4.0
    growth: float = 0.35
    first_um: float = 6.0
    thickest_um: float = 200.0
    widest_um: float = 5000.0
    block_ratio: float = 1 / 48

    def wider(self, ratio: float) -> Fineness:
        """Return the rule that makes all cells `ratio` times as wide and as thick."""
        return Fineness(self.per_pitch / ratio, *(ratio * value for value in self[1:]))


def z_lines(
    bodies: tuple[Body, ...],
    board_faces: list[float],
    fine: Fineness,
    z_top: float,
    blocks: Sequence[Outline] = (),
) -> Array:
    """Return the upright lines in µm: at all faces of bodies below `z_top`, fine about the films of the active face,
    and finer there below small blocks of heat."""
    faces = [z for body in bodies for z in z_range_um(body) if z <= z_top + LEAST_UM] + board_faces
    kept = merged([round(z, 6) for z in faces], LEAST_UM)
    films = [body for body in bodies if body.layer not in ("DIE", "BOARD", "BACKSIDE", BALL)]
    high = max((z_range_um(body)[1] for body in films if isinstance(body, Slab)), default=0.0)
    zones = [Zone(min(0.0, high), max(0.0, high), fine.first_um)]
    if blocks:
        least = min(min(x1 - x0, y1 - y0) for x0, y0, x1, y1 in blocks)
        thick = max(least * fine.block_ratio / 2, fine.first_um * _NARROWEST)
        zones.append(Zone(0.0, 0.0, min(fine.first_um, thick)))
    return lines(kept, zones, fine.growth, fine.thickest_um)


def lateral_lines(
    package: Package,
    size: tuple[float, float],
    board: Board | None,
    fine: Fineness,
    cooling: Cooling,
    blocks: Sequence[Outline] = (),
) -> tuple[Array, Array]:
    """Return the lines along x and y in µm: at the package's edges, at the edges of blocks of heat, about every
    joint, and where planes, traces, ring and probe end."""
    cell = package.min_ball_distance_um / fine.per_pitch
    found = []
    for axis, side in enumerate(size):
        stops = [0.0, side]
        plates = {r for r in cooling.reach_um(axis) if r > side / 2 + 20.0}
        stops += [side / 2 + way * r for r in plates for way in (-1, 1)]
        if board is not None:
            reach = _reach_um(board, axis, side)
            stops += [side / 2 + way * r for r in reach for way in (-1, 1)]
            stops += _joint_edges(package, axis, min(cell / 2, _LEAST_EDGE_UM))
        zones = [Zone(0.0, side, cell), *_at_blocks(blocks, axis, cell, fine)]
        ends = _block_ends(blocks, axis, side)
        stops = [stop for stop in merged(stops, 20.0) if all(abs(stop - end) >= cell / 4 for end in ends)]
        found.append(lines(merged([*stops, *ends, 0.0, side], 1e-3), zones, fine.growth, fine.widest_um))
    return found[0], found[1]


def _block_ends(blocks: Sequence[Outline], axis: int, side: float) -> list[float]:
    """Return the edges of blocks inside the die."""
    ends = {round(block[way], 6) for block in blocks for way in (axis, axis + 2)}
    return sorted(end for end in ends if 1e-3 < end < side - 1e-3)


def _at_blocks(blocks: Sequence[Outline], axis: int, cell: float, fine: Fineness) -> list[Zone]:
    """Return the fine cells about the edges of blocks: heat that spreads from a block turns sharply there."""
    found = []
    for block in blocks:
        narrow = fine.block_ratio * min(block[2] - block[0], block[3] - block[1])
        width = min(max(narrow, _NARROWEST * cell), cell)
        found += [Zone(block[way], block[way], width) for way in (axis, axis + 2)]
    return found


def _reach_um(board: Board, axis: int, side: float) -> set[float]:
    """Return how far what ends beside the package reaches from its middle."""
    half = 500.0 * board.size_mm[axis]
    planes = {500.0 * layer.side_mm for layer in board.layers if layer.side_mm}
    reach = {half, *planes, *(side / 2 + 1e3 * off_mm for off_mm in (board.fan_out_mm, _RING_MM, _PROBE_MM))}
    return {r for r in reach if side / 2 < r <= half}


def _joint_edges(package: Package, axis: int, least: float) -> list[float]:
    """Return where squares of the under-bump metals' area end along an axis, those nearer than `least` to another or to
    the package's edges left out: of irregular balls some have lines.

    Cells cut by a metal's edge over polymer then lie outside a joint, or inside, by as much: the answer hardly moves
    with the cells' width (seen on 36 and 60 balls: by 3 %; without these lines by 9 %).
    """
    half = package.terminal.ubm_d_um * math.sqrt(math.pi) / 4
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
