"""Potential and current in thin conducting sheets: finite elements on triangles, electrodes, resistance in squares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.solvers.sheet_mesh import Array, Index, Mesh, Size, mesh

Matrix = Any  # scipy.sparse matrix


@dataclass(frozen=True, slots=True)
class Electrode:
    """Nodes at one potential: a given one (`potential_V`), or whatever lets `current_A` flow in."""

    nodes: Index
    potential_V: float | None = None
    current_A: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Potential of each node (n,) in V, and what flows in at each electrode (k,) in A."""

    potential: Array
    current: Array


def gradients(sheet: Mesh) -> Array:
    """Return the gradients (m, 3, 2) in 1/m of the three linear shape functions of each triangle."""
    p = sheet.points[sheet.triangles]
    facing = np.roll(p, -2, axis=1) - np.roll(p, -1, axis=1)
    turned = np.stack((-facing[:, :, 1], facing[:, :, 0]), axis=2)
    return np.asarray(turned / (2 * sheet.areas)[:, None, None])


def stiffness(sheet: Mesh, conductance: Array) -> Matrix:
    """Return the sparse (n, n) matrix in S of a sheet: times the potentials it gives what flows in at the nodes.

    `conductance` is the sheet's in S (of one square): (m,) per triangle, or tensors (m, 2, 2).
    """
    from scipy.sparse import coo_matrix

    g = gradients(sheet)
    flux = conductance[:, None, None] * g if conductance.ndim == 1 else np.einsum("mij,mkj->mki", conductance, g)
    local = np.einsum("mai,mbi,m->mab", g, flux, sheet.areas)
    rows = np.repeat(sheet.triangles, 3, axis=1).ravel()
    columns = np.tile(sheet.triangles, (1, 3)).ravel()
    count = len(sheet.points)
    return coo_matrix((local.ravel(), (rows, columns)), shape=(count, count)).tocsr()


def lumped(count: int, links: Index, conductance: Array) -> Matrix:
    """Return the sparse (count, count) matrix of resistors between nodes: `links` (k, 2), conductance (k,) in S."""
    from scipy.sparse import coo_matrix

    a, b = links.T
    values = np.concatenate((conductance, conductance, -conductance, -conductance))
    rows, columns = np.concatenate((a, b, a, b)), np.concatenate((a, b, b, a))
    return coo_matrix((values, (rows, columns)), shape=(count, count)).tocsr()


def node_areas(sheet: Mesh, chosen: npt.NDArray[np.bool_]) -> Array:
    """Return the area (n,) in m² that each node stands for of the `chosen` triangles (m,)."""
    areas = np.zeros(len(sheet.points))
    part = np.repeat(sheet.areas[chosen] / 3, 3)
    np.add.at(areas, sheet.triangles[chosen].ravel(), part)
    return areas


def solve(matrix: Matrix, electrodes: Sequence[Electrode], injected: Array | None = None) -> Answer:
    """Return potentials and the electrodes' currents; `injected` (n,) in A flows in at single nodes besides.

    Nodes of an electrode become one unknown; the rest is a sparse LU factorization. Raises ValueError when no
    electrode has a potential, when electrodes share nodes, or when a part of the sheet has no way to a potential.
    """
    from scipy.sparse import coo_matrix

    count = matrix.shape[0]
    injected = np.zeros(count) if injected is None else injected
    unknown, fixed = _tied(count, electrodes)
    total = int(unknown.max()) + 1
    tie = coo_matrix((np.ones(count), (unknown, np.arange(count))), shape=(total, count)).tocsr()
    small = (tie @ matrix @ tie.T).tocsr()
    flow = tie @ injected
    level = np.zeros(total)
    for item in electrodes:
        if item.potential_V is None:
            flow[unknown[item.nodes[0]]] += item.current_A
        else:
            level[unknown[item.nodes[0]]] = item.potential_V
    _all_held(small, fixed)
    free = np.setdiff1d(np.arange(total), fixed)
    if len(free):
        level[free] = _factorized(small[free][:, free], flow[free] - small[free][:, fixed] @ level[fixed])
    inflow = small @ level - tie @ injected
    current = np.array([inflow[unknown[item.nodes[0]]] for item in electrodes])
    return Answer(level[unknown], current)


def _tied(count: int, electrodes: Sequence[Electrode]) -> tuple[Index, Index]:
    """Return the number of the unknown of each node (n,), and the unknowns that have a given potential."""
    owner = np.full(count, -1)
    for number, item in enumerate(electrodes):
        if not len(item.nodes):
            raise ValueError(f"electrode {number} touches no node")
        if (owner[item.nodes] >= 0).any():
            raise ValueError(f"electrode {number} shares nodes with another")
        owner[item.nodes] = number
    if all(item.potential_V is None for item in electrodes):
        raise ValueError("no electrode has a potential: the level is not defined")
    label = np.where(owner >= 0, owner, len(electrodes) + np.arange(count))
    unknown = np.unique(label, return_inverse=True)[1]
    fixed = [unknown[item.nodes[0]] for item in electrodes if item.potential_V is not None]
    return unknown.astype(np.int64), np.array(sorted(fixed), dtype=np.int64)


