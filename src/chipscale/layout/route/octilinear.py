"""Wires in multiples of 45° only: each taut wire is replaced by the shortest way over tangent tracks near it."""

from __future__ import annotations

import heapq
import logging

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from chipscale.layout.route.clearance import point_segment, segment_slack
from chipscale.layout.route.legalise import EPS_UM, legalise, scene_of, wire_slack
from chipscale.layout.route.realise import clean
from chipscale.layout.route.shapes import Nets, Shapes
from chipscale.layout.route.shorten import around

log = logging.getLogger(__name__)
Points = npt.NDArray[np.float64]
ROOT = np.sqrt(0.5)
DIRECTIONS = np.array([[1, 0], [ROOT, ROOT], [0, 1], [-ROOT, ROOT]], dtype=np.float64)
NORMALS = np.array([[0, 1], [-ROOT, ROOT], [-1, 0], [-ROOT, -ROOT]], dtype=np.float64)
YIELDS = (0.0, 0.1, 0.3, 0.6, 1.2)  # by how many spaces a wire not yet converted may be pushed
TURNS = 1  # each further turn begins with the wires that failed
FREED = 2  # how often a converted wire may be made free again for one that finds no way
SPOTS = 48  # features nearest to a wire that get tangent tracks
OWN_UM = 1e-3
OWN_FACTOR = 0.02  # price of running on metal of the own net
BEND_WIDTHS = 0.35  # price of a 45° bend in wire widths


@njit(cache=True)
def _on_own(a, b, own):  # type: ignore[no-untyped-def]
    """Tell whether both points lie on one and the same segment of own (n, 4)."""
    for i in range(len(own)):
        c = own[i]
        if (
            point_segment(a[0], a[1], c[0], c[1], c[2], c[3])[0] < OWN_UM
            and point_segment(b[0], b[1], c[0], c[1], c[2], c[3])[0] < OWN_UM
        ):
            return True
    return False


@njit(cache=True)
def _way(xy, nb, start, end, job, hard, soft, own, nets):  # type: ignore[no-untyped-def]
    """Return the cheapest legal node list from start to end; nb (n, 8) neighbours by direction; empty if none."""
    net, bend, give = job
    n = len(xy)
    size = n * 9  # state: node and the direction it was reached by (8: none)
    dist = np.full(size, np.inf)
    pred = np.full(size, -1, dtype=np.int64)
    done = np.zeros(size, dtype=np.bool_)
    ok = np.full((n, 8), -1, dtype=np.int8)
    heap = [(0.0, start * 9 + 8)]
    dist[start * 9 + 8] = 0.0
    goal = -1
    while len(heap) > 0:
        _, s = heapq.heappop(heap)
        if done[s]:
            continue
        done[s] = True
        i, d = s // 9, s % 9
        if i == end:
            goal = s
            break
        for k in range(8):
            j = nb[i, k]
            if j < 0:
                continue
            price = 0.0
            if d != 8 and k != d:
                turn = abs(k - d)
                turn = min(turn, 8 - turn)
                if turn > 2:
                    continue
                price = bend * (1.0 if turn == 1 else 2.5)
            if done[j * 9 + k]:
                continue
            if ok[i, k] < 0:
                seg = (xy[i, 0], xy[i, 1], xy[j, 0], xy[j, 1])
                free = segment_slack(seg, net, hard, nets, 0.0) >= 0.0
                if free and len(soft[1]) > 0:
                    free = segment_slack(seg, net, soft, nets, -give) >= 0.0
                ok[i, k] = 1 if free else 0
                ok[j, (k + 4) % 8] = ok[i, k]
            if ok[i, k] == 0:
                continue
            size_ij = np.hypot(xy[j, 0] - xy[i, 0], xy[j, 1] - xy[i, 1])
            if len(own) > 0 and _on_own(xy[i], xy[j], own):
                size_ij *= OWN_FACTOR
            value = dist[s] + price + size_ij
            t = j * 9 + k
            if value < dist[t] - 1e-9:
                dist[t] = value
                pred[t] = s
                rest = np.hypot(xy[end, 0] - xy[j, 0], xy[end, 1] - xy[j, 1])
                heapq.heappush(heap, (value + rest * (OWN_FACTOR if len(own) > 0 else 1.0), t))
    out = np.empty(0, dtype=np.int64)
    if goal < 0:
        return out
    count, s = 0, goal
    while s >= 0:
        count += 1
        s = pred[s]
    out = np.empty(count, dtype=np.int64)
    s = goal
    for q in range(count - 1, -1, -1):
        out[q] = s // 9
        s = pred[s]
    return out


