"""Write a macromodel as a SPICE subcircuit of resistors, capacitors and controlled sources (E and G)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chipscale.physics.electrical.models.macromodel import Macromodel
from chipscale.physics.electrical.models.spice_names import node_names, title_lines, wrapped


def macromodel_text(made: Macromodel, name: str, reference: str = "ref") -> str:
    """Return the subcircuit `name`: its nodes are the ports in their order, then the reference they are all against.

    At a port of z ohm the voltage is z i + e, where e = S (2 v - e) is what comes back: a source e behind a resistor z.
    Every pole and column has a node that holds a state: 1 ohm and a capacitor in parallel, driven by 2 v - e.
    """
    names = node_names(made.data.ports)
    lines = [
        *title_lines([f"rational model of order {made.model.order} of {len(names)} ports, passive", *_facts(made)]),
        *title_lines([f"{node}: {port}" for node, port in zip(names, made.data.ports, strict=True)]),
        *title_lines(made.data.notes),
        *wrapped(f".subckt {name} {' '.join(names)} {reference}"),
        *_ports(made, names, reference),
        *_states(made, names, reference),
        f".ends {name}",
    ]
    return "\n".join(lines) + "\n"


def _facts(made: Macromodel) -> list[str]:
    low, high = made.data.f_Hz.min(), made.data.f_Hz.max()
    return [
        f"largest error of S {made.largest_error_ratio:.2e}, mean {made.mean_error_ratio:.2e}, {low:g} to {high:g} Hz",
        f"largest singular value before it was made passive: 1{max(made.before_ratio - 1.0, 0.0):+.1e}",
    ]


def _ports(made: Macromodel, names: list[str], ref: str) -> Iterator[str]:
    """Write each port's resistor, its source and the node e where what comes back is summed."""
    z0 = made.data.z0_ohm
    for k, port in enumerate(names):
        yield f"Rp{k + 1} {port} q{k + 1} {z0[k]:.12g}"
        yield f"Eq{k + 1} q{k + 1} {ref} e{k + 1} {ref} 1"
        yield f"Re{k + 1} e{k + 1} {ref} 1"
        for j, other in enumerate(names):
            gain = made.model.constant[k, j] * np.sqrt(z0[k] / z0[j])
            if gain != 0.0:
                yield f"Gd{k + 1}_{j + 1} {ref} e{k + 1} {other} {ref} {2.0 * gain:.15g}"
                yield f"Ge{k + 1}_{j + 1} {ref} e{k + 1} e{j + 1} {ref} {-gain:.15g}"


def _states(made: Macromodel, names: list[str], ref: str) -> Iterator[str]:
    """Write the states of every port's column and what they give to every port's e."""
    z0, count = made.data.z0_ohm, len(names)
    for j in range(count):
        for m, (pole, residue) in enumerate(zip(made.model.poles, made.model.residues, strict=True)):
            size = abs(pole)
            node = f"x{j + 1}_{m + 1}"
            yield from _state(f"{node}", f"{node}i" if pole.imag else "", pole / size, size, ref)
            drive = 2.0 if pole.imag else 1.0
            yield f"Gu{node} {ref} {node} {names[j]} {ref} {2.0 * drive:.15g}"
            yield f"Gw{node} {ref} {node} e{j + 1} {ref} {-drive:.15g}"
            for k in range(count):
                gain = residue[k, j] / size * np.sqrt(z0[k] / z0[j])
                yield f"Gr{k + 1}_{node} {ref} e{k + 1} {node} {ref} {gain.real:.15g}"
                if pole.imag:
                    yield f"Gi{k + 1}_{node} {ref} e{k + 1} {node}i {ref} {gain.imag:.15g}"


def _state(real: str, imaginary: str, pole: complex, size: float, ref: str) -> Iterator[str]:
    """Write one pole over its size (rad/s): C dv/dt = p v + u with C of one over the size; a pair has two nodes."""
    for node in (real, imaginary):
        if node:
            yield f"C{node} {node} {ref} {1.0 / size:.15g}"
            yield f"R{node} {node} {ref} {-1.0 / pole.real:.15g}"
    if imaginary:
        yield f"Ga{real} {ref} {real} {imaginary} {ref} {pole.imag:.15g}"
        yield f"Gb{real} {ref} {imaginary} {real} {ref} {-pole.imag:.15g}"
