"""The same die in other packages, and these models beside published values, each with its source."""

from __future__ import annotations

from typing import Any

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.figures.paired_bars import Pair, paired_bars
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.checks import metrics_block
from chipscale.report.parts.electrical_refusal import doubts, refused
from chipscale.report.parts.frame import Cell, Column, badge, figure, legend, table
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import frequency, number
from chipscale.results import Result

NAME = "electrical.compare"
# Column of a package's row, what it is, unit.
_VALUES = (
    ("l_nH", "Inductance of a path, partial, mean", "nH"),
    ("loop_nH", "Inductance of the loop with the nearest terminal of another net, mean", "nH"),
    ("r_mohm", "Resistance of a path at the frequency, mean", "mΩ"),
    ("c_pF", "Capacitance of a path by formulas, mean", "pF"),
)
_SIZES = {
    "die_thick_um": "Thickness of the die",
    "wire_d_um": "Diameter of a bond wire",
    "wire_loop_um": "Height of a bond wire's loop over the die",
    "wire_gap_um": "From the die's edge to where bond wires end",
    "lead_pitch_um": "Pitch of the QFN's leads",
    "lead_width_um": "Width of a lead",
    "lead_thick_um": "Thickness of a lead",
    "bga_pitch_um": "Pitch of the BGA's balls",
    "bga_ball_um": "Diameter of the BGA's balls",
    "csp_pitch_um": "Pitch of the flip-chip CSP's balls",
    "csp_ball_um": "Diameter of the flip-chip CSP's balls",
    "bump_d_um": "Diameter of a flip-chip bump",
    "bump_h_um": "Height of a flip-chip bump",
    "trace_width_um": "Width of a laminate's trace",
    "trace_thick_um": "Thickness of a laminate's trace",
    "plane_um": "Height of a trace over its plane",
    "laminate_um": "Thickness of the laminate",
    "via_d_um": "Diameter of a via through the laminate",
    "eps_laminate_ratio": "Relative permittivity of the laminate",
}
_PAIRS_AT_MOST = 46  # characters of a published row's name beside its bars
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
            f"below with their source, and solved like this one{_at(result)}. They are typical, not a product.",
            class_="lead",
        ),
        doubts(data, (NAME,)),
        tag("div", [_bars(result, *value) for value in _VALUES], class_="pair"),
        _packages(rows),
        _published(result),
        _folded(result),
        id=anchor_of(NAME),
    )


def _at(result: Result) -> str:
    """Return at which frequency the packages are compared."""
    f_Hz = asked_of(result, "f_Hz")
    return "" if f_Hz is None else f", at {frequency(f_Hz)}"


def _bars(result: Result, name: str, words: str, unit: str) -> Html:
    rows = result.tables["packages"]
    words = words.replace(" at the frequency", _at(result).replace(",", ""))
    bars = [Bar(row["package"], f"path {number(row['path_mean_um'] / 1000, 3)} mm", row[name]) for row in rows]
    return figure(bars_svg(bars, f"{words.split(',')[0].lower()}, {unit}", unit, words), f"{words}.")


def _packages(rows: list[dict[str, Any]]) -> Html:
    named = (
        ("path_mean_um", "Path, µm"),
        ("path_max_um", "Longest, µm"),
        ("r_dc_mohm", "R DC, mΩ"),
        ("r_mohm", "R, mΩ"),
        ("l_nH", "L, nH"),
        ("l_least_nH", "least, nH"),
        ("l_most_nH", "most, nH"),
        ("loop_nH", "Loop, nH"),
        ("c_pF", "C, pF"),
        ("z0_ohm", "Z, Ω"),
        ("resonance_GHz", "Res., GHz"),
    )
    columns = [Column("Package, body in mm"), *(Column(title, True) for _, title in named)]
    shown = [
        [[row["package"], tag("small", row["body_mm"], class_="under")], *(_cell(row[name]) for name, _ in named)]
        for row in rows
    ]
    said = (
        "L is partial: mean, least and most of the paths. Loop: with the nearest terminal of another net. "
        "Z and resonance (Res.) are of the lumped loop and C: "
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
    columns = [Column("Row"), Column("What is published, its source"), Column("Quantity"), Column("Published", True)]
    columns += [Column("Ours", True), Column("Ours / theirs", True), Column("What ours is, why it differs")]
    shown = [
        [
            row["id"],
            [
                row["item"],
                tag("small", f"{row['source']}; {row['kind']}; confidence: {row['confidence']}", class_="under"),
            ],
            row["what"],
            _cell(row["published"]),
            _cell(row["ours"]),
            _cell(row["ours_over_published_ratio"]),
            [row["ours_is"], tag("small", row["why_it_differs"], class_="under")],
        ]
        for row in rows
    ]
    made = table("Published values, each with its source", columns, shown, sortable=True, tall=True)
    return tag("div", tag("h4", "Beside published values"), key, figures, made)


def _short(item: str) -> str:
    plain = item.split(" (")[0] if len(item) > _PAIRS_AT_MOST else item
    return plain if len(plain) <= _PAIRS_AT_MOST else plain[: _PAIRS_AT_MOST - 1].rstrip() + "…"


def _said(row: dict[str, Any]) -> str:
    return f"{row['item']}: {row['source']}. Ours: {row['ours_is']}. {row['why_it_differs']}"


def _size(text: str) -> str:
    """Return the name of a size in words, with its unit; other texts as they are."""
    return f"{_SIZES[text]}{', µm' if text.endswith('_um') else ''}" if text in _SIZES else text


def _folded(result: Result) -> list[Html]:
    made = []
    for name, title, names in (
        ("parts", "Parts of the paths", ("package", "part", "length_um", "r_dc_mohm", "l_nH")),
        ("sizes", "Sizes of the other packages, with their source", ("size", "value", "source")),
        ("left_out", "Published rows that are not compared", ("id", "item", "reason", "source")),
    ):
        rows = result.tables.get(name, [])
        if rows:
            titles = {"length_um": "Length, µm", "r_dc_mohm": "R at DC, mΩ", "l_nH": "L, partial, nH", "id": "Row"}
            numeric = [isinstance(rows[0][key], int | float) for key in names]
            columns = [Column(titles.get(key, key.capitalize()), n) for key, n in zip(names, numeric, strict=True)]
            shown = [
                [_cell(row[key], 4) if n else _size(row[key]) for key, n in zip(names, numeric, strict=True)]
                for row in rows
            ]
            made.append(tag("details", tag("summary", title), table(title, columns, shown)))
    made.append(tag("details", tag("summary", "All figures"), metrics_block(result)))
    return made
