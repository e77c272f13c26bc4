"""Diffusion over time: the few decaying shapes that hold the whole answer of a box of cells to one source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from chipscale.solvers.diffusion import Cells, inflow, ready, solve

Array = npt.NDArray[np.float64]
_ROUGH_RATIO = 1e-3  # a new shape is found to this share of what is missing; what is left, the next ones mend
_STEADY_RATIO = 1e-10
_MOST_HALVINGS = 5  # of two decades of shifts
_MOST_SHAPES = 150
_GONE_RATIO = 1e-7  # of a new shape, once the old ones are taken out of it


@dataclass(frozen=True, slots=True)
class Modes:
    """How cells at 0 answer a source that is switched on at once and stays: potential(t) = sum over m of
    `end[m]` (1 - exp(-t / tau_s[m])).

    `tau_s` (m,), rising; `end` (m, nz, ny, nx); `driven` (m,) is the same sum weighted by the source, every term of it
    positive: where the source is heat, joined with its own mean temperature, this is a Foster network.
    `error_ratio`: the largest error of the answer at a rate s, over that answer, met just before the last shapes were
    added there. `shifts_count`: systems solved.
    """

    tau_s: Array
    end: Array
    driven: Array
    error_ratio: float
    shifts_count: int
    rounds_count: int

    def at(self, times_s: Array, where: npt.NDArray[np.int64] | None = None) -> Array:
        """Return potentials (times, cells) after a step; `where` are flat indices (None: all cells)."""
        flat = self.end.reshape(len(self.tau_s), -1)
        return np.asarray(grown(times_s, self.tau_s) @ (flat if where is None else flat[:, where]))


def grown(times_s: Array, tau_s: Array) -> Array:
    """Return 1 - exp(-t / tau) (times, tau)."""
    return np.asarray(-np.expm1(-np.asarray(times_s)[:, None] / tau_s[None, :]))


def modes(
    level: Cells,
    capacity: Array,
    source: Array,
    span_s: tuple[float, float],
    tolerance_ratio: float = 1e-6,
    *,
    first: Array | None = None,
    tell: Callable[[float, str], None] | None = None,
) -> Modes:
    """Return the shapes for `capacity` (nz, ny, nx; 0 where there is nothing) and `source`, exact between two times.

    The cells' system is put on the space of its answers to sources that grow as exp(s t), at the shifts s that matter
    (rational Krylov; A. Ruhe, Linear Algebra Appl. 58 (1984) 391), with s = 0, the answer at rest, and the even shape
    among them: so the end is exact and at every time what is stored and what has left adds up to what came in. Shifts
    are halved between two until the answer at the new one, weighted by the source, was known to `tolerance_ratio`
    already: the missing part, r A⁻¹ r with the residual r, comes with the solution. A projection of a symmetric system
    on a space is stable, and its error in that number is the square of that of the space.
    O(cells) per shift; holds one array of the cells' number per shape.
    """
    space = _Space(level, capacity, source)
    space.add((capacity > 0).astype(float))
    space.join(0.0, _STEADY_RATIO, first)
    low, high = 0.3 / span_s[1], 3.0 / span_s[0]
    shifts = np.geomspace(low, high, max(2, int(np.ceil(np.log10(high / low) / 2)) + 1))
    missing = [space.join(float(s)) for s in shifts]
    small = 0.0  # the largest error that was small enough
    for halving in range(_MOST_HALVINGS):
        middle = np.sqrt(shifts[:-1] * shifts[1:])
        wanted = [k for k in range(len(middle)) if halving == 0 or max(missing[k], missing[k + 1]) > tolerance_ratio]
        found: dict[int, float] = {}
        for k in wanted:
            found[k] = space.join(float(middle[k]))
            if tell is not None:
                tell(min(0.99, (halving + len(found) / len(wanted)) / 3), f"{len(space.basis)} shapes")
        small = max([small, *(value for value in found.values() if value <= tolerance_ratio)])
        shifts, missing = _merged(shifts, missing, middle, found)
        if max(missing) <= tolerance_ratio:
            break
    return space.modes(max([small, *missing]))


def _merged(shifts: Array, missing: list[float], middle: Array, found: dict[int, float]) -> tuple[Array, list[float]]:
    """Return shifts with those in the middle where asked, and what was missing at each (an old one: no more)."""
    values, rest = [float(shifts[0])], [0.0]
    for k in range(len(middle)):
        if k in found:
            values.append(float(middle[k]))
            rest.append(found[k])
        values.append(float(shifts[k + 1]))
        rest.append(0.0)
    return np.array(values), rest


class _Space:
    """A growing basis, orthonormal in the capacity, with the cells' system put on it."""

    def __init__(self, level: Cells, capacity: Array, source: Array) -> None:
        self.level, self.capacity, self.source = level, capacity, source
        self.held = np.empty((_MOST_SHAPES, *source.shape))  # memory is taken by what is written
        self.basis: list[Array] = []
        self.carried = np.zeros((0, 0))  # the conductances on the basis
        self.weights = np.zeros(0)  # the source on it
        self.rounds = self.shifts = 0

    def add(self, shape: Array) -> None:
        """Take a shape in, unless the basis holds it already."""
        size = self._size(shape)
        for _ in range(2):
            for other in self.basis:
                shape = shape - float((other * self.capacity * shape).sum()) * other
        left = self._size(shape)
        if not left > _GONE_RATIO * size or len(self.basis) == _MOST_SHAPES:
            return
        shape = shape / left
        flow = inflow(self.level, shape)
        column = np.array([float((other * flow).sum()) for other in (*self.basis, shape)])
        grown_ = np.zeros((len(column), len(column)))
        grown_[:-1, :-1] = self.carried
        grown_[-1, :], grown_[:, -1] = column, column
        self.carried = grown_
        self.weights = np.append(self.weights, float((shape * self.source).sum()))
        self.held[len(self.basis)] = shape
        self.basis.append(self.held[len(self.basis)])

    def join(self, shift: float, tolerance_ratio: float = _ROUGH_RATIO, first: Array | None = None) -> float:
        """Add what the basis lacks of the answer at a shift; return how much it lacked, weighted by the source."""
        moved = replace(self.level, out=self.level.out + shift * self.capacity)
        if first is None:
            at = np.linalg.solve(self.carried + shift * np.eye(len(self.basis)), self.weights)
            first = np.zeros_like(self.source)
            for share, shape in zip(at, self.basis, strict=True):
                first += share * shape
        rest = self.source - inflow(moved, first)
        answer = solve(ready(moved), rest, tolerance_ratio=tolerance_ratio)
        self.rounds, self.shifts = self.rounds + answer.rounds_count, self.shifts + 1
        self.add(first + answer.value if shift == 0.0 else answer.value)
        whole = float((self.source * (first + answer.value)).sum())
        return abs(float((rest * answer.value).sum())) / whole

    def modes(self, worst: float) -> Modes:
        """Return the shapes that decay each by itself."""
        rates, turn = np.linalg.eigh(self.carried)
        order = np.argsort(-rates)
        rates, turn = rates[order], turn[:, order]
        weights = (turn.T @ self.weights) / rates
        mixed = (turn * weights).T
        for layer in range(self.source.shape[0]):  # in place: no second copy of the shapes
            held = self.held[: len(rates), layer].reshape(len(rates), -1)
            self.held[: len(rates), layer] = (mixed @ held).reshape(len(rates), *self.source.shape[1:])
        driven = weights * (turn.T @ self.weights)
        return Modes(1.0 / rates, self.held[: len(rates)], driven, worst, self.shifts, self.rounds)

    def _size(self, shape: Array) -> float:
        return float(np.sqrt((shape * self.capacity * shape).sum()))
