"""What a step may ask the masks: one region per layer, its connected pieces with their net, its round shapes."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.layout.outline import circle_points, trace_pieces
from chipscale.layout.types import Circle, Layout, Points
from chipscale.stack.outline import polygons

MASK_GRID_UM = 0.001  # masks are written in integers of 1 nm
PINHOLE_UM2 = 0.01
_BATCH = 24  # shapes
WIRED = ("RDL", "RDL2")  # layers whose pieces are named by net; others by pad or ball
_Rings = tuple[npt.NDArray[np.int64], ...]
_LOG = logging.getLogger(__name__)


class Piece(NamedTuple):
    """One connected shape of a layer: its name (pad, ball or net), its net, its outline."""

    name: str
    net: str | None
    region: Any


class Masks:
    """The masks of one die; regions are made when first asked for. Coordinates in µm of the die view."""

    def __init__(self, layout: Layout) -> None:
        self.size_x_um = layout.size_x_um
        self.size_y_um = layout.size_y_um
        self.die = shapely.box(0.0, 0.0, layout.size_x_um, layout.size_y_um)
        self._layout = layout
        self._pieces: dict[str, tuple[Piece, ...]] = {}
        self._region: dict[str, Any] = {}

    def mirrored(self) -> Masks:
        """Return the same masks seen from the other side of the wafer: x counts from the other edge."""
        w = self.size_x_um

        def turned(points: Points) -> Points:
            return np.column_stack((w - points[::-1, 0], points[::-1, 1]))

        layout = self._layout
        circles = tuple(dataclasses.replace(item, x_um=w - item.x_um) for item in layout.circles)
        polygons = tuple(
            dataclasses.replace(item, points=turned(item.points), holes=tuple(turned(hole) for hole in item.holes))
            for item in layout.polygons
        )
        traces = tuple(dataclasses.replace(item, points=turned(item.points)) for item in layout.traces)
        return Masks(dataclasses.replace(layout, circles=circles, polygons=polygons, traces=traces))

    def has(self, layer: str) -> bool:
        """True when anything is drawn on the layer."""
        return any(self._layout.on(layer))

    def region(self, layer: str) -> Any:
        """Return everything drawn on the layer as one region, clipped to the die."""
        if layer not in self._region:
            pieces = [piece.region for piece in self.pieces(layer)]
            whole = shapely.MultiPolygon(pieces)
            self._region[layer] = whole if whole.is_valid else shapely.union_all(pieces)  # pieces that only touch
        return self._region[layer]

    def circles(self, layer: str) -> tuple[Circle, ...]:
        """Return the round shapes of the layer, sorted by name and place."""
        found = self._layout.on(layer)[0]
        return tuple(sorted(found, key=lambda shape: (shape.name, shape.x_um, shape.y_um)))

    def pieces(self, layer: str) -> tuple[Piece, ...]:
        """Return the layer's connected shapes, net by net; shapes without a net come last.

        Where shapes of two nets overlap (a short on the mask), the room goes to the first, and the log says so.
        """
        if layer not in self._pieces:
            self._pieces[layer] = tuple(self._find_pieces(layer))
        return self._pieces[layer]

    def _find_pieces(self, layer: str) -> list[Piece]:
        by_net: dict[tuple[bool, str], list[tuple[str, _Rings]]] = {}
        for net, name, rings in _shapes(self._layout, layer):
            by_net.setdefault((net is None, net or ""), []).append((name, rings))
        nets = sorted(by_net.items(), key=lambda item: item[0])
        merged = _merged([[rings for _, rings in shapes] for _, shapes in nets])
        found = []
        for ((nobody, net), shapes), parts in zip(nets, merged, strict=True):
            parts = self._within(parts)
            for part, names in zip(parts, _names(shapes, parts), strict=True):
                own = net if net and (layer in WIRED or len(names) != 1) else (names[0] if names else "metal")
                found.append(Piece(own, None if nobody else net, part))
        return _numbered(_without_shorts(layer, found))

    def _within(self, parts: list[Any]) -> list[Any]:
        """Return what the polygons have on the die, sorted by place."""
        if parts and not shapely.covers(self.die, shapely.box(*shapely.total_bounds(parts))):
            parts = polygons(shapely.intersection(shapely.MultiPolygon(parts), self.die))
        return sorted(parts, key=lambda part: part.bounds)


def _names(shapes: list[tuple[str, _Rings]], parts: list[Any]) -> list[list[str]]:
    """Return, for each part of one net's metal, the names of the pads and balls whose shapes are in it."""
    if len(parts) == 1:
        return [sorted({name for name, _ in shapes if name})]
    named = [(name, _shape(rings)) for name, rings in shapes if name]
    outlines = np.array([shape for _, shape in named], dtype=object)
    return [sorted({named[k][0] for k in np.flatnonzero(shapely.intersects(outlines, part))}) for part in parts]


def _shapes(layout: Layout, layer: str) -> list[tuple[str | None, str, _Rings]]:
    """Return (net, name, (hull, *holes)) of everything drawn on the layer, (n, 2) each, in units of the masks' grid."""
    circles, shapes, traces = layout.on(layer)
    drawn: list[tuple[str | None, str, _Rings]] = [(c.net, c.name, (_on_grid(circle_points(c)),)) for c in circles]
    drawn += [(p.net, p.name, tuple(_on_grid(ring) for ring in (p.points, *p.holes))) for p in shapes]
    for trace in traces:
        drawn += [(trace.net, "", (piece,)) for piece in _all_on_grid(trace_pieces(trace))]
    return drawn


