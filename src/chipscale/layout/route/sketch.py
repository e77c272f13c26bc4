"""The sketch: which wires cross each mesh edge, in order; it is planar by construction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.mesh import Mesh

Ints = npt.NDArray[np.int64]


class Sketch(NamedTuple):
    """Mutable arrays, changed only through `insert` and `remove`; `widened` gives edges room for more wires.

    `order` (E, M) wires crossing edge e from its first to its second end; `count` (E,);
    `corner` (T, 3) wires cutting off each corner; `tend` (T, 3) wires from a corner through the edge opposite;
    `ewire` (E,) wire lying on the edge from end to end, or -1; `wnet` (W,) the net of each wire.
    """

    order: Ints
    count: Ints
    corner: Ints
    tend: Ints
    ewire: Ints
    wnet: Ints


class Path(NamedTuple):
    """A wire in the sketch: from vertex to vertex over `edges` at `slots`, through `tris` (one more than edges)."""

    start: int
    end: int
    edges: Ints
    slots: Ints
    tris: Ints


def empty_sketch(mesh: Mesh, n_wires: int) -> Sketch:
    """Return a sketch without wires that has room for `n_wires`."""
    n_e, n_t = len(mesh.ends), len(mesh.tv)
    return Sketch(
        np.full((n_e, min(2 * n_wires, 16) + 8), -1, dtype=np.int64),
        np.zeros(n_e, dtype=np.int64),
        np.zeros((n_t, 3), dtype=np.int64),
        np.zeros((n_t, 3), dtype=np.int64),
        np.full(n_e, -1, dtype=np.int64),
        np.full(n_wires, -1, dtype=np.int64),
    )


def widened(sketch: Sketch, path: Path) -> Sketch:
    """Return the sketch with room for one more path; it is the same one when there is room."""
    if not len(path.edges):
        return sketch
    need = int(sketch.count[path.edges].max()) + int(np.bincount(path.edges).max())
    n_e, size = sketch.order.shape
    if need <= size:
        return sketch
    more = np.full((n_e, max(need, 2 * size) - size), -1, dtype=np.int64)
    return sketch._replace(order=np.ascontiguousarray(np.hstack([sketch.order, more])))


@njit(cache=True, inline="always")
def local(row, value):  # type: ignore[no-untyped-def]
    """Return the place (0..2) of a value in a triangle's row, -1 if absent."""
    for j in range(3):
        if row[j] == value:
            return j
    return -1


@njit(cache=True)
def _count_moves(mesh, sk, ends, edges, tris, step):  # type: ignore[no-untyped-def]
    n = len(edges)
    if n == 0:
        return
    t = tris[0]
    sk.tend[t, local(mesh.te[t], edges[0])] += step
    t = tris[n]
    sk.tend[t, local(mesh.te[t], edges[n - 1])] += step
    for i in range(n - 1):
        t = tris[i + 1]
        j = 3 - local(mesh.te[t], edges[i]) - local(mesh.te[t], edges[i + 1])
        sk.corner[t, j] += step


@njit(cache=True)
def _insert(mesh, sk, wire, ends, edges, slots, tris):  # type: ignore[no-untyped-def]
    n = len(edges)
    for i in range(n):
        e = edges[i]
        s = slots[i]
        for k in range(i):  # a wire may cross an edge twice: its own earlier crossing shifts the slot
            if edges[k] == e and slots[k] < slots[i]:
                s += 1
        for k in range(sk.count[e], s, -1):
            sk.order[e, k] = sk.order[e, k - 1]
        sk.order[e, s] = wire
        sk.count[e] += 1
    _count_moves(mesh, sk, ends, edges, tris, 1)


@njit(cache=True)
def _remove(mesh, sk, wire, ends, edges, tris):  # type: ignore[no-untyped-def]
    for e in edges:
        w = 0
        for k in range(sk.count[e]):
            if sk.order[e, k] != wire:
                sk.order[e, w] = sk.order[e, k]
                w += 1
        sk.count[e] = w
    _count_moves(mesh, sk, ends, edges, tris, -1)


