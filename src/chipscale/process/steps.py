"""The process steps by name; nothing is imported until a step is asked for."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from chipscale.errors import did_you_mean

# Whole names, so that the cache's digest of the code that runs a flow finds the code of its steps.
OWN: dict[str, str] = {
    "incoming_wafer": "chipscale.process.kinds.incoming:IncomingWafer",
    "probe_map": "chipscale.process.kinds.probe:ProbeMap",
    "coat": "chipscale.process.kinds.coating:ApplyCoat",
    "soft_bake": "chipscale.process.kinds.coating:SoftBake",
    "expose": "chipscale.process.kinds.litho:Expose",
    "develop": "chipscale.process.kinds.litho:Develop",
    "hard_bake": "chipscale.process.kinds.coating:HardBake",
    "cure": "chipscale.process.kinds.coating:Cure",
    "etch_back": "chipscale.process.kinds.strip:EtchBack",
    "strip": "chipscale.process.kinds.strip:Strip",
    "sputter": "chipscale.process.kinds.sputter:Sputter",
    "evaporate": "chipscale.process.kinds.sputter:Evaporate",
    "plate": "chipscale.process.kinds.plating:Plate",
    "electroless": "chipscale.process.kinds.electroless:Electroless",
    "etch_seed": "chipscale.process.kinds.seed_etch:EtchSeed",
    "wet_etch": "chipscale.process.kinds.etching:WetEtch",
    "dry_etch": "chipscale.process.kinds.etching:DryEtch",
    "ball_drop": "chipscale.process.kinds.solder:BallDrop",
    "screen_print": "chipscale.process.kinds.solder:ScreenPrint",
    "reflow": "chipscale.process.kinds.solder:Reflow",
    "coarse_grind": "chipscale.process.kinds.grind:CoarseGrind",
    "fine_grind": "chipscale.process.kinds.grind:FineGrind",
    "polish": "chipscale.process.kinds.grind:Polish",
    "laser_mark": "chipscale.process.kinds.mark:LaserMark",
    "backside_coat": "chipscale.process.kinds.backside:BacksideCoat",
    "bond": "chipscale.process.kinds.bonding:Bond",
    "flip": "chipscale.process.kinds.bonding:Flip",
    "groove": "chipscale.process.kinds.groove:Groove",
    "conformal_film": "chipscale.process.kinds.conformal:ConformalFilm",
    "saw_notch": "chipscale.process.kinds.notch:SawNotch",
    "solder_mask": "chipscale.process.kinds.solder_mask:SolderMask",
    "mold": "chipscale.process.kinds.mold:Mold",
    "dice": "chipscale.process.kinds.dicing:Dice",
}
# What people call a step, where it is neither its name nor its title.
ALSO: dict[str, str] = {
    "spin_coat": "coat",
    "spray_coat": "coat",
    "spin": "coat",
    "spray": "coat",
    "laminate": "coat",
    "prebake": "soft_bake",
    "lithography": "expose",
    "electroplate": "plate",
    "plating": "plate",
    "metallize": "sputter",
    "pvd": "sputter",
    "seed": "sputter",
    "ashing": "etch_back",
    "descum": "etch_back",
    "strip_resist": "strip",
    "ball_placement": "ball_drop",
    "grind": "coarse_grind",
    "backgrind": "coarse_grind",
    "saw": "dice",
    "singulate": "dice",
    "dicing": "dice",
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


def nearest(wrong: str) -> str:
    """Return a remedy naming the steps whose name, title or other name (`ALSO`) comes nearest to an unknown one.

    >>> nearest("spin_cot")
    "did you mean 'coat'?"
    """
    said = {_plain(kind.title): name for name, kind in all_steps().items()}
    said |= ALSO | {name: name for name in names()}
    near = difflib.get_close_matches(_plain(wrong), said, n=4, cutoff=0.7)
    found = list(dict.fromkeys(said[word] for word in near))[:2]
    if not found:
        return did_you_mean(wrong, names(), "chipscale list steps")
    return "did you mean " + " or ".join(f"'{name}'" for name in found) + "?"


def _plain(words: str) -> str:
    return words.strip().lower().replace(" ", "_").replace("-", "_")
