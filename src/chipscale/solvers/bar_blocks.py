"""The inductances between all filaments of one bar and all of another, by the cheapest way that keeps a tolerance.

Near and aligned: the closed form of thick bars, its primitive taken once per pair of filament edges. Near and at an
angle: filament by filament. Else few points across each section: the field of one bar is smooth there, so that its
mean over every filament follows from polynomials (interpolation as in the fast multipole method). Units of µ0/4π.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.solvers.bars import _SLENDER, _corner, _parallel_line
from chipscale.solvers.skew_lines import _skew_line

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
# touching bars at an angle that have more pairs of filaments than this get 8 x 4 points each, unless the tolerance is
# fine: 1e-4 of the bar's own inductance, less than what their overlap at the corner is uncertain by
_MANY, _FINE = 400, 5e-6
_SAME = 1e-14  # distances that differ by less of the largest are rounding
_PRIMITIVE_COST, _LINE_COST, _SKEW_COST = 45.0, 65.0, 250.0  # ns


class Cut(NamedTuple):
    """n bars cut into filaments, as the compiled loops take them.

    `start`, `along`, `across`, `up` (n, 3); `size` (n, 3): width, thickness, length; `parts` (n, 2): filaments over
    each; `kind` (n, 2): rows of `edges` and `mean` (see section_points.cuts); `nodes` as section_points.nodes.
    """

    start: Array
    along: Array
    across: Array
    up: Array
    size: Array
    parts: Index
    kind: Index
    edges: Array
    mean: Array
    nodes: Array


@njit(cache=True)
def _distance(p: Array, u: Array, length: float, q: Array, v: Array, other: float) -> float:
    """Return the least distance of two straight lines of these lengths."""
    b, d, e, f = 0.0, 0.0, 0.0, 0.0
    for k in range(3):
        w = p[k] - q[k]
        b += u[k] * v[k]
        d += u[k] * w
        e += v[k] * w
        f += w * w
    det = 1.0 - b * b
    s = min(max((b * e - d) / det, 0.0), length) if det > 1e-12 else 0.0
    for _ in range(3):  # alternating feet: exact after two for lines that end
        t = min(max(b * s + e, 0.0), other)
        s = min(max(b * t - d, 0.0), length)
    return math.sqrt(max(f + s * s + t * t + 2.0 * s * d - 2.0 * t * e - 2.0 * s * t * b, 0.0))


@njit(cache=True)
def _aligned(a: int, b: int, cut: Cut) -> int:
    """Return 1 when two bars are parallel with parallel sides, 2 when width lies along thickness, else 0."""
    cosine, side = 0.0, 0.0
    for k in range(3):
        cosine += cut.along[a, k] * cut.along[b, k]
        side += cut.across[a, k] * cut.across[b, k]
    if abs(cosine) < 1.0 - 1e-12:
        return 0
    if abs(side) > 1.0 - 1e-9:
        return 1
    return 2 if abs(side) < 1e-9 else 0


@njit(cache=True)
def _points(gap: float, half: float, digits: float) -> int:
    """Return how many points a side of 2 half wants when the field's nearest source is `gap` from its middle."""
    if half <= 0.0:
        return 1
    r = gap / half
    if r <= 1.5:
        return 99
    return max(1, math.ceil(digits / math.log(r + math.sqrt(r * r - 1.0))))


