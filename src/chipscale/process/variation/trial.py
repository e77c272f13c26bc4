"""Try recipes out: the same random numbers for each, so that what differs is the recipe."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from chipscale.process.variation.coplanarity import range_um
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.model import Model, Recipe
from chipscale.process.variation.simulate import one_wafer

Array = npt.NDArray[np.float64]
Answer = Literal["coplanarity_p99_um", "coplanarity_mean_um", "height_sd_um"]


class Trial:
    """A design's bumps on some wafers, made again with other recipes."""

    def __init__(self, model: Model, draws: Draws, wafers_count: int) -> None:
        self.model = model
        self.draws = draws
        self.wafers_count = wafers_count

    def ranges_um(self, changes: Recipe) -> Array:
        """Return the coplanarity of every die of all wafers, µm, with these options changed."""
        model = self.model.with_recipe(changes)
        return np.concatenate([range_um(one_wafer(model, self.draws, k)) for k in range(self.wafers_count)])

    def answer(self, changes: Recipe, of: Answer) -> float:
        """Return the 99 % quantile or mean of the dies' coplanarity, or the deviation of all apexes, µm."""
        if of == "height_sd_um":
            model = self.model.with_recipe(changes)
            heights = [one_wafer(model, self.draws, wafer) for wafer in range(self.wafers_count)]
            return float(np.std(np.concatenate(heights), ddof=1))
        ranges = self.ranges_um(changes)
        return float(np.quantile(ranges, 0.99)) if of == "coplanarity_p99_um" else float(ranges.mean())
