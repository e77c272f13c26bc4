"""Where the film's cross-section lies: a line across a bond pad and its ball, and the masks near that line."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import shapely

from chipscale.layout.types import Layout, Points, Polygon, Trace
from chipscale.package.types import Ball, Package, Pad

Point = tuple[float, float]
CutLine = tuple[Point, Point]

WISHED_UM = 700.0  # from pad to ball: long enough to show a wire, short enough to show its films
BEHIND_PAD_UM = 80.0
BEHIND_BALL_UM = 220.0
REACH_UM = 120.0  # shapes up to here beside the line are kept: more than any wall leans or film is thick
HEAVY_POINTS = 400  # a polygon with more corners is cut to the neighbourhood


def cut_line(package: Package, layout: Layout) -> CutLine:
    """Return the ends in µm of the line whose section tells most: from behind a bond pad to behind its ball.

    It follows the straight wire nearest to 700 µm; where no wire is straight, it joins the pad and the ball of one net
    that lie nearest to that. A package with grooves is cut square to a side that has one. Without pads the line
    passes through the ball nearest the middle.
    """
    if package.grooves is not None:
        line = _across_groove(package)
        if line is not None:
            return line
    ends = _straight_wire(package, layout) or _pad_and_ball(package)
    if ends is None:
        return _through_ball(package)
    start, end = (np.array(point) for point in ends)
    along = (end - start) / np.hypot(*(end - start))
    ball_d_um = package.terminal.ball_d_um or package.terminal.sphere_d_um
    return _on_die(package, start - BEHIND_PAD_UM * along, end + max(BEHIND_BALL_UM, 0.75 * ball_d_um) * along)


def near(layout: Layout, line: CutLine, reach_um: float = REACH_UM) -> Layout:
    """Return the layout with only the shapes within `reach_um` of the line; the die keeps its size.

    Of a pad or a ball that comes near all shapes are kept, on every layer. Wires are shortened to the stretch that
    comes near; other shapes stay whole, save large ones of many corners.
    """
    corridor = shapely.buffer(shapely.LineString(line), reach_um, cap_style="square")
    shapely.prepare(corridor)
    discs = [shapely.Point(item.x_um, item.y_um).buffer(item.d_um / 2) for item in layout.circles]
    shapes = [shapely.Polygon(item.points) for item in layout.polygons]
    drawn = (*layout.circles, *layout.polygons)
    met = shapely.intersects(corridor, np.array([*discs, *shapes], dtype=object))
    names = {item.name for item, hit in zip(drawn, met, strict=True) if hit and item.name}
    kept = [hit or item.name in names for item, hit in zip(drawn, met, strict=True)]
    count = len(layout.circles)
    circles = tuple(item for item, keep in zip(layout.circles, kept, strict=False) if keep)
    near_polygons = [item for item, keep in zip(layout.polygons, kept[count:], strict=True) if keep]
    polygons = tuple(part for item in near_polygons for part in _kept_polygon(item, corridor))
    traces = tuple(part for item in layout.traces for part in _kept_trace(item, corridor))
    return dataclasses.replace(layout, circles=circles, polygons=polygons, traces=traces)


def _straight_wire(package: Package, layout: Layout) -> CutLine | None:
    """Return (pad, far end) of the straight two-point wire from a pad that is nearest to the wished length."""
    pads = {_key(pad.x_um, pad.y_um) for pad in package.pads}
    found = []
    for trace in layout.traces:
        points = trace.points if _key(*trace.points[0]) in pads else trace.points[::-1]
        if len(points) == 2 and _key(*points[0]) in pads:
            found.append((abs(float(np.hypot(*(points[1] - points[0]))) - WISHED_UM), trace.net, points))
    if not found:
        return None
    (x0, y0), (x1, y1) = min(found, key=lambda item: item[:2])[2]
    return (float(x0), float(y0)), (float(x1), float(y1))


def _pad_and_ball(package: Package) -> CutLine | None:
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
    return (pad.x_um, pad.y_um), (ball.x_um, ball.y_um)


def _through_ball(package: Package) -> CutLine:
    """Return a line along x through the ball nearest the middle, and through its neighbour where one is near."""
    size_x, size_y = package.die.size_x_um, package.die.size_y_um
    middle = np.array([size_x / 2, size_y / 2])
    if not package.balls:
        return (0.0, size_y / 2), (size_x, size_y / 2)
    ball = min(package.balls, key=lambda b: (round(float(np.hypot(*(np.array([b.x_um, b.y_um]) - middle))), 6), b.name))
    half = 0.9 * package.min_ball_distance_um or size_x / 2
    at, reach = np.array([ball.x_um, ball.y_um]), np.array([half, 0.0])
    return _on_die(package, at - reach, at + reach)


def _across_groove(package: Package) -> CutLine | None:
    """Return a line square to a grooved side, from the die's edge through a pad there and on over the nearest ball."""
    assert package.grooves is not None
    size = (package.die.size_x_um, package.die.size_y_um)
    found = []
    for side in package.grooves.sides:
        axis = 0 if side in ("left", "right") else 1
        for pad in package.pads:
            at = (pad.x_um, pad.y_um)
            depth = at[axis] if side in ("left", "bottom") else size[axis] - at[axis]
            if depth > 0.25 * size[axis]:
                continue
            for ball in package.balls:
                place = (ball.x_um, ball.y_um)
                inward = place[axis] if side in ("left", "bottom") else size[axis] - place[axis]
                beside = abs(place[1 - axis] - at[1 - axis])
                if inward > depth:
                    found.append((beside, inward, side, pad.name, at, inward))
    if not found:
        return None
    _, _, side, _, at, inward = min(found, key=lambda item: item[:4])
    axis = 0 if side in ("left", "right") else 1
    length = min(inward + max(BEHIND_BALL_UM, 0.75 * package.terminal.ball_d_um), size[axis])
    start, end = list(at), list(at)
    start[axis], end[axis] = (0.0, length) if side in ("left", "bottom") else (size[axis], size[axis] - length)
    return (start[0], start[1]), (end[0], end[1])


def _on_die(package: Package, start: Points, end: Points) -> CutLine:
    """Return the part of the line from start to end that lies on the die."""
    die = shapely.box(0.0, 0.0, package.die.size_x_um, package.die.size_y_um)
    kept = shapely.get_coordinates(shapely.intersection(shapely.LineString([start, end]), die))
    return (float(kept[0, 0]), float(kept[0, 1])), (float(kept[-1, 0]), float(kept[-1, 1]))


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
