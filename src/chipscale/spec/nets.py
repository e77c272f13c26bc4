"""The `nets`, `rdl`, `terminal` and `assignment` blocks: who connects to whom, and how wide."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipscale.spec.base import Block, Micron, Name


class NetClassBlock(Block):
    """A class of nets drawn alike; patterns are shell-style (`VDD*`, `d[0-7]`)."""

    kind: Literal["signal", "power", "ground"] = "signal"
    nets: list[str] = Field(default_factory=list, description="net names or patterns")
    width_um: Micron | None = Field(None, description="wire width; default rdl.width_um")
    space_um: Micron | None = Field(None, description="space to other nets; default rdl.space_um")


class Rdl(Block):
    """How the redistribution layer is drawn."""

    width_um: Micron | None = Field(None, description="default: the rule set's minimum")
    space_um: Micron | None = Field(None, description="default: the rule set's minimum")
    layers: Literal[1, 2] = Field(1, description="2: nets one layer can't carry go to a second one, with vias")
    angles: Literal["any", "octilinear"] = "any"
    spread: bool = Field(True, description="use free room for more than the minimum space")
    teardrops: bool = True


class TerminalBlock(Block):
    """Metal and openings at balls and pads, as drawn; defaults follow the rule set."""

    ubm_d_um: Micron | None = None
    pi2_d_um: Micron | None = None
    land_d_um: Micron | None = None
    pad_capture_um: Micron | None = None
    pi1_size_um: Micron | None = None


class Assignment(Block):
    """How balls get their nets: fixed (all given), partial (the rest is found), free (all found)."""

    mode: Literal["fixed", "partial", "free"] = "fixed"
    supply_pattern: Literal["spread", "center", "checkerboard"] = Field(
        "spread", description="where supply balls go when they are free"
    )
    supply_balls: dict[str, int] | None = Field(None, description="how many balls each supply net gets")
    keep: list[Name] = Field(default_factory=list, description="balls left unconnected")
