"""Reading a found way: the path it makes in the sketch and the wires that stand in it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.sketch import Path, Sketch, edge_between, local


def to_path(mesh: Mesh, nodes: npt.NDArray[np.int64]) -> Path:
    """Turn a clean way (no wire crossed) into a path; touched edges and loops are dropped."""
    start, end = int(nodes[0, 1]), int(nodes[-1, 1])
    steps = [(int(e), int(s), int(t)) for kind, e, s, t in nodes[1:-1].tolist() if kind == 1]
    tris = [t for _, _, t in steps] + [int(nodes[-1, 3])]
    crossings = [(e, s) for e, s, _ in steps]
    changed = True
    while changed:
        changed = False
        for i in range(len(crossings)):  # touched, not crossed
            if tris[i] == tris[i + 1]:
                del crossings[i], tris[i]
                changed = True
                break
        seen: dict[tuple[int, int], int] = {}
        for i, c in enumerate(crossings):
            if c in seen:
                k = seen[c]
                same = tris[k] == tris[i]
                lo, hi = (k + 1, i + 1) if same else (k, i + 1)
                del crossings[lo:hi]
                del tris[lo:hi]
                changed = True
                break
            seen[c] = i
    return Path(
        start,
        end,
        np.array([e for e, _ in crossings], dtype=np.int64),
        np.array([s for _, s in crossings], dtype=np.int64),
        np.array(tris if crossings else [], dtype=np.int64),
    )


def crossed_wires(mesh: Mesh, sketch: Sketch, net: int, nodes: npt.NDArray[np.int64]) -> list[int]:
    """Return the wires that stand in the way of a found way, each once, sorted."""
    hit: set[int] = set()
    rows = nodes.tolist()
    for i, (kind, a, s, t) in enumerate(rows):
        if kind == 1:
            if sketch.ewire[a] >= 0:
                hit.add(int(sketch.ewire[a]))
            if t < 0 and i > 0 and rows[i - 1][0] == 1:
                hit.add(int(sketch.order[a, min(s, rows[i - 1][2])]))
    if len(rows) == 2:
        _direct(mesh, sketch, net, rows, hit)
        return sorted(hit)
    for row, t, first in ((rows[0], rows[1][3], True), (rows[-1], rows[-1][3], False)):
        j = int(local(mesh.tv[t], row[1]))
        _around(mesh, sketch, int(t), j, hit)
        if first:
            for k in ((j + 1) % 3, (j + 2) % 3):
                n, k2 = int(sketch.tend[t, k]), (k + 1) % 3
                f, c = int(mesh.te[t, k]), int(sketch.corner[t, k2])
                row_f = sketch.order[f, : sketch.count[f]].tolist()
                if mesh.ends[f, 0] != mesh.tv[t, k2]:
                    row_f.reverse()
                hit.update(row_f[c : c + n])
    return sorted(hit)


def _around(mesh: Mesh, sketch: Sketch, t: int, j: int, hit: set[int]) -> None:
    n = int(sketch.corner[t, j])
    f = int(mesh.te[t, (j + 1) % 3])
    row = sketch.order[f, : sketch.count[f]].tolist()
    if mesh.ends[f, 0] != mesh.tv[t, j]:
        row.reverse()
    hit.update(row[:n])


def _direct(mesh: Mesh, sketch: Sketch, net: int, rows: list[list[int]], hit: set[int]) -> None:
    e = edge_between(mesh, rows[0][1], rows[1][1])
    hit.update(sketch.order[e, : sketch.count[e]].tolist())
    w = int(sketch.ewire[e])
    if w >= 0 and sketch.wnet[w] != net:
        hit.add(w)
