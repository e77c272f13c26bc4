"""A straight-line sketch of an assignment: its edges, their length, crossings, and gaps asked for too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.layout.assign.segments import cross, length_um, octilinear_um, tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PAST = 0.35  # of the pitch: how far beside a row of balls a wire along it is drawn


@dataclass(frozen=True, slots=True)
class Field:
    """What an assignment is judged on: pads (k, 2) per net, balls (n, 2), gaps between lands and what they pass.

    `gaps` (g, 4) joins the centres of neighbouring lands, `capacity` (g,) counts wires. `stubs` (p, 4) runs from
    each pad out to the die's near edge, `stub_net` (p,) is its net (-1: none): wires do not pass a pad on its outer
    side. A crossing costs `crossing_um`, each wire too many in a gap `overload_um`.
    """

    pads: tuple[Floats, ...]
    balls: Floats
    gaps: Floats
    capacity: Ints
    stubs: Floats
    stub_net: Ints
    crossing_um: float
    overload_um: float
    pitch_um: float


@dataclass(frozen=True, slots=True)
class Score:
    """Length in µm, crossings, wires too many in gaps, and all of it in µm of wire."""

    length_um: float
    crossings: int
    overload: int
    total_um: float


class Sketch:
    """Edges of every net for given balls of each net, kept up to date while balls change hands.

    `edges` (e, 4) are straight segments of all nets in net order, `owner` (e,) their nets; a net keeps its number
    of balls.
    """

    def __init__(self, field: Field, balls_of: Sequence[Sequence[int]]) -> None:
        self.field = field
        self.balls_of = [list(balls) for balls in balls_of]
        joins = [max(0, len(pads) + len(balls) - 1) for pads, balls in zip(field.pads, balls_of, strict=True)]
        sizes = [join if join < 2 else 2 * join for join in joins]
        self.first = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.owner = np.repeat(np.arange(len(sizes)), sizes)
        self.edges = np.zeros((int(self.first[-1]), 4))
        self._drawn = np.zeros(len(sizes), dtype=bool)
        several = [net for net, size in enumerate(sizes) if size > 1]
        order = [net for net, size in enumerate(sizes) if size == 1] + sorted(
            several, key=lambda net: (sizes[net], net)
        )
        for net in order + several:
            self._put(net, self._tree(net, self.balls_of[net], self._lines((net,))))

    def edges_of(self, net: int) -> Floats:
        """Return the edges (k, 4) of one net."""
        return self.edges[self.first[net] : self.first[net + 1]]

    def is_tree(self, net: int) -> bool:
        """Return whether a net has more than two terminals."""
        return bool(self.first[net + 1] - self.first[net] > 1)

    def joins_one_pad(self, net: int) -> bool:
        """Return whether a net is one pad and one ball."""
        return len(self.field.pads[net]) == 1 and len(self.balls_of[net]) == 1

    def load(self, edges: Floats) -> Ints:
        """Return how many of the edges (n, 4) pass each gap (g,)."""
        if not len(edges) or not len(self.field.gaps):
            return np.zeros(len(self.field.gaps), dtype=np.int64)
        return np.asarray(cross(edges, self.field.gaps).sum(axis=0))

    def crossings(self) -> Ints:
        """Return how often each edge (e,) is crossed by another net's edge or passes a pad on its outer side."""
        return np.asarray(self._between().sum(axis=1) + self._past_pads().sum(axis=1))

    def score(self) -> Score:
        """Return how good the whole sketch is."""
        count = int(self._between().sum()) // 2 + int(self._past_pads().sum())
        over = int(np.maximum(self.load(self.edges) - self.field.capacity, 0).sum())
        length = length_um(self.edges)
        return Score(length, count, over, length + count * self.field.crossing_um + over * self.field.overload_um)

    def change(self, new: Mapping[int, Sequence[int]], load: Ints) -> tuple[float, dict[int, Floats]]:
        """Return what giving nets other balls would add in µm, and the edges they would have.

        `load` (g,) is the load of the gaps as they are now; empty: gaps are not looked at.
        """
        nets = sorted(new)
        rest = self._lines(nets)
        old = [(net, self.edges_of(net)) for net in nets]
        fresh: list[tuple[int, Floats]] = []
        for net in nets:
            others = self._with_stubs(np.vstack([rest, *(edges for _, edges in fresh)]), net, nets)
            fresh.append((net, self._tree(net, new[net], others)))
        before, after = np.vstack([edges for _, edges in old]), np.vstack([edges for _, edges in fresh])
        added = length_um(after) - length_um(before)
        added += self.field.crossing_um * (self._count(fresh, rest, nets) - self._count(old, rest, nets))
        if len(load):
            changed = load - self.load(before) + self.load(after)
            over = np.maximum(changed - self.field.capacity, 0).sum() - np.maximum(load - self.field.capacity, 0).sum()
            added += self.field.overload_um * float(over)
        return added, dict(fresh)

    def swaps(self, mine: tuple[int, int], others: Sequence[tuple[int, int | None]], load: Ints) -> Floats:
        """Return what each trade would add (n,) in µm, all at once; for nets of one pad and one ball only.

        `mine` is (net, its ball), `others` (ball, its net or None); otherwise as `change`.
        """
        net, ball = mine
        partner = np.array([-2 if other is None else other for _, other in others], dtype=np.int64)
        none = partner < 0
        first = np.hstack(
            (np.repeat(self.field.pads[net], len(others), axis=0), self.field.balls[[b for b, _ in others]])
        )
        was = self.edges_of(net)
        second, second_was = first.copy(), first.copy()
        for i, (_, other) in enumerate(others):
            if other is not None:
                second[i] = np.concatenate((self.field.pads[other][0], self.field.balls[ball]))
                second_was[i] = self.edges_of(other)[0]
        near = octilinear_um(second[:, 2:] - second[:, :2]) - octilinear_um(second_was[:, 2:] - second_was[:, :2])
        added = octilinear_um(first[:, 2:] - first[:, :2]) - length_um(was) + np.where(none, 0.0, near)
        mates = (net, partner)
        count = self._crossed(first, net, mates) - self._crossed(np.repeat(was, len(others), axis=0), net, mates)
        both = self._crossed(second, partner, mates) - self._crossed(second_was, partner, mates)
        both += np.diagonal(cross(first, second)).astype(np.int64) - cross(was, second_was)[0]
        added = added + self.field.crossing_um * (count + np.where(none, 0, both))
        if len(load):
            gaps, capacity, use = self.field.gaps, self.field.capacity, ~none[:, None]
            moved = cross(first, gaps).astype(np.int64) - cross(was, gaps)
            moved += use * (cross(second, gaps).astype(np.int64) - cross(second_was, gaps))
            over = np.maximum(load + moved - capacity, 0).sum(axis=1) - np.maximum(load - capacity, 0).sum()
            added = added + self.field.overload_um * over
        return np.asarray(added)

    def _crossed(self, edges: Floats, net: int | Ints, mates: tuple[int, Ints]) -> Ints:
        """Return how many lines each edge (n, 4) of `net` crosses, not counting edges of the two that trade."""
        one, two = mates
        other = (self.owner != one)[None, :] & (self.owner[None, :] != two[:, None])
        count = (cross(edges, self.edges) & other).sum(axis=1)
        alien = self.field.stub_net[None, :] != np.broadcast_to(np.asarray(net), two.shape)[:, None]
        return np.asarray(count + (cross(edges, self.field.stubs) & alien).sum(axis=1), dtype=np.int64)

    def accept(self, new: Mapping[int, Sequence[int]], edges: Mapping[int, Floats]) -> None:
        """Take over balls and edges that `change` returned."""
        for net, balls in new.items():
            self.balls_of[net] = list(balls)
            self._put(net, edges[net])

    def _put(self, net: int, edges: Floats) -> None:
        self.edges[self.first[net] : self.first[net + 1]] = edges
        self._drawn[net] = True

    def _tree(self, net: int, balls: Sequence[int], others: Floats) -> Floats:
        points = np.vstack((self.field.pads[net], self.field.balls[list(balls)]))
        return tree(points, others, self.field.crossing_um, PAST * self.field.pitch_um)

    def _lines(self, without: Sequence[int]) -> Floats:
        """Return edges drawn so far and pad stubs (n, 4) of all nets but `without`."""
        edges, stubs = self._drawn[self.owner], np.ones(len(self.field.stubs), dtype=bool)
        for net in without:
            edges = edges & (self.owner != net)
            stubs &= self.field.stub_net != net
        return np.vstack((self.edges[edges], self.field.stubs[stubs]))

    def _with_stubs(self, lines: Floats, net: int, nets: Sequence[int]) -> Floats:
        """Return lines and the stubs of those of `nets` that are not `net`."""
        if len(nets) == 1:
            return lines
        mates = [self.field.stubs[self.field.stub_net == other] for other in nets if other != net]
        return np.vstack((lines, *mates))

    def _between(self) -> Bools:
        return np.asarray(cross(self.edges, self.edges) & (self.owner[:, None] != self.owner[None, :]))

    def _past_pads(self) -> Bools:
        field = self.field
        return np.asarray(cross(self.edges, field.stubs) & (self.owner[:, None] != field.stub_net[None, :]))

    def _count(self, parts: Sequence[tuple[int, Floats]], rest: Floats, nets: Sequence[int]) -> int:
        total = sum(int(cross(edges, rest).sum()) for _, edges in parts)
        for i, (net, first) in enumerate(parts):
            total += sum(int(cross(first, second).sum()) for _, second in parts[i + 1 :])
            total += int(cross(first, self._with_stubs(np.zeros((0, 4)), net, nets)).sum())
        return total
