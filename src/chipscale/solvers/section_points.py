"""Sections of bars cut into filaments; the mean of a smooth field over each from its values at few points."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
MOST_POINTS = 10  # along one side; beyond that the closed form is cheaper


def split(count: int, ratio: float) -> Array:
    """Return the shares (count,) of a side cut into `count` parts, each `ratio` times as wide as the one outside it.

    Symmetric about the middle, so that the skin is cut finest.
    """
    place = np.minimum(np.arange(count), np.arange(count)[::-1])
    share = ratio ** place.astype(float)
    return np.asarray(share / share.sum())


@cache
def _gauss(points: int) -> tuple[Array, Array]:
    """Return Gauss points and weights on [-1/2, 1/2]."""
    x, w = np.polynomial.legendre.leggauss(points)
    return x / 2, w / 2


def nodes() -> Array:
    """Return (MOST_POINTS + 1, MOST_POINTS): row q holds q Gauss points on [-1/2, 1/2]."""
    table = np.zeros((MOST_POINTS + 1, MOST_POINTS))
    for q in range(1, MOST_POINTS + 1):
        table[q, :q] = _gauss(q)[0]
    return table


def cuts(counts: Index, ratio: float) -> tuple[Index, Array, Array]:
    """Return what the loops take of sides cut into `counts` (n,) parts.

    The kind (n,) of each side's cut; the edges (kinds, most + 1) of each kind on [-1/2, 1/2]; and `mean` (kinds,
    MOST_POINTS + 1, most, MOST_POINTS): mean[c, q, i, k] is the mean over part i of the polynomial that is 1 at point
    k of q Gauss points and 0 at the others.
    """
    kinds, kind = np.unique(counts, return_inverse=True)
    most = int(kinds.max())
    edges = np.zeros((len(kinds), most + 1))
    mean = np.zeros((len(kinds), MOST_POINTS + 1, most, MOST_POINTS))
    for c, count in enumerate(kinds.tolist()):
        edges[c, : count + 1] = np.concatenate(([0.0], np.cumsum(split(count, ratio)))) - 0.5
        edges[c, count] = 0.5
        for q in range(1, MOST_POINTS + 1):
            mean[c, q, :count, :q] = _means(edges[c, : count + 1], q)
    return kind.astype(np.int64), edges, mean


def _means(edges: Array, points: int) -> Array:
    """Return (parts, points): the mean over each part of each Lagrange polynomial on Gauss points."""
    x = _gauss(points)[0]
    inner, weight = _gauss(MOST_POINTS)
    at = (edges[:-1, None] + edges[1:, None]) / 2 + (edges[1:, None] - edges[:-1, None]) * inner[None, :]
    found = np.ones((*at.shape, points))
    for k in range(points):
        for other in range(points):
            if other != k:
                found[:, :, k] *= (at - x[other]) / (x[k] - x[other])
    return np.asarray(np.einsum("ijk,j->ik", found, weight))
