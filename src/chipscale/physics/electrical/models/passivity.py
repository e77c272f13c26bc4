"""Is a rational scattering matrix passive at every frequency, and the nearest one that is.

A scattering matrix is passive where no singular value exceeds 1. Where they cross 1 is told by the eigenvalues of a
matrix half the size of the Hamiltonian (Gustavsen and Semlyen, IEEE Trans. Power Delivery 23 (2008) 1459, for symmetric
models); between the crossings one sample decides. What exceeds is brought down by the smallest change of the residues
(linear in the singular values: Grivet-Talocia, IEEE Trans. Circuits Syst. I 51 (2004) 1755).
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from chipscale.errors import SolverError
from chipscale.physics.electrical.models.vector_fit import Array, Complex, Rational, basis, refitted, state_matrices

_TURNS = 10
_MARGIN = 1e-9
_PEAK_POINTS = 15
_MOST_SCALED = 1e-6
_GIVEN_UP = 10.0
_NEAR = 1e-6
_ROUNDING = 1e-12
_EASES = (1e-12, 1e-10, 1e-8)  # how freely the change may be large where no frequency of the fit sees it


class Passive(NamedTuple):
    """A passive model, its largest singular value before, and by what share all of it was finally made smaller."""

    model: Rational
    largest_before_ratio: float
    scaled_by_ratio: float


def crossings_Hz(model: Rational, level_ratio: float = 1.0) -> Array:
    """Return the frequencies above 0 where a singular value of the symmetric model is `level_ratio`."""
    a, b, c = _state_space(model)
    constant, one = model.constant / level_ratio, np.eye(len(model.constant))
    c = c / level_ratio
    low = a - b @ np.linalg.solve(constant - one, c)
    high = a - b @ np.linalg.solve(constant + one, c)
    values = np.linalg.eigvals(low @ high).astype(complex)
    roots = np.sqrt(values)
    size = np.abs(roots)
    flat = (np.abs(roots.real) < 1e-6 * np.maximum(size, 1e-30)) & (size > 0.0)
    return np.unique(np.abs(roots[flat].imag) / (2.0 * np.pi))


def violations(model: Rational, level_ratio: float = 1.0) -> list[tuple[float, float]]:
    """Return frequency in Hz and size of the largest singular value in every band where it exceeds `level_ratio`."""
    cross = crossings_Hz(model, level_ratio)
    top = 10.0 * max(float(np.abs(model.poles).max(initial=1.0)) / (2.0 * np.pi), float(cross.max(initial=0.0)))
    edges = np.concatenate([[0.0], cross, [top]])
    found = []
    for low, high in pairwise(edges.tolist()):
        f_Hz = np.linspace(low, high, _PEAK_POINTS)
        if low > 0.0 and high / low > 10.0:
            f_Hz = np.geomspace(low, high, _PEAK_POINTS)
        size = largest(model, f_Hz)
        k = int(np.argmax(size))
        if size[k] > level_ratio + _ROUNDING:
            found.append((float(f_Hz[k]), float(size[k])))
    return found


def largest(model: Rational, f_Hz: Array) -> Array:
    """Return the largest singular value (k,) at the frequencies (k,)."""
    return np.asarray(np.linalg.norm(model.at(f_Hz), ord=2, axis=(1, 2)))


def is_passive(model: Rational) -> bool:
    """Return whether no singular value exceeds 1 at any frequency."""
    return float(np.linalg.norm(model.constant, ord=2)) <= 1.0 and not violations(model)


def made_passive(model: Rational, f_Hz: Array, values: Complex) -> Passive:
    """Return the model of the matrices (k, n, n) at the frequencies (k,) made passive by the smallest change there.

    SolverError when it stays active.
    """
    before = max([1.0, *(size for _, size in violations(model))])
    model = _contracted(model, f_Hz, values)
    for ease in _EASES:
        tried = model
        for _ in range(_TURNS):
            found = violations(tried)
            if not found and np.linalg.norm(tried.constant, ord=2) <= 1.0:
                return Passive(tried, before, 0.0)
            tried = _corrected(tried, np.array([place for place, _ in found]), f_Hz, ease)
            if max([size for _, size in found], default=0.0) > _GIVEN_UP * before:
                break
        scaled = _made_smaller(tried, before)
        if scaled is not None:
            return scaled
    raise SolverError("the rational model could not be made passive")


def _made_smaller(model: Rational, before: float) -> Passive | None:
    """Return the whole model made smaller by what is left above 1, if that is of the order of rounding."""
    done = 0.0
    for _ in range(_TURNS):
        if is_passive(model):
            return Passive(model, before, done)
        share = max(size for _, size in [*violations(model), (0.0, 1.0)]) - 1.0 + _MARGIN
        if done + share > _MOST_SCALED:
            return None
        model = model.with_columns(model.columns * (1.0 - share), model.constant * (1.0 - share))
        done += share
    return None


def _state_space(model: Rational) -> tuple[Array, Array, Array]:
    """Return A (n m, n m), B (n m, n), C (n, n m): the poles once for every column."""
    a, b = state_matrices(model.poles)
    count = len(model.constant)
    c = np.transpose(model.columns, (1, 2, 0)).reshape(count, -1)
    return np.kron(np.eye(count), a), np.kron(np.eye(count), b[:, None]), c


def _contracted(model: Rational, f_Hz: Array, values: Complex) -> Rational:
    """Return the model fitted anew with the constant's singular values just below 1 (what it is far above the band)."""
    left, size, right = np.linalg.svd(model.constant)
    if size.max() <= 1.0 - _MARGIN:
        return model
    constant = left @ np.diag(np.minimum(size, 1.0 - 1e-4)) @ right
    return refitted(model, f_Hz, values, (constant + constant.T) / 2)


