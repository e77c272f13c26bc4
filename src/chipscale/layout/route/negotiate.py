"""Sketching all nets: wires that cross or crowd each other are ripped up and pay more the next time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.search import FINE, Prices, find
from chipscale.layout.route.shapes import Nets
from chipscale.layout.route.sketch import Path, Sketch, empty_sketch, insert, overflow, remove, widened
from chipscale.layout.route.ways import crossed_wires, to_path

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
TOL_UM = 1e-6
RESCUES = 12  # open nets per turn for which other wires are ripped up at the end
PATIENCE = 5  # rounds without a better sketch after which negotiating ends


@dataclass(slots=True)
class Plan:
    """A sketch with its wires; `groups[net]` are the vertex sets that are one piece of metal from the start."""

    mesh: Mesh
    nets: Nets
    groups: list[list[list[int]]]
    sketch: Sketch = field(init=False)
    paths: dict[int, Path] = field(default_factory=dict)
    rips: npt.NDArray[np.float64] = field(init=False)
    history: npt.NDArray[np.float64] = field(init=False)
    over: float = 3.0
    base_um: float = 0.0
    searches: int = 0
    work: int = 0
    samples: int = FINE

    def __post_init__(self) -> None:
        count = sum(max(len(g) - 1, 0) for g in self.groups)
        self.sketch = empty_sketch(self.mesh, count)
        first = 0
        for net, group in enumerate(self.groups):
            n = max(len(group) - 1, 0)
            self.sketch.wnet[first : first + n] = net
            first += n
        self.rips = np.zeros(count)
        self.history = np.zeros(len(self.mesh.ends))
        self.base_um = 2.0 * float(np.median(self.mesh.length))

    def prices(self, cross: bool, strict: bool = False) -> Prices:
        """Return today's prices."""
        return Prices(self.over, self.history, self.base_um * (1.0 + self.rips), cross, strict, self.samples)

    def wires_of(self, net: int) -> list[int]:
        """Return the wire numbers that belong to a net, drawn or not."""
        return np.nonzero(self.sketch.wnet == net)[0].tolist()

    def parts(self, net: int) -> list[list[int]]:
        """Return the vertex sets of a net that are still apart, each sorted."""
        group = self.groups[net]
        where = {v: i for i, g in enumerate(group) for v in g}
        root = list(range(len(group)))

        def top(i: int) -> int:
            while root[i] != i:
                i = root[i]
            return i

        for w in self.wires_of(net):
            if w in self.paths:
                a, b = top(where[self.paths[w].start]), top(where[self.paths[w].end])
                root[max(a, b)] = min(a, b)
        joined: dict[int, list[int]] = {}
        for i, g in enumerate(group):
            joined.setdefault(top(i), []).extend(g)
        return [sorted(v) for _, v in sorted(joined.items())]

    def drop(self, wire: int) -> None:
        """Take a wire out."""
        remove(self.mesh, self.sketch, wire, self.paths.pop(wire))

    def put(self, wire: int, path: Path) -> None:
        """Put a wire in."""
        self.sketch = widened(self.sketch, path)
        insert(self.mesh, self.sketch, wire, path)
        self.paths[wire] = path

    def flags(self, vertices: list[int]) -> npt.NDArray[np.bool_]:
        """Return a (V,) mask of some vertices."""
        mask = np.zeros(len(self.mesh.xy), dtype=np.bool_)
        mask[vertices] = True
        return mask

    def ends(self, net: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
        """Return (source, target) masks of the next join of a net: the closest two parts first; None when done."""
        parts = self.parts(net)
        if len(parts) < 2:
            return None
        best, pick = np.inf, 0
        for i in range(len(parts)):
            for j in range(i + 1, len(parts)):
                p, q = self.mesh.xy[parts[i]], self.mesh.xy[parts[j]]
                d = float(np.hypot(*(p[:, None] - q[None]).transpose(2, 0, 1)).min())
                if d < best - 1e-9:
                    best, pick = d, i
        others = [v for k, part in enumerate(parts) if k != pick for v in part]
        return self.flags(parts[pick]), self.flags(others)

    def overflows(self) -> npt.NDArray[np.float64]:
        """Return the room missing on each edge, (E,) µm."""
        out = np.empty(len(self.mesh.ends))
        overflow(self.mesh, self.sketch, self.nets, out, np.empty(self.sketch.order.shape[1] + 1))
        return out

    def find(self, net: int, prices: Prices, pair: tuple[np.ndarray, np.ndarray]) -> tuple[float, np.ndarray]:
        """Search and count what it took."""
        self.searches += 1
        cost, nodes, work = find(self.mesh, self.sketch, self.nets, net, prices, pair)
        self.work += work
        return cost, nodes

    def join(self, net: int, cross: bool, strict: bool = False) -> tuple[bool, list[int]]:
        """Draw a net's missing wires; return (complete, nets whose wires were ripped up)."""
        ripped: set[int] = set()
        while (pair := self.ends(net)) is not None:
            cost, nodes = self.find(net, self.prices(cross, strict), pair)
            if not np.isfinite(cost):
                return False, sorted(ripped)
            hit = crossed_wires(self.mesh, self.sketch, net, nodes) if cross else []
            if hit:
                for w in hit:
                    self.rips[w] += 1.0
                    ripped.add(int(self.sketch.wnet[w]))
                    self.drop(w)
                pair = (self.flags([int(nodes[0, 1])]), self.flags([int(nodes[-1, 1])]))
                cost, nodes = self.find(net, self.prices(False, strict), pair)
                if not np.isfinite(cost):
                    return False, sorted(ripped)
            wire = next(w for w in self.wires_of(net) if w not in self.paths)
            self.put(wire, to_path(self.mesh, nodes))
        return True, sorted(ripped)

    def snapshot(self) -> dict[int, Path]:
        """Return what `restore` needs."""
        return {**self.paths, -1: self._arrays()}  # type: ignore[dict-item]

    def _arrays(self) -> tuple[np.ndarray, ...]:
        s = self.sketch
        return tuple(a.copy() for a in (s.order, s.count, s.corner, s.tend, s.ewire))

    def restore(self, state: dict[int, Path]) -> None:
        """Go back to a snapshot."""
        arrays = state[-1]
        s = self.sketch
        for target, value in zip((s.count, s.corner, s.tend, s.ewire), arrays[1:], strict=True):
            target[...] = value
        s.order[:, : arrays[0].shape[1]] = arrays[0]
        self.paths = {w: p for w, p in state.items() if w >= 0}


def span_um(plan: Plan, net: int) -> float:
    """Return a net's size: half perimeter of its terminals' box, µm."""
    vertices = [v for g in plan.groups[net] for v in g]
    return float(np.ptp(plan.mesh.xy[vertices], axis=0).sum()) if vertices else 0.0


def drain(plan: Plan, queue: list[int], limit: int, strict: bool = False) -> list[int]:
    """Draw the nets of a queue and all that get ripped up for them; return nets left open."""
    open_nets: list[int] = []
    stop = plan.searches + limit
    while queue:
        net = queue.pop(0)
        done, ripped = plan.join(net, cross=plan.searches < stop, strict=strict)
        if not done:
            open_nets.append(net)
        queue += [n for n in ripped if n not in queue]
    return sorted(set(open_nets))


def _crowded(plan: Plan, over: npt.NDArray[np.float64]) -> list[int]:
    """Return the wires on edges without enough room, sorted."""
    hit: set[int] = set()
    for e in np.nonzero(over > TOL_UM)[0]:
        hit.update(plan.sketch.order[e, : plan.sketch.count[e]].tolist())
    return sorted(hit)


def negotiate(plan: Plan, progress: Progress | None = None, rounds: int = 40) -> int:
    """Draw all nets; return the number of rounds. The plan ends with the best sketch found, overflows allowed."""
    nets = [n for n in range(len(plan.groups)) if len(plan.groups[n]) > 1]
    queue = sorted(nets, key=lambda n: (span_um(plan, n), n))
    best: tuple[float, float] | None = None
    state = None
    since = 0
    rank = {n: i for i, n in enumerate(queue)}
    for turn in range(rounds):
        left = drain(plan, queue, limit=4 * max(len(nets), 8))
        over = plan.overflows()
        missing = float(over[over > TOL_UM].sum())
        score = (float(len(left)), missing)
        log.debug("round %d: %d open, %.1f um missing, %d searches", turn, *score, plan.searches)
        if progress is not None:
            progress("sketch", (turn + 1) / rounds)
        if best is None or score < best:
            best, state, since = score, plan.snapshot(), turn
        if score == (0.0, 0.0):
            return turn + 1
        if turn - since >= PATIENCE:
            break
        pitch = float(np.median(plan.nets.width + plan.nets.space))
        plan.history += np.where(over > TOL_UM, 0.3 + np.maximum(over, 0.0) / pitch, 0.0)
        plan.over *= 1.25
        hit = _crowded(plan, over)
        for w in hit:
            plan.drop(w)
        again = {int(plan.sketch.wnet[w]) for w in hit} | set(left)
        queue = sorted(again, key=lambda n: rank[n])
        if turn % 2:
            queue.reverse()
    if state is not None:
        plan.restore(state)
    return rounds


def open_joins(plan: Plan) -> int:
    """Return how many wires are still missing."""
    return len(plan.sketch.wnet) - len(plan.paths)


def settle(plan: Plan) -> None:
    """Take out wires until everything fits, then draw strictly what still can be drawn, also by ripping up."""
    while True:
        over = plan.overflows()
        hit = _crowded(plan, over)
        if not hit:
            break
        share = {w: sum(1 for e in plan.paths[w].edges if over[e] > TOL_UM) for w in hit}
        plan.drop(max(hit, key=lambda w: (share[w], w)))
    for turn in range(3):
        for net in range(len(plan.groups)):
            if len(plan.groups[net]) > 1:
                plan.join(net, cross=False, strict=True)
        if open_joins(plan) == 0 or turn == 2:
            return
        improve(plan, 1)
        for net in [n for n in range(len(plan.groups)) if len(plan.parts(n)) > 1][:RESCUES]:
            before, state = open_joins(plan), plan.snapshot()
            drain(plan, [net], limit=40, strict=True)
            if open_joins(plan) > before:
                plan.restore(state)


def improve(plan: Plan, passes: int = 2) -> None:
    """Draw each wire again with all others in place, strictly legal: never longer, often shorter."""
    for _ in range(passes):
        for w in sorted(plan.paths):
            net = int(plan.sketch.wnet[w])
            before = len(plan.paths)
            old = plan.paths[w]
            plan.drop(w)
            plan.join(net, cross=False, strict=True)
            if len(plan.paths) < before:
                plan.put(next(k for k in plan.wires_of(net) if k not in plan.paths), old)
