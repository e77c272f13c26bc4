"""The cross-section of a stack along any vertical plane, as polygons in (distance along the line, height)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Prism, polygon_of, polygons, prisms
from chipscale.stack.revolve import outline, radius_at
from chipscale.stack.types import Body, Points, Revolved, Slab, Spheroid, Stack

_SEAM_UM = 1e-4  # grid on which pieces of one film meet without a seam
LEAST_UM = 1e-6  # what is shorter than this is rounding


class SectionPiece(NamedTuple):
    """One closed face of a cut body: `polygon` (n, 2) and `holes` of (s_um, z_um), s from the line's start."""

    body: str
    layer: str
    material: str
    net: str | None
    polygon: Points
    holes: tuple[Points, ...] = ()

    @property
    def area_um2(self) -> float:
        """Return the face's area in µm²."""
        return float(shapely.Polygon(self.polygon, self.holes).area)


class _Cut(NamedTuple):
    """The cutting line: start, unit direction and length."""

    start: Points
    along: Points
    length_um: float

    def coordinates(self, points: Points) -> Points:
        """Return (n, 2): distance along the line, and to its left."""
        rel = np.asarray(points, dtype=np.float64) - self.start
        return np.column_stack((rel @ self.along, rel @ np.array([-self.along[1], self.along[0]])))


def section(stack: Stack, start_um: tuple[float, float], end_um: tuple[float, float]) -> tuple[SectionPiece, ...]:
    """Return what a vertical cut from start to end (µm, die view) shows of each body.

    Slabs are exact, also tapered ones (their walls are ruled between the two outlines, the cut face is exact at
    128 heights where the walls are not plane to the cut); balls are smooth curves of at least 97 points.
    Every piece has an area; what the line only touches, or would meet beyond its ends, gives none.
    Raises ValueError when start and end are the same point.
    """
    start, end = np.array(start_um, dtype=np.float64), np.array(end_um, dtype=np.float64)
    length = float(np.hypot(*(end - start)))
    if length == 0:
        raise ValueError("a section needs two different points")
    cut = _Cut(start, (end - start) / length, length)
    line = shapely.LineString([start, end])
    found: list[SectionPiece] = []
    for body in stack.bodies:
        found += _of_revolved(body, cut) if isinstance(body, Revolved) else _of_slab(body, cut, line)
    return tuple(found)


def section_area_um2(pieces: tuple[SectionPiece, ...]) -> dict[str, float]:
    """Return the cut area in µm² of each body."""
    areas: dict[str, float] = {}
    for piece in pieces:
        areas[piece.body] = areas.get(piece.body, 0.0) + piece.area_um2
    return areas


def joined(pieces: Sequence[SectionPiece]) -> tuple[SectionPiece, ...]:
    """Return the pieces with those of one layer, material and net that touch as one face, as one sees them in a cut.

    A film that fills a relief, or that a cut shortened, is several bodies and one thing. The face has the name of its
    largest piece. Corners are moved by up to 0.1 nm.
    """
    kinds: dict[tuple[str, str, str | None], list[SectionPiece]] = {}
    for piece in pieces:
        kinds.setdefault((piece.layer, piece.material, piece.net), []).append(piece)
    found: list[SectionPiece] = []
    for same in kinds.values():
        if len(same) == 1:
            found += same
            continue
        regions = [shapely.make_valid(shapely.Polygon(piece.polygon, piece.holes)) for piece in same]
        faces = [part for part in polygons(shapely.union_all(regions, grid_size=_SEAM_UM)) if _is_face(part)]
        tree = shapely.STRtree([shapely.point_on_surface(region) for region in regions])
        for face in faces:
            held = [int(k) for k in tree.query(face, predicate="intersects")]
            largest = same[max(held, key=lambda k: (same[k].area_um2, -k))] if held else same[0]
            hull, *holes = (shapely.get_coordinates(ring)[:-1] for ring in (face.exterior, *face.interiors))
            found.append(largest._replace(polygon=hull, holes=tuple(holes)))
    return tuple(found)


