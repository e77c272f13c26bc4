"""A package on its board over time: the end is that at rest, heat adds up, networks and missions agree."""

import numpy as np
import pytest

import chipscale
from chipscale.errors import InputError
from chipscale.physics.thermal.mission import Mission
from chipscale.physics.thermal.network_spice import write_networks
from chipscale.physics.thermal.steady import Steady
from chipscale.physics.thermal.structure import Structure
from chipscale.physics.thermal.transient import Transient

COARSE = {"per_pitch": 1.5}


@pytest.fixture(scope="module")
def view():
    design = chipscale.load("examples/flash/chip.yaml")
    return {"package": design.package, "stack": design.stack, "materials": design.materials}


@pytest.fixture(scope="module")
def answer(view):
    return Transient(power_W=0.5, first_s=1e-4, **COARSE).run(
        view
    )  # from there on with the cells of the answer at rest


@pytest.fixture(scope="module")
def rest(view):
    return Steady(power_W=0.5, **COARSE).run(view)


def test_the_end_is_that_at_rest(answer, rest):
    assert answer.state == "ok"
    found, at_rest = answer.metrics, rest.metrics
    assert found["theta_ja_K_W"] == pytest.approx((at_rest["t_junction_C"] - 25.0) / 0.5, rel=3e-4)
    assert found["theta_mean_K_W"] == pytest.approx((at_rest["t_junction_mean_C"] - 25.0) / 0.5, rel=3e-4)
    last = answer.tables["step"][-1]
    assert last["z_case_K_W"] == pytest.approx((at_rest["t_case_C"] - 25.0) / 0.5, rel=2e-3)
    assert last["z_board_K_W"] == pytest.approx((at_rest["t_board_C"] - 25.0) / 0.5, rel=2e-3)


def test_heat_adds_up_at_every_time(answer):
    assert answer.metrics["balance_ratio"] < 1e-6
    for row in answer.tables["stored"]:
        assert row["package_pct"] + row["board_pct"] + row["room_pct"] == pytest.approx(100.0, abs=2e-3)
    assert answer.tables["stored"][0]["package_pct"] > 99.0
    assert answer.tables["stored"][-1]["room_pct"] > 60.0


def test_the_junction_only_warms_up_and_first_as_an_endless_block_of_silicon_does(answer, view):
    z, times = answer.fields["hottest_K_W"], answer.fields["times_s"]
    assert (np.diff(z) > 0).all()
    assert (np.diff(answer.fields["mean_K_W"]) > 0).all()
    die = view["package"].die
    area = die.size_x_um * die.size_y_um * 1e-12
    silicon = view["materials"]["Si"]
    k = silicon.number("k_W_mK")
    c = silicon.number("cp_J_kgK") * silicon.number("density_kg_m3")
    early = (times > 3 * answer.metrics["resolved_s"]) & (times < 2e-4)
    block = 2.0 / area * np.sqrt(times[early] / (np.pi * k * c))
    assert early.any()
    off = 1.0 - answer.fields["mean_K_W"][early] / block  # cells: early_pct at the first time; films take a little
    assert (off > 0.0).all()
    assert off.max() < 0.01 * answer.metrics["early_pct"] + 0.06


def test_pulses_lie_between_one_pulse_and_the_mean_power(answer):
    end = answer.metrics["theta_ja_K_W"]
    for row in answer.tables["pulses"]:
        assert 0 < row["z_single_K_W"] <= row["z_duty_10_pct_K_W"] <= row["z_duty_50_pct_K_W"] < end
        assert row["z_duty_10_pct_K_W"] > 0.1 * end * 0.99


def test_networks_hold_the_limit_and_are_written(answer, tmp_path):
    assert answer.metrics["network_error_ratio"] <= 0.01
    z = answer.fields["hottest_K_W"]
    assert np.abs(answer.fields["network_K_W"] / z - 1).max() == pytest.approx(answer.metrics["network_error_ratio"])
    for kind in ("foster", "cauer"):
        total = sum(row["r_K_W"] for row in answer.tables[kind])
        assert total == pytest.approx(answer.metrics["theta_ja_K_W"], rel=1e-6)
        assert all(row["c_J_K"] > 0 for row in answer.tables[kind])
    written = write_networks(answer, tmp_path, "flash")
    assert [path.name for path in written] == ["thermal_foster.sp", "thermal_cauer.sp"]
    assert ".subckt flash_cauer junction room" in written[1].read_text(encoding="utf-8")


