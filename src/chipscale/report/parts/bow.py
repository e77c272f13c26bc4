"""The wafer's bow after every step, and the tools that can't hold it."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bow import bow_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Cell, Column, badge, facts, figure, note, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, fixed, number
from chipscale.results import Result

NAME = "process.bow"
_KEY = (
    ("series-a", "with large deflections"),
    ("series-b", "small deflections only (Stoney's range)"),
    ("limit", "what the next tool holds, where the plot reaches it"),
)


def bow(data: ReportInput) -> Html | None:
    """Return the plot and the table of bows; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None or not result.tables.get("bow"):
        return None
    rows = result.tables["bow"]
    places = _places(data, rows)
    key = tag("ul", [tag("li", tag("span", class_=f"line-key {kind}"), words) for kind, words in _KEY], class_="legend")
    caption = (
        f"Bow of the free, weightless wafer of {number(data.package.wafer.diameter_mm)}{THIN}mm at room temperature "
        "after each step; positive: the edges point to the side of the balls. Below: silicon that is left."
    )
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    return tag(
        "section",
        tag("h3", "Bow of the wafer ", _badge(rows, result)),
        warned,
        facts(_facts(result)),
        figure(bow_svg(rows, places), caption, key, "wide"),
        _table(rows, places),
        id=anchor_of(NAME),
    )


def _badge(rows: list[dict[str, Any]], result: Result) -> Html:
    lost = sum(not row["held"] for row in rows)
    if lost:
        return badge("bad", f"{lost} tools can't hold it" if lost > 1 else "1 tool can't hold it")
    return badge("doubtful", "doubtful") if result.state == "doubtful" else badge("good", "every tool can hold it")


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    named = (
        ("largest_bow_um", "Largest bow, large deflections"),
        ("largest_small_bow_um", "Largest bow, small deflections"),
        ("last_bow_um", "Bow before dicing"),
    )
    pairs: list[tuple[Child, Child]] = [(words, f"{number(m[name], 4)}{THIN}µm") for name, words in named if name in m]
    if "largest_load_ratio" in m:
        pairs.append(("Largest load over that at which a cap becomes a cylinder", number(m["largest_load_ratio"], 3)))
    return pairs


def _places(data: ReportInput, rows: list[dict[str, Any]]) -> list[int]:
    """Return the steps' places in the flow, found by their labels in the film; else counted."""
    labels = [frame.label for frame in data.film]
    found, start = [], 0
    for row in rows:
        if row["step"] not in labels[start:]:
            return list(range(1, len(rows) + 1))
        start = labels.index(row["step"], start) + 1
        found.append(start)
    return found


def _table(rows: list[dict[str, Any]], places: list[int]) -> Html:
    columns = [
        Column("", True),
        Column("Step"),
        Column("Silicon, µm", True),
        Column("Bow, small, µm", True, "by the theory of small deflections"),
        Column("Bow, µm", True, "with large deflections"),
        Column("Shape"),
        Column("Next"),
        Column("It holds, µm", True),
        Column(""),
        Column("Who says so"),
    ]
    shown = [
        [
            place,
            row["step"],
            number(row["silicon_um"], 5),
            fixed(row["small_bow_um"], 1),
            Cell(fixed(row["bow_um"], 1), row["bow_um"]),
            row["state"],
            row["next"],
            number(row["limit_um"]) if row["limit_um"] is not None else "–",
            badge("good", "held") if row["held"] else badge("bad", "too bowed"),
            row["limit_source"],
        ]
        for place, row in zip(places, rows, strict=True)
    ]
    return table("Bow after each step", columns, shown, sortable=True, tall=len(rows) > 14)
