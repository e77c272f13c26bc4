"""A package's answer over time to heat that is switched on and stays: shapes of its cells, seen where one looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.following import Following, between, less
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.power_map import power_map
from chipscale.physics.thermal.scene import Scene, with_factor
from chipscale.physics.thermal.steady_field import Field, Film, faces, steady, system
from chipscale.physics.thermal.surroundings import air, board_probe, case_centre
from chipscale.physics.thermal.theta import made
from chipscale.solvers.diffusion import Cells
from chipscale.solvers.diffusion_modes import grown, modes

Array = npt.NDArray[np.float64]
PARTS = ("package", "board", "room")
SHAPES_RATIO = 1e-4  # of the answer, weighted by the heat, that shapes may miss; every place is then within 5e-4
LOW_SHARE = 0.05  # of the power: there the answer at rest is asked once more, to see how far it depends on the power
_SLOWEST_S = 3e3
_FOLLOWED = 160  # times, even in log t
_LAYER_RATIO = 0.08  # thickness of the layer of cells at the active face, over how far heat gets until the first time
_LAYER_UM = (1.0, 6.0)
_SILICON_m2_s = 9e-5  # diffusivity, only to choose the cells
MOST_CELLS = 8e6
_BYTES_PER_CELL = 650.0  # measured: as at rest, and some forty shapes


@dataclass(frozen=True, slots=True)
class Shapes:
    """The answer to 1 W that is switched on at 0 s and stays, above the room, in K/W, as plain arrays.

    With films and conductivities as at rest a place's rise at t is the sum over m of its `ends` (m,) times
    1 - exp(-t / tau_s[m]). `heated` (cells, m) are the cells in which heat is made; `driven` is their mean weighted by
    the heat, every term positive. `stored_J` (parts, m) is what package and board hold at the end, `left_ratio` (m,)
    the share of the heat that leaves by then. `rest_C` (nz, ny, nx; nan: empty) is the field at rest, `balance_ratio`
    what is missing of its heat. `linear_ratio`: how much more a watt heats at a twentieth of the power, where air and
    radiation carry less. `following`: what changes with temperature.
    """

    tau_s: Array
    driven: Array
    heated: Array
    ends: dict[str, Array]
    stored_J: Array
    left_ratio: Array
    rest_C: Array
    balance_ratio: float
    linear_ratio: float
    error_ratio: float
    following: Following


class Step(NamedTuple):
    """The shapes of a package on its board with the scene they are of; `times_s` (n,) and `risen` (n, m) are how far
    each is risen per watt after `power_W` is switched on, with films and conductivities that follow the temperatures;
    `open_ratio`: how much of the junction's rise that leaves open; `held_ratio`: how far off it were with all as at
    rest."""

    shapes: Shapes
    scene: Scene
    power_W: float
    first_s: float
    times_s: Array
    risen: Array
    open_ratio: float
    held_ratio: float

    @property
    def tau_s(self) -> Array:
        """Return the shapes' time constants (m,), rising."""
        return self.shapes.tau_s

    @property
    def driven(self) -> Array:
        """Return the shapes' mean rise (m,) where heat is made."""
        return self.shapes.driven

    @property
    def heated(self) -> Array:
        """Return the rise (cells, m) of the cells in which heat is made."""
        return self.shapes.heated

    @property
    def rest(self) -> Field:
        """Return the temperatures at rest (nothing said of films and ways out)."""
        return Field(self.shapes.rest_C, {}, {}, {}, 0, 0, self.shapes.balance_ratio)

    def risen_at(self, times_s: Array) -> Array:
        """Return how far the shapes are risen (times, m), between the times followed straight in log t."""
        log_s, asked = np.log(self.times_s), np.log(times_s)
        less = self.risen - grown(self.times_s, self.tau_s)
        follow = np.array([np.interp(asked, log_s, column) for column in less.T]).T
        return np.asarray(grown(times_s, self.tau_s) + follow)

    def at(self, place: str, times_s: Array) -> Array:
        """Return the rise (times,) of a place in K/W: "mean", "case", "board", or "hottest", of all heated cells."""
        share = self.risen_at(times_s)
        if place == "hottest":
            return np.asarray((share @ self.heated.T).max(axis=1))
        return np.asarray(share @ (self.driven if place == "mean" else self.shapes.ends[place]))

    def balance(self, times_s: Array) -> tuple[Array, float]:
        """Return where the heat of 1 W is (times, 3) in J, as in PARTS, and the largest share of it that is missing,
        with films and conductivities as at rest."""
        share = grown(times_s, self.tau_s)
        stored = share @ self.shapes.stored_J.T
        left = (times_s[:, None] - self.tau_s * share) @ self.shapes.left_ratio
        parts = np.column_stack((stored, left))
        return parts, float(np.abs(parts.sum(axis=1) / times_s - 1.0).max())


