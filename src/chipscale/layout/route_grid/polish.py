"""Makes wires exact and short: each is taken out and laid again as the shortest legal way past all others.

Works on any nearly legal wires, whatever router drew them. A wire may change sides of whatever it passes.
"""

from __future__ import annotations

import numpy as np

from chipscale.layout.route.problem import RouteProblem, Wire
from chipscale.layout.route_grid.features import Floats
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.tree import drop_straight, length_um, parts, pieces, tidy

GAIN_UM = 0.05  # shorter by less is not worth a change


def polish(problem: RouteProblem, wires: tuple[Wire, ...], passes: int = 12) -> tuple[Wire, ...]:
    """Shorter wires with exact distances; a wire that finds no legal way stays as it was."""
    field = Field(problem, wires)
    shorten(field, passes)
    swap_pairs(field)
    shorten(field, passes)
    return field.wires()


def shorten(field: Field, passes: int = 12) -> None:
    """Lay every net again until no net gets shorter; only nets near a change are tried again."""
    todo = {i for i, lines in enumerate(field.lines) if lines}
    for _ in range(passes):
        if not todo:
            return
        boxes = net_boxes(field)
        again: set[int] = set()
        for i in sorted(todo):
            if improve(field, i):
                again |= near_nets(boxes, i)
        todo = again


def net_boxes(field: Field) -> Floats:
    """Box (x0, y0, x1, y1) of each net's wires and a margin; empty nets get an impossible box."""
    out = np.tile(np.array([1e30, 1e30, -1e30, -1e30]), (len(field.lines), 1))
    for i, lines in enumerate(field.lines):
        if lines:
            p = np.vstack(lines)
            m = 2 * field.half[i] + field.space[i]
            out[i] = np.concatenate([p.min(axis=0) - m, p.max(axis=0) + m])
    return out


def near_nets(boxes: Floats, net: int) -> set[int]:
    """Nets whose boxes meet a net's box, the net included."""
    b = boxes[net]
    hit = (boxes[:, 0] < b[2]) & (boxes[:, 2] > b[0]) & (boxes[:, 1] < b[3]) & (boxes[:, 3] > b[1])
    return {int(i) for i in np.flatnonzero(hit)}


def improve(field: Field, net: int) -> bool:
    """Lay each wire of one net again; True if the net got shorter or became legal."""
    changed = False
    for n in range(len(field.lines[net])):
        lines = field.lines[net]
        if n >= len(lines):
            break
        changed |= improve_wire(field, net, n)
    return changed


def improve_wire(field: Field, net: int, n: int) -> bool:
    """Take out wire n of a net and join the two parts again by the shortest way."""
    lines, pins = field.lines[net], field.pins[net]
    old = lines[n]
    legal = field.legal(net, old)
    reach = length_um(old)
    pitch = 2 * field.half[net] + field.space[net]
    rest = tidy([line for i, line in enumerate(lines) if i != n], pins)
    if len(pins) == 2:
        ends = (pieces([], [pins[0]]), pieces([], [pins[1]]))
    else:
        both = parts(rest, pins)
        if len(both) != 2:
            return False
        ends = tuple(pieces([rest[i] for i in w], [pins[i] for i in p]) for w, p in both)  # type: ignore[assignment]
    limit = reach + pitch * 0.01 * len(old) - GAIN_UM if legal else 1.5 * reach + 20 * pitch
    way = field.join(net, ends, limit)
    if len(way) == 0 or (legal and length_um(way) > reach - GAIN_UM):
        return False
    way = drop_straight(way)
    if not field.legal(net, way):
        return False
    field.put(net, tidy([*rest, way], pins))
    return True


def lone(field: Field, net: int) -> bool:
    """Whether a net is one wire between two pins."""
    return len(field.pins[net]) == 2 and len(field.lines[net]) == 1


def blockers(field: Field, net: int) -> list[int]:
    """Nets whose wires stand in the way a net would take without any other wires."""
    a, b = (pieces([], [p]) for p in field.pins[net])
    reach = length_um(field.lines[net][0])
    way = field.join(net, (a, b), reach - 1.0, wires=False)
    if len(way) == 0:
        return []
    import shapely

    use = np.flatnonzero((field.owner >= 0) & (field.owner != net))
    segments = shapely.linestrings(field.segments[use])
    need = field.half[net] + field.seg_half[use] + np.maximum(field.seg_space[use], field.space[net])
    hit = shapely.distance(segments, shapely.linestrings(way)) < need
    return sorted({int(i) for i in field.owner[use[hit]]})


def swap_pairs(field: Field, worst_first: int = 400) -> int:
    """Take out pairs of nets that hinder each other and lay both again; gives the number of pairs changed."""
    excess = []
    for i in range(len(field.lines)):
        if lone(field, i):
            d = float(np.hypot(*(field.pins[i][0] - field.pins[i][1])))
            excess.append((length_um(field.lines[i][0]) - d, i))
    excess.sort(reverse=True)
    changed = 0
    for over, i in excess[:worst_first]:
        if over < 2 * (2 * field.half[i] + field.space[i]):
            break
        for j in blockers(field, i)[:4]:
            if lone(field, j) and try_pair(field, i, j):
                changed += 1
                break
    return changed


def try_pair(field: Field, i: int, j: int) -> bool:
    """Lay net i first and j after it, both from nothing; keep it if the two together get shorter."""
    old = field.lines[i], field.lines[j]
    total = length_um(old[0][0]) + length_um(old[1][0])
    ends = [tuple(pieces([], [p]) for p in field.pins[k]) for k in (i, j)]
    least = float(np.hypot(*(field.pins[j][0] - field.pins[j][1])))
    field.put(i, [])
    field.put(j, [])
    first = field.join(i, ends[0], total - least - 1.0)  # type: ignore[arg-type]
    if len(first):
        field.put(i, [drop_straight(first)])
        second = field.join(j, ends[1], total - length_um(first) - 1.0)  # type: ignore[arg-type]
        if len(second):
            field.put(j, [drop_straight(second)])
            if field.legal(i, field.lines[i][0]) and field.legal(j, field.lines[j][0]):
                return True
    field.put(i, [])
    field.put(j, [])
    field.put(i, old[0])
    field.put(j, old[1])
    return False
