"""Partial inductance of straight bars and filaments: closed forms where they are exact, quadrature where they fail."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]
MU0_4PI = 1e-7  # H/m, to 2e-10 of its CODATA 2018 value
_NEAR = 3.0  # gaps below this many cross-sections need the closed form of thick bars


@njit(cache=True)
def _primitive(x: float, y: float, z: float) -> float:
    """Hoer and Love (J. Res. NBS 69C (1965) 127), eq. 14: the sixfold primitive of 1/r."""
    x2, y2, z2 = x * x, y * y, z * z
    r = math.sqrt(x2 + y2 + z2)
    total = (x2 * x2 + y2 * y2 + z2 * z2 - 3 * (x2 * y2 + y2 * z2 + z2 * x2)) * r / 60.0
    yz, zx, xy = y2 + z2, z2 + x2, x2 + y2
    if yz > 0.0:
        total += (y2 * z2 / 4 - (y2 * y2 + z2 * z2) / 24) * x * math.asinh(x / math.sqrt(yz))
    if zx > 0.0:
        total += (z2 * x2 / 4 - (z2 * z2 + x2 * x2) / 24) * y * math.asinh(y / math.sqrt(zx))
    if xy > 0.0:
        total += (x2 * y2 / 4 - (x2 * x2 + y2 * y2) / 24) * z * math.asinh(z / math.sqrt(xy))
    if r > 0.0:
        total -= x * y * z * z2 / 6 * math.atan2(x * y, z * r) if z != 0.0 else 0.0
        total -= x * y * y2 * z / 6 * math.atan2(x * z, y * r) if y != 0.0 else 0.0
        total -= x * x2 * y * z / 6 * math.atan2(y * z, x * r) if x != 0.0 else 0.0
    return total


@njit(cache=True)
def _thick(size1: Array, size2: Array, gap: Array) -> float:
    """Return M / (µ0/4π) of two parallel bars by the closed form; `gap` is from corner to corner (x, y, along)."""
    total = 0.0
    for i in range(4):
        x = gap[0] + (0.0, -size1[0], size2[0] - size1[0], size2[0])[i]
        for j in range(4):
            y = gap[1] + (0.0, -size1[1], size2[1] - size1[1], size2[1])[j]
            for k in range(4):
                z = gap[2] + (0.0, -size1[2], size2[2] - size1[2], size2[2])[k]
                sign = 1.0 if (i + j + k) % 2 else -1.0
                # atan2 keeps the sign of its second argument; the primitive is even or odd in each coordinate
                total += sign * _even(x, y, z)
    return total / (size1[0] * size1[1] * size2[0] * size2[1])


@njit(cache=True)
def _even(x: float, y: float, z: float) -> float:
    """The primitive is even in every coordinate, so positive ones will do."""
    return _primitive(abs(x), abs(y), abs(z))


@njit(cache=True)
def _parallel_line(length1: float, length2: float, along: float, away: float) -> float:
    """Return M / (µ0/4π) of two parallel filaments whose starts are `along` and `away` apart (Grover 1946, ch. 5)."""
    if (
        (along > 12.0 * length1 and along > 12.0 * length2)
        or -along > 12.0 * (length1 + length2)
        or away > (12.0 * (length1 + length2))
    ):
        return _far_line(length1, length2, along, away)
    total = 0.0
    for i in range(4):
        z = along + (0.0, -length1, length2 - length1, length2)[i]
        sign = 1.0 if i % 2 else -1.0
        if away > 1e-12 * (length1 + length2):
            total += sign * (z * math.asinh(z / away) - math.sqrt(z * z + away * away))
        elif z != 0.0:
            total += sign * (abs(z) * math.log(abs(z)) - abs(z))
    return total


@njit(cache=True)
def _far_line(length1: float, length2: float, along: float, away: float) -> float:
    """The same by 3 x 3 Gauss points: the closed form loses digits as the square of distance over length."""
    total = 0.0
    for i in range(3):
        s = along - 0.5 * length1 * (1.0 + (-0.7745966692414834, 0.0, 0.7745966692414834)[i])
        for j in range(3):
            t = 0.5 * length2 * (1.0 + (-0.7745966692414834, 0.0, 0.7745966692414834)[j])
            weight = (5.0, 8.0, 5.0)[i] * (5.0, 8.0, 5.0)[j] / 324.0
            total += weight / math.sqrt((s + t) ** 2 + away * away)
    return total * length1 * length2


@njit(cache=True)
def _averaged(size1: Array, size2: Array, gap: Array, points: int) -> float:
    """Return M / (µ0/4π) of two parallel bars as the mean over points x points Gauss filaments in each."""
    half = 0.5773502691896258 if points == 2 else 0.0
    total = 0.0
    for i in range(points):
        for j in range(points):
            for k in range(points):
                for m in range(points):
                    x = gap[0] + 0.5 * size2[0] * (1 + half * (2 * k - 1)) - 0.5 * size1[0] * (1 + half * (2 * i - 1))
                    y = gap[1] + 0.5 * size2[1] * (1 + half * (2 * m - 1)) - 0.5 * size1[1] * (1 + half * (2 * j - 1))
                    total += _parallel_line(size1[2], size2[2], gap[2], math.hypot(x, y))
    return total / points**4


@njit(cache=True)
def _parallel(size1: Array, size2: Array, gap: Array, tolerance: float) -> float:
    """Return M / (µ0/4π) of two parallel bars by the cheapest way that keeps the tolerance."""
    span = max(size1[0], size1[1], size2[0], size2[1])
    room2 = 0.0
    for k in range(3):
        far = max(gap[k] - size1[k], -gap[k] - size2[k], 0.0)
        room2 += far * far
    ratio = math.sqrt(room2) / span
    if ratio > _NEAR and 1.0 / (12.0 * ratio * ratio) < tolerance:
        return _averaged(size1, size2, gap, 1)
    if ratio > _NEAR and 1.0 / (180.0 * ratio**4) < tolerance:
        return _averaged(size1, size2, gap, 2)
    return _thick(size1, size2, gap)
