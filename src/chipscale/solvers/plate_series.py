"""Heat spreading in a plate of layers, exact: cosine series over the plate, each layer a line for every cosine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.solvers.rectangle_potential import seen_from_points, seen_from_rectangles

Array = npt.NDArray[np.float64]
_FIXED_W_m2K = 1e15  # a film so good that its face has the surroundings' temperature
_DEEP = 7.0  # exp(-2 x 7) = 1e-6: what is left out of the cosines after the images are taken off
_SIDE_RATIO = 0.3  # depth of the image plate over the plate's side, at most: more would need far images
_FAR = 8.0  # depths; images beyond are below exp(-8 pi / 2) = 4e-6 of the near ones
_TURNS = 14  # terms of the alternating sum over images above and below, accelerated to 1e-9
_MOST_MODES = 1500
_LEAST_MODES = 1000  # 1e-4 for a source of 1/30 of the side beside a contact
_MOST_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the plate; `contact_m2K_W` is the resistance between it and what lies above."""

    t_m: float
    kx_W_mK: float
    ky_W_mK: float
    kz_W_mK: float
    contact_m2K_W: float = 0.0


@dataclass(frozen=True, slots=True)
class Plate:
    """Layers from the lowest up, with insulated sides; films h_below and h_above to the surroundings (0: insulated,
    inf: held at the surroundings' temperature).
    """

    size_x_m: float
    size_y_m: float
    layers: tuple[Layer, ...]
    h_below_W_m2K: float = 0.0
    h_above_W_m2K: float = 0.0

    def __post_init__(self) -> None:
        sizes = [self.size_x_m, self.size_y_m]
        for layer in self.layers:
            sizes += [layer.t_m, layer.kx_W_mK, layer.ky_W_mK, layer.kz_W_mK]
        if not self.layers or min(sizes) <= 0 or min(layer.contact_m2K_W for layer in self.layers) < 0:
            raise ValueError("a plate needs layers, sizes and conductivities above 0, contact resistances of 0 or more")
        if min(self.h_below_W_m2K, self.h_above_W_m2K) < 0 or not self.h_below_W_m2K + self.h_above_W_m2K > 0:
            raise ValueError("a plate needs a film above 0 on one face: no heat could leave")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a face of the plate: face 0 is the underside, face i the top of layer i - 1."""

    x0_m: float
    x1_m: float
    y0_m: float
    y1_m: float
    face: int


def resistances(plate: Plate, areas: Sequence[Area]) -> Array:
    """Return (n, n) in K/W: the mean rise over area i for 1 W spread evenly over area j.

    Muzychka, Culham and Yovanovich, J. Electron. Packag. 125 (2003) 178, written for any number of layers by
    the input admittance of a line; the slow part of the series, the hot area's own neighbourhood, is taken off and
    summed as images in closed form. O(n² modes).
    """
    found = np.zeros((len(areas), len(areas)))
    for to in sorted({area.face for area in areas}):
        rows = [k for k, area in enumerate(areas) if area.face == to]
        for of in sorted({area.face for area in areas}):
            columns = [k for k, area in enumerate(areas) if area.face == of]
            near = to == of and len(rows) * len(columns) <= _MOST_PAIRS
            part = _Series(plate, to, of, near)
            means = [part.means([areas[k] for k in group]) for group in (rows, columns)]
            for j, column in enumerate(columns):
                left = means[0][0].T @ (part.gain * np.outer(means[1][0][:, j], means[1][1][:, j]))
                found[rows, column] = (left * means[0][1].T).sum(axis=1)
            if near:
                found[np.ix_(rows, columns)] += part.images_between([areas[k] for k in rows])
    return found


def rises(plate: Plate, areas: Sequence[Area], power_W: Array, points_m: Array, face: int) -> Array:
    """Return the rise in K at points (p, 2) of a face for the areas' powers (n,). O(p modes), by one product."""
    total = np.zeros(len(points_m))
    for of in sorted({area.face for area in areas}):
        columns = [k for k, area in enumerate(areas) if area.face == of]
        near = face == of and len(columns) * len(points_m) <= _MOST_PAIRS
        part = _Series(plate, face, of, near)
        mean_x, mean_y = part.means([areas[k] for k in columns])
        weight = part.gain * ((mean_x * power_W[columns]) @ mean_y.T)
        cos_x = np.cos(np.outer(points_m[:, 0], part.alpha))
        cos_y = np.cos(np.outer(points_m[:, 1], part.beta))
        total += ((cos_x @ weight) * cos_y).sum(axis=1)
        if near:
            total += part.images_at([areas[k] for k in columns], points_m) @ power_W[columns]
    return total


