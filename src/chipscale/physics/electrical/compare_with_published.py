"""What these models give for the packages of published values, and why the two differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chipscale.physics.electrical import compare_capacitance as formulas
from chipscale.physics.electrical.compare_packages import Sizes
from chipscale.physics.electrical.compare_paths import Path, Piece, ball, solve
from chipscale.physics.electrical.compare_published import ROWS, Published
from chipscale.physics.electrical.compare_rows import Answer, line_of

_F_Hz = 1e9
_UM = 1e-6
_SAME_DIE = "another die and body: theirs have planes, bond fingers and routing of their own"


class Ours(NamedTuple):
    """What is held against a published row: ohm, nH, pF (None: not comparable), what it is of, why it differs."""

    r_ohm: float | None
    l_nH: float | None
    c_pF: float | None
    what: str
    why: str


def published_rows(view: Mapping[str, Any], answers: Sequence[Answer], sizes: Sizes) -> list[dict[str, Any]]:
    """Return a row per value that is published and can be compared: value, ours, ratio, why they differ."""
    ours = _ours(view, {answer.key: answer for answer in answers}, sizes)
    rows = []
    for item in ROWS:
        if item.left_out:
            continue
        mine = ours[item.id]
        pairs = (
            ("R in ohm", item.r_ohm, mine.r_ohm),
            ("L in nH", item.l_nH, mine.l_nH),
            ("C in pF", item.c_pF, mine.c_pF),
        )
        for what, value, own in pairs:
            if value is not None and own is not None:
                rows.append(_row(item, mine, what, value, own))
    return rows


def left_out_rows() -> list[dict[str, Any]]:
    """Return the published rows that are not compared, each with its reason."""
    return [
        {
            "id": item.id,
            "item": item.item,
            "reason": item.left_out,
            "confidence": item.confidence,
            "source": item.source,
        }
        for item in ROWS
        if item.left_out
    ]


def _row(item: Published, mine: Ours, what: str, value: float, own: float) -> dict[str, Any]:
    return {
        "id": item.id,
        "item": item.item,
        "what": what,
        "published": value,
        "ours": float(f"{own:.4g}"),
        "ours_over_published_ratio": float(f"{own / value:.3g}"),
        "ours_is": mine.what,
        "why_it_differs": mine.why,
        "kind": item.kind,
        "confidence": item.confidence,
        "source": item.source,
    }


def _ours(view: Mapping[str, Any], of: Mapping[str, Answer], sizes: Sizes) -> dict[str, Ours]:
    bga, qfn = of["bga"], of["qfn"]
    means = float(bga.r_ohm.mean()), 1e9 * float(bga.loop_H.mean()), 1e12 * float(bga.c_F.mean())
    loops = Ours(*means, "mean loop of the wire-bonded BGA here, resistance at the frequency", _SAME_DIE)
    wire = next(part for part in bga.parts if part.kind == "wire")
    lead = next(part for part in qfn.parts if part.kind == "lead")
    bonded = Ours(
        wire.r_dc_ohm,
        1e9 * wire.l_H,
        None,
        f"mean bond wire of the BGA here, {wire.length_um / 1e3:.2f} mm, self, R at DC",
        "their wires are longer (about 1 nH/mm: 4 to 5 mm); their resistance is more than that of such a wire at DC",
    )
    return {
        "P01": _line(view),
        "P02": _ball(sizes),
        "P06": loops,
        "P07": loops,
        "P10": Ours(
            lead.r_dc_ohm,
            None,
            _lead_pF(lead.length_um, sizes),
            f"mean lead of the QFN here, {lead.length_um / 1e3:.2f} mm, R at DC",
            "a larger body for this die's pads, so longer leads",
        ),
        "P11": bonded,
        "P12": bonded,
        "P13": bonded,
        "P16": _wires(sizes),
    }


def _line(view: Mapping[str, Any]) -> Ours:
    if not view["layout"].traces:
        return Ours(None, None, None, "no wires in this package", "")
    wide, high, eps = line_of(view)
    c_F_m, l_H_m = formulas.microstrip(wide * _UM, high * _UM, eps)
    what = f"a wire of this package, {wide:.0f} µm wide, {high:.1f} µm over the silicon as a plane"
    why = "theirs is a 51 ohm line with its own return, higher over it or narrower; silicon here is taken as metal"
    return Ours(None, l_H_m * 1e6, c_F_m * 1e9, what, why)


def _ball(sizes: Sizes) -> Ours:
    alone = Path("ball", ball(0.0, 0.0, 350.0, 0.75 * 350.0, sizes.solder_S_m), (0.0, 0.0))
    found = solve((alone,), _F_Hz)
    c_F = formulas.sphere_F(175e-6, 0.575 * 350e-6) + formulas.disc_F(
        140e-6, sizes.plane_um * _UM, sizes.eps_laminate_ratio
    )
    what = "a 350 µm ball alone, 75 % high, R at DC, L partial, C with one land over a plane"
    why = "theirs holds contacts and, in C, the lands and planes of both boards; L is an upper bound"
    return Ours(float(found.r_dc_ohm[0, 0]), 1e9 * float(found.l_H[0, 0]), 1e12 * c_F, what, why)


def _lead_pF(length_um: float, sizes: Sizes) -> float:
    gap = sizes.lead_pitch_um - sizes.lead_width_um
    sides = (sizes.lead_width_um * _UM, gap * _UM, sizes.lead_thick_um * _UM)
    return 1e12 * length_um * _UM * formulas.beside_F_m(*sides, sizes.eps_mold_ratio)


def _wires(sizes: Sizes) -> Ours:
    """Three level wires of 1 mm at 100 µm: out on the middle one, back on both others."""
    paths = tuple(
        Path(str(k), (Piece("wire", (0.0, y, 0.0), (1000.0, y, 0.0), sizes.wire_d_um, 0.0, sizes.wire_S_m),), (0.0, y))
        for k, y in enumerate((-100.0, 0.0, 100.0))
    )
    flow = np.array([-0.5, 1.0, -0.5])
    l_nH = 1e9 * float(flow @ solve(paths, _F_Hz).l_H @ flow)
    what = f"three {sizes.wire_d_um:.0f} µm wires of 1 mm at 100 µm, loop"
    return Ours(None, l_nH, None, what, "theirs is rounded (about 1), pitch not given; a wire alone has 0.84 partial")
