"""Nets of several terminals: wires of one net end on each other where that is shorter, and branch points settle."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.clearance import segment_slack
from chipscale.layout.route.legalise import divide, scene_of
from chipscale.layout.route.realise import clean
from chipscale.layout.route.shapes import Nets, Shapes
from chipscale.layout.route.shorten import around, pull, skip

Points = npt.NDArray[np.float64]
GAIN_UM = 1.0


@dataclass(slots=True)
class Tree:
    """Wires with the nodes they join: node >= 0 a group of terminals (numbered over all nets), < 0 a branch point."""

    lines: dict[int, Points]
    wnet: npt.NDArray[np.int64]
    ends: dict[int, tuple[int, int]]
    groups: list[list[list[int]]]
    branches: int = 0
    _where: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        k = 0
        for net in self.groups:
            for group in net:
                for v in group:
                    self._where[v] = k
                k += 1
        self.ends = {w: (self._where[a], self._where[b]) for w, (a, b) in self.ends.items()}

    def of_net(self, net: int) -> list[int]:
        """Return a net's wires, sorted."""
        return sorted(w for w in self.lines if self.wnet[w] == net)

    def side(self, net: int, without: int, node: int) -> list[int]:
        """Return the wires of a net joined to a node when one wire is taken away."""
        reached, found = {node}, set()
        grown = True
        while grown:
            grown = False
            for w in self.of_net(net):
                if w != without and w not in found and (self.ends[w][0] in reached or self.ends[w][1] in reached):
                    found.add(w)
                    reached.update(self.ends[w])
                    grown = True
        return sorted(found)

    def split(self, wire: int, k: int, spot: Points) -> int:
        """Cut a wire at a point on its segment k; return the new branch node."""
        self.branches += 1
        node = -self.branches
        p = self.lines[wire]
        a, b = self.ends[wire]
        new = len(self.wnet)
        self.wnet = np.append(self.wnet, self.wnet[wire])
        self.lines[wire], self.ends[wire] = clean(np.vstack([p[: k + 1], spot]), 1e-12), (a, node)
        self.lines[new], self.ends[new] = clean(np.vstack([spot, p[k + 1 :]]), 1e-12), (node, b)
        return node


def _length(p: Points) -> float:
    return float(np.hypot(*np.diff(p, axis=0).T).sum())


def _scene(tree: Tree, wire: int, points: Points, world: tuple[Shapes, Nets]):  # type: ignore[no-untyped-def]
    shapes, nets = world
    reach = float(nets.width.max() + nets.space.max()) + 5.0
    seg, wn, _, wires = scene_of(tree.lines, tree.wnet, shapes)[1:]
    return around(points, wire, (shapes, seg, wn, wires), reach)


def _nearest(points: Points, seg: Points) -> tuple[Points, npt.NDArray[np.int64], Points]:
    """Return (distance (n,), segment (n,), foot (n, 2)) from points (n, 2) to segments (m, 4)."""
    a, d = seg[:, :2], seg[:, 2:] - seg[:, :2]
    q = np.maximum((d * d).sum(axis=1), 1e-12)
    t = np.clip(((points[:, None] - a) * d).sum(axis=2) / q, 0.0, 1.0)
    foot = a + t[..., None] * d
    dist = np.hypot(*(foot - points[:, None]).transpose(2, 0, 1))
    k = np.argmin(dist, axis=1)
    rows = np.arange(len(points))
    return dist[rows, k], k, foot[rows, k]