class _Series:
    """The plate's answer on one face to heat on another, cosine by cosine (m, n), less that of an image plate."""

    def __init__(self, plate: Plate, to: int, of: int, near: bool) -> None:
        last = len(plate.layers)
        if not (0 <= to <= last and 0 <= of <= last):
            raise ValueError(f"faces are 0 to {last}")
        self.plate = plate
        beside = [plate.layers[k] for k in (of - 1, of) if 0 <= k < last]
        if len(beside) == 2 and beside[0].contact_m2K_W:
            beside = beside[:1]  # narrow cosines stay on this side of the contact
        self.p = sum(math.sqrt(layer.kz_W_mK * layer.kx_W_mK) for layer in beside)
        self.q = sum(math.sqrt(layer.kz_W_mK * layer.ky_W_mK) for layer in beside)
        self.sides = (plate.size_x_m / self.p, plate.size_y_m / self.q)  # of the plate with k = 1, W/m²K to the -1
        thin = min(layer.t_m / layer.kz_W_mK for layer in beside)
        self.depth = min(thin, _SIDE_RATIO * min(self.sides))
        wanted = [math.ceil(_DEEP * side / (math.pi * self.depth)) + 2 for side in self.sides]
        least = 1 if len(beside) == 1 and 0 in (of, last) else _LEAST_MODES  # unlike layers differ at every cosine
        count = [min(_MOST_MODES, max(least, n)) for n in wanted]
        self.alpha = np.pi / plate.size_x_m * np.arange(count[0])
        self.beta = np.pi / plate.size_y_m * np.arange(count[1])
        self.gain = self._gain(to, of)
        s = np.hypot(self.p * self.alpha[:, None], self.q * self.beta)
        if near:
            s[0, 0] = 1.0
            image = np.tanh(s * self.depth) / s
            image[0, 0] = self.depth
            self.gain -= image
        weight = np.full(self.gain.shape, 4.0)
        weight[0] /= 2.0
        weight[:, 0] /= 2.0
        self.gain *= weight / (plate.size_x_m * plate.size_y_m)

    def _gain(self, to: int, of: int) -> Array:
        """Return the rise on face `to` per flux on face `of`, in m²K/W, for every cosine."""
        below, above = self._looking(of, up=False), self._looking(of, up=True)
        gain = 1.0 / (below[-1][0] + above[-1][0])
        way = above if to > of else below
        for _, ratio in way[len(way) - abs(to - of) :]:
            gain = gain * ratio
        return gain

    def _looking(self, face: int, up: bool) -> list[tuple[Array, Array]]:
        """Return, from the outer face inwards, (admittance seen there, rise at the layer's far side over that at its
        near side)."""
        layers = self.plate.layers
        shape = (len(self.alpha), len(self.beta))
        film = self.plate.h_above_W_m2K if up else self.plate.h_below_W_m2K
        seen = np.full(shape, min(film, _FIXED_W_m2K))
        found = [(seen, np.ones(shape))]
        order = range(len(layers) - 1, face - 1, -1) if up else range(face)
        for k in order:
            layer = layers[k]
            contact = layers[k - 1].contact_m2K_W if k > 0 else 0.0
            ratio = np.ones(shape)
            if not up and contact:
                ratio, seen = 1.0 / (1.0 + seen * contact), seen / (1.0 + seen * contact)
            gamma = np.sqrt((layer.kx_W_mK * self.alpha[:, None] ** 2 + layer.ky_W_mK * self.beta**2) / layer.kz_W_mK)
            gamma[0, 0] = 1e-8 / layer.t_m  # the even part: so slow that the layer is a plain resistance
            own = layer.kz_W_mK * gamma
            fall = np.exp(-gamma * layer.t_m)
            tanh = np.tanh(gamma * layer.t_m)
            ratio = ratio * 2.0 * fall / ((1.0 + seen / own) + (1.0 - seen / own) * fall * fall)
            seen = own * (seen + own * tanh) / (own + seen * tanh)
            if up and contact:
                ratio, seen = ratio / (1.0 + seen * contact), seen / (1.0 + seen * contact)
            found.append((seen, ratio))
        return found

    def means(self, areas: Sequence[Area]) -> tuple[Array, Array]:
        """Return the cosines' means over areas: (m, n) along x and (k, n) along y."""
        x = np.array([(area.x0_m, area.x1_m) for area in areas])
        y = np.array([(area.y0_m, area.y1_m) for area in areas])
        return _mean_cos(self.alpha, x), _mean_cos(self.beta, y)

    def _shifts(self) -> tuple[Array, Array]:
        """Return how far images lie along x and y, in the plate with k = 1."""
        reach = [math.ceil(_FAR * self.depth / (2.0 * side)) + 1 for side in self.sides]
        return tuple(2.0 * side * np.arange(-n, n + 1) for side, n in zip(self.sides, reach, strict=True))  # type: ignore[return-value]

    def _scaled(self, areas: Sequence[Area]) -> tuple[Array, Array]:
        x = np.array([(area.x0_m, area.x1_m) for area in areas]) / self.p
        y = np.array([(area.y0_m, area.y1_m) for area in areas]) / self.q
        return x, y

    def images_between(self, areas: Sequence[Area]) -> Array:
        """Return the image plate's mean rise over area i for 1 W on area j (n, n)."""
        x, y = self._scaled(areas)
        size = np.diff(x)[:, 0] * np.diff(y)[:, 0]
        total = np.zeros((len(areas), len(areas)))
        for bx, by in self._mirrored(x, y):
            dx, dy = _differences(x, bx), _differences(y, by)
            total += sum(part * seen_from_rectangles(dx, dy, np.array(z)) for part, z in self._above())
        return total / (2.0 * math.pi * self.p * self.q * size[:, None] * size)

    def images_at(self, areas: Sequence[Area], points_m: Array) -> Array:
        """Return the image plate's rise at points (p,) for 1 W on each area (p, n)."""
        x, y = self._scaled(areas)
        size = np.diff(x)[:, 0] * np.diff(y)[:, 0]
        px, py = points_m[:, 0] / self.p, points_m[:, 1] / self.q
        total = np.zeros((len(points_m), len(areas)))
        for bx, by in self._mirrored(x, y):
            dx, dy = bx - px[:, None, None], by - py[:, None, None]
            total += sum(part * seen_from_points(dx, dy, np.array(z)) for part, z in self._above())
        return total / (2.0 * math.pi * self.p * self.q * size)

    def _mirrored(self, x: Array, y: Array) -> list[tuple[Array, Array]]:
        """Return the areas' sides (n, 2) along x and y in every image of the plate that counts."""
        shift_x, shift_y = self._shifts()
        ways_x = [side + shift for shift in shift_x for side in (x, -x[:, ::-1])]
        ways_y = [side + shift for shift in shift_y for side in (y, -y[:, ::-1])]
        return [(bx, by) for bx in ways_x for by in ways_y]

    def _above(self) -> list[tuple[float, float]]:
        """Return (share, height) of the images along z: 1 - 2 + 2 - ..., its end averaged (Cohen, Rodriguez Villegas
        and Zagier, Experiment. Math. 9 (2000) 3)."""
        return [(share, 2.0 * k * self.depth) for k, share in enumerate(_alternating(_TURNS))]


