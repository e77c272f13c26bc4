"""Lines by formula and by extraction against exact values and each other; the width of a line for an impedance."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.physics.electrical.line_section import Section, air, charges_F_m, extracted, per_length_F_m
from chipscale.physics.electrical.lines import (
    C_M_S,
    ETA0_OHM,
    EPS0_F_m,
    Line,
    coplanar,
    microstrip,
    microstrip_width_um,
    neighbour_F_m,
    plate_F_m,
    stripline,
)
from chipscale.physics.electrical.matched_line import MatchedLine, return_loss_dB, searched
from chipscale.solvers.layered_images import Space
from chipscale.store import Store

EXAMPLES = Path(__file__).parents[3] / "examples"
# electrical_exact.csv: T01, T03, T04, T06, T07, T08; each computed there from the formula of its source
T01_F_m, T03_OHM, T04_OHM, T06_OHM = 1.43850642181456e-10, 56.1823140442409, 56.062128170152, 45.3307480025737
T07_F_m, T08_F_m = 1.52931543082712e-10, 4.40449886964387e-12


def test_formulas_give_their_reference_values():
    assert coplanar(20, 20, 11.7).c_F_m == pytest.approx(T01_F_m, rel=1e-8)
    assert stripline(20, 40, 3.2).z0_ohm == pytest.approx(
        T03_OHM * ETA0_OHM / (120 * math.pi), rel=1e-8
    )  # 120 pi there
    assert microstrip(20, 10, 3.2).z0_ohm == pytest.approx(T04_OHM, rel=1e-8)
    assert microstrip(10, 10, 11.7).z0_ohm == pytest.approx(T06_OHM, rel=1e-8)
    assert plate_F_m(20, 5, 8, 3.2) == pytest.approx(T07_F_m, rel=1e-8)
    assert neighbour_F_m(20, 5, 8, 20, 3.2) == pytest.approx(T08_F_m, rel=1e-8)


@pytest.mark.parametrize(("width", "eps"), [(2.5, 3.2), (10.0, 11.7), (20.0, 3.2), (80.0, 3.9)])
def test_a_strip_is_extracted_within_the_formulas_error(width, eps):
    """0.03 % of the impedance in air and 0.2 % of the permittivity, half of which counts; and our own 0.05 %."""
    space = Space((eps, 1.0), (10e-6,), 0.0)
    found, formula = extracted(Section(width, 0.0, 10.0, sides=48), space, air(space)), microstrip(width, 10.0, eps)
    assert found.z0_ohm == pytest.approx(formula.z0_ohm, rel=0.0018)
    assert found.eps_eff_ratio == pytest.approx(formula.eps_eff_ratio, rel=0.0025)


@pytest.mark.parametrize("width", [5.0, 10.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("eps", [(3.2,), (3.2, 3.2)])
def test_a_strip_between_two_planes_is_cohns(width, eps):
    """Within 0.1 % of the exact stripline, in one dielectric and in two that are alike; no drift over the width."""
    space = Space(eps, (10e-6,) if len(eps) == 2 else (), 0.0, 40e-6)
    found = extracted(Section(width, 0.0, 20.0), space, air(space))
    assert found.z0_ohm == pytest.approx(stripline(width, 40.0, 3.2).z0_ohm, rel=1e-3)
    assert found.eps_eff_ratio == pytest.approx(3.2, rel=1e-6)


def test_a_plane_far_above_changes_nothing_and_one_near_by_much():
    open_, near, far = (Space((3.2, 1.0), (10e-6,), 0.0, lid) for lid in (None, 20e-6, 4e-3))
    section = Section(20.0, 5.0, 10.0)
    lines = [extracted(section, space, air(space)) for space in (open_, near, far)]
    assert lines[2].z0_ohm == pytest.approx(lines[0].z0_ohm, rel=1e-4)
    plates = lines[0].c_F_m + EPS0_F_m * 20.0 / 5.0  # the plates' own, the fringe adds to it
    assert plates < lines[1].c_F_m < 1.3 * plates


def test_a_plane_through_the_metal_is_refused():
    space = Space((3.2,), (), 0.0, 12e-6)
    with pytest.raises(ValueError, match="not above"):
        per_length_F_m(Section(20.0, 5.0, 10.0), space)
    with pytest.raises(ValueError, match="conductor of its own"):
        charges_F_m(np.zeros((1, 2, 2)), np.zeros(1, dtype=np.int64), space)


def test_a_thick_strip_is_within_what_the_thickness_formula_is_good_for():
    space = Space((3.2, 1.0), (10e-6,), 0.0)
    found = extracted(Section(20.0, 5.0, 10.0), space, air(space))
    assert found.z0_ohm == pytest.approx(microstrip(20.0, 10.0, 3.2, 5.0).z0_ohm, rel=0.01)


def test_a_bar_in_one_dielectric_within_sakurai_and_tamaru():
    found = per_length_F_m(Section(20.0, 5.0, 8.0), Space((3.2,), (), 0.0))
    assert found == pytest.approx(T07_F_m, rel=0.06)


def _bars(*lows_um):
    """Outlines of bars 20 µm wide and 5 µm thick, 8 µm over the plane."""
    found = []
    for low in lows_um:
        at, up = np.linspace(low, low + 20.0, 33), np.linspace(8.0, 13.0, 13)
        runs = [np.column_stack((at, np.full_like(at, z))) for z in (8.0, 13.0)]
        runs += [np.column_stack((np.full_like(up, x), up)) for x in (low, low + 20.0)]
        found.append(np.concatenate([np.stack((run[:-1], run[1:]), axis=1) for run in runs]))
    of = np.repeat(np.arange(len(found)), len(found[0]))
    return charges_F_m(1e-6 * np.concatenate(found), of, Space((3.2,), (), 0.0))


def test_a_bar_between_two_others_within_sakurai_and_tamaru():
    assert _bars(-40.0, 0.0, 40.0)[1, 1] == pytest.approx(T07_F_m + 2 * T08_F_m, rel=0.10)


def test_two_bars_couple_about_as_two_wires():
    """ln(D'/D) over ln of the bar's own: the mutual potential of thin wires as far apart, in a plane's image."""
    matrix = _bars(0.0, 40.0)
    own = np.linalg.inv(matrix)[0, 0] * 2 * np.pi * 3.2 * 8.8541878128e-12
    mutual = math.log(math.hypot(40.0, 21.0) / 40.0)
    assert -matrix[0, 1] / matrix[0, 0] == pytest.approx(mutual / own, rel=0.03)


def test_a_wire_over_a_plane_is_exact():
    """C14: radius 10 µm, axis 30 µm above the plane."""
    angle = np.linspace(0.0, 2 * np.pi, 129)
    ring = 1e-6 * np.column_stack((10 * np.cos(angle), 30 + 10 * np.sin(angle)))
    found = charges_F_m(np.stack((ring[:-1], ring[1:]), axis=1), np.zeros(128, dtype=np.int64), Space())
    assert found[0, 0] == pytest.approx(3.15601145881896e-11, rel=1e-3)


def test_coplanar_grounds_without_a_plane_carry_all_of_it_back():
    space = Space((11.7, 1.0), (0.0,), None)
    section = Section(20.0, 0.0, 0.0, gap_um=20.0, side_um=800.0, sides=64)
    assert per_length_F_m(section, space) == pytest.approx(T01_F_m, rel=2.5e-3)
    line = extracted(section, space, replace(space, eps_ratio=(1.0,), faces_m=()))
    assert line.eps_eff_ratio == pytest.approx(6.35, rel=2e-3)


def test_line_values_hang_together():
    line = microstrip(20, 10, 3.2)
    assert math.sqrt(line.l_H_m / line.c_F_m) == pytest.approx(line.z0_ohm)
    assert math.sqrt(line.l_H_m * line.c_F_m) == pytest.approx(line.delay_s_m)
    assert line.delay_s_m == pytest.approx(math.sqrt(line.eps_eff_ratio) / C_M_S)


@pytest.mark.parametrize("z0", [20.0, 50.0, 90.0])
def test_a_width_has_the_impedance_it_was_asked_for(z0):
    width = microstrip_width_um(z0, 12.0, 3.3, 5.0)
    assert microstrip(width, 12.0, 3.3, 5.0).z0_ohm == pytest.approx(z0, rel=1e-9)


def test_no_width_has_an_impedance_out_of_reach():
    assert math.isnan(microstrip_width_um(900.0, 12.0, 3.3))
    with pytest.raises(InputError, match="no width"):
        searched(lambda width: Line(20.0 + 1e-9 / width, 3.0), 50.0, 10.0)


def test_return_loss_of_a_short_line_is_that_of_its_mismatch():
    line = Line(40.0, 3.0)
    quarter_um = 1e6 * C_M_S / math.sqrt(3.0) / 4 / 5e9
    gamma = (40**2 - 50**2) / (40**2 + 50**2)
    assert return_loss_dB(line, 1e-9, quarter_um, 5e9, 50.0) == pytest.approx(-20 * math.log10(abs(gamma)), rel=1e-6)
    assert return_loss_dB(Line(50.0, 3.0), 1e-9, 1000.0, 5e9, 50.0) > 100


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    design = Design.load(EXAMPLES / "caravel" / "chip.yaml", store=Store(tmp_path_factory.mktemp("cache")))
    return {name: getattr(design, name) for name in ("package", "stack", "materials")}


def test_caravels_film_over_a_plane(view):
    answer = MatchedLine().run(view)
    told = answer.metrics
    assert told["z0_ohm"] == pytest.approx(50.0, rel=2e-3)
    assert abs(told["bare_difference_pct"]) < 0.25
    assert told["width_um"] < told["formula_width_um"]  # a cover and thickness lower the impedance
    by_width = [row["z0_ohm"] for row in answer.tables["widths"]]
    assert by_width == sorted(by_width, reverse=True)
    assert "assumed" in answer.warnings[0]
    assert not answer.checks[0].ok  # this film's wires are 40 µm wide at least


def test_the_film_is_as_thick_as_built(view):
    """Seed layer and the metal on it, as process.as_built measures; the same in electrical.supply."""
    row = MatchedLine(width_um=20.0).run(view).tables["line"][0]
    assert (row["thick_um"], row["height_um"]) == (6.0, pytest.approx(4.0 + 8.0))  # wiring of the die, films


def test_a_plane_of_the_board_lowers_the_impedance(view):
    alone, near = (MatchedLine(width_um=20.0, board_gap_um=gap).run(view) for gap in (None, 1.0))
    assert 0.9 < near.metrics["z0_ohm"] / alone.metrics["z0_ohm"] < 1.0
    assert near.tables["line"][0]["board_um"] > 200.0
    assert any("plane of the board" in text for text in near.warnings)


def test_a_line_over_silicon_needs_a_way_back(view):
    with pytest.raises(InputError, match="silicon does not carry it"):
        MatchedLine(plane="silicon").run(view)


def test_silicon_makes_a_slow_wave():
    """A plane that ends the electric field and carries no current: more inductance, the same capacitance."""
    space, section = Space((3.3, 1.0), (20e-6,), 0.0), Section(40.0, 5.0, 8.0, 40.0, 200.0)
    slow, fast = extracted(section, space, replace(air(space), ground_m=None)), extracted(section, space, air(space))
    assert slow.eps_eff_ratio > 1.5 * fast.eps_eff_ratio
    assert slow.z0_ohm > fast.z0_ohm
    assert slow.c_F_m == pytest.approx(fast.c_F_m)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"layer": "RDL9"}, "RDL9"),
        ({"layer": "PAD"}, "no redistribution layer"),
        ({"layer": "UBM"}, "no redistribution layer"),
        ({"board_gap_um": -1.0}, "board_gap_um"),
        ({"width_um": 0.001}, "width_um"),
        ({"t_C": -272.0}, "t_C"),
        ({"z0_ohm": 290.0}, "no width"),
        ({"board_gap_um": 50.0, "plane": "silicon", "gap_um": 20.0}, "not modelled"),
        ({"z0_ohm": 0.0}, "z0_ohm"),
        ({"above": "watter"}, "watter"),
        ({"plane": "x"}, "x"),
    ],
)
def test_refusals(view, options, what):
    with pytest.raises(InputError, match=what):
        MatchedLine(**options).run(view)
