"""Write the report: one HTML file that holds everything it shows and opens without a network."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from chipscale.report.input import ReportInput
from chipscale.report.page import page
from chipscale.report.parts.analyses import analyses
from chipscale.report.parts.assumptions import assumptions
from chipscale.report.parts.balls import balls
from chipscale.report.parts.board import board
from chipscale.report.parts.checks import checks
from chipscale.report.parts.cross_section import cross_section
from chipscale.report.parts.electrical import electrical
from chipscale.report.parts.files import files
from chipscale.report.parts.film import film
from chipscale.report.parts.frame import Section
from chipscale.report.parts.layout import layout
from chipscale.report.parts.method import method
from chipscale.report.parts.model import model
from chipscale.report.parts.process import process
from chipscale.report.parts.summary import summary
from chipscale.report.parts.thermal import thermal
from chipscale.report.parts.variation import variation
from chipscale.report.parts.wafer import wafer
from chipscale.report.parts.wires import wires

PARTS: tuple[Callable[[ReportInput], Section | None], ...] = (
    summary,
    layout,
    model,
    cross_section,
    film,
    process,
    variation,
    balls,
    wires,
    electrical,
    thermal,
    checks,
    wafer,
    board,
    analyses,
    assumptions,
    files,
    method,
)


def report_html(data: ReportInput) -> str:
    """Return the report as text; the same input gives the same text."""
    made = [part(data) for part in PARTS]
    return page(data, [section for section in made if section is not None])


def write_report(data: ReportInput, path: str | Path) -> Path:
    """Write the report to `path`, whole or not at all, and return the path."""
    place = Path(path)
    temporary = place.with_name(f".{place.name}.part")
    try:
        temporary.write_text(report_html(data), encoding="utf-8", newline="\n")
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
    return place
