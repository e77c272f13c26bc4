"""How it was checked, and where everything is from."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Column, Section, table
from chipscale.report.verdict import title_of
from chipscale.report.wording import THIN

_NOTES = (
    ("Fan-in", "Area ratio, balls that fit and keep-outs follow from die, pitch and rules before anything is drawn."),
    (
        "Wires",
        "Lengths are those of the drawn centre lines; the bound comes from the terminals alone, not from the router.",
    ),
    ("DRC", "The check sees the shapes on the masks, not the router's data, and measures every rule on them."),
    (
        "LVS",
        "Connectivity is extracted from the masks and compared by name with the nets: opens, shorts, missing, extra.",
    ),
    (
        "Views",
        "Die view looks at the balls. Board view looks down through the package: its mirror image in x.",
    ),
    ("Stack", "The bodies in space come from running the process steps on the masks; figures are of the nominal flow."),
)


def method(data: ReportInput) -> Section:
    """Return notes on method, provenance of each result, sources and versions."""
    notes = tag("dl", [tag("div", tag("dt", name), tag("dd", words)) for name, words in _NOTES], class_="notes")
    return Section(
        "method",
        "Method and sources",
        tag("div", tag("h3", "How it was checked"), notes, _provenance(data), _sources(data), _again(data)),
    )


def _provenance(data: ReportInput) -> Html | None:
    if not data.results:
        return None
    columns = [
        Column("Analysis"),
        Column("State"),
        Column("Key", False, "digest of what went in"),
        Column("How"),
    ]
    rows = []
    for name, result in sorted(data.results.items()):
        how = "; ".join(f"{key}: {value}" for key, value in sorted(result.provenance.items()))
        rows.append(
            [
                [title_of(name), tag("code", name, class_="under")],
                result.state,
                tag("code", result.key[:16] or "–"),
                how or "–",
            ]
        )
    return table("Where the results are from", columns, rows)


def _sources(data: ReportInput) -> Html:
    rules = data.package.rules
    items = [f"Design rules “{rules.title}”: {rules.source}", *data.package.attribution]
    own = sorted({source for source in rules.sources.values() if source and source not in (rules.source, "assumed")})
    shown = tag("ul", [tag("li", item) for item in (*items, *own)], class_="sources")
    return tag("div", tag("h3", "Sources and attribution"), shown)


def _again(data: ReportInput) -> Html | None:
    parts: list[Html] = []
    if data.commands:
        parts += [tag("h3", "To make this again"), tag("pre", tag("code", "\n".join(data.commands)))]
    if data.versions:
        said = ", ".join(f"{name}{THIN}{version}" for name, version in sorted(data.versions.items()))
        parts.append(tag("p", f"Made with {said}.", class_="fine"))
    return tag("div", parts) if parts else None