def _offsets(points: Points, scenes: tuple, job: tuple[int, Nets, float]) -> list[npt.NDArray[np.float64]]:  # type: ignore[type-arg]
    """Return per direction the offsets of all tracks: through the wire's points, tangent to what is near."""
    net, nets, reach = job
    spots, radii = [points], [np.zeros(len(points))]
    shapes = scenes[0][0]
    space = np.maximum(shapes.clear, np.where(shapes.net == -2, 0.0, nets.space[net]))
    need = shapes.radius + space + 0.5 * nets.width[net] + EPS_UM
    for cols in ((0, 1), (2, 3)):
        spots.append(shapes.seg[:, cols])
        radii.append(need)
    for part in scenes:
        other = part[2] != net
        scene = (part[0], part[1][other], part[2][other])
        gap = np.maximum(nets.space[scene[2]], nets.space[net]) + 0.5 * (nets.width[scene[2]] + nets.width[net])
        for cols in ((0, 1), (2, 3)):
            spots.append(scene[1][:, cols])
            radii.append(gap + EPS_UM)
    for own in scenes[0][1][scenes[0][2] == net].reshape(-1, 2, 2):
        spots.append(own)
        radii.append(np.zeros(2))
    all_spots = np.unique(np.column_stack([*np.vstack(spots).T, np.concatenate(radii)]).round(6), axis=0)
    xy, r = all_spots[:, :2], all_spots[:, 2]
    a, d = points[:-1], np.diff(points, axis=0)
    t = np.clip(((xy[:, None] - a) * d).sum(axis=2) / np.maximum((d * d).sum(axis=1), 1e-12), 0, 1)
    gap_to_wire = np.hypot(*(a + t[..., None] * d - xy[:, None]).transpose(2, 0, 1)).min(axis=1)
    rank = gap_to_wire - r
    keep = np.argsort(rank, kind="stable")
    keep = keep[rank[keep] < reach][:SPOTS]
    out = []
    for k in range(4):
        mid = xy[keep] @ NORMALS[k]
        far = np.maximum(r[keep], gap_to_wire[keep] + EPS_UM)  # leaves the room the wires in between take now
        both = np.concatenate([mid + r[keep], mid - r[keep], mid + far, mid - far])
        own = points[[0, -1]] @ NORMALS[k]
        both = np.unique(np.concatenate([np.round(both, 3)]))
        both = both[np.abs(both[:, None] - own).min(axis=1) > 2e-3]
        out.append(np.sort(np.concatenate([both, np.unique(own)])))
    return out


def _graph(
    points: Points, offsets: list[npt.NDArray[np.float64]], reach: float
) -> tuple[Points, npt.NDArray[np.int64]]:
    """Return (nodes (n, 2), neighbours (n, 8)): where tracks cross near the wire; its ends are nodes 0 and 1."""
    nodes: list[Points] = [points[[0, -1]]]
    for i in range(4):
        for j in range(i + 1, 4):
            m = np.linalg.inv(np.array([NORMALS[i], NORMALS[j]]))
            c = np.stack(np.meshgrid(offsets[i], offsets[j], indexing="ij"), axis=-1).reshape(-1, 2)
            nodes.append(c @ m.T)
    xy = np.vstack(nodes)
    a, d = points[:-1], np.diff(points, axis=0)
    box = np.all((xy >= points.min(axis=0) - reach) & (xy <= points.max(axis=0) + reach), axis=1)
    xy = xy[box]
    t = np.clip(((xy[:, None] - a) * d).sum(axis=2) / np.maximum((d * d).sum(axis=1), 1e-12), 0, 1)
    near = np.hypot(*(a + t[..., None] * d - xy[:, None]).transpose(2, 0, 1)).min(axis=1) <= reach
    near[:2] = True
    xy = xy[near]
    _, first = np.unique(np.round(xy, 5), axis=0, return_index=True)
    keep = np.concatenate([[0, 1], np.sort(first[first > 1])])
    xy = xy[keep]
    nb = np.full((len(xy), 8), -1, dtype=np.int64)
    for k in range(4):
        c = xy @ NORMALS[k]
        at = np.clip(np.searchsorted(offsets[k], c), 0, len(offsets[k]) - 1)
        at = np.where((at > 0) & (np.abs(offsets[k][at - 1] - c) < np.abs(offsets[k][at] - c)), at - 1, at)
        on = np.nonzero(np.abs(offsets[k][at] - c) < 1e-6)[0]
        along = xy[on] @ DIRECTIONS[k]
        order = on[np.lexsort((along, at[on]))]
        same = at[order[:-1]] == at[order[1:]]
        nb[order[:-1][same], k] = order[1:][same]
        nb[order[1:][same], k + 4] = order[:-1][same]
    return xy, nb


