"""How fast a package warms up on a board (`thermal.transient`): step and pulse response, networks for SPICE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.cauer import ladder
from chipscale.physics.thermal.foster import Foster, fitted
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.response_rows import (
    curves,
    doubts_of,
    junction_maps,
    later,
    pulse_rows,
    stage_rows,
    step_rows,
    stored_rows,
    thinned,
    told_of,
)
from chipscale.physics.thermal.step import Step, early_ratio, log_times, resolved_s, step
from chipscale.physics.thermal.theta import MESH_ERROR_TOLD, balance_check, doubtful, given_rows, mesh_error_ratio
from chipscale.results import Check, Progress, Result

Array = npt.NDArray[np.float64]
NAMED_S = {"10us": 1e-5, "100us": 1e-4, "1ms": 1e-3, "10ms": 1e-2, "100ms": 0.1, "1s": 1.0, "10s": 10.0, "100s": 100.0}
_PER_DECADE, _ROWS_PER_DECADE = 24, 6
_REST_TAUS = 7.0  # of the slowest shape: e^-7 is 0.1 %


@dataclass(frozen=True, slots=True)
class Transient(OnBoard):
    """How does the junction warm up after power is switched on, and how hot does a pulse make it?

    Board, air and the rest as in `thermal.theta`; after a step of `power_W` films and conductivities follow the
    temperatures, while pulses are those with both as at rest under it.
    `first_s`, `last_s`: the times looked at (`last_s` 0: until all is at rest). `stages_count`: stages of the networks
    for SPICE (0: as few as stay within `network_pct` of the impedance at every time).
    """

    power_W: float = 1.0
    first_s: float = 1e-5
    last_s: float = 0.0
    stages_count: int = 0
    network_pct: float = 1.0

    name: ClassVar[str] = "thermal.transient"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "theta_ja_K_W": "hottest point of the junction over the room at rest, per watt",
        "theta_mean_K_W": "mean of the junction over the room at rest, per watt",
        **{f"z_{name}_K_W": f"rise of the hottest point {name} after power is on, per watt" for name in NAMED_S},
        "t_half_s": "time to half of the rise",
        "t_90pct_s": "time to 90 % of the rise",
        "tau_longest_s": "slowest time constant",
        "first_s": "earliest time looked at",
        "resolved_s": "time from which on the cells resolve the heat's spreading",
        "early_pct": "how much lower than at the very face the mean rise may be at the earliest time",
        "stages_count": "stages of the networks for SPICE",
        "network_error_ratio": "largest error of the networks over the impedance, at any time",
        "network_error_of_end_ratio": "largest error of the networks over the impedance at rest",
        "model_error_ratio": "largest error of the response found, against the cells' own, at a rate s",
        "held_pct": "how far off the step's mean rise were, at any time, with films and conductivities as at rest",
        "open_pct": "share of the mean rise left open by conductivities that follow one temperature of the die",
        "linear_pct": "how much more a watt heats at a twentieth of the power (films of air carry less then)",
        "balance_ratio": "heat that is missing in the balance over all heat, at any time",
        "mesh_error_ratio": MESH_ERROR_TOLD,
        "shapes_count": "decaying shapes the response is made of",
        "cells_count": "cells of the box",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "step", "pulses" (rise of the hottest point at the end of pulses, by duty), "stored" (where
        the heat is), "foster", "cauer", "given"; fields over time in K/W and maps of the junction."""
        plan = self.plan(
            {
                "power_W": (self.power_W, 1e-6, 1e3),
                "first_s": (self.first_s, 1e-8, 1.0),
                "last_s": (self.last_s, 0.0, 1e7),
                "stages_count": (self.stages_count, 0, 14),
                "network_pct": (self.network_pct, 0.01, 50.0),
            },
            later(self.first_s, self.last_s),
        )
        tell = progress or (lambda fraction, text: None)
        found = step(view, self, plan, self.power_W, self.first_s, tell)
        times = self._times(found)
        tell(0.95, "networks")
        hottest = found.at("hottest", times)
        end = float(found.heated.sum(axis=1).max())
        network = fitted(times, hottest, end, 0.01 * self.network_pct, int(self.stages_count))
        missing = max(found.balance(times)[1], found.shapes.balance_ratio)
        doubts = [*doubtful(found.scene, [found.rest], missing), *doubts_of(found, self.first_s)]
        return Result(
            self.name,
            self._metrics(found, times, network, missing),
            (balance_check(missing, self.name), _network_check(network, self.network_pct)),
            {
                "step": step_rows(found, thinned(times, _PER_DECADE // _ROWS_PER_DECADE)),
                "pulses": pulse_rows(found, thinned(times, _PER_DECADE // 3)),
                "stored": stored_rows(found, thinned(times, _PER_DECADE)),
                "foster": stage_rows(network.r_K_W, network.c_J_K),
                "cauer": stage_rows(*ladder(network.r_K_W, network.tau_s)),
                "given": given_rows(found.scene, plan),
            },
            {
                "times_s": times,
                "network_K_W": network.at(times),
                **curves(found, times),
                **junction_maps(found, thinned(times, _PER_DECADE)),
            },
            warnings=(*doubts, *told_of(found), *found.scene.notes),
            state="doubtful" if doubts else "ok",
        )

    def _times(self, found: Step) -> Array:
        last = self.last_s or _REST_TAUS * float(found.tau_s[found.driven > 1e-4 * found.driven.sum()].max())
        return log_times(self.first_s, max(last, 10.0 * self.first_s), _PER_DECADE)

    def _metrics(self, found: Step, times: Array, network: Foster, missing: float) -> dict[str, float]:
        end = float(found.heated.sum(axis=1).max())
        named = dict(zip(NAMED_S, found.at("hottest", np.array(list(NAMED_S.values()))), strict=True))
        whole = log_times(self.first_s, 1e2 * float(found.tau_s.max()), 4 * _PER_DECADE)
        rise = found.at("hottest", whole)
        return {
            "theta_ja_K_W": end,
            "theta_mean_K_W": float(found.driven.sum()),
            **{f"z_{name}_K_W": float(value) for name, value in named.items() if NAMED_S[name] >= self.first_s},
            "t_half_s": float(np.interp(0.5 * end, rise, whole)),
            "t_90pct_s": float(np.interp(0.9 * end, rise, whole)),
            "tau_longest_s": float(found.tau_s.max()),
            "first_s": self.first_s,
            "resolved_s": resolved_s(found.scene),
            "early_pct": 100.0 * early_ratio(found.scene, float(found.at("mean", times[:1])[0])),
            "stages_count": float(len(network.r_K_W)),
            "network_error_ratio": network.error_ratio,
            "network_error_of_end_ratio": network.error_of_end_ratio,
            "model_error_ratio": found.shapes.error_ratio,
            "held_pct": 100.0 * found.held_ratio,
            "open_pct": 100.0 * found.open_ratio,
            "linear_pct": 100.0 * found.shapes.linear_ratio,
            "balance_ratio": missing,
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
            "shapes_count": float(len(found.tau_s)),
            "cells_count": float(found.scene.cells_count),
        }


def _network_check(network: Foster, limit_pct: float) -> Check:
    """Return the check that the networks for SPICE are as close as asked."""
    text = "the networks for SPICE hold the impedance at every time"
    limit = 0.01 * limit_pct
    metric = "thermal.transient.network_error_ratio"
    return Check("thermal.network", metric, network.error_ratio, limit, network.error_ratio <= limit, text)
