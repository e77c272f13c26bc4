"""The current in one supply net: its sheets meshed together, fed at the balls, drawn at the pads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.physics.electrical.supply_sheets import Joint, NetSheets, Piece
from chipscale.solvers.sheet import (
    Electrode,
    error_ratio,
    lumped,
    node_areas,
    sheet_current,
    solve,
    stiffness,
)
from chipscale.solvers.sheet_mesh import Array, Index, Mesh, Size, mesh

GROWTH_RATIO = 0.3
CORNER_RATIO = 0.1
_CROSSING = 6.0  # outlines that are near each other for longer than this many times run along each other
SAME_UM = 1.5  # outlines nearer than this everywhere are one for the mesh


@dataclass(frozen=True, slots=True)
class FilmField:
    """What one film of a net carries: its triangles of the plan (k, 3), drop at the plan's nodes (n,) in V (nan where
    the film is not), sheet current (k, 2) in A/m of the plan, current density (k,) in A/m², thickness (k,) in m."""

    layer: str
    triangles: Index
    numbers: Index  # of the triangles in the whole mesh
    drop: Array
    current: Array
    density: Array


@dataclass(frozen=True, slots=True)
class JointCurrent:
    """What one joint carries: all of it in A, positive towards the die, and the highest density in A/cm²."""

    joint: Joint
    current_A: float
    peak_A_cm2: float


@dataclass(frozen=True, slots=True)
class NetAnswer:
    """One net's answer: plan mesh (m), films, joints, drop at the pads (V), currents at pads and balls (A).

    `lost_pads` have no way to a ball, `idle_balls` none to a pad that draws current.
    """

    net: str
    plan: Mesh
    films: tuple[FilmField, ...]
    joints: tuple[JointCurrent, ...]
    pad_drop: dict[str, float]
    pad_current: dict[str, float]
    ball_current: dict[str, float]
    lost_pads: tuple[str, ...]
    idle_balls: tuple[str, ...]
    power_W: float
    error_ratio: float


def solve_net(sheets: NetSheets, drawn_mA: Mapping[str, float], edge_um: float) -> NetAnswer:
    """Return the current everywhere in a net whose balls are all at one potential and whose pads draw `drawn_mA`.

    Pads without metal to a ball carry nothing and are named. Raises TooFineError for an `edge_um` far too small.
    """
    plan, fields = _meshed(sheets, edge_um)
    work = _System(sheets, plan, fields)
    return work.answer(drawn_mA)


def _meshed(sheets: NetSheets, edge_um: float) -> tuple[Mesh, list[_Film]]:
    """Return the mesh of all films' plan together, and each film on it."""
    shapes = [piece.region for piece in sheets.pieces] + [joint.region for joint in sheets.joints]
    region = shapely.union_all(shapes)
    walls = [piece.region for piece in sheets.pieces if piece.wall]
    lines = _apart(region, walls, shapes, max(SAME_UM, 0.05 * edge_um))
    metres = [shapely.transform(line, lambda p: p * 1e-6) for line in (region, *lines)]
    size = Size(edge_um * 1e-6, CORNER_RATIO, 6.0, GROWTH_RATIO)
    plan = mesh(metres[0], size, tuple(metres[1:]))
    layers = sorted({piece.layer for piece in sheets.pieces})
    middle = plan.centroids * 1e6
    return plan, [_Film(layer, plan, middle, [p for p in sheets.pieces if p.layer == layer]) for layer in layers]


def _apart(whole: Any, walls: list[Any], shapes: list[Any], near_um: float) -> list[Any]:
    """Return the outlines the mesh follows: those of walls, and of others only where they do not run along a larger
    one's, nearer than `near_um`; crossings stay."""
    kept: list[Any] = [wall.boundary for wall in walls]
    for shape in sorted(shapes, key=lambda item: (-item.area, item.bounds)):
        outline = shape.boundary
        near = [line for line in (whole.boundary, *kept) if line.distance(outline) < near_um]
        beside = shapely.intersection(outline, shapely.union_all(near).buffer(near_um))
        along = [part for part in shapely.get_parts(shapely.line_merge(beside)) if part.length > _CROSSING * near_um]
        rest = shapely.line_merge(shapely.difference(outline, shapely.union_all(along)))
        if rest.length > _CROSSING * near_um:
            kept.append(rest)
    return kept


def within(region: Any, points_um: Array) -> npt.NDArray[np.bool_]:
    """Tell which points (k, 2) lie in a region."""
    shapely.prepare(region)
    return np.asarray(shapely.contains_xy(region, points_um[:, 0], points_um[:, 1]))


