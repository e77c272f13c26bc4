"""Point images that stand for flat dielectric layers over a ground plane, so that 1/r is all a solver needs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_MOST_IMAGES = 40  # per reflection function
_MOST_HEIGHTS = 64
_LID_TRIPS = 3
_CALM = 0.2  # amounts of 1 / _CALM cost as much as the tolerance, so that none are large and cancel
_SMALLEST_STEP = 1e-9  # paths closer than this share of the layers' thickness are one
_STEP = 1e-9  # imaginary part, of a permittivity, by which derivatives are taken: squares of it are below rounding


@dataclass(frozen=True, slots=True)
class Space:
    """Flat layers without end, bottom to top: relative permittivities, the heights of the faces between them (one
    fewer), the height of a grounded plane below them all (None: the lowest layer goes down without end), and that of
    a second one above (None: the highest layer goes up without end), which needs the first.
    """

    eps_ratio: tuple[float, ...] = (1.0,)
    faces_m: tuple[float, ...] = ()
    ground_m: float | None = 0.0
    lid_m: float | None = None

    def __post_init__(self) -> None:
        heights = [z for z in (self.ground_m, *self.faces_m, self.lid_m) if z is not None]
        if self.lid_m is not None and self.ground_m is None:
            raise ValueError("a plane above the layers needs one below")
        if len(self.eps_ratio) != len(self.faces_m) + 1 or any(np.diff(heights) <= 0) or min(self.eps_ratio) < 1:
            raise ValueError("layers need one permittivity of 1 or more each and faces that go up")

    def layer_at(self, z_m: Array) -> Ints:
        """Return the number of the layer at each height (n,); on a face, the one below it."""
        return np.searchsorted(np.array(self.faces_m), z_m, side="left").astype(np.int64)


class Images(NamedTuple):
    """Images by (kind of the point, kind of the charge): those numbered first[i, j] to last[i, j].

    The potential at height z over a unit charge at height s and distance rho is the sum of
    amount / sqrt(rho² + (z - flip s - shift_m)²), over 4 pi eps0. Kinds are layers, or heights within them.
    """

    first: Ints
    last: Ints
    amount: Array
    flip: Array
    shift_m: Array
    error_ratio: float  # largest error of the transform that is left, of the charge's own


_Image = tuple[float, float, float]  # amount, flip, shift_m
Weights = tuple[float, ...] | None


def images(space: Space, tolerance_ratio: float = 1e-4) -> Images:
    """Return the images of `space` by layer; the potential's Hankel transform is right to about `tolerance_ratio` of
    that of the charge alone.

    Between two layers the transform is a sum of at most four waves, each with a factor that depends on the wave
    number alone (upward and downward reflections, all round trips). A factor is a series of exp(-k b) with b twice
    the layers' thicknesses in all combinations, that is, of images; few of them, with their amounts fitted, do.
    """
    return _by_layer(space, tolerance_ratio, None)


def _by_layer(space: Space, tolerance_ratio: float, share: Weights) -> Images:
    wave = _Waves(space, tolerance_ratio, share)
    count = len(space.eps_ratio)
    if space.lid_m is not None and count > 1:
        raise ValueError("with a plane above layers, at most 64 heights may lie below the highest layer")
    lid = _lid(space, [None] * count, share)
    return _table(
        count, lambda point, charge: [*_of_layers(wave, point, charge), *lid(point, charge)], lambda: wave.worst
    )


def images_at(space: Space, z_m: Array, tolerance_ratio: float = 1e-4) -> tuple[Ints, Images]:
    """Return the kind of each of the heights (n,), and the images by kind: as `images`, but fewer.

    Below the highest layer, panels of films lie at few heights. For two given heights all waves are one function of
    the wave number, for which a handful of images does; their vertical distances are right for flat and for upright
    panels. Heights in the highest layer are one kind. With more than 64 heights below, kinds are layers.
    """
    return _at_heights(space, z_m, tolerance_ratio, None)


def share_images_at(space: Space, z_m: Array, weights: Sequence[float], tolerance_ratio: float = 1e-3) -> Images:
    """Return images by the kinds of `images_at` whose potential is the sum over the layers of a weight times how fast
    that of a charge falls with the logarithm of the layer's permittivity.

    Of charges q, q' P q of it is twice the weighted energy in the layers; with all weights 1 it is the potential
    itself. Layers that are lossy by tan d add an imaginary part, to first order that with weights tan d. Of a plane
    above the layers only what the highest layer does to its images is counted.
    """
    return _at_heights(space, z_m, tolerance_ratio, tuple(float(w) for w in weights))[1]


def _at_heights(space: Space, z_m: Array, tolerance_ratio: float, share: Weights) -> tuple[Ints, Images]:
    layer = space.layer_at(z_m)
    highest = len(space.eps_ratio) - 1
    low = layer < highest
    heights, kind = np.unique(np.round(z_m[low], 10), return_inverse=True)
    if not 0 < len(heights) <= _MOST_HEIGHTS:
        return layer, _by_layer(space, tolerance_ratio, share)
    wave = _Waves(space, tolerance_ratio / 2, share)
    at = [(int(i), float(z)) for i, z in zip(space.layer_at(heights), heights, strict=True)]
    by_layer = {pair: _of_layers(wave, *pair) for pair in itertools.product(range(highest + 1), repeat=2)}
    ends: list[tuple[int, float | None]] = [*at, (highest, None)]
    worst = [wave.worst]
    lid = _lid(space, [height for _, height in ends], share)

    def pair(point: int, charge: int) -> list[_Image]:
        (i, z), (j, s) = ends[point], ends[charge]
        if z is None and s is None:
            return [*by_layer[i, j], *lid(point, charge)]
        found, error = _thinned(wave, by_layer[i, j], (z, s), tolerance_ratio / 2)
        worst[0] = max(worst[0], error)
        return [*found, *lid(point, charge)]

    kinds = np.full(len(z_m), len(heights), dtype=np.int64)
    kinds[low] = kind
    return kinds, _table(len(ends), pair, lambda: worst[0])


def _lid(space: Space, heights_m: list[float | None], share: Weights = None) -> Callable[[int, int], list[_Image]]:
    """Return what gives the images a grounded plane above adds, for two of these heights (None: the highest layer).

    Waves that reach the plane are long against the films below the highest layer. For them the films are as much of
    the highest layer's dielectric as has their capacitance, and a height within them lies as deep in it as has the
    capacitance below. Between two planes the images repeat; three times are counted each way, the last for all
    further ones.
    """
    if space.lid_m is None or space.ground_m is None:
        return lambda point, charge: []
    bottom = np.array([space.ground_m, *space.faces_m])
    eps = np.array(space.eps_ratio)
    ratio = eps[-1] / eps

    def depth(z: float) -> float:
        part = np.clip(z - bottom, 0.0, np.append(np.diff(bottom), np.inf))
        return float((part * ratio).sum())

    ground = float(bottom[-1]) - depth(float(bottom[-1]))
    between = space.lid_m - ground
    off = [0.0 if z is None else z - (ground + depth(z)) for z in heights_m]
    weight = 1.0 if share is None else share[-1]
    last = 1 + _LID_TRIPS**3 * (1.2020569031595942 - sum(n**-3 for n in range(1, _LID_TRIPS + 1)))
    turns = [(n, weight * (last if abs(n) == _LID_TRIPS else 1.0)) for n in range(-_LID_TRIPS, _LID_TRIPS + 1) if n]

    def pair(point: int, charge: int) -> list[_Image]:
        a, b = off[point], off[charge]
        found = [(part / float(eps[-1]), 1.0, a - b + 2 * n * between) for n, part in turns]
        return found + [(-part / float(eps[-1]), -1.0, a + b + 2 * ground + 2 * n * between) for n, part in turns]

    return pair


def _table(count: int, pair: Callable[[int, int], list[_Image]], error: Callable[[], float]) -> Images:
    table: list[_Image] = []
    first, last = np.zeros((count, count), dtype=np.int64), np.zeros((count, count), dtype=np.int64)
    for point, charge in itertools.product(range(count), repeat=2):
        first[point, charge] = len(table)
        table += pair(point, charge)
        last[point, charge] = len(table)
    amount, flip, shift = (np.ascontiguousarray(part) for part in np.array(table, dtype=np.float64).reshape(-1, 3).T)
    return Images(first, last, amount, flip, shift, error())


def _thinned(
    wave: _Waves, whole: list[_Image], heights: tuple[float | None, float | None], tolerance: float
) -> tuple[list[_Image], float]:
    """Return fewer images for a point or a charge, or both, at a given height, and the error of their transform.

    Of what is not at a given height the path grows with its height: it is counted from the highest layer's foot.
    """
    foot = wave.bottom[-1]
    z, s = (foot if height is None else height for height in heights)
    assert z is not None
    assert s is not None
    amount, flip, shift = np.array(whole).T
    path = np.abs(z - flip * s - shift)
    own = (flip > 0) & (shift == 0.0)
    k = wave.k[::4]
    waves = np.exp(-np.outer(k, path[~own])) @ amount[~own]
    found = [(float(a), 1.0, 0.0) for a in amount[own]]
    if not (~own).any() or np.abs(waves).max() < tolerance:
        return found, 0.0
    lengths = np.unique(path[~own])
    apart = np.diff(lengths) > 1e-2 * wave.thin_m
    few, error = _chosen(k, waves, lengths[np.concatenate(([True], apart))], tolerance)
    # the panel itself, moved so that it is as far above or below the point as the path says
    side = -1.0 if heights[1] is None else 1.0
    return found + [(a, 1.0, z - s - side * b) for a, b in few], error


class _Waves:
    """Reflections of the layers at sampled wave numbers, seen from each layer's top and bottom; for a share
    the layers' permittivities have small imaginary parts."""

    def __init__(self, space: Space, tolerance: float, share: Weights = None) -> None:
        eps: list[Any] = list(space.eps_ratio)
        if share is not None:
            eps = [e * (1 - 1j * _STEP * w) for e, w in zip(eps, share, strict=True)]
        self.share, self.real = share, space.eps_ratio
        self.tolerance, self.worst = tolerance, 0.0
        self.eps, self.count = eps, len(eps)
        self.bottom = [space.ground_m, *space.faces_m]
        self.top: list[float | None] = [*space.faces_m, None]
        finite = [t - b for b, t in zip(self.bottom, self.top, strict=True) if b is not None and t is not None]
        whole, thin = (sum(finite), min(finite)) if finite else (1.0, 1.0)
        self.thin_m = thin
        self.k = np.concatenate(([0.0], np.geomspace(1e-3 / whole, 12.0 / thin, 240)))
        self.trip = [
            np.exp(-2 * self.k * (t - b)) if b is not None and t is not None else np.zeros_like(self.k)
            for b, t in zip(self.bottom, self.top, strict=True)
        ]
        self.up, self.down = [np.zeros_like(self.k)] * self.count, [np.zeros_like(self.k)] * self.count
        for i in range(self.count - 2, -1, -1):
            self.up[i] = _seen(eps[i], eps[i + 1], self.up[i + 1] * self.trip[i + 1])
        if space.ground_m is not None:
            self.down[0] = -np.ones_like(self.k)
        for i in range(1, self.count):
            self.down[i] = _seen(eps[i], eps[i - 1], self.down[i - 1] * self.trip[i - 1])
        self.round = [1 / (1 - u * d * t) for u, d, t in zip(self.up, self.down, self.trip, strict=True)]
        self.paths = _paths(finite)
        self.more_paths = _paths(finite, np.geomspace(whole, 200 * whole, 40)) if finite else self.paths

    def of_charge(self, factor: Any, charge: int) -> Array:
        """Return a wave's factor, or for a share how fast that over the permittivity where the charge is falls."""
        return np.asarray(
            factor if self.share is None else (factor / self.eps[charge]).imag / _STEP * self.real[charge]
        )

    def through(self, low: int, high: int) -> Any:
        """Return the factor of a wave that starts upward in layer `low` and goes up in `high`."""
        found = self.round[low]
        for i in range(low, high):
            found = found * (1 + self.up[i]) / (1 + self.up[i + 1] * self.trip[i + 1])
        return found


