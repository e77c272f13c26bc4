"""Capacitance and inductance per length of a straight line, from its section among layers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.lines import C_M_S, EPS0_F_m, Line
from chipscale.solvers.layered_images import Space, images

Array = npt.NDArray[np.float64]
_IMAGES_RATIO = 1e-4
_FAR_RATIO = 6.0
_LID_REACH_RATIO = 5.0  # of the distance between the planes: the field beyond a line's edge falls by exp(-pi) in each
_LID_FINE_RATIO = 0.25  # a side of the lid over its distance to the bar
_LID_GROWTH_RATIO = 1.25
_LID_MOST = 400


@dataclass(frozen=True, slots=True)
class Section:
    """A line's cross-section in µm: a bar with its lower face at `low_um`, and grounds of `side_um` beside it, `gap_um`
    away on either side (0: none), as thick; `sides` over the bar's width."""

    width_um: float
    thick_um: float
    low_um: float
    gap_um: float = 0.0
    side_um: float = 0.0
    sides: int = 32


def extracted(section: Section, space: Space, magnetic: Space) -> Line:
    """Return the line from its capacitance in the layers of `space` and, for its inductance, in `magnetic`: the same
    without dielectrics, with such planes as carry the current back.

    L = mu0 eps0 / C of the air-filled line: current on the surfaces. Without a plane in `magnetic` the grounds at the
    sides carry all of it back. Of a strip of 1/8 to 2 distances midway between
    two planes the impedance is within 0.1 % of Cohn's exact one.
    """
    c_F_m, air_F_m = (per_length_F_m(section, item) for item in (space, magnetic))
    l_H_m = 1.0 / (C_M_S**2 * air_F_m)
    return Line((l_H_m / c_F_m) ** 0.5, l_H_m * c_F_m * C_M_S**2)


def per_length_F_m(section: Section, space: Space) -> float:
    """Return the capacitance per metre of the bar to the planes and the grounds at its sides; without a plane the
    charge on these is that on the bar.

    A plane above is a sheet with charges of its own, a few distances wider than the line: its images would be a
    series that falls only by the square of their number. ValueError where it is not above the bar.
    """
    bars = [(-section.width_um / 2, section.width_um / 2)]
    if section.gap_um > 0.0:
        start = section.width_um / 2 + section.gap_um
        bars += [(start, start + section.side_um), (-start - section.side_um, -start)]
    faces = 1e6 * np.array(space.faces_m)
    outlines = [_outline(bar, section, faces) for bar in bars]
    if space.lid_m is not None:
        outlines.append(_lid(bars, section, space))
        space = replace(space, lid_m=None)
    of = np.concatenate([np.full(len(item), min(k, 1)) for k, item in enumerate(outlines)])
    matrix = charges_F_m(1e-6 * np.concatenate(outlines), of, space)
    if space.ground_m is not None or len(matrix) == 1:
        return float(matrix[0, 0])
    return float(np.linalg.det(matrix) / matrix.sum())


def charges_F_m(sides_m: Array, conductor: npt.NDArray[np.int64], space: Space) -> Array:
    """Return Maxwell's matrix (c, c) in F/m of conductors without end along y whose outlines are sides (n, 2, 2).

    A side's ends are (x, z); its charge is even over it, its middle at the conductor's potential (collocation). The
    images are those of points, each grown to a line: ln in place of 1 / r. Without a plane potentials are known up to
    a constant, and only charges that add up to nothing have a meaning. ValueError for a space with a lid.
    """
    if space.lid_m is not None:
        raise ValueError("a plane above the layers is a conductor of its own here, not a part of the space")
    start, vector = sides_m[:, 0], sides_m[:, 1] - sides_m[:, 0]
    middle = start + vector / 2
    kind, found = space.layer_at(middle[:, 1]), images(space, _IMAGES_RATIO)
    potential = np.zeros((len(start), len(start)))
    for i in np.unique(kind).tolist():
        for j in np.unique(kind).tolist():
            rows, columns = np.flatnonzero(kind == i), np.flatnonzero(kind == j)
            part = np.zeros((len(rows), len(columns)))
            for m in range(int(found.first[i, j]), int(found.last[i, j])):
                moved = middle[rows].copy()
                moved[:, 1] = found.flip[m] * (moved[:, 1] - found.shift_m[m])
                part += found.amount[m] * _mean_log(moved, start[columns], vector[columns])
            potential[np.ix_(rows, columns)] = part
    of = (conductor[:, None] == np.arange(int(conductor.max()) + 1)[None, :]).astype(float)
    matrix = -2.0 * np.pi * EPS0_F_m * of.T @ np.linalg.solve(potential, of)
    return np.asarray((matrix + matrix.T) / 2)


