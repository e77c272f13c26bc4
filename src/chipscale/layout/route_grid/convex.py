"""Numba geometry of rounded convex shapes: distance, offset outline and what blocks a straight line."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

DEPTH_UM = 0.002  # a line may enter an offset outline this far (the offset itself keeps 0.01)


@njit(cache=True)
def segment_distance2(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Squared distance from a point to the segment a-b."""
    dx, dy = bx - ax, by - ay
    ll = dx * dx + dy * dy
    t = 0.0
    if ll > 0.0:
        t = min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / ll))
    ex, ey = px - ax - t * dx, py - ay - t * dy
    return ex * ex + ey * ey


@njit(cache=True)
def hull_distance(px: float, py: float, pts: np.ndarray, a: int, b: int) -> float:
    """Distance from a point to the convex hull pts[a:b] (counter-clockwise); zero inside."""
    n = b - a
    if n == 1:
        return math.hypot(px - pts[a, 0], py - pts[a, 1])
    best = 1e300
    inside = n > 2
    for i in range(n):
        p, q = a + i, a + (i + 1) % n
        d = segment_distance2(px, py, pts[p, 0], pts[p, 1], pts[q, 0], pts[q, 1])
        best = min(best, d)
        ex, ey = pts[q, 0] - pts[p, 0], pts[q, 1] - pts[p, 1]
        if ex * (py - pts[p, 1]) - ey * (px - pts[p, 0]) < 0.0:
            inside = False
    return 0.0 if inside else math.sqrt(best)


@njit(cache=True)
def face_angles(pts: np.ndarray, a: int, b: int, ndirs: int) -> np.ndarray:
    """Sorted outward directions of the offset outline: the hull's own normals and ndirs fixed ones."""
    n = b - a
    pitch = 2.0 * math.pi / ndirs
    own = np.empty(n)
    k = 0
    if n > 1:
        for i in range(n):
            p, q = a + i, a + (i + 1) % n
            ex, ey = pts[q, 0] - pts[p, 0], pts[q, 1] - pts[p, 1]
            if ex * ex + ey * ey < 1e-12:
                continue
            own[k] = math.atan2(-ex, ey) % (2.0 * math.pi)
            k += 1
    out = np.empty(k + ndirs)
    m = k
    out[:k] = own[:k]
    for i in range(ndirs):
        t = i * pitch
        near = False
        for j in range(k):
            d = abs(own[j] - t)
            if min(d, 2.0 * math.pi - d) < 0.3 * pitch:
                near = True
        if not near:
            out[m] = t
            m += 1
    return np.sort(out[:m])


@njit(cache=True)
def offset_outline(pts: np.ndarray, a: int, b: int, r: float, ndirs: int) -> tuple[np.ndarray, np.ndarray]:
    """Faces (m, 3: normal x, y, support) and corners (m, 2) of a polygon round the hull grown by r.

    The polygon touches the grown shape on every face from outside; corner i lies between face i and i + 1.
    """
    ang = face_angles(pts, a, b, ndirs)
    m = len(ang)
    faces = np.empty((m, 3))
    for i in range(m):
        c, s = math.cos(ang[i]), math.sin(ang[i])
        h = -1e300
        for j in range(a, b):
            h = max(h, pts[j, 0] * c + pts[j, 1] * s)
        faces[i, 0], faces[i, 1], faces[i, 2] = c, s, h + r
    k = 0
    keep = np.empty(m, np.int64)
    for i in range(m):  # equal normals of collinear hull edges once only
        if k == 0 or faces[i, 0] * faces[keep[k - 1], 0] + faces[i, 1] * faces[keep[k - 1], 1] < 1.0 - 1e-9:
            keep[k] = i
            k += 1
    out = np.empty((k, 3))
    for i in range(k):
        out[i] = faces[keep[i]]
    corners = np.empty((k, 2))
    for i in range(k):
        j = (i + 1) % k
        det = out[i, 0] * out[j, 1] - out[i, 1] * out[j, 0]
        corners[i, 0] = (out[i, 2] * out[j, 1] - out[j, 2] * out[i, 1]) / det
        corners[i, 1] = (out[i, 0] * out[j, 2] - out[j, 0] * out[i, 2]) / det
    return out, corners


@njit(cache=True)
def inside_any(px: float, py: float, faces: np.ndarray, start: np.ndarray, box: np.ndarray, depth: float) -> int:
    """Index of the first convex polygon that holds the point deeper than `depth`, or -1."""
    for k in range(len(start) - 1):
        if px <= box[k, 0] or px >= box[k, 2] or py <= box[k, 1] or py >= box[k, 3]:
            continue
        inside = True
        for f in range(start[k], start[k + 1]):
            if faces[f, 2] - faces[f, 0] * px - faces[f, 1] * py <= depth:
                inside = False
                break
        if inside:
            return k
    return -1


@njit(cache=True)
def crosses(px: float, py: float, qx: float, qy: float, faces: np.ndarray, a: int, b: int) -> bool:
    """Whether segment p-q passes the convex polygon faces[a:b] deeper than DEPTH_UM."""
    t0, t1 = 0.0, 1.0
    for f in range(a, b):
        dp = faces[f, 2] - faces[f, 0] * px - faces[f, 1] * py - DEPTH_UM
        dq = faces[f, 2] - faces[f, 0] * qx - faces[f, 1] * qy - DEPTH_UM
        if dp <= 0.0:
            if dq <= 0.0:
                return False
            t0 = max(t0, dp / (dp - dq))
        elif dq < 0.0:
            t1 = min(t1, dp / (dp - dq))
        if t0 >= t1:
            return False
    return t1 - t0 > 1e-12


@njit(cache=True)
def line_free(
    px: float, py: float, qx: float, qy: float, faces: np.ndarray, start: np.ndarray, box: np.ndarray
) -> bool:
    """Whether the straight line p-q stays out of all convex polygons."""
    x0, x1 = min(px, qx), max(px, qx)
    y0, y1 = min(py, qy), max(py, qy)
    for k in range(len(start) - 1):
        if x1 <= box[k, 0] or x0 >= box[k, 2] or y1 <= box[k, 1] or y0 >= box[k, 3]:
            continue
        if crosses(px, py, qx, qy, faces, start[k], start[k + 1]):
            return False
    return True
