"""The surfaces of the conductors of a package as flat panels: films, openings filled with metal, and balls."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.physics.electrical.planform_cells import (
    CORNERS,
    Fineness,
    Guide,
    Points,
    box_guide,
    cut,
    disc_guide,
    graded,
    wire_guide,
)
from chipscale.stack.outline import Prism, disc_of, polygons, prisms, simplified
from chipscale.stack.revolve import revolved_volume_um3
from chipscale.stack.types import Body, Revolved, Slab
from chipscale.stack.volume import region_at

_SAME_UM = 1e-4
_MOVED_UM = 0.8  # outlines are simplified by so much, their area stays
_LOW_UM = 2.0  # walls lower than this are one strip
_HIGH_UM = 20.0  # parts of walls that cross faces, lower than this, are one strip
_FOOT_RATIO = 0.1  # a film whose area differs by less from that of the film on it is one with it
_WALL_UM = 0.05  # how far beside a wall other metal of the net must lie for the wall to be inside
_SHRUNK_UM = 0.05  # rims narrower than twice this, where two films' outlines nearly agree, are left out


@dataclass(frozen=True, slots=True)
class Surface:
    """Panels (n, CORNERS, 3) in µm of the die view, last corners repeated; conductor[j] numbers the net of panel j."""

    corners_um: npt.NDArray[np.float64]
    conductor: npt.NDArray[np.int64]
    names: tuple[str, ...]

    @property
    def area_um2(self) -> npt.NDArray[np.float64]:
        """Return the area of every panel (n,)."""
        arm = self.corners_um - self.corners_um[:, :1]
        return np.asarray(np.linalg.norm(np.cross(arm[:, 1:-1], arm[:, 2:]).sum(axis=1), axis=1) / 2)


@dataclass(frozen=True, slots=True)
class Film:
    """Metal between two heights: its outlines there, which match corner by corner, and the layer it is of."""

    layer: str
    low_um: float
    high_um: float
    bottom: Any
    top: Any

    def slab(self) -> Slab:
        """Return it as a body."""
        return Slab("", self.layer, "", self.low_um, self.high_um - self.low_um, self.bottom, self.top)


def surface(
    bodies: Mapping[str, Sequence[Body]], layout: Layout, faces_um: Sequence[float], fine: Fineness | None = None
) -> Surface:
    """Return the panels of the conductors' bodies; metal inside a conductor has none.

    `bodies`: the metal of each conductor by name. `faces_um`: heights of the faces between dielectrics, which no
    panel crosses. Wires, lands and pads of the layout guide how films are cut.
    """
    fine = fine or Fineness()
    drawn = _Drawn(layout)
    found: list[npt.NDArray[np.float64]] = []
    names = tuple(sorted(bodies))
    number: list[int] = []
    for k, name in enumerate(names):
        panels = [*_films(bodies[name], drawn, faces_um, fine), *_balls(bodies[name], faces_um, fine)]
        found += [_padded(panel) for panel in panels]
        number += [k] * len(panels)
    corners = np.array(found).reshape(-1, CORNERS, 3)
    return Surface(corners, np.array(number, dtype=np.int64), names)


def _padded(panel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.concatenate((panel, np.repeat(panel[-1:], CORNERS - len(panel), axis=0)))


class _Drawn:
    """What the layout says of how films were drawn, by net and layer."""

    def __init__(self, layout: Layout) -> None:
        self.traces: dict[tuple[str | None, str], list[Trace]] = defaultdict(list)
        self.shapes: dict[tuple[str | None, str], list[Circle | Polygon]] = defaultdict(list)
        for trace in layout.traces:
            self.traces[trace.net, trace.layer].append(trace)
        drawn: list[Circle | Polygon] = [*layout.circles, *layout.polygons]
        for shape in drawn:
            self.shapes[shape.net, shape.layer].append(shape)

    def guides(self, net: str | None, layer: str, built: Any, fine: Fineness) -> list[Guide]:
        """Return the guides of one net's film, corrected by how much wider it was built than drawn."""
        key = net, layer
        wires = self.traces[key]
        shapes = [item for item in self.shapes[key] if item.kind in ("land", "capture", "ubm", "pad", "area", "groove")]
        areas = [_outline(item) for item in self.shapes[key]]
        areas += [shapely.LineString(item.points).buffer(item.width_um / 2) for item in wires]
        whole = shapely.union_all(areas)
        wider = 0.0
        if whole.length > 0 and whole.intersects(built):
            near = whole.intersection(built.buffer(5.0))
            wider = (built.area - near.area) / near.length
        found = []
        for item in shapes:
            if isinstance(item, Circle):
                found.append(disc_guide(item.x_um, item.y_um, item.d_um / 2 + wider, fine))
        for wire in sorted(wires, key=lambda wire: -len(wire.points)):
            found.append(wire_guide(wire.points, wire.width_um + 2 * wider, fine))
        for item in shapes:
            if isinstance(item, Polygon) and len(item.points) == 4 and not item.holes:
                found.append(box_guide(item.points, fine))
        return found


