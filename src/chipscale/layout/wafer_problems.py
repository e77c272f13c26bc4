"""What of a wafer block can't be made: unknown layers, knock-outs that lie off the wafer, no whole die on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.layout.types import LAYER
from chipscale.layout.wafer_map import wafer_map
from chipscale.spec.read import SpecFile

_MOST_SITES = 2_000_000.0  # a map of more is not drawn only to see whether one is whole


def wafer_problems(specfile: SpecFile) -> list[Problem]:
    """Return everything wrong with the file's wafer block, each with its line and key."""
    return [*_layers(specfile), *_streets(specfile), *_knock_outs(specfile)] or _no_die(specfile)


def _layers(specfile: SpecFile) -> list[Problem]:
    wanted = specfile.spec.wafer.partial_dies
    if isinstance(wanted, str):
        return []
    what = "there is no such layer"
    return [
        specfile.problem("wafer.layer", f"wafer.partial_dies.{name}", what, name, remedy=did_you_mean(name, LAYER))
        for name in wanted
        if name not in LAYER
    ]


def _streets(specfile: SpecFile) -> list[Problem]:
    wafer = specfile.spec.wafer
    what, limit = "the street is wider than the wafer", f"< {wafer.diameter_mm} mm"
    return [
        specfile.problem("wafer.street", f"wafer.{name}", what, f"{street_um / 1000:g} mm", limit, "streets are in µm")
        for name, street_um in (("street_x_um", wafer.street_x_um), ("street_y_um", wafer.street_y_um))
        if street_um >= wafer.diameter_mm * 1000
    ]


def _knock_outs(specfile: SpecFile) -> list[Problem]:
    wafer = specfile.spec.wafer
    problems = []
    for number, box in enumerate(wafer.knock_outs):
        x0, y0, x1, y1 = box
        key, value = f"wafer.knock_outs.{number}", f"({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) mm"
        if x0 >= x1 or y0 >= y1:
            remedy = "write [x0, y0, x1, y1] with x0 < x1 and y0 < y1"
            what = "the knock-out's corners are reversed, or it has no area"
            problems.append(specfile.problem("wafer.knock_out", key, what, value, remedy=remedy))
        elif _nearest_mm(box) >= wafer.diameter_mm / 2:
            limit = f"within {wafer.diameter_mm / 2:g} mm of the wafer's centre"
            remedy = "measure in mm from the wafer's centre"
            what = "the knock-out does not lie on the wafer"
            problems.append(specfile.problem("wafer.knock_out", key, what, value, limit, remedy))
    return problems


def _nearest_mm(box: Sequence[float]) -> float:
    """Return the least distance of a box (x0, y0, x1, y1) from the origin."""
    x0, y0, x1, y1 = box
    return math.hypot(max(x0, -x1, 0.0), max(y0, -y1, 0.0))


def _no_die(specfile: SpecFile) -> list[Problem]:
    """Return a problem when no whole die lies on the wafer; a die too large for any place is told by the die."""
    die, wafer = specfile.spec.die, specfile.spec.wafer
    usable_mm = wafer.diameter_mm - 2 * wafer.edge_exclusion_mm
    if math.hypot(die.size_x_um, die.size_y_um) / 1000 > usable_mm:
        return []
    step_um = (die.size_x_um + wafer.street_x_um, die.size_y_um + wafer.street_y_um)
    if wafer.knock_outs:
        if (wafer.diameter_mm * 1000) ** 2 / (step_um[0] * step_um[1]) > _MOST_SITES:
            return []
        try:
            wafer_map((die.size_x_um, die.size_y_um), wafer)
        except InputError as error:
            found = error.problems[0]
            remedy = "fewer or smaller knock-outs, or another offset"
            return [specfile.problem(found.code, "wafer.knock_outs", found.what, found.value, found.limit, remedy)]
        return []
    offset_um = (wafer.offset_x_um, wafer.offset_y_um)
    far_um = [
        _nearest_centre_um(at + size / 2, step) + size / 2
        for at, size, step in zip(offset_um, (die.size_x_um, die.size_y_um), step_um, strict=True)
    ]
    if math.hypot(*far_um) / 1000 <= usable_mm / 2 + 1e-9:
        return []
    what, value = "no whole die fits on the wafer", f"die {die.size_x_um / 1000:g} x {die.size_y_um / 1000:g} mm"
    remedy = "put a die at the centre: offset_x_um, offset_y_um of minus half the die's size"
    return [specfile.problem("wafer.no_die", "wafer", what, value, f"circle of {usable_mm:g} mm", remedy)]


def _nearest_centre_um(first_um: float, step_um: float) -> float:
    """Return the distance from the wafer's centre of the die centre nearest to it, along one axis."""
    return abs(first_um - round(first_um / step_um) * step_um)
