"""What a conductor is to the electrical questions: straight bars between nodes, and the terminals they join."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
SegmentKind = Literal["trace", "land", "via", "ubm", "ball", "pad"]
Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight bar of one net between two nodes, its current along it; lengths in µm of the die view.

    `kind`: a wire (trace), metal of a wire within a land or over a pad (land, pad), metal in an opening (via), metal
    under a ball (ubm), a slice of a ball. `across` is the unit vector of its width; `layer` the stack's layer.
    """

    net: str
    kind: SegmentKind
    layer: str
    a: int
    b: int
    start_um: Point
    end_um: Point
    across: Point
    width_um: float
    thick_um: float
    material: str
    sigma_S_m: float

    @property
    def length_um(self) -> float:
        """Return the bar's length in µm."""
        return float(np.linalg.norm(np.subtract(self.end_um, self.start_um)))

    @property
    def r_ohm(self) -> float:
        """Return the bar's resistance in ohm at even current."""
        return self.length_um / (self.sigma_S_m * self.width_um * self.thick_um) * 1e6


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where current enters or leaves a net: `name` is "ball A1" (its board side) or "pad p12" (its top)."""

    name: str
    net: str
    node: int

    @property
    def is_ball(self) -> bool:
        """True for the board side of a ball."""
        return self.name.startswith("ball ")


@dataclass(frozen=True, slots=True)
class Conductors:
    """The bars of all nets, the positions (n, 3) in µm of the nodes they meet at, and the nets' terminals.

    `open_terminals` are those no metal joins to the other side: a ball no pad of its net reaches, or a pad no ball.
    """

    segments: tuple[Segment, ...]
    nodes: Points
    terminals: tuple[Terminal, ...]
    open_terminals: tuple[Terminal, ...] = ()

    @property
    def nets(self) -> tuple[str, ...]:
        """Return the names of the nets that have bars, sorted."""
        return tuple(sorted({segment.net for segment in self.segments}))

    def of_nets(self, names: Iterable[str]) -> Conductors:
        """Return the bars and terminals of some nets; the numbers of the nodes stay."""
        kept = set(names)
        return replace(
            self,
            segments=tuple(item for item in self.segments if item.net in kept),
            terminals=tuple(item for item in self.terminals if item.net in kept),
            open_terminals=tuple(item for item in self.open_terminals if item.net in kept),
        )


class Draft:
    """Conductors while they are made: nodes, bars and terminals are added, nodes that lie together become one."""

    def __init__(self, sigma_S_m: dict[str, float]) -> None:
        self.sigma_S_m = sigma_S_m
        self.points: list[Point] = []
        self.segments: list[Segment] = []
        self.terminals: list[Terminal] = []
        self._same: list[int] = []

    def node(self, at_um: Point) -> int:
        """Return the number of a new node."""
        self.points.append((float(at_um[0]), float(at_um[1]), float(at_um[2])))
        self._same.append(len(self._same))
        return len(self.points) - 1

    def root(self, node: int) -> int:
        """Return the node that stands for all those made one with this."""
        while self._same[node] != node:
            self._same[node] = self._same[self._same[node]]
            node = self._same[node]
        return node

    def unite(self, one: int, other: int) -> None:
        """Make two nodes one; the one with the lower number stays."""
        low, high = sorted((self.root(one), self.root(other)))
        self._same[high] = low

    def bar(self, segment: Segment) -> None:
        """Add a bar."""
        self.segments.append(segment)

    def done(self) -> Conductors:
        """Return what was drawn, with united nodes and nodes without bars dropped."""
        bars = [replace(item, a=self.root(item.a), b=self.root(item.b)) for item in self.segments]
        bars = [item for item in bars if item.a != item.b]
        ends = [replace(item, node=self.root(item.node)) for item in self.terminals]
        used = sorted({node for item in bars for node in (item.a, item.b)} | {item.node for item in ends})
        number = {node: k for k, node in enumerate(used)}
        bars = [replace(item, a=number[item.a], b=number[item.b]) for item in bars]
        ends = [replace(item, node=number[item.node]) for item in ends]
        nodes = np.array([self.points[node] for node in used], dtype=float).reshape(-1, 3)
        return Conductors(tuple(bars), nodes, tuple(ends), tuple(_without_path(bars, ends, len(nodes))))


def _without_path(bars: list[Segment], ends: list[Terminal], count: int) -> list[Terminal]:
    """Return the terminals whose piece of metal has no terminal of the other kind."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    links = np.array([(item.a, item.b) for item in bars], dtype=int).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(count, count))
    piece = connected_components(graph, directed=False)[1] if count else np.zeros(0, dtype=int)
    seen: dict[int, set[bool]] = {}
    for item in ends:
        seen.setdefault(int(piece[item.node]), set()).add(item.is_ball)
    return [item for item in ends if len(seen[int(piece[item.node])]) < 2]
