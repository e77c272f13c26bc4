"""The lines of a box grid: through all faces that matter, fine near the die, coarser with distance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def lines(faces: Iterable[float], fine: tuple[float, float], cell: float, growth: float, largest: float) -> Array:
    """Return rising grid lines through all `faces`; between them cells of `cell` inside `fine` (low, high), wider by
    `growth` times the distance from there, up to `largest`.

    >>> lines([0.0, 1.0, 4.0], (0.0, 1.0), 0.5, 0.5, 9.0).round(3).tolist()
    [0.0, 0.5, 1.0, 1.588, 2.52, 4.0]
    """
    found: list[float] = []
    stops = sorted(set(faces))
    for low, high in pairwise(stops):
        count = max(1, math.ceil(_count(low, high, fine, cell, growth, largest) - 1e-6))
        at = np.linspace(low, high, 65)
        size = _size(at, fine, cell, growth, largest)
        done = np.concatenate(([0.0], np.cumsum(np.diff(at) * 2 / (size[1:] + size[:-1]))))
        found += np.interp(np.arange(count) * done[-1] / count, done, at).tolist()
    return np.array([*found, stops[-1]])


def _size(at: Array, fine: tuple[float, float], cell: float, growth: float, largest: float) -> Array:
    off = np.maximum(np.maximum(fine[0] - at, at - fine[1]), 0.0)
    return np.minimum(cell + growth * off, largest)


def _count(low: float, high: float, fine: tuple[float, float], cell: float, growth: float, largest: float) -> float:
    at = np.linspace(low, high, 65)
    size = _size(at, fine, cell, growth, largest)
    return float((np.diff(at) * 2 / (size[1:] + size[:-1])).sum())


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