def air(space: Space) -> Space:
    """Return the space with its planes and without its dielectrics."""
    return replace(space, eps_ratio=(1.0,), faces_m=())


def _mean_log(points: Array, start: Array, vector: Array) -> Array:
    """Return the mean over each side of the logarithm of its distance in m, (points, sides); that of its middle where
    all of them are far."""
    length = np.hypot(vector[:, 0], vector[:, 1])
    apart = points[:, None, :] - (start + vector / 2)[None, :, :]
    square = apart[:, :, 0] ** 2 + apart[:, :, 1] ** 2
    if square.min() > (_FAR_RATIO * length.max()) ** 2:
        return np.asarray(np.log(square) / 2)
    way = vector / length[:, None]
    off = points[:, None, :] - start[None, :, :]
    a = np.einsum("ijk,jk->ij", off, way)
    h = np.abs(off[:, :, 0] * way[:, 1] - off[:, :, 1] * way[:, 0])
    total = np.zeros_like(a)
    for u, sign in ((a, 1.0), (a - length, -1.0)):
        square = u**2 + h**2
        total += sign * (u * np.log(np.where(square > 0.0, square, 1.0)) / 2 - u + h * np.arctan2(u, h))
    return np.asarray(total / length)


def _outline(bar: tuple[float, float], section: Section, faces_um: Array) -> Array:
    """Return the sides (n, 2, 2) in µm of a bar's outline; of a sheet where it has no thickness."""
    count = max(4, round(section.sides * min((bar[1] - bar[0]) / section.width_um, 2.0)))
    low, high = section.low_um, section.low_um + section.thick_um
    across = _graded(*bar, count)
    level = np.full_like(across, high)
    runs = [np.column_stack((across, level))]
    if section.thick_um > 0.0:
        inside = faces_um[(faces_um > low + 1e-6) & (faces_um < high - 1e-6)]
        parts = min(max(6, round(section.sides * section.thick_um / section.width_um)), section.sides)
        up = np.unique(np.concatenate((_graded(low, high, parts), inside)))
        runs.append(np.column_stack((across, np.full_like(across, low))))
        runs += [np.column_stack((np.full_like(up, x), up)) for x in bar]
    return np.concatenate([np.stack((run[:-1], run[1:]), axis=1) for run in runs])


def _lid(bars: list[tuple[float, float]], section: Section, space: Space) -> Array:
    """Return the sides (n, 2, 2) in µm of the plane above: fine over the bars, ever wider beyond."""
    assert space.lid_m is not None
    assert space.ground_m is not None
    level = 1e6 * space.lid_m
    away = level - section.low_um - section.thick_um
    if away <= 0.0:
        raise ValueError(f"the plane above, at {level:g} µm, is not above the line's metal")
    half = max(high for _, high in bars) + away
    fine = min(max(2 * half / (_LID_FINE_RATIO * away), 16), _LID_MOST)
    cuts = np.linspace(-half, half, 2 * round(fine / 2) + 1)
    end = half + _LID_REACH_RATIO * 1e6 * (space.lid_m - space.ground_m)
    right, step = [half], float(cuts[1] - cuts[0])
    while right[-1] < end:
        step *= _LID_GROWTH_RATIO
        right.append(right[-1] + step)
    x = np.concatenate((-np.array(right[:0:-1]), cuts, right[1:]))
    run = np.column_stack((x, np.full_like(x, level)))
    return np.stack((run[:-1], run[1:]), axis=1)


def _graded(low: float, high: float, count: int) -> Array:
    """Return cuts that are fine at both ends, where charge crowds."""
    angle = np.linspace(0.0, np.pi, count + 1)
    return low + (high - low) * (1.0 - np.cos(angle)) / 2
