"""What all thermal sections share: the pill beside a title, remarks said once, all figures folded away, times."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.electrical_refusal import given
from chipscale.report.parts.frame import Cell, Column, badge, note, table
from chipscale.report.verdict import title_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def heading(words: str, result: Result) -> Html:
    """Return the title of a section with the state of its answer."""
    state = ("doubtful", "doubtful") if result.state == "doubtful" else ("good", "answered")
    return tag("h3", f"{words} ", badge(*(state if result.ok else ("bad", "a check fails"))))


def told_once(data: ReportInput, names: Sequence[str]) -> Html | None:
    """Return the warnings of answers in one box; what several say stands once, by the first."""
    seen: dict[str, str] = {}
    doubtful = False
    for name in names:
        result = given(data, name)
        if result is None:
            continue
        doubtful |= result.state == "doubtful"
        for text in result.warnings:
            seen.setdefault(text, title_of(name))
    lines = [tag("li", f"{title}: {text}") for text, title in seen.items()]
    return note(tag("ul", lines), "doubtful" if doubtful else "") if lines else None


def folded(result: Result) -> Html:
    """Return all figures and checks of an answer, to be opened."""
    summary = tag("summary", f"All figures and checks: {title_of(result.analysis)}")
    return tag("details", summary, metrics_block(result), check_table(result))


def rests_on(result: Result) -> Html:
    """Return the table of what an answer rests on."""
    rows = [[row["what"], row["value"], row["source"]] for row in result.tables["given"]]
    return table("What it rests on", [Column("What"), Column("Value"), Column("Source")], rows)


def cell(value: float | None, digits: int = 4) -> Cell:
    """Return a number as a cell that sorts by its value."""
    return Cell("–", 0.0) if value is None else Cell(number(value, digits), value)


def seconds(value: float) -> str:
    """Return a time with its unit.

    >>> [seconds(value).replace(THIN, " ") for value in (2e-5, 0.0, 1000.0)]
    ['20 µs', '0 s', '1 000 s']
    """
    if not value:
        return f"0{THIN}s"
    size = next((item for item in _UNITS if abs(value) >= 0.9999 * item[0]), _UNITS[-1])
    return f"{number(float(f'{value / size[0]:.6g}'), 3)}{THIN}{size[1]}"


def decades(low: float, high: float) -> tuple[float, float]:
    """Return the powers of ten around two positive values.

    >>> decades(0.02, 70.0)
    (0.01, 100.0)
    """
    return 10.0 ** math.floor(math.log10(low) + 1e-9), 10.0 ** math.ceil(math.log10(high) - 1e-9)
