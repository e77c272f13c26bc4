"""The level way of the current: the wires of a net as bars between bends, junctions, lands and pads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from chipscale.layout.types import Trace
from chipscale.physics.electrical.conductor_types import Draft, Point, Points, Segment, SegmentKind

SHORT_UM = 0.5  # corners and junctions nearer than this are one node
_STRAIGHT_RATIO = 0.01  # of the width: corners that move the wire less are left out
_CUTS = 7  # widths measured along a widened stretch
_GRID_UM = 1e-4


@dataclass(frozen=True, slots=True)
class Film:
    """The metal film wires of a net and layer run in: heights, material, and how much wider than drawn it came."""

    net: str
    layer: str
    material: str
    z_um: float  # of its foot
    thick_um: float
    wider_um: float

    @property
    def middle_um(self) -> float:
        """Return the height of the wires' axes."""
        return self.z_um + self.thick_um / 2


@dataclass(frozen=True, slots=True)
class Hub:
    """A piece of a net's film that wires run into: a land under a ball, a capture over a pad.

    `shape` as drawn; current leaves the film through an opening of `opening_um` radius around (x, y), and the metal
    there, from z_um, is `thick_um` high; 0: there is no opening, the current stays in the film.
    """

    kind: SegmentKind
    node: int
    x_um: float
    y_um: float
    shape: BaseGeometry
    opening_um: float = 0.0
    z_um: float = 0.0
    thick_um: float = 0.0


def lay(draft: Draft, film: Film, traces: Sequence[Trace], hubs: Sequence[Hub], widened: Sequence[Any]) -> None:
    """Draw the bars of a net's wires in one film, between its hubs; `widened` are its teardrops as drawn."""
    areas = [hub.shape.buffer(film.wider_um / 2) if film.wider_um else hub.shape for hub in hubs]
    work = _Laying(draft, film, tuple(hubs), tuple(areas), shapely.union_all(list(widened)))
    for line, width in _pieces(traces):
        outside = line.difference(shapely.union_all(areas)) if areas else line
        for part in shapely.get_parts(outside).tolist():
            if part.length > SHORT_UM:
                work.wire(shapely.get_coordinates(part), width + film.wider_um)
    _join_near(draft, work.ends)
    work.join_touching()


def _pieces(traces: Sequence[Trace]) -> list[tuple[Any, float]]:
    """Return the centre lines cut where wires of the net meet or cross, each with its width."""
    found: list[tuple[Any, float]] = []
    for width in sorted({trace.width_um for trace in traces}):
        lines = [trace for trace in traces if trace.width_um == width]
        found += [(_line(trace), trace.width_um) for trace in lines]
    found = _touching(found)
    cuts = [
        (line, width, [other for k, (other, _) in enumerate(found) if k != index and other.distance(line) <= _GRID_UM])
        for index, (line, width) in enumerate(found)
    ]
    return [(part, width) for line, width, others in cuts for part in _cut(line, others)]


def _line(trace: Trace) -> Any:
    return shapely.LineString(trace.points).simplify(_STRAIGHT_RATIO * trace.width_um)


def _touching(lines: list[tuple[Any, float]]) -> list[tuple[Any, float]]:
    """Return the lines with every end that stands on another wire's metal moved onto its axis."""
    moved = []
    for k, (line, width) in enumerate(lines):
        points = shapely.get_coordinates(line)
        for end in (0, -1):
            tip = shapely.Point(points[end])
            near = [
                (tip.distance(other), other)
                for j, (other, wide) in enumerate(lines)
                if j != k and _GRID_UM < tip.distance(other) <= wide / 2
            ]
            if near and not any(j != k and tip.distance(other) <= _GRID_UM for j, (other, _) in enumerate(lines)):
                other = min(near, key=lambda item: item[0])[1]
                foot = shapely.get_coordinates(other.interpolate(other.project(tip)))
                points = np.vstack((points, foot)) if end == -1 else np.vstack((foot, points))
        moved.append((shapely.LineString(points), width))
    return moved


