"""A package on a test board as a box of cells: what conducts, which faces meet the room, where the heat is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.package.types import Package
from chipscale.physics.thermal.base_plate import TIM, BasePlate, lay, tim
from chipscale.physics.thermal.boards import Board, BoardLayer
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.fan_out import to_plane, top_copper, trace_share, trace_width_um, ways_out
from chipscale.physics.thermal.fill import Mixture, filled
from chipscale.physics.thermal.grid import lines, merged
from chipscale.physics.thermal.mounted import BALL, mounted
from chipscale.physics.thermal.substances import Substance, substance
from chipscale.stack.types import Body, Slab, Stack
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]
COPPER = "Cu_foil"
_LEAST_UM = 0.15  # faces closer than this are one
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


@dataclass(frozen=True, slots=True)
class Scene:
    """Cells between lines (m, die view, z up to the board): conductivity (3, nz, ny, nx) at 25 °C, capacity, the
    leading substance of each cell, what is solid; heat per cell for 1 W in all; and numbered faces to the room.

    `package` holds the slices (y, x) of the package's cells, `z_package` its first layer (below it a base plate),
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
) -> Scene:
    """Return the package of `view` (package, stack, materials) on a board, or alone without one.

    `power` (ny, nx) is a map of heat over the die, row 0 at y = 0 (None: even); `under` fills the gap below the die;
    `land_d_um` are the board's pads (0: as wide as the under-bump metal, assumed); `cooling` columns and base plate.
    """
    package: Package = view["package"]
    stack: Stack = view["stack"]
    fine, cooling = fine or Fineness(), cooling or Cooling()
    size_um = (stack.size_x_um, stack.size_y_um)
    bodies, z_land = mounted(stack, land_d_um or package.terminal.ubm_d_um, cooling.column)
    extra, between_board = _board_bodies(package, board, z_land, land_d_um or package.terminal.ubm_d_um)
    z_top = z_land + sum(layer.t_um for layer in _layers(board))
    whole = (*bodies, *extra)
    z_low = stack.extent_z_um()[0]
    z_um = _z_lines(whole, [*_board_faces(board, z_land), *cooling.faces_um(z_low, z_land)], fine, z_top)
    x_um, y_um = _lateral(package, size_um, board, fine, cooling)
    on = [_within(edges, size) for edges, size in zip((x_um, y_um), size_um, strict=True)]
    plate = cooling.plate
    known = _substances(whole, board, {under, "air", *([plate.material] if plate else [])}, view["materials"])
    if plate:
        known[TIM] = tim()
    mid = (z_um[:-1] + z_um[1:]) / 2
    gap = min((z_range_um(body)[0] for body in bodies if body.layer == BALL), default=z_land)
    between = [("air" if z < gap else under) if z < z_land else between_board(float(z)) for z in mid]
    inner = tuple(edges[part.start : part.stop + 1] for edges, part in zip((x_um, y_um), on, strict=True))
    held = filled(whole, (*inner, z_um), between, known, mixture)
    names = tuple(sorted(known))
    shape = (len(z_um) - 1, len(y_um) - 1, len(x_um) - 1)
    k, c = np.full((3, *shape), 1.0), np.full(shape, 1.0)
    leads, solid = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=bool)
    place = (slice(None), on[1], on[0])
    k[(slice(None), *place)], c[place] = held.k_W_mK, held.c_J_m3K
    leads[place] = np.array([names.index(name) for name in held.names], dtype=np.int16)[held.leads]
    solid[place] = True
    z_package = 0
    if plate:
        between_z = (z_low, z_land if board else None)
        z_package = lay(plate, (k, c, leads, solid), (x_um, y_um, z_um), (on[1], on[0]), known, between_z)
    found = Scene(
        tuple(edges * 1e-6 for edges in (x_um, y_um, z_um)),  # type: ignore[arg-type]
        k,
        c,
        leads,
        tuple(known[name] for name in names),
        solid,
        np.zeros(shape),
        (on[1], on[0]),
        int(np.searchsorted(z_um, z_land - _LEAST_UM)),
        _junction(bodies, z_um),
        _joint_layers(bodies, z_um),
        board,
        held.gap_ratio,
        _notes(known, board, land_d_um),
        z_package,
        plate,
    )
    if board is not None:
        _spread_board(found, package, board, (z_land * 1e-6, land_d_um or package.terminal.ubm_d_um))
    _heat(found, power)
    return found


