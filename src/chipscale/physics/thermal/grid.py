"""The lines of a box grid: through all faces that matter, fine near the die, coarser with distance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Zone(NamedTuple):
    """From low to high (a point: the same) cells are no wider than `cell`, beyond it wider with distance."""

    low: float
    high: float
    cell: float


def lines(faces: Iterable[float], zones: Sequence[Zone], growth: float, largest: float) -> Array:
    """Return rising grid lines through all `faces`; between them cells as the zones want them, wider by `growth` times
    the distance from a zone, up to `largest`.

    >>> lines([0.0, 1.0, 4.0], [Zone(0.0, 1.0, 0.5)], 0.5, 9.0).round(3).tolist()
    [0.0, 0.5, 1.0, 1.588, 2.52, 4.0]
    """
    found: list[float] = []
    stops = sorted(set(faces))
    for low, high in pairwise(stops):
        at = _looked_at(low, high, zones, growth)
        size = _size(at, zones, growth, largest)
        done = np.concatenate(([0.0], np.cumsum(np.diff(at) * 2 / (size[1:] + size[:-1]))))
        count = max(1, math.ceil(float(done[-1]) - 1e-6))
        found += np.interp(np.arange(count) * done[-1] / count, done, at).tolist()
    return np.array([*found, stops[-1]])


def _looked_at(low: float, high: float, zones: Sequence[Zone], growth: float) -> Array:
    """Return where between two faces the cells' size is looked at: 64 even steps, and closer at zones with an end
    there whose cells are far smaller."""
    even = np.linspace(low, high, 65)
    if not any(zone.cell + growth * (zone.high - zone.low) < (high - low) / 64 for zone in zones):
        return even
    near = np.geomspace((high - low) * 1e-4, high - low, 64)
    return np.unique(np.concatenate((even, np.clip(low + near, low, high), np.clip(high - near, low, high))))


def _size(at: Array, zones: Sequence[Zone], growth: float, largest: float) -> Array:
    size = np.full(at.shape, largest)
    for zone in zones:
        off = np.maximum(np.maximum(zone.low - at, at - zone.high), 0.0)
        size = np.minimum(size, zone.cell + growth * off)
    return size


def merged(values: Iterable[float], least: float) -> list[float]:
    """Return values in order with those closer than `least` to the one before left out, the last one kept.

    >>> merged([0.0, 0.05, 1.0, 1.02], 0.1)
    [0.0, 1.02]
    """
    ordered = sorted(values)
    kept = ordered[:1]
    for value in ordered[1:]:
        if value - kept[-1] >= least:
            kept.append(value)
    if kept[-1] != ordered[-1]:
        kept = [*kept[:-1], ordered[-1]] if len(kept) > 1 else [*kept, ordered[-1]]
    return kept
