"""Triangles for thin sheets of any outline: fine at corners and along given lines, coarse where nothing happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

_GRID = 1e-5  # of the edge size: corners nearer than this become one
_SHORTEST = 0.002  # of the edge size: no side is cut shorter
_ROUNDS = 40  # of adding points until all sides are there and no triangle is bad
_TURN_DEG = 25.0  # a corner that turns less than this is part of a curve
_WORST_DEG = 20.0  # least angle of a triangle that is left as it is
MOST_POINTS = 2_000_000  # about 4 GB while it is solved


class TooFineError(ValueError):
    """The mesh would have more points than the memory is meant for."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """Corners (n, 2) in m and triangles (m, 3), counter-clockwise."""

    points: Array
    triangles: Index

    @property
    def areas(self) -> Array:
        """Return the triangles' areas (m,) in m²."""
        a, b, c = (self.points[self.triangles[:, k]] for k in range(3))
        return np.asarray(0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])))

    @property
    def centroids(self) -> Array:
        """Return the triangles' centroids (m, 2) in m."""
        return np.asarray(self.points[self.triangles].mean(axis=1))

    def nodes_in(self, region: Any, tolerance: float) -> Index:
        """Return the corners within `tolerance` (m) of a shapely shape: an electrode's, also of a line or a point."""
        import shapely

        near = shapely.buffer(region, tolerance)
        shapely.prepare(near)
        return np.flatnonzero(shapely.contains_xy(near, self.points[:, 0], self.points[:, 1]))


@dataclass(frozen=True, slots=True)
class Size:
    """Longest sides of triangles in m: along outlines and lines (`edge`), at right angles that turn inwards (`corner`:
    share of it) and far inside (`inside`: multiple of it); `growth_ratio` is how fast they grow with the distance."""

    edge_m: float
    corner_ratio: float = 0.06
    inside_ratio: float = 4.0
    growth_ratio: float = 0.2


def mesh(region: Any, size: Size, lines: tuple[Any, ...] = ()) -> Mesh:
    """Return triangles that fill a shapely region (m); their sides follow its outline and `lines` (shapes' outlines).

    Delaunay triangulation with sides split until all are in it, and points added in the middle of the circles of bad
    triangles (J. Ruppert, J. Algorithms 18, 1995; here many at a time). Corners nearer than 1e-5 edges become one.
    Raises TooFineError where more than MOST_POINTS corners would be needed.
    """
    import shapely

    scale = size.edge_m
    scaled = shapely.transform(region, lambda p: p / scale)
    wires = [shapely.transform(_outline(line), lambda p: p / scale) for line in lines]
    least = scaled.length + scaled.area / size.inside_ratio**2
    if least > MOST_POINTS:
        raise TooFineError(f"about {least:.2g} points: take larger triangles")
    corners, sides = _noded(scaled, wires)
    field = _Field(scaled, wires, (corners, sides), size)
    whole = shapely.buffer(scaled, 2 * _GRID)
    shapely.prepare(whole)
    points, sides = _split_to_size(corners, sides, field)
    inner = _inner_points(whole, points, field)
    if len(points) + len(inner) > MOST_POINTS:
        raise TooFineError(f"{len(points) + len(inner)} points: take larger triangles")
    points = np.vstack((points, _clear_of(inner, points, sides)))
    points, triangles = _refined(points, sides, whole, field)
    return Mesh(points * scale, triangles)


def _outline(shape: Any) -> Any:
    return shape.boundary if shape.geom_type in ("Polygon", "MultiPolygon") else shape


def _noded(region: Any, wires: list[Any]) -> tuple[Array, Index]:
    """Return the corners (n, 2) and sides (k, 2) of all outlines and lines, cut where they cross."""
    import shapely
    from scipy.spatial import cKDTree

    inside = [shapely.intersection(wire, region, grid_size=_GRID) for wire in wires]
    lines = [part for shape in inside for part in shapely.get_parts(shape) if "Line" in part.geom_type]
    net = shapely.union_all([region.boundary, *lines], grid_size=_GRID)
    pieces = [shapely.get_coordinates(part) for part in shapely.get_parts(net)]
    pairs = np.vstack([np.hstack((piece[:-1], piece[1:])) for piece in pieces])
    keys = np.round(pairs.reshape(-1, 2) / _GRID).astype(np.int64)
    unique, number = np.unique(keys, axis=0, return_inverse=True)
    sides = np.sort(number.reshape(-1, 2), axis=1)
    sides = np.unique(sides[sides[:, 0] != sides[:, 1]], axis=0)
    given = np.vstack([shapely.get_coordinates(shape) for shape in (region, *wires)])
    away, nearest = cKDTree(given).query(unique * _GRID)
    corners = np.where((away < 2 * _GRID)[:, None], given[nearest], unique * _GRID)  # given corners stay where they are
    return corners, sides.astype(np.int64)


