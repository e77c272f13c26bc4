"""Bars, wires and strips of the electrical benchmark: arrays of balls with routes, round wires, lines over planes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from chipscale.solvers.filaments import Bundle, bundle
from chipscale.solvers.inductance import Bars, partial_inductance
from chipscale.solvers.layered_images import Space
from chipscale.solvers.panels import capacitance

Array = npt.NDArray[np.float64]
Rows = list[tuple[Any, ...]]
FASTHENRY = Path(__file__).parents[1] / ".." / "shared" / "data" / "reference" / "electrical_wlcsp16_fasthenry.json"
IN_WIRE, IN_BALL = (5, 3), (3, 3)
MU0_H_m, C_m_s = 4e-7 * np.pi, 299_792_458.0
BALL_SLICES_um = (
    (13.0, 63.0, 170.56285720925155),
    (63.0, 113.0, 215.28483456526084),
    (113.0, 163.0, 215.28483456526084),
    (163.0, 213.0, 170.56285720925155),
)


def bundled(rows: Rows) -> tuple[Bundle, npt.NDArray[np.int64]]:
    """Return filaments and the path of each bar; rows: (start, end, across, width, thick in µm, S/m, path, cut)."""
    start, end, across, width, thick, sigma, path, cuts = (np.array(column) for column in zip(*rows, strict=True))
    bars = Bars(start * 1e-6, end * 1e-6, across, width * 1e-6, thick * 1e-6)
    return bundle(bars, sigma, cuts[:, 0], cuts[:, 1]), path


def fasthenry() -> tuple[dict[str, Any], Bundle, npt.NDArray[np.int64]] | None:
    """Return the 16 balls with FastHenry's matrices, or None where they are not at hand."""
    if not FASTHENRY.exists():
        return None
    data = json.loads(FASTHENRY.read_text())
    trace, rows = data["trace"], []
    z = trace["z_bottom_um"] + trace["thickness_um"] / 2
    for path, net in enumerate(data["nets"]):
        rows += _wires(net["route_um"], z, (trace["width_um"], trace["thickness_um"]), path)
        slices = [(part["z0_um"], part["z1_um"], part["side_um"]) for part in data["ball"]["slices_square"]]
        rows += _balls(net["ball_xy_um"], slices, path)
    return data, *bundled(rows)


