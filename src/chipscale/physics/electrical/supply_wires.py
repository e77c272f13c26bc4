"""The current in each straight stretch of wire and each wall of a supply net, from the solved sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.physics.electrical.supply_net import FilmField, NetAnswer, within
from chipscale.physics.electrical.supply_sheets import NetSheets, Piece
from chipscale.solvers.sheet import through
from chipscale.solvers.sheet_mesh import Array, Index, Mesh

_SHORT_RATIO = 0.5  # of its width: a shorter stretch is not told
_WINDOWS = ((0.0, 0.3), (0.35, 0.65), (0.7, 1.0))  # of a wall's rise
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class WireCurrent:
    """A straight stretch of wire (or a wall it climbs): ends in the plan, as-built section, and what it carries.

    `width_um` is the widest and `thick_um` the whole height of the metal; its `area_um2` is less than both multiplied
    where the seed layer under the wire is undercut.
    """

    layer: str
    kind: str  # wire, wall
    start_um: Point
    end_um: Point
    width_um: float
    thick_um: float
    area_um2: float
    current_A: float

    @property
    def j_A_cm2(self) -> float:
        """Return the mean current density over the section in A/cm²."""
        return self.current_A / self.area_um2 * 1e8

    @property
    def middle_um(self) -> Point:
        """Return the point halfway."""
        return (self.start_um[0] + self.end_um[0]) / 2, (self.start_um[1] + self.end_um[1]) / 2


def wire_currents(sheets: NetSheets, answer: NetAnswer, layout: Layout) -> list[WireCurrent]:
    """Return the current in every free straight stretch of the net's wires and in every wall its film climbs.

    A stretch ends at lands, captures, teardrops and where another wire joins; what is shorter than half its width is
    left out (it carries what its neighbours carry).
    """
    found: list[WireCurrent] = []
    for film in answer.films:
        pieces = [piece for piece in sheets.pieces if piece.layer == film.layer]
        traces = [trace for trace in layout.traces if trace.net == sheets.net and trace.layer == film.layer]
        openings = [joint.region for joint in sheets.joints if ("film", film.layer) in joint.ends]
        blocked = shapely.union_all([_blocked(layout, sheets.net, film.layer), *openings])
        local = _Local(answer.plan, film)
        for trace in traces:
            joins = _joins(trace, traces)
            for start, end in _free_stretches(trace, blocked, joins):
                section = _section(pieces, start, end, trace.width_um)
                if section is not None:
                    amps = local.along(start, end, trace.width_um)
                    found.append(WireCurrent(film.layer, "wire", start, end, *section, amps))
        found += [local.up(piece) for piece in pieces if piece.wall]
    return found


def _blocked(layout: Layout, net: str, layer: str) -> Any:
    """Return where a net's wires widen or give current away: lands, captures, teardrops."""
    circles, polygons, _ = layout.on(layer)
    kinds = ("land", "capture", "teardrop", "pad")
    parts = [_disc(item) for item in circles if item.net == net and item.kind in kinds]
    parts += [_face(item) for item in polygons if item.net == net and item.kind in kinds]
    return shapely.union_all(parts)


def _disc(shape: Circle) -> Any:
    return shapely.Point(shape.x_um, shape.y_um).buffer(shape.d_um / 2)


def _face(shape: Polygon) -> Any:
    return shapely.Polygon(shape.points, shape.holes).buffer(0)


def _joins(trace: Trace, traces: Sequence[Trace]) -> list[tuple[Point, float]]:
    """Return the places where other wires of the net end, and how far around them the current is uneven."""
    found = []
    for other in traces:
        if other is not trace:
            reach = (trace.width_um + other.width_um) / 2
            found += [((float(p[0]), float(p[1])), reach) for p in (other.points[0], other.points[-1])]
    return found


def _free_stretches(trace: Trace, blocked: Any, joins: Iterable[tuple[Point, float]]) -> Iterable[tuple[Point, Point]]:
    """Return the straight parts of a wire outside of lands and junctions."""
    around = [shapely.Point(spot).buffer(reach) for spot, reach in joins]
    closed = shapely.union_all([blocked, *around])
    points = shapely.get_coordinates(shapely.simplify(shapely.LineString(trace.points), 0.05))
    for a, b in pairwise(points):
        free = shapely.difference(shapely.LineString([a, b]), closed)
        for part in shapely.get_parts(free):
            ends = shapely.get_coordinates(part)
            if part.length >= _SHORT_RATIO * trace.width_um:
                (x0, y0), (x1, y1) = ends[0], ends[-1]
                yield (float(x0), float(y0)), (float(x1), float(y1))