class _Field:
    """How long sides may be at a point, in edge sizes."""

    def __init__(self, region: Any, wires: list[Any], net: tuple[Array, Index], size: Size) -> None:
        from scipy.spatial import cKDTree

        corners, sides = net
        self._size = size
        self._lines = cKDTree(np.vstack([_samples(corners[a], corners[b]) for a, b in sides]))
        turns = _turns(region, wires, size.corner_ratio)
        turns = turns[turns[:, 2] < size.inside_ratio]
        octave = np.floor(np.log2(turns[:, 2]))
        self._finer = [
            (float(turns[octave == step, 2].min()), cKDTree(turns[octave == step, :2])) for step in np.unique(octave)
        ]

    def __call__(self, points: Array) -> Array:
        size = self._size
        away = self._lines.query(points)[0]
        most = np.minimum(1.0 + size.growth_ratio * np.maximum(away - 0.5, 0.0), size.inside_ratio)
        for least, tree in self._finer:
            most = np.minimum(most, least + size.growth_ratio * tree.query(points)[0])
        return np.asarray(most)


def _samples(start: Array, end: Array) -> Array:
    count = max(2, int(np.ceil(np.hypot(*(end - start)) / 0.5)) + 1)
    return np.asarray(start + np.linspace(0.0, 1.0, count)[:, None] * (end - start))


def _turns(region: Any, wires: list[Any], least: float) -> Array:
    """Return rows x, y, longest side (k, 3) where outlines turn: `least` at right angles that point inwards and at all
    of inner lines, also at their ends, more where they turn less; a fifth of the radius along curves."""
    import shapely

    rings = [(ring, False) for ring in shapely.get_parts(shapely.orient_polygons(region).boundary)]
    rings += [(part, True) for wire in wires for part in shapely.get_parts(wire) if "Line" in part.geom_type]
    found = [np.zeros((0, 3))]
    for ring, both in rings:
        p = shapely.get_coordinates(ring)
        if both and not ring.is_closed:  # where an electrode ends the current is crowded
            found.append(np.column_stack((p[[0, -1]], [least, least])))
        p = np.vstack((p[-2:-1], p)) if ring.is_closed else p
        step = np.diff(p, axis=0)
        length = np.hypot(*step.T)
        before, after = step[:-1], step[1:]
        cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        turn = np.arctan2(cross, np.einsum("ij,ij->i", before, after))
        sharp = np.abs(turn) > np.deg2rad(_TURN_DEG)
        radius = np.minimum(length[:-1], length[1:]) / np.maximum(np.abs(turn), 1e-9)
        corner = least ** np.minimum(np.abs(turn) / (np.pi / 2), 1.0)
        most = np.where(sharp, corner, np.maximum(radius / 5, least))
        kept = ~sharp | (turn < 0) | both
        found.append(np.column_stack((p[1:-1], most))[kept])
    return np.vstack(found)


def _split_to_size(points: Array, sides: Index, field: _Field) -> tuple[Array, Index]:
    """Return points and sides with every side halved until it is short enough."""
    while True:
        a, b = points[sides[:, 0]], points[sides[:, 1]]
        long = np.hypot(*(b - a).T) > np.minimum(field((a + b) / 2), np.minimum(field(a), field(b)) * 1.5)
        if not long.any():
            return points, sides
        points, sides = _halved(points, sides, long)


def _halved(points: Array, sides: Index, which: npt.NDArray[np.bool_]) -> tuple[Array, Index]:
    cut = sides[which]
    middle = np.arange(len(cut)) + len(points)
    points = np.vstack((points, points[cut].mean(axis=1)))
    new = (np.column_stack((cut[:, 0], middle)), np.column_stack((middle, cut[:, 1])))
    return points, np.vstack((sides[~which], *new))


def _inner_points(region: Any, on_lines: Array, field: _Field) -> Array:
    """Return points inside, from squares that are quartered until they are small enough."""
    import shapely
    from scipy.spatial import cKDTree

    x0, y0, x1, y1 = shapely.bounds(region)
    side = 8.0
    xs, ys = np.arange(x0, x1 + side, side), np.arange(y0, y1 + side, side)
    cells = np.column_stack([axis.ravel() for axis in np.meshgrid(xs, ys)]) + side / 2 + 0.137
    cells = cells[shapely.intersects(region, shapely.box(*(cells - side / 2).T, *(cells + side / 2).T))]
    kept = []
    while len(cells):
        small = side <= field(cells)
        kept.append(cells[small])
        side /= 2
        cells = np.vstack([cells[~small] + [dx * side / 2, dy * side / 2] for dx in (-1, 1) for dy in (-1, 1)])
        if sum(map(len, kept)) + len(cells) > MOST_POINTS:
            raise TooFineError(f"more than {MOST_POINTS} points: take larger triangles")
    points = np.vstack(kept) if kept else np.zeros((0, 2))  # none: all of the region is smaller than a triangle may be
    points = points[shapely.contains_xy(region, points[:, 0], points[:, 1])]
    if not len(points):
        return np.zeros((0, 2))
    return np.asarray(points[cKDTree(on_lines).query(points)[0] > 0.6 * field(points)])


