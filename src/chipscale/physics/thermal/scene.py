"""A package on a test board as a box of cells: what conducts, which faces meet the room, where the heat is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.thermal.base_plate import TIM, BasePlate, lay, tim
from chipscale.physics.thermal.board_cells import COPPER, Cells, board_bodies, board_faces, copper_layers, spread
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.fill import Mixture, filled
from chipscale.physics.thermal.grid_lines import LEAST_UM, Block, Fineness, lateral_lines, within, z_lines
from chipscale.physics.thermal.mounted import BALL, mounted
from chipscale.physics.thermal.substances import Substance, substance
from chipscale.stack.types import Body, Stack
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scene:
    """Cells between lines (m, die view, z up to the board): conductivity (3, nz, ny, nx) at 25 °C, capacity, the
    leading substance of each cell, what is solid; heat per cell for 1 W in all; and numbered faces to the room.

    `upright_ratio` (nz - 1, ny, nx) is what two cells one above the other exchange over what their means would (None:
    1). `package` holds the slices (y, x) of the package's cells, `z_package` its first layer (below it a base plate),
    `z_board` the first layer of the board's cells, `junction` the layer in which heat is made, `joints` the layers of
    the solder joints.
    """

    lines_m: tuple[Array, Array, Array]
    k_W_mK: Array
    c_J_m3K: Array
    leads: npt.NDArray[np.int16]
    substances: tuple[Substance, ...]
    solid: npt.NDArray[np.bool_]
    heat: Array
    package: tuple[slice, slice]
    z_board: int
    junction: int
    joints: slice
    board: Board | None
    gap_ratio: float
    notes: tuple[str, ...] = field(default=())
    z_package: int = 0
    plate: BasePlate | None = None
    upright_ratio: Array | None = None

    @property
    def cells_count(self) -> int:
        """Return how many cells there are."""
        return int(self.solid.size)

    @property
    def sides_m(self) -> tuple[Array, Array, Array]:
        """Return the cells' sides dx, dy, dz."""
        x, y, z = self.lines_m
        return np.diff(x), np.diff(y), np.diff(z)


def scene(
    view: Mapping[str, Any],
    board: Board | None,
    power: Array | None = None,
    *,
    fine: Fineness | None = None,
    land_d_um: float = 0.0,
    under: str = "air",
    mixture: Mixture = "mean",
    cooling: Cooling | None = None,
    blocks: Sequence[Block] = (),
) -> Scene:
    """Return the package of `view` (package, stack, materials) on a board, or alone without one.

    `power` (ny, nx) is a map of heat over the die, row 0 at y = 0 (None: even); `blocks` says the same exactly, a few
    rectangles x0, y0, x1, y1 (µm) and their heat: the grid then has lines at their edges, narrow cells there. `under`
    fills the gap below the die; `land_d_um` are the board's pads (0: as wide as the under-bump metal, assumed);
    `cooling` columns and base plate.
    """
    package: Package = view["package"]
    stack: Stack = view["stack"]
    fine, cooling = fine or Fineness(), cooling or Cooling()
    land_um = land_d_um or package.terminal.ubm_d_um
    bodies, z_land = mounted(stack, land_um, cooling.column)
    stand = _Stand(package, bodies, board, z_land, land_um, under, stack.extent_z_um()[0])
    grid_um, on = _grid(stand, (stack.size_x_um, stack.size_y_um), fine, cooling, blocks)
    known = _substances(stand, cooling, view["materials"])
    cells, gap_ratio, upright = _held(stand, mixture, grid_um, on, known)
    z_um, z_package = grid_um[2], 0
    if cooling.plate:
        z_package = lay(cooling.plate, cells, grid_um, on, known, (stand.z_low_um, z_land if board else None))
    if board is not None:
        spread(cells, grid_um, package, board, known, (z_land, land_um))
    k, c, leads, solid = cells
    found = Scene(
        tuple(edges * 1e-6 for edges in grid_um),  # type: ignore[arg-type]
        k,
        c,
        leads,
        tuple(known[name] for name in sorted(known)),
        solid,
        np.zeros(solid.shape),
        on,
        int(np.searchsorted(z_um, z_land - LEAST_UM)),
        _junction(bodies, z_um),
        _joint_layers(bodies, z_um),
        board,
        gap_ratio,
        _notes(known, board, land_d_um),
        z_package,
        cooling.plate,
        upright,
    )
    _heat(found, power, blocks)
    return found


class _Stand(NamedTuple):
    """A package as it stands on a board: its bodies, the lands' height and diameter, what fills the gap below the die,
    its lowest height; all in µm."""

    package: Package
    bodies: tuple[Body, ...]
    board: Board | None
    z_land_um: float
    land_um: float
    under: str
    z_low_um: float


def _grid(
    stand: _Stand, size_um: tuple[float, float], fine: Fineness, cooling: Cooling, blocks: Sequence[Block]
) -> tuple[tuple[Array, Array, Array], tuple[slice, slice]]:
    """Return the lines x, y, z in µm and the package's cells (y, x)."""
    extra, _ = board_bodies(stand.package, stand.board, stand.z_land_um, stand.land_um)
    outlines = [(x0, y0, x1, y1) for x0, y0, x1, y1, _ in blocks]
    faces = [*board_faces(stand.board, stand.z_land_um), *cooling.faces_um(stand.z_low_um, stand.z_land_um)]
    z_top = stand.z_land_um + sum(layer.t_um for layer in copper_layers(stand.board))
    z_um = z_lines((*stand.bodies, *extra), faces, fine, z_top, outlines)
    x_um, y_um = lateral_lines(stand.package, size_um, stand.board, fine, cooling, outlines)
    return (x_um, y_um, z_um), (within(y_um, size_um[1]), within(x_um, size_um[0]))


