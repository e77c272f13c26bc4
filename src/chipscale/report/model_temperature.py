"""Put a steady answer's temperatures into the page for the 3D viewer: boxes of cells, eight bits each."""

from __future__ import annotations

import base64
import gzip
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.report.colors import glow
from chipscale.report.figures.color_scale import scale_of
from chipscale.report.markup import Html, script_json, tag
from chipscale.report.wording import number
from chipscale.results import Result
from chipscale.stack.types import Stack
from chipscale.stack.volume import z_range_um

Array = npt.NDArray[np.float64]
MOST_CELLS, MOST_PLANES = 96, 40  # of a box, across and up: 370 kB before packing
_OFF_RATIO = 1 / 512  # of the range, that a plane left out may be off: half of a level
_BOARD_CELLS = 48
_COLORS = 9  # of the scale, even between them


class Box(NamedTuple):
    """Temperatures (nz, ny, nx) in °C at the middle of even cells across and at heights z_um (nz,), rising."""

    x_um: tuple[float, float]
    y_um: tuple[float, float]
    z_um: Array
    t_C: Array


def temperature_script(result: Result | None, stack: Stack | None) -> Html | None:
    """Return the script element with the temperatures of `thermal.steady`; None where there are none."""
    boxes = boxes_of(result, stack) if result is not None and stack is not None else None
    if boxes is None:
        return None
    package, board = boxes
    ends = [float(package.t_C.min()), float(package.t_C.max())]
    both = [*ends, float(board.t_C.min()), float(board.t_C.max())]
    data = {
        "colors": [glow(k / (_COLORS - 1)) for k in range(_COLORS)],
        "package": _packed(package) | _scale(ends),
        "board": _packed(board) | _scale(both),
    }
    return tag("script", script_json(data), type="application/json", id="model-heat")


def boxes_of(result: Result, stack: Stack) -> tuple[Box, Box] | None:
    """Return the package and the board near it as the model shows them: balls as before mounting, the board on them.

    Heights from the balls' base on are stretched, for a joint is lower than the ball it was.
    """
    if "near_C" not in result.fields:
        return None
    f = {name: np.asarray(values) for name, values in result.fields.items()}
    near, z_um = f["near_C"], 1e3 * f["z_mm"]
    x, y = 1e3 * f["near_x_mm"], 1e3 * f["near_y_mm"]
    land = int(np.isfinite(near[:, 0, 0]).argmax())  # beside the package there is only the board
    columns = _within(x, 0.0, stack.size_x_um)
    rows = _within(y, 0.0, stack.size_y_um)
    inside = closed(near[:land, rows, columns])
    drawn = _drawn(z_um, z_um[land], stack)
    middles = (drawn[1:] + drawn[:-1]) / 2
    package = _thinned(_Even(x, y, columns, rows).box(middles[:land], inside, MOST_CELLS))
    whole = _Even(x, y, slice(0, len(x) - 1), slice(0, len(y) - 1))
    return package, _thinned(whole.box(middles[land:], near[land:], _BOARD_CELLS))


class _Even(NamedTuple):
    """Cells between lines across and up, of which some are taken."""

    x_um: Array
    y_um: Array
    columns: slice
    rows: slice

    def box(self, z_um: Array, t_C: Array, most: int) -> Box:
        """Return temperatures (nz, ny, nx) of these cells at the middles of at most so many even ones."""
        ends = []
        for axis, (edges, part) in enumerate(((self.x_um, self.columns), (self.y_um, self.rows))):
            edges = edges[part.start : part.stop + 1]
            middles = (edges[1:] + edges[:-1]) / 2
            count = min(len(middles), most)
            low, high = float(edges[0]), float(edges[-1])
            t_C = _interpolated(low + (np.arange(count) + 0.5) * (high - low) / count, middles, t_C, 2 - axis)
            ends.append((low, high))
        return Box(ends[0], ends[1], z_um, t_C)


