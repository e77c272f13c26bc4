"""Partial inductance of straight bars and filaments, two at a time: closed forms, arranged so that no digits are lost.

All values are in units of µ0/4π, lengths in m.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]
MU0_4PI = 1e-7  # H/m, to 2e-10 of its CODATA 2018 value
_NEAR = 3.0  # gaps below this many cross-sections need the closed form of thick bars
_SLENDER = 9.0  # (along/across)² beyond which the primitive is taken without what cancels


@njit(cache=True)
def _primitive(x: float, y: float, z: float) -> float:
    """Hoer and Love (J. Res. NBS 69C (1965) 127), eq. 14: the sixfold primitive of 1/r; x, y, z >= 0."""
    x2, y2, z2 = x * x, y * y, z * z
    r = math.sqrt(x2 + y2 + z2)
    total = (x2 * x2 + y2 * y2 + z2 * z2 - 3 * (x2 * y2 + y2 * z2 + z2 * x2)) * r / 60.0
    yz, zx, xy = y2 + z2, z2 + x2, x2 + y2
    if yz > 0.0 and x > 0.0:
        total += (y2 * z2 / 4 - (y2 * y2 + z2 * z2) / 24) * x * math.log((x + r) / math.sqrt(yz))
    if zx > 0.0 and y > 0.0:
        total += (z2 * x2 / 4 - (z2 * z2 + x2 * x2) / 24) * y * math.log((y + r) / math.sqrt(zx))
    if xy > 0.0 and z > 0.0:
        total += (x2 * y2 / 4 - (x2 * x2 + y2 * y2) / 24) * z * math.log((z + r) / math.sqrt(xy))
    if x > 0.0 and y > 0.0 and z > 0.0:
        total -= x * y * z / 6 * (z2 * math.atan(x * y / (z * r)) + y2 * math.atan(x * z / (y * r)))
        total -= x * x2 * y * z / 6 * math.atan(y * z / (x * r))
    return total


@njit(cache=True)
def _slender(x: float, y: float, z: float) -> float:
    """Return the same without the terms that differences over x and y cancel, for z² > 9 (x² + y²).

    z asinh(z/ρ) - sqrt(z² + ρ²) is -z ln ρ, whose fourfold primitive is closed (the geometric mean distance of
    rectangles), and z times a power series in (ρ/z)², whose primitives are polynomials; the rest is below 3e-9.
    """
    x2, y2, z2 = x * x, y * y, z * z
    xy = x2 * y2
    rho2 = x2 + y2
    total = xy * (math.log(2.0 * z) / 4 + 25.0 / 48.0 - 0.25)
    if rho2 > 0.0:
        total -= (xy / 4 - (x2 * x2 + y2 * y2) / 24) * 0.5 * math.log(rho2)
        if xy > 0.0:
            angle = math.atan(y / x)
            total -= x * y / 6 * (x2 * angle + y2 * (0.5 * math.pi - angle))
    a, b = x2 / z2, y2 / z2
    total -= 0.25 * xy * (a + b) / 24
    total += 0.03125 * xy * ((a * a + b * b) / 60 + a * b / 72)
    total -= xy * ((a * a * a + b * b * b) / 112 + a * b * (a + b) / 120) / 96
    total += 5.0 / 1024.0 * xy * ((a**4 + b**4) / 180 + a * b * (a * a + b * b) / 168 + a * a * b * b / 150)
    return z * total


@njit(cache=True)
def _corner(x: float, y: float, z: float, slender: bool) -> float:
    """Return the primitive of one corner; it is even in every coordinate."""
    value: float = _slender(abs(x), abs(y), abs(z)) if slender else _primitive(abs(x), abs(y), abs(z))
    return value


@njit(cache=True)
def _thick(size1: Array, size2: Array, gap: Array) -> float:
    """Return the mutual inductance of two parallel bars; `gap` is from corner to corner (x, y, along)."""
    wide = max(abs(gap[0] - size1[0]), abs(gap[0] + size2[0]), abs(gap[0]), abs(gap[0] + size2[0] - size1[0]))
    high = max(abs(gap[1] - size1[1]), abs(gap[1] + size2[1]), abs(gap[1]), abs(gap[1] + size2[1] - size1[1]))
    total = 0.0
    for k in range(4):
        z = gap[2] + (0.0, -size1[2], size2[2] - size1[2], size2[2])[k]
        slender = z * z > _SLENDER * (wide * wide + high * high)
        for i in range(4):
            x = gap[0] + (0.0, -size1[0], size2[0] - size1[0], size2[0])[i]
            for j in range(4):
                y = gap[1] + (0.0, -size1[1], size2[1] - size1[1], size2[1])[j]
                sign = 1.0 if (i + j + k) % 2 else -1.0
                total += sign * _corner(x, y, z, slender)
    return total / (size1[0] * size1[1] * size2[0] * size2[1])


@njit(cache=True)
def _parallel_line(length1: float, length2: float, along: float, away: float) -> float:
    """Return the mutual inductance of two parallel filaments whose starts are `along` and `away` apart.

    Grover, Inductance Calculations (1946), ch. 5: the sum over the four distances z of ends of
    z asinh(z/away) - sqrt(z² + away²).
    """
    reach = length1 + length2
    if (
        (along > 12.0 * length1 and along > 12.0 * length2)
        or -along > 12.0 * (length1 + length2)
        or away > (12.0 * (length1 + length2))
    ):
        return _far_line(length1, length2, along, away)
    total = 0.0
    touching = away <= 1e-12 * reach
    straight = 0.0
    for i in range(4):
        z = abs(along + (0.0, -length1, length2 - length1, length2)[i])
        sign = 1.0 if i % 2 else -1.0
        if z > 0.0:
            r = z if touching else math.sqrt(z * z + away * away)
            total += sign * (z * math.log((z + r) / reach) - r)
            straight += sign * z
        elif not touching:
            total -= sign * away
    if abs(straight) > 1e-9 * reach:  # they lie side by side for some length
        total -= straight * math.log(max(away, 1e-12 * reach) / reach)
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
    """Return the mutual inductance of two parallel bars as the mean over points x points Gauss filaments in each."""
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
    """Return the mutual inductance of two parallel bars by the cheapest way that keeps the tolerance."""
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
