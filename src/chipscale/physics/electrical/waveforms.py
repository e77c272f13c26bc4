"""Steps and bit patterns through transfer curves: exact periodic waveforms, and what an eye and an edge measure."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chipscale.physics.electrical.network import Array
from chipscale.physics.electrical.terminated import Curves

Bits = npt.NDArray[np.int64]
_SIGMAS = 2.5631031310892007  # from 10 % to 90 % of a Gaussian edge, in its standard deviations
_TOP = 2.2  # over the rise time: beyond, an edge's spectrum is below 1e-6 of that of a step
SAMPLES_PER_BIT = 64
_FEWEST = 1024  # samples of a step
_EARLY = 2.5  # rise times before its half: a Gaussian edge has not begun
_LATEST_BITS = 8  # a bit is looked for no later than this after it was sent


class Edge(NamedTuple):
    """A step response: time from the source's half to its own half, 10 % to 90 %, and beyond its last value."""

    delay_s: float
    rise_s: float
    overshoot_ratio: float
    last_V: float


class Eye(NamedTuple):
    """The opening of an eye: its height in V at the best moment (s after the bit's start), its width in s at the middle
    between the levels; 0 where it is closed."""

    height_V: float
    width_s: float
    best_s: float


def top_Hz(rise_s: float) -> float:
    """Return the frequency up to which a Gaussian edge of 10 % to 90 % in `rise_s` has a spectrum that matters."""
    return _TOP / rise_s


def prbs7(shift: int = 0) -> Bits:
    """Return the 127 bits of x^7 + x^6 + 1, begun `shift` bits later.

    >>> prbs7().sum(), prbs7()[:8].tolist()
    (np.int64(64), [1, 1, 1, 1, 1, 1, 1, 0])
    """
    state, bits = [1] * 7, []
    for _ in range(127):
        bits.append(state[-1])
        state = [state[6] ^ state[5], *state[:6]]
    return np.roll(np.array(bits, dtype=np.int64), -shift)


def harmonics(bits: Bits, bit_s: float, rise_s: float, count: int) -> npt.NDArray[np.complex128]:
    """Return the Fourier coefficients 0 ... count - 1 of a repeated pattern of 0 V and 1 V with Gaussian edges.

    A bit's edge has its half at the bit's start.
    """
    length = len(bits)
    turns = np.fft.fft(bits - np.roll(bits, 1))
    h = np.arange(1, count)
    omega = 2.0 * math.pi * h / (length * bit_s)
    soft = np.exp(-((omega * rise_s / _SIGMAS) ** 2) / 2.0)
    return np.concatenate(([bits.mean() + 0j], turns[h % length] * soft / (1j * omega * length * bit_s)))


def received(curves: Curves, sent: list[Bits], bit_s: float, rise_s: float, samples: int = SAMPLES_PER_BIT) -> Array:
    """Return the voltages (r, bits x samples) at r receivers of s sources that repeat patterns of one length.

    `curves` are those from each source to each receiver (k, r, s). Exact for the periodic steady state.
    """
    length = len(sent[0])
    count = min(int(top_Hz(rise_s) * length * bit_s) + 2, length * samples // 2)
    h = curves.at(np.arange(count) / (length * bit_s))
    pushed = np.stack([harmonics(bits, bit_s, rise_s, count) for bits in sent], axis=1)
    spectrum = np.einsum("hrs,hs->hr", h, pushed)
    return np.asarray(np.fft.irfft(spectrum, length * samples, axis=0).T * (length * samples))


def steps(curves: Curves, rise_s: float, window_s: float) -> tuple[Array, Array]:
    """Return times (n,) from a source's half and the voltages (r, s, n) at receivers for a step of each.

    The step comes back down after `window_s`, which is some rise times at least; it should have settled by then.
    """
    bits = np.array([1, 0])
    top = int(top_Hz(rise_s) * 2 * window_s) + 2
    count = max(_FEWEST, 2 ** math.ceil(math.log2(top)))
    h = curves.at(np.arange(top) / (2 * window_s))
    spectrum = h * harmonics(bits, window_s, rise_s, top)[:, None, None]
    early = min(math.ceil(_EARLY * rise_s / window_s * count), count // 2)
    waves = np.fft.irfft(spectrum, 2 * count, axis=0) * (2 * count)
    waves = np.moveaxis(np.roll(waves, early, axis=0)[:count], 0, -1)
    return (np.arange(count) - early) * window_s / count, np.asarray(waves)


def edge(t_s: Array, v: Array) -> Edge:
    """Return what a step response from 0 V measures; nan where it stays below what is measured."""
    last = float(v[-1])
    if last <= 0.0:
        return Edge(math.nan, math.nan, 0.0, last)
    low, half, high = (_first_over(t_s, v, share * last) for share in (0.1, 0.5, 0.9))
    return Edge(half, high - low, max(float(v.max()) / last - 1.0, 0.0), last)


def eye(bits: Bits, v: Array, bit_s: float, samples: int = SAMPLES_PER_BIT) -> Eye:
    """Return the eye of a received pattern (bits x samples,)."""
    late = np.arange(min(_LATEST_BITS, len(bits)) * samples)
    at = (np.arange(len(bits)) * samples)[:, None] + late[None, :]
    seen = v[at % len(v)]
    low_one, high_zero = seen[bits == 1].min(axis=0), seen[bits == 0].max(axis=0)
    best = int(np.argmax(low_one - high_zero))
    height = float(low_one[best] - high_zero[best])
    if height <= 0.0:
        return Eye(0.0, 0.0, best * bit_s / samples)
    middle = float(v.mean() + (0.5 - bits.mean()) * (v.max() - v.min()))
    room = np.minimum(low_one - middle, middle - high_zero)
    if room[best] <= 0.0:
        return Eye(height, 0.0, best * bit_s / samples)
    width = _until_closed(room, best, 1) + _until_closed(room, best, -1)
    return Eye(height, width * bit_s / samples, best * bit_s / samples)


def _until_closed(room: Array, start: int, step: int) -> float:
    """Return how many samples from `start` the room falls to 0, between samples by a straight line."""
    k = start
    while 0 <= k + step < len(room):
        if room[k + step] <= 0.0:
            return abs(k - start) + float(room[k] / (room[k] - room[k + step]))
        k += step
    return float(abs(k - start))


def _first_over(t_s: Array, v: Array, level: float) -> float:
    over = int(np.argmax(v >= level))
    if v[over] < level or over == 0:
        return math.nan
    part = (level - v[over - 1]) / (v[over] - v[over - 1])
    return float(t_s[over - 1] + part * (t_s[over] - t_s[over - 1]))


def folded(v: Array, samples: int = SAMPLES_PER_BIT) -> Array:
    """Return a received pattern as an eye's traces (bits, 2 x samples + 1): two bits wide, begun half a bit early."""
    start = np.arange(len(v) // samples) * samples - samples // 2
    return np.asarray(v[(start[:, None] + np.arange(2 * samples + 1)[None, :]) % len(v)])
