"""Fit a matrix over frequency with a rational function of common poles: relaxed vector fitting.

Sources: Gustavsen and Semlyen, IEEE Trans. Power Delivery 14 (1999) 1052; the relaxed form, Gustavsen, ibid. 21 (2006)
1587; element by element with orthogonal triangles, Deschrijver and others, IEEE Microw. Wirel. Compon. Lett. 18 (2008)
383.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
_ITERATIONS = 8
_SMALLEST_SCALE = 1e-8
_DC_WEIGHT = 10.0


@dataclass(frozen=True, slots=True)
class Rational:
    """A symmetric matrix H(s) = d + sum of r / (s - p): `poles` (m,) in rad/s with only the upper one of each pair,
    `residues` (m, n, n), `constant` (n, n); a complex pole stands for itself and its mirror image."""

    poles: Complex
    residues: Complex
    constant: Array

    @property
    def order(self) -> int:
        """Return the number of poles, both of a pair counted."""
        return int(sum(2 if pole.imag else 1 for pole in self.poles))

    def at(self, f_Hz: Array) -> Complex:
        """Return the matrices (k, n, n) at the frequencies (k,)."""
        basis = _basis(2j * np.pi * f_Hz, self.poles)
        return np.asarray(np.tensordot(basis, self.columns, axes=1) + self.constant)

    @property
    def columns(self) -> Array:
        """Return the real coefficients (order, n, n): a real pole's residue; both parts of a pair's."""
        rows = []
        for pole, residue in zip(self.poles, self.residues, strict=True):
            rows += [residue.real, residue.imag] if pole.imag else [residue.real]
        return np.array(rows).reshape(-1, *self.constant.shape)

    def with_columns(self, columns: Array, constant: Array) -> Rational:
        """Return the same poles with other real coefficients (order, n, n) and constant."""
        residues, k = [], 0
        for pole in self.poles:
            residues.append(columns[k] + 1j * columns[k + 1] if pole.imag else columns[k] + 0j)
            k += 2 if pole.imag else 1
        return Rational(self.poles, np.array(residues).reshape(-1, *constant.shape), constant)


def fitted(f_Hz: Array, values: Complex, order: int) -> Rational:
    """Return the fit of order `order` to the symmetric matrices (k, n, n) at the frequencies (k,), all poles stable."""
    scale = 2.0 * np.pi * f_Hz.max()
    s = 2j * np.pi * f_Hz / scale
    count = values.shape[1]
    upper = np.triu_indices(count)
    data = values[:, upper[0], upper[1]]
    poles = _start(f_Hz / f_Hz.max(), order)
    for _ in range(_ITERATIONS):
        poles = _moved(s, data, poles)
    empty = Rational(poles * scale, np.zeros((len(poles), count, count)), np.zeros((count, count)))
    return refitted(empty, f_Hz, values)


def refitted(model: Rational, f_Hz: Array, values: Complex, constant: Array | None = None) -> Rational:
    """Return the best fit to (k, n, n) with the model's poles, and with `constant` (n, n) where it is given."""
    count = values.shape[1]
    upper = np.triu_indices(count)
    scale = 2.0 * np.pi * f_Hz.max()
    given = None if constant is None else constant[upper]
    data = values[:, upper[0], upper[1]]
    found = _residues(2j * np.pi * f_Hz / scale, data, model.poles / scale, given)
    square = np.zeros((len(found), count, count))
    square[:, upper[0], upper[1]] = square[:, upper[1], upper[0]] = found
    return model.with_columns(square[:-1] * scale, square[-1])


def basis(f_Hz: Array, poles: Complex) -> Complex:
    """Return the functions (k, order) which the real coefficients stand at; poles in rad/s."""
    return _basis(2j * np.pi * f_Hz, poles)


def _basis(s: Complex, poles: Complex) -> Complex:
    found = []
    for pole in poles:
        one = 1.0 / (s - pole)
        if pole.imag:
            two = 1.0 / (s - pole.conj())
            found += [one + two, 1j * (one - two)]
        else:
            found.append(one)
    return np.stack(found, axis=1) if found else np.zeros((len(s), 0), dtype=complex)