def _seen(here: Any, there: Any, behind: Any) -> Any:
    """Return the reflection at a face, with what comes back from behind it."""
    r = (here - there) / (here + there)
    return (r + behind) / (1 + r * behind)


def _paths(thick_m: list[float], others: Iterable[float] = ()) -> Array:
    """Return lengths b of round trips through the layers, up to three (of one layer: twenty) times through each, and
    others, sorted."""
    if not thick_m:
        return np.zeros(1)
    most = 4 if len(thick_m) > 1 else 21
    trips = np.array(list(itertools.product(range(most), repeat=len(thick_m)))) @ (2 * np.array(thick_m))
    lengths = np.sort(np.concatenate((trips, np.array(others))))
    return np.concatenate(([0.0], lengths[1:][np.diff(lengths) > _SMALLEST_STEP * sum(thick_m)]))


def _of_layers(wave: _Waves, point: int, charge: int) -> list[_Image]:
    """Return the images for a point in one layer and a charge in another, or the same."""
    if point >= charge:
        return _upward(wave, point, charge)
    # what a charge does here it does there, the other way round
    turned = _upward(wave, charge, point)
    return [(amount, flip, -shift if flip > 0 else shift) for amount, flip, shift in turned]


def _upward(wave: _Waves, point: int, charge: int) -> list[_Image]:
    """Return the images for a point in the same layer as the charge or in one above."""
    bottom, top, eps = wave.bottom[charge], wave.top[point], wave.real[charge]
    through, down, up = wave.through(charge, point), wave.down[charge], wave.up[point]
    same = point == charge

    def fitted(factor: Any) -> list[tuple[float, float]]:
        return [(a / eps, b) for a, b in _fitted(wave, wave.of_charge(factor, charge))]

    own = (1.0 if wave.share is None else wave.share[charge]) / eps
    found: list[_Image] = [(own, 1.0, 0.0)] if same and own else []
    if not same:
        found += [(a, 1.0, -b) for a, b in fitted(through)]
    if bottom is not None:
        found += [(a, -1.0, 2 * bottom - b) for a, b in fitted(through * down)]
    if top is not None:
        found += [(a, -1.0, 2 * top + b) for a, b in fitted(through * up)]
    if bottom is not None and top is not None:
        far = 2 * (top - bottom)
        both = fitted(through * down * up)
        found += [(a, 1.0, far + b) for a, b in both]
        if same:
            found += [(a, 1.0, -far - b) for a, b in both]
    return found


