"""Triangles of one body: closed, outward, with normals; the form that GLB writes and viewers draw."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.stack.outline import Prism, prisms, simplified
from chipscale.stack.revolve import outline, revolved_volume_um3
from chipscale.stack.types import Body, Points, Revolved, Slab

CREASE_COS = math.cos(math.radians(40.0))  # walls meeting at less than 40° are shaded as one round wall
SEGMENTS = 32
Index = npt.NDArray[np.uint32]


class Triangles(NamedTuple):
    """Vertices (n, 3) and normals (n, 3) about `origin` (3,), all µm, and triangles (m, 3) counter-clockwise from
    outside. Corners with several normals occur several times, with the very same coordinates."""

    origin: Points
    points: Points
    normals: Points
    triangles: Index


def triangles(body: Body, simplify_um: float = 0.2) -> Triangles:
    """Return the body's surface; outlines lose vertices within `simplify_um`, volumes stay within 1e-3."""
    if isinstance(body, Revolved):
        origin = np.array([body.x_um, body.y_um, float(body.profile[0, 1])])
        return _placed(origin, [_revolved(body)], origin)
    pieces = [simplified(prism, simplify_um) for prism in prisms(body)]
    low = np.vstack([prism.bottom[0] for prism in pieces]).min(axis=0)
    origin = np.array([low[0], low[1], body.z_um])
    return _placed(origin, [part for prism in pieces for part in _prism(body, prism)], origin)


_Part = tuple[Points, Points, npt.NDArray[np.int64]]


def _placed(origin: Points, parts: list[_Part], shift: Points) -> Triangles:
    """Return the parts as one mesh about the origin."""
    starts = np.cumsum([0] + [len(points) for points, _, _ in parts])
    return Triangles(
        origin,
        np.vstack([points for points, _, _ in parts]) - shift,
        np.vstack([normals for _, normals, _ in parts]),
        np.vstack([faces + start for (_, _, faces), start in zip(parts, starts[:-1], strict=True)]).astype(np.uint32),
    )


def _prism(slab: Slab, prism: Prism) -> list[_Part]:
    """Return the bottom, the top and the walls of one piece."""
    low, high = slab.z_um, slab.z_um + slab.h_um
    bottom = _cap(prism.bottom, low, up=False)
    top = _cap(prism.top, high, up=True)
    walls = [_wall(b, t, low, high) for b, t in zip(prism.bottom, prism.top, strict=True)]
    return [bottom, top, *walls]


def _cap(rings: tuple[Points, ...], z_um: float, up: bool) -> _Part:
    """Return a flat face, triangulated by ear cutting (mapbox earcut)."""
    from mapbox_earcut import triangulate_float64

    corners = np.vstack(rings)
    ends = np.cumsum([len(ring) for ring in rings]).astype(np.uint32)
    faces = triangulate_float64(np.ascontiguousarray(corners), ends).reshape(-1, 3).astype(np.int64)
    a, b, c = (corners[faces[:, k]] for k in range(3))
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    wrong = turn < 0 if up else turn > 0
    faces[wrong] = faces[wrong][:, ::-1]
    if not up:
        flat = turn == 0
        faces[flat] = faces[flat][:, ::-1]
    points = np.column_stack((corners, np.full(len(corners), z_um)))
    return points, np.tile([0.0, 0.0, 1.0 if up else -1.0], (len(points), 1)), faces


