"""Capacitance by panels against exact values (F, 15 digits), each with the error its mesh leaves."""

import numpy as np
import pytest

from chipscale.solvers.layered_images import Space
from chipscale.solvers.panel_potential import EPS0_F_m
from chipscale.solvers.panels import capacitance, potentials

FREE = Space(ground_m=None)


def quads(axis, side, point, cuts):
    """Return the quads of one face of a cube, `point(p)` moving its corners."""
    found = []
    for i in range(len(cuts) - 1):
        for j in range(len(cuts) - 1):
            corners = []
            for u, v in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)):
                p = np.zeros(3)
                p[axis], p[(axis + 1) % 3], p[(axis + 2) % 3] = side, cuts[u], cuts[v]
                corners.append(point(p))
            found.append(corners)
    return found


def sphere(radius, centre, n=8):
    cuts = np.tan(np.linspace(-np.pi / 4, np.pi / 4, n + 1))
    faces = [quads(axis, s, lambda p: p / np.linalg.norm(p), cuts) for axis in range(3) for s in (-1.0, 1.0)]
    found = np.array([quad for face in faces for quad in face])
    area = np.linalg.norm(np.cross(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1]), axis=1).sum() / 2
    return found * radius * np.sqrt(4 * np.pi / area) + np.array(centre)


def cube(n=10):
    cuts = -np.cos(np.linspace(0, np.pi, n + 1)) / 2
    return np.array([q for axis in range(3) for s in (-0.5, 0.5) for q in quads(axis, s, lambda p: p, cuts)])


def alone(panels, space=FREE):
    return capacitance(panels, np.zeros(len(panels), dtype=int), space)[0, 0]


A = 125e-6
EXACT = {  # name: (panels, space, F, relative error at this mesh)
    "sphere": (lambda: sphere(A, (0, 0, 1)), FREE, 1.39081257006702e-14, 3e-3),
    "cube": (cube, FREE, 7.35103585192288e-11, 1e-3),  # Helsing and Perfekt, arXiv:1203.5997
    "sphere over a plane": (lambda: sphere(A, (0, 0, 150e-6), 12), Space(), 2.5941168768998e-14, 4e-3),
    "half sunk": (lambda: sphere(A, (0, 0, 0)), Space((4.0, 1.0), (0.0,), None), 3.47703142516756e-14, 3e-3),
}


@pytest.mark.parametrize("case", sorted(EXACT))
def test_exact_values(case):
    panels, space, expected, error = EXACT[case]
    assert alone(panels(), space) == pytest.approx(expected, rel=error)


def test_the_error_falls_with_the_square_of_the_panels_side():
    exact = 4 * np.pi * EPS0_F_m * A
    coarse, fine = (abs(alone(sphere(A, (0, 0, 1), n)) / exact - 1) for n in (5, 10))
    assert 3.5 < coarse / fine < 4.5


def test_two_balls_share_less_than_each_alone_holds():
    # Maxwell 1873; Smythe: two balls of 125 µm radius at 400 µm
    panels = np.concatenate((sphere(A, (0, 0, 1)), sphere(A, (400e-6, 0, 1))))
    found = capacitance(panels, np.repeat([0, 1], len(panels) // 2), FREE)
    assert found[0, 0] == pytest.approx(1.56244446335267e-14, rel=4e-3)
    assert found[0, 1] < 0
    assert np.linalg.eigvalsh(found).min() > 0


@pytest.mark.parametrize("height", [0.3, 1.7])
def test_a_layer_like_its_surroundings_changes_nothing(height):
    panels = cube(4) * 0.1 + np.array([0, 0, height])
    plain = potentials(panels, Space((3.0, 3.0), (1.0,)))
    assert potentials(panels, Space((1.0, 1.0), (1.0,))) == pytest.approx(3.0 * plain, rel=1e-9)


def test_a_point_over_and_one_in_the_layer_see_each_other_alike():
    low, high = cube(2) * 1e-3 + np.array([0, 0, 0.4]), cube(2) * 1e-3 + np.array([0.9, 0.2, 1.5])
    found = potentials(np.concatenate((low, high)), Space((3.9, 1.0), (1.0,)), 1e-9)
    assert found[:24, 24:] == pytest.approx(found[24:, :24].T, rel=1e-5)


def test_the_field_of_a_charge_over_a_grounded_layer():
    # Hankel transform of the layered half-space, done by quadrature here
    from scipy.integrate import quad
    from scipy.special import j0

    eps, top, source, at, away = 3.2, 1.0, 0.4, 0.7, 0.9
    low, high = cube(2) * 1e-3 + np.array([0, 0, source]), cube(2) * 1e-3 + np.array([away, 0, at])

    def spectrum(k):
        # direct wave, then up- and downgoing waves between ground (-1) and the step to air (r), all round trips
        r = (eps - 1) / (eps + 1)
        trip = -r * np.exp(-2 * k * top)
        first_up = r * np.exp(-k * (2 * top - source - at)) + trip * np.exp(-k * (at - source))
        first_down = -np.exp(-k * (source + at)) + trip * np.exp(-k * (source - at))
        return np.exp(-k * abs(at - source)) + (first_up + first_down) / (1 - trip)

    expected = quad(lambda k: spectrum(k) * j0(k * away), 0, 60, limit=400)[0] / (4 * np.pi * EPS0_F_m * eps)
    found = potentials(np.concatenate((low, high)), Space((eps, 1.0), (top,)), 1e-9)[-1, 0]
    assert found == pytest.approx(expected, rel=2e-3)