class _Film:
    """One film on the plan's triangles: conductance tensors in S, thickness and shortening of what is there."""

    def __init__(self, layer: str, plan: Mesh, middle_um: Array, pieces: list[Piece]) -> None:
        count = len(plan.triangles)
        tensor, self.per_width = np.zeros((count, 2, 2)), np.zeros(count)
        level = np.zeros(count)
        for piece in (item for item in pieces if not item.wall):
            here = within(piece.region, middle_um)
            covered = float(plan.areas[here].sum()) * 1e12
            if covered > 0:  # where the mesh does not follow its outline it is as thick as its volume says
                level[here] += piece.sigma_S_m * piece.thick_um * 1e-6 * piece.region.area / covered
        tensor += level[:, None, None] * np.eye(2)
        # a sheet current (A/m) over the product is the density in the metal that carries most
        best = max((piece.sigma_S_m for piece in pieces), default=1.0)
        self.uphill = np.zeros((count, 2))
        self.shorter = np.ones(count)
        for piece in (item for item in pieces if item.wall):
            here = np.flatnonzero(within(piece.region, middle_um))
            n = _uphill(piece, middle_um[here])
            ratio = piece.plan_um / piece.rise_um
            sheet = piece.sigma_S_m * piece.thick_um * 1e-6
            along = np.einsum("mi,mj->mij", n, n)
            tensor[here] = sheet * (ratio * along + (np.eye(2) - along) / ratio)
            level[here], self.uphill[here], self.shorter[here] = sheet, n, ratio
        self.layer, self.best = layer, best
        self.numbers = np.flatnonzero(level > 0)
        self.tensor, self.level = tensor[self.numbers], level[self.numbers]
        self.uphill, self.shorter = self.uphill[self.numbers], self.shorter[self.numbers]
        self.mesh = Mesh(plan.points, plan.triangles[self.numbers])

    def density(self, current: Array) -> Array:
        """Return the current density (k,) in A/m² in the film's best metal; along walls as it is there."""
        up = np.einsum("mi,mi->m", current, self.uphill)
        rest = current - up[:, None] * self.uphill
        # the flux through a line along the wall is the same in the plan; across it the plan is too short
        flow = np.sqrt(up**2 + (rest**2).sum(axis=1) * self.shorter**2)
        return np.asarray(flow * self.best / self.level)


def _uphill(piece: Piece, points_um: Array) -> Array:
    """Return the unit vectors (k, 2) along which a wall rises at points; around an opening away from its rim."""
    if piece.uphill is not None:
        return np.tile(piece.uphill, (len(points_um), 1))
    rim = shapely.get_parts(piece.region)[0].exterior
    spots = shapely.points(points_um)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(rim, shapely.line_locate_point(rim, spots)))
    way = points_um - foot
    return np.asarray(way / np.maximum(np.hypot(*way.T), 1e-12)[:, None])