@njit(cache=True)
def _plan(a: int, b: int, cut: Cut, tolerance: float, plan: Index) -> int:
    """Choose the way for a pair of bars: 0 nothing, 1 closed form, 2 filament by filament, 3 points as in `plan` (4,).

    The error of q points is about rho^-q with rho the size of the ellipse the field is smooth in (Trefethen,
    Approximation Theory, 2013, th. 8.2), counted against the bars' own inductance.
    """
    cosine = 0.0
    for k in range(3):
        cosine += cut.along[a, k] * cut.along[b, k]
    if abs(cosine) < 1e-9:
        return 0
    aligned = _aligned(a, b, cut)
    if a == b:
        return 1
    la, lb = cut.size[a, 2], cut.size[b, 2]
    away = _distance(cut.start[a], cut.along[a], la, cut.start[b], cut.along[b], lb)
    reach = 0.5 * (cut.size[a, 0] + cut.size[a, 1] + cut.size[b, 0] + cut.size[b, 1])
    weight = min(1.0, math.sqrt(la * lb) / max(away, 1e-30)) * abs(cosine)
    digits = max(0.0, -math.log(min(tolerance / weight, 1.0)))
    most, cost = 0, _LINE_COST if aligned > 0 else _SKEW_COST
    for side in range(4):
        bar, k = (a, side) if side < 2 else (b, side - 2)
        half = 0.5 * cut.size[bar, k]
        plan[side] = _points(away - (reach - half), half, digits)
        most = max(most, plan[side])
        cost *= plan[side]
    ma, mb = cut.parts[a, 0] * cut.parts[a, 1], cut.parts[b, 0] * cut.parts[b, 1]
    if most >= cut.nodes.shape[0]:
        if aligned > 0:
            return 1
        if tolerance < _FINE or ma * mb < _MANY:
            return 2
        for side in range(4):
            bar, k = (a, side) if side < 2 else (b, side - 2)
            plan[side] = 8 if cut.size[bar, k] >= cut.size[bar, 1 - k] else 4
        return 3
    if aligned > 0:
        edges = (cut.parts[a, 0] + 1) * (cut.parts[a, 1] + 1) * (cut.parts[b, 0] + 1) * (cut.parts[b, 1] + 1)
        return 1 if edges * 4.0 * _PRIMITIVE_COST < cost else 3
    return 2 if ma * mb * 16.0 * _SKEW_COST < cost else 3


@njit(cache=True)
def _fill_block(out: Array, a: int, b: int, cut: Cut, tolerance: float) -> bool:
    """Write the inductances (ma, mb) between the filaments of bars a and b; False when they are zero."""
    plan = np.empty(4, dtype=np.int64)
    way = _plan(a, b, cut, tolerance, plan)
    if way == 0:
        return False
    if way == 1:
        _closed(out, a, b, cut)
    elif way == 2:
        _each(out, a, b, cut)
    else:
        _by_points(out, a, b, cut, plan)
    return True


@njit(cache=True)
def _axis_edges(bar: int, k: int, cut: Cut) -> Array:
    found: Array = cut.edges[cut.kind[bar, k], : cut.parts[bar, k] + 1] * cut.size[bar, k]
    return found


@njit(cache=True)
def _closed(out: Array, a: int, b: int, cut: Cut) -> None:
    """Hoer and Love's closed form for all pairs of filaments of two aligned bars."""
    swapped = _aligned(a, b, cut) == 2
    d0, d1, z, same, turn_x, turn_y = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(3):
        d = cut.start[b, k] - cut.start[a, k]
        d0 += d * cut.across[a, k]
        d1 += d * cut.up[a, k]
        z += d * cut.along[a, k]
        same += cut.along[a, k] * cut.along[b, k]
        turn_x += cut.across[a, k] * (cut.up[b, k] if swapped else cut.across[b, k])
        turn_y += cut.up[a, k] * (cut.across[b, k] if swapped else cut.up[b, k])
    la, lb = cut.size[a, 2], cut.size[b, 2]
    if same < 0.0:
        z -= lb
    xa, ya = _axis_edges(a, 0, cut), _axis_edges(a, 1, cut)
    side_x, side_y = (1, 0) if swapped else (0, 1)
    xb, yb = d0 + turn_x * _axis_edges(b, side_x, cut), d1 + turn_y * _axis_edges(b, side_y, cut)
    table = np.zeros((len(xa), len(ya), len(xb), len(yb)))
    _corners(table, xa, ya, xb, yb, (z, z - la, z + lb - la, z + lb))
    sign = (1.0 if same > 0.0 else -1.0) * (1.0 if turn_x * turn_y > 0.0 else -1.0)
    nx, ny = len(xb) - 1, len(yb) - 1
    for i in range(len(xa) - 1):
        for j in range(len(ya) - 1):
            for k in range(nx):
                for m in range(ny):
                    value = 0.0
                    for e in range(16):
                        p, q, r, s = e & 1, (e >> 1) & 1, (e >> 2) & 1, (e >> 3) & 1
                        value += (1.0 if (p + q + r + s) % 2 == 0 else -1.0) * table[i + p, j + q, k + r, m + s]
                    area = (xa[i + 1] - xa[i]) * (ya[j + 1] - ya[j]) * abs((xb[k + 1] - xb[k]) * (yb[m + 1] - yb[m]))
                    column = m * nx + k if swapped else k * ny + m
                    out[i * (len(ya) - 1) + j, column] = sign * value / area


