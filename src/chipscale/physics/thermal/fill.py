"""What the cells of a grid hold: the share of every substance, and the conductivity of the mixture by direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.substances import Substance
from chipscale.solvers.coverage import coverage
from chipscale.stack.types import Body, Slab
from chipscale.stack.volume import region_at, z_range_um

Array = npt.NDArray[np.float64]
Mixture = Literal["mean", "low", "high"]
_PARTS = 6  # every cell's side is looked at in so many parts
_FULL = 1e-6


class Cells(NamedTuple):
    """Conductivities (3, nz, ny, nx) in W/(m K) along x, y, z; capacity (nz, ny, nx); which substance leads, as an
    index into `names`; the largest half gap between the mixture's bounds over their mean; and how much of what the
    cells' means would pass between two layers (nz - 1, ny, nx) they do pass, part by part."""

    k_W_mK: Array
    c_J_m3K: Array
    leads: npt.NDArray[np.int16]
    names: tuple[str, ...]
    gap_ratio: float
    upright_ratio: Array


def filled(
    bodies: Sequence[Body],
    grid_um: tuple[Array, Array, Array],
    between: Sequence[str],
    substances: Mapping[str, Substance],
    mixture: Mixture = "mean",
) -> Cells:
    """Return what the cells between grid lines x, y, z (µm) hold; `between[k]` fills what bodies leave of layer k.

    Upright, parts of a cell conduct side by side, and from the middle of one layer to that of the next each part by
    itself: copper over a film of polymer takes only the heat below it. Sideways the truth lies between two bounds (Z.
    Hashin and S. Shtrikman give the idea; these are those of a grid of resistors, from rows in series put side by side
    and columns side by side put in series), and the geometric mean of both is taken: exact for a wire along or across,
    and for a chessboard (A. M. Dykhne, Sov. Phys. JETP 32 (1971) 63). Where an edge cuts a part, see `_by_edges`.
    """
    x, y, z = grid_um
    fine = tuple(_split(edges) for edges in (x, y))
    names = tuple(sorted({body.material for body in bodies} | set(between)))
    shape = (len(z) - 1, len(y) - 1, len(x) - 1)
    k, c, leads = np.empty((3, *shape)), np.empty(shape), np.empty(shape, dtype=np.int16)
    shares = _shares(bodies, fine, z)
    gap = 0.0
    upright = np.ones((shape[0] - 1, *shape[1:]))
    height, below = np.diff(z), np.ones(1)
    for layer in range(shape[0]):
        held = shares.get(layer, {})
        rest = np.clip(1.0 - sum(held.values(), np.zeros((len(fine[1]) - 1, len(fine[0]) - 1))), 0.0, 1.0)
        whole = {
            name: held.get(name, 0.0) + (rest if name == between[layer] else 0.0) for name in {*held, between[layer]}
        }
        total = sum(whole.values())
        whole = {name: part / total for name, part in sorted(whole.items())}
        k[:, layer], worst = _mixed(whole, substances, shape[1:], mixture)
        gap = max(gap, worst)
        above = height[layer] / np.asarray(sum(part * substances[name].k_W_mK[2] for name, part in whole.items()))
        if layer:
            means = height[layer - 1] / k[2, layer - 1] + height[layer] / k[2, layer]
            upright[layer - 1] = _mean(1.0 / (below + above), shape[1:]) * means
        below = above
        c[layer] = _mean(sum(part * substances[name].c_J_m3K for name, part in whole.items()), shape[1:])
        parts = np.array([_mean(part * substances[name].k_W_mK[2], shape[1:]) for name, part in whole.items()])
        leads[layer] = np.array([names.index(name) for name in whole], dtype=np.int16)[parts.argmax(axis=0)]
    return Cells(k, c, leads, names, gap, upright)


def _split(edges: Array) -> Array:
    steps = np.arange(_PARTS) / _PARTS
    return np.append((edges[:-1, None] + np.diff(edges)[:, None] * steps).ravel(), edges[-1])


