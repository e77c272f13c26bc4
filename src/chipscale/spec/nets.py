"""The `nets`, `rdl`, `terminal` and `assignment` blocks: who connects to whom, and how wide."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chipscale.spec.base import Block, Micron, Name


class NetClassBlock(Block):
    """A class of nets drawn alike; patterns are shell-style (`VDD*`, `d[0-7]`)."""

    kind: Literal["signal", "power", "ground"] = Field(
        "signal", description="what the nets carry; assignment and report go by it"
    )
    nets: list[Name] = Field(default_factory=list, description="net names or patterns")
    width_um: Micron | None = Field(None, description="wire width; default rdl.width_um")
    space_um: Micron | None = Field(None, description="space to other nets; default rdl.space_um")


class Rdl(Block):
    """How the redistribution layer is drawn."""

    width_um: Micron | None = Field(None, description="default: the rule set's minimum")
    space_um: Micron | None = Field(None, description="default: the rule set's minimum")
    layers: Literal[0, 1, 2] = Field(
        1, description="0: balls stand on pads; 2: nets one layer can't carry go to a second one, with vias"
    )
    angles: Literal["any", "octilinear"] = Field(
        "any", description="directions of wires; octilinear: multiples of 45° only"
    )
    spread: bool = Field(True, description="use free room for more than the minimum space")
    teardrops: bool = Field(True, description="widen wires where they meet lands and pads")


class TerminalBlock(Block):
    """Metal and openings at balls and pads, as drawn; defaults follow the rule set."""

    ubm_d_um: Micron | None = Field(None, description="under-bump metal")
    pi2_d_um: Micron | None = Field(None, description="opening of the last dielectric under a ball")
    land_d_um: Micron | None = Field(None, description="redistribution metal under a ball")
    pad_capture_um: Micron | None = Field(None, description="redistribution metal over a pad, side of the square")
    pi1_size_um: Micron | None = Field(None, description="opening of the first dielectric over a pad, side")


class Assignment(Block):
    """How balls get their nets: fixed (all given), partial (the rest is found), free (all found)."""

    mode: Literal["fixed", "partial", "free"] = Field(
        "fixed",
        description="fixed: every ball has a net or is in keep; partial: the rest is found; free: all are found",
    )
    supply_pattern: Literal["spread", "center", "checkerboard"] = Field(
        "spread", description="where supply balls go when they are free"
    )
    supply_balls: dict[Name, int] | None = Field(None, description="how many balls each supply net gets")
    keep: list[Name] = Field(default_factory=list, description="balls left unconnected")
