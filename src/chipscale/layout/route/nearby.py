"""Exact checks against only what lies near: for wires that are tried in many places inside one small box."""

from __future__ import annotations

from numba import njit

from chipscale.layout.route.clearance import need_static, need_wires, segment_segment


@njit(cache=True)
def nearby(box, net, scene, nets, extra, keep):  # type: ignore[no-untyped-def]
    """Fill keep (n,) with what may come too close to wires of `net` inside a box (x0, y0, x1, y1).

    Return (shapes kept, all kept): numbers of shapes, then of wire segments, in the order of the scene.
    """
    shapes, wseg, wnet, live = scene
    x0, y0, x1, y1 = box
    n = 0
    for i in range(len(shapes.seg)):
        if shapes.net[i] == net:
            continue
        c = shapes.seg[i]
        r = need_static(shapes, nets, i, net) + extra
        if min(c[0], c[2]) > x1 + r or max(c[0], c[2]) < x0 - r or min(c[1], c[3]) > y1 + r or max(c[1], c[3]) < y0 - r:
            continue
        keep[n] = i
        n += 1
    m = n
    for i in range(len(wseg)):
        if wnet[i] == net or not live[i]:
            continue
        c = wseg[i]
        r = need_wires(nets, net, wnet[i]) + extra
        if min(c[0], c[2]) > x1 + r or max(c[0], c[2]) < x0 - r or min(c[1], c[3]) > y1 + r or max(c[1], c[3]) < y0 - r:
            continue
        keep[m] = i
        m += 1
    return n, m


@njit(cache=True)
def clear_of(seg, net, scene, nets, extra, near):  # type: ignore[no-untyped-def]
    """Tell whether a segment keeps its distance to what `nearby` found; near (keep, shapes kept, all kept)."""
    shapes, wseg, wnet, _ = scene
    keep, n, m = near
    ax, ay, bx, by = seg
    for k in range(m):
        i = keep[k]
        if k < n:
            need = need_static(shapes, nets, i, net)
            if shapes.net[i] != -2:
                need += extra
            cx, cy, dx, dy = shapes.seg[i, 0], shapes.seg[i, 1], shapes.seg[i, 2], shapes.seg[i, 3]
        else:
            need = need_wires(nets, net, wnet[i]) + extra
            cx, cy, dx, dy = wseg[i, 0], wseg[i, 1], wseg[i, 2], wseg[i, 3]
        if (
            min(cx, dx) > max(ax, bx) + need
            or max(cx, dx) < min(ax, bx) - need
            or min(cy, dy) > max(ay, by) + need
            or max(cy, dy) < min(ay, by) - need
        ):
            continue
        if segment_segment(ax, ay, bx, by, cx, cy, dx, dy)[0] < need:
            return False
    return True
