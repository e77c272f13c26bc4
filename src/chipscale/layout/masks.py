"""The masks as klayout sees them: shapes on a 1-nm grid, written as GDS or OASIS with the same bytes every time."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chipscale.errors import InputError, Problem
from chipscale.layout.outline import circle_points, trace_pieces
from chipscale.layout.types import LAYER, LAYERS, Circle, Layout, Points, Trace

DBU_UM = 0.001
NET_PROPERTY = 1  # GDS and OASIS property holding a shape's net
NAME_PROPERTY = 2  # the pad or ball it belongs to

LayerNumbers = Mapping[str, tuple[int, int]]


def to_klayout(layout: Layout) -> Any:
    """Return a klayout.db.Layout: a top cell called like the layout and one cell per layer, `<name>_<layer>`.

    Every shape carries its net as property 1 and its pad or ball as property 2; labels become texts of the layer.
    """
    import klayout.db as db

    masks = db.Layout()
    masks.dbu = DBU_UM
    top = masks.create_cell(cell_name(layout.name))
    discs = _Discs()
    for info in LAYERS:
        circles, polygons, traces = layout.on(info.name)
        labels = [label for label in layout.labels if label.layer == info.name]
        if not (circles or polygons or traces or labels):
            continue
        index = masks.layer(info.gds_layer, info.gds_datatype, info.name)
        cell = masks.create_cell(f"{top.name}_{info.name}")
        shapes = cell.shapes(index)
        for circle in circles:
            shapes.insert(discs.polygon(circle), _properties(masks, circle.net, circle.name))
        for polygon in polygons:
            drawn = _polygon(polygon.points, polygon.holes)
            shapes.insert(drawn, _properties(masks, polygon.net, polygon.name))
        for drawn in _wires(traces):
            shapes.insert(drawn, _properties(masks, drawn.property(NET_PROPERTY), ""))
        for label in labels:
            shapes.insert(db.Text(label.text, db.Trans(db.Vector(*_nm(label.x_um, label.y_um)))))
        top.insert(db.CellInstArray(cell.cell_index(), db.Trans()))
    return masks


def write_masks(layout: Layout, path: Path) -> Path:
    """Write the layout to `path` (.gds, .gds.gz or .oas) and return it; the same layout gives the same bytes."""
    return write_klayout(to_klayout(layout), Path(path))


def write_klayout(masks: Any, path: Path) -> Path:
    """Write a klayout.db.Layout as GDS or OASIS by the file's ending, without time stamps, atomically."""
    import klayout.db as db

    options = db.SaveLayoutOptions()
    name = path.name.lower()
    if name.endswith((".oas", ".oas.gz", ".oasis")):
        options.format = "OASIS"
        options.oasis_compression_level = 10
        options.oasis_write_cblocks = True
    elif name.endswith((".gds", ".gds.gz", ".gds2")):
        options.format = "GDS2"
        options.gds2_write_timestamps = False
        options.gds2_libname = "CHIPSCALE"
    else:
        what = "the masks are written as GDS or OASIS"
        raise InputError([Problem("masks.format", what, value=path.name, remedy="end the name in .gds or .oas")])
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{os.getpid()}.{path.name}")  # keeps the ending: .gz compresses
    try:
        masks.write(str(draft), options)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def read_masks(path: Path) -> Any:
    """Return the klayout.db.Layout in a GDS or OASIS file; InputError when klayout can't read it."""
    import klayout.db as db

    masks = db.Layout()
    try:
        masks.read(str(path))
    except RuntimeError as error:
        what = "the mask file can't be read"
        raise InputError([Problem("masks.unreadable", what, file=str(path), remedy=str(error))]) from None
    if len(masks.top_cells()) != 1:
        names = ", ".join(cell.name for cell in masks.top_cells()) or "none"
        what = "the mask file must hold exactly one top cell"
        raise InputError([Problem("masks.top_cell", what, file=str(path), value=names)])
    return masks


def layer_region(masks: Any, name: str, numbers: LayerNumbers | None = None, cell: Any = None) -> Any:
    """Return the klayout.db.Region of one layer under `cell` (default: the top cell), unmerged, in nm.

    `numbers` gives GDS (layer, datatype) by layer name where they differ from ours; an absent layer is empty.
    """
    import klayout.db as db

    index = layer_index(masks, name, numbers)
    if index is None:
        return db.Region()
    region = db.Region((cell or masks.top_cell()).begin_shapes_rec(index))
    if abs(masks.dbu - DBU_UM) > 1e-12:
        region.transform(db.ICplxTrans(masks.dbu / DBU_UM))
    region.flatten()
    return region


