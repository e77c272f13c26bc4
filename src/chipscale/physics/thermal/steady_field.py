"""Temperatures in a scene that has come to rest: films that depend on the surface, conductivities on temperature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.scene import Scene, with_factor
from chipscale.solvers.diffusion import Cells, cells, ready, solve

Array = npt.NDArray[np.float64]
_VOID_RATIO = 1e-9  # conductance of an empty cell to the room, over a typical one: it only keeps the system whole
_SAME_RATIO = 2e-3
_ROUGH_RATIO = (1e-2, 1e-4)  # of the first pass and those after it, while films still change
_MOST_PASSES = 12


class Face(NamedTuple):
    """Cells (flat index) with one face to the surroundings: its area, the way it looks ("x-", "z+" ...), the half
    cell's length in m, and which of the conductivities leads there."""

    name: str
    cells: npt.NDArray[np.int64]
    area_m2: Array
    half_m: Array
    axis: int


class Film(NamedTuple):
    """What a face meets: a film for its mean temperature in °C, and the surroundings' temperature; inf: held at it."""

    h_W_m2K: Callable[[float], float]
    t_room_C: float


class WayOut(NamedTuple):
    """A way out for heat: cells (flat index), conductance from their middles to what is at `t_C`, that of their outer
    halves alone, and the area."""

    name: str
    cells: npt.NDArray[np.int64]
    g_W_K: Array
    inner_W_K: Array
    area_m2: Array
    t_C: float


class Field(NamedTuple):
    """Temperatures (nz, ny, nx) in °C (nan: empty), what leaves by each face in W, the film of each face, rounds of the
    solver, and what is missing of the heat over the heat."""

    t_C: Array
    out_W: dict[str, float]
    h_W_m2K: dict[str, float]
    surface_C: dict[str, float]
    rounds_count: int
    passes_count: int
    balance_ratio: float


def faces(found: Scene) -> list[Face]:
    """Return all faces of solid cells to empty ones or to the outside, by the part of the scene they are of.

    "case": the die's back; "package sides"; "board top" beside the package; "board back"; "board edges"; of a base
    plate "plate", "plate sides" and, where no board lies below it, "plate underside".
    """
    dx, dy, dz = found.sides_m
    shape = found.solid.shape
    area = (
        np.broadcast_to(dz[:, None, None] * dy[None, :, None], shape),
        np.broadcast_to(dz[:, None, None] * dx[None, None, :], shape),
        np.broadcast_to(dy[None, :, None] * dx[None, None, :], shape),
    )
    half = [
        np.broadcast_to(side.reshape(place) / 2, shape)
        for side, place in zip((dx, dy, dz), ((1, 1, -1), (1, -1, 1), (-1, 1, 1)), strict=True)
    ]
    level = np.broadcast_to(np.arange(shape[0])[:, None, None], shape)
    made: list[Face] = []
    for axis, way in ((0, -1), (0, 1), (1, -1), (1, 1), (2, -1), (2, 1)):
        open_ = _open(found.solid, 2 - axis, way)
        board = open_ & (level >= found.z_board)
        plate = open_ & (level < found.z_package)
        package = open_ & (level < found.z_board) & ~plate
        if axis < 2:
            names = (("package sides", package), ("board edges", board), ("plate sides", plate))
        elif way < 0:
            names = (("case", package), ("board top", board), ("plate", plate))
        else:
            names = (("landing", package), ("board back", board), ("plate underside", plate))
        for name, chosen in names:
            at = np.flatnonzero(chosen)
            if len(at):
                made.append(Face(name, at, area[axis].reshape(-1)[at], half[axis].reshape(-1)[at], axis))
    return made


def _open(solid: npt.NDArray[np.bool_], axis: int, way: int) -> npt.NDArray[np.bool_]:
    """Return the solid cells whose neighbour that way is empty or missing."""
    beyond = np.zeros_like(solid)
    here: list[slice] = [slice(None)] * 3
    there: list[slice] = [slice(None)] * 3
    here[axis], there[axis] = (slice(1, None), slice(None, -1)) if way < 0 else (slice(None, -1), slice(1, None))
    beyond[tuple(here)] = solid[tuple(there)]
    return np.asarray(solid & ~beyond)


