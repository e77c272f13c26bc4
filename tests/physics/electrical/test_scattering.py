"""S-parameters of a network: against exact transmission lines, scikit-rf and the circuit of the ladder; passive."""

import math

import numpy as np
import pytest

from chipscale.physics.electrical.ladder import admittance, ladder
from chipscale.physics.electrical.network import Network
from chipscale.physics.electrical.scattering import chain, of_admittances, port_admittances, port_names, scattering

F_HZ = np.array([1e6, 1e8, 1e9, 5e9, 2e10])


def _network(r, inductance, c, of=None, f_Hz=(0.0,), length_um=None):
    """A network of paths with R, L at each frequency (k, p, p) and C over nets; path i on net of[i]."""
    r, inductance = (np.atleast_3d(values).reshape(-1, *np.shape(values)[-2:]) for values in (r, inductance))
    of = of or [chr(97 + k) for k in range(r.shape[1])]
    length = np.full(len(of), 1000.0) if length_um is None else np.array(length_um)
    balls = tuple(f"A{k + 1}" for k in range(len(of)))
    return Network(balls, tuple(of), tuple(sorted(set(of))), "g", np.array(f_Hz), r, inductance, np.array(c), length)


def _three_paths():
    r, inductance = np.diag([0.05, 0.06, 0.04]) + 0.01, (np.diag([0.5, 0.6, 0.4]) + 0.1) * 1e-9
    c = np.array([[0.2, -0.03], [-0.03, 0.3]]) * 1e-12
    return _network(r, inductance, c, ["a", "b", "b"], length_um=[1000.0, 1200.0, 800.0])


def _exact_line_s(r, inductance, c, f_Hz, z0):
    """Return S11 and S21 of a line whose whole R, L, C are given, by the telegraph equations' solution."""
    w = 2 * math.pi * f_Hz
    turn, z = np.sqrt((r + 1j * w * inductance) * 1j * w * c), np.sqrt((r + 1j * w * inductance) / (1j * w * c))
    a, b = np.cosh(turn), z * np.sinh(turn)
    d = 2 * a + b / z0 + np.sinh(turn) / z * z0
    return (b / z0 - np.sinh(turn) / z * z0) / d, 2 / d


def test_a_uniform_line_is_the_exact_one():
    r, inductance, c = 0.4, 1.2e-9, 0.35e-12
    made = _network([[r]], [[inductance]], [[c]])
    s = scattering(made, F_HZ).s
    s11, s21 = _exact_line_s(r, inductance, c, F_HZ, 50.0)
    assert np.abs(s[:, 0, 0] - s11).max() < 3e-4
    assert np.abs(s[:, 0, 1] - s21).max() < 3e-4


def test_the_error_falls_with_the_square_of_the_sections():
    r, inductance, c = 0.4, 1.2e-9, 0.35e-12
    made = _network([[r]], [[inductance]], [[c]])
    exact = _exact_line_s(r, inductance, c, F_HZ[-1], 50.0)[1]
    off = [abs(scattering(made, F_HZ[-1:], sections_count=n).s[0, 0, 1] - exact) for n in (8, 16, 32)]
    assert off[0] / off[1] == pytest.approx(4.0, rel=0.05)
    assert off[1] / off[2] == pytest.approx(4.0, rel=0.05)


def test_two_like_lines_are_their_even_and_odd_modes():
    own, mutual, c, between = 1.0e-9, 0.3e-9, 0.3e-12, 0.1e-12
    made = _network(np.diag([0.1, 0.1]), [[own, mutual], [mutual, own]], [[c, -between], [-between, c]])
    s = scattering(made, F_HZ, sections_count=256).s
    even = _exact_line_s(0.1, own + mutual, c - between, F_HZ, 50.0)
    odd = _exact_line_s(0.1, own - mutual, c + between, F_HZ, 50.0)
    exact = {(0, 0): 0, (0, 2): 1, (0, 1): 0, (0, 3): 1}  # near end and far end, own line then the other
    for (i, j), k in exact.items():
        sign = 1 if j in (0, 2) else -1
        assert np.abs(s[:, i, j] - (even[k] + sign * odd[k]) / 2).max() < 2e-5


def test_a_line_is_as_scikit_rf_has_it():
    skrf = pytest.importorskip("skrf")
    r, inductance, c = 0.4, 1.2e-9, 0.35e-12
    frequency = skrf.Frequency.from_f(F_HZ, unit="Hz")
    w = 2 * np.pi * F_HZ
    media = skrf.media.DefinedGammaZ0(
        frequency,
        gamma=np.sqrt((r + 1j * w * inductance) * 1j * w * c) / 1e-3,
        z0=np.sqrt((r + 1j * w * inductance) / (1j * w * c)),
        z0_port=50.0,
    )
    theirs = media.line(1e-3, "m")
    mine = scattering(_network([[r]], [[inductance]], [[c]]), F_HZ, sections_count=256)
    assert np.abs(mine.s - theirs.s).max() < 2e-5


