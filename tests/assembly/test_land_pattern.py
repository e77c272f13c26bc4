"""The land pattern: diameters with origin, definitions, courtyard, checks; the board view is the mirror image."""

import csv
from pathlib import Path

import pytest

from chipscale.assembly.array import a1_corner_board, array_facts, board_view_um
from chipscale.assembly.ball_list import ball_list
from chipscale.assembly.land_pattern import land_pattern
from chipscale.spec.model import Board

REAL = Path(__file__).parents[3] / "shared" / "data" / "packages" / "real_packages.csv"


def origin(pattern, name):
    return next(value.origin for value in pattern.values if value.name == name)


def test_the_board_view_mirrors_x_and_keeps_y(make_package):
    package = make_package(cols=3, rows=2, pitch_um=400.0)
    a1 = package.balls[0]
    assert a1.name == "A1"
    assert a1.x_um < package.die.size_x_um / 2 < package.die.size_x_um - a1.x_um  # left in the die view
    assert board_view_um(package, a1) == pytest.approx((400.0, 200.0))  # right in the board view, top in both
    assert a1_corner_board(package) == (1, 1)


def test_defaults_follow_pitch_and_ball_and_say_where_they_are_from(make_package):
    pattern = land_pattern(make_package(pitch_um=400.0))
    assert (pattern.pad_d_um, pattern.mask_d_um, pattern.paste_d_um) == (220.0, 300.0, 250.0)
    assert origin(pattern, "pad_d_um") == "published"
    assert pattern.trace_max_um == pytest.approx(220.0 * 2 / 3)
    assert pattern.stencil_um == 80.0  # 250 / (4 * 80) = 0.78; 100 µm would give 0.625 < 0.66
    assert all(check.ok for check in pattern.checks)


def test_an_unpublished_pitch_is_marked_assumed(make_package):
    pattern = land_pattern(make_package(pitch_um=650.0))
    assert pattern.pad_d_um == 225.0  # 0.85 * 262 to the next 5 µm
    assert origin(pattern, "pad_d_um") == "assumed"


def test_given_values_win(make_package):
    board = Board(pad_d_um=210.0, mask_d_um=290.0, paste_d_um=230.0)
    pattern = land_pattern(make_package(), board)
    assert (pattern.pad_d_um, pattern.mask_d_um, pattern.paste_d_um) == (210.0, 290.0, 230.0)
    assert {origin(pattern, name) for name in ("pad_d_um", "mask_d_um", "paste_d_um")} == {"given"}


def test_smd_copper_is_larger_than_its_opening(make_package):
    pattern = land_pattern(make_package(), Board(definition="SMD"))
    assert (pattern.pad_d_um, pattern.mask_d_um) == (285.0, 220.0)
    assert pattern.joint_d_um == 220.0
    assert next(check for check in pattern.checks if check.code == "assembly.definition").ok


@pytest.mark.parametrize(
    ("board", "code"),
    [
        (Board(mask_d_um=240.0), "assembly.definition"),
        (Board(mask_d_um=350.0), "assembly.mask_web"),
        (Board(pad_d_um=350.0), "assembly.copper_gap"),
        (Board(paste_d_um=320.0), "assembly.paste_gap"),
        (Board(paste_d_um=110.0), "assembly.area_ratio"),
        (Board(pad_d_um=150.0), "assembly.pad_to_ball"),
    ],
)
def test_each_check_can_fail(make_package, board, code):
    failed = {check.code for check in land_pattern(make_package(), board).checks if not check.ok}
    assert code in failed


def test_courtyards_equal_those_of_real_footprints(make_package):
    if not REAL.exists():
        pytest.skip("the table of real packages is not beside the checkout")
    rows = [row for row in csv.DictReader(REAL.read_text(encoding="utf-8").splitlines()) if "Bosch" not in row["name"]]
    compared = 0
    for row in rows:
        if row["name"].startswith("WLCSP-12"):
            continue  # a 0.25 mm courtyard of its own
        size = (float(row["body_x"]) * 1000, float(row["body_y"]) * 1000)
        court = land_pattern(make_package(2, 2, 400.0, size)).courtyard_um
        wanted = (float(row["courtyard_x"]) * 1000, float(row["courtyard_y"]) * 1000)
        # two of the footprints add the margin to the rounded size: one step of the 10 µm grid a side
        assert court == pytest.approx(wanted, abs=20.0), row["name"]
        compared += court == pytest.approx(wanted, abs=1e-6)
    assert compared >= len(rows) - 3


def test_facts_of_a_staggered_array(make_package):
    from dataclasses import replace

    package = make_package(cols=6, rows=4, pitch_um=400.0)
    half = tuple(ball for ball in package.balls if (ball.row + ball.col) % 2 == 0)
    facts = array_facts(replace(package, balls=half, min_ball_distance_um=565.685))
    assert (facts.cols, facts.rows, facts.staggered) == (6, 4, True)
    assert not array_facts(package).staggered


def test_the_ball_list_holds_both_views(caravel_package):
    rows = {row["ball"]: row for row in csv.DictReader(ball_list(caravel_package).splitlines())}
    assert len(rows) == 60
    reset = rows["B10"]
    assert (reset["x_die_um"], reset["y_die_um"]) == ("1044.000", "344.000")
    assert (reset["x_board_um"], reset["y_board_um"]) == ("750.000", "-2250.000")
    assert (reset["net"], reset["board_net"], reset["kind"]) == ("resetb", "~{RST}", "signal")
    assert rows["C6"]["kind"] == "ground"
