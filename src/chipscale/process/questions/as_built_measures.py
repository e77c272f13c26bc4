"""Openings, widths, spaces, thicknesses and walls as built, each beside the drawn one, measured by the same ruler."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.layout.types import Layout, Trace
from chipscale.package.types import Package
from chipscale.process.masks import Masks
from chipscale.process.questions.as_built_layout import (
    METALS,
    OPENED,
    drawn_openings,
    film_openings,
    metal_outlines,
    widest_um,
)
from chipscale.stack.outline import polygons
from chipscale.stack.types import Slab, Stack

PLACES_PER_WIRE = 3  # its longest straight stretches are measured in their middle
MOST_PLACES = 1500  # per layer
_LEVELLED = ("PI1", "PI_MID", "PI2")  # films whose walls are those of openings, not of what they line
_WHOLE = ("WALL", "DEVICE", "GLASS")  # grooves cut them into several bodies
_OWN_RATIO = 0.02  # a wire that measures this near to its width is neither in a land nor in a branch
REACH_UM = 100.0  # a neighbour farther away than this makes no space
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of a layer at many places: the drawn ones and those as built, µm (walls: degrees)."""

    layer: str
    what: str
    drawn: Floats
    built: Floats

    def row(self, unit: str = "um") -> dict[str, Any]:
        """Return the figure as a row of a table: mean drawn, mean, least and largest as built, mean difference."""
        built = self.built
        return {
            "layer": self.layer,
            "what": self.what,
            "places_count": len(built),
            f"drawn_{unit}": round(float(self.drawn.mean()), 4),
            f"mean_{unit}": round(float(built.mean()), 4),
            f"min_{unit}": round(float(built.min()), 4),
            f"max_{unit}": round(float(built.max()), 4),
            f"delta_{unit}": round(float((built - self.drawn).mean()), 4),
        }


def openings(layout: Layout, stack: Stack) -> tuple[list[Compared], list[tuple[str, str, tuple[float, float]]]]:
    """Return the openings of each film, and those drawn but closed as (mask layer, name, place).

    The size of an opening is the mean of its extents in x and y, at its foot.
    """
    found, closed = [], []
    for layer, film in OPENED.items():
        drawn = drawn_openings(layout, layer)
        if not drawn or not stack.on(film):
            continue
        free = film_openings(stack, film)
        tree = shapely.STRtree(free)
        pairs = []
        for name, _, region in drawn:
            hits = tree.query(region, predicate="intersects")
            if len(hits) == 0:
                centre = region.centroid
                closed.append((layer, name, (float(centre.x), float(centre.y))))
                continue
            largest = max((free[k] for k in hits), key=lambda part: shapely.intersection(part, region).area)
            pairs.append((_extent_um(region), _extent_um(largest)))
        if pairs:
            found.append(_compared(layer, "opening", pairs))
    return found, closed


def _extent_um(region: Any) -> float:
    x0, y0, x1, y1 = region.bounds
    return float(x1 - x0 + y1 - y0) / 2


def _compared(layer: str, what: str, pairs: Sequence[tuple[float, float]]) -> Compared:
    drawn, built = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return Compared(layer, what, drawn, built)


def widths_and_spaces(layout: Layout, stack: Stack) -> list[Compared]:
    """Return width and space of the wires of each redistribution layer, and the width of under-bump metal.

    A wire is measured across, in the middle of its longest straight stretches: its own width where nothing widens it,
    and on either side the way to the next piece of metal. The same lines are laid over the masks and over what was
    built.
    """
    found = []
    masks = Masks(layout)
    for layer in METALS:
        if not stack.on(layer):
            continue
        drawn = _drawn_by_net(masks, layer)
        built = metal_outlines(stack, layer, "middle")
        if layer == "UBM":
            found += _discs(layer, layout, built)
            continue
        lines = _lines(layout.on(layer)[2])
        if not lines:
            continue
        here, there = _Ruler(drawn), _Ruler(built)
        pairs, gaps = [], []
        for net, middle, across, width_um in lines:
            pair = here.width_um(net, middle, across), there.width_um(net, middle, across)
            if None not in pair and abs(pair[0] - width_um) < _OWN_RATIO * width_um:  # type: ignore[operator]
                pairs.append(pair)
            for side in (across, -across):
                gap = here.space_um(net, middle, side), there.space_um(net, middle, side)
                if None not in gap:
                    gaps.append(gap)
        found += [_compared(layer, what, got) for what, got in (("width", pairs), ("space", gaps)) if got]  # type: ignore[arg-type]
    return found


