"""Admittances of nets and of their paths to ground and to each other, with what dielectrics and silicon lose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.models.truncation import truncated
from chipscale.results import Result

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]
Index = npt.NDArray[np.int64]
_LEAST_RATIO = 1e-9  # of the largest: what an eigenvalue of the resistance is lifted to


@dataclass(frozen=True, slots=True)
class Loss:
    """Losses of nets (m): `dielectric_F` (m, m) times the angular frequency is the conductance of the dielectrics;
    `silicon_ohm` (m, m) the resistance of the silicon in series with the nets' capacitances up to its relaxation at
    `relaxation_s`; beyond, that over 1 + j omega relaxation_s. With `fixed_Hz` the paths are those of a circuit that
    has their admittance at that frequency (`Series`), without couplings below `below_ratio`. Currents induced in the
    silicon, not counted, lose less than f over `induced_Hz` of a loop's reactance.
    """

    dielectric_F: Array
    silicon_ohm: Array
    relaxation_s: float
    fixed_Hz: float = 0.0
    below_ratio: float = 0.0
    induced_Hz: float = math.inf

    def admittance_S(self, c_F: Array, f_Hz: float) -> Complex:
        """Return the admittance (m, m) of nets with Maxwell's matrix `c_F`, with its losses."""
        return lossy_admittance_S(c_F, self.dielectric_F, (self.silicon_ohm, self.relaxation_s), f_Hz)


class Series(NamedTuple):
    """Resistors coupled with each other (n, n), each path's in series with the capacitances `c_F` (n, n), Maxwell's
    matrix between their far ends and ground; for the `paths` (n,) of p that have capacitance.

    Both matrices are positive, so the circuit is passive and stays where it is at rest, whatever its parts' signs.
    """

    paths: Index
    r_ohm: Array
    c_F: Array

    def admittance_S(self, count: int, f_Hz: float) -> Complex:
        """Return what `count` paths pass at a frequency, (p, p)."""
        found = np.zeros((count, count), dtype=complex)
        y = 2j * math.pi * f_Hz * self.c_F
        own = np.linalg.solve((np.eye(len(y)) + self.r_ohm @ y).T, y.T).T
        found[np.ix_(self.paths, self.paths)] = (own + own.T) / 2
        return found


def lossy_admittance_S(c_F: Array, dielectric_F: Array, silicon: tuple[Array, float], f_Hz: float) -> Complex:
    """Return the admittance (m, m) in S: capacitances with their dielectrics' losses, in series with the silicon.

    (Y0^-1 + R / (1 + j omega tau))^-1 with Y0 = j omega C + omega D, as Y0 (1 + Z Y0)^-1, which needs no inverse of
    Y0. Its real part is positive semidefinite where those of C, D and R are.
    """
    omega = 2.0 * math.pi * f_Hz
    y = 1j * omega * c_F + omega * dielectric_F
    z = silicon[0] / (1.0 + 1j * omega * silicon[1])
    found = np.linalg.solve((np.eye(len(y)) + z @ y).T, y.T).T
    return np.asarray((found + found.T) / 2)


def positive(matrix: Array) -> Array:
    """Return a symmetric matrix (m, m) whose eigenvalues below 0, which rounding leaves, are 0."""
    even = (matrix + matrix.T) / 2
    value, vector = np.linalg.eigh(even)
    if value.min(initial=0.0) >= 0.0:
        return np.asarray(even)
    return np.asarray((vector * np.maximum(value, 0.0)) @ vector.T)


def cleaned(c_F: Array) -> Array:
    """Return Maxwell's matrix (m, m) with what noise makes negative between two nets, or from a net to ground, 0."""
    between = np.maximum(-c_F, 0.0)
    np.fill_diagonal(between, 0.0)
    return np.asarray(np.diag(np.maximum(c_F.sum(axis=1), 0.0) + between.sum(axis=1)) - between)


def by_paths(matrix: Array | Complex, of: Index, share: Array) -> Array | Complex:
    """Return a matrix (m, m) of nets as one (p, p) of their paths, path k being `share[k]` of net `of[k]`.

    What lies between two nets, or a net and ground, is shared among their paths; between paths of one net there is
    nothing. Definite matrices stay so: v'Mv is the mean of the nets' with one path of each taken by its share.
    """
    between = -np.array(matrix)
    np.fill_diagonal(between, 0.0)
    pairs = between[np.ix_(of, of)] * np.outer(share, share)
    return np.asarray(np.diag(matrix.sum(axis=1)[of] * share + pairs.sum(axis=1)) - pairs)


def path_admittance_S(c_F: Array, loss: Loss | None, paths: tuple[Index, Array], f_Hz: float) -> Complex:
    """Return the admittance (p, p) of paths (net, share) at a frequency, of nets with Maxwell's matrix `c_F`."""
    if loss is None:
        return np.asarray(2j * math.pi * f_Hz * by_paths(cleaned(c_F), *paths))
    if not loss.fixed_Hz:
        return np.asarray(by_paths(loss.admittance_S(cleaned(c_F), f_Hz), *paths))
    at = np.asarray(by_paths(loss.admittance_S(c_F, loss.fixed_Hz), *paths))
    return series(at, loss.fixed_Hz, loss.below_ratio).admittance_S(len(at), f_Hz)


def series(y_S: Complex, f_Hz: float, below_ratio: float = 0.0) -> Series:
    """Return the circuit that passes `y_S` (p, p) at a frequency above 0 and no direct current.

    Its resistances and inverse capacitances are real and imaginary part of the impedance. `below_ratio`: what is left
    out of capacitances and conductances, of the root of both own, where both stay positive.
    """
    here = np.flatnonzero(np.diag(y_S).imag > 0.0)
    z = np.linalg.inv(y_S[np.ix_(here, here)])
    c_F = np.linalg.inv(-2.0 * math.pi * f_Hz * (z.imag + z.imag.T) / 2)
    value, vector = np.linalg.eigh((z.real + z.real.T) / 2)
    value = np.maximum(value, _LEAST_RATIO * value.max(initial=0.0))
    if not below_ratio:
        return Series(here, (vector * value) @ vector.T, (c_F + c_F.T) / 2)
    g_S = truncated((vector / value) @ vector.T, below_ratio).matrix
    return Series(here, np.linalg.inv(g_S), truncated((c_F + c_F.T) / 2, below_ratio).matrix)


def loss_of(c: Result, rows: Sequence[int], count: int, at: Sequence[int]) -> Loss | None:
    """Return the loss of some nets of an answer of `electrical.capacitance`, all others grounded; None without loss.

    `rows`: their rows in the answer, `at`: theirs among `count` nets. Of the silicon's resistance that is kept which
    loses the same for charges of these nets.
    """
    if "loss_pF" not in c.fields or not len(rows):
        return None
    here, there = np.ix_(rows, rows), np.ix_(at, at)
    whole, own = 1e-12 * c.fields["matrix_pF"], np.linalg.inv(1e-12 * c.fields["matrix_pF"][here])
    dielectric, silicon = np.zeros((count, count)), np.zeros((count, count))
    dielectric[there] = 1e-12 * c.fields["loss_pF"][here]
    silicon[there] = own @ (whole @ c.fields["silicon_ohm"] @ whole)[here] @ own
    relaxation_s = 1e-9 / (2.0 * math.pi * c.metrics["silicon_relaxation_GHz"])
    induced_Hz = 1e9 * c.metrics.get("silicon_induced_GHz", math.inf)
    return Loss(positive(dielectric), positive(silicon), relaxation_s, induced_Hz=induced_Hz)
