"""Spin curves, the physics behind them, and what a film leaves of the relief below it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.process.models.planarise import (
    Relief,
    flow_share,
    followed_width_um,
    level_lines,
    levelled,
    relief_of,
    spun_share,
)
from chipscale.process.models.resists import at, list_resists, resist, resist_for
from chipscale.process.models.spin import SpinLaw, drained_um, dried_um, edge_bead, fitted_law, solution_law

AZ5214E = [(2000, 1.98), (3000, 1.62), (4000, 1.40), (5000, 1.25), (6000, 1.14)]  # NTNU NanoLab wiki


def test_the_published_spin_table_has_the_published_exponent():
    law = fitted_law(AZ5214E)
    assert law.exponent_ratio == pytest.approx(0.503, abs=5e-4)
    assert law.misfit_um < 0.004
    for rpm, um in AZ5214E:
        assert law.thickness_um(rpm) == pytest.approx(um, abs=0.006)


@given(st.floats(0.5, 80), st.floats(0.3, 0.9), st.floats(200, 6000))
def test_speed_and_thickness_are_each_other_s_inverse(k, p, rpm):
    law = SpinLaw(k, p)
    assert law.speed_rpm(law.thickness_um(rpm)) == pytest.approx(rpm, rel=1e-9)


def test_one_point_gives_meyerhofer_s_exponent_and_none_is_refused():
    assert fitted_law([(3500, 7.2)]).thickness_um(4 * 3500) == pytest.approx(3.6)
    with pytest.raises(ValueError, match="at least one point"):
        fitted_law([])


def test_a_solution_thins_with_the_root_of_the_speed_and_grows_with_solids():
    law = solution_law(40.0, 400.0)
    assert law.exponent_ratio == pytest.approx(0.5, abs=1e-12)
    assert dried_um(45.0, 400.0, 3000.0) > dried_um(40.0, 400.0, 3000.0)
    assert dried_um(40.0, 3200.0, 3000.0) == pytest.approx(2 * dried_um(40.0, 400.0, 3000.0))


def test_drainage_forgets_what_was_dispensed():
    """Emslie, Bonner, Peck: for long times h = sqrt(3 η / 4 ρ ω² t), whatever h0."""
    omega = 3000 * 2 * math.pi / 60
    late = 1e6 * math.sqrt(3 * 0.4 / (4 * 1050 * omega**2 * 60))
    for start in (200.0, 2000.0):
        assert drained_um(start, 400.0, 1050.0, 3000.0, 60.0) == pytest.approx(late, rel=2e-3)
    assert drained_um(200.0, 400.0, 1050.0, 3000.0, 0.0) == 200.0


def test_the_bead_is_wider_where_the_spin_is_slow_or_the_film_thick():
    assert edge_bead(10.0, 500.0, 300.0)[1] > edge_bead(10.0, 3000.0, 300.0)[1]
    assert edge_bead(60.0, 1000.0, 300.0) > edge_bead(10.0, 1000.0, 300.0)


def test_a_spinning_film_follows_gaps_wider_than_about_50_um():
    """Stillwagon, Larson, Taylor (1987): conformal over gaps wider than about 50 µm; half copied in between."""
    assert 25 < followed_width_um(2.0, 3000.0, 50.0) < 100
    assert spun_share(followed_width_um(2.0, 3000.0, 50.0), 2.0, 3000.0, 50.0) == pytest.approx(math.sqrt(0.5))
    assert spun_share(5.0, 2.0, 3000.0, 50.0) < 0.01
    assert spun_share(500.0, 2.0, 3000.0, 50.0) > 0.99


def test_bcb_levels_lines_of_100_um_to_nine_tenths_and_polyimide_does_not():
    """Stokich et al. (1993): lines up to 100 µm planarised to 90 % or better, film twice the line's height."""
    bcb = resist("BCB")
    for width in (2, 10, 30, 100):
        found = level_lines(width, width, 4.0, 8.0, 2000.0, bcb.shrinkage_pct, bcb.flow_um)
        assert found.planarised_pct >= 90.0
    pi = resist("PI")
    left = (1 - pi.solvent_pct / 100) * (1 - pi.shrinkage_pct / 100)
    assert level_lines(20, 20, 4.0, 16.0, 2000.0, 100 * (1 - left)).planarised_pct == pytest.approx(100 * left, abs=2.0)


