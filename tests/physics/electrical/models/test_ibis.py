"""IBIS files keep the standard's rules, break them one by one and are told; other parsers read the same values."""

from __future__ import annotations

import numpy as np
import pytest

from chipscale.physics.electrical.models.ibis import (
    About,
    Corners,
    Matrices,
    Pin,
    file_name,
    ibs_text,
    number,
    pkg_text,
)
from chipscale.physics.electrical.models.ibis_file import keywords
from chipscale.physics.electrical.models.ibis_file import number as read_number
from chipscale.physics.electrical.models.ibis_matrices import read_matrices
from chipscale.physics.electrical.models.ibis_rules import ibis_problems, text_problems

ABOUT = About("Sample chip Ω", "A sample", notes=("[Loops] with return VSS",))
PINS = (
    Pin("A1", "io[0]", "signal", 0.012345, 1.2e-10, 3.21e-14),
    Pin("A2", "VSS", "ground", 0.0, 0.0, 0.0),
    Pin("B1", "VDD", "power", 0.1234567, 4.56789e-11, 1.5e-13),
    Pin("B2", "", "open"),
)


def _matrices(count: int = 30) -> Matrices:
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    near = np.where(apart < 3, 0.4**apart, 0.0)
    c = 1e-13 * (2.0 * np.eye(count) - 0.2 * (apart == 1))
    return Matrices(
        tuple(f"A{k + 1}" for k in range(count)), 0.0123456 * near, 1.234567e-10 * near, c, "partial, 1 GHz"
    )


@pytest.fixture
def ibs(tmp_path):
    path = tmp_path / file_name(ABOUT.name, "ibs")
    path.write_text(ibs_text(ABOUT, PINS, "Sample chip"), encoding="utf-8")
    return path


@pytest.mark.parametrize("sparse", [False, True])
def test_what_we_write_keeps_the_rules(ibs, tmp_path, sparse) -> None:
    path = tmp_path / file_name(ABOUT.name, "pkg")
    path.write_text(pkg_text(ABOUT, _matrices(), sparse), encoding="utf-8")
    assert ibis_problems(ibs) == []
    assert ibis_problems(path) == []


@pytest.mark.parametrize("sparse", [False, True])
def test_matrices_come_back(sparse) -> None:
    made = _matrices()
    pins, found = read_matrices(keywords(pkg_text(ABOUT, made, sparse)))
    assert tuple(pins) == made.pins
    np.testing.assert_allclose(found["R"], made.r_ohm, rtol=1e-7)
    np.testing.assert_allclose(found["I"], made.l_H, rtol=1e-7)
    np.testing.assert_allclose(found["C"], made.c_F, rtol=1e-7)


def test_corners_are_na_unless_given() -> None:
    assert "R_pkg        67.9m       NA          NA" in ibs_text(ABOUT, PINS)
    given = Corners(r_ohm=(0.05, 0.04, 0.06))
    text = ibs_text(ABOUT, PINS, corners=given)
    assert "R_pkg        50m         40m         60m" in text
    assert text_problems(text, file_name(ABOUT.name, "ibs")) == []


@pytest.mark.parametrize("value", [0.0, 1.0, -3.4e-13, 9.9996e-10, 12345.0, 7.7e-17, 0.05, 2.5e-6])
def test_numbers_come_back(value) -> None:
    text = number(value, 8) + "F"
    assert read_number(text).value == pytest.approx(value, rel=1e-7, abs=1e-22)


BREAKS = [
    ("[IBIS Ver] 4.2\n", "", "comes first"),
    ("[IBIS Ver] 4.2", "[IBIS Ver] 9.9", "unknown version"),
    ("[File Name] sample_chip.ibs", "[File Name] other.ibs", "not this file's name"),
    ("[End]\n", "", "[End] is missing"),
    ("[Package]", "[Packages]", "no such keyword"),
    ("R_pkg  ", "R_pkg 1V 2V", "needs typ, min and max"),
    ("12.35m", "12.35mV", "another unit"),
    ("120pH", "120pp.H", "is no number"),
    ("io[0]", "i" * 41, "signal_name is too long"),
    ("A1    ", "A12345", "the pin's name is too long"),
    ("B1    ", "A1    ", "listed twice"),
    ("[Model] not_given", "[Model] other", "no such [Model]"),
    ("[Manufacturer] not given", "[Manufacturer] " + "x" * 41, "is too long"),
    ("[Notes]", "[Notes] " + "n" * 120, "the line is too long"),
    ("Loops", "L\toops", "tabs"),
    ("Loops", "Läufe", "ASCII"),
]


@pytest.mark.parametrize(("old", "new", "what"), BREAKS)
def test_a_broken_file_is_told(ibs, old, new, what) -> None:
    text = ibs.read_text(encoding="utf-8")
    assert old in text
    ibs.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(what in str(problem) for problem in ibis_problems(ibs)), ibis_problems(ibs)


MATRIX_BREAKS = [
    ("[Number Of Pins] 30", "[Number Of Pins] 29", "another number of pins"),
    ("[Row] A7\n", "", "not one [Row] for every pin"),
    ("[Inductance Matrix] Full_matrix", "[Inductance Matrix] Whole_matrix", "no such form"),
    ("123.4567pH", "", "not all its entries"),
    ("123.4567pH", "-123.4567pH", "not positive"),
    (" 49.38268pH", " 149.38268pH", "not positive definite"),
    ("-20fF", "20fF", "positive values beside"),
    ("123.4567pH", "123.4567pF", "another unit"),
    ("[OEM] not given\n", "", "[Oem] is missing"),
    ("[Capacitance Matrix]", "[Capacity Matrix]", "[Capacitance Matrix] is missing"),
]


@pytest.mark.parametrize(("old", "new", "what"), MATRIX_BREAKS)
def test_a_broken_matrix_is_told(old, new, what) -> None:
    text = pkg_text(ABOUT, _matrices())
    assert old in text
    found = text_problems(text.replace(old, new, 1), file_name(ABOUT.name, "pkg"))
    assert any(what in str(problem) for problem in found), found


def test_a_sparse_entry_in_the_lower_half_is_told() -> None:
    text = pkg_text(ABOUT, _matrices(), True).replace("[Row] A3\n", "[Row] A3\nA1 1mOhm\n", 1)
    found = text_problems(text, file_name(ABOUT.name, "pkg"))
    assert any("lower half" in str(problem) for problem in found)


def test_ecdtools_reads_the_pins(ibs) -> None:
    ecdtools = pytest.importorskip("ecdtools", reason="ecdtools reads IBIS files back")
    (component,) = ecdtools.ibis.load_file(str(ibs)).components
    assert component.name == "Sample_chip_?"
    assert [pin.name for pin in component.pins] == ["A1", "A2", "B1", "B2"]
    assert [pin.model_name for pin in component.pins] == ["not_given", "GND", "POWER", "NC"]
    assert component.pins[0].l_pin == "120pH"
    assert component.package.r_pkg.typical == "67.9m"
    assert component.package.r_pkg.minimum == "NA"