def _alternating(count: int) -> list[float]:
    """Return the shares of 2 x (1/2 - a1 + a2 - ...) such that a smooth, falling sequence is summed to its end."""
    d = (3.0 + math.sqrt(8.0)) ** count
    d = (d + 1.0 / d) / 2.0
    b, c, shares = -1.0, -d, []
    for k in range(count):
        c = b - c
        shares.append(2.0 * c / d)
        b = (k + count) * (k - count) * b / ((k + 0.5) * (k + 1.0))
    shares[0] -= 1.0
    return shares


def _mean_cos(wave: Array, sides: Array) -> Array:
    """Return the mean of cos(wave x) between sides (n, 2): (m, n)."""
    half = np.outer(wave, sides[:, 1] - sides[:, 0]) / 2.0
    return np.asarray(np.cos(np.outer(wave, sides.mean(axis=1))) * np.sinc(half / np.pi))


def _differences(one: Array, other: Array) -> Array:
    """Return (n, n, 4), the sides' differences of area i (one) against area j (other), as the closed form wants."""
    a0, a1, b0, b1 = one[:, None, 0], one[:, None, 1], other[None, :, 0], other[None, :, 1]
    return np.stack((b0 - a1, b0 - a0, b1 - a0, b1 - a1), axis=-1)
