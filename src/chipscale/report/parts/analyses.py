"""Any further analysis of the design: its figures, checks and tables, without knowing what it is about."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.checks import check_table, metrics_block, other_tables
from chipscale.report.parts.frame import Section, badge, note
from chipscale.report.verdict import NEEDED, TITLES, anchor_of, failed, title_of
from chipscale.results import Result


def analyses(data: ReportInput) -> Section | None:
    """Return all results no other section shows; None when there are none."""
    names = sorted(name for name in data.results if name not in TITLES and name not in NEEDED)
    if not names:
        return None
    blocks = [_block(name, data.results[name]) for name in names]
    state = "bad" if any(not data.results[name].ok for name in names) else ""
    return Section("analyses", "Analyses", tag("div", blocks), state)


def _block(name: str, result: Result) -> Html:
    pill = badge("bad", "fails") if failed(result) or result.state == "failed" else badge("good", "answered")
    if result.state == "doubtful":
        pill = badge("doubtful", "doubtful")
    warned = note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None
    title = tag("h3", title_of(name), " ", tag("code", name), " ", pill)
    return tag(
        "section",
        title,
        warned,
        metrics_block(result),
        check_table(result),
        *other_tables(result),
        id=anchor_of(name),
    )