def _section(pieces: Sequence[Piece], start: Point, end: Point, drawn_um: float) -> tuple[float, float, float] | None:
    """Return (width, thickness, area) in µm and µm² of the metal halfway, measured across; None where there is none."""
    a, b = np.array(start), np.array(end)
    middle, along = (a + b) / 2, (b - a) / np.hypot(*(b - a))
    across = np.array([-along[1], along[0]]) * 2 * drawn_um
    line = shapely.LineString([middle - across, middle + across])
    widths, thick, area = [], 0.0, 0.0
    for piece in (item for item in pieces if not item.wall):
        cut = shapely.intersection(line, piece.region)
        spot = shapely.Point(middle)
        parts = [part for part in shapely.get_parts(cut) if part.distance(spot) < 1e-6 * drawn_um]
        if parts:
            widths.append(max(part.length for part in parts))
            thick += piece.thick_um
            area += widths[-1] * piece.thick_um
    return (max(widths), thick, area) if area > 0.0 else None


class _Local:
    """Sums the flux of one film over strips of its triangles."""

    def __init__(self, plan: Mesh, film: FilmField) -> None:
        self.film, self.mesh = film, Mesh(plan.points, film.triangles)
        self.points_um = plan.points * 1e6
        self.middle_um = self.points_um[film.triangles].mean(axis=1)

    def along(self, start: Point, end: Point, width_um: float) -> float:
        """Return the current in A from start to end within a wire's width, without sign."""
        a, way = np.array(start), np.subtract(end, start)
        length = float(np.hypot(*way))
        way /= length
        s = (self.points_um - a) @ way
        aside = (self.middle_um - a) @ np.array([-way[1], way[0]])
        inside = np.abs(aside) < 0.75 * width_um
        return self._through(np.clip(s / length, 0.0, 1.0), np.flatnonzero(inside & self._meets(s, length)))

    def _meets(self, s: Array, length: float) -> Any:
        """Tell which triangles reach into 0..length along a wire."""
        corners = s[self.film.triangles]
        return (corners.min(axis=1) < length) & (corners.max(axis=1) > 0.0)

    def up(self, piece: Piece) -> WireCurrent:
        """Return what a wall carries: the most of three heights, because a pad may join it halfway."""
        chosen = np.flatnonzero(within(piece.region, self.middle_um))
        share = self._share(piece)
        amps = [self._through(np.clip((share - low) / (high - low), 0.0, 1.0), chosen) for low, high in _WINDOWS]
        centre = piece.region.centroid
        way = piece.uphill * piece.plan_um / 2 if piece.uphill is not None else np.zeros(2)
        ends = [(centre.x + sign * float(way[0]), centre.y + sign * float(way[1])) for sign in (-1, 1)]
        section = piece.length_um, piece.thick_um, piece.length_um * piece.thick_um
        return WireCurrent(self.film.layer, "wall", ends[0], ends[1], *section, max(amps))

    def _share(self, piece: Piece) -> Array:
        """Return how far up the wall (0..1) each node lies."""
        if piece.uphill is not None:
            s = self.points_um @ piece.uphill
            own = shapely.get_coordinates(piece.region) @ piece.uphill
            return np.asarray((s - own.min()) / np.ptp(own))
        rings = shapely.get_parts(piece.region)[0]
        spots = shapely.points(self.points_um)
        whole = shapely.Polygon(rings.exterior)
        outer = np.where(shapely.contains(whole, spots), shapely.distance(rings.exterior, spots), 0.0)
        hole = shapely.Polygon(rings.interiors[0])
        inner = shapely.distance(hole, spots)
        return np.asarray(outer / np.maximum(outer + inner, 1e-9))

    def _through(self, ramp: Array, chosen: Index) -> float:
        return abs(through(self.mesh, self.film.current, ramp, chosen)) if len(chosen) else 0.0
