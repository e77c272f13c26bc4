"""A supply net as built, as flat and folded sheets of metal and the openings and balls that join them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.physics.electrical.ball_resistance import ball_ohm
from chipscale.physics.electrical.conductor_columns import ball_end_um
from chipscale.stack.contact import contacts
from chipscale.stack.outline import polygon_of, prisms
from chipscale.stack.types import Body, Revolved, Slab, Stack
from chipscale.stack.volume import region_at

FILMS = ("RDL", "RDL2", "UBM")  # layers in which current runs sideways; all others are columns or ends
LEAST_PLAN_UM = 4.0  # walls steeper than this allows get a wider strip of the plan
_NEAR_UM = 1e-4
_LEAST_UM2 = 1e-2
_UPRIGHT_UM = 0.05  # a wall that leans by less is upright
_STRIP_RATIO = 0.02  # area over perimeter squared; a square has 0.0625
_COVERED_RATIO = 0.8
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a film in the plan: its region in µm, its thickness, and for a wall how the plan shortens it.

    A wall climbs `rise_um` (along itself) where its plan is only `plan_um` wide; `uphill` is the unit vector (2,) of
    its rise, or None on walls that run around an opening. `length_um` is how long the wall is, across the rise.
    """

    layer: str
    body: str
    region: Any
    thick_um: float
    sigma_S_m: float
    wall: bool = False
    uphill: Vector | None = None
    rise_um: float = 0.0
    plan_um: float = 0.0
    length_um: float = 0.0


@dataclass(frozen=True, slots=True)
class Joint:
    """A place where current changes level: from a film or pad up to a film or ball, over a region of the plan.

    `ends` are ("film", layer), ("pad", name) or ("ball", name); `ra_ohm_um2` its resistance times the region's area;
    `area_um2` the narrowest area on the way, through which the current density is told. `kind`: via, ubm, ball, edge.
    """

    kind: str
    name: str
    region: Any
    ends: tuple[tuple[str, str], tuple[str, str]]
    ra_ohm_um2: float
    area_um2: float


@dataclass(frozen=True, slots=True)
class NetSheets:
    """All metal of one net: pieces of film, joints, and the pads and balls it has bodies of."""

    net: str
    pieces: tuple[Piece, ...]
    joints: tuple[Joint, ...]


@dataclass(frozen=True, slots=True)
class Metals:
    """What the sheets are made with: conductivities by material, width of the board's lands, balls' places."""

    sigma_S_m: Mapping[str, float]
    board_land_um: float
    balls: tuple[tuple[str, float, float], ...]  # name, x_um, y_um


class _Part(NamedTuple):
    """One connected piece of a slab: its outlines at the foot, at the top and halfway, and heights."""

    body: str
    layer: str
    material: str
    plug: bool
    low: Any
    high: Any
    middle: Any
    z0_um: float
    z1_um: float
    ball: Revolved | None = None

    @property
    def h_um(self) -> float:
        return self.z1_um - self.z0_um


def net_sheets(stack: Stack, net: str, metals: Metals) -> NetSheets:
    """Return the sheets and joints of the net's bodies; pads and board sides of balls are one potential each.

    Film on walls of grooves and openings is folded into the plan; metal that fills an opening joins the films below
    and above it.
    """
    bodies = [body for body in stack.bodies if body.net == net]
    parts = [part for body in bodies for part in _parts(body)]
    films = [part for part in parts if part.layer in FILMS and not (part.plug and _fills(part, parts))]
    pieces = [_piece(part, metals) for part in films]
    work = _Joints(parts, films, metals)
    joints = work.level() + _edges(bodies, films, metals)
    return NetSheets(net, tuple(pieces), tuple(joints))


def _parts(body: Body) -> list[_Part]:
    plug = body.part.startswith("plug")
    if isinstance(body, Revolved):
        z0, z1 = float(body.profile[0, 1]), float(body.profile[-1, 1])
        foot = region_at(body, z0)
        return [_Part(body.name, body.layer, body.material, plug, foot, foot, foot, z0, z1, body)]
    found = []
    for prism in prisms(body):
        middle = [(low + high) / 2 for low, high in zip(prism.bottom, prism.top, strict=True)]
        low, high, half = (polygon_of(rings).buffer(0) for rings in (list(prism.bottom), list(prism.top), middle))
        z0, z1 = body.z_um, body.z_um + body.h_um
        found.append(_Part(body.name, body.layer, body.material, plug, low, high, half, z0, z1))
    return found


