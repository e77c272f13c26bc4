"""Thermal resistances on a standard board: balances, trends, refusals."""

import dataclasses
import math

import numpy as np
import pytest

import chipscale
from chipscale.errors import InputError
from chipscale.physics.thermal.boards import board, board_names
from chipscale.physics.thermal.mounted import joint_height_um, mounted
from chipscale.physics.thermal.steady import Steady
from chipscale.physics.thermal.theta import MESH_ERROR_TOLD, Theta, mesh_doubts
from chipscale.registry import question
from chipscale.stack.revolve import revolved_volume_um3

COARSE = {"per_pitch": 3.0}
ON_BOARD = ("theta", "steady", "what_if", "transient", "structure", "mission")


@pytest.fixture(scope="module")
def view():
    design = chipscale.load("examples/flash/chip.yaml")
    return {"package": design.package, "stack": design.stack, "materials": design.materials}


@pytest.fixture(scope="module")
def answer(view):
    return Theta(power_W=0.1, **COARSE).run(view)


def test_heat_balances_and_resistances_are_in_order(answer):
    found = answer.metrics
    assert answer.state == "ok"
    assert found["balance_ratio"] < 1e-6
    assert found["theta_ja_K_W"] > found["theta_jb_K_W"] > found["theta_jc_K_W"] > 0
    assert found["psi_jt_K_W"] < found["psi_jb_K_W"] < found["theta_ja_K_W"]
    assert 90 < found["to_board_pct"] < 100  # the package's own faces are too small to matter


@pytest.mark.slow
def test_moving_air_and_better_boards_cool(view):
    def junction_C(**options):
        return Steady(power_W=0.1, **COARSE, **options).run(view).metrics["t_junction_C"]

    still = junction_C()
    assert junction_C(air_m_s=3.0) < still < junction_C(board="jesd51_9_1s")
    assert junction_C(under="Underfill") < still
    assert junction_C(mixture="high") <= still <= junction_C(mixture="low")


def test_heat_through_balls_and_gap_is_all_that_reaches_the_board(view):
    found = Steady(power_W=0.1, **COARSE).run(view)
    case_W = sum(row["heat_W"] for row in found.tables["heat"] if not row["face"].startswith("board"))
    through = (found.metrics["balls_pct"] + found.metrics["gap_pct"]) / 100 * 0.1
    assert through + case_W == pytest.approx(0.1, rel=0.01)  # the sides of the joints' lower half lose some
    assert len(found.tables["balls"]) == len(view["package"].balls)
    assert np.nanmax(found.fields["junction_C"]) == pytest.approx(found.metrics["t_junction_C"])
    assert np.nanmin(found.fields["board_C"]) > 25.0


def test_joints_keep_the_balls_volume(view):
    stack = view["stack"]
    bodies, _ = mounted(stack, 230.0)
    before = sum(revolved_volume_um3(body) for body in stack.on("BALL"))
    after = sum(revolved_volume_um3(body) for body in bodies if body.layer == "BALL")
    assert after == pytest.approx(before, rel=1e-9)
    assert joint_height_um(math.pi / 6 * 300**3, 1e-6, 1e-6) == pytest.approx(300.0)  # no pads: the sphere


@pytest.mark.parametrize("name", board_names())
def test_boards_are_standing_on_their_layers(name):
    plan = board(name)
    assert plan.thickness_um == pytest.approx(1600.0, abs=160.0)
    assert plan.layers[0].copper == "traces"


def test_options_out_of_range_are_told_at_once(view):
    wrong = Theta(board="jesd51_9", power_W=-1.0, emissivity_ratio=2.0, mixture="best")
    with pytest.raises(InputError) as caught:
        wrong.run(view)
    assert {problem.key for problem in caught.value.problems} == {"board", "power_W", "emissivity_ratio", "mixture"}


def test_a_mesh_too_large_says_what_to_do(view):
    large = dataclasses.replace(view["package"], min_ball_distance_um=5.0)
    with pytest.raises(InputError, match="per_pitch"):
        Theta(per_pitch=40.0).run({**view, "package": large})


def test_wide_cells_are_told(view, answer):
    assert answer.metrics["mesh_error_ratio"] == pytest.approx(0.25 / 3)
    assert mesh_doubts(2.0)[0].endswith("ask for per_pitch of 3 or more")
    assert not mesh_doubts(4.0)


def test_all_answers_on_a_board_have_the_same_cells_and_tell_the_same_error():
    asked = {name: question(f"thermal.{name}", {}) for name in ON_BOARD}
    assert {item.per_pitch for item in asked.values()} == {Theta().per_pitch}
    assert len({item.metrics["mesh_error_ratio"] for item in asked.values()}) == 1
    assert asked["theta"].metrics["mesh_error_ratio"] == MESH_ERROR_TOLD


def test_heat_is_film_times_area_times_the_surfaces_mean_rise(answer, view):
    wide, high = board("jesd51_9_2s2p").size_mm
    package_m2 = 1e-12 * math.prod(view["package"].package_size_um)
    areas_m2 = {"board top": 1e-6 * wide * high - package_m2, "board back": 1e-6 * wide * high, "case": package_m2}
    rows = {row["face"]: row for row in answer.tables["heat"]}
    for face, area_m2 in areas_m2.items():
        row = rows[face]
        assert row["h_W_m2K"] * area_m2 * (row["surface_C"] - 25.0) == pytest.approx(row["heat_W"], rel=0.01)


def test_the_cold_plate_sees_die_and_coat_whole(answer, view):
    """Even heat through silicon and the back's coat: theta JC is the sum of both, by hand."""
    area_m2 = 1e-12 * math.prod(view["package"].package_size_um)
    bodies = {body.layer: body for body in view["stack"].bodies if body.layer in ("DIE", "BACKSIDE")}
    rows = [
        1e-6 * body.h_um / (view["materials"][body.material].number("k_W_mK") * area_m2) for body in bodies.values()
    ]
    assert len(rows) == 2
    assert answer.metrics["theta_jc_K_W"] == pytest.approx(sum(rows), rel=0.01)


@pytest.mark.parametrize(
    ("options", "key"), [({"under": "Cu"}, "under"), ({"plate_material": "Soap"}, "plate_material")]
)
def test_materials_that_can_not_be_there_are_refused(view, options, key):
    with pytest.raises(InputError) as caught:
        Theta(**options).run(view)
    assert [problem.key for problem in caught.value.problems] == [key]
