"""Morris and Sobol through SALib against functions whose answers are known."""

import numpy as np
import pytest

from chipscale.process.variation.screening import Inputs, ishigami_indices, morris, morris_runs, sobol, sobol_runs

INPUTS = Inputs(("a", "b", "c"), ((0.0, 2.0), (10.0, 20.0), (-1.0, 1.0)))


def linear(point):
    return float(3.0 * point[0] - 0.5 * point[1])


def test_effects_of_a_linear_function_are_its_moves_over_the_range():
    found = morris(INPUTS, linear, 8, 1)
    assert [effect.mu_star for effect in found] == pytest.approx([6.0, 5.0, 0.0])
    assert [effect.sigma for effect in found] == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_an_interaction_shows_in_sigma():
    found = morris(INPUTS, lambda p: float(p[0] * p[2]), 20, 1)
    assert found[0].sigma > 0.5
    assert found[1].mu_star == 0.0


def test_indices_of_a_linear_function_are_shares_of_variance():
    found = sobol(INPUTS, linear, 1024, 1)
    total = 6.0**2 + 5.0**2
    assert [effect.first_ratio for effect in found] == pytest.approx([36 / total, 25 / total, 0.0], abs=0.02)
    assert [effect.total_ratio for effect in found] == pytest.approx([36 / total, 25 / total, 0.0], abs=0.02)


def test_ishigami_has_its_published_indices():
    found = ishigami_indices(4096)
    assert [found[name]["first"] for name in ("x1", "x2", "x3")] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [found[name]["total"] for name in ("x1", "x2", "x3")] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_a_constant_has_no_influence():
    assert [effect.total_ratio for effect in sobol(INPUTS, lambda p: 1.0, 16, 1)] == [0.0, 0.0, 0.0]
    assert [effect.mu_star for effect in morris(INPUTS, lambda p: 1.0, 4, 1)] == [0.0, 0.0, 0.0]


def test_the_function_is_asked_as_often_as_said_and_within_bounds():
    asked = []

    def noted(point):
        asked.append(point)
        return linear(point)

    morris(INPUTS, noted, 6, 1)
    assert len(asked) == morris_runs(3, 6)
    sobol(INPUTS, noted, 32, 1)
    assert len(asked) == morris_runs(3, 6) + sobol_runs(3, 32)
    low, high = np.array(INPUTS.bounds).T
    assert (np.array(asked) >= low - 1e-12).all()
    assert (np.array(asked) <= high + 1e-12).all()


def test_the_same_seed_gives_the_same_answer():
    assert morris(INPUTS, linear, 6, 3) == morris(INPUTS, linear, 6, 3)
    one, two = sobol(INPUTS, linear, 64, 3), sobol(INPUTS, linear, 64, 3)
    assert [e.total_ratio for e in one] == [e.total_ratio for e in two]