def _piece(body: Body, polygon: Points, holes: tuple[Points, ...] = ()) -> SectionPiece:
    return SectionPiece(body.name, body.layer, body.material, body.net, polygon, holes)


def _is_face(part: Any) -> bool:
    """True for a polygon that is not empty and no mere line (an overlay may return both)."""
    return bool(part.geom_type == "Polygon" and part.area > LEAST_UM * LEAST_UM)


def _of_slab(slab: Slab, cut: _Cut, line: Any) -> list[SectionPiece]:
    """Return the cut faces of a slab: rectangles for straight walls."""
    if slab.top is not slab.bottom:
        return [piece for prism in prisms(slab) for piece in _of_tapered(slab, prism, cut)]
    low, high = slab.z_um, slab.z_um + slab.h_um
    pieces = []
    for part in shapely.get_parts(shapely.intersection(line, slab.bottom)):
        if part.geom_type != "LineString" or part.length <= LEAST_UM:
            continue
        s = cut.coordinates(shapely.get_coordinates(part))[:, 0]
        s0, s1 = float(s.min()), float(s.max())
        pieces.append(_piece(slab, np.array([[s0, low], [s1, low], [s1, high], [s0, high]])))
    return _joined(slab, pieces)


def _joined(slab: Slab, pieces: list[SectionPiece]) -> list[SectionPiece]:
    """Return neighbouring rectangles of one slab as one (a line along a wall comes back in parts)."""
    pieces.sort(key=lambda piece: float(piece.polygon[0, 0]))
    out: list[SectionPiece] = []
    for piece in pieces:
        if out and piece.polygon[0, 0] - out[-1].polygon[1, 0] < 1e-9:
            joined = out[-1].polygon.copy()
            joined[1:3, 0] = max(piece.polygon[1, 0], joined[1, 0])
            out[-1] = _piece(slab, joined)
        else:
            out.append(piece)
    return out


def _of_tapered(slab: Slab, prism: Prism, cut: _Cut) -> list[SectionPiece]:
    """Return the cut faces of a tapered piece.

    Every wall is ruled between a bottom and a top side; where it crosses the cutting plane it draws a curve, which
    with the lines in the bottom and top faces bounds the faces.
    """
    lines: list[Any] = []
    for rings, z in ((prism.bottom, slab.z_um), (prism.top, slab.z_um + slab.h_um)):
        face = shapely.Polygon(cut.coordinates(rings[0]), [cut.coordinates(ring) for ring in rings[1:]])
        axis = shapely.LineString([(face.bounds[0] - 1, 0), (face.bounds[2] + 1, 0)])
        for part in shapely.get_parts(shapely.intersection(axis, face)):
            if part.geom_type == "LineString" and not part.is_empty:
                s = shapely.get_coordinates(part)[:, 0]
                lines.append(shapely.LineString([(s.min(), z), (s.max(), z)]))
    for low, high in zip(prism.bottom, prism.top, strict=True):
        lines += _wall_curves(slab, cut.coordinates(low), cut.coordinates(high))
    noded = shapely.unary_union(shapely.set_precision(np.array(lines, dtype=object), 1e-7)) if lines else None
    if noded is None:
        return []
    window = shapely.box(0, slab.z_um, cut.length_um, slab.z_um + slab.h_um)
    pieces = []
    for face in shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded)))):
        if not _inside(face.representative_point(), slab, prism, cut):
            continue
        for part in shapely.get_parts(shapely.intersection(face, window)):
            if _is_face(part):
                holes = tuple(shapely.get_coordinates(ring)[:-1] for ring in part.interiors)
                pieces.append(_piece(slab, shapely.get_coordinates(part.exterior)[:-1], holes))
    return pieces