def _try_early(tree: Tree, wire: int, world: tuple[Shapes, Nets]) -> bool:
    """Let a wire end early on metal of its own net beyond, or start late; True if it got shorter."""
    net = int(tree.wnet[wire])
    best: tuple[float, bool, Points, int, int, Points] | None = None
    old = _length(tree.lines[wire])
    for back in (False, True):
        p = tree.lines[wire][::-1] if back else tree.lines[wire]
        far = tree.ends[wire][0 if back else 1]
        others = tree.side(net, wire, far)
        if not others:
            continue
        seg = np.vstack([np.hstack([tree.lines[w][:-1], tree.lines[w][1:]]) for w in others])
        owner = np.concatenate([np.full(len(tree.lines[w]) - 1, w) for w in others])
        index = np.concatenate([np.arange(len(tree.lines[w]) - 1) for w in others])
        fine = divide(p, max(8.0, float(world[1].width[net])))
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
        dist, k, foot = _nearest(fine, seg)
        scene = None
        for i in np.argsort(along + dist, kind="stable")[:40]:
            value = float(along[i] + dist[i])
            if value > old - GAIN_UM or (best is not None and value > best[0] - 1e-6):
                break
            scene = scene or _scene(tree, wire, np.vstack([p, foot]), world)
            if dist[i] > 1e-9:
                cut = (fine[i, 0], fine[i, 1], foot[i, 0], foot[i, 1])
                if segment_slack(cut, net, scene, world[1], 0.0) < 0:
                    continue
            line = clean(np.vstack([fine[: i + 1], foot[i][None]]), 1e-12)
            best = (value, back, line, int(owner[k[i]]), int(index[k[i]]), foot[i])
            break
    if best is None:
        return False
    _, back, line, other, k, spot = best
    p = tree.lines[other]
    if np.hypot(*(spot - p[0])) < 1e-6:
        node = tree.ends[other][0]
    elif np.hypot(*(spot - p[-1])) < 1e-6:
        node = tree.ends[other][1]
    else:
        node = tree.split(other, k, spot[None])
    near = tree.ends[wire][1 if back else 0]
    if len(line) < 2 or _length(line) < 1e-6:
        return False
    tree.lines[wire], tree.ends[wire] = line, (near, node)
    return True


def _settle_branch(tree: Tree, node: int, world: tuple[Shapes, Nets]) -> float:
    """Move a branch point to where its wires are shortest together; return the gain in µm."""
    wires = sorted(w for w in tree.lines if node in tree.ends[w])
    if len(wires) < 2:
        return 0.0
    net = int(tree.wnet[wires[0]])

    def to_node(w: int) -> Points:
        return tree.lines[w] if tree.ends[w][1] == node else tree.lines[w][::-1]

    arms = {w: to_node(w) for w in wires}
    spot = arms[wires[0]][-1].copy()
    scenes = {w: _scene(tree, w, np.vstack([arms[w], spot[None] + 200.0, spot[None] - 200.0]), world) for w in wires}
    gain = 0.0
    step = 64.0
    while step > 0.3:
        here = sum(float(np.hypot(*(arms[w][-2] - spot))) for w in wires)
        best, pick = here - 1e-3, None
        for k in range(16):
            q = spot + step * np.array([np.cos(k * np.pi / 8), np.sin(k * np.pi / 8)])
            size = sum(float(np.hypot(*(arms[w][-2] - q))) for w in wires)
            if size < best and all(
                segment_slack((arms[w][-2, 0], arms[w][-2, 1], q[0], q[1]), net, scenes[w], world[1], 0.0) >= 0
                for w in wires
            ):
                best, pick = size, q
        if pick is None:
            step *= 0.5
            continue
        gain += here - best
        spot = pick
    for w in wires:
        line = np.vstack([arms[w][:-1], spot[None]])
        line = line if tree.ends[w][1] == node else line[::-1].copy()
        scene = _scene(tree, w, line, world)
        pulled = pull(skip(line, net, scene, world[1], 0.0), net, scene, world[1], 0.0, 12)
        tree.lines[w] = clean(pulled, 1e-12)
    return gain


def join_trees(tree: Tree, shapes: Shapes, nets: Nets, passes: int = 4) -> None:
    """Shorten all nets with more than one wire by branch points; legal wires stay legal."""
    world = (shapes, nets)
    counts = np.bincount(tree.wnet[sorted(tree.lines)], minlength=len(nets.width)) if tree.lines else np.zeros(0)
    for net in np.nonzero(counts > 1)[0].tolist():
        for _ in range(passes):
            changed = 0
            for w in tree.of_net(net):
                changed += _try_early(tree, w, world)
            nodes = sorted({n for w in tree.of_net(net) for n in tree.ends[w] if n < 0})
            gain = sum(_settle_branch(tree, n, world) for n in nodes)
            if not changed and gain < GAIN_UM:
                break
