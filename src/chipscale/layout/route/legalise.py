"""Pushing wires apart until every spacing holds: small shifts along the shortest distance, wires give way both."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.clearance import (
    need_static,
    need_wires,
    segment_segment,
)
from chipscale.layout.route.shapes import Nets, Shapes

Points = npt.NDArray[np.float64]
SWEEPS = 400
EPS_UM = 2e-3  # pushed this much further than the rule


@njit(cache=True)
def _push(xy, movable, i, s, nx, ny, amount):  # type: ignore[no-untyped-def]
    """Move segment (i, i+1) so that its point at s shifts by `amount` along (nx, ny); return what was moved."""
    w0 = (1.0 - s) * movable[i]
    w1 = s * movable[i + 1]
    q = w0 * (1.0 - s) + w1 * s
    if q < 1e-3:
        return 0.0
    k = amount / q
    xy[i, 0] += nx * k * w0
    xy[i, 1] += ny * k * w0
    xy[i + 1, 0] += nx * k * w1
    xy[i + 1, 1] += ny * k * w1
    return amount


@njit(cache=True)
def _far(xy, i, x0, y0, x1, y1, r):  # type: ignore[no-untyped-def]
    """Tell whether segment i's box is more than r from the box of another segment."""
    return (
        min(x0, x1) > max(xy[i, 0], xy[i + 1, 0]) + r
        or max(x0, x1) < min(xy[i, 0], xy[i + 1, 0]) - r
        or min(y0, y1) > max(xy[i, 1], xy[i + 1, 1]) + r
        or max(y0, y1) < min(xy[i, 1], xy[i + 1, 1]) - r
    )


@njit(cache=True)
def _pairs(xy, head, net_of, shapes, nets, margin):  # type: ignore[no-untyped-def]
    """Return (m, 2) pairs that may come too close: segment q with capsule k, or with segment r (as n_shape + r).

    A sweep along x: items sorted by their left end, each compared with those that begin before it ends.
    """
    n, n_shape = len(head), len(shapes.seg)
    left, right = np.empty(n_shape + n), np.empty(n_shape + n)
    low, high = np.empty(n_shape + n), np.empty(n_shape + n)
    widest = 0.5 * nets.width.max() + max(nets.space.max(), shapes.clear.max())
    for k in range(n_shape + n):
        if k < n_shape:
            r = shapes.radius[k] + widest + margin
            x0, y0, x1, y1 = shapes.seg[k, 0], shapes.seg[k, 1], shapes.seg[k, 2], shapes.seg[k, 3]
        else:
            r = 0.5 * nets.width.max()
            h = head[k - n_shape]
            x0, y0, x1, y1 = xy[h, 0], xy[h, 1], xy[h + 1, 0], xy[h + 1, 1]
            r += widest + margin
        part = r if k < n_shape else 0.5 * r  # the whole reach on the capsule's side
        left[k], right[k] = min(x0, x1) - part, max(x0, x1) + part
        low[k], high[k] = min(y0, y1) - part, max(y0, y1) + part
    order = np.argsort(left)
    out = np.empty((1024, 2), dtype=np.int64)
    m = 0
    for p in range(n_shape + n):
        u = order[p]
        for o in range(p + 1, n_shape + n):
            v = order[o]
            if left[v] > right[u]:
                break
            if low[v] > high[u] or low[u] > high[v]:
                continue
            lo, hi = min(u, v), max(u, v)
            if hi < n_shape:
                continue
            q = hi - n_shape
            i, net = head[q], net_of[q]
            if lo < n_shape:
                if shapes.net[lo] == net:
                    continue
                c = shapes.seg[lo]
                if _far(xy, i, c[0], c[1], c[2], c[3], need_static(shapes, nets, lo, net) + margin):
                    continue
            else:
                other = net_of[lo - n_shape]
                if other == net:
                    continue
                j = head[lo - n_shape]
                need = need_wires(nets, net, other) + margin
                if _far(xy, i, xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1], need):
                    continue
            if m == len(out):
                out = np.concatenate((out, np.empty_like(out)))
            if lo < n_shape:
                out[m, 0], out[m, 1] = q, lo
            else:
                out[m, 0], out[m, 1] = lo - n_shape, hi
            m += 1
    return out[:m]


