"""Potential of evenly charged flat panels, over a ground plane and under a dielectric, by images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit, prange

Array = npt.NDArray[np.float64]
EPS0_F_m = 8.8541878128e-12
_NEAR = 3.0  # panels nearer than this many of their spans are integrated in closed form


@dataclass(frozen=True, slots=True)
class Space:
    """What the panels are in: a dielectric from z = 0 up to `top_m`, another above, a ground plane at z = 0 or none.

    Without ground the lower dielectric goes down without end.
    """

    eps_low_ratio: float = 1.0
    eps_high_ratio: float = 1.0
    top_m: float = 0.0
    grounded: bool = True


def potentials(corners_m: Array, space: Space, tolerance_ratio: float = 1e-6) -> Array:
    """Return (n, n): potential in V at panel i's centre when panel j holds 1 C evenly spread.

    `corners_m` (n, 4, 3): flat quads, corners in order; a triangle repeats its last corner. No panel may cross the
    face between the dielectrics. Near panels by the closed form for flat polygons (Wilton and others, IEEE Trans.
    Antennas Propag. 32 (1984) 276, eq. 5), far ones and far images as four charges. The images of a grounded layer
    under a half-space follow from the two reflections; they end where the rest is below `tolerance_ratio`. O(n²).
    """
    centre = corners_m.mean(axis=1)
    side_a, side_b = corners_m[:, 2] - corners_m[:, 0], corners_m[:, 3] - corners_m[:, 1]
    normal = np.cross(side_a, side_b)
    area = np.linalg.norm(normal, axis=1) / 2
    normal = normal / (2 * area)[:, None]
    span = np.maximum(np.linalg.norm(side_a, axis=1), np.linalg.norm(side_b, axis=1))
    out = np.empty((len(centre), len(centre)))
    k = (space.eps_low_ratio - space.eps_high_ratio) / (space.eps_low_ratio + space.eps_high_ratio)
    count = 0 if abs(k) < 1e-12 else math.ceil(math.log(tolerance_ratio) / math.log(abs(k)))
    eps = (space.eps_low_ratio, space.eps_high_ratio)
    _fill(out, corners_m, centre, normal, area, span, eps, k, space.top_m, space.grounded, count)
    return out / (4 * math.pi * EPS0_F_m)


@njit(cache=True, parallel=True)
def _fill(
    out: Array,
    corners: Array,
    centre: Array,
    normal: Array,
    area: Array,
    span: Array,
    eps: tuple[float, float],
    k: float,
    top: float,
    grounded: bool,
    count: int,
) -> None:
    n = len(area)
    both = 2.0 / (eps[0] + eps[1])
    for j in prange(n):
        panel, up, charge = corners[j], normal[j], 1.0 / area[j]
        high = centre[j, 2] > top
        for i in range(n):
            at = centre[i]
            total = 0.0
            if high and at[2] > top:
                total = _potential(at, panel, up, 1.0, 0.0, span[j], area[j])
                total -= k * _potential(at, panel, up, -1.0, 2 * top, span[j], area[j])
                if grounded:
                    factor = -(1.0 - k * k)
                    for m in range(count + 1):
                        total += factor * _potential(at, panel, up, -1.0, -2 * m * top, span[j], area[j])
                        factor *= -k
                total /= eps[1]
            elif high != (at[2] > top):
                factor = both
                for m in range(count + 1 if grounded else 1):
                    shift = 2 * m * top if high else -2 * m * top
                    total += factor * _potential(at, panel, up, 1.0, shift, span[j], area[j])
                    if grounded:
                        total -= factor * _potential(at, panel, up, -1.0, -2 * m * top, span[j], area[j])
                    factor *= -k
            elif not grounded:
                total = _potential(at, panel, up, 1.0, 0.0, span[j], area[j])
                total += k * _potential(at, panel, up, -1.0, 2 * top, span[j], area[j])
                total /= eps[0]
            else:
                total = _potential(at, panel, up, 1.0, 0.0, span[j], area[j])
                total -= _potential(at, panel, up, -1.0, 0.0, span[j], area[j])
                factor = -k
                for m in range(1, count + 1):
                    for sign in (1.0, -1.0):
                        shift = 2 * m * top * sign
                        total += factor * _potential(at, panel, up, 1.0, shift, span[j], area[j])
                        total -= factor * _potential(at, panel, up, -1.0, shift, span[j], area[j])
                    factor *= -k
                total /= eps[0]
            out[i, j] = total * charge


@njit(cache=True)
def _potential(at: Array, panel: Array, normal: Array, flip: float, shift: float, span: float, area: float) -> float:
    """Return the integral of 1/r over the panel's image: z -> flip z + shift; seen from `at`."""
    # the point is moved by the inverse of the image, which leaves the distance as it is
    x, y, z = at[0], at[1], flip * (at[2] - shift)
    cx = 0.25 * (panel[0, 0] + panel[1, 0] + panel[2, 0] + panel[3, 0])
    cy = 0.25 * (panel[0, 1] + panel[1, 1] + panel[2, 1] + panel[3, 1])
    cz = 0.25 * (panel[0, 2] + panel[1, 2] + panel[2, 2] + panel[3, 2])
    away2 = (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2
    if away2 > 100.0 * span * span:
        return area / math.sqrt(away2)
    if away2 > _NEAR * _NEAR * span * span:
        total = 0.0
        for a in range(4):  # four charges halfway in: exact to the second moment of a parallelogram
            px = cx + 0.5773502691896258 * (0.5 * (panel[a, 0] + panel[(a + 1) % 4, 0]) - cx)
            py = cy + 0.5773502691896258 * (0.5 * (panel[a, 1] + panel[(a + 1) % 4, 1]) - cy)
            pz = cz + 0.5773502691896258 * (0.5 * (panel[a, 2] + panel[(a + 1) % 4, 2]) - cz)
            # of a parallelogram's two half-axes u, v the second moment is (uu + vv)/3: points at ± sqrt(2/3) of them
            px, py, pz = (
                cx + 1.4142135623730951 * (px - cx),
                cy + 1.4142135623730951 * (py - cy),
                cz + (1.4142135623730951 * (pz - cz)),
            )
            total += 1.0 / math.sqrt((x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2)
        return 0.25 * area * total
    return _polygon(x, y, z, panel, normal)


@njit(cache=True)
def _polygon(x: float, y: float, z: float, panel: Array, normal: Array) -> float:
    """Return the integral of 1/r over a flat quad in closed form."""
    d = (x - panel[0, 0]) * normal[0] + (y - panel[0, 1]) * normal[1] + (z - panel[0, 2]) * normal[2]
    total = 0.0
    for a in range(4):
        b = (a + 1) % 4
        sx, sy, sz = panel[b, 0] - panel[a, 0], panel[b, 1] - panel[a, 1], panel[b, 2] - panel[a, 2]
        length = math.sqrt(sx * sx + sy * sy + sz * sz)
        if length == 0.0:
            continue
        sx, sy, sz = sx / length, sy / length, sz / length
        ux, uy, uz = sy * normal[2] - sz * normal[1], sz * normal[0] - sx * normal[2], sx * normal[1] - sy * normal[0]
        ax, ay, az = panel[a, 0] - x, panel[a, 1] - y, panel[a, 2] - z
        low = ax * sx + ay * sy + az * sz
        high = low + length
        p = ax * ux + ay * uy + az * uz
        r0 = math.sqrt(p * p + d * d)
        if r0 < 1e-14 * length:
            continue
        r_low, r_high = math.sqrt(low * low + r0 * r0), math.sqrt(high * high + r0 * r0)
        if low + high < 0.0:
            total += p * math.log((r_low - low) / (r_high - high))
        else:
            total += p * math.log((r_high + high) / (r_low + low))
        if abs(d) > 0.0:
            flat = r0 * r0
            total -= abs(d) * (
                math.atan(p * high / (flat + abs(d) * r_high)) - math.atan(p * low / (flat + abs(d) * r_low))
            )
    return total


def capacitance(
    corners_m: Array, conductor: npt.NDArray[np.int64], space: Space, tolerance_ratio: float = 1e-6
) -> Array:
    """Return Maxwell's capacitance matrix (c, c) in F of c conductors; panel j is on conductor[j].

    The matrix is made symmetric; the part that was not is what the panels' size leaves.
    """
    import scipy.linalg as la

    of = (conductor[:, None] == np.arange(int(conductor.max()) + 1)[None, :]).astype(float)
    charge = la.solve(potentials(corners_m, space, tolerance_ratio), of, overwrite_a=True, check_finite=False)
    found = of.T @ charge
    return np.asarray((found + found.T) / 2)
