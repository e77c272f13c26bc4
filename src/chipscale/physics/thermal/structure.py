"""The heat's way as a structure function (`thermal.structure`): heat capacity over resistance, from the junction on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.cauer import Cauer, ladder
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.response_rows import doubts_of, told_of
from chipscale.physics.thermal.scene import Scene
from chipscale.physics.thermal.step import log_times, step
from chipscale.physics.thermal.theta import MESH_ERROR_TOLD, balance_check, doubtful, given_rows, mesh_error_ratio
from chipscale.physics.thermal.time_constants import Spectrum, spectrum
from chipscale.results import Check, Progress, Result

Array = npt.NDArray[np.float64]
_PER_DECADE = 48
_REST_TAUS = 9.0
_FOUND_RATIO = 0.005
_ROOM_RATIO = 0.995


@dataclass(frozen=True, slots=True)
class Structure(OnBoard):
    """What does the heat meet on its way, told from how the junction warms up, as a thermal tester would?

    The junction's mean rise after a step of `power_W` is deconvolved into time constants (`per_decade` of them), and
    these are put in a row as a Cauer ladder (network identification by deconvolution, as in JESD51-14). Its sums of
    capacity over resistance are the structure function: steep where much heat is stored, flat where a thin or badly
    conducting part lies. Where heat spreads sideways it is that of a bar with the same rise.
    """

    power_W: float = 1.0
    first_s: float = 1e-5
    per_decade_count: int = 10

    name: ClassVar[str] = "thermal.structure"
    reads: ClassVar[tuple[str, ...]] = ("package", "stack", "materials")
    metrics: ClassVar[Mapping[str, str]] = {
        "theta_mean_K_W": "mean of the junction over the room at rest, per watt",
        "c_die_J_K": "heat capacity of the cells that hold mostly what the junction's do: the die",
        "c_package_J_K": "heat capacity of the package's bodies and what fills its gap",
        "c_board_J_K": "heat capacity of the board",
        "r_die_K_W": "resistance from the junction to where the ladder holds the die's heat capacity",
        "r_package_K_W": "resistance from the junction to where the ladder holds the package's heat capacity",
        "longest_flat_K_W": "most resistance per factor of two in capacity: the narrowest part of the way",
        "at_flat_J_K": "capacity held before that part",
        "spectrum_error_ratio": "largest error of the rise by the time constants found, over the end",
        "stages_count": "stages of the ladder before the room",
        "balance_ratio": "heat that is missing in the balance over all heat, at any time",
        "mesh_error_ratio": MESH_ERROR_TOLD,
        "cells_count": "cells of the box",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Answer; tables "structure" (the function), "spectrum", "given"; fields of both."""
        plan = self.plan(
            {
                "power_W": (self.power_W, 1e-6, 1e3),
                "first_s": (self.first_s, 1e-8, 1.0),
                "per_decade_count": (self.per_decade_count, 3, 20),
            }
        )
        tell = progress or (lambda fraction, text: None)
        found = step(view, self, plan, self.power_W, self.first_s, tell)
        times = log_times(self.first_s, _REST_TAUS * float(found.tau_s.max()), _PER_DECADE)
        tell(0.92, "deconvolution")
        parts = spectrum(times, found.at("mean", times), int(self.per_decade_count))
        tell(0.96, "ladder")
        way = before_the_room(ladder(parts.r_K_W, parts.tau_s))
        missing = max(found.balance(times)[1], found.shapes.balance_ratio)
        held = held_J_K(found.scene)
        doubts = [*doubtful(found.scene, [found.rest], missing), *doubts_of(found, self.first_s)]
        r, c = np.cumsum(way.r_K_W), np.cumsum(way.c_J_K)
        flat, before = narrowest(way)
        metrics = {
            "theta_mean_K_W": float(found.driven.sum()),
            "c_die_J_K": held[0],
            "c_package_J_K": held[1],
            "c_board_J_K": held[2],
            "r_die_K_W": resistance_at(way, held[0]),
            "r_package_K_W": resistance_at(way, held[1]),
            "longest_flat_K_W": flat,
            "at_flat_J_K": before,
            "spectrum_error_ratio": parts.error_ratio,
            "stages_count": float(len(r)),
            "balance_ratio": missing,
            "mesh_error_ratio": mesh_error_ratio(self.per_pitch),
            "cells_count": float(found.scene.cells_count),
        }
        return Result(
            self.name,
            metrics,
            (balance_check(missing, self.name), _spectrum_check(parts)),
            {
                "structure": structure_rows(way),
                "spectrum": _spectrum_rows(parts),
                "given": given_rows(found.scene, plan),
            },
            {"r_sum_K_W": r, "c_sum_J_K": c, "tau_s": parts.tau_s, "r_tau_K_W": parts.r_K_W},
            warnings=(*doubts, *told_of(found), *found.scene.notes),
            state="doubtful" if doubts else "ok",
        )


