"""Which conductors touch, and whether every net is one piece of metal through all layers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Body, Stack
from chipscale.stack.volume import region_at, z_range_um


class Contact(NamedTuple):
    """Two conductors one upon the other, and the area they share in µm²."""

    lower: str
    upper: str
    z_um: float
    area_um2: float


def contacts(stack: Stack) -> list[Contact]:
    """Return every pair of bodies with a net (or pads and balls without) that touch at a horizontal face.

    Bodies of the flow only meet at horizontal faces or as parts of one deposit, which are bodies one upon the other.
    """
    metal = [body for body in stack.bodies if _conducts(body)]
    by_bottom: dict[int, list[Body]] = {}
    for body in metal:
        by_bottom.setdefault(round(z_range_um(body)[0] / Z_EPS_UM), []).append(body)
    found = []
    for lower in metal:
        z = z_range_um(lower)[1]
        key = round(z / Z_EPS_UM)
        uppers = [body for near in (key - 1, key, key + 1) for body in by_bottom.get(near, [])]
        if not uppers:
            continue
        face = region_at(lower, z)
        faces = [region_at(body, z_range_um(body)[0]) for body in uppers]
        shared = shapely.area(shapely.intersection(face, np.array(faces, dtype=object)))
        found += [
            Contact(lower.name, body.name, z, float(a)) for body, a in zip(uppers, shared, strict=True) if a > 1e-3
        ]
    return sorted(found)


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
    return body.net is not None or body.layer in ("PAD", "RDL", "RDL2", "UBM", "BALL")
