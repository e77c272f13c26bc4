"""Which conductors touch, and whether every net is one piece of metal through all layers."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Body, Slab, Stack
from chipscale.stack.volume import region_at, z_range_um

_NEAR_UM = 1e-3  # walls no farther apart than this touch
_LEAST_UM2 = 1e-3


class Contact(NamedTuple):
    """Two conductors that touch, one upon the other or side by side, and the area they share in µm².

    Side by side, z_um is the middle of the heights at which they do, and `lower` the one that reaches less far up.
    """

    lower: str
    upper: str
    z_um: float
    area_um2: float


def contacts(stack: Stack, also: Collection[str] = ()) -> list[Contact]:
    """Return every pair of bodies with a net (or metal without one) that touch: at a level face or at a wall.

    `also`: layers whose bodies are looked at too, silicon say.
    """
    metal = [body for body in stack.bodies if _conducts(body) or body.layer in also]
    return sorted(_level_contacts(metal) + _wall_contacts([body for body in metal if isinstance(body, Slab)]))


def _level_contacts(metal: list[Body]) -> list[Contact]:
    """Return where a body stands on another; of each height only those are compared whose bounds meet."""
    tops: dict[int, list[Body]] = {}
    bottoms: dict[int, list[Body]] = {}
    for body in metal:
        low, high = z_range_um(body)
        bottoms.setdefault(round(low / Z_EPS_UM), []).append(body)
        tops.setdefault(round(high / Z_EPS_UM), []).append(body)
    found = []
    for key, lowers in sorted(tops.items()):
        uppers = [body for near in (key - 1, key, key + 1) for body in bottoms.get(near, [])]
        if not uppers:
            continue
        faces = np.array([region_at(body, z_range_um(body)[1]) for body in lowers], dtype=object)
        feet = np.array([region_at(body, z_range_um(body)[0]) for body in uppers], dtype=object)
        first, second = shapely.STRtree(feet).query(faces)
        shared = shapely.area(shapely.intersection(faces[first], feet[second]))
        for i, j, area in zip(first.tolist(), second.tolist(), shared.tolist(), strict=True):
            if area > _LEAST_UM2:
                found.append(Contact(lowers[i].name, uppers[j].name, z_range_um(lowers[i])[1], area))
    return found


def _wall_contacts(metal: list[Slab]) -> list[Contact]:
    """Return where slabs touch at walls: a wire on the cut edge of a pad, say. Pairs of one upright film are apart."""
    if not metal:
        return []
    upright = [slab.top is slab.bottom for slab in metal]
    feet = [
        slab.bottom if straight else shapely.box(*shapely.total_bounds([slab.bottom, slab.top]))
        for slab, straight in zip(metal, upright, strict=True)
    ]
    shapely.prepare(feet)
    found = []
    first, second = shapely.STRtree(feet).query(feet, predicate="dwithin", distance=_NEAR_UM)
    for i, j in sorted({(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b}):
        low, high = (sorted(pair) for pair in zip(z_range_um(metal[i]), z_range_um(metal[j]), strict=True))
        z_low, z_high = low[1], high[0]
        if z_high - z_low <= 2 * Z_EPS_UM:
            continue
        area = _wall_area_um2(metal[i], metal[j], z_low, z_high)
        if area > _LEAST_UM2:
            lower, upper = sorted((metal[i], metal[j]), key=lambda slab: (z_range_um(slab)[1], slab.name))
            found.append(Contact(lower.name, upper.name, (z_low + z_high) / 2, area))
    return found


def _wall_area_um2(one: Slab, other: Slab, low_um: float, high_um: float) -> float:
    """Return the area of the wall two slabs share between two heights: its length there, and how much it leans."""
    heights = [low_um + share * (high_um - low_um) for share in (0.01, 0.5, 0.99)]
    shared = [_shared_wall(one, other, z) for z in heights]
    lengths = [float(shapely.area(strip)) / _NEAR_UM for strip in shared]
    if min(lengths[0], lengths[2]) <= 0:
        return 0.0 if max(lengths) <= 0 else float(np.mean(lengths)) * (high_um - low_um)
    aside = float(shapely.distance(shared[0], shared[2])) / (heights[2] - heights[0])
    length = (lengths[0] + 4 * lengths[1] + lengths[2]) / 6
    return length * (high_um - low_um) * math.hypot(1.0, aside)


def _shared_wall(one: Slab, other: Slab, z_um: float) -> Any:
    """Return the strip, _NEAR_UM wide, along which two slabs touch at a height."""
    a, b = region_at(one, z_um), region_at(other, z_um)
    if shapely.distance(a, b) > _NEAR_UM / 2:
        return shapely.Polygon()
    return shapely.intersection(shapely.buffer(a, _NEAR_UM, join_style="mitre"), b)


def net_pieces(stack: Stack) -> dict[str, list[tuple[str, ...]]]:
    """Return, for each net, its separate pieces of metal as tuples of body names; one piece: the net is whole.

    Bodies of two nets in one piece are a short: the piece is then listed under both.
    """
    link: dict[str, str] = {body.name: body.name for body in stack.bodies if _conducts(body)}

    def root(name: str) -> str:
        while link[name] != name:
            link[name] = link[link[name]]
            name = link[name]
        return name

    for touch in contacts(stack):
        link[root(touch.upper)] = root(touch.lower)
    pieces: dict[str, list[str]] = {}
    for name in link:
        pieces.setdefault(root(name), []).append(name)
    nets: dict[str, list[tuple[str, ...]]] = {}
    net_of = {body.name: body.net for body in stack.bodies}
    for members in pieces.values():
        for net in sorted({str(net_of[name]) for name in members if net_of[name] is not None}):
            nets.setdefault(net, []).append(tuple(sorted(members)))
    return dict(sorted(nets.items()))


def _conducts(body: Body) -> bool:
    return body.net is not None or body.layer in ("PAD", "RDL", "RDL2", "UBM", "BUMP", "BALL")
