"""The thermal resistances of a package on a standard board (`thermal.theta`): junction to air, board and case."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import numpy as np

from chipscale.errors import InputError, Problem
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.fill import Mixture
from chipscale.physics.thermal.grid_lines import Fineness
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.power_map import few_blocks, power_map
from chipscale.physics.thermal.scene import Scene, scene
from chipscale.physics.thermal.steady_field import Field, steady
from chipscale.physics.thermal.substances import outside
from chipscale.physics.thermal.surroundings import air, board_probe, case_of, cold_plate, cold_ring
from chipscale.results import Check, Progress, Result

BALANCE_RATIO = 1e-6
MESH_RATIO = 0.1
_MESH_ERROR = 0.25  # of theta_ja, times the cells per pitch: see mesh_error_ratio
MESH_ERROR_TOLD = (
    "most that cells this wide are taken to be off of the converged theta_ja (0.25 / per_pitch): found on packages of "
    "36 and 60 balls on JESD51-9, 2s2p, with 3 to 9 cells per pitch against 14 to 20; no bound for every package"
)
MOST_CELLS = 2.5e7
BYTES_PER_CELL = 220.0  # measured: cells, their halved levels, lines in three directions
METRICS: dict[str, str] = {
    "theta_ja_K_W": "hottest point of the junction over the room, per watt, on the board in this air",
    "theta_jb_K_W": "hottest point of the junction over the board 1 mm from the package, heat drawn off by a cold ring",
    "theta_jc_K_W": "hottest point of the junction over the back of the die, all heat drawn off there",
    "psi_jt_K_W": "hottest point of the junction over the middle of the back, per watt, as for theta_ja",
    "psi_jb_K_W": "hottest point of the junction over the board 1 mm from the package, per watt, as for theta_ja",
    "t_junction_C": "hottest point of the junction at this power, room and board",
    "t_junction_mean_C": "mean of the junction",
    "t_case_C": "middle of the face away from the board",
    "t_board_C": "board 1 mm from the package, at the middle of its longer side",
    "power_W": "heat",
    "to_board_pct": "share of the heat that leaves by the board",
    "cells_count": "cells of the box",
    "mesh_error_ratio": MESH_ERROR_TOLD,
    "balance_ratio": "heat that is missing in the balance over all heat",
}


@dataclass(frozen=True, slots=True)
class Theta(OnBoard):
    """How hot does the junction get, per watt, on a standard board?

    `board`: jesd51_9_2s2p, ... (`boards` in the reference); `air_m_s` 0 is still air (JESD51-2). The heat is as `power`
    has it. `under` fills the gap below the package: air or an underfill. `land_d_um`: the board's pads (0: as the
    under-bump metal). `per_pitch`: cells per ball pitch. `mixture`: mean, or low and high, the bounds of cells that
    hold several materials.

    `vias`: which lands have a via to the first plane: as the board's standard has it (board), none, ground, all;
    `via_fill`: plated (board) or filled with copper. `column_d_um`: copper columns this wide in place of balls (0:
    balls), `column_h_um` high with their solder cap (0: as the balls' joints), `column_cap_um` of it the cap.
    `plate_t_um`: a plate of `plate_material` on the package's back (0: none), a square of `plate_side_mm` (0: as the
    package), with `plate_area_ratio` of a flat plate's surface (fins), joined by the resistance `tim_m2K_W`.
    """

    power_W: float = 1.0

    name: ClassVar[str] = "thermal.theta"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = METRICS

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "tests" (a row per test), "heat" (what leaves where), "given" (what was assumed)."""
        tell = progress or (lambda fraction, text: None)
        plan = self.plan({"power_W": (self.power_W, 1e-6, 1e3)})
        tell(0.0, "cells")
        found = made(view, plan, self, power_map(self.power, view["package"].package_size_um))
        rows, fields = [], {}
        for k, (test, films, held) in enumerate(self._tests(found, plan)):
            tell(0.1 + 0.3 * k, test)
            fields[test] = steady(found, self.power_W, films, held, tolerance_ratio=1e-6)
            rows.append(self._row(test, found, fields[test]))
        still = rows[0]
        junction = still["t_junction_C"]
        whole = sum(fields["air"].out_W.values())
        board_W = sum(flow for name, flow in fields["air"].out_W.items() if name.startswith("board"))
        worst = max(field.balance_ratio for field in fields.values())
        metrics = {
            "theta_ja_K_W": (junction - self.t_room_C) / self.power_W,
            "theta_jb_K_W": (rows[1]["t_junction_C"] - rows[1]["t_board_C"]) / self.power_W,
            "theta_jc_K_W": (rows[2]["t_junction_C"] - rows[2]["t_case_C"]) / self.power_W,
            "psi_jt_K_W": (junction - still["t_case_C"]) / self.power_W,
            "psi_jb_K_W": (junction - still["t_board_C"]) / self.power_W,
            "t_junction_C": junction,
            "t_junction_mean_C": still["t_junction_mean_C"],
            "t_case_C": still["t_case_C"],
            "t_board_C": still["t_board_C"],
            "power_W": self.power_W,
            "to_board_pct": 100.0 * board_W / whole,
            "cells_count": float(found.cells_count),
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
            "balance_ratio": worst,
        }
        doubts = [*doubtful(found, fields.values(), worst), *mesh_doubts(self.per_pitch)]
        return Result(
            self.name,
            metrics,
            (balance_check(worst, self.name),),
            {"tests": rows, "heat": heat_rows(fields["air"]), "given": given_rows(found, plan)},
            warnings=(*doubts, *found.notes),
            state="doubtful" if doubts else "ok",
        )

    def _tests(self, found: Scene, plan: Board) -> list[tuple[str, Any, Any]]:
        return [
            ("air", air(plan, self.t_room_C, self.air_m_s, self.emissivity_ratio, found.plate), ()),
            ("ring", {}, cold_ring(found, self.t_room_C)),
            ("plate", cold_plate(self.t_room_C), ()),
        ]

    def _row(self, test: str, found: Scene, field: Field) -> dict[str, Any]:
        hot = field.t_C[found.junction, found.package[0], found.package[1]]
        heat = found.heat[found.junction, found.package[0], found.package[1]]
        return {
            "test": {"air": "JESD51-2 or -6, air", "ring": "JESD51-8, cold ring", "plate": "cold plate on the back"}[
                test
            ],
            "t_junction_C": round(float(hot[heat > 0].max()), 4),
            "t_junction_mean_C": round(float((hot * heat)[heat > 0].sum() / heat.sum()), 4),
            "t_case_C": round(case_of(found, field, self.t_room_C), 4),
            "t_board_C": round(board_probe(found, field.t_C), 4),
            "passes_count": field.passes_count,
            "rounds_count": field.rounds_count,
            "balance_ratio": float(f"{field.balance_ratio:.3g}"),
        }


