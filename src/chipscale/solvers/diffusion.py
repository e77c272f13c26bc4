"""Steady diffusion (heat, charge, current) on a box of cells: finite volumes, solved by multigrid in time O(cells)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit, prange

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


def solve(
    level: Cells,
    source: Array,
    first: Array | None = None,
    tolerance_ratio: float = 1e-9,
    most_rounds: int = 200,
    tell: Callable[[int, float], None] | None = None,
) -> Answer:
    """Return the potential where conductance times difference, summed over all neighbours, is the source.

    Conjugate gradients, preconditioned by one multigrid cycle: columns along z are solved exactly (films are thin, so
    the coupling is strong there), and cells are joined by two in x and y, along the stronger of both first.
    Conductances in series then halve, in parallel they add. O(cells); 9 arrays of the cells' number.
    Raises ValueError when nothing is fixed anywhere (every `out` is 0).
    """
    if not level.out.any():
        raise ValueError("no cell has a way to the surroundings: the potential has no level")
    levels = _hierarchy(level)
    diagonals = [_diagonal(item) for item in levels]
    pivots = [_factors(diagonal, item.gz) for diagonal, item in zip(diagonals, levels, strict=True)]
    x = np.zeros_like(source) if first is None else first.copy()
    r = np.empty_like(source)
    _residual(r, x, source, diagonals[0], level.gx, level.gy, level.gz)
    size = float(np.sqrt((source**2).sum())) or 1.0
    z = _cycle(levels, diagonals, pivots, r, 0)
    p, rho = z.copy(), float((r * z).sum())
    q = np.empty_like(r)
    left, rounds = float(np.sqrt((r**2).sum())) / size, 0
    while left > tolerance_ratio and rounds < most_rounds:
        _residual(q, p, None, diagonals[0], level.gx, level.gy, level.gz)
        step = rho / float(-(p * q).sum())
        x += step * p
        r += step * q
        z = _cycle(levels, diagonals, pivots, r, 0)
        before, rho = rho, float((r * z).sum())
        p *= rho / before
        p += z
        left, rounds = float(np.sqrt((r**2).sum())) / size, rounds + 1
        if tell is not None:
            tell(rounds, left)
    return Answer(x, rounds, left)


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
    return np.asarray(np.add.reduceat(values, np.arange(0, values.shape[way], 2), axis=way))


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


def _cycle(levels: list[Cells], diagonals: list[Array], pivots: list[Array], r: Array, depth: int) -> Array:
    """Return about A⁻¹ r: smooth, correct on the coarser cells, smooth in the reverse order (so it is symmetric)."""
    level, diagonal = levels[depth], diagonals[depth]
    if depth == len(levels) - 1:
        return _direct(level, diagonal, r)
    x = np.zeros_like(r)
    _smooth(x, r, pivots[depth], level.gx, level.gy, level.gz, 0)
    _smooth(x, r, pivots[depth], level.gx, level.gy, level.gz, 1)
    rest = np.empty_like(r)
    _residual(rest, x, r, diagonal, level.gx, level.gy, level.gz)
    coarse = rest
    ways = [k for k in range(3) if levels[depth + 1].out.shape[k] != r.shape[k]]
    for way in ways:
        coarse = _joined(coarse, way)
    fix = _cycle(levels, diagonals, pivots, coarse, depth + 1)
    for way in ways:
        fix = np.repeat(fix, 2, axis=way)
        fix = np.take(fix, np.arange(r.shape[way]), axis=way) if fix.shape[way] != r.shape[way] else fix
    x += fix
    _smooth(x, r, pivots[depth], level.gx, level.gy, level.gz, 1)
    _smooth(x, r, pivots[depth], level.gx, level.gy, level.gz, 0)
    return x


def _direct(level: Cells, diagonal: Array, r: Array) -> Array:
    matrix = np.diag(diagonal.ravel())
    number = np.arange(diagonal.size).reshape(diagonal.shape)
    for way, g in enumerate((level.gz, level.gy, level.gx)):
        low = np.take(number, np.arange(number.shape[way] - 1), axis=way).ravel()
        high = np.take(number, np.arange(1, number.shape[way]), axis=way).ravel()
        matrix[low, high] -= g.ravel()
        matrix[high, low] -= g.ravel()
    return np.asarray(np.linalg.solve(matrix, r.ravel()).reshape(r.shape))


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
