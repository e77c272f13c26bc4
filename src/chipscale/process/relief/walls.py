"""Shapes with walls that lean: their outline at every height, and a surface moved out square to itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.process.relief.slices import SLIVER_UM2, Layer, cleaned, sliced
from chipscale.stack.outline import polygon_of, polygons, rings_of, tapered, turns_over
from chipscale.stack.overlay import difference, intersection
from chipscale.stack.ruled import between
from chipscale.stack.types import Points

STRAIGHT_UM = 1e-3  # a wall that leans by less from its foot to its top is upright
_ON_EDGE_UM = 1e-6
_FLAT = 1e-6  # sine between two sides that go on straight
_LONGEST = 20.0  # times the film's thickness: how far the corner between two sides may move


@dataclass(frozen=True, slots=True)
class Wall:
    """A shape with walls: its outline is `region` at height z_um and moves out by `lean_ratio` per µm of height.

    With `within` it is what `within` has outside of that (a film with openings); the outer edge does not move.
    """

    region: Any
    z_um: float = 0.0
    lean_ratio: float = 0.0
    within: Any = None

    def leans(self, low_um: float, high_um: float) -> bool:
        """True when its outline differs between two heights."""
        return abs(self.lean_ratio) * (high_um - low_um) >= STRAIGHT_UM

    def at(self, z_um: float, whole: Any) -> Any:
        """Return its outline at a height (without regard to `within`), `whole` being the die."""
        return leaned(self.region, self.lean_ratio * (z_um - self.z_um), whole)

    def section(self, z_um: float, whole: Any) -> Any:
        """Return what the shape has at a height: with `within`, what that has outside of the outline."""
        region = self.at(z_um, whole)
        return region if self.within is None else difference(self.within, region)


def leaned(region: Any, out_um: float, whole: Any) -> Any:
    """Return the region with its walls moved out (in: negative); what lies on the die's edge stays there.

    Corner by corner; where shapes meet, close or turn over, by an offset with sharp corners.
    """
    if abs(out_um) < STRAIGHT_UM / 2 or region.is_empty:
        return region
    wide = beyond(region, whole, 2 * abs(out_um) + 1.0)
    try:
        moved = tapered(wide, out_um)
    except ValueError:
        moved = shapely.buffer(wide, out_um, join_style="mitre", mitre_limit=_LONGEST)
    return moved if wide is region else intersection(moved, whole)


def beyond(region: Any, whole: Any, by_um: float) -> Any:
    """Return the region continued straight over the edges of a rectangular die on which it ends.

    A groove or a street on the edge of a die goes on in its neighbour. Itself when it ends on no edge.
    """
    x0, y0, x1, y1 = whole.bounds
    low_x, low_y, high_x, high_y = region.bounds
    if (
        low_x > x0 + _ON_EDGE_UM
        and low_y > y0 + _ON_EDGE_UM
        and high_x < x1 - _ON_EDGE_UM
        and high_y < y1 - _ON_EDGE_UM
    ):
        return region
    parts = [region]
    for axis, ends in ((0, (x0, x1)), (1, (y0, y1))):
        grown = parts[0] if axis == 0 else shapely.union_all(parts)
        for edge, out in zip(ends, (-by_um, by_um), strict=True):
            low, high = sorted((edge, edge + out))
            line = _line(axis, edge, whole, by_um)
            for part in shapely.get_parts(shapely.intersection(shapely.boundary(grown), line)):
                if part.length > _ON_EDGE_UM:
                    along = sorted(shapely.get_coordinates(part)[:, 1 - axis])
                    box = (low, along[0], high, along[-1]) if axis == 0 else (along[0], low, along[-1], high)
                    parts.append(shapely.box(*box))
    return shapely.union_all(parts) if len(parts) > 1 else region


def _line(axis: int, at_um: float, whole: Any, by_um: float) -> Any:
    """Return the line of a die's edge, as long as the die and what stands out of it."""
    x0, y0, x1, y1 = whole.bounds
    low, high = (y0 - by_um, y1 + by_um) if axis == 0 else (x0 - by_um, x1 + by_um)
    ends = [(at_um, low), (at_um, high)] if axis == 0 else [(low, at_um), (high, at_um)]
    return shapely.LineString(ends)


