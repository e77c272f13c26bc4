"""Conductivities that follow the temperature: a slab of silicon over time against its exact end and small steps."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from chipscale.physics.thermal.following import Following, between, less
from chipscale.solvers.diffusion import cells
from chipscale.solvers.diffusion_modes import grown, modes

LENGTH_M, AREA_m2, K_W_mK, C_J_m3K = 5e-4, 1e-6, 148.0, 1.66e6  # silicon, heated at one face, held at the other
ROOM_C = 25.0
TIMES_S = np.geomspace(1e-6, 3e-2, 60)


def law(t_C):
    return ((t_C + 273.15) / 298.15) ** -1.3


class Slab:
    """Cells of a slab, at rest with conductivities that depend on the temperature, and its shapes there."""

    def __init__(self, power_W, count=60):
        edges = np.concatenate(([0.0], np.cumsum(np.geomspace(1.0, 30.0, count))))
        self.dz = np.diff(edges * LENGTH_M / edges[-1])
        self.capacity, self.power_W = C_J_m3K * self.dz * AREA_m2, power_W
        rise = np.zeros(count)
        for _ in range(60):
            rise = solve_ivp_end(self, rise)
        self.rise_K = rise
        self.warm, self.cold = self.level(rise), self.level(np.zeros(count))
        source = np.zeros((count, 1, 1))
        source[0] = 1.0
        self.shapes = modes(self.warm, self.capacity[:, None, None], source, (1e-7, 0.1), 1e-4)

    def level(self, rise_K):
        k = (K_W_mK * law(ROOM_C + rise_K))[:, None, None]
        side = np.array([np.sqrt(AREA_m2)])
        found = cells(k, k, k, (side, side, self.dz))
        found.out[-1] = k[-1] * AREA_m2 / (self.dz[-1] / 2)
        return found

    def following(self):
        found = self.shapes
        at = np.arange(-75.0, 301.0, 25.0)
        more = between(found.end, found.tau_s, found.driven, less(self.cold, self.warm))
        die = found.end[:, :, 0, 0] @ self.capacity / self.capacity.sum()
        left = (self.warm.out * found.end).sum(axis=(1, 2, 3))
        points = np.column_stack((at, law(at)))
        return Following(found.tau_s, found.driven, more, 0 * more, 0.05, die, left, points, ROOM_C, self.power_W)

    def reference_K(self, times_s, power_W):
        """Return the heated face's cell over time by small steps of the cells' own equations."""
        half = self.dz / 2

        def rate(time, rise):
            k = K_W_mK * law(ROOM_C + rise)
            flow = AREA_m2 * (rise[:-1] - rise[1:]) / (half[:-1] / k[:-1] + half[1:] / k[1:])
            into = -np.diff(np.concatenate(([-power_W(time)], flow, [k[-1] * AREA_m2 * rise[-1] / half[-1]])))
            into[0] = power_W(time) - flow[0]
            return into / self.capacity

        span = (0.0, float(times_s[-1]))
        found = solve_ivp(rate, span, 0 * self.dz, "LSODA", times_s, rtol=1e-8, atol=1e-9, max_step=span[1] / 200)
        return found.y[0]


def solve_ivp_end(slab, rise):
    level = slab.level(rise)
    g, out = level.gz[:, 0, 0], level.out[:, 0, 0]
    carried = np.diag(out) + np.diag(np.append(g, 0.0)) + np.diag(np.insert(g, 0, 0.0)) - np.diag(g, 1) - np.diag(g, -1)
    return np.linalg.solve(carried, np.eye(len(out))[0] * slab.power_W)


@pytest.fixture(scope="module", params=[20.0, 60.0])
def slab(request):
    return Slab(K_W_mK * AREA_m2 / LENGTH_M * request.param)


def test_the_end_is_kirchhoffs(slab):
    # the integral of k over the rise is the heat per area times the length: exact for any law
    T0, rising = ROOM_C + 273.15, slab.power_W * LENGTH_M / AREA_m2 / K_W_mK
    exact = (T0**-0.3 - 0.3 * rising / 298.15**1.3) ** (-1 / 0.3) - T0
    half_cell = slab.dz[0] / 2 * slab.power_W / AREA_m2 / (K_W_mK * law(ROOM_C + exact))
    followed = slab.following().step(np.append(TIMES_S, 1.0)).risen_W[-1] @ slab.shapes.driven
    assert slab.power_W * followed == pytest.approx(exact - half_cell, rel=1e-3)
    assert slab.rise_K[0] == pytest.approx(slab.power_W * followed, rel=1e-6)


def test_on_the_way_it_is_that_of_small_steps_as_closely_as_it_says(slab):
    exact = slab.reference_K(TIMES_S, lambda time: slab.power_W) / slab.power_W
    states = slab.following().step(TIMES_S)
    off = np.abs(states.risen_W @ slab.shapes.driven / exact - 1.0).max()
    held = np.abs(grown(TIMES_S, slab.shapes.tau_s) @ slab.shapes.driven / exact - 1.0).max()
    assert off < 0.5 * states.open_ratio  # measured: 0.25 % of 0.58 %, 0.89 % of 1.9 %
    assert off < 0.1 * held  # as held at rest: 4 % and 13 % off
    assert states.open_ratio < 1.5e-3 * slab.rise_K[0] / 5


def test_a_trace_of_power_is_that_of_small_steps(slab):
    times = np.array([0.0, 3e-4, 6e-4, 1.2e-3, 1.5e-3])
    powers = slab.power_W * np.array([1.0, 0.0, 1.5, 0.2])
    fine = np.unique(
        np.concatenate([a + np.concatenate(([0.0], np.geomspace(1e-6, b - a, 14))) for a, b in pairwise(times)])
    )
    power = powers[np.minimum(np.searchsorted(times, fine[:-1], side="right") - 1, 3)]
    start = np.zeros(len(slab.shapes.tau_s))
    states = slab.following().along(fine, power, start, False)
    exact = slab.reference_K(fine[1:], lambda time: powers[min(int(np.searchsorted(times, time, "right")) - 1, 3)])
    rise = states.risen_W[1:] @ slab.shapes.driven
    assert np.abs(rise - exact).max() < 1.5 * max(states.open_ratio, 2e-3) * exact.max()
    again = slab.following().along(fine, power, start, True)
    assert again.risen_W[-1] @ slab.shapes.driven == pytest.approx(again.risen_W[0] @ slab.shapes.driven, rel=1e-4)
    assert again.risen_W[0] @ slab.shapes.driven > 0
