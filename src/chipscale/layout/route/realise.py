"""From sketch to geometry: each wire as a taut string in its sleeve, with room kept for the wires inside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.clearance import ray_exit
from chipscale.layout.route.negotiate import Plan
from chipscale.layout.route.shapes import Shapes
from chipscale.layout.route.sketch import end_need, local

Points = npt.NDArray[np.float64]
STEP_RAD = np.pi / 10  # angle between two portals around a feature


@njit(cache=True)
def _metal_between(sk, mesh, nets, e, v, wire):  # type: ignore[no-untyped-def]
    """Return the distance from the metal of end v of edge e to the centre line of a wire crossing e, µm."""
    net = sk.wnet[wire]
    n = sk.count[e]
    forward = mesh.ends[e, 0] == v
    edge, last = 0.0, -1
    for s in range(n):
        x = sk.order[e, s if forward else n - 1 - s]
        w = sk.wnet[x]
        if x == wire or w == net:
            if x == wire:
                break
            continue
        edge += (end_need(mesh, nets, v, w, 0.0) if last < 0 else max(nets.space[w], nets.space[last])) * (w != last)
        edge += nets.width[w] * (w != last)
        last = w
    half = 0.5 * nets.width[net]
    if last < 0:
        return end_need(mesh, nets, v, net, 0.0) + half
    return edge + max(nets.space[last], nets.space[net]) + half


@njit(cache=True)
def _reach(shapes, first, owner, p, u, distance):  # type: ignore[no-untyped-def]
    """Return (first, last) hit of a ray with a feature grown by `distance`."""
    lo, hi = np.inf, -np.inf
    for i in range(first[owner], first[owner + 1]):
        a, b = ray_exit(p[0], p[1], u[0], u[1], shapes.seg[i], shapes.radius[i] + distance)
        lo, hi = min(lo, a), max(hi, b)
    return lo, hi


@njit(cache=True)
def _outer(sk, mesh, nets, t, jv, e, v, wire):  # type: ignore[no-untyped-def]
    """Return metal (widths and spaces) of the wires that go round v outside of `wire` in triangle t, µm."""
    n = sk.count[e]
    forward = mesh.ends[e, 0] == v
    total, seen, last = 0.0, False, sk.wnet[wire]
    for s in range(sk.corner[t, jv]):
        x = sk.order[e, s if forward else n - 1 - s]
        if x == wire:
            seen = True
            continue
        w = sk.wnet[x]
        if seen and w != last:
            total += nets.width[w] + max(nets.space[w], nets.space[last])
            last = w
    return total, last


@njit(cache=True)
def _portals(mesh, sk, nets, shapes, first, wire, edges, tris, step):  # type: ignore[no-untyped-def]
    """Return portals (n, 4): left x y, right x y along the wire (left and right as the wire runs)."""
    out = np.empty((len(edges) * 24 + 8, 4))
    n = 0
    net = sk.wnet[wire]
    half = 0.5 * nets.width[net]
    n_edge = len(edges)
    for i in range(n_edge):
        e = edges[i]
        t_in = tris[i]
        # left end of e as the wire leaves triangle t_in through e: counter-clockwise order e runs a -> b, left is b
        j = local(mesh.te[t_in], e)
        right, left = mesh.tv[t_in, (j + 1) % 3], mesh.tv[t_in, (j + 2) % 3]
        d_l = _metal_between(sk, mesh, nets, e, left, wire)
        d_r = _metal_between(sk, mesh, nets, e, right, wire)
        m_l = mesh.metal[e, 0 if mesh.ends[e, 0] == left else 1] + d_l
        m_r = mesh.metal[e, 0 if mesh.ends[e, 0] == right else 1] + d_r
        size = mesh.length[e]
        if m_l + m_r > size:
            mid = 0.5 * (m_l + size - m_r)
            m_l, m_r = mid, size - mid
        ux = (mesh.xy[right, 0] - mesh.xy[left, 0]) / size
        uy = (mesh.xy[right, 1] - mesh.xy[left, 1]) / size
        out[n, 0], out[n, 1] = mesh.xy[left, 0] + ux * m_l, mesh.xy[left, 1] + uy * m_l
        out[n, 2], out[n, 3] = mesh.xy[right, 0] - ux * m_r, mesh.xy[right, 1] - uy * m_r
        n += 1
        t = tris[i + 1]
        if i + 1 < n_edge:
            f = edges[i + 1]
            jc = 3 - local(mesh.te[t], e) - local(mesh.te[t], f)
            c = mesh.tv[t, jc]  # the corner that is cut off
            n = _fan(mesh, sk, nets, shapes, first, (wire, t, jc, e, f, step, c == left, half), out, n)
    return out[:n]


@njit(cache=True)
def _fan(mesh, sk, nets, shapes, first, job, out, n):  # type: ignore[no-untyped-def]
    """Add portals on rays from a corner between the edges a wire enters and leaves through."""
    wire, t, jc, e, f, step, c_left, half = job
    c = mesh.tv[t, jc]
    net = sk.wnet[wire]
    x0, y0 = mesh.xy[c, 0], mesh.xy[c, 1]
    a = mesh.ends[e, 0] + mesh.ends[e, 1] - c
    b = mesh.ends[f, 0] + mesh.ends[f, 1] - c
    t0 = np.arctan2(mesh.xy[a, 1] - y0, mesh.xy[a, 0] - x0)
    turn = np.arctan2(mesh.xy[b, 1] - y0, mesh.xy[b, 0] - x0) - t0
    turn -= 2 * np.pi * np.round(turn / (2 * np.pi))
    k = int(np.ceil(abs(turn) / step))
    if k < 2:
        return n
    d_c = _metal_between(sk, mesh, nets, e, c, wire)
    d_a = _metal_between(sk, mesh, nets, e, a, wire)
    d_b = _metal_between(sk, mesh, nets, f, b, wire)
    g = mesh.te[t, jc]
    outer, last = _outer(sk, mesh, nets, t, jc, e, c, wire)
    t2 = mesh.etri[g, 0] + mesh.etri[g, 1] - t
    z, d_z = -1, outer + half
    if mesh.etri[g, 1] >= 0:
        jz = local(mesh.te[t2], g)
        z = mesh.tv[t2, jz]
        d_z = _beyond(mesh, sk, nets, (t, t2, g, z, jz), outer, last, net)
    grow = 1.0 / np.cos(0.5 * turn / k)
    for i in range(1, k):
        angle = t0 + turn * i / k
        ux, uy = np.cos(angle), np.sin(angle)
        p, u = (x0, y0), (ux, uy)
        _, lo = _reach(shapes, first, mesh.vowner[c], p, u, d_c)
        if mesh.vterm[c] < 0:
            lo = d_c
        lo *= grow
        hi = np.inf
        for v, d in ((a, d_a), (b, d_b), (z, d_z)):
            if v < 0 or mesh.vterm[v] < 0:
                continue
            near, _ = _reach(shapes, first, mesh.vowner[v], p, u, d)
            if near > 0.0:
                hi = min(hi, near)
        # the far edge, or where the boundary is
        den = ux * (mesh.xy[b, 1] - mesh.xy[a, 1]) - uy * (mesh.xy[b, 0] - mesh.xy[a, 0])
        far = (
            (mesh.xy[a, 0] - x0) * (mesh.xy[b, 1] - mesh.xy[a, 1])
            - (mesh.xy[a, 1] - y0) * (mesh.xy[b, 0] - mesh.xy[a, 0])
        ) / den
        if mesh.etri[g, 1] < 0 or z < 0:
            clear = max(mesh.vclear[a], mesh.vclear[b]) if mesh.vterm[a] < 0 and mesh.vterm[b] < 0 else 0.0
            hi = min(hi, far - (d_z + clear) / max(abs(den) / mesh.length[g], 0.2))
        else:
            hi = min(hi, max(far, lo))
        if hi < lo:
            lo = hi = max(0.5 * (lo + hi), 1e-3)
        q = n
        if c_left:
            out[q, 0], out[q, 1], out[q, 2], out[q, 3] = x0 + ux * lo, y0 + uy * lo, x0 + ux * hi, y0 + uy * hi
        else:
            out[q, 2], out[q, 3], out[q, 0], out[q, 1] = x0 + ux * lo, y0 + uy * lo, x0 + ux * hi, y0 + uy * hi
        n += 1
    return n


@njit(cache=True)
def _beyond(mesh, sk, nets, place, outer, last, net):  # type: ignore[no-untyped-def]
    """Return the distance to keep from the metal of the feature z beyond the far edge, µm."""
    _, t2, _, z, jz = place
    total = outer
    f = mesh.te[t2, (jz + 1) % 3]
    n = sk.count[f]
    forward = mesh.ends[f, 0] == z
    m = sk.corner[t2, jz]
    for s in range(m - 1, -1, -1):
        w = sk.wnet[sk.order[f, s if forward else n - 1 - s]]
        if w != last:
            total += nets.width[w] + max(nets.space[w], nets.space[last])
            last = w
    gap = end_need(mesh, nets, z, last, 0.0)
    return total + gap + 0.5 * nets.width[net]


@njit(cache=True)
def _area(ax, ay, bx, by, cx, cy):  # type: ignore[no-untyped-def]
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


@njit(cache=True)
def funnel(start, end, portals):  # type: ignore[no-untyped-def]
    """Return the shortest polyline (n, 2) from start to end through portals (m, 4) (left x y, right x y)."""
    m = len(portals)
    gates = np.empty((m + 2, 4))
    gates[0, 0], gates[0, 1], gates[0, 2], gates[0, 3] = start[0], start[1], start[0], start[1]
    for i in range(m):
        gates[i + 1] = portals[i]
    gates[m + 1, 0], gates[m + 1, 1], gates[m + 1, 2], gates[m + 1, 3] = end[0], end[1], end[0], end[1]
    out = np.empty((2 * m + 4, 2))
    out[0, 0], out[0, 1] = start[0], start[1]
    n = 1
    ax, ay = start[0], start[1]
    lx, ly, rx, ry = ax, ay, ax, ay
    il = ir = 0
    i = 1
    guard = 0
    while i < m + 2 and guard < 200000:
        guard += 1
        nlx, nly, nrx, nry = gates[i]
        # tighten the right side
        if _area(ax, ay, rx, ry, nrx, nry) >= 0.0:
            if (ax == rx and ay == ry) or _area(ax, ay, lx, ly, nrx, nry) < 0.0:
                rx, ry, ir = nrx, nry, i
            else:
                if n < len(out):
                    out[n, 0], out[n, 1] = lx, ly
                    n += 1
                ax, ay = lx, ly
                i = il + 1
                rx, ry, ir = ax, ay, il
                continue
        if _area(ax, ay, lx, ly, nlx, nly) <= 0.0:
            if (ax == lx and ay == ly) or _area(ax, ay, rx, ry, nlx, nly) > 0.0:
                lx, ly, il = nlx, nly, i
            else:
                if n < len(out):
                    out[n, 0], out[n, 1] = rx, ry
                    n += 1
                ax, ay = rx, ry
                i = ir + 1
                lx, ly, il = ax, ay, ir
                continue
        i += 1
    if n < len(out):
        out[n, 0], out[n, 1] = end[0], end[1]
        n += 1
    return out[:n]


def clean(points: Points, sine: float = 1e-7) -> Points:
    """Drop repeated and collinear points of a polyline (n, 2)."""
    keep = [points[0]]
    for p in points[1:]:
        if np.hypot(*(p - keep[-1])) > 1e-7:
            keep.append(p)
    if len(keep) == 1:
        keep.append(points[-1])
    out = [keep[0]]
    for i in range(1, len(keep) - 1):
        a, b = keep[i] - out[-1], keep[i + 1] - keep[i]
        cross = abs(a[0] * b[1] - a[1] * b[0])
        if cross > sine * max(np.hypot(*a) * np.hypot(*b), 1e-9) or a @ b < 0:
            out.append(keep[i])
    out.append(keep[-1])
    return np.array(out)


def realise(plan: Plan, shapes: Shapes) -> dict[int, Points]:
    """Return each wire's taut centre line, (n, 2) µm; nearly legal: what is beyond a wire's neighbours is not seen."""
    owners = int(shapes.owner.max()) + 1
    first = np.searchsorted(shapes.owner, np.arange(owners + 1)).astype(np.int64)
    lines = {}
    for wire in sorted(plan.paths):
        path = plan.paths[wire]
        a, b = plan.mesh.xy[path.start], plan.mesh.xy[path.end]
        if len(path.edges) == 0:
            lines[wire] = np.array([a, b])
            continue
        gates = _portals(plan.mesh, plan.sketch, plan.nets, shapes, first, wire, path.edges, path.tris, STEP_RAD)
        lines[wire] = clean(funnel(a, b, gates))
    return lines
