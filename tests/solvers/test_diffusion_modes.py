"""Diffusion over time against exact answers: a slab's series, all eigenvectors of small boxes, and its own balance."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh

from chipscale.solvers.diffusion import cells, inflow, solve
from chipscale.solvers.diffusion_modes import modes


def slab(count=60):
    """Return 1 mm of silicon, heated evenly at one face, held at 0 at the other: cells, capacity, source, depths."""
    k, c, area = 150.0, 1.66e6, 9e-8
    edges = np.concatenate(([0.0], np.cumsum(np.geomspace(1.0, 40.0, count))))
    edges *= 1e-3 / edges[-1]
    dz = np.diff(edges)
    even = np.full((count, 3, 3), k)
    side = np.full(3, 1e-4)
    level = cells(even, even, even, (side, side, dz))
    level.out[-1] += k * 1e-8 / (dz[-1] / 2)
    capacity = np.broadcast_to((c * dz * 1e-8)[:, None, None], even.shape).copy()
    source = np.zeros(even.shape)
    source[0] = 1 / 9
    return level, capacity, source, (edges[:-1] + edges[1:]) / 2, (1e-3, k, c, area)


def series(z, times, given):
    """Return the slab's exact rise at depth z (Carslaw and Jaeger 1959, section 3.8) for 1 W."""
    length, k, c, area = given
    wave = (np.arange(6000) + 0.5) * np.pi / length
    fade = np.exp(-k / c * wave**2 * times[:, None])
    return ((length - z) - 2 / length * (np.cos(wave * z) / wave**2 * fade).sum(axis=1)) / (k * area)


def test_a_slab_warms_up_as_its_series_says():
    level, capacity, source, depth, given_ = slab()
    found = modes(level, capacity, source, (1e-6, 1.0))
    times = np.geomspace(1e-6, 1.0, 40)
    for layer in (0, 20, 40):
        at = found.at(times, np.array([layer * 9 + 4]))[:, 0]
        exact = series(depth[layer], times, given_)
        seen = exact > 1e-3 * exact[-1]
        assert at[seen] == pytest.approx(exact[seen], rel=5e-3)
    first = found.at(times, np.array([4]))[:, 0]
    assert np.abs(first / series(depth[0], times, given_) - 1.0).max() < 2e-3  # measured 1.3e-3, at 1 µs
    assert found.shifts_count < 30


def box(seed, shape):
    rng = np.random.default_rng(seed)
    k = rng.choice([0.2, 1.4, 60.0, 150.0, 400.0], size=(shape[0], 1, 1)) * rng.choice([1.0, 3.0], size=shape)
    sides = tuple(rng.uniform(5e-6, 2e-4, n) for n in shape[::-1])
    level = cells(k, k, k, sides)
    out = level.out.copy()
    out[0] += 1e4 * np.outer(sides[1], sides[0])
    volume = sides[2][:, None, None] * np.outer(sides[1], sides[0])
    source = np.zeros(shape)
    source[-1] = rng.uniform(0.1, 1.0, shape[1:])
    return dataclasses.replace(level, out=out), rng.uniform(1e6, 4e6, shape) * volume, source / source.sum()


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(2, 5), st.integers(2, 5))
@settings(max_examples=12, deadline=None)
def test_few_shapes_answer_as_all_eigenvectors_do(seed, nz, ny, nx):
    level, capacity, source = box(seed, (nz, ny, nx))
    whole = np.array([inflow(level, one.reshape(source.shape)).ravel() for one in np.eye(source.size)])
    rates, turn = eigh(whole, np.diag(capacity.ravel()))
    times = np.geomspace(1e-6, 10.0, 30)
    weight = turn.T @ source.ravel()
    exact = -np.expm1(-times[:, None] * rates) * (weight / rates) @ turn.T
    found = modes(level, capacity, source, (1e-6, 10.0), 1e-8)
    assert np.abs(found.at(times) - exact).max() < 2e-4 * exact.max()
    driven = exact @ source.ravel()
    assert -np.expm1(-times[:, None] / found.tau_s) @ found.driven == pytest.approx(driven, rel=1e-4)
    assert (found.driven > 0).all()
    assert (np.diff(found.tau_s) > 0).all()


def test_heat_is_stored_or_left_at_every_time_and_the_end_is_the_rest():
    level, capacity, source = box(7, (9, 12, 10))
    found = modes(level, capacity, source, (1e-6, 10.0), 1e-4)
    times = np.geomspace(1e-6, 10.0, 25)
    share = -np.expm1(-times[:, None] / found.tau_s)
    stored = share @ (capacity * found.end).sum(axis=(1, 2, 3))
    left = (times[:, None] - found.tau_s * share) @ (level.out * found.end).sum(axis=(1, 2, 3))
    assert (stored + left) / times == pytest.approx(np.ones(25), abs=1e-9)
    assert found.end.sum(axis=0) == pytest.approx(solve(level, source, tolerance_ratio=1e-11).value, rel=1e-7)


def test_a_looser_tolerance_says_so_and_costs_less():
    level, capacity, source, _, _ = slab()
    loose, tight = (modes(level, capacity, source, (1e-6, 1.0), tolerance) for tolerance in (1e-2, 1e-8))
    assert loose.shifts_count < tight.shifts_count
    times = np.geomspace(1e-6, 1.0, 20)
    first = np.array([4])
    off = np.abs(loose.at(times, first) / tight.at(times, first) - 1.0).max()
    assert tight.error_ratio < loose.error_ratio <= 1e-2
    assert off < 1e-2
