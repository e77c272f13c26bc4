"""Networks joined from answers, and the question on signals: a real package, its tables and fields, its refusals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.physics.electrical import extraction as extracting
from chipscale.physics.electrical.extraction import Extraction, extraction, network
from chipscale.physics.electrical.frequency_sweep import between, sweep
from chipscale.physics.electrical.network import Network, assembled, chosen, ground_net, lifted
from chipscale.physics.electrical.rl import PathRL
from chipscale.physics.electrical.scattering import scattering
from chipscale.physics.electrical.signals import Signals
from chipscale.results import Result
from chipscale.store import Store

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """Balls on pads, with a capacitance of 0.4 pF for each net and 0.02 pF between any two."""
    design = Design.load(EXAMPLES / "bump_on_pad" / "chip.yaml", store=Store(tmp_path_factory.mktemp("cache")))
    parts = {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}
    names = sorted(net.name for net in design.package.nets)
    matrix = np.full((len(names), len(names)), -0.02)
    np.fill_diagonal(matrix, 0.4)
    tables = {"nets": [{"net": name} for name in names]}
    return parts | {
        "electrical.capacitance": Result("electrical.capacitance", tables=tables, fields={"matrix_pF": matrix})
    }


@pytest.fixture(scope="module")
def made(view):
    return network(view, "SCL, SDA", to_Hz=2e9)


@pytest.fixture(scope="module")
def answer(view):
    return Signals(nets="SCL,SDA", to_Hz=2e9, points_count=40, rise_ps=200.0, load_pF=1.0).run(view)


@pytest.fixture
def quick(made, monkeypatch):
    """Take the network at hand for the two nets, so that it is not solved again; return the nets solved for."""
    asked = []

    def solved(self, to_Hz, progress=None):
        self.refuse(to_Hz, "network.to_Hz")
        asked.append(",".join(self.nets))
        return made, None

    monkeypatch.setattr(Extraction, "solved", solved)
    return asked


def test_a_network_is_of_loops_through_the_ground(view, made):
    assert made.nets == ("SCL", "SDA")
    assert made.return_net == ground_net(view["package"]) == "GND"
    assert made.f_Hz[0] == 0.0 and made.f_Hz[-1] == pytest.approx(2e9)  # noqa: PT018
    assert made.c_F == pytest.approx(np.array([[0.4, -0.02], [-0.02, 0.4]]) * 1e-12)
    for k in range(len(made.f_Hz)):
        assert np.linalg.eigvalsh(made.r_ohm[k]).min() > 0
        assert np.linalg.eigvalsh(made.l_H[k]).min() > 0


def test_between_frequencies_and_beyond(made):
    r, inductance = made.at(made.f_Hz)
    assert np.abs(r - made.r_ohm).max() < 1e-9 * made.r_ohm.max()
    assert np.abs(inductance - made.l_H).max() < 1e-9 * made.l_H.max()
    assert made.at(1e12)[0] == pytest.approx(made.at(2e9)[0])
    r, inductance = (np.diagonal(item, axis1=1, axis2=2) for item in made.at(np.geomspace(1e5, 2e9, 60)))
    assert (np.diff(r, axis=0) > 0).all()
    assert (np.diff(inductance, axis=0) < 0).all()


def test_a_network_of_resistors_and_inductors_is_known_between_its_frequencies():
    """Two meshes: R1 + s L1 with R2 + s L2 coupled by M. Z = R1 + s L1 - s² M² / (R2 + s L2)."""
    r1, l1, r2, l2, mutual = 0.05, 1e-9, 0.4, 0.8e-9, 0.5e-9

    def exact(f_Hz):
        s = 2j * np.pi * np.asarray(f_Hz)
        z = r1 + s * l1 - (s * mutual) ** 2 / (r2 + s * l2)
        inductance = np.full(len(s), l1)
        inductance[s != 0] = z.imag[s != 0] / s.imag[s != 0]
        return z.real[:, None, None], inductance[:, None, None]

    known = np.concatenate(([0.0], np.geomspace(1e7, 1e9, 6)))
    asked = np.geomspace(1e6, 1e9, 50)
    found = between(known, *exact(known), asked)
    for one, other, size in zip(found, exact(asked), (1e-2, 1e-2), strict=True):
        assert np.abs(one / other - 1.0).max() < size
    many = sweep(lambda f: tuple(item[0] for item in exact([f])), 1e9, tuple(item[0] for item in exact([0.0])), 1e-6)
    assert many.error_ratio < 1e-6
    for one, other in zip(many.at(asked), exact(asked), strict=True):
        assert np.abs(one / other - 1.0).max() < 2e-4  # below the least frequency solved
        assert np.abs(one / other - 1.0)[asked > 1e7].max() < 1e-5


def test_capacitance_is_shared_by_length():
    line = Network(
        ("A1", "A2", "B1"),
        ("a", "a", "b"),
        ("a", "b"),
        "g",
        np.zeros(1),
        np.eye(3)[None],
        np.eye(3)[None] * 1e-9,
        np.array([[4.0, -1.0], [-1.0, 3.0]]) * 1e-12,
        np.array([300.0, 100.0, 50.0]),
    )
    found = line.path_capacitance_F() * 1e12
    assert found == pytest.approx(np.array([[3.0, 0.0, -0.75], [0.0, 1.0, -0.25], [-0.75, -0.25, 3.0]]))
    assert found.sum() == pytest.approx(line.c_F.sum() * 1e12)


def test_sections_grow_with_frequency(made):
    counts = [made.sections(f) for f in (1e9, 1e11, 1e12, 1e14)]
    assert counts == sorted(counts)
    assert counts[-1] == 256
    assert all(n & (n - 1) == 0 for n in counts)


def test_what_interpolation_leaves_below_zero_is_lifted():
    matrix = np.array([[[1.0, 1.1], [1.1, 1.0]], [[2.0, 0.5], [0.5, 2.0]]])
    found = lifted(matrix)
    assert np.linalg.eigvalsh(found[0]).min() == pytest.approx(0.0, abs=1e-12)
    assert found[1] == pytest.approx(matrix[1])


def test_a_net_without_capacitance_is_told(made, view):
    c = view["electrical.capacitance"]
    fewer = replace(c, tables={"nets": []}, fields={"matrix_pF": np.zeros((0, 0))})
    ball = {"path_um": 100.0, "ball": "C1"}
    rl = Result(
        "electrical.rl",
        tables={"order": [{"net": "SCL", "terminal": "ball C1"}], "balls": [ball]},
        fields={
            "r_dc_mohm": np.eye(1),
            "l_dc_nH": np.eye(1),
            "sweep_f_Hz": np.array([1e9]),
            "sweep_r_mohm": np.ones((1, 1, 1)),
            "sweep_l_nH": np.ones((1, 1, 1)),
        },
    )
    assert "no capacitance" in assembled(rl, fewer, "GND").warnings[0]


def test_checks_hold_and_nothing_is_gained(answer):
    assert {check.code for check in answer.checks} == {"signals.passive", "signals.reciprocal"}
    assert all(check.ok for check in answer.checks)
    assert answer.metrics["gain_largest_ratio"] <= 1 + 1e-9


def test_s_is_that_of_the_network(answer, made):
    f_Hz = answer.fields["f_Hz"]
    mine = answer.fields["s_real"] + 1j * answer.fields["s_imag"]
    assert np.abs(mine - scattering(made, f_Hz).s).max() < 1e-12
    assert [row["port"] for row in answer.tables["ports"]] == [f"ball {b}" for b in made.balls] + ["die SCL", "die SDA"]


def test_losses_are_those_of_so_short_a_path(answer, made):
    """Far below its resonance a path is its capacitance across 25 ohm: S11 = -j w C 50 / 2 / (1 + j w C 25)."""
    row = answer.tables["losses"][0]
    w = 2 * np.pi * row["at_GHz"] * 1e9
    y = 1j * w * 0.4e-12 * 25
    assert row["return_loss_dB"] == pytest.approx(-20 * np.log10(abs(y / (1 + y))), rel=0.05)
    assert row["insertion_loss_most_dB"] >= row["insertion_loss_dB"] > 0


def test_crosstalk_at_low_frequency_is_that_of_both_mutuals(view, made, quick):
    low = Signals(nets="SCL,SDA", to_Hz=1e8, points_count=10, rise_ps=5000.0, rate_Gbps=0.05).run(view)
    mutual = made.at(1e8)[1][0, 1]
    expected = 20 * np.log10(2 * np.pi * 1e8 * (0.02e-12 * 25 + mutual / 100))
    assert low.tables["crosstalk"][0]["next_dB"] == pytest.approx(expected, abs=0.1)


def test_the_eye_of_a_short_path_is_open(answer):
    for row in answer.tables["eyes"]:
        assert 0.45 < row["eye_height_V"] <= row["alone_height_V"] + 1e-3
        assert row["eye_height_V"] <= 0.501
        assert 0.9 * row["bit_ps"] < row["eye_width_ps"] <= row["bit_ps"]
    assert answer.fields["eye_V"].shape == (127, len(answer.fields["eye_ps"]))


def test_an_edge_is_late_by_load_and_path(answer):
    """25 ohm into 1.4 pF: 35 ps of delay, and an edge of 200 ps a little slower."""
    for row in answer.tables["edges"]:
        assert row["delay_ps"] == pytest.approx(35.0, rel=0.1)
        assert row["edge_rise_ps"] == pytest.approx(np.hypot(200.0, 2.2 * 35.0), rel=0.05)
        assert row["settles_V"] == pytest.approx(0.5, rel=2e-3)
        assert 0 < row["noise_V"] < 0.02


def test_a_faster_bit_has_a_smaller_eye(view, answer, quick):
    fast = Signals(nets="SCL,SDA", to_Hz=2e9, points_count=10, rise_ps=60.0, rate_Gbps=10.0, load_pF=1.0).run(view)
    assert fast.metrics["eye_height_least_V"] < 0.9 * answer.metrics["eye_height_least_V"]
    assert fast.state == "doubtful"
    assert any("are known up to" in text for text in fast.warnings)


def test_what_is_assumed_is_said(answer):
    given = {row["what"]: row["source"] for row in answer.tables["given"]}
    assert given["load_pF"] == "given"
    assert given["driver_ohm"] == "assumed"
    assert given["return_net"].startswith("assumed")
    assert any("driver 50 ohm" in text for text in answer.warnings)
    assert any("does not resolve" in text for text in answer.warnings)


def test_the_model_ends_where_the_longest_path_is_a_tenth_of_a_wavelength(answer, made):
    assert answer.metrics["holds_to_Hz"] == pytest.approx(made.range_Hz())
    delay = np.sqrt(np.diag(made.l_H[0]) * np.diag(made.path_capacitance_F()))
    assert made.range_Hz() == pytest.approx(0.1 / delay.max())
    bare = replace(made, c_F=0.0 * made.c_F)
    assert bare.range_Hz() == pytest.approx(0.1 * 2.99792458e14 / made.length_um.max())


def test_a_band_beyond_the_model_is_refused_and_edges_beyond_are_doubtful(view, made, quick):
    end_Hz = extraction(view, "SCL,SDA").end_Hz
    assert end_Hz == pytest.approx(made.range_Hz(), rel=1e-3)
    with pytest.raises(InputError, match="quasi-static model has ended") as caught:
        Signals(nets="SCL,SDA", to_Hz=1.01 * end_Hz).run(view)
    problem = caught.value.problems[0]
    assert problem.key == "to_Hz"
    assert problem.limit.endswith("GHz")
    assert "end the band at" in problem.remedy
    with pytest.raises(InputError, match="quasi-static model has ended"):
        extracting.network(view, "SCL,SDA", to_Hz=1.01 * end_Hz)
    long = replace(made, length_um=made.length_um * 1e4)
    told = Signals(to_Hz=2e9)._doubts(long, type("At", (), {"unsettled_ratio": 0.0, "error_ratio": 0.0})())
    assert any("edges and eyes" in text for text in told)
    assert any("quasi-static model's end" in text for text in told)


def test_a_band_not_asked_for_is_2_ghz_or_ends_with_the_model(view, quick, monkeypatch):
    assert Signals(nets="SCL,SDA", points_count=5).run(view).metrics["to_Hz"] == 2e9
    monkeypatch.setattr(Network, "range_Hz", lambda self: 1.29e9)
    assert Signals(nets="SCL,SDA", points_count=5).run(view).metrics["to_Hz"] == 1.2e9


def test_how_finely_conductors_are_cut_is_measured(answer, made, view, monkeypatch):
    assert answer.metrics["cut_error_ratio"] == pytest.approx(made.cut_error_ratio)
    assert 1e-4 < made.cut_error_ratio < 0.03
    assert any("cut finer, R and L of S" in text for text in answer.warnings)
    assert answer.state == "ok"
    monkeypatch.setattr(extracting, "CUT_RATIO", made.cut_error_ratio / 2)
    assert any("more than the" in text for text in network(view, "SCL, SDA", to_Hz=2e9).warnings)


def test_resistance_of_the_network_is_that_of_a_full_solution(view, made):
    """Patterns, cuts from the skin depth and interpolation against every filament free at a frequency between."""
    exact = PathRL(f_Hz=7e8, nets="SCL,SDA", return_net="GND", patterns_count=0).run(view)
    r, inductance = made.at(7e8)
    assert 1e3 * np.diag(r) == pytest.approx(np.diag(exact.fields["r_mohm"]), rel=0.02)
    assert 1e9 * np.diag(inductance) == pytest.approx(np.diag(exact.fields["l_nH"]), rel=0.01)


def test_r_and_l_stand_beside_their_frequency(answer, made):
    row = answer.tables["paths"][0]
    assert row["at_GHz"] == 0.5
    assert row["r_at_mohm"] == pytest.approx(1e3 * made.at(5e8)[0][0, 0], rel=1e-5)


def test_ports_choose_nets_and_rows(view, quick):
    found = Signals(ports="die SCL, ball C2", to_Hz=1e9, points_count=5).run(view)
    assert [row["port"] for row in found.tables["ports"]] == ["die SCL", "ball C2"]
    assert found.fields["s_real"].shape[1:] == (2, 2)
    assert quick == ["SCL,SDA"]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"ports": "ball Z9"}, "nothing at port 'ball Z9'"),
        ({"ports": "die SCK"}, "die SCL"),
        ({"ports": "die GND"}, "is the return"),
        ({"nets": "SCLK"}, "did you mean 'SCL'"),
        ({"nets": "GND"}, "only the return"),
        ({"nets": "SCL", "return_net": "gnd0"}, "return"),
        ({"to_Hz": 1.0}, "to_Hz"),
        ({"rate_Gbps": 20.0}, "rise_ps"),
        ({"load_ohm": -1.0}, "load_ohm"),
    ],
)
def test_refusals(view, options, what):
    with pytest.raises(InputError, match=what):
        Signals(**options).run(view)


def test_a_port_on_a_ball_without_net(view):
    package = view["package"]
    loose = replace(package.balls[0], net=None)
    changed = view | {"package": replace(package, balls=(loose, *package.balls[1:]))}
    with pytest.raises(InputError, match="on nothing"):
        Signals(ports=f"ball {loose.name}").run(changed)


def test_no_ground_and_no_path_are_refused(view):
    package = view["package"]
    signals = replace(package, nets=tuple(replace(net, kind="signal") for net in package.nets))
    with pytest.raises(InputError, match="no ground net"):
        ground_net(signals)
    lost = replace(package, nets=tuple(replace(net, pads=()) if net.name == "SCL" else net for net in package.nets))
    with pytest.raises(InputError, match="has no pad"):
        chosen(lost, "SCL")
