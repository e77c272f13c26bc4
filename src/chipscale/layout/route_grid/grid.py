"""Builds the routing grid: its step, and per wire class which net may use which node."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.problem import RouteProblem
from chipscale.layout.route_grid.features import RULE_OWN, SNAP_UM, Fixed, Floats, Ints, counter_clockwise
from chipscale.layout.route_grid.grid_kernels import FREE, raster_ring, raster_shapes

NODE_LIMIT = 5_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes x0 + u·step, y0 + v·step; frame = (x0, y0, step, nx, ny); owner (classes, nx·ny) holds a net
    number, FREE or BLOCKED; klass (nets,) is each net's class; reach (classes, nets) is the distance in µm
    that centre lines of a class keep from the net's centre line."""

    frame: Floats
    owner: npt.NDArray[np.int16]
    klass: Ints
    reach: Floats

    @property
    def step(self) -> float:
        """Grid step in µm."""
        return float(self.frame[2])

    @property
    def nx(self) -> int:
        """Nodes per row."""
        return int(self.frame[3])

    @property
    def ny(self) -> int:
        """Number of rows."""
        return int(self.frame[4])

    def points(self, nodes: Ints) -> Floats:
        """Coordinates (n, 2) in µm of node numbers."""
        return np.column_stack(
            [self.frame[0] + (nodes % self.nx) * self.step, self.frame[1] + (nodes // self.nx) * self.step]
        )


def wire_classes(problem: RouteProblem) -> tuple[list[tuple[float, float]], Ints]:
    """Distinct (width, space) in µm among the nets, and each net's class number."""
    keys = [(n.width_um, max(problem.space_um, n.space_um)) for n in problem.nets]
    classes = sorted(set(keys))
    return classes, np.array([classes.index(k) for k in keys], dtype=np.int64)


def make_grid(problem: RouteProblem, fixed: Fixed, parts: int) -> Grid:
    """A grid whose step is the pitch of the most common wires divided by `parts` (larger if too many nodes)."""
    classes, klass = wire_classes(problem)
    width, space = classes[int(np.bincount(klass).argmax())]
    pitch = width + space + SNAP_UM
    ring = counter_clockwise(problem.boundary)
    lo, hi = ring.min(axis=0), ring.max(axis=0)
    step = pitch / parts
    while (hi[0] - lo[0]) * (hi[1] - lo[1]) / step**2 > NODE_LIMIT and parts > 1:
        parts -= 1
        step = pitch / parts
    half = np.ceil((hi - lo) / 2.0 / step)
    x0, y0 = (lo + hi) / 2.0 - half * step
    nx, ny = (2 * half + 1).astype(int)
    frame = np.array([x0, y0, step, nx, ny], dtype=np.float64)
    owner = np.full((len(classes), nx * ny), FREE, dtype=np.int16)
    reach = np.empty((len(classes), len(klass)))
    for c, (w, s) in enumerate(classes):
        clear = np.where(fixed.rule == RULE_OWN, fixed.space, np.maximum(fixed.space, s))
        raster_shapes(owner[c], frame, fixed.points, fixed.start, fixed.net, fixed.radius + clear + w / 2 + SNAP_UM)
        raster_ring(owner[c], frame, ring, False)
        for keepout in problem.keepouts:
            raster_ring(owner[c], frame, counter_clockwise(keepout.outline), True)
        for i, other in enumerate(klass):
            wo, so = classes[other]
            reach[c, i] = (w + wo) / 2 + max(s, so)
    return Grid(frame, owner, klass, reach)


def entry_nodes(grid: Grid, net: int, x_um: float, y_um: float) -> tuple[Ints, Floats]:
    """Nodes a wire of `net` may use next to a terminal's centre, and their distance in steps."""
    c = grid.klass[net]
    fx, fy = (x_um - grid.frame[0]) / grid.step, (y_um - grid.frame[1]) / grid.step
    for reach in (1.5, 3.0, 6.0):
        u = np.arange(max(0, math.ceil(fx - reach)), min(grid.nx - 1, math.floor(fx + reach)) + 1)
        v = np.arange(max(0, math.ceil(fy - reach)), min(grid.ny - 1, math.floor(fy + reach)) + 1)
        uu, vv = (a.ravel() for a in np.meshgrid(u, v))
        nodes = (vv * grid.nx + uu).astype(np.int64)
        ok = (grid.owner[c][nodes] == FREE) | (grid.owner[c][nodes] == net)
        if ok.any():
            dx, dy = np.abs(uu[ok] - fx), np.abs(vv[ok] - fy)
            return nodes[ok], np.maximum(dx, dy) + (math.sqrt(2) - 1) * np.minimum(dx, dy)
    return np.empty(0, np.int64), np.empty(0)