def _all_held(matrix: Matrix, fixed: Index) -> None:
    from scipy.sparse.csgraph import connected_components

    piece = connected_components(matrix, directed=False)[1]
    if len(np.setdiff1d(piece, piece[fixed])):
        raise ValueError("a part of the sheet has no way to an electrode with a potential")


def _factorized(matrix: Matrix, right: Array) -> Array:
    from scipy.sparse.linalg import splu

    symmetric = {"SymmetricMode": True}
    factors = splu(matrix.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=symmetric)
    return np.asarray(factors.solve(right))


def sheet_current(sheet: Mesh, conductance: Array, potential: Array) -> Array:
    """Return the current per width (m, 2) in A/m in each triangle, from high to low potential."""
    slope = np.einsum("mai,ma->mi", gradients(sheet), potential[sheet.triangles])
    if conductance.ndim == 1:
        return np.asarray(-conductance[:, None] * slope)
    return np.asarray(-np.einsum("mij,mj->mi", conductance, slope))


def through(sheet: Mesh, current: Array, ramp: Array, chosen: Index) -> float:
    """Return the current in A that runs through the `chosen` triangles from where `ramp` (n,) is 0 to where it is 1.

    Exact for the discrete solution (what the nodes below the ramp receive equals what those above give) when the
    ramp rises within the chosen triangles alone and nothing flows in or out there.
    """
    slope = np.einsum("mai,ma->mi", gradients(sheet)[chosen], ramp[sheet.triangles[chosen]])
    return float(np.einsum("mi,mi,m->", current[chosen], slope, sheet.areas[chosen]))


def error_ratio(sheet: Mesh, conductance: Array, current: Array) -> float:
    """Return an estimate of the relative error of the power, and so of a resistance, from the mesh alone.

    The current of each triangle is held against its average over the neighbours at the corners (O. C. Zienkiewicz
    and J. Z. Zhu, Int. J. Numer. Meth. Eng. 24, 1987). Where the conductance jumps it is told too large.
    """
    areas = sheet.areas
    weight, mean = np.zeros(len(sheet.points)), np.zeros((len(sheet.points), 2))
    corner = sheet.triangles.ravel()
    np.add.at(weight, corner, np.repeat(areas, 3))
    np.add.at(mean, corner, np.repeat(areas[:, None] * current, 3, axis=0))
    mean /= np.maximum(weight, 1e-300)[:, None]
    apart = mean[sheet.triangles] - current[:, None, :]
    inverse = np.linalg.inv(conductance) if conductance.ndim == 3 else (1.0 / conductance)[:, None, None] * np.eye(2)
    # linear over the triangle: the mean of squares at the middles of the sides is exact
    middle = (apart + np.roll(apart, 1, axis=1)) / 2
    wrong = float(np.einsum("mki,mij,mkj,m->", middle, inverse, middle, areas / 3))
    power = float(np.einsum("mi,mij,mj,m->", current, inverse, current, areas))
    return wrong / power if power > 0 else 0.0


def resistance_squares(outline: Any, first: Any, second: Any, size: Size) -> float:
    """Return the resistance in squares between two electrodes (shapely shapes, m) of an even sheet.

    `outline` is a shapely region in m. The answer is a lower bound for the polygon: linear elements store more power
    at given potentials than the exact field does.

    >>> from shapely import LineString, box
    >>> round(resistance_squares(box(0, 0, 3, 1), LineString([(0, 0), (0, 1)]), LineString([(3, 0), (3, 1)]),
    ...                          Size(0.5)), 9)
    3.0
    """
    sheet = mesh(outline, size, (first, second))
    tolerance = 0.01 * size.edge_m * min(1.0, size.corner_ratio * 4)
    ends = [Electrode(sheet.nodes_in(shape, tolerance), level) for shape, level in ((first, 1.0), (second, 0.0))]
    answer = solve(stiffness(sheet, np.ones(len(sheet.triangles))), ends)
    return float(1.0 / answer.current[0])


def squares_between(
    outline: list[Any], first: list[Any], second: list[Any], edge_m: float, holes: list[Any] | None = None
) -> float:
    """Return the resistance in squares between two electrodes of an even sheet given by numbers alone, in m.

    `outline`, `holes` and the electrodes are lists of corners [x, y] (an electrode's line is open), or circles
    [x, y, r], drawn with 512 sides of the same area.
    """
    import shapely

    region = shapely.Polygon(_ring(outline), [_ring(hole) for hole in holes or []])
    shapes = [shapely.LineString(_ring(end)) for end in (first, second)]
    return resistance_squares(region, shapes[0], shapes[1], Size(edge_m))


def _ring(given: list[Any]) -> Array:
    if isinstance(given[0], list):
        return np.array(given, dtype=np.float64)
    x, y, r = given
    angle = np.arange(513) * (2 * np.pi / 512)
    even = r * np.sqrt(np.pi / (256 * np.sin(2 * np.pi / 512)))
    return np.column_stack((x + even * np.cos(angle), y + even * np.sin(angle)))
