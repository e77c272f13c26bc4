"""Metal density: the covered part of a window moved over the die, per metal layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.types import Layout
from chipscale.results import Progress, Result


@dataclass(frozen=True, slots=True)
class Density:
    """How evenly is the metal spread? Windows of `window_um` every `step_um`; the last ones end at the die's edge."""

    window_um: float = 200.0
    step_um: float = 100.0
    layers: tuple[str, ...] = ("RDL", "RDL2", "UBM")

    name: ClassVar[str] = "layout.density"
    reads: ClassVar[tuple[str, ...]] = ("layout",)
    metrics: ClassVar[Mapping[str, str]] = {
        "rdl_min_ratio": "least covered part of a window, redistribution metal",
        "rdl_max_ratio": "most covered part of a window, redistribution metal",
        "rdl_mean_ratio": "covered part of the die, redistribution metal",
        "rdl2_min_ratio": "least covered part of a window, second redistribution metal",
        "rdl2_max_ratio": "most covered part of a window, second redistribution metal",
        "rdl2_mean_ratio": "covered part of the die, second redistribution metal",
        "ubm_min_ratio": "least covered part of a window, under-bump metal",
        "ubm_max_ratio": "most covered part of a window, under-bump metal",
        "ubm_mean_ratio": "covered part of the die, under-bump metal",
    }

    def run(self, view: Mapping[str, Any], progress: Progress | None = None) -> Result:
        """Return the map of each layer as field `<layer>_ratio` (rows from the bottom, columns from the left).

        Fields `x_um` and `y_um` hold the windows' centres.
        """
        layout: Layout = view["layout"]
        size = (layout.size_x_um, layout.size_y_um)
        if not 0 < self.step_um <= self.window_um:
            what = "the step must be positive and at most the window"
            raise InputError([Problem("density.step", what, key="step_um", value=f"{self.step_um:g}")])
        masks = to_klayout(layout)
        x_um, y_um = (self._centers(side) for side in size)
        metrics: dict[str, float] = {}
        fields = {"x_um": x_um, "y_um": y_um}
        for layer in self.layers:
            region = layer_region(masks, layer).merged()
            if region.is_empty():
                continue
            field = self._map(region, size)
            key = layer.lower()
            fields[f"{key}_ratio"] = field
            metrics[f"{key}_min_ratio"] = float(field.min())
            metrics[f"{key}_max_ratio"] = float(field.max())
            metrics[f"{key}_mean_ratio"] = region.area() * 1e-6 / (size[0] * size[1])
        return Result(self.name, metrics, fields=fields)

    def _centers(self, side_um: float) -> npt.NDArray[np.float64]:
        """Return the centres of the windows along one side, µm."""
        window = min(self.window_um, side_um)
        count = max(1, math.ceil((side_um - window) / self.step_um - 1e-9) + 1)
        starts = np.minimum(np.arange(count) * self.step_um, side_um - window)
        return np.asarray(starts + window / 2.0, dtype=np.float64)

    def _map(self, region: Any, size: tuple[float, float]) -> npt.NDArray[np.float64]:
        """Return the covered part of each window, shape (rows, columns), from a summed-area table of fine cells."""
        columns, rows = (self._centers(side) for side in size)
        window = [min(self.window_um, side) for side in size]
        xs, ys = (_cuts(centers, width) for centers, width in zip((columns, rows), window, strict=True))
        table = np.zeros((len(ys), len(xs)))
        table[1:, 1:] = _areas(region, xs, ys).cumsum(axis=0).cumsum(axis=1)
        left, right = (np.searchsorted(xs, np.round((columns + s * window[0] / 2) * 1e3)) for s in (-1, 1))
        low, high = (np.searchsorted(ys, np.round((rows + s * window[1] / 2) * 1e3)) for s in (-1, 1))
        sums = table[high][:, right] - table[high][:, left] - table[low][:, right] + table[low][:, left]
        covered: npt.NDArray[np.float64] = sums / (window[0] * window[1] * 1e6)
        return np.clip(covered, 0.0, 1.0)


def _cuts(centers_um: npt.NDArray[np.float64], window_um: float) -> npt.NDArray[np.float64]:
    """Return the sorted borders of all windows along one axis in nm."""
    borders = np.concatenate((centers_um - window_um / 2.0, centers_um + window_um / 2.0))
    return np.unique(np.round(borders * 1e3))


def _areas(region: Any, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the area in nm² within each cell of the grid `xs` by `ys` (nm), shape (len(ys) - 1, len(xs) - 1)."""
    import klayout.db as db

    areas = np.zeros((len(ys) - 1, len(xs) - 1))
    for row, (bottom, top) in enumerate(pairwise(ys.tolist())):
        strip = region & db.Region(db.Box(int(xs[0]), int(bottom), int(xs[-1]), int(top)))
        for column, (left, right) in enumerate(pairwise(xs.tolist())):
            size = db.Vector(int(right - left), int(top - bottom))
            areas[row, column] = strip.rasterize(db.Point(int(left), int(bottom)), size, 1, 1)[0][0]
    return areas