def before_the_room(way: Cauer) -> Cauer:
    """Return the ladder up to nearly all its resistance; beyond, capacity grows without limit: that is the room."""
    count = int(np.searchsorted(np.cumsum(way.r_K_W), _ROOM_RATIO * way.r_K_W.sum())) + 1
    return Cauer(way.r_K_W[:count], way.c_J_K[:count])


def structure_rows(way: Cauer) -> list[dict[str, Any]]:
    """Return a row per stage: sums of resistance and capacity from the junction on, and the capacity per resistance
    (the differential structure function: with conductivity k and capacity c, k c times the section squared)."""
    r, c = np.cumsum(way.r_K_W), np.cumsum(way.c_J_K)
    return [
        {
            "stage": k + 1,
            "r_sum_K_W": float(f"{r[k]:.6g}"),
            "c_sum_J_K": float(f"{c[k]:.6g}"),
            "r_K_W": float(f"{way.r_K_W[k]:.6g}"),
            "c_J_K": float(f"{way.c_J_K[k]:.6g}"),
            "log10_c_over_r": round(float(np.log10(way.c_J_K[k] / way.r_K_W[k])), 4),
        }
        for k in range(len(r))
    ]


def resistance_at(way: Cauer, c_J_K: float) -> float:
    """Return the sum of resistance before the ladder's sum of capacity exceeds a value, between stages by its log.

    >>> round(resistance_at(Cauer(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 12.0])), 4.0), 6)
    1.0
    """
    r, c = np.cumsum(way.r_K_W), np.cumsum(way.c_J_K)
    return float(np.interp(np.log(c_J_K), np.log(c), np.concatenate(([0.0], r[:-1]))))


def narrowest(way: Cauer) -> tuple[float, float]:
    """Return the most resistance within a factor of two of capacity, and the capacity at its beginning."""
    r, c = np.concatenate(([0.0], np.cumsum(way.r_K_W)[:-1])), np.cumsum(way.c_J_K)
    ahead = np.interp(np.log(2.0 * c), np.log(c), r) - r
    best = int(np.argmax(ahead))
    return float(ahead[best]), float(c[best])


def held_J_K(found: Scene) -> tuple[float, float, float]:
    """Return the heat capacity of the die, of the package with it, and of the board.

    The die is all cells of the package led by the substance that leads where most heat is made.
    """
    dx, dy, dz = found.sides_m
    all_J_K = found.c_J_m3K * found.solid * (dz[:, None, None] * dy[None, :, None] * dx[None, None, :])
    alike = (found.leads == found.leads.reshape(-1)[found.heat.argmax()])[: found.z_board]
    package = all_J_K[: found.z_board]
    return float(package[alike].sum()), float(package.sum()), float(all_J_K[found.z_board :].sum())


def _spectrum_rows(parts: Spectrum) -> list[dict[str, Any]]:
    return [
        {"tau_s": float(f"{tau:.6g}"), "r_K_W": float(f"{r:.6g}")}
        for tau, r in zip(parts.tau_s, parts.r_K_W, strict=True)
        if r > 1e-6 * parts.r_K_W.sum()
    ]


def _spectrum_check(parts: Spectrum) -> Check:
    text = "the time constants found give the rise back"
    metric, off = "thermal.structure.spectrum_error_ratio", parts.error_ratio
    return Check("thermal.spectrum", metric, off, _FOUND_RATIO, off <= _FOUND_RATIO, text)
