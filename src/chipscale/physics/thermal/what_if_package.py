"""The same package with one thing made otherwise: the flow builds it again on the same masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chipscale.errors import InputError
from chipscale.materials.types import Material
from chipscale.package.types import Package
from chipscale.process.flow import built_stack, plan
from chipscale.process.flows import flow_of
from chipscale.stack.types import Slab, Stack


def thicker_rdl(view: Mapping[str, Any], ratio: float) -> tuple[dict[str, Any], str]:
    """Return the view with redistribution metal `ratio` times as thick and what changed; the view as it is and why
    where the flow can't make it."""
    package: Package = view["package"]
    layers = replace(package.layers, rdl_um=ratio * package.layers.rdl_um)
    return _built(view, replace(package, layers=layers), _rdl_um, "redistribution metal")


def thinner_die(view: Mapping[str, Any], ratio: float) -> tuple[dict[str, Any], str]:
    """Return the view with a die of `ratio` times the thickness and what changed; the view as it is and why where the
    flow can't make it."""
    package: Package = view["package"]
    die = replace(package.die, thickness_um=ratio * package.die.thickness_um)
    return _built(view, replace(package, die=die), _die_um, "silicon")


def conducting(known: Mapping[str, Material], name: str, k_W_mK: float) -> dict[str, Material]:
    """Return the materials with one of them conducting heat as told, at all temperatures."""
    found = known[name]
    sets = {
        key: tuple(
            replace(value, form="constant", coefficients=(k_W_mK,), source="asked for", status="READ")
            if value.name == "k_W_mK"
            else value
            for value in values
        )
        for key, values in found.sets.items()
    }
    return {**known, name: replace(found, sets=sets)}


def _built(view: Mapping[str, Any], package: Package, measure: Any, what: str) -> tuple[dict[str, Any], str]:
    try:
        stack = built_stack(package, view["layout"], plan(flow_of(package)))
    except InputError as error:
        problem = error.problems[0]
        limit = f" (limit {problem.limit})" if problem.limit else ""
        return dict(view), f"the flow can't make it: {problem.what}{limit}"
    before, after = (round(measure(item), 1) for item in (view["stack"], stack))
    if before == after:
        return dict(view), f"the flow sets the {what}'s thickness itself: {before:g} µm"
    return {**view, "package": package, "stack": stack}, f"{what} {after:g} µm instead of {before:g} µm"


def _rdl_um(stack: Stack) -> float:
    """Return the most common thickness of wires, foot included, weighted by area."""
    feet = [body for body in stack.bodies if body.layer.startswith("RDL") and isinstance(body, Slab)]
    level = [body for body in feet if body.part != "plug"]
    wide = sum(float(body.bottom.area) * body.h_um for body in level)
    flat = max((_area(level, body.z_um + body.h_um / 2) for body in level), default=1.0)
    return wide / flat


def _area(bodies: list[Slab], z_um: float) -> float:
    return sum(float(body.bottom.area) for body in bodies if body.z_um < z_um < body.z_um + body.h_um)


def _die_um(stack: Stack) -> float:
    return max(body.h_um for body in stack.on("DIE") if isinstance(body, Slab))
