"""Variation: how much the made packages differ, where that comes from, which options matter, how far they may go."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.figures.spread_histogram import Limit, spread_histogram
from chipscale.report.figures.value_map import bump_values, wafer_values
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.asked import asked_of
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.frame import Cell, Column, Section, badge, facts, figure, note, table
from chipscale.report.parts.influence import influence
from chipscale.report.parts.window import window
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, count, fixed, number, words
from chipscale.results import Result

NAME = "process.variation"
NAMES = (NAME, "process.influence", "process.window")
_QUANTITIES = {"cd": "width", "sphere_d": "diameter of the sphere", "volume": "volume", "thickness": "thickness"}
_OTHER_LIMITS = (("plated", "plated bumps"), ("ball_drop", "dropped or printed balls"))  # figures by name
_LEVEL_WORDS = {
    "lot": "from lot to lot",
    "wafer": "from wafer to wafer",
    "radius": "over the wafer's radius (a bowl)",
    "die": "from die to die",
    "feature": "from bump to bump",
    "pattern": "the masks' pattern (the same on every die)",
}


def variation(data: ReportInput) -> Section | None:
    """Return what process.variation, process.influence and process.window found; None when none of them ran."""
    result = data.results.get(NAME)
    blocks = [block for block in (_made(data, result) if result else None, influence(data), window(data)) if block]
    if not blocks:
        return None
    failing = {name for name in NAMES if name in data.results and not data.results[name].ok}
    state = "bad" if failing - data.only_shown else "doubtful" if failing else "good"
    return Section("variation", "Variation", tag("div", blocks), state)


def _made(data: ReportInput, result: Result) -> Html:
    return tag(
        "section",
        tag("h3", "Heights and coplanarity ", _badge(result)),
        _lead(result),
        _warned(result),
        facts(_facts(result)),
        tag("div", _coplanarity(result), _heights(result), class_="pair"),
        tag("div", _maps(data, result), class_="pair"),
        tag("h4", "Where the heights' differences come from"),
        tag("div", _levels(result), _causes(result), class_="pair"),
        _cause_table(result),
        _film_table(result),
        _width_table(result),
        _wafer_table(result),
        check_table(result),
        tag("details", tag("summary", "All figures"), metrics_block(result)),
        id=anchor_of(NAME),
    )


def _badge(result: Result) -> Html:
    if not result.ok:
        return badge("bad", "limit not kept")
    return badge("doubtful", "doubtful") if result.state == "doubtful" else badge("good", "limits kept")


def _lead(result: Result) -> Html:
    dies = count(result.metrics.get("dies_count", 0), "die")
    wafers = count(len(result.tables.get("wafers", [])), "wafer")
    return tag(
        "p",
        f"Made by chance: {dies} on {wafers}. Every step differs by lot, wafer, radius, die and feature as its recipe "
        "says (sources in the tables below); an apex is the sum of the films under a bump and its reflowed solder. "
        "Coplanarity is the highest less the lowest apex of a die.",
        class_="lead",
    )


def _warned(result: Result) -> Html | None:
    return note(tag("ul", [tag("li", text) for text in result.warnings]), "doubtful") if result.warnings else None


def _facts(result: Result) -> list[tuple[Child, Child]]:
    m = result.metrics
    limit = asked_of(result, "limit_um")
    within = [f"{number(m['within_limit_pct'], 4)}{THIN}%"]
    if "within_limit_low_pct" in m:
        low, high = number(m["within_limit_low_pct"], 4), number(m["within_limit_high_pct"], 4)
        within.append(tag("small", f" 95 %: {low} to {high}{THIN}%"))
    mean, sd = fixed(m["coplanarity_mean_um"], 2), fixed(m["coplanarity_sd_um"], 2)
    height = f"{fixed(m['height_mean_um'], 2)} ± {fixed(m['height_sd_um'], 2)}{THIN}µm"
    pairs: list[tuple[Child, Child]] = [
        (f"Dies within {number(limit)}{THIN}µm" if limit is not None else "Dies within the limit", within),
        ("Coplanarity, mean ± 1 standard deviation", f"{mean} ± {sd}{THIN}µm"),
        ("99 of 100 dies are flatter than", f"{number(m['coplanarity_p99_um'], 3)}{THIN}µm"),
        ("Cpk to the coplanarity limit (one-sided)", fixed(m["coplanarity_cpk_ratio"], 2)),
        ("Height of an apex, mean ± 1 standard deviation", height),
        ("Cp and Cpk of the heights", f"{fixed(m['height_cp_ratio'], 2)} and {fixed(m['height_cpk_ratio'], 2)}"),
    ]
    if "seating_p99_um" in m:
        said = "99 of 100 dies are flatter by the seating plane (JESD22-B108)"
        pairs.append((said, f"{number(m['seating_p99_um'], 3)}{THIN}µm"))
    for name, whose in _OTHER_LIMITS:
        other = asked_of(result, f"{name}_limit_um")
        if f"within_{name}_pct" in m and other != limit:
            said = "Dies within the limit" if other is None else f"Dies within {number(other)}{THIN}µm"
            found = [f"{number(m[f'within_{name}_pct'], 4)}{THIN}%"]
            if f"{name}_cpk_ratio" in m:
                found.append(tag("small", f" Cpk {fixed(m[f'{name}_cpk_ratio'], 2)}"))
            pairs.append((f"{said}, as for {whose}", found))
    return pairs


def _coplanarity(result: Result) -> Html | None:
    rows = result.tables.get("histogram", [])
    if not rows:
        return None
    edges = [row["from_um"] for row in rows] + [rows[-1]["to_um"]]
    decides = asked_of(result, "limit_um")
    own = f"limit {number(decides)} µm, Cpk {fixed(result.metrics['coplanarity_cpk_ratio'], 2)}"
    limits = [] if decides is None else [Limit(decides, own)]
    for name, whose in _OTHER_LIMITS:
        value = asked_of(result, f"{name}_limit_um")
        if value is not None and value != decides:
            told = f"{number(value)} µm: {whose}"
            if f"{name}_cpk_ratio" in result.metrics:
                told += f", Cpk {fixed(result.metrics[f'{name}_cpk_ratio'], 2)}"
            limits.append(Limit(value, told, decides=False))
    drawn = spread_histogram(edges, [row["dies_count"] for row in rows], ("coplanarity of a die, µm", "die"), limits)
    return figure(drawn, "How the dies' coplanarity is spread; bars beyond a limit are marked.")


def _heights(result: Result) -> Html | None:
    edges, counts = result.fields.get("height_edges_um"), result.fields.get("height_count")
    if edges is None or counts is None:
        return None
    m = result.metrics
    ends = (("height_low_limit_um", False), ("height_high_limit_um", True))
    limits = [Limit(m[name], f"{number(m[name], 5)} µm", upper) for name, upper in ends if name in m]
    drawn = spread_histogram(edges, counts, ("apex above the die's face, µm", "bump"), limits)
    return figure(drawn, "How the heights of all bumps of all wafers are spread, with their limits.")


def _maps(data: ReportInput, result: Result) -> list[Html]:
    """Return wafer maps of coplanarity and height, and the die's map of mean apexes."""
    fields, found = result.fields, []
    if data.wafer is not None and "map_x_mm" in fields:
        die = (data.wafer.die_x_mm, data.wafer.die_y_mm)
        places = (fields["map_x_mm"], fields["map_y_mm"])
        shown = (
            ("map_one_um", "coplanarity", "Coplanarity of the dies of the first wafer, µm."),
            ("map_mean_um", "mean coplanarity", "Mean coplanarity at each place over all wafers, µm."),
            ("map_height_um", "mean apex", "Mean apex of each die of the first wafer, µm above the die's face."),
        )
        for name, words, caption in shown:
            if name in fields:
                drawn = wafer_values(places, fields[name], die, data.wafer.diameter_mm, (words, "µm"))
                found.append(figure(drawn, f"{caption} Active face up, notch at the bottom."))
    if "ball_x_um" in fields and "ball_mean_um" in fields:
        mean = np.asarray(fields["ball_mean_um"])
        die_um = (data.layout.size_x_um, data.layout.size_y_um)
        places = (fields["ball_x_um"], fields["ball_y_um"])
        d_um = 0.8 * data.package.min_ball_distance_um
        drawn = bump_values(places, mean - mean.mean(), die_um, d_um, ("mean apex less that of all bumps", "µm"))
        found.append(figure(drawn, "Mean apex of each bump less the mean of all bumps, µm; die view."))
    return found


