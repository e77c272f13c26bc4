"""What every question about a package in a room says of its surroundings: board, air, gap, columns, plate, cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os.path import isfile
from pathlib import Path

from chipscale.errors import InputError, Problem
from chipscale.materials.library import material
from chipscale.physics.thermal.base_plate import BasePlate
from chipscale.physics.thermal.boards import Board, board
from chipscale.physics.thermal.columns import Column
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.power_trace import file_bytes

MIXTURES = ("mean", "low", "high")
VIAS = ("board", "none", "ground", "all")
VIA_FILLS = ("board", "copper")


def options_problems(limits: Mapping[str, tuple[float, float, float]]) -> list[Problem]:
    """Return a problem for each option (value, least, largest) out of its range."""
    found = []
    for key, (value, low, high) in limits.items():
        if not (math.isfinite(value) and low <= value <= high):
            what, limit = f"{key} is out of range", f"{low:g} to {high:g}"
            remedy = f"give a value from {low:g} to {high:g}"
            found.append(Problem("thermal.option", what, key=key, value=f"{value:g}", limit=limit, remedy=remedy))
    return found


@dataclass(frozen=True, slots=True)
class InRoom:
    """Options of a package in a room, on a board or between films.

    `power`: where the heat is, by shares: even, blocks in µm of the die view "x0,y0,x1,y1,W; ...", or a CSV or PNG
    file; their sum is scaled to `power_W`. `under` fills the gap below the package: air, Underfill, another material.
    `land_d_um`: the board's pads (0: as wide as the under-bump metal).
    """

    power: str = "even"
    t_room_C: float = 25.0
    under: str = "air"
    land_d_um: float = 0.0
    power_bytes: bytes = field(default=b"", init=False, repr=False)  # of a map's file: part of what is asked

    def __post_init__(self) -> None:
        """Read a power map's file, so that the same name with other content is another question."""
        name = self.power.strip()
        if isfile(name):  # a text too long for a name is none
            object.__setattr__(self, "power_bytes", file_bytes(Path(name), "power"))

    def limits(self) -> dict[str, tuple[float, float, float]]:
        """Return (value, least, largest) of each option that is a number."""
        return {"t_room_C": (self.t_room_C, -75.0, 200.0), "land_d_um": (self.land_d_um, 0.0, 2000.0)}


def _named(key: str, name: str, metal: bool = True) -> list[Problem]:
    """Return what is wrong with an option that names a material of the library."""
    if name == "air":
        return []
    try:
        found = material(name)
    except InputError as error:
        return [replace(problem, key=key) for problem in error.problems]
    if metal or not found.has("resistivity_nohm_m"):
        return []
    what, remedy = "a metal in the gap would join all balls", "name an underfill or another dielectric, or air"
    return [Problem("thermal.under", what, key=key, value=name, remedy=remedy)]


@dataclass(frozen=True, slots=True)
class OnBoard(InRoom):
    """Options of a package on a standard board in a room; the meaning of each is that of `thermal.theta`.

    `vias`: which lands have a via to the first plane (as the board's standard has it, none, ground, all); `via_fill`:
    plated as the board has it, or filled with copper. `column_d_um`: copper columns of this width in place of balls
    (0: balls), `column_h_um` high with their solder cap (0: as the balls' joints), the cap `column_cap_um`.
    `plate_t_um`: a plate of `plate_material` on the back of the package (0: none), a square of `plate_side_mm` (0: as
    the package), with `plate_area_ratio` of a flat plate's surface (fins), joined by `tim_m2K_W`.
    """

    board: str = "jesd51_9_2s2p"
    air_m_s: float = 0.0
    emissivity_ratio: float = 0.9
    per_pitch: float = 4.0
    mixture: str = "mean"
    vias: str = "board"
    via_fill: str = "board"
    column_d_um: float = 0.0
    column_h_um: float = 0.0
    column_cap_um: float = 30.0
    plate_t_um: float = 0.0
    plate_side_mm: float = 0.0
    plate_area_ratio: float = 1.0
    plate_material: str = "Cu"
    tim_m2K_W: float = 1.25e-5  # 50 µm of the library's TIM

    def limits(self) -> dict[str, tuple[float, float, float]]:
        """Return (value, least, largest) of each option that is a number."""
        return {
            **InRoom.limits(self),
            "air_m_s": (self.air_m_s, 0.0, 20.0),
            "emissivity_ratio": (self.emissivity_ratio, 0.0, 1.0),
            "per_pitch": (self.per_pitch, 1.0, 40.0),
            "column_d_um": (self.column_d_um, 0.0, 1000.0),
            "column_h_um": (self.column_h_um, 0.0, 1000.0),
            "column_cap_um": (self.column_cap_um, 1.0, 200.0),
            "plate_t_um": (self.plate_t_um, 0.0, 20000.0),
            "plate_side_mm": (self.plate_side_mm, 0.0, 100.0),
            "plate_area_ratio": (self.plate_area_ratio, 1.0, 50.0),
            "tim_m2K_W": (self.tim_m2K_W, 1e-6, 1e-3),
        }

    def plan(self, more: dict[str, tuple[float, float, float]], also: list[Problem] | None = None) -> Board:
        """Return the board asked for; InputError with all that is out of range, `more` limits and problems included."""
        problems = [*options_problems(self.limits() | more), *(also or ())]
        for key, known in (("mixture", MIXTURES), ("vias", VIAS), ("via_fill", VIA_FILLS)):
            value = str(getattr(self, key))
            if value not in known:
                limit, what = ", ".join(known), f"no such {key.replace('_', ' ')}"
                problems.append(Problem("thermal.option", what, "", None, key, value, limit, f"give one of {limit}"))
        problems += [*_named("under", self.under, metal=False), *_named("plate_material", self.plate_material)]
        try:
            found = board(self.board)
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        vias = found.vias if self.vias == "board" else self.vias
        plating = found.via_drill_um / 2 if self.via_fill == "copper" else found.via_plating_um
        return replace(found, vias=vias, via_plating_um=plating)  # type: ignore[arg-type]

    def cooling(self, size_um: tuple[float, float], least_um: float) -> Cooling:
        """Return columns and plate for a package of this size and least distance of balls; InputError if they don't
        fit."""
        problems = []
        column = Column(self.column_d_um, self.column_h_um, self.column_cap_um) if self.column_d_um > 0 else None
        if column and column.d_um >= least_um:
            what, limit = "columns would touch", f"below {least_um:g} µm, the least distance of balls"
            problems.append(Problem("thermal.column", what, key="column_d_um", value=f"{column.d_um:g}", limit=limit))
        side = 1e3 * self.plate_side_mm
        if self.plate_t_um > 0 and 0 < side < max(size_um):
            what, limit = "the plate is smaller than the package", f"{max(size_um) / 1e3:g} mm or more"
            value = f"{self.plate_side_mm:g}"
            problems.append(Problem("thermal.plate", what, key="plate_side_mm", value=value, limit=limit))
        if problems:
            raise InputError(problems)
        if self.plate_t_um <= 0:
            return Cooling(column)
        sides = (side, side) if side else size_um
        return Cooling(
            column, BasePlate(sides, self.plate_t_um, self.tim_m2K_W, self.plate_area_ratio, self.plate_material)
        )
