"""A package's answer over time with conductivities and films that follow its temperatures, on the shapes at rest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.diffusion import Cells, inflow

Array = npt.NDArray[np.float64]
_PER_DECADE = 12  # steps of time: with 48 the slab of silicon answers the same within 2e-4
_STILL_AIR_POWER = 0.25  # a film of still air goes as this power of how much warmer its surface is
_MOST_ROUNDS = 12
_CLOSED_RATIO = 1e-7
_LEAST_RATIO = 1e-3  # of the rise at rest: films of surfaces cooler than that are as there


class States(NamedTuple):
    """How far the shapes have risen (times, m), in W; `open_ratio`: how much of the junction's rise is left open by
    taking one temperature for all of the die."""

    risen_W: Array
    open_ratio: float


@dataclass(frozen=True, slots=True)
class Following:
    """Shapes with what else the cells carry between them when they are not as at rest under `power_W`.

    `tau_s`, `driven` (m,): as in `Modes`. `cold` and `calm` (m, m): what the shapes carry more with conductivities as
    at the room's temperature, and with the films of `calm_ratio` of the power, each over the roots of what both shapes
    hold. `die` (m,): mean rise of the die at each shape's end per watt; `left_ratio` (m,): share of the heat that
    leaves by then. `points` (n, 2): temperature in °C and the die's conductivity there over that at 25 °C.
    """

    tau_s: Array
    driven: Array
    cold: Array
    calm: Array
    calm_ratio: float
    die: Array
    left_ratio: Array
    points: Array
    t_room_C: float
    power_W: float

    def along(self, times_s: Array, power_W: Array, start_W: Array, again: bool) -> States:
        """Return the shapes at rising times (n + 1,) under constant powers (n,) in between.

        They begin with `start_W`, or where they end as well (`again`), sought from there. Followed twice: the die as
        warm as the mean of where its heat is made, then as the mean of all of it; the first is the answer, and how far
        the second lies off it at any time, over the largest rise, is left open.
        """
        hot, mean = (self._closed(times_s, power_W, start_W, of, again) for of in (self.driven, self.die))
        rise, other = hot @ self.driven, mean @ self.driven
        return States(hot, float(np.abs(other - rise).max()) / max(float(rise.max()), 1e-300))

    def _closed(self, times_s: Array, power_W: Array, start_W: Array, measure: Array, again: bool) -> Array:
        """Return the shapes at all times; `again`: the start is moved until it is the end, by what shapes at rest would
        need for it."""
        found = self._course(times_s, power_W, start_W, measure)
        for _ in range(_MOST_ROUNDS if again else 0):
            off = found[-1] - found[0]
            if abs(float(off @ self.driven)) <= _CLOSED_RATIO * float((found @ self.driven).max()):
                break
            start_W = found[0] + off / -np.expm1(-(times_s[-1] - times_s[0]) / self.tau_s)
            found = self._course(times_s, power_W, start_W, measure)
        return found

    def step(self, times_s: Array) -> States:
        """Return the shapes after `power_W` is switched on, per watt; what is left open is the largest share of the
        rise at any time."""
        inner = np.geomspace(0.05 * times_s[0], times_s[-1], 2 + _steps(0.05 * times_s[0], times_s[-1]))
        every = np.union1d(np.concatenate(([0.0], inner)), times_s)
        power = np.full(len(every) - 1, self.power_W)
        at = np.searchsorted(every, times_s)
        hot, mean = (
            self._course(every, power, np.zeros(len(self.tau_s)), of)[at] / self.power_W
            for of in (self.driven, self.die)
        )
        rise = hot @ self.driven
        return States(hot, float((np.abs(mean @ self.driven - rise) / rise).max()))

    def _course(self, times_s: Array, power_W: Array, start_W: Array, measure: Array) -> Array:
        """Return the shapes at all times: exact over each step with what is carried in its middle (second order)."""
        held = np.sqrt(np.maximum(self.driven * self.tau_s, 1e-300))
        push = self.driven / held
        found = [held * start_W]
        for (begin, end), power in zip(pairwise(times_s), power_W, strict=True):
            now = found[-1]
            ahead = _moved(self._carried(now / held, measure), now, power * push, 0.5 * (end - begin))
            found.append(_moved(self._carried(ahead / held, measure), now, power * push, end - begin))
        return np.array(found) / held

    def _carried(self, risen_W: Array, measure: Array) -> Array:
        rise_K = float(risen_W @ measure)
        at_rest_K = self.power_W * float(measure.sum())
        at_room, here, at_rest = (self._factor(self.t_room_C + rise) for rise in (0.0, rise_K, at_rest_K))
        span = at_room - at_rest
        colder = (here - at_rest) / span if abs(span) > 1e-12 else 0.0
        left = max(float(risen_W @ self.left_ratio) / self.power_W, _LEAST_RATIO)
        low, high = (ratio**_STILL_AIR_POWER for ratio in (self.calm_ratio, 1.0))
        calmer = (high - left**_STILL_AIR_POWER) / (high - low)
        return np.diag(1.0 / self.tau_s) + colder * self.cold + calmer * self.calm

    def _factor(self, t_C: float) -> float:
        if not len(self.points):
            return 1.0 - 1e-3 * t_C  # no law: nothing is colder than anything else, `cold` is 0
        return float(np.exp(np.interp(t_C, self.points[:, 0], np.log(self.points[:, 1]))))


def between(ends: Array, tau_s: Array, driven: Array, more: Cells) -> Array:
    """Return what the shapes `ends` (m, nz, ny, nx) carry by the conductances `more`, over the roots of what both
    hold; O(m cells + m² cells) sums."""
    flat = ends.reshape(len(ends), -1)
    carried = np.array([flat @ inflow(more, end).reshape(-1) for end in ends])
    held = np.sqrt(np.maximum(driven * tau_s, 1e-300))
    return np.asarray(0.5 * (carried + carried.T) / np.outer(held, held))


def less(one: Cells, other: Cells) -> Cells:
    """Return how much more conducts in one box of cells than in another."""
    return Cells(one.gx - other.gx, one.gy - other.gy, one.gz - other.gz, one.out - other.out)


def _moved(carried: Array, state: Array, push: Array, dt_s: float) -> Array:
    """Return the state after a time of dx/dt = push - carried x."""
    rates, turn = np.linalg.eigh(carried)
    rates = np.maximum(rates, 1e-12)
    end = (turn.T @ push) / rates
    return np.asarray(turn @ (end + (turn.T @ state - end) * np.exp(-rates * dt_s)))


def _steps(first_s: float, last_s: float) -> int:
    return int(np.ceil(_PER_DECADE * np.log10(last_s / first_s)))