def _cut(line: Any, others: list[Any]) -> list[Any]:
    """Return the parts of a line between its meetings with others, each an open line."""
    at: list[float] = []
    for other in others:
        for part in shapely.get_parts(line.intersection(other.buffer(_GRID_UM))).tolist():
            at.append(line.project(part.interpolate(0.5, normalized=True) if part.length else part))
    inner = sorted({round(s, 3) for s in at if SHORT_UM < s < line.length - SHORT_UM})
    stops = [0.0, *inner, line.length]
    return [substring(line, a, b) for a, b in pairwise(stops) if b - a > _GRID_UM]


class _Laying:
    """The bars of one film while they are drawn."""

    def __init__(
        self, draft: Draft, film: Film, hubs: tuple[Hub, ...], areas: tuple[Any, ...], widened: BaseGeometry
    ) -> None:
        self.draft, self.film, self.hubs, self.areas, self.widened = draft, film, hubs, areas, widened
        self.ends: list[tuple[Points, int]] = []
        self._links: list[tuple[int, int]] = []

    def wire(self, points: Points, width_um: float) -> None:
        """Draw a wire between two hubs or junctions, wider where it widens towards them."""
        line = shapely.LineString(points)
        node = self._end(points[0], points[1], self._width(points[0], points[1], width_um))
        corners = _with_edges(line, self.widened)
        for k, (a, b) in enumerate(pairwise(corners)):
            last = k == len(corners) - 2
            inside = not self.widened.is_empty and self.widened.distance(shapely.Point((a + b) / 2)) < _GRID_UM
            width = self._mean_width(a, b, width_um) if inside else width_um
            nxt = self._end(b, a, self._width(b, a, width_um)) if last else self.draft.node(self._at(b))
            self._bar("trace", (node, nxt), (a, b), width)
            node = nxt

    def _end(self, point: Points, inner: Points, width_um: float) -> int:
        """Return the node at a wire's end, joined to the hub whose rim it stands on, if any."""
        node = self.draft.node(self._at(point))
        for hub, area in zip(self.hubs, self.areas, strict=True):
            if area.distance(shapely.Point(point)) <= 1e-3:
                self._into(hub, node, point, width_um)
                return node
        self.ends.append((point, node))
        return node

    def _into(self, hub: Hub, node: int, rim: Points, width_um: float) -> None:
        """Draw the way from a hub's rim to its middle: over its film, then in the thicker metal of its opening."""
        middle = np.array([hub.x_um, hub.y_um])
        away = float(np.hypot(*(middle - rim)))
        if away <= SHORT_UM:
            self.draft.unite(node, hub.node)
            return
        free = away - hub.opening_um
        if hub.opening_um <= 0.0:
            self._bar(hub.kind, (node, hub.node), (rim, middle), self._chord(hub, rim, middle))
            return
        if free > SHORT_UM:
            edge = rim + (middle - rim) * free / away
            inner = self.draft.node(self._at(edge))
            wide = min(width_um + 2 * free, 2 * hub.opening_um)  # spreads by 45 degrees
            mean = (wide - width_um) / math.log(wide / width_um) if wide > 1.001 * width_um else width_um
            self._bar(hub.kind, (node, inner), (rim, edge), mean)
            node, rim = inner, edge
        height = (hub.z_um, hub.thick_um)
        self._bar(hub.kind, (node, hub.node), (rim, middle), math.sqrt(math.pi) * hub.opening_um, height)

    def join_touching(self) -> None:
        """Join hubs whose metal overlaps and that no wire joins yet, straight from middle to middle."""
        for (one, area), (other, over) in combinations(zip(self.hubs, self.areas, strict=True), 2):
            if area.intersection(over).area <= 1.0 or self._joined(one.node, other.node):
                continue
            a, b = np.array([one.x_um, one.y_um]), np.array([other.x_um, other.y_um])
            if np.hypot(*(b - a)) <= SHORT_UM:
                self.draft.unite(one.node, other.node)
                continue
            least = min(math.sqrt(area.area), math.sqrt(over.area))
            self._bar(one.kind, (one.node, other.node), (a, b), least)

    def _joined(self, one: int, other: int) -> bool:
        reached, edge = {self.draft.root(one)}, [self.draft.root(one)]
        while edge:
            here = edge.pop()
            for pair in self._links:
                a, b = self.draft.root(pair[0]), self.draft.root(pair[1])
                for there in (b,) if a == here else (a,) if b == here else ():
                    if there not in reached:
                        reached.add(there)
                        edge.append(there)
        return self.draft.root(other) in reached

    def _bar(
        self,
        kind: SegmentKind,
        nodes: tuple[int, int],
        ends: tuple[Points, Points],
        width_um: float,
        height: tuple[float, float] | None = None,
    ) -> None:
        film = self.film
        if np.hypot(*(ends[1] - ends[0])) <= SHORT_UM:
            self.draft.unite(*nodes)
            return
        z, thick = height or (film.z_um, film.thick_um)
        u = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
        start, end = ((float(x), float(y), z + thick / 2) for x, y in ends)
        across = (float(-u[1]), float(u[0]), 0.0)
        sigma = self.draft.sigma_S_m[film.material]
        self._links.append(nodes)
        self.draft.bar(
            Segment(film.net, kind, film.layer, *nodes, start, end, across, width_um, thick, film.material, sigma)
        )

    def _at(self, point: Points) -> Point:
        return float(point[0]), float(point[1]), self.film.middle_um

    def _width(self, point: Points, inner: Points, width_um: float) -> float:
        """Return the width of the metal across a wire at a point of it."""
        if self.widened.is_empty or self.widened.distance(shapely.Point(point)) > 1.0:
            return width_um
        u = (inner - point) / np.hypot(*(inner - point))
        region = shapely.union(self.widened, shapely.LineString([point, point + u]).buffer(width_um / 2))
        half = 20.0 * width_um * np.array([-u[1], u[0]])
        at = point + 1e-2 * u
        cut = shapely.LineString([at - half, at + half]).intersection(region)
        pieces = [part for part in shapely.get_parts(cut).tolist() if part.distance(shapely.Point(at)) < 1e-3]
        return max(width_um, max((part.length for part in pieces), default=0.0) + self.film.wider_um)

    def _mean_width(self, a: Points, b: Points, width_um: float) -> float:
        """Return the even width with the resistance of a widened stretch."""
        shares = (np.arange(_CUTS) + 0.5) / _CUTS
        widths = [self._width(a + share * (b - a), b, width_um) for share in shares]
        return float(1.0 / np.mean(1.0 / np.array(widths)))

    def _chord(self, hub: Hub, rim: Points, middle: Points) -> float:
        """Return the width of a hub's metal across the way to its middle, halfway."""
        u = (middle - rim) / np.hypot(*(middle - rim))
        at, half = (rim + middle) / 2, 1e3 * np.array([-u[1], u[0]])
        return float(shapely.LineString([at - half, at + half]).intersection(hub.shape).length) + self.film.wider_um


def _with_edges(line: Any, widened: BaseGeometry) -> list[Points]:
    """Return the corners of a line and the points where it enters or leaves the widened stretches."""
    points = shapely.get_coordinates(line)
    at = [line.project(shapely.Point(point)) for point in points[1:-1]]
    if not widened.is_empty:
        crossing = line.intersection(widened.boundary)
        at += [line.project(part) for part in shapely.get_parts(crossing).tolist() if part.geom_type == "Point"]
    inner: list[float] = []
    for s in sorted(at):
        if SHORT_UM < s < line.length - SHORT_UM and (not inner or s - inner[-1] > SHORT_UM):
            inner.append(s)
    return [np.asarray(shapely.get_coordinates(line.interpolate(s))[0]) for s in (0.0, *inner, line.length)]


def _join_near(draft: Draft, ends: list[tuple[Points, int]]) -> None:
    """Unite the ends of wires that lie together."""
    if len(ends) < 2:
        return
    from scipy.spatial import cKDTree

    tree = cKDTree(np.array([point for point, _ in ends]))
    for a, b in sorted(tree.query_pairs(2 * SHORT_UM)):
        draft.unite(ends[a][1], ends[b][1])
