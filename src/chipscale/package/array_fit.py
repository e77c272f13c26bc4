"""How many balls fit into a rectangle, at which pitch a number would fit, and which rectangle would hold it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_TOLERANCE = 1e-9  # of a pitch: an array exactly as wide as its room fits


@dataclass(frozen=True, slots=True)
class Lattice:
    """Ball sites: steps in x and y in µm; `half` when only every other site (checkerboard) holds a ball."""

    step_x_um: float
    step_y_um: float
    half: bool = False


def square(pitch_um: float) -> Lattice:
    """Return the square array of one pitch."""
    return Lattice(pitch_um, pitch_um)


def hexagonal(pitch_um: float, along: str = "x") -> Lattice:
    """Return the hexagonal array of one pitch, its close rows running along x or y."""
    near, far = pitch_um / 2, pitch_um * math.sqrt(3) / 2
    return Lattice(near, far, True) if along == "x" else Lattice(far, near, True)


def fits(lattice: Lattice, room_um: tuple[float, float], factors: Floats | float = 1.0) -> npt.NDArray[np.int64]:
    """Return how many ball centres fit into a room (x, y) in µm, for each of `factors` (n,) times the pitch.

    >>> int(fits(square(400.0), (2400.0, 2399.0)))
    42
    """
    factor = np.asarray(factors, dtype=np.float64)
    if min(room_um) < 0:
        return np.zeros(factor.shape, dtype=np.int64)
    cols = np.floor(room_um[0] / (lattice.step_x_um * factor) + _TOLERANCE).astype(np.int64) + 1
    rows = np.floor(room_um[1] / (lattice.step_y_um * factor) + _TOLERANCE).astype(np.int64) + 1
    return (cols * rows + 1) // 2 if lattice.half else cols * rows


def largest_factor(lattice: Lattice, room_um: tuple[float, float], needed: int) -> float | None:
    """Return the largest factor on the pitch at which `needed` balls fit; None when none does, inf for one ball.

    The number that fits falls in steps as the pitch grows; a step lies where a whole number of steps fills the room
    in x or in y, so that trying those factors gives the exact answer.
    """
    if min(room_um) < 0:
        return None
    if needed <= 1:
        return math.inf
    counts = np.arange(1, 2 * needed + 1, dtype=np.float64)
    factors = np.concatenate((room_um[0] / lattice.step_x_um / counts, room_um[1] / lattice.step_y_um / counts))
    factors = factors[factors > 0]
    good = factors[fits(lattice, room_um, factors) >= needed]
    return float(good.max()) if len(good) else None


def smallest_room(
    lattice: Lattice, needed: int, aspect: tuple[float, float], borders_um: tuple[float, float]
) -> tuple[float, float]:
    """Return the smallest (x, y) in µm of this aspect that holds `needed` balls and borders.

    `borders_um`: what both borders take in x (left and right together) and in y.
    """
    sites = 2 * needed - 1 if lattice.half else needed
    cols = np.arange(1, sites + 1)
    rows = -(-sites // cols)
    need_x = (cols - 1) * lattice.step_x_um + borders_um[0]
    need_y = (rows - 1) * lattice.step_y_um + borders_um[1]
    scale = float(np.maximum(need_x / aspect[0], need_y / aspect[1]).min())
    return aspect[0] * scale, aspect[1] * scale
