"""What can be done to cool a package, each measure with its numbers, or why it can't be done here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from chipscale.package.types import Package
from chipscale.physics.thermal.boards import Board
from chipscale.physics.thermal.fan_out import to_plane
from chipscale.physics.thermal.on_board import OnBoard
from chipscale.physics.thermal.what_if_balls import more_ground
from chipscale.physics.thermal.what_if_package import conducting, thicker_rdl, thinner_die

COAT = "BACKSIDE"


@dataclass(frozen=True, slots=True)
class Tries(OnBoard):
    """Options of a package on a board, and with `try_` before it what is tried: see `thermal.what_if`."""

    power_W: float = 1.0
    measures: str = "all"
    try_under: str = "Underfill"
    try_under_k_W_mK: float = 0.0
    try_column_d_um: float = 0.0
    try_rdl_ratio: float = 2.0
    try_die_ratio: float = 0.6
    try_balls_count: int = 8
    try_plate_t_um: float = 500.0
    try_plate_side_mm: float = 10.0
    try_coat_k_W_mK: float = 3.0

    def limits(self) -> dict[str, tuple[float, float, float]]:
        """Return (value, least, largest) of each option that is a number."""
        return {
            **OnBoard.limits(self),
            "power_W": (self.power_W, 1e-6, 1e3),
            "try_under_k_W_mK": (self.try_under_k_W_mK, 0.0, 2000.0),
            "try_column_d_um": (self.try_column_d_um, 0.0, 1000.0),
            "try_rdl_ratio": (self.try_rdl_ratio, 0.1, 10.0),
            "try_die_ratio": (self.try_die_ratio, 0.05, 10.0),
            "try_balls_count": (self.try_balls_count, 1.0, 1000.0),
            "try_plate_t_um": (self.try_plate_t_um, 1.0, 20000.0),
            "try_plate_side_mm": (self.try_plate_side_mm, 0.1, 100.0),
            "try_coat_k_W_mK": (self.try_coat_k_W_mK, 1e-3, 2000.0),
        }


class Measure(NamedTuple):
    """What was changed, and what is then asked of which view; `asked` None: it can't be done, `changed` says why."""

    key: str
    changed: str
    asked: Tries | None
    view: Mapping[str, Any]


_Made = tuple[str, "Tries | None", Mapping[str, Any]]


def measure(key: str, asked: Tries, view: Mapping[str, Any], plan: Board) -> Measure:
    """Return the measure called `key`; `plan` is the board as it is. O(1), or a run of the flow."""
    changed, then, seen = MEASURES[key][1](asked, view, plan)
    return Measure(key, changed, then, seen)


def _underfill(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    name, known = asked.try_under, view["materials"]
    if name == asked.under and not asked.try_under_k_W_mK:
        return f"the gap is filled with {name} already", None, view
    from chipscale.materials.library import material

    found = material(name) if name not in known else known[name]
    k = asked.try_under_k_W_mK or found.number("k_W_mK")
    if asked.try_under_k_W_mK:
        view = {**view, "materials": conducting({**known, name: found}, name, k)}
    return f"{name}, {k:g} W/(m·K), instead of {asked.under}", replace(asked, under=name), view


def _vias(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    package: Package = view["package"]
    if not any(layer.copper == "plane" for layer in plan.layers):
        return "the board has no plane", None, view
    new = len(package.balls) - len(to_plane(package, plan))
    if not new:
        return "every land has a via to the plane", None, view
    told = f"{new} more lands with a plated via to the first plane (drill {_drill(asked, view, plan):g} µm)"
    return told, replace(asked, vias="all"), view


def _drill(asked: Tries, view: Mapping[str, Any], plan: Board) -> float:
    return min(plan.via_drill_um, asked.land_d_um or view["package"].terminal.ubm_d_um)


def _filled_vias(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    tied = len(to_plane(view["package"], plan))
    if not tied or not any(layer.copper == "plane" for layer in plan.layers):
        return "no land has a via to a plane", None, view
    if asked.via_fill == "copper":
        return "the vias are filled with copper already", None, view
    told = f"{tied} vias (drill {_drill(asked, view, plan):g} µm, plated {plan.via_plating_um:g} µm) filled with copper"
    return told, replace(asked, via_fill="copper"), view


def _columns(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    if asked.column_d_um:
        return "the package stands on columns already", None, view
    d_um = asked.try_column_d_um or view["package"].terminal.ubm_d_um
    high = f"{asked.column_h_um:g} µm high" if asked.column_h_um else "as high as the balls' joints"
    told = f"copper {d_um:g} µm wide, {high}, solder cap of {asked.column_cap_um:g} µm, instead of balls"
    return told, replace(asked, column_d_um=d_um), view


def _rdl(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    return _anew(asked, view, thicker_rdl(view, asked.try_rdl_ratio))


def _die(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    return _anew(asked, view, thinner_die(view, asked.try_die_ratio))


def _balls(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    tied = plan.vias == "ground" and any(layer.copper == "plane" for layer in plan.layers)
    return _anew(asked, view, more_ground(view, int(asked.try_balls_count), tied))


def _anew(asked: Tries, view: Mapping[str, Any], made: tuple[dict[str, Any], str]) -> _Made:
    same = made[0]["package"] is view["package"]
    return made[1], None if same else asked, made[0]


def _plate(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    if asked.plate_t_um:
        return "the package has a plate already", None, view
    side = plate_side_mm(asked, view)
    then = replace(asked, plate_t_um=asked.try_plate_t_um, plate_side_mm=side)
    fins = f", {asked.plate_area_ratio:g} times the surface" if asked.plate_area_ratio != 1 else ""
    told = f"{asked.plate_material} {side:g} mm square, {asked.try_plate_t_um:g} µm thick{fins}"
    return f"{told}, joined by {asked.tim_m2K_W:.3g} m²K/W", then, view


def plate_side_mm(asked: Tries, view: Mapping[str, Any]) -> float:
    """Return the plate's side: what is asked for, or the package's where that is larger."""
    return max(asked.try_plate_side_mm, max(view["package"].package_size_um) / 1e3)


def _coat(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    coats = view["stack"].on(COAT)
    if not coats:
        return "the back has no coating", None, view
    name, k = coats[0].material, asked.try_coat_k_W_mK
    before = view["materials"][name].number("k_W_mK")
    told = f"coating of {k:g} W/(m·K) instead of {before:g}"
    return told, asked, {**view, "materials": conducting(view["materials"], name, k)}


def _together(asked: Tries, view: Mapping[str, Any], plan: Board) -> _Made:
    """Return all that can be done without building the package anew."""
    done: list[str] = []
    then = asked
    for key in ("underfill", "vias", "filled_vias", "columns", "plate", "coat"):
        _, after, seen = MEASURES[key][1](then, view, then.plan({}))
        if after is not None:
            then, view = after, seen
            done.append(title_of(key))
    return f"at once: {', '.join(done)}", then if done else None, view


MEASURES: dict[str, tuple[str, Callable[[Tries, Mapping[str, Any], Board], _Made]]] = {
    "underfill": ("underfill", _underfill),
    "vias": ("thermal vias under all balls", _vias),
    "filled_vias": ("vias filled with copper", _filled_vias),
    "columns": ("copper columns", _columns),
    "rdl": ("thicker wiring", _rdl),
    "die": ("thinner die", _die),
    "balls": ("more ground balls", _balls),
    "plate": ("plate on the back", _plate),
    "coat": ("conducting back coating", _coat),
    "together": ("together", _together),
}


def title_of(key: str) -> str:
    """Return what a measure is called."""
    return MEASURES[key][0]