@given(st.floats(2, 400), st.floats(2, 400), st.floats(0, 60))
def test_a_step_left_is_never_higher_than_the_step_nor_lower_than_its_drying(width, space, dry):
    found = levelled(Relief(5.0, width, space), 15.0, 2000.0, 75.0, dry)
    assert 5.0 * dry / 100 - 1e-9 <= found.residual_um <= 5.0 + 1e-9
    assert found.residual_um == pytest.approx(5.0 * (1 - found.planarised_pct / 100))


def test_a_flat_surface_stays_flat_and_a_laminate_lies_level():
    assert levelled(Relief(0.0, 0.0, 0.0), 10.0, 2000.0, 75.0, 30.0).planarised_pct == 100.0
    assert level_lines(300.0, 300.0, 5.0, 25.0, 0.0, 0.0).residual_um == 0.0
    assert flow_share(100.0, 10.0, 0.0) == 1.0


def test_the_relief_of_wires_is_their_width(masks_after_rdl):
    relief = relief_of(masks_after_rdl)
    assert relief.step_um == pytest.approx(5.0)
    assert relief.width_um == pytest.approx(20.0, rel=0.03)
    assert relief.fill_um == pytest.approx(5.0 * (1 - 10 * 20.0 / 1000.0), rel=0.01)


@pytest.fixture
def masks_after_rdl():
    import shapely

    from chipscale.process.relief.front import Front

    die = shapely.box(0, 0, 1000, 1000)
    wires = shapely.union_all([shapely.box(x, 0, x + 20, 1000) for x in range(40, 1000, 100)])
    return Front(((0.0, shapely.difference(die, wires)), (5.0, wires)))


# ---- the table ------------------------------------------------------------------------------------------------------

WANTED = ("AZ 50XT", "AZ 9260", "AZ P4330", "AZ P4620", "AZ PLP-100XT", "JSR THB-611P", "SPR 220", "SPR 955")


def test_the_table_has_the_eight_resists_and_the_three_polymers():
    assert set(list_resists()) == {*WANTED, "PI", "PBO", "BCB", "SU8"}


@pytest.mark.parametrize("name", [*WANTED, "PI", "PBO", "BCB", "Resist", "Polymer"])
def test_every_value_has_a_source_and_the_range_agrees_with_the_spin_curve(name):
    item = resist(name)
    for field in item.__slots__:
        if field not in ("name", "title", "kind", "tone", "developer", "aliases", "listed", "sources"):
            assert item.sources[field], field
    assert item.coat_min_um < item.coat_max_um <= item.total_max_um
    if item.kind == "resist" and item.listed:
        assert item.law.speed_rpm(item.coat_max_um) >= item.speed_min_rpm
        assert item.law.speed_rpm(item.coat_min_um) <= item.speed_max_rpm
        assert item.dose_ratio >= 1.0


@pytest.mark.parametrize(
    ("name", "reach_um", "one_coat_um"),
    [
        ("AZ P4330", 25.0, 5.0),
        ("SPR 955", 25.0, 5.0),
        ("AZ P4620", 25.0, 25.0),
        ("SPR 220", 25.0, 25.0),
        ("JSR THB-611P", 60.0, 60.0),
        ("AZ PLP-100XT", 60.0, 60.0),
        ("AZ 9260", 65.0, 0.0),
        ("AZ 50XT", 100.0, 0.0),
    ],
)
def test_the_ranges_of_the_thick_resist_table(name, reach_um, one_coat_um):
    item = resist(name)
    assert item.coats_count(reach_um) >= 1
    assert item.coats_count(reach_um * 2.5) == 0
    if one_coat_um:
        assert item.coats_count(one_coat_um) == 1


def test_published_points_are_on_the_curves():
    for name, rpm, um in (("AZ P4330", 4000, 3.3), ("SPR 955", 4000, 1.8), ("SPR 220", 3500, 7.2)):
        assert resist(name).law.thickness_um(rpm) == pytest.approx(um, rel=1e-9)
        assert not resist(name).assumed("spin_rpm_um")
    assert resist("AZ 50XT").assumed("spin_rpm_um")


def test_names_are_found_however_written_and_unknown_ones_get_a_stand_in():
    assert resist("azp4620") is resist("AZ P4620") is resist("AZ 4562")
    found, said = resist_for("AZ P4621", "resist")
    assert not found.listed
    assert "AZ P4620" in said
    assert resist_for("PI", "resist")[0].name == "Resist"  # a polymer is no resist


def test_values_between_and_beyond_their_points():
    assert at(((10.0, 165.0), (24.0, 420.0)), 10.0) == 165.0
    assert at(((10.0, 165.0), (24.0, 420.0)), 48.0) == 840.0
    assert at(((10.0, 165.0),), 5.0) == 82.5
