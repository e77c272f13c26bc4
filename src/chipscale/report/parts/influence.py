"""Influence: which options of the recipes move the bumps' coplanarity most."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Cell, Column, figure, note, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, number
from chipscale.results import Result

NAME = "process.influence"
FIRST = 5


def influence(data: ReportInput) -> Html | None:
    """Return the first five options as bars and the table of all; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None:
        return None
    rows = result.tables.get("parameters", []) or result.tables.get("first_five", [])
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    return tag(
        "section",
        tag("h3", "Which options matter most"),
        _lead(result),
        warned,
        _drawn(rows),
        _table(rows),
        id=anchor_of(NAME),
    )


def _lead(result: Result) -> Html:
    m = result.metrics
    tried = count(m.get("runs_count", 0), "recipe")
    answer = f" ({number(m['answer_um'], 3)}{THIN}µm with the recipe as it is)" if "answer_um" in m else ""
    return tag(
        "p",
        f"Every option that the bumps' heights depend on was turned through its range, {tried} in all. A bar is how "
        f"far the dies' coplanarity{answer} moves on average when the option goes from one end of its range to the "
        "other (Morris's µ*); the whisker is its 95 % interval.",
        class_="lead",
    )


def _drawn(rows: list[dict[str, Any]]) -> Html | None:
    if not rows:
        return None
    bars = [
        Bar(
            row["parameter"],
            row["range"],
            row["mu_star_um"],
            row["mu_star_half_um"] or 0.0,
            f"{row['parameter']}: {row['meaning']}; source: {row['source']}",
        )
        for row in rows[:FIRST]
    ]
    drawn = bars_svg(bars, "effect on the coplanarity, µm", "µm", "The options with the largest effect")
    return figure(drawn, f"The first {len(bars)} of {len(rows)} options by influence.", class_="half")


def _table(rows: list[dict[str, Any]]) -> Html | None:
    if not rows:
        return None
    sobol = any(row.get("total_ratio") is not None for row in rows)
    columns = [
        Column("Rank", True),
        Column("Option"),
        Column("What it is"),
        Column("Recipe", True),
        Column("Range"),
        Column("µ*, µm", True, "mean of the effects without their sign"),
        Column("± 95 %, µm", True),
        Column("σ, µm", True, "how much the effect depends on the other options"),
        *([Column("Total index", True, "share of the variance it has a part in (Sobol)")] if sobol else []),
        Column("Source of the value"),
    ]
    shown = []
    for row in rows:
        values = [Cell(number(row[name], 3), row[name]) for name in ("mu_star_um", "mu_star_half_um", "sigma_um")]
        if sobol:
            values.append(Cell(number(row["total_ratio"], 3), row["total_ratio"]))
        recipe = f"{number(row['value'])} {row['unit']}".strip()
        named = [row["rank"], tag("code", row["parameter"]), row["meaning"], Cell(recipe, row["value"]), row["range"]]
        shown.append([*named, *values, row["source"]])
    return table("All options by influence", columns, shown, sortable=True, tall=len(rows) > 10)
