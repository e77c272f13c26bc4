"""Which inputs of a function matter: Morris's elementary effects and Sobol's indices, both by SALib."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Function = Callable[[Array], float]  # one point (inputs,) -> one number
_LEVELS = 4  # of Morris's grid


@dataclass(frozen=True, slots=True)
class Effect:
    """What one input does to the answer, each number with the half width of its 95 % interval.

    `mu_star`: mean absolute elementary effect over the input's whole range, in the answer's unit; `sigma`: how much the
    effect depends on the other inputs; `first_ratio` and `total_ratio`: Sobol's shares of the variance, NaN without.
    """

    name: str
    mu_star: float = float("nan")
    mu_star_half: float = float("nan")
    sigma: float = float("nan")
    first_ratio: float = float("nan")
    first_half_ratio: float = float("nan")
    total_ratio: float = float("nan")
    total_half_ratio: float = float("nan")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a function: names and bounds (low, high) of each."""

    names: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...]

    @property
    def problem(self) -> dict[str, object]:
        """Return what SALib calls a problem; every input runs from 0 to 1, so that effects are per whole range."""
        return {"num_vars": len(self.names), "names": list(self.names), "bounds": [[0.0, 1.0]] * len(self.names)}

    def at(self, unit: Array) -> Array:
        """Return the point of fractions (inputs,) within the bounds."""
        low, high = np.array(self.bounds, dtype=np.float64).T
        return np.asarray(low + (high - low) * unit, dtype=np.float64)


def morris_runs(inputs_count: int, trajectories: int) -> int:
    """Return how often `morris` asks the function."""
    return trajectories * (inputs_count + 1)


def sobol_runs(inputs_count: int, base_count: int) -> int:
    """Return how often `sobol` asks the function."""
    return base_count * (inputs_count + 2)


def morris(inputs: Inputs, function: Function, trajectories: int, seed: int) -> tuple[Effect, ...]:
    """Return the effect of each input by M. D. Morris, Technometrics 33 (1991) 161, mu* by Campolongo et al. 2007.

    Asks the function `trajectories` x (inputs + 1) times.
    """
    from SALib.analyze.morris import analyze
    from SALib.sample.morris import sample

    points = sample(inputs.problem, trajectories, num_levels=_LEVELS, seed=seed)
    answers = _answers(inputs, function, points)
    found = analyze(inputs.problem, points, answers, num_levels=_LEVELS, seed=seed)
    columns = zip(inputs.names, found["mu_star"], found["mu_star_conf"], found["sigma"], strict=True)
    return tuple(Effect(name, float(mu), float(half), float(sigma)) for name, mu, half, sigma in columns)


def sobol(inputs: Inputs, function: Function, base_count: int, seed: int) -> tuple[Effect, ...]:
    """Return the first-order and total indices of each input (A. Saltelli et al., Comput. Phys. Commun. 181, 2010).

    Asks the function `base_count` x (inputs + 2) times; `base_count` is a power of 2. Zero for a constant function.
    """
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample

    points = sample(inputs.problem, base_count, calc_second_order=False, seed=seed)
    answers = _answers(inputs, function, points)
    if np.ptp(answers) == 0.0:
        return tuple(Effect(name, first_ratio=0.0, total_ratio=0.0) for name in inputs.names)
    found = analyze(inputs.problem, answers, calc_second_order=False, seed=seed)
    keys = ("S1", "S1_conf", "ST", "ST_conf")
    rows = zip(inputs.names, *(found[key].tolist() for key in keys), strict=True)
    return tuple(
        Effect(name, first_ratio=s1, first_half_ratio=c1, total_ratio=st, total_half_ratio=ct)
        for name, s1, c1, st, ct in rows
    )


def _answers(inputs: Inputs, function: Function, points: Sequence[Array] | Array) -> Array:
    return np.array([function(inputs.at(np.asarray(point))) for point in points], dtype=np.float64)


def ishigami(point: Array) -> float:
    """Return sin x1 + 7 sin² x2 + 0.1 x3⁴ sin x1, a function of known indices to check methods by.

    T. Ishigami, T. Homma, Proc. ISUMA 1990, 398; inputs uniform from -pi to pi.
    """
    x1, x2, x3 = point.tolist()
    return float(np.sin(x1) + 7.0 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1))


def ishigami_indices(base_count: int = 4096, seed: int = 0) -> dict[str, dict[str, float]]:
    """Return first-order and total index of each input of `ishigami` as `sobol` finds them."""
    inputs = Inputs(("x1", "x2", "x3"), ((-np.pi, np.pi),) * 3)
    found = sobol(inputs, ishigami, base_count, seed)
    return {item.name: {"first": item.first_ratio, "total": item.total_ratio} for item in found}
