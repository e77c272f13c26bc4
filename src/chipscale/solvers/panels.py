"""Charges and Maxwell's capacitance matrix of conductors whose surfaces are flat panels."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.solvers.block_products import add_near
from chipscale.solvers.layered_images import Space
from chipscale.solvers.many_right_sides import solve_many
from chipscale.solvers.panel_blocks import blocks, workers_count
from chipscale.solvers.panel_potential import EPS0_F_m, fill_all, panels_of

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_FACTOR = 4 * math.pi * EPS0_F_m


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How exactly to solve: images and far blocks, the solution's residual, up to how many of its diameters a panel is
    integrated in closed form, and the window (None: all see all)."""

    images_ratio: float = 1e-4
    blocks_ratio: float = 1e-4
    residual_ratio: float = 1e-4
    near_spans: float = 2.0
    window_m: float | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """Maxwell's matrix (c, c) in F, made symmetric; the charge (n, c) in C on each panel when one conductor is at 1 V
    and all others at 0; how the answer was found.

    asymmetry_ratio: what was not symmetric, of the larger of both diagonal values. left_out_F (c, c): what the
    coupling beyond the window would change, to first order (that is q E q of the potentials E left out).
    """

    matrix_F: Array
    charge_F: Array
    asymmetry_ratio: float
    rounds_count: int
    residual_ratio: float
    images_error_ratio: float
    stored_ratio: float
    left_out_F: Array


def charges(corners_m: Array, conductor: Ints, space: Space, accuracy: Accuracy | None = None) -> Charges:
    """Return the charges of conductors 0 .. c - 1; panel j is on conductor[j]. O(n log n) time and memory.

    `corners_m` (n, K, 3) as `panel_potential.panels_of`. Collocation at the panels' centres, blocks as
    `panel_blocks.blocks`. Raises ArithmeticError when the residual is not reached.
    """
    wanted = accuracy or Accuracy()
    panels, images = panels_of(corners_m, space, wanted.images_ratio, wanted.near_spans)
    made = blocks(panels, images, conductor, wanted.blocks_ratio, wanted.window_m)
    count = int(conductor.max()) + 1
    of = (conductor[made.order][:, None] == np.arange(count)[None, :]).astype(np.float64)
    with ThreadPoolExecutor(workers_count()) as pool:
        inverses = made.inverses(pool)

        def nearly_inverse(x: Array) -> Array:
            near, found = x.astype(np.float32), np.zeros(x.shape, dtype=np.float32)
            list(pool.map(lambda item: add_near(found, near, item[1], item[0][0], item[0][0]), inverses))
            return found.astype(np.float64)

        solved = solve_many(lambda x: made.times(x.astype(np.float32), pool), nearly_inverse, of, wanted.residual_ratio)
    if solved.residual_ratio > wanted.residual_ratio:
        raise ArithmeticError(f"the charges were not found: residual {solved.residual_ratio:.1g}")
    charge = np.empty_like(solved.x)
    charge[made.order] = _FACTOR * solved.x
    found = _FACTOR * (of.T @ solved.x)
    matrix = (found + found.T) / 2
    own = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
    return Charges(
        matrix,
        charge,
        float((np.abs(found - found.T) / own).max()),
        solved.rounds_count,
        solved.residual_ratio,
        images.error_ratio,
        made.stored_count / len(conductor) ** 2,
        _FACTOR * np.abs(made.left_out(solved.x, images)),
    )


def potentials(corners_m: Array, space: Space, tolerance_ratio: float = 1e-6) -> Array:
    """Return (n, n): potential in V at panel i's centre when panel j holds 1 C evenly spread.

    `corners_m` (n, K, 3): flat polygons, corners in order; one with fewer corners repeats its last. No panel may
    cross a face between dielectrics. O(n²) in time and memory.
    """
    out = np.empty((len(corners_m), len(corners_m)))
    fill_all(out, *panels_of(corners_m, space, tolerance_ratio))
    return out / _FACTOR


def capacitance(corners_m: Array, conductor: Ints, space: Space, tolerance_ratio: float = 1e-6) -> Array:
    """Return Maxwell's capacitance matrix (c, c) in F of c conductors by the whole matrix; panel j is on conductor[j].

    For some thousand panels, and to check `charges` by. The matrix is made symmetric; the part that was not is what
    the panels' size leaves.
    """
    import scipy.linalg as la

    of = (conductor[:, None] == np.arange(int(conductor.max()) + 1)[None, :]).astype(float)
    charge = la.solve(potentials(corners_m, space, tolerance_ratio), of, overwrite_a=True, check_finite=False)
    found = of.T @ charge
    return np.asarray((found + found.T) / 2)
