"""The cell solver against exact answers, on layers as thin as films, and its time per cell."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chipscale.solvers.diffusion import cells, outflow, solve


def box(nz, ny, nx, size=(1.0, 1.0, 1.0), k=1.0):
    lx, ly, lz = size
    even = np.full((nz, ny, nx), k)
    return cells(even, even, even, (np.full(nx, lx / nx), np.full(ny, ly / ny), np.full(nz, lz / nz)))


def cooled(level, film, face):
    """Return the cells with conductances `film` (per cell) from their lowest or highest layer to surroundings at 0."""
    out = level.out.copy()
    out[face] += film
    return dataclasses.replace(level, out=out)


def test_layers_in_series_are_exact():
    k, dz = np.array([150.0, 0.2, 400.0, 1.4]), np.array([2e-4, 5e-6, 6e-6, 4e-4])
    field = np.broadcast_to(k[:, None, None], (4, 3, 5)).copy()
    level = cells(field, field, field, (np.full(5, 1e-4), np.full(3, 1e-4), dz))
    level = cooled(level, 1e-8 / (1e-4 + dz[0] / (2 * k[0])), 0)  # the half cell and the film in series
    source = np.zeros((4, 3, 5))
    source[-1] = 1e-3
    found = solve(level, source, tolerance_ratio=1e-12).value[:, 1, 2]
    r = np.cumsum(np.concatenate(([1e-4], dz / k)))  # m²K/W from ambient to each face
    centre = (r[:-1] + r[1:]) / 2
    assert found == pytest.approx(1e-3 / 1e-8 * centre, rel=1e-9)


def exact(n):
    """Return the largest error for u = cos(pi x) cos(2 pi y) (1 - z²), insulated at the sides and below, 0 on top."""
    level = cooled(box(n, n, n), 2 * n * (1 / n) ** 2, -1)
    z, y, x = np.meshgrid(*[(np.arange(n) + 0.5) / n] * 3, indexing="ij")
    u = np.cos(np.pi * x) * np.cos(2 * np.pi * y) * (1 - z * z)
    source = (5 * np.pi**2 * u + 2 * np.cos(np.pi * x) * np.cos(2 * np.pi * y)) / n**3
    return float(np.abs(solve(level, source).value - u).max())


def test_the_error_falls_with_the_square_of_the_cells_side():
    coarse, fine = exact(12), exact(24)
    assert fine < 6e-3
    assert 3.5 < coarse / fine < 4.5


@given(st.integers(0, 10**6), st.integers(2, 17), st.integers(1, 19), st.integers(1, 23))
@settings(max_examples=25, deadline=None)
@example(seed=14, nz=11, ny=13, nx=12)  # the slowest found: 60 rounds
def test_what_comes_in_goes_out(seed, nz, ny, nx):
    rng = np.random.default_rng(seed)
    k = rng.choice([0.2, 1.4, 60.0, 150.0, 400.0], size=(nz, 1, 1)) * rng.choice([1.0, 0.3, 3.0], size=(nz, ny, nx))
    sides = tuple(rng.uniform(1e-6, 2e-4, n) for n in (nx, ny, nz))
    level = cells(k, k, k, sides)
    level = cooled(level, 1e3 * np.outer(sides[1], sides[0]), 0)
    source = rng.uniform(0, 1, (nz, ny, nx))
    found = solve(level, source, tolerance_ratio=1e-10)
    assert found.residual_ratio <= 1e-10
    assert found.rounds_count < 200  # what it is allowed; neighbouring cells differ up to 200 times in width here
    assert outflow(level, found.value).sum() == pytest.approx(source.sum(), rel=1e-6)


def test_rounds_do_not_grow_with_the_cells():
    rounds = []
    for n in (16, 64):
        dz = np.array([50e-6, 1e-6, 1e-6, 6e-6, 20e-6, 100e-6, 200e-6, 35e-6, 200e-6])
        k = np.broadcast_to(np.array([150, 1.4, 150, 0.2, 400, 60, 0.3, 390, 0.3])[:, None, None], (9, n, n)).copy()
        level = cooled(cells(k, k, k, (np.full(n, 4e-3 / n), np.full(n, 4e-3 / n), dz)), 10 * (4e-3 / n) ** 2, -1)
        source = np.zeros((9, n, n))
        source[1, : n // 2, : n // 4] = 1.0 / n**2
        rounds.append(solve(level, source).rounds_count)
    assert rounds[1] <= rounds[0] + 4
    assert rounds[1] < 20


def test_nothing_fixed_is_refused():
    with pytest.raises(ValueError, match="has a way to the surroundings"):
        solve(box(2, 2, 2), np.ones((2, 2, 2)))


def test_a_stretched_grid_takes_few_rounds():
    """Two copper planes in a board, with cells fine about the middle: long and narrow in the arms beside it."""
    side = np.concatenate((np.geomspace(8e-3, 1e-4, 14), np.full(16, 1e-4), np.geomspace(1e-4, 8e-3, 14)))
    dz = np.array([70e-6, 250e-6, 35e-6, 200e-6, 200e-6, 200e-6, 35e-6, 250e-6])
    k_z = np.array([0.3, 0.3, 390.0, 0.3, 0.3, 0.3, 390.0, 0.3])
    k = np.broadcast_to(k_z[:, None, None], (8, len(side), len(side))).copy()
    area = np.outer(side, side)
    level = cooled(cooled(cells(k, k, k, (side, side, dz)), 10 * area, 0), 10 * area, -1)
    source = np.zeros(k.shape)
    source[0, 14:30, 14:30] = 1 / 256
    found = solve(level, source)
    assert found.rounds_count < 40  # 150 and more without the plates
    assert outflow(level, found.value).sum() == pytest.approx(1.0, rel=1e-6)
