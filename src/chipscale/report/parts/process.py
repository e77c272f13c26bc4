"""The process: its steps as a table, what it makes against what was drawn, the wafer's bow, the resists."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import tag
from chipscale.report.parts import as_built, bow, flow, resist
from chipscale.report.parts.frame import Section

_BLOCKS = (
    (flow.NAME, flow.flow),
    (as_built.NAME, as_built.as_built),
    (bow.NAME, bow.bow),
    (resist.NAME, resist.resist),
)


def process(data: ReportInput) -> Section | None:
    """Return what the analyses of the process found; None when none of them ran."""
    blocks = [(name, block) for name, show in _BLOCKS if (block := show(data)) is not None]
    if not blocks:
        return None
    results = {name: data.results[name] for name, _ in blocks}
    failing = {name for name, result in results.items() if not result.ok}
    warned = any(result.warnings for result in results.values())
    state = "bad" if failing - data.only_shown else "doubtful" if failing or warned else "good"
    return Section("process", "Process", tag("div", [block for _, block in blocks]), state)
