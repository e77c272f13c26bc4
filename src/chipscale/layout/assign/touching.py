"""Which balls have no choice: a land that lies on a pad, or nearer to it than metal may, has to carry its net."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from chipscale.layout.assign.demand import Demand
from chipscale.layout.draw_terminals import capture_size
from chipscale.package.types import Package


def touched(package: Package, demand: Demand) -> Demand:
    """Return the demand with balls whose land touches a pad's capture given to that pad's net.

    Any other net on such a ball would be shorted to the pad or break the metal's space. A land on pads of several
    nets goes to the nearest that still needs a ball. A ball none of its nets needs is left unconnected while there
    are balls to spare.
    """
    count, fixed = dict(demand.count), dict(demand.fixed)
    free = list(demand.free)
    at = _nets_at(package)
    for ball in demand.free:
        wanted = [net for net in at.get(ball, []) if count.get(net, 0) > 0]
        if wanted:
            fixed[ball] = wanted[0]
            count[wanted[0]] -= 1
            free.remove(ball)
        elif ball in at and len(free) > sum(count.values()):
            free.remove(ball)
    return replace(demand, count={net: n for net, n in count.items() if n > 0}, free=tuple(free), fixed=fixed)


def _nets_at(package: Package) -> dict[str, list[str]]:
    """Return by ball name the nets of pads its land touches, the nearest pad's first."""
    if not package.balls:
        return {}
    space = package.rules.values.get("rdl_min_space_um", min((c.space_um for c in package.classes), default=0.0))
    reach = package.terminal.land_d_um / 2 + space
    xy = np.array([(ball.x_um, ball.y_um) for ball in package.balls])
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for pad in package.pads:
        if pad.net is None:
            continue
        half = np.array(capture_size(package, pad)) / 2
        away = np.abs(xy - (pad.x_um, pad.y_um))
        apart = np.hypot(*np.maximum(away - half, 0.0).T)
        for i in np.flatnonzero(apart < reach - 1e-6):
            found[package.balls[i].name].append((round(float(np.hypot(*away[i])), 3), pad.net))
    return {ball: [net for _, net in sorted(pads)] for ball, pads in found.items()}
