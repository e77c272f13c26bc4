"""The window of a recipe: how far one option may go for enough dies to keep the limit."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.window import window_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.frame import Column, badge, facts, figure, note, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

NAME = "process.window"


def window(data: ReportInput) -> Html | None:
    """Return the answer in words, the curve and what else would have to change; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None:
        return None
    told = (result.tables.get("answer") or [{}])[0]
    found = result.metrics.get("found_count") == 1
    pill = badge("good", "found") if found else badge("doubtful", "no turning point in the range")
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    return tag(
        "section",
        tag("h3", "Window of the recipe ", pill),
        tag("p", told.get("verdict", ""), class_="lead"),
        warned,
        facts(_facts(result, told)),
        _drawn(result, told),
        _causes(result),
        id=anchor_of(NAME),
    )


def _facts(result: Result, told: dict[str, Any]) -> list[tuple[Child, Child]]:
    m = result.metrics
    unit = told.get("unit", "")
    pairs: list[tuple[Child, Child]] = [
        (
            [told.get("parameter", "Option"), tag("small", told["meaning"]) if told.get("meaning") else None],
            _value(m, "recipe_value", unit),
        ),
        ("Dies within the limit with the recipe as it is", f"{number(m.get('recipe_share_pct'), 4)}{THIN}%"),
    ]
    if told.get("value") is not None:
        pairs.append(("Last value that keeps what is wanted", f"{number(told['value'])} {unit}".strip()))
        pairs.append(("Dies within the limit there", f"{number(told['share_pct'], 4)}{THIN}%"))
    if "dies_count" in m:
        pairs.append(("Dies each value was tried on", number(m["dies_count"])))
    return pairs


def _value(metrics: dict[str, float], name: str, unit: str) -> str:
    return f"{number(metrics.get(name))} {unit}".strip()


def _drawn(result: Result, told: dict[str, Any]) -> Html | None:
    points = sorted(result.tables.get("points", []), key=lambda point: point["value"])
    if len(points) < 2:
        return None
    goal = asked_of(result, "goal_pct")
    recipe = result.metrics.get("recipe_value", points[0]["value"])
    axis = (told.get("parameter", "option"), told.get("unit", ""))
    drawn = window_svg(points, axis, goal if goal is not None else 99.0, recipe, told.get("value"))
    caption = "Share of the dies within the limit over the option; the band is the 95 % interval of the share (Wilson)."
    return figure(drawn, caption, class_="half")


def _causes(result: Result) -> Html | None:
    rows = [row for row in result.tables.get("causes", []) if row["coplanarity_alone_um"] > 0][:8]
    if not rows:
        return None
    columns = [Column("Step"), Column("Quantity"), Column("Layer"), Column("Coplanarity alone, µm", True)]
    shown = [[r["step"], r["quantity"], r["layer"] or "–", number(r["coplanarity_alone_um"], 3)] for r in rows]
    return table("What makes the rest, with the option at its better end", columns, shown)
