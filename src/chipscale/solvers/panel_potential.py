"""Potential of evenly charged flat panels among dielectric layers: closed form near, few point charges far."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.layered_images import Images, Space, images_at

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EPS0_F_m = 8.8541878128e-12
_NEAR_LONG = 0.6  # of what other panels have
_FAR_RATIO = 4e-3  # panels are one charge where their second moment over the distance squared is below this
_LONG = 6.0  # ratio of the second moments from which a panel is long
_GAUSS = np.array([-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526])
_SIDE = np.array([1.0, -1.351052, 1.351052, -1.0]) * 0.806285  # moved sideways, so that the width counts too
_GAUSS_SHARE = np.array([0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692])


class Panels(NamedTuple):
    """Flat panels, each a polygon of up to K corners: corners (n, K, 3) in order, the last one repeated where there
    are fewer; area, centre and unit normal; four points (n, 4, 3) with their shares (n, 4) of its charge, either of
    its second moments or, for a long panel, Gauss's along it; the squared distances up to which the closed form
    counts and from which one charge does; the kind of height, as `images_at` numbers them."""

    corners: Array
    centre: Array
    normal: Array
    area: Array
    points: Array
    share: Array
    near2: Array
    far2: Array
    kind: Ints

    def chosen(self, index: Ints) -> Panels:
        """Return some of the panels, in that order."""
        return Panels(*(np.ascontiguousarray(part[index]) for part in self))


def panels_of(
    corners_m: Array, space: Space, tolerance_ratio: float = 1e-4, near_spans: float = 2.0
) -> tuple[Panels, Images]:
    """Return the panels with these corners (n, K, 3) and the images that `space` puts around them.

    No panel may cross a face between dielectrics. Nearer than `near_spans` of its diameters (of a long one: 0.6 of
    that), a panel is integrated in closed form; beyond, by four points.

    Raises ValueError for a panel without area, or one that reaches below the ground.
    """
    corners_m = np.ascontiguousarray(corners_m, dtype=np.float64)
    origin = corners_m[:, :1]
    arm = corners_m - origin
    cross = np.cross(arm[:, 1:-1], arm[:, 2:])
    vector = cross.sum(axis=1)
    twice = np.linalg.norm(vector, axis=1)
    if not (twice > 0).all():
        raise ValueError("a panel has no area")
    normal = vector / twice[:, None]
    part = np.einsum("ijk,ik->ij", cross, normal)  # twice the signed area of each triangle of the fan
    a, b = arm[:, 1:-1], arm[:, 2:]
    centre = np.einsum("ij,ijk->ik", part, a + b) / (3 * twice[:, None])
    outer = _outer(a, a) + _outer(b, b) + _outer(a + b, a + b)
    second = np.einsum("ij,ijkl->ikl", part, outer) / (12 * twice[:, None, None]) - _outer(centre, centre)
    size, way = np.linalg.eigh(second)
    size = np.clip(size, 0.0, None)
    reach = np.sqrt(2 * size[:, 1:])[:, :, None] * np.swapaxes(way[:, :, 1:], 1, 2)
    points, share = np.concatenate((reach, -reach), axis=1), np.full((len(size), 4), 0.25)
    long = size[:, 2] > _LONG * size[:, 1]
    along, aside = (np.sqrt(size[long, k])[:, None] * way[long, :, k] for k in (2, 1))
    points[long] = _GAUSS[:, None] * math.sqrt(3) * along[:, None] + _SIDE[:, None] * aside[:, None]
    share[long] = _GAUSS_SHARE
    centre = centre + origin[:, 0]
    span2 = 4 * ((corners_m - centre[:, None]) ** 2).sum(axis=2).max(axis=1)
    near2 = np.where(long, _NEAR_LONG**2, 1.0) * near_spans**2 * span2
    if space.ground_m is not None and corners_m[:, :, 2].min() < space.ground_m:
        raise ValueError("a panel reaches below the ground")
    kind, images = images_at(space, centre[:, 2], tolerance_ratio)
    shape = corners_m, centre, normal, twice / 2, points + centre[:, None], share, near2, size[:, 2] / _FAR_RATIO
    return Panels(*shape, kind), images


def _outer(a: Array, b: Array) -> Array:
    return np.asarray(a[..., :, None] * b[..., None, :])


@njit(cache=True, nogil=True, fastmath=True)
def fill_block(out: Array, rows: tuple[int, int], cols: tuple[int, int], panels: Panels, images: Images) -> None:
    """Write into `out` 4 pi eps0 times the potential at the centres of panels rows[0]:rows[1], per unit of charge
    evenly spread on each of the panels cols[0]:cols[1]."""
    centre, kind, near2, far2 = panels.centre, panels.kind, panels.near2, panels.far2
    points, share, corners, normal, area = panels.points, panels.share, panels.corners, panels.normal, panels.area
    amount, flip, shift = images.amount, images.flip, images.shift_m
    for a in range(np.uint64(rows[1] - rows[0])):
        i = np.uint64(rows[0]) + a
        x, y, z = centre[i, 0], centre[i, 1], centre[i, 2]
        for b in range(np.uint64(cols[1] - cols[0])):
            j = np.uint64(cols[0]) + b
            cx, cy, cz = centre[j, 0], centre[j, 1], centre[j, 2]
            across2 = (x - cx) ** 2 + (y - cy) ** 2
            first, last = np.uint64(images.first[kind[i], kind[j]]), np.uint64(images.last[kind[i], kind[j]])
            total = 0.0
            # one rule for all images of a pair as far as can be: over a ground they nearly cancel
            if across2 > far2[j]:
                for m in range(first, last):
                    up = z - flip[m] * cz - shift[m]
                    total += amount[m] / math.sqrt(across2 + up * up)
            else:
                for m in range(first, last):
                    at = flip[m] * (z - shift[m])  # the point is moved in place of the panel
                    if across2 + (at - cz) ** 2 > near2[j]:
                        for q in range(np.uint64(4)):
                            px, py, pz = x - points[j, q, 0], y - points[j, q, 1], at - points[j, q, 2]
                            total += amount[m] * share[j, q] / math.sqrt(px * px + py * py + pz * pz)
                    else:
                        total += amount[m] * _polygon(x, y, at, corners, normal, j) / area[j]
            out[a, b] = total


@njit(cache=True, parallel=True)
def fill_all(out: Array, panels: Panels, images: Images) -> None:
    """Write all potentials (n, n), as `fill_block`."""
    n = len(out)
    for i in prange(n):
        fill_block(out[i : i + 1], (i, i + 1), (0, n), panels, images)


@njit(cache=True, nogil=True)
def cross_block(
    rows: tuple[int, int], cols: tuple[int, int], panels: Panels, images: Images, until: tuple[float, int]
) -> tuple[Array, Array, int]:
    """Return left (most, m) and right (most, n), whose left.T right is the block, and how many terms count; -1 when
    `most` do not do.

    `until`: the share of the block that a term must be below to be the last, and `most`.
    """
    tolerance, most = until
    m, n = rows[1] - rows[0], cols[1] - cols[0]
    left, right = np.zeros((most, m)), np.zeros((most, n))
    column = np.empty((m, 1))
    used = np.zeros(m, dtype=np.bool_)
    size2 = 0.0
    i = m // 2
    for rank in range(most):
        used[i] = True
        fill_block(right[rank : rank + 1], (rows[0] + i, rows[0] + i + 1), cols, panels, images)
        for q in range(rank):
            right[rank] -= left[q, i] * right[q]
        j = np.argmax(np.abs(right[rank]))
        pivot = right[rank, j]
        if pivot == 0.0:
            return left, right, rank
        right[rank] /= pivot
        fill_block(column, rows, (cols[0] + j, cols[0] + j + 1), panels, images)
        left[rank] = column[:, 0]
        for q in range(rank):
            left[rank] -= left[q] * right[q, j]
        term2 = (left[rank] ** 2).sum() * (right[rank] ** 2).sum()
        for q in range(rank):
            size2 += 2.0 * (left[q] * left[rank]).sum() * (right[q] * right[rank]).sum()
        size2 += term2
        if term2 <= tolerance * tolerance * size2:
            return left, right, rank + 1
        best = -1.0
        for a in range(m):
            if not used[a] and abs(left[rank, a]) > best:
                best, i = abs(left[rank, a]), a
        if best < 0.0:
            return left, right, rank + 1
    return left, right, -1


@njit(cache=True, nogil=True, fastmath=True)
def _polygon(x: float, y: float, z: float, all_corners: Array, all_normals: Array, j: int) -> float:
    """Return the integral of 1/r over the flat polygon j, seen from a point (Wilton and others, IEEE Trans. Antennas
    Propag. 32 (1984) 276, eq. 5)."""
    n = np.uint64(all_corners.shape[1])
    nx, ny, nz = all_normals[j, 0], all_normals[j, 1], all_normals[j, 2]
    last = n - np.uint64(1)
    ax, ay, az = all_corners[j, last, 0] - x, all_corners[j, last, 1] - y, all_corners[j, last, 2] - z
    d = ax * nx + ay * ny + az * nz
    high_up = abs(d)
    total = 0.0
    for b in range(n):
        bx, by, bz = all_corners[j, b, 0] - x, all_corners[j, b, 1] - y, all_corners[j, b, 2] - z
        sx, sy, sz = bx - ax, by - ay, bz - az
        length2 = sx * sx + sy * sy + sz * sz
        if length2 > 0.0:
            shrink = 1.0 / math.sqrt(length2)
            sx, sy, sz = sx * shrink, sy * shrink, sz * shrink
            low, high = ax * sx + ay * sy + az * sz, bx * sx + by * sy + bz * sz
            p = ax * (sy * nz - sz * ny) + ay * (sz * nx - sx * nz) + az * (sx * ny - sy * nx)
            flat = p * p + d * d
            if flat > 1e-28 * length2:
                r_low, r_high = math.sqrt(low * low + flat), math.sqrt(high * high + flat)
                if low + high < 0.0:
                    total += p * math.log((r_low - low) / (r_high - high))
                else:
                    total += p * math.log((r_high + high) / (r_low + low))
                if high_up > 0.0:  # the difference of two arcus tangens as one
                    t_high, t_low = p * high / (flat + high_up * r_high), p * low / (flat + high_up * r_low)
                    total -= high_up * math.atan2(t_high - t_low, 1.0 + t_high * t_low)
        ax, ay, az = bx, by, bz
    return total
