"""Paths of a package as straight pieces in series, and their resistance and inductance, part by part."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.filament_model import parts_for, skin_depth_um
from chipscale.solvers.bar_network import at_dc, by_patterns, path_currents
from chipscale.solvers.filaments import Bundle, bundle
from chipscale.solvers.inductance import Bars
from chipscale.solvers.round_wire import TUBE_SIDE_RATIO, inner_H_m, inner_ohm_m

Array = npt.NDArray[np.float64]
Kind = Literal["wire", "lead", "bump", "trace", "via", "ball"]
KINDS: tuple[Kind, ...] = ("wire", "lead", "bump", "trace", "via", "ball")
Point = tuple[float, float, float]
_MOST_PARTS = {"ball": 5}  # over a side; others 9
_WIRE_PIECES = 8
_BALL_SLICES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """A straight conductor from start to end in µm; `thick_um` 0: round, `width_um` is its diameter."""

    kind: Kind
    start_um: Point
    end_um: Point
    width_um: float
    thick_um: float
    sigma_S_m: float

    @property
    def length_um(self) -> float:
        """Return its length in µm."""
        return math.dist(self.start_um, self.end_um)


@dataclass(frozen=True, slots=True)
class Path:
    """The pieces from a pad of the die to the board's side of a terminal, and where that is, in µm."""

    name: str
    pieces: tuple[Piece, ...]
    terminal_um: tuple[float, float]

    def length_um(self, kind: Kind | None = None) -> float:
        """Return the length of all its pieces, or of those of a kind."""
        return sum(piece.length_um for piece in self.pieces if kind in (None, piece.kind))


class PathsRL(NamedTuple):
    """Of p paths: resistance at DC and at the frequency in ohm and partial inductance in H (p, p), and of the parts of
    each kind (p, kinds) alone: resistance at DC, and partial inductance at the frequency."""

    r_dc_ohm: Array
    r_ohm: Array
    l_H: Array
    part_r_dc_ohm: Array
    part_l_H: Array


def arc(start_um: Point, end_um: Point, loop_um: float, wire: tuple[float, float]) -> tuple[Piece, ...]:
    """Return a bond wire as straight pieces along a parabola whose top is loop_um over its higher end.

    `wire`: diameter in µm and conductivity in S/m.
    """
    (x0, y0, z0), (x1, y1, z1) = start_um, end_um
    high, drop = loop_um, abs(z0 - z1)
    # z(s) = z0 + (z1 - z0) s + 4 rise s (1 - s) has its top where the slope is none
    rise = (high + drop / 2 + math.sqrt(high * (high + drop))) / 2 if drop else high
    s = np.linspace(0.0, 1.0, _WIRE_PIECES + 1)
    z = z0 + (z1 - z0) * s + 4 * rise * s * (1 - s)
    points = [(float(x0 + (x1 - x0) * t), float(y0 + (y1 - y0) * t), float(h)) for t, h in zip(s, z, strict=True)]
    return tuple(Piece("wire", a, b, wire[0], 0.0, wire[1]) for a, b in pairwise(points))


def ball(x_um: float, y_um: float, d_um: float, h_um: float, sigma_S_m: float) -> tuple[Piece, ...]:
    """Return a ball, a sphere cut flat at both ends to the height h_um, from the package down to the board (z = 0).

    Each slice is the square bar that has its resistance with even current at each height.
    """
    radius, cuts, found = d_um / 2, np.linspace(h_um, 0.0, _BALL_SLICES + 1), []
    for high, low in pairwise(cuts.tolist()):
        a, b = low - h_um / 2, high - h_um / 2
        inverse = (math.atanh(b / radius) - math.atanh(a / radius)) / (math.pi * radius)  # of dz / area
        side = math.sqrt((high - low) / inverse)
        found.append(Piece("ball", (x_um, y_um, high), (x_um, y_um, low), side, side, sigma_S_m))
    return tuple(found)