def array(count: int) -> tuple[Bundle, npt.NDArray[np.int64]]:
    """Return count x count balls at 400 µm like FastHenry's, each with a wire of its own to the edge of the die.

    Inner balls go at 45° into the channel beside their column and out in a track of their own.
    """
    rows: Rows = []
    width, track = (20.0, 40.0) if count < 10 else (10.0, 20.0)
    for path in range(count * count):
        points = route(path // count, path % count, count, track)
        rows += _wires(points, 10.5, (width, 5.0), path)
        rows += _balls(points[0], BALL_SLICES_um, path)
    return bundled(rows)


def route(row: int, column: int, count: int, track_um: float) -> list[tuple[float, float]]:
    """Return the way in µm of one ball of count x count at 400 µm pitch, from its middle to the edge of the die."""
    x, y = (400.0 * (k - (count - 1) / 2) for k in (column, row))
    down = row < count / 2
    depth = row if down else count - 1 - row
    edge = (-1 if down else 1) * (200.0 * (count - 1) + 220.0)
    if depth == 0:
        return [(x, y), (x, edge)]
    aside = 200.0 + track_um * (depth - 1 - (count // 2 - 2) / 2)
    channel = x + (-aside if column < count / 2 else aside)
    return [(x, y), (channel, y + (-aside if down else aside)), (channel, edge)]


def _wires(points: Any, z_um: float, side: tuple[float, float], path: int) -> Rows:
    rows: Rows = []
    for a, b in pairwise([np.array([*point, z_um]) for point in points[::-1]]):
        u = (b - a) / np.linalg.norm(b - a)
        rows.append((a, b, (-u[1], u[0], 0.0), *side, 5.8e7, path, IN_WIRE))
    return rows


def _balls(at: Any, slices: Any, path: int) -> Rows:
    return [
        (np.array([*at, low]), np.array([*at, high]), (1.0, 0.0, 0.0), side, side, 7.7e6, path, IN_BALL)
        for low, high, side in slices
    ]


def round_wires(diameter_m: float, length_m: float, places_m: Array, skin_m: float) -> Bars:
    """Return round wires along x as filaments: rings of sectors, thin at the rim; wire by wire; `places_m` (n, 2)."""
    rims, step = [diameter_m / 2], skin_m / 6
    while rims[-1] - step > 0.12 * diameter_m:
        rims.append(rims[-1] - step)
        step *= 1.3
    sectors, found, along = 64, [], np.array([length_m, 0.0, 0.0])
    for x, y in places_m:
        core, middle = np.sqrt(np.pi) * rims[-1], np.array([0.0, x, y])
        found.append((middle, middle + along, (0.0, 1.0, 0.0), core, core))
        for outer, inner in pairwise(rims):
            for k in range(sectors):
                turn = 2 * np.pi * (k + 0.5) / sectors
                middle = (outer + inner) / 2
                wide = np.pi * (outer**2 - inner**2) / sectors / (outer - inner)
                at = np.array([0.0, x + middle * np.cos(turn), y + middle * np.sin(turn)])
                across = (0.0, -np.sin(turn), np.cos(turn))
                found.append((at, at + along, across, wide, outer - inner))
    return Bars(*(np.array(column) for column in zip(*found, strict=True)))


def wires_impedance(bars: Bars, wires: int, sigma_S_m: float, f_Hz: float) -> npt.NDArray[np.complex128]:
    """Return the impedance (wires, wires) in ohm of wires whose filaments lie in parallel."""
    length = np.linalg.norm(bars.end_m - bars.start_m, axis=1)
    z = 2j * np.pi * f_Hz * partial_inductance(bars, 1e-7)
    z[np.diag_indices_from(z)] += length / (sigma_S_m * bars.width_m * bars.thick_m)
    of = np.kron(np.eye(wires), np.ones((len(length) // wires, 1)))
    return np.asarray(np.linalg.inv(of.T @ np.linalg.solve(z, of)))


def line_F_m(strips_m: list[tuple[float, float, float, float]], space: Space, pitch_m: float) -> Array:
    """Return Maxwell's matrix (n, n) in F/m of straight conductors, each (left, right, bottom, top) in m.

    From panels on two lengths, so that what the ends add cancels; a conductor without height is a sheet.
    """
    short, long_ = (_line_F(strips_m, space, pitch_m, count) for count in (24, 48))
    return np.asarray((long_ - short) / (24 * pitch_m))


def _line_F(strips_m: list[tuple[float, float, float, float]], space: Space, pitch_m: float, count: int) -> Array:
    corners, owner = [], []
    for number, (left, right, low, high) in enumerate(strips_m):
        faces = [((left, low), (right, low))]
        if high > low:
            faces += [((left, high), (right, high)), ((left, low), (left, high)), ((right, low), (right, high))]
        for a, b in faces:
            side = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, 15))
            cuts = np.array(a) + side[:, None] * np.subtract(b, a)
            for p, q in pairwise(cuts):
                for k in range(count):
                    ends = k * pitch_m, (k + 1) * pitch_m
                    corners.append([(ends[0], *p), (ends[1], *p), (ends[1], *q), (ends[0], *q)])
                    owner.append(number)
            if high > low:
                for x in (0.0, count * pitch_m):
                    owner.append(number)
                    corners.append([(x, left, low), (x, right, low), (x, right, high), (x, left, high)])
    # each end face once: the four sides above added it four times
    kept = sorted({json.dumps(np.round(item, 12).tolist()): k for k, item in enumerate(corners)}.values())
    return capacitance(np.array(corners)[kept], np.array(owner)[kept], space)