def _levels(result: Result) -> Html | None:
    rows = result.tables.get("levels", [])
    bars = [
        Bar(
            row["level"],
            _LEVEL_WORDS.get(row["level"], ""),
            row["share_pct"],
            note=f"{row['level']}: σ {number(row['height_sd_um'], 3)} µm, {number(row['share_pct'], 3)} % of it",
        )
        for row in rows
    ]
    if not bars:
        return None
    drawn = bars_svg(bars, "share of the heights' variance, %", "%", "Share of the heights' variance by level")
    return figure(drawn, "Share of the variance of the apexes by level, from the recipes' own spreads.")


def _causes(result: Result) -> Html | None:
    rows = [row for row in result.tables.get("causes", []) if row["coplanarity_alone_um"] > 0][:8]
    bars = [
        Bar(
            str(row["step"]),
            " ".join(filter(None, (row["layer"], quantity_words(row["quantity"])))),
            row["coplanarity_alone_um"],
            note=f"{row['step']}, {row['quantity']}: alone {number(row['coplanarity_alone_um'], 3)} µm, "
            f"without it {number(row['coplanarity_without_um'], 3)} µm",
        )
        for row in rows
    ]
    if not bars:
        return None
    drawn = bars_svg(bars, "mean coplanarity with only this varying, µm", "µm", "Coplanarity by cause")
    return figure(drawn, "Mean coplanarity of the dies if only this one quantity of this one step varied.")


