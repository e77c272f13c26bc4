"""Temperatures of a package at work on a board (`thermal.steady`): fields, and which way the heat takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.power_map import power_map
from chipscale.physics.thermal.scene import Scene, with_factor
from chipscale.physics.thermal.steady_field import Field, steady
from chipscale.physics.thermal.surroundings import air, board_probe, case_of
from chipscale.physics.thermal.theta import (
    MESH_ERROR_TOLD,
    balance_check,
    doubtful,
    given_rows,
    heat_rows,
    made,
    mesh_doubts,
    mesh_error_ratio,
)
from chipscale.results import Progress, Result

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Steady(OnBoard):
    """What are the temperatures at this power, and how much heat takes each ball?

    Board, air, the heat's place and the rest as in `thermal.theta`.
    """

    power_W: float = 1.0

    name: ClassVar[str] = "thermal.steady"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "t_junction_C": "hottest point of the junction",
        "t_junction_mean_C": "mean of the junction, weighted by the heat made",
        "t_case_C": "middle of the face away from the board",
        "t_board_C": "board 1 mm from the package, at the middle of its longer side",
        "balls_pct": "share of the heat that goes through the balls",
        "gap_pct": "share that goes through what fills the gap between them",
        "ball_max_mW": "most heat through one ball",
        "ball_min_mW": "least heat through one ball",
        "balance_ratio": "heat that is missing in the balance over all heat",
        "cells_count": "cells of the box",
        "mesh_error_ratio": MESH_ERROR_TOLD,
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "balls", "heat", "given"; fields in °C with their lines in mm."""
        tell = progress or (lambda fraction, text: None)
        plan = self.plan({"power_W": (self.power_W, 1e-6, 1e3)})
        tell(0.0, "cells")
        found = made(view, plan, self, power_map(self.power, view["package"].package_size_um))
        films = air(plan, self.t_room_C, self.air_m_s, self.emissivity_ratio, found.plate)
        field = steady(found, self.power_W, films, tell=tell)
        balls, gap_W = ball_rows(found, field, view["package"])
        hot = field.t_C[found.junction, found.package[0], found.package[1]]
        heat = found.heat[found.junction, found.package[0], found.package[1]]
        flows = [row["heat_mW"] for row in balls]
        metrics = {
            "t_junction_C": float(hot[heat > 0].max()),
            "t_junction_mean_C": float((hot * heat)[heat > 0].sum() / heat.sum()),
            "t_case_C": case_of(found, field, self.t_room_C),
            "t_board_C": board_probe(found, field.t_C),
            "balls_pct": 0.1 * sum(flows) / self.power_W,
            "gap_pct": 100.0 * gap_W / self.power_W,
            "ball_max_mW": max(flows, default=0.0),
            "ball_min_mW": min(flows, default=0.0),
            "balance_ratio": field.balance_ratio,
            "cells_count": float(found.cells_count),
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
        }
        doubts = [*doubtful(found, [field], field.balance_ratio), *mesh_doubts(self.per_pitch)]
        return Result(
            self.name,
            metrics,
            (balance_check(field.balance_ratio, self.name),),
            {"balls": balls, "heat": heat_rows(field), "given": given_rows(found, plan)},
            fields_of(found, field.t_C, {"air", self.under}),
            warnings=(*doubts, *found.notes),
            state="doubtful" if doubts else "ok",
        )


def ball_rows(found: Scene, field: Field, package: Package) -> tuple[list[dict[str, Any]], float]:
    """Return the heat through each ball, its ends' mean temperatures, and what goes through the gap between in W.

    Heat is counted across the plane at the middle of the joints: each column's flow belongs to the ball whose centre
    is within half a pitch and whose solder leads the cell; the rest goes through the gap.
    """
    layers = found.joints
    if layers.stop - layers.start < 2:
        return [], 0.0
    rows, columns = found.package
    low = (layers.start + layers.stop) // 2 - 1
    here = with_factor(found, field.t_C)
    flow = _across(here, field.t_C, low)[rows, columns]
    x, y = ((edges[:-1] + edges[1:])[part] / 2 for edges, part in zip(found.lines_m[:2], (columns, rows), strict=True))
    centres = np.array([(ball.x_um, ball.y_um) for ball in package.balls]) * 1e-6
    near = (x[None, None, :] - centres[:, 0, None, None]) ** 2 + (y[None, :, None] - centres[:, 1, None, None]) ** 2
    owner = near.argmin(axis=0)
    air_k = np.median(found.k_W_mK[2, low, rows, columns])
    solder = found.k_W_mK[2, low, rows, columns] > 10.0 * min(air_k, 1.0)
    ends = [_of_solder(found, field.t_C, layer) for layer in (layers.start, layers.stop - 1)]
    made_rows = []
    for k, ball in enumerate(package.balls):
        mine = (owner == k) & solder
        top, foot = (t_C[mine] @ weight[mine] / weight[mine].sum() if mine.any() else None for t_C, weight in ends)
        made_rows.append(
            {
                "ball": ball.name,
                "net": ball.net or "",
                "x_um": round(ball.x_um, 3),
                "y_um": round(ball.y_um, 3),
                "heat_mW": float(f"{1e3 * flow[mine].sum():.6g}"),
                "t_die_side_C": None if top is None else round(float(top), 3),
                "t_board_side_C": None if foot is None else round(float(foot), 3),
            }
        )
    return made_rows, float(flow[~solder].sum())