def edge_between(mesh: Mesh, a: int, b: int) -> int:
    """Return the mesh edge joining two vertices, -1 if there is none."""
    for t in mesh.vtri[mesh.vptr[a] : mesh.vptr[a + 1]]:
        j = local(mesh.tv[t], b)
        if j >= 0:
            return int(mesh.te[t, 3 - j - local(mesh.tv[t], a)])
    return -1


def insert(mesh: Mesh, sketch: Sketch, wire: int, path: Path) -> None:
    """Put a wire into the sketch; its slots must be those of the sketch as it stands."""
    if len(path.edges):
        _insert(mesh, sketch, wire, (path.start, path.end), path.edges, path.slots, path.tris)
    else:
        sketch.ewire[edge_between(mesh, path.start, path.end)] = wire


def remove(mesh: Mesh, sketch: Sketch, wire: int, path: Path) -> None:
    """Take a wire out of the sketch."""
    if len(path.edges):
        _remove(mesh, sketch, wire, (path.start, path.end), path.edges, path.tris)
    else:
        sketch.ewire[edge_between(mesh, path.start, path.end)] = -1


@njit(cache=True, inline="always")
def end_need(mesh, nets, vertex, net, space_default):  # type: ignore[no-untyped-def]
    """Return the space from an edge's end feature to the metal of `net`, µm."""
    other = mesh.vnet[vertex]
    if other == -2:
        return mesh.vclear[vertex]
    if other == net:
        return 0.0
    if other >= 0:
        return max(nets.space[other], nets.space[net])
    return nets.space[net]


@njit(cache=True)
def edge_room(mesh, sk, nets, e, net, side, lo):  # type: ignore[no-untyped-def]
    """Fill lo[s] (count + 1): least distance from an end's centre of a wire of `net` in each slot, µm.

    `side` 0 counts from the first end, 1 from the second. Wires of one net side by side share their metal.
    """
    n = sk.count[e]
    v = mesh.ends[e, side]
    wnew = nets.width[net]
    lo[0] = mesh.metal[e, side] + end_need(mesh, nets, v, net, 0.0) + 0.5 * wnew
    edge = mesh.metal[e, side]  # outer metal edge of what lies inside so far
    last = -1
    for s in range(n):
        w = sk.wnet[sk.order[e, s if side == 0 else n - 1 - s]]
        if last < 0:
            edge += end_need(mesh, nets, v, w, 0.0) + nets.width[w]
        elif w != last:
            edge += max(nets.space[w], nets.space[last]) + nets.width[w]
        last = w
        if w == net:
            lo[s + 1] = edge - 0.5 * wnew
        else:
            lo[s + 1] = edge + max(nets.space[w], nets.space[net]) + 0.5 * wnew
    return edge


@njit(cache=True)
def overflow(mesh, sk, nets, out, buf):  # type: ignore[no-untyped-def]
    """Fill out[e]: room that is missing on each edge, µm (<= 0: fits)."""
    for e in range(len(mesh.ends)):
        n = sk.count[e]
        if n == 0:
            out[e] = -1.0
            continue
        edge = edge_room(mesh, sk, nets, e, sk.wnet[sk.order[e, 0]], 0, buf)
        w = sk.wnet[sk.order[e, n - 1]]
        out[e] = edge + end_need(mesh, nets, mesh.ends[e, 1], w, 0.0) + mesh.metal[e, 1] - mesh.length[e]


@njit(cache=True)
def crowds(mesh, sk, nets, edges, tol):  # type: ignore[no-untyped-def]
    """Tell whether any of some edges has less room than its wires need, by more than `tol` µm."""
    buf = np.empty(sk.order.shape[1] + 1)
    for e in edges:
        n = sk.count[e]
        edge = edge_room(mesh, sk, nets, e, sk.wnet[sk.order[e, 0]], 0, buf)
        w = sk.wnet[sk.order[e, n - 1]]
        if edge + end_need(mesh, nets, mesh.ends[e, 1], w, 0.0) + mesh.metal[e, 1] - mesh.length[e] > tol:
            return True
    return False
