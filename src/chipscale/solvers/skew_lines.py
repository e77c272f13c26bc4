"""Mutual inductance of two straight filaments at an angle, in closed form; in units of µ0/4π, lengths in m."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[np.float64]
_FAR = 2.0  # lengths between the middles beyond which 4 x 4 Gauss points leave less than 1e-7
_X = np.array([-0.8611363115940526, -0.33998104358485626, 0.33998104358485626, 0.8611363115940526])
_W = np.array([0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385]) / 2


@njit(cache=True)
def _skew_line(p: Array, u: Array, length: float, q: Array, v: Array, other: float, cosine: float) -> float:
    """Return the double integral of 1/r over p + s u, 0 < s < length, and q + t v, 0 < t < other; u, v not parallel.

    With s and t counted from the common perpendicular of length d and c the cosine of the angle, the primitive is
    s ln(t - c s + r) + t ln(s - c t + r) - d/sin atan(...) (G. A. Campbell, Phys. Rev. 5 (1915) 452; Grover 1946,
    ch. 7). Where the filaments are far apart for their length, Gauss points keep the digits it would lose.
    """
    d0, d1, d2 = q[0] - p[0], q[1] - p[1], q[2] - p[2]
    m0 = d0 + 0.5 * (other * v[0] - length * u[0])
    m1 = d1 + 0.5 * (other * v[1] - length * u[1])
    m2 = d2 + 0.5 * (other * v[2] - length * u[2])
    if math.sqrt(m0 * m0 + m1 * m1 + m2 * m2) > _FAR * (length + other):
        return _points(m0, m1, m2, u, length, v, other)
    du = d0 * u[0] + d1 * u[1] + d2 * u[2]
    dv = d0 * v[0] + d1 * v[1] + d2 * v[2]
    sine2 = 1.0 - cosine * cosine
    foot_s = (du - cosine * dv) / sine2  # of the perpendicular, from p
    foot_t = (cosine * du - dv) / sine2  # from q
    s1, s2 = -foot_s, length - foot_s
    t1, t2 = -foot_t, other - foot_t
    n0 = d0 + foot_t * v[0] - foot_s * u[0]
    n1 = d1 + foot_t * v[1] - foot_s * u[1]
    n2 = d2 + foot_t * v[2] - foot_s * u[2]
    d = math.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
    if d < 1e-9 * (length + other):
        d = 0.0
    flat = d * d
    r11 = math.sqrt(max(flat + s1 * s1 + t1 * t1 - 2.0 * cosine * s1 * t1, 0.0))
    r12 = math.sqrt(max(flat + s1 * s1 + t2 * t2 - 2.0 * cosine * s1 * t2, 0.0))
    r21 = math.sqrt(max(flat + s2 * s2 + t1 * t1 - 2.0 * cosine * s2 * t1, 0.0))
    r22 = math.sqrt(max(flat + s2 * s2 + t2 * t2 - 2.0 * cosine * s2 * t2, 0.0))
    tiny = 1e-13 * (length + other)
    total = 0.0
    if abs(s2) > tiny:
        total += s2 * _ratio(t2 - cosine * s2, r22, t1 - cosine * s2, r21, flat + s2 * s2 * sine2)
    if abs(s1) > tiny:
        total -= s1 * _ratio(t2 - cosine * s1, r12, t1 - cosine * s1, r11, flat + s1 * s1 * sine2)
    if abs(t2) > tiny:
        total += t2 * _ratio(s2 - cosine * t2, r22, s1 - cosine * t2, r12, flat + t2 * t2 * sine2)
    if abs(t1) > tiny:
        total -= t1 * _ratio(s2 - cosine * t1, r21, s1 - cosine * t1, r11, flat + t1 * t1 * sine2)
    if d > 0.0:
        sine = math.sqrt(sine2)
        turn = math.atan2(flat * cosine + s2 * t2 * sine2, d * r22 * sine)
        turn += math.atan2(flat * cosine + s1 * t1 * sine2, d * r11 * sine)
        turn -= math.atan2(flat * cosine + s1 * t2 * sine2, d * r12 * sine)
        turn -= math.atan2(flat * cosine + s2 * t1 * sine2, d * r21 * sine)
        total -= d / sine * turn
    return total


@njit(cache=True)
def _ratio(a: float, ra: float, b: float, rb: float, both: float) -> float:
    """Return ln((a + ra)/(b + rb)), where ra² - a² = rb² - b² = `both`."""
    over = a + ra if a > 0.0 else both / (ra - a)
    under = b + rb if b > 0.0 else both / (rb - b)
    if over <= 0.0 or under <= 0.0:  # a corner on the other line: its factor is zero
        return 0.0
    return math.log(over / under)


@njit(cache=True)
def _points(m0: float, m1: float, m2: float, u: Array, length: float, v: Array, other: float) -> float:
    """Return the double integral by 4 x 4 Gauss points; (m0, m1, m2) leads from middle to middle."""
    total = 0.0
    for i in range(4):
        s = 0.5 * length * _X[i]
        x, y, z = m0 - s * u[0], m1 - s * u[1], m2 - s * u[2]
        for j in range(4):
            t = 0.5 * other * _X[j]
            a, b, c = x + t * v[0], y + t * v[1], z + t * v[2]
            total += _W[i] * _W[j] / math.sqrt(a * a + b * b + c * c)
    return total * length * other
