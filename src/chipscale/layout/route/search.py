"""Finding the cheapest planar way for one wire through the sketch (A* over edge slots)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.shapes import Nets
from chipscale.layout.route.sketch import Sketch, edge_room

FINE = 3  # places tried in each slot: at either side and in the middle
COARSE = 1  # only the middle: for a first sketch of many wires
OWN_FACTOR = 0.05  # price of running along metal of the own net, against new metal


class Prices(NamedTuple):
    """What is paid besides length: `over` µm per µm of missing room x (1 + `history` (E,)); `wire` (W,) µm for
    crossing (and ripping up) each wire; `cross` whether that is allowed at all; `strict` no missing room allowed;
    `samples` places tried in each slot."""

    over: float
    history: npt.NDArray[np.float64]
    wire: npt.NDArray[np.float64]
    cross: bool
    strict: bool
    samples: int = FINE


@njit(cache=True)
def _push(keys, items, size, key, item):  # type: ignore[no-untyped-def]
    """Put an item into a binary heap held in two arrays; size (1,)."""
    i = size[0]
    size[0] += 1
    while i > 0:
        up = (i - 1) >> 1
        if keys[up] <= key:
            break
        keys[i], items[i] = keys[up], items[up]
        i = up
    keys[i], items[i] = key, item


@njit(cache=True)
def _pop(keys, items, size):  # type: ignore[no-untyped-def]
    """Take the item with the least key from a heap."""
    top = items[0]
    size[0] -= 1
    n = size[0]
    key, item = keys[n], items[n]
    i = 0
    while True:
        k = 2 * i + 1
        if k >= n:
            break
        if k + 1 < n and keys[k + 1] < keys[k]:
            k += 1
        if keys[k] >= key:
            break
        keys[i], items[i] = keys[k], items[k]
        i = k
    keys[i], items[i] = key, item
    return top


@njit(cache=True)
def _edge_table(mesh, sk, nets, net, e, buf, lo, hi):  # type: ignore[no-untyped-def]
    """Fill the range of places of each slot of an edge, lo and hi (count + 1,)."""
    n = sk.count[e]
    edge_room(mesh, sk, nets, e, net, 0, buf)
    for s in range(n + 1):
        lo[s] = buf[s]
    edge_room(mesh, sk, nets, e, net, 1, buf)
    for s in range(n + 1):
        hi[n - s] = mesh.length[e] - buf[s]


@njit(cache=True)
def _at(table, t, value):  # type: ignore[no-untyped-def]
    """Return the place (0..2) of a value in row t."""
    if table[t, 0] == value:
        return 0
    return 1 if table[t, 1] == value else 2


@njit(cache=True)
def _rest(goal_x, goal_y, x, y):  # type: ignore[no-untyped-def]
    """Return the squared-distance root to the closest goal, 0 without any."""
    best = 1e18
    for i in range(len(goal_x)):
        best = min(best, (goal_x[i] - x) ** 2 + (goal_y[i] - y) ** 2)
    return np.sqrt(best) if len(goal_x) else 0.0


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
    """Return (cost, nodes, work): the cheapest way from a source vertex to a target vertex; work: places settled.

    source, target: (V,) bool. nodes (n, 4): kind (0 vertex, 1 slot), vertex or edge, slot, triangle it was reached
    through (-1: along an edge or across a wire). Cost inf when there is none.
    """
    ends, xy, length, blocked, etri = mesh.ends, mesh.xy, mesh.length, mesh.blocked, mesh.etri
    tv, te, vptr, vtri = mesh.tv, mesh.te, mesh.vptr, mesh.vtri
    order, count, corner, tend, ewire, wnet = sk.order, sk.count, sk.corner, sk.tend, sk.ewire, sk.wnet
    wire, history, over, cross, strict = prices.wire, prices.history, prices.over, prices.cross, prices.strict
    n_e, n_v = len(ends), len(xy)
    samples = prices.samples
    work = 0
    base = np.zeros(n_e + 1, dtype=np.int64)
    for e in range(n_e):
        base[e + 1] = base[e] + count[e] + 1
    n_slot = base[n_e]
    lo, hi = np.empty(n_slot), np.empty(n_slot)
    ready = np.zeros(n_e, dtype=np.bool_)
    buf = np.empty(order.shape[1] + 1)
    n_node = n_slot * samples + n_v
    first_v = n_slot * samples
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
    n_target = len(targets) if len(targets) <= 12 else 0
    goal_x, goal_y = xy[targets[:n_target], 0], xy[targets[:n_target], 1]
    own = False
    for w in wnet:
        own |= w == net
    h_factor = 0.0 if n_target == 0 else (OWN_FACTOR if own else 1.0)
    room = 16 * n_node + 64
    keys, items = np.empty(room), np.empty(room, dtype=np.int64)
    size = np.zeros(1, dtype=np.int64)
    for v in range(n_v):
        if source[v]:
            dist[first_v + v] = 0.0
            _push(keys, items, size, 0.0, first_v + v)
    goal = -1
    n_next = n_slot + 8
    nb_f, nb_s, nb_t = np.empty(n_next, np.int64), np.empty(n_next, np.int64), np.empty(n_next, np.int64)
    nb_price, nb_factor = np.empty(n_next), np.empty(n_next)
    while size[0] > 0:
        node = _pop(keys, items, size)
        if done[node]:
            continue
        done[node] = True
        work += 1
        here = dist[node]
        n = 0
        if node >= first_v:
            v = node - first_v
            if target[v]:
                goal = node
                break
            if not source[v]:
                continue
            x, y = xy[v, 0], xy[v, 1]
            for it in range(vptr[v], vptr[v + 1]):
                t = vtri[it]
                j = _at(tv, t, v)
                f = te[t, j]
                ja, jb = (j + 1) % 3, (j + 2) % 3
                # straight along the two edges to the neighbours
                for jj in (ja, jb):
                    u = tv[t, jj]
                    if target[u]:
                        g = te[t, 3 - j - jj]
                        price = _wires_price(sk, prices, g, 0, count[g])
                        if ewire[g] >= 0 and wnet[ewire[g]] != net:
                            price += wire[ewire[g]]
                        if price > 0.0 and not cross:
                            continue
                        d = here + length[g] + price
                        if d < dist[first_v + u]:
                            dist[first_v + u] = d
                            pred[first_v + u] = node
                            via[first_v + u] = -1
                            _push(keys, items, size, d, first_v + u)
                if blocked[f]:
                    continue
                price = _corner_price(mesh, sk, prices, t, j)
                price += _tend_price(mesh, sk, prices, t, ja) + _tend_price(mesh, sk, prices, t, jb)
                if price > 0.0 and not cross:
                    continue
                k0 = corner[t, ja]
                for k in range(k0, k0 + tend[t, j] + 1):
                    nb_f[n], nb_s[n], nb_t[n] = f, k if ends[f, 0] == tv[t, ja] else count[f] - k, t
                    nb_price[n], nb_factor[n] = price, 1.0
                    n += 1
        else:
            slot_node = node // samples
            e = node_edge[slot_node]
            s = slot_node - base[e]
            f_at = _place(lo[slot_node], hi[slot_node], node % samples, samples) / length[e]
            a, b = ends[e, 0], ends[e, 1]
            x = xy[a, 0] + f_at * (xy[b, 0] - xy[a, 0])
            y = xy[a, 1] + f_at * (xy[b, 1] - xy[a, 1])
            if cross:  # across a neighbouring wire, staying on the edge
                for step in (-1, 1):
                    if 0 <= s + step <= count[e]:
                        w = order[e, s if step > 0 else s - 1]
                        other = (slot_node + step) * samples + node % samples
                        d = here + wire[w]
                        if d < dist[other]:
                            dist[other] = d
                            pred[other] = node
                            via[other] = -1
                            _push(keys, items, size, d + h_factor * _rest(goal_x, goal_y, x, y), other)
            for side in range(2):
                t = etri[e, side]
                if t < 0:
                    continue
                jc = _at(te, t, e)
                ja, jb = _at(tv, t, a), _at(tv, t, b)
                n_a, n_b, t_c = corner[t, ja], corner[t, jb], tend[t, jc]
                first = n
                e_ac, e_bc = te[t, jb], te[t, ja]
                to_c = False
                if s < n_a:
                    nb_f[n], nb_s[n] = e_ac, s if ends[e_ac, 0] == a else count[e_ac] - (s)
                    n += 1
                elif s > n_a + t_c:
                    nb_f[n], nb_s[n] = e_bc, count[e] - s if ends[e_bc, 0] == b else count[e_bc] - (count[e] - s)
                    n += 1
                else:
                    t_a, t_b = tend[t, ja], tend[t, jb]
                    if s == n_a and t_a == 0:
                        nb_f[n], nb_s[n] = e_ac, n_a if ends[e_ac, 0] == a else count[e_ac] - (n_a)
                        n += 1
                    if s == n_a + t_c and t_b == 0:
                        nb_f[n], nb_s[n] = e_bc, n_b if ends[e_bc, 0] == b else count[e_bc] - (n_b)
                        n += 1
                    to_c = t_a == 0 and t_b == 0
                for i in range(first, n):
                    nb_t[i], nb_price[i] = t, 0.0
                    nb_factor[i] = OWN_FACTOR if own and _own_beside(sk, net, e, s, nb_f[i], nb_s[i]) else 1.0
                c = tv[t, jc]
                if to_c and target[c]:
                    price = _corner_price(mesh, sk, prices, t, jc)
                    if price > 0.0 and not cross:
                        continue
                    d = here + price + np.hypot(xy[c, 0] - x, xy[c, 1] - y)
                    if d < dist[first_v + c]:
                        dist[first_v + c] = d
                        pred[first_v + c] = node
                        via[first_v + c] = t
                        _push(keys, items, size, d, first_v + c)
        for i in range(n):
            f, t = nb_f[i], nb_t[i]
            if blocked[f]:
                continue
            if not ready[f]:
                ready[f] = True
                _edge_table(mesh, sk, nets, net, f, buf, lo[base[f] : base[f + 1]], hi[base[f] : base[f + 1]])
            q = base[f] + nb_s[i]
            price = nb_price[i]
            miss = lo[q] - hi[q]
            if miss > 0.0:
                if strict:
                    continue
                price += over * (miss + 0.2 * pitch) * (1.0 + history[f])
            w = ewire[f]
            if w >= 0:
                if not cross:
                    continue
                price += wire[w]
            a, b = ends[f, 0], ends[f, 1]
            for k in range(1 if miss > 0.0 else samples):
                p = _place(lo[q], hi[q], k, samples) / length[f]
                px = xy[a, 0] + p * (xy[b, 0] - xy[a, 0])
                py = xy[a, 1] + p * (xy[b, 1] - xy[a, 1])
                d = here + price + nb_factor[i] * np.sqrt((px - x) ** 2 + (py - y) ** 2)
                other = q * samples + k
                if d < dist[other] - 1e-9:
                    dist[other] = d
                    pred[other] = node
                    via[other] = t
                    _push(keys, items, size, d + h_factor * _rest(goal_x, goal_y, px, py), other)
    if goal < 0:
        return np.inf, np.empty((0, 4), dtype=np.int64), work
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
            e = node_edge[node // samples]
            out[i, 0], out[i, 1], out[i, 2] = 1, e, node // samples - base[e]
        out[i, 3] = via[node]
        node = pred[node]
    return dist[goal], out, work


@njit(cache=True)
def _place(lo, hi, k, samples):  # type: ignore[no-untyped-def]
    if hi < lo or samples == 1:
        return 0.5 * (lo + hi)
    return lo + (hi - lo) * k / (samples - 1)


def find(
    mesh: Mesh, sketch: Sketch, nets: Nets, net: int, prices: Prices, ends: tuple[np.ndarray, np.ndarray]
) -> tuple[float, npt.NDArray[np.int64], int]:
    """Return (cost in µm, way, work) for a net between two vertex sets, (V,) bool each; cost inf when none."""
    cost, nodes, work = search(mesh, sketch, nets, net, prices, ends[0], ends[1])
    return float(cost), nodes, int(work)
