"""First sizing by layers: straight heat by hand, films' shares, blocks, refusals; and the mesh against the series."""

import json
import math

import pytest
import shapely
from benchmarks.thermal_plates import Case, by_boxes, by_series
from tests.conftest import SHARED

from chipscale.errors import InputError
from chipscale.physics.thermal.plate import PlateSizing, even_layers
from chipscale.stack.types import Slab, Stack

CASES = SHARED / "reference" / "thermal_exact.json"


class Terminal:
    ubm_d_um = 100.0


class Shell:
    """What the analysis wants of a package."""

    terminal = Terminal()


@pytest.fixture
def view():
    whole, half = shapely.box(0, 0, 1000, 2000), shapely.box(0, 0, 500, 2000)
    bodies = (
        Slab("die", "DIE", "Si", -200.0, 200.0, whole, whole),
        Slab("film", "PI1", "PI", 0.0, 10.0, whole, whole),
        Slab("metal", "RDL", "Cu_plated", 10.0, 5.0, half, half),
    )
    return {"package": Shell(), "stack": Stack("small", 1000.0, 2000.0, bodies), "materials": {}}


def test_layers_are_made_even(view):
    rows, face = even_layers(view["stack"], 100.0, "air", {})
    assert face == 1
    assert [round(layer.t_m * 1e6, 9) for _, layer in rows] == [200.0, 10.0, 5.0]
    metal = rows[2][1]
    k, gas = 401.0, 0.0263
    assert metal.kz_W_mK == pytest.approx((k + gas) / 2)
    assert metal.kx_W_mK == pytest.approx(math.sqrt((k + gas) / 2 * 2 / (1 / k + 1 / gas)))


def test_even_heat_goes_straight_through(view):
    answer = PlateSizing(power_W=0.5, h_board_W_m2K=4000.0, h_case_W_m2K=500.0).run(view)
    area = 2e-6
    down = 10e-6 / 0.2 + 5e-6 / ((401 + 0.0263) / 2) + 1 / 4000.0
    up = 200e-6 / 148.0 + 1 / 500.0
    rise = 0.5 / (area * (1 / down + 1 / up))
    assert answer.state == "ok"
    assert answer.metrics["t_junction_C"] == pytest.approx(25 + rise, rel=1e-6)
    assert answer.metrics["up_pct"] == pytest.approx(100 * down / (up + down), rel=1e-6)
    assert answer.metrics["spread_K_W"] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.slow
def test_a_hot_spot_costs_more_and_the_mean_stays(view):
    even = PlateSizing().run(view)
    spot = PlateSizing(power="0,0,200,200,1").run(view)
    assert spot.metrics["spread_K_W"] > 1.0
    assert spot.metrics["t_junction_C"] > even.metrics["t_junction_C"]
    assert spot.fields["rise_K"].argmax() == 0  # the corner that is heated
    twice = PlateSizing(power="0,0,200,200,1; 800,1800,1000,2000,1").run(view)
    first, last = twice.tables["blocks"]
    assert first["t_mean_C"] == pytest.approx(last["t_mean_C"], abs=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"power": "0,0,2000,100,1"}, "outside the die"),
        ({"h_board_W_m2K": 0.0, "h_case_W_m2K": 0.0}, "no heat could leave"),
        ({"power_W": -1.0}, "out of range"),
    ],
)
def test_what_makes_no_sense_is_refused(view, options, message):
    with pytest.raises(InputError, match=message):
        PlateSizing(**options).run(view)


def _case(name):
    """Return a case of the reference as the benchmark has it."""
    found = json.loads(CASES.read_text())[name]
    layers = tuple((item["t_mm"], float(item["k_W_mK"])) for item in found["layers_from_source"])
    side, source, centre = found["plate_mm"][0], found["source_mm"][0], tuple(found["centre_mm"])
    return Case(side, source, centre, layers, found["h_W_m2K"], found["R_mean_K_W"], found["R_centre_K_W"])


@pytest.mark.skipif(not CASES.exists(), reason="reference data is not here")
@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_default_cells_against_the_series(name):
    """The scene of an analysis, cut by its own rule: the source's edges have lines, and narrow cells about them."""
    case = _case(name)
    found = by_boxes(case)
    assert found.mean_K_W == pytest.approx(case.mean_K_W, rel=5e-3)
    assert found.centre_K_W == pytest.approx(case.centre_K_W, rel=5e-3)
    assert found.balance_ratio < 1e-6


@pytest.mark.skipif(not CASES.exists(), reason="reference data is not here")
def test_cells_converge_at_second_order():
    case = _case("B")
    off = [by_boxes(case, wider).mean_K_W / case.mean_K_W - 1 for wider in (2.0, 1.0)]
    assert off[0] / off[1] > 3.0


def test_a_small_block_has_lines_and_narrow_cells():
    """A block far smaller than the usual cells: its heat stays its own, and the cells at its edges fit it."""
    small = Case(3.0, 0.06, (1.013, 1.507), ((0.3, 148.0), (0.4, 0.3)), 1e5, 0.0, 0.0)
    found, exact = by_boxes(small), by_series(small)
    assert found.mean_K_W == pytest.approx(exact[0], rel=0.01)
    assert found.centre_K_W == pytest.approx(exact[1], rel=0.01)
