"""Answers of compared packages on one footing, and the tables made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.electrical import compare_capacitance as formulas
from chipscale.physics.electrical.compare_packages import Model
from chipscale.physics.electrical.compare_paths import KINDS, PathsRL, loops
from chipscale.physics.electrical.dielectric_layers import UNDER_PADS_UM, dielectrics
from chipscale.results import Result
from chipscale.stack.types import Slab

Array = npt.NDArray[np.float64]
_KEYS = {"QFN, wire-bonded": "qfn", "BGA, wire-bonded": "bga", "FC-CSP": "fc_csp"}
_UM = 1e-6


class Part(NamedTuple):
    """The pieces of one kind in a package, mean over its paths."""

    kind: str
    length_um: float
    r_dc_ohm: float
    l_H: float


class Answer(NamedTuple):
    """A package's p paths: lengths (p,), resistance at DC and the frequency (p,), partial inductance (p, p), that of
    the loops (p,), capacitance (p,), its parts, and the sides of its body."""

    key: str
    name: str
    length_um: Array
    r_dc_ohm: Array
    r_ohm: Array
    l_H: Array
    loop_H: Array
    c_F: Array
    parts: tuple[Part, ...]
    body_um: tuple[float, float]


def of_model(made: Model, found: PathsRL, nets: Sequence[str]) -> Answer:
    """Return the answer of a package drawn from sizes."""
    at = np.array([path.terminal_um for path in made.paths])
    parts = []
    for k, kind in enumerate(KINDS):
        length = np.array([path.length_um(kind) for path in made.paths])
        if length.any():
            l_H, r_dc = float(found.part_l_H[:, k].mean()), float(found.part_r_dc_ohm[:, k].mean())
            parts.append(Part(kind, float(length.mean()), r_dc, l_H))
    return Answer(
        _KEYS[made.name],
        made.name,
        np.array([path.length_um() for path in made.paths]),
        np.diag(found.r_dc_ohm),
        np.diag(found.r_ohm),
        found.l_H,
        loops(at, nets, found.l_H),
        made.c_F,
        tuple(parts),
        made.body_um,
    )


def of_wlcsp(view: Mapping[str, Any], found: Result, f_Hz: float) -> Answer:
    """Return the answer of the package at hand from that of `electrical.rl` without a return."""
    package: Package = view["package"]
    place = {ball.name: (ball.x_um, ball.y_um) for ball in package.balls}
    rows = found.tables["balls"]
    at = np.array([place[row["ball"]] for row in rows])
    l_H, length = 1e-9 * found.fields["l_nH"], np.array([row["path_um"] for row in rows])
    r_dc, r = (1e-3 * np.diag(found.fields[name]) for name in ("r_dc_mohm", "r_mohm"))
    return Answer(
        "wlcsp",
        "WLCSP (this package)",
        length,
        r_dc,
        r,
        l_H,
        loops(at, [row["net"] for row in rows], l_H),
        _wlcsp_F(view, length),
        (Part("whole path", float(length.mean()), float(r_dc.mean()), float(np.diag(l_H).mean())),),
        package.package_size_um,
    )


def line_of(view: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return width in µm of this package's wires, mean by length, and height in µm over the die's ground and the
    permittivity of what is between, as `electrical.capacitance` has them."""
    package: Package = view["package"]
    lengths = [float(np.hypot(*np.diff(trace.points, axis=0).T).sum()) for trace in view["layout"].traces]
    widths = [trace.width_um for trace in view["layout"].traces]
    wide = float(np.average(widths, weights=lengths)) if sum(lengths) > 0 else package.terminal.land_d_um
    layers = dielectrics(view["stack"], view["materials"], "air", UNDER_PADS_UM)
    metal = [body for body in view["stack"].bodies if isinstance(body, Slab) and body.net and body.part == ""]
    wires = [body for body in metal if body.layer.startswith("RDL")] or metal
    low = max(wires, key=lambda body: (float(body.bottom.area), body.name)).z_um
    return wide, low - layers.ground_um, layers.eps_below(low)


def _wlcsp_F(view: Mapping[str, Any], length_um: Array) -> Array:
    """Return the capacitance (p,) in F of the balls' paths: wire and land over the silicon, the ball above them."""
    package: Package = view["package"]
    wide, high, eps = line_of(view)
    layers, terminal = package.layers, package.terminal
    per_m = formulas.microstrip(wide * _UM, high * _UM, eps)[0]
    land = formulas.disc_F(terminal.land_d_um / 2 * _UM, high * _UM, eps)
    up = high + layers.rdl_um + layers.pi2_um + layers.ubm_um
    ball = formulas.sphere_F(terminal.ball_d_um / 2 * _UM, (up + terminal.ball_h_um / 2) * _UM)
    flat = np.maximum(length_um - up - terminal.ball_h_um, 0.0)
    return np.asarray(flat * _UM * per_m + land + ball)


def package_rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return a row per package; impedance and resonance from the loops' inductance and the capacitance, lumped."""
    rows = []
    for answer in answers:
        own = 1e9 * np.diag(answer.l_H)
        loop, c_F = answer.loop_H, answer.c_F
        rows.append(
            {
                "package": answer.name,
                "paths_count": len(own),
                "body_mm": f"{answer.body_um[0] / 1e3:.2f} x {answer.body_um[1] / 1e3:.2f}",
                "path_mean_um": _digits(answer.length_um.mean()),
                "path_max_um": _digits(answer.length_um.max()),
                "r_dc_mohm": _digits(1e3 * answer.r_dc_ohm.mean()),
                "r_mohm": _digits(1e3 * answer.r_ohm.mean()),
                "l_least_nH": _digits(own.min()),
                "l_nH": _digits(own.mean()),
                "l_most_nH": _digits(own.max()),
                "loop_nH": _digits(1e9 * loop.mean()),
                "c_pF": _digits(1e12 * c_F.mean()),
                "z0_ohm": _digits(np.sqrt(loop / c_F).mean()),
                "resonance_GHz": _digits((1e-9 / (2 * math.pi * np.sqrt(loop * c_F))).mean()),
            }
        )
    return rows


def part_rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Return a row per part of each package: mean length, resistance at DC, partial inductance of the part alone."""
    return [
        {
            "package": answer.name,
            "part": part.kind,
            "length_um": _digits(part.length_um),
            "r_dc_mohm": _digits(1e3 * part.r_dc_ohm),
            "l_nH": _digits(1e9 * part.l_H),
        }
        for answer in answers
        for part in answer.parts
    ]


def metrics(answers: Sequence[Answer]) -> dict[str, float]:
    """Return the figures of the comparison."""
    found = {f"l_{answer.key}_nH": 1e9 * float(np.diag(answer.l_H).mean()) for answer in answers}
    found |= {f"loop_{answer.key}_nH": 1e9 * float(answer.loop_H.mean()) for answer in answers}
    area = {answer.key: answer.body_um[0] * answer.body_um[1] for answer in answers}
    others = [value for key, value in area.items() if key != "wlcsp"]
    found["wire_bond_ratio"] = min(found["l_qfn_nH"], found["l_bga_nH"]) / found["l_wlcsp_nH"]
    found["area_ratio"] = min(others) / area["wlcsp"]
    return found


def _digits(value: float) -> float:
    return float(f"{float(value):.5g}")
