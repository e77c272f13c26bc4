"""The capacitance question: four nets against a finite-volume series, Caravel's matrix, islands, windows, refusals."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import j0
from shapely import box

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.layout.types import Layout
from chipscale.materials.library import material
from chipscale.materials.types import Value
from chipscale.physics.electrical.capacitance import Capacitance, floated, matrix_checks
from chipscale.stack.types import Slab, Stack
from chipscale.store import Store

ROOT = Path(__file__).parents[3]
FOUR = ROOT.parent / "shared" / "data" / "reference" / "capacitance_4ball.json"
DIE = Slab("die", "DIE", "Si", -100.0, 100.0, box(-2000, -2000, 2000, 2000), box(-2000, -2000, 2000, 2000))


def slab(name, net, region, low, high, stuff="Cu"):
    return Slab(name, "RDL" if net else "PI", stuff, low, high - low, region, region, net)


def view(bodies, size_um=4000.0, **changed):
    materials = {name: material(name) for name in ("Si", "Cu", "PI", "SiN", "BEOL")}
    for name, eps in changed.items():
        value = Value("permittivity_ratio", "constant", (eps,), "the test", "EST")
        materials[name] = replace(materials[name], default_set="test", sets={"test": (value,)})
    stack = Stack("made up", size_um, size_um, (DIE, *bodies))
    return {"stack": stack, "layout": Layout(size_um, size_um, (), (), (), ()), "materials": materials}


def film(low, high):
    return slab("film", None, box(-2000, -2000, 2000, 2000), low, high, "PI")


def strip(net, x_um, low=8.0, width_um=20.0, long_um=600.0):
    region = box(x_um - width_um / 2, -long_um / 2, x_um + width_um / 2, long_um / 2)
    return slab(net, net, region, low, low + 5.0)


def test_four_balls_against_the_finite_volume_series():
    if not FOUR.exists():
        pytest.skip("the reference data are not here")
    wanted = json.loads(FOUR.read_text())
    half = wanted["ball_as_square_post"]["side_um"] / 2
    bodies = [film(*(float(z) for z in wanted["polymer"]["z_um"]))]
    for net in wanted["nets"]:
        (x, y), (_, y_end) = net["ball_xy_um"], net["trace_to_um"]
        low, high = sorted((y + half * np.sign(y_end - y), y_end))
        bodies.append(slab(net["name"] + " post", net["name"], box(x - half, y - half, x + half, y + half), 8.0, 220.0))
        bodies.append(slab(net["name"] + " wire", net["name"], box(x - 10, low, x + 10, high), 8.0, 13.0))
    found = Capacitance(tolerance_pct=1.0).run(view(bodies, PI=wanted["polymer"]["eps_r"]))
    matrix = found.fields["matrix_pF"]
    assert matrix.shape == (4, 4)
    assert np.diag(matrix) == pytest.approx(1e12 * wanted["C_self_F"], rel=0.02)
    near = 1e12 * wanted["C_b0_b1_F"]  # its ground ends beside the nets and screens them less
    assert matrix[0, 1] == pytest.approx(near, abs=0.0025 * matrix[0, 0])
    assert matrix[0, 1] == pytest.approx(matrix[2, 3], rel=1e-2)


def test_islands_between_two_nets_couple_them():
    pair = [film(0.0, 20.0), strip("a", -60.0), strip("b", 60.0)]
    bare = Capacitance().run(view(pair)).fields["matrix_pF"]
    island = slab("island", None, box(-45, -300, 45, 300), 8.0, 13.0, "Cu")
    found = Capacitance().run(view([*pair, island]))
    assert [row["net"] for row in found.tables["nets"]] == ["a", "b"]
    assert found.fields["matrix_pF"][0, 1] < 2 * bare[0, 1] < 0


def test_floating_conductors_hold_no_charge():
    rng = np.random.default_rng(4)
    half = rng.random((5, 5))
    whole = half @ half.T + np.eye(5)
    kept, loose = np.array([0, 2, 3]), np.array([1, 4])
    volts = np.array([1.0, -2.0, 0.5])
    floating = -np.linalg.solve(whole[np.ix_(loose, loose)], whole[np.ix_(loose, kept)] @ volts)
    full = np.zeros(5)
    full[kept], full[loose] = volts, floating
    assert floated(whole, kept, loose) @ volts == pytest.approx((whole @ full)[kept])


def test_a_window_tells_what_it_leaves_out():
    strips = [film(0.0, 20.0), *(strip(f"n{k}", x) for k, x in enumerate((-900.0, -300.0, 300.0, 900.0)))]
    whole = Capacitance().run(view(strips))
    cut = Capacitance(window_um=400.0).run(view(strips))
    assert whole.metrics["left_out_pF"] == 0.0
    off = np.abs(whole.fields["matrix_pF"] - cut.fields["matrix_pF"]).max()
    assert 0 < off < 1.5 * cut.metrics["left_out_pF"] < 1e-3 * whole.metrics["c_median_pF"]


def test_underfill_and_a_board_raise_the_capacitance():
    base = [film(0.0, 20.0), strip("a", -60.0), strip("b", 60.0)]
    air, filled, board = (
        Capacitance(**how).run(view(base)).metrics["c_largest_pF"]
        for how in ({}, {"above": "Underfill"}, {"above": "Underfill", "board_gap_um": 100.0})
    )
    assert air < filled < board


@pytest.mark.parametrize(
    "how",
    [{"board_gap_um": 0.0}, {"under_pads_um": 0.0}, {"window_um": -1.0}, {"tolerance_pct": 0.01}, {"above": "aire"}],
)
def test_options_out_of_range_are_refused(how):
    with pytest.raises(InputError):
        Capacitance(**how).run(view([film(0.0, 20.0), strip("a", 0.0)]))


def test_no_ground_or_no_metal_is_refused():
    with pytest.raises(InputError, match="no net has metal"):
        Capacitance().run(view([film(0.0, 20.0)]))
    floating = view([film(0.0, 20.0), strip("a", 0.0)])
    floating["stack"] = replace(floating["stack"], bodies=floating["stack"].bodies[1:])
    with pytest.raises(InputError, match="no silicon"):
        Capacitance().run(floating)


@pytest.mark.slow
def test_caravels_matrix_is_one_of_capacitances(tmp_path):
    design = Design.load(ROOT / "examples" / "caravel" / "chip.yaml", store=Store(tmp_path))
    seen = {name: getattr(design, name) for name in Capacitance.reads}
    found = Capacitance().run(seen)
    matrix = found.fields["matrix_pF"]
    names = [row["net"] for row in found.tables["nets"]]
    assert names == sorted(net.name for net in design.package.nets if net.balls or net.pads)
    assert found.state == "ok"
    assert found.ok
    assert matrix.shape == (57, 57)
    assert np.array_equal(matrix, matrix.T)
    assert np.linalg.eigvalsh(matrix).min() > 0
    assert found.metrics["asymmetry_pct"] < 0.2
    # a plate over polyimide and passivation, and its fringes: the order of size
    assert 0.2 < found.metrics["c_median_pF"] < 0.6


# ---- losses --------------------------------------------------------------------------------------


def lossy(bodies, **how):
    return Capacitance(**how).run(view(bodies))


def test_losses_leave_the_capacitance_as_it_is():
    pair = [film(0.0, 20.0), strip("a", -60.0), strip("b", 60.0)]
    with_loss, without = lossy(pair), lossy(pair, loss=False)
    assert with_loss.fields["matrix_pF"] == pytest.approx(without.fields["matrix_pF"], rel=1e-9)
    assert "loss_pF" not in without.fields
    assert "g_largest_uS" not in without.metrics
    loss, ohm = with_loss.fields["loss_pF"], with_loss.fields["silicon_ohm"]
    assert loss == pytest.approx(loss.T)
    assert np.linalg.eigvalsh(loss).min() > 0
    assert np.linalg.eigvalsh(ohm).min() > 0
    tangent = material("PI").number("loss_tangent_ratio")
    assert all(0.5 * tangent < row["loss_tangent_ratio"] < tangent for row in with_loss.tables["nets"])
    assert with_loss.metrics["loss_tangent_largest_ratio"] < tangent


def test_a_film_that_fills_all_gives_its_own_loss_tangent():
    # one dielectric everywhere: D = tan d C exactly
    found = lossy([film(0.0, 20.0), strip("a", 0.0)], above="PI")
    tangent = material("PI").number("loss_tangent_ratio")
    assert found.fields["loss_pF"] == pytest.approx(tangent * found.fields["matrix_pF"], rel=0.015)


def test_silicon_that_conducts_better_and_is_nearer_to_its_contact_loses_less():
    pair = [film(0.0, 20.0), strip("a", -60.0), strip("b", 60.0)]
    back, near, better = (lossy(pair, **how) for how in ({}, {"contact_um": 20.0}, {"silicon_nohm_m": 1e7}))
    own = [found.fields["silicon_ohm"][0, 0] for found in (back, near, better)]
    assert own[1] < own[0]
    assert own[2] == pytest.approx(own[0] / 10, rel=1e-6)
    # of a wire without end, 20 wide, its charge crowded at its edges (J0), 8 over silicon 100 deep; one of 600 loses
    # some 100 / (2 x 600) less, for its current spreads beyond its ends
    k = np.geomspace(1e1, 1e7, 20000)
    spread = j0(10e-6 * k) ** 2 * np.exp(-2 * 8e-6 * k) * np.tanh(100e-6 * k) / k
    wire = 0.1 / np.pi / 600e-6 * float(((spread[1:] + spread[:-1]) / 2 * np.diff(k)).sum())
    assert 0.85 * wire < own[0] < wire
    assert back.metrics["silicon_relaxation_GHz"] == pytest.approx(15.4, rel=0.01)


def test_islands_float_in_the_losses_too():
    base = [film(0.0, 20.0), strip("a", -60.0), strip("b", 60.0)]
    found = lossy([*base, slab("island", None, box(-45, -300, 45, 300), 8.0, 13.0, "Cu")], above="PI")
    tangent = material("PI").number("loss_tangent_ratio")
    assert found.fields["loss_pF"].shape == (2, 2)
    assert found.fields["loss_pF"] == pytest.approx(
        tangent * found.fields["matrix_pF"], abs=2e-4 * tangent + 0.02 * 8e-4
    )


def test_loss_tangents_and_contact_are_said_to_be_assumed():
    told = " ".join(lossy([film(0.0, 20.0), strip("a", 0.0)]).warnings)
    assert "loss tangents assumed" in told
    assert "contact is taken at its back (assumed)" in told
    with pytest.raises(InputError, match="contact_um"):
        lossy([film(0.0, 20.0), strip("a", 0.0)], contact_um=0.0)


def test_what_a_window_leaves_out_is_bounded_and_no_fault():
    near = np.array([[1.0, 1e-3, -0.1], [1e-3, 1.0, -0.1], [-0.1, -0.1, 1.0]])  # positive beside the diagonal
    for left_out, fails in ((0.0, {"capacitance.mutual"}), (5e-4, {"capacitance.mutual"}), (2e-3, set())):
        found = matrix_checks(near, np.full((3, 3), left_out))
        assert {check.code for check in found if not check.ok} == fails