def _wall_curves(slab: Slab, low: Points, high: Points) -> list[Any]:
    """Return where the walls between two rings (in cut coordinates) cross the plane, as lines in (s, z)."""
    curves = []
    aside = np.stack((np.roll(low[:, 1], 1), low[:, 1], np.roll(high[:, 1], 1), high[:, 1]))
    for k in np.flatnonzero((aside.min(axis=0) <= 0) & (aside.max(axis=0) >= 0)).tolist():
        b0, b1, t0, t1 = low[k - 1], low[k], high[k - 1], high[k]
        parallel = abs(np.linalg.det(np.array([b1 - b0, t1 - t0]))) < 1e-9 * max(1.0, float(np.dot(b1 - b0, t1 - t0)))
        share = np.union1d(np.linspace(0, 1, 2 if parallel else 129), _crossings(b0, b1, t0, t1))
        p = b0 + share[:, None] * (t0 - b0)
        q = b1 + share[:, None] * (t1 - b1)
        level = (np.abs(p[:, 1]) < 1e-9) & (np.abs(q[:, 1]) < 1e-9)  # the whole side lies in the plane
        for k_level in np.flatnonzero(level):
            z = slab.z_um + share[k_level] * slab.h_um
            curves.append(shapely.LineString([(p[k_level, 0], z), (q[k_level, 0], z)]))
        with np.errstate(divide="ignore", invalid="ignore"):
            along = p[:, 1] / (p[:, 1] - q[:, 1])
        hit = np.isfinite(along) & (along >= -1e-12) & (along <= 1 + 1e-12) & ~level
        s = p[:, 0] + along * (q[:, 0] - p[:, 0])
        points = np.column_stack((s, slab.z_um + share * slab.h_um))
        runs = np.flatnonzero(np.diff(np.concatenate(([0], hit.astype(int), [0]))))
        curves += [shapely.LineString(points[a:b]) for a, b in runs.reshape(-1, 2) if b - a >= 2]
    return curves


def _crossings(b0: Points, b1: Points, t0: Points, t1: Points) -> Points:
    """Return the shares of the height at which an end of the wall's side lies in the cutting plane."""
    shares = [low[1] / (low[1] - high[1]) for low, high in ((b0, t0), (b1, t1)) if low[1] * high[1] < 0]
    return np.array(shares, dtype=np.float64)


def _inside(point: Any, slab: Slab, prism: Prism, cut: _Cut) -> bool:
    """True when the point (s, z) of the cut lies in the piece or on its wall."""
    share = (point.y - slab.z_um) / slab.h_um
    rings = [low + share * (high - low) for low, high in zip(prism.bottom, prism.top, strict=True)]
    where = cut.start + point.x * cut.along
    return bool(shapely.dwithin(polygon_of(rings), shapely.Point(where), LEAST_UM))


def _of_revolved(body: Revolved, cut: _Cut) -> list[SectionPiece]:
    """Return the cut face of a solid of revolution: half its width at height z is sqrt(r(z)^2 - distance^2)."""
    s0, away = cut.coordinates(np.array([[body.x_um, body.y_um]]))[0]
    low, high = float(body.profile[0, 1]), float(body.profile[-1, 1])
    if body.spheroid is not None:
        shape = body.spheroid
        if abs(away) >= shape.semi_r_um:
            return []
        shrink = math.sqrt(1 - (away / shape.semi_r_um) ** 2)
        inner = Spheroid(shape.semi_r_um * shrink, shape.semi_z_um * shrink, shape.z_um)
        low, high = max(low, inner.z_um - inner.semi_z_um), min(high, inner.z_um + inner.semi_z_um)
        if low >= high:
            return []
        half = outline(inner, low, high, 97)
    else:
        z = np.unique(
            np.concatenate(
                [np.linspace(a, b, 9) for a, b in zip(body.profile[:-1, 1], body.profile[1:, 1], strict=True)]
            )
        )
        half = np.column_stack((np.sqrt(np.clip(radius_at(body, z) ** 2 - away**2, 0, None)), z))
        half = half[half[:, 0] > 0] if away else half
        if len(half) < 2:
            return []
    loop = np.vstack((half * [1, 1], (half * [-1, 1])[::-1])) + np.array([s0, 0.0])
    window = shapely.box(0, low - 1, cut.length_um, high + 1)
    parts = shapely.get_parts(shapely.intersection(shapely.Polygon(loop).buffer(0), window))
    return [_piece(body, shapely.get_coordinates(part.exterior)[:-1]) for part in parts if _is_face(part)]
