"""Temperatures along a trace: exact against the equation integrated, repeated for ever, and between changes."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from chipscale.physics.thermal.power_trace import Trace
from chipscale.physics.thermal.trace_response import course

TAU = np.array([1e-3, 0.2, 8.0])
ENDS = np.array([2.0, 5.0, -1.0])
TRACE = Trace(np.array([0.0, 0.5, 0.6, 4.0, 20.0]), np.array([1.0, 9.0, 0.0, 2.0]))


def test_it_follows_the_equation():
    found = course(TRACE, TAU, 1e-4, False)
    state = np.zeros(3)
    for k, power in enumerate(TRACE.power_W):
        span = TRACE.times_s[k : k + 2]
        asked = found.times_s[(found.times_s >= span[0]) & (found.times_s <= span[1])]
        whole = solve_ivp(lambda t, y, p=power: (p - y) / TAU, span, state, "Radau", asked, rtol=1e-9, atol=1e-11)
        at = np.searchsorted(found.times_s, asked)
        assert found.risen_W[at] == pytest.approx(whole.y.T, abs=1e-6)
        state = whole.y[:, -1]
    assert len(found.times_s) > 4 * len(TRACE.times_s)  # looked at in between, too
    assert (np.diff(found.times_s) > 0).all()


def test_repeated_for_ever_is_periodic_and_what_many_rounds_come_to():
    for_ever = course(TRACE, TAU, 1e-4, True).risen_W
    assert for_ever[0] == pytest.approx(for_ever[-1], rel=1e-12)
    many = 12
    times = np.concatenate([TRACE.times_s[:-1] + k * 20.0 for k in range(many)])
    long = Trace(np.append(times, 20.0 * many), np.tile(TRACE.power_W, many))
    repeated = course(long, TAU, 1e-4, False).risen_W
    assert repeated[-1] == pytest.approx(for_ever[-1], rel=1e-9)


def test_a_peak_between_two_changes_is_seen():
    """A fast shape rises at a small power while a slow one still falls from before: the hottest is in between."""
    trace = Trace(np.array([0.0, 50.0, 50.5, 60.0]), np.array([10.0, 0.0, 4.0]))
    found = course(trace, np.array([0.05, 5.0]), 1e-3, False)
    rise = found.risen_W @ np.array([1.0, 1.0])
    after = found.times_s >= 50.5
    inner = rise[after][1:-1]
    fine = 50.5 + np.linspace(0.0, 9.5, 20001)
    begun = found.risen_W[np.searchsorted(found.times_s, 50.5)]
    fade = np.exp(-(fine - 50.5)[:, None] / np.array([0.05, 5.0]))
    exact = (begun * fade + 4.0 * (1 - fade)).sum(axis=1)
    assert exact.max() > max(exact[0], exact[-1])
    assert inner.max() == pytest.approx(exact.max(), rel=0.02)
