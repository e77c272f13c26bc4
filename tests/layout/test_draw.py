"""What is drawn: the stack at every terminal, wires on one and on two layers, ring, marks and labels."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from layout_designs import caravel, small_package, straight_answer

from chipscale.layout.draw import draw, given
from chipscale.layout.draw_wires import land_problem, lower_problem
from chipscale.layout.lvs import Lvs
from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.route.problem import RouteAnswer, RouteProblem, Unrouted, Wire
from chipscale.layout.types import Layout
from chipscale.package.types import Ball, Keepout, Package
from chipscale.results import Progress


def test_every_ball_has_its_stack_also_the_unused_one() -> None:
    package = small_package()
    spare = Ball("C1", 750.0, 200.0, None, 2, 0)
    package = replace(package, balls=(*package.balls, spare))
    layout = draw(package, router=given(straight_answer(package)))
    for layer, d in (("RDL", 270.0), ("PI2", 220.0), ("UBM", 250.0), ("BALL", 300.0)):
        found = {circle.name: circle.d_um for circle in layout.circles if circle.layer == layer}
        assert found == dict.fromkeys(("A1", "A2", "B1", "B2", "C1"), d)
    assert [circle.net for circle in layout.circles if circle.name == "C1"] == [None] * 4


def test_an_unconnected_pad_stays_covered() -> None:
    package = small_package()
    package = replace(package, nets=package.nets[:-1])
    layout = draw(package, router=given(RouteAnswer((), ())))
    assert {shape.name for shape in layout.polygons if shape.layer == "PAD"} == {"P1", "P2", "P3", "P4"}
    for layer in ("PI1", "RDL"):
        assert {shape.name for shape in layout.polygons if shape.layer == layer} == {"P1", "P2", "P3"}


def test_the_problem_holds_lands_captures_boundary_and_keepouts() -> None:
    area = Keepout("sensor", ((700.0, 700.0), (800.0, 700.0), (800.0, 800.0)))
    package = small_package(keepouts=(area,))
    problem = land_problem(package, "RDL")
    assert [terminal.name for terminal in problem.terminals][:5] == [
        "ball A1",
        "ball A2",
        "ball B1",
        "ball B2",
        "pad P1",
    ]
    assert problem.terminals[0].diameter_um == pytest.approx(270.0 / np.cos(np.pi / 64))
    assert problem.terminals[4].outline is not None
    assert np.ptp(problem.terminals[4].outline, axis=0).tolist() == [60.0, 60.0]
    assert problem.boundary.min() == 20.0  # ring 5 µm in, 15 µm from its outer edge
    assert problem.space_um == 35.0
    assert {net.name: net.width_um for net in problem.nets} == dict.fromkeys("abcd", 40.0)
    assert problem.keepouts[0].name == "sensor"


def test_without_a_ring_rule_the_wires_keep_the_space_from_its_inner_edge() -> None:
    package = small_package()
    values = {name: value for name, value in package.rules.values.items() if name != "rdl_to_sealring_outer_um"}
    package = replace(package, rules=replace(package.rules, values=values))
    assert land_problem(package, "RDL").boundary.min() == 50.0


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
def test_marks_stay_within_the_ring(corner: str) -> None:
    layout = draw(small_package(a1_corner=corner), router=given(RouteAnswer((), ())))
    [mark] = [circle for circle in layout.circles if circle.kind == "mark"]
    assert (mark.x_um < 750.0) == ("left" in corner)
    assert (mark.y_um < 750.0) == ("bottom" in corner)
    points = np.vstack([shape.points for shape in layout.polygons if shape.kind == "text"])
    assert points.min() > 15.0
    assert points.max() < 1485.0


def test_ball_names_are_readable_in_the_die_view() -> None:
    layout = draw(small_package(), router=given(RouteAnswer((), ())))
    text = [shape for shape in layout.polygons if shape.kind == "text" and shape.name == "A1"]
    left = min(text, key=lambda shape: float(shape.points[:, 0].mean()))
    right = max(text, key=lambda shape: float(shape.points[:, 0].mean()))
    assert len(text) == 2
    assert left.holes  # the A stands left of the 1
    assert not right.holes
    assert np.vstack([shape.points for shape in text])[:, 1].max() < 1000.0 - 135.0


def _refusing(*nets: str) -> Callable[[RouteProblem, Progress | None], RouteAnswer]:
    """Return a router that leaves `nets` open while lands are obstacles, and draws the rest straight."""

    def router(problem: RouteProblem, progress: Progress | None = None) -> RouteAnswer:
        upper = sum(terminal.name.startswith("ball") for terminal in problem.terminals) == 4
        wires, gaps = [], []
        for net in problem.nets:
            ends = [(item.x_um, item.y_um) for item in problem.terminals if item.net == net.name]
            if upper and net.name in nets:
                gaps.append(Unrouted(net.name, ("x", "y"), ("x", "y"), 1.0, 2.0, 0.0, 0.0, "too narrow"))
            else:
                wires.append(Wire(net.name, net.width_um, np.array(ends)))
        return RouteAnswer(tuple(wires), tuple(gaps), {"wire_um": 1.0})

    return router


def _joined(package: Package, layout: Layout) -> bool:
    return Lvs().run({"package": package, "layout": layout}).metrics["matched_count"] == len(package.nets)


def test_two_layers_move_what_does_not_fit() -> None:
    package = small_package(rdl_layers=2)
    layout = draw(package, router=_refusing("b"))
    assert {trace.net: trace.layer for trace in layout.traces} == {"a": "RDL2", "b": "RDL", "c": "RDL2", "d": "RDL2"}
    assert {circle.layer for circle in layout.circles if circle.kind == "land"} == {"RDL2"}
    vias = {(shape.net, shape.name) for shape in (*layout.circles, *layout.polygons) if shape.layer == "VIA"}
    assert vias == {("a", "P1"), ("b", "A2"), ("c", "P3"), ("d", "P4")}
    assert {shape.name for shape in layout.polygons if shape.layer == "RDL"} == {"P1", "P2", "P3", "P4"}
    assert layout.figures == {"wire_um": 2.0}
    assert not layout.unrouted
    assert _joined(package, layout)


def test_two_layers_where_one_would_do() -> None:
    package = small_package(rdl_layers=2)
    layout = draw(package, router=_refusing())
    assert {trace.layer for trace in layout.traces} == {"RDL2"}
    assert _joined(package, layout)


def test_the_lower_layer_knows_vias_and_captures_but_no_lands() -> None:
    problem = lower_problem(small_package(rdl_layers=2), {"b"})
    assert [terminal.name for terminal in problem.terminals] == ["ball A2", "pad P1", "pad P2", "pad P3", "pad P4"]
    assert problem.terminals[0].diameter_um == pytest.approx(60.0 / np.cos(np.pi / 64))
    assert [net.name for net in problem.nets] == ["b"]


def test_own_router_draws_the_small_design_with_teardrops() -> None:
    package = small_package(teardrops=True)
    layout = draw(package)
    assert not layout.unrouted
    assert _joined(package, layout)
    assert {shape.name for shape in layout.polygons if shape.kind == "teardrop"} >= {"A1", "A2", "B1", "B2"}


def test_caravel_by_hand_has_one_piece_per_net() -> None:
    package, answer = caravel()
    layout = draw(package, router=given(answer))
    assert layer_region(to_klayout(layout), "RDL").merged().count() == 57
    assert layer_region(to_klayout(layout), "PI1").count() == 63
