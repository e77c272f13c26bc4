"""What every question about heat over time says of the surroundings: board, room, air, gap, cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import isfile
from pathlib import Path

from chipscale.errors import InputError, Problem
from chipscale.physics.thermal.boards import Board, board
from chipscale.physics.thermal.power_trace import file_bytes

MIXTURES = ("mean", "low", "high")


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


@dataclass(frozen=True, slots=True)
class OnBoard(InRoom):
    """Options of a package on a standard board in a room; the meaning of each is that of `thermal.theta`."""

    board: str = "jesd51_9_2s2p"
    air_m_s: float = 0.0
    emissivity_ratio: float = 0.9
    per_pitch: float = 4.0
    mixture: str = "mean"

    def limits(self) -> dict[str, tuple[float, float, float]]:
        """Return (value, least, largest) of each option that is a number."""
        return {
            **InRoom.limits(self),
            "air_m_s": (self.air_m_s, 0.0, 20.0),
            "emissivity_ratio": (self.emissivity_ratio, 0.0, 1.0),
            "per_pitch": (self.per_pitch, 1.0, 40.0),
        }

    def plan(self, more: dict[str, tuple[float, float, float]], also: list[Problem] | None = None) -> Board:
        """Return the board asked for; InputError with all that is out of range, `more` limits and problems included."""
        problems = [*options_problems(self.limits() | more), *(also or ())]
        if self.mixture not in MIXTURES:
            limit = ", ".join(MIXTURES)
            remedy = f"give one of {limit}"
            wrong = Problem("thermal.option", "no such mixture", "", None, "mixture", str(self.mixture), limit, remedy)
            problems.append(wrong)
        try:
            found = board(self.board)
        except InputError as error:
            problems += error.problems
        if problems:
            raise InputError(problems)
        return found
