"""Thousands of panels: near blocks of the potential's matrix as they are, far ones as products of thin matrices."""

from __future__ import annotations

import os
from bisect import bisect_right
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.solvers.layered_images import Images
from chipscale.solvers.panel_potential import Panels, cross_block, fill_block

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Range = tuple[int, int]
_APART = 0.6  # clusters this far apart, of the smaller one's size, are far
_LEAF = 48  # panels of a cluster that is not halved
_GROUP = 512  # panels whose block is inverted
_LEFT_OUT_RATIO = 1e-2  # of what the window leaves out, this much may be wrong
_MOST_RANK = 60


class Cluster(NamedTuple):
    """Panels start:stop of the sorted order, the box (2, 3) around their corners, and its halves, if any."""

    start: int
    stop: int
    box: Array
    halves: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The matrix of potentials (times 4 pi eps0) of sorted panels, and where each of them was.

    near: (rows, columns, block); far: (rows, columns, left (m, r), right (r, n)); beyond: (rows, columns) of far
    blocks left out because they are farther apart than the window.
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
        for (r0, r1), (c0, c1), block in self.near[worker::workers]:
            y[r0:r1] += block @ x[c0:c1]
        for (r0, r1), (c0, c1), left, right in self.far[worker::workers]:
            y[r0:r1] += left @ (right @ x[c0:c1])
        return y

    def inverses(self) -> list[tuple[Range, Array]]:
        """Return the inverses of the blocks of clusters of up to 512 panels with themselves."""
        wholes = [(rows, np.zeros((rows[1] - rows[0], rows[1] - rows[0]), dtype=np.float32)) for rows in self.groups]
        starts = [rows[0] for rows in self.groups]
        for rows, cols, *parts in (*self.near, *self.far):
            (start, stop), whole = wholes[bisect_right(starts, rows[0]) - 1]
            if rows[1] <= stop and start <= cols[0] and cols[1] <= stop:
                block = parts[0] if len(parts) == 1 else parts[0] @ parts[1]
                whole[rows[0] - start : rows[1] - start, cols[0] - start : cols[1] - start] = block
        return [(rows, np.linalg.inv(whole)) for rows, whole in wholes]

    def left_out(self, x: Array, images: Images) -> Array:
        """Return (c, c) xᵀ E x of the potentials E beyond the window, from thin blocks that are not kept."""
        total = np.zeros((x.shape[1], x.shape[1]))
        for (r0, r1), (c0, c1) in self.beyond:
            most = min(_MOST_RANK, r1 - r0, c1 - c0)
            left, right, rank = cross_block((r0, r1), (c0, c1), self.panels, images, (_LEFT_OUT_RATIO, most))
            rank = most if rank < 0 else rank
            total += (x[r0:r1].T @ left[:, :rank]) @ (right[:rank] @ x[c0:c1])
        return total

    @property
    def stored_count(self) -> int:
        """Numbers held, of n² in the whole matrix."""
        return sum(block.size for _, _, block in self.near) + sum(a.size + b.size for _, _, a, b in self.far)


def blocks(panels: Panels, images: Images, tolerance_ratio: float = 1e-4, window_m: float | None = None) -> Blocks:
    """Return the matrix of potentials in O(n log n) numbers.

    Clusters of panels that are farther apart than 0.6 of the smaller one's size see each other through a product of
    thin matrices (adaptive cross approximation, M. Bebendorf, Numer. Math. 86 (2000) 565), stopped when a term is
    below `tolerance_ratio` of the block. Of these, clusters more than `window_m` apart are left out.
    """
    order = np.arange(len(panels.area))
    middle = panels.centre
    boxes = np.stack((panels.corners.min(axis=1), panels.corners.max(axis=1)), axis=1)
    root = _cluster(order, middle, boxes, (0, len(order)))
    made = Blocks(panels.chosen(order), order, groups=_groups(root))
    pairs: list[tuple[Cluster, Cluster, bool]] = []
    _pairs(root, root, window_m, pairs, made.beyond)

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
            far.append((rows, cols, left[:, :rank].astype(np.float32), right[:rank].astype(np.float32)))
        else:
            whole = np.empty((m, n))
            fill_block(whole, rows, cols, panels, images)
            near.append((rows, cols, whole.astype(np.float32)))
    return near, far


def workers_count() -> int:
    """Return how many threads to use."""
    return min(os.cpu_count() or 1, 8)


def _cluster(order: Ints, middle: Array, boxes: Array, span: Range) -> Cluster:
    """Sort order[start:stop] into halves, in place, and return the tree."""
    start, stop = span
    mine = order[start:stop]
    box = np.stack((boxes[mine, 0].min(axis=0), boxes[mine, 1].max(axis=0)))
    if stop - start <= _LEAF:
        return Cluster(start, stop, box, ())
    axis = int(np.argmax(np.ptp(middle[mine], axis=0)))
    order[start:stop] = mine[np.argsort(middle[mine, axis], kind="stable")]
    half = (start + stop) // 2
    halves = _cluster(order, middle, boxes, (start, half)), _cluster(order, middle, boxes, (half, stop))
    return Cluster(start, stop, box, halves)


def _groups(cluster: Cluster) -> list[Range]:
    """Return the largest clusters of up to _GROUP panels, in order."""
    if cluster.stop - cluster.start <= _GROUP or not cluster.halves:
        return [(cluster.start, cluster.stop)]
    return [part for half in cluster.halves for part in _groups(half)]


def _pairs(
    a: Cluster, b: Cluster, window_m: float | None, found: list[tuple[Cluster, Cluster, bool]], beyond: list[Any]
) -> None:
    gap = np.maximum(0.0, np.maximum(a.box[0] - b.box[1], b.box[0] - a.box[1]))
    apart = float(np.linalg.norm(gap))
    size_a, size_b = (float(np.linalg.norm(c.box[1] - c.box[0])) for c in (a, b))
    if apart > _APART * min(size_a, size_b):
        if window_m is not None and apart > window_m:
            beyond.append(((a.start, a.stop), (b.start, b.stop)))
        else:
            found.append((a, b, True))
    elif not a.halves and not b.halves:
        found.append((a, b, False))
    elif a.halves and (not b.halves or size_a >= size_b):
        for half in a.halves:
            _pairs(half, b, window_m, found, beyond)
    else:
        for half in b.halves:
            _pairs(a, half, window_m, found, beyond)