def _wall(bottom: Points, top: Points, low_um: float, high_um: float) -> _Part:
    """Return the wall along a ring; the material lies to the left of the ring's direction."""
    n = len(bottom)
    side = np.roll(bottom, -1, axis=0) - bottom
    lean = np.einsum("ij,ij->i", top - bottom, np.column_stack((side[:, 1], -side[:, 0])))
    length = np.hypot(*side.T)
    normal = np.column_stack((side[:, 1], -side[:, 0], -lean / (high_um - low_um))) / length[:, None]
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    before = np.roll(normal, 1, axis=0)
    smooth = np.einsum("ij,ij->i", normal, before) > CREASE_COS
    mean = normal + before
    mean /= np.linalg.norm(mean, axis=1)[:, None]
    end_normal, start_normal = np.where(smooth[:, None], mean, before), np.where(smooth[:, None], mean, normal)
    # vertex k of the ring: as the start of side k (rows 0..n), and where there is a crease as the end of side k-1
    extra = np.flatnonzero(~smooth)
    order = np.concatenate((np.arange(n), extra))
    end_at = np.arange(n)
    end_at[extra] = n + np.arange(len(extra))
    normals = np.vstack((start_normal, end_normal[extra]))
    count = len(order)
    points = np.vstack(
        (
            np.column_stack((bottom[order], np.full(count, low_um))),
            np.column_stack((top[order], np.full(count, high_um))),
        )
    )
    a, b = np.arange(n), end_at[(np.arange(n) + 1) % n]
    faces = np.vstack((np.column_stack((a, b, b + count)), np.column_stack((a, b + count, a + count))))
    return points, np.vstack((normals, normals)), faces


def _revolved(body: Revolved) -> _Part:
    """Return a solid of revolution with 32 sides, widened so that the mesh holds the exact volume."""
    profile = _coarse(body)
    sides = _closed(profile)
    angle = np.arange(SEGMENTS) * math.tau / SEGMENTS
    ring = np.column_stack((np.cos(angle), np.sin(angle)))
    points, normals, faces = [], [], []
    start = 0
    r, z = profile.T
    polygon_area = SEGMENTS / 2 * math.sin(math.tau / SEGMENTS)
    held = polygon_area / 3 * float(np.sum(np.diff(z) * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2)))
    wide = math.sqrt(revolved_volume_um3(body) / held)
    for a, b in zip(sides[:-1], sides[1:], strict=True):
        count = 0
        for (radius, height), normal in ((a[:2], a[2:]), (b[:2], b[2:])):
            xy = ring * radius * wide + [body.x_um, body.y_um]
            points.append(np.column_stack((xy, np.full(SEGMENTS, height))))
            normals.append(np.column_stack((ring * normal[0], np.full(SEGMENTS, normal[1]))))
            count += SEGMENTS
        k, nxt = np.arange(SEGMENTS) + start, (np.arange(SEGMENTS) + 1) % SEGMENTS + start
        if b[0] > 0:
            faces.append(np.column_stack((k, nxt + SEGMENTS, k + SEGMENTS)))
        if a[0] > 0:
            faces.append(np.column_stack((k, nxt, nxt + SEGMENTS)))
        start += count
    return np.vstack(points), np.vstack(normals), np.vstack(faces)


def _coarse(body: Revolved) -> Points:
    """Return the outline with few points: at most 17 on a spheroid, every third or so of a long profile."""
    z = body.profile[:, 1]
    if body.spheroid is not None:
        return outline(body.spheroid, float(z[0]), float(z[-1]), 17)
    keep = np.unique(np.round(np.linspace(0, len(z) - 1, min(len(z), 25))).astype(int))
    return body.profile[keep]


def _closed(profile: Points) -> Points:
    """Return rows (r, z, normal_r, normal_z), two per side, for the outline closed flat at both ends."""
    step = np.diff(profile, axis=0)
    normal = np.column_stack((step[:, 1], -step[:, 0])) / np.hypot(*step.T)[:, None]
    corner = np.vstack((normal[:1], normal[:-1] + normal[1:], normal[-1:]))
    corner /= np.hypot(*corner.T)[:, None]
    rows = np.hstack((profile, corner))
    if profile[0, 0] > 0:
        foot = np.array([[0.0, profile[0, 1], 0.0, -1.0], [*profile[0], 0.0, -1.0]])
        rows = np.vstack((foot, rows))
    if profile[-1, 0] > 0:
        head = np.array([[*profile[-1], 0.0, 1.0], [0.0, profile[-1, 1], 0.0, 1.0]])
        rows = np.vstack((rows, head))
    return rows


def enclosed_um3(mesh: Triangles) -> float:
    """Return the volume a closed mesh encloses, µm³ (divergence theorem)."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