def test_the_structure_function_meets_the_package_first(view, answer):
    found = Structure(power_W=0.5, first_s=1e-4, **COARSE).run(view)
    assert found.ok
    assert found.metrics["theta_mean_K_W"] == pytest.approx(answer.metrics["theta_mean_K_W"], rel=1e-6)
    assert found.metrics["spectrum_error_ratio"] < 5e-3
    r, c = found.fields["r_sum_K_W"], found.fields["c_sum_J_K"]
    assert (np.diff(r) > 0).all()
    assert (np.diff(c) > 0).all()
    assert found.metrics["at_flat_J_K"] < found.metrics["c_package_J_K"] < found.metrics["c_board_J_K"]


def test_a_mission_of_one_step_is_the_step(view, answer, tmp_path):
    path = tmp_path / "step.csv"
    path.write_text("time_s,power_W\n0,0.5\n10,0.5\n", encoding="utf-8")
    found = Mission(trace=str(path), **COARSE).run(view)
    assert found.metrics["energy_J"] == pytest.approx(5.0)
    assert found.metrics["balance_ratio"] < 1e-6
    assert found.metrics["t_max_C"] == pytest.approx(25.0 + 0.5 * answer.metrics["z_10s_K_W"], abs=0.02)
    assert found.metrics["t_min_C"] == 25.0


def test_a_mission_repeated_for_ever_has_the_mean_of_its_power(view, rest, tmp_path):
    path = tmp_path / "busy.csv"
    path.write_text("time_s,power_W\n0,2\n0.25,0\n1,0\n", encoding="utf-8")
    found = Mission(trace=str(path), start="periodic", **COARSE).run(view)
    assert found.metrics["power_mean_W"] == pytest.approx(0.5)
    t_C = found.fields["t_junction_C"]
    assert t_C[0] == pytest.approx(t_C[-1], abs=1e-6)
    assert found.metrics["t_min_C"] < rest.metrics["t_junction_C"] < found.metrics["t_max_C"]
    assert found.metrics["t_mean_C"] == pytest.approx(rest.metrics["t_junction_C"], abs=0.5)
    assert found.metrics["linear_pct"] > 0  # more power: films of air carry more


def test_the_same_file_name_with_other_content_is_another_question(tmp_path):
    path = tmp_path / "power.csv"
    path.write_text("time_s,power_W\n0,1\n1,0\n", encoding="utf-8")
    first = Mission(trace=str(path))
    path.write_text("time_s,power_W\n0,2\n1,0\n", encoding="utf-8")
    assert Mission(trace=str(path)) != first


def test_what_is_asked_badly_is_told_at_once(view):
    with pytest.raises(InputError) as caught:
        Transient(power_W=-1.0, first_s=1e-3, last_s=1e-4, board="none", mixture="best").run(view)
    assert {problem.key for problem in caught.value.problems} == {"power_W", "last_s", "board", "mixture"}
    with pytest.raises(InputError) as caught:
        Mission(start="warm", per_pitch=0.0).run(view)
    assert {problem.key for problem in caught.value.problems} == {"start", "trace", "per_pitch"}


@pytest.mark.slow
def test_a_time_too_early_for_the_cells_is_doubtful(view):
    found = Transient(power_W=0.5, first_s=1e-8, **COARSE).run(view)
    assert found.state == "doubtful"
    assert "layers of cells" in found.warnings[0]


@pytest.mark.slow
def test_heat_in_a_corner_makes_a_hotter_point_and_outside_is_refused(view, answer):
    wide, high = view["stack"].size_x_um, view["stack"].size_y_um
    corner = f"0,0,{wide / 4},{high / 4},1"
    found = Transient(power_W=0.5, first_s=1e-4, power=corner, **COARSE).run(view)
    assert found.metrics["balance_ratio"] < 1e-6
    assert found.metrics["z_1ms_K_W"] > 4 * answer.metrics["z_1ms_K_W"]
    assert found.metrics["theta_ja_K_W"] > answer.metrics["theta_ja_K_W"]
    with pytest.raises(InputError, match="outside the die"):
        Transient(power=f"0,0,{wide + 100.0},100,1", **COARSE).run(view)