@njit(cache=True)
def _corners(
    table: Array, xa: Array, ya: Array, xb: Array, yb: Array, heights: tuple[float, float, float, float]
) -> None:
    """Add the primitive at every pair of filament edges, summed over the four distances of ends.

    It is even in every coordinate: distances alike but for their sign, as cuts that are symmetric have many, are
    taken once.
    """
    x, at_x = _distances(xa, xb)
    y, at_y = _distances(ya, yb)
    wide, high = x[-1], y[-1]
    found = np.zeros((len(x), len(y)))
    for h in range(4):
        z, weight = abs(heights[h]), 0.0
        for other in range(4):
            if abs(abs(heights[other]) - z) <= _SAME * z:
                weight = 0.0 if other < h else weight + (-1.0 if other % 2 == 0 else 1.0)
                if other < h:
                    break
        if weight == 0.0:
            continue
        slender = z * z > _SLENDER * (wide * wide + high * high)
        for i in range(len(x)):
            for j in range(len(y)):
                found[i, j] += weight * _corner(x[i], y[j], z, slender)
    for i in range(len(xa)):
        for k in range(len(xb)):
            for j in range(len(ya)):
                for m in range(len(yb)):
                    table[i, j, k, m] += found[at_x[i, k], at_y[j, m]]


@njit(cache=True)
def _distances(a: Array, b: Array) -> tuple[Array, Index]:
    """Return the different distances between edges, sorted, and which of them lies between each pair."""
    every = np.empty(len(a) * len(b))
    for i in range(len(a)):
        for k in range(len(b)):
            every[i * len(b) + k] = abs(b[k] - a[i])
    order = np.argsort(every)
    far = every[order[-1]]
    found = np.empty(len(every))
    which = np.empty((len(a), len(b)), dtype=np.int64)
    count = 0
    for at in order:
        if count == 0 or every[at] - found[count - 1] > _SAME * far:
            found[count] = every[at]
            count += 1
        which[at // len(b), at % len(b)] = count - 1
    return found[:count], which


@njit(cache=True)
def _line(p: Array, q: Array, a: int, b: int, cut: Cut, cosine: float) -> float:
    """Return the inductance of two filaments of bars a and b that start at p and q."""
    la, lb = cut.size[a, 2], cut.size[b, 2]
    if abs(cosine) < 1.0 - 1e-12:
        return cosine * _skew_line(p, cut.along[a], la, q, cut.along[b], lb, cosine)
    z, away2 = 0.0, 0.0
    for k in range(3):
        z += (q[k] - p[k]) * cut.along[a, k]
    for k in range(3):
        away2 += (q[k] - p[k] - z * cut.along[a, k]) ** 2
    if cosine > 0.0:
        return _parallel_line(la, lb, z, math.sqrt(away2))
    return -_parallel_line(la, lb, z - lb, math.sqrt(away2))


@njit(cache=True)
def _starts(bar: int, x: Array, y: Array, cut: Cut) -> Array:
    """Return the starts (len(x) len(y), 3) of filaments at x across and y up, in m."""
    found = np.empty((len(x) * len(y), 3))
    for i in range(len(x)):
        for j in range(len(y)):
            for k in range(3):
                found[i * len(y) + j, k] = cut.start[bar, k] + x[i] * cut.across[bar, k] + y[j] * cut.up[bar, k]
    return found


@njit(cache=True)
def _halves(edges: Array) -> Array:
    """Return the two Gauss points of each part of a side."""
    found = np.empty(2 * (len(edges) - 1))
    for i in range(len(edges) - 1):
        middle, half = 0.5 * (edges[i] + edges[i + 1]), 0.28867513459481287 * (edges[i + 1] - edges[i])
        found[2 * i], found[2 * i + 1] = middle - half, middle + half
    return found


@njit(cache=True)
def _each(out: Array, a: int, b: int, cut: Cut) -> None:
    """Bars that are near and at an angle: every filament as the mean of 2 x 2 lines."""
    cosine = 0.0
    for k in range(3):
        cosine += cut.along[a, k] * cut.along[b, k]
    pa = _starts(a, _halves(_axis_edges(a, 0, cut)), _halves(_axis_edges(a, 1, cut)), cut)
    pb = _starts(b, _halves(_axis_edges(b, 0, cut)), _halves(_axis_edges(b, 1, cut)), cut)
    na, nb = cut.parts[a, 1], cut.parts[b, 1]
    out[:, :] = 0.0
    for i in range(len(pa)):
        row = (i // (2 * na)) // 2 * na + (i % (2 * na)) // 2
        for j in range(len(pb)):
            column = (j // (2 * nb)) // 2 * nb + (j % (2 * nb)) // 2
            out[row, column] += _line(pa[i], pb[j], a, b, cut, cosine) / 16.0


@njit(cache=True)
def _means(bar: int, qw: int, qt: int, cut: Cut) -> Array:
    """Return (filaments, qw qt): the share of each point's value in each filament's mean."""
    nw, nt = cut.parts[bar, 0], cut.parts[bar, 1]
    found = np.empty((nw * nt, qw * qt))
    for i in range(nw):
        for j in range(nt):
            for k in range(qw):
                for m in range(qt):
                    share = cut.mean[cut.kind[bar, 0], qw, i, k] * cut.mean[cut.kind[bar, 1], qt, j, m]
                    found[i * nt + j, k * qt + m] = share
    return found


@njit(cache=True)
def _kernel(a: int, b: int, cut: Cut, plan: Index) -> Array:
    """Return the inductances between the points of two sections."""
    cosine = 0.0
    for k in range(3):
        cosine += cut.along[a, k] * cut.along[b, k]
    x, y = cut.nodes[plan[0], : plan[0]] * cut.size[a, 0], cut.nodes[plan[1], : plan[1]] * cut.size[a, 1]
    pa = _starts(a, x, y, cut)
    x, y = cut.nodes[plan[2], : plan[2]] * cut.size[b, 0], cut.nodes[plan[3], : plan[3]] * cut.size[b, 1]
    pb = _starts(b, x, y, cut)
    found = np.empty((len(pa), len(pb)))
    for i in range(len(pa)):
        for j in range(len(pb)):
            found[i, j] = _line(pa[i], pb[j], a, b, cut, cosine)
    return found


@njit(cache=True)
def _by_points(out: Array, a: int, b: int, cut: Cut, plan: Index) -> None:
    """Bars apart: the mean over filaments from few points of each section."""
    found = _kernel(a, b, cut, plan)
    left, right = _means(a, plan[0], plan[1], cut), _means(b, plan[2], plan[3], cut)
    out[:, :] = left @ found @ right.T
