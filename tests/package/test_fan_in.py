"""Fan-in or not: counts against brute force, verdicts, and what would fit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.package.array_fit import fits, hexagonal, largest_factor, smallest_room, square
from chipscale.package.csp import area_ratio, is_csp, package_class
from chipscale.package.escape import WireRule, filled_array, ring_loads
from chipscale.package.fan_in import FanIn, fan_in
from chipscale.package.fan_in_question import FanInQuestion, question_of_spec
from chipscale.package.rules import load_rules
from chipscale.package.types import Ball, Pad
from chipscale.spec.model import Spec

RULES = load_rules("skywater_amkor_400")


def question(x, y, signals, supply=0, pitch=400.0, **more):
    facts = {"package_um": (x, y), "pattern": "rectangular", "ball_d_um": 260.9, "land_d_um": 235.0, **more}
    return FanInQuestion(
        die_um=(x, y), seal_ring_inset_um=5.0, pitch_x_um=pitch, pitch_y_um=pitch, width_um=10.0, space_um=10.0,
        signals_count=signals, supply_balls_count=supply, rules=RULES, **facts,
    )  # fmt: skip


def verdict(result):
    return result.tables["verdict"][0]["verdict"]


@given(st.floats(0, 5000), st.floats(0, 5000), st.floats(150, 900))
def test_square_count_by_hand(x, y, pitch):
    count = sum(1 for i in range(40) for j in range(40) if i * pitch <= x + 1e-6 and j * pitch <= y + 1e-6)
    assert int(fits(square(pitch), (x, y))) == count


@given(st.floats(0, 3000), st.floats(0, 3000), st.floats(200, 900))
def test_hexagonal_count_by_hand(x, y, pitch):
    rows = [k for k in range(60) if k * pitch * math.sqrt(3) / 2 <= y + 1e-6]
    count = sum(1 for k in rows for i in range(60) if i * pitch + (k % 2) * pitch / 2 <= x + 1e-6)
    assert int(fits(hexagonal(pitch), (x, y))) == count


@settings(max_examples=50)
@given(st.floats(100, 5000), st.floats(100, 5000), st.integers(2, 150), st.booleans())
def test_largest_pitch_is_exact(x, y, needed, hexagon):
    lattice = hexagonal(300.0) if hexagon else square(300.0)
    factor = largest_factor(lattice, (x, y), needed)
    assert factor is not None
    assert int(fits(lattice, (x, y), factor)) >= needed
    assert int(fits(lattice, (x, y), factor * 1.0001)) < needed


@settings(max_examples=50)
@given(st.integers(2, 200), st.floats(0.3, 3.0), st.booleans())
def test_smallest_die_is_exact(needed, aspect, hexagon):
    lattice = hexagonal(400.0) if hexagon else square(400.0)
    size = smallest_room(lattice, needed, (aspect, 1.0), (320.0, 320.0))
    assert size[0] / size[1] == pytest.approx(aspect)
    room = (size[0] - 320.0 + 1e-6, size[1] - 320.0 + 1e-6)
    assert int(fits(lattice, room)) >= needed
    less = (size[0] * 0.9995 - 320.0, size[1] * 0.9995 - 320.0)
    assert int(fits(lattice, less)) < needed


def test_area_ratio_and_name():
    assert area_ratio((1200.0, 1000.0), (1000.0, 1000.0)) == pytest.approx(1.2)
    assert is_csp(area_ratio((1200.0, 1000.0), (1000.0, 1000.0)))
    assert not is_csp(1.2001)
    assert "fan-in" in package_class(1.0)
    assert package_class(1.1) == "chip-scale package"
    assert package_class(2.0).startswith("not a CSP")


def test_edge_distance_is_the_larger_rule():
    assert question(3000, 3000, 4).edge_um == pytest.approx(5 + 260.9 / 2 + 25)
    assert question(3000, 3000, 4, ball_d_um=200.0).edge_um == pytest.approx(5 + 155)


def test_fan_in():
    result = fan_in(question(3588, 5188, 50, 10))
    assert result.ok
    assert verdict(result) == "fan-in"
    assert result.metrics["fits_count"] == 117
    assert result.metrics["needed_count"] == 60


def test_sixty_four_balls_under_a_small_die_fan_out():
    result = fan_in(question(2000, 2000, 64))
    assert not result.ok
    assert verdict(result) == "fan-out"
    assert result.metrics["fits_count"] == 25
    assert result.metrics["largest_pitch_um"] == pytest.approx((2000 - 2 * 160.45) / 7)
    assert result.metrics["market_pitch_um"] == 200
    assert result.metrics["smallest_die_x_um"] == pytest.approx(7 * 400 + 2 * 160.45)
    assert {check.code for check in result.checks if not check.ok} == {"fan_in.balls_fit", "fan_in.verdict"}


def test_a_little_more_die_is_a_redesign():
    result = fan_in(question(3000, 3000, 64))
    assert verdict(result) == "redesign"
    assert "3121 x 3121" in result.tables["verdict"][0]["reason"]
    coarse = fan_in(question(3000, 3000, 49, pitch=500.0))
    assert verdict(coarse) == "redesign"
    assert "a pitch of 400 µm" in coarse.tables["verdict"][0]["reason"]


def test_a_map_that_leaves_the_die_is_named():
    balls = tuple(Ball(f"A{i}", 100.0 + 400 * i, 1500.0, None, 0, i) for i in range(4))
    result = fan_in(question(3000, 3000, 4, balls=balls))
    (check,) = [check for check in result.checks if check.code == "fan_in.map_on_die"]
    assert not check.ok
    assert "A0" in check.message
    assert verdict(result) == "redesign"


def test_a_die_too_small_for_anything():
    result = fan_in(question(200, 200, 4))
    assert verdict(result) == "fan-out"
    assert result.metrics["fits_count"] == 0
    assert all(np.isfinite(value) for value in result.metrics.values())


def test_pitch_below_the_rules():
    result = fan_in(question(3000, 3000, 16, pitch=300.0))
    assert [check.code for check in result.checks if not check.ok] == ["fan_in.pitch", "fan_in.verdict"]


def test_gap_capacity():
    rule = WireRule(land_d_um=270.0, width_um=40.0, space_um=35.0)
    assert rule.capacity(500.0) == 2  # 230 = 2 x 40 + 3 x 35 + 45
    assert rule.capacity(270.0) == 0


def test_rings_ask_for_what_must_cross_them():
    loads = ring_loads(filled_array(6, 6, 400.0, 36), (), WireRule(235.0, 10.0, 10.0))
    assert [(load.wires_count, load.capacity_count) for load in loads] == [(16, 20 * 7), (4, 12 * 7)]
    inside = tuple(Pad(f"p{i}", 1000.0, -1000.0, 50.0, 50.0, f"n{i}", "") for i in range(36))
    assert ring_loads(filled_array(6, 6, 400.0, 36), inside, WireRule(235.0, 10.0, 10.0)) == ()


def test_wires_that_cannot_get_in_make_it_a_redesign():
    result = fan_in(question(2600, 2600, 36, land_d_um=380.0))
    (check,) = [check for check in result.checks if check.code == "fan_in.escape"]
    assert not check.ok
    assert verdict(result) == "redesign"


def test_question_from_a_package_file():
    spec = Spec.model_validate(
        {
            "chipscale": 1,
            "name": "x",
            "die": {"size_x_um": 2000.0, "size_y_um": 2000.0, "pads": {"per_side": {"left": 4}}},
            "balls": {"rows": 4, "cols": 4, "pitch_um": 400.0, "sphere_d_um": 250.0},
            "nets": {"supply": {"kind": "ground", "nets": ["VSS*"]}},
            "assignment": {"mode": "free", "supply_balls": {"VSS1": 3}},
        }
    )
    nets = ["a", "b", "VSS1", "VSS1", "VSS2"]
    pads = [Pad(f"p{i}", 100.0, 100.0 * i, 50.0, 50.0, net) for i, net in enumerate(nets)]
    asked = question_of_spec(spec, pads, RULES)
    assert (asked.signals_count, asked.supply_balls_count) == (2, 4)
    assert asked.ball_d_um == pytest.approx(260.9, abs=0.05)
    assert verdict(fan_in(asked)) == "fan-in"


def test_every_metric_is_explained():
    metrics = fan_in(question(3588, 5188, 50, 10)).metrics
    assert set(metrics) <= set(FanIn.metrics)
