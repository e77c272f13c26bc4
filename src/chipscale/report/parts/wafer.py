"""The wafer: how many dies it holds and where, and how each mask treats the partial ones."""

from __future__ import annotations

from chipscale.layout.wafer_map import WaferMap
from chipscale.report.figures.wafer import STATE_TEXT, wafer_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Column, Section, facts, figure, table
from chipscale.report.wording import THIN, number


def wafer(data: ReportInput) -> Section | None:
    """Return the wafer map; None when none was made."""
    found = data.wafer
    if found is None:
        return None
    counts = {state: sum(die.state == state for die in found.dies) for state in STATE_TEXT}
    pairs: list[tuple[Child, Child]] = [
        ("Gross dies", number(found.gross_dies)),
        ("Partial dies", number(counts["partial"])),
        ("Knocked out", number(counts["knocked_out"])),
        ("Wafer", f"{number(found.diameter_mm)}{THIN}mm, {number(found.edge_exclusion_mm)}{THIN}mm edge exclusion"),
        ("Step", f"{number(found.step_x_mm, 5)} × {number(found.step_y_mm, 5)}{THIN}mm"),
    ]
    key = tag("ul", [_key(state) for state, many in counts.items() if many], class_="legend", aria_label="Legend")
    said = "Places of the dies, active face up, notch at the bottom; the dashed circle is the edge exclusion."
    return Section(
        "wafer", "Wafer map", tag("div", facts(pairs), figure(wafer_svg(found), said, key, "half"), _layers(found))
    )


def _key(state: str) -> Html:
    swatch = tag("span", class_=f"swatch die-{state}", aria_hidden="true")
    return tag("li", swatch, STATE_TEXT.get(state, state))


def _layers(found: WaferMap) -> Html | None:
    if not found.layers:
        return None
    words = {"drop": "left out", "keep": "printed up to the edge exclusion"}
    rows = [[name, words[how], number(many)] for name, how, many in found.layers]
    columns = [Column("Mask"), Column("Partial dies"), Column("Dies on the mask", True)]
    return table("How each mask treats partial dies", columns, rows)
