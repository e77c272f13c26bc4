"""The package as a SPICE subcircuit of R, L, C and K alone (a subset of IBIS-ISS), with the values of one frequency.

The circuit is `electrical.ladder`'s, part by part; here small couplings are left out of its matrices before, and its
parts are written down. Common resistance of two paths is a bridge of four resistors, two of them negative: that is what
these kinds of parts can say of it, and the whole stays passive, so that it is stable in time, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from chipscale.physics.electrical.ladder import GROUND, Element, ladder
from chipscale.physics.electrical.models.spice_names import title_lines, wrapped
from chipscale.physics.electrical.models.truncation import Truncated, truncated, without_small_capacitances
from chipscale.physics.electrical.network import Array, Network
from chipscale.physics.electrical.scattering import scattering
from chipscale.physics.electrical.shunt_loss import Loss, cleaned

_FLOOR = 1e-9  # of the largest: what an eigenvalue of the resistance is lifted to
_FIRST_BELOW, _LEAST_BELOW = 0.05, 1e-7
_ROUNDING = 1e-10  # of the smallest conductance of a path: a bridge below is rounding of a coupling left out


@dataclass(frozen=True, slots=True)
class Spice:
    """A network at one frequency without its small couplings, and what leaving them out has changed.

    `s_error_ratio`: the largest change of any S-parameter at that frequency, in 50 ohm.
    """

    network: Network
    f_Hz: float
    sections_count: int
    parts: tuple[tuple[str, Truncated], ...]
    s_error_ratio: float


def at_one_frequency(network: Network, f_Hz: float, sections_count: int, below_ratio: float = 0.0) -> Spice:
    """Return the network with its values at `f_Hz`; couplings below `below_ratio` are left out where that does no harm.

    Left out of resistance is what is small in its inverse: that is what the circuit's resistors are made of.
    """
    r_ohm, l_H = network.at(f_Hz)
    value, vector = np.linalg.eigh(r_ohm)
    value = np.maximum(value, _FLOOR * value.max())
    g_S = truncated((vector / value) @ vector.T, below_ratio)
    kept_H = truncated((l_H + l_H.T) / 2, below_ratio)
    shunt_F, lost_F = _shunts_F(network, f_Hz)
    some = np.ix_(*[np.diag(shunt_F) > 0.0] * 2)
    kept_F = without_small_capacitances(shunt_F[some], below_ratio)
    c_F = shunt_F.copy()
    c_F[some] = kept_F.matrix
    loss = None if lost_F is None else Loss(_of_the_kept(lost_F, c_F), np.zeros_like(c_F), 0.0, f_Hz, below_ratio)
    r_kept = np.linalg.inv(g_S.matrix) if g_S.left_out_count else r_ohm
    small = replace(
        network,
        f_Hz=np.zeros(1),
        r_ohm=((r_kept + r_kept.T) / 2)[None],
        l_H=kept_H.matrix[None],
        c_F=c_F,
        loss=loss,
    )
    asked = np.array([f_Hz])
    change = scattering(small, asked, 50.0, sections_count).s - scattering(network, asked, 50.0, sections_count).s
    parts = (("resistance", g_S), ("inductance", kept_H), ("capacitance", kept_F))
    return Spice(small, f_Hz, sections_count, parts, float(np.abs(change).max()))


def _shunts_F(network: Network, f_Hz: float) -> tuple[Array, Array | None]:
    """Return the admittance between the nets over the angular frequency: its imaginary and, with losses, real part."""
    if network.loss is None or f_Hz == 0.0:
        return network.c_F, None
    y = network.loss.admittance_S(cleaned(network.c_F), f_Hz) / (2.0 * np.pi * f_Hz)
    return y.imag, y.real


def _of_the_kept(lost_F: Array, c_F: Array) -> Array:
    """Return the losses without those between nets that have no capacitance between them, still positive."""
    left = np.where(c_F == 0.0, 0.0, lost_F)
    own = np.sqrt(np.maximum(np.diag(left), np.finfo(float).tiny))
    least = float(np.linalg.eigvalsh(left / np.outer(own, own)).min(initial=0.0))
    return np.asarray(left - least * np.diag(np.diag(left)))


def within(network: Network, f_Hz: float, sections_count: int, s_ratio: float) -> Spice:
    """Return the network at one frequency with as few couplings as keep every S-parameter there within `s_ratio`."""
    below = _FIRST_BELOW
    while below > _LEAST_BELOW:
        made = at_one_frequency(network, f_Hz, sections_count, below)
        if made.s_error_ratio <= s_ratio:
            return made
        below /= 4
    return at_one_frequency(network, f_Hz, sections_count)


def spice_text(made: Spice, name: str, notes: tuple[str, ...] = (), reference: str = "ref") -> str:
    """Return the subcircuit `name`: its nodes are the balls, then the pads of each net, last the return `reference`."""
    circuit = ladder(made.network, made.f_Hz, made.sections_count)
    own = [1.0 / part.value for part in circuit.elements if part.kind == "R" and part.name[1].isdigit()]
    least = _ROUNDING * min(own)
    back = made.network.return_net
    lines = [
        *title_lines(notes),
        *title_lines(_facts(made)),
        *title_lines(f"{node}: {port}" for port, node in circuit.ports),
        *title_lines([f"{reference}: {back}, which all loops are closed through, at the balls and at the pads"]),
        *wrapped(f".subckt {name} {' '.join(node for _, node in circuit.ports)} {reference}"),
        *(
            _statement(part, reference)
            for part in circuit.elements
            if part.kind != "R" or 1.0 / abs(part.value) >= least
        ),
    ]
    return "\n".join([*lines, f".ends {name}"]) + "\n"


def _facts(made: Spice) -> list[str]:
    back = made.network.return_net
    lost = ["dielectrics and silicon lose in resistors in series with the capacitors"] if made.network.loss else []
    return [
        f"R, L, C and K at {made.f_Hz:g} Hz in {made.sections_count} sections; values of loops with return {back}",
        *lost,
        *(
            f"{kind}: {part.left_out_count} of {part.pairs_count} couplings left out, each below {part.below_ratio:.3g}"
            f" of the root of both own; energy changed by {100 * part.error_ratio:.2g} % at most"
            for kind, part in made.parts
        ),
        f"largest change of an S-parameter by that, at {made.f_Hz:g} Hz in 50 ohm: {made.s_error_ratio:.2g}",
    ]


def _statement(part: Element, reference: str) -> str:
    a, b = (reference if node == GROUND else node for node in (part.a, part.b))
    return f"{part.name} {a} {b} {part.value:.15g}"
