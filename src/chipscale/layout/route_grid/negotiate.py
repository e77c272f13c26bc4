"""Finds nearly legal paths for all nets on the grid by negotiated congestion (PathFinder).

Idea: L. McMurchie, C. Ebeling, "PathFinder: a negotiation-based performance-driven router for FPGAs",
FPGA 1995; here wires deny a neighbourhood to others, and each pair of nets that met keeps a dislike of its
own, so that a crossing is not merely moved along the other wire but led round its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from chipscale.layout.route.problem import RouteProblem, Terminal
from chipscale.layout.route_grid.features import Floats, Ints, terminals_of
from chipscale.layout.route_grid.grid import Grid, entry_nodes
from chipscale.layout.route_grid.grid_kernels import search, stamp

Progress = Callable[[str, float], None]
FIRST_PRICE = np.array([0.5, 30.0, 1.0])  # in steps: a step too near a wire, crossing a wire; A* weight
PRICE_GROWTH, PRICE_TOP = 1.1, np.array([5.0, 60.0, 1.0])
CLOSED = np.array([-1.0, 0.0, 1.0])
PAIR_GAIN, HISTORY_GAIN = 60.0, 0.1  # in steps per crossing, in steps per step
PAIR_KEEP = 0.97  # share of the dislikes left after a round
LEAST_WORK, WORK_PER_NET = 1000, 6  # searches before giving up
PATIENCE = 60  # rounds without fewer conflicts


@dataclass(slots=True)
class Board:
    """The state of the negotiation."""

    grid: Grid
    terminals: list[list[Terminal]]
    lines: list[list[Floats]]
    nodes: list[Ints]
    occ: np.ndarray
    total: np.ndarray
    core: np.ndarray
    history: np.ndarray
    pair: np.ndarray
    mark: np.ndarray
    g: np.ndarray
    came: np.ndarray
    seen: np.ndarray
    end_of: np.ndarray
    tries: Ints
    token: int = 0
    stamp_token: int = 0
    failed: set[int] = field(default_factory=set)


def new_board(problem: RouteProblem, grid: Grid) -> Board:
    """An empty board for a problem's nets on a grid."""
    n, k, c = grid.nx * grid.ny, len(problem.nets), len(grid.owner)
    return Board(
        grid,
        terminals_of(problem),
        [[] for _ in range(k)],
        [np.empty(0, np.int64) for _ in range(k)],
        np.zeros((c, n), np.int16),
        np.zeros((c, n), np.int32),
        np.zeros(n, np.int16),
        np.zeros(n, np.float32),
        np.zeros((k, k), np.float32),
        np.zeros(n, np.int32),
        np.zeros(n, np.float32),
        np.zeros(n, np.int8),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
        np.zeros(k, np.int64),
    )


def put(board: Board, net: int, sign: int) -> None:
    """Add (+1) or remove (-1) a net's wires from what is denied to others."""
    for c in range(len(board.occ)):
        board.stamp_token += 2
        core = board.core if c == 0 else board.core[:0]
        rule = np.array([board.grid.reach[c, net], net, sign], dtype=np.float64)
        for line in board.lines[net]:
            stamp(board.occ[c], board.total[c], core, board.mark, board.stamp_token, board.grid.frame, line, rule)


def rip(board: Board, net: int) -> None:
    """Take a net's wires off the board."""
    put(board, net, -1)
    board.lines[net] = []
    board.nodes[net] = np.empty(0, np.int64)


def window(board: Board, net: int, margin: float) -> Ints:
    """Row length and the node window (u0, v0, u1, v1) round a net's terminals."""
    grid = board.grid
    xy = np.array([(t.x_um, t.y_um) for t in board.terminals[net]])
    lo = np.floor((xy.min(axis=0) - grid.frame[:2]) / grid.step - margin)
    hi = np.ceil((xy.max(axis=0) - grid.frame[:2]) / grid.step + margin)
    return np.array(
        [grid.nx, max(0, lo[0]), max(0, lo[1]), min(grid.nx - 1, hi[0]), min(grid.ny - 1, hi[1])], dtype=np.int64
    )


