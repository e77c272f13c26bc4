"""A network as a circuit of resistors, inductors, couplings and capacitors: coupled pi-sections, at one frequency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.network import Array, Network
from chipscale.physics.electrical.shunt_loss import series

Complex = npt.NDArray[np.complex128]
GROUND = "0"
_LOW_Hz = 1e3
_ROUNDING = 1e-12


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
    of an n-th of its capacitance at either end; what is lost there are resistors in series with the capacitors.
    Resistance that two paths share (of the return, of the silicon) is a bridge of four resistors between them of which
    two are negative; the circuit as a whole is passive.
    """
    n = sections_count or network.sections(f_Hz)
    r, inductance = (values / n for values in network.at(f_Hz))
    names = _node_names(network, n)
    made: list[Element] = []
    for k in range(n):
        made += _series(r, inductance, (names[k], names[k + 1]), k + 1)
    for k in range(n + 1):
        made += _shunts(network, f_Hz, (0.5 if k in (0, n) else 1.0) / n, (names[k], k))
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
    parts = _resistors(np.linalg.inv(r), (ends[0], middle), ("R", k))
    for i in range(count):
        parts.append(Element("L", f"L{i + 1}_{k}", middle[i], ends[1][i], float(inductance[i, i])))
        for j in range(i):
            if inductance[i, j] != 0.0:
                ratio = float(inductance[i, j] / np.sqrt(inductance[i, i] * inductance[j, j]))
                parts.append(Element("K", f"K{j + 1}_{i + 1}_{k}", f"L{j + 1}_{k}", f"L{i + 1}_{k}", ratio))
    return parts


def _resistors(g_S: Array, ends: tuple[list[str], list[str]], called: tuple[str, int]) -> list[Element]:
    """Return the resistors from one row of nodes to another that pass `g_S` (n, n) times the voltages between them."""
    (one, other), (word, k) = ends, called
    parts = []
    for i in range(len(g_S)):
        parts.append(Element("R", f"{word}{i + 1}_{k}", one[i], other[i], 1.0 / float(g_S[i, i])))
        for j in range(i):
            if g_S[i, j] != 0.0:
                pair, crossed = f"{j + 1}_{i + 1}_{k}", 1.0 / float(g_S[i, j])
                parts.append(Element("R", f"{word}a{pair}", one[j], one[i], -crossed))
                parts.append(Element("R", f"{word}b{pair}", other[j], other[i], -crossed))
                parts.append(Element("R", f"{word}c{pair}", one[j], other[i], crossed))
                parts.append(Element("R", f"{word}d{pair}", other[j], one[i], crossed))
    return parts


def _shunts(network: Network, f_Hz: float, share: float, place: tuple[list[str], int]) -> list[Element]:
    """Return the capacitors of a share of all paths from a row of nodes to ground and between each other; where they
    lose something, resistors in series with them."""
    nodes, k = place
    if network.loss is None:
        return _capacitors(network.path_capacitance_F() * share, nodes, k)
    # at rest the capacitors are those of a low frequency
    fixed_Hz = network.loss.fixed_Hz or f_Hz or _LOW_Hz
    made = series(network.path_admittance_S(fixed_Hz), fixed_Hz, network.loss.below_ratio)
    outer = [nodes[i] for i in made.paths.tolist()]
    inner = [f"g_{i + 1}_{k}" for i in made.paths.tolist()]
    return _resistors(np.linalg.inv(made.r_ohm) * share, (outer, inner), ("Rg", k)) + _capacitors(
        made.c_F * share, inner, k
    )


def _capacitors(c_F: Array, nodes: list[str], k: int) -> list[Element]:
    """Return the capacitors of Maxwell's matrix between a row of nodes and ground."""
    found = []
    for i in range(len(c_F)):
        ground = float(c_F[i].sum())
        if abs(ground) > _ROUNDING * abs(c_F[i, i]):
            found.append(Element("C", f"C{i + 1}_{k}", nodes[i], GROUND, ground))
        for j in range(i):
            if c_F[i, j] != 0.0:
                found.append(Element("C", f"C{j + 1}_{i + 1}_{k}", nodes[j], nodes[i], -float(c_F[i, j])))
    return found


def _joined(parts: list[Element]) -> list[Element]:
    """Return the parts with capacitors whose ends are one node left out."""
    return [part for part in parts if part.kind == "K" or part.a != part.b]
