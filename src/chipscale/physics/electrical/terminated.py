"""A network between drivers on the die and loads on the board: voltages over frequency, to be interpolated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from chipscale.physics.electrical.network import Array, Network
from chipscale.physics.electrical.scattering import Complex, port_admittances

_FIRST, _MOST = 65, 2049
_SMOOTH = 1e-3  # of the source's voltage: what a point left out may differ from the curve through the others


@dataclass(frozen=True, slots=True)
class Ends:
    """What the paths end on: a source with resistance `driver_ohm` and capacitance `driver_pF` at every net's pads,
    and `load_ohm` beside `load_pF` at every ball."""

    driver_ohm: float
    load_ohm: float
    driver_pF: float = 0.0
    load_pF: float = 0.0

    def shunts_S(self, f_Hz: Array, balls: int, nets: int) -> Complex:
        """Return the admittances to ground (k, balls + nets) that stand at the ports, sources at rest included."""
        omega = 2j * math.pi * f_Hz[:, None]
        load = 1.0 / self.load_ohm + 1e-12 * self.load_pF * omega
        drive = 1.0 / self.driver_ohm + 1e-12 * self.driver_pF * omega
        return np.concatenate((np.repeat(load, balls, axis=1), np.repeat(drive, nets, axis=1)), axis=1)


@dataclass(frozen=True, slots=True)
class Curves:
    """Complex curves (k, ...) over frequencies (k,), and how far points between lie from the curve through them."""

    f_Hz: Array
    values: Complex
    error_ratio: float

    def at(self, f_Hz: Array) -> Complex:
        """Return the curves at frequencies (n,), (n, ...); above the highest they keep its values."""
        return _through(self.f_Hz, self.values, f_Hz)


def transfer(network: Network, ends: Ends, top_Hz: float) -> Curves:
    """Return (k, p, m): the voltage at each ball for 1 V of each net's source (open circuit), all others at rest."""
    n = network.sections(top_Hz)

    def once(f_Hz: Array) -> Complex:
        y = _closed(network, ends, f_Hz, n)
        p, m = len(network.balls), len(network.nets)
        pushed = np.zeros((p + m, m))
        pushed[p:] = np.eye(m) / ends.driver_ohm
        return np.asarray(np.linalg.solve(y, np.broadcast_to(pushed, (len(f_Hz), p + m, m)))[:, :p])

    return _smooth(once, top_Hz)


def seen_from_balls(network: Network, ends: Ends, top_Hz: float, z0_ohm: float) -> Curves:
    """Return (k, p): the reflection into a line of `z0_ohm` at each ball, drivers at rest, all other balls loaded."""
    n = network.sections(top_Hz)

    def once(f_Hz: Array) -> Complex:
        p = len(network.balls)
        z = np.linalg.inv(_closed(network, ends, f_Hz, n))
        whole = np.einsum("kii->ki", z)[:, :p]
        load = ends.shunts_S(f_Hz, p, 0)
        own = 1.0 / whole - load  # without the ball's own load
        return np.asarray((1.0 - z0_ohm * own) / (1.0 + z0_ohm * own))

    return _smooth(once, top_Hz)


def _closed(network: Network, ends: Ends, f_Hz: Array, n: int) -> Complex:
    y = port_admittances(network, f_Hz, n)
    at = np.arange(y.shape[-1])
    y[:, at, at] += ends.shunts_S(f_Hz, len(network.balls), len(network.nets))
    return y


def _smooth(once: Callable[[Array], Complex], top_Hz: float) -> Curves:
    """Return curves on an even grid, halved until its new points are where the curve was."""
    f_Hz = np.linspace(0.0, top_Hz, _FIRST)
    values = once(f_Hz)
    while True:
        between = (f_Hz[1:] + f_Hz[:-1]) / 2.0
        new = once(between)
        error = float(np.abs(_through(f_Hz, values, between) - new).max(initial=0.0))
        grid = np.concatenate((f_Hz, between))
        order = np.argsort(grid)
        f_Hz, values = grid[order], np.concatenate((values, new))[order]
        if error <= _SMOOTH or len(f_Hz) >= _MOST:
            return Curves(f_Hz, values, error)


def _through(known_Hz: Array, values: Complex, f_Hz: Array) -> Complex:
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(known_Hz, values)(np.minimum(f_Hz, known_Hz[-1])))
