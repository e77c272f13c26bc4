"""Substances used where no value of them holds are told, with the temperatures they are used at and known for."""

import numpy as np

from chipscale.physics.thermal.substances import Substance, outside, substance


def test_a_law_of_the_temperature_holds_where_it_is_given():
    silicon = substance("Si")
    assert outside(silicon, np.array([-75.0, 200.0, np.nan])) == ""
    assert outside(silicon, np.array([25.0, 260.0])) == "Si is used from 25 to 260 °C; its values are for -75 to 200 °C"
    assert "-90" in outside(silicon, np.array([-90.0, 20.0]))


def test_solder_holds_until_it_melts():
    solder = substance("SAC305")
    assert outside(solder, np.array([25.0, 216.0])) == ""
    assert "those of the solid, up to 217" in outside(solder, np.array([25.0, 230.0]))


def test_nothing_is_told_of_no_cells_or_no_limit():
    assert outside(substance("Si"), np.array([])) == ""
    assert outside(Substance("x", (1.0, 1.0, 1.0), 1.0), np.array([5000.0])) == ""
