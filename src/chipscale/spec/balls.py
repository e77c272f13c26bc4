"""The `balls` block: the array on the package, how it is named, what is missing, what it is made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipscale.spec.base import Block, Coordinate, Line, Micron, Name, Path
from chipscale.spec.die import View

Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]


class Missing(Block):
    """Balls left out, by name, row letter, column number or area (two opposite corner names)."""

    names: list[Name] = Field(default_factory=list, description="ball names")
    rows: list[str | int] = Field(default_factory=list, description="row labels, as in ball names")
    cols: list[str | int] = Field(default_factory=list, description="column labels, as in ball names")
    areas: list[Annotated[list[Name], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list, description="[corner ball, opposite corner ball], both included"
    )


class Grid(Block):
    """A regular array of sites. Pitches are between neighbouring rows and columns of sites."""

    pattern: Literal["rectangular", "staggered", "hexagonal"] = Field(
        "rectangular",
        description="staggered: every other site of a rows x cols grid is a ball; hexagonal: the same with "
        "pitch_um as the distance of all neighbours",
    )
    rows: int = Field(ge=1, le=500, description="rows of sites, counted downwards in `view`")
    cols: int = Field(ge=1, le=500, description="columns of sites, counted across in `view`")
    pitch_um: Micron | None = Field(None, description="centre to centre of neighbouring sites, in x and y")
    pitch_x_um: Micron | None = Field(None, description="between columns of sites; default pitch_um")
    pitch_y_um: Micron | None = Field(None, description="between rows of sites; default pitch_um")
    stagger: Literal["x", "y"] = Field(
        "x", description="hexagonal: x: balls of one row are pitch_um apart; y: balls of one column are"
    )
    first: Literal["A1", "A2", "B1"] = Field("A1", description="which site next to the A1 corner holds a ball")
    rotation_deg: float = Field(
        0.0,
        ge=-360,
        le=360,
        allow_inf_nan=False,
        description="about the array's centre, counter-clockwise in `view`",
    )
    offset_x_um: Coordinate = Field(0.0, description="array centre from the die's centre, to the right in `view`")
    offset_y_um: Coordinate = Field(0.0, description="array centre from the die's centre, upwards in `view`")
    missing: Missing | None = Field(None, description="sites without a ball")


class SecondaryGrid(Grid):
    """A further array in the same package, e.g. between the rows of the first."""

    first_row: str | int | None = Field(None, description="label of its first row; default: the first of all")
    first_col: str | int | None = Field(None, description="label of its first column; default: the first of all")


class Balls(Grid):
    """The ball map. Either a grid (rows, cols, pitch) or an explicit list from `csv`."""

    rows: int = Field(1, ge=1, le=500, description="rows of sites, counted downwards in `view`; needed without a csv")
    cols: int = Field(1, ge=1, le=500, description="columns of sites, counted across in `view`; needed without a csv")
    csv: Path | None = Field(
        None,
        description="explicit list: ball,x_um,y_um[,net] in `view`, from the die's centre or corner (see origin)",
    )
    origin: Literal["corner", "center"] = Field(
        "corner", description="of a csv list: lower left of the die, or its centre"
    )
    view: View = Field("die", description="the view this block is written in; the board view is its mirror image")
    a1_corner: Corner = Field("top_left", description="corner of the array at which A1 sits, in `view`")
    letters: Literal["rows", "columns"] = Field(
        "rows", description="rows: JEDEC, letters down, numbers across; columns: the other way"
    )
    alphabet: Literal["jedec", "full"] = Field("jedec", description="jedec: no I O Q S X Z; AA after Y")
    numbering: Literal["site", "compact"] = Field(
        "site", description="staggered rows: number the sites, or only the balls"
    )
    secondary: list[SecondaryGrid] = Field(default_factory=list, description="further arrays in the same package")
    sphere_d_um: Micron = Field(description="solder sphere before reflow")
    alloy: Name = Field("SAC305", description="material of the ball")
    nets: dict[Name, Line] | None = Field(None, description="net by ball name")
    nets_csv: Path | None = Field(None, description="columns ball,net")