@njit(cache=True)
def _sweep(xy, movable, pairs, head, net_of, shapes, nets, eps):  # type: ignore[no-untyped-def]
    """One pass over the pairs; return (largest missing distance seen, farthest push), µm."""
    worst = 0.0
    n_shape = len(shapes.seg)
    for p in range(len(pairs)):
        q, other = pairs[p, 0], pairs[p, 1]
        i, j = head[q], -1
        if other < n_shape:
            need = need_static(shapes, nets, other, net_of[q]) + eps
            c = shapes.seg[other]
            x0, y0, x1, y1 = c[0], c[1], c[2], c[3]
        else:
            j = head[other - n_shape]
            need = need_wires(nets, net_of[q], net_of[other - n_shape]) + eps
            x0, y0, x1, y1 = xy[j, 0], xy[j, 1], xy[j + 1, 0], xy[j + 1, 1]
        if _far(xy, i, x0, y0, x1, y1, need):
            continue
        d, s, t = segment_segment(xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1], x0, y0, x1, y1)
        if d >= need:
            continue
        worst = max(worst, need - d)
        if d <= 1e-9:
            continue
        px = (xy[i, 0] + s * (xy[i + 1, 0] - xy[i, 0]) - x0 - t * (x1 - x0)) / d
        py = (xy[i, 1] + s * (xy[i + 1, 1] - xy[i, 1]) - y0 - t * (y1 - y0)) / d
        if j < 0:
            _push(xy, movable, i, s, px, py, need - d)
        else:
            _push(xy, movable, i, s, px, py, 0.5 * (need - d))
            _push(xy, movable, j, t, -px, -py, 0.5 * (need - d))
    return worst


def divide(points: Points, step_um: float) -> Points:
    """Return a polyline with no segment longer than about `step_um`."""
    out = [points[:1]]
    for a, b in pairwise(points):
        n = max(1, int(np.ceil(np.hypot(*(b - a)) / step_um)))
        out.append(a + (b - a) * (np.arange(1, n + 1) / n)[:, None])
    return np.vstack(out)