def _start(shares: Array, order: int) -> Complex:
    """Return starting poles over 2 pi of the highest frequency: some real, over its logarithm, and pairs."""
    lowest = shares[shares > 0.0].min()
    reals = order - 2 * (order // 3)
    pairs = np.linspace(1.0 / max(order // 3, 1), 1.0, order // 3) if order >= 3 else np.zeros(0)
    real = -np.geomspace(max(lowest, 1e-4), 1.0, reals)
    return np.concatenate([real.astype(complex), (-0.05 + 1j) * pairs])


def _real(matrix: Complex) -> Array:
    return np.concatenate([matrix.real, matrix.imag])


def _weights(s: Complex) -> Array:
    """Return the rows' weights: direct current counts more, or a path's resistance would be lost in the fit."""
    return np.where(np.abs(s) == 0.0, _DC_WEIGHT, 1.0)


def _moved(s: Complex, data: Complex, poles: Complex) -> Complex:
    """Return better poles: the zeros of the scaling function that makes the poles' sum fit (one step)."""
    functions = np.hstack([_basis(s, poles), np.ones((len(s), 1))])
    order = functions.shape[1] - 1
    weight = _weights(s)[:, None]
    own = _real(weight * functions)
    blocks, sides = [], []
    for element in data.T:
        size = max(float(np.sqrt(np.mean(np.abs(element) ** 2))), 1e-3)
        both = np.hstack([own, -_real(weight * element[:, None] * functions)]) / size
        triangle = np.linalg.qr(both, mode="r")
        blocks.append(triangle[order + 1 :, order + 1 :])
        sides.append(np.zeros(len(blocks[-1])))
    size = float(np.sqrt(sum(np.sum(block**2) for block in blocks))) or 1.0
    blocks.append(size * functions.real.sum(axis=0)[None, :] / len(s))  # the scaling function is 1 on average
    sides.append(np.array([size]))
    matrix, side = np.vstack(blocks), np.concatenate(sides)
    norm = np.linalg.norm(matrix, axis=0)
    norm[norm == 0.0] = 1.0
    found = np.linalg.lstsq(matrix / norm, side, rcond=None)[0] / norm
    last = found[-1]
    if abs(last) < _SMALLEST_SCALE:
        last = _SMALLEST_SCALE if last >= 0.0 else -_SMALLEST_SCALE
    a, b = state_matrices(poles)
    return _stable(np.linalg.eigvals(a - np.outer(b, found[:-1]) / last))


def state_matrices(poles: Complex) -> tuple[Array, Array]:
    """Return A (order, order) and b (order,) of the real state space whose outputs are the real coefficients."""
    order = int(sum(2 if pole.imag else 1 for pole in poles))
    a, b = np.zeros((order, order)), np.zeros(order)
    k = 0
    for pole in poles:
        if pole.imag:
            a[k : k + 2, k : k + 2] = [[pole.real, pole.imag], [-pole.imag, pole.real]]
            b[k] = 2.0
            k += 2
        else:
            a[k, k], b[k] = pole.real, 1.0
            k += 1
    return a, b


def _stable(values: Complex) -> Complex:
    """Return the poles with negative real parts, one of each pair, in a fixed order."""
    values = np.asarray(values, dtype=complex)
    values = np.where(values.real > 0.0, -values.conj(), values)
    values = np.where(np.abs(values.imag) < 1e-10 * np.abs(values), values.real + 0j, values)
    kept = values[values.imag >= 0.0]
    kept = np.where(np.abs(kept.real) < 1e-7, -1e-7 + 1j * kept.imag, kept)
    return kept[np.lexsort((kept.imag, np.abs(kept)))]


def _residues(s: Complex, data: Complex, poles: Complex, constant: Array | None) -> Array:
    """Return coefficients and last the constant (order + 1, e) of the elements (k, e) with the poles given."""
    weight = _weights(s)[:, None]
    functions = _basis(s, poles)
    if constant is None:
        functions = np.hstack([functions, np.ones((len(s), 1))])
    else:
        data = data - constant
    rows = _real(weight * functions)
    norm = np.linalg.norm(rows, axis=0)
    found = np.linalg.lstsq(rows / norm, _real(weight * data), rcond=None)[0] / norm[:, None]
    return found if constant is None else np.vstack([found, constant])
