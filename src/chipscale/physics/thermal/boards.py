"""The boards of standard thermal tests as data: size, layers of copper and laminate, fan-out of traces, vias."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from chipscale.errors import InputError, Problem, did_you_mean

Copper = Literal["", "none", "traces", "plane"]
Vias = Literal["all", "ground", "none"]


@dataclass(frozen=True, slots=True)
class BoardLayer:
    """One layer, from the package's side: laminate (copper ""), or copper as traces that fan out, as a plane of a
    side length in mm about the package, or etched away ("none")."""

    name: str
    t_um: float
    copper: Copper = ""
    side_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Board:
    """A test board; the package sits in its middle. Traces of the outer `rows_out_count` rows of balls run from the
    package `fan_out_mm` far out, as wide as `trace_ratio` of the balls' pitch (JESD51-9) or, where that is 0,
    `trace_um` wide, below 0.5 mm pitch as wide as the land (JESD51-3, -5 and -7 say: as the lead)."""

    name: str
    title: str
    source: str
    size_mm: tuple[float, float]
    layers: tuple[BoardLayer, ...]
    fan_out_mm: float
    trace_ratio: float
    trace_um: float
    rows_out_count: int
    vias: Vias
    via_drill_um: float
    via_plating_um: float
    laminate: str = "FR4"

    @property
    def thickness_um(self) -> float:
        """Return the sum of all layers."""
        return sum(layer.t_um for layer in self.layers)


def board_names() -> list[str]:
    """Return the names of all boards."""
    found = files("chipscale.physics.thermal").joinpath("boards_data").iterdir()
    return sorted(item.name.removesuffix(".toml") for item in found if item.name.endswith(".toml"))


def board(name: str) -> Board:
    """Return a board by name; InputError with the nearest name when there is none.

    >>> round(board("jesd51_9_2s2p").thickness_um)
    1600
    """
    names = board_names()
    if name not in names:
        raise InputError(
            [
                Problem(
                    "thermal.board",
                    "no such test board",
                    key="board",
                    value=name,
                    limit=", ".join(names),
                    remedy=did_you_mean(name, names),
                )
            ]
        )
    text = files("chipscale.physics.thermal").joinpath("boards_data", f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    layers = tuple(BoardLayer(**item) for item in data.pop("layers"))
    size = tuple(float(side) for side in data.pop("size_mm"))
    return Board(name=name, layers=layers, size_mm=(size[0], size[1]), **data)
