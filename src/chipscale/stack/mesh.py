"""Triangles of one body: closed, outward, with normals; the form that GLB writes and viewers draw."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.stack.detail import Detail, fine
from chipscale.stack.outline import Prism, local, prisms, simplified
from chipscale.stack.revolve import outline, revolved_volume_um3
from chipscale.stack.types import Body, Points, Revolved

CREASE_COS = math.cos(math.radians(40.0))  # walls meeting at less than 40° are shaded as one round wall
_SHAKE_UM = 1e-4
Index = npt.NDArray[np.uint32]


class Triangles(NamedTuple):
    """Vertices (n, 3) in µm, normals (n, 3), and triangles (m, 3) counter-clockwise from outside.

    Corners with several normals occur several times, with the very same coordinates.
    """

    points: Points
    normals: Points
    triangles: Index


class Drawing(NamedTuple):
    """A body ready to be meshed: where its mesh's zero is (3,), a key that equal shapes share, and how to mesh it."""

    origin: Points
    key: bytes
    mesh: Callable[[], Triangles]


def drawing(body: Body, detail: Detail) -> Drawing:
    """Return what to draw; outlines lose vertices as `detail` says, volumes stay within 1e-3."""
    if isinstance(body, Revolved):
        origin = np.array([body.x_um, body.y_um, float(body.profile[0, 1])])
        key = np.round(body.profile - [0.0, origin[2]], 6).tobytes()
        return Drawing(origin, key, lambda: _joined([_revolved(body, detail)], detail))
    whole = prisms(body)
    low = np.vstack([prism.bottom[0] for prism in whole]).min(axis=0)
    pieces = [local(prism, low) for prism in whole]
    rings = [ring for piece in pieces for ring in (*piece.bottom, *(() if piece.straight else piece.top))]
    key = repr((body.h_um, [len(ring) for ring in rings])).encode() + b"".join(ring.tobytes() for ring in rings)

    def mesh() -> Triangles:
        fewer = [simplified(piece, detail.simplify_um, disc_sides=detail.disc_sides) for piece in pieces]
        return _joined([part for prism in fewer for part in _prism(prism, body.h_um)], detail)

    return Drawing(np.array([low[0], low[1], body.z_um]), key, mesh)


def triangles(body: Body, simplify_um: float = 0.2) -> Triangles:
    """Return the body's surface about its own origin, in the finest detail; volumes stay within 1e-3."""
    return drawing(body, fine(simplify_um)).mesh()


_Part = tuple[Points, Points, npt.NDArray[np.int64]]


def _joined(parts: list[_Part], detail: Detail) -> Triangles:
    """Return the parts as one mesh, x and y on the detail's grid."""
    starts = np.cumsum([0] + [len(points) for points, _, _ in parts])
    points = np.vstack([points for points, _, _ in parts])
    points[:, :2] = np.round(points[:, :2] / detail.grid_um) * detail.grid_um
    faces = np.vstack([faces + start for (_, _, faces), start in zip(parts, starts[:-1], strict=True)])
    return Triangles(points, np.vstack([normals for _, normals, _ in parts]), _real(points, faces).astype(np.uint32))


