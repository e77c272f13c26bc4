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
    ("Stack", "The bodies in space come from running the process steps, with the recipes' means, on the masks."),
)
_PROCESS_NOTES = {
    "process.flow": (
        "Flow",
        "Options the flow or the package file does not give are the steps' own; each says its source, or that it is "
        "assumed. Times are sums of the tools' times for one wafer.",
    ),
    "process.as_built": (
        "As built",
        "Bodies are measured by the ruler of the design rules. Rules of a foundry speak of drawn shapes: one that only "
        "what is built breaks is a warning. Nets are judged by the bodies that touch, from pad to ball.",
    ),
    "process.bow": (
        "Bow",
        "A layered plate of silicon and films, free, without weight, at room temperature. Large deflections go on to "
        "the load at which a cap becomes a cylinder. Limits of tools are their makers' or assumed.",
    ),
    "process.variation": (
        "Variation",
        "Random numbers have a fixed seed: the same design gives the same figures. “+/-” of a source counts as three "
        "standard deviations. Shares have a 95 % interval (Wilson); the recipes' spreads name their source.",
    ),
    "electrical.rl": (
        "R and L",
        "Every wire, opening, land and ball as built is a bar of filaments that carry current by the laws of partial "
        "inductance; its currents at a frequency are combinations of a few patterns. The matrices are held to be "
        "symmetric, passive and positive definite. The code is tested against exact formulas.",
    ),
    "electrical.capacitance": (
        "C",
        "Charges on the faces of the metal over the silicon as ground, in layers of dielectric; the panels' size "
        "leaves the error the option tolerance_pct names.",
    ),
    "electrical.supply": (
        "Supply",
        "Current in the films as sheets of triangles, joined by openings and balls as resistors. The error that "
        "comes from the triangles is estimated for each net.",
    ),
}


def method(data: ReportInput) -> Section:
    """Return notes on method, provenance of each result, sources and versions."""
    said = [*_NOTES, *(note for name, note in _PROCESS_NOTES.items() if name in data.results)]
    notes = tag("dl", [tag("div", tag("dt", name), tag("dd", words)) for name, words in said], class_="notes")
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
