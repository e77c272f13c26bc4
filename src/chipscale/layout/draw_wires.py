"""The wires: what the router is asked for each layer, and how its answer becomes traces and teardrops."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np

from chipscale.layout.draw_grooves import back, finger_ends
from chipscale.layout.draw_terminals import capture_size, net_of_balls, net_of_pads, via_sizes
from chipscale.layout.outline import CIRCUMSCRIBED_RATIO
from chipscale.layout.route.problem import Keepout, RouteAnswer, RouteNet, RouteProblem, Terminal, Unrouted
from chipscale.layout.seal_ring import rectangle, square
from chipscale.layout.types import OpenNet, Points, Polygon, Trace
from chipscale.package.types import Package
from chipscale.results import Progress

Router = Callable[[RouteProblem, Progress | None], RouteAnswer]


@dataclass(frozen=True, slots=True)
class DrawnWires:
    """Wires of all layers, and which nets run on which."""

    land_layer: str
    traces: tuple[Trace, ...] = ()
    teardrops: tuple[Polygon, ...] = ()
    upper_nets: frozenset[str] = frozenset()  # with two layers: on RDL2, via at the pads
    lower_nets: frozenset[str] = frozenset()  # with two layers: on RDL, via under the lands
    unrouted: tuple[OpenNet, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)


def wire(package: Package, router: Router, progress: Progress | None = None) -> DrawnWires:
    """Return the wires of all nets: on RDL, or with two layers on RDL2 first and on RDL what did not fit.

    Without redistribution there are none and no layer of lands.
    """
    if package.rdl_layers == 0:
        return DrawnWires("")
    nets = frozenset(net.name for net in package.nets)
    if package.rdl_layers == 1:
        problem = land_problem(package, "RDL")
        return _drawn(package, "RDL", problem, router(problem, progress))
    problem = land_problem(package, "RDL2")
    answer = router(problem, _part(progress, 0.0, 0.6))
    moved = frozenset(gap.net for gap in answer.unrouted)
    kept = replace(answer, wires=tuple(wire for wire in answer.wires if wire.net not in moved), unrouted=())
    upper = _drawn(package, "RDL2", problem, kept)
    if not moved:
        return replace(upper, upper_nets=nets)
    problem = lower_problem(package, moved)
    lower = _drawn(package, "RDL", problem, router(problem, _part(progress, 0.6, 1.0)))
    return DrawnWires(
        "RDL2",
        upper.traces + lower.traces,
        upper.teardrops + lower.teardrops,
        nets - moved,
        moved,
        lower.unrouted,
        _figures(upper, lower),
    )


def land_problem(package: Package, layer: str) -> RouteProblem:
    """Return the routing problem of the layer the lands are on; pads join it by their captures.

    Lands are told to the router as the disc around their 64-gon, so that its spaces hold on the mask.
    """
    land_d = package.terminal.land_d_um * CIRCUMSCRIBED_RATIO
    nets = net_of_balls(package)
    lands = [Terminal(f"ball {ball.name}", nets.get(ball.name), ball.x_um, ball.y_um, land_d) for ball in package.balls]
    metal = via_sizes(package)[1] if layer == "RDL2" else 0.0
    return _problem(package, lands + _captures(package, metal), frozenset(net.name for net in package.nets))


def lower_problem(package: Package, nets: Collection[str]) -> RouteProblem:
    """Return the routing problem of `nets` on the layer below the lands.

    Captures of all pads are there (obstacles to others), lands are not, but vias under the lands of `nets` are.
    """
    metal = via_sizes(package)[1] * CIRCUMSCRIBED_RATIO
    of_ball = net_of_balls(package)
    vias = [
        Terminal(f"ball {ball.name}", of_ball[ball.name], ball.x_um, ball.y_um, metal)
        for ball in package.balls
        if of_ball.get(ball.name) in nets
    ]
    return _problem(package, vias + _captures(package, 0.0), frozenset(nets))


def boundary(package: Package) -> Points:
    """Return the rectangle (4, 2) wires stay inside.

    The rule set's distance to the seal ring's outer edge, or without such a rule the least metal space to its
    inner edge; with grooves from the back, what lies between their mouths.
    """
    if package.grooves is not None:
        return back(package, package.grooves)
    die, rules = package.die, package.rules.values
    inset = die.seal_ring_inset_um + rules.get(
        "rdl_to_sealring_outer_um", die.seal_ring_width_um + rules.get("rdl_min_space_um", 0.0)
    )
    return rectangle(inset, inset, die.size_x_um - inset, die.size_y_um - inset)


def _captures(package: Package, at_least_um: float) -> list[Terminal]:
    if package.grooves is not None:
        return finger_ends(package, package.grooves)
    nets = net_of_pads(package)
    found = []
    for pad in package.pads:
        if pad.name in nets:
            sides = [max(side, at_least_um) for side in capture_size(package, pad)]
            outline = square(pad.x_um, pad.y_um, *sides)
            found.append(Terminal(f"pad {pad.name}", nets[pad.name], pad.x_um, pad.y_um, outline=outline))
    return found


def _problem(package: Package, terminals: list[Terminal], names: frozenset[str]) -> RouteProblem:
    """Return the problem for the nets in `names` that have two terminals or more."""
    count: dict[str, int] = {}
    for terminal in terminals:
        if terminal.net is not None:
            count[terminal.net] = count.get(terminal.net, 0) + 1
    routed = []
    for net in sorted(package.nets, key=lambda item: item.name):
        if net.name in names and count.get(net.name, 0) > 1:
            drawn = package.class_of(net)
            routed.append(RouteNet(net.name, drawn.width_um, drawn.space_um))
    spaces = [net.space_um for net in routed] or [item.space_um for item in package.classes]
    return RouteProblem(
        boundary=boundary(package),
        terminals=tuple(terminals),
        nets=tuple(routed),
        space_um=min(spaces, default=package.rules.values.get("rdl_min_space_um", 10.0)),
        keepouts=tuple(Keepout(area.name, np.array(area.points_um, dtype=float)) for area in package.keepouts),
        angles=package.angles,
        spread=package.spread,
        seed=package.seed,
    )


def _drawn(package: Package, layer: str, problem: RouteProblem, answer: RouteAnswer) -> DrawnWires:
    traces = tuple(Trace(layer, item.net, item.width_um, np.asarray(item.points, dtype=float)) for item in answer.wires)
    drops: tuple[Polygon, ...] = ()
    if package.teardrops and answer.wires:
        from chipscale.layout.route.teardrop import teardrops

        drops = tuple(
            Polygon(layer, "teardrop", _counter_clockwise(points), net, name.partition(" ")[2])
            for name, net, points in teardrops(problem, answer)
        )
    unrouted = tuple(_open_net(gap) for gap in answer.unrouted)
    return DrawnWires(layer, traces, drops, unrouted=unrouted, figures=dict(answer.figures))


def _open_net(gap: Unrouted) -> OpenNet:
    where = (gap.x_um, gap.y_um)
    return OpenNet(gap.net, gap.terminals, gap.gap_between, gap.gap_um, gap.needed_um, where, gap.message)


def _counter_clockwise(points: Points) -> Points:
    x, y = points[:, 0], points[:, 1]
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return points if area >= 0 else points[::-1].copy()


def _figures(upper: DrawnWires, lower: DrawnWires) -> dict[str, float]:
    """Return the routers' figures of two layers, summed where both have them."""
    names = sorted(set(upper.figures) | set(lower.figures))
    return {name: upper.figures.get(name, 0.0) + lower.figures.get(name, 0.0) for name in names}


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    if progress is None:
        return None
    return lambda done, what: progress(start + (end - start) * done, what)
