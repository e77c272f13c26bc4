"""Teardrops: the wedge between a wire and the land or pad it ends on, as large as its neighbours allow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Terminal, Wire
from chipscale.layout.route.shapes import MARGIN_UM
from chipscale.layout.route.verify import terminal_shapes

Points = npt.NDArray[np.float64]
BASE_FRACTION = 0.9  # width of the wedge at the land's centre, as a part of the land's diameter
SETBACK_WIDTHS = 1.0  # how far past the land's edge the wedge ends, in wire widths
SCALES = tuple(np.round(np.arange(1.0, 0.04, -0.05), 2))
END_UM = 0.5  # a wire ends "at" a terminal within this distance


def _ray_to_edge(metal: shapely.Geometry, at: Points, towards: Points) -> float:
    """Return how far the metal reaches from a point along a direction, µm."""
    reach = float(np.hypot(*np.ptp(np.reshape(metal.bounds, (2, 2)), axis=0)))
    cut = shapely.LineString([at, at + towards * 2 * reach]).intersection(metal)
    return 0.0 if cut.is_empty else float(shapely.hausdorff_distance(cut, shapely.Point(at)))


def teardrop(terminal: Terminal, wire: Wire, base: float = 1.0, setback: float = 1.0) -> Points | None:
    """Return the wedge (n, 2) µm at the end of `wire` that lies on `terminal`, None if there is none.

    `base` and `setback` (0..1) scale its extra width at the land and its reach beyond the land's edge. The wedge
    follows the wire: where the wire bends before the tip it ends at the bend.
    """
    centre = np.array([terminal.x_um, terminal.y_um])
    points = np.asarray(wire.points, dtype=np.float64)
    if np.hypot(*(points[0] - centre)) > END_UM:
        points = points[::-1]
    if np.hypot(*(points[0] - centre)) > END_UM or len(points) < 2:
        return None
    if terminal.outline is None:
        metal: shapely.Geometry = shapely.Point(centre).buffer(terminal.diameter_um / 2, quad_segs=16)
    else:
        metal = shapely.Polygon(terminal.outline)
    first = points[1] - points[0]
    size = float(np.hypot(*first))
    if size <= 0:
        return None
    u = first / size
    edge = _ray_to_edge(metal, centre, u)
    tip = min(edge + setback * SETBACK_WIDTHS * wire.width_um, size)
    if tip <= edge + 1e-3:
        return None
    n = np.array([-u[1], u[0]])
    across = 2 * min(_ray_to_edge(metal, centre, n), _ray_to_edge(metal, centre, -n))
    half = 0.5 * wire.width_um + base * max(0.5 * BASE_FRACTION * across - 0.5 * wire.width_um, 0.0)
    if half <= 0.5 * wire.width_um + 1e-3:
        return None
    end = 0.5 * wire.width_um
    corners = [centre + n * half, centre - n * half, centre + u * tip - n * end, centre + u * tip + n * end]
    return np.array(corners)


def _fits(shape: Points, net: str, world: tuple) -> bool:  # type: ignore[type-arg]
    """Tell whether a wedge keeps its space from all foreign metal and outlines."""
    problem, tree, pieces, area, wish = world
    polygon = shapely.Polygon(shape)
    if not area.contains(polygon):
        return False
    space = max(problem.space_um, wish.get(net, 0.0))
    reach = max([space, *wish.values()]) + max(r for _, r, _ in pieces) + MARGIN_UM
    for j in tree.query(polygon, predicate="dwithin", distance=reach):
        geometry, radius, other = pieces[j]
        if other == net:
            continue
        need = max(space, wish.get(other, 0.0) if other else 0.0) + MARGIN_UM
        if polygon.distance(geometry) < radius + need:
            return False
    return all(polygon.distance(shapely.Polygon(p.outline)) >= p.clearance_um + MARGIN_UM for p in problem.keepouts)


def teardrops(problem: RouteProblem, answer: RouteAnswer) -> tuple[tuple[str, str, Points], ...]:
    """Return (terminal's name, net, wedge (n, 2) µm) for every wire end on a terminal, each as large as fits.

    A wedge that is too near to foreign metal (or to a wedge placed before it) is made shorter and narrower.
    """
    wish = {n.name: n.space_um for n in problem.nets}
    metal = terminal_shapes(problem)
    pieces: list[tuple[shapely.Geometry, float, str | None]] = [
        (g, r, t.net) for (g, r), t in zip(metal, problem.terminals, strict=True)
    ]
    pieces += [(shapely.LineString(w.points), w.width_um / 2, w.net) for w in answer.wires]
    area = shapely.Polygon(problem.boundary)
    out: list[tuple[str, str, Points]] = []
    done: list[tuple[shapely.Geometry, float, str | None]] = []
    tree = shapely.STRtree([g for g, _, _ in pieces])
    by_net: dict[str, list[Wire]] = {}
    for w in answer.wires:
        by_net.setdefault(w.net, []).append(w)
    for terminal in problem.terminals:
        for wire in by_net.get(terminal.net or "", []):
            for part in (wire, Wire(wire.net, wire.width_um, np.asarray(wire.points)[::-1])):
                if np.hypot(part.points[0][0] - terminal.x_um, part.points[0][1] - terminal.y_um) > END_UM:
                    continue
                shape = _largest(terminal, part, (problem, tree, pieces, area, wish), done)
                if shape is not None:
                    out.append((terminal.name, part.net, shape))
                    done.append((shapely.Polygon(shape), 0.0, part.net))
    return tuple(out)


def _largest(terminal: Terminal, wire: Wire, world: tuple, done: list) -> Points | None:  # type: ignore[type-arg]
    """Return the largest wedge that fits, shrinking its base and its reach together; None if not even 5 % fits."""
    problem, _, _, area, wish = world
    here = shapely.Point(terminal.x_um, terminal.y_um)
    near = [d for d in done if d[2] != wire.net and d[0].distance(here) < 20 * wire.width_um + problem.space_um]
    local = (problem, shapely.STRtree([d[0] for d in near]), near, area, wish) if near else None
    for scale in SCALES:
        shape = teardrop(terminal, wire, scale, scale)
        if shape is None:
            return None
        if _fits(shape, wire.net, world) and (local is None or _fits(shape, wire.net, local)):
            return shape
    return None
