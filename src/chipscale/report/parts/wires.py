"""The wires: totals against the bound, how lengths are spread, and every net."""

from __future__ import annotations

from typing import Any

from chipscale.report.colors import class_colors, kind_word
from chipscale.report.figures.histogram import length_histogram
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Cell, Column, Section, badge, facts, figure, legend, missing, table
from chipscale.report.wording import THIN, fixed, number, with_unit, words


def wires(data: ReportInput) -> Section:
    """Return wire statistics from the result `layout.wiring`."""
    result = data.results.get("layout.wiring")
    if result is None:
        return Section(
            "wires",
            "Wires",
            tag("div", missing("Wire statistics:", "the analysis layout.wiring was not run."), _open(data)),
        )
    rows = result.tables.get("nets", [])
    m = result.metrics
    pairs: list[tuple[Child, Child]] = [
        ("Nets routed", f"{number(int(m['routed_count']))} of {number(int(m['nets_count']))}"),
        ("Wire, centre line", f"{fixed(m['wire_um'] / 1000, 3)}{THIN}mm"),
        ("Octilinear spanning bound", f"{fixed(m['bound_um'] / 1000, 3)}{THIN}mm"),
        ("Wire / bound, nets joined", fixed(m["wire_to_bound_ratio"], 4) if "wire_to_bound_ratio" in m else "no net"),
        ("Longest net", f"{fixed(m['longest_um'] / 1000, 3)}{THIN}mm"),
        ("Bends", number(int(m["bends_count"]))),
        ("Teardrops", number(int(m["teardrops_count"]))),
    ]
    known = {
        "nets_count",
        "routed_count",
        "wire_um",
        "bound_um",
        "wire_to_bound_ratio",
        "longest_um",
        "bends_count",
        "teardrops_count",
    }
    pairs += [(words(name), with_unit(value, name)) for name, value in sorted(m.items()) if name not in known]
    pairs += _space(data)
    body = tag("div", facts(pairs), _open(data), _spread(data, rows), tag("h3", "Nets"), _table(data, rows), _about())
    state = "good" if result.ok else "bad"
    return Section("wires", "Wires", body, state)


def _space(data: ReportInput) -> list[tuple[Child, Child]]:
    """Return the least space between wires as DRC measured it, beside the rule."""
    drc = data.results.get("layout.drc")
    limit = data.package.rules.values.get("rdl_min_space_um")
    pairs: list[tuple[Child, Child]] = []
    for name, title in (("rdl_space_um", "Least space of metal (DRC)"), ("rdl_width_um", "Least width of metal (DRC)")):
        if drc is not None and name in drc.metrics:
            pairs.append((title, f"{number(drc.metrics[name], 5)}{THIN}µm"))
    if limit is not None:
        pairs.append(("Space rule", f"≥ {number(limit)}{THIN}µm"))
    return pairs


def _open(data: ReportInput) -> Html | None:
    """Return the table of nets that stayed open and the gap that was too narrow for each."""
    if not data.layout.unrouted:
        return None
    columns = [
        Column("Net"),
        Column("Left apart"),
        Column("Narrow gap between"),
        Column("Gap, µm", True),
        Column("Needed, µm", True),
        Column("Why"),
    ]
    rows = [
        [
            tag("a", item.net, href="#layout", data_net=item.net),
            ", ".join(item.terminals),
            " and ".join(item.gap_between),
            fixed(item.gap_um, 1),
            fixed(item.needed_um, 1),
            item.message,
        ]
        for item in data.layout.unrouted
    ]
    return tag(
        "div", tag("h3", badge("bad", "open"), " Nets that could not be joined"), table("Open nets", columns, rows)
    )


def _spread(data: ReportInput, rows: list[dict[str, Any]]) -> Html | None:
    lengths: dict[str, list[float]] = {item.name: [] for item in data.package.classes}
    for row in rows:
        if row["wire_um"] > 0:
            lengths.setdefault(row["class"], []).append(row["wire_um"] / 1000)
    colors = class_colors(data.package)
    groups = [(item.name, colors[item.name], lengths[item.name]) for item in data.package.classes if lengths[item.name]]
    if not groups:
        return None
    named = {item.name: kind_word(item) for item in data.package.classes}
    used = legend([(color, named[name]) for name, color, _ in groups], "Net classes")
    return figure(length_histogram(groups), "How the wire lengths of the nets are spread.", used, "half")


def _table(data: ReportInput, rows: list[dict[str, Any]]) -> Html:
    nets = {net.name: net for net in data.package.nets}
    columns = [
        Column("Net"),
        Column("Class"),
        Column("Pads"),
        Column("Balls"),
        Column("Wire, µm", True),
        Column("Bound, µm", True),
        Column("Wire / bound", True),
        Column("Width, µm", True),
        Column("Bends", True),
    ]
    shown = []
    for row in rows:
        net = nets.get(row["net"])
        shown.append(
            [
                tag("a", row["net"], href="#layout", data_net=row["net"]),
                row["class"],
                ", ".join(net.pads) if net else "",
                ", ".join(net.balls) if net else "",
                Cell(fixed(row["wire_um"], 1), row["wire_um"]),
                Cell(fixed(row["bound_um"], 1), row["bound_um"]),
                Cell(fixed(row["wire_to_bound_ratio"], 3), row["wire_to_bound_ratio"]),
                Cell(number(row["width_um"]), row["width_um"]),
                Cell(number(row["bends_count"]), row["bends_count"]),
            ]
        )
    caption = f"Nets with two or more terminals: {number(len(rows))}"
    return table(caption, columns, shown, sortable=True, filter_="Filter by net, class, pad or ball", tall=True)


def _about() -> Html:
    return tag(
        "p",
        "The bound is the shortest tree of 0°, 45° and 90° wires between the centres of a net's pads and balls, "
        "branching only at these centres and blind to obstacles. Wires at any angle, and trees that branch elsewhere, "
        "may be shorter than it.",
        class_="fine",
    )
