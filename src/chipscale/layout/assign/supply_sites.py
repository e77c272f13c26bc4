"""Where supply balls go: spread evenly over the array, at its centre, or as a checkerboard with the signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Ball

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def supply_sites(balls: Sequence[Ball], all_balls: Sequence[Ball], count: int, pattern: str) -> Ints:
    """Return `count` indices (count,) into the free `balls`; `all_balls` gives the array's centre."""
    xy = np.array([(ball.x_um, ball.y_um) for ball in balls])
    whole = np.array([(ball.x_um, ball.y_um) for ball in all_balls])
    centre = (whole.min(axis=0) + whole.max(axis=0)) / 2
    if pattern == "spread":
        return spread(xy, count, centre)
    distance = np.round(np.hypot(*(xy - centre).T), 3)
    order = np.lexsort((np.arange(len(balls)), distance))
    if pattern == "checkerboard":
        light = _light(balls)
        order = np.concatenate((order[light[order]], order[~light[order]]))
    return np.sort(order[:count])


def spread(xy: Floats, count: int, centre: Floats) -> Ints:
    """Return `count` of the points (n, 2) spread evenly: farthest points first, then each to its region's middle.

    The middle of a region is the point nearest to the mean of all points that are nearer to it than to the other
    chosen ones (Lloyd's iteration on points). Ties go to the lower index.
    """
    chosen = _farthest(xy, count, centre)
    for _ in range(30):
        owner = np.argmin(_square(xy, xy[chosen]), axis=1)
        taken: list[int] = []
        for i in range(count):
            middle = xy[owner == i].mean(axis=0) if (owner == i).any() else xy[chosen[i]]
            away = np.round(_square(xy, middle[None])[:, 0], 3)
            away[taken] = np.inf
            taken.append(int(np.argmin(away)))
        if taken == chosen:
            break
        chosen = taken
    return np.array(sorted(chosen), dtype=np.int64)


def _farthest(xy: Floats, count: int, centre: Floats) -> list[int]:
    chosen = [int(np.argmin(np.round(_square(xy, centre[None])[:, 0], 3)))]
    near = _square(xy, xy[chosen])[:, 0]
    while len(chosen) < count:
        near[chosen] = -1.0
        chosen.append(int(np.argmax(np.round(near, 3))))
        near = np.minimum(near, _square(xy, xy[chosen[-1:]])[:, 0])
    return chosen


def _light(balls: Sequence[Ball]) -> npt.NDArray[np.bool_]:
    """Return which balls lie on the light squares; staggered arrays alternate along their rows."""
    row = np.array([ball.row for ball in balls])
    col = np.array([ball.col for ball in balls])
    if len(np.unique((row + col) % 2)) > 1:
        return np.asarray((row + col) % 2 == 0)
    return np.asarray((col // 2 + row // 2) % 2 == 0)


def _square(a: Floats, b: Floats) -> Floats:
    return np.asarray(((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2))
