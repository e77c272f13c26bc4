"""What the heat meets on its way: the structure function, summed and per resistance, and the time constants."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.curves import Axis, Curve, Mark, curves_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Column, facts, figure, table
from chipscale.report.parts.thermal_answer import cell, decades, folded, heading, rests_on, seconds
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

NAME = "thermal.structure"


def structure(data: ReportInput) -> Html | None:
    """Return the structure function with the package's and the board's capacity; None without an answer."""
    result = given(data, NAME)
    if result is None or "c_sum_J_K" not in result.fields:
        return None
    return tag(
        "section",
        heading("What the heat meets on its way", result),
        tag(
            "p",
            "Heat capacity over resistance from the junction on, found from how the junction warms up as a thermal "
            "tester would. Steep: much heat is stored; flat: a part that conducts badly. Where heat spreads sideways "
            "it is that of a bar with the same rise.",
            class_="lead",
        ),
        facts(_facts(result)),
        tag("div", _summed(result), _each(result), _constants(result), class_="pair"),
        _rows(result),
        tag("details", tag("summary", "What it rests on"), rests_on(result)),
        folded(result),
        id=anchor_of(NAME),
    )


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    return [
        ("Mean rise of the junction at rest", f"{number(m['theta_mean_K_W'], 4)}{THIN}K/W"),
        ("Heat capacity of the die", f"{number(1e3 * m['c_die_J_K'], 3)}{THIN}mJ/K"),
        ("Heat capacity of the package", f"{number(1e3 * m['c_package_J_K'], 3)}{THIN}mJ/K"),
        ("Heat capacity of the board", f"{number(m['c_board_J_K'], 3)}{THIN}J/K"),
        ("Junction to where the die ends", f"{number(m['r_die_K_W'], 4)}{THIN}K/W"),
        ("Junction to where the package ends", f"{number(m['r_package_K_W'], 4)}{THIN}K/W"),
        (
            "Narrowest part of the way",
            [
                f"{number(m['longest_flat_K_W'], 4)}{THIN}K/W ",
                tag("small", f"after {number(1e3 * m['at_flat_J_K'], 3)}{THIN}mJ/K"),
            ],
        ),
    ]


def _bodies(result: Result) -> list[Mark]:
    """Return where the ladder holds as much heat as the die, then as the whole package."""
    m = result.metrics
    return [Mark("the die ends", m["r_die_K_W"]), Mark("balls and films end", m["r_package_K_W"])]


def _summed(result: Result) -> Html:
    r, c = (np.asarray(result.fields[name], dtype=float) for name in ("r_sum_K_W", "c_sum_J_K"))
    m = result.metrics
    whole = m["c_package_J_K"] + m["c_board_J_K"]
    low, high = decades(float(c[0]), max(float(c[-1]), 1.2 * whole))
    words = "Heat capacity summed over resistance from the junction"
    axes = Axis("resistance from the junction, K/W", low=0.0), Axis("capacity, J/K", True, low, high)
    board = Mark("package and board", whole, "y")
    art = curves_svg([Curve("summed", r, c)], *axes, words, [*_bodies(result), board])
    return figure(art, f"{words}: cumulative structure function; beyond package and board it is the room's.")


def _each(result: Result) -> Html:
    rows = result.tables["structure"]
    r = np.array([row["r_sum_K_W"] - row["r_K_W"] / 2 for row in rows])
    ratio = np.array([row["c_J_K"] / row["r_K_W"] for row in rows])
    low, high = decades(float(ratio.min()), float(ratio.max()))
    words = "Heat capacity per resistance along the way"
    axes = Axis("resistance from the junction, K/W", low=0.0), Axis("dC/dR, W²s/K²", True, low, high)
    art = curves_svg([Curve("per resistance", r, ratio)], *axes, words, _bodies(result))
    return figure(art, f"{words}: differential structure function; conductivity times capacity times section squared.")


def _constants(result: Result) -> Html:
    tau, r = (np.asarray(result.fields[name], dtype=float) for name in ("tau_s", "r_tau_K_W"))
    words = "Time constants of the junction's rise"
    axes = Axis("time constant", powers=True, words=seconds), Axis("resistance, K/W", low=0.0)
    art = curves_svg([Curve("share of the rise", tau, r)], *axes, words)
    off = number(100.0 * result.metrics["spectrum_error_ratio"], 2)
    return figure(art, f"{words}; together they give the rise back within {off}{THIN}% of its end.")


def _rows(result: Result) -> Html:
    rows: list[dict[str, Any]] = result.tables["structure"]
    named = (
        ("r_sum_K_W", "R summed, K/W"),
        ("c_sum_J_K", "C summed, J/K"),
        ("r_K_W", "R, K/W"),
        ("c_J_K", "C, J/K"),
    )
    columns = [Column("Stage", True), *(Column(words, True) for _, words in named)]
    shown = [[row["stage"], *(cell(row[key]) for key, _ in named)] for row in rows]
    made = table("Stages of the ladder", columns, shown, tall=len(rows) > 12)
    return tag("details", tag("summary", f"Stages of the ladder: {number(len(rows))}"), made)
