"""A network as a circuit of resistors, inductors, couplings and capacitors: coupled pi-sections, at one frequency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.network import Array, Network
from chipscale.physics.electrical.shunt_loss import parts

Complex = npt.NDArray[np.complex128]
GROUND = "0"
_LOW_Hz = 1e3


@dataclass(frozen=True, slots=True)
class Element:
    """One part of the circuit: R in ohm, L in H, C in F between the nodes a and b, current counted from a to b; or K,
    the coupling (mutual over root of both) of the inductors named a and b."""

    kind: Literal["R", "L", "C", "K"]
    name: str
    a: str
    b: str
    value: float


@dataclass(frozen=True, slots=True)
class Ladder:
    """A circuit over the ground node "0": its ports with their nodes, all nodes, and its parts.

    Ports are the balls ("ball A1"), then the joined pads of each net ("die NET"), as in `scattering.port_names`.
    """

    ports: tuple[tuple[str, str], ...]
    nodes: tuple[str, ...]
    elements: tuple[Element, ...]
    f_Hz: float
    sections_count: int


def ladder(network: Network, f_Hz: float, sections_count: int = 0) -> Ladder:
    """Return the circuit with R and L of a frequency, in `sections_count` sections (0: as many as `f_Hz` asks for).

    A section holds of each path an n-th of its R and L, coupled to the same section of all other paths, between halves
    of an n-th of its capacitance at either end; what is lost there are resistors in series with the capacitors. Common
    resistance of the return, which two paths share, is a bridge of four resistors between them of which two are
    negative; the circuit as a whole is passive.
    """
    n = sections_count or network.sections(f_Hz)
    r, inductance = (values / n for values in network.at(f_Hz))
    # at rest the capacitors are those of a low frequency
    fixed_Hz = (network.loss.fixed_Hz if network.loss else 0.0) or f_Hz or _LOW_Hz
    y = network.path_admittance_S(fixed_Hz) / n
    names = _node_names(network, n)
    made: list[Element] = []
    for k in range(n):
        made += _series(r, inductance, (names[k], names[k + 1]), k + 1)
    for k in range(n + 1):
        made += _shunts(y * (0.5 if k in (0, n) else 1.0), fixed_Hz, names[k], k)
    balls = [f"ball {name}" for name in network.balls]
    ends = dict(zip(network.ball_nets, names[n], strict=True))
    ports = [*zip(balls, names[0], strict=True), *((f"die {net}", ends[net]) for net in network.nets)]
    nodes = dict.fromkeys(node for part in made if part.kind != "K" for node in (part.a, part.b) if node != GROUND)
    return Ladder(tuple(ports), tuple(nodes), tuple(_joined(made)), f_Hz, n)


def admittance(circuit: Ladder, f_Hz: float) -> Complex:
    """Return the admittance (q, q) in S between the ports of a circuit, all its parts taken at a frequency above 0.

    Every node is kept and reduced at the end: for circuits of some thousand nodes.
    """
    from scipy.sparse import coo_matrix, csc_matrix, eye
    from scipy.sparse.linalg import splu

    omega = 2.0 * np.pi * f_Hz
    number = {node: k for k, node in enumerate(circuit.nodes)}
    coils = {part.name: k for k, part in enumerate(p for p in circuit.elements if p.kind == "L")}
    at: dict[tuple[int, int], complex] = {}
    size = len(number) + len(coils)
    own = [part.value for part in circuit.elements if part.kind == "L"]

    def add(row: int | None, column: int | None, value: complex) -> None:
        if row is not None and column is not None:
            at[row, column] = at.get((row, column), 0.0) + value

    for part in circuit.elements:
        if part.kind == "K":
            one, other = coils[part.a], coils[part.b]
            mutual = -1j * omega * part.value * float(np.sqrt(own[one] * own[other]))
            add(len(number) + one, len(number) + other, mutual)
            add(len(number) + other, len(number) + one, mutual)
            continue
        a, b = number.get(part.a), number.get(part.b)
        if part.kind == "L":
            k = len(number) + coils[part.name]
            for node, sign in ((a, 1.0), (b, -1.0)):
                add(node, k, sign)
                add(k, node, sign)
            add(k, k, -1j * omega * part.value)
            continue
        y = 1.0 / part.value if part.kind == "R" else 1j * omega * part.value
        for row, column, sign in ((a, a, 1.0), (b, b, 1.0), (a, b, -1.0), (b, a, -1.0)):
            add(row, column, sign * y)
    places = np.array(list(at), dtype=np.int64).T
    matrix = csc_matrix(coo_matrix((np.array(list(at.values())), places), shape=(size, size)))
    held = np.array([number[node] for _, node in circuit.ports])
    free = np.setdiff1d(np.arange(size), held)
    across = matrix[free][:, held]
    inner = splu(csc_matrix(matrix[free][:, free])).solve(np.asarray(across.todense()))
    keep = matrix[held][:, held] @ eye(len(held)) - matrix[held][:, free] @ inner
    return np.asarray(keep, dtype=complex)


def _node_names(network: Network, n: int) -> list[list[str]]:
    """Return the nodes' names: [place 0 (balls) ... n (pads)][path]; pads of a net share one."""
    taken: set[str] = {GROUND}

    def once(text: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower() or "n"
        name, k = plain, 2
        while name in taken:
            name, k = f"{plain}_{k}", k + 1
        taken.add(name)
        return name

    balls = [once(f"ball_{name}") for name in network.balls]
    pads = {net: once(f"die_{net}") for net in network.nets}
    inner = [[once(f"n_{name}_{k}") for name in network.balls] for k in range(1, n)]
    return [balls, *inner, [pads[net] for net in network.ball_nets]]


def _series(r: Array, inductance: Array, ends: tuple[list[str], list[str]], k: int) -> list[Element]:
    """Return the resistors, inductors and couplings of section k between two rows of nodes."""
    count = len(r)
    middle = [f"m_{i + 1}_{k}" for i in range(count)]
    g = np.linalg.inv(r)
    parts = []
    for i in range(count):
        parts.append(Element("R", f"R{i + 1}_{k}", ends[0][i], middle[i], 1.0 / float(g[i, i])))
        parts.append(Element("L", f"L{i + 1}_{k}", middle[i], ends[1][i], float(inductance[i, i])))
    for i in range(count):
        for j in range(i):
            pair = f"{j + 1}_{i + 1}_{k}"
            if g[i, j] != 0.0:
                crossed = 1.0 / float(g[i, j])
                parts.append(Element("R", f"Ra{pair}", ends[0][j], ends[0][i], -crossed))
                parts.append(Element("R", f"Rb{pair}", middle[j], middle[i], -crossed))
                parts.append(Element("R", f"Rc{pair}", ends[0][j], middle[i], crossed))
                parts.append(Element("R", f"Rd{pair}", middle[j], ends[0][i], crossed))
            if inductance[i, j] != 0.0:
                ratio = float(inductance[i, j] / np.sqrt(inductance[i, i] * inductance[j, j]))
                parts.append(Element("K", f"K{pair}", f"L{j + 1}_{k}", f"L{i + 1}_{k}", ratio))
    return parts


def _shunts(y: Complex, f_Hz: float, nodes: list[str], k: int) -> list[Element]:
    """Return the parts that pass `y` at a frequency from a row of nodes to ground and between each other: capacitors,
    where they lose something with a resistor in series, which passes no direct current."""
    found = []
    ground, pair = parts(y.sum(axis=1), f_Hz), parts(-y, f_Hz)
    for i in range(len(y)):
        if abs(y[i].sum()) > 1e-12 * abs(y[i, i]) > 0.0:
            found += _lossy(tuple(float(values[i]) for values in ground), (f"{i + 1}_{k}", nodes[i], GROUND))
        for j in range(i):
            if y[i, j] != 0.0:
                found += _lossy(tuple(float(v[i, j]) for v in pair), (f"{j + 1}_{i + 1}_{k}", nodes[j], nodes[i]))
    return found


def _lossy(values: tuple[float, ...], place: tuple[str, str, str]) -> list[Element]:
    (r_ohm, c_F, g_S), (name, a, b) = values, place
    if g_S:
        return [Element("R", f"Rg{name}", a, b, 1.0 / g_S)]
    if not c_F:
        return []
    if not r_ohm:
        return [Element("C", f"C{name}", a, b, c_F)]
    return [Element("R", f"Rg{name}", a, f"g_{name}", r_ohm), Element("C", f"C{name}", f"g_{name}", b, c_F)]


def _joined(parts: list[Element]) -> list[Element]:
    """Return the parts with capacitors whose ends are one node left out."""
    return [part for part in parts if part.kind == "K" or part.a != part.b]