def made(
    view: Mapping[str, Any],
    plan: Board | None,
    asked: OnBoard,
    power: Any = None,
    first_um: float = Fineness().first_um,
    lines_like: tuple[Cooling, ...] = (),
    wider: float = 1.0,
) -> Scene:
    """Return the scene for an analysis' options; InputError for one that would not fit into memory.

    `lines_like`: its grid has lines at these edges as well; its cells are `wider` times as wide and thick as usual.
    """
    fine = Fineness(asked.per_pitch, first_um=first_um).wider(wider)
    package = view["package"]
    columns = [side / package.min_ball_distance_um * asked.per_pitch + 60.0 for side in package.package_size_um]
    count = columns[0] * columns[1] * 55.0
    if count > MOST_CELLS:
        problem = Problem(
            "thermal.mesh",
            f"about {count / 1e6:.0f} million cells would take {BYTES_PER_CELL * count / 1e9:.0f} GB",
            key="per_pitch",
            value=f"{asked.per_pitch:g}",
            limit=f"{MOST_CELLS / 1e6:.0f} million cells",
            remedy=f"ask for per_pitch of {asked.per_pitch * math.sqrt(MOST_CELLS / count):.0f} or less",
        )
        raise InputError([problem])
    cooling = asked.cooling(package.package_size_um, package.min_ball_distance_um)
    cooling = replace(cooling, lines_like=lines_like)
    return scene(
        view,
        plan,
        power,
        fine=fine,
        land_d_um=asked.land_d_um,
        under=asked.under,
        mixture=cast(Mixture, asked.mixture),
        cooling=cooling,
        blocks=few_blocks(asked.power, package.package_size_um),
    )


