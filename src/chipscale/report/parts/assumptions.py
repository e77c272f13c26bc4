"""What was assumed: every value nobody gave, what was taken and why."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import tag
from chipscale.report.parts.frame import Column, Section, note, table


def assumptions(data: ReportInput) -> Section:
    """Return assumptions of the package, of its rules and of its land pattern."""
    rows = [[item.what, item.value, item.why] for item in data.package.assumptions]
    rules = data.package.rules
    rows += [
        [
            rules.meanings.get(name, name),
            f"{value:g} µm" if name.endswith("_um") else f"{value:g}",
            f"rule {name}: no published value",
        ]
        for name, value in sorted(rules.values.items())
        if rules.sources.get(name, "").startswith("assumed")
    ]
    if data.footprint is not None:
        rows += [
            [f"land pattern: {v.name}", f"{v.value:g} µm", v.source]
            for v in data.footprint.values
            if v.origin == "assumed"
        ]
    if not rows:
        return Section(
            "assumptions",
            "Assumptions",
            note("Nothing was assumed: every value was given by the package file or has a source."),
        )
    lead = tag("p", "Values nobody gave. Give them in the package file to replace them.", class_="lead")
    shown = table("Assumed values", [Column("What"), Column("Value"), Column("Why")], rows)
    return Section("assumptions", "Assumptions", tag("div", lead, shown))
