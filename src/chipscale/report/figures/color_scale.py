"""A colour scale between two values, even or by powers of ten, and its drawing with ticks and the unit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from chipscale.report.colors import glow
from chipscale.report.markup import Html, tag
from chipscale.report.svg import nice_step, rect, text, ticks
from chipscale.report.wording import number

STEPS = 48  # colours of the scale
_WIDE_RATIO = 25.0  # values that differ by more than this are shown by powers of ten


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` in colours; `powers`: by their logarithm."""

    low: float
    high: float
    powers: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies between 0 and 1; values beyond an end lie at it."""
        if self.powers:
            if value <= 0:
                return 0.0
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return min(max(part, 0.0), 1.0)

    def level(self, value: float) -> int:
        """Return the colour's number, 0 to STEPS - 1."""
        return min(int(self.place(value) * STEPS), STEPS - 1)

    def color(self, value: float) -> str:
        """Return the colour of a value."""
        return level_color(self.level(value))

    def marks(self, wanted: int = 6) -> list[float]:
        """Return round values along the scale."""
        if not self.powers:
            return ticks(self.low, self.high, wanted)
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        few = (1.0,) if last - first > 3 else (1.0, 2.0, 5.0)
        found = [m * 10.0**k for k in range(first, last + 1) for m in few]
        return [value for value in found if self.low * 0.999 <= value <= self.high * 1.001]


def level_color(level: int) -> str:
    """Return the colour of a level of the scale."""
    return glow((level + 0.5) / STEPS)


def scale_of(values: Iterable[float], powers: bool | None = None) -> Scale:
    """Return a scale with round ends around all finite values; by powers of ten where they differ by more than 25."""
    found = np.array([value for value in values if math.isfinite(value)])
    if not len(found):
        return Scale(0.0, 1.0)
    low, high = float(found.min()), float(found.max())
    positive = found[found > 0]
    if powers is None:
        powers = low > 0 and high > _WIDE_RATIO * low
    if powers and len(positive):
        return _by_powers(float(positive.min()), high)
    step = nice_step(max(high - low, 1e-6 * max(abs(high), abs(low), 1e-12)), 5)
    low, high = step * math.floor(low / step), step * math.ceil(high / step - 1e-9)
    return Scale(low, high if high > low else low + step)


def _by_powers(low: float, high: float) -> Scale:
    """Return a scale whose ends are 1, 2 or 5 times a power of ten."""
    ends = [m * 10.0**k for k in range(-30, 31) for m in (1.0, 2.0, 5.0)]
    start = max(end for end in ends if end <= low * 1.0001)
    stop = min(end for end in ends if end >= high * 0.9999)
    return Scale(start, stop if stop > start else 2 * start, True)


def scale_bar(scale: Scale, place: tuple[float, float, float], unit: str) -> Html:
    """Return the bar with ticks at its right, the unit above it; `place` is x, top and bottom of the bar."""
    x, top, bottom = place
    tall = (bottom - top) / STEPS
    bars = [rect(x, bottom - tall * (k + 1), 14, tall + 0.4, fill=level_color(k)) for k in range(STEPS)]
    marks = [
        text(x + 20, bottom - (bottom - top) * scale.place(value) + 4, _tick(value), class_="tick")
        for value in scale.marks()
    ]
    return tag("g", text(x, top - 12, unit, class_="axis-title"), bars, marks)


def _tick(value: float) -> str:
    """Return a tick's words; small ones as a power of ten."""
    return number(value, 1) if abs(value) < 1e-3 and value else number(round(value, 9))
