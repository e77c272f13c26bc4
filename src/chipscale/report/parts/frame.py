"""The pieces every section is built from: the section itself, tables, figures, badges, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chipscale.report.markup import Child, Html, tag

STATE_WORD = {"good": "good", "doubtful": "not proven", "bad": "not good"}


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report: its anchor, its title, its body and, where it holds a verdict, its state."""

    ident: str
    title: str
    body: Html
    state: str = ""  # good, doubtful, bad or nothing


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and whether it holds numbers (right-aligned, sorted by value)."""

    title: str
    numeric: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: what it shows, and the value it is sorted by where that is not the text."""

    shown: Child
    sort: float | str | None = None


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    row_data: Sequence[dict[str, Any]] = (),
    **more: Any,
) -> Html:
    """Return a table in its own scroll box; `more` may say sortable=True, filter_="what to type", tall=True."""
    sortable = bool(more.get("sortable"))
    head = tag("tr", [_head(column, index, sortable) for index, column in enumerate(columns)])
    body = [
        tag(
            "tr",
            [_cell(value, column) for value, column in zip(row, columns, strict=True)],
            **(row_data[i] if row_data else {}),
        )
        for i, row in enumerate(rows)
    ]
    made = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", body),
        class_="sortable" if sortable else None,
    )
    box = tag(
        "div",
        made,
        class_="table-box tall" if more.get("tall") else "table-box",
        tabindex=0,
        role="region",
        aria_label=caption,
    )
    if not more.get("filter_"):
        return box
    search = tag(
        "div",
        tag("input", type="search", placeholder=more["filter_"], aria_label=f"Filter: {caption}", class_="filter"),
        tag("span", f"{len(rows)} rows", class_="filter-count", aria_live="polite"),
        class_="filter-bar screen-only",
    )
    return tag("div", search, box, class_="filtered")


def _head(column: Column, index: int, sortable: bool) -> Html:
    words: Child = column.title
    if sortable:
        words = tag(
            "button", column.title, tag("span", aria_hidden="true", class_="arrow"), type="button", data_col=index
        )
    return tag("th", words, scope="col", class_="num" if column.numeric else None, title=column.hint or None)


def _cell(value: Any, column: Column) -> Html:
    cell = value if isinstance(value, Cell) else Cell(value)
    sort = cell.sort if cell.sort is not None else None
    return tag("td", cell.shown, class_="num" if column.numeric else None, data_sort=sort)


def badge(state: str, words: str) -> Html:
    """Return a pill with a sign and words; the sign says the same as the colour."""
    sign = {"good": "✓", "bad": "✕", "doubtful": "!"}.get(state, "")
    return tag(
        "span", tag("span", sign, aria_hidden="true", class_="sign") if sign else None, words, class_=f"badge {state}"
    )


def figure(drawing: Html, caption: Child, legend: Child = None, class_: str = "") -> Html:
    """Return a figure with its caption and legend."""
    return tag("figure", tag("div", drawing, class_="art"), legend, tag("figcaption", caption), class_=class_ or None)


def legend(entries: Sequence[tuple[str, str]], label: str = "Legend") -> Html:
    """Return a list of (colour, words)."""
    items = [
        tag("li", tag("span", class_="swatch", style=f"background:{color}", aria_hidden="true"), words)
        for color, words in entries
    ]
    return tag("ul", items, class_="legend", aria_label=label)


def note(text: Child, state: str = "") -> Html:
    """Return a remark set apart from the text."""
    return tag("div", text, class_=f"note {state}".strip())


def facts(pairs: Sequence[tuple[Child, Child]]) -> Html:
    """Return a list of terms and values."""
    return tag("dl", [tag("div", tag("dt", term), tag("dd", value)) for term, value in pairs], class_="facts")


def missing(what: str, how: str) -> Html:
    """Return the sentence that stands where something was not made."""
    return note(f"{what} {how}", "absent")
