"""Which metal lies bare on the open surface, and how metal that deposits on it alone grows there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.process.masks import Piece
from chipscale.process.relief.front import Front, Layer
from chipscale.process.relief.overgrowth import overgrown
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.types import Slab

_RIM_UM = 0.1  # beside bare metal: where the ground around it is looked up
SIDES_FROM_UM = 0.2  # a thinner deposit is drawn on top only


class Bare(NamedTuple):
    """A bare place: its name, net and outline, its height, and the height of the ground around it."""

    piece: Piece
    z_um: float
    around_um: float

    @property
    def depth_um(self) -> float:
        """Return how deep it lies in an opening; negative for metal that stands free."""
        return self.around_um - self.z_um


class Deposit(NamedTuple):
    """What grew on one bare place: layers by part ("plug" in the opening, "side", "" on top), the ground it takes."""

    parts: tuple[tuple[str, Layer], ...]
    footprint: Any


def bare_places(work: Work, layer: str) -> list[Bare]:
    """Return the bare places of the layer's bodies, in their order; several on one body are numbered."""
    bodies = [b for b in work.bodies if isinstance(b, Slab) and b.layer == layer and b.part in ("", "cap")]
    grounds = [(z, part) for z, region in work.front.levels for part in polygons(region)]
    if not bodies or not grounds:
        return []
    tree = shapely.STRtree([part for _, part in grounds])
    tops = np.array([body.top for body in bodies], dtype=object)
    near: list[list[Any]] = [[] for _ in bodies]
    for k, j in sorted(np.array(tree.query(tops, predicate="intersects")).T.tolist()):
        z, part = grounds[j]
        if abs(z - bodies[k].z_um - bodies[k].h_um) < 10 * Z_EPS_UM:
            inside = part if shapely.covers(tops[k], part) else shapely.intersection(tops[k], part)
            near[k] += [found for found in polygons(inside) if found.area > _RIM_UM**2]
    found = []
    for body, parts in zip(bodies, near, strict=True):
        name = body.name.removeprefix(f"{layer}.")
        for number, part in enumerate(sorted(parts, key=lambda region: region.bounds), start=1):
            piece = Piece(name if len(parts) == 1 else f"{name}.{number}", body.net, part)
            z = body.z_um + body.h_um
            found.append(Bare(piece, z, _around_um(work.front, part, z)))
    return found


def _around_um(front: Front, region: Any, z_um: float) -> float:
    """Return the height of the ground around: of the rim where bare metal lies in an opening, whose walls may lean."""
    ring = shapely.difference(shapely.buffer(region, _RIM_UM, join_style="mitre"), region)
    beside = front.highest_um(ring)
    if beside < z_um + Z_EPS_UM:
        return beside
    point = shapely.point_on_surface(region)
    for band in front.bands:
        if band.top_um > z_um + Z_EPS_UM and band.top_um >= beside - Z_EPS_UM:
            inside, above = _around(band.top, point), _around(front.open_at(band.top_um), point)
            if inside is not None and (above is None or above.area > inside.area + _RIM_UM * inside.length):
                return band.top_um
    return front.top_um


def _around(region: Any, point: Any) -> Any | None:
    """Return the region's polygon a point lies in, None when it lies in none."""
    return next((part for part in polygons(region) if shapely.intersects(part, point)), None)


def deposited(front: Front, place: Bare, thickness_um: float) -> Deposit:
    """Return what grows on a bare place: up in its opening and over the rim, or on top and on sides that stand free.

    Growth is as far sideways as upward. A deposit under SIDES_FROM_UM has no sides.
    """
    region, top = place.piece.region, place.z_um + thickness_um
    if place.depth_um < -Z_EPS_UM:
        return _on_free(front, place, thickness_um)
    rim = min(place.around_um, top)
    layers = front.layers(_room(front, region, place.z_um, rim), rim) if rim > place.z_um + Z_EPS_UM else []
    if top <= place.around_um + Z_EPS_UM:
        *inner, last = layers
        return Deposit((*(("plug", layer) for layer in inner), ("", last)), last.top)
    mouth = layers[-1].top if layers else region
    height = top - place.around_um
    low, high = overgrown(mouth, height) if height >= SIDES_FROM_UM else (mouth, mouth)
    plugs = tuple(("plug", layer) for layer in layers)
    return Deposit((*plugs, ("", Layer(place.around_um, height, low, high))), low)


def _on_free(front: Front, place: Bare, thickness_um: float) -> Deposit:
    region, z = place.piece.region, place.z_um
    if thickness_um < SIDES_FROM_UM:
        return Deposit((("", Layer(z, thickness_um, region, region)),), region)
    low, high = overgrown(region, thickness_um)
    side = shapely.difference(low, region)
    return Deposit(
        (("side", Layer(place.around_um, z - place.around_um, side, side)), ("", Layer(z, thickness_um, low, high))),
        low,
    )


def _room(front: Front, region: Any, z_um: float, rim_um: float) -> Any:
    """Return the opening over a floor as wide as it is just below its rim (walls may lean)."""
    part = _around(front.open_at(max(z_um, rim_um - 10 * Z_EPS_UM)), shapely.point_on_surface(region))
    return region if part is None else part
