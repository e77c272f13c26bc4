"""Say why an electrical analysis gave no answer, or one that is to be doubted."""

from __future__ import annotations

from collections.abc import Sequence

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.frame import note
from chipscale.report.verdict import title_of
from chipscale.results import Result


def given(data: ReportInput, name: str) -> Result | None:
    """Return the answer of an analysis; None where it did not run or was refused."""
    result = data.results.get(name)
    return None if result is None or result.state == "failed" else result


def refused(data: ReportInput, names: Sequence[str]) -> list[Html]:
    """Return a remark for each analysis that gave no answer for this design, with its reason."""
    found = []
    for name in names:
        result = data.results.get(name)
        if result is not None and result.state == "failed":
            reason = " ".join(result.warnings) or "the analysis failed."
            found.append(note([tag("b", f"{title_of(name)}: no answer. "), reason], "absent"))
    return found


def doubts(data: ReportInput, names: Sequence[str]) -> Html | None:
    """Return the warnings of answers in one box, marked where an answer is doubtful for them."""
    lines = []
    doubtful = False
    for name in names:
        result = given(data, name)
        if result is None:
            continue
        doubtful |= result.state == "doubtful"
        lines += [tag("li", f"{title_of(name)}: {text}") for text in result.warnings]
    return note(tag("ul", lines), "doubtful" if doubtful else "") if lines else None
