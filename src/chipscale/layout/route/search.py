"""Finding the cheapest planar way for one wire through the sketch (A* over edge slots)."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.shapes import Nets
from chipscale.layout.route.sketch import Sketch, edge_room, local

SAMPLES = 3  # places tried in each slot: at either side and in the middle
OWN_FACTOR = 0.05  # price of running along metal of the own net, against new metal


class Prices(NamedTuple):
    """What is paid besides length: `over` µm per µm of missing room x (1 + `history` (E,)); `wire` (W,) µm for
    crossing (and ripping up) each wire; `cross` whether that is allowed at all; `strict` no missing room allowed."""

    over: float
    history: npt.NDArray[np.float64]
    wire: npt.NDArray[np.float64]
    cross: bool
    strict: bool


@njit(cache=True)
def _edge_tables(mesh, sk, nets, net, base, lo, hi):  # type: ignore[no-untyped-def]
    buf = np.empty(sk.order.shape[1] + 1)
    for e in range(len(mesh.ends)):
        b, n = base[e], sk.count[e]
        if mesh.blocked[e]:
            continue
        edge_room(mesh, sk, nets, e, net, 0, buf)
        for s in range(n + 1):
            lo[b + s] = buf[s]
        edge_room(mesh, sk, nets, e, net, 1, buf)
        for s in range(n + 1):
            hi[b + n - s] = mesh.length[e] - buf[s]


@njit(cache=True)
def _own_beside(sk, net, e, s, f, g):  # type: ignore[no-untyped-def]
    """Tell whether slot s of e and slot g of f lie beside the same wire of the own net."""
    for i in (s - 1, s):
        if 0 <= i < sk.count[e]:
            w = sk.order[e, i]
            if sk.wnet[w] == net:
                for j in (g - 1, g):
                    if 0 <= j < sk.count[f] and sk.order[f, j] == w:
                        return True
    return False


@njit(cache=True)
def _slot_from(mesh, sk, f, vertex, k):  # type: ignore[no-untyped-def]
    """Return the slot of edge f that is the k-th counted from one of its ends."""
    if mesh.ends[f, 0] == vertex:
        return k
    return sk.count[f] - k


@njit(cache=True)
def _wires_price(sk, prices, f, first, last):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(first, last):
        total += prices.wire[sk.order[f, i]]
    return total


@njit(cache=True)
def _corner_price(mesh, sk, prices, t, j):  # type: ignore[no-untyped-def]
    """Return the price of crossing the wires that cut off corner j of triangle t."""
    n = sk.corner[t, j]
    if n == 0:
        return 0.0
    v = mesh.tv[t, j]
    f = mesh.te[t, (j + 1) % 3]
    if mesh.ends[f, 0] == v:
        return _wires_price(sk, prices, f, 0, n)
    return _wires_price(sk, prices, f, sk.count[f] - n, sk.count[f])


@njit(cache=True)
def _tend_price(mesh, sk, prices, t, j):  # type: ignore[no-untyped-def]
    n = sk.tend[t, j]
    if n == 0:
        return 0.0
    f = mesh.te[t, j]
    a = mesh.tv[t, (j + 1) % 3]
    k = sk.corner[t, (j + 1) % 3]
    if mesh.ends[f, 0] == a:
        return _wires_price(sk, prices, f, k, k + n)
    return _wires_price(sk, prices, f, sk.count[f] - k - n, sk.count[f] - k)


@njit(cache=True)
def search(mesh, sk, nets, net, prices, source, target):  # type: ignore[no-untyped-def]
    """Return (cost, nodes): the cheapest way from a source vertex to a target vertex.

    source, target: (V,) bool. nodes (n, 4): kind (0 vertex, 1 slot), vertex or edge, slot, triangle it was reached
    through (-1: along an edge or across a wire). Cost inf when there is none.
    """
    n_e, n_v = len(mesh.ends), len(mesh.xy)
    base = np.zeros(n_e + 1, dtype=np.int64)
    for e in range(n_e):
        base[e + 1] = base[e] + sk.count[e] + 1
    n_slot = base[n_e]
    lo, hi = np.empty(n_slot), np.empty(n_slot)
    _edge_tables(mesh, sk, nets, net, base, lo, hi)
    n_node = n_slot * SAMPLES + n_v
    first_v = n_slot * SAMPLES
    dist = np.full(n_node, np.inf)
    pred = np.full(n_node, -1, dtype=np.int64)
    via = np.full(n_node, -1, dtype=np.int64)
    done = np.zeros(n_node, dtype=np.bool_)
    node_edge = np.empty(n_slot, dtype=np.int64)
    for e in range(n_e):
        for s in range(base[e], base[e + 1]):
            node_edge[s] = e
    pitch = nets.width[net] + nets.space[net]
    targets = np.nonzero(target)[0]
    n_target = len(targets)
    own = False
    for w in sk.wnet:
        own |= w == net
    h_factor = 0.0 if n_target > 12 else (OWN_FACTOR if own else 1.0)
    heap = [(0.0, 0)]
    heap.pop()
    for v in range(n_v):
        if source[v]:
            dist[first_v + v] = 0.0
            heapq.heappush(heap, (0.0, first_v + v))
    goal = -1
    nb_f = np.empty(8, dtype=np.int64)
    nb_s = np.empty(8, dtype=np.int64)
    while len(heap) > 0:
        _, node = heapq.heappop(heap)
        if done[node]:
            continue
        done[node] = True
        here = dist[node]
        if node >= first_v:
            v = node - first_v
            if target[v]:
                goal = node
                break
            if not source[v]:
                continue
            x, y = mesh.xy[v, 0], mesh.xy[v, 1]
            for it in range(mesh.vptr[v], mesh.vptr[v + 1]):
                t = mesh.vtri[it]
                j = local(mesh.tv[t], v)
                f = mesh.te[t, j]
                ja, jb = (j + 1) % 3, (j + 2) % 3
                # straight along the two edges to the neighbours
                for jj in (ja, jb):
                    u = mesh.tv[t, jj]
                    if target[u]:
                        g = mesh.te[t, 3 - j - jj]
                        price = _wires_price(sk, prices, g, 0, sk.count[g])
                        if sk.ewire[g] >= 0 and sk.wnet[sk.ewire[g]] != net:
                            price += prices.wire[sk.ewire[g]]
                        if price > 0.0 and not prices.cross:
                            continue
                        d = here + mesh.length[g] + price
                        if d < dist[first_v + u]:
                            dist[first_v + u] = d
                            pred[first_v + u] = node
                            via[first_v + u] = -1
                            heapq.heappush(heap, (d, first_v + u))
                if mesh.blocked[f]:
                    continue
                price = _corner_price(mesh, sk, prices, t, j)
                price += _tend_price(mesh, sk, prices, t, ja) + _tend_price(mesh, sk, prices, t, jb)
                if price > 0.0 and not prices.cross:
                    continue
                k0 = sk.corner[t, ja]
                for k in range(k0, k0 + sk.tend[t, j] + 1):
                    g = _slot_from(mesh, sk, f, mesh.tv[t, ja], k)
                    _relax(
                        mesh,
                        sk,
                        nets,
                        net,
                        prices,
                        (base, lo, hi),
                        (dist, pred, via, heap),
                        (node, t, f, g, x, y, here + price, 1.0),
                        (targets, h_factor, pitch),
                    )
            continue
        slot_node = node // SAMPLES
        e = node_edge[slot_node]
        s = slot_node - base[e]
        f_at = _place(lo[slot_node], hi[slot_node], node % SAMPLES) / mesh.length[e]
        a, b = mesh.ends[e, 0], mesh.ends[e, 1]
        x = mesh.xy[a, 0] + f_at * (mesh.xy[b, 0] - mesh.xy[a, 0])
        y = mesh.xy[a, 1] + f_at * (mesh.xy[b, 1] - mesh.xy[a, 1])
        if prices.cross:  # across a neighbouring wire, staying on the edge
            for step in (-1, 1):
                if 0 <= s + step <= sk.count[e]:
                    w = sk.order[e, s if step > 0 else s - 1]
                    other = (slot_node + step) * SAMPLES + node % SAMPLES
                    d = here + prices.wire[w]
                    if d < dist[other]:
                        dist[other] = d
                        pred[other] = node
                        via[other] = -1
                        heapq.heappush(heap, (d + h_factor * _rest(mesh, targets, x, y), other))
        for side in range(2):
            t = mesh.etri[e, side]
            if t < 0:
                continue
            jc = local(mesh.te[t], e)
            ja, jb = local(mesh.tv[t], a), local(mesh.tv[t], b)
            n_a, n_b, t_c = sk.corner[t, ja], sk.corner[t, jb], sk.tend[t, jc]
            n = 0
            e_ac, e_bc = mesh.te[t, jb], mesh.te[t, ja]
            to_c = False
            if s < n_a:
                nb_f[n], nb_s[n] = e_ac, _slot_from(mesh, sk, e_ac, a, s)
                n += 1
            elif s > n_a + t_c:
                nb_f[n], nb_s[n] = e_bc, _slot_from(mesh, sk, e_bc, b, sk.count[e] - s)
                n += 1
            else:
                t_a, t_b = sk.tend[t, ja], sk.tend[t, jb]
                if s == n_a and t_a == 0:
                    nb_f[n], nb_s[n] = e_ac, _slot_from(mesh, sk, e_ac, a, n_a)
                    n += 1
                if s == n_a + t_c and t_b == 0:
                    nb_f[n], nb_s[n] = e_bc, _slot_from(mesh, sk, e_bc, b, n_b)
                    n += 1
                to_c = t_a == 0 and t_b == 0
            for i in range(n):
                if mesh.blocked[nb_f[i]]:
                    continue
                factor = OWN_FACTOR if own and _own_beside(sk, net, e, s, nb_f[i], nb_s[i]) else 1.0
                _relax(
                    mesh,
                    sk,
                    nets,
                    net,
                    prices,
                    (base, lo, hi),
                    (dist, pred, via, heap),
                    (node, t, nb_f[i], nb_s[i], x, y, here, factor),
                    (targets, h_factor, pitch),
                )
            c = mesh.tv[t, jc]
            if to_c and target[c]:
                price = _corner_price(mesh, sk, prices, t, jc)
                if price > 0.0 and not prices.cross:
                    continue
                d = here + price + np.hypot(mesh.xy[c, 0] - x, mesh.xy[c, 1] - y)
                if d < dist[first_v + c]:
                    dist[first_v + c] = d
                    pred[first_v + c] = node
                    via[first_v + c] = t
                    heapq.heappush(heap, (d, first_v + c))
    if goal < 0:
        return np.inf, np.empty((0, 4), dtype=np.int64)
    n = 0
    node = goal
    while node >= 0:
        n += 1
        node = pred[node]
    out = np.empty((n, 4), dtype=np.int64)
    node = goal
    for i in range(n - 1, -1, -1):
        if node >= first_v:
            out[i, 0], out[i, 1], out[i, 2] = 0, node - first_v, 0
        else:
            e = node_edge[node // SAMPLES]
            out[i, 0], out[i, 1], out[i, 2] = 1, e, node // SAMPLES - base[e]
        out[i, 3] = via[node]
        node = pred[node]
    return dist[goal], out


@njit(cache=True)
def _place(lo, hi, k):  # type: ignore[no-untyped-def]
    if hi < lo:
        return 0.5 * (lo + hi)
    return lo + (hi - lo) * k / (SAMPLES - 1)


@njit(cache=True)
def _rest(mesh, targets, x, y):  # type: ignore[no-untyped-def]
    best = np.inf
    if len(targets) > 12:
        return 0.0
    for v in targets:
        best = min(best, np.hypot(mesh.xy[v, 0] - x, mesh.xy[v, 1] - y))
    return best


@njit(cache=True)
def _relax(mesh, sk, nets, net, prices, tables, state, step, goal):  # type: ignore[no-untyped-def]
    base, lo, hi = tables
    dist, pred, via, heap = state
    node, t, f, g, x, y, here, factor = step
    targets, h_factor, pitch = goal
    q = base[f] + g
    price = 0.0
    miss = lo[q] - hi[q]
    if miss > 0.0:
        if prices.strict:
            return
        price = prices.over * (miss + 0.2 * pitch) * (1.0 + prices.history[f])
    w = sk.ewire[f]
    if w >= 0:
        if not prices.cross:
            return
        price += prices.wire[w]
    a, b = mesh.ends[f, 0], mesh.ends[f, 1]
    for k in range(SAMPLES):
        if miss > 0.0 and k > 0:
            break
        p = _place(lo[q], hi[q], k) / mesh.length[f]
        px = mesh.xy[a, 0] + p * (mesh.xy[b, 0] - mesh.xy[a, 0])
        py = mesh.xy[a, 1] + p * (mesh.xy[b, 1] - mesh.xy[a, 1])
        d = here + price + factor * np.hypot(px - x, py - y)
        other = q * SAMPLES + k
        if d < dist[other] - 1e-9:
            dist[other] = d
            pred[other] = node
            via[other] = t
            heapq.heappush(heap, (d + h_factor * _rest(mesh, targets, px, py), other))


def find(
    mesh: Mesh, sketch: Sketch, nets: Nets, net: int, prices: Prices, ends: tuple[np.ndarray, np.ndarray]
) -> tuple[float, npt.NDArray[np.int64]]:
    """Return (cost in µm, way) for a net between two vertex sets (each (V,) bool); cost inf when there is none."""
    cost, nodes = search(mesh, sketch, nets, net, prices, ends[0], ends[1])
    return float(cost), nodes
