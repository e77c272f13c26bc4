"""All shapes and wires of a routing question, ready to be grown into obstacles for one net at a time."""

from __future__ import annotations

import numpy as np

from chipscale.layout.route.problem import RouteProblem, Wire
from chipscale.layout.route_grid.features import Floats, Ints, fixed_shapes, terminals_of
from chipscale.layout.route_grid.tree import pieces, tidy
from chipscale.layout.route_grid.visibility import grown_obstacles, line_legal, shortest

Obstacles = tuple[Floats, Floats, Ints, Floats]  # faces, corners, starts, boxes
DIRECTIONS = {"any": 16.0, "octilinear": 8.0}
ANYWHERE = np.array([-1e30, -1e30, 1e30, 1e30])


class Field:
    """The wires of every net as a tidy tree, over the fixed shapes; changed one net at a time."""

    def __init__(self, problem: RouteProblem, wires: tuple[Wire, ...]) -> None:
        """Take over nearly legal wires."""
        self.problem = problem
        self.fixed = fixed_shapes(problem)
        self.octo = problem.angles == "octilinear"
        self.pins = [[np.array([t.x_um, t.y_um], dtype=np.float64) for t in ts] for ts in terminals_of(problem)]
        self.half = np.array([n.width_um / 2 for n in problem.nets])
        self.space = np.array([max(problem.space_um, n.space_um) for n in problem.nets])
        self.lines: list[list[Floats]] = [[] for _ in problem.nets]
        self.slots: list[Ints] = [np.empty(0, np.int64) for _ in problem.nets]
        self.free: list[int] = []
        self.segments = np.zeros((0, 2, 2))
        self.owner = np.zeros(0, np.int64)
        self.seg_half = np.zeros(0)
        self.seg_space = np.zeros(0)
        number = {n.name: i for i, n in enumerate(problem.nets)}
        found: dict[int, list[Floats]] = {}
        for w in wires:
            found.setdefault(number[w.net], []).append(np.asarray(w.points, dtype=np.float64))
        for i, lines in sorted(found.items()):
            self.put(i, tidy(lines, self.pins[i]))

    def put(self, net: int, lines: list[Floats]) -> None:
        """Replace a net's wires."""
        self.owner[self.slots[net]] = -1
        self.free.extend(int(k) for k in self.slots[net])
        self.lines[net] = lines
        seg = pieces(lines, []) if lines else np.zeros((0, 2, 2))
        while len(self.free) < len(seg):
            n, more = len(self.owner), max(256, len(self.owner))
            self.segments = np.concatenate([self.segments, np.zeros((more, 2, 2))])
            self.owner = np.concatenate([self.owner, np.full(more, -1, np.int64)])
            self.seg_half = np.concatenate([self.seg_half, np.zeros(more)])
            self.seg_space = np.concatenate([self.seg_space, np.zeros(more)])
            self.free.extend(range(n + more - 1, n - 1, -1))
        slots = np.array([self.free.pop() for _ in range(len(seg))], dtype=np.int64)
        self.slots[net] = slots
        self.segments[slots], self.owner[slots] = seg, net
        self.seg_half[slots], self.seg_space[slots] = self.half[net], self.space[net]

    def obstacles(self, net: int, region: Floats = ANYWHERE, factor: float = 1.0, wires: bool = True) -> Obstacles:
        """Everything foreign to a net near a region, grown to where its centre line may not go."""
        mine = np.array([net, self.half[net], self.space[net], factor, DIRECTIONS[self.problem.angles]])
        keep = np.zeros(0, np.int64)
        if wires:
            s, pad = self.segments, 2.0 * factor * (self.half.max() * 2 + self.space.max())
            lo, hi = s.min(axis=1), s.max(axis=1)
            near = (self.owner >= 0) & (self.owner != net)
            near &= (lo[:, 0] < region[2] + pad) & (hi[:, 0] > region[0] - pad)
            near &= (lo[:, 1] < region[3] + pad) & (hi[:, 1] > region[1] - pad)
            keep = np.flatnonzero(near)
        f = self.fixed
        return grown_obstacles(
            region, mine, f.points, f.start, f.radius, f.net, f.space, f.rule,
            self.segments[keep], self.owner[keep], self.seg_half[keep], self.seg_space[keep],
        )  # fmt: skip

    def region_of(self, source: Floats, target: Floats, limit: float) -> Floats:
        """A box that holds every way between two trees not longer than `limit`."""
        a, b = source.reshape(-1, 2), target.reshape(-1, 2)
        if len(a) == 2 and len(b) == 2:
            d = float(np.hypot(*(a[0] - b[0])))
            room = 0.5 * np.sqrt(max(limit * limit - d * d, 0.0)) + 1.0
            both = np.vstack([a, b])
            return np.concatenate([both.min(axis=0) - room, both.max(axis=0) + room])
        lo = np.maximum(a.min(axis=0), b.min(axis=0)) - limit
        hi = np.minimum(a.max(axis=0), b.max(axis=0)) + limit
        return np.concatenate([np.minimum(lo, hi), np.maximum(lo, hi)])

    def join(
        self, net: int, ends: tuple[Floats, Floats], limit: float, factor: float = 1.0, wires: bool = True
    ) -> Floats:
        """The shortest legal way (n, 2) between two parts of a net's tree; empty if longer than `limit`."""
        region = self.region_of(ends[0], ends[1], limit)
        bend = 0.01 * (2 * self.half[net] + self.space[net])
        obstacles = self.obstacles(net, region, factor, wires)
        return shortest(ends[0], ends[1], limit, bend, self.octo, *obstacles)

    def legal(self, net: int, line: Floats, factor: float = 1.0) -> bool:
        """Whether a wire of a net keeps its distances (and its angles)."""
        if self.octo:
            d = np.abs(np.diff(line, axis=0))
            if np.any(np.minimum(d.min(axis=1), np.abs(d[:, 0] - d[:, 1])) > 1e-6):
                return False
        region = np.concatenate([line.min(axis=0) - 1.0, line.max(axis=0) + 1.0])
        faces, _, start, box = self.obstacles(net, region, factor)
        return bool(line_legal(np.ascontiguousarray(line), faces, start, box))

    def wires(self) -> tuple[Wire, ...]:
        """All wires, net by net."""
        nets = self.problem.nets
        return tuple(Wire(nets[i].name, nets[i].width_um, line) for i, lines in enumerate(self.lines) for line in lines)
