"""Pictures of the worst violations: a crop of the masks as SVG with the two edges and the measure between them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from chipscale.layout.drc_measure import nearest_points
from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.types import LAYERS, Layout
from chipscale.results import Result

WINDOW_UM = 200.0
_SIZE_PX = 480
_OUTLINED = ("OUTLINE", "SEAL", "PI1", "PI2", "UBM", "BALL", "VIA")
_OUTLINED += ("CAVITY", "SENSING", "GROOVE1", "GROOVE2", "INS_OPEN", "SMO")
_INK = "#c01818"


def worst(result: Result, count: int) -> list[dict[str, Any]]:
    """Return the markers of a layout.drc result that miss their limit by most, first by rule, then by ratio.

    The worst place of every broken rule comes before the second worst of any.
    """
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for marker in result.tables["markers"]:
        by_rule.setdefault(marker["rule"], []).append(marker)
    ranked = []
    for markers in by_rule.values():
        markers.sort(key=lambda marker: (_badness(marker), marker["x_um"], marker["y_um"]))
        ranked += [(place, _badness(marker), marker["rule"], marker) for place, marker in enumerate(markers)]
    ranked.sort(key=lambda item: item[:3])
    return [item[3] for item in ranked[:count]]


def violation_pictures(layout: Layout, result: Result, count: int = 6, window_um: float = WINDOW_UM) -> list[str]:
    """Return an SVG per picture of the `count` worst violations, about `window_um` wide (more where edges need it)."""
    shown = worst(result, count)
    if not shown:
        return []
    masks = to_klayout(layout)
    regions = {info.name: layer_region(masks, info.name).merged() for info in LAYERS if info.name != "MARK"}
    return [_picture(regions, marker, window_um) for marker in shown]


def write_pictures(layout: Layout, result: Result, folder: Path, count: int = 6) -> list[Path]:
    """Write the pictures as violation_1.svg, ... into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, picture in enumerate(violation_pictures(layout, result, count), 1):
        path = folder / f"violation_{number}.svg"
        path.write_text(picture, "utf-8")
        paths.append(path)
    return paths


def _badness(marker: Mapping[str, Any]) -> float:
    value, limit = float(marker["value"]), float(marker["limit"])
    ratio = value / limit if limit else 1.0
    return -ratio if "_max_" in marker["rule"] else ratio


def _picture(regions: Mapping[str, Any], marker: Mapping[str, Any], window_um: float) -> str:
    import klayout.db as db

    x, y = marker["x_um"], marker["y_um"]
    ends = _measure(marker)
    reach = max([window_um / 2.0, *(1.3 * max(abs(px - x), abs(py - y)) for px, py in ends)])
    box = db.Box(*(round(value * 1000.0) for value in (x - reach, y - reach, x + reach, y + reach)))
    parts = [_shapes(regions[info.name], box, info.name, info.color) for info in LAYERS if info.name in regions]
    text = reach / 12.0
    line = reach / 120.0
    drawn = "".join(
        f'<line x1="{a:.3f}" y1="{-b:.3f}" x2="{c:.3f}" y2="{-d:.3f}" stroke="{_INK}" stroke-width="{2 * line:.3f}" '
        'stroke-linecap="round"/>'
        for a, b, c, d in (_within(edge, x, y, reach) for edge in marker["edges_um"])
    )
    drawn += _dimension(ends, marker, line, text)
    title = f"{marker['rule']} on {marker['layer']}: {marker['value']:.3f}, limit {marker['limit']:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SIZE_PX}" height="{round(_SIZE_PX * 1.08)}" '
        f'viewBox="{x - reach:.3f} {-y - reach:.3f} {2 * reach:.3f} {2.16 * reach:.3f}">'
        f"<title>{escape(title)}</title>"
        f'<rect x="{x - reach:.3f}" y="{-y - reach:.3f}" width="{2 * reach:.3f}" height="{2.16 * reach:.3f}" '
        'fill="#fff"/>'
        f"{''.join(parts)}{drawn}{_caption(title, x, y, reach)}</svg>\n"
    )