def step(
    view: Mapping[str, Any],
    asked: OnBoard,
    plan: Board,
    power_W: float,
    first_s: float,
    tell: Callable[[float, str], None],
) -> Step:
    """Return the answer of the package on its board from `first_s` on.

    Its shapes are those with the films and conductivities the package has come to rest with at `power_W`, so that the
    end is exactly that of `thermal.steady`; on the way there both follow the temperatures (see `following`). Whoever
    asks the same again through a design gets the shapes from its cache.
    """
    tell(0.0, "cells")
    stack = view["stack"]
    power = power_map(asked.power, (stack.size_x_um, stack.size_y_um))
    layer_um = _layer_um(first_s)
    found = fit(made(view, plan, asked, power, layer_um), asked.per_pitch)
    make = partial(_shapes, found, asked, plan, power_W, first_s, tell)
    shared = {item.name: getattr(asked, item.name) for item in fields(OnBoard)}
    keep = view.get("kept")
    shapes = keep("thermal.step", Shapes, __name__, [shared, power_W, first_s], make) if keep else make()
    times = np.geomspace(first_s, 1e2 * float(shapes.tau_s.max()), _FOLLOWED)
    followed = shapes.following.step(times)
    rise, held = followed.risen_W @ shapes.driven, grown(times, shapes.tau_s) @ shapes.driven
    off = float(np.abs(held / rise - 1.0).max())
    return Step(shapes, found, power_W, first_s, times, followed.risen_W, followed.open_ratio, off)


def _shapes(
    found: Scene, asked: OnBoard, plan: Board, power_W: float, first_s: float, tell: Callable[[float, str], None]
) -> Shapes:
    films = air(plan, asked.t_room_C, asked.air_m_s, asked.emissivity_ratio, found.plate)
    tell(0.1, "at rest")
    rest = steady(found, power_W, films)
    low = steady(found, LOW_SHARE * power_W, films, tolerance_ratio=1e-6)
    capacity = capacity_J_K(found)
    level, first = _as_at_rest(found, rest, films, power_W, asked.t_room_C)
    shapes = modes(
        level,
        capacity,
        found.heat,
        (first_s, _SLOWEST_S),
        SHAPES_RATIO,
        first=first,
        tell=lambda f, text: tell(0.2 + 0.7 * f, text),
    )
    hot = np.flatnonzero(found.heat.reshape(-1) > 0)
    flat = shapes.end.reshape(len(shapes.tau_s), -1)
    at_rest, at_low = (float((item.t_C.reshape(-1)[hot] - asked.t_room_C).max()) for item in (rest, low))
    stored = [(capacity[part] * shapes.end[:, part]).sum(axis=(1, 2, 3)) for part in _parts(found)]
    left = (level.out * shapes.end).sum(axis=(1, 2, 3))
    calm = _system(found, rest.t_C, low.h_W_m2K, films, asked.t_room_C)
    cold = _system(found, np.full_like(rest.t_C, asked.t_room_C), rest.h_W_m2K, films, asked.t_room_C)
    at = (shapes.end, shapes.tau_s, shapes.driven)
    index, die = _die(found, capacity)
    following = Following(
        shapes.tau_s,
        shapes.driven,
        between(*at, less(cold, level)),
        between(*at, less(calm, level)),
        LOW_SHARE,
        flat @ die,
        left,
        np.array(found.substances[index].points).reshape(-1, 2),
        asked.t_room_C,
        power_W,
    )
    return Shapes(
        shapes.tau_s,
        shapes.driven,
        np.ascontiguousarray(flat[:, hot].T),
        {name: np.array([of(found, end) for end in shapes.end]) for name, of in _PLACES.items()},
        np.array(stored),
        left,
        rest.t_C,
        rest.balance_ratio,
        at_low / (LOW_SHARE * at_rest) - 1.0,
        shapes.error_ratio,
        following,
    )


