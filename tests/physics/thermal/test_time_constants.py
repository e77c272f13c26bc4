"""The deconvolution finds what a known bar and a known pair of bars are made of."""

import numpy as np
import pytest

from chipscale.physics.thermal.cauer import ladder
from chipscale.physics.thermal.structure import before_the_room, narrowest, resistance_at
from chipscale.physics.thermal.time_constants import spectrum
from chipscale.solvers.diffusion_modes import grown


def rise(r_K_W, c_J_K, times):
    """Return the rise at the head of a ladder, from all its eigenvalues."""
    root = 1.0 / np.sqrt(c_J_K)
    g = 1.0 / r_K_W
    matrix = np.diag(g + np.concatenate(([0.0], g[:-1]))) - np.diag(g[:-1], 1) - np.diag(g[:-1], -1)
    rates, turn = np.linalg.eigh(root[:, None] * matrix * root)
    return grown(times, 1.0 / rates) @ (turn[0] ** 2 * root[0] ** 2 / rates)


def bars(*parts, count=300):
    """Return a ladder of bars, each (R, C), in fine steps."""
    return (np.concatenate([np.full(count, part[way] / count) for part in parts]) for way in (0, 1))


def test_a_bar_is_straight():
    r, c = bars((2.0, 3.0))
    times = np.geomspace(3e-4, 30.0, 400)
    found = spectrum(times, rise(r, c, times))
    assert found.error_ratio < 3e-3
    way = before_the_room(ladder(found.r_K_W, found.tau_s))
    for share in (0.1, 0.3, 0.6, 0.8):
        assert resistance_at(way, 3.0 * share) == pytest.approx(2.0 * share, rel=0.15)


def test_a_thin_poor_part_between_two_bars_shows_as_a_flat():
    r, c = bars((1.0, 1.0), (5.0, 0.05), (2.0, 50.0))
    times = np.geomspace(1e-4, 1e4, 500)
    z = rise(r, c, times)
    found = spectrum(times, z)
    assert (found.r_K_W > 0).all()
    assert found.r_K_W.sum() == pytest.approx(8.0, rel=0.01)
    way = before_the_room(ladder(found.r_K_W, found.tau_s))
    flat, before = narrowest(way)
    assert flat == pytest.approx(5.0, rel=0.15)
    assert before == pytest.approx(1.0, rel=0.3)


def test_more_rounds_come_closer():
    r, c = bars((2.0, 3.0))
    times = np.geomspace(3e-4, 30.0, 200)
    z = rise(r, c, times)
    assert spectrum(times, z, rounds_count=2000).error_ratio < spectrum(times, z, rounds_count=20).error_ratio
