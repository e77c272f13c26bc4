"""The loop's area and far field against textbook numbers; its range; what is refused."""

import math

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.physics.electrical.conductors import Conductors, Segment, Terminal
from chipscale.physics.electrical.loop_emission import (
    Emission,
    short_wire_V_m,
    signal_loop,
    small_loop_V_m,
    vector_area,
)


def test_the_textbooks_constants():
    """1.316e-14 f² A I / r, and 1.257e-6 f l I / r for two wires (Paul 2006; Ott 2009: 131.6e-16 and 12.6e-7)."""
    assert small_loop_V_m(1.0, 1.0, 1.0, 1.0) == pytest.approx(1.316e-14, rel=2e-3)
    assert 2 * short_wire_V_m(1.0, 1.0, 1.0, 1.0) == pytest.approx(1.257e-6, rel=1e-3)


def test_the_field_is_that_of_its_dipole_moment():
    """Power through a far sphere, with sin² theta, is the loop's 10 k⁴ m² (ohm)."""
    area, amps, hz, away = 2e-6, 0.01, 3e8, 100.0
    peak = small_loop_V_m(area, amps, hz, away)
    power = peak**2 / (2 * 376.730313412) * 8 * math.pi / 3 * away**2
    k = 2 * math.pi * hz / 299_792_458.0
    assert power == pytest.approx(10 * k**4 * (area * amps) ** 2, rel=2e-3)


def test_the_area_of_a_tilted_rectangle_and_of_a_figure_of_eight():
    tilted = np.array([[0, 0, 0], [4, 0, 0], [4, 3, 4], [0, 3, 4]], dtype=float) + np.array([7.0, -2.0, 1.0])
    area = vector_area(tilted)
    assert np.linalg.norm(area) == pytest.approx(20.0)
    assert area == pytest.approx([0.0, -16.0, 12.0])
    eight = np.array([[0, 0, 0], [2, 1, 0], [2, 0, 0], [0, 1, 0]], dtype=float)  # two triangles, turned opposite ways
    assert vector_area(eight) == pytest.approx([0.0, 0.0, 0.0])
    assert vector_area(tilted[::-1]) == pytest.approx([0.0, 16.0, -12.0])


def _bar(net, a, b, points):
    start, end = (tuple(map(float, points[k])) for k in (a, b))
    return Segment(net, "trace", "RDL", a, b, start, end, (0.0, 1.0, 0.0), 40.0, 6.0, "Cu", 5.8e7)


def _made(cut=False):
    """Two nets, side by side: ball at z = 300, wire of 1000 µm at z = 10, pad at its end; the return 500 µm aside."""
    points = [(0, 0, 300), (0, 0, 10), (1000, 0, 10), (0, 500, 300), (0, 500, 10), (1000, 500, 10), (0, 3000, 300)]
    bars = [_bar("s", 0, 1, points), _bar("s", 1, 2, points), _bar("g", 3, 4, points), _bar("g", 6, 4, points)]
    if not cut:
        bars.append(_bar("g", 4, 5, points))
    ends = [Terminal("ball A1", "s", 0), Terminal("pad p1", "s", 2), Terminal("ball B1", "g", 3)]
    ends += [Terminal("pad p2", "g", 5), Terminal("ball B9", "g", 6)]
    lost = tuple(ends[2:]) if cut else ()
    return Conductors(tuple(bars), np.array(points, dtype=float), tuple(ends), lost)


def test_the_loop_takes_the_nearest_return():
    loop = signal_loop(_made(), "s", "g")
    assert (loop.signal, loop.back) == (("A1", "p1"), ("p2", "B1"))
    assert loop.paths_um == pytest.approx((1290.0, 1290.0))
    assert loop.length_um == pytest.approx(2 * 1290 + 2 * 500)
    assert np.abs(vector_area(loop.points_um)) == pytest.approx([290 * 500, 0.0, 1000 * 500])


def test_a_net_cut_in_two_makes_no_loop():
    with pytest.raises(InputError, match="net g has no metal"):
        signal_loop(_made(cut=True), "s", "g")


@pytest.fixture
def package(make_package):
    from dataclasses import replace

    from chipscale.package.types import Net, Pad

    made = make_package()
    pads = (Pad("p1", 100.0, 100.0, 50.0, 50.0, "VDD"), Pad("p2", 200.0, 100.0, 50.0, 50.0, "VSS"))
    balls = {net.name: net.balls for net in made.nets}
    nets = [Net(net.name, net.net_class, net.kind, (), net.balls) for net in made.nets if net.kind == "signal"]
    nets += [Net("VDD", "power", "power", ("p1",), balls["VDD"]), Net("VSS", "ground", "ground", ("p2",), balls["VSS"])]
    return replace(made, pads=pads, nets=tuple(nets))


def test_wrong_options_are_told_all_at_once(package):
    ask = Emission(signal="VDDD", return_net="io[2]", f_Hz=0.0, current_mA=-1.0, eps_r_ratio=0.5)
    with pytest.raises(InputError) as caught:
        ask.run({"package": package})
    assert [problem.key for problem in caught.value.problems] == [
        "signal", "return_net", "f_Hz", "current_mA", "eps_r_ratio",
    ]  # fmt: skip
    assert "'VDD'" in caught.value.problems[0].remedy
    assert "no pad" in caught.value.problems[1].what


def test_a_net_is_not_its_own_return(package):
    with pytest.raises(InputError, match="open"):
        Emission(signal="VDD", return_net="VDD").run({"package": package})


def test_the_field_says_of_what_it_is_and_where_it_holds(package, monkeypatch):
    """Frequency, current and distance beside the field; at the ends of the range told the verdict turns."""
    from chipscale.physics.electrical import loop_emission as module

    made = _made()
    monkeypatch.setattr(module, "conductors", lambda *view: made)
    monkeypatch.setattr(Conductors, "of_nets", lambda self, nets: made)
    monkeypatch.setattr(Emission, "_refuse", lambda self, package: None)
    view = {"package": package, "layout": None, "stack": None, "materials": None}

    def run(**options):
        return Emission(signal="s", return_net="g", **options).run(view)

    told = run(current_mA=2.0, f_Hz=5e8, distance_m=10.0)
    assert (told.metrics["current_mA"], told.metrics["f_Hz"], told.metrics["distance_m"]) == (2.0, 5e8, 10.0)
    assert "2 mA at 500 MHz" in told.warnings[0]
    assert "10 m away" in told.warnings[0]
    assert "twice" in told.warnings[0]
    low, high = told.metrics["holds_from_Hz"], told.metrics["holds_to_Hz"]
    states = [run(f_Hz=f, distance_m=10.0).state for f in (0.99 * low, 1.01 * low, 0.99 * high, 1.01 * high)]
    assert states == ["doubtful", "ok", "ok", "doubtful"]