def quantity_words(name: str) -> str:
    """Return what varies in words: `cd_um` is a width, `sphere_d_um` a sphere's diameter."""
    return _QUANTITIES.get(name.rpartition("_")[0] or name, words(name).lower())


def _cause_table(result: Result) -> Html | None:
    rows = result.tables.get("causes", [])
    if not rows:
        return None
    columns = [
        Column("Step"),
        Column("Quantity"),
        Column("Layer"),
        Column("Heights' σ, µm", True, "standard deviation of the apexes from this cause alone"),
        Column("Share, %", True, "of the heights' variance"),
        Column("Coplanarity alone, µm", True),
        Column("Coplanarity without, µm", True),
        Column("Source"),
    ]
    shown = [
        [row["step"], quantity_words(row["quantity"]), row["layer"] or "–"]
        + [_cell(row[name]) for name in ("height_sd_um", "share_pct", "coplanarity_alone_um", "coplanarity_without_um")]
        + [row["source"]]
        for row in rows
    ]
    return table("What varies, and what that does", columns, shown, sortable=len(rows) > 6, tall=len(rows) > 12)


def _cell(value: Any, digits: int = 3) -> Cell:
    if value is None or value != value:
        return Cell("–")
    return Cell(number(value, digits), value)


def _film_table(result: Result) -> Html | None:
    rows = result.tables.get("films", [])
    if not rows:
        return None
    columns = [Column("Layer"), Column("Mean, µm", True), Column("σ, µm", True), Column("σ, %", True)]
    shown = [[row["layer"], _cell(row["mean_um"], 4), _cell(row["sd_um"]), _cell(row["sd_pct"])] for row in rows]
    return table("Thickness of the films as made", columns, shown)


def _width_table(result: Result) -> Html | None:
    rows = result.tables.get("widths", [])
    if not rows:
        return None
    names = ("drawn_um", "mean_um", "sd_um", "low_um", "high_um", "cp_ratio", "cpk_ratio")
    titles = ("Drawn, µm", "Mean as built, µm", "σ, µm", "Low limit, µm", "High limit, µm", "Cp", "Cpk")
    columns = [Column("Layer"), Column("What"), *(Column(title, True) for title in titles)]
    shown = [[row["layer"], row["feature"], *(_cell(row[name], 4) for name in names)] for row in rows]
    return table("Widths and openings as made", columns, shown)


def _wafer_table(result: Result) -> Html | None:
    rows = result.tables.get("wafers", [])
    if not rows:
        return None
    names = (
        "coplanarity_mean_um", "coplanarity_p99_um", "within_limit_pct", "height_mean_um", "within_die_sd_um",
    )  # fmt: skip
    titles = ("Coplanarity, µm", "99 % below, µm", "Within the limit, %", "Mean apex, µm", "σ within a die, µm")
    columns = [Column("Lot", True), Column("Wafer", True), *(Column(title, True) for title in titles)]
    shown = [[_cell(row["lot"]), _cell(row["wafer"]), *(_cell(row[name], 5) for name in names)] for row in rows]
    return table("Wafer by wafer", columns, shown, sortable=True, tall=len(rows) > 12)
