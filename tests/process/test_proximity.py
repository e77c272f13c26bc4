"""Light behind a mask's edge, the finest line, and the wall a developer leaves."""

import math

import numba
import numpy as np
import pytest

from chipscale.process.models.proximity import (
    Print,
    film_resolution_um,
    gap_resolution_um,
    knife_edge,
    light,
    printed_edge,
)


def test_both_published_forms_of_the_resolution():
    assert gap_resolution_um(20.0, 405.0, 0.8) == pytest.approx(2.28, abs=0.005)
    assert film_resolution_um(20.0, 405.0, 8.0, 1.5) == pytest.approx(4.68, abs=0.005)
    assert film_resolution_um(20.0, 405.0, 0.0, 0.8) == gap_resolution_um(20.0, 405.0, 0.8)


def test_a_quarter_of_the_light_at_the_edge_whatever_the_gap():
    for gap in (1.0, 20.0, 200.0):
        assert knife_edge(0.0, gap, 405.0) == pytest.approx(0.25, abs=1e-15)


def test_fresnel_s_first_fringe_and_the_far_ends():
    """Born and Wolf: the first maximum of a straight edge is 1.370 at u = 1.217."""
    u = np.linspace(0, 4, 40001)
    x = u * math.sqrt(0.405 * 20.0 / 2.0)
    intensity = knife_edge(x, 20.0, 405.0)
    at = int(np.argmax(intensity))
    assert u[at] == pytest.approx(1.2172, abs=2e-4)
    assert intensity[at] == pytest.approx(1.3704, abs=2e-4)
    assert knife_edge(1000.0, 20.0, 405.0) == pytest.approx(1.0, abs=5e-3)
    assert knife_edge(-1000.0, 20.0, 405.0) == pytest.approx(0.0, abs=1e-5)


def test_light_that_is_not_collimated_loses_its_fringes_but_not_its_energy():
    x = np.linspace(-60, 60, 6001)
    sharp, soft = (light(x, 0.0, Print(20.0, 405.0, 10.0, 1.5, collimation_deg=angle)) for angle in (0.01, 4.0))
    assert soft.max() < 1.2 < sharp.max()
    assert np.trapezoid(soft, x) == pytest.approx(np.trapezoid(sharp, x), rel=2e-3)


def test_more_dose_opens_a_positive_resist_and_closes_a_negative_one():
    for negative, sign in ((False, 1), (True, -1)):
        bias = [
            printed_edge(Print(20.0, 405.0, 10.0, ratio, penetration_um=30.0, negative=negative)).bias_um
            for ratio in (1.05, 1.5, 2.5)
        ]
        assert sorted(sign * value for value in bias) == [sign * value for value in bias]
        assert len(set(bias)) == 3


def test_a_wider_gap_a_flatter_wall():
    walls = [printed_edge(Print(gap, 405.0, 10.0, 1.4)).wall_deg for gap in (5.0, 20.0, 60.0)]
    assert walls == sorted(walls, reverse=True)
    assert all(70 < wall < 90 for wall in walls)


def test_higher_contrast_a_steeper_wall_as_far_as_the_light_allows():
    walls = [printed_edge(Print(20.0, 405.0, 10.0, 1.4, contrast_ratio=gamma)).wall_deg for gamma in (1, 2, 3, 20, 30)]
    assert walls[:3] == sorted(walls[:3])
    assert walls[3] == pytest.approx(walls[4], abs=0.5)


def test_in_contact_a_thin_film_of_high_contrast_prints_its_mask():
    edge = printed_edge(Print(0.05, 405.0, 0.1, 1.05, contrast_ratio=8.0, penetration_um=100.0, collimation_deg=0.0))
    assert abs(edge.bias_um) < 0.1
    assert edge.wall_deg > 60


def test_absorption_lets_a_negative_wall_hang_over():
    clear, dark = (printed_edge(Print(5.0, 365.0, 20.0, 3.0, 8.0, depth, negative=True)) for depth in (1e4, 8.0))
    assert dark.wall_deg > clear.wall_deg
    assert dark.wall_deg > 90


def test_the_answer_does_not_hang_on_the_grid(monkeypatch):
    from chipscale.process.models import proximity

    shots = [Print(20.0, 405.0, 9.0, 1.4), Print(50.0, 365.0, 40.0, 2.0, 1.5, 30.0, negative=True)]
    coarse = [printed_edge(shot) for shot in shots]
    for name, value in (("_SOURCE_POINTS", 24), ("_DEPTHS", 41), ("_PLACES", 1501)):
        monkeypatch.setattr(proximity, name, value)
    proximity.printed_edge.cache_clear()
    fine = [printed_edge(shot) for shot in shots]
    proximity.printed_edge.cache_clear()
    for a, b in zip(coarse, fine, strict=True):
        assert a.bias_um == pytest.approx(b.bias_um, abs=0.02)
        assert a.wall_deg == pytest.approx(b.wall_deg, abs=0.1)


def test_the_edge_agrees_with_the_developer_s_true_front():
    """The fastest path down and sideways against the eikonal equation |∇T| = 1 / rate on a grid (fast sweeping)."""
    for shot in (Print(20.0, 405.0, 9.0, 1.4), Print(50.0, 405.0, 9.0, 1.4), Print(20.0, 405.0, 40.0, 1.4, 2.5, 80.0)):
        depths, x = np.linspace(0.0, shot.thickness_um, 121), np.linspace(-6.0, 6.0, 801)
        dose = np.array([light(x, depth, shot) for depth in depths])
        dose *= np.exp(-depths / shot.penetration_um)[:, None]
        arrival = _swept(np.maximum(dose, 1e-4) ** -shot.contrast_ratio, depths[1], x[1] - x[0])
        rate = shot.contrast_ratio / shot.penetration_um
        allowed = shot.dose_ratio**shot.contrast_ratio * math.expm1(rate * shot.thickness_um) / rate
        outward = -np.array([x[np.argmax(row <= allowed)] for row in arrival])
        above, wall = shot.thickness_um - depths, depths >= 0.2 * shot.thickness_um
        lean = above[wall] @ (outward[wall] - outward[-1]) / (above[wall] @ above[wall])
        found = printed_edge(shot)
        assert found.bias_um == pytest.approx(outward[-1], abs=0.08)
        assert found.wall_deg == pytest.approx(math.degrees(math.atan2(1.0, lean)), abs=0.5)


def _swept(slow, dz, dx):
    """Return (depths, x) the time at which a front that starts at the top reaches each place."""
    time = np.full((slow.shape[0] + 2, slow.shape[1] + 2), 1e30)
    time[1, 1:-1] = 0.0
    _sweep(time, slow, dz, dx)
    return time[1:-1, 1:-1]


@numba.njit
def _sweep(time, slow, dz, dx):
    rows, columns = slow.shape
    for turn in range(16):
        for i in range(2, rows + 1) if turn % 2 == 0 else range(rows, 1, -1):
            for j in range(1, columns + 1) if turn // 2 % 2 == 0 else range(columns, 0, -1):
                a, b = min(time[i - 1, j], time[i + 1, j]), min(time[i, j - 1], time[i, j + 1])
                s = slow[i - 1, j - 1]
                found = min(a + s * dz, b + s * dx)
                p = 1 / dz**2 + 1 / dx**2
                q = a / dz**2 + b / dx**2
                root = q * q - p * (a * a / dz**2 + b * b / dx**2 - s * s)
                if root >= 0.0 and (q + math.sqrt(root)) / p >= max(a, b):
                    found = min(found, (q + math.sqrt(root)) / p)
                time[i, j] = min(time[i, j], found)
