"""Pulling legal wires taut and taking out bends; every step is checked exactly, so a legal wire stays legal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.clearance import segment_slack
from chipscale.layout.route.legalise import scene_of
from chipscale.layout.route.nearby import clear_of, nearby
from chipscale.layout.route.realise import clean
from chipscale.layout.route.shapes import Nets, Shapes

Points = npt.NDArray[np.float64]
BEND_UM_PER_UM = 0.012  # length a bend less may cost, per µm of the merged piece
GAIN_UM = 1e-3
SPAN = 64  # points a straight may replace at once


@njit(cache=True)
def _legal(a, b, net, scene, nets, extra):  # type: ignore[no-untyped-def]
    return segment_slack((a[0], a[1], b[0], b[1]), net, scene, nets, extra) >= 0.0


@njit(cache=True)
def _length(p):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(len(p) - 1):
        total += np.hypot(p[i + 1, 0] - p[i, 0], p[i + 1, 1] - p[i, 1])
    return total


@njit(cache=True)
def skip(points, net, scene, nets, extra):  # type: ignore[no-untyped-def]
    """Return the polyline with every run of points left out that a legal straight can replace."""
    n = len(points)
    keep = np.zeros(n, dtype=np.bool_)
    keep[0] = True
    found = np.empty(len(scene[0].seg) + len(scene[1]), dtype=np.int64)
    i = 0
    while i < n - 1:
        j = min(n - 1, i + SPAN)
        part = points[i : j + 1]
        box = (part[:, 0].min(), part[:, 1].min(), part[:, 0].max(), part[:, 1].max())
        some, every = nearby(box, net, scene, nets, extra, found)
        near = (found, some, every)
        x, y = points[i, 0], points[i, 1]
        while j > i + 1 and not clear_of((x, y, points[j, 0], points[j, 1]), net, scene, nets, extra, near):
            j -= 1
        keep[j] = True
        i = j
    return points[keep]


@njit(cache=True)
def pull(points, net, scene, nets, extra, rounds):  # type: ignore[no-untyped-def]
    """Move each corner towards the straight between its neighbours as far as legal, over and over."""
    p = points.copy()
    keep = np.empty(len(scene[0].seg) + len(scene[1]), dtype=np.int64)
    for _ in range(rounds):
        gain = 0.0
        i = 1
        while i < len(p) - 1:
            a, b, c = p[i - 1], p[i], p[i + 1]
            old = np.hypot(b[0] - a[0], b[1] - a[1]) + np.hypot(c[0] - b[0], c[1] - b[1])
            base = np.hypot(c[0] - a[0], c[1] - a[1])
            box = (
                min(a[0], b[0], c[0]),
                min(a[1], b[1], c[1]),
                max(a[0], b[0], c[0]),
                max(a[1], b[1], c[1]),
            )
            n, m = nearby(box, net, scene, nets, extra, keep)
            near = (keep, n, m)
            if clear_of((a[0], a[1], c[0], c[1]), net, scene, nets, extra, near):
                gain += old - base
                p = np.vstack((p[:i], p[i + 1 :]))
                continue
            # three directions: the foot on the chord, and along either neighbour segment
            best = GAIN_UM
            bx, by = b[0], b[1]
            f = ((b[0] - a[0]) * (c[0] - a[0]) + (b[1] - a[1]) * (c[1] - a[1])) / max(base * base, 1e-12)
            f = min(1.0, max(0.0, f))
            for way in range(3):
                if way == 0:
                    tx, ty = a[0] + f * (c[0] - a[0]), a[1] + f * (c[1] - a[1])
                elif way == 1:
                    tx, ty = a[0], a[1]
                else:
                    tx, ty = c[0], c[1]
                step = 0.5
                lam = 0.0
                for _k in range(9):
                    q = lam + step
                    x, y = b[0] + q * (tx - b[0]), b[1] + q * (ty - b[1])
                    if clear_of((a[0], a[1], x, y), net, scene, nets, extra, near) and clear_of(
                        (x, y, c[0], c[1]), net, scene, nets, extra, near
                    ):
                        lam = q
                    step *= 0.5
                if lam > 0.0:
                    x, y = b[0] + lam * (tx - b[0]), b[1] + lam * (ty - b[1])
                    new = np.hypot(x - a[0], y - a[1]) + np.hypot(c[0] - x, c[1] - y)
                    if old - new > best:
                        best = old - new
                        bx, by = x, y
            if best > GAIN_UM:
                p[i, 0], p[i, 1] = bx, by
                gain += best
            i += 1
        if gain < 10 * GAIN_UM:
            break
    return p


@njit(cache=True)
def merge(points, net, scene, nets, extra, price):  # type: ignore[no-untyped-def]
    """Replace two neighbouring bends of one sense by the one where their outer lines meet, cheapest first."""
    p = points.copy()
    while len(p) >= 4:
        best, at = np.inf, -1
        bx = by = 0.0
        for i in range(1, len(p) - 2):
            a, b, c, d = p[i - 1], p[i], p[i + 1], p[i + 2]
            ux, uy = b[0] - a[0], b[1] - a[1]
            vx, vy = d[0] - c[0], d[1] - c[1]
            den = ux * vy - uy * vx
            if abs(den) < 1e-9 * np.hypot(ux, uy) * np.hypot(vx, vy) or ux * vx + uy * vy <= 0.0:
                continue
            s = ((c[0] - b[0]) * vy - (c[1] - b[1]) * vx) / den
            t = ((c[0] - b[0]) * uy - (c[1] - b[1]) * ux) / den
            if s < 0.0 or t > 0.0:
                continue
            x, y = b[0] + s * ux, b[1] + s * uy
            bc = np.hypot(c[0] - b[0], c[1] - b[1])
            add = np.hypot(x - b[0], y - b[1]) + np.hypot(c[0] - x, c[1] - y) - bc
            reach = np.hypot(ux, uy) + bc + np.hypot(vx, vy)
            if add > price * reach or add >= best:
                continue
            m = np.array([x, y])
            if _legal(b, m, net, scene, nets, extra) and _legal(m, c, net, scene, nets, extra):
                best, at, bx, by = add, i, x, y
        if at < 0:
            break
        p[at, 0], p[at, 1] = bx, by
        p = np.vstack((p[: at + 1], p[at + 2 :]))
    return p


def around(
    points: Points, wire: int, world: tuple[Shapes, Points, npt.NDArray[np.int64], npt.NDArray[np.int64]], reach: float
) -> tuple[Shapes, Points, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the scene for one wire: what lies within `reach` µm of its box, itself left out."""
    shapes, wseg, wnet, wires = world
    lo, hi = points.min(axis=0) - reach, points.max(axis=0) + reach

    def near(seg: Points, grow: npt.NDArray[np.float64] | float) -> npt.NDArray[np.bool_]:
        return (
            (np.minimum(seg[:, 0], seg[:, 2]) <= hi[0] + grow)
            & (np.maximum(seg[:, 0], seg[:, 2]) >= lo[0] - grow)
            & (np.minimum(seg[:, 1], seg[:, 3]) <= hi[1] + grow)
            & (np.maximum(seg[:, 1], seg[:, 3]) >= lo[1] - grow)
        )

    k = near(shapes.seg, shapes.radius)
    local = Shapes(shapes.seg[k], shapes.radius[k], shapes.net[k], shapes.clear[k], shapes.owner[k])
    m = near(wseg, 0.0) & (wires != wire)
    return local, np.ascontiguousarray(wseg[m]), wnet[m], np.ones(int(m.sum()), dtype=np.bool_)


def shorten(
    lines: dict[int, Points],
    wnet: npt.NDArray[np.int64],
    shapes: Shapes,
    nets: Nets,
    passes: int = 3,
    merging: bool = True,
) -> dict[int, Points]:
    """Return the wires pulled taut one after the other, all others in place, until nothing gets shorter."""
    lines = dict(lines)
    reach = float(nets.width.max(initial=0.0) + nets.space.max(initial=0.0)) + 5.0
    for turn in range(passes):
        gain = 0.0
        for w in sorted(lines):
            seg, wn, _, wires = scene_of(lines, wnet, shapes)[1:]
            scene = around(lines[w], w, (shapes, seg, wn, wires), reach)
            net = int(wnet[w])
            p = lines[w]
            old = _length(p)
            q = skip(p, net, scene, nets, 0.0)
            q = pull(q, net, scene, nets, 0.0, 12)
            if merging and turn == passes - 1:
                q = merge(q, net, scene, nets, 0.0, BEND_UM_PER_UM)
            gain += old - _length(q)
            lines[w] = clean(q, 1e-12)
        if turn < passes - 2 and gain < 1.0:
            passes = turn + 2
    return lines
