"""Shortest wires among convex obstacles: a lazy A* over the corners of the grown obstacles.

An edge of the visibility graph is looked at only when it is the cheapest way to a corner, and only if it is
tangent to both obstacles, as every edge of a shortest path is.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from chipscale.layout.route_grid.convex import (
    DEPTH_UM,
    inside_any,
    line_free,
    offset_outline,
)
from chipscale.layout.route_grid.grid_kernels import heap_pop, heap_push, octile


@njit(cache=True)
def grown_obstacles(
    region: np.ndarray,  # x0, y0, x1, y1
    mine: np.ndarray,  # net number, half width, space wish, clearance factor, fixed directions
    points: np.ndarray,
    start: np.ndarray,
    radius: np.ndarray,
    net: np.ndarray,
    space: np.ndarray,
    rule: np.ndarray,
    segments: np.ndarray,  # (m, 2, 2) of wires
    seg_net: np.ndarray,
    seg_half: np.ndarray,
    seg_space: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Faces (f, 3), corners (f, 2), starts (k + 1) and boxes (k, 4) of all foreign shapes near a region."""
    me, half, wish, factor, ndirs = int(mine[0]), mine[1], mine[2], mine[3], int(mine[4])
    faces = np.empty((1024, 3))
    corners = np.empty((1024, 2))
    begin = np.zeros(257, np.int64)
    box = np.empty((256, 4))
    n, k = 0, 0
    fixed = len(start) - 1
    for i in range(fixed + len(segments)):
        if i < fixed:
            if net[i] == me and rule[i] == 0:
                continue
            pts, a, b = points, start[i], start[i + 1]
            r = radius[i] + half + (space[i] if rule[i] == 1 else max(space[i], wish) * factor)
        else:
            j = i - fixed
            if seg_net[j] == me or seg_net[j] < 0:
                continue
            pts, a, b = segments[j], 0, 2
            r = seg_half[j] + half + max(seg_space[j], wish) * factor
        r += 0.01
        x0, y0 = pts[a:b, 0].min() - r, pts[a:b, 1].min() - r
        x1, y1 = pts[a:b, 0].max() + r, pts[a:b, 1].max() + r
        if x0 > region[2] or x1 < region[0] or y0 > region[3] or y1 < region[1]:
            continue
        f, c = offset_outline(pts, a, b, r, ndirs)
        m = len(f)
        while n + m > len(faces):
            faces = np.concatenate((faces, np.empty_like(faces)))
            corners = np.concatenate((corners, np.empty_like(corners)))
        if k + 1 >= len(box):
            box = np.concatenate((box, np.empty_like(box)))
            begin = np.concatenate((begin, np.zeros_like(begin)))
        faces[n : n + m], corners[n : n + m] = f, c
        box[k, 0], box[k, 1] = c[:, 0].min(), c[:, 1].min()
        box[k, 2], box[k, 3] = c[:, 0].max(), c[:, 1].max()
        n += m
        k += 1
        begin[k] = n
    return faces[:n], corners[:n], begin[: k + 1], box[:k]


@njit(cache=True)
def elbow(ax: float, ay: float, bx: float, by: float, diagonal_first: bool) -> tuple[float, float]:
    """The corner of the octilinear two-piece way from a to b."""
    dx, dy = bx - ax, by - ay
    d = min(abs(dx), abs(dy))
    sx, sy = math.copysign(d, dx), math.copysign(d, dy)
    if diagonal_first:
        return ax + sx, ay + sy
    return bx - sx, by - sy


@njit(cache=True)
def way_free(a: np.ndarray, b: np.ndarray, octo: bool, faces: np.ndarray, start: np.ndarray, box: np.ndarray) -> int:
    """0: blocked; 1: free (straight, or diagonal piece first); 2: free with the diagonal piece last."""
    if not octo:
        return 1 if line_free(a[0], a[1], b[0], b[1], faces, start, box) else 0
    for kind in range(1, 3):
        ex, ey = elbow(a[0], a[1], b[0], b[1], kind == 1)
        if line_free(a[0], a[1], ex, ey, faces, start, box) and line_free(ex, ey, b[0], b[1], faces, start, box):
            return kind
    return 0