def _drawn_by_net(masks: Masks, layer: str) -> dict[str, Any]:
    parts: dict[str, list[Any]] = {}
    for piece in masks.pieces(layer):
        parts.setdefault(piece.net or "", []).append(piece.region)
    return {net: shapely.MultiPolygon(regions) for net, regions in parts.items()}


def _discs(layer: str, layout: Layout, built: Mapping[str, Any]) -> list[Compared]:
    """Return the width of round metal: the mean extent of the piece under each drawn disc's centre."""
    parts = [part for region in built.values() for part in polygons(region)]
    tree = shapely.STRtree(parts)
    pairs = []
    for circle in layout.on(layer)[0]:
        hits = tree.query(shapely.Point(circle.x_um, circle.y_um), predicate="intersects")
        if len(hits):
            pairs.append((circle.d_um, _extent_um(parts[int(hits[0])])))
    return [_compared(layer, "width", pairs)] if pairs else []


def _lines(traces: Iterable[Trace]) -> list[tuple[str, Floats, Floats, float]]:
    """Return (net, middle (2,), unit vector across (2,), width) of each wire's longest stretches, in a fixed order."""
    found: list[tuple[float, str, Floats, Floats, float]] = []
    for trace in traces:
        steps = np.diff(trace.points, axis=0)
        length = np.hypot(*steps.T)
        for k in np.argsort(-length, kind="stable")[:PLACES_PER_WIRE]:
            if length[k] > 2 * trace.width_um:
                along = steps[k] / length[k]
                middle = (trace.points[k] + trace.points[k + 1]) / 2
                across = np.array([-along[1], along[0]])
                found.append((float(length[k]), trace.net, middle, across, trace.width_um))
    found.sort(key=lambda item: (-item[0], item[1], tuple(item[2])))
    return [item[1:] for item in found[:MOST_PLACES]]


class _Ruler:
    """Measures across metal: pieces by net, found by place."""

    def __init__(self, by_net: Mapping[str, Any]) -> None:
        pairs = [(net, part) for net, region in sorted(by_net.items()) for part in polygons(region)]
        self._nets = [net for net, _ in pairs]
        self._parts = [part for _, part in pairs]
        self._tree = shapely.STRtree(self._parts)

    def width_um(self, net: str, middle: Floats, across: Floats) -> float | None:
        """Return the width of the net's metal along a line through a point on it, None where there is no metal."""
        ways = [self._way_out_um(net, middle, side) for side in (across, -across)]
        return None if None in ways else float(sum(ways))  # type: ignore[arg-type]

    def space_um(self, net: str, middle: Floats, side: Floats) -> float | None:
        """Return the way from the net's metal to the next piece to one side, None where none is within reach."""
        out = self._way_out_um(net, middle, side)
        if out is None:
            return None
        start = middle + (out + 1e-3) * side
        line = shapely.LineString([start, start + REACH_UM * side])
        best = None
        for k in self._tree.query(line, predicate="intersects"):
            gap = shapely.distance(shapely.Point(start), shapely.intersection(line, self._parts[k])) + 1e-3
            best = gap if best is None or gap < best else best
        return None if best is None else float(best)

    def _way_out_um(self, net: str, middle: Floats, side: Floats) -> float | None:
        """Return how far it is from a point in the metal to its edge."""
        point = shapely.Point(middle)
        for k in self._tree.query(point, predicate="intersects"):
            if self._nets[k] != net:
                continue
            line = shapely.LineString([middle, middle + 2 * REACH_UM * side])
            for part in shapely.get_parts(shapely.intersection(line, self._parts[k])):
                if part.geom_type == "LineString" and shapely.distance(part, point) < 1e-6:
                    return float(part.length)
        return None


