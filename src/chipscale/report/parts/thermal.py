"""The thermal section: resistances on a standard board, temperatures as cuts, and the way the heat takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.report.figures.color_scale import Scale, scale_of
from chipscale.report.figures.temperature import temperature_svg
from chipscale.report.figures.value_map import bump_values
from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.checks import check_table, metrics_block
from chipscale.report.parts.electrical_refusal import doubts, given, refused
from chipscale.report.parts.frame import Cell, Column, Section, badge, facts, figure, table
from chipscale.report.verdict import anchor_of, title_of
from chipscale.report.wording import THIN, number
from chipscale.results import Result

THETA, STEADY = "thermal.theta", "thermal.steady"
NAMES = (THETA, STEADY)
_ORDER = (
    ("theta_ja_K_W", "θJA, junction to air"),
    ("theta_jb_K_W", "θJB, junction to board"),
    ("theta_jc_K_W", "θJC(top), junction to the die's back"),
    ("psi_jt_K_W", "ψJT, junction to top"),
    ("psi_jb_K_W", "ψJB, junction to board"),
)


def thermal(data: ReportInput) -> Section | None:
    """Return what the thermal analyses found; None when none of them ran."""
    asked = [name for name in NAMES if name in data.results]
    blocks = [*refused(data, asked), *filter(None, (_resistances(data), _fields(data)))]
    if not blocks:
        return None
    results = {name: data.results[name] for name in asked}
    failing = {name for name, result in results.items() if not result.ok}
    doubtful = any(result.state == "doubtful" for result in results.values())
    state = "bad" if failing - data.only_shown else "doubtful" if failing or doubtful else "good"
    return Section("thermal", "Thermal", tag("div", doubts(data, asked[:1]), blocks), state)


def _resistances(data: ReportInput) -> Html | None:
    result = given(data, THETA)
    if result is None:
        return None
    m = result.metrics
    pairs: list[tuple[Child, Child]] = [(words, f"{number(m[name], 4)}{THIN}K/W") for name, words in _ORDER]
    pairs.append(("Heat that leaves by the board", f"{number(m['to_board_pct'], 3)}{THIN}%"))
    columns = [
        Column("Test"),
        Column("Junction, hottest, °C", True),
        Column("Junction, mean, °C", True),
        Column("Top, °C", True),
        Column("Board, 1 mm off, °C", True),
    ]
    names = ("t_junction_C", "t_junction_mean_C", "t_case_C", "t_board_C")
    rows = [[row["test"], *(Cell(number(row[name], 5), row[name]) for name in names)] for row in result.tables["tests"]]
    given_rows = [[row["what"], row["value"], row["source"]] for row in result.tables["given"]]
    power = number(m["power_W"], 3)
    return tag(
        "section",
        tag("h3", "Thermal resistances on a standard board ", badge(*_pill(result))),
        facts(pairs),
        table(f"The three tests at {power}{THIN}W", columns, rows),
        table("What it rests on", [Column("What"), Column("Value"), Column("Source")], given_rows),
        tag(
            "details",
            tag("summary", f"All figures and checks: {title_of(THETA)}"),
            metrics_block(result),
            check_table(result),
        ),
        id=anchor_of(THETA),
    )


def _pill(result: Result) -> tuple[str, str]:
    if not result.ok:
        return "bad", "a check fails"
    return ("doubtful", "doubtful") if result.state == "doubtful" else ("good", "answered")


def _fields(data: ReportInput) -> Html | None:
    """Return the temperatures at work: the junction's plane, a cut upright, the board; heat by face and by ball."""
    result = given(data, STEADY)
    if result is None or "junction_C" not in result.fields:
        return None
    f, m = result.fields, result.metrics
    power_W = sum(row["heat_W"] for row in result.tables["heat"])
    power = f"{number(power_W, 3)}{THIN}W"
    hot = scale_of([*_ends(f["junction_C"])], powers=False)
    whole = _cut_box(f)
    inside = np.asarray(f["cut_x_C"])[:, _within(f["x_mm"], whole[0], whole[1])]
    across = scale_of([*_ends(inside)], powers=False)
    board = scale_of([*_ends(f["board_C"])], powers=False)
    pictures = [
        figure(
            temperature_svg(
                f["junction_C"],
                (f["junction_x_mm"], f["junction_y_mm"]),
                hot,
                ("Temperature of the junction", "x, die view, mm", "y, mm"),
            ),
            f"Junction at {power}: {_words(f['junction_C'])}.",
        ),
        figure(_upright(f, whole, across), f"Cut along x through the middle at {power}; z grows towards the board."),
        figure(
            temperature_svg(
                f["board_C"], (f["x_mm"], f["y_mm"]), board, ("Temperature of the board", "x, die view, mm", "y, mm")
            ),
            f"The board's side that carries the package, at {power}: {_words(f['board_C'])}.",
        ),
    ]
    balls = result.tables["balls"]
    if balls:
        places = ([row["x_um"] for row in balls], [row["y_um"] for row in balls])
        drawn = bump_values(
            places,
            [row["heat_mW"] for row in balls],
            data.package.package_size_um,
            data.package.terminal.ball_d_um,
            ("heat through the balls", "mW"),
        )
        share = number(m["balls_pct"], 3)
        pictures.append(figure(drawn, f"Heat through each ball, {share}{THIN}% of {power} in all."))
    columns = [
        Column("Face"),
        Column("Heat, W", True),
        Column("Share, %", True),
        Column("Film, W/(m²·K)", True),
        Column("Surface, °C", True),
    ]
    names = ("heat_W", "share_pct", "h_W_m2K", "surface_C")
    rows = [[row["face"], *(_cell(row[name]) for name in names)] for row in result.tables["heat"]]
    return tag(
        "section",
        tag("h3", "Temperatures at work ", badge(*_pill(result))),
        tag("div", pictures, class_="figures"),
        table(f"Where {power} leave", columns, rows),
        tag(
            "details",
            tag("summary", f"All figures and checks: {title_of(STEADY)}"),
            metrics_block(result),
            check_table(result),
        ),
        id=anchor_of(STEADY),
    )


def _cell(value: float | None) -> Cell:
    return Cell("–", 0.0) if value is None else Cell(number(value, 4), value)


def _upright(f: Any, box: tuple[float, float, float, float], scale: Scale) -> Html:
    words = ("Temperature of a cut through the middle", "x, die view, mm", "z, mm")
    return temperature_svg(f["cut_x_C"], (f["x_mm"], f["z_mm"]), scale, words, box)


def _cut_box(f: Any) -> tuple[float, float, float, float]:
    """Return the part of the upright cut that shows the package and as much of the board beside it."""
    x = np.asarray(f["junction_x_mm"])
    half = 0.5 * (x[-1] - x[0])
    z = np.asarray(f["z_mm"])
    return float(x[0] - half), float(x[-1] + half), float(z[0]), float(z[-1])


def _within(edges: Any, low: float, high: float) -> Any:
    at = np.asarray(edges)
    middle = (at[:-1] + at[1:]) / 2
    return (middle >= low) & (middle <= high)


def _ends(values: Any) -> tuple[float, float]:
    return float(np.nanmin(values)), float(np.nanmax(values))


def _words(values: Any) -> str:
    low, high = _ends(values)
    return f"{number(low, 4)} to {number(high, 4)}{THIN}°C"
