"""What a report shows of a response over time: curves, pulses, where the heat is, maps of the junction."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.errors import Problem
from chipscale.physics.thermal.step import PARTS, Step, resolved_s
from chipscale.solvers.diffusion_modes import grown

Array = npt.NDArray[np.float64]
DUTIES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
PLACES = ("hottest", "mean", "case", "board")
_LINEAR_RATIO = 0.1  # more than this of the answer depends on the power: told
_MODEL_RATIO = 1e-3
_LOST_RATIO = 1e-5
OPEN_RATIO = 0.02  # of the rise, that may be left open by how conductivities follow the temperature


def later(first_s: float, last_s: float) -> list[Problem]:
    """Return the problem of a last time before the first."""
    if last_s == 0.0 or last_s > first_s:
        return []
    limit = f"above first_s = {first_s:g}"
    what, remedy = "the last time is not after the first", "give a later time, or 0: until all is at rest"
    return [Problem("thermal.option", what, key="last_s", value=f"{last_s:g}", limit=limit, remedy=remedy)]


def doubts_of(found: Step, first_s: float) -> list[str]:
    """Return why a response is doubtful: asked for before the cells resolve it, or its shapes miss some of it."""
    told = []
    least = resolved_s(found.scene)
    if first_s < 0.999 * least:
        told.append(f"before {least:.2g} s the heat has not crossed two layers of cells: the rise is too small there")
    if not found.shapes.error_ratio <= _MODEL_RATIO:
        told.append(f"the shapes found miss {found.shapes.error_ratio:.2g} of the answer (limit {_MODEL_RATIO:g})")
    return told + open_doubts(found.open_ratio)


def open_doubts(open_ratio: float) -> list[str]:
    """Return why conductivities that follow one temperature of the die are not good enough."""
    if not open_ratio > OPEN_RATIO:
        return []
    left, limit = f"{100 * open_ratio:.2g} %", f"{100 * OPEN_RATIO:g} %"
    return [f"conductivities follow one temperature of the die: that leaves {left} of the rise open (limit {limit})"]


def told_of(found: Step) -> list[str]:
    """Return what to bear in mind: how far pulses, which are as linear as their shapes, are off a step that follows."""
    if found.held_ratio <= _LINEAR_RATIO:
        return []
    return [
        f"pulses are those with films and conductivities as at rest under {found.power_W:g} W; a step from cold, which"
        f" follows its temperatures, lies up to {100 * found.held_ratio:.0f} % off such an answer"
    ]


def thinned(times_s: Array, every: int) -> Array:
    """Return every so-many-th time, the last one always."""
    return np.unique(np.append(times_s[::every], times_s[-1]))


def curves(found: Step, times_s: Array) -> dict[str, Array]:
    """Return the rise over time (times,) in K/W at each place."""
    return {f"{place}_K_W": found.at(place, times_s) for place in PLACES}


def step_rows(found: Step, times_s: Array) -> list[dict[str, Any]]:
    """Return a row per time: the rise per watt at each place."""
    columns = curves(found, times_s)
    end = float(found.driven.sum())
    return [
        {"t_s": _short(t)} | {f"z_{place}_K_W": _tidy(columns[f"{place}_K_W"][k], end) for place in PLACES}
        for k, t in enumerate(times_s)
    ]


def pulse_rows(found: Step, widths_s: Array) -> list[dict[str, Any]]:
    """Return a row per width of a pulse: rise of the hottest point at its end per watt of the pulse, for one pulse
    (duty 0) and for pulses that come again and again, after a long time; exact for each shape."""
    rows: list[dict[str, Any]] = [{"width_s": _short(width)} for width in widths_s]
    for duty in DUTIES:
        share = grown(widths_s, found.tau_s)
        if duty > 0:
            share = share / grown(widths_s / duty, found.tau_s)
        for row, z in zip(rows, (share @ found.heated.T).max(axis=1), strict=True):
            row["z_single_K_W" if duty == 0 else f"z_duty_{100 * duty:g}_pct_K_W"] = _short(z)
    return rows


def stored_rows(found: Step, times_s: Array) -> list[dict[str, Any]]:
    """Return a row per time: which share of the heat made so far is in the package, in the board, in the room."""
    parts, _ = found.balance(times_s)
    return [
        {"t_s": _short(t)}
        | {f"{name}_pct": round(100.0 * float(part), 3) + 0.0 for name, part in zip(PARTS, row, strict=True)}
        for t, row in zip(times_s, parts / times_s[:, None], strict=True)
    ]


def stage_rows(r_K_W: Array, c_J_K: Array) -> list[dict[str, Any]]:
    """Return a row per stage of a network."""
    return [
        {"stage": k + 1, "r_K_W": float(f"{r:.9g}"), "c_J_K": float(f"{c:.9g}"), "tau_s": _short(r * c)}
        for k, (r, c) in enumerate(zip(r_K_W, c_J_K, strict=True))
    ]


def junction_maps(found: Step, times_s: Array) -> dict[str, Array]:
    """Return the rise of the junction's cells (times, ny, nx) in K/W, nan where no heat is made; lines in mm."""
    rows, columns = found.scene.package
    shape = (rows.stop - rows.start, columns.stop - columns.start)
    maps = np.full((len(times_s), *shape), np.nan)
    hot = found.scene.heat[found.scene.junction, rows, columns] > 0
    maps[:, hot] = found.risen_at(times_s) @ found.heated.T
    x, y = found.scene.lines_m[:2]
    return {
        "map_times_s": times_s,
        "junction_K_W": maps,
        "x_mm": 1e3 * x[columns.start : columns.stop + 1],
        "y_mm": 1e3 * y[rows.start : rows.stop + 1],
    }


def _tidy(value: float, end: float) -> float:
    """Return six digits of a rise; 0 where it is lost in what the shapes may miss, far from the heat and early."""
    return _short(value) if abs(value) > _LOST_RATIO * end else 0.0


def _short(value: float) -> float:
    return float(f"{value:.6g}")
