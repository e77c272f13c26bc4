"""Regular arrays of ball sites: rectangular, staggered and hexagonal, turned and shifted."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.errors import Problem
from chipscale.spec.balls import Grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sites:
    """Balls of one grid: site and label indices (n,), 0-based from the A1 corner, and positions (n, 2).

    Positions are in µm from the die's centre, x right and y up in the view the grid is written in. Label
    indices differ from site indices where only balls are numbered (`numbering: compact`).
    """

    row: Ints
    col: Ints
    row_label: Ints
    col_label: Ints
    xy_um: Floats

    def keep(self, mask: npt.NDArray[np.bool_]) -> Sites:
        """Return the sites where `mask` (n,) is true."""
        return Sites(self.row[mask], self.col[mask], self.row_label[mask], self.col_label[mask], self.xy_um[mask])


def site_pitch(grid: Grid, default_um: float | None = None) -> tuple[float, float] | None:
    """Return the site pitch (x, y) in µm, or None when the grid gives none.

    Hexagonal: sites are half a ball pitch apart along the rows (`stagger: x`) and cos 30° of it across, so that
    all six neighbours of a ball are one pitch away.

    >>> grid = Grid(pattern="hexagonal", rows=10, cols=18, pitch_um=400.0)
    >>> [round(value, 1) for value in site_pitch(grid)]
    [200.0, 346.4]
    """
    pitch_um = grid.pitch_um if grid.pitch_um is not None else default_um
    if grid.pattern == "hexagonal":
        if pitch_um is None:
            return None
        near_um, far_um = pitch_um / 2, pitch_um * math.sqrt(3) / 2
        return (near_um, far_um) if grid.stagger == "x" else (far_um, near_um)
    x_um = grid.pitch_x_um if grid.pitch_x_um is not None else pitch_um
    y_um = grid.pitch_y_um if grid.pitch_y_um is not None else pitch_um
    return None if x_um is None or y_um is None else (x_um, y_um)


def pitch_problems(grid: Grid, key: str, default_um: float | None = None) -> list[Problem]:
    """Return what is wrong with the grid's pitches; `key` is its place in the package file."""
    both = grid.pitch_x_um is not None or grid.pitch_y_um is not None
    if grid.pattern == "hexagonal" and both:
        return [
            Problem(
                "balls.hexagonal_pitch",
                "a hexagonal grid has one pitch",
                key=f"{key}.pitch_x_um" if grid.pitch_x_um is not None else f"{key}.pitch_y_um",
                remedy="give pitch_um only, or pattern: staggered with pitch_x_um and pitch_y_um",
            )
        ]
    if site_pitch(grid, default_um) is None:
        return [
            Problem(
                "balls.no_pitch",
                "the grid has no pitch",
                key=f"{key}.pitch_um",
                remedy="give pitch_um, or pitch_x_um and pitch_y_um, or an explicit list (csv)",
            )
        ]
    return []


def grid_sites(grid: Grid, a1_corner: str, compact: bool, pitch_um: tuple[float, float]) -> Sites:
    """Return all balls of a grid before anything is left out, row by row from the A1 corner.

    A1 sits at `a1_corner` of the unturned array; the array then turns about its centre (which stays at the offset
    from the die's centre) and the names turn with it. `compact` numbers only balls along a staggered row
    (`stagger: y`: along a staggered column).
    """
    row, col = (index.ravel() for index in np.indices((grid.rows, grid.cols), dtype=np.int64))
    if grid.pattern != "rectangular":
        ball = (row + col) % 2 == (0 if grid.first == "A1" else 1)
        row, col = row[ball], col[ball]
    halve = compact and grid.pattern != "rectangular"
    row_label = row // 2 if halve and grid.stagger == "y" else row
    col_label = col // 2 if halve and grid.stagger == "x" else col
    return Sites(row, col, row_label, col_label, _positions(grid, row, col, a1_corner, pitch_um))


def _positions(grid: Grid, row: Ints, col: Ints, a1_corner: str, pitch_um: tuple[float, float]) -> Floats:
    right = 1.0 if a1_corner.endswith("left") else -1.0
    up = -1.0 if a1_corner.startswith("top") else 1.0
    x_um = right * (col - (grid.cols - 1) / 2) * pitch_um[0]
    y_um = up * (row - (grid.rows - 1) / 2) * pitch_um[1]
    cos, sin = _turn(grid.rotation_deg)
    return np.column_stack(
        (grid.offset_x_um + x_um * cos - y_um * sin, grid.offset_y_um + x_um * sin + y_um * cos)
    ).astype(np.float64)


def _turn(angle_deg: float) -> tuple[float, float]:
    """Return (cos, sin), exact at quarter turns."""
    quarter = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}.get(angle_deg % 360)
    angle = math.radians(angle_deg)
    return quarter if quarter is not None else (math.cos(angle), math.sin(angle))
