"""Where on the masks a short or an open is: the shapes of two nets that touch, or the gap between two pieces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from chipscale.layout.connectivity import Piece
from chipscale.layout.masks import DBU_UM, NET_PROPERTY, LayerNumbers, layer_index

Point = tuple[float, float]


def joint_between(masks: Any, numbers: LayerNumbers | None, piece: Piece, spots: Mapping[str, list[Point]]) -> Point:
    """Return where a short is, µm.

    Where the masks carry nets as shape properties (ours do): the place where shapes of two nets overlap. Else the
    middle between the nearest terminals of two nets.
    """
    for layer in ("RDL", "RDL2"):
        if layer in piece.polygons:
            touching = _overlap(masks, layer_index(masks, layer, numbers), piece.polygons[layer])
            if touching is not None:
                return touching
    best = (math.inf, (0.0, 0.0))
    names = sorted(spots)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            for a in spots[one]:
                for b in spots[other]:
                    middle = ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)
                    best = min(best, (math.hypot(a[0] - b[0], a[1] - b[1]), middle))
    return best[1]


def gap_between(one: tuple[Piece, list[Point]], other: tuple[Piece, list[Point]]) -> tuple[float, Point]:
    """Return (gap, place of its middle) in µm between the metal of two pieces; without metal, between terminals."""
    first, second = _outline(one), _outline(other)
    best = (math.inf, (0.0, 0.0))
    for points, lines in ((first, second), (second, first)):
        gaps, feet = _nearest_on(points, lines)
        index = int(np.argmin(gaps))
        middle = (points[index, :2] + feet[index]) / 2.0
        best = min(best, (float(gaps[index]), (float(middle[0]), float(middle[1]))))
    return best


def _overlap(masks: Any, index: int | None, polygons: tuple[Any, ...]) -> Point | None:
    import klayout.db as db

    if index is None:
        return None
    by_net: dict[str, Any] = {}
    region = db.Region(list(polygons))
    area = db.Box()
    for polygon in polygons:
        area += polygon.bbox()
    shapes = masks.top_cell().begin_shapes_rec_touching(index, area)
    while not shapes.at_end():
        net = shapes.shape().property(NET_PROPERTY)
        if net is not None and not shapes.shape().is_text():
            drawn = shapes.shape().polygon.transformed(shapes.trans())
            by_net.setdefault(str(net), db.Region()).insert(drawn)
        shapes.next()
    nets = sorted(net for net, drawn in by_net.items() if not (drawn & region).is_empty())
    for position, one in enumerate(nets):
        for other in nets[position + 1 :]:
            both = (by_net[one] & by_net[other] & region).merged()
            if not both.is_empty():
                at = min(both.each(), key=str).bbox().center()
                return at.x * DBU_UM, at.y * DBU_UM
    return None


def _outline(part: tuple[Piece, list[Point]]) -> Any:
    """Return line segments (n, 4) in µm of a part's metal, or its terminals as points."""
    piece, spots = part
    edges = [
        (edge.x1, edge.y1, edge.x2, edge.y2)
        for layer in ("RDL", "RDL2")
        for polygon in piece.polygons.get(layer, ())
        for edge in polygon.each_edge()
    ]
    if edges:
        return np.array(edges, dtype=np.float64) * DBU_UM
    return np.array([(*spot, *spot) for spot in spots], dtype=np.float64)


def _nearest_on(points: Any, lines: Any) -> tuple[Any, Any]:
    """Return for the first corner of each segment in `points` its distance to and foot on the nearest of `lines`."""
    corners = points[:, :2]
    start, along = lines[:, :2], lines[:, 2:] - lines[:, :2]
    length = np.maximum((along**2).sum(axis=1), 1e-12)
    gaps, feet = np.empty(len(corners)), np.empty_like(corners)
    for index, corner in enumerate(corners):
        t = np.clip(((corner - start) * along).sum(axis=1) / length, 0.0, 1.0)
        foot = start + t[:, None] * along
        distance = np.hypot(*(foot - corner).T)
        best = int(np.argmin(distance))
        gaps[index], feet[index] = distance[best], foot[best]
    return gaps, feet
