"""The process steps by name; nothing is imported until a step is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

# Whole names, so that the cache's digest of the code that runs a flow finds the code of its steps.
OWN: dict[str, str] = {
    "incoming_wafer": "chipscale.process.incoming:IncomingWafer",
    "polymer": "chipscale.process.polymer:Polymer",
    "sputter": "chipscale.process.metal:Sputter",
    "resist": "chipscale.process.metal:ResistMold",
    "plate": "chipscale.process.metal:Plate",
    "strip": "chipscale.process.metal:Strip",
    "etch_seed": "chipscale.process.metal:EtchSeed",
    "ball_drop": "chipscale.process.solder:BallDrop",
    "reflow": "chipscale.process.solder:Reflow",
    "thin": "chipscale.process.backside:Thin",
    "backside_coat": "chipscale.process.backside:BacksideCoat",
    "dice": "chipscale.process.dicing:Dice",
}


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Return name -> "module:Class": our own, then those of other distributions (entry points `chipscale.steps`)."""
    found = {point.name: point.value for point in entry_points(group="chipscale.steps")}
    return dict(sorted((found | OWN).items()))


def find(name: str) -> type[Any] | None:
    """Return the class of the step called `name`, None when there is none."""
    place = names().get(name)
    if place is None:
        return None
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)  # type: ignore[no-any-return]


def all_steps() -> dict[str, type[Any]]:
    """Return every step's class by name."""
    return {name: kind for name in names() if (kind := find(name)) is not None}
