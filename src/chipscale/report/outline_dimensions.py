"""The dimensions of the outline drawing: letter, least, nominal and greatest value, and where they are from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from chipscale.assembly.array import ArrayFacts, array_facts, board_view_um, body_size_um
from chipscale.assembly.heights import heights
from chipscale.package.types import Package

Kind = Literal["toleranced", "basic", "reference", "count", "tolerance"]

# Tolerances in µm which data sheets of wafer-level packages print; here assumed for every package.
TOTAL_UM = 50.0  # A 0.535/0.585/0.635: STM32F103 WLCSP64, Doc ID 14611
STANDOFF_UM = 25.0  # A1 0.205/0.230/0.255: the same
STANDOFF_RATIO = 0.16  # of A1 where that is less: Nordic 0.080 to 0.110 at 0.3 mm pitch
BODY_UM = 25.0  # A2 0.330/0.355/0.380: STM32F103 WLCSP64
COATING_RATIO = 0.12  # A3 0.022/0.025/0.028: Nordic WLCSP 3.7495 x 3.385
GLASS_RATIO = 0.05  # A3 of a package under glass: 0.380/0.400/0.420, assumed
BALL_UM = 30.0  # b 0.290/0.320/0.350: STM32F103 WLCSP64
BALL_RATIO = 0.18  # of b where that is less: Nordic 0.140 to 0.200 at 0.3 mm pitch
OUTLINE_UM = 25.0  # D, E: CS42L73 WLCSP64, DS882F1
# aaa body outline, bbb back to seating plane, ccc balls to A and B, ddd balls among themselves, eee coplanarity:
# STM32L072 WLCSP49, DocID027100
GEOMETRIC_UM = {"aaa": 100.0, "bbb": 100.0, "ccc": 100.0, "ddd": 50.0, "eee": 50.0}
TOLERANCE_SOURCES = (
    "A, A1, A2, b: ST Doc ID 14611 (STM32F103 WLCSP64); A1 not over 16 %, b not over 18 %, A3: Nordic WLCSP; "
    "D, E: Cirrus DS882F1 (CS42L73); aaa to eee: ST DocID027100 (STM32L072)"
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One row of the table, µm (a count has no unit)."""

    letter: str
    meaning: str
    nominal_um: float
    tolerance_um: float
    kind: Kind

    @property
    def cells(self) -> tuple[str, str, str]:
        """Return (min, nom, max) as printed, mm."""
        if self.kind == "count":
            return ("", f"{self.nominal_um:.0f}", "")
        nominal = mm(self.nominal_um)
        if self.kind == "toleranced":
            middle, away = math.floor(self.nominal_um + 0.5), round(self.tolerance_um)  # what is printed adds up
            return (mm(middle - away), mm(middle), mm(middle + away))
        return {"basic": ("", nominal, ""), "reference": ("", f"({nominal})", ""), "tolerance": ("", "", nominal)}[
            self.kind
        ]


def mm(value_um: float) -> str:
    """Return a length in mm with three decimals.

    >>> mm(3588.0)
    '3.588'
    """
    return f"{value_um / 1000 + 0.0:.3f}"


def pitch_letters(facts: ArrayFacts) -> tuple[str, str]:
    """Return the letters of the pitches in x and y: one where they are equal and no stagger hides it."""
    if abs(facts.pitch_x_um - facts.pitch_y_um) < 0.5 and not facts.staggered:
        return ("e", "e")
    return ("eD", "eE")


_BODY, _BODY_UNDER_GLASS = "body with backside film", "body, glass to solder mask"


def dimensions(package: Package) -> tuple[Dimension, ...]:
    """Return all rows of the table, heights first."""
    high = heights(package)
    size_x, size_y = body_size_um(package)
    ball_d = package.terminal.ball_d_um
    standoff_tol = min(STANDOFF_UM, STANDOFF_RATIO * high.standoff_um)
    rows = [
        Dimension("A", "total height", high.total_um, TOTAL_UM, "toleranced"),
        Dimension("A1", "standoff (ball height)", high.standoff_um, standoff_tol, "toleranced"),
        Dimension("A2", _BODY if package.grooves is None else _BODY_UNDER_GLASS, high.body_um, BODY_UM, "toleranced"),
    ]
    if package.grooves is not None:
        glass = package.grooves.glass_um
        rows.append(Dimension("A3", "glass", glass, GLASS_RATIO * glass, "toleranced"))
    film = package.layers.backside_um
    if film > 0:
        rows.append(Dimension("A3", "backside film", film, COATING_RATIO * film, "toleranced"))
    rows += [
        Dimension("b", "ball diameter", ball_d, min(BALL_UM, BALL_RATIO * ball_d), "toleranced"),
        Dimension("D", "body, x", size_x, OUTLINE_UM, "toleranced"),
        Dimension("E", "body, y", size_y, OUTLINE_UM, "toleranced"),
        *_array_rows(package),
        Dimension("N", "balls", float(len(package.balls)), 0.0, "count"),
    ]
    meanings = {
        "aaa": "body outline",
        "bbb": "back to seating plane",
        "ccc": "balls to A and B",
        "ddd": "ball to ball",
        "eee": "coplanarity",
    }
    rows += [Dimension(name, meanings[name], value, 0.0, "tolerance") for name, value in GEOMETRIC_UM.items()]
    return tuple(rows)


def _array_rows(package: Package) -> list[Dimension]:
    """Return span, pitch, edge distance and offset of the array."""
    facts = array_facts(package)
    size_x, size_y = body_size_um(package)
    places = [board_view_um(package, ball) for ball in package.balls]
    left, right = -max(x for x, _ in places), -min(x for x, _ in places)  # in the bottom view
    low, high = min(y for _, y in places), max(y for _, y in places)
    rows = [
        Dimension("D1", "array, x", right - left, 0.0, "basic"),
        Dimension("E1", "array, y", high - low, 0.0, "basic"),
    ]
    rows = [row for row in rows if row.nominal_um > 0]
    letters = pitch_letters(facts)
    if not rows:
        pass  # a single ball has no pitch
    elif letters[0] == letters[1]:
        rows.append(Dimension("e", "pitch", facts.pitch_x_um, 0.0, "basic"))
    else:
        rows.append(Dimension("eD", "column spacing, x", facts.pitch_x_um, 0.0, "basic"))
        rows.append(Dimension("eE", "row spacing, y", facts.pitch_y_um, 0.0, "basic"))
        rows.append(Dimension("e", "nearest balls", facts.pitch_um, 0.0, "reference"))
    rows.append(Dimension("F", "edge to first column", size_x / 2 + left, 0.0, "reference"))
    rows.append(Dimension("G", "edge to first row", size_y / 2 - high, 0.0, "reference"))
    offset = ((left + right) / 2, (low + high) / 2)
    if max(map(abs, offset)) > 0.5:
        rows.append(Dimension("SD", "array off centre, x", offset[0], 0.0, "basic"))
        rows.append(Dimension("SE", "array off centre, y", offset[1], 0.0, "basic"))
    return rows
