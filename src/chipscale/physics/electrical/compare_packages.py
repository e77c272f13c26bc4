"""Packages of the same die, drawn from few sizes: wire-bonded QFN and BGA, flip-chip CSP; path by path."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.package.types import Package
from chipscale.physics.electrical import compare_capacitance as formulas
from chipscale.physics.electrical.compare_paths import Path, Piece, arc, ball

Array = npt.NDArray[np.float64]
_UM = 1e-6


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the packages are made of; lengths in µm, conductivities in S/m. Defaults: see the analysis."""

    die_thick_um: float
    wire_d_um: float
    wire_loop_um: float
    wire_gap_um: float
    lead_pitch_um: float
    lead_width_um: float
    lead_thick_um: float
    bga_pitch_um: float
    bga_ball_um: float
    csp_pitch_um: float
    csp_ball_um: float
    bump_d_um: float
    bump_h_um: float
    trace_width_um: float
    trace_thick_um: float
    plane_um: float
    laminate_um: float
    via_d_um: float
    eps_laminate_ratio: float
    eps_mold_ratio: float
    wire_S_m: float
    copper_S_m: float
    solder_S_m: float


class Model(NamedTuple):
    """A package: its name, paths, the capacitance (p,) of each path in F, the side lengths of its body in µm."""

    name: str
    paths: tuple[Path, ...]
    c_F: Array
    body_um: tuple[float, float]


def models(package: Package, sizes: Sizes) -> tuple[Model, ...]:
    """Return QFN, BGA and flip-chip CSP for the pads of a die; origin in the middle of the die, board at z = 0."""
    pads = _pads(package)
    return _qfn(package, pads, sizes), _bga(package, pads, sizes), _flip_chip(package, pads, sizes)


class _Pads(NamedTuple):
    names: tuple[str, ...]
    at_um: Array  # (n, 2)


def _pads(package: Package) -> _Pads:
    """Return the pads that have a net, around the die from its right side on."""
    netted = {name for net in package.nets for name in net.pads}
    used = [pad for pad in package.pads if pad.name in netted]
    half = np.array([package.die.size_x_um, package.die.size_y_um]) / 2
    at = np.array([(pad.x_um, pad.y_um) for pad in used]) - half
    order = np.lexsort((np.arange(len(used)), _turn(at, half)))
    return _Pads(tuple(used[k].name for k in order.tolist()), at[order])


def _turn(at: Array, half: Array) -> Array:
    return np.asarray(np.arctan2(at[:, 1] / half[1], at[:, 0] / half[0]))


def _around(count: int, half_um: Array) -> Array:
    """Return points (count, 2) evenly around a rectangle, by angle as the pads are."""
    sides = 4 * np.array([half_um[1], half_um[0]])  # right and left together, then top and bottom
    s = (np.arange(count) + 0.5) / count * sides.sum()
    lengths = np.array([half_um[1], half_um[0], half_um[1], half_um[0]]) * 2
    edge = np.searchsorted(np.cumsum(lengths), s)
    along = s - np.concatenate(([0.0], np.cumsum(lengths)))[edge] - lengths[edge] / 2
    x = np.choose(edge, [np.full(count, half_um[0]), -along, np.full(count, -half_um[0]), along])
    y = np.choose(edge, [along, np.full(count, half_um[1]), -along, np.full(count, -half_um[1])])
    points = np.column_stack((x, y))
    return points[np.argsort(_turn(points, half_um), kind="stable")]


def _joined(start: Array, end: Array) -> Array:
    """Return for each start (n, 2) the end it goes to, all different, of the least sum of squared lengths."""
    from scipy.optimize import linear_sum_assignment

    away2 = ((start[:, None, :] - end[None, :, :]) ** 2).sum(axis=2)
    return np.asarray(linear_sum_assignment(away2)[1])