def _die(found: Scene, capacity: Array) -> tuple[int, Array]:
    """Return which substance leads where most heat is made, and each cell's share of the heat it holds."""
    index = int(found.leads.reshape(-1)[found.heat.argmax()])
    share = np.where((found.leads == index) & found.solid, capacity, 0.0).reshape(-1)
    return index, share / share.sum()


def capacity_J_K(found: Scene) -> Array:
    """Return the heat capacity (nz, ny, nx) of every cell, 0 where there is nothing."""
    dx, dy, dz = found.sides_m
    return np.asarray(found.c_J_m3K * found.solid * (dz[:, None, None] * dy[None, :, None] * dx[None, None, :]))


def _as_at_rest(
    found: Scene, rest: Field, films: dict[str, Film], power_W: float, t_room_C: float
) -> tuple[Cells, Array]:
    """Return the conductances with the films and conductivities of a field at rest, and its rise per watt."""
    warm = np.where(found.solid, rest.t_C, t_room_C)
    return _system(found, rest.t_C, rest.h_W_m2K, films, t_room_C), np.asarray((warm - t_room_C) / power_W)


def _system(found: Scene, t_C: Array, h_W_m2K: dict[str, float], films: dict[str, Film], t_room_C: float) -> Cells:
    warm = np.where(found.solid, t_C, t_room_C)
    outer = [face for face in faces(found) if face.name in films]
    return system(with_factor(found, warm), outer, films, h_W_m2K, (), t_room_C)[0]


def _layer_um(first_s: float) -> float:
    return float(np.clip(1e6 * _LAYER_RATIO * np.sqrt(_SILICON_m2_s * first_s), *_LAYER_UM))


def fit(found: Scene, per_pitch: float) -> Scene:
    """Return the scene; InputError when its shapes would not fit into memory."""
    if found.cells_count <= MOST_CELLS:
        return found
    million = found.cells_count / 1e6
    what = f"the shapes of {million:.1f} million cells would take {_BYTES_PER_CELL * million / 1e3:.0f} GB"
    remedy = f"ask for per_pitch of {per_pitch * np.sqrt(MOST_CELLS / found.cells_count) * 0.9:.1f} or less"
    limit = f"{MOST_CELLS / 1e6:g} million cells"
    raise InputError([Problem("thermal.mesh", what, "", None, "per_pitch", f"{per_pitch:g}", limit, remedy)])


def early_ratio(found: Scene, z_mean_K_W: float) -> float:
    """Return how much lower than at the active face itself the mean rise may be, over the rise: heat is made evenly in
    a layer of cells and its temperature is that of its middle, half its resistance off."""
    rows, columns = found.package
    k = float(np.median(found.k_W_mK[2, found.junction, rows, columns]))
    dx, dy, dz = found.sides_m
    area = float(np.outer(dy[rows], dx[columns])[found.heat[found.junction, rows, columns] > 0].sum())
    return float(dz[found.junction]) / (2.0 * k * area) / z_mean_K_W


_PLACES: dict[str, Callable[[Scene, Array], float]] = {"case": case_centre, "board": board_probe}


def _parts(found: Scene) -> tuple[slice, slice]:
    return slice(None, found.z_board), slice(found.z_board, None)


def resolved_s(found: Scene) -> float:
    """Return the time after which heat has spread over two layers of cells from the one it is made in.

    Earlier the answer is that of the cells, which all warm up evenly, more than of the package.
    """
    rows, columns = found.package
    k = float(np.median(found.k_W_mK[2, found.junction, rows, columns]))
    c = float(np.median(found.c_J_m3K[found.junction, rows, columns]))
    thick = float(found.sides_m[2][found.junction])
    return (2.0 * thick) ** 2 * c / k


def log_times(first_s: float, last_s: float, per_decade: int) -> Array:
    """Return times at an even pace of their logarithm, from the first to the last."""
    count = max(2, round(per_decade * np.log10(last_s / first_s)) + 1)
    return np.geomspace(first_s, last_s, count)
