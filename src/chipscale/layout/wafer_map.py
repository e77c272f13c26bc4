"""Which dies fit on a wafer: step and repeat with streets, edge exclusion and knock-outs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from chipscale.errors import InputError, Problem
from chipscale.spec.model import Wafer

DieState = Literal["full", "partial", "knocked_out"]


@dataclass(frozen=True, slots=True)
class WaferDie:
    """A die site: column and row, and its lower-left corner from the wafer's centre; (0, 0) has it at the offset."""

    col: int
    row: int
    x_mm: float
    y_mm: float
    state: DieState


@dataclass(frozen=True, slots=True)
class WaferMap:
    """All sites on a wafer that print anything; `gross_dies` counts the full ones that are not knocked out.

    `layers` says per layer how partial dies are treated and how many dies it shows.
    """

    diameter_mm: float
    edge_exclusion_mm: float
    die_x_mm: float
    die_y_mm: float
    step_x_mm: float
    step_y_mm: float
    dies: tuple[WaferDie, ...]
    knock_outs_mm: tuple[tuple[float, float, float, float], ...] = ()
    layers: tuple[tuple[str, Literal["drop", "keep"], int], ...] = ()

    @property
    def gross_dies(self) -> int:
        """Full dies within the edge exclusion."""
        return sum(die.state == "full" for die in self.dies)

    @property
    def usable_radius_mm(self) -> float:
        """Radius within which dies are full."""
        return self.diameter_mm / 2.0 - self.edge_exclusion_mm

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON and drawings; sites as [col, row, x_mm, y_mm, state]."""
        return {
            "diameter_mm": self.diameter_mm,
            "edge_exclusion_mm": self.edge_exclusion_mm,
            "die_x_mm": self.die_x_mm,
            "die_y_mm": self.die_y_mm,
            "step_x_mm": self.step_x_mm,
            "step_y_mm": self.step_y_mm,
            "gross_dies_count": self.gross_dies,
            "knock_outs_mm": [list(box) for box in self.knock_outs_mm],
            "layers": [{"layer": name, "partial_dies": how, "dies_count": count} for name, how, count in self.layers],
            "dies": [[die.col, die.row, round(die.x_mm, 6), round(die.y_mm, 6), die.state] for die in self.dies],
        }


def wafer_map(size_um: tuple[float, float], wafer: Wafer) -> WaferMap:
    """Return the sites of a die of `size_um` (x, y) on `wafer`; InputError when not one whole die fits.

    The lower-left corner of die (0, 0) is at the wafer block's offset from the centre. A die is full when all four
    corners are within the edge exclusion, partial when it only reaches into that circle. A full or partial die
    that a knock-out touches is knocked out.
    """
    die_x, die_y = size_um[0] / 1000.0, size_um[1] / 1000.0
    step_x, step_y = die_x + wafer.street_x_um / 1000.0, die_y + wafer.street_y_um / 1000.0
    origin_x, origin_y = wafer.offset_x_um / 1000.0, wafer.offset_y_um / 1000.0
    radius = wafer.diameter_mm / 2.0 - wafer.edge_exclusion_mm
    boxes = tuple((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)) for x0, y0, x1, y1 in wafer.knock_outs)
    dies = []
    for row in range(math.floor((-radius - origin_y - die_y) / step_y), math.ceil((radius - origin_y) / step_y) + 1):
        for col in range(
            math.floor((-radius - origin_x - die_x) / step_x), math.ceil((radius - origin_x) / step_x) + 1
        ):
            x, y = origin_x + col * step_x, origin_y + row * step_y
            state = _state((x, y, x + die_x, y + die_y), radius, boxes)
            if state is not None:
                dies.append(WaferDie(col, row, x, y, state))
    found = WaferMap(
        float(wafer.diameter_mm), wafer.edge_exclusion_mm, die_x, die_y, step_x, step_y, tuple(dies), boxes
    )
    if found.gross_dies == 0:
        what = "no whole die fits on the wafer"
        value = f"die {die_x:g} x {die_y:g} mm"
        limit = f"circle of {2 * radius:g} mm, {len(boxes)} knock-outs"
        raise InputError([Problem("wafer.no_die", what, key="wafer", value=value, limit=limit)])
    return found


def _state(
    die: tuple[float, float, float, float], radius: float, boxes: tuple[tuple[float, float, float, float], ...]
) -> DieState | None:
    """Return what a die between (x0, y0, x1, y1) in mm is, or None when it lies outside."""
    x0, y0, x1, y1 = die
    near = math.hypot(max(x0, -x1, 0.0), max(y0, -y1, 0.0))
    if near >= radius - 1e-9:
        return None
    if any(x0 < bx1 and bx0 < x1 and y0 < by1 and by0 < y1 for bx0, by0, bx1, by1 in boxes):
        return "knocked_out"
    far = math.hypot(max(abs(x0), abs(x1)), max(abs(y0), abs(y1)))
    return "full" if far <= radius + 1e-9 else "partial"
