"""The same die in other packages: its pieces against exact values, the comparison as a whole, refusals."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.physics.electrical import compare_capacitance as formulas
from chipscale.physics.electrical.compare import Compare
from chipscale.physics.electrical.compare_paths import Path as Way
from chipscale.physics.electrical.compare_paths import Piece, arc, ball, loops, solve
from chipscale.physics.electrical.compare_published import ROWS
from chipscale.solvers.round_wire import inner_H_m, inner_ohm_m
from chipscale.store import Store

CHIP = Path(__file__).parents[3] / "examples" / "bump_on_pad" / "chip.yaml"
GOLD = 4.1e7


def _wires(*places_um, length_um=1000.0, d_um=25.0):
    return tuple(
        Way(str(y), (Piece("wire", (0.0, y, 0.0), (length_um, y, 0.0), d_um, 0.0, GOLD),), (0.0, y)) for y in places_um
    )


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    design = Design.load(CHIP, store=Store(tmp_path_factory.mktemp("cache")))
    return {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}


@pytest.fixture(scope="module")
def answer(asked):
    return asked[2]


# ---- as a design asks it -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Return a design, its answer on R and L, and its comparison, which reads that."""
    design = Design.load(CHIP, store=Store(tmp_path_factory.mktemp("asked")))
    return design, design.run("electrical.rl"), design.run("electrical.compare")


def test_a_design_compares_with_its_own_answer_on_r_and_l(asked):
    _, rl, found = asked
    assert found.fields["l_wlcsp_nH"] == pytest.approx(rl.fields["l_nH"], rel=1e-12)
    assert found.metrics["l_wlcsp_nH"] == pytest.approx(np.diag(rl.fields["l_nH"]).mean())
    assert found.metrics["wire_bond_ratio"] > 1.0
    row = found.tables["packages"][0]
    assert row["r_mohm"] == pytest.approx(np.diag(rl.fields["r_mohm"]).mean(), rel=1e-3)


def test_an_answer_at_another_frequency_or_as_loops_is_not_taken(asked):
    design, rl, _ = asked
    parts = {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}
    assert Compare()._own(parts | {"electrical.rl": rl}) is rl
    looped = [row | {"inductance": "loop, return GND"} for row in rl.tables["balls"]]
    later = replace(rl, fields=rl.fields | {"f_Hz": np.array([2e9])})
    for wrong in (later, replace(rl, tables=rl.tables | {"balls": looped})):
        again = Compare()._own(parts | {"electrical.rl": wrong})
        assert again is not wrong
        assert again.fields["l_nH"] == pytest.approx(rl.fields["l_nH"], rel=1e-12)


# ---- pieces ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sigma", "f_Hz", "exact"), [(4.1e7, 1e9, 138.254803057765), (5.8e7, 1e10, 341.13662014086)])
def test_a_round_wires_resistance_is_bessels(sigma, f_Hz, exact):
    assert inner_ohm_m(12.5e-6, sigma, f_Hz).real == pytest.approx(exact, rel=1e-9)


def test_a_thick_round_wire_is_its_skin():
    f_Hz, radius = 1e12, 1e-4
    depth = 1 / math.sqrt(math.pi * f_Hz * 4e-7 * math.pi * GOLD)
    z = inner_ohm_m(radius, GOLD, f_Hz)
    assert z.real == pytest.approx(1 / (GOLD * 2 * math.pi * radius * depth), rel=1e-3)
    assert z.imag == pytest.approx(z.real, rel=1e-3)
    assert inner_H_m(radius, GOLD, 1.0) == pytest.approx(5e-8, rel=1e-6)


def test_a_bond_wire_has_the_inductance_of_a_round_one():
    # Neumann's integral at the distance of the radius (Rosa, Bull. Bur. Stand. 4 (1908) 301), and the field inside
    a, length = 12.5e-6, 1e-3
    outside = 2e-7 * (length * math.asinh(length / a) - math.hypot(length, a) + a)
    (found,) = solve(_wires(0.0), 1e9).l_H[0]
    assert found == pytest.approx(outside + length * inner_H_m(a, GOLD, 1e9), rel=1e-3)


def test_two_long_wires_are_a_line():
    # mu0 / pi acosh(D / d) with current on the faces alone; here the currents don't crowd: mu0 / pi ln(D / a)
    short, long_ = (_wires(0.0, 400.0, length_um=length) for length in (20e3, 40e3))
    both = [loops(np.array([(0.0, 0.0), (0.0, 400.0)]), "ab", solve(ways, 1e9).l_H)[0] for ways in (short, long_)]
    per_m = (both[1] - both[0]) / 20e-3
    assert per_m == pytest.approx(4e-7 * math.log(400 / 12.5) + 2 * inner_H_m(12.5e-6, GOLD, 1e9), rel=2e-3)


def test_an_arc_is_as_high_as_asked_and_ends_where_it_should():
    pieces = arc((0.0, 0.0, 300.0), (800.0, 0.0, 0.0), 150.0, (25.0, GOLD))
    heights = [piece.start_um[2] for piece in pieces] + [pieces[-1].end_um[2]]
    assert heights[0] == 300.0
    assert heights[-1] == pytest.approx(0.0)
    assert max(heights) == pytest.approx(450.0, rel=0.01)
    assert sum(piece.length_um for piece in pieces) > math.hypot(800.0, 300.0)


