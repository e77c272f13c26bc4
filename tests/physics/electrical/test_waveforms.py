"""Steps, bit patterns and eyes through curves with known answers: plain loads, one time constant, a delay."""

import math

import numpy as np
import pytest

from chipscale.physics.electrical import waveforms as w
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.terminated import Curves, Ends, seen_from_balls, transfer


def _curves(function, top_Hz, count=2049):
    f_Hz = np.linspace(0.0, top_Hz, count)
    return Curves(f_Hz, function(f_Hz)[:, None, None].astype(complex), 0.0)


def _line(z0_ohm, delay_s, r_ohm=1e-3):
    l_H, c_F = np.array([[[z0_ohm * delay_s]]]), np.array([[delay_s / z0_ohm]])
    return Network(("A1",), ("a",), ("a",), "g", np.zeros(1), np.array([[[r_ohm]]]), l_H, c_F, np.array([1000.0]))


def test_the_pattern_is_one_of_greatest_length():
    bits = w.prbs7()
    assert len(bits) == 127
    assert bits.sum() == 64
    windows = {tuple(np.roll(bits, -k)[:7]) for k in range(127)}
    assert len(windows) == 127  # every word but seven zeros


def test_an_edge_has_the_rise_time_asked_for():
    rise = 1e-10
    t, v = w.steps(_curves(np.ones_like, w.top_Hz(rise)), rise, 2e-9)
    found = w.edge(t, v[0, 0])
    assert found.rise_s == pytest.approx(rise, rel=2e-3)
    assert found.delay_s == pytest.approx(0.0, abs=1e-14)
    assert found.overshoot_ratio < 1e-5
    assert found.last_V == pytest.approx(1.0, abs=1e-6)


def test_one_time_constant():
    tau, rise = 2e-10, 1e-11
    t, v = w.steps(_curves(lambda f: 1 / (1 + 2j * np.pi * f * tau), w.top_Hz(rise), 8193), rise, 4e-9)
    late = t > 2e-11
    assert v[0, 0][late] == pytest.approx(1 - np.exp(-t[late] / tau), abs=2e-3)
    found = w.edge(t, v[0, 0])
    assert found.delay_s == pytest.approx(tau * math.log(2), rel=0.01)
    assert found.rise_s == pytest.approx(tau * math.log(9), rel=0.01)


def test_a_matched_line_delays_and_no_more():
    delay, rise = 3e-11, 1e-10
    curves = transfer(_line(50.0, delay), Ends(50.0, 50.0), w.top_Hz(rise))
    t, v = w.steps(curves, rise, 3e-9)
    found = w.edge(t, v[0, 0])
    assert found.delay_s == pytest.approx(delay, rel=2e-3)
    assert found.last_V == pytest.approx(0.5, rel=1e-4)
    assert found.overshoot_ratio < 1e-4


def test_a_line_between_low_and_high_rings_as_its_bounces_say():
    """10 ohm into a 50 ohm line with 1 kohm behind: the load sees twice 50/60 first, less later."""
    delay, rise = 2e-10, 4e-11
    curves = transfer(_line(50.0, delay), Ends(10.0, 1000.0), w.top_Hz(rise))
    t, v = w.steps(curves, rise, 12e-9)
    near, far = (10 - 50) / 60, (1000 - 50) / 1050
    first = 50 / 60 * (1 + far)
    second = first * (1 + near * far)
    at = lambda when: v[0, 0][np.argmin(np.abs(t - when))]  # noqa: E731
    assert at(2 * delay) == pytest.approx(first, abs=4e-3)
    assert at(4 * delay) == pytest.approx(second, abs=4e-3)
    assert v[0, 0][-1] == pytest.approx(1000 / 1010, abs=2e-3)


def test_a_reflected_step_shows_the_impedance_of_a_long_line():
    delay, rise = 4e-10, 4e-11
    seen = seen_from_balls(_line(35.0, delay), Ends(50.0, 50.0), w.top_Hz(rise), 50.0)
    t, v = w.steps(Curves(seen.f_Hz, seen.values[:, :, None], 0.0), rise, 8e-9)
    rho = v[0, 0][np.argmin(np.abs(t - delay))]
    assert 50 * (1 + rho) / (1 - rho) == pytest.approx(35.0, rel=5e-3)
    assert v[0, 0][-1] == pytest.approx(0.0, abs=2e-3)


def test_an_eye_without_a_channel_is_open():
    bits = w.prbs7()
    v = w.received(_curves(np.ones_like, 5e10), [bits], 1e-9, 5e-11)[0]
    found = w.eye(bits, v, 1e-9)
    assert found.height_V == pytest.approx(1.0, abs=1e-3)
    assert found.width_s == pytest.approx(1e-9, rel=1e-3)


@pytest.mark.parametrize("ratio", [0.3, 0.6, 1.0])
def test_a_slow_channel_closes_the_eye_by_what_a_lone_bit_lacks(ratio):
    """One time constant: the least one is alone after long zeros and misses exp(-T/tau), at the end of its bit."""
    bit, rise = 1e-9, 2e-11
    tau = ratio * bit
    curves = _curves(lambda f: 1 / (1 + 2j * np.pi * f * tau), w.top_Hz(rise), 4097)
    bits = w.prbs7()
    found = w.eye(bits, w.received(curves, [bits], bit, rise)[0], bit)
    worst = math.exp(-bit / tau)
    left = math.exp(-7 * bit / tau)  # seven bits are the longest run
    assert found.height_V == pytest.approx(1 - 2 * worst, abs=0.02 + left + rise / tau)
    assert found.best_s == pytest.approx(bit, rel=0.06)


def test_a_delay_moves_the_eye_and_keeps_it():
    bit, delay = 1e-9, 2.3e-9
    bits = w.prbs7()
    found = w.eye(
        bits, w.received(_curves(lambda f: np.exp(-2j * np.pi * f * delay), 5e10, 16385), [bits], bit, 5e-11)[0], bit
    )
    assert found.height_V == pytest.approx(1.0, abs=2e-3)
    assert delay < found.best_s < delay + bit


def test_a_dead_channel_has_no_eye_and_no_edge():
    bits = w.prbs7()
    dead = _curves(np.zeros_like, 5e10)
    assert w.eye(bits, w.received(dead, [bits], 1e-9, 5e-11)[0], 1e-9)[:2] == (0.0, 0.0)
    t, v = w.steps(dead, 5e-11, 2e-9)
    assert math.isnan(w.edge(t, v[0, 0]).delay_s)


def test_traces_are_two_bits_of_the_waveform():
    v = np.arange(127 * w.SAMPLES_PER_BIT, dtype=float)
    traces = w.folded(v)
    assert traces.shape == (127, 2 * w.SAMPLES_PER_BIT + 1)
    assert traces[3, 0] == (2.5) * w.SAMPLES_PER_BIT