def _shares(bodies: Iterable[Body], fine: tuple[Array, Array], z: Array) -> dict[int, dict[str, Array]]:
    """Return layer -> material -> share of every part of a cell, from the bodies' outlines at mid height."""
    found: dict[int, dict[str, Array]] = {}
    groups: dict[tuple[str, float, float], list[Body]] = {}
    for body in bodies:
        groups.setdefault((body.material, *z_range_um(body)), []).append(body)
    for (name, low, high), group in sorted(groups.items(), key=lambda item: item[0]):
        upright = all(isinstance(body, Slab) and body.top is body.bottom for body in group)
        share = coverage([region_at(body, low) for body in group], *fine) if upright else None
        first, last = np.searchsorted(z, low + _FULL, side="right") - 1, np.searchsorted(z, high - _FULL)
        for layer in range(max(int(first), 0), min(int(last), len(z) - 1)):
            bottom, top = max(low, z[layer]), min(high, z[layer + 1])
            part = (top - bottom) / (z[layer + 1] - z[layer])
            if part <= _FULL:
                continue
            at = share
            if at is None:
                at = coverage([region_at(body, (bottom + top) / 2) for body in group], *fine)
            held = found.setdefault(layer, {})
            held[name] = held.get(name, 0.0) + part * at
    return found


def _mean(parts: Array, shape: tuple[int, int]) -> Array:
    """Return the mean over the parts of every cell."""
    return (
        np.broadcast_to(parts, (shape[0] * _PARTS, shape[1] * _PARTS))
        .reshape(shape[0], _PARTS, shape[1], _PARTS)
        .mean(axis=(1, 3))
    )


def _mixed(
    whole: Mapping[str, Array], substances: Mapping[str, Substance], shape: tuple[int, int], mixture: Mixture
) -> tuple[Array, float]:
    """Return the conductivity (3, ny, nx) of one layer's cells, and half the bounds' widest gap over their mean."""
    k = np.empty((3, *shape))
    k[2] = _mean(sum(part * substances[name].k_W_mK[2] for name, part in whole.items()), shape)
    gap = 0.0
    for way in (0, 1):
        part = _by_edges(whole, substances, way)
        across = (shape[0], _PARTS, shape[1], _PARTS)
        along, beside = (3, 1) if way == 0 else (1, 3)
        low = (1.0 / (1.0 / part.reshape(across)).mean(axis=along, keepdims=True)).mean(axis=beside, keepdims=True)
        high = 1.0 / (1.0 / part.reshape(across).mean(axis=beside, keepdims=True)).mean(axis=along, keepdims=True)
        low, high = low.reshape(shape), np.maximum(high.reshape(shape), low.reshape(shape))
        gap = max(gap, float(((high - low) / (high + low)).max()))
        k[way] = {"low": low, "high": high, "mean": np.sqrt(low * high)}[mixture]
    return k, gap


def _by_edges(whole: Mapping[str, Array], substances: Mapping[str, Substance], way: int) -> Array:
    """Return the conductivity of every part of a cell along x (way 0) or y.

    What meets in a part lies side by side along the edge between and in series across it; k = (1 - n²) k_side + n²
    k_series with n the edge's normal along this way (the mean over a plane interface; A. Farjadpour et al., Opt. Lett.
    31 (2006) 2972, for fields of the same law). The normal is told by how the parts about it differ.
    """
    side = np.asarray(sum(part * substances[name].k_W_mK[way] for name, part in whole.items()))
    if len(whole) == 1:
        return side
    row = 1.0 / np.asarray(sum(part / substances[name].k_W_mK[way] for name, part in whole.items()))
    differ = []
    for axis in (1, 0):
        steps = np.diff(side, axis=axis) ** 2
        ends = [[(0, 0), (0, 0)] for _ in range(2)]
        ends[0][axis], ends[1][axis] = (0, 1), (1, 0)
        differ.append(np.pad(steps, ends[0]) + np.pad(steps, ends[1]))
    across = differ[way] / np.maximum(differ[0] + differ[1], 1e-30)
    return np.asarray((1.0 - across) * side + across * row)
