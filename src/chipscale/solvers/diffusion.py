"""Steady diffusion (heat, charge, current) on a box of cells: finite volumes, solved by multigrid in time O(cells)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from chipscale.solvers.diffusion_plates import Plates, plates
from chipscale.solvers.one_thread import one_thread

Array = npt.NDArray[np.float64]
_STRONG = 0.3  # a direction is coarsened when its coupling is at least this share of the strongest
_SMALLEST = 400  # cells that are solved directly


@dataclass(frozen=True, slots=True)
class Cells:
    """Conductances between neighbouring cells of a box, arrays [z, y, x]: along x (nz, ny, nx - 1), y, z; and from
    each cell (nz, ny, nx) to the fixed surroundings (0: none)."""

    gx: Array
    gy: Array
    gz: Array
    out: Array


@dataclass(frozen=True, slots=True)
class Answer:
    """The solution (nz, ny, nx), how often it was improved, and its largest relative residual."""

    value: Array
    rounds_count: int
    residual_ratio: float


def cells(kx: Array, ky: Array, kz: Array, sides: tuple[Array, Array, Array]) -> Cells:
    """Return the conductances of cells with conductivity k (nz, ny, nx) per direction; `sides` are dx, dy, dz in m.

    Between two centres both half cells are in series (harmonic mean), exact where layers meet at faces.
    """
    dx, dy, dz = sides
    area_x = dz[:, None, None] * dy[None, :, None]
    area_y = dz[:, None, None] * dx[None, None, :]
    area_z = dy[None, :, None] * dx[None, None, :]
    rx, ry, rz = dx[None, None, :] / kx, dy[None, :, None] / ky, dz[:, None, None] / kz
    return Cells(
        area_x * 2.0 / (rx[:, :, :-1] + rx[:, :, 1:]),
        area_y * 2.0 / (ry[:, :-1] + ry[:, 1:]),
        area_z * 2.0 / (rz[:-1] + rz[1:]),
        np.zeros(kx.shape),
    )


class Ready(NamedTuple):
    """Cells made ready to be solved: themselves and their diagonal; and what an answer is improved by, of these cells
    or of some like them: what they join to, level by level, and the plates of a stretched grid."""

    cells: Cells
    diagonal: Array
    levels: list[_Level]
    whole: Plates | None


def ready(level: Cells, like: Ready | None = None) -> Ready:
    """Return cells ready to be solved, for as many sources as one likes.

    `like`: the same grid with conductances not far off: what an answer is improved by is taken from there. The answer
    is that of the cells given all the same; it takes some more rounds the farther off they are.
    Raises ValueError when nothing is fixed anywhere (every `out` is 0).
    """
    if not level.out.any():
        raise ValueError("no cell has a way to the surroundings: the potential has no level")
    diagonal = _diagonal(level)
    if like is not None:
        return Ready(level, diagonal, like.levels, like.whole)
    whole = plates(level.gx, level.gy, level.gz, level.out)
    levels = [_prepared(item, whole is not None) for item in _hierarchy(level)]
    levels[-1] = levels[-1]._replace(inverse=_inverse(levels[-1].cells, levels[-1].diagonal))
    return Ready(level, diagonal, levels, whole)


def solve(
    level: Cells | Ready,
    source: Array,
    first: Array | None = None,
    tolerance_ratio: float = 1e-9,
    most_rounds: int = 200,
    tell: Callable[[int, float], None] | None = None,
) -> Answer:
    """Return the potential where conductance times difference, summed over all neighbours, is the source.

    Conjugate gradients, preconditioned by one multigrid cycle: columns along z are solved exactly (films are thin, so
    the coupling is strong there), and cells are joined by two in x and y, along the stronger of both first.
    Conductances in series then halve, in parallel they add. Where the grid is stretched, lines along x and y are
    solved too, and every well-conducting layer as a plate (`diffusion_plates`). O(cells);
    9 arrays of the cells' number, 11 where stretched.
    Raises ValueError when nothing is fixed anywhere (every `out` is 0).
    """
    level, diagonal, levels, whole = level if isinstance(level, Ready) else ready(level)
    x = np.zeros_like(source) if first is None else first.copy()
    r = np.empty_like(source)
    _residual(r, x, source, diagonal, level.gx, level.gy, level.gz)
    size = float(np.sqrt((source**2).sum())) or 1.0
    left, rounds = float(np.sqrt((r**2).sum())) / size, 0
    if left <= tolerance_ratio:
        return Answer(x, rounds, left)
    z = _improved(levels, whole, r)
    p, rho = z.copy(), float((r * z).sum())
    q = np.empty_like(r)
    while left > tolerance_ratio and rounds < most_rounds:
        _residual(q, p, None, diagonal, level.gx, level.gy, level.gz)
        step = rho / float(-(p * q).sum())
        x += step * p
        r += step * q
        left, rounds = float(np.sqrt((r**2).sum())) / size, rounds + 1
        if tell is not None:
            tell(rounds, left)
        if left <= tolerance_ratio:
            break
        z = _improved(levels, whole, r)
        before, rho = rho, float((r * z).sum())
        p *= rho / before
        p += z
    return Answer(x, rounds, left)


def inflow(level: Cells, value: Array) -> Array:
    """Return the source (nz, ny, nx) that keeps cells at these potentials."""
    r = np.empty_like(value)
    _residual(r, value, None, _diagonal(level), level.gx, level.gy, level.gz)
    return np.negative(r, out=r)


def outflow(level: Cells, value: Array) -> Array:
    """Return what leaves each cell (nz, ny, nx) to surroundings at potential 0; its sum balances the sources."""
    return np.asarray(level.out * value)


def _hierarchy(level: Cells) -> list[Cells]:
    levels = [level]
    while levels[-1].out.size > _SMALLEST and max(levels[-1].out.shape[1:]) > 1:
        levels.append(_coarser(levels[-1]))
    return levels


def _coarser(level: Cells) -> Cells:
    """Return the cells joined by two along strong directions; weak ones wait until the others have caught up."""
    strength = [float(g.sum() / max(g.shape[axis], 1)) for axis, g in enumerate((level.gz, level.gy, level.gx))]
    shape = level.out.shape
    open_ways = [k for k in (1, 2) if shape[k] > 1]
    most = max(strength[k] for k in open_ways)
    ways = [k for k in open_ways if strength[k] >= _STRONG * most]
    gz, gy, gx, out = level.gz, level.gy, level.gx, level.out
    for way in ways:
        gz, gy, gx = (0.5 * _between(g, way) if axis == way else _joined(g, way) for axis, g in enumerate((gz, gy, gx)))
        out = _joined(out, way)
    return Cells(gx, gy, gz, out)


def _joined(values: Array, way: int) -> Array:
    """Return the sums of pairs along an axis; an odd last one stays alone."""
    low: list[slice] = [slice(None)] * values.ndim
    high, pairs = low.copy(), low.copy()
    low[way], high[way], pairs[way] = slice(0, None, 2), slice(1, None, 2), slice(0, values.shape[way] // 2)
    found = np.ascontiguousarray(values[tuple(low)])
    found[tuple(pairs)] += values[tuple(high)]
    return found


def _between(values: Array, way: int) -> Array:
    """Return the conductances of every second face along an axis: those between pairs."""
    return np.ascontiguousarray(np.take(values, np.arange(1, values.shape[way], 2), axis=way))


def _diagonal(level: Cells) -> Array:
    total = level.out.copy()
    for way, g in enumerate((level.gz, level.gy, level.gx)):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[way], high[way] = slice(None, -1), slice(1, None)
        total[tuple(low)] += g
        total[tuple(high)] += g
    return total


class _Level(NamedTuple):
    """Cells with their diagonal, the lines smoothed along (by the order of axes that puts the line first; lines along
    x have a kernel of their own), and on the coarsest level the inverse of all."""

    cells: Cells
    diagonal: Array
    lines: tuple[tuple[tuple[int, int, int], Array], ...]
    inverse: Array | None = None


def _prepared(level: Cells, all_ways: bool) -> _Level:
    """Return a level with the pivots of its columns along z, and along x and y too where the grid is stretched."""
    diagonal = _diagonal(level)
    ways = ((2, 1, 0), (1, 0, 2), (0, 1, 2)) if all_ways else ((0, 1, 2),)
    along = {0: level.gz, 1: level.gy, 2: level.gx}
    lines = tuple((way, _factors(diagonal.transpose(way), along[way[0]].transpose(way)).transpose(way)) for way in ways)
    return _Level(level, diagonal, tuple((way, np.ascontiguousarray(pivots)) for way, pivots in lines))


def _smoothed(x: Array, r: Array, level: _Level, back: bool) -> None:
    """Solve the lines of every direction, every second one at a time; `back` in the reverse order."""
    g = (level.cells.gz, level.cells.gy, level.cells.gx)
    for way, pivots in reversed(level.lines) if back else level.lines:
        first, second, third = (g[axis].transpose(way) for axis in way)
        for color in (1, 0) if back else (0, 1):
            if way[0] == 2:
                _smooth_rows(x, r, pivots, g[2], g[1], g[0], color)
            else:
                _smooth(x.transpose(way), r.transpose(way), pivots.transpose(way), third, second, first, color)


def _cycle(levels: list[_Level], r: Array, depth: int) -> Array:
    """Return about A⁻¹ r: smooth, correct on the coarser cells, smooth in the reverse order (so it is symmetric)."""
    level = levels[depth]
    fine = level.cells
    if depth == len(levels) - 1:
        assert level.inverse is not None
        return np.asarray((level.inverse @ r.ravel()).reshape(r.shape))
    x = np.zeros_like(r)
    _smoothed(x, r, level, back=False)
    rest = np.empty_like(r)
    _residual(rest, x, r, level.diagonal, fine.gx, fine.gy, fine.gz)
    coarse = rest
    ways = [k for k in range(3) if levels[depth + 1].diagonal.shape[k] != r.shape[k]]
    for way in ways:
        coarse = _joined(coarse, way)
    fix = _cycle(levels, coarse, depth + 1)
    for way in ways:
        fix = np.repeat(fix, 2, axis=way)
        fix = np.take(fix, np.arange(r.shape[way]), axis=way) if fix.shape[way] != r.shape[way] else fix
    x += fix
    _smoothed(x, r, level, back=True)
    return x


def _improved(levels: list[_Level], whole: Plates | None, r: Array) -> Array:
    """Return about A⁻¹ r: a cycle, between two corrections of whole plates where there are any."""
    if whole is None:
        return _cycle(levels, r, 0)
    fine, diagonal = levels[0].cells, levels[0].diagonal
    rest = np.empty_like(r)
    x = whole.solved(r)
    _residual(rest, x, r, diagonal, fine.gx, fine.gy, fine.gz)
    x += _cycle(levels, rest, 0)
    _residual(rest, x, r, diagonal, fine.gx, fine.gy, fine.gz)
    x += whole.solved(rest)
    return x


def _inverse(level: Cells, diagonal: Array) -> Array:
    """Return the inverse of all cells' conductances (n, n); for the coarsest level."""
    matrix = np.diag(diagonal.ravel())
    number = np.arange(diagonal.size).reshape(diagonal.shape)
    for way, g in enumerate((level.gz, level.gy, level.gx)):
        low = np.take(number, np.arange(number.shape[way] - 1), axis=way).ravel()
        high = np.take(number, np.arange(1, number.shape[way]), axis=way).ravel()
        matrix[low, high] -= g.ravel()
        matrix[high, low] -= g.ravel()
    with one_thread():
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


