"""Capacitance of simple bodies against exact values: the published ones with 15 digits, where they are at hand."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from chipscale.solvers.layered_images import Space
from chipscale.solvers.panel_potential import EPS0_F_m
from chipscale.solvers.panels import Accuracy, charges

TABLE = Path(__file__).parents[4] / "shared" / "data" / "reference" / "electrical_exact.csv"
FREE = Space(ground_m=None)
A = 125e-6


def exact(code):
    if not TABLE.exists():
        pytest.skip("the reference data are not here")
    with TABLE.open() as lines:
        return next(float(row["value"]) for row in csv.DictReader(lines) if row["id"] == code)


def found(panels, space=FREE, conductor=None):
    owner = np.zeros(len(panels), dtype=np.int64) if conductor is None else conductor
    return charges(np.asarray(panels), owner, space, Accuracy(1e-5, 1e-5, 1e-6)).matrix_F


def sphere(centre, n=16):
    """Return the quads of a cube's grid pressed on a sphere, of the sphere's area."""
    cuts = np.tan(np.linspace(-np.pi / 4, np.pi / 4, n + 1))
    quads = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            for u, v in pairwise(cuts):
                for s, t in pairwise(cuts):
                    corners = np.empty((4, 3))
                    corners[:, axis] = side
                    corners[:, (axis + 1) % 3], corners[:, (axis + 2) % 3] = (u, v, v, u), (s, s, t, t)
                    quads.append(corners / np.linalg.norm(corners, axis=1)[:, None])
    quads = np.array(quads)
    area = np.linalg.norm(np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]), axis=1).sum() / 2
    return A * quads * np.sqrt(4 * np.pi / area) + np.array(centre)


def plate(axis, at, n, low=0.0, high=1.0):
    cuts = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, n + 1))) / 2
    quads = np.empty((n * n, 4, 3))
    k = 0
    for u, v in pairwise(cuts):
        for s, t in pairwise(cuts):
            quads[k, :, axis] = at
            quads[k, :, (axis + 1) % 3], quads[k, :, (axis + 2) % 3] = (u, v, v, u), (s, s, t, t)
            k += 1
    return quads


def disc(z, rings=14, sides=40):
    """Return a disc as rings that are narrow at its rim, of the disc's area in every ring."""
    radius = A * np.sin(np.linspace(0, np.pi / 2, rings + 1))
    radius = radius * np.sqrt(2 * np.pi / sides / np.sin(2 * np.pi / sides))
    angle = 2 * np.pi * np.arange(sides + 1) / sides
    quads = []
    for r, s in pairwise(radius):
        for a, b in pairwise(angle):
            quads.append([(q * np.cos(w), q * np.sin(w), z) for q, w in ((r, a), (s, a), (s, b), (r, b))])
    return np.array(quads)


def test_balls():
    one = sphere((0.0, 0.0, 1.0))
    assert found(one)[0, 0] == pytest.approx(exact("C01"), rel=5e-3)
    two = np.concatenate((one, sphere((400e-6, 0.0, 1.0))))
    assert found(two, FREE, np.repeat([0, 1], len(one)))[0, 0] == pytest.approx(exact("C02"), rel=5e-3)
    assert found(sphere((0.0, 0.0, 150e-6)), Space())[0, 0] == pytest.approx(exact("C04"), rel=5e-3)
    assert found(sphere((0.0, 0.0, 0.0)), Space((4.0, 1.0), (0.0,), None))[0, 0] == pytest.approx(
        exact("C09"), rel=1e-2
    )


def test_a_cube_and_a_plate():
    cube = np.concatenate([plate(axis, at, 12) for axis in range(3) for at in (0.0, 1.0)])
    assert found(cube)[0, 0] == pytest.approx(exact("C05"), rel=5e-3)
    assert found(plate(2, 0.0, 24))[0, 0] == pytest.approx(exact("C06"), rel=5e-3)


def test_discs():
    assert found(disc(0.0))[0, 0] == pytest.approx(exact("C07"), rel=5e-3)
    two = np.concatenate((disc(0.0), disc(50e-6)))
    matrix = found(two, FREE, np.repeat([0, 1], len(two) // 2))
    # charge on one at half a volt with the other at minus half
    assert (matrix[0, 0] - matrix[0, 1]) / 2 == pytest.approx(exact("C12"), rel=5e-3)


def wire(points_m, length_m, count):
    """Return the faces of a straight wire around `points_m` (k, 2), which lie around its section, along x."""
    cuts = np.linspace(0.0, length_m, count + 1)
    ring = list(zip(points_m, np.roll(points_m, -1, axis=0), strict=True))
    return np.array([[(s, *p), (t, *p), (t, *q), (s, *q)] for p, q in ring for s, t in pairwise(cuts)])


def around(radius_m, z_m=0.0, sides=48):
    angle = 2 * np.pi * np.arange(sides) / sides
    radius_m *= np.sqrt(2 * np.pi / sides / np.sin(2 * np.pi / sides))
    return np.column_stack((radius_m * np.cos(angle), z_m + radius_m * np.sin(angle)))


def test_a_round_wire_over_a_plane():
    points = around(10e-6, 30e-6)
    short, long = (found(wire(points, 40e-6 * n, n), Space())[0, 0] for n in (20, 40))
    assert (long - short) / (20 * 40e-6) == pytest.approx(exact("C14"), rel=5e-3)


def test_a_coaxial_liner():
    # the dielectric everywhere: between the two its field is the same, and outside of the hull there is none
    inner, outer = around(5e-6, sides=64), around(5.5e-6, sides=64)
    per_m = []
    for n in (10, 20):
        parts = wire(inner, 4e-6 * n, n), wire(outer, 4e-6 * n, n)
        owner = np.repeat([0, 1], [len(part) for part in parts])
        per_m.append(-found(np.concatenate(parts), Space((3.9,), (), None), owner)[0, 1])
    assert (per_m[1] - per_m[0]) / 40e-6 * 50e-6 == pytest.approx(exact("C11"), rel=1e-2)


def test_the_constant_is_the_tables():
    assert 4 * np.pi * EPS0_F_m * A == pytest.approx(exact("C01"), rel=1e-9)