def _outline(shape: Circle | Polygon) -> Any:
    if isinstance(shape, Circle):
        return shapely.Point(shape.x_um, shape.y_um).buffer(shape.d_um / 2)
    return shapely.Polygon(shape.points, shape.holes)


def _films(
    bodies: Sequence[Body], drawn: _Drawn, faces_um: Sequence[float], fine: Fineness
) -> Iterable[npt.NDArray[np.float64]]:
    """Yield the level faces and the walls of a net's slabs."""
    slabs = [body for body in bodies if isinstance(body, Slab)]
    films = merged([_simpler(Film(b.layer, b.z_um, b.z_um + b.h_um, b.bottom, b.top), fine) for b in slabs])
    ends = [body for body in bodies if isinstance(body, Revolved)]
    net = bodies[0].net
    levels = sorted({round(z, 4) for film in films for z in (film.low_um, film.high_um)})
    for z in levels:
        below = [f for f in films if abs(f.high_um - z) < _SAME_UM]
        above = [f for f in films if abs(f.low_um - z) < _SAME_UM]
        feet = [_round(body, 0, fine) for body in ends if abs(float(body.profile[0, 1]) - z) < _SAME_UM]
        tips = [_round(body, -1, fine) for body in ends if abs(float(body.profile[-1, 1]) - z) < _SAME_UM]
        under = shapely.union_all([*(film.top for film in below), *tips])
        over = shapely.union_all([*(film.bottom for film in above), *feet])
        bulges = [_round(body, int(np.argmax(body.profile[:, 0])), fine) for body in ends if body.profile[-1, 1] > z]
        higher = shapely.union_all([*(film.bottom for film in films if film.low_um > z + _SAME_UM), *bulges])
        lower = shapely.union_all([film.top for film in films if film.high_um < z - _SAME_UM])
        up = [(film.layer, film.top) for film in below]
        down = [(film.layer, film.bottom) for film in above]
        cells = _level(shapely.difference(under, over), up, higher, (drawn, net), (fine.upper(), fine.hidden()))
        cells += _level(shapely.difference(over, under), down, lower, (drawn, net), (fine, fine.hidden()))
        for cell in cells:
            yield np.column_stack((cell, np.full(len(cell), z)))
    for film in films:
        others = [other for other in films if other is not film]
        lower = shapely.union_all([other.top for other in others if other.high_um < film.low_um + _SAME_UM])
        shaded = shapely.intersection(lower, film.bottom).area > 0.5 * film.bottom.area
        yield from _walls(film, others, faces_um, fine.hidden() if shaded else fine)


def _simpler(film: Film, fine: Fineness) -> Film:
    """Return the film with fewer corners: discs of `sides_count` sides, other walls moved by up to _MOVED_UM."""
    few = [simplified(prism, _MOVED_UM, disc_sides=fine.sides_count) for prism in prisms(film.slab())]
    bottom = shapely.MultiPolygon([shapely.Polygon(prism.bottom[0], prism.bottom[1:]) for prism in few])
    if all(prism.straight for prism in few):
        return Film(film.layer, film.low_um, film.high_um, bottom, bottom)
    top = shapely.MultiPolygon([shapely.Polygon(prism.top[0], prism.top[1:]) for prism in few])
    return Film(film.layer, film.low_um, film.high_um, bottom, top)