def layer_index(masks: Any, name: str, numbers: LayerNumbers | None = None) -> int | None:
    """Return the index of one of our layers in a klayout.db.Layout, or None when it is absent."""
    if numbers is not None and name in numbers:
        found = masks.find_layer(*numbers[name])
    else:
        found = masks.find_layer(LAYER[name].gds_layer, LAYER[name].gds_datatype)
    return None if found is None else int(found)


def layer_texts(masks: Any, name: str, numbers: LayerNumbers | None = None) -> list[tuple[str, float, float]]:
    """Return (text, x_um, y_um) of the labels on one layer, sorted."""
    import klayout.db as db

    index = layer_index(masks, name, numbers)
    if index is None:
        return []
    texts = db.Texts(masks.top_cell().begin_shapes_rec(index))
    return sorted((text.string, text.x * masks.dbu, text.y * masks.dbu) for text in texts.each())


def merged_polygons(layout: Layout, layer: str) -> list[tuple[Points, tuple[Points, ...]]]:
    """Return what one mask shows after merging: (hull (n, 2), holes) in µm per piece, as drawn on the 1-nm grid."""
    region = layer_region(to_klayout(layout), layer).merged()
    region.min_coherence = True
    pieces = []
    for polygon in region.each():
        hull = np.array([(p.x, p.y) for p in polygon.each_point_hull()]) * DBU_UM
        holes = [[(p.x, p.y) for p in polygon.each_point_hole(i)] for i in range(polygon.holes())]
        pieces.append((hull[::-1], tuple(np.array(hole)[::-1] * DBU_UM for hole in holes)))
    return pieces


def cell_name(name: str) -> str:
    """Return `name` with everything GDS does not allow in a cell name replaced by an underscore."""
    return re.sub(r"[^A-Za-z0-9_?$]", "_", name) or "chip"


def _nm(x_um: float, y_um: float) -> tuple[int, int]:
    return int(np.floor(x_um / DBU_UM + 0.5)), int(np.floor(y_um / DBU_UM + 0.5))


def _polygon(points: Points, holes: tuple[Points, ...] = ()) -> Any:
    """Return a klayout polygon with its corners rounded to the grid."""
    import klayout.db as db

    polygon = db.Polygon([db.Point(x, y) for x, y in _grid(points)], True)
    for hole in holes:
        polygon.insert_hole([db.Point(x, y) for x, y in _grid(hole)])
    return polygon


def _grid(points: Points) -> list[list[int]]:
    rounded: list[list[int]] = np.floor(np.asarray(points) / DBU_UM + 0.5).astype(np.int64).tolist()
    return rounded


def _wires(traces: list[Trace]) -> list[Any]:
    """Return the traces' polygons with their net as property, merged net by net, in a fixed order."""
    import klayout.db as db

    region = db.Region()
    for trace in traces:
        for piece in trace_pieces(trace):
            region.insert(db.PolygonWithProperties(_polygon(piece), {NET_PROPERTY: trace.net}))
    return sorted(region.merged().each(), key=lambda drawn: (drawn.property(NET_PROPERTY), str(drawn)))


class _Discs:
    """Polygons of discs; those whose centre is on the grid are one polygon moved about, so equal discs stay equal."""

    def __init__(self) -> None:
        self._at_origin: dict[float, Any] = {}

    def polygon(self, circle: Circle) -> Any:
        """Return the klayout polygon of a disc."""
        x, y = _nm(circle.x_um, circle.y_um)
        if abs(circle.x_um / DBU_UM - x) > 1e-3 or abs(circle.y_um / DBU_UM - y) > 1e-3:
            return _polygon(circle_points(circle))
        if circle.d_um not in self._at_origin:
            self._at_origin[circle.d_um] = _polygon(circle_points(replace(circle, x_um=0.0, y_um=0.0)))
        return self._at_origin[circle.d_um].moved(x, y)


def _properties(masks: Any, net: str | None, name: str) -> int:
    table = {}
    if net is not None:
        table[NET_PROPERTY] = net
    if name:
        table[NAME_PROPERTY] = name
    return int(masks.properties_id(table)) if table else 0
