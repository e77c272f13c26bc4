"""What the router is asked and what it answers: plain geometry in µm, no package, no masks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
AngleMode = Literal["any", "octilinear"]


@dataclass(frozen=True, slots=True)
class Terminal:
    """A piece of metal a wire may end on: a ball's land, a pad's capture, a via land.

    `outline` is a convex polygon (n, 2) in µm, counter-clockwise; for a round land it is None and
    `diameter_um` holds. Metal of other nets keeps its space from it; the wire's centre line ends at (x, y).
    `net` None: metal that belongs to nobody (an unused ball) and is only an obstacle.
    """

    name: str
    net: str | None
    x_um: float
    y_um: float
    diameter_um: float = 0.0
    outline: Points | None = None


@dataclass(frozen=True, slots=True)
class RouteNet:
    """A net to route: all its terminals become one connected tree of wires `width_um` wide."""

    name: str
    width_um: float
    space_um: float = 0.0  # extra wish for this net; the larger of this and the problem's space holds


@dataclass(frozen=True, slots=True)
class Keepout:
    """A polygon (n, 2) in µm that no wire may touch (edge of metal to polygon >= clearance_um)."""

    name: str
    outline: Points
    clearance_um: float = 0.0


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """Everything the router may know.

    `boundary` is a simple polygon (n, 2) in µm; all metal of wires stays inside it (metal edge on it is legal).
    """

    boundary: Points
    terminals: tuple[Terminal, ...]
    nets: tuple[RouteNet, ...]
    space_um: float
    keepouts: tuple[Keepout, ...] = ()
    angles: AngleMode = "any"
    spread: bool = True  # use free room for more space than the rule where it costs little length
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Wire:
    """One wire: centre line (n, 2) in µm from terminal to terminal (or to a branch point of its net)."""

    net: str
    width_um: float
    points: Points


@dataclass(frozen=True, slots=True)
class Unrouted:
    """Two parts of a net that could not be joined, and the narrowest gap that stood in the way."""

    net: str
    terminals: tuple[str, ...]  # names of the terminals left apart
    gap_between: tuple[str, str]  # names of the features either side of the gap
    gap_um: float  # room between them, metal edge to metal edge
    needed_um: float  # room all wires that want through would need
    x_um: float
    y_um: float
    message: str


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """The wires, what stayed open, and figures (`wire_um`, `bends`, `bound_octilinear_um`, `seconds`...)."""

    wires: tuple[Wire, ...]
    unrouted: tuple[Unrouted, ...]
    figures: dict[str, float] = field(default_factory=dict)
