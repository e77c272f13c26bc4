"""Where the film's cross-section lies: along a wire from its bond pad to its ball, and the masks near that line."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely

from chipscale.layout.types import Circle, Layout, Points, Polygon, Trace
from chipscale.package.types import Ball, Package, Pad
from chipscale.stack.section import SectionPiece, section
from chipscale.stack.types import Stack

Point = tuple[float, float]
CutLine = tuple[Point, ...]

WISHED_UM = 700.0  # from pad to ball: long enough to show a wire, short enough to show its films
BEND_UM = 120.0  # a bend makes a wire as much less welcome as this much length
BEHIND_PAD_UM = 80.0
BEHIND_BALL_UM = 220.0
REACH_UM = 120.0  # shapes up to here beside the line are kept: more than any wall leans or film is thick
HEAVY_POINTS = 400  # a polygon with more corners is cut to the neighbourhood


def cut_line(package: Package, layout: Layout) -> CutLine:
    """Return the corners in µm of the line whose section tells most: along a wire, from its pad to its ball and on.

    The wire nearest to 700 µm with the fewest bends is taken. Where no wire joins a pad to a ball, the pad and the
    ball of one net that lie nearest to that are joined by a straight line. Without pads the line passes through the
    ball nearest the middle.
    """
    path = _wire(package, layout) or _pad_and_ball(package)
    if path is None:
        return _through_ball(package)
    points = [np.array(point) for point in path]
    past_ball_um = max(BEHIND_BALL_UM, 0.75 * (package.terminal.ball_d_um or package.terminal.sphere_d_um))
    on_pad = _key(*points[0]) in {_key(ball.x_um, ball.y_um) for ball in package.balls}
    before = points[0] - (past_ball_um if on_pad else BEHIND_PAD_UM) * _unit(points[1] - points[0])
    behind = points[-1] + past_ball_um * _unit(points[-1] - points[-2])
    return _on_die(package, [before, *points[1:-1], behind])


def section_along(stack: Stack, line: CutLine) -> tuple[SectionPiece, ...]:
    """Return what the stack shows along a line with corners, unrolled: s counts along the line from its start."""
    found: list[SectionPiece] = []
    s_um = 0.0
    for start, end in pairwise(line):
        for piece in section(stack, start, end):
            moved = [ring + [s_um, 0.0] for ring in (piece.polygon, *piece.holes)]  # noqa: RUF005
            found.append(piece._replace(polygon=moved[0], holes=tuple(moved[1:])))
        s_um += math.dist(start, end)
    return tuple(found)


def near(layout: Layout, line: CutLine, reach_um: float = REACH_UM) -> Layout:
    """Return the layout with only the shapes within `reach_um` of the line; the die keeps its size.

    Of a pad or a ball that comes near all shapes are kept, on every layer. Wires are shortened to the stretch that
    comes near; other shapes stay whole, save large ones of many corners.
    """
    corridor = shapely.buffer(shapely.LineString(line), reach_um, cap_style="square")
    shapely.prepare(corridor)
    discs = [shapely.Point(item.x_um, item.y_um).buffer(item.d_um / 2) for item in layout.circles]
    shapes = [shapely.Polygon(item.points) for item in layout.polygons]
    drawn: list[Circle | Polygon] = [*layout.circles, *layout.polygons]
    met = shapely.intersects(corridor, np.array([*discs, *shapes], dtype=object))
    names = {item.name for item, hit in zip(drawn, met, strict=True) if hit and item.name}
    kept = [hit or item.name in names for item, hit in zip(drawn, met, strict=True)]
    count = len(layout.circles)
    circles = tuple(item for item, keep in zip(layout.circles, kept, strict=False) if keep)
    near_polygons = [item for item, keep in zip(layout.polygons, kept[count:], strict=True) if keep]
    polygons = tuple(part for item in near_polygons for part in _kept_polygon(item, corridor))
    traces = tuple(part for item in layout.traces for part in _kept_trace(item, corridor))
    return dataclasses.replace(layout, circles=circles, polygons=polygons, traces=traces)


def _wire(package: Package, layout: Layout) -> list[Point] | None:
    """Return the corners from pad to ball of the wire nearest to what is wished, None when none joins the two."""
    captures = {
        item.name: shapely.Polygon(item.points).buffer(0.1) for item in layout.polygons if item.kind == "capture"
    }
    balls = {(ball.net, _key(ball.x_um, ball.y_um)) for ball in package.balls}
    found = []
    for trace in layout.traces:
        for points in (trace.points, trace.points[::-1]):
            if (trace.net, _key(*points[-1])) not in balls:
                continue
            corners = [(float(x), float(y)) for x, y in points]
            for pad in package.pads:
                if pad.net != trace.net:
                    continue
                place = (pad.x_um, pad.y_um)
                held = captures.get(pad.name)
                if math.dist(place, corners[0]) < 1e-3:
                    path = corners
                elif held is not None and held.covers(shapely.Point(corners[0])):
                    path = [place, *corners]
                else:
                    continue
                length = sum(math.dist(a, b) for a, b in pairwise(path))
                found.append((abs(length - WISHED_UM) + BEND_UM * _bends(path), trace.net, pad.name, path))
    return min(found, key=lambda item: item[:3])[3] if found else None


def _bends(path: list[Point]) -> int:
    """Return how often a path turns by more than a degree."""
    turns = 0
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        (ux, uy), (vx, vy) = (_unit(np.subtract(b, a)), _unit(np.subtract(c, b)))
        turns += abs(math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)) > math.radians(1.0)
    return turns


def _pad_and_ball(package: Package) -> list[Point] | None:
    """Return the pad and the ball of one net whose distance is nearest to the wished one; None when they coincide."""
    pads = {pad.name: pad for pad in package.pads}
    balls = {ball.name: ball for ball in package.balls}
    pairs: list[tuple[float, str, str, Pad, Ball]] = []
    for net in package.nets:
        for pad_name in net.pads:
            for ball_name in net.balls:
                pad, ball = pads[pad_name], balls[ball_name]
                away = math.hypot(pad.x_um - ball.x_um, pad.y_um - ball.y_um)
                if away > 1.0:
                    pairs.append((abs(away - WISHED_UM), pad_name, ball_name, pad, ball))
    if not pairs:
        return None
    _, _, _, pad, ball = min(pairs, key=lambda item: item[:3])
    return [(pad.x_um, pad.y_um), (ball.x_um, ball.y_um)]


def _through_ball(package: Package) -> CutLine:
    """Return a line along x through the ball nearest the middle, and through its neighbour where one is near."""
    size_x, size_y = package.die.size_x_um, package.die.size_y_um
    middle = np.array([size_x / 2, size_y / 2])
    if not package.balls:
        return (0.0, size_y / 2), (size_x, size_y / 2)
    ball = min(package.balls, key=lambda b: (round(float(np.hypot(*(np.array([b.x_um, b.y_um]) - middle))), 6), b.name))
    half = 0.9 * package.min_ball_distance_um or size_x / 2
    at, reach = np.array([ball.x_um, ball.y_um]), np.array([half, 0.0])
    return _on_die(package, [at - reach, at + reach])


def _on_die(package: Package, corners: Sequence[Points]) -> CutLine:
    """Return the part of the line on the die."""
    die = shapely.box(0.0, 0.0, package.die.size_x_um, package.die.size_y_um)
    kept = shapely.get_coordinates(shapely.intersection(shapely.LineString(corners), die))
    return tuple((float(x), float(y)) for x, y in kept)


def _unit(vector: Points) -> Points:
    return np.asarray(vector / np.hypot(*vector), dtype=np.float64)


def _key(x_um: float, y_um: float) -> tuple[float, float]:
    return round(float(x_um), 3), round(float(y_um), 3)


def _kept_polygon(item: Polygon, corridor: object) -> list[Polygon]:
    """Return the polygon; one of many corners that belongs to no pad is cut to the neighbourhood."""
    if item.name or len(item.points) + sum(len(hole) for hole in item.holes) <= HEAVY_POINTS:
        return [item]
    shape = shapely.make_valid(shapely.Polygon(item.points, item.holes))
    return [
        dataclasses.replace(
            item,
            points=shapely.get_coordinates(part.exterior)[:-1],
            holes=tuple(shapely.get_coordinates(ring)[:-1] for ring in part.interiors),
        )
        for part in shapely.get_parts(shapely.intersection(shape, corridor))
        if part.geom_type == "Polygon" and part.area > 0
    ]


def _kept_trace(item: Trace, corridor: object) -> list[Trace]:
    """Return the stretches of a wire whose segments come near the line."""
    segments = shapely.linestrings(np.stack((item.points[:-1], item.points[1:]), axis=1))
    close = shapely.intersects(corridor, shapely.buffer(segments, item.width_um / 2))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], close.astype(int), [0]))))
    return [dataclasses.replace(item, points=item.points[a : b + 1]) for a, b in edges.reshape(-1, 2)]