class Film(NamedTuple):
    """A film that follows the relief: its thickness on level places, and on walls, square to the wall."""

    thickness_um: float
    wall_um: float

    def aside_um(self, lean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return how far walls move in, at a height lifted by the thickness, by how much they lean out per µm."""
        return self.wall_um * np.sqrt(1 + lean**2) - lean * self.thickness_um


def lifted(bands: tuple[Layer, ...], film: Film, whole: Any) -> list[Layer]:
    """Return the open room (bands from the lowest up) as a film on the surface leaves it, the lowest first.

    Every face moves out square to itself by the film's thickness there, and the faces meet in sharp edges: each band
    is lifted by the thickness, its outline moves in. Where gaps close, outlines are offset height by height.
    """
    found: list[Layer] = []
    above = whole
    for band in reversed(bands):
        moved = _moved_band(band, film, whole)
        for layer in reversed(_offset(band, film, whole) if moved is None else [moved]):
            out = shapely.area(difference(layer.top, above)) > SLIVER_UM2
            found += reversed(_below(layer, above)) if out else [layer]
            above = found[-1].bottom if found else above
    return found[::-1]


def _below(layer: Layer, above: Any) -> list[Layer]:
    """Return the layer without what lies outside of the room above it."""
    if layer.upright:
        part = cleaned(intersection(layer.bottom, above))
        return [] if part is None else [Layer(layer.z_um, layer.h_um, part, part)]
    return sliced(lambda z: intersection(layer.at(z), above), layer.z_um, layer.top_um)


class _Sides(NamedTuple):
    """The sides of one ring at a band's bottom and top (n, 2), and how far each moves in (n,)."""

    low: Points
    high: Points
    aside_um: npt.NDArray[np.float64]


def _sides(band: Layer, film: Film, whole: Any) -> list[list[_Sides]]:
    """Return the sides of a band's rings, polygon by polygon; those on the die's edge don't move."""
    parts = [[rings_of(part) for part in polygons(region)] for region in (band.bottom, band.top)]
    found = []
    for lows, highs in zip(*parts, strict=True):
        rings = []
        for low, high in zip(lows, highs, strict=True):
            shift = high - low
            lean = np.einsum("ij,ij->i", shift + np.roll(shift, -1, axis=0), _normals(low)) / (2 * band.h_um)
            aside = film.aside_um(lean)
            aside[_on_edge(low, whole)] = 0.0
            rings.append(_Sides(low, high, aside))
        found.append(rings)
    return found


def _normals(ring: Points) -> Points:
    """Return the unit vectors (n, 2) out of the room, square to each side, which begins at its corner."""
    side = np.roll(ring, -1, axis=0) - ring
    length = np.hypot(*side.T)
    return np.column_stack((side[:, 1], -side[:, 0])) / np.where(length > 0, length, 1.0)[:, None]


def _on_edge(ring: Points, whole: Any) -> npt.NDArray[np.bool_]:
    """Return which sides lie on the die's edge."""
    middle = (ring + np.roll(ring, -1, axis=0)) / 2
    edge = shapely.boundary(whole)
    on = [shapely.distance(shapely.points(points), edge) < _ON_EDGE_UM for points in (ring, middle)]
    return np.asarray(on[0] & on[1] & np.roll(on[0], -1))


def _moved_band(band: Layer, film: Film, whole: Any) -> Layer | None:
    """Return the band lifted, with its sides moved in corner by corner; None where that closes or turns a ring."""
    low_parts, high_parts = [], []
    for rings in _sides(band, film, whole):
        lows = [_moved(ring.low, ring.aside_um) for ring in rings]
        highs = lows if band.upright else [_moved(ring.high, ring.aside_um) for ring in rings]
        for ring, low, high in zip(rings, lows, highs, strict=True):
            if not (_keeps(ring.low, low, ring.aside_um) and _keeps(ring.high, high, ring.aside_um)):
                return None
        low_parts.append(polygon_of(lows))
        high_parts.append(low_parts[-1] if band.upright else polygon_of(highs))
    low, high = (parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts) for parts in (low_parts, high_parts))
    if not (low.is_valid and (band.upright or high.is_valid)):
        return None
    return Layer(band.z_um + film.thickness_um, band.h_um, low, low if band.upright else high)


def _keeps(ring: Points, moved: Points, aside_um: npt.NDArray[np.float64]) -> bool:
    """True when the sides of a moved ring still run the same way and no corner ran away."""
    far = np.hypot(*(moved - ring).T).max() > _LONGEST * np.abs(aside_um).max()
    return not far and not turns_over(ring, moved)


def _moved(ring: Points, aside_um: npt.NDArray[np.float64]) -> Points:
    """Return the ring with every side moved in by its own distance, corners where the moved sides meet.

    The move of a corner is that for the mean of its two sides' distances, along their bisector, and that for half
    their difference, square to it.
    """
    after = _normals(ring)
    before = np.roll(after, 1, axis=0)
    d_before = np.roll(aside_um, 1)
    both = before + after
    along = 1.0 + np.einsum("ij,ij->i", before, after)
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    mean = (d_before + aside_um) / 2 / np.maximum(along, 2 / _LONGEST**2)
    differ = np.where(np.abs(turn) > _FLAT, (d_before - aside_um) / 2 / np.where(turn == 0, 1.0, turn), 0.0)
    moved: Points = ring - mean[:, None] * both - differ[:, None] * np.column_stack((both[:, 1], -both[:, 0]))
    return moved


def _offset(band: Layer, film: Film, whole: Any) -> list[Layer]:
    """Return the band lifted, its outline offset height by height with sharp corners: for gaps that close."""
    rings = [ring for part in _sides(band, film, whole) for ring in part]

    def at(z_um: float) -> Any:
        share = (z_um - film.thickness_um - band.z_um) / band.h_um
        lines: dict[float, list[Any]] = {}
        for ring in rings:
            here = ring.low + share * (ring.high - ring.low)
            for a, b, aside in zip(here, np.roll(here, -1, axis=0), np.round(ring.aside_um, 6).tolist(), strict=True):
                if aside > 0:
                    lines.setdefault(aside, []).append((a, b))
        grown = [
            shapely.buffer(
                shapely.line_merge(shapely.multilinestrings(np.array(sides))),
                aside,
                cap_style="square",
                join_style="mitre",
                mitre_limit=_LONGEST,
            )
            for aside, sides in sorted(lines.items())
        ]
        open_room = between(band.bottom, band.top, share)
        for room in grown:
            open_room = difference(open_room, room)
        return open_room

    low, high = band.z_um + film.thickness_um, band.top_um + film.thickness_um
    if band.upright:
        part = cleaned(at((low + high) / 2))
        return [] if part is None else [Layer(low, band.h_um, part, part)]
    return sliced(at, low, high)