def lay(board: Board, net: int, price: Floats, margin: float) -> bool:
    """Route one net (its wires must be off the board) and put it on; False if a terminal can't be reached."""
    grid, terms = board.grid, board.terminals[net]
    c = int(grid.klass[net])
    xy = [np.array([t.x_um, t.y_um]) for t in terms]
    entries = [entry_nodes(grid, net, t.x_um, t.y_um) for t in terms]
    if any(len(nodes) == 0 for nodes, _ in entries):
        return False
    seeds, cost = entries[0]
    home = {int(k): 0 for k in seeds}
    todo = list(range(1, len(terms)))
    lines: list[Floats] = []
    box = window(board, net, margin)
    while todo:
        ends = np.concatenate([entries[t][0] for t in todo])
        end_cost = np.concatenate([entries[t][1] for t in todo])
        which = np.concatenate([np.full(len(entries[t][0]), t) for t in todo])
        goals = (np.array([xy[t] for t in todo]) - grid.frame[:2]) / grid.step
        board.token += 1
        path, _ = search(
            box, grid.owner[c], board.occ[c], board.total[c], board.core, board.history, board.pair[net], net, price,
            seeds, cost, ends, end_cost, goals, board.g, board.came, board.seen, board.end_of, board.token,
        )  # fmt: skip
        if len(path) == 0:
            return False
        hit = np.flatnonzero(ends == path[-1])
        reached = int(which[hit[np.argmin(end_cost[hit])]])
        start = home.get(int(path[0]))
        line = [grid.points(path), xy[reached][None]]
        if start is not None:
            line.insert(0, xy[start][None])
        lines.append(np.vstack(line))
        todo.remove(reached)
        for k in entries[reached][0]:
            home.setdefault(int(k), reached)
        for k in path:
            home.pop(int(k), None)
        seeds = np.concatenate([seeds, path, entries[reached][0]])
        cost = np.concatenate([cost, np.zeros(len(path)), entries[reached][1]])
        board.nodes[net] = np.concatenate([board.nodes[net], path])
    board.lines[net] = lines
    put(board, net, 1)
    return True


def met(board: Board, net: int) -> tuple[Ints, Ints]:
    """Nodes where a net's wires lie too near others', and the numbers of the nets met alone there."""
    c = int(board.grid.klass[net])
    nodes = np.unique(board.nodes[net])
    count = board.occ[c][nodes] - 1
    bad = nodes[count > 0]
    alone = nodes[count == 1]
    return bad, np.unique(board.total[c][alone] - net)


def cross_count(board: Board) -> tuple[list[int], int]:
    """Nets in conflict and the number of nodes in conflict."""
    nets, total = [], 0
    for i in range(len(board.lines)):
        n = len(met(board, i)[0]) if len(board.nodes[i]) else 0
        if n:
            nets.append(i)
            total += n
    return nets, total


def margin_of(board: Board, net: int) -> float:
    """Margin in steps of a net's search window; it grows each time the net was taken off."""
    return 40.0 * (1.0 + 0.15 * float(board.tries[net]))


def lay_all(board: Board) -> None:
    """Route all nets once, the shortest first; nets that can't be routed even alone are noted as failed."""
    span = [
        float(np.ptp([t.x_um for t in ts]) + np.ptp([t.y_um for t in ts])) if len(ts) > 1 else -1.0
        for ts in board.terminals
    ]
    for i in np.argsort(np.array(span), kind="stable"):
        if span[i] < 0.0:
            continue
        if not lay(board, int(i), FIRST_PRICE, 40.0) and not lay(board, int(i), FIRST_PRICE, 1e6):
            board.failed.add(int(i))


def negotiate(board: Board, seed: int, rounds: int = 250, progress: Progress | None = None) -> int:
    """Reroute nets in conflict until none are; what can't be settled is taken off and noted as failed.

    Returns the number of rounds.
    """
    lay_all(board)
    rng = np.random.default_rng(seed)
    price, best, best_round = FIRST_PRICE, 1 << 60, 0
    for it in range(rounds):
        nets, total = cross_count(board)
        if progress:
            progress(f"routing, {len(nets)} nets in conflict", it / rounds)
        if not nets:
            return it
        if total < best:
            best, best_round = total, it
        if it - best_round > PATIENCE or board.tries.sum() > max(LEAST_WORK, WORK_PER_NET * len(board.lines)):
            break
        board.pair *= PAIR_KEEP
        for i in nets:
            bad, others = met(board, i)
            board.history[bad] += HISTORY_GAIN
            board.pair[i, others] += PAIR_GAIN
        price = np.minimum(price * PRICE_GROWTH, PRICE_TOP)
        for i in rng.permutation(np.array(nets)):
            bad, others = met(board, int(i))
            if not len(bad):
                continue
            again = [int(i), *(int(o) for o in others[: it % 2])]
            for j in again:
                rip(board, j)
            for j in again:
                board.tries[j] += 1
                if not lay(board, j, price, margin_of(board, j)):
                    lay(board, j, price, 1e6)
    give_up(board)
    return rounds


def give_up(board: Board) -> None:
    """Take off the nets in most conflicts until none is left, then lay them again where there is room."""
    off: list[int] = []
    board.history[:] = 0.0
    while True:
        nets, _ = cross_count(board)
        if not nets:
            break
        worst = max(nets, key=lambda i: (len(met(board, i)[1]), len(met(board, i)[0]), i))
        rip(board, worst)
        off.append(worst)
    for i in reversed(off):
        if not lay(board, i, CLOSED, 1e6):
            board.failed.add(i)
