"""R, L and C between all paths as pictures, coupling as a ratio."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale
from chipscale.report.figures.matrix import matrix_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.electrical_nets import at_of, kind_of
from chipscale.report.parts.frame import figure
from chipscale.report.wording import number
from chipscale.results import Result

_DECADES = 4.0  # a picture reaches down to this many powers of ten below its largest value


def matrices(data: ReportInput) -> Html | None:
    """Return the pictures of what was answered; None when there is nothing."""
    found: list[Html] = []
    rl, c = data.results.get("electrical.rl"), data.results.get("electrical.capacitance")
    if rl is not None and "r_dc_mohm" in rl.fields:
        found += _of_paths(rl)
    if c is not None and "matrix_pF" in c.fields:
        found.append(_of_nets(c))
    return tag("div", found, class_="pair") if found else None


def _of_paths(rl: Result) -> list[Html]:
    names = [f"{row['terminal'].removeprefix('ball ')} {row['net']}" for row in rl.tables["order"]]
    names = names if len(names) == len(rl.fields["r_dc_mohm"]) else [row["ball"] for row in rl.tables["balls"]]
    high = "l_nH" if "l_nH" in rl.fields else "l_dc_nH"
    made = []
    key = "r_mohm" if "r_mohm" in rl.fields else "r_dc_mohm"
    at = at_of(rl)
    r = np.abs(rl.fields[key])
    drawn = matrix_svg(_shown(r), names, _scale(r), (f"Resistance {at}", "mΩ"))
    words = (
        f"Resistance between paths {at}, its size in mΩ: on the diagonal each path's own, beside it the part that "
        "another path's current induces (eddy currents, and metal both share). Empty: below a ten-thousandth of the "
        "largest."
    )
    made.append(figure(drawn, words))
    inductance = rl.fields[high]
    size = np.abs(inductance)
    drawn = matrix_svg(_shown(size), names, _scale(size), (f"Inductance {at}", "nH"))
    words = (
        f"Inductance between paths {at}, its size in nH ({kind_of(rl)}): on the diagonal each path's own, beside it "
        "the mutual one."
    )
    made.append(figure(drawn, words))
    own = np.sqrt(np.abs(np.diag(inductance)))
    ratio = np.abs(inductance) / np.outer(own, own)
    drawn = matrix_svg(_shown(ratio), names, _scale(ratio), ("Inductive coupling", ""))
    words = (
        f"Inductive coupling {at}, M over the root of both paths' L ({kind_of(rl)}). Largest between two paths: "
        f"{_largest(ratio, names)}."
    )
    made.append(figure(drawn, words))
    return made


def _of_nets(c: Result) -> Html:
    names = [row["net"] for row in c.tables["nets"]]
    matrix = np.abs(c.fields["matrix_pF"])
    own = np.sqrt(np.diag(matrix))
    ratio = matrix / np.outer(own, own)
    drawn = matrix_svg(_shown(ratio), names, _scale(ratio), ("Capacitive coupling", ""))
    words = (
        "Capacitive coupling between nets: capacitance between two nets over the root of both nets' own. Largest "
        f"between two nets: {_largest(ratio, names)}. Empty: below a ten-thousandth."
    )
    return figure(drawn, words)


def _shown(values: Any) -> Any:
    found = np.array(values, dtype=float)
    found[found < 10.0**-_DECADES * np.nanmax(found)] = np.nan
    return found


def _scale(values: Any) -> Scale:
    """Return a scale by powers of ten that ends at the largest value's next round one."""
    most = float(np.nanmax(values))
    ends = [m * 10.0**k for k in range(-15, 16) for m in (1.0, 2.0, 5.0)]
    top = min(end for end in ends if end >= 0.9999 * most)
    return Scale(top * 10.0**-_DECADES, top, True)


def _largest(ratio: Any, names: list[str]) -> str:
    beside = np.array(ratio) - np.diag(np.diag(ratio))
    i, j = np.unravel_index(int(np.argmax(beside)), beside.shape)
    return f"{number(float(beside[i, j]), 3)} ({names[min(i, j)]}, {names[max(i, j)]})"