def _fingers(package: Package, pads: _Pads, sizes: Sizes) -> Array:
    """Return where the bond wires end (n, 2), around the die."""
    half = np.array([package.die.size_x_um, package.die.size_y_um]) / 2 + sizes.wire_gap_um
    fingers = _around(len(pads.names), half)
    return fingers[_joined(pads.at_um, fingers)]


def _at(point: Array, z_um: float) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), z_um


def _wire_F(path: tuple[Piece, ...], base_um: float, eps_ratio: float) -> float:
    """Return F of a bond wire over the plane at base_um, piece by piece; a piece as high as its middle."""
    total = 0.0
    for piece in path:
        high = max((piece.start_um[2] + piece.end_um[2]) / 2 - base_um, 0.55 * piece.width_um)
        total += piece.length_um * _UM * formulas.wire_F_m(piece.width_um / 2, high, eps_ratio)
    return total


def _qfn(package: Package, pads: _Pads, sizes: Sizes) -> Model:
    """Leads stand on the board, the die on a paddle of the leads' thickness."""
    count = len(pads.names)
    half = np.array([package.die.size_x_um, package.die.size_y_um]) / 2
    room = (math.ceil(count / 4) + 1) * sizes.lead_pitch_um / 2
    body = np.full(2, max(room, float(half.max()) + sizes.wire_gap_um + 2 * sizes.lead_width_um))
    fingers = _fingers(package, pads, sizes)
    ends = _around(count, body)
    ends = ends[_joined(fingers, ends)]
    paths, c_F = [], []
    gap = sizes.lead_pitch_um - sizes.lead_width_um
    across = (sizes.lead_width_um * _UM, gap * _UM, sizes.lead_thick_um * _UM)
    top = sizes.lead_thick_um + sizes.die_thick_um
    for k, name in enumerate(pads.names):
        start = _at(pads.at_um[k], top)
        wire = arc(
            start,
            _at(fingers[k], sizes.lead_thick_um),
            sizes.wire_loop_um,
            (sizes.wire_d_um, sizes.wire_S_m),
        )
        z = sizes.lead_thick_um / 2
        lead = Piece(
            "lead",
            _at(fingers[k], z),
            _at(ends[k], z),
            sizes.lead_width_um,
            sizes.lead_thick_um,
            sizes.copper_S_m,
        )
        paths.append(Path(name, (*wire, lead), (float(ends[k, 0]), float(ends[k, 1]))))
        lead_F = lead.length_um * _UM * formulas.beside_F_m(*across, sizes.eps_mold_ratio)
        c_F.append(_wire_F(wire, 0.0, sizes.eps_mold_ratio) + lead_F)
    return Model("QFN, wire-bonded", tuple(paths), np.array(c_F), (2 * float(body[0]), 2 * float(body[1])))


def _grid(count: int, pitch_um: float) -> Array:
    """Return the positions (n, 2) of at least count balls in a grid about the middle, square or one column short."""
    rows = math.ceil(math.sqrt(count))
    columns = math.ceil(count / rows)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    at = np.column_stack((x.ravel() - (columns - 1) / 2, y.ravel() - (rows - 1) / 2)) * pitch_um
    return np.asarray(at)


class _Below(NamedTuple):
    """What is below the die in a laminate: ball pitch, width and height, and the height of the traces' middle."""

    pitch_um: float
    ball_um: float
    ball_h_um: float
    z_um: float


def _below(pitch_um: float, ball_um: float, sizes: Sizes) -> _Below:
    high = 0.75 * ball_um  # a joint collapses to about three quarters of its ball (assumed)
    return _Below(pitch_um, ball_um, high, high + sizes.laminate_um + sizes.trace_thick_um / 2)


