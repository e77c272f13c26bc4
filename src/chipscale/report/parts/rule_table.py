"""Design rules as tables: those checked with limit, worst value and source, and those not checked."""

from __future__ import annotations

from typing import Any

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Cell, Column, badge, table
from chipscale.report.verdict import worst_of
from chipscale.report.wording import number, with_unit, words
from chipscale.results import Check, Result


def rule_tables(data: ReportInput, result: Result) -> list[Html]:
    """Return the table of checked rules and the list of rules that were not checked, with the reason."""
    rows = result.tables.get("rules", []) or _from_checks(result.checks)
    skipped = result.tables.get("not_checked", [])
    if not rows and not skipped:
        return []
    rules = data.package.rules
    sets = result.tables.get("rule_set", []) or [{"title": rules.title, "source": rules.source}]
    about = [tag("p", f"Rule set: {item['title']}. Source: {item['source']}.", class_="fine") for item in sets]
    ordered = sorted(rows, key=lambda row: (not row["violations_count"], row["rule"], row["layer"]))
    return [*about, _checked(ordered), *_unchecked(data, skipped)]


def _from_checks(checks: tuple[Check, ...]) -> list[dict[str, Any]]:
    by_rule: dict[tuple[str, str], list[Check]] = {}
    for check in checks:
        by_rule.setdefault((check.metric or check.code, check.layer), []).append(check)
    rows = []
    for (rule, layer), found in sorted(by_rule.items()):
        broken = [check for check in found if not check.ok]
        worst = worst_of(broken) or found[0]
        rows.append(
            {
                "rule": rule,
                "layer": layer,
                "limit": worst.limit,
                "least": worst.value,
                "violations_count": len(broken),
                "meaning": "",
                "source": worst.source,
            }
        )
    return rows


def _checked(rows: list[dict[str, Any]]) -> Html:
    columns = [
        Column(""),
        Column("Rule"),
        Column("Layer"),
        Column("Limit", True),
        Column("Found", True, "the value nearest to the limit or farthest beyond it"),
        Column("Violations", True),
        Column("Source"),
    ]
    shown = [
        [
            Cell(
                badge("bad", "fails") if row["violations_count"] else badge("good", "holds"),
                int(not row["violations_count"]),
            ),
            Cell([row["meaning"] or words(row["rule"]), tag("code", row["rule"], class_="under")], row["rule"]),
            row["layer"],
            _cell(row["limit"], row["rule"]),
            _cell(row["least"], row["rule"]) if row["least"] is not None else Cell("far off", float("1e9")),
            Cell(number(row["violations_count"]), row["violations_count"]),
            Cell(row["source"], row["source"]),
        ]
        for row in rows
    ]
    return table("Design rules checked on the masks", columns, shown, sortable=True)


def _cell(value: Any, rule: str) -> Cell:
    return Cell(with_unit(value, rule, 5), value if isinstance(value, int | float) else None)


def _unchecked(data: ReportInput, skipped: list[dict[str, Any]]) -> list[Html]:
    """Return the rules nobody checked, those the set gives a value first."""
    if not skipped:
        return []
    values = data.package.rules.values
    columns = [Column("Rule"), Column("Limit", True), Column("Why it was not checked")]
    rows = [
        [
            [row["meaning"] or words(row["rule"]), tag("code", row["rule"], class_="under")],
            _cell(values.get(row["rule"]), row["rule"]),
            row["why"],
        ]
        for row in sorted(skipped, key=lambda row: (row["rule"] not in values, row["rule"]))
    ]
    return [table("Rules not checked", columns, rows, tall=len(rows) > 14)]
