"""The plugin tables: families, steps and analyses by name; nothing is imported until it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Literal

from chipscale.errors import InputError, Problem, did_you_mean

Kind = Literal["families", "steps", "analyses"]

_OWN: dict[Kind, dict[str, str]] = {
    "families": {
        "fan_in_wlcsp": "chipscale.package.families.fan_in_wlcsp:FanInWlcsp",
    },
    "steps": {
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
    },
    "analyses": {
        "package.fan_in": "chipscale.package.fan_in:FanIn",
        "layout.assign": "chipscale.layout.assign.figures:Assign",
        "layout.wiring": "chipscale.layout.wiring:Wiring",
        "layout.drc": "chipscale.layout.drc:Drc",
        "layout.lvs": "chipscale.layout.lvs:Lvs",
        "layout.density": "chipscale.layout.density:Density",
    },
}


def names(kind: Kind) -> dict[str, str]:
    """Return name -> "module:Class" of one kind: our own, then those of other installed distributions.

    Other distributions add theirs through the entry-point group `chipscale.<kind>`; our names win.
    """
    found = {point.name: point.value for point in entry_points(group=f"chipscale.{kind}")}
    return dict(sorted((found | _OWN[kind]).items()))


def find(kind: Kind, name: str) -> Any:
    """Return the class registered as `name`; InputError with the nearest names when there is none."""
    table = names(kind)
    if name not in table:
        singular = {"families": "family", "steps": "step", "analyses": "analysis"}[kind]
        raise InputError(
            [
                Problem(
                    code=f"registry.unknown_{singular}",
                    what=f"unknown {singular} '{name}'",
                    remedy=did_you_mean(name, table),
                )
            ]
        )
    module, _, attribute = table[name].partition(":")
    return getattr(import_module(module), attribute)
