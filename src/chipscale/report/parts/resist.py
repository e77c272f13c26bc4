"""The resists: which one for the thickness that is wanted, how, and what one coat less would cost or save."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Cell, Column, badge, facts, figure, note, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import MINUS, THIN, count, number
from chipscale.results import Result

NAME = "process.resist"


def resist(data: ReportInput) -> Html | None:
    """Return the advice, the ways side by side and what one coat less does; None when the analysis did not run."""
    result = data.results.get(NAME)
    if result is None:
        return None
    rows = result.tables.get("resists", [])
    why = (result.tables.get("wanted") or [{}])[0].get("why", "")
    if "thickness_um" not in result.metrics:  # the flow plates nothing
        return tag("section", tag("h3", "Thick resist"), tag("p", why, "."), id=anchor_of(NAME))
    pill = badge("good", "advised") if result.ok else badge("bad", "out of reach")
    advice = "; ".join(check.message for check in result.checks)
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    return tag(
        "section",
        tag("h3", "Thick resist ", pill),
        tag("p", tag("b", advice), class_="lead") if advice else None,
        tag(
            "p",
            f"Wanted: {number(result.metrics.get('thickness_um'), 4)}{THIN}µm",
            f", {why}" if why else "",
            ".",
            class_="fine",
        ),
        warned,
        facts(_facts(result)),
        _drawn(rows),
        _ways(rows),
        _one_less(result),
        id=anchor_of(NAME),
    )


def _longer(seconds: float) -> str:
    sign = "+" if seconds > 0 else MINUS if seconds < 0 else ""
    return f"{sign}{number(abs(round(seconds)))}{THIN}s"


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    pairs: list[tuple[Child, Child]] = []
    for name, said, unit in (
        ("coats_count", "Coats", ""),
        ("speed_rpm", "Speed", "rpm"),
        ("time_s", "Time of one wafer", "s"),
        ("reserve_um", "Reserve in thickness", "µm"),
    ):
        if name in m:
            pairs.append((said, f"{number(m[name], 4)}{THIN}{unit}".rstrip(THIN)))
    if "one_coat_less_s" in m:
        pairs.append(("With one coat less", _longer(m["one_coat_less_s"])))
    elif m.get("coats_count") == 1:
        pairs.append(("With one coat less", "not possible: it is one coat"))
    if "one_coat_more_s" in m:
        pairs.append(("With one coat more", _longer(m["one_coat_more_s"])))
    for row in result.tables.get("faster", []):
        coats = count(row["coats_count"], "coat")
        pairs.append(("Fastest way", f"{row['resist']}, {coats}: {_longer(-m['fastest_saves_s'])}"))
    return pairs


def _drawn(rows: list[dict[str, Any]]) -> Html | None:
    bars = [
        Bar(
            row["resist"],
            f"{row['coats_count']} × {number(row['coat_um'], 3)} µm at {number(row['speed_rpm'])} rpm",
            row["time_s"] / 60,
        )
        for row in rows
    ]
    if len(bars) < 2:
        return None
    drawn = bars_svg(bars, "time of one wafer, min", "min", "Time of one wafer by resist")
    return figure(
        drawn, "Coat, bake, expose and develop one wafer, with the rest a thick film needs before light.", class_="half"
    )


def _ways(rows: list[dict[str, Any]]) -> Html | None:
    if not rows:
        return None
    columns = [
        Column("Resist"),
        Column("Coats", True),
        Column("Each, µm", True),
        Column("Speed, rpm", True),
        Column("Time, s", True),
        Column("Reserve, µm", True),
        Column("Assumed values"),
    ]
    names = ("coats_count", "coat_um", "speed_rpm", "time_s", "reserve_um")
    shown = [
        [row["resist"], *(Cell(number(row[name], 4), row[name]) for name in names), row["assumed"] or "none"]
        for row in rows
    ]
    return table("Resists that reach the thickness, the best first", columns, shown, sortable=len(rows) > 3)


def _one_less(result: Result) -> Html | None:
    rows = result.tables.get("one_coat_less", [])
    if not rows:
        return None
    columns = [Column(""), Column("Resist"), Column("Coats", True), Column("What it would mean")]
    shown = [
        [
            badge("good", "possible") if row["possible"] else badge("", "not possible"),
            row["resist"],
            row["coats_count"],
            row["why"],
        ]
        for row in rows
    ]
    return table("One coat less, or more", columns, shown)
