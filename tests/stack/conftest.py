"""Layouts drawn by hand and the stacks the nominal flow makes of them."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.joint import reflowed
from chipscale.package.types import Die, FlowPlan, LayerPlan, Package, RuleSet, Terminal
from chipscale.process.flow import nominal_stack

SHARED = Path(__file__).parents[3] / "shared" / "data"
FILMS = LayerPlan(1.0, 1.0, 6.0, 5.0, 7.0, 8.0, 25.0, {"pi1": "PBO", "pi2": "PBO"})


def package_of(name, size_um, terminal, rdl_layers=1):
    die = Die(*size_um, 250.0, 10.0, 10.0)
    rules = RuleSet("none", "none", "none", {})
    pitch = 400.0
    return Package(
        name,
        name,
        "fan_in_wlcsp",
        die,
        (),
        (),
        (),
        (),
        rules,
        terminal,
        FILMS,
        pitch,
        pitch,
        pitch,
        rdl_layers,
        flow=FlowPlan("thin_film_pbo"),
    )


def square(x, y, side):
    h = side / 2
    return np.array([(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])


def ball_shapes(name, x, y, net, t, land="RDL"):
    return [
        Circle(land, "land", x, y, t.land_d_um, net, name),
        Circle("PI2", "opening", x, y, t.pi2_d_um, net, name),
        Circle("UBM", "ubm", x, y, t.ubm_d_um, net, name),
        Circle("BALL", "ball", x, y, t.ball_d_um, net, name),
    ]


def pad_shapes(name, x, y, net, t, side):
    return [
        Polygon("PAD", "pad", square(x, y, side), net, name),
        Polygon("PI1", "opening", square(x, y, t.pi1_size_um), net, name),
        Polygon("RDL", "capture", square(x, y, t.pad_capture_um or side), net, name),
    ]


TERMINAL = Terminal(250.0, *reflowed(250.0, 215.0), 215.0, 180.0, 235.0, 80.0, 60.0)


@pytest.fixture(scope="session")
def small_layout():
    """Nine balls; four on one net with four pads, four on nets of their own, the middle one unused; a ring."""
    ring = np.array([(10, 10), (1290, 10), (1290, 1290), (10, 1290)], float)
    hole = np.array([(20, 20), (20, 1280), (1280, 1280), (1280, 20)], float)
    circles, traces, polygons = [], [], [Polygon("SEAL", "seal_ring", ring, holes=(hole,))]
    for row in range(3):
        for col in range(3):
            x, y, name = 250 + 400 * col, 250 + 400 * row, "ABC"[row] + str(col + 1)
            net = {(1, 1): None}.get((row, col), "vss" if row != 1 and col != 1 else f"n[{3 * row + col}]")
            circles += ball_shapes(name, x, y, net, TERMINAL)
            if net == "vss":
                px, py = (80 if col == 0 else 1220), y + (150 if row == 0 else -150)
                polygons += pad_shapes(f"p{name}", px, py, net, TERMINAL, 80)
                bend = (px + (60 if col == 0 else -60), y)
                traces.append(Trace("RDL", net, 20.0, np.array([(px, py), bend, (x, y)], float)))
    rails = ((80, 400), (80, 900)), ((1220, 400), (1220, 900)), ((80, 450), (1220, 450))
    traces += [Trace("RDL", "vss", 20.0, np.array(ends, float)) for ends in rails]
    return Layout(1300.0, 1300.0, tuple(circles), tuple(polygons), tuple(traces), ())


@pytest.fixture(scope="session")
def small_stack():
    """Return a maker of the small layout's stack, for layouts with a change."""
    return lambda layout: nominal_stack(package_of("small", (1300.0, 1300.0), TERMINAL), layout)


@pytest.fixture(scope="session")
def small(small_stack, small_layout):
    return small_stack(small_layout)


@pytest.fixture(scope="session")
def caravel():
    """The fabricated chip with the wires drawn for it by hand."""
    if not (SHARED / "caravel" / "hand_routes.json").exists():
        pytest.skip("the chip's hand-drawn wires are not beside the checkout")
    t = Terminal(300.0, *reflowed(300.0, 250.0), 250.0, 220.0, 270.0, 60.0, 40.0)
    routes = json.loads((SHARED / "caravel" / "hand_routes.json").read_text(encoding="utf-8"))["routes"]
    traces = tuple(Trace("RDL", r["net"], r["width"], np.array(r["pts"], float)) for r in routes)
    circles, polygons = [], []
    with (SHARED / "caravel" / "balls.csv").open(encoding="utf-8") as table:
        for b in csv.DictReader(table):
            circles += ball_shapes(b["ball"], float(b["x_um"]), float(b["y_um"]), b["net"], t)
    used = {pad for route in routes for pad in route["pads"]}
    with (SHARED / "caravel" / "pads.csv").open(encoding="utf-8") as table:
        for p in csv.DictReader(table):
            shapes = pad_shapes(p["pad"], float(p["x_um"]), float(p["y_um"]), p["net"], t, 60)
            polygons += shapes if p["pad"] in used else shapes[:1]
    layout = Layout(3588.0, 5188.0, tuple(circles), tuple(polygons), traces, ())
    return nominal_stack(package_of("caravel", (3588.0, 5188.0), t), layout)
