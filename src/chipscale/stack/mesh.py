"""Triangles of one body: closed, outward, with normals; the form that GLB writes and viewers draw."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.stack.outline import Prism, local, prisms, simplified
from chipscale.stack.revolve import outline, revolved_volume_um3
from chipscale.stack.types import Body, Points, Revolved

CREASE_COS = math.cos(math.radians(40.0))  # walls meeting at less than 40° are shaded as one round wall
SEGMENTS = 32
_SHAKE_UM = 1e-4
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
        return _joined(origin, [_revolved(body)])
    whole = prisms(body)
    low = np.vstack([prism.bottom[0] for prism in whole]).min(axis=0)
    pieces = [simplified(local(prism, low), simplify_um) for prism in whole]
    origin = np.array([low[0], low[1], body.z_um])
    return _joined(origin, [part for prism in pieces for part in _prism(prism, body.h_um)])


_Part = tuple[Points, Points, npt.NDArray[np.int64]]


def _joined(origin: Points, parts: list[_Part]) -> Triangles:
    """Return the parts, given about the origin, as one mesh."""
    starts = np.cumsum([0] + [len(points) for points, _, _ in parts])
    return Triangles(
        origin,
        np.vstack([points for points, _, _ in parts]),
        np.vstack([normals for _, normals, _ in parts]),
        np.vstack([faces + start for (_, _, faces), start in zip(parts, starts[:-1], strict=True)]).astype(np.uint32),
    )


def _prism(prism: Prism, h_um: float) -> list[_Part]:
    """Return the bottom, the top and the walls of one piece that stands on z = 0."""
    bottom, top = _cap(prism.bottom, 0.0, up=False), _cap(prism.top, h_um, up=True)
    return [bottom, top, *(_wall(b, t, h_um) for b, t in zip(prism.bottom, prism.top, strict=True))]


def _cap(rings: tuple[Points, ...], z_um: float, up: bool) -> _Part:
    """Return a flat face, triangulated by ear cutting (mapbox earcut).

    Ear cutting skips corners that lie on a line with their neighbours, also with those of an aligned hole, and would
    leave a seam open there; the corners it sees are therefore moved by up to 0.1 nm.
    """
    from mapbox_earcut import triangulate_float64

    corners = np.vstack(rings)
    seen = corners + np.random.default_rng(0).uniform(-_SHAKE_UM, _SHAKE_UM, corners.shape)
    ends = np.cumsum([len(ring) for ring in rings]).astype(np.uint32)
    faces = triangulate_float64(seen, ends).reshape(-1, 3).astype(np.int64)
    a, b, c = (seen[faces[:, k]] for k in range(3))
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    wrong = turn < 0 if up else turn > 0
    faces[wrong] = faces[wrong][:, ::-1]
    points = np.column_stack((corners, np.full(len(corners), z_um)))
    return points, np.tile([0.0, 0.0, 1.0 if up else -1.0], (len(points), 1)), faces


def _wall(bottom: Points, top: Points, h_um: float) -> _Part:
    """Return the wall along a ring from z = 0 up; the material lies to the left of the ring's direction."""
    n = len(bottom)
    side = np.roll(bottom, -1, axis=0) - bottom
    lean = np.einsum("ij,ij->i", top - bottom, np.column_stack((side[:, 1], -side[:, 0])))
    length = np.hypot(*side.T)
    normal = np.column_stack((side[:, 1], -side[:, 0], -lean / h_um)) / length[:, None]
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
            np.column_stack((bottom[order], np.zeros(count))),
            np.column_stack((top[order], np.full(count, h_um))),
        )
    )
    a, b = np.arange(n), end_at[(np.arange(n) + 1) % n]
    faces = np.vstack((np.column_stack((a, b, b + count)), np.column_stack((a, b + count, a + count))))
    return points, np.vstack((normals, normals)), faces


def _revolved(body: Revolved) -> _Part:
    """Return a solid of revolution with 32 sides, widened so that the mesh holds the exact volume."""
    profile = _coarse(body)
    angle = np.arange(SEGMENTS) * math.tau / SEGMENTS
    ring = np.column_stack((np.cos(angle), np.sin(angle)))
    r, z = profile.T
    polygon_area = SEGMENTS / 2 * math.sin(math.tau / SEGMENTS)
    held = polygon_area / 3 * float(np.sum(np.diff(z) * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2)))
    wide = math.sqrt(revolved_volume_um3(body) / held)
    points, normals, faces = [], [], []
    here, after = np.arange(SEGMENTS), (np.arange(SEGMENTS) + 1) % SEGMENTS
    for start, band in enumerate(_bands(profile)):
        for radius, height, normal_r, normal_z in band:
            points.append(np.column_stack((ring * radius * wide, np.full(SEGMENTS, height - z[0]))))
            normals.append(np.column_stack((ring * normal_r, np.full(SEGMENTS, normal_z))))
        k, nxt = here + 2 * SEGMENTS * start, after + 2 * SEGMENTS * start
        if band[1][0] > 0:
            faces.append(np.column_stack((k, nxt + SEGMENTS, k + SEGMENTS)))
        if band[0][0] > 0:
            faces.append(np.column_stack((k, nxt, nxt + SEGMENTS)))
    return np.vstack(points), np.vstack(normals), np.vstack(faces)


def _coarse(body: Revolved) -> Points:
    """Return the outline with few points: at most 17 on a spheroid, every third or so of a long profile."""
    z = body.profile[:, 1]
    if body.spheroid is not None:
        return outline(body.spheroid, float(z[0]), float(z[-1]), 17)
    keep = np.unique(np.round(np.linspace(0, len(z) - 1, min(len(z), 25))).astype(int))
    kept: Points = body.profile[keep]
    return kept


def _bands(profile: Points) -> list[tuple[Points, Points]]:
    """Return (lower, upper) rows (r, z, normal_r, normal_z) of every band, flat ends included."""
    step = np.diff(profile, axis=0)
    normal = np.column_stack((step[:, 1], -step[:, 0])) / np.hypot(*step.T)[:, None]
    corner = np.vstack((normal[:1], normal[:-1] + normal[1:], normal[-1:]))
    rows = np.hstack((profile, corner / np.hypot(*corner.T)[:, None]))
    bands = list(pairwise(rows))
    if profile[0, 0] > 0:
        z = profile[0, 1]
        bands.insert(0, (np.array([0.0, z, 0.0, -1.0]), np.array([profile[0, 0], z, 0.0, -1.0])))
    if profile[-1, 0] > 0:
        z = profile[-1, 1]
        bands.append((np.array([profile[-1, 0], z, 0.0, 1.0]), np.array([0.0, z, 0.0, 1.0])))
    return bands


def enclosed_um3(mesh: Triangles) -> float:
    """Return the volume a closed mesh encloses, µm³ (divergence theorem)."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
