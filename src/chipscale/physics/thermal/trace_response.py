"""Temperatures along a power trace: every decaying shape at its own rate, exact between changes of power."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.thermal.power_trace import Trace

Array = npt.NDArray[np.float64]
_MOST_NUMBERS = 8_000_000
_MOST_BETWEEN = 8


class Course(NamedTuple):
    """Times (n,), the power from each on (n,), and how far each shape (n, m) is risen, in W: a place's rise is this
    times its `ends`."""

    times_s: Array
    power_W: Array
    risen_W: Array


def course(trace: Trace, tau_s: Array, from_s: float, periodic: bool) -> Course:
    """Return the shapes along a trace, from all at rest without power, or as if it had always been repeated.

    Between two changes of power each shape goes to its end exactly as exp(-t / tau), whatever the time between: fast
    shapes cost no small steps and slow ones no patience. Looked at before and after each change, and in between at
    times that grow from `from_s` on.
    """
    dt = np.diff(trace.times_s)
    fade, gain = np.exp(-dt[:, None] / tau_s), -np.expm1(-dt[:, None] / tau_s)
    state = np.zeros(len(tau_s))
    if periodic:
        for k, power in enumerate(trace.power_W):
            state = state * fade[k] + power * gain[k]
        state = state / -np.expm1(-dt.sum() / tau_s)
    states = np.empty((len(dt) + 1, len(tau_s)))
    states[0] = state
    for k, power in enumerate(trace.power_W):
        states[k + 1] = states[k] * fade[k] + power * gain[k]
    between = int(min(_MOST_BETWEEN, max(0, _MOST_NUMBERS // (len(dt) * len(tau_s)))))
    return _with_between(trace, states, tau_s, _offsets(dt, from_s, between))


def _offsets(dt: Array, from_s: float, count: int) -> Array:
    """Return times (steps, 1 + count) after each change, growing by a factor; the first is 0."""
    if count == 0:
        return np.zeros((len(dt), 1))
    start = np.minimum(from_s, dt / (count + 1))
    share = np.arange(count) / count
    return np.column_stack((np.zeros(len(dt)), start[:, None] * (dt / start)[:, None] ** share))


def _with_between(trace: Trace, states: Array, tau_s: Array, offsets: Array) -> Course:
    power = np.repeat(trace.power_W, offsets.shape[1])
    fade = np.exp(-offsets.reshape(-1, 1) / tau_s)
    begun = np.repeat(states[:-1], offsets.shape[1], axis=0)
    risen = begun * fade + power[:, None] * (1.0 - fade)
    times = (trace.times_s[:-1, None] + offsets).reshape(-1)
    return Course(
        np.append(times, trace.times_s[-1]), np.append(power, trace.power_W[-1]), np.vstack((risen, states[-1]))
    )
