"""Widths, spaces and enclosures measured on klayout regions: the least figure, and every place below a limit.

Metric: spaces and enclosures are Euclidian (a corner counts by its distance). Widths are projected, edge to facing
edge, since the short chord across a disc's rim is no neck; necks between two inner corners are found besides.
Facing edges of different merged polygons make a space; two edges of one polygon make a slit only where they run
within 15° of parallel for longer than the limit, so that the acute corner where a wire leaves its land is none.
The grid is 1 nm: every corner is rounded by at most 0.71 nm, two of them by 1.41 nm; hence the 2 nm tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

Edge = tuple[float, float, float, float]
Probe = Callable[[int], Any]  # distance in nm -> klayout EdgePairs closer than it

_REACH = (1.02, 2.0, 4.0)  # how far beyond the limit the least figure is looked for, in limits
_LARGE = 20_000  # edges beyond which only the limit itself is checked
_FARTHEST_UM = 100.0  # and no farther than this
_PARALLEL_DEG = 15.0
_MOST_CLUSTERED = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One place: what was measured there (µm, or a ratio), where, and the two edges that face each other."""

    value: float
    x_um: float
    y_um: float
    edges: tuple[Edge, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """The least figure on the masks (None: nothing within `beyond`), and the places below the limit."""

    least: float | None
    findings: tuple[Finding, ...] = ()
    beyond: float | None = None

    def joined(self, other: Measured) -> Measured:
        """Return both measurements as one."""
        figures = [value for value in (self.least, other.least) if value is not None]
        reach = [value for value in (self.beyond, other.beyond) if value is not None]
        return Measured(min(figures, default=None), self.findings + other.findings, min(reach, default=None))


def width(region: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure the least width of merged polygons, necks between two inner corners included."""
    shapes = _unlike(region)
    if shapes.count() < region.count() / 2:  # width is a polygon's own: look at one of each shape first
        found = width(shapes, limit_um, tol_um)
        if not found.findings:
            return found
    straight = measure(lambda d: region.width_check(d, False, _projection()), limit_um, tol_um, _edges(region))
    corners = _necks(region, limit_um, tol_um)
    return straight.joined(Measured(min(item.value for item in corners), corners)) if corners else straight


def space(region: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure the least space between different merged polygons."""
    return measure(lambda d: region.isolated_check(d, False, _euclidian()), limit_um, tol_um, _edges(region))


def separation(first: Any, second: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure the least space between two layers; places where they overlap or touch count as 0."""
    probe: Probe = lambda d: first.separation_check(second, d, False, _euclidian())  # noqa: E731
    found = measure(probe, limit_um, tol_um, _edges(first, second))
    overlaps = tuple(Finding(0.0, *_center(polygon), _bars(polygon)) for polygon in (first & second).merged().each())
    return found.joined(Measured(0.0, overlaps)) if overlaps else found


def enclosure(outer: Any, inner: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure how far `outer` reaches beyond `inner` at least; where it does not cover it, the figure is 0."""
    probe: Probe = lambda d: inner.enclosed_check(outer, d, False, _euclidian())  # noqa: E731
    found = measure(probe, limit_um, tol_um, _edges(outer, inner))
    bare = (inner - outer).sized(-1).sized(1)  # slivers of the grid are no gap
    gaps = tuple(Finding(0.0, *_center(polygon), _bars(polygon)) for polygon in bare.merged().each())
    if not gaps:
        return found
    near = [gap.value <= tol_um for gap in found.findings]  # the same place, found a second time at its rim
    rest = tuple(gap for gap, same in zip(found.findings, near, strict=True) if not same)
    return Measured(0.0, gaps + rest, found.beyond)


def slits(region: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure slits and holes within single merged polygons.

    A slit: edges facing each other for longer than the limit. A hole: nowhere as wide as the limit.
    """
    d = _nm(limit_um - tol_um)
    pairs = region.notch_check(d, False, _projection(), _PARALLEL_DEG) if d > 0 else None
    found = []
    for group in _clusters(list(pairs.each()) if pairs is not None else []):
        if group.least > tol_um and group.extent_um > limit_um:
            found.append(group.finding())
    for hole in region.holes().each():
        widest = _widest_um(hole, limit_um)
        if widest < limit_um - tol_um:
            found.append(Finding(widest, *_center(hole), _bars(hole)))
    return Measured(min((item.value for item in found), default=None), tuple(found))


def around_centers(outer: Any, inner: Any, limit_um: float, tol_um: float) -> Measured:
    """Measure the least width of `outer` through the centre of each polygon of `inner` (twice the centre's depth)."""
    import klayout.db as db

    dots = db.Region()
    for polygon in inner.each():
        at = polygon.bbox().center()
        dots.insert(db.Box(at.x - 1, at.y - 1, at.x + 1, at.y + 1))
    half = enclosure(outer, dots, limit_um / 2.0 - 0.001, tol_um / 2.0)
    findings = tuple(
        Finding(2.0 * (item.value + 0.001) if item.value > 0 else 0.0, item.x_um, item.y_um, item.edges)
        for item in half.findings
    )
    least = None if half.least is None else 2.0 * (half.least + 0.001) if half.least > 0 else 0.0
    return Measured(least, findings, None if half.beyond is None else 2.0 * half.beyond)


def remaining(region: Any, limit: float) -> Measured:
    """Measure each polygon's area over that of the whole 64-gon as wide as it is."""
    figures = []
    for polygon in region.merged().each():
        box = polygon.bbox()
        d = max(box.width(), box.height())
        whole = 16.0 * d * d * math.tan(math.pi / 64.0) if d else 1.0
        figures.append(Finding(polygon.area() / whole, *_center(polygon), _bars(polygon)))
    low = tuple(item for item in figures if item.value < limit - 1e-6)
    return Measured(min((item.value for item in figures), default=None), low)


def measure(probe: Probe, limit_um: float, tol_um: float, edges_count: int = 0) -> Measured:
    """Return the places below limit - tolerance that `probe` sees, and the least figure.

    Places that touch each other are one finding with its least figure. Where none is too near, the least figure is
    looked for up to four limits (not beyond 100 µm); on masks of more than 20,000 edges that is left out.
    """
    low = _pairs(probe, limit_um - tol_um)
    if low.count() > 0:
        findings = tuple(group.finding() for group in _clusters(list(low.each())))
        return Measured(min(item.value for item in findings), findings)
    if edges_count > _LARGE:
        return Measured(None, (), limit_um)
    beyond = limit_um
    for reach in _REACH:
        if reach > _REACH[0] and limit_um * reach > _FARTHEST_UM:
            break
        beyond = limit_um * reach
        pairs = _pairs(probe, beyond)
        if pairs.count() > 0:
            return Measured(_least_um(pairs, beyond), (), beyond)
    return Measured(None, (), beyond)


def _pairs(probe: Probe, distance_um: float) -> Any:
    """Return the edge pairs nearer than a distance, without those of which one edge is a mere point."""
    return probe(max(1, _nm(distance_um))).with_length_both(2, None, False)


def edge_of(edge: Any) -> Edge:
    """Return a klayout edge as (x1, y1, x2, y2) in µm."""
    return (edge.x1 / 1000.0, edge.y1 / 1000.0, edge.x2 / 1000.0, edge.y2 / 1000.0)


@dataclass(slots=True)
class _Group:
    """Edge pairs that touch each other."""

    pairs: list[Any]

    @property
    def least(self) -> float:
        return min(float(gap_nm(pair)) for pair in self.pairs) / 1000.0

    @property
    def extent_um(self) -> float:
        boxes = [pair.first.bbox() + pair.second.bbox() for pair in self.pairs]
        joined = boxes[0]
        for box in boxes[1:]:
            joined += box
        return math.hypot(joined.width(), joined.height()) / 1000.0

    def finding(self) -> Finding:
        worst = min(self.pairs, key=lambda pair: (gap_nm(pair), str(pair)))
        a, b = nearest_points(edge_of(worst.first), edge_of(worst.second))
        middle = ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)
        return Finding(gap_nm(worst) / 1000.0, *middle, (edge_of(worst.first), edge_of(worst.second)))


def gap_nm(pair: Any) -> float:
    """Return the distance of two edges in nm, not rounded to the grid."""
    a, b = nearest_points(edge_of(pair.first), edge_of(pair.second))
    return math.hypot(a[0] - b[0], a[1] - b[1]) * 1000.0


def nearest_points(first: Edge, second: Edge) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the nearest points of two edges that do not cross; the middle of the stretch where they are parallel."""
    found = []
    for (x, y), edge, swap in (
        (first[:2], second, False),
        (first[2:], second, False),
        (second[:2], first, True),
        (second[2:], first, True),
    ):
        dx, dy = edge[2] - edge[0], edge[3] - edge[1]
        length = dx * dx + dy * dy
        t = 0.0 if length == 0 else min(1.0, max(0.0, ((x - edge[0]) * dx + (y - edge[1]) * dy) / length))
        foot = (edge[0] + t * dx, edge[1] + t * dy)
        pair = (foot, (x, y)) if swap else ((x, y), foot)
        found.append((math.hypot(x - foot[0], y - foot[1]), pair))
    least = min(item[0] for item in found)
    ties = [pair for gap, pair in found if gap <= least + 1e-3]
    if len(ties) == 1:
        return ties[0]
    (ax, ay), (bx, by) = [tuple(sum(pair[end][axis] for pair in ties) / len(ties) for axis in (0, 1)) for end in (0, 1)]
    return (ax, ay), (bx, by)


def _unlike(region: Any) -> Any:
    """Return one polygon of every shape in a region, shapes that differ by their place alone being the same."""
    import klayout.db as db

    seen: dict[Any, Any] = {}
    for polygon in region.each():
        corner = polygon.bbox().p1
        seen.setdefault(polygon.moved(-corner.x, -corner.y), polygon)
    found = db.Region(list(seen.values()))
    found.merged_semantics = False
    return found


def _necks(region: Any, limit_um: float, tol_um: float) -> tuple[Finding, ...]:
    """Return places where two inner corners (turning by more than 10°) are nearer than the limit across the metal.

    A neck: the disc between the two corners, all but touching them, is metal throughout.
    """
    import klayout.db as db
    from scipy.spatial import cKDTree

    spots = sorted({(box.bbox().center().x, box.bbox().center().y) for box in region.corners(10.0, 180.0).each()})
    if len(spots) < 2 or limit_um <= tol_um:
        return ()
    metal = db.Shapes()
    metal.insert(region)
    found = []
    for one, other in sorted(cKDTree(spots).query_pairs((limit_um - tol_um) * 1000.0)):
        (x1, y1), (x2, y2) = spots[one], spots[other]
        middle = db.Point((x1 + x2) // 2, (y1 + y2) // 2)
        across = db.Vector(round(0.45 * (y1 - y2)), round(0.45 * (x2 - x1)))
        spot = db.Box(middle, middle)
        around = [shape.polygon for shape in metal.each_touching(spot) if shape.polygon.inside(middle)]
        if not any(polygon.inside(middle + across) and polygon.inside(middle - across) for polygon in around):
            continue
        gap = math.hypot(x2 - x1, y2 - y1)
        radius = round(0.45 * gap)
        disc = db.Region(db.Polygon.ellipse(spot.enlarged(radius, radius), 32))
        if radius > 0 and (disc - db.Region(around)).is_empty():
            ends = ((x1 / 1e3, y1 / 1e3, x1 / 1e3, y1 / 1e3), (x2 / 1e3, y2 / 1e3, x2 / 1e3, y2 / 1e3))
            found.append(Finding(gap / 1000.0, middle.x / 1000.0, middle.y / 1000.0, ends))
    return tuple(found)


def _clusters(pairs: list[Any]) -> list[_Group]:
    """Group edge pairs whose boxes touch (within 5 nm), worst group first."""
    if not pairs:
        return []
    import klayout.db as db

    pairs = sorted(pairs, key=lambda pair: (pair.distance(), str(pair)))[:_MOST_CLUSTERED]
    area = db.Region([(pair.first.bbox() + pair.second.bbox()).enlarged(5, 5) for pair in pairs]).merged()
    places = db.Shapes()
    for number, polygon in enumerate(area.each()):
        places.insert(polygon, number + 1)
    groups: dict[int, _Group] = {}
    for pair in pairs:
        box = pair.first.bbox() + pair.second.bbox()
        center = db.Point(box.center().x, box.center().y)
        for shape in places.each_touching(db.Box(center, center)):
            if shape.polygon.inside(center):
                groups.setdefault(shape.prop_id, _Group([])).pairs.append(pair)
                break
    return sorted(groups.values(), key=lambda group: (group.least, str(group.pairs[0])))


def _least_um(pairs: Any, beyond_um: float) -> float:
    """Return the least distance of edge pairs in µm: the few nearest are found by halving in klayout."""
    low, high = 0, _nm(beyond_um) + 1
    while high - low > 2 and pairs.count() > 200:
        middle = (low + high) // 2
        near = pairs.with_distance(0, middle, False)
        if near.count() > 0:
            pairs, high = near, middle
        else:
            low = middle
    return min(gap_nm(pair) for pair in islice(pairs.each(), 300)) / 1000.0


def _widest_um(hole: Any, limit_um: float) -> float:
    """Return the width of the widest disc-like opening of a hole up to `limit_um`, by shrinking until it is gone."""
    import klayout.db as db

    region = db.Region(hole)
    low, high = 0, _nm(limit_um / 2.0)
    if not region.sized(-high).is_empty():
        return limit_um
    while high - low > 1:
        middle = (low + high) // 2
        if region.sized(-middle).is_empty():
            high = middle
        else:
            low = middle
    return 2.0 * high / 1000.0


def _center(polygon: Any) -> tuple[float, float]:
    at = polygon.bbox().center()
    return at.x / 1000.0, at.y / 1000.0


def _bars(polygon: Any) -> tuple[Edge, ...]:
    """Return the left and right side of a polygon's box as a marker."""
    box = polygon.bbox()
    left, right, bottom, top = (value / 1000.0 for value in (box.left, box.right, box.bottom, box.top))
    return ((left, bottom, left, top), (right, bottom, right, top))


def _edges(*regions: Any) -> int:
    """Return how many edges the regions have (a cheap bound on the work of a check)."""
    return sum(polygon.num_points() for region in regions for polygon in region.each())


def _nm(value_um: float) -> int:
    return round(value_um * 1000.0)


def _euclidian() -> Any:
    import klayout.db as db

    return db.Region.Euclidian


def _projection() -> Any:
    import klayout.db as db

    return db.Region.Projection