def _interpolated(at: Array, middles: Array, values: Array, axis: int) -> Array:
    """Return values (…) at other places along an axis, linear in between, constant beyond the ends."""
    if len(middles) == 1:
        return np.repeat(values, len(at), axis)
    k = np.clip(np.searchsorted(middles, at) - 1, 0, len(middles) - 2)
    share = np.clip((at - middles[k]) / (middles[k + 1] - middles[k]), 0.0, 1.0)
    share = share.reshape([-1 if way == axis else 1 for way in range(values.ndim)])
    return np.take(values, k, axis) * (1 - share) + np.take(values, k + 1, axis) * share


def _within(edges: Array, low: float, high: float) -> slice:
    first, last = np.searchsorted(edges, (low - 0.01, high - 0.01))
    return slice(int(first), int(last))


def _drawn(z_um: Array, land_um: float, stack: Stack) -> Array:
    """Return heights on the board as heights in the model."""
    balls = [z_range_um(body) for body in stack.bodies if body.layer == "BALL"]
    if not balls:
        return z_um
    base, top = min(low for low, _ in balls), max(high for _, high in balls)
    stretched = base + (z_um - base) * (top - base) / max(land_um - base, 1e-9)
    return np.where(z_um <= base, z_um, np.where(z_um >= land_um, z_um - land_um + top, stretched))


def closed(t_C: Array) -> Array:
    """Return temperatures (nz, ny, nx) with empty cells filled from their neighbours in the layer, step by step.

    So a body's edge that shares its cell with air has the body's temperature.

    >>> closed(np.array([[[1.0, np.nan, np.nan, 4.0]]])).tolist()
    [[[1.0, 1.0, 4.0, 4.0]]]
    """
    filled = t_C.copy()
    for _ in range(sum(t_C.shape[1:])):
        empty = np.isnan(filled)
        if not empty.any():
            break
        wide = np.pad(filled, ((0, 0), (1, 1), (1, 1)), constant_values=np.nan)
        around = np.stack((wide[:, 1:-1, 2:], wide[:, 1:-1, :-2], wide[:, 2:, 1:-1], wide[:, :-2, 1:-1]))
        known, total = np.isfinite(around).sum(axis=0), np.nansum(around, axis=0)
        found = empty & (known > 0)
        if not found.any():
            break
        filled[found] = total[found] / known[found]
    return np.where(np.isnan(filled), np.nanmean(t_C), filled)


def _thinned(box: Box) -> Box:
    """Return the box with those planes alone that the others, linear in between, do not give within half a level."""
    limit = _OFF_RATIO * max(float(np.ptp(box.t_C)), 1e-9)
    kept = {0, len(box.z_um) - 1}
    while len(kept) < min(MOST_PLANES, len(box.z_um)):
        order = sorted(kept)
        off = np.abs(_interpolated(box.z_um, box.z_um[order], box.t_C[order], 0) - box.t_C).max(axis=(1, 2))
        if off.max() <= limit:
            break
        kept.add(int(off.argmax()))
    order = sorted(kept)
    return box._replace(z_um=box.z_um[order], t_C=box.t_C[order])


def _packed(box: Box) -> dict[str, Any]:
    low, high = float(box.t_C.min()), float(box.t_C.max())
    level = np.rint(255.0 * (box.t_C - low) / max(high - low, 1e-9)).astype(np.uint8)
    packed = gzip.compress(level.tobytes(), compresslevel=7, mtime=0)
    return {
        "x": box.x_um,
        "y": box.y_um,
        "z": np.round(box.z_um, 3).tolist(),
        "cells": level.shape[::-1],
        "low": round(low, 4),
        "high": round(high, 4),
        "levels": base64.b64encode(packed).decode("ascii"),
    }


def _scale(values_C: list[float]) -> dict[str, Any]:
    found = scale_of(values_C, powers=False)
    return {"scale": [found.low, found.high], "marks": [[value, number(round(value, 9))] for value in found.marks()]}
