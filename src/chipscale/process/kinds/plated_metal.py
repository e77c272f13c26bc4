"""The bodies of plated metal: plugs in the openings below, the piece above them, a cap where it outgrows its resist."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.process.masks import Piece
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.overgrowth import check_apart, overgrown
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.types import Body, Slab


class Metal(NamedTuple):
    """What is plated: the bodies' layer and material, heights in µm of foot, resist's top and metal's top."""

    layer: str
    material: str
    foot_um: float
    room_um: float
    top_um: float


def grown(work: Work, metal: Metal, pieces: Sequence[Piece]) -> tuple[list[Slab], Front]:
    """Return the bodies of the metal, one per piece and per plug, and the surface after it.

    The plug of a piece fills what lies lower than its highest ground; its `part` is "plug". Above `room_um` the metal
    grows sideways as far as it grows up: bodies with the part "cap". Raises StepError where caps meet.
    """
    rim = min(metal.room_um, metal.top_um)
    bodies: list[Slab] = []
    names = _Names(work.bodies, metal)
    films = work.front.layers_of([piece.region for piece in pieces], rim)
    for piece, layers in zip(pieces, films, strict=True):
        if not layers:  # the ground is as high as the rim
            continue
        name = names.of(piece)
        *inner, upper = layers
        plugs = [
            (film, low, high)
            for film in inner
            for low, high in zip(polygons(film.bottom), polygons(film.top), strict=True)
        ]
        for number, (film, low, high) in enumerate(plugs, start=1):
            plug = f"{name}.plug{number}" if len(plugs) > 1 else f"{name}.plug"
            high = low if film.top is film.bottom else high
            bodies.append(Slab(plug, metal.layer, metal.material, film.z_um, film.h_um, low, high, piece.net, "plug"))
        z, h = upper.z_um, upper.h_um
        bodies.append(Slab(name, metal.layer, metal.material, z, h, upper.bottom, upper.top, piece.net))
    _, front = work.front.filled(Wall(_together([piece.region for piece in pieces])), rim)
    if metal.top_um <= rim + Z_EPS_UM:
        return bodies, front
    return _capped(bodies, front, metal, pieces, names)


def _capped(
    bodies: list[Slab], front: Front, metal: Metal, pieces: Sequence[Piece], names: _Names
) -> tuple[list[Slab], Front]:
    height = metal.top_um - metal.room_um
    caps = [overgrown(piece.region, height) for piece in pieces]
    check_apart(list(pieces), [foot for foot, _ in caps], "the metal above the resist")
    for piece, (foot, top) in zip(pieces, caps, strict=True):
        name = f"{names.of(piece)}.cap"
        bodies.append(Slab(name, metal.layer, metal.material, metal.room_um, height, foot, top, piece.net, "cap"))
    _, front = front.filled(Wall(_together([foot for foot, _ in caps])), metal.top_um)
    return bodies, front


def foundations(work: Work, layers: set[str], z_um: float, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the pieces with the outline of the metal they stand on, where metal of these layers ends at z_um.

    Metals plated one upon the other in one resist share their outline. Pieces that stand on nothing stay as they are.
    """
    below = [
        body
        for body in work.bodies
        if isinstance(body, Slab) and body.layer in layers and abs(body.z_um + body.h_um - z_um) < Z_EPS_UM
    ]
    if not below or not pieces:
        return tuple(pieces)
    outlines = np.array([body.top for body in below], dtype=object)
    points = [shapely.point_on_surface(piece.region) for piece in pieces]
    under = dict(np.array(shapely.STRtree(outlines).query(points, predicate="intersects")).T.tolist())
    return tuple(piece._replace(region=below[under[k]].top) if k in under else piece for k, piece in enumerate(pieces))


class _Names:
    """What bodies are called: layer.piece, and with the material behind it where metal of that name is there."""

    def __init__(self, bodies: Sequence[Body], metal: Metal) -> None:
        self._taken = {body.name for body in bodies if body.layer == metal.layer}
        self._metal = metal

    def of(self, piece: Piece) -> str:
        name = f"{self._metal.layer}.{piece.name}"
        if name not in self._taken:
            return name
        other = f"{name}.{self._metal.material}"
        numbered = (f"{other}.{number}" for number in count(2))
        return other if other not in self._taken else next(name for name in numbered if name not in self._taken)


def _together(regions: list[Any]) -> Any:
    whole = shapely.MultiPolygon([part for region in regions for part in polygons(region)])
    return whole if whole.is_valid else shapely.union_all(regions)  # pieces that only touch
