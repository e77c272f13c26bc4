"""Finds the nets of free balls: supplies by pattern, signals by optimal matching, then untangled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from chipscale.layout.assign.demand import Demand
from chipscale.layout.assign.matching import charges_um, lengths_um, match
from chipscale.layout.assign.segments import octilinear_um
from chipscale.layout.assign.sketch import Field, Floats, Ints, Score, Sketch
from chipscale.layout.assign.supply_sites import supply_sites
from chipscale.layout.assign.untangle import Allowed, untangle
from chipscale.layout.assign.walls import walled
from chipscale.package.escape import WireRule
from chipscale.package.types import Ball, Package

_ROUNDS = 6  # matchings with updated charges; 2 when there are many nets times balls
_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Task:
    """The nets and balls of the problem by index: names, balls each net has, balls still free, and the field."""

    names: tuple[str, ...]
    balls: tuple[Ball, ...]
    fixed: tuple[tuple[int, ...], ...]  # balls (indices) each net keeps
    free: tuple[int, ...]
    field: Field


@dataclass(frozen=True, slots=True)
class Weights:
    """What a crossing costs, in ball pitches of wire, and how much nearer spread supply balls may move.

    `at_pads`: supply balls go next to their pads, whatever the plan's pattern.
    """

    crossing_ratio: float = 1.0
    apart_ratio: float = 0.7
    at_pads: bool = False
    full_um: tuple[tuple[float, float], ...] = ()  # places of gaps that pass a wire less than their width says


def solve(package: Package, demand: Demand, weights: Weights = Weights()) -> dict[str, str]:
    """Return net by ball name for every connected ball, fixed ones included."""
    task = _task(package, demand, weights)
    placed = _place_supplies(package, demand, task, weights.at_pads)
    singles = [i for i, name in enumerate(task.names) if name in demand.count and i not in placed]
    sketch = _matched(task, placed, singles)
    sketch = walled(sketch, task.free, singles, set().union(*placed.values()) if placed else set())
    left = set(task.free) - {ball for balls in sketch.balls_of for ball in balls}
    untangle(sketch, left, _trades(package, task, placed, sketch, weights))
    return {task.balls[ball].name: task.names[net] for net, balls in enumerate(sketch.balls_of) for ball in balls}


def _trades(package: Package, task: Task, placed: dict[int, list[int]], sketch: Sketch, weights: Weights) -> Allowed:
    """Return which balls may be traded: fixed ones never; balls placed by pattern keep the pattern.

    Spread balls may move as long as they stay at least `weights.apart_ratio` times as far apart as they were placed.
    """
    fixed = frozenset(ball for balls in task.fixed for ball in balls)
    usable = frozenset(task.free)
    spots = frozenset(ball for balls in placed.values() for ball in balls)
    spread = package.assignment.supply_pattern == "spread" and not weights.at_pads
    apart_um = weights.apart_ratio * _apart_um(task.field.balls[sorted(spots)]) if spread else 0.0

    def allowed(given: int, taken: int) -> bool:
        if taken not in usable or given in fixed or taken in fixed:
            return False
        moved = {given, taken} & spots
        if len(moved) != 1:
            return True
        if not spread:
            return False
        still = [ball for net in placed for ball in sketch.balls_of[net] if ball not in fixed and ball not in moved]
        goes_to = taken if given in {ball for net in placed for ball in sketch.balls_of[net]} else given
        step = task.field.balls[still] - task.field.balls[goes_to]
        return not still or float(np.hypot(step[:, 0], step[:, 1]).min()) >= apart_um

    return allowed


def _apart_um(points: Floats) -> float:
    if len(points) < 2:
        return 0.0
    step = points[:, None, :] - points[None, :, :]
    away = np.hypot(step[..., 0], step[..., 1])
    return float(away[~np.eye(len(points), dtype=bool)].min())


def field_of(package: Package, names: Sequence[str], crossing_ratio: float = 1.0) -> Field:
    """Return pads per net, balls, and the gaps between neighbouring lands with the wires they pass."""
    pads = defaultdict(list)
    for pad in package.pads:
        pads[pad.net].append((pad.x_um, pad.y_um))
    balls = np.array([(ball.x_um, ball.y_um) for ball in package.balls]).reshape(-1, 2)
    gaps, capacity = _gaps(package, balls)
    pitch = package.min_ball_distance_um if np.isfinite(package.min_ball_distance_um) else 500.0
    points = tuple(np.array(pads[name], dtype=np.float64).reshape(-1, 2) for name in names)
    stubs, stub_net = _stubs(package, {name: i for i, name in enumerate(names)}, pitch)
    return Field(points, balls, gaps, capacity, stubs, stub_net, crossing_ratio * pitch, pitch, pitch)


def _narrowed(field: Field, places_um: Sequence[tuple[float, float]]) -> Field:
    """Return the field with one wire less through the gap nearest to each place."""
    if not places_um or not len(field.gaps):
        return field
    capacity = field.capacity.copy()
    middle = (field.gaps[:, :2] + field.gaps[:, 2:]) / 2
    for place in places_um:
        away = np.round(((middle - np.array(place)) ** 2).sum(axis=1), 3)
        capacity[int(np.argmin(away))] -= 1
    return replace(field, capacity=capacity)


def _stubs(package: Package, net_index: dict[str, int], pitch_um: float) -> tuple[Floats, Ints]:
    """Return lines (p, 4) from pads near the die's edge out to it, a touch longer inwards, and their nets (p,)."""
    lines, nets = [], []
    (size_x, size_y) = package.die.size_x_um, package.die.size_y_um
    for pad in package.pads:
        away = {"l": pad.x_um, "r": size_x - pad.x_um, "b": pad.y_um, "t": size_y - pad.y_um}
        side = min(sorted(away), key=lambda key: away[key])
        if away[side] > pitch_um:
            continue
        out = {"l": (-1.0, 0.0), "r": (1.0, 0.0), "b": (0.0, -1.0), "t": (0.0, 1.0)}[side]
        reach = away[side]
        lines.append((pad.x_um - out[0], pad.y_um - out[1], pad.x_um + out[0] * reach, pad.y_um + out[1] * reach))
        nets.append(net_index.get(pad.net or "", -1))
    return np.array(lines).reshape(-1, 4), np.array(nets, dtype=np.int64)


