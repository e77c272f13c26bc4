"""One linear system with several right-hand sides: generalised minimal residuals, all of them step by step together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Solved:
    """The solution (n, c), the rounds it took, and the largest relative residual of the preconditioned system."""

    x: Array
    rounds_count: int
    residual_ratio: float


def solve_many(
    times: Callable[[Array], Array],
    nearly_inverse: Callable[[Array], Array],
    b: Array,
    tolerance_ratio: float = 1e-4,
    most_rounds: int = 80,
) -> Solved:
    """Return x with A x = b, b (n, c), from products with A and with something near its inverse (applied first).

    Each column has its own Krylov space (Y. Saad and M. H. Schultz, SIAM J. Sci. Stat. Comput. 7 (1986) 856), but
    their products are done at once. Memory: n c numbers per round. Ends at the tolerance or after `most_rounds`.
    """
    count = b.shape[1]
    start = nearly_inverse(b)
    size = np.linalg.norm(start, axis=0)
    size[size == 0] = 1.0
    basis = [start / size]
    hess = np.zeros((most_rounds + 1, most_rounds, count))
    cosine, sine = np.zeros((2, most_rounds, count))
    rest = np.zeros((most_rounds + 1, count))
    rest[0] = np.linalg.norm(start, axis=0)
    k = 0
    while k < most_rounds and float((np.abs(rest[k]) / size).max()) > tolerance_ratio:
        w = nearly_inverse(times(basis[k]))
        for _ in range(2):  # orthogonal twice, as rounding asks
            for q in range(k + 1):
                part = np.einsum("ij,ij->j", basis[q], w)
                hess[q, k] += part
                w -= basis[q] * part
        length = np.linalg.norm(w, axis=0)
        hess[k + 1, k] = length
        basis.append(w / np.where(length > 0, length, 1.0))
        for q in range(k):
            upper = cosine[q] * hess[q, k] + sine[q] * hess[q + 1, k]
            hess[q + 1, k] = cosine[q] * hess[q + 1, k] - sine[q] * hess[q, k]
            hess[q, k] = upper
        whole = np.hypot(hess[k, k], hess[k + 1, k])
        whole[whole == 0] = 1.0
        cosine[k], sine[k] = hess[k, k] / whole, hess[k + 1, k] / whole
        hess[k, k], hess[k + 1, k] = whole, 0.0
        rest[k + 1], rest[k] = -sine[k] * rest[k], cosine[k] * rest[k]
        k += 1
    x = np.zeros_like(b)
    weight = np.zeros((k, count))
    for q in range(k - 1, -1, -1):
        weight[q] = (rest[q] - (hess[q, q + 1 : k] * weight[q + 1 :]).sum(axis=0)) / hess[q, q]
        x += basis[q] * weight[q]
    return Solved(x, k, float((np.abs(rest[k]) / size).max()))
