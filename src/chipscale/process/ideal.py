"""The ideal variant of a flow: no bias, upright walls, no undercut, so that what is built is what is drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from chipscale.package.types import FlowStep

# step -> options that make it print and etch exactly what is drawn
IDEAL: Mapping[str, Mapping[str, float | str | bool]] = {
    "expose": {"edge": "given", "bias_um": 0.0, "wall_deg": 90.0, "mask_bias_um": 0.0, "etch_um": 0.0},
    "develop": {"develop_s": 0.0},
    "hard_bake": {"bake_s": 0.0},
    "etch_back": {"lateral_ratio": 0.0},
    "etch_seed": {"undercut_um": 0.0, "loss_um": 0.0},
    "wet_etch": {"lateral_ratio": 0.0},
}


def ideal(flow: Iterable[FlowStep]) -> tuple[FlowStep, ...]:
    """Return the flow's steps with every option that moves an edge or leans a wall at none; heights stay as they are.

    Shapes the package itself gives a slope (grooves) keep it.
    """
    return tuple(
        dataclasses.replace(step, recipe={**step.recipe, **IDEAL[step.step]}) if step.step in IDEAL else step
        for step in flow
    )
