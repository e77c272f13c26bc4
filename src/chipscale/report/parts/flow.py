"""The flow as a table: each step with its tool, time and recipe, what it told, what varies and what may fail."""

from __future__ import annotations

import dataclasses
from typing import Any

from chipscale import registry
from chipscale.errors import InputError
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Cell, Column, facts, note, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, fixed, number, with_unit, words
from chipscale.results import Result

NAME = "process.flow"
_SHOWN = 4  # options of the recipe that stand in the table; all of them are folded below


def flow(data: ReportInput) -> Html | None:
    """Return the table of steps, of tools and of possible defects; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None or not result.tables.get("steps"):
        return None
    rows = result.tables["steps"]
    return tag(
        "section",
        tag("h3", "Steps"),
        _lead(result),
        facts(_facts(result)),
        _steps(data, rows),
        _tools(result),
        _defects(rows),
        id=anchor_of(NAME),
    )


def _lead(result: Result) -> Html:
    about = (result.tables.get("flow") or [{}])[0]
    base, thinning = str(about.get("flow", "")).replace("_", " "), str(about.get("thinning", "")).replace("_", " ")
    edits = int(about.get("edits", 0))
    said = f"Flow “{base}”, thinned {thinning}" if thinning else f"Flow “{base}”"
    said += f", with {count(edits, 'edit')} of the package file." if edits else ", as it comes."
    return tag("p", f"{said} Times are those of one wafer in the tool, loading and waiting not counted.", class_="lead")


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    pairs: list[tuple[Child, Child]] = [("Steps", number(m.get("steps_count")))]
    if "time_s" in m:
        pairs.append(("Time of one wafer in all tools", f"{number(m['time_s'] / 3600, 3)}{THIN}h"))
    if "longest_s" in m:
        pairs.append(("Longest step", f"{number(m['longest_s'] / 60, 3)}{THIN}min"))
    pairs += [
        (said, number(m[name]))
        for name, said in (("tools_count", "Classes of tools"), ("dies_count", "Dies on a wafer"))
        if name in m
    ]
    return pairs


def _steps(data: ReportInput, rows: list[dict[str, Any]]) -> Html:
    filmed = {frame.place for frame in data.film}
    columns = [
        Column("", True),
        Column("Step"),
        Column("Tool"),
        Column("Time, min", True),
        Column("Recipe"),
        Column("What it told"),
    ]
    shown = [
        [
            Cell(_place(row["place"], row["place"] in filmed), row["place"]),
            [
                row["label"],
                tag("small", row["title"], class_="under") if row["title"].lower() != row["label"].lower() else None,
            ],
            row["tool"],
            Cell(fixed(row["time_s"] / 60, 1), row["time_s"]),
            [_recipe(row), _all_options(row)],
            _told(row),
        ]
        for row in rows
    ]
    return table(f"Steps of the flow: {len(rows)}", columns, shown, filter_="Filter by step, tool or option", tall=True)


def _place(place: int, filmed: bool) -> Child:
    return tag("a", place, href="#film", data_step=place, title="Show the cross-section") if filmed else place


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return with_unit(value, name) if isinstance(value, int | float) else str(value)


def _recipe(row: dict[str, Any]) -> Html | None:
    """Return the options the flow or the package file gave."""
    given = [name for name in row["given"] if name in row["recipe"]]
    said = [f"{words(name).lower()} {_value(name, row['recipe'][name])}" for name in given[:_SHOWN]]
    return tag("span", "; ".join(said)) if said else None


def _all_options(row: dict[str, Any]) -> Html | None:
    """Return every option with its value and who says so, folded."""
    if not row["recipe"]:
        return None
    known = _options(row["step"])
    items = []
    for name, value in row["recipe"].items():
        meta = known.get(name, {})
        source = "given" if name in row["given"] else meta.get("source") or "default"
        said = meta.get("meaning")
        items.append(
            tag("li", tag("b", words(name).lower(), title=said), f" {_value(name, value)} ", tag("i", f"({source})"))
        )
    return tag(
        "details", tag("summary", count(len(items), "option")), tag("ul", items, class_="options"), class_="fold"
    )


def _options(step: str) -> dict[str, Any]:
    """Return option -> its meaning and source as the step's class says, nothing for a step nobody knows."""
    try:
        kind = registry.find("steps", step)
    except (InputError, ImportError, AttributeError):
        return {}
    return {field.name: field.metadata for field in dataclasses.fields(kind)}


def _told(row: dict[str, Any]) -> list[Html]:
    said = [f"{words(name).lower()} {with_unit(value, name)}" for name, value in sorted(row["figures"].items())]
    parts = [tag("span", "; ".join(said))] if said else []
    return parts + [note(text, "doubtful") for text in row["warnings"]]


def _tools(result: Result) -> Html | None:
    rows = result.tables.get("tools", [])
    if not rows:
        return None
    columns = [Column("Tool"), Column("Steps", True), Column("Time, min", True), Column("Which steps")]
    shown = [
        [row["tool"], row["steps_count"], Cell(fixed(row["time_s"] / 60, 1), row["time_s"]), ", ".join(row["steps"])]
        for row in rows
    ]
    return table("Tools one wafer passes through", columns, shown, sortable=True, tall=len(rows) > 10)


def _defects(rows: list[dict[str, Any]]) -> Html | None:
    """Return the defects the steps may leave: those of the same name and cause once, with their steps."""
    found: dict[tuple[str, str, str, str, float | None], list[str]] = {}
    for row in rows:
        for item in row["defects"]:
            key = (item["name"], item["on"], item["cause"], item["source"], item["rate_ppm"])
            found.setdefault(key, []).append(row["label"])
    if not found:
        return None
    columns = [Column("Defect"), Column("On a"), Column("Why"), Column("How often"), Column("At"), Column("Source")]
    shown = [
        [name, on, why, "no rate given" if rate is None else f"{number(rate)}{THIN}ppm", ", ".join(steps), source]
        for (name, on, why, source, rate), steps in found.items()
    ]
    rated = sum(rate is not None for *_, rate in found)
    caption = f"What may go wrong: {count(len(found), 'kind')} of defects, {rated or 'none'} with a rate from a source"
    return table(caption, columns, shown, filter_="Filter by defect, step or cause", tall=len(found) > 8)
