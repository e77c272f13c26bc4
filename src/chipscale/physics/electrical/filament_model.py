"""The conductors of nets as filaments with ports: each ball against the pads of its net.

The die joins a net's pads, so that a ball's current splits among them as the resistances have it, and it does so at
all frequencies: the die's own wiring is not known, and a join without inductance would close loops of millimetres in
which currents could circulate that no die would carry. Loops that a net's metal on the package closes are free.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.conductor_types import Conductors, Segment, Terminal
from chipscale.solvers.bar_network import DEFAULT_PATTERNS, BarNetwork, even_currents, port_currents
from chipscale.solvers.filaments import Bundle, bundle
from chipscale.solvers.inductance import Bars, image_inductance

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
MU0_H_m = 4e-7 * math.pi
MOST_PARTS = 15  # a wire's side is cut in no more; its outermost part is then 1/382 of it
_MOST_UPRIGHT = 11  # the same for balls and vias, short and wide
_SKIN_RATIO = 0.5  # outermost filament of a wire over skin depth: its resistance is then within 1 %
_RATIO = 2.0
_NO_CURRENT = 1e-12  # of 1 A: what rounding leaves where none flows


class Meshing(NamedTuple):
    """Into how many filaments widths and thicknesses of wires are cut (0: from the skin depth), and how many current
    patterns stand for them (0: all filaments are solved for); `finer`: parts added to those of all bars, an even
    number, of which two halve the outermost."""

    across: int = 0
    up: int = 0
    patterns: int = 5
    finer: int = 0


class Model(NamedTuple):
    """Bars of nets cut into filaments, their ports (a ball each), and which currents can flow.

    `currents` (n, p + loops): in each bar for 1 A into each ball and out of its net's pads, then around each loop of
    the metal;
    `length_um` (p,): the way of each port's current; `outer_over_skin_ratio`: the thickest outermost filament over the
    skin depth.
    """

    bundle: Bundle
    ports: tuple[Terminal, ...]
    currents: Array
    length_um: Array
    outer_over_skin_ratio: float
    patterns: Index


def model(conductors: Conductors, f_Hz: float, meshing: Meshing) -> Model:
    """Return the model of all nets that have a way from a ball to a pad, cut for frequencies up to f_Hz."""
    ports = _balls(conductors)
    currents = _currents(conductors, ports)
    used = np.flatnonzero(np.abs(currents).max(axis=1, initial=0.0) > _NO_CURRENT)
    segments = [conductors.segments[k] for k in used.tolist()]
    currents = currents[used]
    sigma = np.array([item.sigma_S_m for item in segments])
    cuts = [_parts(item, f_Hz, meshing) for item in segments]
    made = bundle(_bars(segments), sigma, *(np.array(side, dtype=np.int64) for side in zip(*cuts, strict=True)), _RATIO)
    length = np.array([item.length_um for item in segments])
    way = np.abs(currents[:, : len(ports)]).T @ length
    coarse = max((_coarse(item, cut, f_Hz) for item, cut in zip(segments, cuts, strict=True)), default=0.0)
    counts = np.array([_patterns(item, meshing.patterns) for item in segments], dtype=np.int64)
    return Model(made, ports, currents, np.asarray(way), coarse, counts)


class Solver:
    """Answers for a model at several frequencies: what depends on none is computed once."""

    def __init__(self, made: Model, meshing: Meshing, plane_um: float | None = None) -> None:
        """Take a model; `plane_um`: the height of a perfect plane, far against the bars' sections."""
        self.meshing = meshing
        image_H = None if plane_um is None else image_inductance(made.bundle.bars, 1e-6 * plane_um)
        count, tolerance = (made.patterns, 1e-5) if meshing.patterns else (DEFAULT_PATTERNS, 1e-6)
        self._bars = BarNetwork(made.bundle, made.currents, len(made.ports), count, tolerance, image_H)

    def at(self, f_Hz: float) -> tuple[Array, Array]:
        """Return resistance in ohm and partial inductance in H (p, p) between the ports at a frequency."""
        if f_Hz <= 0.0:
            return self._bars.at_dc()
        z = self._bars.by_patterns(f_Hz) if self.meshing.patterns else self._bars.by_filaments(f_Hz)
        return np.asarray(z.real), np.asarray(z.imag / (2.0 * math.pi * f_Hz))


