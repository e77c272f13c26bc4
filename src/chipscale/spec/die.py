"""The `die` block: size, pads from one of four sources, seal ring and keep-outs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipscale.spec.base import Block, Coordinate, DieSide, Line, Micron, MicronOrZero, Name, Path


class PerSide(Block):
    """Pads by rule: so many on each side, centred, at one pitch."""

    left: int = Field(0, ge=0, le=5000, description="pads on the left side")
    right: int = Field(0, ge=0, le=5000, description="pads on the right side")
    top: int = Field(0, ge=0, le=5000, description="pads on the top side")
    bottom: int = Field(0, ge=0, le=5000, description="pads on the bottom side")
    pitch_um: Micron | None = Field(
        None, description="centre to centre; default: even over the side, (side - 2 edge_um) / (count + 1)"
    )
    edge_um: Micron = Field(100.0, description="die edge to pad centre")
    names: Line = Field("{side}{index}", description="pad name pattern; {side} L R T B, {index} from 1, {n} over all")
    nets: list[Line] | None = Field(
        None,
        description="net of each pad, counter-clockwise from the left side's top (left down, bottom right, right up, "
        "top left); '-': unconnected; default: the pad's own name",
    )


class Pads(Block):
    """Where the pads come from: exactly one of csv, lef + def, gds, per_side."""

    csv: Path | None = Field(None, description="columns pad,x_um,y_um,net and optionally size_x_um,size_y_um,side")
    lef: Path | Annotated[list[Path], Field(min_length=1)] | None = Field(
        None, description="LEF file(s) holding the pad cells' macros"
    )
    def_: Path | None = Field(None, alias="def", description="DEF with the placed pad cells")
    pin: Name | None = Field(
        None, description="LEF pin that is the bond pad, a name or pattern (`*PAD`); default: PAD (with lef/def)"
    )
    macros: list[Name] | None = Field(None, description="only placed macros matching these patterns (with lef/def)")
    gds: Path | None = Field(None, description="GDS or OASIS file with the pads drawn")
    top: Name | None = Field(None, description="top cell of the GDS/OASIS; default: the only one")
    pad_layer: str | None = Field(
        None, pattern=r"^\d{1,5}/\d{1,5}$", description="pad opening or metal, as layer/datatype"
    )
    text_layer: str | None = Field(None, pattern=r"^\d{1,5}/\d{1,5}$", description="labels naming the pads' nets")
    per_side: PerSide | None = Field(None, description="pads by rule: so many on each side")
    size_x_um: Micron | None = Field(None, description="pad metal, where the source gives no size; else 60 assumed")
    size_y_um: Micron | None = Field(None, description="the same in y; default size_x_um")
    offset_x_um: Coordinate = Field(0.0, description="added to the source's x: its origin to the die's lower left")
    offset_y_um: Coordinate = Field(0.0, description="added to the source's y")
    nets: dict[Name, Line] | None = Field(None, description="net by pad name; overrides the source")


class SealRing(Block):
    """The die's seal ring."""

    width_um: Micron = Field(10.0, description="width of the ring")
    inset_um: MicronOrZero = Field(5.0, description="die edge to the ring's outer edge")


class KeepoutArea(Block):
    """An area redistribution metal may not enter: a rectangle or a polygon, die view."""

    name: Name = Field(description="named in messages")
    rect_um: Annotated[list[Coordinate], Field(min_length=4, max_length=4)] | None = Field(
        None, description="[x0, y0, x1, y1]"
    )
    points_um: (
        Annotated[list[Annotated[list[Coordinate], Field(min_length=2, max_length=2)]], Field(min_length=3)] | None
    ) = Field(None, description="[[x, y], ...], three corners or more, in order")


class Die(Block):
    """The die as it comes from the fab; the die view looks at its active face, origin at the lower left."""

    size_x_um: DieSide = Field(description="width of the die after dicing")
    size_y_um: DieSide = Field(description="height of the die after dicing")
    thickness_um: Annotated[float, Field(gt=0, le=1000)] | None = Field(None, description="silicon after thinning")
    pads: Pads = Field(description="where the pads come from")
    seal_ring: SealRing | None = Field(None, description="default: a ring 10 µm wide, 5 µm from the edge")
    keepouts: list[KeepoutArea] = Field(default_factory=list, description="areas without redistribution metal")


View = Literal["die", "board"]
