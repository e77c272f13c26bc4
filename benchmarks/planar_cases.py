"""Routing cases with a known planar answer: a flow through the gaps says which pad and ball belong together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from chipscale.layout.route.mesh import Mesh, build_mesh
from chipscale.layout.route.problem import RouteNet, RouteProblem, Terminal
from chipscale.layout.route.shapes import MARGIN_UM

LAST_PLACE_UM = 300.0  # price of the last place in a gap: gaps stay below their capacity where that is possible


def _places(mesh: Mesh, width_um: float, space_um: float) -> np.ndarray:
    """Return how many wires fit through each edge, (E,)."""
    room = mesh.length - mesh.metal.sum(axis=1)
    outlines = (mesh.vnet[mesh.ends] == -2).sum(axis=1)
    count = np.floor((room + space_um * (outlines - 1) + 1e-9) / (width_um + space_um)).clip(0)
    return np.where(mesh.blocked, 0, count)


def _flow(mesh: Mesh, places: np.ndarray, pads: list[int], balls: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return (wires over each edge from its first to its second triangle, (E,); wires at each vertex and triangle).

    The second is (n, 3): vertex, triangle, 1 out of a pad or -1 into a ball.
    """
    mid = mesh.xy[mesh.tv].mean(axis=1)
    n_t = len(mesh.tv)
    arcs: list[tuple[int, int, float, float, int]] = []
    for e in np.nonzero(places > 0)[0].tolist():
        a, b = mesh.etri[e].tolist()
        d = float(np.hypot(*(mid[a] - mid[b])))
        for x, y in ((a, b), (b, a)):
            arcs += [(x, y, d, places[e] - 1, e), (x, y, d + LAST_PLACE_UM, 1, e)]
    node = {v: n_t + i for i, v in enumerate(pads + balls)}
    out = set(pads)
    for v in pads + balls:
        for t in mesh.vtri[mesh.vptr[v] : mesh.vptr[v + 1]].tolist():
            d = float(np.hypot(*(mid[t] - mesh.xy[v])))
            arcs.append((node[v], t, d, 1, -1 - v) if v in out else (t, node[v], d, 1, -1 - v))
    n, size = len(arcs), n_t + len(node)
    tail, head = np.array([a[0] for a in arcs]), np.array([a[1] for a in arcs])
    cost, limit = np.array([a[2] for a in arcs]), np.array([a[3] for a in arcs])
    tag = np.array([a[4] for a in arcs])
    k = np.arange(n)
    balance = sp.coo_matrix((np.repeat([1.0, -1.0], n), (np.r_[tail, head], np.r_[k, k])), shape=(size, n))
    supply = np.zeros(size)
    supply[n_t : n_t + len(pads)] = 1.0
    supply[n_t + len(pads) :] = -1.0
    found = linprog(cost, A_eq=balance.tocsr(), b_eq=supply, bounds=np.c_[np.zeros(n), limit], method="highs-ds")
    if found.status != 0:
        raise ValueError("these balls and pads have no planar answer")
    x = np.round(found.x)
    over = np.zeros(len(mesh.ends))
    for i in np.nonzero((x > 0) & (tag >= 0))[0]:
        over[tag[i]] += x[i] if tail[i] == mesh.etri[tag[i], 0] else -x[i]
    ends = [(-1 - tag[i], tail[i], -1) if head[i] >= n_t else (-1 - tag[i], head[i], 1) for i in k[(x > 0) & (tag < 0)]]
    return over, np.array(ends)


def _pairs(mesh: Mesh, over: np.ndarray, at: np.ndarray) -> dict[int, int]:
    """Return ball of each pad: in every triangle what comes in and what goes out is joined without a crossing."""
    items: dict[tuple[int, int], tuple] = {}
    ends = {(int(v), int(t)): int(s) for v, t, s in at}
    for t in range(len(mesh.tv)):
        ring: list[tuple[tuple, int]] = []  # what lies round the triangle: (name, +1 comes in or -1 goes out)
        for j in range(3):
            v = int(mesh.tv[t, j])
            if (v, t) in ends:
                ring.append((("v", v), ends[v, t]))
            e = int(mesh.te[t, (j + 2) % 3])  # from corner j to corner j + 1
            n = int(abs(over[e]))
            into = (over[e] > 0) == (mesh.etri[e, 1] == t)
            slots = range(n) if mesh.ends[e, 0] == v else range(n - 1, -1, -1)
            ring += [(("e", e, s), 1 if into else -1) for s in slots]
        stack: list[tuple[tuple, int]] = []
        for name, sign in ring:
            if stack and stack[-1][1] != sign:
                other = stack.pop()[0]
                items[(t, 0, *(name if sign > 0 else other))] = other if sign > 0 else name
            else:
                stack.append((name, sign))
        assert not stack
    pairs = {}
    for v, t, sign in at.tolist():
        if sign < 0:
            continue
        here = ("v", v)
        while True:
            here = items[(t, 0, *here)]
            if here[0] == "v":
                pairs[v] = here[1]
                break
            t = int(mesh.etri[here[1]].sum()) - t
    return pairs


def with_planar_nets(problem: RouteProblem, width_um: float = 10.0) -> RouteProblem:
    """Return the problem with its nets given anew, pad by pad, so that all of them fit side by side."""
    mesh = build_mesh(problem)
    used = [k for k, t in enumerate(problem.terminals) if t.net is not None]
    vertex = {int(mesh.vterm[v]): v for v in range(len(mesh.xy) - 1, -1, -1) if mesh.vterm[v] >= 0}
    pads = [vertex[k] for k in used if problem.terminals[k].outline is not None]
    balls = [vertex[k] for k in used if problem.terminals[k].outline is None]
    places = _places(mesh, width_um, problem.space_um + MARGIN_UM)
    pairs = _pairs(mesh, *_flow(mesh, places, pads, balls))
    nets: dict[int, str] = {}
    for i, (a, b) in enumerate(sorted(pairs.items())):
        nets[int(mesh.vterm[a])] = nets[int(mesh.vterm[b])] = f"s{i}"
    terminals: list[Terminal] = [replace(t, net=nets.get(k)) for k, t in enumerate(problem.terminals)]
    return replace(
        problem, terminals=tuple(terminals), nets=tuple(RouteNet(f"s{i}", width_um) for i in range(len(pairs)))
    )
