"""Write every file the board designer needs into one folder."""

from __future__ import annotations

from pathlib import Path

from chipscale.assembly.ball_list import write_ball_list
from chipscale.assembly.ipc7351 import kicad_name
from chipscale.assembly.kicad_footprint import write_footprint
from chipscale.assembly.kicad_symbol import write_symbol
from chipscale.assembly.land_pattern import LandPattern, land_pattern
from chipscale.package.types import Package
from chipscale.spec.model import Board


def write_board_files(package: Package, board: Board, folder: Path, model: str | None = None) -> LandPattern:
    """Write `footprint.kicad_mod`, `symbol.kicad_sym` and `balls.csv`; return the land pattern.

    The footprint lies once more in `<name>.pretty/` under its library name: with that folder added to KiCad's
    footprint libraries as `<name>`, the symbol finds it. `model` is the STEP file beside the footprint; KiCad
    finds it through the folder variable `KIPRJMOD` when the folder is the board's project.
    """
    pattern = land_pattern(package, board)
    where = None if model is None else "${KIPRJMOD}/" + model
    write_footprint(package, pattern, folder / "footprint.kicad_mod", where)
    library = folder / f"{package.name}.pretty"
    library.mkdir(exist_ok=True)
    write_footprint(package, pattern, library / f"{kicad_name(package)}.kicad_mod", where)
    write_symbol(package, folder / "symbol.kicad_sym", library=package.name)
    write_ball_list(package, folder / "balls.csv")
    return pattern
