"""Numba kernels on the routing grid: who may use a node, what a wire blocks, and the A* search."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from chipscale.layout.route_grid.convex import hull_distance, segment_distance2

FREE = -1
BLOCKED = -2
_DX = np.array([1, 1, 0, -1, -1, -1, 0, 1], dtype=np.int64)
_DY = np.array([0, 1, 1, 1, 0, -1, -1, -1], dtype=np.int64)


@njit(cache=True)
def claim(owner: np.ndarray, k: int, net: int) -> None:
    """Note that node k lies too near metal of `net` for the wires of any other net."""
    if owner[k] == FREE and net >= 0:
        owner[k] = net
    elif owner[k] != net or net < 0:
        owner[k] = BLOCKED


@njit(cache=True)
def raster_shapes(
    owner: np.ndarray, frame: np.ndarray, pts: np.ndarray, start: np.ndarray, net: np.ndarray, need: np.ndarray
) -> None:
    """Claim all nodes nearer than need[i] to hull i; frame = x0, y0, step, nx, ny."""
    x0, y0, step = frame[0], frame[1], frame[2]
    nx, ny = int(frame[3]), int(frame[4])
    for i in range(len(start) - 1):
        a, b, r = start[i], start[i + 1], need[i]
        u0 = max(0, math.ceil((pts[a:b, 0].min() - r - x0) / step))
        u1 = min(nx - 1, math.floor((pts[a:b, 0].max() + r - x0) / step))
        v0 = max(0, math.ceil((pts[a:b, 1].min() - r - y0) / step))
        v1 = min(ny - 1, math.floor((pts[a:b, 1].max() + r - y0) / step))
        for v in range(v0, v1 + 1):
            for u in range(u0, u1 + 1):
                if hull_distance(x0 + u * step, y0 + v * step, pts, a, b) < r - 1e-9:
                    claim(owner, v * nx + u, net[i])


@njit(cache=True)
def raster_ring(owner: np.ndarray, frame: np.ndarray, ring: np.ndarray, block_inside: bool) -> None:
    """Block all nodes inside (or outside) a simple polygon (n, 2)."""
    x0, y0, step = frame[0], frame[1], frame[2]
    nx, ny = int(frame[3]), int(frame[4])
    n = len(ring)
    cut = np.empty(n)
    for v in range(ny):
        y = y0 + v * step
        m = 0
        for i in range(n):
            j = (i + 1) % n
            if (ring[i, 1] > y) != (ring[j, 1] > y):
                t = (y - ring[i, 1]) / (ring[j, 1] - ring[i, 1])
                cut[m] = ring[i, 0] + t * (ring[j, 0] - ring[i, 0])
                m += 1
        xs = np.sort(cut[:m])
        for u in range(nx):
            x = x0 + u * step
            inside = np.searchsorted(xs, x) % 2 == 1
            if inside == block_inside:
                owner[v * nx + u] = BLOCKED


@njit(cache=True)
def stamp(
    occ: np.ndarray,
    total: np.ndarray,
    core: np.ndarray,
    mark: np.ndarray,
    token: int,
    frame: np.ndarray,
    line: np.ndarray,
    rule: np.ndarray,
) -> None:
    """Add a wire (line (n, 2)) to the nodes it denies to others; rule = distance, net number, +1 or -1.

    `core` counts wires within 0.75 steps of a node, which no wire can cross without touching such a node.
    It may be empty (not counted). `mark` must be 0 or hold older tokens; token and token + 1 are used.
    """
    x0, y0, step = frame[0], frame[1], frame[2]
    nx, ny = int(frame[3]), int(frame[4])
    r, net, sign = rule[0], int(rule[1]), int(rule[2])
    for i in range(len(line) - 1):
        ax, ay, bx, by = line[i, 0], line[i, 1], line[i + 1, 0], line[i + 1, 1]
        u0 = max(0, math.ceil((min(ax, bx) - r - x0) / step))
        u1 = min(nx - 1, math.floor((max(ax, bx) + r - x0) / step))
        v0 = max(0, math.ceil((min(ay, by) - r - y0) / step))
        v1 = min(ny - 1, math.floor((max(ay, by) + r - y0) / step))
        lim = (r - 1e-6) * (r - 1e-6)
        near = 0.5625 * step * step if len(core) > 0 else -1.0
        for v in range(v0, v1 + 1):
            for u in range(u0, u1 + 1):
                k = v * nx + u
                if mark[k] == token + 1:
                    continue
                d = segment_distance2(x0 + u * step, y0 + v * step, ax, ay, bx, by)
                if d < lim and mark[k] < token:
                    mark[k] = token
                    occ[k] += sign
                    total[k] += sign * net
                if d < near:
                    mark[k] = token + 1
                    core[k] += sign


@njit(cache=True)
def heap_push(hf: np.ndarray, hk: np.ndarray, n: int, f: float, k: int) -> int:
    """Push (f, k) on a binary heap of n entries; gives the new size."""
    i = n
    while i > 0:
        p = (i - 1) >> 1
        if hf[p] <= f:
            break
        hf[i], hk[i] = hf[p], hk[p]
        i = p
    hf[i], hk[i] = f, k
    return n + 1


@njit(cache=True)
def heap_pop(hf: np.ndarray, hk: np.ndarray, n: int) -> int:
    """Remove the top of a binary heap of n entries; gives the new size."""
    n -= 1
    f, k = hf[n], hk[n]
    i = 0
    while True:
        c = 2 * i + 1
        if c >= n:
            break
        if c + 1 < n and hf[c + 1] < hf[c]:
            c += 1
        if hf[c] >= f:
            break
        hf[i], hk[i] = hf[c], hk[c]
        i = c
    hf[i], hk[i] = f, k
    return n


@njit(cache=True)
def octile(dx: float, dy: float) -> float:
    """Shortest length over 0, 45 and 90 degree moves."""
    ax, ay = abs(dx), abs(dy)
    return max(ax, ay) + 0.41421356237309503 * min(ax, ay)


@njit(cache=True)
def nearest_goal(x: float, y: float, goals: np.ndarray) -> float:
    """Octile distance in steps to the nearest goal centre (n, 2)."""
    best = 1e300
    for i in range(len(goals)):
        best = min(best, octile(x - goals[i, 0], y - goals[i, 1]))
    return best


@njit(cache=True)
def search(
    shape: np.ndarray,  # nx, u0, v0, u1, v1: row length and the window searched
    owner: np.ndarray,
    occ: np.ndarray,
    total: np.ndarray,
    core: np.ndarray,  # wires whose centre line runs by each node
    history: np.ndarray,
    pair: np.ndarray,  # (nets,) dislike of crossing each other net
    net: int,
    price: np.ndarray,  # of a step too near a wire, of crossing a wire; weight of the distance to go
    seeds: np.ndarray,  # nodes of the tree
    seed_cost: np.ndarray,
    ends: np.ndarray,  # nodes at the goals
    end_cost: np.ndarray,
    goals: np.ndarray,  # goal centres in steps (n, 2)
    g: np.ndarray,
    came: np.ndarray,
    seen: np.ndarray,
    end_of: np.ndarray,
    token: int,
) -> tuple[np.ndarray, float]:
    """Cheapest node path from the tree to the nearest goal, and its cost; empty if there is none.

    price[0] < 0: nodes that other wires deny are closed.
    """
    present, cross, weight = price[0], price[1], price[2]
    nx, u0, v0, u1, v1 = shape[0], shape[1], shape[2], shape[3], shape[4]
    hf = np.empty(4096, np.float32)
    hk = np.empty(4096, np.int64)
    n = 0
    for i in range(len(ends)):
        end_of[ends[i]] = i + 1
    for i in range(len(seeds)):
        k = seeds[i]
        if seen[k] != token or seed_cost[i] < g[k]:
            seen[k], g[k], came[k] = token, seed_cost[i], -1
            if n + 16 > len(hf):
                hf = np.concatenate((hf, np.empty_like(hf)))
                hk = np.concatenate((hk, np.empty_like(hk)))
            n = heap_push(hf, hk, n, seed_cost[i] + weight * nearest_goal(k % nx, k // nx, goals), k)
    best, last = 1e30, -1
    while n > 0 and hf[0] < best:
        k = hk[0]
        f = hf[0]
        n = heap_pop(hf, hk, n)
        u, v = k % nx, k // nx
        if f > g[k] + weight * nearest_goal(u, v, goals) + 1e-2:
            continue
        if end_of[k] > 0 and g[k] + end_cost[end_of[k] - 1] < best:
            best, last = g[k] + end_cost[end_of[k] - 1], k
        if n + 16 > len(hf):
            hf = np.concatenate((hf, np.empty_like(hf)))
            hk = np.concatenate((hk, np.empty_like(hk)))
        for d in range(8):
            uu, vv = u + _DX[d], v + _DY[d]
            if uu < u0 or uu > u1 or vv < v0 or vv > v1:
                continue
            q = vv * nx + uu
            if owner[q] != FREE and owner[q] != net:
                continue
            dislike = history[q]
            o = occ[q]
            if o > 0:
                if present < 0.0:
                    continue
                dislike += present * o
                if core[q] > 0:
                    dislike += cross * core[q]
                    if o == 1:
                        dislike += pair[total[q]]
            length = 1.0 if d % 2 == 0 else 1.4142135623730951
            cost = g[k] + length * (1.0 + dislike)
            if seen[q] != token or cost < g[q] - 1e-3:
                seen[q], g[q], came[q] = token, cost, d
                n = heap_push(hf, hk, n, cost + weight * nearest_goal(uu, vv, goals), q)
    for i in range(len(ends)):
        end_of[ends[i]] = 0
    if last < 0:
        return np.empty(0, np.int64), best
    count, k = 1, last
    while came[k] >= 0:
        k = k - _DX[came[k]] - _DY[came[k]] * nx
        count += 1
    path = np.empty(count, np.int64)
    k = last
    for i in range(count - 1, -1, -1):
        path[i] = k
        if came[k] >= 0:
            k = k - _DX[came[k]] - _DY[came[k]] * nx
    return path, best