def thicknesses(package: Package, stack: Stack) -> list[Compared]:
    """Return the thickness of each film and metal against the package's, and the balls' height and width.

    Of a film that fills a relief its upper, unbroken part counts: the thickness over the highest place. Metals plated
    one upon the other, and the foot that a seed etch undercut, are one thickness.
    """
    found = []
    for layer, drawn in _planned(package).items():
        slabs = [body for body in stack.on(layer) if isinstance(body, Slab) and body.part != "plug"]
        heights = _heights(layer, slabs)
        if heights:
            found.append(_compared(layer, "thickness", [(drawn, height) for height in heights]))
    terminal = package.terminal
    round_ones = [body for body in stack.on("BALL") if not isinstance(body, Slab)]
    if round_ones:
        tall = [float(body.profile[-1, 1] - body.profile[0, 1]) for body in round_ones]
        found.append(_compared("BALL", "height", [(terminal.ball_h_um, height) for height in tall]))
        wide = [2 * widest_um(body) for body in round_ones]
        found.append(_compared("BALL", "width", [(terminal.ball_d_um, width) for width in wide]))
    return found


def _heights(layer: str, slabs: Sequence[Slab]) -> list[float]:
    """Return the thicknesses a layer has: of each piece of metal, of a film's unbroken part, of a wall as a whole."""
    if layer in METALS:
        return _columns(slabs)
    if layer in _WHOLE and slabs:
        return [max(body.z_um + body.h_um for body in slabs) - min(body.z_um for body in slabs)]
    return [body.h_um for body in slabs if body.part == ""]


def _columns(slabs: Sequence[Slab]) -> list[float]:
    """Return the height of each piece of metal: bodies whose names begin alike (UBM.A1, UBM.A1.Ni) are one piece."""
    columns: dict[str, list[Slab]] = {}
    stem = ""
    for body in sorted(slabs, key=lambda item: item.name):
        if not (stem and body.name.startswith(f"{stem}.")):
            stem = body.name.removesuffix(".foot")
        columns.setdefault(stem, []).append(body)
    return [max(b.z_um + b.h_um for b in column) - min(b.z_um for b in column) for column in columns.values()]


def _planned(package: Package) -> dict[str, float]:
    """Return the thickness the package plans for each layer, µm."""
    films, grooves = package.layers, package.grooves
    plan = {
        "DIE": package.die.thickness_um,
        "PAD": films.pad_metal_um,
        "PASSIVATION": films.passivation_um,
        "PI1": films.pi1_um,
        "RDL": films.rdl_um,
        "PI_MID": films.pi1_um,
        "RDL2": films.rdl_um,
        "PI2": films.pi2_um,
        "UBM": films.ubm_um,
        "BACKSIDE": films.backside_um,
    }
    if grooves is not None:
        plan |= {"GLASS": grooves.glass_um, "WALL": grooves.wall_um, "DEVICE": grooves.device_um}
    return plan


def walls(stack: Stack) -> list[Compared]:
    """Return the angle of each layer's walls, in degrees inside the material between its foot and its wall.

    90 is upright (drawn); less: the material narrows upwards, so that an opening widens upwards.
    """
    by_layer: dict[str, list[float]] = {}
    for body in stack.bodies:
        if not isinstance(body, Slab) or body.top is body.bottom or body.part in ("plug", "fill"):
            continue  # plugs and what fills a relief have the walls of their surroundings
        if body.layer in (*METALS, *_LEVELLED):
            angle = _angle_deg(body)
            if angle is not None:
                by_layer.setdefault(body.layer, []).append(angle)
    return [_compared(layer, "wall", [(90.0, angle) for angle in found]) for layer, found in sorted(by_layer.items())]


def _angle_deg(body: Slab) -> float | None:
    """Return the mean angle of a slab's walls that lean: by how much less area its top has, over their length."""
    lost, length = 0.0, 0.0
    for low, high in zip(polygons(body.bottom), polygons(body.top), strict=False):
        rings = [(low.exterior, high.exterior, 1.0)]
        rings += [(one, other, -1.0) for one, other in zip(low.interiors, high.interiors, strict=False)]
        for one, other, sign in rings:
            difference = sign * (shapely.Polygon(one).area - shapely.Polygon(other).area)
            if abs(difference) > 1e-9:
                lost += difference
                length += (one.length + other.length) / 2
    return float(np.degrees(np.arctan2(body.h_um, lost / length))) if length else None
