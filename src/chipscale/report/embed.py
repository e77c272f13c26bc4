"""Put data into the page for its scripts: the layout's names and figures, and the 3D model packed as text."""

from __future__ import annotations

import base64
import gzip
from typing import Any

from chipscale.report.colors import class_colors
from chipscale.report.figures.masks import HIDDEN_AT_FIRST, STYLE, used_layers
from chipscale.report.input import ReportInput
from chipscale.report.markup import Html, script_json, tag
from chipscale.report.verdict import failed
from chipscale.report.wording import with_unit

LARGEST_MODEL_BYTES = 5_200_000  # packed; the page stays below 8 MB
MARKERS_MOST = 500  # places shown per analysis; the tables count all


def net_index(data: ReportInput) -> dict[str, int]:
    """Return net name -> its number in the page, in the package's order."""
    return {net.name: index for index, net in enumerate(data.package.nets)}


def layout_data(data: ReportInput) -> dict[str, Any]:
    """Return what the layout viewer needs beside the drawing."""
    index = net_index(data)
    package, layout = data.package, data.layout
    return {
        "w": layout.size_x_um,
        "h": layout.size_y_um,
        "ball_d": package.terminal.ball_d_um,
        "layers": [
            {
                "name": layer.name,
                "title": layer.title,
                "color": layer.color,
                "fill": STYLE.get(layer.name, (0.5, 1.0))[0],
                "line": STYLE.get(layer.name, (0.5, 1.0))[1],
                "on": layer.name not in HIDDEN_AT_FIRST,
            }
            for layer in used_layers(layout)
        ],
        "classes": class_colors(package),
        "nets": _nets(data),
        "balls": [[b.name, round(b.x_um, 3), round(b.y_um, 3), index.get(b.net or "", -1)] for b in package.balls],
        "pads": [
            [p.name, round(p.x_um, 3), round(p.y_um, 3), p.size_x_um, p.size_y_um, index.get(p.net or "", -1)]
            for p in package.pads
        ],
        "marks": _marks(data),
        "open": [[index.get(o.net, -1), *_ends(data, o.terminals), o.message] for o in layout.unrouted],
    }


def _nets(data: ReportInput) -> list[dict[str, Any]]:
    wiring = data.results.get("layout.wiring")
    rows = {row["net"]: row for row in wiring.tables.get("nets", [])} if wiring else {}
    nets = []
    for net in data.package.nets:
        row = rows.get(net.name, {})
        nets.append(
            {
                "name": net.name,
                "cls": net.net_class,
                "kind": net.kind,
                "pads": list(net.pads),
                "balls": list(net.balls),
                "wire": row.get("wire_um"),
                "bound": row.get("bound_um"),
                "ratio": row.get("wire_to_bound_ratio"),
                "bends": row.get("bends_count"),
                "width": row.get("width_um", data.package.class_of(net).width_um),
            }
        )
    return nets


def _marks(data: ReportInput) -> list[dict[str, Any]]:
    """Return the places of failed checks, in the order the list on the page shows them."""
    marks = []
    for name, result in sorted(data.results.items()):
        placed = [check for check in failed(result) if check.where_um is not None]
        for check in placed[:MARKERS_MOST]:
            x, y = check.where_um or (0.0, 0.0)
            marks.append(
                {
                    "code": check.code,
                    "of": name,
                    "x": round(x, 3),
                    "y": round(y, 3),
                    "layer": check.layer,
                    "net": check.net,
                    "text": check.message,
                    "value": with_unit(check.value, check.metric),
                    "limit": with_unit(check.limit, check.metric),
                }
            )
    return marks


def _ends(data: ReportInput, names: tuple[str, ...]) -> tuple[list[float], ...]:
    """Return the positions of terminals by name, for the lines that show what is not joined."""
    where = {pad.name: [pad.x_um, pad.y_um] for pad in data.package.pads}
    where |= {ball.name: [ball.x_um, ball.y_um] for ball in data.package.balls}
    ends = [where[name] for name in names if name in where]
    return (ends[0], ends[-1]) if len(ends) > 1 else ([], [])


def layout_script(data: ReportInput) -> Html:
    """Return the script element that holds the layout's data."""
    return tag("script", script_json(layout_data(data)), type="application/json", id="layout-data")


def model_script(glb: bytes) -> Html | None:
    """Return the script element that holds the GLB, gzip and base64; None when it would make the page too large."""
    packed = gzip.compress(glb, compresslevel=7, mtime=0)
    if len(packed) * 4 / 3 > LARGEST_MODEL_BYTES:
        return None
    text = base64.b64encode(packed).decode("ascii")
    return tag("script", Html(text), type="application/octet-stream", id="model-data")


def image_data(svg: str) -> str:
    """Return SVG text as an address an img element may load: what is inside can neither run scripts nor load."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")
