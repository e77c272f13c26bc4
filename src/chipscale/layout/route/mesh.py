"""The triangulation the wires are sketched on: one vertex per feature, edges with the room between them."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay, cKDTree

from chipscale.layout.route.problem import Points, RouteProblem
from chipscale.layout.route.shapes import ring_segments, terminal_radius_um

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Mesh(NamedTuple):
    """Vertices, edges and triangles as arrays.

    `xy` (V, 2) µm; `vterm` (V,) terminal or -1; `vnet` (V,) net, -1 nobody's metal, -2 outline;
    `vclear` (V,) µm, clearance of an outline vertex. `ends` (E, 2) vertices; `length` (E,) µm;
    `metal` (E, 2) µm, how far metal reaches from each end along the edge (so that length - metal is the true
    room between the two features); `blocked` (E,) no wire may cross; `etri` (E, 2) triangles or -1;
    `tv` (T, 3) vertices, counter-clockwise; `te` (T, 3) the edge opposite each vertex;
    `vptr` (V+1,), `vtri`: triangles around each vertex.
    """

    xy: Floats
    vterm: Ints
    vnet: Ints
    vclear: Floats
    vowner: Ints
    ends: Ints
    length: Floats
    metal: Floats
    blocked: npt.NDArray[np.bool_]
    etri: Ints
    tv: Ints
    te: Ints
    vptr: Ints
    vtri: Ints


def _terminal_polygon(terminal) -> shapely.Geometry:  # type: ignore[no-untyped-def]
    if terminal.outline is None:
        return shapely.Point(terminal.x_um, terminal.y_um).buffer(terminal_radius_um(terminal), quad_segs=32)
    return shapely.Polygon(terminal.outline)


def _sites(problem: RouteProblem) -> tuple[list[tuple[float, float]], list[int]]:
    """Return one site per terminal, and more along the axis of a long one; equal sites are moved by 1 nm."""
    sites: list[tuple[float, float]] = []
    owner: list[int] = []
    seen: set[tuple[int, int]] = set()
    for k, t in enumerate(problem.terminals):
        spots = [(t.x_um, t.y_um)]
        if t.outline is not None:
            box = shapely.minimum_rotated_rectangle(shapely.Polygon(t.outline))
            ring = np.asarray(box.exterior.coords) if box.geom_type == "Polygon" else np.zeros((0, 2))
            if len(ring) >= 5:
                sides = [ring[1] - ring[0], ring[2] - ring[1]]
                lengths = [float(np.hypot(*s)) for s in sides]
                long, short = max(lengths), max(min(lengths), 1e-6)
                if long > 2.2 * short:
                    along = sides[int(np.argmax(lengths))] / long
                    centre = ring[:4].mean(axis=0)
                    count = min(int(np.ceil(long / short)), 24)
                    for f in (np.arange(count) + 0.5) / count - 0.5:
                        p = centre + along * f * (long - 0.0)
                        if np.hypot(p[0] - t.x_um, p[1] - t.y_um) > 0.6 * short:
                            spots.append((float(p[0]), float(p[1])))
        for x, y in spots:
            while (round(x * 1000), round(y * 1000)) in seen:
                x += 0.0013
                y += 0.0007
            seen.add((round(x * 1000), round(y * 1000)))
            sites.append((x, y))
            owner.append(k)
    return sites, owner


def _split(outline: Points, sites: Floats, step_um: float) -> Floats:
    """Return points (n, 2) along a closed outline: corners, feet of near sites, and no gap over `step_um`."""
    points: list[Floats] = []
    for x0, y0, x1, y1 in ring_segments(outline):
        a, d = np.array([x0, y0]), np.array([x1 - x0, y1 - y0])
        size = float(np.hypot(*d))
        if size < 1e-9:
            continue
        cuts = [0.0]
        if len(sites):
            f = (sites - a) @ d / size**2
            foot = np.hypot(*(a + f[:, None] * d - sites).T)
            near = np.sort(f[(f > 0) & (f < 1) & (foot < 1.5 * step_um)] * size)
            for value in near:
                if value - cuts[-1] > 0.2 * step_um and size - value > 0.2 * step_um:
                    cuts.append(float(value))
        cuts.append(size)
        for lo, hi in pairwise(cuts):
            n = max(1, int(np.ceil((hi - lo) / step_um)))
            points += [a + d / size * (lo + (hi - lo) * i / n) for i in range(n)]
    return np.array(points)


def _conforming(sites: Floats, rings: list[Floats]) -> tuple[Floats, list[int], Delaunay]:
    """Insert midpoints until every outline piece is an edge of the Delaunay triangulation."""
    for _ in range(14):
        xy = np.vstack([sites, *rings])
        tri = Delaunay(xy)
        s = tri.simplices
        edges = {tuple(e) for e in np.sort(np.vstack([s[:, [0, 1]], s[:, [1, 2]], s[:, [2, 0]]]), axis=1).tolist()}
        first, missing, new = len(sites), 0, []
        for ring in rings:
            out = []
            n = len(ring)
            for i in range(n):
                out.append(ring[i])
                a, b = first + i, first + (i + 1) % n
                if (min(a, b), max(a, b)) not in edges and np.hypot(*(ring[i] - ring[(i + 1) % n])) > 0.05:
                    out.append(0.5 * (ring[i] + ring[(i + 1) % n]))
                    missing += 1
            new.append(np.array(out))
            first += n
        if not missing:
            break
        rings = new
    ring_of = [k for k, ring in enumerate(rings) for _ in ring]
    xy = np.vstack([sites, *rings])
    return xy, ring_of, Delaunay(xy)


def _exit(poly: shapely.Geometry | None, line: shapely.Geometry, point: shapely.Geometry) -> float:
    """Return how far a line from `point` runs inside `poly`."""
    if poly is None:
        return 0.0
    inside = shapely.intersection(line, poly)
    if shapely.is_empty(inside):
        return 0.0
    return float(shapely.hausdorff_distance(inside, point))


def build_mesh(problem: RouteProblem) -> Mesh:
    """Return the mesh for a problem; triangles outside the boundary or inside keep-outs are left out."""
    index = {n.name: i for i, n in enumerate(problem.nets)}
    site_list, site_owner = _sites(problem)
    sites = np.array(site_list, dtype=np.float64).reshape(-1, 2)
    if len(sites) > 1:
        near = cKDTree(sites).query(sites, k=2)[0][:, 1]
        step = max(float(np.median(near)), 1.0)
    else:
        step = float(np.hypot(*np.ptp(problem.boundary, axis=0))) / 8
    outlines = [problem.boundary, *(k.outline for k in problem.keepouts)]
    rings = [_split(o, sites, step) for o in outlines]
    if len(sites):
        tree = cKDTree(sites)
        rings = [r[tree.query(r)[0] > 1e-3] for r in rings]
    xy, ring_of, tri = _conforming(sites, rings)
    n_site = len(sites)
    vterm = np.full(len(xy), -1, dtype=np.int64)
    vterm[:n_site] = site_owner
    vnet = np.full(len(xy), -2, dtype=np.int64)
    for v in range(n_site):
        net = problem.terminals[site_owner[v]].net
        vnet[v] = index.get(net, -1) if net is not None else -1
    vclear = np.zeros(len(xy))
    vowner = vterm.copy()
    for i, k in enumerate(ring_of):
        vclear[n_site + i] = 0.0 if k == 0 else problem.keepouts[k - 1].clearance_um
        vowner[n_site + i] = len(problem.terminals) + k
    simplices = _inside(problem, xy, np.asarray(tri.simplices, dtype=np.int64))
    return _assemble(problem, (xy, vterm, vnet, vclear, vowner), simplices)


def _inside(problem: RouteProblem, xy: Floats, simplices: Ints) -> Ints:
    """Keep the triangles of the area wires may use, counter-clockwise, without slivers."""
    p = xy[simplices]
    d1, d2 = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    area = d1[:, 0] * d2[:, 1] - d1[:, 1] * d2[:, 0]
    simplices = np.where((area < 0)[:, None], simplices[:, [0, 2, 1]], simplices)
    simplices, p = simplices[np.abs(area) > 1e-9], p[np.abs(area) > 1e-9]
    mid = p.mean(axis=1)
    ok = shapely.contains_xy(shapely.Polygon(problem.boundary), mid[:, 0], mid[:, 1])
    for keepout in problem.keepouts:
        ok &= ~shapely.contains_xy(shapely.Polygon(keepout.outline), mid[:, 0], mid[:, 1])
    return simplices[ok]


def _assemble(problem: RouteProblem, vertices: tuple[Floats, Ints, Ints, Floats, Ints], tv: Ints) -> Mesh:
    """Build the edge tables and the room along each edge."""
    xy, vterm, vnet, vclear, vowner = vertices
    pairs = np.vstack([tv[:, [1, 2]], tv[:, [2, 0]], tv[:, [0, 1]]])
    ends, inverse = np.unique(np.sort(pairs, axis=1), axis=0, return_inverse=True)
    n_t, n_e = len(tv), len(ends)
    te = np.asarray(inverse, dtype=np.int64).reshape(3, n_t).T.copy()
    etri = np.full((n_e, 2), -1, dtype=np.int64)
    for t in range(n_t):
        for j in range(3):
            e = te[t, j]
            etri[e, 0 if etri[e, 0] < 0 else 1] = t
    length = np.hypot(*(xy[ends[:, 0]] - xy[ends[:, 1]]).T)
    metal = _metal(problem, (xy, vterm), ends, length, ends[etri[:, 1] < 0])
    blocked = (etri[:, 1] < 0) | ((vterm[ends[:, 0]] == vterm[ends[:, 1]]) & (vterm[ends[:, 0]] >= 0))
    order = np.argsort(tv.ravel(), kind="stable")
    vptr = np.searchsorted(tv.ravel()[order], np.arange(len(xy) + 1))
    return Mesh(
        np.ascontiguousarray(xy),
        vterm,
        vnet,
        vclear,
        vowner,
        ends.astype(np.int64),
        length,
        metal,
        blocked,
        etri,
        np.ascontiguousarray(tv),
        te,
        vptr.astype(np.int64),
        (order // 3).astype(np.int64),
    )


def _metal(problem: RouteProblem, vertices: tuple[Floats, Ints], ends: Ints, length: Floats, rim: Ints) -> Floats:
    """Return (E, 2): reach of metal along each edge, enlarged so that the rest is the features' distance.

    At an outline's vertex the feature is the two pieces of outline that meet there; rim (n, 2) are all pieces.
    """
    xy, vterm = vertices
    polys: list[shapely.Geometry] = [_terminal_polygon(t) for t in problem.terminals]
    pieces: dict[int, list[Floats]] = {}
    for a, b in rim.tolist():
        for v in (a, b):
            pieces.setdefault(v, []).append(xy[[a, b]])
    metal = np.zeros((len(ends), 2))
    for e, (a, b) in enumerate(ends.tolist()):
        reach = [0.0, 0.0]
        if vterm[a] < 0 and vterm[b] < 0:
            continue
        line = shapely.LineString([xy[a], xy[b]])
        for j, v in enumerate((a, b)):
            if vterm[v] >= 0:
                t = problem.terminals[vterm[v]]
                if t.outline is None:
                    reach[j] = terminal_radius_um(t)
                else:
                    reach[j] = _exit(polys[vterm[v]], line, shapely.Point(xy[v]))
        if vterm[a] >= 0 and vterm[b] >= 0 and all(problem.terminals[vterm[v]].outline is None for v in (a, b)):
            room = length[e] - reach[0] - reach[1]
        else:
            shape = [
                polys[vterm[v]] if vterm[v] >= 0 else shapely.MultiLineString(pieces.get(v, [xy[[v, v]]]))
                for v in (a, b)
            ]
            room = float(shapely.distance(shape[0], shape[1]))
        extra = max(0.0, length[e] - reach[0] - reach[1] - room)
        share = [0.5, 0.5] if vterm[a] >= 0 and vterm[b] >= 0 else [float(vterm[a] < 0), float(vterm[b] < 0)]
        metal[e] = [reach[0] + extra * share[0], reach[1] + extra * share[1]]
    return metal