def _corrected(model: Rational, places_Hz: Array, f_Hz: Array, ease: float) -> Rational:
    """Return the model with the least change of its coefficients that brings the singular values at the places to 1.

    Least in the mean square of the matrix over `f_Hz`; by Lagrange's multipliers (non-negative least squares).
    """
    upper = np.triu_indices(len(model.constant))
    twice = np.where(upper[0] == upper[1], 1.0, 2.0)
    scale = np.append(np.abs(np.repeat(model.poles, [2 if pole.imag else 1 for pole in model.poles])), 1.0)
    around = _with_constant(basis(f_Hz, model.poles)) * scale
    rows = np.concatenate([around.real, around.imag]) / np.sqrt(len(f_Hz))
    if np.any(f_Hz == 0.0):
        rows = np.vstack([rows, around[f_Hz == 0.0].real])
    gram = rows.T @ rows
    inverse = np.linalg.inv(gram + ease * np.trace(gram) * np.eye(len(gram)) / len(gram))
    here = _with_constant(basis(places_Hz, model.poles)) * scale
    ends = np.zeros((1, len(scale)))
    ends[0, -1] = 1.0  # far above all poles
    gradients, above = [], []
    matrices = [*model.at(places_Hz), model.constant.astype(complex)]
    for values, function in zip(matrices, [*here, ends[0]], strict=True):
        left, size, right = np.linalg.svd(values)
        for k in np.flatnonzero(size > 1.0 - _NEAR):
            outer = np.outer(left[:, k].conj(), right[k].conj())
            outer = ((outer + outer.T) / 2)[upper] * twice
            gradients.append(np.real(np.outer(function, outer)))
            above.append(size[k] - (1.0 - 2 * _MARGIN))
    return _stepped(model, gradients, np.array(above), (inverse, twice, scale))


def _with_constant(functions: Complex) -> Complex:
    return np.hstack([functions, np.ones((len(functions), 1))])


def _stepped(model: Rational, gradients: list[Array], above: Array, metric: tuple[Array, Array, Array]) -> Rational:
    from scipy.optimize import nnls

    inverse, twice, scale = metric
    stacked = np.array([g.ravel() for g in gradients])
    steps = np.array([((inverse @ g) / twice).ravel() for g in gradients])
    coupled = stacked @ steps.T
    value, vector = np.linalg.eigh((coupled + coupled.T) / 2)
    root = np.sqrt(np.maximum(value, 1e-14 * value.max()))
    weights = nnls(root[:, None] * vector.T, (vector.T @ above) / root)[0]
    change = -(weights @ steps).reshape(gradients[0].shape) * scale[:, None]
    count = len(model.constant)
    upper = np.triu_indices(count)
    square = np.zeros((len(change), count, count))
    square[:, upper[0], upper[1]] = square[:, upper[1], upper[0]] = change
    return model.with_columns(model.columns + square[:-1], model.constant + square[-1])


__all__ = ["Complex", "Passive", "crossings_Hz", "is_passive", "largest", "made_passive", "violations"]
