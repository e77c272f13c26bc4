"""What each way of dicing takes away and how fast it goes: kerf, chipping, feed, strength, time per wafer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

ASSUMED = "assumed: usual practice"
_WIRESAW = "wiresawcutter.com, diced-wafer-process"
_LASER_DIES = "40 µm die strength characterization (abstract)"


class Usual(NamedTuple):
    """A usual value, its range, and who says so; in the unit of the option it stands for."""

    value: float
    low: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Method:
    """A way of dicing. Chipping counts per side; `strength_ratio` is against a sawn die."""

    kerf_um: Usual
    front_chipping_um: Usual
    back_chipping_um: Usual
    feed_mm_s: Usual
    strength_ratio: float
    strength_source: str
    pass_um: float  # silicon cut in one pass


_NONE = Usual(0.0, 0.0, 0.0, "no tool touches the silicon")
METHODS: dict[str, Method] = {
    "blade": Method(
        Usual(30.0, 15.0, 60.0, f"{_WIRESAW}: 20 to 40 µm"),
        Usual(8.0, 0.0, 20.0, ASSUMED),
        Usual(20.0, 0.0, 60.0, ASSUMED),
        Usual(50.0, 1.0, 100.0, f"{ASSUMED}: 20 to 100 mm/s; laboratories 4 to 10 (UCSB nanofab wiki)"),
        1.0,
        "the strength of sawn dies is the reference",
        1000.0,
    ),
    "laser": Method(
        Usual(15.0, 8.0, 50.0, ASSUMED),
        Usual(3.0, 0.0, 10.0, ASSUMED),
        Usual(5.0, 0.0, 20.0, ASSUMED),
        Usual(200.0, 50.0, 600.0, ASSUMED),
        0.3,
        f"{_LASER_DIES}: 70 % less than sawn",
        25.0,
    ),
    "stealth": Method(
        Usual(0.0, 0.0, 3.0, f"{_WIRESAW}: near zero"),
        Usual(1.0, 0.0, 5.0, ASSUMED),
        Usual(2.0, 0.0, 5.0, ASSUMED),
        Usual(300.0, 100.0, 1000.0, ASSUMED),
        1.0,
        ASSUMED,
        60.0,
    ),
    "plasma": Method(
        Usual(15.0, 10.0, 30.0, ASSUMED),
        _NONE,
        _NONE,
        _NONE,
        1.11,
        f"{_LASER_DIES}: plasma brings laser-cut dies to 370 % of their strength",
        1000.0,
    ),
}


@dataclass(frozen=True, slots=True)
class Through:
    """What a layer of one class in the cut asks of a blade or laser: no faster feed, no smaller kerf and chips."""

    feed_ratio: float  # of silicon's feed
    kerf_um: float
    front_chipping_um: float
    back_chipping_um: float
    least_um: float  # a thinner film is cut with the silicon
    source: str


THROUGH: dict[str, Through] = {
    "glass": Through(0.1, 40.0, 12.0, 25.0, 0.0, f"{ASSUMED}: glass is sawn at 1 to 10 mm/s with resin blades"),
    "polymer": Through(0.5, 0.0, 0.0, 0.0, 20.0, f"{ASSUMED}: a polymer clogs the blade"),
}
# what a laser focused into silicon does not crack
NOT_CRACKED: dict[str, str] = {
    "glass": f"{ASSUMED}: focus and wavelength are set for silicon; glass needs a pass of its own",
    "polymer": f"{ASSUMED}: a polymer stretches where silicon cracks; the tape's expansion has to tear it",
}
NOT_ETCHED = ("glass",)  # what a silicon plasma stops at


def lines_count(diameter_mm: float, pitch_mm: float) -> int:
    """Return how many streets of one direction cross the wafer.

    >>> lines_count(300.0, 2.56)
    117
    """
    return math.floor(diameter_mm / pitch_mm + 1e-9)


def cutting_s(
    diameter_mm: float, pitch_x_mm: float, pitch_y_mm: float, feed_mm_s: float, *, spindles_count: float = 1.0
) -> float:
    """Return the time in s the tool cuts: every street over the full diameter, shared by the spindles.

    Strokes back, lifting and indexing not counted.

    >>> round(cutting_s(300.0, 2.56, 4.16, 50.0, spindles_count=2.0) / 60, 2)
    9.45
    """
    lines = lines_count(diameter_mm, pitch_x_mm) + lines_count(diameter_mm, pitch_y_mm)
    return lines * diameter_mm / feed_mm_s / spindles_count
