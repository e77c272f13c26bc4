"""Leave small couplings out of a matrix, never so many that it stops being positive definite."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
MOST_ERROR_RATIO = 0.02
_HALVINGS = 40


class Truncated(NamedTuple):
    """A matrix (n, n) without its small entries, the share below which they went, how many pairs went of how many, and
    the largest share by which the energy (or the loss) of any set of currents (or voltages) has changed."""

    matrix: Array
    below_ratio: float
    left_out_count: int
    pairs_count: int
    error_ratio: float


def truncated(matrix: Array, below_ratio: float, most_error_ratio: float = MOST_ERROR_RATIO) -> Truncated:
    """Return the symmetric positive definite matrix (n, n) without entries below `below_ratio` of the root of the
    product of both diagonals.

    The threshold is halved until x'Ax changes by no more than `most_error_ratio` for every x; as that is below 1 the
    matrix stays positive definite. ValueError when it is not so from the start.

    >>> left = truncated(np.array([[1.0, 0.5, 1e-4], [0.5, 1.0, 0.0], [1e-4, 0.0, 1.0]]), 1e-3)
    >>> left.left_out_count, float(left.matrix[0, 2]), round(left.error_ratio, 6)
    (1, 0.0, 0.000115)
    """
    size = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    share = matrix / size
    value, vector = np.linalg.eigh(share)
    if value.min(initial=1.0) <= 0.0:
        raise ValueError("the matrix is not positive definite")
    root = vector / np.sqrt(value)
    off = np.triu(np.ones_like(share, dtype=bool), 1)
    for _ in range(_HALVINGS):
        small = (np.abs(share) < below_ratio) & (share != 0.0) & (off | off.T)
        change = np.where(small, -share, 0.0)
        error = float(np.abs(np.linalg.eigvalsh(root.T @ change @ root)).max()) if small.any() else 0.0
        if error <= most_error_ratio:
            break
        below_ratio /= 2
    else:
        small, error, below_ratio = np.zeros_like(off), 0.0, 0.0
    pairs = int((off & (share != 0.0)).sum())
    return Truncated(np.where(small, 0.0, matrix), below_ratio, int((small & off).sum()), pairs, error)


def without_small_capacitances(c_F: Array, below_ratio: float) -> Truncated:
    """Return Maxwell's matrix (m, m) without small couplings: what lay between two nets goes to ground at both.

    The diagonal stays, so the matrix stays diagonally dominant and with it positive definite.
    """
    return truncated(c_F, below_ratio, most_error_ratio=0.99)
