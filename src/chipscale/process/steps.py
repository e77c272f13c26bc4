"""The process steps by name; nothing is imported until a step is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

# Whole names, so that the cache's digest of the code that runs a flow finds the code of its steps.
OWN: dict[str, str] = {
    "incoming_wafer": "chipscale.process.incoming:IncomingWafer",
    "probe_map": "chipscale.process.probe:ProbeMap",
    "coat": "chipscale.process.coating:ApplyCoat",
    "soft_bake": "chipscale.process.coating:SoftBake",
    "expose": "chipscale.process.litho:Expose",
    "develop": "chipscale.process.litho:Develop",
    "hard_bake": "chipscale.process.coating:HardBake",
    "cure": "chipscale.process.coating:Cure",
    "etch_back": "chipscale.process.litho:EtchBack",
    "strip": "chipscale.process.litho:Strip",
    "sputter": "chipscale.process.sputter:Sputter",
    "evaporate": "chipscale.process.sputter:Evaporate",
    "plate": "chipscale.process.plating:Plate",
    "electroless": "chipscale.process.electroless:Electroless",
    "etch_seed": "chipscale.process.seed_etch:EtchSeed",
    "wet_etch": "chipscale.process.etching:WetEtch",
    "dry_etch": "chipscale.process.etching:DryEtch",
    "ball_drop": "chipscale.process.solder:BallDrop",
    "screen_print": "chipscale.process.solder:ScreenPrint",
    "reflow": "chipscale.process.solder:Reflow",
    "coarse_grind": "chipscale.process.grind:CoarseGrind",
    "fine_grind": "chipscale.process.grind:FineGrind",
    "polish": "chipscale.process.grind:Polish",
    "laser_mark": "chipscale.process.mark:LaserMark",
    "backside_coat": "chipscale.process.backside:BacksideCoat",
    "bond": "chipscale.process.bonding:Bond",
    "flip": "chipscale.process.bonding:Flip",
    "groove": "chipscale.process.groove:Groove",
    "conformal_film": "chipscale.process.conformal:ConformalFilm",
    "saw_notch": "chipscale.process.notch:SawNotch",
    "solder_mask": "chipscale.process.solder_mask:SolderMask",
    "mold": "chipscale.process.mold:Mold",
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
