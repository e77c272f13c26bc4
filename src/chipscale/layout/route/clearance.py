"""Exact distances between wires and everything else: the kernels that decide what is legal."""

from __future__ import annotations

import numpy as np
from numba import njit

TOUCH_UM = 1e-9


@njit(cache=True)
def point_segment(px, py, ax, ay, bx, by):  # type: ignore[no-untyped-def]
    """Return (distance, parameter 0..1) from a point to a segment."""
    dx, dy = bx - ax, by - ay
    q = dx * dx + dy * dy
    t = 0.0
    if q > 0.0:
        t = ((px - ax) * dx + (py - ay) * dy) / q
        t = min(1.0, max(0.0, t))
    return np.hypot(ax + t * dx - px, ay + t * dy - py), t


@njit(cache=True)
def _crosses(ax, ay, bx, by, cx, cy, dx, dy):  # type: ignore[no-untyped-def]
    d1 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d2 = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    d3 = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    d4 = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return d1 * d2 < 0.0 and d3 * d4 < 0.0


@njit(cache=True)
def segment_segment(ax, ay, bx, by, cx, cy, dx, dy):  # type: ignore[no-untyped-def]
    """Return (distance, s, t): s along the first, t along the second segment; 0 when they cross."""
    if _crosses(ax, ay, bx, by, cx, cy, dx, dy):
        den = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
        s = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / den
        t = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / den
        return 0.0, s, t
    best, s = point_segment(cx, cy, ax, ay, bx, by)
    t = 0.0
    d, u = point_segment(dx, dy, ax, ay, bx, by)
    if d < best:
        best, s, t = d, u, 1.0
    d, u = point_segment(ax, ay, cx, cy, dx, dy)
    if d < best:
        best, s, t = d, 0.0, u
    d, u = point_segment(bx, by, cx, cy, dx, dy)
    if d < best:
        best, s, t = d, 1.0, u
    return best, s, t


@njit(cache=True)
def need_static(shapes, nets, i, net):  # type: ignore[no-untyped-def]
    """Return the least distance of a centre line of `net` to capsule i's axis, µm."""
    half = 0.5 * nets.width[net]
    other = shapes.net[i]
    if other == -2:
        return half + shapes.clear[i]
    space = max(shapes.clear[i], nets.space[net])
    if other >= 0:
        space = max(space, nets.space[other])
    return half + space + shapes.radius[i]


@njit(cache=True)
def need_wires(nets, a, b):  # type: ignore[no-untyped-def]
    """Return the least distance of two wires' centre lines, µm."""
    return 0.5 * (nets.width[a] + nets.width[b]) + max(nets.space[a], nets.space[b])


@njit(cache=True)
def segment_slack(seg, net, scene, nets, extra):  # type: ignore[no-untyped-def]
    """Return the worst (distance - need) of one segment to everything foreign, µm; `extra` µm more to metal.

    seg (x0, y0, x1, y1); scene (shapes, wseg (n, 4), wnet (n,), live (n,) bool).
    """
    shapes, wseg, wnet, live = scene
    ax, ay, bx, by = seg
    lx, hx = min(ax, bx), max(ax, bx)
    ly, hy = min(ay, by), max(ay, by)
    worst = np.inf
    for i in range(len(shapes.seg)):
        if shapes.net[i] == net:
            continue
        need = need_static(shapes, nets, i, net)
        if shapes.net[i] != -2:
            need += extra
        r = need + 1.0
        c = shapes.seg[i]
        if min(c[0], c[2]) > hx + r or max(c[0], c[2]) < lx - r or min(c[1], c[3]) > hy + r or max(c[1], c[3]) < ly - r:
            continue
        d, _, _ = segment_segment(ax, ay, bx, by, c[0], c[1], c[2], c[3])
        worst = min(worst, d - need)
    for i in range(len(wseg)):
        if wnet[i] == net or not live[i]:
            continue
        need = need_wires(nets, net, wnet[i]) + extra
        r = need + 1.0
        c = wseg[i]
        if min(c[0], c[2]) > hx + r or max(c[0], c[2]) < lx - r or min(c[1], c[3]) > hy + r or max(c[1], c[3]) < ly - r:
            continue
        d, _, _ = segment_segment(ax, ay, bx, by, c[0], c[1], c[2], c[3])
        worst = min(worst, d - need)
    return worst


@njit(cache=True)
def path_slack(points, net, scene, nets, extra):  # type: ignore[no-untyped-def]
    """Return the worst slack over a polyline (n, 2), µm."""
    worst = np.inf
    for i in range(len(points) - 1):
        seg = (points[i, 0], points[i, 1], points[i + 1, 0], points[i + 1, 1])
        worst = min(worst, segment_slack(seg, net, scene, nets, extra))
    return worst


@njit(cache=True)
def ray_exit(px, py, ux, uy, seg, radius):  # type: ignore[no-untyped-def]
    """Return the (first, last) distance at which a ray is inside a capsule; (inf, -inf) if it misses."""
    first, last = np.inf, -np.inf
    for k in range(2):
        cx, cy = seg[2 * k] - px, seg[2 * k + 1] - py
        along = cx * ux + cy * uy
        q = radius * radius - (cx * cx + cy * cy - along * along)
        if q >= 0.0:
            root = np.sqrt(q)
            first, last = min(first, along - root), max(last, along + root)
    dx, dy = seg[2] - seg[0], seg[3] - seg[1]
    size = np.hypot(dx, dy)
    if size > 0.0:
        nx, ny = -dy / size, dx / size
        for sign in (-1.0, 1.0):
            ox, oy = seg[0] + sign * radius * nx - px, seg[1] + sign * radius * ny - py
            den = ux * dy - uy * dx
            if abs(den) > 1e-12:
                t = (ox * dy - oy * dx) / den
                s = (ox * uy - oy * ux) / den
                if 0.0 <= s <= 1.0:
                    first, last = min(first, t), max(last, t)
    return first, last
