"""Resistance of a conducting slab under layered dielectrics, as charges on panels above it meet it.

The slab is nearly a ground. What charges of the panels draw to its face, the layers in between counted exactly, flows
as current through the slab to its contact, a plane below; none leaves by its sides. All in cosine series over its face.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.solvers.layered_images import Space

Array = npt.NDArray[np.float64]
_MOST_CELLS = 128  # of the longer side
_CELL_RATIO = 0.7  # of the lowest charge's height: the finest that its flux shows
_COARSE_RATIO = 6.0  # a charge this many cells above the face is spread over cells twice as wide
_LEVEL_RATIO = 1.4  # charges between two heights in this ratio are shared among them
_STILL = 1e-4
_SPOTS = 64  # of a panel along, at most


@dataclass(frozen=True, slots=True)
class Slab:
    """A box of `x_m` by `y_m` with its lower left corner at `corner_m`, from the space's ground plane to its contact
    `deep_m` below."""

    x_m: float
    y_m: float
    deep_m: float
    corner_m: tuple[float, float] = (0.0, 0.0)


def slab_lengths(corners_m: Array, charge_C: Array, space: Space, slab: Slab) -> Array:
    """Return (c, c) in C²/m: times the slab's resistivity in ohm m, and over the charges, its resistance in ohm.

    `corners_m` (n, K, 3) as `panel_potential.panels_of`, `charge_C` (n, c) the charges of c cases. Entry (i, j) is the
    integral over the face of case i's flux times the potential that case j's makes there as current in a slab of 1 ohm
    m. A current's wave of number k meets tanh(k deep) / k.
    """
    if space.ground_m is None:
        raise ValueError("a slab needs a ground plane for its face")
    place, panel, share = _spots(corners_m, _cell_m(corners_m, space, slab))
    height = place[:, 2] - space.ground_m
    levels = _levels(height)
    cell = _cell_m(corners_m, space, slab)
    whole = _counts(slab, cell)
    flux = np.zeros((*whole, charge_C.shape[1]), dtype=np.float32)
    k = _wave_numbers(whole, slab)
    for at, (spots, part) in enumerate(_at_levels(height, levels)):
        if not len(spots):
            continue
        wide = cell * 2.0 ** max(0, math.floor(math.log2(max(levels[at] / (_COARSE_RATIO * cell), 1.0))))
        count = _counts(slab, wide)
        waves = _waves(place[spots, :2], (panel[spots], share[spots] * part), charge_C, (count, slab))
        low = tuple(min(a, b) for a, b in zip(count, whole, strict=True))
        reach = arriving(space, k[: low[0], : low[1]], levels[at])
        flux[: low[0], : low[1]] += reach[..., None].astype(np.float32) * waves[: low[0], : low[1]]
    weight = np.where(np.arange(whole[0]) == 0, 1.0, 2.0)[:, None] * np.where(np.arange(whole[1]) == 0, 1.0, 2.0)
    safe = np.where(k > 0.0, k, 1.0)
    weight *= np.where(k > 0.0, np.tanh(safe * slab.deep_m) / safe, slab.deep_m) / (slab.x_m * slab.y_m)
    flat = flux.reshape(-1, charge_C.shape[1]).astype(np.float64)
    return np.asarray(flat.T @ (weight.ravel()[:, None] * flat))


def arriving(space: Space, k_1_m: Array, height_m: float) -> Array:
    """Return which part of a charge's wave of number k arrives, as flux, at the ground plane from a height above it.

    By reciprocity that is the potential at the height when the plane is at 1 V: found layer by layer from the top.
    """
    assert space.ground_m is not None
    bottom = [space.ground_m, *space.faces_m]
    top = [*space.faces_m, space.lid_m]
    high_m = max((z for z in top if z is not None), default=space.ground_m + height_m) - space.ground_m
    k = np.maximum(np.asarray(k_1_m, dtype=float), _STILL / max(high_m, height_m))  # what does not vary does slowly
    ratio: list[Any] = [None] * len(bottom)  # admittance above a layer over the layer's own; None: it has no end
    seen: Any = None
    for i in range(len(bottom) - 1, -1, -1):
        high = top[i]
        if high is None:
            seen = space.eps_ratio[i] * np.ones_like(k)
            continue
        trip = np.exp(-2.0 * k * (high - bottom[i]))
        if seen is None:  # a plane ends the layer
            ratio[i] = np.inf
            back = -trip
        else:
            ratio[i] = seen / space.eps_ratio[i]
            back = (1.0 - ratio[i]) / (1.0 + ratio[i]) * trip
        seen = space.eps_ratio[i] * (1.0 - back) / np.maximum(1.0 + back, 1e-300)
    found = np.ones_like(k)
    z = space.ground_m + height_m
    for i, (low, high) in enumerate(zip(bottom, top, strict=True)):
        here = z - low if high is None else min(z, high) - low
        if here <= 0.0:
            break
        found = found * _within(k, here, None if high is None else high - low, ratio[i])
    return np.asarray(found)


def _within(k: Array, here_m: float, thick_m: float | None, ratio: Any) -> Array:
    """Return the potential at a height in a layer over that at its foot."""
    fall = np.exp(-k * here_m)
    if thick_m is None:
        return np.asarray(fall)
    if ratio is np.inf:
        return np.asarray(fall * np.expm1(-2.0 * k * (thick_m - here_m)) / np.expm1(-2.0 * k * thick_m))
    back = (1.0 - ratio) / (1.0 + ratio)
    return np.asarray(fall * (1 + back * np.exp(-2 * k * (thick_m - here_m))) / (1 + back * np.exp(-2 * k * thick_m)))


def _cell_m(corners_m: Array, space: Space, slab: Slab) -> float:
    low = float(corners_m[:, :, 2].min()) - float(space.ground_m or 0.0)
    return max(_CELL_RATIO * low, max(slab.x_m, slab.y_m) / _MOST_CELLS)


def _counts(slab: Slab, cell_m: float) -> tuple[int, int]:
    return max(2, math.ceil(slab.x_m / cell_m)), max(2, math.ceil(slab.y_m / cell_m))


def _wave_numbers(count: tuple[int, int], slab: Slab) -> Array:
    kx, ky = (np.pi * np.arange(n) / side for n, side in zip(count, (slab.x_m, slab.y_m), strict=True))
    return np.asarray(np.hypot(kx[:, None], ky[None, :]))


def _levels(height_m: Array) -> Array:
    """Return heights, in equal ratios, among which charges are shared."""
    low, high = max(float(height_m.min()), 1e-9), max(float(height_m.max()), 2e-9)
    count = max(1, math.ceil(math.log(max(high / low, 1.0 + 1e-9)) / math.log(_LEVEL_RATIO))) + 1
    return np.geomspace(low, max(high, low * (1 + 1e-6)), count)


def _at_levels(height_m: Array, levels: Array) -> list[tuple[npt.NDArray[np.int64], Array]]:
    """Return for each level the spots that belong to it and which part of them does."""
    below = np.clip(np.searchsorted(levels, height_m, side="right") - 1, 0, len(levels) - 2)
    upper = np.clip((height_m - levels[below]) / (levels[below + 1] - levels[below]), 0.0, 1.0)
    found = []
    for k in range(len(levels)):
        mine, next_one = np.flatnonzero((below == k) & (upper < 1.0)), np.flatnonzero((below == k - 1) & (upper > 0.0))
        spots = np.concatenate((mine, next_one))
        found.append((spots, np.concatenate((1.0 - upper[mine], upper[next_one]))))
    return found


def _waves(place_m: Array, owner: tuple[Any, Array], charge_C: Array, grid: tuple[tuple[int, int], Slab]) -> Any:
    """Return the cosine waves (kx, ky, c) of charges at places (s, 2), which hold shares of the panels' charges."""
    from scipy.fft import dctn
    from scipy.sparse import csr_matrix

    (nx, ny), slab = grid
    panel, share = owner
    columns, where = np.unique(panel, return_inverse=True)
    rows, parts = [], []
    x, y = ((place_m - slab.corner_m) / (slab.x_m, slab.y_m) * (nx, ny) - 0.5).T
    i, j = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    for a in (0, 1):
        for b in (0, 1):
            rows.append(_mirrored(i + a, nx) * ny + _mirrored(j + b, ny))
            parts.append(share * np.abs(1 - a - (x - i)) * np.abs(1 - b - (y - j)))
    shape = nx * ny, len(columns)
    spread = csr_matrix((np.concatenate(parts), (np.concatenate(rows), np.tile(where, 4))), shape=shape)
    cells = (spread @ charge_C[columns]).astype(np.float32).reshape(nx, ny, -1)
    waves = dctn(cells, type=2, axes=(0, 1)) / 4.0
    blur = [np.sinc(np.arange(n) / (2.0 * n)) ** 2 for n in (nx, ny)]  # of sharing a charge among four cells
    return waves / (blur[0][:, None] * blur[1][None, :])[..., None].astype(np.float32)