def _gaps(package: Package, balls: Floats) -> tuple[Floats, Ints]:
    if len(balls) < 2:
        return np.zeros((0, 4)), np.zeros(0, dtype=np.int64)
    from scipy.spatial import cKDTree

    pairs = cKDTree(balls).query_pairs(1.3 * package.min_ball_distance_um, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    ends = np.hstack((balls[pairs[:, 0]], balls[pairs[:, 1]]))
    width = min((item.width_um for item in package.classes), default=0.0)
    space = min((item.space_um for item in package.classes), default=0.0)
    rule = WireRule(package.terminal.land_d_um, width, space)
    distance = np.hypot(*(ends[:, 2:] - ends[:, :2]).T)
    many = np.iinfo(np.int64).max
    return ends, np.array([rule.capacity(float(d)) if width + space > 0 else many for d in distance], dtype=np.int64)


def _task(package: Package, demand: Demand, weights: Weights) -> Task:
    index = {ball.name: i for i, ball in enumerate(package.balls)}
    has = defaultdict(list)
    for ball, net in demand.fixed.items():
        has[net].append(index[ball])
    names = tuple(net.name for net in package.nets if net.name in demand.count or net.name in has)
    fixed = tuple(tuple(sorted(has[name])) for name in names)
    field = _narrowed(field_of(package, names, weights.crossing_ratio), weights.full_um)
    return Task(names, package.balls, fixed, tuple(index[name] for name in demand.free), field)


def _place_supplies(package: Package, demand: Demand, task: Task, at_pads: bool) -> dict[int, list[int]]:
    """Return the new balls of nets that go by pattern, by net index: supplies, and others that want several balls.

    A supply that needs a single ball is matched like a signal, unless the plan asks for that one ball by name and
    the pattern is not `spread`.
    """
    pattern = package.assignment.supply_pattern
    asked = (package.assignment.supply_balls or {}) if pattern != "spread" or at_pads else {}
    wanted = {
        i: demand.count[name]
        for i, name in enumerate(task.names)
        if demand.count.get(name, 0) > (0 if name in asked else 1)
    }
    total = sum(wanted.values())
    if not total:
        return {}
    free = [task.balls[i] for i in task.free]
    if at_pads:
        return _beside_pads(task, demand, wanted)
    sites = [task.free[i] for i in supply_sites(free, task.balls, total, pattern)]
    owners = [net for net in sorted(wanted) for _ in range(wanted[net])]
    cost = np.array([_reach_um(task, net, sites) for net in owners])
    placed: dict[int, list[int]] = defaultdict(list)
    for owner, site in zip(owners, match(cost), strict=True):
        placed[owner].append(sites[site])
    return {net: sorted(balls) for net, balls in placed.items()}


def _beside_pads(task: Task, demand: Demand, wanted: dict[int, int]) -> dict[int, list[int]]:
    """Return balls for nets matched with all other nets' as if each ball were a signal of one of the net's pads.

    The pads are taken evenly from all of the net's pads in their order. Balls without a pad of their own go to the
    nearest that is left.
    """
    owners, pads = [], []
    for net in sorted(wanted):
        mine = task.field.pads[net]
        pick = np.arange(wanted[net]) * len(mine) // wanted[net]
        owners += [net] * len(pick)
        pads += [mine[k : k + 1] for k in pick]
    singles = [i for i, name in enumerate(task.names) if name in demand.count and i not in wanted]
    chosen = match(lengths_um(pads + [task.field.pads[net] for net in singles], task.field.balls[list(task.free)]))
    placed: dict[int, list[int]] = defaultdict(list)
    for owner, ball in zip(owners, chosen, strict=False):
        placed[owner].append(task.free[ball])
    return {net: sorted(balls) for net, balls in placed.items()}


def _reach_um(task: Task, net: int, sites: Sequence[int]) -> Floats:
    """Return the octilinear distance (n,) from a net's nearest pad or ball to sites."""
    points = np.vstack((task.field.pads[net], task.field.balls[list(task.fixed[net])]))
    return np.asarray(octilinear_um(task.field.balls[list(sites)][:, None, :] - points[None, :, :]).min(axis=1))


def _matched(task: Task, placed: dict[int, list[int]], singles: list[int]) -> Sketch:
    """Return the best sketch over a few matchings; each charges what the one before crossed or overfilled."""
    base = [list(balls) + placed.get(net, []) for net, balls in enumerate(task.fixed)]
    taken = {ball for balls in placed.values() for ball in balls}
    free = [ball for ball in task.free if ball not in taken]
    if not singles:
        return Sketch(task.field, base)
    pads = [task.field.pads[net] for net in singles]
    length = lengths_um(pads, task.field.balls[free])
    price = np.zeros(len(task.field.gaps))
    cost, best, seen = length, None, set()
    for _ in range(_ROUNDS if length.size < _MANY else 2):
        chosen = match(cost)
        if chosen.tobytes() in seen:
            break
        seen.add(chosen.tobytes())
        for net, ball in zip(singles, chosen, strict=True):
            base[net] = [*task.fixed[net], free[ball]]
        sketch = Sketch(task.field, base)
        score = sketch.score()
        if best is None or score.total_um < best[0].total_um:
            best = (score, sketch)
        if score.crossings == 0 and score.overload == 0:
            break
        lines = _charged(sketch, price)
        cost = length + charges_um(pads, task.field.balls[free], *_for_singles(lines, singles))
    assert best is not None
    return best[1]


def _charged(sketch: Sketch, price: Floats) -> tuple[Floats, Floats, Ints]:
    """Return lines (m, 4) to charge for, their price (m,) and owner (m,): trees of several terminals, full gaps.

    The price of a gap grows with every round it is overfull (`price` is kept up to date).
    """
    field = sketch.field
    trees = np.array([sketch.is_tree(int(net)) for net in sketch.owner], dtype=bool)
    over = np.maximum(sketch.load(sketch.edges) - field.capacity, 0)
    price += field.overload_um * np.minimum(over, 3) / 3
    full = price > 0
    lines = np.vstack((sketch.edges[trees], field.gaps[full]))
    owner = np.concatenate((sketch.owner[trees], np.full(int(full.sum()), -1)))
    cost = np.concatenate((np.full(int(trees.sum()), field.crossing_um), price[full]))
    return lines, cost, owner.astype(np.int64)


def _for_singles(lines: tuple[Floats, Floats, Ints], singles: list[int]) -> tuple[Floats, Floats, Ints]:
    place = {net: i for i, net in enumerate(singles)}
    owner = np.array([place.get(int(net), -1) for net in lines[2]], dtype=np.int64)
    return lines[0], lines[1], owner


def score_of(package: Package) -> Score:
    """Return length, crossings and overfull gaps of a package's nets as they are."""
    return sketch_of(package)[1].score()


def sketch_of(package: Package) -> tuple[tuple[str, ...], Sketch]:
    """Return the names of a package's nets and the sketch of them as they are."""
    index = {ball.name: i for i, ball in enumerate(package.balls)}
    nets = [net for net in package.nets if net.pads or net.balls]
    names = tuple(net.name for net in nets)
    return names, Sketch(field_of(package, names), [[index[name] for name in net.balls] for net in nets])