def _convert(lines: dict[int, Points], wire: int, fixed: set[int], world: tuple, give: float) -> Points | None:  # type: ignore[type-arg]
    """Return one wire's octilinear way, legal to all that is fixed and `give` µm lax to the rest; None if none."""
    shapes, nets, wnet, reach = world
    p = lines[wire]
    net = int(wnet[wire])
    seg, wn, _, wires = scene_of(lines, wnet, shapes)[1:]
    local = around(p, wire, (shapes, seg, wn, wires), 2 * reach)
    is_fixed = np.isin(wires, sorted(fixed))
    hard = around(p, wire, (shapes, seg[is_fixed], wn[is_fixed], wires[is_fixed]), 2 * reach)
    soft = around(p, wire, (shapes, seg[~is_fixed], wn[~is_fixed], wires[~is_fixed]), 2 * reach)
    none = Shapes(*(a[:0] for a in local[0]))
    soft = (none, *soft[1:])
    mine = is_fixed & (wn == net) & (wires != wire)
    own = np.ascontiguousarray(seg[mine])
    offsets = _offsets(p, (hard, soft), (net, nets, reach))
    xy, nb = _graph(p, offsets, reach)
    job = (net, BEND_WIDTHS * float(nets.width[net]), give)
    way = _way(xy, nb, 0, 1, job, hard, soft, own, nets)
    return clean(xy[way], 1e-6) if len(way) else None


def octilinear(
    lines: dict[int, Points], wnet: npt.NDArray[np.int64], shapes: Shapes, nets: Nets
) -> tuple[dict[int, Points], list[int]]:
    """Return (wires at multiples of 45°, wires for which none was found and which are left out).

    Wires are replaced one by one, long ones first; those still any-angle are pushed aside where it helps. For a wire
    that finds no way its converted neighbours are made free to be pushed again, and are replaced later.
    """
    world = (shapes, nets, wnet, float(np.max(nets.width + nets.space)))
    order = sorted(lines, key=lambda w: (-float(np.hypot(*np.diff(lines[w], axis=0).T).sum()), w))
    best: tuple[dict[int, Points], list[int]] | None = None
    for _ in range(TURNS):
        found, failed = _turn(lines, order, world)
        if best is None or len(failed) < len(best[1]):
            best = found, failed
        if not failed:
            break
        order = failed + [w for w in order if w not in failed]
    assert best is not None
    return best


def _turn(lines: dict[int, Points], order: list[int], world: tuple) -> tuple[dict[int, Points], list[int]]:  # type: ignore[type-arg]
    """Replace the wires in the given order; return the wires and those that found no way."""
    queue = list(order)
    lines = dict(lines)
    fixed: set[int] = set()
    failed: list[int] = []
    freed = dict.fromkeys(lines, 0)
    while queue:
        w = queue.pop(0)
        step = _step(lines, w, fixed, world)
        if step is None:
            loose = {k for k in _beside(lines, w, world) & fixed if freed[k] < FREED}
            step = _step(lines, w, fixed - loose, world) if loose else None
            if step is not None:
                fixed -= loose
                queue += sorted(loose)
                for k in loose:
                    freed[k] += 1
        if step is None:
            failed.append(w)
            continue
        lines = step
        fixed.add(w)
    for w in failed:
        del lines[w]
    log.debug("octilinear: %d wires, %d failed", len(lines), len(failed))
    return lines, failed


def _beside(lines: dict[int, Points], w: int, world: tuple) -> set[int]:  # type: ignore[type-arg]
    """Return the wires of other nets that run close to wire w."""
    shapes, _, wnet, pitch = world
    seg, wn, _, wires = scene_of(lines, wnet, shapes)[1:]
    out = set()
    a = lines[w]
    for i in np.nonzero(wn != wnet[w])[0].tolist():
        b = seg[i].reshape(2, 2)
        if np.any(a.min(axis=0) > b.max(axis=0) + 1.3 * pitch) or np.any(a.max(axis=0) < b.min(axis=0) - 1.3 * pitch):
            continue
        if shapely.LineString(a).distance(shapely.LineString(b)) < 1.3 * pitch:
            out.add(int(wires[i]))
    return out


def _step(lines: dict[int, Points], w: int, fixed: set[int], world: tuple) -> dict[int, Points] | None:  # type: ignore[type-arg]
    """Return all wires after converting wire w, None if it finds no way that leaves the others one."""
    shapes, nets, wnet, pitch = world
    for give in YIELDS:
        line = None
        for reach in (1.5 * pitch, 4 * pitch):
            lax = give * float(nets.space[int(wnet[w])])
            line = _convert(lines, w, fixed, (shapes, nets, wnet, reach), lax)
            if line is not None:
                break
        if line is None:
            continue
        trial = {**lines, w: line}
        if give == 0:
            return trial
        trial = legalise(trial, wnet, shapes, nets, frozen=frozenset(fixed | {w}))
        if min(wire_slack(trial, wnet, shapes, nets).values()) >= 0:
            return trial
    return None
