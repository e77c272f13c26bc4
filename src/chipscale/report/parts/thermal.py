"""The thermal section: resistances on a standard board, temperatures at work, and how they follow the power."""

from __future__ import annotations

from chipscale.report.input import ReportInput
from chipscale.report.markup import Child, Html, tag
from chipscale.report.parts.electrical_refusal import given, refused
from chipscale.report.parts.frame import Cell, Column, Section, facts, missing, table
from chipscale.report.parts.thermal_answer import folded, heading, rests_on, told_once
from chipscale.report.parts.thermal_fields import fields
from chipscale.report.parts.thermal_mission import mission
from chipscale.report.parts.thermal_response import response
from chipscale.report.parts.thermal_structure import structure
from chipscale.report.parts.thermal_what_if import what_if
from chipscale.report.verdict import anchor_of
from chipscale.report.wording import THIN, number

THETA = "thermal.theta"
OVER_TIME = ("thermal.transient", "thermal.structure")
NAMES = (THETA, "thermal.steady", "thermal.what_if", *OVER_TIME, "thermal.mission")
_HOW = (
    "how fast the package warms up takes a minute. To have it here name it in the block analyses of the package file, "
    "analyses: {thermal.transient: {}, thermal.structure: {}}, or one of its figures among the targets, such as "
    "thermal.transient.z_1s_K_W. A file of power over time is followed with analyses: {thermal.mission: {trace: FILE}}."
)
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
    made = (_resistances(data), fields(data), what_if(data), response(data), structure(data), mission(data))
    blocks = [*refused(data, asked), *filter(None, made)]
    if not blocks:
        return None
    if not set(OVER_TIME) & set(asked):
        blocks.append(missing("Not asked:", _HOW))
    results = {name: data.results[name] for name in asked}
    failing = {name for name, result in results.items() if not result.ok}
    doubtful = any(result.state == "doubtful" for result in results.values())
    state = "bad" if failing - data.only_shown else "doubtful" if failing or doubtful else "good"
    return Section("thermal", "Thermal", tag("div", told_once(data, asked), blocks), state)


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
    power = number(m["power_W"], 3)
    return tag(
        "section",
        heading("Thermal resistances on a standard board", result),
        facts(pairs),
        table(f"The three tests at {power}{THIN}W", columns, rows),
        rests_on(result),
        folded(result),
        id=anchor_of(THETA),
    )