def scene_of(
    lines: dict[int, Points], wnet: npt.NDArray[np.int64], shapes: Shapes
) -> tuple[Shapes, Points, npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """Return (shapes, segments (n, 4), net per segment, live, wire per segment) of all wires."""
    if not lines:
        none = np.zeros(0, dtype=np.int64)
        return shapes, np.zeros((0, 4)), none, np.ones(0, dtype=np.bool_), none
    order = sorted(lines)
    sizes = np.array([len(lines[w]) for w in order])
    xy = np.concatenate([lines[w] for w in order])
    inner = np.ones(len(xy), dtype=np.bool_)
    inner[np.cumsum(sizes) - 1] = False
    head = np.nonzero(inner)[0]
    wires = np.repeat(np.array(order, dtype=np.int64), sizes - 1)
    segs = np.concatenate([xy[head], xy[head + 1]], axis=1)
    return shapes, segs, wnet[wires], np.ones(len(wires), dtype=np.bool_), wires


@njit(cache=True)
def segment_slacks(scene, nets):  # type: ignore[no-untyped-def]
    """Return each wire segment's worst (distance - need), (n,) µm; inf where nothing is near."""
    shapes, wseg, wnet, _ = scene
    n, n_shape = len(wseg), len(shapes.seg)
    out = np.full(n, np.inf)
    xy = wseg.copy().reshape(2 * n, 2)
    pairs = _pairs(xy, 2 * np.arange(n), wnet, shapes, nets, 1.0)
    for p in range(len(pairs)):
        i, other = pairs[p, 0], pairs[p, 1]
        c = wseg[i]
        if other < n_shape:
            need = need_static(shapes, nets, other, wnet[i])
            o = shapes.seg[other]
        else:
            need = need_wires(nets, wnet[i], wnet[other - n_shape])
            o = wseg[other - n_shape]
        d = segment_segment(c[0], c[1], c[2], c[3], o[0], o[1], o[2], o[3])[0] - need
        out[i] = min(out[i], d)
        if other >= n_shape:
            out[other - n_shape] = min(out[other - n_shape], d)
    return out


def wire_slack(lines: dict[int, Points], wnet: npt.NDArray[np.int64], shapes: Shapes, nets: Nets) -> dict[int, float]:
    """Return each wire's worst (distance - needed distance), µm; negative: illegal."""
    *scene, wires = scene_of(lines, wnet, shapes)
    slack = segment_slacks(tuple(scene), nets)
    return {w: float(slack[wires == w].min()) for w in sorted(lines)}


def legalise(
    lines: dict[int, Points],
    wnet: npt.NDArray[np.int64],
    shapes: Shapes,
    nets: Nets,
    frozen: frozenset[int] = frozenset(),
    attempts: int = 4,
) -> dict[int, Points]:
    """Return the wires after pushing; wires near a violation are divided so that they can bend there.

    Wires in `frozen` stay as they are.
    """
    pitch = float(np.median(nets.width + nets.space))
    for attempt in range(attempts):
        slack = wire_slack(lines, wnet, shapes, nets)
        bad = {w for w, s in slack.items() if s < 0}
        if not bad:
            break
        step = pitch * (1.5, 0.75, 0.75, 0.5)[attempt]
        lines = _run(_divided(lines, wnet, frozen, (shapes, nets, step)), wnet, shapes, nets, frozen)
    return lines


def _divided(
    lines: dict[int, Points], wnet: npt.NDArray[np.int64], frozen: frozenset[int], job: tuple[Shapes, Nets, float]
) -> dict[int, Points]:
    """Divide the segments of bad wires, and those of others that come close to a bad segment."""
    shapes, nets, step = job
    *scene, _ = scene_of(lines, wnet, shapes)
    slack = segment_slacks(tuple(scene), nets)
    spots = scene[1][slack < 0]
    out = {}
    reach = 4 * step
    lo = np.minimum(spots[:, :2], spots[:, 2:]) - reach
    hi = np.maximum(spots[:, :2], spots[:, 2:]) + reach
    for w, p in lines.items():
        if w in frozen:
            out[w] = p
            continue
        pieces = [p[:1]]
        for a, b in pairwise(p):
            near = np.any(np.all(np.maximum(a, b) >= lo, axis=1) & np.all(np.minimum(a, b) <= hi, axis=1))
            pieces.append(divide(np.array([a, b]), step)[1:] if near else b[None])
        out[w] = np.vstack(pieces)
    return out


def _run(
    lines: dict[int, Points], wnet: npt.NDArray[np.int64], shapes: Shapes, nets: Nets, frozen: frozenset[int]
) -> dict[int, Points]:
    order = sorted(lines)
    xy = np.ascontiguousarray(np.vstack([lines[w] for w in order]))
    movable = np.ones(len(xy))
    head, net_of, first = [], [], {}
    n = 0
    for w in order:
        size = len(lines[w])
        first[w] = n
        movable[[n, n + size - 1]] = 0.0
        if w in frozen:
            movable[n : n + size] = 0.0
        head += list(range(n, n + size - 1))
        net_of += [int(wnet[w])] * (size - 1)
        n += size
    args = (np.array(head), np.array(net_of))
    best, stale = np.inf, 0
    margin = 0.3 * float(np.median(nets.width + nets.space))
    pairs = np.zeros((0, 2), dtype=np.int64)
    seen = xy
    for turn in range(SWEEPS):
        if turn == 0 or np.abs(xy - seen).max() > 0.5 * margin:
            seen = xy.copy()
            pairs = _pairs(xy, *args, shapes, nets, margin)
        worst = _sweep(xy, movable, pairs, *args, shapes, nets, EPS_UM)
        if worst <= 0.5 * EPS_UM:
            break
        stale = 0 if worst < 0.98 * best else stale + 1
        best = min(best, worst)
        if stale > 60:
            break
    return {w: xy[first[w] : first[w] + len(lines[w])].copy() for w in order}
