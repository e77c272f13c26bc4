"""The whole package file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipscale.spec.balls import Balls
from chipscale.spec.base import Block, Coordinate, Micron, MicronOrZero, Name
from chipscale.spec.die import Die
from chipscale.spec.nets import Assignment, NetClassBlock, Rdl, TerminalBlock


class Wafer(Block):
    """The wafer the die is stepped on."""

    diameter_mm: Literal[100, 150, 200, 300] = 300
    street_x_um: Micron = Field(80.0, description="between neighbouring dies, x")
    street_y_um: Micron = Field(80.0, description="between neighbouring dies, y")
    edge_exclusion_mm: Annotated[float, Field(ge=0, le=20)] = 3.0
    offset_x_um: Coordinate = Field(0.0, description="die corner nearest the centre, from the wafer's centre")
    offset_y_um: Coordinate = 0.0
    partial_dies: Literal["drop", "keep"] | dict[str, Literal["drop", "keep"]] = Field(
        "drop", description="dies cut by the edge exclusion, for all layers or by layer name"
    )
    knock_outs: list[Annotated[list[float], Field(min_length=4, max_length=4)]] = Field(
        default_factory=list,
        description="[x0, y0, x1, y1] in mm from the wafer's centre: fiducials, wafer ID",
    )


class Films(Block):
    """Film thicknesses of the nominal stack."""

    pad_metal_um: Micron | None = None
    passivation_um: Micron | None = None
    pi1_um: Micron | None = None
    rdl_um: Micron | None = None
    pi2_um: Micron | None = None
    ubm_um: Micron | None = None
    backside_um: MicronOrZero | None = Field(None, description="backside coating; 0: none")
    dielectric: Name | None = Field(None, description="material of PI1 and PI2: PI, PBO or BCB")


class Board(Block):
    """The land pattern on the board."""

    pad_d_um: Micron | None = Field(None, description="copper pad; default by pitch")
    mask_d_um: Micron | None = Field(None, description="solder mask opening")
    paste_d_um: Micron | None = Field(None, description="stencil aperture")
    definition: Literal["NSMD", "SMD"] = "NSMD"
    courtyard_um: MicronOrZero = Field(1000.0, description="courtyard beyond the body (IPC-7351: 1 mm for BGA)")


class Target(Block):
    """A figure the design must keep."""

    min: float | None = None
    max: float | None = None
    why: str = ""


class Spec(Block):
    """One design. `chipscale new fan_in_wlcsp` writes a commented example."""

    chipscale: Literal[1] = Field(description="version of this file format")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="names the output folder")]
    title: str = ""
    family: Name = "fan_in_wlcsp"
    attribution: list[str] = Field(default_factory=list, description="sources of the design, shown in the report")
    die: Die
    balls: Balls
    nets: dict[str, NetClassBlock] = Field(default_factory=dict, description="net classes by name")
    assignment: Assignment = Assignment()
    rdl: Rdl = Rdl()
    terminal: TerminalBlock = TerminalBlock()
    rules: Name = Field("skywater_amkor_400", description="rule set by name, or path of a .toml of your own")
    rule_overrides: dict[str, float] = Field(default_factory=dict, description="single rules by name")
    films: Films = Films()
    wafer: Wafer = Wafer()
    board: Board = Board()
    targets: dict[str, Target] = Field(default_factory=dict, description="metric -> min, max, why")
    seed: int = 0
