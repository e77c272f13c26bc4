"""The supply question: Caravel and the image sensor against bars and balances; options, limits, refusals."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapely import box

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.layout.types import Layout, OpenNet, Trace
from chipscale.materials.library import material
from chipscale.package.types import Ball, Net, Pad
from chipscale.physics.electrical.conductors import conductors, sigma_S_m
from chipscale.physics.electrical.loop_emission import Emission
from chipscale.physics.electrical.supply import Supply
from chipscale.stack.types import Slab, Stack
from chipscale.store import Store

ROOT = Path(__file__).parents[3]


def _view(design):
    return {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}


@pytest.fixture(scope="module")
def caravel(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("cache"))
    return _view(Design.load(ROOT / "examples" / "caravel" / "chip.yaml", store=store))


@pytest.fixture(scope="module")
def answer(caravel):
    return Supply(nets=("vssd", "vdda1", "vccd", "vdda")).run(caravel)


def _of(rows, net):
    return [row for row in rows if row["net"] == net]


def _bars_drop(view, net):
    """Return pad -> drop in mV of the net's bars at 100 mA: a network of straight bars, nothing of sheets in it."""
    made = conductors(view["package"], view["layout"], view["stack"], view["materials"]).of_nets([net])
    count = len(made.nodes)
    matrix, drawn = np.zeros((count, count)), np.zeros(count)
    for bar in made.segments:
        matrix[np.ix_([bar.a, bar.b], [bar.a, bar.b])] += np.array([[1, -1], [-1, 1]]) / bar.r_ohm
    pads = {item.name.removeprefix("pad "): item.node for item in made.terminals if not item.is_ball}
    balls = [item.node for item in made.terminals if item.is_ball]
    for node in pads.values():
        drawn[node] += 0.1 / len(pads)
    free = [k for k in range(count) if matrix[k, k] > 0 and k not in balls]
    drop = np.zeros(count)
    drop[free] = np.linalg.solve(matrix[np.ix_(free, free)], drawn[free])
    return {name: 1e3 * drop[node] for name, node in pads.items()}


@pytest.mark.parametrize("net", ["vssd", "vdda1", "vccd", "vdda"])
def test_the_drop_is_that_of_the_nets_bars(caravel, answer, net):
    bars = _bars_drop(caravel, net)
    for row in _of(answer.tables["pads"], net):
        assert row["drop_mV"] == pytest.approx(bars[row["pad"]], rel=0.02)


def test_current_and_power_balance(answer):
    assert answer.state == "ok"
    for row in answer.tables["nets"]:
        net = row["net"]
        assert sum(ball["current_mA"] for ball in _of(answer.tables["balls"], net)) == pytest.approx(100.0)
        pads = _of(answer.tables["pads"], net)
        assert row["power_mW"] == pytest.approx(sum(pad["current_mA"] * pad["drop_mV"] for pad in pads) * 1e-3)
        assert row["drop_worst_mV"] == max(pad["drop_mV"] for pad in pads)
        for place, total in (("via", 100.0), ("ubm", 100.0), ("ball", 100.0)):
            here = [opening for opening in _of(answer.tables["openings"], net) if opening["place"] == place]
            assert sum(opening["current_mA"] for opening in here) == pytest.approx(total, rel=1e-6)


def test_wires_carry_what_their_pads_draw(caravel, answer):
    """Four pads of a tree draw 25 mA each: every wire carries a multiple, or what balls exchange."""
    one = _of(answer.tables["wires"], "vccd")
    assert [row["current_mA"] for row in one] == pytest.approx([100.0] * len(one), rel=2e-3)
    assert one[0]["j_A_cm2"] == pytest.approx(100e-3 / one[0]["area_um2"] * 1e8, rel=2e-3)
    assert one[0]["width_um"] == pytest.approx(40.0, abs=1.0)
    assert one[0]["thick_um"] == pytest.approx(6.0, abs=1e-9)  # as built: the seed layer and the metal on it
    assert 0.98 < one[0]["area_um2"] / (one[0]["width_um"] * one[0]["thick_um"]) < 1.0  # the seed is undercut
    tree = [row["current_mA"] for row in _of(answer.tables["wires"], "vssd")]
    assert {25, 50, 75} <= {round(current) for current in tree}
    assert max(tree) < 100.0


