"""As built against drawn: what bias, walls and undercut make of openings, widths, spaces and thicknesses."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.checks import check_table
from chipscale.report.parts.frame import Cell, Column, badge, facts, figure, note, table
from chipscale.report.verdict import anchor_of, failed
from chipscale.report.wording import MINUS, THIN, fixed, number, words
from chipscale.results import Result

NAME = "process.as_built"


def as_built(data: ReportInput) -> Html | None:
    """Return what stands on the wafer beside what was drawn; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None:
        return None
    rows = result.tables.get("figures", [])
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    return tag(
        "section",
        tag("h3", "As built against drawn ", _badge(result)),
        tag(
            "p",
            "Measured on the bodies the flow makes, by the same ruler as on the masks: drawn sizes count at the foot "
            "of an opening, wires at half their height.",
            class_="lead",
        ),
        warned,
        facts(_facts(result)),
        _drawn(rows),
        _figures(rows),
        _walls(result),
        _rules(result),
        check_table(_only_failed(result)),
        id=anchor_of(NAME),
    )


def _only_failed(result: Result) -> Result:
    return Result(result.analysis, checks=tuple(failed(result)))


def _badge(result: Result) -> Html:
    if not result.ok:
        return badge("bad", f"{len(failed(result))} fail")
    missed = int(result.metrics.get("rules_missed_count", 0))
    if missed:
        said = "1 rule kept as drawn is" if missed == 1 else f"{missed} rules kept as drawn are"
        return badge("doubtful", f"{said} broken as built")
    return badge("good", "rules and nets hold as built")


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    named = (
        ("rules_checked_count", "Rules measured on what is built"),
        ("rules_missed_count", "Kept as drawn, broken as built"),
        ("closed_count", "Openings that stay closed"),
        ("opens_count", "Nets in pieces as built"),
        ("shorts_count", "Pieces of metal that join several nets"),
        ("silicon_contacts_count", "Nets that touch the silicon"),
        ("layers_missing_count", "Drawn or planned and never made"),
    )
    pairs: list[tuple[Child, Child]] = [(said, number(m[name])) for name, said in named if name in m]
    areas = {name: value for name, value in m.items() if name.endswith("_differs_um2")}
    if areas:
        total = sum(areas.values())
        said = "nothing" if total == 0 else f"{number(total, 4)}{THIN}µm²"
        pairs.append(("Area that differs from the masks, all layers", said))
    return pairs


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{fixed(abs(value), 3)}"


def _drawn(rows: list[dict[str, Any]]) -> Html | None:
    """Return the mean differences as bars, those that are there at all."""
    bars = [
        Bar(
            f"{row['layer']} {row['what']}",
            f"drawn {number(row['drawn_um'], 4)} µm",
            row["delta_um"],
            note=f"{row['layer']} {row['what']}: {_signed(row['delta_um'])} µm, {row['places_count']} places",
        )
        for row in rows
        if abs(row["delta_um"]) > 5e-4
    ]
    if not bars:
        return None
    drawn = bars_svg(bars, "as built less drawn, mean, µm", "µm", "Mean differences between built and drawn")
    return figure(drawn, "How much wider, or thicker, things come out than drawn; to the left: less.", class_="half")


def _figures(rows: list[dict[str, Any]]) -> Html | None:
    if not rows:
        return None
    columns = [
        Column("Layer"),
        Column("What"),
        Column("Drawn, µm", True),
        Column("Built, mean, µm", True),
        Column("Least, µm", True),
        Column("Largest, µm", True),
        Column("Difference, µm", True),
        Column("Places", True),
    ]
    shown = [
        [
            row["layer"],
            row["what"],
            *(Cell(fixed(row[name], 3), row[name]) for name in ("drawn_um", "mean_um", "min_um", "max_um")),
            Cell(_signed(row["delta_um"]), row["delta_um"]),
            Cell(number(row["places_count"]), row["places_count"]),
        ]
        for row in rows
    ]
    return table("Drawn and built", columns, shown, sortable=len(rows) > 8)


def _walls(result: Result) -> Html | None:
    rows = result.tables.get("walls", [])
    if not rows:
        return None
    columns = [Column("Layer"), Column("Wall, mean, °", True), Column("Least, °", True), Column("Largest, °", True)]
    shown = [[row["layer"], *(fixed(row[name], 1) for name in ("mean_deg", "min_deg", "max_deg"))] for row in rows]
    return table("Walls: angle between the foot and the wall; 90° is upright", columns, shown)


def _rules(result: Result) -> Html | None:
    rows = result.tables.get("rules", [])
    if not rows:
        return None
    columns = [
        Column(""),
        Column("Rule"),
        Column("Layer"),
        Column("Limit", True),
        Column("Drawn", True),
        Column("Built", True),
        Column("Places broken", True),
        Column("Source"),
    ]
    ordered = sorted(rows, key=lambda row: (not row["missed"], not row["violations_count"], row["rule"], row["layer"]))
    shown = [
        [
            Cell(_verdict(row), 0 if row["missed"] else 1),
            [row["meaning"] or words(row["rule"]), tag("code", row["rule"], class_="under")],
            row["layer"],
            *(_rule_value(row[name]) for name in ("limit", "drawn", "built")),
            Cell(number(row["violations_count"]), row["violations_count"]),
            row["source"],
        ]
        for row in ordered
    ]
    return table("Design rules on what is built", columns, shown, sortable=True, tall=len(rows) > 10)


def _verdict(row: dict[str, Any]) -> Html:
    if row["missed"]:
        return badge("doubtful", "only drawn")
    return badge("bad", "broken") if row["violations_count"] else badge("good", "holds")


def _rule_value(value: Any) -> Cell:
    return (
        Cell(fixed(value, 3), value) if isinstance(value, int | float) else Cell("–" if value is None else str(value))
    )
