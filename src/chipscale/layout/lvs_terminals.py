"""Which pads and balls each piece of metal on the masks reaches, found by position."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chipscale.layout.connectivity import OPENINGS, Piece
from chipscale.package.types import Package

BALL_LAYERS = ("BALL", "UBM", "SMO", "PI2")  # the topmost that the masks have says where balls are


@dataclass(frozen=True, slots=True)
class Reached:
    """A piece of metal with the names of the pads and balls on it, and openings where the package has none."""

    piece: Piece
    pads: tuple[str, ...] = ()
    balls: tuple[str, ...] = ()
    unknown: tuple[tuple[str, float, float], ...] = field(default=())  # (layer, x_um, y_um)


def reach(pieces: list[Piece], package: Package) -> list[Reached]:
    """Return what each piece reaches.

    A ball is reached where a ball (without that layer: an under-bump metal, a last opening) lies within a quarter
    of the least ball distance from its place; a pad where a first opening lies over its metal or metal
    lies on its cut edge, without redistribution a last opening.
    """
    layer = next((name for name in BALL_LAYERS if any(name in piece.polygons for piece in pieces)), "BALL")
    openings = OPENINGS if package.rdl_layers else ("PI2",)
    near = package.min_ball_distance_um / 4.0
    spots = np.array([(ball.x_um, ball.y_um) for ball in package.balls]).reshape(-1, 2)
    found = []
    for piece in pieces:
        unknown = []
        balls = set()
        for x, y in _centers(piece, layer):
            gaps = np.hypot(spots[:, 0] - x, spots[:, 1] - y) if len(spots) else np.array([np.inf])
            best = int(np.argmin(gaps))
            if gaps[best] <= near:
                balls.add(package.balls[best].name)
            else:
                unknown.append((layer, x, y))
        pads = set()
        for opening in openings:
            for polygon in piece.polygons.get(opening, ()):
                names = _pads_under(polygon, package)
                pads.update(names)
                if not names:
                    unknown.append((opening, *_center(polygon)))
        found.append(Reached(piece, tuple(sorted(pads)), tuple(sorted(balls)), tuple(unknown)))
    return found


def _pads_under(polygon: Any, package: Package) -> list[str]:
    """Return the pads whose metal an opening touches."""
    box = polygon.bbox()
    left, right, bottom, top = (value / 1000.0 for value in (box.left, box.right, box.bottom, box.top))
    return [
        pad.name
        for pad in package.pads
        if pad.x_um - pad.size_x_um / 2 < right
        and pad.x_um + pad.size_x_um / 2 > left
        and pad.y_um - pad.size_y_um / 2 < top
        and pad.y_um + pad.size_y_um / 2 > bottom
    ]


def _centers(piece: Piece, layer: str) -> list[tuple[float, float]]:
    return [_center(polygon) for polygon in piece.polygons.get(layer, ())]


def _center(polygon: Any) -> tuple[float, float]:
    box = polygon.bbox()
    return (box.left + box.right) / 2000.0, (box.bottom + box.top) / 2000.0
