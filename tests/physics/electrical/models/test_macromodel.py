"""Vector fitting finds what is there, beside scikit-rf's; macromodels are passive and ngspice reads them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chipscale.physics.electrical.models.macromodel import macromodel
from chipscale.physics.electrical.models.macromodel_spice import macromodel_text
from chipscale.physics.electrical.models.passivity import crossings_Hz, is_passive, largest, made_passive, violations
from chipscale.physics.electrical.models.touchstone import Touchstone
from chipscale.physics.electrical.models.vector_fit import Rational, fitted
from chipscale.physics.electrical.scattering import scattering

BAND_Hz = np.unique(np.concatenate([[0.0], np.geomspace(1e6, 2e10, 30), np.linspace(4e8, 2e10, 50)]))


def _data(network) -> Touchstone:
    f_Hz = BAND_Hz.copy()
    f_Hz[0] = 1e3  # as good as direct current
    found = scattering(network, f_Hz, 50.0, 4)
    return Touchstone(found.ports, f_Hz, found.s, np.full(len(found.ports), 50.0))


@pytest.fixture(scope="module")
def data(make_network) -> Touchstone:
    return _data(make_network({"CLK": 1, "D[0]": 1, "D[1]": 1}))


@pytest.fixture(scope="module")
def made(data):
    return macromodel(data)


def test_a_rational_function_is_found_exactly() -> None:
    poles = np.array([-2e8, -3e9, -1e9 + 2e10j, -4e9 + 6e10j])
    rng = np.random.default_rng(5)
    residues = rng.normal(size=(4, 3, 3)) * np.abs(poles)[:, None, None] + 0j
    residues[2:] += 1j * rng.normal(size=(2, 3, 3)) * np.abs(poles[2:])[:, None, None]
    residues = residues + np.swapaxes(residues, 1, 2)
    truth = Rational(poles, residues, np.diag([0.1, 0.2, -0.3]))
    found = fitted(BAND_Hz, truth.at(BAND_Hz), truth.order)
    np.testing.assert_allclose(np.sort_complex(found.poles), np.sort_complex(poles), rtol=1e-6)
    elsewhere = np.array([3.3e6, 7.7e9, 1.9e10])
    np.testing.assert_allclose(found.at(elsewhere), truth.at(elsewhere), rtol=1e-6, atol=1e-8)


def test_poles_are_stable_and_errors_fall_with_the_order(data) -> None:
    errors = []
    for order in (4, 8, 12):
        found = fitted(data.f_Hz, data.s, order)
        assert found.order == order
        assert found.poles.real.max() < 0.0
        errors.append(float(np.abs(found.at(data.f_Hz) - data.s).max()))
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_crossings_and_violations_are_those_of_a_fine_sweep() -> None:
    pole = -1e9 + 2e10j
    model = Rational(np.array([pole]), np.array([[[0.6e9 + 0.0j]]]), np.array([[0.6]]))
    f_Hz = np.linspace(1e6, 1e10, 400_001)
    size = largest(model, f_Hz)
    swept = f_Hz[:-1][np.diff(np.sign(size - 1.0)) != 0.0]
    np.testing.assert_allclose(crossings_Hz(model), swept, rtol=1e-4)
    (place,) = violations(model)
    assert place[1] == pytest.approx(size.max(), rel=1e-2)
    assert not is_passive(model)


def test_an_active_model_is_made_passive_by_a_small_change() -> None:
    model = Rational(np.array([-1e9 + 2e10j]), np.array([[[0.41e9 + 0.0j]]]), np.array([[0.6]]))
    f_Hz = np.linspace(0.0, 1e10, 101)
    values = model.at(f_Hz)
    over = float(largest(model, np.linspace(3e9, 3.4e9, 2001)).max() - 1.0)
    assert over > 0.005
    done = made_passive(model, f_Hz, values)
    assert is_passive(done.model)
    assert largest(done.model, np.linspace(0.0, 1e11, 20_001)).max() <= 1.0 + 1e-12
    assert np.abs(done.model.at(f_Hz) - values).max() < 2.0 * over
    assert done.largest_before_ratio == pytest.approx(1.0 + over, rel=1e-3)


def test_the_macromodel_is_passive_symmetric_and_good(made, data) -> None:
    assert made.largest_error_ratio < 1e-4
    assert is_passive(made.model)
    everywhere = np.concatenate([[0.0], np.geomspace(1e5, 1e13, 4000)])
    assert largest(made.model, everywhere).max() <= 1.0 + 1e-12
    values = made.model.at(data.f_Hz)
    np.testing.assert_allclose(values, np.swapaxes(values, 1, 2), atol=1e-12)


def test_ngspice_gives_the_models_s_parameters(made, ngspice_s) -> None:
    f_Hz = np.array([1e7, 1e9, 1.5e10])
    found = ngspice_s(macromodel_text(made, "package"), f_Hz)
    assert np.abs(found - made.model.at(f_Hz)).max() < 1e-6


def test_it_is_no_worse_than_scikit_rf(made, data) -> None:
    skrf = pytest.importorskip("skrf", reason="scikit-rf fits the same S-parameters")
    from skrf.vectorFitting import VectorFitting

    network = skrf.Network(f=data.f_Hz, s=data.s, z0=50.0, f_unit="Hz")
    reals = sum(1 for pole in made.model.poles if not pole.imag)
    theirs = VectorFitting(network)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.vector_fit(n_poles_real=reals, n_poles_cmplx=(made.model.order - reals) // 2, fit_constant=True)
    ours = fitted(data.f_Hz, data.s, made.model.order)
    mean = float(np.sqrt(np.mean(np.abs(ours.at(data.f_Hz) - data.s) ** 2)))
    count = len(data.ports)
    fit = np.array([[theirs.get_model_response(i, j, data.f_Hz) for j in range(count)] for i in range(count)])
    other = float(np.sqrt(np.mean(np.abs(np.moveaxis(fit, -1, 0) - data.s) ** 2)))
    assert mean < 5.0 * other  # ours weighs small elements, as crosstalk, more
