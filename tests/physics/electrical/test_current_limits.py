"""Black's equation and the user's limits."""

import math

import pytest

from chipscale.errors import InputError
from chipscale.physics.electrical.current_limits import (
    BOLTZMANN_EV_K,
    Black,
    ball_checks,
    black_life_h,
    black_of,
    density_checks,
    drop_checks,
)

BLACK = Black(1e12, 2.0, 0.9)


def test_blacks_equation_by_hand():
    """At 4e4 A/cm² and 150 °C with 0.9 eV: A / j² times exp(0.9 / 0.036464 eV)."""
    exact = 1e12 / 1.6e9 * math.exp(0.9 / (8.617333262e-5 * 423.15))
    assert black_life_h(4e4, 150.0, BLACK) == pytest.approx(exact, rel=1e-12)


def test_life_falls_with_the_power_of_the_density_and_doubles_as_the_energy_says():
    assert black_life_h(1e4, 125.0, BLACK) / black_life_h(2e4, 125.0, BLACK) == pytest.approx(4.0)
    warm, cool = 398.15, 385.0
    factor = math.exp(0.9 / BOLTZMANN_EV_K * (1 / cool - 1 / warm))
    assert black_life_h(1e4, cool - 273.15, BLACK) / black_life_h(1e4, warm - 273.15, BLACK) == pytest.approx(factor)
    assert black_life_h(0.0, 125.0, BLACK) == math.inf


def test_blacks_constants_come_together_or_not_at_all():
    assert black_of(None, None, None, "wire") is None
    assert black_of(1e12, 2.0, 0.9, "via") == Black(1e12, 2.0, 0.9, "via")
    with pytest.raises(InputError) as caught:
        black_of(1e12, None, None, "wire")
    assert [problem.key for problem in caught.value.problems] == ["black_n_ratio", "black_ea_eV"]
    with pytest.raises(InputError) as caught:
        black_of(-1.0, 0.0, -0.1, "wire")
    assert len(caught.value.problems) == 3


def _row(place, net, j_A_cm2):
    return {"place": place, "net": net, "name": "x", "layer": "RDL", "x_um": 1.0, "y_um": 2.0, "j_A_cm2": j_A_cm2}


def test_a_limit_names_the_worst_place_of_each_net_beyond_it():
    rows = [_row("wire", "a", 5e4), _row("wire", "a", 3e4), _row("wire", "b", 2e4), _row("wire", "c", 1e3)]
    checks = density_checks(rows, {"wire": 1e4, "via": 1.0})
    assert [(check.net, check.value, check.ok) for check in checks] == [("a", 5e4, False), ("b", 2e4, False)]
    assert checks[0].where_um == (1.0, 2.0)
    assert checks[0].source == "given by the user"
    (kept,) = density_checks(rows, {"wire": 6e4})
    assert (kept.net, kept.ok) == ("a", True)
    assert density_checks(rows, {"wire": None}) == []


def test_limits_of_drop_and_of_a_balls_current():
    rows = [
        {"net": "a", "drop_worst_mV": 12.0, "worst_pad": "p", "x_um": 0.0, "y_um": 0.0},
        {"net": "b", "drop_worst_mV": None, "worst_pad": "", "x_um": None, "y_um": None},
    ]
    (check,) = drop_checks(rows, 10.0)
    assert not check.ok
    assert drop_checks(rows, None) == []
    balls = [
        {"net": "a", "ball": name, "current_mA": i, "x_um": 0.0, "y_um": 0.0} for name, i in (("A1", 3), ("A2", 9))
    ]
    assert [(check.value, check.ok) for check in ball_checks(balls, 5.0)] == [(9, False)]
    assert [(check.value, check.ok) for check in ball_checks(balls, 10.0)] == [(9, True)]
    assert ball_checks(balls, None) == []
