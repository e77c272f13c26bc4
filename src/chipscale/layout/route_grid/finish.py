"""Joins what negotiation left open, and takes back every wire that is not legal."""

from __future__ import annotations

import itertools

import numpy as np

from chipscale.layout.route.verify import violations
from chipscale.layout.route_grid.features import Floats
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.tree import drop_straight, parts, pieces, tidy


def join_open(field: Field) -> int:
    """Join parts of nets wherever there is any legal way past what lies there; gives the number of joints."""
    joints = 0
    for net in range(len(field.lines)):
        while join_once(field, net):
            joints += 1
    return joints


def join_once(field: Field, net: int) -> bool:
    """Join the two nearest parts of a net that can be joined."""
    lines, pins = field.lines[net], field.pins[net]
    if len(pins) < 2:
        return False
    groups = [g for g in parts(lines, pins) if g[1]]
    trees = [pieces([lines[i] for i in w], [pins[i] for i in p]) for w, p in groups]
    pairs = sorted(itertools.combinations(range(len(trees)), 2), key=lambda ab: apart(trees[ab[0]], trees[ab[1]]))
    span = float(np.ptp(field.problem.boundary, axis=0).sum())
    for a, b in pairs:
        way = field.join(net, (trees[a], trees[b]), min(2 * span, 3 * apart(trees[a], trees[b]) + 0.2 * span))
        if len(way):
            way = drop_straight(way)
            if field.legal(net, way):
                field.put(net, tidy([*lines, way], pins))
                return True
    return False


def apart(a: Floats, b: Floats) -> float:
    """Distance in µm between the corners of two trees."""
    p, q = a.reshape(-1, 2), b.reshape(-1, 2)
    return float(np.hypot(p[:, None, 0] - q[None, :, 0], p[:, None, 1] - q[None, :, 1]).min())


def drop_illegal(field: Field) -> list[int]:
    """Take back wires until none violates a rule: the net in most violations first; gives the nets hit."""
    number = {n.name: i for i, n in enumerate(field.problem.nets)}
    hit: list[int] = []
    while True:
        wires = field.wires()
        bad = violations(field.problem, wires)
        if not bad:
            return hit
        count: dict[str, int] = {}
        for v in bad:
            for wire in {v.wire, v.other_wire} - {-1}:
                count[wires[wire].net] = count.get(wires[wire].net, 0) + 1
        net = number[max(sorted(count), key=lambda n: count[n])]
        wrong = [wires[v.wire].points for v in bad if wires[v.wire].net == field.problem.nets[net].name]
        keep = [line for line in field.lines[net] if not any(line is w for w in wrong)]
        keep = keep if len(keep) < len(field.lines[net]) else []
        field.put(net, tidy(keep, field.pins[net]) if keep else [])
        hit.append(net)