def test_metrics_are_the_tables_worst(answer):
    tables = answer.tables
    assert answer.metrics["drop_worst_mV"] == max(row["drop_worst_mV"] for row in tables["nets"])
    assert answer.metrics["ball_worst_mA"] == max(row["current_mA"] for row in tables["balls"])
    assert answer.metrics["j_wire_A_cm2"] == max(row["j_A_cm2"] for row in tables["wires"])
    assert answer.metrics["nets_count"] == 4
    assert set(answer.metrics) <= set(Supply.metrics)
    assert answer.metrics["mesh_error_pct"] < 1.0


def test_fields_draw_the_nets(answer):
    fields = answer.fields
    corners = fields["triangles"].astype(int)
    assert corners.max() < len(fields["drop_mV"])
    assert len(corners) == len(fields["j_A_cm2"]) == len(fields["triangle_net"]) == len(fields["triangle_layer"])
    assert np.isfinite(fields["drop_mV"]).all()
    here = fields["triangle_net"] == [row["net"] for row in answer.tables["nets"]].index("vssd")
    worst = next(row for row in answer.tables["nets"] if row["net"] == "vssd")["drop_worst_mV"]
    assert fields["drop_mV"][corners[here]].max() == pytest.approx(worst, rel=0.05)


def test_drop_is_linear_and_grows_with_the_temperature(caravel, answer):
    twice = Supply(nets=("vccd",), net_currents=("vccd=200",)).run(caravel)
    first = _of(answer.tables["nets"], "vccd")[0]
    assert twice.metrics["drop_worst_mV"] == pytest.approx(2 * first["drop_worst_mV"], rel=1e-9)
    hot = Supply(nets=("vccd",), t_C=125.0).run(caravel)
    law = (1 + 3930e-6 * 105) / (1 + 3930e-6 * 5)  # copper is nearly all of it
    assert 1 + 0.75 * (law - 1) < hot.metrics["drop_worst_mV"] / first["drop_worst_mV"] < law
    assert any("SAC305" in text for text in hot.warnings)


def test_currents_of_single_pads(caravel):
    result = Supply(nets=("vssd",), pad_currents=("toppads[5]=70",)).run(caravel)
    currents = {row["pad"]: row["current_mA"] for row in result.tables["pads"]}
    assert currents.pop("toppads[5]") == 70.0
    assert list(currents.values()) == pytest.approx([10.0] * 3)


def test_limits_are_the_users(caravel, answer):
    assert answer.checks == ()
    ask = Supply(nets=("vccd", "vdda"), limit_drop_mV=2.0, limit_wire_A_cm2=5e4, limit_via_A_cm2=1e3, limit_ball_mA=50)
    result = ask.run(caravel)
    bad = {(check.code, check.net) for check in result.checks if not check.ok}
    assert bad == {
        ("supply.drop", "vccd"), ("supply.density_via", "vccd"), ("supply.density_via", "vdda"),
        ("supply.ball_current", "vccd"), ("supply.ball_current", "vdda"),
    }  # fmt: skip
    assert [check.ok for check in result.checks if check.code == "supply.density_wire"] == [True]


def test_life_and_fuse(caravel):
    ask = Supply(nets=("vccd",), t_C=125.0, black_a_h=1e12, black_n_ratio=2.0, black_ea_eV=0.5, fuse_pulse_s=1e-6)
    result = ask.run(caravel)
    worst = max(row["j_A_cm2"] for row in result.tables["wires"])
    assert result.metrics["life_least_h"] == pytest.approx(
        1e12 / worst**2 * np.exp(0.5 / (8.617333262e-5 * 398.15)), rel=1e-6
    )
    assert result.metrics["fuse_least_A"] > 20 > Supply(nets=("vccd",)).run(caravel).metrics["fuse_least_A"]


