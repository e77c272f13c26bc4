"""Closed integrals of 1/r over rectangles in parallel planes: seen from a point, and from another rectangle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def seen_from_points(x_m: Array, y_m: Array, z_m: Array) -> Array:
    """Return the integral of 1/r over rectangles, in m; x_m and y_m (..., 2) are their sides seen from the point, z_m
    (...) the height of the point over them.

    Sum over the corners of x ln(y + r) + y ln(x + r) - z atan(x y / (z r)), e.g. Durand, Électrostatique I (1964).

    >>> round(float(seen_from_points(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]), np.array(0.0))), 6)  # 8 ln(1+√2)
    7.050989
    """
    total = np.zeros(np.broadcast_shapes(x_m.shape[:-1], y_m.shape[:-1], z_m.shape))
    for i in (0, 1):
        for k in (0, 1):
            x, y, z2 = x_m[..., i], y_m[..., k], z_m * z_m
            r = np.sqrt(x * x + y * y + z2)
            corner = _log(x, y, x * x + z2, r) + _log(y, x, y * y + z2, r) - z_m * np.arctan2(x * y, z_m * r)
            total += corner if i == k else -corner
    return total


def seen_from_rectangles(x_m: Array, y_m: Array, z_m: Array) -> Array:
    """Return the integral of 1/r over two rectangles, in m³; x_m and y_m (..., 4) are their sides' differences in the
    order (b0 - a1, b0 - a0, b1 - a0, b1 - a1) for sides a0 to a1 and b0 to b1, z_m (...) the distance of the planes.

    A. E. Ruehli and P. A. Brennan, IEEE Trans. Microwave Theory Tech. 21 (1973) 76, written with corners.

    >>> side = np.array([-1.0, 0.0, 1.0, 0.0])
    >>> round(float(seen_from_rectangles(side, side, np.array(0.0))), 6)  # unit square: 4 ln(1+√2) + 4/3 (1-√2)
    2.97321
    """
    total = np.zeros(np.broadcast_shapes(x_m.shape[:-1], y_m.shape[:-1], z_m.shape))
    for i in range(4):
        for k in range(4):
            x, y = x_m[..., i], y_m[..., k]
            x2, y2, z2 = x * x, y * y, z_m * z_m
            r = np.sqrt(x2 + y2 + z2)
            corner = 0.5 * (y2 - z2) * _log(x, x, y2 + z2, r) + 0.5 * (x2 - z2) * _log(y, y, x2 + z2, r)
            corner -= (x2 + y2 - 2.0 * z2) * r / 6.0 + x * y * z_m * np.arctan2(x * y, z_m * r)
            total += corner if (i + k) % 2 == 0 else -corner
    return total


def _log(factor: Array, x: Array, other2: Array, r: Array) -> Array:
    """Return factor ln(x + r); below zero x + r is small, and other2 / (r - x) the same without cancellation."""
    whole = np.where(x >= 0, x + r, other2 / np.maximum(r - x, 1e-300))
    return np.asarray(factor * np.log(np.maximum(whole, 1e-300)))
