"""A macromodel: S-parameters as a passive rational function of the lowest order that is good enough."""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np

from chipscale.errors import SolverError
from chipscale.physics.electrical.models.passivity import made_passive
from chipscale.physics.electrical.models.touchstone import Touchstone
from chipscale.physics.electrical.models.vector_fit import Rational, fitted

log = logging.getLogger(__name__)
ORDERS = (2, 4, 6, 8, 10, 12, 14, 16, 20, 24)
TOLERANCE_RATIO = 1e-4
_GAIN, _MOST_IDLE = 0.7, 1  # more poles are tried once more when they gained little: the rest is noise of the data


class Macromodel(NamedTuple):
    """A passive model of S-parameters, and its largest and root-mean-square error over the frequencies fitted.

    `before_ratio`: the largest singular value at any frequency before it was made passive (1 or less: it was so).
    """

    data: Touchstone
    model: Rational
    largest_error_ratio: float
    mean_error_ratio: float
    before_ratio: float


def macromodel(data: Touchstone, tolerance_ratio: float = TOLERANCE_RATIO) -> Macromodel:
    """Return the passive model of lowest order whose S-parameters are within `tolerance_ratio`, or else the best.

    SolverError when no order gives a passive model.
    """
    best: Macromodel | None = None
    idle = 0
    for order in ORDERS:
        if 2 * order >= len(data.f_Hz):
            break
        try:
            made = made_passive(fitted(data.f_Hz, data.s, order), data.f_Hz, data.s)
        except SolverError as error:
            log.info("order %d: %s", order, error)
            continue
        off = np.abs(made.model.at(data.f_Hz) - data.s)
        found = Macromodel(
            data, made.model, float(off.max()), float(np.sqrt(np.mean(off**2))), made.largest_before_ratio
        )
        log.info("order %d: error %.2e", order, found.largest_error_ratio)
        gained = best is None or found.largest_error_ratio < _GAIN * best.largest_error_ratio
        if best is None or found.largest_error_ratio < best.largest_error_ratio:
            best = found
        idle = 0 if gained else idle + 1
        if best.largest_error_ratio <= tolerance_ratio or idle > _MOST_IDLE:
            break
    if best is None:
        raise SolverError("no order gives a passive model of these S-parameters")
    return best