def test_reference_resistance_and_power_as_scikit_rf_has_them():
    skrf = pytest.importorskip("skrf")
    made = _three_paths()
    at_50, at_75 = scattering(made, F_HZ, 50.0), scattering(made, F_HZ, 75.0)
    theirs = skrf.Network(f=F_HZ, s=at_50.s, z0=50.0)
    assert theirs.is_reciprocal()
    assert theirs.is_passive()
    theirs.renormalize(75.0)
    assert np.abs(theirs.s - at_75.s).max() < 1e-9
    assert np.abs(skrf.Network(f=F_HZ, s=at_50.s, z0=50.0).y - port_admittances(made, F_HZ)).max() < 1e-6


@pytest.mark.parametrize("f_Hz", F_HZ.tolist())
def test_the_ladder_is_the_same_circuit(f_Hz):
    made = _three_paths()
    n = made.sections(2e10)
    circuit = ladder(made, f_Hz, n)
    assert tuple(name for name, _ in circuit.ports) == port_names(made)
    mine = scattering(made, np.array([f_Hz]), sections_count=n).s[0]
    assert np.abs(of_admittances(admittance(circuit, f_Hz)[None], 50.0)[0] - mine).max() < 1e-9


def test_a_ladder_holds_the_whole_paths():
    made = _three_paths()
    circuit = ladder(made, 1e9, 8)
    value = {kind: [p.value for p in circuit.elements if p.kind == kind] for kind in "LCK"}
    assert sum(value["L"]) == pytest.approx(np.trace(made.l_H[0]))
    assert all(0 < k < 1 for k in value["K"])
    assert sum(p.value for p in circuit.elements if p.kind == "C" and p.b == "0") == pytest.approx(made.c_F.sum())
    assert len({p.name for p in circuit.elements}) == len(circuit.elements)


def test_passive_and_reciprocal_at_every_frequency():
    found = scattering(_three_paths(), np.concatenate(([0.0], np.geomspace(1e3, 1e11, 60))))
    assert found.largest_gain.max() <= 1 + 1e-12
    assert found.uneven == 0.0
    assert found.s[0].imag == pytest.approx(0.0)


def test_random_networks_are_passive():
    rng = np.random.default_rng(4)
    for _ in range(20):
        p = int(rng.integers(1, 6))
        root, root2 = rng.normal(size=(2, p, p))
        c = -rng.random((p, p)) * 1e-13
        c = np.tril(c, -1) + np.tril(c, -1).T
        c += np.diag(rng.random(p) * 1e-13 - c.sum(axis=1))
        made = _network(0.1 * root @ root.T + 1e-6 * np.eye(p), 1e-9 * root2 @ root2.T + 1e-15 * np.eye(p), c)
        assert scattering(made, F_HZ).largest_gain.max() <= 1 + 1e-9


def test_balls_of_one_net_are_joined_at_its_pads():
    """Two like paths in parallel, seen from the pads, are one of half the resistance at DC."""
    made = _network(np.diag([0.2, 0.2]), np.eye(2) * 1e-9, [[1e-13]], ["a", "a"])
    s = scattering(made, np.array([0.0])).s[0]
    y = (np.linalg.inv(np.eye(3) + s) * 2 - np.eye(3)) / 50.0
    assert y[2, 2].real == pytest.approx(2 / 0.2, rel=1e-6)
    assert y[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_resistance_of_the_return_couples_at_dc():
    shared, own = 0.05, 0.1
    s = scattering(
        _network(np.full((2, 2), shared) + own * np.eye(2), np.eye(2) * 1e-9, np.eye(2) * 1e-13), np.zeros(1)
    ).s
    # 1 V behind path a's 50 ohm: 10 mA, 0.5 mV in b's way, half of it on either of its ends; S is twice that
    assert abs(s[0, 0, 1]) == pytest.approx(shared / 100.0, rel=0.01)


def test_sections_in_a_chain_add_up():
    z, y = np.array([[0.1 + 1j]]), np.array([[0.002j]])
    even, odd = chain(z, y, 4)
    a = np.array(
        [[1 + z[0, 0] * y[0, 0] / 2, z[0, 0]], [y[0, 0] * (1 + z[0, 0] * y[0, 0] / 4), 1 + z[0, 0] * y[0, 0] / 2]]
    )
    whole = np.linalg.matrix_power(a, 4)
    assert (even + odd)[0, 0] / 2 == pytest.approx(whole[1, 1] / whole[0, 1])
    assert (even - odd)[0, 0] / 2 == pytest.approx(-1 / whole[0, 1])


def test_only_powers_of_two_are_folded():
    with pytest.raises(ValueError, match="power of 2"):
        scattering(_three_paths(), F_HZ, sections_count=6)


def test_a_choice_of_ports():
    found = scattering(_three_paths(), F_HZ)
    some = found.of(["die b", "ball A1"])
    assert some.ports == ("die b", "ball A1")
    assert (some.s[:, 0, 1] == found.s[:, 4, 0]).all()
