"""A Foster network as a Cauer ladder: the same impedance, with stages that follow the heat's way one after another."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_DIGITS_PER_STAGE = 10  # the polynomials' coefficients cancel by that much


class Cauer(NamedTuple):
    """From the junction on: a capacity to the room, then a resistance to the next stage; the last one to the room."""

    r_K_W: Array
    c_J_K: Array


def ladder(r_K_W: Array, tau_s: Array) -> Cauer:
    """Return the ladder with the same impedance, all parts positive when the resistances are.

    Division of polynomials, capacity and resistance in turn (continued fraction; W. Cauer 1926), in as many decimal
    digits as it costs. O(stages² digits).

    >>> found = ladder(np.array([1.0, 3.0]), np.array([0.1, 6.0]))
    >>> found.r_K_W.round(4).tolist(), found.c_J_K.round(4).tolist()
    ([1.1016, 2.8984], [0.0952, 1.9732])
    """
    with localcontext(Context(prec=60 + _DIGITS_PER_STAGE * len(r_K_W))):
        top, under = _fraction([Decimal(float(r)) for r in r_K_W], [Decimal(float(tau)) for tau in tau_s])
        resistances, capacities = [], []
        while top:
            capacity = under[-1] / top[-1]
            under = _without(under, [Decimal(0), *top], capacity)
            resistance = top[-1] / under[-1]
            top = _without(top, under, resistance)
            capacities.append(float(capacity))
            resistances.append(float(resistance))
    return Cauer(np.array(resistances), np.array(capacities))


def _fraction(r: list[Decimal], tau: list[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    """Return the impedance, sum of r / (1 + s tau), as polynomials in s, lowest power first."""
    top: list[Decimal] = []
    under = [Decimal(1)]
    for one, time in zip(r, tau, strict=True):
        both = zip_longest(_times(top, time), [one * value for value in under], fillvalue=Decimal(0))
        top, under = [a + b for a, b in both], _times(under, time)
    return top, under


def _times(values: list[Decimal], time: Decimal) -> list[Decimal]:
    """Return a polynomial times (1 + s time)."""
    if not values:
        return []
    return [a + time * b for a, b in zip([*values, Decimal(0)], [Decimal(0), *values], strict=True)]


def _without(values: list[Decimal], part: list[Decimal], share: Decimal) -> list[Decimal]:
    """Return a polynomial less a share of another of the same degree; the highest power is gone then."""
    return [a - share * b for a, b in zip(values[:-1], part[:-1], strict=True)]
