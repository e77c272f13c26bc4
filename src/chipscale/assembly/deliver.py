"""Write the files a board designer needs."""

from __future__ import annotations

from pathlib import Path

from chipscale.assembly.ball_list import write_ball_list
from chipscale.assembly.kicad_footprint import write_footprint
from chipscale.assembly.kicad_symbol import write_symbol
from chipscale.assembly.land_pattern import land_pattern
from chipscale.package.types import Package
from chipscale.spec.model import Board


def write_board_files(package: Package, board: Board, folder: Path, model: str) -> None:
    """Write footprint.kicad_mod, symbol.kicad_sym and balls.csv into `folder`; `model` is the 3D file's name."""
    pattern = land_pattern(package, board)
    write_footprint(package, pattern, folder / "footprint.kicad_mod", model)
    write_symbol(package, folder / "symbol.kicad_sym")
    write_ball_list(package, folder / "balls.csv")
