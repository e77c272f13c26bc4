"""What the three questions share: the design's model, its dies on the wafer, its random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chipscale.errors import InputError, Problem
from chipscale.layout.types import Layout
from chipscale.package.types import Package
from chipscale.process.flow import plan
from chipscale.process.flows import flow_of
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.model import Model, model_of
from chipscale.process.variation.places import places_of
from chipscale.process.variation.sources import tells

CORRELATION_MM = 30.0  # over which a film's thickness drifts on a wafer (assumed)
MOST_DIES = 100_000  # of a wafer: more would not fit into memory with the bumps of each
SPREADS_MISSING = "no step of the flow says how it varies: all dies come out the same"


def asked(
    view: Mapping[str, Any], dies_count: int, seed: int | None, correlation_mm: float, keep: bool = False
) -> tuple[Model, Draws]:
    """Return the model and the random numbers of the design in `view` (package, layout)."""
    package: Package = view["package"]
    layout: Layout = view["layout"]
    model = model_of(package, layout, plan(flow_of(package)))
    places = places_of(package, layout, model.chain.places_um, dies_count)
    return model, Draws(places, package.seed if seed is None else seed, correlation_mm, keep)


def centre_um(view: Mapping[str, Any]) -> tuple[float, float]:
    """Return the centre of gravity of the package in the die view: the middle of the die."""
    layout: Layout = view["layout"]
    return layout.size_x_um / 2.0, layout.size_y_um / 2.0


def refuse_unless(good: bool, key: str, value: float, limit: str) -> None:
    """Raise InputError for an option out of its range."""
    if not good:
        remedy = f"give -o {key}= a number of the limit"
        told = Problem("variation.option", "out of its range", "-o", None, key, f"{value:g}", limit, remedy)
        raise InputError([told])


def model_warnings(model: Model) -> tuple[str, ...]:
    """Return what makes the numbers doubtful: nothing varies, or quantities nobody knows what to do with."""
    told = [] if any(source.varies for source in model.sources) else [SPREADS_MISSING]
    joint = model.chain.joint
    if joint is not None and not any(s.target in ("sphere", "solder", "volume") for s in model.sources):
        told.append("no step says how the bumps' solder varies: their heights vary only by films and widths")
    silent = [spec.title for spec, step in model.steps if not tells(step)]
    if silent:
        told.append(f"steps that do not say how they vary are taken to make every die alike: {', '.join(silent)}")
    return tuple(told)
