"""The wafer masks: the die stepped over the wafer in as few arrays as possible, cut round where partial dies print."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chipscale.errors import InputError, Problem, did_you_mean
from chipscale.layout.masks import layer_index, to_klayout, write_klayout
from chipscale.layout.types import LAYER, Layout
from chipscale.layout.wafer_map import WaferDie, WaferMap, wafer_map
from chipscale.spec.model import Wafer

__all__ = ["WaferDie", "WaferMap", "wafer_map", "wafer_masks", "write_wafer"]

_ROUND_SIDES = 720  # of the clipping circle; at 150 mm radius its sides are at most 1.4 µm inside the circle
Site = tuple[int, int]


def write_wafer(layout: Layout, wafer: Wafer, path: Path) -> WaferMap:
    """Write the wafer masks to `path` (GDS or OASIS, origin at the wafer's centre) and return the map of its dies."""
    masks, found = wafer_masks(layout, wafer)
    write_klayout(masks, Path(path))
    return found


def wafer_masks(layout: Layout, wafer: Wafer) -> tuple[Any, WaferMap]:
    """Return (klayout.db.Layout, map): full dies as arrays of the die's cell, partial dies cut at the edge exclusion.

    `partial_dies` of the wafer block drops or keeps them for all layers or by layer name ("drop" where not named).
    """
    import klayout.db as db

    kept = _kept_layers(wafer)
    found = wafer_map((layout.size_x_um, layout.size_y_um), wafer)
    masks = to_klayout(layout)
    die = masks.top_cell()
    top = masks.create_cell(f"{die.name}_WAFER")
    pitch = round(found.step_x_mm * 1e6), round(found.step_y_mm * 1e6)
    origin = round(wafer.offset_x_um * 1e3), round(wafer.offset_y_um * 1e3)
    full = [(item.col, item.row) for item in found.dies if item.state == "full"]
    for (col, row), (columns, rows) in rectangles(full):
        at = db.Trans(db.Vector(origin[0] + col * pitch[0], origin[1] + row * pitch[1]))
        across, up = db.Vector(pitch[0], 0), db.Vector(0, pitch[1])
        top.insert(db.CellInstArray(die.cell_index(), at, across, up, columns, rows))
    present = [name for name in LAYER if layer_index(masks, name) is not None]
    partial = [item for item in found.dies if item.state == "partial"]
    layers = []
    for name in present:
        keeps = name in kept
        if keeps:
            _cut(masks, top, die, (name, partial, found), (origin, pitch))
        layers.append((name, "keep" if keeps else "drop", len(full) + (len(partial) if keeps else 0)))
    return masks, replace(found, layers=tuple(layers))


def rectangles(sites: Iterable[Site]) -> list[tuple[Site, Site]]:
    """Return ((col, row), (columns, rows)) of rectangles that cover every site once, largest first."""
    left = set(sites)
    found = []
    while left:
        best = max(_largest(left), key=lambda item: (item[1][0] * item[1][1], -item[0][1], -item[0][0]))
        (col, row), (columns, rows) = best
        left -= {(c, r) for c in range(col, col + columns) for r in range(row, row + rows)}
        found.append(best)
    return found


def _largest(sites: set[Site]) -> list[tuple[Site, Site]]:
    """Return for each lower-left site of a run the best rectangle that grows upwards from that run."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for row in sorted({site[1] for site in sites}):
        cols = sorted(col for col, r in sites if r == row)
        runs: list[tuple[int, int]] = []
        for col in cols:
            if runs and runs[-1][1] == col - 1:
                runs[-1] = (runs[-1][0], col)
            else:
                runs.append((col, col))
        rows[row] = runs
    found = []
    for row, runs in rows.items():
        for start, end in runs:
            low, high, r = start, end, row
            while True:
                found.append(((low, row), (high - low + 1, r - row + 1)))
                r += 1
                inner = [(max(low, a), min(high, b)) for a, b in rows.get(r, ()) if a <= high and b >= low]
                if not inner:
                    break
                low, high = max(inner, key=lambda run: (run[1] - run[0], -run[0]))
    return found


def _kept_layers(wafer: Wafer) -> frozenset[str]:
    """Return the layers whose partial dies are kept."""
    if isinstance(wafer.partial_dies, str):
        return frozenset(LAYER) if wafer.partial_dies == "keep" else frozenset()
    unknown = [name for name in wafer.partial_dies if name not in LAYER]
    if unknown:
        raise InputError(
            [
                Problem(
                    "wafer.unknown_layer",
                    "unknown layer",
                    key=f"wafer.partial_dies.{name}",
                    value=name,
                    remedy=did_you_mean(name, LAYER),
                )
                for name in unknown
            ]
        )
    return frozenset(name for name, how in wafer.partial_dies.items() if how == "keep")


def _cut(
    masks: Any,
    top: Any,
    die: Any,
    what: tuple[str, list[WaferDie], WaferMap],
    where: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    """Draw one layer of the partial dies into the wafer's own cell for it, cut at the usable circle."""
    import klayout.db as db

    (name, partial, found), (origin, pitch) = what, where
    if not partial:
        return
    index = layer_index(masks, name)
    drawn = db.Region(die.begin_shapes_rec(index)).merged()
    cell = masks.create_cell(f"{top.name}_EDGE_{name}")
    circle = db.Region(_disc(round(found.usable_radius_mm * 1e6)))
    for item in partial:
        at = db.Vector(origin[0] + item.col * pitch[0], origin[1] + item.row * pitch[1])
        cell.shapes(index).insert(drawn.moved(at) & circle)
    top.insert(db.CellInstArray(cell.cell_index(), db.Trans()))


def _disc(radius_nm: int) -> Any:
    """Return the polygon inside a circle about the origin."""
    import klayout.db as db

    angles = [2.0 * math.pi * step / _ROUND_SIDES for step in range(_ROUND_SIDES)]
    return db.Polygon(
        [db.Point(math.floor(radius_nm * math.cos(a)), math.floor(radius_nm * math.sin(a))) for a in angles]
    )