def steady(
    found: Scene,
    power_W: float,
    films: dict[str, Film],
    held: Sequence[tuple[npt.NDArray[np.int64], Array, float]] = (),
    *,
    tolerance_ratio: float = 1e-7,
    tell: Callable[[float, str], None] | None = None,
    with_temperature: bool = True,
    start: Field | None = None,
) -> Field:
    """Return the temperatures for this heat; faces without a film are insulated.

    `held`: cells (flat index) joined to a temperature in °C by conductances in W/K. Repeated with films and
    conductivities at the temperatures found until no film changes by 0.2 % (about five times); each time starts from
    the last. `start`: an answer much like this one, to begin with; never taken as it is. O(cells).
    """
    t_room = next((film.t_room_C for film in films.values()), held[0][2] if held else 25.0)
    outer = [face for face in faces(found) if face.name in films]
    t_C = np.full(found.solid.shape, t_room)
    h = {face.name: films[face.name].h_W_m2K(t_room + 10.0) for face in outer}
    rounds, passes, rise, missing = 0, 0, None, np.inf
    alike = start is not None and start.t_C.shape == t_C.shape
    if start is not None:
        h |= {name: value for name, value in start.h_W_m2K.items() if name in h}
        t_C = np.where(found.solid & np.isfinite(start.t_C), start.t_C, t_room) if alike else t_C
        rise = t_C - t_room if alike else None
    settled, before = False, None  # films and conductivities hold still: only now is it worth to solve well
    while passes < _MOST_PASSES:
        here = with_factor(found, t_C) if with_temperature and (passes or alike) else found
        level, in_W, ways = system(here, outer, films, h, held, t_room)
        good_enough = tolerance_ratio if settled else _ROUGH_RATIO[min(passes + alike, 1)]
        before = ready(level, before)
        answer = solve(before, power_W * found.heat + in_W, first=rise, tolerance_ratio=good_enough)
        rise, rounds, passes = answer.value, rounds + answer.rounds_count, passes + 1
        before_C, t_C = t_C, t_room + rise
        out, surface = _leaving(t_C, ways, h)
        missing = abs(sum(out.values()) - power_W) / power_W
        new = {name: films[name].h_W_m2K(surface[name]) for name in h}
        change = max((abs(new[name] / h[name] - 1.0) for name in h if np.isfinite(h[name])), default=0.0)
        moved = float(np.abs(t_C - before_C)[found.solid].max()) if with_temperature else 0.0
        if tell is not None:
            tell(min(passes / 6, 0.99), f"pass {passes}: films move by {100 * change:.2g} %")
        still = change < _SAME_RATIO and moved < max(0.01, 2e-3 * float(rise.max()))
        if settled and still:
            break
        settled = still or passes >= _MOST_PASSES - 1
        h = new
    return Field(np.where(found.solid, t_C, np.nan), out, h, surface, rounds, passes, missing)


def system(
    here: Scene,
    outer: list[Face],
    films: dict[str, Film],
    h: dict[str, float],
    held: Sequence[tuple[npt.NDArray[np.int64], Array, float]],
    t_room: float,
) -> tuple[Cells, Array, list[WayOut]]:
    """Return the conductances, the heat that surroundings warmer than t_room bring, and each way out."""
    level = cells(*here.k_W_mK, here.sides_m)
    for way, g in ((2, level.gx), (1, level.gy), (0, level.gz)):
        low: list[slice] = [slice(None)] * 3
        high: list[slice] = [slice(None)] * 3
        low[way], high[way] = slice(None, -1), slice(1, None)
        g *= here.solid[tuple(low)] & here.solid[tuple(high)]
    if here.upright_ratio is not None:
        level.gz[...] *= here.upright_ratio
    out = level.out.reshape(-1)
    in_W = np.zeros(out.size)
    ways = []
    for face in outer:
        film = films[face.name]
        inner = here.k_W_mK[face.axis].reshape(-1)[face.cells] / face.half_m
        alone = np.full(len(face.cells), h[face.name])
        g = face.area_m2 * (inner if np.isinf(h[face.name]) else 1.0 / (1.0 / inner + 1.0 / alone))
        ways.append(WayOut(face.name, face.cells, g, face.area_m2 * inner, face.area_m2, film.t_room_C))
    ways += [WayOut("held", at, g, g, g, t) for at, g, t in held]
    for way_out in ways:
        np.add.at(out, way_out.cells, way_out.g_W_K)
        np.add.at(in_W, way_out.cells, way_out.g_W_K * (way_out.t_C - t_room))
    typical = float(np.median(level.gz[level.gz > 0])) if (level.gz > 0).any() else 1.0
    out[~here.solid.reshape(-1)] = _VOID_RATIO * typical
    return level, in_W.reshape(here.solid.shape), ways


def _leaving(t_C: Array, ways: list[WayOut], h: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Return what leaves by each way in W, and the mean temperature of each face's surface, by area."""
    out: dict[str, float] = {}
    sums: dict[str, tuple[float, float]] = {}
    flat = t_C.reshape(-1)
    for name, at, g, inner, area, t in ways:
        flow = g * (flat[at] - t)
        out[name] = out.get(name, 0.0) + float(flow.sum())
        surface = flat[at] - flow / inner
        weight, total = sums.get(name, (0.0, 0.0))
        sums[name] = (weight + float(area.sum()), total + float((area * surface).sum()))
    return out, {name: total / weight for name, (weight, total) in sums.items() if name in h}
