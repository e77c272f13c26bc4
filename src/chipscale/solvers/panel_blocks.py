"""Thousands of panels: near blocks of the potential's matrix as they are, far ones as products of thin matrices."""

from __future__ import annotations

import math
import os
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.block_products import add_far, add_near, invert
from chipscale.solvers.layered_images import Images
from chipscale.solvers.panel_potential import Panels, cross_block, fill_block

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Range = tuple[int, int]
_APART = 0.6  # clusters this far apart, of the smaller one's size, are far
_LEAF = 48  # panels of a cluster that is not halved
_GROUP = 1024  # panels of one conductor whose block is inverted
_LEFT_OUT_RATIO = 1e-2  # of what the window leaves out, this much may be wrong
_MOST_RANK = 60


class Cluster(NamedTuple):
    """Panels start:stop of the sorted order, the box (2, 3) around their corners, its diagonal, its halves, if any."""

    start: int
    stop: int
    box: Array
    size: float
    halves: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The matrix of potentials (times 4 pi eps0) of sorted panels, and where each of them was.

    near: (rows, columns, block); far: (rows, columns, left (r, m), right (r, n)), whose block is left.T right, and its
    transpose that of the columns with the rows; beyond: (rows, columns) of far blocks left out because they are
    farther apart than the window. groups: panels of one conductor each.
    """

    panels: Panels
    order: Ints
    near: list[tuple[Range, Range, Array]] = field(default_factory=list)
    far: list[tuple[Range, Range, Array, Array]] = field(default_factory=list)
    beyond: list[tuple[Range, Range]] = field(default_factory=list)
    groups: list[Range] = field(default_factory=list)

    def times(self, x: Array, pool: ThreadPoolExecutor) -> Array:
        """Return the matrix times x (n, c), both in sorted order and single precision."""
        workers = workers_count()
        parts = pool.map(lambda w: self._part(x, w, workers), range(workers))
        return np.asarray(sum(parts))

    def _part(self, x: Array, worker: int, workers: int) -> Array:
        y = np.zeros_like(x)
        for rows, cols, block in self.near[worker::workers]:
            add_near(y, x, block, rows[0], cols[0])
        for rows, cols, left, right in self.far[worker::workers]:
            add_far(y, x, left, right, (rows[0], cols[0]))
        return y

    def inverses(self, pool: ThreadPoolExecutor) -> list[tuple[Range, Array]]:
        """Return the inverses of the blocks of the groups with themselves."""
        wholes = [(rows, np.zeros((rows[1] - rows[0], rows[1] - rows[0]), dtype=np.float32)) for rows in self.groups]
        starts = [rows[0] for rows in self.groups]
        found = [(*item, False) for item in self.near]
        found += [
            (rows, cols, left.T @ right, True) for rows, cols, left, right in self.far if _within(starts, rows, cols)
        ]
        for rows, cols, block, turned in found:
            at = bisect_right(starts, rows[0]) - 1
            (start, stop), whole = wholes[at]
            if rows[1] <= stop and start <= cols[0] and cols[1] <= stop:
                mine = slice(rows[0] - start, rows[1] - start), slice(cols[0] - start, cols[1] - start)
                whole[mine] = block
                if turned:
                    whole[mine[::-1]] = block.T
        list(pool.map(lambda item: invert(item[1]), wholes))
        return wholes

    def left_out(self, x: Array, images: Images) -> Array:
        """Return (c, c) xᵀ E x of the potentials E beyond the window, from thin blocks that are not kept."""
        total = np.zeros((x.shape[1], x.shape[1]))
        for (r0, r1), (c0, c1) in self.beyond:
            most = min(_MOST_RANK, r1 - r0, c1 - c0)
            left, right, rank = cross_block((r0, r1), (c0, c1), self.panels, images, (_LEFT_OUT_RATIO, most))
            rank = most if rank < 0 else rank
            total += (x[r0:r1].T @ left[:rank].T) @ (right[:rank] @ x[c0:c1])
        return total + total.T

    @property
    def stored_count(self) -> int:
        """Numbers held, of n² in the whole matrix."""
        return sum(block.size for _, _, block in self.near) + sum(a.size + b.size for _, _, a, b in self.far)


def blocks(
    panels: Panels,
    images: Images,
    conductor: Ints,
    tolerance_ratio: float = 1e-4,
    window_m: float | None = None,
) -> Blocks:
    """Return the matrix of potentials in O(n log n) numbers.

    Panels are sorted by conductor[j] first, near conductors beside each other, then by where they are.

    Clusters of panels that are farther apart than 0.6 of the smaller one's size see each other through a product of
    thin matrices (adaptive cross approximation, M. Bebendorf, Numer. Math. 86 (2000) 565), stopped when a term is
    below `tolerance_ratio` of the block; what one sees of the other is taken to be what the other sees of it. Of
    these, clusters more than `window_m` apart are left out.
    """
    middle = panels.centre
    boxes = np.stack((panels.corners.min(axis=1), panels.corners.max(axis=1)), axis=1)
    order = np.argsort(_in_order(middle, conductor)[conductor], kind="stable")
    root = _cluster(order, (middle, boxes, conductor), (0, len(order)))
    made = Blocks(panels.chosen(order), order, groups=_groups(root, conductor[order]))
    pairs: list[tuple[Cluster, Cluster, bool]] = []
    _own_pairs(root, window_m, pairs, made.beyond)

    workers = workers_count()
    with ThreadPoolExecutor(workers) as pool:
        parts = pool.map(lambda w: _some(made.panels, images, pairs[w::workers], tolerance_ratio), range(workers))
        for near, far in parts:
            made.near.extend(near)
            made.far.extend(far)
    return made


def _some(
    panels: Panels, images: Images, pairs: list[tuple[Cluster, Cluster, bool]], tolerance_ratio: float
) -> tuple[list[tuple[Range, Range, Array]], list[tuple[Range, Range, Array, Array]]]:
    """Return the near and the far blocks of these pairs; a far one that is not thin is kept whole."""
    near, far = [], []
    for a, b, is_far in pairs:
        rows, cols = (a.start, a.stop), (b.start, b.stop)
        m, n = rows[1] - rows[0], cols[1] - cols[0]
        rank = -1
        if is_far:
            most = min(_MOST_RANK, m * n // (m + n))
            left, right, rank = cross_block(rows, cols, panels, images, (tolerance_ratio, most))
        if rank >= 0:
            far.append((rows, cols, left[:rank].astype(np.float32), right[:rank].astype(np.float32)))
            continue
        for r, c in [(rows, cols)] if rows == cols else [(rows, cols), (cols, rows)]:
            whole = np.empty((r[1] - r[0], c[1] - c[0]))
            fill_block(whole, r, c, panels, images)
            near.append((r, c, whole.astype(np.float32)))
    return near, far


def _within(starts: list[int], rows: Range, cols: Range) -> bool:
    """Tell whether rows and columns begin in the same group."""
    return bisect_right(starts, rows[0]) == bisect_right(starts, cols[0])


def workers_count() -> int:
    """Return how many threads to use."""
    return min(os.cpu_count() or 1, 8)


def _in_order(middle: Array, conductor: Ints) -> Ints:
    """Return the place of every conductor in an order where neighbours are beside each other."""
    count = int(conductor.max()) + 1
    share = np.maximum(np.bincount(conductor, minlength=count), 1)
    at = np.stack([np.bincount(conductor, middle[:, k], count) / share for k in range(3)], axis=1)
    order = np.arange(count)
    _halved(order, at, (0, count))
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    return place


def _halved(order: Ints, at: Array, span: Range) -> None:
    start, stop = span
    if stop - start < 2:
        return
    mine = order[start:stop]
    axis = int(np.argmax(np.ptp(at[mine], axis=0)))
    order[start:stop] = mine[np.argsort(at[mine, axis], kind="stable")]
    half = (start + stop) // 2
    _halved(order, at, (start, half))
    _halved(order, at, (half, stop))


def _cluster(order: Ints, of: tuple[Array, Array, Ints], span: Range) -> Cluster:
    """Sort order[start:stop] into halves, in place, and return the tree; panels of several conductors stay apart."""
    middle, boxes, conductor = of
    start, stop = span
    mine = order[start:stop]
    box = np.stack((boxes[mine, 0].min(axis=0), boxes[mine, 1].max(axis=0)))
    size = float(np.linalg.norm(box[1] - box[0]))
    ends = np.flatnonzero(np.diff(conductor[mine])) + start + 1
    if len(ends):
        half = int(ends[len(ends) // 2])
    elif stop - start <= _LEAF:
        return Cluster(start, stop, box, size, ())
    else:
        axis = int(np.argmax(np.ptp(middle[mine], axis=0)))
        order[start:stop] = mine[np.argsort(middle[mine, axis], kind="stable")]
        half = (start + stop) // 2
    halves = _cluster(order, of, (start, half)), _cluster(order, of, (half, stop))
    return Cluster(start, stop, box, size, halves)


def _groups(cluster: Cluster, conductor: Ints) -> list[Range]:
    """Return the largest clusters of up to _GROUP panels of one conductor, in order; `conductor` is sorted as they."""
    start, stop = cluster.start, cluster.stop
    if not cluster.halves or (stop - start <= _GROUP and conductor[start] == conductor[stop - 1]):
        return [(start, stop)]
    return [part for half in cluster.halves for part in _groups(half, conductor)]


def _own_pairs(
    a: Cluster, window_m: float | None, found: list[tuple[Cluster, Cluster, bool]], beyond: list[tuple[Range, Range]]
) -> None:
    """Add the pairs of clusters within `a`, each once."""
    if not a.halves:
        found.append((a, a, False))
        return
    for half in a.halves:
        _own_pairs(half, window_m, found, beyond)
    _pairs(a.halves[0], a.halves[1], window_m, (found, beyond))


def _pairs(a: Cluster, b: Cluster, window_m: float | None, to: tuple[list[Any], list[Any]]) -> None:
    gap = np.maximum(0.0, np.maximum(a.box[0] - b.box[1], b.box[0] - a.box[1]))
    apart = math.sqrt(gap @ gap)
    if apart > _APART * min(a.size, b.size):
        if window_m is not None and apart > window_m:
            to[1].append(((a.start, a.stop), (b.start, b.stop)))
        else:
            to[0].append((a, b, True))
    elif not a.halves and not b.halves:
        to[0].append((a, b, False))
    elif a.halves and (not b.halves or a.size >= b.size):
        for half in a.halves:
            _pairs(half, b, window_m, to)
    else:
        for half in b.halves:
            _pairs(a, half, window_m, to)
