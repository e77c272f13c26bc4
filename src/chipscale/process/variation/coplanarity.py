"""How far the apexes of a die's bumps are from one plane: their range, and the plane the die would sit on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_MOST_PIVOTS = 500
_TOUCH_UM = 1e-9  # an apex this close to the plane lies in it
_NUDGE = np.array([3.1e-7, 1.7e-7])  # of the array's size: takes the centre of gravity off lines between two bumps


class Seating(NamedTuple):
    """The seating plane of each die: how far the lowest apex is from it (µm), and the three bumps it rests on."""

    deviation_um: Array  # (dies,)
    corners: npt.NDArray[np.int64]  # (dies, 3), indices of bumps


def range_um(heights_um: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return highest less lowest apex of each die, (dies,), of heights (dies, bumps)."""
    spread: npt.NDArray[Any] = heights_um.max(axis=1) - heights_um.min(axis=1)
    return spread


def seating(heights_um: npt.NDArray[Any], places_um: Array, centre_um: tuple[float, float]) -> Seating | None:
    """Return the seating plane of each die; None where no three bumps stand around the centre of gravity.

    heights (dies, bumps), places (bumps, 2). The plane is the one JESD22-B108 rests the part on: through three
    apexes, none above it, the centre of gravity inside their triangle. It is the lowest plane at that centre which
    no apex pierces: a linear program in three unknowns, solved exactly for all dies at once by the simplex method on
    its dual (weights of three bumps that balance the centre of gravity). The deviation is measured along z; slopes are
    a few per mille, so the perpendicular differs by less than 1e-5 of it. Where the centre lies on a line between two
    bumps two planes would do: the centre is nudged by less than a millionth of the array's size to choose.
    """
    size = float(np.ptp(places_um, axis=0).max()) if len(places_um) else 0.0
    if len(places_um) < 3 or size <= 0.0:
        return None
    xy = (places_um - np.asarray(centre_um)) / size
    start = _around(xy, _NUDGE)
    if start is None:
        return None
    plane_of = np.column_stack((xy, np.ones(len(xy))))  # (bumps, 3)
    target = np.array([*_NUDGE, 1.0])
    corners = np.tile(np.array(start, dtype=np.int64), (len(heights_um), 1))
    deviation = np.empty(len(heights_um))
    busy = np.arange(len(heights_um))
    z = np.asarray(heights_um, dtype=np.float64)
    z = z - z.mean(axis=1, keepdims=True)
    for _ in range(_MOST_PIVOTS):
        basis = plane_of[corners[busy]]  # (busy, 3 corners, 3)
        own = np.take_along_axis(z[busy], corners[busy], axis=1)
        plane = np.linalg.solve(basis, own[..., None])[..., 0]
        above = z[busy] - plane @ plane_of.T
        highest = above.argmax(axis=1)
        done = np.take_along_axis(above, highest[:, None], axis=1)[:, 0] <= _TOUCH_UM
        deviation[busy[done]] = -above[done].min(axis=1)
        busy, basis, highest = busy[~done], basis[~done], highest[~done]
        if not len(busy):
            return Seating(deviation, np.sort(corners, axis=1))
        corners[busy, _leaving(basis, target, plane_of[highest])] = highest
    raise ArithmeticError("the seating plane was not found")


def _leaving(basis: Array, target: Array, entering: Array) -> npt.NDArray[np.int64]:
    """Return which corner of each triangle makes way, so that the new triangle still holds the target."""
    upright = np.swapaxes(basis, 1, 2)
    weight = np.linalg.solve(upright, np.broadcast_to(target, entering.shape)[..., None])[..., 0]
    share = np.linalg.solve(upright, entering[..., None])[..., 0]
    ratio = np.where(share > 1e-12, weight / np.where(share > 1e-12, share, 1.0), np.inf)
    return np.asarray(ratio.argmin(axis=1), dtype=np.int64)


def _around(xy: Array, centre: Array) -> tuple[int, int, int] | None:
    """Return three points whose triangle holds the centre: a slice of the hull's fan; None when it lies outside."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = ConvexHull(xy).vertices  # counter-clockwise
    except QhullError:  # all on one line
        return None
    first = int(hull[0])
    for second, third in zip(hull[1:-1].tolist(), hull[2:].tolist(), strict=True):
        matrix = np.column_stack((xy[[first, second, third]], np.ones(3))).T
        if abs(np.linalg.det(matrix)) > 1e-12 and np.linalg.solve(matrix, [*centre, 1.0]).min() > 0.0:
            return first, second, third
    return None


def expected_range(count: int) -> float:
    """Return the mean range of `count` independent normal values in units of their standard deviation (d2).

    The integral of 1 - F^n - (1 - F)^n over the line, F the normal distribution function (L. H. C. Tippett,
    Biometrika 17 (1925) 364).

    >>> round(expected_range(10), 3)
    3.078
    """
    from scipy.integrate import quad
    from scipy.special import ndtr

    value, _ = quad(lambda t: 1.0 - ndtr(t) ** count - ndtr(-t) ** count, -12.0, 12.0, limit=200)
    return float(value)