def _round(body: Revolved, at: int, fine: Fineness) -> Any:
    """Return a ball's level section at a point of its profile as a polygon of the same area."""
    r = float(body.profile[at, 0])
    angle = np.arange(fine.sides_count) * math.tau / fine.sides_count
    r *= math.sqrt(math.tau / (fine.sides_count * math.sin(math.tau / fine.sides_count)))
    return shapely.Polygon(np.column_stack((body.x_um + r * np.cos(angle), body.y_um + r * np.sin(angle))))


def merged(films: Sequence[Film]) -> list[Film]:
    """Return the films with thin ones joined to the film of the same layer on them, whose outline counts."""
    left = sorted(films, key=lambda film: (film.layer, film.low_um, film.bottom.bounds))
    found: list[Film] = []
    while left:
        film = left.pop(0)
        match = next(
            (
                other
                for other in left
                if other.layer == film.layer
                and abs(other.low_um - film.high_um) < _SAME_UM
                and shapely.symmetric_difference(other.bottom, film.top).area < _FOOT_RATIO * film.top.area
            ),
            None,
        )
        if match is None:
            found.append(film)
            continue
        left.remove(match)
        straight = match.top is match.bottom
        left.insert(0, Film(film.layer, film.low_um, match.high_um, match.top if straight else match.bottom, match.top))
    return found


def _level(
    faces: Any,
    sides: Sequence[tuple[str, Any]],
    beyond: Any,
    drawn: tuple[_Drawn, str | None],
    fine: tuple[Fineness, Fineness],
) -> list[Points]:
    """Return the cells of what is exposed of the films that end at a height: coarse where most has metal beyond."""
    faces = faces.buffer(-_SHRUNK_UM).buffer(_SHRUNK_UM, join_style="mitre")
    cells = []
    for layer, shape in sides:
        part = shapely.intersection(faces, shape)
        if part.area < fine[1].sliver_um2:
            continue
        how = fine[shapely.intersection(part, beyond).area > 0.5 * part.area]
        found = drawn[0].guides(drawn[1], layer, shape, how) or _own_guides(shape, how)
        cells += cut(part, found, how)
    return cells


def _own_guides(shape: Any, fine: Fineness) -> list[Guide]:
    """Return the guides that a film's own outline gives: a disc, or a quad."""
    found = []
    for part in polygons(shape):
        ring = shapely.get_coordinates(part.exterior)[:-1]
        disc = disc_of(ring)
        if disc is not None:
            found.append(disc_guide(disc.x_um, disc.y_um, disc.r_um, fine))
        elif len(ring) == 4:
            found.append(box_guide(ring, fine))
    return found


def _walls(
    film: Film, others: Sequence[Film], faces_um: Sequence[float], fine: Fineness
) -> Iterable[npt.NDArray[np.float64]]:
    """Yield the panels of a film's walls, but for those that other metal of the net covers."""
    for prism in prisms(film.slab()):
        for low, high in zip(prism.bottom, prism.top, strict=True):
            yield from _ring_walls(film, (low, high), others, (faces_um, fine))


def _ring_walls(
    film: Film, ring: tuple[Points, Points], others: Sequence[Film], how: tuple[Sequence[float], Fineness]
) -> Iterable[npt.NDArray[np.float64]]:
    faces_um, fine = how
    low, high = ring
    cuts = _height_cuts(film.low_um, film.high_um, faces_um, fine)
    beside = [other for other in others if other.low_um < film.high_um - 1e-3 and other.high_um > film.low_um + 1e-3]
    for k in range(len(low)):
        a, b, c, d = low[k], low[(k + 1) % len(low)], high[(k + 1) % len(low)], high[k]
        count = max(1, math.ceil(float(np.hypot(*(b - a))) / fine.length_um))
        sharp = len(low) <= CORNERS and film.high_um - film.low_um > _HIGH_UM
        for s, t in pairwise(graded(2 * count + 2) if sharp else np.linspace(0.0, 1.0, count + 1)):
            p0, p1 = a + (b - a) * s, a + (b - a) * t
            q0, q1 = d + (c - d) * s, d + (c - d) * t
            if _covered((p0, p1, q0, q1), film, beside):
                continue
            for u, v in pairwise(cuts):
                z = film.low_um + np.array([u, u, v, v]) * (film.high_um - film.low_um)
                flat = np.stack((p0 + u * (q0 - p0), p1 + u * (q1 - p1), p1 + v * (q1 - p1), p0 + v * (q0 - p0)))
                panel = np.column_stack((flat, z))
                if np.linalg.norm(np.cross(panel[2] - panel[0], panel[3] - panel[1])) > 2e-3:
                    yield panel


