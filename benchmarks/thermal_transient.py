"""Heat over time: a slab's exact series, one million cells at two hundred times."""

from __future__ import annotations

import resource
import time

import numpy as np
import numpy.typing as npt

from benchmarks.row import Row
from chipscale.solvers.diffusion import Cells, cells
from chipscale.solvers.diffusion_modes import modes

Array = npt.NDArray[np.float64]
CORES = 2
TIMES_COUNT = 200
SILICON_W_mK, SILICON_J_m3K = 150.0, 1.66e6


def rows() -> list[Row]:
    """Return the lines of the table; times are held against the lesser of clock and processor over the cores."""
    return [_slab(), *_million()]


def _slab() -> Row:
    """Return how far 1 mm of silicon, heated at one face and cold at the other, is off its series, from 1 µs on."""
    edges = np.concatenate(([0.0], np.cumsum(np.geomspace(1.0, 40.0, 60))))
    edges *= 1e-3 / edges[-1]
    steps = (np.full(3, 1e-4), np.full(3, 1e-4), np.diff(edges))
    level, capacity, heat = _block(np.full(60, SILICON_W_mK), np.full(60, SILICON_J_m3K), steps)
    level.out[-1] += SILICON_W_mK * 1e-8 / (steps[2][-1] / 2)
    times = np.geomspace(1e-6, 1.0, TIMES_COUNT)
    found = modes(level, capacity, heat, (1e-6, 1.0)).at(times, np.array([4]))[:, 0]
    wave = (np.arange(6000) + 0.5) * np.pi / 1e-3
    fade = np.exp(-SILICON_W_mK / SILICON_J_m3K * wave**2 * times[:, None])
    z = edges[1] / 2
    exact = ((1e-3 - z) - 2e3 * (np.cos(wave * z) / wave**2 * fade).sum(axis=1)) / (SILICON_W_mK * 9e-8)
    off = float(np.abs(found / exact - 1).max())
    return Row("step response of a slab, from 1 µs", "within 0.5 % of the series", f"{100 * off:.3f} %", off <= 5e-3)


def _million() -> list[Row]:
    """Return the time of a die on a laminate with copper planes, 20 mm square: shapes, then every field by itself."""
    nx, ny, nz = 200, 200, 25
    steps = (np.full(nx, 20e-3 / nx), np.full(ny, 20e-3 / ny), np.full(nz, 2e-3 / nz))
    k, c = np.full(nz, 0.3), np.full(nz, 2e6)
    k[: nz // 4], k[nz // 2], k[-2] = 148.0, 391.0, 391.0
    c[: nz // 4], c[nz // 2], c[-2] = 1.66e6, 3.4e6, 3.4e6
    started, busy = time.perf_counter(), time.process_time()
    level, capacity, _ = _block(k, c, steps)
    for face in (0, -1):
        level.out[face] += 20.0 * np.outer(steps[1], steps[0])
    heat = np.zeros(level.out.shape)
    heat[0, ny // 3 : ny // 2, nx // 3 : nx // 2] = 1.0
    heat /= heat.sum()
    times = np.geomspace(1e-4, 1e3, TIMES_COUNT)
    found = modes(level, capacity, heat, (1e-4, 1e3), 1e-4)
    missing = 0.0
    for at in times:
        field = found.at(np.array([at]))[0]
        left = float((level.out * (at * found.end.sum(axis=0) - _waited(found.tau_s, found.end, at))).sum())
        missing = max(missing, abs((float(field @ capacity.ravel()) + left) / at - 1))
    took = min(time.perf_counter() - started, (time.process_time() - busy) / CORES)
    peak_GB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    said = f"{took:.1f} s, {found.shifts_count} systems, {len(found.tau_s)} shapes, {peak_GB:.1f} GB"
    return [
        Row(f"{heat.size} cells, {TIMES_COUNT} times, every cell", f"<= 120 s on {CORES} cores", said, took <= 120.0),
        Row("heat stored and left against made, at all times", "<= 1e-6", f"{missing:.1e}", missing <= 1e-6),
    ]


def _waited(tau_s: Array, end: Array, at: float) -> Array:
    return np.asarray(np.tensordot(tau_s * -np.expm1(-at / tau_s), end, axes=1))


def _block(k: Array, c: Array, steps: tuple[Array, Array, Array]) -> tuple[Cells, Array, Array]:
    """Return cells of layers, their capacity, and 1 W in the first layer."""
    shape = (len(k), len(steps[1]), len(steps[0]))
    even = np.broadcast_to(k[:, None, None], shape).copy()
    area = np.outer(steps[1], steps[0])
    heat = np.zeros(shape)
    heat[0] = area / area.sum()
    return cells(even, even, even, steps), (c * steps[2])[:, None, None] * area, heat
