"""How plated thickness follows the pattern: thinner where much metal is open around a shape, thicker where little is.

Model: t = t0 (A_mean / A_local)^beta, A the open share of the area in a window around a place. The current spreads over
the bath's boundary layer, so that what counts is the density over some hundred µm to a millimetre (B. DeBecker and
A. C. West, J. Electrochem. Soc. 143 (1996) 486: workpiece, pattern and feature scale). beta is 0.05 to 0.25, to be
fitted to the plater: it holds the bath's polarisation and its additives. The factors are scaled so that the mean over
the metal's area is 1: the charge is given. The die is taken to repeat on all sides.
Range: a fit, not a field solution (which reaches 1.5 % of measurement: Electrochim. Acta 542 (2025) 147403).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.process.masks import Masks

Array = npt.NDArray[np.float64]
CELLS_PER_WINDOW = 4
MOST_CELLS = 40_000
LEAST_DENSITY = 1e-4  # of a window; below that the law has no meaning


class Shares(NamedTuple):
    """Area in µm² that pieces have in the cells of a grid: piece[k] has area_um2[k] in cell[k] (row by row).

    `rows` and `cols` count the grid's cells over the die, each of the size `cell_um` (x, y).
    """

    piece: npt.NDArray[np.int64]
    cell: npt.NDArray[np.int64]
    area_um2: Array
    rows: int
    cols: int
    cell_um: tuple[float, float]


def density_factor(masks: Masks, layer: str, window_um: float, beta: float) -> Array:
    """Return (n,) plated thickness over mean thickness of each of the layer's pieces (`masks.pieces`), as drawn."""
    regions = [piece.region for piece in masks.pieces(layer)]
    return thickness_factors(shares(regions, (masks.size_x_um, masks.size_y_um), window_um), window_um, beta)


def shares(regions: Sequence[Any], size_um: tuple[float, float], window_um: float) -> Shares:
    """Return the exact area each region (a polygon) has in each cell of a grid over the die.

    A window holds four cells each way; on a large die the cells are larger, at most 40,000 in all. Raises ValueError
    for a window that is not positive.
    """
    if window_um <= 0:
        raise ValueError("the window must be positive")
    pitch = window_um / CELLS_PER_WINDOW
    while np.ceil(size_um[0] / pitch) * np.ceil(size_um[1] / pitch) > MOST_CELLS:
        pitch *= 2
    cols, rows = (max(1, round(size / pitch)) for size in size_um)
    dx, dy = size_um[0] / cols, size_um[1] / rows
    x, y = np.meshgrid(np.arange(cols) * dx, np.arange(rows) * dy)
    cells = shapely.box(x.ravel(), y.ravel(), x.ravel() + dx, y.ravel() + dy)
    outlines = np.array(list(regions), dtype=object)
    if not len(outlines):
        empty = np.empty(0, dtype=np.int64)
        return Shares(empty, empty, np.empty(0), rows, cols, (dx, dy))
    cell, piece = shapely.STRtree(outlines).query(cells)  # by bounds
    bounds = shapely.bounds(cells)
    cut = [shapely.clip_by_rect(outlines[k], *bounds[c]) for c, k in zip(cell.tolist(), piece.tolist(), strict=True)]
    area = shapely.area(np.array(cut, dtype=object)) if cut else np.empty(0)
    kept = area > 0
    order = np.lexsort((cell[kept], piece[kept]))
    return Shares(piece[kept][order], cell[kept][order], area[kept][order], rows, cols, (dx, dy))


def local_density(found: Shares, window_um: float) -> Array:
    """Return (rows, cols) open share of the area in a window around each cell of the die."""
    dx, dy = found.cell_um
    count = found.rows * found.cols
    density = np.bincount(found.cell, found.area_um2, minlength=count).reshape(found.rows, found.cols) / (dx * dy)
    return _mean_along(_mean_along(density, window_um / dy, 0), window_um / dx, 1)


def thickness_factors(found: Shares, window_um: float, beta: float) -> Array:
    """Return (n,) plated thickness over mean thickness of each piece; 1 everywhere for beta 0."""
    pieces = int(found.piece.max()) + 1 if len(found.piece) else 0
    if not pieces:
        return np.empty(0)
    local = np.maximum(local_density(found, window_um).ravel(), LEAST_DENSITY)[found.cell]
    weight = (found.area_um2.sum() / (found.rows * found.cols * found.cell_um[0] * found.cell_um[1]) / local) ** beta
    weight *= found.area_um2.sum() / np.sum(weight * found.area_um2)
    area = np.bincount(found.piece, found.area_um2, minlength=pieces)
    return np.asarray(np.bincount(found.piece, weight * found.area_um2, minlength=pieces) / np.maximum(area, 1e-12))


def thickness_ratio(density_pct: float, mean_density_pct: float, beta: float) -> float:
    """Return local over mean thickness where the open share is `density_pct` and its mean `mean_density_pct`.

    >>> round(thickness_ratio(18.0, 25.0, 0.1), 4)
    1.0334
    """
    if min(density_pct, mean_density_pct) <= 0:
        raise ValueError("an open share must be positive")
    return float((mean_density_pct / density_pct) ** beta)


def spread_pct(mean_density_pct: float, sigma_density_pct: float, beta: float) -> float:
    """Return three standard deviations of the thickness in % when the open share is normally distributed over the die.

    The distribution is cut at 0; integrated over 20,000 slices.

    >>> round(spread_pct(25.0, 7.0, 0.1), 1)
    10.0
    """
    z = np.linspace(max(-8.0, -mean_density_pct / sigma_density_pct), 8.0, 20_001)
    z = (z[:-1] + z[1:]) / 2
    weight = np.exp(-z * z / 2)
    weight /= weight.sum()
    thickness = ((mean_density_pct + sigma_density_pct * z) / mean_density_pct) ** -beta
    mean = float(np.sum(weight * thickness))
    return 300.0 * float(np.sqrt(np.sum(weight * (thickness - mean) ** 2)))


def _mean_along(density: Array, width_cells: float, axis: int) -> Array:
    """Return the mean over `width_cells` (not only whole ones) around each cell along one axis, the die repeated."""
    n = density.shape[axis]
    half = min(width_cells, float(n)) / 2 - 0.5
    if half <= 0:
        return density
    whole = int(half)
    rest = half - whole
    total = density.copy()
    for k in range(1, whole + 1):
        total += np.roll(density, k, axis) + np.roll(density, -k, axis)
    total += rest * (np.roll(density, whole + 1, axis) + np.roll(density, -whole - 1, axis))
    return total / (1 + 2 * half)