def _to_balls(starts: Array, below: _Below, sizes: Sizes) -> tuple[list[tuple[Piece, ...]], list[float], Array]:
    """Return the pieces from points on the laminate to the board, their capacitances in F, and the balls (n, 2)."""
    balls = _grid(len(starts), below.pitch_um)
    balls = balls[_joined(starts, balls)]
    found, c_F = [], []
    wide, high = sizes.trace_width_um, below.ball_h_um
    per_m = formulas.microstrip(wide * _UM, sizes.plane_um * _UM, sizes.eps_laminate_ratio)[0]
    pad, hole = 2 * sizes.via_d_um, 3 * sizes.via_d_um  # of a via, and in planes around it (assumed)
    below_F = formulas.via_F(pad * _UM, hole * _UM, sizes.laminate_um * _UM, sizes.eps_laminate_ratio)
    below_F += formulas.disc_F(0.4 * below.ball_um * _UM, sizes.plane_um * _UM, sizes.eps_laminate_ratio)
    below_F += formulas.sphere_F(below.ball_um / 2 * _UM, (high / 2 + 0.2 * below.ball_um) * _UM)
    for start, end in zip(starts, balls, strict=True):
        pieces: list[Piece] = []
        if float(np.hypot(*(end - start))) > 1.0:
            sides = (wide, sizes.trace_thick_um)
            pieces.append(Piece("trace", _at(start, below.z_um), _at(end, below.z_um), *sides, sizes.copper_S_m))
        pieces.append(Piece("via", _at(end, below.z_um), _at(end, high), sizes.via_d_um, 0.0, sizes.copper_S_m))
        pieces += ball(float(end[0]), float(end[1]), below.ball_um, high, sizes.solder_S_m)
        found.append(tuple(pieces))
        c_F.append(float(np.hypot(*(end - start))) * _UM * per_m + below_F)
    return found, c_F, balls


def _bga(package: Package, pads: _Pads, sizes: Sizes) -> Model:
    below = _below(sizes.bga_pitch_um, sizes.bga_ball_um, sizes)
    fingers = _fingers(package, pads, sizes)
    rest, c_F, balls = _to_balls(fingers, below, sizes)
    paths = []
    for k, name in enumerate(pads.names):
        top = below.z_um + sizes.die_thick_um
        ends = _at(pads.at_um[k], top), _at(fingers[k], below.z_um)
        wire = arc(*ends, sizes.wire_loop_um, (sizes.wire_d_um, sizes.wire_S_m))
        c_F[k] += _wire_F(wire, below.z_um - sizes.plane_um, sizes.eps_mold_ratio)
        paths.append(Path(name, (*wire, *rest[k]), (float(balls[k, 0]), float(balls[k, 1]))))
    half = np.array([package.die.size_x_um, package.die.size_y_um]) / 2 + sizes.wire_gap_um + 500.0
    return Model("BGA, wire-bonded", tuple(paths), np.array(c_F), _body(balls, below.pitch_um, half))


def _flip_chip(package: Package, pads: _Pads, sizes: Sizes) -> Model:
    below = _below(sizes.csp_pitch_um, sizes.csp_ball_um, sizes)
    rest, c_F, balls = _to_balls(pads.at_um, below, sizes)
    paths = []
    for k, name in enumerate(pads.names):
        high = below.z_um + sizes.bump_h_um
        bump = Piece(
            "bump", _at(pads.at_um[k], high), _at(pads.at_um[k], below.z_um), sizes.bump_d_um, 0.0, sizes.solder_S_m
        )
        paths.append(Path(name, (bump, *rest[k]), (float(balls[k, 0]), float(balls[k, 1]))))
        c_F[k] += formulas.disc_F(sizes.bump_d_um / 2 * _UM, sizes.bump_h_um * _UM, 3.6)  # to the die, underfill
    half = np.array([package.die.size_x_um, package.die.size_y_um]) / 2 + 500.0
    return Model("FC-CSP", tuple(paths), np.array(c_F), _body(balls, below.pitch_um, half))


def _body(balls: Array, pitch_um: float, half_um: Array) -> tuple[float, float]:
    sides = np.maximum(np.ptp(balls, axis=0) + pitch_um, 2 * half_um)
    return float(sides[0]), float(sides[1])
