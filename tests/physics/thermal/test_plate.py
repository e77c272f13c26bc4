"""First sizing by layers: straight heat by hand, films' shares, blocks, refusals; and the mesh against the series."""

import json
import math

import numpy as np
import pytest
import shapely
from tests.conftest import SHARED

from chipscale.errors import InputError
from chipscale.physics.thermal import grid
from chipscale.physics.thermal.plate import PlateSizing, even_layers
from chipscale.solvers.diffusion import cells, outflow, solve
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


def _by_cells(case, per_side, growth):
    """Return mean and centre rise for 1 W by boxes on a mesh as the product makes it: so many cells along the source's
    side, wider with distance from it, fine below the source."""
    (x, y), (a, b) = case["centre_mm"], case["source_mm"]
    sides = case["plate_mm"]
    lines = [
        grid.lines([0.0, low, mid, high, side], (low, high), (high - low) / per_side, growth, 0.5)
        for side, low, mid, high in zip(sides, (x - a / 2, y - b / 2), (x, y), (x + a / 2, y + b / 2), strict=True)
    ]
    layers = case["layers_from_source"]
    stops = np.cumsum([item["t_mm"] for item in layers])
    z = grid.lines([0.0, *stops], (0.0, 0.0), a / per_side / 2, growth, max(0.2, a / per_side / 2))
    mid = (z[:-1] + z[1:]) / 2
    k = np.array([layers[int(np.searchsorted(stops, at))]["k_W_mK"] for at in mid], dtype=float)
    steps = tuple(np.diff(edges) * 1e-3 for edges in (*lines, z))
    shape = tuple(len(step) for step in steps[::-1])
    field = np.broadcast_to(k[:, None, None], shape).copy()
    level = cells(field, field, field, steps)
    level.out[-1] = np.outer(steps[1], steps[0]) / (1 / case["h_W_m2K"] + steps[2][-1] / (2 * k[-1]))
    at = [(edges[:-1] + edges[1:]) / 2 for edges in lines]
    hot = np.outer(np.abs(at[1] - y) < b / 2, np.abs(at[0] - x) < a / 2)
    area = np.outer(steps[1], steps[0])
    source = np.zeros(shape)
    source[0] = hot * area / area[hot].sum()
    answer = solve(level, source, tolerance_ratio=1e-10)
    assert outflow(level, answer.value).sum() == pytest.approx(1.0, abs=1e-6)
    surface = answer.value[0] + source[0] / area * steps[2][0] / (2 * k[0])
    near = (int(np.searchsorted(lines[1], y)), int(np.searchsorted(lines[0], x)))
    around = surface[near[0] - 2 : near[0] + 2, near[1] - 2 : near[1] + 2]
    # on the crossing of lines: the four cells about it, freed of their second derivative by the twelve around them
    inner = around[1:3, 1:3].mean()
    outer = (around[[0, 3], 1:3].sum() + around[1:3, [0, 3]].sum()) / 8
    return float((surface * area)[hot].sum() / area[hot].sum()), float(inner - (outer - inner) / 4)


@pytest.mark.skipif(not CASES.exists(), reason="reference data is not here")
@pytest.mark.parametrize("name", ["A", "B", "C"])
def test_cells_against_the_series(name):
    case = json.loads(CASES.read_text())[name]
    mean, centre = _by_cells(case, 32, 0.1)
    assert mean == pytest.approx(case["R_mean_K_W"], rel=5e-3)
    assert centre == pytest.approx(case["R_centre_K_W"], rel=5e-3)


@pytest.mark.skipif(not CASES.exists(), reason="reference data is not here")
def test_cells_converge_at_second_order():
    case = json.loads(CASES.read_text())["A"]
    off = [abs(_by_cells(case, count, 0.0)[0] - case["R_mean_K_W"]) for count in (4, 8, 16)]
    assert off[0] / off[1] > 3.0
    assert off[1] / off[2] > 3.0
