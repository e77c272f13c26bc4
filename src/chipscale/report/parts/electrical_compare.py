"""The same die in other packages, and these models beside published values, each with its source."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.figures.paired_bars import Pair, paired_bars
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.checks import metrics_block
from chipscale.report.parts.electrical_refusal import doubts, refused
from chipscale.report.parts.frame import Cell, Column, badge, figure, legend, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import number
from chipscale.results import Result

NAME = "electrical.compare"
# Column of a package's row, what it is, unit.
_VALUES = (
    ("l_nH", "Inductance of a path, partial, mean", "nH"),
    ("loop_nH", "Inductance of the loop with the nearest terminal of another net, mean", "nH"),
    ("r_mohm", "Resistance of a path at the frequency, mean", "mΩ"),
    ("c_pF", "Capacitance of a path by formulas, mean", "pF"),
)
_UNITS = ("R in ohm", "Ω"), ("L in nH", "nH"), ("C in pF", "pF")
_WORDS = {"R in ohm": "Resistance", "L in nH": "Inductance", "C in pF": "Capacitance"}


def compare(data: ReportInput) -> Html | None:
    """Return the packages side by side; None when nobody asked."""
    result = data.results.get(NAME)
    if result is None:
        return None
    title = "The same die in other packages"
    rows = result.tables.get("packages", [])
    if result.state == "failed" or not rows:
        return tag("section", tag("h3", title, " ", badge("", "no answer")), refused(data, (NAME,)), id=anchor_of(NAME))
    pill = badge("doubtful", "doubtful") if result.state == "doubtful" else badge("good", "answered")
    return tag(
        "section",
        tag("h3", title, " ", pill),
        tag(
            "p",
            "The other packages are drawn around this die's pads, one terminal per pad, from sizes that are listed "
            "below with their source, and solved like this one. They are typical, not a product.",
            class_="lead",
        ),
        doubts(data, (NAME,)),
        tag("div", [_bars(rows, *value) for value in _VALUES], class_="pair"),
        _packages(rows),
        _published(result),
        _folded(result),
        id=anchor_of(NAME),
    )


def _bars(rows: list[dict[str, Any]], name: str, words: str, unit: str) -> Html:
    bars = [Bar(row["package"], f"path {number(row['path_mean_um'] / 1000, 3)} mm", row[name]) for row in rows]
    return figure(bars_svg(bars, f"{words.split(',')[0].lower()}, {unit}", unit, words), f"{words}.")


def _packages(rows: list[dict[str, Any]]) -> Html:
    named = (
        ("path_mean_um", "Path, mean, µm"),
        ("path_max_um", "Longest, µm"),
        ("r_dc_mohm", "R at DC, mΩ"),
        ("r_mohm", "R, mΩ"),
        ("l_least_nH", "Least L, nH"),
        ("l_nH", "L, mean, nH"),
        ("l_most_nH", "Largest L, nH"),
        ("loop_nH", "Loop, nH"),
        ("c_pF", "C, pF"),
        ("z0_ohm", "Z, Ω"),
        ("resonance_GHz", "Resonance, GHz"),
    )
    columns = [Column("Package"), Column("Body, mm"), *(Column(title, True) for _, title in named)]
    shown = [[row["package"], row["body_mm"], *(_cell(row[name]) for name, _ in named)] for row in rows]
    said = (
        "L is partial. Loop: with the nearest terminal of another net. Z and resonance are of the lumped loop and C: "
        "root of L over C, and 1 / 2π root of L C."
    )
    return tag("div", table("Means over all paths of each package", columns, shown), tag("p", said, class_="fine"))


def _cell(value: float | None, digits: int = 3) -> Cell:
    return Cell("–") if value is None else Cell(number(value, digits), value)


def _published(result: Result) -> Html | None:
    rows = result.tables.get("published", [])
    if not rows:
        return None
    figures = []
    for what, unit in _UNITS:
        here = [row for row in rows if row["what"] == what]
        if not here:
            continue
        pairs = [Pair(row["id"], _short(row["item"]), row["published"], row["ours"], _said(row)) for row in here]
        label = f"{_WORDS[what]}: published values and these models"
        figures.append(
            figure(paired_bars(pairs, f"{_WORDS[what].lower()}, {unit}", unit, label), f"{label}.", class_="half")
        )
    key = tag("div", legend([("#8994a0", "published"), ("#4888ab", "these models")]))
    columns = [Column("Row"), Column("What is published"), Column("Quantity"), Column("Published", True)]
    columns += [Column("Ours", True), Column("Ours / theirs", True), Column("Ours is"), Column("Source")]
    shown = [
        [
            row["id"],
            row["item"],
            row["what"],
            _cell(row["published"]),
            _cell(row["ours"]),
            _cell(row["ours_over_published_ratio"]),
            [row["ours_is"], tag("small", row["why_it_differs"], class_="under")],
            [row["source"], tag("small", f"{row['kind']}; confidence: {row['confidence']}", class_="under")],
        ]
        for row in rows
    ]
    made = table("Published values, each with its source", columns, shown, sortable=True, tall=True)
    return tag("div", tag("h4", "Beside published values"), key, figures, made)


def _short(item: str) -> str:
    return item if len(item) <= 46 else item[:45].rstrip() + "…"


def _said(row: dict[str, Any]) -> str:
    return f"{row['item']}: {row['source']}. Ours: {row['ours_is']}. {row['why_it_differs']}"


def _folded(result: Result) -> list[Html]:
    made = []
    for name, title, names in (
        ("parts", "Parts of the paths", ("package", "part", "length_um", "r_dc_mohm", "l_nH")),
        ("sizes", "Sizes of the other packages, with their source", ("size", "value", "source")),
        ("left_out", "Published rows that are not compared", ("id", "item", "reason", "source")),
    ):
        rows = result.tables.get(name, [])
        if rows:
            titles = {"length_um": "Length, µm", "r_dc_mohm": "R at DC, mΩ", "l_nH": "L, partial, nH"}
            numeric = [isinstance(rows[0][key], int | float) for key in names]
            columns = [Column(titles.get(key, key.capitalize()), n) for key, n in zip(names, numeric, strict=True)]
            shown = [
                [_cell(row[key], 4) if n else row[key] for key, n in zip(names, numeric, strict=True)] for row in rows
            ]
            made.append(tag("details", tag("summary", title), table(title, columns, shown)))
    made.append(tag("details", tag("summary", "All figures"), metrics_block(result)))
    return made