def test_a_balls_slices_have_its_resistance():
    # half of it is rho / (2 pi R) ln((R + h) / (R - h)), h from the middle
    found = solve((Way("ball", ball(0.0, 0.0, 250.0, 200.0, 1 / 1.3e-7), (0.0, 0.0)),), 1e9)
    assert found.r_dc_ohm[0, 0] == pytest.approx(2 * 0.000363687118668702, rel=1e-9)


def test_parts_in_series_make_the_path():
    wire = arc((0.0, 0.0, 300.0), (800.0, 0.0, 0.0), 150.0, (25.0, GOLD))
    lead = Piece("lead", (800.0, 0.0, 0.0), (1800.0, 0.0, 0.0), 250.0, 200.0, 5.8e7)
    found = solve((Way("a", (*wire, lead), (1800.0, 0.0)),), 1e9)
    assert found.part_r_dc_ohm.sum() == pytest.approx(found.r_dc_ohm[0, 0], rel=1e-12)
    assert found.part_l_H.sum() < found.l_H[0, 0] < 1.3 * found.part_l_H.sum()  # they run the same way
    assert found.r_ohm[0, 0] > found.r_dc_ohm[0, 0]


# ---- capacitances ------------------------------------------------------------------------------------------------


def test_formulas_against_exact_values():
    assert formulas.wire_F_m(10e-6, 30e-6, 1.0) == pytest.approx(3.15601145881896e-11, rel=1e-9)
    assert formulas.sphere_F(125e-6, 150e-6) == pytest.approx(2.5941168768998e-14, rel=1e-6)
    c_F_m, l_H_m = formulas.microstrip(20e-6, 10e-6, 3.2)
    assert math.sqrt(l_H_m / c_F_m) == pytest.approx(56.062128170152, rel=1e-6)
    # two discs of 125 µm radius at 50 µm (Love 1949, Nystroem): each over the plane between them has twice that
    assert formulas.disc_F(125e-6, 25e-6, 1.0) == pytest.approx(2 * 1.37341964653719e-14, rel=0.07)


def test_leads_hold_at_least_the_plates_between_them():
    plates = 2 * formulas.EPS0_F_m * 3.8 * 200 / 250
    assert plates < formulas.beside_F_m(250e-6, 250e-6, 200e-6, 3.8) < 5 * plates


# ---- the comparison ----------------------------------------------------------------------------------------------


def test_four_packages_and_their_parts(answer):
    rows = {row["package"].split(",")[0].split(" ")[0]: row for row in answer.tables["packages"]}
    assert sorted(rows) == ["BGA", "FC-CSP", "QFN", "WLCSP"]
    assert answer.state == "ok"
    order = [rows[name]["l_nH"] for name in ("WLCSP", "FC-CSP", "QFN")]
    assert order == sorted(order)
    assert answer.metrics["wire_bond_ratio"] > 5  # balls on pads against wires
    wires = [row for row in answer.tables["parts"] if row["part"] == "wire"]
    assert len(wires) == 2
    for row in wires:
        assert 0.6 < row["l_nH"] / (row["length_um"] / 1e3) < 1.1  # nH/mm
    for row in rows.values():
        z0 = 1e3 * math.sqrt(1e-3 * row["loop_nH"] / row["c_pF"])
        assert row["z0_ohm"] == pytest.approx(z0, rel=0.15)  # means of roots, root of means


def test_matrices_are_those_of_passive_paths(answer):
    for key in ("l_wlcsp_nH", "l_qfn_nH", "l_bga_nH", "l_fc_csp_nH"):
        found = answer.fields[key]
        assert np.abs(found - found.T).max() < 1e-9 * found.max()
        assert np.linalg.eigvalsh(found).min() > 0


def test_every_published_row_is_compared_or_left_out_with_its_reason(answer):
    compared = {row["id"] for row in answer.tables["published"]}
    left = {row["id"] for row in answer.tables["left_out"]}
    assert not compared & left
    assert compared | left == {item.id for item in ROWS} - {"P01"}  # this package has no wires
    for row in answer.tables["published"]:
        assert row["ours_over_published_ratio"] == pytest.approx(row["ours"] / row["published"], rel=0.01)
        assert row["why_it_differs"]
        assert row["confidence"]
    assert all(row["reason"] for row in answer.tables["left_out"])
    assert not any(row["id"] == "P10" and row["what"].startswith("L") for row in answer.tables["published"])


def test_a_longer_wire_costs_inductance(view, answer):
    far = Compare(wire_gap_um=1500.0).run(view)
    assert far.metrics["l_qfn_nH"] > answer.metrics["l_qfn_nH"] + 0.3
    assert far.metrics["l_wlcsp_nH"] == answer.metrics["l_wlcsp_nH"]
    assert {row["source"] for row in far.tables["sizes"] if row["size"] == "wire_gap_um"} == {"asked for"}


def test_paths_out_of_step_are_doubted(view):
    made = Compare(f_Hz=3e10).run(view)
    assert made.state == "doubtful"
    assert any("tenth of the wavelength" in text for text in made.warnings)


@pytest.mark.parametrize(
    ("options", "key"),
    [({"wire_d_um": 0.0}, "wire_d_um"), ({"f_Hz": 1e13}, "f_Hz"), ({"bga_ball_um": 900.0}, "bga_ball_um")],
)
def test_sizes_that_make_no_sense_are_refused(view, options, key):
    with pytest.raises(InputError) as caught:
        Compare(**options).run(view)
    assert [problem.key for problem in caught.value.problems] == [key]
