"""Sketching all nets: wires that cross or crowd each other are ripped up and pay more the next time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.mesh import Mesh
from chipscale.layout.route.reach import cut_off
from chipscale.layout.route.search import COARSE, FINE, Prices, find
from chipscale.layout.route.shapes import Nets
from chipscale.layout.route.sketch import Path, Sketch, crowds, empty_sketch, insert, overflow, remove, widened
from chipscale.layout.route.ways import crossed_wires, to_path

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]
TOL_UM = 1e-6
RESCUES = 12  # open nets per turn for which other wires are ripped up at the end
PATIENCE = 3  # rounds without a clearly better sketch after which wires are left aside
BETTER = 0.95
OVER_FIRST, OVER_LAST, GROWTH = 3.0, 12.0, 1.3  # price of missing room, µm per µm
HISTORY = 0.5
CHAIN = 12  # searches for one wire and those ripped up for it
MANY_WIRES = 120  # from here on sketches are first drawn with one place per slot
WORK_ROUND = 6_000_000  # places settled by searches after which negotiating ends


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
    hopeless: set[tuple[int, int]] = field(default_factory=set)  # (net, group) no wire can reach
    shelf: set[int] = field(default_factory=set)  # nets left aside for now

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
        self.hopeless = cut_off(self.mesh, self.nets, self.groups)

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

    def ends(self, net: int, every: bool = False) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
        """Return (source, target) masks of the next join of a net: the closest two parts first; None when done.

        `every`: also the parts no wire can reach.
        """
        lost = {v for k, g in enumerate(self.groups[net]) if (net, k) in self.hopeless and not every for v in g}
        parts = [p for p in self.parts(net) if not lost.issuperset(p)]
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
    """Draw all nets; return the number of rounds. The plan ends with the best sketch found, overflows allowed.

    Wires on crowded edges are drawn again one at a time, all others in place; edges that stay crowded become dearer.
    When that gets nowhere the wires that crowd most are put on a shelf (`settle` tries them last). The work is
    bounded by counting, not by the clock.
    """
    nets = [n for n in range(len(plan.groups)) if len(plan.groups[n]) > 1]
    stop = plan.work + WORK_ROUND
    plan.samples = COARSE if len(plan.sketch.wnet) > MANY_WIRES else FINE
    plan.over = OVER_FIRST
    if plan.paths:  # drawn before: what stayed open then waits
        plan.shelf = {n for n in nets if len(plan.parts(n)) > 1}
        stop = plan.work + WORK_ROUND // 4
    queue = sorted(nets, key=lambda n: (span_um(plan, n), n))
    left = set(drain(plan, [n for n in queue if n not in plan.shelf], limit=4 * max(len(nets), 8)))
    best, since, turn = None, 0, 0
    for turn in range(4 * rounds):
        over = plan.overflows()
        missing = float(over[over > TOL_UM].sum())
        score = (float(len(left) + len(plan.shelf)), missing)
        log.debug("round %d: %d open, %.1f um missing, work %.2f M", turn, *score, plan.work * 1e-6)
        if progress is not None:
            progress("sketch", (turn + 1) / (4 * rounds))
        if best is None or missing < BETTER * best:
            best, since = missing, turn
        if missing <= 0.0 or plan.work > stop:
            break
        if turn - since >= PATIENCE:
            shelve(plan, over)
            best, since = None, turn
        _again(plan, over, turn, left)
    plan.samples = FINE
    return turn + 1


def _again(plan: Plan, over: npt.NDArray[np.float64], turn: int, left: set[int]) -> None:
    """Draw the wires on crowded edges again, one after the other in an order that changes from turn to turn."""
    pitch = float(np.median(plan.nets.width + plan.nets.space))
    plan.history += np.where(over > TOL_UM, HISTORY * np.maximum(over, 0.0) / pitch, 0.0)
    plan.over = min(plan.over * GROWTH, OVER_LAST)
    wires = np.array(_crowded(plan, over) + [-1 - n for n in sorted(left)], dtype=np.int64)
    np.random.default_rng(turn).shuffle(wires)
    for w in wires.tolist():
        net = -1 - w if w < 0 else int(plan.sketch.wnet[w])
        if net in plan.shelf or (w >= 0 and w not in plan.paths):
            continue
        if w >= 0:
            if not crowds(plan.mesh, plan.sketch, plan.nets, plan.paths[w].edges, TOL_UM):
                continue
            plan.drop(w)
        left.discard(net)
        left.update(drain(plan, [net], limit=CHAIN))


def shelve(plan: Plan, over: npt.NDArray[np.float64]) -> None:
    """Put the wires that crowd most on the shelf: a twentieth of those on crowded edges."""
    count = max(1, len(_crowded(plan, over)) // 20)
    for _ in range(count):
        hit = _crowded(plan, over)
        if not hit:
            return
        short = np.maximum(over, 0.0)
        w = max(hit, key=lambda w: (float(short[plan.paths[w].edges].sum()), w))
        plan.shelf.add(int(plan.sketch.wnet[w]))
        plan.drop(w)
        over = plan.overflows()


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
    plan.shelf.clear()
    for turn in range(3):
        for net in sorted(range(len(plan.groups)), key=lambda n: (span_um(plan, n), n)):
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
            state = plan.snapshot()  # a path's slots hold only for the sketch it was put into
            plan.drop(w)
            plan.join(net, cross=False, strict=True)
            if len(plan.paths) < before:
                plan.restore(state)
