"""S-parameters of a network over frequency: chains of coupled sections folded to admittances between its ports."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.network import Array, Network
from chipscale.solvers.one_thread import one_thread

Complex = npt.NDArray[np.complex128]
PASSIVE = 1e-9  # what the largest singular value of S may be above 1


@dataclass(frozen=True, slots=True)
class Scattering:
    """S (k, q, q) at `f_Hz` (k,) between `ports` (q,), all with the reference resistance `z0_ohm`."""

    ports: tuple[str, ...]
    f_Hz: Array
    s: Complex
    z0_ohm: float

    @property
    def largest_gain(self) -> Array:
        """Return the largest singular value (k,) of S at each frequency: at most 1 for what has no source inside."""
        with one_thread():
            squares = np.linalg.eigvalsh(np.conj(np.swapaxes(self.s, 1, 2)) @ self.s)
        return np.asarray(np.sqrt(squares[:, -1]))

    @property
    def uneven(self) -> float:
        """Return the largest difference of S from its mirror image."""
        return float(np.abs(self.s - np.swapaxes(self.s, 1, 2)).max(initial=0.0))

    def of(self, ports: list[str]) -> Scattering:
        """Return S of some of the ports, the others closed with the reference resistance."""
        row = {name: k for k, name in enumerate(self.ports)}
        at = [row[name] for name in ports]
        return Scattering(tuple(ports), self.f_Hz, self.s[:, at][:, :, at], self.z0_ohm)


def port_names(network: Network) -> tuple[str, ...]:
    """Return the ports' names: "ball A1" of each path, then "die NET" of each net, its pads joined."""
    return (*(f"ball {name}" for name in network.balls), *(f"die {name}" for name in network.nets))


def scattering(network: Network, f_Hz: Array, z0_ohm: float = 50.0, sections_count: int = 0) -> Scattering:
    """Return the S-parameters at frequencies (k,); `sections_count` as of `ladder.ladder`, 0: for the highest.

    Made of waves throughout: admittances of short paths are so large that little of S would be left of their digits.
    """
    asked = np.asarray(f_Hz, dtype=float)
    p, m = len(network.balls), len(network.nets)
    found = np.empty((len(asked), p + m, p + m), dtype=complex)
    with one_thread():
        for k, (even, odd) in enumerate(_modes(network, asked, sections_count)):
            alike, against = (2.0 * np.linalg.inv(np.eye(p) + z0_ohm * y) - np.eye(p) for y in (even, odd))
            found[k] = _joined((alike + against) / 2.0, (alike - against) / 2.0, network)
    return Scattering(port_names(network), asked, (found + np.swapaxes(found, 1, 2)) / 2.0, z0_ohm)


def port_admittances(network: Network, f_Hz: Array, sections_count: int = 0) -> Complex:
    """Return the admittances (k, p + m, p + m) in S between all ports, the exact ones of the coupled sections."""
    of, p, m = network.net_of_ball, len(network.balls), len(network.nets)
    found = np.zeros((len(f_Hz), p + m, p + m), dtype=complex)
    for k, (even, odd) in enumerate(_modes(network, f_Hz, sections_count)):
        own, cross = (even + odd) / 2.0, (even - odd) / 2.0
        found[k, :p, :p] = own
        np.add.at(found[k, :p, p:].T, of, cross.T)  # paths of one net end on the same pads
        np.add.at(found[k, p:, :p], of, cross)
        rows = np.zeros((m, p), dtype=complex)
        np.add.at(rows, of, own)
        np.add.at(found[k, p:, p:].T, of, rows.T)
    return found


def of_admittances(y: Complex, z0_ohm: float) -> Complex:
    """Return S of admittances in S (k, q, q): 2 (1 + z0 Y)^-1 - 1."""
    one = np.eye(y.shape[-1])
    return np.asarray(2.0 * np.linalg.inv(one + z0_ohm * y) - one)


def chain(z: Complex, y: Complex, n: int) -> tuple[Complex, Complex]:
    """Return the admittances (p, p) of n (a power of 2) equal sections in a row when both ends have the same voltages,
    and when they have opposite ones.

    A section has the series impedance `z` (p, p) between halves of the shunt admittance `y` (p, p). Two alike back to
    back have the harmonic mean of both admittances at like voltages and the arithmetic mean at opposite ones, for with
    like voltages no current passes the middle, and with opposite ones the middle is at rest.
    """
    even = y / 2.0
    odd = even + 2.0 * np.linalg.inv(z)
    for _ in range(n.bit_length() - 1):
        both = even + odd
        even, odd = 2.0 * odd @ np.linalg.solve(both, even), both / 2.0
        even = (even + even.T) / 2.0
    return even, odd


def _modes(network: Network, f_Hz: Array, sections_count: int) -> Iterator[tuple[Complex, Complex]]:
    """Yield what `chain` returns, at each frequency."""
    n = sections_count or network.sections(float(f_Hz.max(initial=0.0)))
    if n & (n - 1):
        raise ValueError(f"{n} sections: a power of 2 is wanted")
    r, inductance = network.at(f_Hz)
    for k, f in enumerate(np.asarray(f_Hz).tolist()):
        yield chain((r[k] + 2j * math.pi * f * inductance[k]) / n, network.path_admittance_S(f) / n, n)


def _joined(own: Complex, cross: Complex, network: Network) -> Complex:
    """Return S (p + m, p + m) of paths with S `own` at either end and `cross` from end to end, their ends on the die
    joined net by net, with a port at each joint.

    A joint of n lines without loss reflects 2/n - 1 and passes 2/n to each of the others.
    """
    of, p, m = network.net_of_ball, len(network.balls), len(network.nets)
    share = 2.0 / (np.bincount(of, minlength=m) + 1.0)
    within = (of[:, None] == of[None, :]) * share[of][:, None] - np.eye(p)
    out = np.zeros((p, m))
    out[np.arange(p), of] = share[of]
    # waves into the joints for waves into the balls, then into the ports on the die
    arrive = np.linalg.solve(np.eye(p) - own @ within, np.hstack((cross, own @ out)))
    back = within @ arrive + np.hstack((np.zeros((p, p)), out))
    balls = np.hstack((own, np.zeros((p, m)))) + cross @ back
    pads = out.T @ arrive + np.hstack((np.zeros((m, p)), np.diag(share - 1.0)))
    return np.asarray(np.vstack((balls, pads)))
