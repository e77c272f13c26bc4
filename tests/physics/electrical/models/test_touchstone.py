"""Touchstone files are read back as they were written, by ourselves and by scikit-rf."""

from __future__ import annotations

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.physics.electrical.models.touchstone import Touchstone, suffix, touchstone_text, write_touchstone
from chipscale.physics.electrical.models.touchstone_read import read_text, read_touchstone

COUNTS = (1, 2, 3, 4, 5, 9)


def _some(count: int, z0_ohm: float = 50.0, seed: int = 1) -> Touchstone:
    rng = np.random.default_rng(seed)
    s = rng.normal(size=(7, count, count)) + 1j * rng.normal(size=(7, count, count))
    s = (s + np.swapaxes(s, 1, 2)) / (4 * count)
    names = tuple(f"ball A{k}" for k in range(count))
    f_Hz = np.array([0.0, 1e6, 3.3e6, 1e8, 1e9, 2.5e9, 1.25e10])
    return Touchstone(names, f_Hz, s, np.full(count, z0_ohm), ("loop with return VSS",))


@pytest.mark.parametrize("version", ["1.1", "2.0"])
@pytest.mark.parametrize("count", COUNTS)
def test_own_reading_gives_back_what_was_written(tmp_path, count, version) -> None:
    data = _some(count, 42.0)
    path = tmp_path / f"a{suffix(data, version)}"
    write_touchstone(data, path, version)
    back = read_touchstone(path)
    assert back.ports == data.ports
    assert back.notes == data.notes
    np.testing.assert_allclose(back.f_Hz, data.f_Hz)
    np.testing.assert_allclose(back.s, data.s, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(back.z0_ohm, 42.0)


@pytest.mark.parametrize("version", ["1.1", "2.0"])
@pytest.mark.parametrize("count", COUNTS)
def test_scikit_rf_reads_the_same(tmp_path, count, version) -> None:
    skrf = pytest.importorskip("skrf", reason="scikit-rf reads our files back")
    data = _some(count, 37.5)
    path = tmp_path / f"a{suffix(data, version)}"
    write_touchstone(data, path, version)
    network = skrf.Network(str(path))
    assert network.nports == count
    np.testing.assert_allclose(network.s, data.s, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(network.f, data.f_Hz)
    np.testing.assert_allclose(network.z0.real, 37.5)


def test_scikit_rf_keeps_the_names_of_ports(tmp_path) -> None:
    skrf = pytest.importorskip("skrf", reason="scikit-rf reads our files back")
    data = _some(4)
    write_touchstone(data, tmp_path / "a.s4p")
    assert tuple(skrf.Network(str(tmp_path / "a.s4p")).port_names) == data.ports


def test_what_scikit_rf_writes_is_read(tmp_path) -> None:
    skrf = pytest.importorskip("skrf", reason="scikit-rf writes a file for us")
    data = _some(3)
    network = skrf.Network(f=data.f_Hz, s=data.s, z0=50.0, f_unit="Hz")
    for form in ("ri", "ma", "db"):
        network.write_touchstone(f"b_{form}", dir=str(tmp_path), form=form)
        back = read_touchstone(tmp_path / f"b_{form}.s3p")
        np.testing.assert_allclose(back.s, data.s, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(back.f_Hz, data.f_Hz)


def test_two_ports_of_version_1_go_by_columns() -> None:
    s = np.array([[[0.11, 0.12], [0.21, 0.22]]], dtype=complex)
    text = touchstone_text(Touchstone(("a", "b"), np.array([1e9]), s, np.array([50.0, 50.0])))
    line = text.splitlines()[-1].split()
    assert [float(word) for word in line[1::2]] == [0.11, 0.21, 0.12, 0.22]


def test_version_2_has_a_reference_for_each_port_and_half_a_symmetric_matrix() -> None:
    data = _some(3)
    data = Touchstone(data.ports, data.f_Hz, data.s, np.array([50.0, 75.0, 10.0]))
    text = touchstone_text(data, "2.0")
    assert "[Matrix Format] Lower" in text
    np.testing.assert_allclose(read_text(text).z0_ohm, [50.0, 75.0, 10.0])
    with pytest.raises(ValueError, match="one reference"):
        touchstone_text(data, "1.1")


def test_lines_hold_at_most_four_pairs_and_only_ascii() -> None:
    data = _some(9)
    text = touchstone_text(Touchstone(("Ω", *data.ports[1:]), data.f_Hz, data.s, data.z0_ohm))
    assert text.isascii()
    body = [line for line in text.splitlines() if line[0] not in "!#"]
    assert max(len(line.split()) for line in body) == 9


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# Hz S RI R 50\n1 2\n", "no whole count"),
        ("1 2 3\n", "no option line"),
        ("# Hz Y RI R 50\n1 2 3\n", "only S-parameters"),
        ("# Hz S RI R 50\n2 0 0\n1 0 0\n", "do not rise"),
        ("# Hz S RI R 50\n2 0 zero\n", "not a number"),
        ("[Version] 3.0\n# Hz S RI R 50\n[Number of Ports] 1\n1 2 3\n", "unknown version"),
        ("[Version] 2.0\n# Hz S RI R 50\n[Number of Ports] 1\n[Number of Frequencies] 2\n1 2 3\n", "another number"),
    ],
)
def test_a_broken_file_is_refused(text, what) -> None:
    with pytest.raises(InputError, match=what):
        read_text(text, 1, "a.s1p")
