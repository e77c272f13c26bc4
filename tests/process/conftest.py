"""Two pads, two balls, drawn by hand, with one or two layers of wires."""

import numpy as np
import pytest

from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.joint import reflowed
from chipscale.package.types import Die, FlowPlan, LayerPlan, Package, RuleSet, Terminal

SIZE_X, SIZE_Y = 1000.0, 600.0


def square(x, y, side):
    h = side / 2
    return np.array([(x - h, y - h), (x + h, y - h), (x + h, y + h), (x - h, y + h)])


@pytest.fixture
def package():
    terminal = Terminal(250.0, *reflowed(250.0, 215.0), 215.0, 180.0, 235.0, 80.0, 60.0)
    films = LayerPlan(1.0, 1.2, 6.0, 5.0, 7.0, 8.0, 25.0, {"pi1": "PBO", "ball": "SAC387"})
    rules = RuleSet("none", "none", "none", {})
    die = Die(SIZE_X, SIZE_Y, 200.0, 10.0, 10.0)
    size = (400.0, 400.0, 400.0)
    flow = FlowPlan("thin_film_pbo")
    return Package("two", "two", "fan_in_wlcsp", die, (), (), (), (), rules, terminal, films, *size, flow=flow)


def draw(land="RDL"):
    circles, polygons, traces = [], [], []
    for name, net, x in (("A1", "in", 300.0), ("A2", "out", 700.0)):
        drawn = ((land, "land", 235.0), ("PI2", "opening", 180.0), ("UBM", "ubm", 215.0), ("BALL", "ball", 261.0))
        circles += [Circle(layer, kind, x, 350.0, d, net, name) for layer, kind, d in drawn]
        pad = x - 100.0
        polygons.append(Polygon("PAD", "pad", square(pad, 100.0, 80.0), net, "p" + net))
        polygons.append(Polygon("PI1", "opening", square(pad, 100.0, 60.0), net, "p" + net))
        polygons.append(Polygon("RDL", "capture", square(pad, 100.0, 80.0), net, "p" + net))
        if land == "RDL2":
            polygons.append(Polygon("VIA", "via", square(pad, 100.0, 40.0), net, "p" + net))
            polygons.append(Polygon("RDL2", "capture", square(pad, 100.0, 80.0), net, "p" + net))
        traces.append(Trace(land, net, 30.0, np.array([(pad, 100.0), (pad, 200.0), (x, 350.0)])))
    return Layout(SIZE_X, SIZE_Y, tuple(circles), tuple(polygons), tuple(traces), ())


@pytest.fixture
def layout():
    return draw()


@pytest.fixture
def layout_of_two():
    return draw("RDL2")