def _is_wall(part: _Part) -> bool:
    """True for film on a wall: long, narrow in the plan and higher than it is thick."""
    area, around = part.middle.area, part.middle.length
    return area / around**2 < _STRIP_RATIO and part.h_um > 2 * area / around


def _fills(part: _Part, parts: Sequence[_Part]) -> bool:
    """True for metal that fills an opening: other metal stands on nearly all of its top."""
    if _is_wall(part):
        return False
    above = [other.low for other in parts if abs(other.z0_um - part.z1_um) < _NEAR_UM]
    return bool(above) and part.high.intersection(shapely.union_all(above)).area > _COVERED_RATIO * part.high.area


def _piece(part: _Part, metals: Metals) -> Piece:
    sigma = metals.sigma_S_m[part.material]
    if not (part.plug and _is_wall(part)):
        return Piece(part.layer, part.body, part.middle, part.h_um, sigma)
    return _wall(part, sigma)


def _wall(part: _Part, sigma: float) -> Piece:
    """Return film on a wall, folded into the plan: the strip its foot passes over on the way to its top."""
    sides = [part.low, part.high]
    for low, high in zip(_rings(part.low), _rings(part.high), strict=False):
        if len(low) == len(high):
            quads = np.stack((low[:-1], low[1:], high[1:], high[:-1]), axis=1)
            sides += [shapely.Polygon(quad).buffer(0) for quad in quads]
    plan = shapely.union_all(sides)
    uphill: Vector | None = None
    if part.middle.interiors:
        length = part.middle.length / 2  # halfway between both rims
        plan_um = 2 * plan.area / plan.length
        aside = max(plan_um - part.middle.area / length, 0.0)
    else:
        lean = _lean(part)
        aside = float(np.hypot(*lean))
        uphill = lean / aside if aside > _UPRIGHT_UM else _short_way(part.middle)
        plan_um = float(np.ptp(shapely.get_coordinates(plan) @ uphill))
        length = float(np.ptp(shapely.get_coordinates(part.middle) @ np.array([-uphill[1], uphill[0]])))
    flat = part.middle.area / length
    if plan_um < LEAST_PLAN_UM:
        plan = _wider(plan, (LEAST_PLAN_UM - plan_um) / 2, uphill)
        plan_um = LEAST_PLAN_UM
    rise = math.hypot(part.h_um, aside)
    thick = flat * part.h_um / rise
    return Piece(part.layer, part.body, plan, thick, sigma, True, uphill, rise, plan_um, length)


def _wider(plan: Any, by_um: float, uphill: Vector | None) -> Any:
    """Return a wall's plan widened on both sides: a ring all around, a strip along its rise."""
    if uphill is None:
        return plan.buffer(by_um, join_style="mitre")
    moved = [shapely.transform(plan, lambda p, s=sign: p + s * by_um * uphill) for sign in (-1, 1)]
    return shapely.union_all(moved).convex_hull


def _rings(polygon: Any) -> list[Vector]:
    return [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]


