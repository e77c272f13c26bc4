"""S-parameters of a network over frequency: chains of coupled sections folded to admittances between its ports."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.network import Array, Network

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
        return np.asarray(np.linalg.norm(self.s, ord=2, axis=(1, 2)))

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
    """Return the S-parameters at frequencies (k,); `sections_count` as of `ladder.ladder`, 0: for the highest."""
    asked = np.asarray(f_Hz, dtype=float)
    y = port_admittances(network, asked, sections_count)
    return Scattering(port_names(network), asked, of_admittances(y, z0_ohm), z0_ohm)


def of_admittances(y: Complex, z0_ohm: float) -> Complex:
    """Return S of admittances in S (k, q, q): (1 - z0 Y)(1 + z0 Y)^-1."""
    one = np.eye(y.shape[-1])
    return np.asarray(np.linalg.solve(one + z0_ohm * y, one - z0_ohm * y))


def port_admittances(network: Network, f_Hz: Array, sections_count: int = 0) -> Complex:
    """Return the admittances (k, p + m, p + m) in S between all ports, the exact ones of the coupled sections.

    Sections are joined two by two: a power of 2 of them costs as many solutions as that power.
    """
    n = sections_count or network.sections(float(f_Hz.max(initial=0.0)))
    if n & (n - 1):
        raise ValueError(f"{n} sections: a power of 2 is wanted")
    c = network.path_capacitance_F()
    nets = np.eye(len(network.nets))[network.net_of_ball]  # (p, m): which paths end on which net's pads
    r, inductance = network.at(f_Hz)
    found = np.empty((len(f_Hz), sum(nets.shape), sum(nets.shape)), dtype=complex)
    for k, omega in enumerate((2.0 * math.pi * f_Hz).tolist()):
        own, cross = chain((r[k] + 1j * omega * inductance[k]) / n, 1j * omega * c / n, n)
        found[k] = np.block([[own, cross @ nets], [nets.T @ cross, nets.T @ own @ nets]])
    return found


def chain(z: Complex, y: Complex, n: int) -> tuple[Complex, Complex]:
    """Return the admittances of n (a power of 2) equal sections in a row: at an end, and from end to end, (p, p) each.

    A section has the series impedance `z` (p, p) between halves of the shunt admittance `y` (p, p).
    """
    series = np.linalg.inv(z)
    own, cross = series + y / 2.0, -series
    for _ in range(n.bit_length() - 1):
        # two alike back to back: the middle's currents add up to nothing
        through = np.linalg.solve(2.0 * own, cross)
        own, cross = own - cross @ through, -cross @ through
        own, cross = (own + own.T) / 2.0, (cross + cross.T) / 2.0
    return own, cross
