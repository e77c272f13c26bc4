"""What an etch or a saw takes out of the bodies, and how a film is shared out among regions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import shapely

from chipscale.process.relief.front import Front, Layer, Solid, Wall, beside
from chipscale.process.relief.slices import edges, joined, shared_out
from chipscale.stack.outline import Z_EPS_UM, polygon_of, prisms
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import z_range_um


def carve(bodies: Sequence[Body], shape: Wall, z_floor_um: float, whole: Any = None) -> tuple[Body, ...]:
    """Return the bodies without all that the shape has above z_floor_um, as `Front.cut` takes it.

    A body cut at some height becomes several, one upon the other: the lowest keeps its name, the others get a number
    behind it. What lies in the shape as a whole is gone. `whole` is the die (the walls on its edge don't lean);
    without it what the bodies cover. Raises ValueError when a ball would be cut.
    """
    die = whole if whole is not None else _ground(bodies)
    solid = Front(((z_floor_um, die),)).solid(shape)
    taken = {body.name for body in bodies}
    found: list[Body] = []
    for body in bodies:
        low, high = z_range_um(body)
        if high <= z_floor_um + Z_EPS_UM or not _meets(body, solid, (max(low, z_floor_um), high)):
            found.append(body)
            continue
        if not isinstance(body, Slab):
            raise ValueError(f"the cut goes through {body.name}, which is no slab")
        layers = joined(_left(body, solid, z_floor_um))
        for number, layer in enumerate(layers, start=1):
            name = body.name if number == 1 else _free(body.name, number, taken)
            taken.add(name)
            found.append(
                dataclasses.replace(
                    body, name=name, z_um=layer.z_um, h_um=layer.h_um, bottom=layer.bottom, top=layer.top
                )
            )
    return tuple(found)


def cut_to(layers: Iterable[Layer], regions: Sequence[Any]) -> list[list[Layer]]:
    """Return for each region what it has of the layers, the lowest first; the time grows with what they meet."""
    found: list[list[Layer]] = [[] for _ in regions]
    for layer in layers:
        for own, parts in zip(found, shared_out(layer, list(regions)), strict=True):
            own += parts
    return [joined(own) for own in found]


def _ground(bodies: Sequence[Body]) -> Any:
    slabs = [part for body in bodies if isinstance(body, Slab) for part in (body.bottom, body.top)]
    return shapely.box(*shapely.total_bounds(slabs)) if slabs else shapely.Polygon()


def _meets(body: Body, solid: Solid, heights: tuple[float, float]) -> bool:
    """True when the shape may reach the body: by bounds first, then by outlines at both ends."""
    if isinstance(body, Slab):
        outline = body.bottom if body.top is body.bottom else shapely.union_all([body.bottom, body.top]).convex_hull
    else:
        r = float(body.profile[:, 0].max())
        if body.spheroid is not None:
            r = max(r, body.spheroid.semi_r_um)
        outline = shapely.box(body.x_um - r, body.y_um - r, body.x_um + r, body.y_um + r)
    hole, _ = solid.hole(*heights)
    return any(shapely.area(shapely.difference(outline, beside(outline, solid.within, hole(z)))) > 0 for z in heights)


def _left(body: Slab, solid: Solid, z_floor_um: float) -> list[Layer]:
    """Return what is left of a slab."""
    whole = Layer(body.z_um, body.h_um, *_outlines(body))
    found = []
    for z, top in edges([z_floor_um], whole.z_um, whole.top_um):
        part = whole.part(z, top)
        found += [part] if z < z_floor_um - Z_EPS_UM else solid.cut(part, beside)
    return found


def _outlines(body: Slab) -> tuple[Any, Any]:
    """Return a slab's outlines with their rings turning the same way, so that corners are joined in order."""
    if body.top is body.bottom:
        return body.bottom, body.bottom
    pieces = prisms(body)
    low, high = ([polygon_of(rings) for rings in side] for side in zip(*pieces, strict=True))
    return (low[0], high[0]) if len(pieces) == 1 else (shapely.MultiPolygon(low), shapely.MultiPolygon(high))


def _free(name: str, number: int, taken: set[str]) -> str:
    """Return a name with a number that no body has."""
    while f"{name}.{number}" in taken:
        number += 1
    return f"{name}.{number}"
