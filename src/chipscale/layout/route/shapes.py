"""Every obstacle as capsules (segment + radius): the one geometry all distance checks of the router share."""

from __future__ import annotations

from math import cos, pi
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.problem import Points, RouteProblem, Terminal

# Lands are drawn as circumscribed 64-gons on a 1 nm grid; two snapped edges can come 2 x 1/sqrt(2) nm
# (plus the polygonised round joins of a wire) closer than computed.
LAND_FACTOR = 1.0 / cos(pi / 64)
MARGIN_UM = 0.01

BOUNDARY_NET = -2  # a capsule of the boundary or a keep-out: no metal, own clearance
NOBODY = -1  # metal of no net


class Shapes(NamedTuple):
    """Static obstacles as capsules.

    `seg` (n, 4) x0 y0 x1 y1 in µm; `radius` (n,) µm; `net` (n,) index, -1 nobody's metal, -2 no metal;
    `clear` (n,) µm: clearance to a wire's metal edge for net -2, else the terminal's own wish for space;
    `owner` (n,): terminal index, or n_terminals + k for outline k (0 the boundary, then the keep-outs).
    """

    seg: npt.NDArray[np.float64]
    radius: npt.NDArray[np.float64]
    net: npt.NDArray[np.int64]
    clear: npt.NDArray[np.float64]
    owner: npt.NDArray[np.int64]


class Nets(NamedTuple):
    """Nets by index: `width` and `space` (n,) in µm; space includes the drawing margin."""

    width: npt.NDArray[np.float64]
    space: npt.NDArray[np.float64]


def net_arrays(problem: RouteProblem) -> Nets:
    """Return widths and spaces per net, µm, in the order of `problem.nets`."""
    width = np.array([n.width_um for n in problem.nets], dtype=np.float64)
    space = np.array([max(n.space_um, problem.space_um) + MARGIN_UM for n in problem.nets], dtype=np.float64)
    return Nets(width, space)


def terminal_radius_um(terminal: Terminal) -> float:
    """Return the radius a round land is checked with, µm (0 for an outlined one)."""
    return 0.0 if terminal.outline is not None else 0.5 * terminal.diameter_um * LAND_FACTOR


def ring_segments(outline: Points) -> npt.NDArray[np.float64]:
    """Return the closed outline's edges, (n, 4) µm; a repeated last point is dropped."""
    ring = np.asarray(outline, dtype=np.float64)
    if len(ring) > 1 and np.allclose(ring[0], ring[-1]):
        ring = ring[:-1]
    return np.hstack([ring, np.roll(ring, -1, axis=0)])


def build_shapes(problem: RouteProblem) -> Shapes:
    """Return all terminals, the boundary and the keep-outs as capsules."""
    index = {n.name: i for i, n in enumerate(problem.nets)}
    rows: list[tuple[npt.NDArray[np.float64], float, int, float, int]] = []
    for k, terminal in enumerate(problem.terminals):
        net = index.get(terminal.net, NOBODY) if terminal.net is not None else NOBODY
        space = problem.space_um + MARGIN_UM
        if terminal.outline is None:
            seg = np.array([[terminal.x_um, terminal.y_um] * 2], dtype=np.float64)
        else:
            seg = ring_segments(terminal.outline)
        rows += [(s, terminal_radius_um(terminal), net, space, k) for s in seg]
    n = len(problem.terminals)
    rows += [(s, 0.0, BOUNDARY_NET, 0.0, n) for s in ring_segments(problem.boundary)]
    for k, keepout in enumerate(problem.keepouts):
        clear = keepout.clearance_um + MARGIN_UM
        rows += [(s, 0.0, BOUNDARY_NET, clear, n + 1 + k) for s in ring_segments(keepout.outline)]
    return Shapes(
        np.array([r[0] for r in rows]),
        np.array([r[1] for r in rows]),
        np.array([r[2] for r in rows], dtype=np.int64),
        np.array([r[3] for r in rows]),
        np.array([r[4] for r in rows], dtype=np.int64),
    )