def mesh_error_ratio(per_pitch: float) -> float:
    """Return the most that theta_ja is taken to be off of far finer cells' (14 to 20 per pitch), as a share of it.

    Measured on packages of 36 and 60 balls on JESD51-9, 2s2p, with 3 to 9 cells per pitch: it goes up and down as the
    edges of wiring over polymer happen to cut cells. Not a bound for every package.

    >>> mesh_error_ratio(4.0)
    0.0625
    """
    return _MESH_ERROR / per_pitch


def mesh_doubts(per_pitch: float) -> list[str]:
    """Return why an answer of cells so wide is doubtful."""
    off = mesh_error_ratio(per_pitch)
    if off <= MESH_RATIO:
        return []
    least = math.ceil(_MESH_ERROR / MESH_RATIO - 1e-9)
    limit = f"{100 * MESH_RATIO:g} %"
    return [f"cells this wide were seen {100 * off:.0f} % off (limit {limit}): ask for per_pitch of {least} or more"]


def doubtful(found: Scene, fields: Any, worst: float) -> list[str]:
    """Return why an answer is doubtful: heat is missing, or a material is used where no value of it was given."""
    told = []
    if not worst <= BALANCE_RATIO:
        told.append(f"the heat's balance is off by {worst:.2g} of all heat (limit {BALANCE_RATIO:g})")
    for field in fields:
        for index, item in enumerate(found.substances):
            if np.isfinite(item.known_C).any():
                told.append(outside(item, field.t_C[(found.leads == index) & found.solid]))
    told = [text for k, text in enumerate(told) if text and text not in told[:k]]
    return told


def balance_check(worst: float, name: str) -> Check:
    """Return the check that what comes in goes out."""
    text = "heat that leaves is the heat that is made"
    return Check("thermal.balance", f"{name}.balance_ratio", worst, BALANCE_RATIO, worst <= BALANCE_RATIO, text)


def heat_rows(field: Field) -> list[dict[str, Any]]:
    """Return what leaves by each face, with its film and its surface's mean temperature."""
    whole = sum(field.out_W.values())
    return [
        {
            "face": name,
            "heat_W": float(f"{flow:.6g}"),
            "share_pct": round(100 * flow / whole, 2),
            "h_W_m2K": round(field.h_W_m2K[name], 3) if name in field.h_W_m2K else None,
            "surface_C": round(field.surface_C[name], 3) if name in field.surface_C else None,
        }
        for name, flow in sorted(field.out_W.items(), key=lambda item: -item[1])
    ]


def given_rows(found: Scene, plan: Board | None) -> list[dict[str, Any]]:
    """Return what the answer rests on besides the package: board, films, mixture."""
    rows = [{"what": "cells", "value": " x ".join(str(n) for n in found.solid.shape[::-1]), "source": ""}]
    if plan is not None:
        size = f"{plan.size_mm[0]:g} x {plan.size_mm[1]:g} x {plan.thickness_um / 1e3:g} mm"
        rows += [
            {"what": "board", "value": plan.title, "source": plan.source},
            {"what": "board's size", "value": size, "source": plan.source},
            {"what": "vias to the first plane", "value": plan.vias, "source": "assumed: under balls of ground nets"},
            {"what": "films", "value": "level plate, radiation", "source": "Incropera and DeWitt, chapters 7 and 9"},
        ]
    rows.append(
        {"what": "widest gap of the mixture's bounds", "value": f"{100 * found.gap_ratio:.0f} %", "source": "see fill"}
    )
    return rows
