"""Answers a routing question: negotiates paths on a grid, makes them exact and short, spreads and checks them."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from chipscale.layout.route.answer import checked
from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Wire
from chipscale.layout.route_grid.features import Fixed, fixed_shapes
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.finish import drop_illegal, join_open
from chipscale.layout.route_grid.gaps import explain_all
from chipscale.layout.route_grid.grid import make_grid
from chipscale.layout.route_grid.negotiate import negotiate, new_board
from chipscale.layout.route_grid.polish import shorten, swap_pairs
from chipscale.layout.route_grid.spreading import fewer_bends, spread_field

Progress = Callable[[str, float], None]
COARSE, FINE = 4, 8  # grid steps per wire pitch
RETRY_SHARE = 0.05  # nets left out beyond this share will not fit a finer grid either


def route_on_grid(problem: RouteProblem, progress: Progress | None = None) -> RouteAnswer:
    """Legal wires for every net that can be routed, and the gap that stood in the way of each other net.

    `progress` is called with a stage and the share of the stage done.
    """
    begin = time.perf_counter()
    say = progress or (lambda stage, share: None)
    fixed = fixed_shapes(problem)
    wires, rounds = sketch(problem, fixed, say)
    field = Field(problem, wires)
    say("polishing", 0.0)
    shorten(field)
    settle(field)
    swap_pairs(field)
    shorten(field)
    price = 0.02 * float(np.mean([n.width_um + problem.space_um for n in problem.nets] or [0.0]))
    fewer_bends(field, price)
    if problem.spread:
        say("spreading", 0.0)
        spread_field(field)
        fewer_bends(field, price)
    if drop_illegal(field):
        settle(field)
    say("checking", 1.0)
    return checked(problem, list(field.wires()), list(explain_all(field)), (rounds, begin))


def settle(field: Field) -> None:
    """Take back illegal wires, join what is open, and do so until nothing changes."""
    for _ in range(4):
        dropped = drop_illegal(field)
        joined = join_open(field)
        if not dropped and not joined:
            return
        if joined:
            shorten(field, 3)


def sketch(problem: RouteProblem, fixed: Fixed, say: Progress) -> tuple[tuple[Wire, ...], int]:
    """Nearly legal wires from the grid and the rounds used.

    A finer grid is tried once if a few nets are left out.
    """
    parts_first = grid_parts(problem)
    best: tuple[tuple[Wire, ...], int, int] | None = None
    total = 0
    for n in (parts_first, min(parts_first + 2, FINE + 2)):
        grid = make_grid(problem, fixed, n)
        board = new_board(problem, grid)
        rounds = negotiate(board, problem.seed, progress=say)
        total += rounds
        wires = tuple(
            Wire(net.name, net.width_um, line)
            for net, lines in zip(problem.nets, board.lines, strict=True)
            for line in lines
        )
        if best is None or len(board.failed) < best[2]:
            best = (wires, total, len(board.failed))
        if not board.failed or len(board.failed) > max(4, RETRY_SHARE * len(problem.nets)):
            break
    return best[:2]


def grid_parts(problem: RouteProblem) -> int:
    """Grid steps per wire pitch: coarse, unless gaps between terminals hold their wires with little to spare."""
    if len(problem.terminals) < 4 or not problem.nets:
        return COARSE
    from scipy.spatial import Delaunay

    p = np.array([(t.x_um, t.y_um) for t in problem.terminals])
    if np.linalg.matrix_rank(p - p[0]) < 2:
        return COARSE
    tri = Delaunay(p).simplices
    edges = np.unique(np.sort(np.vstack([tri[:, [0, 1]], tri[:, [1, 2]], tri[:, [2, 0]]]), axis=1), axis=0)
    r = np.array([t.diameter_um / 2 if t.outline is None else 1e30 for t in problem.terminals])
    room = np.hypot(*(p[edges[:, 0]] - p[edges[:, 1]]).T) - r[edges[:, 0]] - r[edges[:, 1]]
    width = float(np.median([n.width_um for n in problem.nets]))
    pitch = width + problem.space_um
    wires = np.floor((room - problem.space_um) / pitch)
    tight = (wires >= 1) & (wires <= 4)
    if not tight.any():
        return COARSE
    spare = (room - problem.space_um - wires * pitch)[tight]
    need = float(np.quantile(spare, 0.2))
    return int(np.clip(np.ceil(pitch / need), COARSE, FINE)) if need > pitch / (FINE + 1) else COARSE
