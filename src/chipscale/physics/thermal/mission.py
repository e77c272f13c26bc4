"""Temperatures over a mission (`thermal.mission`): a file of power over time, through the package on its board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.power_trace import Trace, file_bytes, parsed
from chipscale.physics.thermal.response_rows import doubts_of, open_doubts
from chipscale.physics.thermal.steady_field import steady
from chipscale.physics.thermal.step import Step, step
from chipscale.physics.thermal.surroundings import air
from chipscale.physics.thermal.theta import MESH_ERROR_TOLD, balance_check, doubtful, given_rows, mesh_error_ratio
from chipscale.physics.thermal.trace_response import Course, course
from chipscale.results import Progress, Result

Array = npt.NDArray[np.float64]
STARTS = ("cold", "periodic")
_ROWS = 400
_EARLIEST_S, _LATEST_S = 1e-4, 1e-3
_LINEAR_RATIO = 0.05
_LEAST_W = 1e-6
_MOST_FOLLOWED = 4000  # times


@dataclass(frozen=True, slots=True)
class Mission(OnBoard):
    """How hot does the junction get along a trace of power?

    `trace`: a CSV file with columns time_s and power_W; each power holds until the next time, the last line ends it.
    `start`: cold (all at the room's temperature) or periodic (as if the trace had always been repeated). Films of air
    and conductivities follow the temperatures (in traces of more than a few hundred powers they are those at rest
    under the mean power, and what the largest power would change is told).
    """

    trace: str = ""
    start: str = "cold"
    trace_bytes: bytes = field(default=b"", init=False, repr=False)  # what the file holds: part of what is asked

    name: ClassVar[str] = "thermal.mission"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "t_max_C": "hottest point of the junction at the hottest time",
        "t_max_at_s": "that time",
        "t_min_C": "that point at the coldest time",
        "t_mean_C": "its mean over time",
        "swing_K": "hottest less coldest time",
        "t_board_max_C": "board 1 mm from the package at its hottest time",
        "power_mean_W": "mean power",
        "power_max_W": "largest power",
        "energy_J": "heat of the whole trace",
        "duration_s": "how long the trace is",
        "steps_count": "times of constant power",
        "linear_pct": "how much less a watt heats at rest under the largest power than under the mean",
        "open_pct": "share of the largest rise left open by conductivities that follow one temperature of the die",
        "balance_ratio": "heat that is missing in the balance over all heat, at any time",
        "mesh_error_ratio": MESH_ERROR_TOLD,
        "shapes_count": "decaying shapes the response is made of",
        "cells_count": "cells of the box",
    }

    def __post_init__(self) -> None:
        """Read the file once, so that the same name with other content is another question."""
        OnBoard.__post_init__(self)
        if self.trace:
            object.__setattr__(self, "trace_bytes", file_bytes(Path(self.trace), "trace"))

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "course" (at most 400 rows), "hottest", "given"; fields over time."""
        plan = self.plan({}, self._wrong())
        trace = parsed(self.trace_bytes, self.trace)
        tell = progress or (lambda fraction, text: None)
        duration = float(trace.times_s[-1])
        mean_W = max(trace.energy_J / duration, _LEAST_W)
        most_W = float(trace.power_W.max())
        shortest = float(np.diff(trace.times_s).min())
        found = step(view, self, plan, mean_W, min(max(shortest, _EARLIEST_S), _LATEST_S), tell)
        tell(0.92, "largest power")
        films = air(plan, self.t_room_C, self.air_m_s, self.emissivity_ratio, found.scene.plate)
        hot = found.scene.heat > 0
        top = steady(found.scene, most_W, films, tolerance_ratio=1e-6)
        at_most, at_mean = (float(item.t_C[hot].max()) - self.t_room_C for item in (top, found.rest))
        linear = 1.0 - at_most / most_W / (at_mean / mean_W)
        tell(0.96, "course")
        run = course(trace, found.tau_s, found.first_s, self.start == "periodic")
        missing = max(balance(found, trace, run), found.rest.balance_ratio)
        run, open_ratio = followed(found, run, self.start == "periodic")
        fields = self._fields(found, run)
        warmest = found.rest._replace(t_C=self._warmest_C(found, fields))
        doubts = [*doubtful(found.scene, [warmest], missing), *doubts_of(found, found.first_s)]
        doubts += open_doubts(open_ratio)
        told = [] if np.isfinite(open_ratio) else _told(linear, mean_W, most_W)
        metrics = self._metrics(trace, fields) | {
            "linear_pct": 100.0 * linear,
            **({"open_pct": 100.0 * open_ratio} if np.isfinite(open_ratio) else {}),
            "balance_ratio": missing,
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
            "shapes_count": float(len(found.tau_s)),
            "cells_count": float(found.scene.cells_count),
        }
        return Result(
            self.name,
            metrics,
            (balance_check(missing, self.name),),
            {"course": _course_rows(fields), "hottest": _hottest_rows(fields), "given": given_rows(found.scene, plan)},
            fields,
            warnings=(*doubts, *told, *found.scene.notes),
            state="doubtful" if doubts else "ok",
        )

    def _wrong(self) -> list[Problem]:
        problems = []
        if self.start not in STARTS:
            limit = " or ".join(STARTS)
            problems.append(Problem("thermal.option", "no such start", "", None, "start", self.start, limit))
        if not self.trace:
            what, remedy = "a mission needs a file of power over time", "trace=FILE.csv, columns time_s,power_W"
            problems.append(Problem("thermal.option", what, key="trace", remedy=remedy))
        else:
            try:
                parsed(self.trace_bytes, self.trace)
            except InputError as error:
                problems += error.problems
        return problems

    def _fields(self, found: Step, run: Course) -> dict[str, Array]:
        """Return temperatures over time; the junction's is that of the point that is hottest at the hottest time."""
        peak = int((run.risen_W @ found.driven).argmax())
        point = int((found.heated @ run.risen_W[peak]).argmax())
        rises = {"junction": run.risen_W @ found.heated[point], "junction_mean": run.risen_W @ found.driven}
        rises |= {place: run.risen_W @ ends for place, ends in sorted(found.shapes.ends.items())}
        temperatures = {f"t_{place}_C": self.t_room_C + rise for place, rise in rises.items()}
        return {"times_s": run.times_s, "power_W": run.power_W, **temperatures}

    def _warmest_C(self, found: Step, fields: Mapping[str, Array]) -> Array:
        """Return the field at rest, as much warmer as the junction ever is."""
        over_K = found.power_W * float(found.heated.sum(axis=1).max())
        ratio = max(0.0, float(fields["t_junction_C"].max()) - self.t_room_C) / over_K
        return np.asarray(self.t_room_C + ratio * (found.rest.t_C - self.t_room_C))

    def _metrics(self, trace: Trace, fields: Mapping[str, Array]) -> dict[str, float]:
        times, t_C = fields["times_s"], fields["t_junction_C"]
        gaps = np.diff(times)
        duration = float(trace.times_s[-1])
        return {
            "t_max_C": float(t_C.max()),
            "t_max_at_s": float(times[t_C.argmax()]),
            "t_min_C": float(t_C.min()),
            "t_mean_C": float(((t_C[1:] + t_C[:-1]) / 2 * gaps).sum() / duration),
            "swing_K": float(t_C.max() - t_C.min()),
            "t_board_max_C": float(fields["t_board_C"].max()),
            "power_mean_W": trace.energy_J / duration,
            "power_max_W": float(trace.power_W.max()),
            "energy_J": trace.energy_J,
            "duration_s": duration,
            "steps_count": float(len(trace.power_W)),
        }


def followed(found: Step, run: Course, again: bool) -> tuple[Course, float]:
    """Return the course with films and conductivities that follow the temperatures, and what that leaves open; as it is
    (and nan) where it has too many times for that."""
    if len(run.times_s) > _MOST_FOLLOWED:
        return run, float("nan")
    states = found.shapes.following.along(run.times_s, run.power_W[:-1], run.risen_W[0], again)
    return run._replace(risen_W=states.risen_W), states.open_ratio


def balance(found: Step, trace: Trace, run: Course) -> float:
    """Return the largest part of the heat made so far that is neither stored, beyond what was at first, nor left.

    What leaves is the shapes' own integral over each time of constant power, not what is missing of the rest.
    """
    made = np.concatenate(([0.0], np.cumsum(trace.power_W * np.diff(trace.times_s))))
    at = np.searchsorted(run.times_s, trace.times_s)
    risen = run.risen_W[at]
    stored = risen @ found.shapes.stored_J.sum(axis=0)
    dt = np.diff(trace.times_s)[:, None]
    through = trace.power_W[:, None] * dt + found.tau_s * (risen[:-1] - risen[1:])
    left = np.concatenate(([0.0], np.cumsum(through @ found.shapes.left_ratio)))
    largest = max(float(made[-1]), float(stored.max()))
    return float(np.abs(stored - stored[0] + left - made).max() / largest)


def _told(linear: float, mean_W: float, most_W: float) -> list[str]:
    if abs(linear) <= _LINEAR_RATIO:
        return []
    change = f"{100 * abs(linear):.0f} % {'less' if linear > 0 else 'more'}"
    return [
        f"films and conductivities are those at rest under the mean power, {mean_W:.3g} W; at rest under {most_W:.3g} W"
        f" a watt would heat {change}"
    ]


def _course_rows(fields: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return rows over the whole time, at most _ROWS: in each stretch of time the hottest."""
    t_C = fields["t_junction_C"]
    edges = np.unique(np.linspace(0, len(t_C), min(_ROWS, len(t_C)) + 1).astype(int))
    return [_row_at(fields, int(low + t_C[low:high].argmax())) for low, high in pairwise(edges)]


def _hottest_rows(fields: Mapping[str, Array]) -> list[dict[str, Any]]:
    """Return the ten hottest times that are higher than both neighbours."""
    t_C = fields["t_junction_C"]
    padded = np.concatenate(([-np.inf], t_C, [-np.inf]))
    peaks = np.flatnonzero((t_C >= padded[:-2]) & (t_C > padded[2:]))
    return [_row_at(fields, int(k)) for k in sorted(peaks, key=lambda k: (-t_C[k], k))[:10]]


def _row_at(fields: Mapping[str, Array], k: int) -> dict[str, Any]:
    places = {name: round(float(values[k]), 4) for name, values in fields.items() if name.startswith("t_")}
    return {"t_s": float(f"{fields['times_s'][k]:.8g}"), "power_W": float(f"{fields['power_W'][k]:.6g}"), **places}
