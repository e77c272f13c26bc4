"""Using free room: wires move apart to more than the least space where that costs little length."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from chipscale.layout.route.clearance import path_slack
from chipscale.layout.route.figures import bends
from chipscale.layout.route.legalise import legalise, scene_of, wire_slack
from chipscale.layout.route.realise import clean
from chipscale.layout.route.shapes import Nets, Shapes
from chipscale.layout.route.shorten import BEND_UM_PER_UM, around, merge, pull, skip

Points = npt.NDArray[np.float64]
FACTORS = (2.0, 1.5, 1.25)  # space wished for, in units of the rule
LONGER = 0.01  # how much longer a wire may get
MORE_BENDS = 2
KEEP = 0.98  # part of the room won that tidying up must leave


def _length(p: Points) -> float:
    return float(np.hypot(*np.diff(p, axis=0).T).sum())


def spread(lines: dict[int, Points], wnet: npt.NDArray[np.int64], shapes: Shapes, nets: Nets) -> dict[int, Points]:
    """Return the wires moved apart; each is legal, at most 1 % longer and has at most two bends more."""
    done: set[int] = set()
    for factor in FACTORS:
        wide = Nets(nets.width, nets.space * factor)
        metal = np.where(shapes.net == -2, shapes.clear, shapes.clear * factor)
        pushed = legalise(lines, wnet, shapes._replace(clear=metal), wide, frozen=frozenset(done), attempts=1)
        trial = dict(lines)
        for w in sorted(set(lines) - done):
            line = _tidy(pushed, w, (wnet, shapes, nets))
            if line is not None and _better(lines, line, w, (wnet, shapes, nets)):
                trial[w] = line
        lines, moved = _only_legal(lines, trial, (wnet, shapes, nets))
        done |= moved
    return lines


def _scene(lines: dict[int, Points], w: int, world: tuple[npt.NDArray[np.int64], Shapes, Nets], line: Points):  # type: ignore[no-untyped-def]
    wnet, shapes, nets = world
    seg, wn, _, wires = scene_of(lines, wnet, shapes)[1:]
    reach = float(nets.width.max() + 2.5 * nets.space.max()) + 5.0
    return around(line, w, (shapes, seg, wn, wires), reach)


def _tidy(lines: dict[int, Points], w: int, world: tuple[npt.NDArray[np.int64], Shapes, Nets]) -> Points | None:
    """Straighten a pushed wire without giving back the room it has; None if it is not legal."""
    wnet, _, nets = world
    net = int(wnet[w])
    scene = _scene(lines, w, world, lines[w])
    room = float(path_slack(lines[w], net, scene, nets, 0.0))
    if room < 0:
        return None
    extra = KEEP * min(room, float(nets.space[net]))
    q = skip(lines[w], net, scene, nets, extra)
    q = pull(q, net, scene, nets, extra, 12)
    return clean(merge(q, net, scene, nets, extra, BEND_UM_PER_UM), 1e-12)


def _better(lines: dict[int, Points], line: Points, w: int, world: tuple[npt.NDArray[np.int64], Shapes, Nets]) -> bool:
    old = lines[w]
    return _length(line) <= (1 + LONGER) * _length(old) and bends(line) <= bends(old) + MORE_BENDS


def _only_legal(
    lines: dict[int, Points], trial: dict[int, Points], world: tuple[npt.NDArray[np.int64], Shapes, Nets]
) -> tuple[dict[int, Points], set[int]]:
    """Take back moves until all wires are legal together; return the wires and those that moved."""
    trial = dict(trial)
    while True:
        moved = {w for w in lines if trial[w] is not lines[w]}
        slack = wire_slack(trial, *world)
        bad = {w for w, s in slack.items() if s < 0}
        if not bad or not moved:
            return trial, moved
        back = bad & moved
        for w in back or moved:
            trial[w] = lines[w]