def _fitted(wave: _Waves, factor: Array) -> list[tuple[float, float]]:
    """Return (amount, path) whose sum of amount exp(-k path) is the factor.

    Where round trips alone need too many, for a layer that is far more permittive than what is around it, long paths
    of other lengths are allowed as well.
    """
    if np.abs(factor).max() < wave.tolerance:
        return []
    found, error = _chosen(wave.k, factor, wave.paths, wave.tolerance)
    if error > wave.tolerance:
        other, other_error = _chosen(wave.k, factor, wave.more_paths, wave.tolerance)
        found, error = (other, other_error) if other_error < error else (found, error)
    wave.worst = max(wave.worst, error)
    return found


def _chosen(k: Array, factor: Array, paths: Array, tolerance: float) -> tuple[list[tuple[float, float]], float]:
    """Return (amount, path) of paths added one by one until the fit is good, and its largest error.

    Large amounts that cancel are kept out: near by, each image is integrated by a rule of its own. Value and slope at
    k = 0, which rule the potential far away, are met a thousand times better
    than the rest.
    """
    basis = np.exp(-np.outer(k, paths))
    size = np.linalg.norm(basis, axis=0)
    heavy = np.array([[1e3], [1e3 * k[1]]])
    ends = heavy * np.vstack((basis[0], (basis[1] - basis[0]) / k[1]))
    wanted = np.concatenate((factor, heavy[:, 0] * [factor[0], (factor[1] - factor[0]) / k[1]]))
    chosen: list[int] = []
    amount, rest = np.zeros(0), factor
    while np.abs(rest).max() > tolerance and len(chosen) < min(_MOST_IMAGES, len(paths)):
        gain = np.abs(basis.T @ rest) / size
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        small = _CALM * tolerance * np.eye(len(chosen))
        rows = np.vstack((basis[:, chosen], ends[:, chosen], small))
        amount = np.linalg.lstsq(rows, np.concatenate((wanted, np.zeros(len(chosen)))), rcond=None)[0]
        rest = factor - basis[:, chosen] @ amount
    return [(float(a), float(paths[c])) for a, c in zip(amount, chosen, strict=True)], float(np.abs(rest).max())
