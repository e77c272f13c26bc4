"""The process: its steps as a table, what it makes against what was drawn, the wafer's bow, the resists."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import tag
from chipscale.report.parts.bow import bow
from chipscale.report.parts.frame import Section


def process(data: ReportInput) -> Section | None:
    """Return what the analyses of the process found; None when none of them ran."""
    blocks = [block for block in (bow(data),) if block]
    if not blocks:
        return None
    return Section("process", "Process", tag("div", blocks))
