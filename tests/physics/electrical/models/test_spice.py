"""SPICE subcircuits answer as the S-parameters do, read by ngspice; leaving couplings out keeps them passive."""

from __future__ import annotations

import numpy as np
import pytest

from chipscale.physics.electrical.models.spice import at_one_frequency, spice_text
from chipscale.physics.electrical.models.spice_names import node_names, wrapped
from chipscale.physics.electrical.models.truncation import truncated, without_small_capacitances
from chipscale.physics.electrical.scattering import scattering


@pytest.mark.parametrize("f_Hz", [1e8, 1e9, 1e10])
def test_ngspice_gives_the_s_parameters(make_network, ngspice_s, f_Hz) -> None:
    network = make_network()
    text = spice_text(at_one_frequency(network, f_Hz, 4), "package")
    expected = scattering(network, np.array([f_Hz]), 50.0, 4).s
    found = ngspice_s(text, f_Hz)
    assert np.abs(found - expected).max() < 1e-6
    np.testing.assert_allclose(found, np.swapaxes(found, 1, 2), atol=1e-9)


def test_truncation_tells_its_error_and_ngspice_agrees(make_network, ngspice_s) -> None:
    network = make_network({f"N{k}": 1 for k in range(8)})
    f_Hz = 5e9
    whole = at_one_frequency(network, f_Hz, 4)
    less = at_one_frequency(network, f_Hz, 4, 0.05)
    assert whole.s_error_ratio < 1e-12
    assert all(part.left_out_count > 0 for _, part in less.parts)
    expected = scattering(network, np.array([f_Hz]), 50.0, 4).s
    found = ngspice_s(spice_text(less, "package"), f_Hz)
    assert np.abs(found - expected).max() == pytest.approx(less.s_error_ratio, rel=1e-3)
    assert len(spice_text(less, "package")) < 0.8 * len(spice_text(whole, "package"))
    for matrix in (less.network.r_ohm[0], less.network.l_H[0], less.network.c_F):
        np.testing.assert_allclose(matrix, matrix.T)
        assert np.linalg.eigvalsh(matrix).min() > 0.0
    assert np.linalg.norm(found[0], 2) <= 1.0 + 1e-9


def test_only_r_l_c_k_are_written(make_network) -> None:
    text = spice_text(at_one_frequency(make_network(), 1e9, 4), "package", ("a note",))
    statements = [line for line in text.splitlines() if line[0] not in "*.+"]
    assert {line[0] for line in statements} == {"R", "L", "C", "K"}
    assert len({line.split()[0].lower() for line in statements}) == len(statements)
    assert max(len(line) for line in text.splitlines() if line[0] != "*") <= 120
    assert "return VSS" in text


def test_a_threshold_that_would_do_harm_is_lowered() -> None:
    count = 12
    matrix = 0.95 * np.ones((count, count)) + 0.05 * np.eye(count)  # every pair counts
    left = truncated(matrix, 0.99)
    assert left.left_out_count == 0
    assert left.error_ratio == 0.0
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    left = truncated(0.6**apart, 0.5, most_error_ratio=0.1)
    assert 0 < left.left_out_count < left.pairs_count
    assert left.below_ratio < 0.5
    energy = np.linalg.eigvals(np.linalg.solve(0.6**apart, left.matrix - 0.6**apart))
    assert np.abs(energy).max() == pytest.approx(left.error_ratio, rel=1e-6)
    assert left.error_ratio <= 0.1


def test_capacitance_left_out_goes_to_ground() -> None:
    c = np.array([[3.0, -1.0, -1e-3], [-1.0, 3.0, -0.5], [-1e-3, -0.5, 3.0]])
    left = without_small_capacitances(c, 1e-2)
    assert left.left_out_count == 1
    np.testing.assert_allclose(np.diag(left.matrix), np.diag(c))
    assert left.matrix[0].sum() == pytest.approx(c[0].sum() + 1e-3)


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        truncated(np.array([[1.0, 2.0], [2.0, 1.0]]), 0.1)


def test_names_are_unique_whatever_the_case() -> None:
    names = node_names(["ball A1", "die io[1]", "die IO_1_", "1V8"])
    assert len({name.lower() for name in names}) == 4
    assert names[3] == "n1V8"
    assert all(line.startswith("+") for line in wrapped(".subckt x " + " ".join(["node"] * 60))[1:])
