"""Products and inverses of many small blocks in single precision, each on one thread: no library's own threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

Array = npt.NDArray[Any]


@njit(cache=True, nogil=True, fastmath=True)
def add_near(y: Array, x: Array, block: Array, row: int, col: int) -> None:
    """Add block (m, n) times x[col : col + n] to y[row : row + m]; x and y (., c)."""
    m, n = block.shape
    c = x.shape[1]
    for i in range(m):
        k = 0
        while k + 4 <= n:
            p, q, r, s = block[i, k], block[i, k + 1], block[i, k + 2], block[i, k + 3]
            j = col + k
            for a in range(c):
                y[row + i, a] += p * x[j, a] + q * x[j + 1, a] + r * x[j + 2, a] + s * x[j + 3, a]
            k += 4
        while k < n:
            p = block[i, k]
            for a in range(c):
                y[row + i, a] += p * x[col + k, a]
            k += 1


@njit(cache=True, nogil=True, fastmath=True)
def add_far(y: Array, x: Array, left: Array, right: Array, at: tuple[int, int]) -> None:
    """Add left.T right times x[at[1] : at[1] + n] to y[at[0] : at[0] + m], and the transpose the other way round.

    left (r, m), right (r, n).
    """
    rank = len(left)
    between = np.zeros((rank, x.shape[1]), dtype=x.dtype)
    add_near(between, x, right, 0, at[1])
    _add_turned(y, between, left, at[0])
    between[:] = 0.0
    add_near(between, x, left, 0, at[0])
    _add_turned(y, between, right, at[1])


@njit(cache=True, nogil=True, fastmath=True)
def _add_turned(y: Array, x: Array, block: Array, row: int) -> None:
    """Add block.T times x to y[row : row + m]; block (r, m), x (r, c)."""
    rank, m = block.shape
    c = x.shape[1]
    for i in range(m):
        k = 0
        while k + 4 <= rank:
            p, q, r, s = block[k, i], block[k + 1, i], block[k + 2, i], block[k + 3, i]
            for a in range(c):
                y[row + i, a] += p * x[k, a] + q * x[k + 1, a] + r * x[k + 2, a] + s * x[k + 3, a]
            k += 4
        while k < rank:
            p = block[k, i]
            for a in range(c):
                y[row + i, a] += p * x[k, a]
            k += 1


@njit(cache=True, nogil=True, fastmath=True)
def invert(block: Array) -> None:
    """Put the inverse of a block (n, n) in its place, by Gauss and Jordan without pivots.

    For blocks that are positive definite but for discretisation, as panels' potentials are: there none is needed.
    """
    n = len(block)
    for k in range(n):
        pivot = block[k, k]
        block[k, k] = 1.0
        for j in range(n):
            block[k, j] /= pivot
        for i in range(n):
            if i != k:
                part = block[i, k]
                block[i, k] = 0.0
                for j in range(n):
                    block[i, j] -= part * block[k, j]