def solve(paths: tuple[Path, ...], f_Hz: float) -> PathsRL:
    """Return resistance and partial inductance of paths, all others without current; round pieces carry current as
    alone (no proximity effect in bond wires), bars in filaments by current patterns."""
    pieces = [piece for path in paths for piece in path.pieces]
    port = np.array([k * len(KINDS) + KINDS.index(p.kind) for k, path in enumerate(paths) for p in path.pieces])
    used, of = np.unique(port, return_inverse=True)
    belongs = (used[:, None] // len(KINDS) == np.arange(len(paths))[None, :]).astype(float)
    flat, low = _bundle(pieces, 0.0), path_currents(of.reshape(-1))
    r_dc, _ = at_dc(flat, low, len(used))
    made = _bundle(pieces, f_Hz)
    z = by_patterns(made, low, len(used), f_Hz, np.where(made.cut.parts.prod(axis=1) > 1, 5, 1))
    r, inductance = z.real, z.imag / (2 * math.pi * f_Hz)
    inner = [_inner_H(piece, f_Hz) for piece in pieces]
    inductance = inductance + np.diag(np.bincount(of.reshape(-1), weights=inner, minlength=len(used)))
    parts = np.zeros((2, len(paths), len(KINDS)))
    parts[0].flat[used], parts[1].flat[used] = np.diag(r_dc), np.diag(inductance)
    whole = [belongs.T @ matrix @ belongs for matrix in (r_dc, r, inductance)]
    return PathsRL(*((matrix + matrix.T) / 2 for matrix in whole), parts[0], parts[1])


def _inner_H(piece: Piece, f_Hz: float) -> float:
    if piece.thick_um > 0.0:
        return 0.0
    return piece.length_um * 1e-6 * inner_H_m(piece.width_um / 2 * 1e-6, piece.sigma_S_m, f_Hz)


def _bundle(pieces: list[Piece], f_Hz: float) -> Bundle:
    """Return the pieces as bars in filaments; a round one as the square tube with its field and its resistance."""
    sides, sigma, cuts = [], [], []
    for piece in pieces:
        if piece.thick_um > 0.0:
            depth = float(skin_depth_um(np.array([piece.sigma_S_m]), f_Hz)[0])
            sides.append((piece.width_um, piece.thick_um))
            sigma.append(piece.sigma_S_m)
            cuts.append([parts_for(side, 0.5 * depth, _MOST_PARTS.get(piece.kind, 9)) for side in sides[-1]])
        else:
            radius = piece.width_um / 2
            side = TUBE_SIDE_RATIO * radius
            sides.append((side, side))
            sigma.append(1.0 / (inner_ohm_m(radius * 1e-6, piece.sigma_S_m, f_Hz).real * (side * 1e-6) ** 2))
            cuts.append([1, 1])
    start, end = (np.array([getattr(piece, at) for piece in pieces]) * 1e-6 for at in ("start_um", "end_um"))
    width, thick = np.array(sides).T * 1e-6
    across, up = np.array(cuts, dtype=np.int64).T
    return bundle(Bars(start, end, _across(end - start), width, thick), np.array(sigma), across, up)


def _across(axis: Array) -> Array:
    """Return level unit vectors (n, 3) square to the axes; x for upright ones."""
    found = np.column_stack((-axis[:, 1], axis[:, 0], np.zeros(len(axis))))
    size = np.linalg.norm(found, axis=1)
    found[size == 0] = (1.0, 0.0, 0.0)
    return np.asarray(found / np.where(size == 0, 1.0, size)[:, None])


def loops(at_um: Array, nets: Sequence[str], l_H: Array) -> Array:
    """Return the inductance (p,) in H of the loop of each path with that of the nearest terminal of another net.

    `at_um` (p, 2) are the terminals; the same current goes out on one path and all of it comes back on the other.
    """
    away = np.hypot(*(at_um[:, None, :] - at_um[None, :, :]).transpose(2, 0, 1))
    same = np.array([[one == other for other in nets] for one in nets])
    back = np.argmin(np.where(same, np.inf, away), axis=1)
    own = np.diag(l_H)
    return np.asarray(own + own[back] - 2 * l_H[np.arange(len(own)), back])
