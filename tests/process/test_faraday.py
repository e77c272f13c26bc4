import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.process.models.faraday import FARADAY_C_MOL, IONS, minutes, rate_um_min
from chipscale.process.models.plating_baths import BATHS, SOLDERS, bath_of, check_current
from chipscale.process.models.terminal_effect import COPPER_OHM_M, edge_rise, plated_edge_rise
from chipscale.process.step import StepError


@pytest.mark.parametrize(
    ("metal", "density", "published"),
    [("Cu", 8960.0, 0.2205), ("Ni", 8908.0, 0.2049), ("Sn", 7287.0, 0.5065), ("Au", 19300.0, 0.6346)],
)
def test_growth_per_current_density(metal, density, published):
    assert rate_um_min({metal: 1.0}, density, 1.0) == pytest.approx(published, rel=2e-4)


@given(st.sampled_from(sorted(IONS)), st.floats(0.1, 10), st.floats(0.5, 1), st.floats(1, 3600))
def test_the_charge_that_flowed_is_in_the_metal(metal, current, efficiency, seconds):
    ion, density = IONS[metal], 9000.0
    height_m = rate_um_min({metal: 1.0}, density, current, efficiency) * seconds / 60 * 1e-6
    charge = height_m * density / (ion.molar_mass * 1e-3) * ion.electrons * FARADAY_C_MOL
    assert charge == pytest.approx(current * 100 * seconds * efficiency, rel=1e-12)


def test_an_alloy_takes_the_charge_of_each_of_its_elements():
    tin, silver = rate_um_min({"Sn": 1.0}, 7000.0, 1.0), rate_um_min({"Ag": 1.0}, 7000.0, 1.0)
    both = rate_um_min({"Sn": 0.98, "Ag": 0.02}, 7000.0, 1.0)
    assert 1 / both == pytest.approx(0.98 / tin + 0.02 / silver, rel=1e-12)


def test_what_has_no_answer():
    with pytest.raises(ValueError, match="no ion known of Xx"):
        rate_um_min({"Xx": 1.0}, 1000.0, 1.0)
    with pytest.raises(ValueError, match="add up"):
        rate_um_min({"Sn": 0.9}, 7287.0, 1.0)
    with pytest.raises(ValueError, match="without current"):
        minutes(5.0, 0.0)


def test_every_bath_plates_what_it_says_and_knows_its_currents():
    for name, bath in BATHS.items():
        assert sum(bath.composition.values()) == pytest.approx(1.0)
        assert bath.low_A_dm2 <= bath.usual_A_dm2 <= bath.high_A_dm2
        assert 0 < bath.growth_um_min(bath.usual_A_dm2) < 10
        assert bath.current_source
        assert (name in SOLDERS) == (bath.liquidus_C > 0)


def test_a_current_the_bath_does_not_stand_is_refused():
    with pytest.raises(StepError, match="gold sulfite") as caught:
        check_current("Au", 5.0)
    error = caught.value
    assert (error.value, error.option) == ("5 A/dm²", "current_density_A_dm2")
    assert error.limit.startswith("0.1 to 1.5 A/dm²")
    assert "burns" in error.remedy
    with pytest.raises(StepError, match="no plating bath") as caught:
        bath_of("SnAgg")
    assert caught.value.remedy == "did you mean 'SnAg'?"


def test_current_of_a_resistive_disc_against_scipy():
    from scipy.special import iv

    for sheet, area in ((0.057, 1e-3), (0.01, 1e-3), (0.5, 2e-4)):
        x = 0.15 * math.sqrt(sheet / area)
        assert edge_rise(300.0, sheet, area) == pytest.approx(x / 2 * (iv(0, x) - 1) / iv(1, x), rel=1e-12)


def test_the_disc_carries_what_flows_into_it():
    """The mean of i(r) over the disc is 1, and the potential's slope at the rim is the current through the rim."""
    from scipy.integrate import quad
    from scipy.special import iv

    x = 1.7
    mean, _ = quad(lambda s: x / 2 * iv(0, x * s) / iv(1, x) * 2 * s, 0, 1)
    assert mean == pytest.approx(1.0, rel=1e-12)


def test_a_thick_seed_or_a_small_wafer_plates_evenly():
    thin, thick = (plated_edge_rise(300.0, seed, 6.0, 0.25, 2.0) for seed in (0.1, 2.0))
    assert thin > 4 * thick
    assert plated_edge_rise(100.0, 0.1, 6.0, 0.25, 2.0) < thin / 5
    assert edge_rise(300.0, 0.0, 1e-3) == 0.0
    assert edge_rise(300.0, COPPER_OHM_M / 1e-9, 1e-5) > 10  # the current hardly leaves the rim
    with pytest.raises(ValueError, match="seed"):
        plated_edge_rise(300.0, 0.0, 6.0, 0.25, 2.0)