def skin_depth_um(sigma_S_m: Array, f_Hz: float) -> Array:
    """Return the skin depth in µm, sqrt(2/(ω µ0 σ)); infinite at DC."""
    if f_Hz <= 0.0:
        return np.full_like(sigma_S_m, np.inf)
    return np.asarray(1e6 * np.sqrt(1.0 / (math.pi * f_Hz * MU0_H_m * sigma_S_m)))


def _balls(conductors: Conductors) -> tuple[Terminal, ...]:
    """Return the balls with a way to a pad."""
    lost = {item.name for item in conductors.open_terminals}
    return tuple(item for item in conductors.terminals if item.is_ball and item.name not in lost)


def _currents(conductors: Conductors, balls: tuple[Terminal, ...]) -> Array:
    """Return the currents (n, p + loops) of all bars: of each ball, split among pads as at DC, and of metal loops."""
    own = np.array([(item.a, item.b) for item in conductors.segments], dtype=np.int64).reshape(-1, 2)
    lost = {item.name for item in conductors.open_terminals}
    same = np.arange(len(conductors.nodes))
    pads: dict[str, int] = {}
    for item in conductors.terminals:
        if not item.is_ball and item.name not in lost:
            same[item.node] = pads.setdefault(item.net, item.node)
    pairs = np.array([(item.node, pads[item.net]) for item in balls], dtype=np.int64).reshape(-1, 2)
    currents = port_currents(same[own], pairs)
    loops = port_currents(own, np.empty((0, 2), dtype=np.int64))
    if currents.shape[1] == len(balls) + loops.shape[1]:  # no two pads of one net: the die closes no loop
        return currents
    r_ohm = [1e6 * s.length_um / (s.sigma_S_m * s.width_um * s.thick_um) for s in conductors.segments]
    return np.hstack((even_currents(np.array(r_ohm), currents, len(balls)), loops))


def _bars(segments: list[Segment]) -> Bars:
    start = np.array([item.start_um for item in segments]) * 1e-6
    end = np.array([item.end_um for item in segments]) * 1e-6
    across = np.array([item.across for item in segments], dtype=float)
    width = np.array([item.width_um for item in segments]) * 1e-6
    return Bars(start, end, across, width, np.array([item.thick_um for item in segments]) * 1e-6)


def _parts(item: Segment, f_Hz: float, meshing: Meshing) -> tuple[int, int]:
    """Return how many filaments a bar's width and thickness are cut into."""
    depth = float(skin_depth_um(np.array([item.sigma_S_m]), f_Hz)[0])
    wire = item.kind in ("trace", "land", "pad")
    depth, most = (_SKIN_RATIO * depth, MOST_PARTS) if wire else (depth, _MOST_UPRIGHT)
    across = meshing.across if wire and meshing.across else parts_for(item.width_um, depth, most)
    up = meshing.up if wire and meshing.up else parts_for(item.thick_um, depth, most)
    return across + meshing.finer, up + meshing.finer


def parts_for(side_um: float, depth_um: float, most: int = MOST_PARTS) -> int:
    """Return the least odd number of parts, each twice as wide as the one outside it, whose outermost is no wider
    than a depth; at most `most`.

    >>> [parts_for(20.0, depth) for depth in (30.0, 6.0, 2.09)]
    [1, 3, 5]
    """
    count = 1
    while count < most and _outer(side_um, count) > depth_um:
        count += 2
    return count


def _outer(side_um: float, count: int) -> float:
    """Return the width of the outermost of an odd number of parts."""
    half = count // 2
    return side_um / (2 * (2**half - 1) + 2**half) if count % 2 else side_um / (2 * (2**half - 1))


def _coarse(item: Segment, cut: tuple[int, int], f_Hz: float) -> float:
    """Return a bar's widest outermost filament over its skin depth."""
    if f_Hz <= 0.0:
        return 0.0
    widest = max(_outer(item.width_um, cut[0]), _outer(item.thick_um, cut[1]))
    return widest / float(skin_depth_um(np.array([item.sigma_S_m]), f_Hz)[0])


def _patterns(item: Segment, asked: int) -> int:
    """Return how many patterns a bar gets: fewer where it is shorter than it is wide."""
    stub = item.length_um < 0.5 * max(item.width_um, item.thick_um)
    return max(1, min(asked, 3) if stub else asked)
