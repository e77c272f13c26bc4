"""For the board: the land pattern with the origin of every value, and the dimensioned drawing of the package."""

from __future__ import annotations

from chipscale.report.embed import image_data
from chipscale.report.figures.footprint import footprint_svg
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import Column, Section, badge, figure, legend, table
from chipscale.report.wording import number, with_unit, words

_COLORS = (("#c8743a", "copper"), ("#2f9e8f", "solder mask opening"), ("#8b96a3", "paste aperture"))


def board(data: ReportInput) -> Section | None:
    """Return drawing and land pattern; None when neither was made."""
    if not data.outline_svg and data.footprint is None:
        return None
    return Section("board", "Drawing and footprint", tag("div", _drawing(data), _pattern(data)))


def _drawing(data: ReportInput) -> Html | None:
    if not data.outline_svg:
        return None
    image = tag("img", src=image_data(data.outline_svg), alt=f"Dimensioned outline drawing of {data.package.name}")
    return tag("figure", image, tag("figcaption", "Outline drawing."), class_="paper wide", id="outline")


def _pattern(data: ReportInput) -> Html | None:
    pattern = data.footprint
    if pattern is None:
        return None
    sizes = {"pad": pattern.pad_d_um, "mask": pattern.mask_d_um, "paste": pattern.paste_d_um}
    vertical, _, side = data.package.a1_corner.partition("_")
    a1 = (1.0 if side == "left" else -1.0, 1.0 if vertical == "top" else -1.0)  # mirrored: this is the board's view
    places = [(pad.ball, pad.x_um, pad.y_um) for pad in pattern.pads]
    art = footprint_svg(places, sizes, (pattern.body_um, pattern.courtyard_um), a1)
    named = f" {data.footprint_name}" if data.footprint_name else ""
    shown = figure(
        art, f"Land pattern{named}, top view of the board, {pattern.definition}; dashed: courtyard.", legend(_COLORS)
    )
    columns = [Column("Figure"), Column("Value", True), Column("From"), Column("Source")]
    rows = [[words(v.name), with_unit(v.value, v.name), _origin(v.origin), v.source] for v in pattern.values]
    values = table("Values of the land pattern", columns, rows)
    columns = [Column(""), Column("Check"), Column("Value", True), Column("Limit", True), Column("What it says")]
    rows = [
        [
            badge("good", "holds") if c.ok else badge("bad", "fails"),
            tag("code", c.code),
            with_unit(c.value, c.metric),
            number(c.limit) if isinstance(c.limit, str) else with_unit(c.limit, c.metric),
            c.message,
        ]
        for c in pattern.checks
    ]
    tables = tag("div", values, table("Checks of the land pattern", columns, rows) if rows else None)
    return tag("div", tag("h3", "Land pattern on the board"), tag("div", shown, tables, class_="pair"), id="footprint")


def _origin(origin: str) -> Html | str:
    return badge("doubtful", "assumed") if origin == "assumed" else origin
