"""The `sensor` block: what an image-sensor package has beside die and balls: glass, cavity wall, grooves, mask."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chipscale.spec.base import Block, Coordinate, Film, Name

Angle = Annotated[float, Field(ge=30, le=90, allow_inf_nan=False)]
Depth = Annotated[float, Field(gt=0, le=2000, allow_inf_nan=False)]
Width = Annotated[float, Field(gt=0, le=20_000, allow_inf_nan=False)]


class Sensor(Block):
    """Glass cover, grooves from the back and what fills them; only for a package with its wiring on the die's back.

    A value left out is taken from usual practice and listed in the report as assumed. `area_um` is given like the
    pads in the active-face view: looking at the sensing area through the glass.
    """

    area_um: Annotated[list[Coordinate], Field(min_length=4, max_length=4)] = Field(
        description="sensing area [x0, y0, x1, y1], active-face view, origin at the die's lower left"
    )
    glass_um: Depth | None = Field(None, description="thickness of the glass cover")
    wall_um: Film | None = Field(None, description="height of the cavity wall between glass and die")
    wall_width_um: Width | None = Field(
        None, description="width of the cavity wall, from the die's edge inwards; default: 150 µm beyond the pads"
    )
    device_um: Film | None = Field(None, description="dielectric with the die's wiring; the pads lie in it")
    first_width_um: Width | None = Field(
        None,
        description="first groove at the silicon's back, from the die's edge inwards; default: to bare the pads",
    )
    first_wall_deg: Angle | None = Field(None, description="between the first groove's floor and its wall")
    insulation_um: Film | None = Field(None, description="insulating layer on the back and in the first groove")
    second: bool = Field(
        True,
        description="second groove through pads and device layer; false: the older method, wires reach the pads "
        "through openings of the insulation and the device layer stays whole",
    )
    second_width_um: Width | None = Field(
        None,
        description="second groove at the pads, from the die's edge inwards; default: to the middle of the pads",
    )
    second_depth_um: Depth | None = Field(
        None, description="second groove below the device layer, into the wall; default: half the wall"
    )
    second_wall_deg: Angle | None = Field(None, description="between the second groove's floor and its wall")
    contact_d_um: Width | None = Field(
        None, description="opening of the insulation over a pad, with second: false; default: 60 % of the pad"
    )
    mask_um: Film | None = Field(None, description="solder mask over the back")
    mask_fill: Literal["full", "hollow"] = Field(
        "full", description="full: the solder mask fills the groove; hollow: it bridges it"
    )
    glass_material: Name | None = Field(None, description="material of the cover")
    wall_material: Name | None = Field(None, description="material of the cavity wall")
    device_material: Name | None = Field(None, description="material of the device layer")
    insulation_material: Name | None = Field(None, description="material of the insulating layer")
    mask_material: Name | None = Field(None, description="material of the solder mask")
