"""How much of the charge on panels, and so of their field's energy, each dielectric layer accounts for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from chipscale.solvers.layered_images import Space, share_images_at
from chipscale.solvers.panel_blocks import blocks, workers_count
from chipscale.solvers.panel_potential import EPS0_F_m, panels_of

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_FACTOR = 4 * math.pi * EPS0_F_m
_IMAGES_RATIO, _BLOCKS_RATIO = 5e-3, 2e-2
_NEAR_SPANS = 1.0


def energy_shares(
    corners_m: Array,
    conductor: Ints,
    space: Space,
    charge_C: Array,
    weights: Sequence[Sequence[float]],
    window_m: float | None = None,
) -> Array:
    """Return (rows, c, c) in F: how Maxwell's matrix grows with the logarithms of the layers' permittivities, each
    times its weight in a row of `weights` (rows, layers).

    `charge_C` (n, c): charges on the panels when one conductor is at 1 V, as of `panels.charges`. With all weights 1
    it is Maxwell's matrix itself, for that grows as all permittivities together do; with 1 for one layer its diagonal
    is twice the energy in that layer's field. Layers whose permittivities are eps (1 - j tan d) make of it, with
    weights tan d, the losses, to first order. Charges keep their places at first order: nothing is solved again.
    Far blocks beyond `window_m` are left out. Good to 1.5 % of Maxwell's
    matrix times the largest weight.
    """
    panels, _ = panels_of(corners_m, space, _IMAGES_RATIO, _NEAR_SPANS)
    found = np.zeros((len(weights), charge_C.shape[1], charge_C.shape[1]))
    with ThreadPoolExecutor(workers_count()) as pool:
        for k, row in enumerate(weights):
            most = max(abs(w) for w in row)
            if most == 0.0:
                continue
            images = share_images_at(space, panels.centre[:, 2], [w / most for w in row], _IMAGES_RATIO)
            made = blocks(panels, images, conductor, _BLOCKS_RATIO, window_m)
            x = (charge_C[made.order] / _FACTOR).astype(np.float32)
            share = most * _FACTOR * (x.astype(np.float64).T @ made.times(x, pool))
            found[k] = (share + share.T) / 2
    return found
