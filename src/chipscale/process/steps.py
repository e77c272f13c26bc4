"""The process steps by name; nothing is imported until a step is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

_ROOM = "chipscale.process."
OWN: dict[str, str] = {
    name: _ROOM + place
    for name, place in {
        "incoming_wafer": "incoming:IncomingWafer",
        "polymer": "polymer:Polymer",
        "sputter": "metal:Sputter",
        "resist": "metal:ResistMold",
        "plate": "metal:Plate",
        "strip": "metal:Strip",
        "etch_seed": "metal:EtchSeed",
        "ball_drop": "solder:BallDrop",
        "reflow": "solder:Reflow",
        "thin": "backside:Thin",
        "backside_coat": "backside:BacksideCoat",
        "dice": "dicing:Dice",
    }.items()
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