def _height_cuts(low_um: float, high_um: float, faces_um: Sequence[float], fine: Fineness) -> list[float]:
    """Return the cuts 0 .. 1 of a wall: at faces of dielectrics, and strips between them where it is high."""
    height = high_um - low_um
    inner = [(z - low_um) / height for z in faces_um if low_um + 1e-3 < z < high_um - 1e-3]
    found = [0.0]
    for low, high in pairwise([0.0, *inner, 1.0]):
        high_enough = (high - low) * height > (_LOW_UM if not inner else _HIGH_UM)
        strips = max(fine.strips_count, math.ceil(2 * (high - low) * height / fine.length_um)) if high_enough else 1
        found += [low + (high - low) * part for part in graded(strips).tolist()[1:]]
    return found


def _covered(wall: tuple[Points, Points, Points, Points], film: Film, beside: Sequence[Film]) -> bool:
    if not beside:
        return False
    p0, p1, q0, q1 = wall
    middle = (p0 + p1 + q0 + q1) / 4
    side = p1 - p0 + q1 - q0
    out = np.array([side[1], -side[0]])
    out /= max(float(np.hypot(*out)), 1e-9)
    z = (film.low_um + film.high_um) / 2
    point = shapely.Point(middle + _WALL_UM * out)
    return any(other.low_um < z < other.high_um and region_at(other.slab(), z).contains(point) for other in beside)


def _balls(bodies: Sequence[Body], faces_um: Sequence[float], fine: Fineness) -> Iterable[npt.NDArray[np.float64]]:
    """Yield the panels of balls, rings of quads as wide as keeps the area."""
    for body in bodies:
        if isinstance(body, Revolved):
            yield from ball_panels(body, fine.ball_sides_count, faces_um)


def ball_panels(body: Revolved, sides: int, faces_um: Sequence[float] = ()) -> list[npt.NDArray[np.float64]]:
    """Return the panels (4 corners, or 3) of the round side of a solid of revolution; its flat ends are left out.

    They are wider than the solid, so that they hold its volume: the charge of a ball of 10 sides is then right within
    1 %, where that of one of the same area is 3.5 % short.
    """
    r, z = body.profile.T
    step = np.hypot(np.diff(r), np.diff(z))
    arc = np.concatenate(([0.0], np.cumsum(step)))
    turn = math.tau * r.max() / sides
    rings = max(4, round(float(arc[-1]) / turn))
    faces = [float(np.interp(face, z, arc)) for face in faces_um if z[0] + 1e-3 < face < z[-1] - 1e-3]
    along = np.unique(np.concatenate((np.linspace(0.0, float(arc[-1]), rings + 1), faces)))
    radius, height = np.interp(along, arc, r), np.interp(along, arc, z)
    frusta = math.pi / 3 * np.diff(height) * (radius[1:] ** 2 + radius[1:] * radius[:-1] + radius[:-1] ** 2)
    held = float(frusta.sum()) * sides / math.tau * math.sin(math.tau / sides)
    wide = math.sqrt(revolved_volume_um3(body) / held)
    angle = np.arange(sides + 1) * math.tau / sides
    unit = np.column_stack((np.cos(angle), np.sin(angle)))

    rows = [
        np.column_stack(([body.x_um, body.y_um] + wide * r0 * unit, np.full(sides + 1, z0)))
        for r0, z0 in zip(radius, height, strict=True)
    ]
    found = []
    for low, high in pairwise(rows):
        for s in range(sides):
            quad = np.stack((low[s], low[s + 1], high[s + 1], high[s]))
            found.append(quad[np.linalg.norm(quad - np.roll(quad, 1, axis=0), axis=1) > 1e-6])
    return found


__all__ = ["Film", "Prism", "Surface", "ball_panels", "merged", "surface"]
