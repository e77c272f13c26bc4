"""From partial values of paths to those of loops: every path with one named net as its return."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Complex = npt.NDArray[np.complex128]


def loop_currents(z: Complex, back: npt.NDArray[np.bool_]) -> Complex:
    """Return the currents (p, s) in all p ports for 1 A into each of the s ports that are no return.

    All of it comes back through the ports in `back` (p,), which the board joins: they share one voltage, and the
    current splits among them as the impedances `z` (p, p) have it.
    """
    forward, returns = np.flatnonzero(~back), np.flatnonzero(back)
    coupled = z[np.ix_(returns, forward)]
    y = np.linalg.inv(z[np.ix_(returns, returns)])
    total = y.sum(axis=0)
    shared = (total @ coupled - 1.0) / total.sum()  # the voltage of the joined ports for each current
    flow = np.zeros((len(z), len(forward)), dtype=complex)
    flow[forward, np.arange(len(forward))] = 1.0
    flow[returns] = y @ (shared[None, :] - coupled)
    return flow


def loops(r_ohm: Array, l_H: Array, omega: float, back: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return resistance in ohm and inductance in H (s, s) of the loops; at omega 0 the current splits by resistance."""
    z = r_ohm.astype(complex) if omega == 0.0 else r_ohm + 1j * omega * l_H
    flow = loop_currents(z, back)
    if omega == 0.0:
        even = flow.real
        return even.T @ r_ohm @ even, even.T @ l_H @ even
    around = flow.T @ z @ flow
    around = (around + around.T) / 2
    return np.asarray(around.real), np.asarray(around.imag / omega)


def joined(r_ohm: Array, l_H: Array, omega: float, of: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return resistance and inductance of the ports `of` in parallel, all others without current."""
    r, inductance = r_ohm[np.ix_(of, of)], l_H[np.ix_(of, of)]
    z = r.astype(complex) if omega == 0.0 else r + 1j * omega * inductance
    y = np.linalg.inv(z)
    share = y.sum(axis=1) / y.sum()
    if omega == 0.0:
        even = share.real
        return float(even @ r @ even), float(even @ inductance @ even)
    whole = 1.0 / y.sum()
    return float(whole.real), float(whole.imag / omega)