def _of_solder(found: Scene, t_C: Array, layer: int) -> tuple[Array, Array]:
    """Return the temperatures (ny, nx) of a layer of the package, and how well each cell conducts upright: what
    surrounds a ball's end conducts too badly to count in its mean."""
    rows, columns = found.package
    dx, dy, _ = found.sides_m
    weight = np.outer(dy[rows], dx[columns]) * found.k_W_mK[2, layer, rows, columns]
    return t_C[layer, rows, columns], weight


def _across(found: Scene, t_C: Array, low: int) -> Array:
    """Return the heat (ny, nx) in W that goes up from layer `low` to the next."""
    dx, dy, dz = found.sides_m
    k = found.k_W_mK[2]
    resistance = dz[low] / (2 * k[low]) + dz[low + 1] / (2 * k[low + 1])
    both = found.solid[low] & found.solid[low + 1]
    if found.upright_ratio is not None:
        resistance = resistance / found.upright_ratio[low]
    return np.where(both, np.outer(dy, dx) * (np.nan_to_num(t_C[low]) - np.nan_to_num(t_C[low + 1])) / resistance, 0.0)


def fields_of(found: Scene, t_C: Array, between: set[str]) -> dict[str, Array]:
    """Return cuts of the temperature in °C (nan: empty) and the grid's lines in mm of the die view: the junction's
    plane and the board's surface (ny, nx), upright cuts through the middle along x (nz, nx) and y (nz, ny), and all
    cells near the package (nz, ny, nx) save those of what fills the room `between` its bodies."""
    rows, columns = found.package
    j, i = (rows.start + rows.stop) // 2, (columns.start + columns.stop) // 2
    x, y, z = (edges * 1e3 for edges in found.lines_m)
    return {
        "x_mm": x,
        "y_mm": y,
        "z_mm": z,
        "junction_C": t_C[found.junction, rows, columns],
        "junction_x_mm": x[columns.start : columns.stop + 1],
        "junction_y_mm": y[rows.start : rows.stop + 1],
        "board_C": t_C[found.z_board],
        "cut_x_C": t_C[:, j, :],
        "cut_y_C": t_C[:, :, i],
        "solder_C": t_C[max(found.joints.start, 0), rows, columns],
        **_near(found, t_C, between),
    }


def _near(found: Scene, t_C: Array, between: set[str]) -> dict[str, Array]:
    """Return all temperatures (nz, ny, nx) of the package and of the board under it and half its side beside it.

    Cells of the package that hold mostly what is `between` its bodies are nan.
    """
    rows, columns = found.package
    box = []
    for edges, part in zip(found.lines_m[1::-1], (rows, columns), strict=True):
        beside = (edges[part.stop] - edges[part.start]) / 2 + 1e-9
        low, high = np.searchsorted(edges, (edges[part.start] - beside, edges[part.stop] + beside))
        box.append(slice(int(low), int(high) - 1))
    fillers = [k for k, item in enumerate(found.substances) if item.name in between]
    unfilled = np.isin(found.leads[:, box[0], box[1]], fillers)
    unfilled[found.z_board :] = False
    near = np.where(unfilled, np.nan, t_C[:, box[0], box[1]])
    x, y = (1e3 * edges[part.start : part.stop + 1] for edges, part in zip(found.lines_m[:2], box[::-1], strict=True))
    return {"near_C": np.round(near, 4), "near_x_mm": x, "near_y_mm": y}