class _System:
    """The equations of a net: unknowns are the nodes of each film, then pads and balls."""

    def __init__(self, sheets: NetSheets, plan: Mesh, films: list[_Film]) -> None:
        self.sheets, self.plan, self.films = sheets, plan, films
        self.number: dict[tuple[str, str], Index | int] = {}
        count = 0
        for film in films:
            used = np.unique(film.mesh.triangles)
            where = np.full(len(plan.points), -1)
            where[used] = np.arange(len(used)) + count
            self.number["film", film.layer] = where
            count += len(used)
        self.ends = sorted({end for joint in sheets.joints for end in joint.ends if end[0] != "film"})
        for end in self.ends:
            self.number[end] = count
            count += 1
        self.count = count
        self.links = [self._links(joint) for joint in sheets.joints]
        self.matrix = self._matrix()

    def _links(self, joint: Joint) -> tuple[Index, Array]:
        """Return a joint's resistors: pairs of unknowns (k, 2), and conductances (k,) in S."""
        inside = within(joint.region, self.plan.centroids * 1e6)
        weight = node_areas(self.plan, inside)
        nodes = np.flatnonzero(weight > 0)
        pair = []
        for end in joint.ends:
            where = self.number[end]
            pair.append(where[nodes] if isinstance(where, np.ndarray) else np.full(len(nodes), where))
        links = np.column_stack(pair)
        there = (links >= 0).all(axis=1)
        links, weight = links[there], weight[nodes][there]
        if not len(links):
            return links.astype(np.int64), weight
        share = weight / weight.sum() * joint.region.area
        return links.astype(np.int64), share / joint.ra_ohm_um2

    def _matrix(self) -> Any:
        from scipy.sparse import csr_matrix

        total = csr_matrix((self.count, self.count))
        for film in self.films:
            where = self.number["film", film.layer]
            assert isinstance(where, np.ndarray)
            local = stiffness(film.mesh, film.tensor).tocoo()
            keep = local.data != 0
            rows, columns = where[local.row[keep]], where[local.col[keep]]
            total += csr_matrix((local.data[keep], (rows, columns)), shape=(self.count, self.count))
        for links, conductance in self.links:
            total += lumped(self.count, links, conductance)
        return total

    def answer(self, drawn_mA: Mapping[str, float]) -> NetAnswer:
        from scipy.sparse.csgraph import connected_components

        piece = connected_components(self.matrix, directed=False)[1]
        balls = {name: self.number["ball", name] for kind, name in self.ends if kind == "ball"}
        pads = {name: self.number["pad", name] for kind, name in self.ends if kind == "pad"}
        fed = {int(piece[number]) for number in balls.values()}
        lost = tuple(sorted(name for name in drawn_mA if name not in pads or int(piece[pads[name]]) not in fed))
        used = {name: 1e-3 * value for name, value in drawn_mA.items() if name not in lost}
        drawing = {int(piece[pads[name]]) for name in used}
        idle = tuple(sorted(name for name, number in balls.items() if int(piece[number]) not in drawing))
        drop = np.full(self.count, math.nan)
        flows = dict.fromkeys(balls, 0.0)
        live = np.flatnonzero(np.isin(piece, sorted(fed)))
        if len(live):
            drop[live], flows = self._solved(live, balls, {pads[name]: value for name, value in used.items()})  # type: ignore[misc]
        joints = tuple(self._through(k, drop) for k in range(len(self.links)))
        films = tuple(self._field(film, drop) for film in self.films)
        power = sum(value * float(drop[pads[name]]) for name, value in used.items())
        error = self._error(films, power)
        return NetAnswer(
            self.sheets.net,
            self.plan,
            films,
            joints,
            {name: float(drop[pads[name]]) for name in sorted(used)},
            used,
            flows,
            lost,
            idle,
            power,
            error,
        )

    def _solved(
        self, live: Index, balls: Mapping[str, Any], drawn: Mapping[int, float]
    ) -> tuple[Array, dict[str, float]]:
        """Return the drop of the live unknowns in V, and each ball's current in A."""
        new = np.full(self.count, -1)
        new[live] = np.arange(len(live))
        ends = [Electrode(np.array([new[number]]), 0.0) for number in balls.values()]
        injected = np.zeros(len(live))
        for number, value in drawn.items():
            injected[new[number]] += value
        found = solve(self.matrix[live][:, live], ends, injected)
        return found.potential, {name: -float(i) for name, i in zip(balls, found.current, strict=True)}

    def _through(self, number: int, drop: Array) -> JointCurrent:
        joint, (links, conductance) = self.sheets.joints[number], self.links[number]
        if not len(links):
            return JointCurrent(joint, 0.0, 0.0)
        flow = np.nan_to_num(drop[links[:, 0]] - drop[links[:, 1]])
        peak = float(np.abs(flow).max()) / joint.ra_ohm_um2 * 1e8 * joint.region.area / joint.area_um2
        return JointCurrent(joint, abs(float(flow @ conductance)), peak)

    def _field(self, film: _Film, drop: Array) -> FilmField:
        where = self.number["film", film.layer]
        assert isinstance(where, np.ndarray)
        level = np.where(where >= 0, drop[np.maximum(where, 0)], math.nan)
        current = sheet_current(film.mesh, film.tensor, np.nan_to_num(level))
        return FilmField(film.layer, film.mesh.triangles, film.numbers, level, current, film.density(current))

    def _error(self, fields: tuple[FilmField, ...], power_W: float) -> float:
        """Return the estimated error of the power lost in the films, as a share of all power lost."""
        wrong = 0.0
        for film, field in zip(self.films, fields, strict=True):
            inverse = np.linalg.inv(film.tensor)
            lost = float(np.einsum("mi,mij,mj,m->", field.current, inverse, field.current, film.mesh.areas))
            wrong += lost * error_ratio(film.mesh, film.tensor, field.current)
        return wrong / power_W if power_W > 0 else 0.0