def test_the_film_in_the_grooves_carries_it_all(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("cache"))
    view = _view(Design.load(ROOT / "examples" / "image_sensor" / "chip.yaml", store=store))
    result = Supply(nets=("AGND2",)).run(view)
    walls = [row for row in result.tables["wires"] if row["name"].startswith("wall")]
    assert max(row["current_mA"] for row in walls) == pytest.approx(100.0, rel=1e-3)
    slope = max(walls, key=lambda row: row["current_mA"])
    assert slope["width_um"] == pytest.approx(90.0, abs=0.5)
    (contact,) = [row for row in result.tables["openings"] if row["place"] == "via"]
    assert contact["name"] == "T11"
    assert contact["area_um2"] < 100.0  # the cut edge of a film of 1 µm
    assert result.state == "ok"


def test_emission_of_a_clock(caravel):
    ask = Emission(signal="clock", return_net="vssd", current_mA=10.0, f_Hz=1e9)
    good = ask.run(caravel)
    assert good.state == "ok"
    (row,) = good.tables["loop"]
    assert row["signal_ball"] == "C9"
    area = np.linalg.norm([row[f"area_{axis}_um2"] for axis in "xyz"])
    assert good.metrics["loop_area_um2"] == pytest.approx(area)
    assert good.metrics["e_loop_uV_m"] == pytest.approx(1.316e-14 * 1e18 * area * 1e-12 * 0.01 / 3 * 1e6, rel=2e-3)
    fast = replace(ask, f_Hz=20e9).run(caravel)
    assert fast.state == "doubtful"
    assert "longest path" in fast.warnings[0]
    near = replace(ask, f_Hz=1e6).run(caravel)
    assert "near field" in near.warnings[0]
    wired = replace(ask, common_mA=0.005, wire_mm=1000.0).run(caravel)
    assert wired.metrics["e_total_uV_m"] > wired.metrics["e_wire_uV_m"] > 1000.0
    assert any("quarter" in text for text in wired.warnings)


# ---- a small package by hand --------------------------------------------------------------------------------------


@pytest.fixture
def small(make_package):
    """A supply of two pads and one ball; its second pad's wire is missing."""
    made = make_package(cols=2, rows=1, size_um=(1000.0, 600.0))
    pads = (Pad("p1", 20.0, 20.0, 40.0, 40.0, "VDD"), Pad("p2", 20.0, 220.0, 40.0, 40.0, "VDD"))
    balls = (Ball("A1", 380.0, 20.0, "VDD", 0, 0), Ball("A2", 800.0, 20.0, "sig", 0, 1))
    nets = (Net("VDD", "power", "power", ("p1", "p2"), ("A1",)), Net("sig", "signal", "signal", (), ("A2",)))
    package = replace(made, pads=pads, balls=balls, nets=nets)

    def slab(name, layer, metal, z_um, h_um, where, part=""):
        return Slab(name, layer, metal, z_um, h_um, where, where, "VDD", part)

    bodies = (
        slab("PAD.p1", "PAD", "Al", 0.0, 1.0, box(0, 0, 40, 40)),
        slab("PAD.p2", "PAD", "Al", 0.0, 1.0, box(0, 200, 40, 240)),
        slab("RDL.VDD.plug", "RDL", "Cu_plated", 1.0, 7.0, box(0, 0, 40, 40), "plug"),
        slab("RDL.VDD", "RDL", "Cu_plated", 8.0, 6.0, box(0, 0, 400, 40)),
        slab("BUMP.A1", "BUMP", "Au", 14.0, 16.0, box(360, 0, 400, 40)),
    )
    trace = Trace("RDL", "VDD", 40.0, np.array([[20.0, 20.0], [380.0, 20.0]]))
    gap = OpenNet(
        "VDD", ("p2", "A1"), ("p1", "p2"), 10.0, 20.0, (20.0, 120.0), "the gap between p1 and p2 is too small"
    )
    layout = Layout(1000.0, 600.0, (), (), (trace,), (), (gap,))
    return {
        "package": package,
        "layout": layout,
        "stack": Stack("small", 1000.0, 600.0, bodies),
        "materials": {name: material(name) for name in ("Al", "Au", "Cu_plated")},
    }