class _Round(NamedTuple):
    """A triangulation: triangles (m, 3), which are inside, the centre (m, 2) and radius (m,) of their circles."""

    triangles: Index
    inside: npt.NDArray[np.bool_]
    centre: Array
    radius: Array
    worst: Array  # least angle, rad


def _refined(points: Array, sides: Index, region: Any, field: _Field) -> tuple[Array, Index]:
    """Return points and triangles (counter-clockwise) with all sides in it and few bad triangles."""
    for _ in range(_ROUNDS):
        split = _encroached(points, sides)
        if split.any():
            points, sides = _halved(points, sides, split)
            continue
        if len(points) > MOST_POINTS:
            raise TooFineError(f"{len(points)} points: take larger triangles")
        made = _triangulated(points, region)
        new = _circle_centres(made, region, field)
        if not len(new):
            break
        hit = _hit_sides(points, sides, new)
        if hit.any():
            points, sides = _halved(points, sides, hit)
            new = _clear_of(new, points, sides)
        points = np.vstack((points, new))
    made = _triangulated(points, region)
    triangles = made.triangles[made.inside]
    used, renamed = np.unique(triangles, return_inverse=True)
    return points[used], renamed.reshape(-1, 3).astype(np.int64)


def _circles(points: Array, sides: Index) -> tuple[Array, Array]:
    a, b = points[sides[:, 0]], points[sides[:, 1]]
    return (a + b) / 2, np.hypot(*(b - a).T) / 2


def _encroached(points: Array, sides: Index) -> npt.NDArray[np.bool_]:
    """Tell which sides have another point in the circle over them (such a side may be missing among the triangles)."""
    from scipy.spatial import cKDTree

    middle, radius = _circles(points, sides)
    near = cKDTree(points).query(middle, k=min(3, len(points)))[0]
    return np.asarray((near[:, 0] < radius * (1 - 1e-7)) & (radius > _SHORTEST))


def _hit_sides(points: Array, sides: Index, new: Array) -> npt.NDArray[np.bool_]:
    """Tell which sides have one of the new points in the circle over them."""
    from scipy.spatial import cKDTree

    middle, radius = _circles(points, sides)
    near = cKDTree(new).query(middle)[0]
    return np.asarray((near < radius) & (radius > _SHORTEST))


def _clear_of(new: Array, points: Array, sides: Index) -> Array:
    """Return the new points that lie in no circle over a side."""
    from scipy.spatial import cKDTree

    if not len(new):
        return new
    middle, radius = _circles(points, sides)
    tree, hits = cKDTree(new), set()
    for found in tree.query_ball_point(middle, radius):
        hits.update(found)
    keep = np.ones(len(new), dtype=bool)
    keep[sorted(hits)] = False
    return np.asarray(new[keep])


def _triangulated(points: Array, region: Any) -> _Round:
    import shapely
    from scipy.spatial import Delaunay

    triangles = Delaunay(points).simplices.astype(np.int64)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    twice = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    flip = twice < 0
    triangles[flip] = triangles[flip][:, [0, 2, 1]]
    lengths = np.column_stack([np.hypot(*(p - q).T) for p, q in ((b, c), (c, a), (a, b))])
    size = np.maximum(np.abs(twice), 1e-300)
    uu, vv = (u**2).sum(axis=1), (v**2).sum(axis=1)
    offset = np.column_stack((v[:, 1] * uu - u[:, 1] * vv, u[:, 0] * vv - v[:, 0] * uu)) / (
        2 * np.where(twice == 0, 1e-300, twice)[:, None]
    )
    radius = lengths.prod(axis=1) / (2 * size)
    worst = np.arcsin(np.clip(lengths.min(axis=1) / (2 * radius), 0.0, 1.0))
    centroid = (a + b + c) / 3
    flat = np.abs(twice) < 1e-9
    inside = shapely.contains_xy(region, centroid[:, 0], centroid[:, 1]) & ~flat
    return _Round(triangles, inside, a + offset, radius, worst)


def _circle_centres(made: _Round, region: Any, field: _Field) -> Array:
    """Return new points: centres of the circles of triangles that are too large or too flat, far from each other."""
    import shapely
    from scipy.spatial import cKDTree

    made = _Round(*(part[made.inside] for part in made))
    shortest = 2 * made.radius * np.sin(made.worst)
    most = field(made.centre)
    large = made.radius > 0.95 * most
    flat = (made.worst < np.deg2rad(_WORST_DEG)) & (shortest > 4 * _SHORTEST)
    bad = np.flatnonzero(large | flat)
    if not len(bad):
        return np.zeros((0, 2))
    bad = bad[np.argsort(-made.radius[bad] / most[bad], kind="stable")]
    centre, reach = made.centre[bad], made.radius[bad]
    taken = np.zeros(len(bad), dtype=bool)
    barred = np.zeros(len(bad), dtype=bool)
    tree = cKDTree(centre)
    for k, near in enumerate(tree.query_ball_point(centre, reach)):
        if not barred[k]:
            taken[k] = True
            barred[near] = True
    centre = centre[taken]
    return np.asarray(centre[shapely.contains_xy(region, centre[:, 0], centre[:, 1])])
