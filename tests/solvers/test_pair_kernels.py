"""What is kept between bars and what is computed anew for want of memory are the same."""

import numpy as np
import pytest

from chipscale.solvers.bar_network import BarNetwork, path_currents
from chipscale.solvers.bar_pairs import shapes
from chipscale.solvers.filaments import bundle, bundle_inductance
from chipscale.solvers.inductance import Bars
from chipscale.solvers.modal_inductance import Bases
from chipscale.solvers.pair_kernels import folded, kernels

_TOLERANCE = 1e-6


def _made():
    """Return two paths: a wire of two bars at an angle and an upright post each, the second far enough for points."""
    start, end, across = [], [], []
    for x in (0.0, 400.0):
        start += [(x, 0, 0), (x + 200, 0, 0), (x + 300, 100, 0)]
        end += [(x + 200, 0, 0), (x + 300, 100, 0), (x + 300, 100, 150)]
        across += [(0, 1, 0), (-(0.5**0.5), 0.5**0.5, 0), (1, 0, 0)]
    width, thick = np.tile([20e-6, 20e-6, 60e-6], 2), np.tile([5e-6, 5e-6, 60e-6], 2)
    bars = Bars(np.array(start) * 1e-6, np.array(end) * 1e-6, np.array(across, dtype=float), width, thick)
    return bundle(bars, np.full(6, 5.8e7), np.tile([5, 5, 3], 2), np.tile([3, 3, 3], 2))


@pytest.fixture(scope="module")
def made():
    return _made()


@pytest.fixture(scope="module", params=[0.0, 3e3], ids=["nothing kept", "some kept"])
def short(request, made):
    """Return the blocks as they are with little memory, and with enough."""
    shape = shapes(made.cut)
    few, all_ = (kernels(made.cut, shape, _TOLERANCE, most) for most in (request.param, 1e9))
    assert 8 * len(few.inner) <= request.param
    assert len(few.inner) < len(all_.inner)
    if request.param:
        assert len(few.inner) > 0
    return few, all_


def _shares(made):
    """Return two currents of each bar: even, and one that is unlike in every filament, by shape of the bar."""
    size = np.concatenate([np.arange(n) for n in np.diff(made.first)])
    even = 1.0 / np.repeat(np.diff(made.first), np.diff(made.first))
    return np.column_stack((even, np.cos(1.0 + size) + 1j * np.sin(2.0 * size)))


def test_blocks_computed_anew_fold_to_the_same(made, short):
    weight, n = _shares(made), len(made.sigma_S_m)
    column = np.column_stack((np.arange(n), n + np.arange(n)))
    found = [folded(kept, weight, np.full(n, 2), column) for kept in short]
    assert np.abs(found[0] - found[1]).max() <= 1e-15 * np.abs(found[1]).max()


def test_the_folded_blocks_are_those_of_all_filaments(made, short):
    weight, n = _shares(made), len(made.sigma_S_m)
    column = np.column_stack((np.arange(n), n + np.arange(n)))
    whole = np.zeros((int(made.first[-1]), 2 * n), dtype=complex)
    for b in range(n):
        of = slice(made.first[b], made.first[b + 1])
        whole[of, b], whole[of, n + b] = weight[of, 0], weight[of, 1]
    exact = whole.T @ bundle_inductance(made, 1e-9) @ whole
    found = folded(short[0], weight, np.full(n, 2), column)
    assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()


def test_a_bars_own_filaments_are_known_without_its_block(made, short):
    exact = bundle_inductance(made, 1e-9)
    bars = np.arange(3)
    for kept in short:
        for bar, own in zip(bars.tolist(), kept.own(bars), strict=True):
            of = slice(made.first[bar], made.first[bar + 1])
            assert np.abs(own - exact[of, of]).max() < 1e-6 * np.abs(exact[of, of]).max()


def test_the_impedance_is_the_same_without_memory(made, short):
    currents = path_currents(np.repeat([0, 1], 3))
    z = []
    for kept in short:
        net = BarNetwork(made, currents, 2, 3)
        bars = np.unique(kept.shape, return_index=True)[1]
        net.__dict__["base"] = Bases(made, np.full(6, 3), kept, bars, kept.own(bars))
        z.append(net.by_patterns(1e9))
    assert z[0] == pytest.approx(z[1], rel=1e-9)
    assert z[0].real.min(axis=1).max() < z[0].real.max()
