"""What does each cooling measure buy (`thermal.what_if`): resistances as the package is, and with one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from chipscale.errors import Problem, did_you_mean
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.power_map import power_map
from chipscale.physics.thermal.scene import Scene
from chipscale.physics.thermal.steady_field import Field, steady
from chipscale.physics.thermal.surroundings import air, board_probe, case_of
from chipscale.physics.thermal.theta import (
    MESH_ERROR_TOLD,
    balance_check,
    doubtful,
    given_rows,
    made,
    mesh_error_ratio,
)
from chipscale.physics.thermal.what_if_measures import MEASURES, Measure, Tries, measure, plate_side_mm, title_of
from chipscale.results import Progress, Result

AS_IS = "as it is"
_WIDER = 2.0  # cells of the second answer over those of the first
_TOLERANCE_RATIO = 1e-6  # of the solver: the same answer from another start differs by less than 1e-3 K/W
_ROUGH_RATIO = 1e-4  # of what all answers start from


@dataclass(frozen=True, slots=True)
class WhatIf(Tries):
    """What does each cooling measure buy: underfill, vias, columns, thicker wiring, thinner die, more balls, a plate?

    The package on its board as the options say (see `thermal.theta`), then with one measure at a time: `measures` names
    them, with commas, or all: underfill (`try_under`, its conductivity `try_under_k_W_mK`, 0: the library's), vias
    (under all balls), filled_vias (those there are), columns (`try_column_d_um`, 0: as the under-bump metal), rdl and
    die (`try_rdl_ratio`, `try_die_ratio` times as thick, the package built again by its flow), balls
    (`try_balls_count` more on ground: unused ones, then free sites, else signals given up), plate (`try_plate_t_um`
    thick, a square of `try_plate_side_mm`, at least as large as the package), coat (`try_coat_k_W_mK`), together (all
    but rdl, die, balls). All are answered on cells with the same lines, and again on cells twice as wide: by how much
    a difference then moves is told beside it.
    """

    name: ClassVar[str] = "thermal.what_if"
    reads: ClassVar[tuple[str, ...]] = ("package", "layout", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "theta_ja_K_W": "hottest point of the junction over the room, per watt, as the package is",
        "psi_jt_K_W": "hottest point of the junction over the middle of the back, per watt, as it is",
        "psi_jb_K_W": "hottest point of the junction over the board 1 mm from the package, per watt, as it is",
        "t_junction_C": "hottest point of the junction at this power, as it is",
        **{f"{key}_K_W": f"change of theta_ja by: {title} (below 0: cooler)" for key, (title, _) in MEASURES.items()},
        "best_K_W": "largest fall of theta_ja by one measure alone",
        "measures_count": "measures answered",
        "refused_count": "measures that can't be done here",
        "balance_ratio": "heat that is missing in the balance over all heat, the worst of all answers",
        "cells_count": "cells of the box, as it is",
        "mesh_error_ratio": MESH_ERROR_TOLD,
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "measures" (as it is first), "refused" (what can't be done, and why), "given"."""
        plan = self.plan({}, self._unknown())
        tell = progress or (lambda fraction, text: None)
        like = self._lines_like(view)
        found = [Measure(AS_IS, "", self, view)]
        for k, key in enumerate(self._asked()):
            tell(0.1 * k / len(MEASURES), f"what is changed: {title_of(key)}")
            found.append(measure(key, self, view, plan))
        able = [item for item in found if item.asked is not None]
        rows: list[dict[str, Any]] = []
        answers: list[tuple[_Answer, _Answer]] = []
        start: tuple[tuple[Scene, Field], tuple[Scene, Field]] | None = None
        for k, item in enumerate(able):
            tell(0.1 + 0.9 * k / len(able), item.key if item.key == AS_IS else title_of(item.key))
            fine, wide = (_Way(item, like, wider) for wider in (1.0, _WIDER))
            start = start or (fine.cold(), wide.cold())
            answers.append((fine.answer(start[0]), wide.answer(start[1])))
            rows.append(_row(item, answers[0], answers[-1], self.power_W))
        fields = [one.field for pair in answers for one in pair]
        worst = max(field.balance_ratio for field in fields)
        first = answers[0][0]
        each = [text for pair in answers for one in pair for text in doubtful(one.scene, [one.field], worst)]
        doubts = list(dict.fromkeys(each))
        refused = [{"measure": title_of(item.key), "why": item.changed} for item in found if item.asked is None]
        alone = [row["change_K_W"] for row, item in zip(rows, able, strict=True) if item.key not in (AS_IS, "together")]
        metrics = {
            **{name: first.figures[name] for name in ("theta_ja_K_W", "psi_jt_K_W", "psi_jb_K_W", "t_junction_C")},
            **{f"{item.key}_K_W": row["change_K_W"] for row, item in zip(rows, able, strict=True) if row["changed"]},
            "best_K_W": -min([*alone, 0.0]),
            "measures_count": float(len(rows) - 1),
            "refused_count": float(len(refused)),
            "balance_ratio": worst,
            "cells_count": float(first.scene.cells_count),
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
        }
        return Result(
            self.name,
            metrics,
            (balance_check(worst, self.name),),
            {"measures": rows, "refused": refused, "given": given_rows(first.scene, plan)},
            warnings=(*doubts, *first.scene.notes),
            state="doubtful" if doubts else "ok",
        )

    def _asked(self) -> list[str]:
        names = [name.strip() for name in self.measures.split(",") if name.strip()]
        return list(MEASURES) if names in ([], ["all"]) else [key for key in MEASURES if key in names]

    def _unknown(self) -> list[Problem]:
        names = {name.strip() for name in self.measures.split(",")} - {"", "all"}
        return [
            Problem(
                "thermal.option", "no such measure", key="measures", value=name, remedy=did_you_mean(name, MEASURES)
            )
            for name in sorted(names - set(MEASURES))
        ]

    def _lines_like(self, view: Mapping[str, Any]) -> tuple[Cooling, ...]:
        """Return what plate and columns would be tried: all answers have lines at their edges."""
        package = view["package"]
        side = plate_side_mm(self, view) if not self.plate_t_um else self.plate_side_mm
        tried = replace(
            self,
            column_d_um=self.column_d_um or self.try_column_d_um or package.terminal.ubm_d_um,
            plate_t_um=self.plate_t_um or self.try_plate_t_um,
            plate_side_mm=side,
        )
        return (tried.cooling(package.package_size_um, package.min_ball_distance_um),)


class _Answer(NamedTuple):
    figures: dict[str, float]
    scene: Scene
    field: Field


class _Way:
    """One measure on cells `wider` than asked for.

    All measures begin with the same answer to the first, which is itself solved again like the others: what changes
    nothing then differs by nothing.
    """

    def __init__(self, item: Measure, like: tuple[Cooling, ...], wider: float) -> None:
        assert item.asked is not None
        self.asked = item.asked
        self.plan = self.asked.plan({})
        power = power_map(self.asked.power, item.view["package"].package_size_um)
        self.scene = made(item.view, self.plan, self.asked, power, lines_like=like, wider=wider)

    def cold(self) -> tuple[Scene, Field]:
        return self.scene, self._field(None, _ROUGH_RATIO)

    def answer(self, start: tuple[Scene, Field]) -> _Answer:
        field = self._field(carried(*start, self.scene), _TOLERANCE_RATIO)
        return _Answer(_figures(self.asked, self.scene, field), self.scene, field)

    def _field(self, start: Field | None, tolerance_ratio: float) -> Field:
        asked = self.asked
        films = air(self.plan, asked.t_room_C, asked.air_m_s, asked.emissivity_ratio, self.scene.plate)
        return steady(self.scene, asked.power_W, films, start=start, tolerance_ratio=tolerance_ratio)


def carried(was: Scene, field: Field, now: Scene) -> Field:
    """Return an answer's temperatures on the cells of a scene with the same lines in x and y: straight between layers,
    and as the board's surface below them where there was nothing."""
    t_C = np.where(np.isfinite(field.t_C), field.t_C, field.t_C[was.z_board])
    z, to = ((edges[:-1] + edges[1:]) / 2 for edges in (was.lines_m[2], now.lines_m[2]))
    at = np.interp(to, z, np.arange(len(z)))
    low = np.minimum(at.astype(int), len(z) - 2)
    share = (at - low)[:, None, None]
    return field._replace(t_C=(1.0 - share) * t_C[low] + share * t_C[low + 1])


def _figures(asked: Tries, scene: Scene, field: Field) -> dict[str, float]:
    hot = field.t_C[scene.junction, scene.package[0], scene.package[1]]
    heat = scene.heat[scene.junction, scene.package[0], scene.package[1]]
    junction = float(hot[heat > 0].max())
    over = junction - asked.t_room_C
    return {
        "theta_ja_K_W": over / asked.power_W,
        "psi_jt_K_W": (junction - case_of(scene, field, asked.t_room_C)) / asked.power_W,
        "psi_jb_K_W": (junction - board_probe(scene, field.t_C)) / asked.power_W,
        "t_junction_C": junction,
    }


def _row(
    item: Measure, before: tuple[_Answer, _Answer], now: tuple[_Answer, _Answer], power_W: float
) -> dict[str, Any]:
    """Return a measure's row; before and now are each on the cells asked for and on wider ones."""
    name, figures = "theta_ja_K_W", now[0].figures
    change, rough = (one.figures[name] - was.figures[name] for one, was in zip(now, before, strict=True))
    moved = abs(rough - change)
    note = "" if not change or moved < abs(change) else "no larger than what the cells leave open"
    return {
        "measure": AS_IS if item.key == AS_IS else title_of(item.key),
        "changed": item.changed,
        "theta_ja_K_W": round(figures["theta_ja_K_W"], 3),
        "change_K_W": round(change, 4) + 0.0,
        "change_pct": round(100.0 * change / before[0].figures[name], 2) + 0.0,
        "change_K": round(change * power_W, 4) + 0.0,
        "mesh_K_W": round(moved, 4),
        "t_junction_C": round(figures["t_junction_C"], 3),
        "psi_jt_K_W": round(figures["psi_jt_K_W"], 3),
        "psi_jb_K_W": round(figures["psi_jb_K_W"], 3),
        "note": note,
    }
