"""The random numbers of one wafer by level: reproducible source by source, whatever else varies."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from chipscale.process.variation.places import Places
from chipscale.process.variation.sources import Source

Level = Literal["lot", "wafer", "radius", "die", "feature"]
Single = npt.NDArray[np.float32]
WAFERS_PER_LOT = 25
_NUMBER = {"lot": 0, "wafer": 1, "die": 3, "feature": 4}
_WAVES = 32  # of the smooth field


class Draws:
    """Standard deviations of 1 by source, level and wafer; the same seed gives the same numbers in any order.

    lot: one number per 25 wafers. wafer: one per wafer. radius: the bowl (r/R)² - 1/2, nothing random. die: a smooth
    random field over the wafer, normal, correlated as exp(-d² / 2 l²) at the distance d, l = `correlation_mm`; within a
    die it is its value at the centre and its slope there, so that dies differ and also tilt. feature: one independent
    number per bump.
    """

    def __init__(self, places: Places, seed: int, correlation_mm: float, keep: bool = False) -> None:
        self.places = places
        self.seed = seed
        self.correlation_mm = correlation_mm
        self._kept: dict[tuple[tuple[int, int], str, int], Any] | None = {} if keep else None
        self._bowl = places.bowl

    def unit(self, source: Source, level: str, wafer: int) -> Any:
        """Return the numbers as an array that fits (dies, bumps)."""
        if level == "radius":
            return self._bowl
        number = wafer // WAFERS_PER_LOT if level == "lot" else wafer
        place = (source.key, level, number)
        if self._kept is not None and place in self._kept:
            return self._kept[place]
        rng = np.random.default_rng([self.seed, *source.key, _NUMBER[level], number])
        made = self._drawn(rng, level)
        if self._kept is not None:
            self._kept[place] = made
        return made

    def _drawn(self, rng: np.random.Generator, level: str) -> Any:
        if level in ("lot", "wafer"):
            return np.full((1, 1), rng.standard_normal(), dtype=np.float32)
        dies, bumps = len(self.places.x_mm), len(self.places.bump_x_mm)
        if level == "feature":
            return rng.standard_normal((dies, bumps), dtype=np.float32)
        value, slope_x, slope_y = self._field(rng)
        across = slope_x[:, None] * self.places.bump_x_mm.astype(np.float32)
        across += slope_y[:, None] * self.places.bump_y_mm.astype(np.float32)
        return value[:, None] + across

    def _field(self, rng: np.random.Generator) -> tuple[Single, Single, Single]:
        """Return a smooth random field at the dies' centres and its slopes per mm, (dies,) each.

        A sum of waves of random direction, length and phase (A. Rahimi, B. Recht, "Random features for large-scale
        kernel machines", 2007): its correlation is the Gaussian, its values normal as the waves are many.
        """
        waves = (rng.standard_normal((_WAVES, 2)) / self.correlation_mm).astype(np.float32)
        phase = (rng.random(_WAVES) * 2.0 * np.pi).astype(np.float32)
        at = np.column_stack((self.places.x_mm, self.places.y_mm)).astype(np.float32) @ waves.T + phase
        size = np.float32(np.sqrt(2.0 / _WAVES))
        slopes = -size * np.sin(at) @ waves
        return size * np.cos(at).sum(axis=1), slopes[:, 0], slopes[:, 1]