@njit(cache=True)
def _factors(diagonal: Array, gz: Array) -> Array:
    """Return one over the pivots of every column's tridiagonal matrix."""
    nz, ny, nx = diagonal.shape
    inverse = np.empty_like(diagonal)
    for j in range(ny):
        for i in range(nx):
            inverse[0, j, i] = 1.0 / diagonal[0, j, i]
        for k in range(1, nz):
            for i in range(nx):
                inverse[k, j, i] = 1.0 / (diagonal[k, j, i] - gz[k - 1, j, i] ** 2 * inverse[k - 1, j, i])
    return inverse


@njit(cache=True, parallel=True)
def _smooth(x: Array, b: Array, inverse: Array, gx: Array, gy: Array, gz: Array, color: int) -> None:
    """Solve every second column (whose y + x has the given parity) exactly, its neighbours held."""
    nz, ny, nx = x.shape
    for j in prange(ny):
        for k in range(nz):
            for i in range((j + color) % 2, nx, 2):
                total = b[k, j, i]
                if i > 0:
                    total += gx[k, j, i - 1] * x[k, j, i - 1]
                if i < nx - 1:
                    total += gx[k, j, i] * x[k, j, i + 1]
                if j > 0:
                    total += gy[k, j - 1, i] * x[k, j - 1, i]
                if j < ny - 1:
                    total += gy[k, j, i] * x[k, j + 1, i]
                if k > 0:
                    total += gz[k - 1, j, i] * x[k - 1, j, i]
                x[k, j, i] = total * inverse[k, j, i]
        for k in range(nz - 2, -1, -1):
            for i in range((j + color) % 2, nx, 2):
                x[k, j, i] += gz[k, j, i] * inverse[k, j, i] * x[k + 1, j, i]