def _short_way(strip: Any) -> Vector:
    """Return the unit vector (2,) across a strip."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(strip))[:3]
    sides = np.diff(corners, axis=0)
    short = sides[int(np.argmin(np.hypot(*sides.T)))]
    return np.asarray(short / np.hypot(*short))


class _Joints:
    """Finds the places where parts stand on each other and what lies between two films there."""

    def __init__(self, parts: list[_Part], films: list[_Part], metals: Metals) -> None:
        self.parts, self.films, self.metals = parts, films, metals
        self.film_ids = {id(part) for part in films}
        self.order = sorted(parts, key=lambda part: (part.z0_um, part.body))

    def level(self) -> list[Joint]:
        """Return the joints of parts that stand on each other."""
        found: list[Joint] = []
        for part in sorted((p for p in self.parts if self._is_end(p)), key=lambda p: (p.z1_um, p.body)):
            half = self._own(part) * (1.0 if part.layer == "PAD" else 0.5)
            found += self._climb(part, part, part.high, (half, math.inf))
        return found

    def _is_end(self, part: _Part) -> bool:
        return id(part) in self.film_ids or part.layer == "PAD"

    def _own(self, part: _Part) -> float:
        """Return resistivity times height in ohm µm²."""
        return part.h_um / self.metals.sigma_S_m[part.material] * 1e6

    def _climb(self, start: _Part, at: _Part, region: Any, so_far: tuple[float, float]) -> list[Joint]:
        """Return the joints from the film or pad `start` up over what stands on `at` within `region`."""
        found: list[Joint] = []
        above = [part for part in self.order if abs(part.z0_um - at.z1_um) < _NEAR_UM and part is not at]
        for part in above:
            shared = _area(part.low.intersection(region))
            if shared is None:
                continue
            if part.ball is not None:
                found.append(self._ball(start, part, shared, so_far))
            elif self._is_end(part):
                if part.layer != start.layer:
                    found.append(self._joint(start, part, shared, so_far))
            else:
                r_ohm = so_far[0] / shared.area + self._own(part) / math.sqrt(part.low.area * part.high.area)
                narrow = min(so_far[1], shared.area)
                found += self._climb(start, part, part.high, (r_ohm * part.high.area, narrow))
        if not found and at is not start and at.layer not in FILMS:
            found += self._top(start, at, region, so_far)
        return found

    def _joint(self, start: _Part, film: _Part, region: Any, so_far: tuple[float, float]) -> Joint:
        alike = (part for part in self.films if part.layer == film.layer)
        whole = [part for part in alike if part.middle.intersection(region).area > region.area / 2]
        ra = so_far[0] + sum(self._own(part) for part in whole) / 2
        lower = _end(start)
        kind = "ubm" if film.layer == "UBM" else "via"
        name = lower[1] if lower[0] == "pad" and kind == "via" else self._ball_over(region)
        return Joint(kind, name, region, (lower, ("film", film.layer)), ra, min(so_far[1], region.area))

    def _ball(self, start: _Part, ball: _Part, region: Any, so_far: tuple[float, float]) -> Joint:
        assert ball.ball is not None
        end = ball_end_um(ball.ball, self.metals.board_land_um)
        r_ohm = ball_ohm(ball.ball.profile, end, self.metals.sigma_S_m[ball.material])
        lower = _end(start)
        name = self._ball_over(region)
        ra = so_far[0] + r_ohm * region.area
        return Joint("ball", name, region, (lower, ("ball", name)), ra, min(so_far[1], region.area))

    def _top(self, start: _Part, part: _Part, region: Any, so_far: tuple[float, float]) -> list[Joint]:
        """Return the joint to the board of a column without a ball on it: a bump of gold, say."""
        name = self._ball_over(region)
        if not name:
            return []
        lower = _end(start)
        return [Joint("ball", name, region, (lower, ("ball", name)), so_far[0], min(so_far[1], region.area))]

    def _ball_over(self, region: Any) -> str:
        """Return the name of the ball whose centre is nearest to the region's middle."""
        middle = region.centroid
        away = [(math.hypot(x - middle.x, y - middle.y), name) for name, x, y in self.metals.balls]
        return min(away)[1] if away else ""


def _end(part: _Part) -> tuple[str, str]:
    return ("pad", part.body.removeprefix("PAD.")) if part.layer == "PAD" else ("film", part.layer)


def _area(shape: Any) -> Any | None:
    """Return the polygons of an intersection, or None when they hold nothing."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    whole = shapely.union_all(parts) if parts else None
    return whole if whole is not None and whole.area > _LEAST_UM2 else None


def _edges(bodies: Iterable[Body], films: Sequence[_Part], metals: Metals) -> list[Joint]:
    """Return the joints of pads whose cut edge touches film on a wall."""
    slabs = [body for body in bodies if isinstance(body, Slab) and body.layer in ("PAD", "RDL")]
    kind = {body.name: body.layer for body in slabs}
    pads = {body.name: body for body in slabs if body.layer == "PAD"}
    walls = [part for part in films if part.plug and _is_wall(part)]
    found = []
    for touch in contacts(Stack("", 0.0, 0.0, tuple(slabs))):
        pad = next((name for name in (touch.lower, touch.upper) if kind[name] == "PAD"), None)
        film = next((name for name in (touch.lower, touch.upper) if kind[name] == "RDL"), None)
        if pad is None or film is None:
            continue
        for part in (item for item in walls if item.body == film and item.z0_um < touch.z_um < item.z1_um):
            share = (touch.z_um - part.z0_um) / part.h_um
            strip = shapely.transform(part.low, lambda p, s=share, q=part: p + s * _lean(q))
            if strip.distance(pads[pad].bottom) > 1.0:
                continue
            thick = 2 * part.middle.area / part.middle.length
            ra = thick / 2 / metals.sigma_S_m[part.material] * 1e6 * strip.area / touch.area_um2
            name = pad.removeprefix("PAD.")
            found.append(Joint("edge", name, strip, (("pad", name), ("film", "RDL")), ra, touch.area_um2))
    return found


def _lean(part: _Part) -> Vector:
    return np.array(part.high.centroid.coords[0]) - np.array(part.low.centroid.coords[0])
