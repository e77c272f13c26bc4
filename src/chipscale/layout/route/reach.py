"""Terminals no wire can reach, found before any search: pieces of the plane joined by gaps one wire fits through."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.shapes import Nets

TOL_UM = 1e-9


def _open_edges(mesh: Mesh, nets: Nets, net: int) -> npt.NDArray[np.bool_]:
    """Return which edges have room for one wire of a net when nothing else is drawn, (E,)."""
    owner = mesh.vnet[mesh.ends]
    space = np.where(owner >= 0, np.maximum(nets.space[np.maximum(owner, 0)], nets.space[net]), nets.space[net])
    need = np.where(owner == -2, mesh.vclear[mesh.ends], np.where(owner == net, 0.0, space))
    room = mesh.length - mesh.metal.sum(axis=1) - need.sum(axis=1) - nets.width[net]
    return (room >= -TOL_UM) & ~mesh.blocked


def _areas(mesh: Mesh, passable: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the area each triangle belongs to, (T,)."""
    pairs = mesh.etri[passable & (mesh.etri[:, 1] >= 0)]
    size = len(mesh.tv)
    graph = sp.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _around(mesh: Mesh, group: list[int], passable: npt.NDArray[np.bool_], area: npt.NDArray[np.int64]) -> set[int]:
    """Return what a wire can leave a group of vertices into: areas, and neighbouring vertices v as -1 - v."""
    found: set[int] = set()
    for v in group:
        for t in mesh.vtri[mesh.vptr[v] : mesh.vptr[v + 1]].tolist():
            j = int(np.nonzero(mesh.tv[t] == v)[0][0])
            if passable[mesh.te[t, j]]:
                found.add(int(area[t]))
            found.update(-1 - int(u) for u in mesh.tv[t])
    return found


def cut_off(mesh: Mesh, nets: Nets, groups: list[list[list[int]]]) -> set[tuple[int, int]]:
    """Return the (net, group) pairs that cannot be joined to any other group of their net."""
    lost: set[tuple[int, int]] = set()
    for net, parts in enumerate(groups):
        if len(parts) < 2:
            continue
        passable = _open_edges(mesh, nets, net)
        area = _areas(mesh, passable)
        reach = [_around(mesh, g, passable, area) for g in parts]
        beside = [{a for a in r if a < 0} for r in reach]
        for k, mine in enumerate(reach):
            goals = [(reach[i] - beside[i]) | {-1 - v for v in parts[i]} for i in range(len(parts)) if i != k]
            if not any(mine & goal for goal in goals):
                lost.add((net, k))
    return lost