def _real(points: Points, faces: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the triangles without those of which two corners are at one place: a side shrunk to nothing on its way."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    flat = (a == b).all(axis=1) | (b == c).all(axis=1) | (c == a).all(axis=1)
    return faces[~flat]


def _prism(prism: Prism, h_um: float) -> list[_Part]:
    """Return the bottom, the top and the walls of one piece that stands on z = 0."""
    top = _cap(prism.top, h_um, up=True)
    if prism.straight:
        points, normals, faces = top
        bottom = (points * [1.0, 1.0, 0.0], -normals, np.ascontiguousarray(faces[:, ::-1]))
    else:
        bottom = _cap(prism.bottom, 0.0, up=False)
    return [bottom, top, _walls(prism, h_um)]


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


def _walls(prism: Prism, h_um: float) -> _Part:
    """Return the walls along all rings from z = 0 up; the material lies to the left of a ring's direction."""
    bottom, top = np.vstack(prism.bottom), np.vstack(prism.top)
    n = len(bottom)
    after, before = _neighbours([len(ring) for ring in prism.bottom])
    side, top_side = bottom[after] - bottom, top[after] - top
    longer = np.hypot(*top_side.T) > np.hypot(*side.T)  # the other may have shrunk to nothing
    side[longer] = top_side[longer]
    side[np.hypot(*side.T) == 0] = (1.0, 0.0)
    lean = np.einsum("ij,ij->i", top - bottom, np.column_stack((side[:, 1], -side[:, 0])))
    normal = np.column_stack((side[:, 1], -side[:, 0], -lean / h_um)) / np.hypot(*side.T)[:, None]
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    smooth = np.einsum("ij,ij->i", normal, normal[before]) > CREASE_COS
    mean = normal + normal[before]
    mean[smooth] /= np.linalg.norm(mean[smooth], axis=1)[:, None]
    end_normal, start_normal = (np.where(smooth[:, None], mean, own) for own in (normal[before], normal))
    # corner k of a ring: as the start of side k (rows 0..n), and where there is a crease as the end of the side before
    extra = np.flatnonzero(~smooth)
    order = np.concatenate((np.arange(n), extra))
    end_at = np.arange(n)
    end_at[extra] = n + np.arange(len(extra))
    normals = np.vstack((start_normal, end_normal[extra]))
    count = len(order)
    foot, head = (np.column_stack((ring[order], np.full(count, z))) for ring, z in ((bottom, 0.0), (top, h_um)))
    a, b = np.arange(n), end_at[after]
    faces = np.vstack((np.column_stack((a, b, b + count)), np.column_stack((a, b + count, a + count))))
    return np.vstack((foot, head)), np.vstack((normals, normals)), faces


def _neighbours(lengths: list[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return, for the corners of rings of these lengths one behind the other, the next and the one before."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    after, before = np.arange(ends[-1]) + 1, np.arange(ends[-1]) - 1
    after[ends - 1], before[starts] = starts, ends - 1
    return after, before


def _revolved(body: Revolved, detail: Detail) -> _Part:
    """Return a solid of revolution with flat sides, widened so that the mesh holds the exact volume."""
    sides = detail.ball_sides
    profile = _coarse(body, detail.ball_points)
    angle = np.arange(sides) * math.tau / sides
    ring = np.column_stack((np.cos(angle), np.sin(angle)))
    r, z = profile.T
    polygon_area = sides / 2 * math.sin(math.tau / sides)
    held = polygon_area / 3 * float(np.sum(np.diff(z) * (r[:-1] ** 2 + r[:-1] * r[1:] + r[1:] ** 2)))
    wide = math.sqrt(revolved_volume_um3(body) / held)
    points, normals, faces = [], [], []
    here, after = np.arange(sides), (np.arange(sides) + 1) % sides
    for start, band in enumerate(_bands(profile)):
        for radius, height, normal_r, normal_z in band:
            points.append(np.column_stack((ring * radius * wide, np.full(sides, height - z[0]))))
            normals.append(np.column_stack((ring * normal_r, np.full(sides, normal_z))))
        k, nxt = here + 2 * sides * start, after + 2 * sides * start
        if band[1][0] > 0:
            faces.append(np.column_stack((k, nxt + sides, k + sides)))
        if band[0][0] > 0:
            faces.append(np.column_stack((k, nxt, nxt + sides)))
    return np.vstack(points), np.vstack(normals), np.vstack(faces)


def _coarse(body: Revolved, count: int) -> Points:
    """Return the outline with few points: `count` on a spheroid, half as many again of a long profile."""
    z = body.profile[:, 1]
    if body.spheroid is not None:
        return outline(body.spheroid, float(z[0]), float(z[-1]), count)
    keep = np.unique(np.round(np.linspace(0, len(z) - 1, min(len(z), 3 * count // 2))).astype(int))
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
