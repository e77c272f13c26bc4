"""Which limit the coplanarity of the bumps is held to: it depends on how they are made."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chipscale.process.variation.model import Model

Making = Literal["plated", "dropped", "printed"]
PLATED_UM = 5.0
DROPPED_UM = 50.0
PLATED_SOURCE = "project requirement: bump heights within 5 µm over the whole die"
DROPPED_SOURCE = "0.05 mm in outlines of WLCSPs with balls (Cirrus Logic DS992F1, ST DocID 14611)"


class Limit(NamedTuple):
    """A limit of the coplanarity in µm, whose it is ("plated bumps") and who says so."""

    limit_um: float
    whose: str
    source: str


def making(model: Model) -> Making:
    """Return how the bumps are made: spheres dropped, solder printed, or metal or solder plated."""
    joint = model.chain.joint
    if joint is None:
        return "plated"
    if joint.sphere:
        return "dropped"
    return "printed" if model.steps[joint.solder_maker][1].name == "screen_print" else "plated"


def limits(model: Model, asked_um: float | None, plated_um: float, dropped_um: float) -> tuple[Limit, Limit]:
    """Return (the limit that decides, the other one): what was asked for, else that of how the bumps are made.

    Beside a limit that was asked for stands that of how the bumps are made.
    """
    plated = Limit(plated_um, "plated bumps", PLATED_SOURCE if plated_um == PLATED_UM else "plated_limit_um")
    balls = "dropped or printed balls"
    dropped = Limit(dropped_um, balls, DROPPED_SOURCE if dropped_um == DROPPED_UM else "ball_drop_limit_um")
    own, other = (plated, dropped) if making(model) == "plated" else (dropped, plated)
    return (own, other) if asked_um is None else (Limit(asked_um, "what was asked for", "limit_um"), own)