@njit(cache=True)
def gap_length(a: np.ndarray, b: np.ndarray, octo: bool) -> float:
    """Length of an unhindered wire between two points."""
    if octo:
        return octile(a[0] - b[0], a[1] - b[1])
    return math.hypot(a[0] - b[0], a[1] - b[1])


@njit(cache=True)
def foot(p: np.ndarray, s: np.ndarray) -> np.ndarray:
    """The point of segment s (2, 2) nearest to p."""
    d = s[1] - s[0]
    ll = d[0] * d[0] + d[1] * d[1]
    t = 0.0
    if ll > 0.0:
        t = min(1.0, max(0.0, ((p[0] - s[0, 0]) * d[0] + (p[1] - s[0, 1]) * d[1]) / ll))
    return s[0] + t * d


@njit(cache=True)
def nearest(p: np.ndarray, tree: np.ndarray, octo: bool) -> tuple[np.ndarray, float]:
    """The point of a tree (m, 2, 2; a point is a segment of no length) nearest to p, and its distance."""
    best = 1e300
    q = p
    for i in range(len(tree)):
        f = foot(p, tree[i])
        d = gap_length(p, f, octo)
        if d < best:
            best, q = d, f
    return q, best


@njit(cache=True)
def tangent(p: np.ndarray, v: int, corners: np.ndarray, before: int, after: int) -> bool:
    """Whether the line from p to corner v leaves both neighbours of v on one side."""
    ex, ey = corners[v, 0] - p[0], corners[v, 1] - p[1]
    a = ex * (corners[before, 1] - corners[v, 1]) - ey * (corners[before, 0] - corners[v, 0])
    b = ex * (corners[after, 1] - corners[v, 1]) - ey * (corners[after, 0] - corners[v, 0])
    return a * b >= -1e-9 * (ex * ex + ey * ey + 1.0)