def _held(
    stand: _Stand,
    mixture: Mixture,
    grid_um: tuple[Array, Array, Array],
    on: tuple[slice, slice],
    known: Mapping[str, Substance],
) -> tuple[Cells, float, Array]:
    """Return the cells with what package and board hold below each other, nothing beside; the widest gap of the
    mixture's bounds; and what passes upright over what the cells' means would."""
    extra, between_board = board_bodies(stand.package, stand.board, stand.z_land_um, stand.land_um)
    x_um, y_um, z_um = grid_um
    gap = min((z_range_um(body)[0] for body in stand.bodies if body.layer == BALL), default=stand.z_land_um)
    between = [
        ("air" if z < gap else stand.under) if z < stand.z_land_um else between_board(float(z))
        for z in (z_um[:-1] + z_um[1:]) / 2
    ]
    inner = tuple(edges[part.start : part.stop + 1] for edges, part in zip((y_um, x_um), on, strict=True))
    held = filled((*stand.bodies, *extra), (inner[1], inner[0], z_um), between, known, mixture)
    names = sorted(known)
    shape = (len(z_um) - 1, len(y_um) - 1, len(x_um) - 1)
    k, c, upright = np.full((3, *shape), 1.0), np.full(shape, 1.0), np.ones((shape[0] - 1, *shape[1:]))
    leads, solid = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=bool)
    place = (slice(None), *on)
    k[(slice(None), *place)], c[place], solid[place] = held.k_W_mK, held.c_J_m3K, True
    leads[place] = np.array([names.index(name) for name in held.names], dtype=np.int16)[held.leads]
    upright[place] = held.upright_ratio
    return (k, c, leads, solid), held.gap_ratio, upright


def _substances(stand: _Stand, cooling: Cooling, known: Mapping[str, Any]) -> dict[str, Substance]:
    wanted = {body.material for body in stand.bodies} | {stand.under, "air"}
    if stand.board is not None:
        wanted |= {COPPER, stand.board.laminate}
    if cooling.plate:
        wanted.add(cooling.plate.material)
    found = {name: substance(name, dict(known)) for name in sorted(wanted)}
    return found | {TIM: tim()} if cooling.plate else found


def _back_is_low(bodies: tuple[Body, ...]) -> bool:
    """Tell whether the silicon lies below the active face (z = 0), the back towards negative z."""
    dies = [body for body in bodies if body.layer == "DIE"]
    return not dies or min(z_range_um(body)[0] for body in dies) < 0.0


def _junction(bodies: tuple[Body, ...], z_um: Array) -> int:
    """Return the layer of cells in the silicon at its active face."""
    at = int(np.searchsorted(z_um, -LEAST_UM))
    return max(at - 1, 0) if _back_is_low(bodies) else min(at, len(z_um) - 2)


def _joint_layers(bodies: tuple[Body, ...], z_um: Array) -> slice:
    ranges = [z_range_um(body) for body in bodies if body.layer == BALL]
    if not ranges:
        return slice(0, 0)
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    first, last = np.searchsorted(z_um, [low - LEAST_UM, high - LEAST_UM])
    return slice(int(first), int(last))


def _heat(found: Scene, power: Array | None, blocks: Sequence[Block]) -> None:
    """Set the heat of 1 W: over the package's cells as blocks or map have it, shared by area."""
    rows, columns = found.package
    y, x = (edges[part.start : part.stop + 1] for edges, part in zip(found.lines_m[1::-1], found.package, strict=True))
    share = np.outer(np.diff(y), np.diff(x))
    if blocks:
        share = np.zeros(share.shape)
        for x0, y0, x1, y1, power_W in blocks:
            along = [
                np.diff(np.clip(1e6 * edges, low, high)) / (high - low)
                for edges, low, high in ((y - y[0], y0, y1), (x - x[0], x0, x1))
            ]
            share += power_W * np.outer(*along)
    elif power is not None:
        share = _overlap(power, y, x)
    found.heat[found.junction, rows, columns] = share / share.sum()


def _overlap(power: Array, y: Array, x: Array) -> Array:
    """Return the heat of a map's even pixels over the cells between lines; O(cells + pixels)."""
    sums = np.pad(np.cumsum(np.cumsum(power, axis=0), axis=1), ((1, 0), (1, 0)))
    at = [(edges - edges[0]) / (edges[-1] - edges[0]) * n for edges, n in ((y, power.shape[0]), (x, power.shape[1]))]
    rows = np.array([np.interp(at[0], np.arange(power.shape[0] + 1), column) for column in sums.T]).T
    both = np.array([np.interp(at[1], np.arange(power.shape[1] + 1), row) for row in rows])
    return np.diff(np.diff(both, axis=0), axis=1)


def _notes(known: Mapping[str, Substance], board: Board | None, land_d_um: float) -> tuple[str, ...]:
    told = [f"conductivity of {name} is assumed" for name, item in known.items() if item.assumed]
    if board is not None and not land_d_um:
        told.append("the board's pads are taken as wide as the under-bump metal (assumed)")
    return tuple(told)


def with_factor(found: Scene, t_C: Array) -> Scene:
    """Return the scene with conductivities at these temperatures of its cells (nz, ny, nx)."""
    factor = np.ones(found.solid.shape)
    for index, item in enumerate(found.substances):
        if item.points:
            here = found.leads == index
            factor[here] = item.factor(t_C[here])
    return replace(found, k_W_mK=found.k_W_mK * factor)