def _caption(title: str, x: float, y: float, reach: float) -> str:
    """Return the title under the crop with a scale bar."""
    bar = 10.0 ** math.floor(math.log10(reach / 2.0))
    top = -y + reach
    return (
        f'<rect x="{x - reach:.3f}" y="{top:.3f}" width="{2 * reach:.3f}" height="{0.16 * reach:.3f}" fill="#fff"/>'
        f'<text x="{x - 0.97 * reach:.3f}" y="{top + 0.11 * reach:.3f}" font-size="{reach / 15:.3f}" '
        f'font-family="sans-serif" fill="#222">{escape(title)}</text>'
        f'<line x1="{x + 0.95 * reach - bar:.3f}" y1="{top - 0.05 * reach:.3f}" x2="{x + 0.95 * reach:.3f}" '
        f'y2="{top - 0.05 * reach:.3f}" stroke="#222" stroke-width="{reach / 60:.3f}"/>'
        f'<text x="{x + 0.95 * reach - bar / 2:.3f}" y="{top - 0.08 * reach:.3f}" font-size="{reach / 16:.3f}" '
        f'text-anchor="middle" font-family="sans-serif" fill="#222">{bar:g} µm</text>'
    )


def _shapes(region: Any, box: Any, layer: str, color: str) -> str:
    """Return one layer's shapes within the window as one SVG path (y downwards)."""
    import klayout.db as db

    paths = []
    for polygon in (region & db.Region(box)).each():
        loops = [polygon.each_point_hull(), *(polygon.each_point_hole(hole) for hole in range(polygon.holes()))]
        for loop in loops:
            paths.append("M" + "L".join(f"{point.x / 1000:.3f} {-point.y / 1000:.3f}" for point in loop) + "Z")
    if not paths:
        return ""
    width = box.width() / 1000.0 / 300.0
    fill = (
        f'fill="none" stroke="{color}"'
        if layer in _OUTLINED
        else f'fill="{color}" fill-opacity="0.55" stroke="{color}"'
    )
    return f'<path d="{"".join(paths)}" {fill} stroke-width="{width:.3f}" fill-rule="evenodd"/>'


def _measure(marker: Mapping[str, Any]) -> list[tuple[float, float]]:
    edges = [tuple(edge) for edge in marker["edges_um"]]
    if len(edges) != 2:
        return []
    return list(nearest_points(edges[0], edges[1]))  # type: ignore[arg-type]


def _dimension(ends: list[tuple[float, float]], marker: Mapping[str, Any], line: float, text: float) -> str:
    """Return the measure: a line between the two nearest points and its figure."""
    if len(ends) != 2:
        return ""
    (x1, y1), (x2, y2) = ends
    unit = "" if marker["rule"].endswith("_ratio") else " µm"
    told = f"{marker['value']:.3f}{unit}"
    at = f'x="{(x1 + x2) / 2:.3f}" y="{-(y1 + y2) / 2 - 0.8 * text:.3f}"'
    style = f'font-size="{text:.3f}" text-anchor="middle" font-family="sans-serif" font-weight="bold"'
    dots = "".join(f'<circle cx="{a:.3f}" cy="{-b:.3f}" r="{1.8 * line:.3f}" fill="{_INK}"/>' for a, b in ends)
    return (
        f'<line x1="{x1:.3f}" y1="{-y1:.3f}" x2="{x2:.3f}" y2="{-y2:.3f}" stroke="{_INK}" stroke-width="{line:.3f}"/>'
        f'{dots}<text {at} {style} fill="{_INK}" stroke="#fff" stroke-width="{text / 5:.3f}" paint-order="stroke">'
        f"{told}</text>"
    )


def _within(edge: list[float], x: float, y: float, reach: float) -> tuple[float, float, float, float]:
    """Return an edge with its ends held inside the window (long straight edges are cut)."""
    a, b, c, d = edge
    length = math.hypot(c - a, d - b)
    if length == 0:
        return a, b, c, d
    along = ((x - a) * (c - a) + (y - b) * (d - b)) / length
    start, end = max(0.0, along - reach), min(length, along + reach)
    if start >= end:
        return a, b, c, d
    ux, uy = (c - a) / length, (d - b) / length
    return a + start * ux, b + start * uy, a + end * ux, b + end * uy