def _layers(board: Board | None) -> tuple[BoardLayer, ...]:
    return () if board is None else tuple(layer for layer in board.layers if layer.copper != "none")


def _board_faces(board: Board | None, z_land: float) -> list[float]:
    faces, z = [z_land], z_land
    for layer in _layers(board):
        z += layer.t_um
        faces.append(z)
    return faces


def _board_bodies(package: Package, board: Board | None, z_land: float, land_d_um: float) -> tuple[list[Body], Any]:
    """Return the copper under the balls, lands and vias, and what else is in the board at a height."""
    if board is None:
        return [], lambda z: "air"
    faces = _board_faces(board, z_land)
    layers = _layers(board)
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


def _z_lines(bodies: tuple[Body, ...], board_faces: list[float], fine: Fineness, z_top: float) -> Array:
    faces = [z for body in bodies for z in z_range_um(body) if z <= z_top + _LEAST_UM] + board_faces
    kept = merged([round(z, 6) for z in faces], _LEAST_UM)
    films = [body for body in bodies if body.layer not in ("DIE", "BOARD", "BACKSIDE", BALL)]
    high = max((z_range_um(body)[1] for body in films if isinstance(body, Slab)), default=0.0)
    return lines(kept, (min(0.0, high), max(0.0, high)), fine.first_um, fine.growth, fine.thickest_um)


def _lateral(
    package: Package, size: tuple[float, float], board: Board | None, fine: Fineness, cooling: Cooling
) -> tuple[Array, Array]:
    cell = package.min_ball_distance_um / fine.per_pitch
    found = []
    for axis, side in enumerate(size):
        stops = [0.0, side]
        plates = {r for r in cooling.reach_um(axis) if r > side / 2 + 20.0}
        stops += [side / 2 + way * r for r in plates for way in (-1, 1)]
        if board is not None:
            half = 500.0 * board.size_mm[axis]
            planes = {500.0 * layer.side_mm for layer in board.layers if layer.side_mm}
            reach = {
                half,
                *planes,
                side / 2 + 1e3 * board.fan_out_mm,
                side / 2 + 1e3 * _RING_MM,
                side / 2 + 1e3 * _PROBE_MM,
            }
            reach = {r for r in reach if side / 2 < r <= half}
            stops += [side / 2 + way * r for r in reach for way in (-1, 1)]
        found.append(lines(merged(stops, 20.0), (0.0, side), cell, fine.growth, fine.widest_um))
    return found[0], found[1]


def _within(edges: Array, side: float) -> slice:
    first, last = np.searchsorted(edges, [-1e-6, side - 1e-6])
    return slice(int(first), int(last))


def _substances(
    bodies: tuple[Body, ...], board: Board | None, between: set[str], known: Mapping[str, Any]
) -> dict[str, Substance]:
    wanted = {body.material for body in bodies} | between
    if board is not None:
        wanted |= {COPPER, board.laminate}
    return {name: substance(name, dict(known)) for name in sorted(wanted)}


