"""Draw the masks of one die: pads and balls with their openings, wires from the router, ring, marks and labels.

One redistribution layer: lands, captures and wires are on RDL. Two layers: lands are on RDL2. All nets are first
routed there; pads reach it by a via on their capture. Nets that found no way are moved as a whole to RDL, where
lands are no obstacle: their pads connect directly and a via under each of their lands, with metal around it, leads
up. Every site has a land, an opening, under-bump metal and a ball, also where no net is.

With grooves from the die's back: lands and wires are on the back, each pad's metal runs straight out of its groove.

No redistribution layer: balls stand on pads, with neither land nor capture nor wire.
"""

from __future__ import annotations

from chipscale.layout.draw_grooves import cover, groove_balls, groove_pads, groove_strips
from chipscale.layout.draw_terminals import balls, pads
from chipscale.layout.draw_wires import Router, wire
from chipscale.layout.marks import labels, marks
from chipscale.layout.route.problem import RouteAnswer, RouteProblem
from chipscale.layout.seal_ring import outline, seal_ring
from chipscale.layout.types import Layout, Polygon
from chipscale.package.types import Package
from chipscale.results import Progress


def draw(package: Package, progress: Progress | None = None, router: Router | None = None) -> Layout:
    """Return the layout of `package` in the die view, µm.

    `router` answers the routing problem of each layer; default is chipscale's own. `given(answer)` makes one from
    wires drawn elsewhere. Nets it could not route are in `unrouted`; everything else is drawn.
    """
    wiring = wire(package, router or _own_router, progress)
    upper = wiring.upper_nets if package.rdl_layers == 2 else frozenset()
    under: list[Polygon] = []
    if package.grooves is not None:
        under = cover(package, package.grooves)
        circles = groove_balls(package)
        polygons = (
            *groove_strips(package, package.grooves),
            *groove_pads(package, package.grooves),
            *wiring.teardrops,
        )
    else:
        circles = balls(package, wiring.land_layer, wiring.lower_nets)
        polygons = (*seal_ring(package.die), *pads(package, upper), *wiring.teardrops)
    marked = marks(package, list(circles), list(polygons), list(wiring.traces))
    return Layout(
        size_x_um=package.die.size_x_um,
        size_y_um=package.die.size_y_um,
        circles=(*circles, *marked.discs),
        polygons=(outline(package.die), *under, *polygons, *marked.texts),
        traces=wiring.traces,
        labels=labels(package, wiring.land_layer),
        unrouted=wiring.unrouted,
        figures=wiring.figures,
        name=package.name,
    )


def given(answer: RouteAnswer) -> Router:
    """Return a router that always gives `answer`: wires drawn by hand or by another tool."""
    return lambda problem, progress=None: answer


def _own_router(problem: RouteProblem, progress: Progress | None = None) -> RouteAnswer:
    from chipscale.layout.route.router import route

    tell = None if progress is None else lambda stage, part: progress(part, stage)
    return route(problem, tell)