def _all_on_grid(pieces: list[Points]) -> list[npt.NDArray[np.int64]]:
    """Return many outlines on the grid at once."""
    if not pieces:
        return []
    return np.split(_on_grid(np.vstack(pieces)), np.cumsum([len(piece) for piece in pieces[:-1]]))


def _on_grid(points: Points) -> npt.NDArray[np.int64]:
    return np.floor(np.asarray(points, dtype=np.float64) / MASK_GRID_UM + 0.5).astype(np.int64)


def _shape(rings: _Rings) -> Any:
    return shapely.make_valid(shapely.Polygon(rings[0] * MASK_GRID_UM, [ring * MASK_GRID_UM for ring in rings[1:]]))


def _merged(nets: list[list[_Rings]]) -> list[list[Any]]:
    """Return, for each net, the union of its shapes as the mask shows it, polygons in µm.

    Pinholes that rounding to the grid leaves between the strips of one wire are closed.
    """
    import klayout.db as db

    found: list[list[Any]] = []
    for shapes in nets:
        if len(shapes) == 1 and _is_plain(shapes[0]):
            found.append([shapely.Polygon(shapes[0][0] * MASK_GRID_UM)])
            continue
        region = db.Region()
        for few in _batches(shapes):
            near = db.Region([_polygon(rings) for rings in few])
            region += near.merged() if len(few) < len(shapes) else near
        region.min_coherence = True
        parts = []
        for polygon in region.merged().each():
            hull = [(point.x, point.y) for point in polygon.each_point_hull()]
            holes = [[(p.x, p.y) for p in polygon.each_point_hole(k)] for k in range(polygon.holes())]
            outer, *inner = [np.array(ring) * MASK_GRID_UM for ring in (hull, *holes)]
            parts.append(shapely.Polygon(outer, [ring for ring in inner if shapely.Polygon(ring).area > PINHOLE_UM2]))
        found.append(parts)
    return found


def _polygon(rings: _Rings) -> Any:
    """Return a shape as klayout holds it."""
    import klayout.db as db

    polygon = db.Polygon([db.Point(x, y) for x, y in rings[0].tolist()])
    for hole in rings[1:]:
        polygon.insert_hole([db.Point(x, y) for x, y in hole.tolist()])
    return polygon


def _batches(shapes: list[_Rings]) -> list[list[_Rings]]:
    """Return the shapes in batches of neighbours: merging many strips at once takes longer than step by step."""
    if len(shapes) <= 4 * _BATCH:
        return [shapes]
    begins = np.cumsum([0, *(len(rings[0]) for rings in shapes[:-1])])
    corner = np.minimum.reduceat(np.vstack([rings[0] for rings in shapes]), begins).sum(axis=1)
    ordered = [shapes[k] for k in np.argsort(corner, kind="stable").tolist()]
    return [ordered[k : k + _BATCH] for k in range(0, len(ordered), _BATCH)]


def _is_plain(rings: _Rings) -> bool:
    """True for a shape that merging would give back as it is: no hole, convex, a turn at every corner."""
    side = np.roll(rings[0], -1, axis=0) - rings[0]
    turn = side[:, 0] * np.roll(side[:, 1], -1) - side[:, 1] * np.roll(side[:, 0], -1)
    return len(rings) == 1 and bool((turn > 0).all()) and _winds_once(side)


def _winds_once(side: npt.NDArray[np.int64]) -> bool:
    """True when the sides of a ring that always turns left go round once: then it is convex."""
    return int(np.count_nonzero((side[:, 1] < 0) & (np.roll(side[:, 1], -1) >= 0))) == 1


def _without_shorts(layer: str, pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with shared room given to the earlier one."""
    if not pieces:
        return pieces
    regions = np.array([piece.region for piece in pieces], dtype=object)
    first, second = shapely.STRtree(regions).query(regions, predicate="intersects")
    for i, j in sorted({(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b}):
        shared = shapely.area(shapely.intersection(regions[i], regions[j]))
        if shared > MASK_GRID_UM:
            _LOG.warning("%s: %s and %s overlap by %.3f µm²", layer, pieces[i].name, pieces[j].name, shared)
            regions[j] = shapely.difference(regions[j], regions[i])
    return [
        Piece(piece.name, piece.net, part)
        for piece, region in zip(pieces, regions, strict=True)
        for part in polygons(region)
    ]


def _numbered(pieces: list[Piece]) -> list[Piece]:
    """Return the pieces with a number behind names that occur more than once."""
    counts: dict[str, int] = {}
    for piece in pieces:
        counts[piece.name] = counts.get(piece.name, 0) + 1
    seen: dict[str, int] = {}
    out = []
    for piece in pieces:
        seen[piece.name] = seen.get(piece.name, 0) + 1
        name = piece.name if counts[piece.name] == 1 else f"{piece.name}.{seen[piece.name]}"
        out.append(Piece(name, piece.net, piece.region))
    return out
