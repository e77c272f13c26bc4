"""Solder on metal that lies in an opening: it fills the opening first, and the ball stands on the opening's rim."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import shapely

from chipscale.process.relief.front import Front
from chipscale.process.relief.slices import Layer, joined
from chipscale.process.relief.wetted import Base, disc
from chipscale.stack.outline import Z_EPS_UM, polygons

_OWN_RATIO = 0.01  # of the base's area: by so much the opening's floor may differ from it
_GOES_ON_RATIO = 1e-6  # of an opening's area: it ends where the room above is wider than that
_LEAST_UM = 0.01  # an opening less deep is none


class Well(NamedTuple):
    """An opening with metal at its bottom: the room in it, lowest layer first, its volume, and its rim as a base."""

    layers: tuple[Layer, ...]
    volume_um3: float
    rim: Base


def wells(front: Front, bases: list[Base | None]) -> list[Well | None]:
    """Return the opening each base is the floor of; None where solder would stand free on its base."""
    return [None if base is None else _well(front, base) for base in bases]


def _well(front: Front, base: Base) -> Well | None:
    point = shapely.Point(base.x_um, base.y_um)
    area = math.pi / 4 * base.d_um**2
    found: list[Layer] = []
    z_um = base.z_um
    for band in front.bands:
        if band.top_um <= z_um + Z_EPS_UM:
            continue
        if band.z_um > z_um + Z_EPS_UM:
            break
        part = _around(band.part(max(band.z_um, z_um), band.top_um), point)
        if part is None:
            break
        before = found[-1].top.area if found else area
        if abs(part.bottom.area - before) > (_GOES_ON_RATIO if found else _OWN_RATIO) * before:
            break
        found.append(part)
        z_um = part.top_um
    if z_um - base.z_um < _LEAST_UM:
        return None
    layers = joined(found)
    x, y, d = disc(layers[-1].top)
    return Well(tuple(layers), sum(_volume_um3(layer) for layer in layers), Base(x, y, d, z_um, base.net))


def _around(layer: Layer, point: Any) -> Layer | None:
    """Return the polygon of the layer that holds the point."""
    tops = polygons(layer.top)
    for k, low in enumerate(polygons(layer.bottom)):
        if shapely.intersects(low, point):
            return Layer(layer.z_um, layer.h_um, low, low if layer.upright else tops[k])
    return None


def _volume_um3(layer: Layer) -> float:
    """Return the layer's volume: its section's area is a quadratic of the height (Simpson's rule)."""
    middle = layer.at(layer.z_um + layer.h_um / 2).area
    return float(layer.bottom.area + 4 * middle + layer.top.area) * layer.h_um / 6
