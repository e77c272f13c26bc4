"""The whole package file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipscale.spec.balls import Balls
from chipscale.spec.base import Block, Coordinate, Film, FilmOrZero, Line, Micron, MicronOrZero, Name
from chipscale.spec.die import Die
from chipscale.spec.flow import FlowBlock
from chipscale.spec.nets import Assignment, NetClassBlock, Rdl, TerminalBlock
from chipscale.spec.sensor import Sensor


class Wafer(Block):
    """The wafer the die is stepped on."""

    diameter_mm: Literal[100, 150, 200, 300] = Field(300, description="wafer diameter")
    street_x_um: Micron = Field(80.0, description="between neighbouring dies, x")
    street_y_um: Micron = Field(80.0, description="between neighbouring dies, y")
    edge_exclusion_mm: Annotated[float, Field(ge=0, le=20)] = Field(
        3.0, description="rim of the wafer that holds no whole die"
    )
    offset_x_um: Coordinate = Field(0.0, description="die corner nearest the centre, from the wafer's centre")
    offset_y_um: Coordinate = Field(0.0, description="the same in y")
    partial_dies: Literal["drop", "keep"] | dict[str, Literal["drop", "keep"]] = Field(
        "drop", description="dies cut by the edge exclusion, for all layers or by layer name"
    )
    knock_outs: list[Annotated[list[float], Field(min_length=4, max_length=4)]] = Field(
        default_factory=list,
        description="[x0, y0, x1, y1] in mm from the wafer's centre: fiducials, wafer ID",
    )


class Films(Block):
    """Film thicknesses of the nominal stack."""

    pad_metal_um: Film | None = Field(None, description="bond pad metal of the die")
    passivation_um: Film | None = Field(None, description="the die's own passivation")
    pi1_um: Film | None = Field(None, description="first dielectric, under the redistribution metal")
    rdl_um: Film | None = Field(None, description="redistribution metal")
    pi2_um: Film | None = Field(None, description="last dielectric, over the redistribution metal")
    ubm_um: Film | None = Field(None, description="under-bump metal")
    backside_um: FilmOrZero | None = Field(None, description="backside coating; 0: none")
    dielectric: Name | None = Field(None, description="material of PI1 and PI2: PI, PBO or BCB")


class Board(Block):
    """The land pattern on the board."""

    pad_d_um: Micron | None = Field(None, description="copper pad; default by pitch")
    mask_d_um: Micron | None = Field(None, description="solder mask opening")
    paste_d_um: Micron | None = Field(None, description="stencil aperture")
    definition: Literal["NSMD", "SMD"] = Field(
        "NSMD", description="what bounds the land: its copper (NSMD) or the solder mask (SMD)"
    )
    courtyard_um: MicronOrZero = Field(1000.0, description="courtyard beyond the body (IPC-7351: 1 mm for BGA)")


Option = bool | int | float | Annotated[str, Field(max_length=2000)] | list[float | str] | None


class Target(Block):
    """A figure the design must keep."""

    min: float | None = Field(None, description="least good value, in the unit of the metric's name")
    max: float | None = Field(None, description="largest good value")
    why: Line = Field("", description="shown beside the verdict")


class Spec(Block):
    """One design. `chipscale new fan_in_wlcsp` writes a commented example."""

    chipscale: Literal[1] = Field(description="version of this file format")
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", description="names the output folder")]
    title: Line = Field("", description="one line for the report and the drawing; default: the name")
    family: Name = Field("fan_in_wlcsp", description="kind of package: `chipscale list families`")
    attribution: list[Line] = Field(default_factory=list, description="sources of the design, shown in the report")
    die: Die = Field(description="the die: size, pads, seal ring, keep-outs")
    balls: Balls = Field(description="the ball map and the nets given to balls")
    nets: dict[Name, NetClassBlock] = Field(default_factory=dict, description="net classes by name")
    assignment: Assignment = Field(Assignment(), description="how balls get their nets")
    rdl: Rdl = Field(Rdl(), description="how wires are drawn")
    terminal: TerminalBlock = Field(TerminalBlock(), description="sizes at balls and pads")
    sensor: Sensor | None = Field(None, description="glass, grooves and mask of an image sensor; others have none")
    rules: Name | None = Field(None, description="rule set by name, or path of a .toml of your own; default by family")
    rule_overrides: dict[str, float] = Field(default_factory=dict, description="single rules by name")
    films: Films = Field(Films(), description="thicknesses and materials of the nominal stack")
    flow: FlowBlock = Field(FlowBlock(), description="the process flow and its edits")
    wafer: Wafer = Field(Wafer(), description="the wafer the die is stepped on")
    board: Board = Field(Board(), description="the land pattern on the board")
    targets: dict[str, Target] = Field(default_factory=dict, description="metric -> min, max, why")
    analyses: dict[str, dict[Name, Option]] = Field(
        default_factory=dict, description="analysis -> its options in place of the defaults; also shown by the report"
    )
    seed: int = Field(0, description="of everything random; the same seed gives the same output")
