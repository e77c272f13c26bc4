"""Draw the masks: one SVG group per layer, one path per layer and net; the viewer reads its shapes from here."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chipscale.layout.types import LAYERS, LayerInfo, Layout, Points
from chipscale.report.markup import Html, tag
from chipscale.report.svg import area_path, disc_path, line_path, short

MARGIN = 0.02  # of the longer side, around the die

# How a layer is painted: (fill opacity, stroke opacity); metal is solid, openings are outlines, balls are veils.
STYLE: dict[str, tuple[float, float]] = {
    "OUTLINE": (0.05, 1.0),
    "SEAL": (0.75, 0.0),
    "CAVITY": (0.0, 1.0),
    "SENSING": (0.12, 1.0),
    "GROOVE1": (0.18, 0.9),
    "GROOVE2": (0.35, 0.9),
    "PAD": (0.55, 0.9),
    "PI1": (0.35, 1.0),
    "INS_OPEN": (0.35, 1.0),
    "RDL": (1.0, 0.0),
    "VIA": (0.5, 1.0),
    "RDL2": (1.0, 0.0),
    "PI2": (0.0, 1.0),
    "SMO": (0.0, 1.0),
    "UBM": (0.16, 1.0),
    "BALL": (0.22, 0.9),
    "MARK": (0.85, 0.0),
}
HIDDEN_AT_FIRST = frozenset({"PI2", "SMO"})


def used_layers(layout: Layout) -> list[LayerInfo]:
    """Return the layers that hold at least one shape, bottom to top."""
    used = {circle.layer for circle in layout.circles} | {polygon.layer for polygon in layout.polygons}
    used |= {trace.layer for trace in layout.traces}
    return [layer for layer in LAYERS if layer.name in used]


def masks_svg(layout: Layout, net_index: Mapping[str, int], label: str) -> Html:
    """Return the layout as SVG in µm, die view, y up; `data-n` is the net's index, -1 for nobody's metal."""
    margin = MARGIN * max(layout.size_x_um, layout.size_y_um)
    groups = [_layer_group(layout, layer, net_index) for layer in used_layers(layout)]
    box = " ".join(short(v) for v in (-margin, -margin, layout.size_x_um + 2 * margin, layout.size_y_um + 2 * margin))
    return tag(
        "svg",
        tag("title", label),
        tag("g", groups, transform=f"translate(0 {short(layout.size_y_um)}) scale(1 -1)"),
        _names(layout),
        id="mask-art",
        class_="mask-art",
        viewBox=box,
        role="img",
        aria_label=label,
    )


def _layer_group(layout: Layout, layer: LayerInfo, net_index: Mapping[str, int]) -> Html:
    circles, polygons, traces = layout.on(layer.name)
    areas: dict[int, list[str]] = {}
    wires: dict[tuple[int, float], list[str]] = {}
    for circle in circles:
        key = _index(circle.net, net_index)
        areas.setdefault(key, []).append(disc_path(circle.x_um, circle.y_um, circle.d_um))
    for polygon in polygons:
        key = _index(polygon.net, net_index)
        holes = [_turned(hole, -1) for hole in polygon.holes]
        areas.setdefault(key, []).append(area_path(_turned(polygon.points, 1), holes))
    for trace in traces:
        key = _index(trace.net, net_index)
        wires.setdefault((key, trace.width_um), []).append(line_path(trace.points))
    paths = [tag("path", d="".join(parts), data_n=net) for net, parts in sorted(areas.items())]
    paths += [
        tag("path", d="".join(parts), data_n=net, data_w=short(width), fill="none", stroke_width=short(width))
        for (net, width), parts in sorted(wires.items())
    ]
    fill, stroke = STYLE.get(layer.name, (0.5, 1.0))
    return tag(
        "g",
        paths,
        data_layer=layer.name,
        fill=layer.color,
        fill_opacity=short(fill),
        stroke=layer.color,
        stroke_opacity=short(stroke) if stroke else None,
        stroke_width=short(max(layout.size_x_um, layout.size_y_um) / 1500) if stroke else 0,
        class_="off" if layer.name in HIDDEN_AT_FIRST else None,
    )


def _index(net: str | None, net_index: Mapping[str, int]) -> int:
    return -1 if net is None else net_index.get(net, -1)


def _turned(points: Points, sign: int) -> Points:
    """Return the ring (n, 2) counter-clockwise (sign 1) or clockwise (-1), so that holes stay holes when filled."""
    x, y = np.asarray(points, dtype=float).T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return points if area * sign >= 0 else points[::-1]


def _names(layout: Layout) -> Html:
    """Return the ball names, upright, sized to their balls."""
    width = {circle.name: circle.d_um for circle in layout.circles if circle.layer == "BALL"}
    texts = []
    for circle in layout.circles:
        if circle.layer == "BALL" and circle.name:
            size = width[circle.name] / max(2.2, 0.72 * len(circle.name))
            y = layout.size_y_um - circle.y_um + 0.35 * size
            texts.append(tag("text", circle.name, x=short(circle.x_um), y=short(y), font_size=short(size)))
    return tag("g", texts, class_="ball-names")