@njit(cache=True, parallel=True)
def _smooth_rows(x: Array, b: Array, inverse: Array, gx: Array, gy: Array, gz: Array, color: int) -> None:
    """Solve every second row along x (whose z + y has the given parity) exactly, its neighbours held."""
    nz, ny, nx = x.shape
    for k in prange(nz):
        for j in range((k + color) % 2, ny, 2):
            before = 0.0
            for i in range(nx):
                total = b[k, j, i]
                if j > 0:
                    total += gy[k, j - 1, i] * x[k, j - 1, i]
                if j < ny - 1:
                    total += gy[k, j, i] * x[k, j + 1, i]
                if k > 0:
                    total += gz[k - 1, j, i] * x[k - 1, j, i]
                if k < nz - 1:
                    total += gz[k, j, i] * x[k + 1, j, i]
                if i > 0:
                    total += gx[k, j, i - 1] * before
                before = total * inverse[k, j, i]
                x[k, j, i] = before
            for i in range(nx - 2, -1, -1):
                x[k, j, i] += gx[k, j, i] * inverse[k, j, i] * x[k, j, i + 1]


@njit(cache=True, parallel=True)
def _residual(r: Array, x: Array, b: Array | None, diagonal: Array, gx: Array, gy: Array, gz: Array) -> None:
    """r = b - A x, or -A x without b."""
    nz, ny, nx = x.shape
    for row in prange(nz * ny):
        k, j = row // ny, row % ny
        for i in range(nx):
            total = -diagonal[k, j, i] * x[k, j, i]
            if b is not None:
                total += b[k, j, i]
            if i > 0:
                total += gx[k, j, i - 1] * x[k, j, i - 1]
            if i < nx - 1:
                total += gx[k, j, i] * x[k, j, i + 1]
            if j > 0:
                total += gy[k, j - 1, i] * x[k, j - 1, i]
            if j < ny - 1:
                total += gy[k, j, i] * x[k, j + 1, i]
            if k > 0:
                total += gz[k - 1, j, i] * x[k - 1, j, i]
            if k < nz - 1:
                total += gz[k, j, i] * x[k + 1, j, i]
            r[k, j, i] = total
