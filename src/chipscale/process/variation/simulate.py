"""Make wafers by chance: wafer by wafer every bump's apex, from it each die's coplanarity, and what films do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.process.variation.coplanarity import range_um, seating
from chipscale.process.variation.draws import Draws
from chipscale.process.variation.model import Model, deviation, heights_um
from chipscale.process.variation.places import Places
from chipscale.process.variation.sources import Source
from chipscale.results import Progress

Array = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]
_BINS = 80


@dataclass(slots=True)
class Moments:
    """Count, mean and sum of squares about the mean, added to in parts (Chan, Golub, LeVeque, 1979)."""

    count: int = 0
    mean: Any = 0.0
    squares: Any = 0.0

    def add(self, values: Any) -> None:
        """Take in more values, all of them."""
        n, mean = values.size, float(values.mean(dtype=np.float64))
        squares = float(np.square(values - values.dtype.type(mean)).sum(dtype=np.float64))
        away = mean - self.mean
        total = self.count + n
        self.squares += squares + away * away * self.count * n / total
        self.mean += away * n / total
        self.count = total

    @property
    def sd(self) -> float:
        """Return the standard deviation."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What was made: by wafer and die the coplanarity, the seating plane's deviation and the heights, in µm."""

    range_um: Single  # (wafers, dies)
    seating_um: Single | None  # None where no seating plane exists
    mean_um: Array  # mean apex of the die's bumps
    within_um2: Array  # variance of the apexes within the die
    height: Moments
    inside_count: int  # apexes between the limits
    edges_um: Array  # of the heights' histogram
    counts: npt.NDArray[np.int64]
    bump_um: Array  # (bumps,) mean apex of each bump
    kinds: Mapping[tuple[str, str], Moments] = field(default_factory=dict)  # what varies, by (what, layer)


def one_wafer(model: Model, draws: Draws, wafer: int) -> npt.NDArray[np.float64]:
    """Return the apexes of all bumps of a wafer, (dies, bumps), µm above the die's face."""
    off = {place: deviation(source, draws, wafer) for place, source in enumerate(model.sources)}
    return _full(heights_um(model, off), draws)


def simulate(
    model: Model,
    draws: Draws,
    wafers_count: int,
    centre_um: tuple[float, float],
    *,
    limits_um: tuple[float, float] = (-math.inf, math.inf),
    progress: Progress | None = None,
) -> Sample:
    """Return the sample of `wafers_count` wafers.

    `centre_um` is the package's centre of gravity; apexes between `limits_um` are counted.
    """
    dies = len(draws.places.x_mm)
    places_um = model.chain.places_um
    ranges, seats = np.zeros((wafers_count, dies), np.float32), np.zeros((wafers_count, dies), np.float32)
    means, within = np.zeros((wafers_count, dies)), np.zeros((wafers_count, dies))
    edges = _edges(model, draws)
    counts = np.zeros(_BINS, dtype=np.int64)
    kinds: dict[tuple[str, str], Moments] = {}
    height, bump, inside, seated = Moments(), np.zeros(len(places_um)), 0, True
    for wafer in range(wafers_count):
        off = {place: deviation(source, draws, wafer) for place, source in enumerate(model.sources)}
        z = _full(heights_um(model, off), draws)
        ranges[wafer], means[wafer], within[wafer] = range_um(z), z.mean(axis=1), z.var(axis=1)
        sat = seating(z, places_um, centre_um) if seated else None
        seated = sat is not None
        if sat is not None:
            seats[wafer] = sat.deviation_um
        height.add(z)
        bump += z.mean(axis=0) / wafers_count
        inside += int(((z >= limits_um[0]) & (z <= limits_um[1])).sum())
        counts += np.histogram(np.clip(z, edges[0], edges[-1]), edges)[0]
        _measure(model, off, kinds)
        if progress is not None:
            progress((wafer + 1) / wafers_count, f"wafer {wafer + 1} of {wafers_count}")
    return Sample(ranges, seats if seated else None, means, within, height, inside, edges, counts, bump, kinds)


def _full(heights: npt.NDArray[np.float64], draws: Draws) -> npt.NDArray[np.float64]:
    """Return the heights at every bump of every die, also where they do not differ."""
    return np.broadcast_to(heights, (len(draws.places.x_mm), len(draws.places.bump_x_mm)))


def _measure(model: Model, off: Mapping[int, Any], kinds: dict[tuple[str, str], Moments]) -> None:
    """Take in what each film's thickness, each line width and each diameter deviated by, over all its sources."""
    sums: dict[tuple[str, str], Any] = {}
    for place, source in enumerate(model.sources):
        part = off[place]
        if source.kind[0] == "thickness" and source.target == "film":
            mean = float(model.chain.terms[source.term].mean_um.mean())
            if source.quantity.endswith("_pct"):
                part = part * np.float32(0.01 * (source.laid_um or mean))
        sums[source.kind] = sums[source.kind] + part if source.kind in sums else part
    for kind, values in sorted(sums.items()):
        kinds.setdefault(kind, Moments()).add(np.asarray(values))


def _edges(model: Model, draws: Draws) -> Array:
    """Return the edges of the heights' histogram: what the first wafer shows, and half as much on both sides."""
    z = one_wafer(model, draws, 0)
    low, high = float(z.min()), float(z.max())
    room = max(0.5 * (high - low), 0.01)
    return np.linspace(low - room, high + room, _BINS + 1)


def range_of_independent_um(bumps_count: int, dies_count: int, seed: int) -> float:
    """Return the mean range in µm of dies whose bumps vary independently by 1 µm, made as all dies are.

    Its expectation is `coplanarity.expected_range`: a check of the random numbers and the range.
    """
    places = Places(np.zeros(dies_count), np.zeros(dies_count), np.zeros(bumps_count), np.zeros(bumps_count), 150.0)
    source = Source(0, "", "height_um", "", {"feature": 1.0}, "")
    return float(range_um(deviation(source, Draws(places, seed, 30.0), 0)).mean(dtype=np.float64))