def _mirrored(index: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Return cells beyond the sides as their mirror images within."""
    turned = np.mod(index, 2 * count)
    return np.where(turned < count, turned, 2 * count - 1 - turned)


def _spots(corners_m: Array, cell_m: float) -> tuple[Array, npt.NDArray[np.int64], Array]:
    """Return places (s, 3) a cell apart on rectangles with the panels' second moments, whose they are, their shares."""
    origin = corners_m[:, :1]
    arm = corners_m - origin
    a, b = arm[:, 1:-1], arm[:, 2:]
    area = np.linalg.norm(np.cross(a, b), axis=2)
    whole = area.sum(axis=1)
    centre = np.einsum("ij,ijk->ik", area, a + b) / (3 * whole[:, None])
    outer = sum(v[..., :, None] * v[..., None, :] for v in (a, b, a + b))
    second = np.einsum("ij,ijkl->ikl", area, outer) / (12 * whole[:, None, None])
    size, way = np.linalg.eigh(second - centre[:, :, None] * centre[:, None, :])
    side = np.sqrt(12.0 * np.clip(size[:, 1:], 0.0, None))
    count = np.clip(np.ceil(side / cell_m), 1, _SPOTS).astype(np.int64)
    each = count.prod(axis=1)
    panel = np.repeat(np.arange(len(each)), each)
    number = np.arange(len(panel)) - np.repeat(np.cumsum(each) - each, each)
    many = count[panel]
    step = np.stack((number % many[:, 0], number // many[:, 0]), axis=1)
    off = ((step + 0.5) / many - 0.5) * side[panel]
    place = (centre + origin[:, 0])[panel] + np.einsum("sj,skj->sk", off, way[panel][:, :, 1:])
    return place, panel, 1.0 / each[panel]
