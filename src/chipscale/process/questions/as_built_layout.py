"""What really stands on the wafer, as a layout: outlines of metal and openings of films, ready for the same checks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import shapely

from chipscale.layout.types import Circle, Layout, Points, Polygon
from chipscale.stack.outline import polygons, prisms
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import region_at

# mask layer -> layer of the film it opens
OPENED: dict[str, str] = {
    "CAVITY": "WALL",
    "PI1": "PI1",
    "VIA": "PI_MID",
    "PI2": "PI2",
    "INS_OPEN": "INS",
    "SMO": "MASK",
}
METALS = ("RDL", "RDL2", "UBM")
_LININGS = ("plug", "fill")
At = Literal["foot", "middle", "top"]
_SLIVER_UM2 = 0.01  # what overlays leave between outlines that should meet


def as_built_layout(layout: Layout, stack: Stack, at: At = "middle") -> Layout:
    """Return the layout with every shape as it stands on the wafer.

    Metal is its outline at the foot, in the middle or at the top of its body, with the body's net; an opening is
    what its film leaves free at its foot, with net and name of the drawn opening over it; a ball is as wide as it
    is. Layers the flow does not make (die, pads, marks) and layers without bodies stay as drawn.
    """
    metal = [name for name in METALS if stack.on(name)]
    opened = [name for name, film in OPENED.items() if stack.on(film) and any(layout.on(name))]
    made = {*metal, *opened, *(["BALL"] if stack.on("BALL") else [])}
    shapes = [shape for name in metal for shape in _metal(name, stack, at)]
    shapes += [shape for name in opened for shape in _openings(name, layout, stack)]
    return Layout(
        size_x_um=layout.size_x_um,
        size_y_um=layout.size_y_um,
        circles=tuple(item for item in layout.circles if item.layer not in made) + tuple(balls(stack)),
        polygons=tuple(item for item in layout.polygons if item.layer not in made) + tuple(shapes),
        traces=tuple(item for item in layout.traces if item.layer not in made),
        labels=layout.labels,
        unrouted=layout.unrouted,
        figures=layout.figures,
        name=layout.name,
    )


def outline(body: Slab, at: At) -> Any:
    """Return the body's horizontal section at its foot, in its middle or at its top; of a lining all seen from above.

    Linings of walls and fillings of openings (parts "plug" and "fill") lean under or over what joins them.
    """
    if body.top is body.bottom:
        return body.bottom
    if body.part in _LININGS:
        return seen_from_above(body)
    if at == "foot":
        return body.bottom
    return body.top if at == "top" else region_at(body, body.z_um + body.h_um / 2)


def seen_from_above(body: Slab) -> Any:
    """Return the region a leaning slab covers: its two outlines and what its walls sweep between them."""
    faces = [body.bottom, body.top]
    for prism in prisms(body):
        for low, high in zip(prism.bottom, prism.top, strict=True):
            quads = np.stack((low, np.roll(low, -1, axis=0), np.roll(high, -1, axis=0), high), axis=1)
            swept = shapely.polygons(quads)
            faces += [part for part in swept[shapely.area(swept) > 0] if part.is_valid]
    return shapely.union_all(faces)


def metal_outlines(stack: Stack, layer: str, at: At) -> dict[str, Any]:
    """Return the region of each net's metal on a layer (net "": metal without one).

    Bodies of one net stand side by side, one upon the other or in openings: the region is what is seen from above, at
    the foot that of what a seed etch left there.
    """
    parts: dict[str, list[Any]] = {}
    feet = [body for body in stack.on(layer) if body.part == "foot"] if at == "foot" else []
    footed = {body.name.removesuffix(".foot") for body in feet}
    for body in stack.on(layer):
        if isinstance(body, Slab) and body.name not in footed:
            parts.setdefault(body.net or "", []).append(outline(body, at))
    return {net: shapely.union_all(regions) if len(regions) > 1 else regions[0] for net, regions in parts.items()}


def film_openings(stack: Stack, film: str) -> list[Any]:
    """Return the places of the die a film leaves free over its whole height, seen from above, sorted by place.

    Where walls lean outwards that is the opening's foot.
    """
    layers = [outline(body, "foot") for body in stack.on(film) if isinstance(body, Slab)]
    die = shapely.box(0.0, 0.0, stack.size_x_um, stack.size_y_um)
    free = shapely.difference(die, shapely.union_all(layers))
    return sorted((part for part in polygons(free) if part.area > _SLIVER_UM2), key=lambda part: part.bounds)


def balls(stack: Stack) -> list[Circle]:
    """Return the balls as circles of their widest diameter, named as in the layout."""
    return [
        Circle("BALL", "ball", body.x_um, body.y_um, 2 * widest_um(body), body.net, body.name.partition(".")[2])
        for body in stack.on("BALL")
        if isinstance(body, Revolved)
    ]


def widest_um(body: Revolved) -> float:
    """Return the largest radius of a solid of revolution in µm."""
    if body.spheroid is not None:
        low, high = float(body.profile[0, 1]), float(body.profile[-1, 1])
        if low <= body.spheroid.z_um <= high:
            return body.spheroid.semi_r_um
    return float(np.max(body.profile[:, 0]))


def drawn_openings(layout: Layout, layer: str) -> list[tuple[str, str | None, Any]]:
    """Return (name, net, region) of every opening drawn on a layer."""
    from chipscale.layout.outline import circle_points

    circles, shapes, _ = layout.on(layer)
    found = [(item.name, item.net, shapely.Polygon(circle_points(item))) for item in circles]
    return found + [(item.name, item.net, shapely.Polygon(item.points, item.holes)) for item in shapes]


def _metal(layer: str, stack: Stack, at: At) -> list[Polygon]:
    kind: Literal["ubm", "wire"] = "ubm" if layer == "UBM" else "wire"
    shapes = []
    for net, region in sorted(metal_outlines(stack, layer, at).items()):
        for part in _whole(region):
            points, holes = _rings(part)
            shapes.append(Polygon(layer, kind, points, net or None, "", holes))
    return shapes


def _openings(layer: str, layout: Layout, stack: Stack) -> list[Polygon]:
    """Return what is open of a film where its mask has an opening; free places elsewhere (the film's edge) are none."""
    drawn = drawn_openings(layout, layer)
    free = film_openings(stack, OPENED[layer])
    tree = shapely.STRtree([region for _, _, region in drawn])
    shapes = []
    for part in free:
        hits = sorted(int(k) for k in tree.query(part, predicate="intersects"))
        if hits:
            name, net, _ = drawn[hits[0]]
            points, holes = _rings(part)
            shapes.append(Polygon(layer, "opening", points, net, name, holes))
    return shapes


def _whole(region: Any) -> Iterable[Any]:
    return sorted((part for part in polygons(region) if part.area > _SLIVER_UM2), key=lambda part: part.bounds)


def _rings(part: Any) -> tuple[Points, tuple[Points, ...]]:
    """Return hull (counter-clockwise) and holes (clockwise) of a polygon, without repeated end points."""
    part = shapely.geometry.polygon.orient(part)
    hull = np.asarray(part.exterior.coords)[:-1]
    return hull, tuple(np.asarray(hole.coords)[:-1] for hole in part.interiors)