def test_a_net_open_on_the_mask_is_named(small):
    result = Supply(current_mA=50.0).run(small)
    assert result.state == "doubtful"
    (check,) = result.checks
    assert (check.code, check.ok, check.net, check.where_um) == ("supply.open", False, "VDD", (20.0, 120.0))
    assert "open on the masks" in check.message
    assert "p2" in check.message
    assert result.metrics["open_count"] == 1.0
    assert [row["pad"] for row in result.tables["pads"]] == ["p1"]
    assert result.tables["pads"][0]["current_mA"] == 25.0
    (wire,) = result.tables["wires"]
    assert wire["current_mA"] == pytest.approx(25.0, rel=1e-3)


def test_a_supply_of_which_nothing_is_joined(small):
    bodies = tuple(body for body in small["stack"].bodies if body.name != "RDL.VDD")
    result = Supply().run(small | {"stack": replace(small["stack"], bodies=bodies)})
    assert result.tables["nets"][0]["drop_worst_mV"] is None
    assert result.tables["nets"][0]["lost_pads"] == "p1, p2"
    assert result.metrics["power_mW"] == 0.0
    assert not result.ok


def test_wrong_options_are_told_all_at_once(small):
    ask = Supply(
        current_mA=-1.0,
        nets=("VDDD", "VDD"),
        net_currents=("VDX=5", "VDD=much"),
        pad_currents=("p9=1",),
        t_C=2000.0,
        fuse_pulse_s=-1.0,
    )
    with pytest.raises(InputError) as caught:
        ask.run(small)
    keys = sorted(problem.key for problem in caught.value.problems)
    assert keys == ["current_mA", "fuse_pulse_s", "net_currents", "net_currents", "nets", "pad_currents", "t_C"]
    assert "did you mean 'VDD'?" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "key", "what"),
    [
        ({"limit_wire_A_cm2": -1.0}, "limit_wire_A_cm2", "above 0"),
        ({"limit_drop_mV": 0.0}, "limit_drop_mV", "above 0"),
        ({"board_land_um": 1e6}, "board_land_um", "wider than the ball"),
        ({"t_C": -270.0}, "t_C", "linear"),
        ({"nets": ("sig",)}, "nets", "of kind signal"),
        ({"net_currents": ("VDD=-3",)}, "net_currents", "0 or more"),
    ],
)
def test_nonsense_is_refused_with_its_reason(small, options, key, what):
    with pytest.raises(InputError, match=what) as caught:
        Supply(**options).run(small)
    assert [problem.key for problem in caught.value.problems] == [key]


def test_layers_tell_the_films_as_built(answer):
    """Only films that carry current, numbered as in the field; a square of copper 6 µm thick."""
    rows = answer.tables["layers"]
    assert [row["layer"] for row in rows] == ["RDL", "UBM"]
    assert rows[0]["thick_um"] == pytest.approx(6.0)
    assert rows[0]["r_square_mohm"] == pytest.approx(1e3 / (6e-6 * sigma_S_m(material("Cu_plated"))), rel=1e-9)
    assert set(np.unique(answer.fields["triangle_layer"])) == {0.0, 1.0}


def test_pads_that_draw_more_than_the_net_are_refused(small):
    with pytest.raises(InputError, match="120 mA, its total is 100 mA"):
        Supply(pad_currents=("p1=120",)).run(small)


def test_a_net_without_a_path_is_refused_or_left_out(small):
    package = small["package"]
    bare = Net("VSS", "ground", "ground", ("p2",), ())
    whole = replace(package.nets[0], pads=("p1",))
    view = small | {"package": replace(package, nets=(whole, bare))}
    result = Supply().run(view)
    assert [row["net"] for row in result.tables["nets"]] == ["VDD"]
    assert any("VSS has no ball" in text for text in result.warnings)
    with pytest.raises(InputError, match="VSS has no balls"):
        Supply(nets=("VSS",)).run(view)
    with pytest.raises(InputError, match="no net of the package is a supply"):
        Supply().run(small | {"package": replace(package, nets=package.nets[1:])})


def test_a_mesh_that_would_not_fit_is_refused(small):
    with pytest.raises(InputError, match="larger mesh_um"):
        Supply(mesh_um=0.01).run(small)
