"""Well-conducting layers of a box of cells as plates, each column of a plate one unknown, solved directly.

On stretched grids cells are long one way here and the other way there; joining cells by two along either way then
leaves slow errors that are even through every plate (a copper plane, the die). These are what is solved here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_STRETCHED = 30.0  # widest over narrowest conductance of a layer, from which plates are worth it
_HELD = 10.0  # times the conductance to the surroundings
_MOST_PLATES = 3
_MOST_UNKNOWNS = 300_000
_VALLEY = 0.2  # between two plates the layers conduct less than this share of the lesser one


class Plates(NamedTuple):
    """First layers of the plates, and the direct solution of the plates' system."""

    first: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    solve: Callable[[Array], Array]

    def solved(self, r: Array) -> Array:
        """Return the potentials (nz, ny, nx), even through every plate, that leave no residual of a plate's column."""
        summed = np.add.reduceat(r, self.first, axis=0)
        return np.repeat(self.solve(summed.ravel()).reshape(summed.shape), self.counts, axis=0)


def plates(gx: Array, gy: Array, gz: Array, out: Array) -> Plates | None:
    """Return the plates of a box of conductances (see `diffusion.Cells`), None where the grid is even."""
    nz, ny, nx = out.shape
    if min(nx, ny) < 3 or not (_stretched(gx, out[:, :, 1:]) or _stretched(gy, out[:, 1:])):
        return None
    most = max(1, min(_MOST_PLATES, _MOST_UNKNOWNS // (nx * ny)))
    first = np.array([0, *cuts(gx.sum(axis=(1, 2)) + gy.sum(axis=(1, 2)), gz.sum(axis=(1, 2)), most)], dtype=np.int64)
    return Plates(first, np.diff(np.append(first, nz)), _factored(gx, gy, gz, out, first))


def _stretched(g: Array, out: Array) -> bool:
    """Tell whether faces differ much in the best conducting layer; those of cells that rather give to the surroundings
    don't count: no error goes far there."""
    best = int(np.argmax(g.sum(axis=(1, 2))))
    layer = g[best]
    some = layer[layer > _HELD * out[best]]
    return len(some) > 0 and float(some.max() / some.min()) > _STRETCHED


def cuts(along: Array, through: Array, most: int) -> list[int]:
    """Return the layers at which a new plate begins: between layers that conduct much (`along`, nz) and are parted by
    some that conduct little, at the weakest joint (`through`, nz - 1) in between.

    >>> cuts(np.array([1.0, 90.0, 1.0, 2.0, 80.0, 3.0]), np.array([9.0, 5.0, 4.0, 6.0, 7.0]), 3)
    [3]
    """
    peaks: list[int] = []
    for layer in range(len(along)):
        valley = along[peaks[-1] : layer].min() if peaks else np.inf
        if peaks and valley > _VALLEY * min(along[peaks[-1]], along[layer]):
            if along[layer] > along[peaks[-1]]:
                peaks[-1] = layer
        else:
            peaks.append(layer)
    ranked = sorted(range(1, len(peaks)), key=lambda k: -min(along[peaks[k - 1]], along[peaks[k]]))[: most - 1]
    return sorted(peaks[k - 1] + int(np.argmin(through[peaks[k - 1] : peaks[k]])) + 1 for k in ranked)


def _factored(gx: Array, gy: Array, gz: Array, out: Array, first: npt.NDArray[np.int64]) -> Any:
    """Return the direct solution of the plates' system: conductances of a plate's layers side by side."""
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import splu

    flat_x, flat_y, diagonal = (np.add.reduceat(g, first, axis=0) for g in (gx, gy, out))
    number = np.arange(diagonal.size).reshape(diagonal.shape)
    rows, columns, values = [], [], []
    for way, g in enumerate((gz[first[1:] - 1], flat_y, flat_x)):
        low: list[slice] = [slice(None)] * 3
        high: list[slice] = [slice(None)] * 3
        low[way], high[way] = slice(None, -1), slice(1, None)
        one, other = number[tuple(low)].ravel(), number[tuple(high)].ravel()
        rows += [one, other]
        columns += [other, one]
        values += [-g.ravel(), -g.ravel()]
        diagonal[tuple(low)] += g
        diagonal[tuple(high)] += g
    rows.append(number.ravel())
    columns.append(number.ravel())
    values.append(diagonal.ravel())
    matrix = csc_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))))
    options = {"SymmetricMode": True}
    return splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options).solve