def _spread_board(found: Scene, package: Package, board: Board, land: tuple[float, float]) -> None:
    """Fill the board's cells beside the package: laminate, planes, and traces that run outwards; `land` is the lands'
    height in m and diameter in µm."""
    z_land_m, traces_count = land[0], len(ways_out(package, board, land[1]))
    width_um = trace_width_um(package, board, land[1])
    names = [item.name for item in found.substances]
    copper, laminate = (found.substances[names.index(name)] for name in (COPPER, board.laminate))
    x, y, z = ((edges[:-1] + edges[1:]) / 2 for edges in found.lines_m)
    sx, sy = (side * 1e-6 for side in package.package_size_um)
    off_x = np.maximum(np.abs(x - sx / 2) - sx / 2, 0.0)[None, :] + np.zeros((len(y), 1))
    off_y = np.maximum(np.abs(y - sy / 2) - sy / 2, 0.0)[:, None] + np.zeros((1, len(x)))
    beside = (off_x > 0) | (off_y > 0)
    faces = np.array(_board_faces(board, 0.0)) * 1e-6 + z_land_m
    for layer in range(found.z_board, len(z)):
        plan = _layers(board)[min(max(int(np.searchsorted(faces, z[layer])) - 1, 0), len(faces) - 2)]
        found.solid[layer] = True
        k = np.broadcast_to(np.array(laminate.k_W_mK)[:, None, None], (3, *beside.shape)).copy()
        c, lead = np.full(beside.shape, laminate.c_J_m3K), np.full(beside.shape, names.index(board.laminate))
        if plan.copper == "plane":
            inside = np.maximum(np.abs(x - sx / 2)[None, :], np.abs(y - sy / 2)[:, None]) < plan.side_mm * 5e-4
            k[:, inside] = np.array(copper.k_W_mK)[:, None]
            c[inside], lead[inside] = copper.c_J_m3K, names.index(COPPER)
        elif plan.copper == "traces":
            off = np.maximum(off_x, off_y)
            share = np.where(
                off < board.fan_out_mm * 1e-3, trace_share(package, traces_count, width_um, off * 1e6), 0.0
            )
            along = share * copper.k_W_mK[0] + (1 - share) * laminate.k_W_mK[2]
            across = laminate.k_W_mK[2] / (1 - share)
            outwards_x = off_x > off_y
            k[0], k[1], k[2] = np.where(outwards_x, along, across), np.where(outwards_x, across, along), along
            c = share * copper.c_J_m3K + (1 - share) * laminate.c_J_m3K
            lead = np.where(share > 0.02, names.index(COPPER), lead)
        found.k_W_mK[:, layer][:, beside] = k[:, beside]
        found.c_J_m3K[layer][beside] = c[beside]
        found.leads[layer][beside] = lead[beside]


def _back_is_low(bodies: tuple[Body, ...]) -> bool:
    """Tell whether the silicon lies below the active face (z = 0), the back towards negative z."""
    dies = [body for body in bodies if body.layer == "DIE"]
    return not dies or min(z_range_um(body)[0] for body in dies) < 0.0


def _junction(bodies: tuple[Body, ...], z_um: Array) -> int:
    """Return the layer of cells in the silicon at its active face."""
    at = int(np.searchsorted(z_um, -_LEAST_UM))
    return max(at - 1, 0) if _back_is_low(bodies) else min(at, len(z_um) - 2)


def _joint_layers(bodies: tuple[Body, ...], z_um: Array) -> slice:
    ranges = [z_range_um(body) for body in bodies if body.layer == BALL]
    if not ranges:
        return slice(0, 0)
    low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
    first, last = np.searchsorted(z_um, [low - _LEAST_UM, high - _LEAST_UM])
    return slice(int(first), int(last))


def _heat(found: Scene, power: Array | None) -> None:
    """Set the heat of 1 W: over the package's cells as the map has it, shared by area."""
    rows, columns = found.package
    dx, dy, _ = found.sides_m
    area = np.outer(dy[rows], dx[columns])
    if power is not None:
        y, x = (
            edges[part.start : part.stop + 1] for edges, part in zip(found.lines_m[1::-1], found.package, strict=True)
        )
        area = _overlap(power, y, x)
    found.heat[found.junction, rows, columns] = area / area.sum()


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