@njit(cache=True)
def candidates(
    faces: np.ndarray, corners: np.ndarray, start: np.ndarray, box: np.ndarray, ends: tuple, limit: float, octo: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Corners that a wire shorter than `limit` may touch: coordinates, both neighbours' index, way to go."""
    source, target = ends
    pick = np.empty(len(corners), np.int64)
    to_go = np.empty(len(corners))
    prev = np.empty(len(corners), np.int64)
    succ = np.empty(len(corners), np.int64)
    n = 0
    for k in range(len(start) - 1):
        for i in range(start[k], start[k + 1]):
            h = nearest(corners[i], target, octo)[1]
            if h > limit or h + nearest(corners[i], source, octo)[1] > limit:
                continue
            if inside_any(corners[i, 0], corners[i, 1], faces, start, box, DEPTH_UM) >= 0:
                continue
            pick[n], to_go[n] = i, h
            prev[n] = i - 1 if i > start[k] else start[k + 1] - 1
            succ[n] = i + 1 if i + 1 < start[k + 1] else start[k]
            n += 1
    return pick[:n], prev[:n], succ[:n], to_go[:n]


@njit(cache=True)
def shortest(
    source: np.ndarray,  # (m, 2, 2) pieces of the tree to start from
    target: np.ndarray,  # (m, 2, 2) pieces to arrive at
    limit: float,
    bend: float,  # price of a corner in µm
    octo: bool,
    faces: np.ndarray,
    corners: np.ndarray,
    start: np.ndarray,
    box: np.ndarray,
) -> np.ndarray:
    """The shortest way (n, 2) from source to target not longer than `limit`; empty if there is none."""
    pick, prev, succ, to_go = candidates(faces, corners, start, box, (source, target), limit, octo)
    n = len(pick)
    goal, first = n, n + 1
    seeds = 2 * len(source) + 2 * len(target)
    g = np.full(n + 1, limit)
    xy = np.empty((n + 1 + 2 * seeds, 2))
    for i in range(n):
        xy[i] = corners[pick[i]]
    hf = np.empty(1024, np.float64)
    he = np.empty(1024, np.int64)  # index of an edge
    ea = np.empty(1024, np.int64)
    eb = np.empty(1024, np.int64)
    came = np.full(n + 1, -1)
    kind = np.zeros(n + 1, np.int64)
    done = np.zeros(n + 1, np.bool_)
    arrive = np.empty((first + 2 * seeds, 2))  # where each corner or seed would meet the target
    begin = np.empty((n + 1, 2))  # where the way to each corner begins, for ways from the source
    size, edges, m = 0, 0, first
    for i in range(len(source)):  # seeds: the source's ends, and its points nearest the target's ends
        for j in range(2):
            xy[m] = source[i, j]
            m += 1
    for i in range(len(target)):
        for j in range(2):
            xy[m] = nearest(target[i, j], source, octo)[0]
            m += 1
    work = np.empty(m - first + n, np.int64)
    nwork = 0
    for s in range(first, m):
        work[nwork] = s
        nwork += 1
    base = np.zeros(m)
    while True:
        for w in range(nwork):
            u = work[w]
            gu = base[u] if u >= first else g[u]
            q, d = nearest(xy[u], target, octo)
            arrive[u] = q
            for v in range(n + 1):
                if v < n and (done[v] or v == u):
                    continue
                if v == n:
                    cost, rest = gu + d, 0.0
                else:
                    cost, rest = gu + gap_length(xy[u], xy[v], octo) + bend, to_go[v]
                if cost + rest >= g[goal] or cost >= g[v]:
                    continue
                if not octo:
                    if v < n and not tangent(xy[u], pick[v], corners, prev[v], succ[v]):
                        continue
                    far = xy[v] if v < n else q
                    if u < n and not tangent(far, pick[u], corners, prev[u], succ[u]):
                        continue
                if size + 1 >= len(hf):
                    hf, he = np.concatenate((hf, np.empty_like(hf))), np.concatenate((he, np.empty_like(he)))
                if edges + 1 >= len(ea):
                    ea, eb = np.concatenate((ea, np.empty_like(ea))), np.concatenate((eb, np.empty_like(eb)))
                ea[edges], eb[edges] = u, v
                size = heap_push(hf, he, size, cost + rest, edges)
                edges += 1
        nwork = 0
        while size > 0 and nwork == 0:
            f, e = hf[0], he[0]
            size = heap_pop(hf, he, size)
            u, v = ea[e], eb[e]
            if done[v]:
                continue
            far = arrive[u] if v == n else xy[v]
            way = way_free(xy[u], far, octo, faces, start, box)
            if way == 0:
                continue
            done[v], came[v], kind[v] = True, u, way
            g[v] = f - (to_go[v] if v < n else 0.0)
            if v == n:
                begin[v] = far
                break
            work[0] = v
            nwork = 1
            if len(source) > 1 or gap_length(source[0, 0], source[0, 1], False) > 0.0:
                q, d = nearest(xy[v], source, octo)  # a nearer start on the source may be in sight
                if d + bend < g[v] - 1e-9 and way_free(q, xy[v], octo, faces, start, box) > 0:
                    g[v], came[v] = d + bend, -2
                    kind[v] = way_free(q, xy[v], octo, faces, start, box)
                    begin[v] = q
        if done[goal] or nwork == 0:
            break
    if not done[goal]:
        return np.empty((0, 2))
    return trace_back(came, kind, xy, begin, goal, first, octo)


@njit(cache=True)
def trace_back(
    came: np.ndarray, kind: np.ndarray, xy: np.ndarray, begin: np.ndarray, goal: int, first: int, octo: bool
) -> np.ndarray:
    """The found way from source to target with its elbows."""
    out = np.empty((2 * goal + 6, 2))
    out[0] = begin[goal]
    n, v = 1, goal
    while True:
        u = came[v]
        p = begin[v] if u == -2 else xy[u]
        if octo:
            ex, ey = elbow(p[0], p[1], out[n - 1, 0], out[n - 1, 1], kind[v] == 1)
            out[n, 0], out[n, 1] = ex, ey
            n += 1
        out[n] = p
        n += 1
        if u == -2 or u >= first:
            break
        v = u
    return out[:n][::-1].copy()


@njit(cache=True)
def line_legal(line: np.ndarray, faces: np.ndarray, start: np.ndarray, box: np.ndarray) -> bool:
    """Whether a whole polyline (n, 2) stays out of all convex polygons."""
    for i in range(len(line) - 1):
        if not line_free(line[i, 0], line[i, 1], line[i + 1, 0], line[i + 1, 1], faces, start, box):
            return False
    return True
