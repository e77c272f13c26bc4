"""The way of the current out of a groove: the film on the grooves' walls, from a pad's edge to the back of the die."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from chipscale.package.types import Pad
from chipscale.physics.electrical.conductor_types import Draft, Point, Points, Segment
from chipscale.physics.electrical.conductor_wires import SHORT_UM, Film
from chipscale.stack.section import section
from chipscale.stack.types import Stack

_SAMPLES = 600
_CORNER_UM = 1.5  # the axis is drawn with straight pieces that are no farther from it


def out_of_groove(
    draft: Draft, bodies: Stack, film: Film, ends: tuple[tuple[float, float], tuple[float, float], float]
) -> tuple[int, int] | None:
    """Draw the film from a pad to where a wire takes it over; return the pad's node and the wire's, None if none.

    `ends` are the point of the die's edge across from the pad, the wire's end, and the film's width; `bodies` the
    stack of the pad and its net. The film is cut along that line; its axis lies halfway between its two faces.
    """
    edge, wire, width_um = ends
    pieces = section(bodies, edge, wire)
    metal = [shapely.Polygon(item.polygon, item.holes) for item in pieces if item.layer == film.layer]
    pads = [shapely.Polygon(item.polygon) for item in pieces if item.layer == "PAD"]
    if not metal or not pads:
        return None
    length = float(np.hypot(wire[0] - edge[0], wire[1] - edge[1]))
    merged = shapely.union_all(shapely.buffer(metal, 1e-3)).buffer(-1e-3)
    face = max(shapely.get_parts(merged).tolist(), key=lambda part: part.bounds[2])
    if face.bounds[2] < length - 1.0:
        return None
    axis, thick = _axis(face)
    touch = _contact(shapely.LineString(axis), shapely.union_all(pads), face)
    begin = int(np.argmin(shapely.distance(shapely.points(axis), touch)))
    frame = (np.array(edge), (np.array(wire) - edge) / length, width_um)
    return _bars(draft, film, (axis[begin:], thick[begin:]), frame)


def edge_across(pad: Pad, size_um: tuple[float, float]) -> tuple[float, float]:
    """Return the point of the die's edge, on the pad's side, straight across from its middle."""
    return {
        "left": (0.0, pad.y_um),
        "right": (size_um[0], pad.y_um),
        "bottom": (pad.x_um, 0.0),
        "top": (pad.x_um, size_um[1]),
    }[pad.side]


def pad_metal_um(finger: Any, side: str) -> float:
    """Return the width of the metal out of a groove, along the die's edge."""
    low_x, low_y, high_x, high_y = finger.bounds
    return float(high_y - low_y if side in ("left", "right") else high_x - low_x)


def _contact(axis: Any, pad: Any, face: Any) -> Any:
    """Return where the film touches the pad: at the pad's cut edge, or in the middle of the opening over it."""
    shared = face.buffer(0.05).intersection(pad)
    return shared.centroid if not shared.is_empty else shapely.shortest_line(pad, axis).interpolate(0.0)


def _axis(face: Any) -> tuple[Points, Points]:
    """Return points (n, 2) halfway between a film section's two long faces, low end to far end, and its thickness."""
    ring = np.asarray(shapely.get_coordinates(face.exterior.normalize()))[:-1]
    low = int(np.argmin(ring[:, 0] + ring[:, 1]))
    ring = np.roll(ring, -low, axis=0)
    end = np.flatnonzero(ring[:, 0] > ring[:, 0].max() - 1e-2)
    one, other = ring[: end.min() + 1], np.vstack((ring[end.max() :], ring[:1]))[::-1]
    sides = sorted((shapely.LineString(one), shapely.LineString(other)), key=lambda side: float(side.length))
    along = shapely.line_interpolate_point(sides[1], np.linspace(0.0, 1.0, _SAMPLES), normalized=True)
    ways = shapely.get_coordinates(shapely.shortest_line(along, sides[0])).reshape(-1, 2, 2)
    return ways.mean(axis=1), np.hypot(*(ways[:, 1] - ways[:, 0]).T)


def _bars(
    draft: Draft, film: Film, way: tuple[Points, Points], frame: tuple[Points, Points, float]
) -> tuple[int, int] | None:
    """Draw bars along the points of an axis, few where it runs straight; each as thick as the film is on average."""
    (axis, thick), (edge, along, width_um) = way, frame

    def place(point: Points) -> Point:
        x, y = edge + point[0] * along
        return float(x), float(y), float(point[1])

    across, sigma = (float(-along[1]), float(along[0]), 0.0), draft.sigma_S_m[film.material]
    corners = shapely.get_coordinates(shapely.LineString(axis).simplify(_CORNER_UM))
    at = [int(np.argmin(np.hypot(*(axis - corner).T))) for corner in corners]
    first = node = draft.node(place(axis[0]))
    for a, b in pairwise(at):
        if np.hypot(*(axis[b] - axis[a])) <= SHORT_UM:
            continue
        even = float(1.0 / np.mean(1.0 / np.maximum(thick[a : b + 1], 1e-3)))
        ends, nxt = (place(axis[a]), place(axis[b])), draft.node(place(axis[b]))
        draft.bar(
            Segment(film.net, "trace", film.layer, node, nxt, *ends, across, width_um, even, film.material, sigma)
        )
        node = nxt
    return (first, node) if node != first else None
