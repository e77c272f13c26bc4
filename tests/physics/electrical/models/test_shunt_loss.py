"""Losses to ground and between paths: in S against lossy lines, in the ladder, in circuits read by ngspice; passive."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from chipscale.physics.electrical.ladder import admittance, ladder
from chipscale.physics.electrical.models.matrices_files import matrices_csv, matrices_json
from chipscale.physics.electrical.models.spice import at_one_frequency, spice_text, within
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.scattering import of_admittances, scattering
from chipscale.physics.electrical.shunt_loss import Loss, by_paths, cleaned, loss_of, path_admittance_S, series
from chipscale.physics.electrical.signal_losses import METRICS, loss_doubts, loss_metrics
from chipscale.results import Result

F_HZ = np.array([1e6, 1e8, 1e9, 5e9, 2e10])


def line(loss=None, c_F=0.35e-12):
    r, inductance = np.array([[[0.4]]]), np.array([[[1.2e-9]]])
    return Network(
        ("A1",), ("a",), ("a",), "g", np.zeros(1), r, inductance, np.array([[c_F]]), np.array([1e3]), loss=loss
    )


def lossy(network, seed=5):
    """Return the network with losses of dielectrics and silicon that couple all of its nets."""
    count = len(network.nets)
    rng = np.random.default_rng(seed)
    half = rng.random((count, count))
    own = np.sqrt(np.outer(np.diag(network.c_F), np.diag(network.c_F)))
    share = 0.3 * np.eye(count) + 0.7 * (half @ half.T) / count
    silicon = 40.0 * (np.eye(count) + 0.2 * np.ones((count, count)))
    return replace(network, loss=Loss(0.01 * own * share, silicon, 1.04e-11))


def test_a_line_that_loses_is_the_exact_one():
    made = line(Loss(np.array([[0.02 * 0.35e-12]]), np.array([[30.0]]), 1e-11))
    s = scattering(made, F_HZ, sections_count=256).s
    w = 2 * np.pi * F_HZ
    y0 = 1j * w * 0.35e-12 * (1 - 0.02j)
    y = 1 / (1 / y0 + 30.0 / (1 + 1j * w * 1e-11))
    z = 0.4 + 1j * w * 1.2e-9
    turn, wave = np.sqrt(z * y), np.sqrt(z / y)
    d = 2 * np.cosh(turn) + wave * np.sinh(turn) / 50 + np.sinh(turn) / wave * 50
    assert np.abs(s[:, 0, 1] - 2 / d).max() < 2e-5
    assert np.abs(s[:, 0, 0] - (wave / 50 - 50 / wave) * np.sinh(turn) / d).max() < 2e-5


def test_without_loss_nothing_changes(make_network):
    network = make_network()
    none = Loss(np.zeros_like(network.c_F), np.zeros_like(network.c_F), 0.0)
    with_none = scattering(replace(network, loss=none), F_HZ).s
    assert np.abs(with_none - scattering(network, F_HZ).s).max() < 1e-12


def test_s_stays_passive_and_loses_more(make_network):
    network = make_network()
    f_Hz = np.concatenate(([0.0], np.geomspace(1e3, 1e11, 60)))
    plain, found = scattering(network, f_Hz), scattering(lossy(network), f_Hz)
    assert found.largest_gain.max() <= 1 + 1e-12
    assert found.uneven == 0.0
    at = int(np.argmin(np.abs(f_Hz - 5e9)))
    assert np.linalg.norm(found.s[at]) < np.linalg.norm(plain.s[at])


@pytest.mark.parametrize("f_Hz", F_HZ.tolist())
def test_the_ladder_is_the_same_circuit(make_network, f_Hz):
    network = lossy(make_network())
    circuit = ladder(network, f_Hz, 4)
    mine = scattering(network, np.array([f_Hz]), sections_count=4).s[0]
    assert np.abs(of_admittances(admittance(circuit, f_Hz)[None], 50.0)[0] - mine).max() < 1e-9


@pytest.mark.parametrize("f_Hz", [1e8, 1e9, 1e10])
def test_ngspice_gives_the_s_parameters(make_network, ngspice_s, f_Hz):
    network = lossy(make_network())
    made = at_one_frequency(network, f_Hz, 4)
    text = spice_text(made, "package")
    assert made.s_error_ratio < 1e-12
    assert "Rg1_0" in text
    found = ngspice_s(text, f_Hz)
    assert np.abs(found - scattering(network, np.array([f_Hz]), 50.0, 4).s).max() < 1e-6
    assert np.linalg.norm(found[0], 2) <= 1 + 1e-9


def test_the_circuit_of_one_frequency_is_known_at_all(make_network, ngspice_s):
    # its resistors and capacitors stay as they are: what the network without its frequency dependence says
    made = within(lossy(make_network()), 5e9, 4, 1e-3)
    assert made.s_error_ratio <= 1e-3
    f_Hz = np.array([1e7, 1e9, 2e10])
    found = ngspice_s(spice_text(made, "package"), f_Hz)
    assert np.abs(found - scattering(made.network, f_Hz, 50.0, 4).s).max() < 1e-6


def test_no_direct_current_is_lost(make_network):
    made = at_one_frequency(lossy(make_network()), 1e9, 4)
    y = made.network.path_admittance_S(0.0)
    assert np.abs(y).max() == 0.0


def test_the_circuit_passes_what_it_stands_for():
    half = np.random.default_rng(3).random((2, 4, 4)) - 0.5
    y = 1e-4 * half[0] @ half[0].T + 1j * (1e-3 * half[1] @ half[1].T + 1e-3 * np.eye(4))
    y[:, 2], y[2] = 0.0, 0.0  # a path without capacitance
    made = series(y, 2e9)
    assert made.paths.tolist() == [0, 1, 3]
    assert made.admittance_S(4, 2e9) == pytest.approx(y, abs=1e-12)
    assert np.linalg.eigvalsh(made.r_ohm).min() > 0.0
    assert np.linalg.eigvalsh(made.c_F).min() > 0.0


def test_the_circuit_is_stable_in_time(make_network, tmp_path):
    """Silicon that couples nets more than their capacitances do made single resistors below 0 run away."""
    if not shutil.which("ngspice"):
        pytest.skip("ngspice is not installed (apt-get install ngspice)")
    network = make_network()
    silicon = 150.0 * (np.eye(len(network.nets)) + 3.0 * np.ones((len(network.nets),) * 2))
    network = replace(network, loss=Loss(1e-3 * np.diag(np.diag(network.c_F)), silicon, 1e-11))
    made = within(network, 2e9, 4, 1e-3)
    circuit = ladder(made.network, made.f_Hz, made.sections_count)
    nodes = [node for _, node in circuit.ports]
    loads = "\n".join(f"Rload{k} {node} 0 50" for k, node in enumerate(nodes[1:]))
    deck = f"""* a step
{spice_text(made, "package")}
X1 {" ".join(nodes)} 0 package
Vin source 0 pulse(0 1 0 0.1n 0.1n 1 2)
Rin source {nodes[0]} 50
{loads}
.tran 2p 20n
.control
run
wrdata {tmp_path / "v.txt"} {" ".join(f"v({node})" for node in nodes)}
quit 0
.endc
.end
"""
    (tmp_path / "deck.cir").write_text(deck)
    subprocess.run(["ngspice", "-b", "deck.cir"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    volts = np.loadtxt(tmp_path / "v.txt")[:, 1::2]
    assert np.abs(volts).max() < 1.5
    assert np.abs(volts[-1] - volts[-50]).max() < 1e-3  # it has come to rest


def test_what_paths_share_stays_positive():
    rng = np.random.default_rng(2)
    half = rng.random((3, 3)) - 0.5
    whole = half @ half.T  # with positive entries beside the diagonal
    of, share = np.array([0, 0, 1, 2, 2, 2]), np.array([0.3, 0.7, 1.0, 0.2, 0.2, 0.6])
    shared = by_paths(whole, of, share)
    assert np.linalg.eigvalsh(shared).min() > -1e-12
    volts = np.array([1.0, -2.0, 0.5])
    assert volts[of] @ shared @ volts[of] == pytest.approx(volts @ whole @ volts)


def test_nets_left_out_are_grounded():
    rng = np.random.default_rng(7)
    half = rng.random((2, 4, 4)) / 10
    c = np.eye(4) - 0.05 + 0.05 * np.eye(4)
    fields = {"matrix_pF": c, "loss_pF": 0.01 * (np.eye(4) + half[0] @ half[0].T), "silicon_ohm": half[1] @ half[1].T}
    told = Result("electrical.capacitance", {"silicon_relaxation_GHz": 15.0}, fields=fields)
    whole, some = loss_of(told, range(4), 4, range(4)), loss_of(told, [0, 2], 2, [0, 1])
    y = whole.admittance_S(1e-12 * c, 1e9)
    kept = some.admittance_S(1e-12 * c[np.ix_([0, 2], [0, 2])], 1e9)
    assert kept.real == pytest.approx(y[np.ix_([0, 2], [0, 2])].real, rel=1e-3)
    assert loss_of(Result("electrical.capacitance", fields={"matrix_pF": c}), range(4), 4, range(4)) is None


def test_a_net_without_capacitance_has_no_admittance():
    c = np.diag([1e-12, 0.0])
    loss = Loss(np.diag([1e-14, 0.0]), np.diag([10.0, 0.0]), 0.0)
    y = path_admittance_S(c, loss, (np.array([0, 1]), np.ones(2)), 1e9)
    assert y[0, 0].real > 0.0
    assert np.abs(y[1]).max() == 0.0


def test_matrices_and_touchstone_hold_the_losses(make_network):
    network = lossy(make_network())
    data = json.loads(matrices_json(network, [0.0, 1e9]))["conductance"]
    y = network.loss.admittance_S(cleaned(network.c_F), 1e9)
    assert data["nets"] == list(network.nets)
    np.testing.assert_allclose(data["g_at"][1]["g_uS"], 1e6 * y.real, rtol=1e-8)
    assert np.abs(data["g_at"][0]["g_uS"]).max() == 0.0
    assert sorted(matrices_csv(make_network(), [0.0, 1e9]))[1] == "g_uS_1GHz.csv"


def test_metrics_tell_what_each_loss_adds(make_network):
    network = make_network()
    assert set(loss_metrics(network, 5e9, 50.0).values()) == {0.0}
    found = loss_metrics(lossy(network), 5e9, 50.0)
    assert set(found) == set(METRICS)
    assert 0 < found["dielectric_tangent_ratio"] < 0.02
    assert found["silicon_loss_most_dB"] > 0
    assert found["induced_bound_ratio"] == 0.0
    # a line so short that it is its capacitance alone: G of both beside 50 ohm at either end
    short = replace(
        line(Loss(np.array([[0.02 * 0.35e-12]]), np.array([[30.0]]), 0.0)), r_ohm=1e-9 * np.ones((1, 1, 1)),
        l_H=1e-15 * np.ones((1, 1, 1)),
    )  # fmt: skip
    both = loss_metrics(short, 1e9, 50.0)
    w, c = 2e9 * np.pi, 0.35e-12
    ys = [1 / (1 / (1j * w * c * (1 - 1j * d)) + r) for d, r in ((0.0, 0.0), (0.02, 0.0), (0.02, 30.0))]
    loss = [20 * np.log10(abs(1 + 25.0 * y)) for y in ys]
    assert both["dielectric_loss_most_dB"] == pytest.approx(loss[1] - loss[0], rel=1e-3)
    assert both["silicon_loss_most_dB"] == pytest.approx(loss[2] - loss[1], rel=1e-3)


def test_beyond_relaxation_and_with_much_induced_it_is_doubtful(make_network):
    network = lossy(make_network())
    assert loss_doubts(network, 1e9) == []
    assert "the silicon is a dielectric" in loss_doubts(network, 2e10)[0]
    low = replace(network, loss=replace(network.loss, induced_Hz=1e8))
    assert "induced" in loss_doubts(low, 1e9)[0]
    assert loss_doubts(make_network(), 1e12) == []
