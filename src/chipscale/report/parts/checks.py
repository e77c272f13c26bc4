"""The checks: fan-in, design rules, connectivity and metal density, with limits and their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chipscale import registry
from chipscale.errors import InputError
from chipscale.report.embed import image_data
from chipscale.report.figures.density import density_map
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.frame import Cell, Column, Section, badge, facts, figure, missing, note, table
from chipscale.report.parts.rule_table import rule_tables
from chipscale.report.verdict import failed, title_of
from chipscale.report.wording import number, with_unit, words
from chipscale.results import Check, Result

_PARTS = (
    ("package.fan_in", "checks-fan-in"),
    ("layout.drc", "checks-drc"),
    ("layout.lvs", "checks-lvs"),
    ("layout.density", "checks-density"),
)


def checks(data: ReportInput) -> Section:
    """Return all checks of the package and its masks."""
    blocks = [_block(data, name, ident) for name, ident in _PARTS]
    results = [data.results[name] for name, _ in _PARTS if name in data.results]
    state = "bad" if any(not r.ok for r in results) else "doubtful" if len(results) < len(_PARTS) else "good"
    return Section("checks", "Checks", tag("div", blocks), state)


def _block(data: ReportInput, name: str, ident: str) -> Html:
    result = data.results.get(name)
    if result is None:
        return tag("section", _title(name, None), missing("Not run:", f"the analysis {name} gave no result."), id=ident)
    body: list[Child] = []
    if name == "layout.drc":
        body = [metrics_block(result), *rule_tables(data, result), _pictures(data)]
    elif name == "layout.density":
        body = [metrics_block(result), _density(data, result), check_table(result)]
    else:
        body = [metrics_block(result), check_table(result), *other_tables(result)]
    return tag("section", _title(name, result), *[_warned(result)], *body, id=ident)


def _title(name: str, result: Result | None) -> Html:
    if result is None:
        pill = badge("doubtful", "not run")
    elif not result.ok:
        pill = badge("bad", f"{number(len(failed(result)))} fail" if failed(result) else "failed")
    elif result.state == "doubtful":
        pill = badge("doubtful", "doubtful")
    else:
        pill = badge("good", "holds")
    return tag("h3", title_of(name), " ", pill)


def _warned(result: Result) -> Html | None:
    if not result.warnings:
        return None
    return note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful")


def metric_pairs(result: Result) -> list[tuple[Child, Child]]:
    """Return every figure of a result in words, with its unit and, where the analysis says it, its meaning."""
    known = meanings(result.analysis)
    order = {name: index for index, name in enumerate(known)}
    names = sorted(result.metrics, key=lambda name: (order.get(name, len(order)), name))
    return [
        (
            [words(name), tag("small", known[name]) if known.get(name) else None],
            with_unit(result.metrics[name], name, 5),
        )
        for name in names
    ]


def metrics_block(result: Result) -> Html | None:
    """Return the figures of a result: side by side when few, as a table when many."""
    pairs = metric_pairs(result)
    if len(pairs) <= 8:
        return facts(pairs) if pairs else None
    known = meanings(result.analysis)
    order = {name: index for index, name in enumerate(known)}
    names = sorted(result.metrics, key=lambda name: (order.get(name, len(order)), name))
    columns = [Column("Figure"), Column("Value", True), Column("What it means")]
    rows = [[words(name), with_unit(result.metrics[name], name, 5), known.get(name, "")] for name in names]
    return table(f"Figures of {title_of(result.analysis)}", columns, rows)


def meanings(analysis: str) -> Mapping[str, str]:
    """Return metric -> what it means, as the analysis says; nothing when no such analysis is installed."""
    try:
        return dict(registry.find("analyses", analysis).metrics)
    except (InputError, ImportError, AttributeError):
        return {}


def check_table(result: Result) -> Html | None:
    """Return the checks of a result: failing ones first."""
    if not result.checks:
        return None
    ordered = sorted(result.checks, key=lambda check: (check.ok, check.code))
    columns = [
        Column(""),
        Column("Check"),
        Column("Value", True),
        Column("Limit", True),
        Column("What it says"),
        Column("Source"),
    ]
    rows = [_check_row(check) for check in ordered]
    return table(f"Checks of {title_of(result.analysis)}", columns, rows, sortable=len(rows) > 8, tall=len(rows) > 14)


def _check_row(check: Check) -> list[Any]:
    pill = badge("good", "holds") if check.ok else badge("bad", "fails")
    return [
        Cell(pill, int(check.ok)),
        tag("code", check.code),
        _value(check.value, check.metric),
        _value(check.limit, check.metric),
        check.message,
        check.source,
    ]


def _value(value: float | str | None, metric: str) -> Cell:
    sort = value if isinstance(value, int | float) else None
    return Cell(with_unit(value, metric, 5), sort)


def other_tables(result: Result) -> list[Html]:
    """Return the tables of a result as they are, with units from the column names."""
    return [_plain_table(words(name), rows) for name, rows in sorted(result.tables.items()) if rows]


def _plain_table(caption: str, rows: list[dict[str, Any]]) -> Html:
    names = list(dict.fromkeys(key for row in rows for key in row))
    numeric = [all(isinstance(row.get(n, 0), int | float) for row in rows) for n in names]
    columns = [
        Column(words(n) if not is_number else _with_symbol(n), is_number)
        for n, is_number in zip(names, numeric, strict=True)
    ]
    shown = [[_plain(row.get(n)) for n in names] for row in rows]
    return table(caption, columns, shown, sortable=len(rows) > 8, tall=len(rows) > 14)


def _with_symbol(name: str) -> str:
    symbol = with_unit(0, name).lstrip("0").strip()
    return f"{words(name)}, {symbol}" if symbol else words(name)


def _plain(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return Cell(", ".join(number(v) if isinstance(v, int | float) else str(v) for v in value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(number(value, 5), value)
    return Cell("–" if value is None else number(value) if isinstance(value, bool) else str(value))


def _density(data: ReportInput, result: Result) -> list[Html]:
    """Return one heat map per two-dimensional field of shares (0 to 1)."""
    size = (data.layout.size_x_um, data.layout.size_y_um)
    maps = []
    for name, values in sorted(result.fields.items()):
        share = np.asarray(values, dtype=float)
        if share.ndim != 2 or not share.size or not np.isfinite(share).any() or np.nanmax(share) > 1.0 + 1e-9:
            continue
        if np.nanmin(share) < 0:
            continue
        layer = words(name)
        maps.append(
            figure(density_map(share, size, layer), f"{layer}: share of each window covered by metal, die view.")
        )
    return [tag("div", maps, class_="pair")] if maps else []


def _pictures(data: ReportInput) -> Html | None:
    if not data.pictures:
        return None
    shown = [
        tag(
            "figure", tag("img", src=image_data(svg), alt=f"Picture of {name}"), tag("figcaption", name), class_="paper"
        )
        for name, svg in sorted(data.pictures.items())
    ]
    return tag("div", tag("h4", "The worst places"), tag("div", shown, class_="pair"))
