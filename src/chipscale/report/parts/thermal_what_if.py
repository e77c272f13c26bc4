"""What each cooling measure buys: a bar for each, and the table of resistances and temperatures."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Cell, Column, facts, figure, table
from chipscale.report.parts.thermal_answer import cell, folded, heading, rests_on
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

NAME = "thermal.what_if"
_NUMBERS = (
    ("theta_ja_K_W", "θJA, K/W"),
    ("change_K_W", "Change, K/W"),
    ("change_pct", "Change, %"),
    ("change_K", "Junction, K"),
    ("mesh_K_W", "± cells, K/W"),
    ("psi_jt_K_W", "ψJT, K/W"),
    ("psi_jb_K_W", "ψJB, K/W"),
)


def what_if(data: ReportInput) -> Html | None:
    """Return what the measures buy; None without an answer."""
    result = given(data, NAME)
    if result is None or not result.tables.get("measures"):
        return None
    rows = result.tables["measures"]
    return tag(
        "section",
        heading("What cooling measures buy", result),
        tag(
            "p",
            "The package on its board as it is, then with one thing changed, on cells with the same lines. The "
            "whisker is how far a difference moves on cells twice as wide: one that is no longer than its whisker says "
            "nothing.",
            class_="lead",
        ),
        facts(_facts(result)),
        _bars(rows[1:]),
        _table(rows),
        _refused(result),
        tag("details", tag("summary", "What it rests on"), rests_on(result)),
        folded(result),
        id=anchor_of(NAME),
    )


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    return [
        ("θJA as it is", f"{number(m['theta_ja_K_W'], 4)}{THIN}K/W"),
        ("Junction as it is", f"{number(m['t_junction_C'], 4)}{THIN}°C"),
        ("Most by one measure", f"{number(m['best_K_W'], 3)}{THIN}K/W less"),
    ]


def _bars(rows: list[dict[str, Any]]) -> Html | None:
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: row["change_K_W"])
    bars = [Bar(row["measure"], _pct(row), -row["change_K_W"], row["mesh_K_W"], _said(row)) for row in ordered]
    label = "How much lower θJA is with each measure"
    return figure(bars_svg(bars, "fall of θJA, K/W", "K/W", label), f"{label}; to the left: higher.")


def _pct(row: dict[str, Any]) -> str:
    change = row["change_pct"]
    return f"{number(abs(change), 3)}{THIN}% {'less' if change <= 0 else 'more'}"


def _said(row: dict[str, Any]) -> str:
    return f"{row['measure']}: {row['changed']}. {row['note']}".strip()


def _refused(result: Result) -> Html | None:
    rows = [[row["measure"], row["why"]] for row in result.tables["refused"]]
    return table("What can't be done here", [Column("Measure"), Column("Why")], rows) if rows else None


def _table(rows: list[dict[str, Any]]) -> Html:
    columns = [Column("Measure"), *(Column(title, True) for _, title in _NUMBERS)]
    shown: list[list[Child | Cell]] = [
        [
            [
                row["measure"],
                *([tag("small", row["changed"], class_="under")] if row["changed"] else []),
                *([tag("small", row["note"], class_="under")] if row["note"] else []),
            ],
            *(cell(row[name]) for name, _ in _NUMBERS),
        ]
        for row in rows
    ]
    return table("Each measure alone, and what can be joined of them together", columns, shown)
