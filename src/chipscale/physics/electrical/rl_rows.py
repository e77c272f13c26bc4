"""Tables, checks and words of the answer on resistance and inductance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from chipscale.physics.electrical.conductor_types import Conductors, Terminal
from chipscale.physics.electrical.filament_model import Array, Model
from chipscale.physics.electrical.frequency_sweep import Sweep
from chipscale.physics.electrical.frequency_words import frequency_words, plain
from chipscale.physics.electrical.return_path import joined
from chipscale.results import Check

_ROUNDING = 1e-9  # of the largest value: what an eigenvalue may be below zero
_UNEVEN = 1e-6  # of the largest value: what the two halves of a solved matrix may differ by
_COARSE_RATIO = 3.15
COARSE = "the filaments at conductors' surfaces are up to"
SLOW = "the longest path is"
_SWEPT_RATIO = 5e-3  # of the largest R and L, between frequencies solved


class At(NamedTuple):
    """The answer at one frequency: resistance in ohm and inductance in H (p, p), made symmetric, and by how much each
    differed from its mirror image before, over its largest value."""

    f_Hz: float
    r_ohm: Array
    l_H: Array
    uneven: tuple[float, float] = (0.0, 0.0)


def even(f_Hz: float, r_ohm: Array, l_H: Array) -> At:
    """Return the answer of a solver made symmetric."""
    off = [float(np.abs(matrix - matrix.T).max() / np.abs(matrix).max()) for matrix in (r_ohm, l_H)]
    return At(f_Hz, (r_ohm + r_ohm.T) / 2, (l_H + l_H.T) / 2, (off[0], off[1]))


def port_rows(ports: Sequence[Terminal]) -> list[dict[str, Any]]:
    """Return the order of rows and columns in the matrices."""
    return [{"row": k, "net": item.net, "terminal": item.name} for k, item in enumerate(ports)]


def ball_rows(ports: Sequence[Terminal], length_um: Array, at: Sequence[At], kind: str) -> list[dict[str, Any]]:
    """Return a row per ball: its way and the diagonal of the matrices, and the ball it couples to most."""
    dc, high = at[0], at[-1]
    size = np.sqrt(np.outer(np.diag(high.l_H), np.diag(high.l_H)))
    coupling = np.abs(high.l_H) / size
    foreign = np.array([[one.net != other.net for other in ports] for one in ports], dtype=float)
    rows = []
    for k, item in enumerate(ports):
        near = int(np.argmax(coupling[k] * foreign[k])) if foreign[k].any() else k
        rows.append(
            {
                "net": item.net,
                "ball": item.name.removeprefix("ball "),
                "inductance": kind,
                "path_um": round(float(length_um[k]), 2),
                "r_dc_mohm": _rounded(1e3 * dc.r_ohm[k, k]),
                "r_mohm": _rounded(1e3 * high.r_ohm[k, k]),
                "l_dc_nH": _rounded(1e9 * dc.l_H[k, k]),
                "l_nH": _rounded(1e9 * high.l_H[k, k]),
                "couples_to": ports[near].name.removeprefix("ball ") if near != k else "",
                "coupling_ratio": _rounded(float(coupling[k, near])) if near != k else 0.0,
            }
        )
    return rows


def net_rows(ports: Sequence[Terminal], length_um: Array, at: Sequence[At], kind: str) -> list[dict[str, Any]]:
    """Return a row per net, its balls joined by the board and its pads by the die, other nets without current."""
    rows = []
    for net in sorted({item.net for item in ports}):
        of = np.array([k for k, item in enumerate(ports) if item.net == net], dtype=np.int64)
        r_dc, l_dc = joined(at[0].r_ohm, at[0].l_H, 0.0, of)
        r_f, l_f = joined(at[-1].r_ohm, at[-1].l_H, 2 * math.pi * at[-1].f_Hz, of)
        rows.append(
            {
                "net": net,
                "inductance": kind,
                "balls_count": len(of),
                "path_um": round(float(length_um[of].min()), 2),
                "r_dc_mohm": _rounded(1e3 * r_dc),
                "r_mohm": _rounded(1e3 * r_f),
                "l_dc_nH": _rounded(1e9 * l_dc),
                "l_nH": _rounded(1e9 * l_f),
            }
        )
    return rows


def metrics(drawn: Conductors, made: Model, at: Sequence[At], length_um: Array) -> dict[str, float]:
    """Return the figures of the whole answer."""
    dc, high = at[0], at[-1]
    size = np.sqrt(np.outer(np.diag(high.l_H), np.diag(high.l_H)))
    coupling = np.abs(high.l_H / size - np.eye(len(size)))
    return {
        "ports_count": float(len(length_um)),
        "open_count": float(len(drawn.open_terminals)),
        "r_dc_max_mohm": 1e3 * float(np.diag(dc.r_ohm).max()),
        "r_max_mohm": 1e3 * float(np.diag(high.r_ohm).max()),
        "l_max_nH": 1e9 * float(np.diag(high.l_H).max()),
        "l_mean_nH": 1e9 * float(np.diag(high.l_H).mean()),
        "coupling_max_ratio": float(coupling.max(initial=0.0)),
        "path_max_um": float(length_um.max()),
        "bars_count": float(len(made.bundle.sigma_S_m)),
        "filaments_count": float(made.bundle.first[-1]),
        "outer_filament_over_skin_ratio": made.outer_over_skin_ratio,
    }


def checks(at: Sequence[At]) -> tuple[Check, ...]:
    """Return what must hold at each frequency: symmetric, positive definite, and without gain."""
    found = []
    for item in at:
        where = "DC" if item.f_Hz == 0.0 else frequency_words(item.f_Hz)
        both = (("r", "mohm", 1e3 * item.r_ohm), ("l", "nH", 1e9 * item.l_H))
        for (name, unit, matrix), uneven in zip(both, item.uneven, strict=True):
            largest = float(np.abs(matrix).max())
            found.append(_check("symmetric", f"{name}_uneven_ratio", uneven, _UNEVEN, f"{name.upper()} at {where}"))
            least = float(np.linalg.eigvalsh(matrix).min())
            code = "passive" if name == "r" else "positive"
            metric, limit = f"{name}_least_{unit}", -_ROUNDING * largest
            found.append(_check(code, metric, least, limit, f"{name.upper()} at {where}", below=False))
    return tuple(found)


def _check(code: str, metric: str, value: float, limit: float, what: str, below: bool = True) -> Check:
    meaning = {
        "symmetric": "largest difference of its halves over its largest value",
        "passive": "its least eigenvalue: no combination of currents may gain power",
        "positive": "its least eigenvalue: no combination of currents may hold energy below zero",
    }[code]
    ok = value <= limit if below else value >= limit
    return Check(f"rl.{code}", metric, value, limit, bool(ok), f"{what}: {meaning}", source="circuit theory")


def warnings(drawn: Conductors, made: Model, slow_ratio: float, swept: Sweep | None) -> list[str]:
    """Return why the answer is doubtful, empty when it is not."""
    told = []
    if drawn.open_terminals:
        names = ", ".join(f"{item.name} ({item.net})" for item in drawn.open_terminals[:8])
        more = f" and {len(drawn.open_terminals) - 8} more" if len(drawn.open_terminals) > 8 else ""
        told.append(f"without a way through the metal, left out: {names}{more}")
    if slow_ratio > 1.0:
        told.append(
            f"the longest path is {plain(slow_ratio, 2)} times a tenth of the wavelength: currents are no longer "
            "in step"
        )
    if made.outer_over_skin_ratio > _COARSE_RATIO:
        told.append(f"{COARSE} {made.outer_over_skin_ratio:.1f} skin depths thick: resistances are too low")
    if swept is not None and swept.error_ratio > _SWEPT_RATIO:
        told.append(f"the sweep is interpolated within {plain(100 * swept.error_ratio, 2)} % only")
    return told


def _rounded(value: float) -> float:
    """Return six digits of a value."""
    return float(f"{value:.6g}")
