"""Every answer of the router is checked by shapely alone: legal, and what it calls connected is connected."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chipscale.layout.route.problem import Keepout, RouteNet, RouteProblem, Terminal, Wire
from chipscale.layout.route.router import route
from chipscale.layout.route.teardrop import teardrops
from chipscale.layout.route.verify import parts_of_net, violations

CARAVEL = Path(__file__).resolve().parents[4] / "shared" / "data" / "caravel"


def box(x, y, w, h):
    return np.array([[x - w / 2, y - h / 2], [x + w / 2, y - h / 2], [x + w / 2, y + h / 2], [x - w / 2, y + h / 2]])


def check(problem, answer):
    assert violations(problem, answer.wires) == ()
    whole = [n.name for n in problem.nets if len(parts_of_net(problem, answer.wires, n.name)) <= 1]
    assert answer.figures["nets_routed"] == len(whole)
    assert {u.net for u in answer.unrouted} == {n.name for n in problem.nets} - set(whole)


def caravel():
    if not CARAVEL.exists():
        pytest.skip("shared data not present")
    terminals = []
    with (CARAVEL / "balls.csv").open() as f:
        terminals += [
            Terminal(r["ball"], r["net"], float(r["x_um"]), float(r["y_um"]), 270.0) for r in csv.DictReader(f)
        ]
    with (CARAVEL / "pads.csv").open() as f:
        for r in csv.DictReader(f):
            x, y = float(r["x_um"]), float(r["y_um"])
            terminals.append(Terminal(r["pad"], r["net"], x, y, outline=box(x, y, 60, 60)))
    nets = tuple(RouteNet(n, 40.0) for n in sorted({t.net for t in terminals}))
    return RouteProblem(box(1794, 2594, 3548, 5148), tuple(terminals), nets, 35.0)


def test_caravel_beats_the_hand_drawn_layer():
    problem = caravel()
    answer = route(problem)
    check(problem, answer)
    assert answer.figures["nets_routed"] == 57
    assert answer.figures["wire_um"] <= 67_500  # hand-drawn 70,968
    assert answer.figures["bends"] < 194
    assert answer.figures["min_space_um"] >= 35.0
    drops = teardrops(problem, answer)
    assert {name for name, _, _ in drops} == {t.name for t in problem.terminals}
    again = route(problem)
    assert all(np.array_equal(a.points, b.points) for a, b in zip(answer.wires, again.wires, strict=True))


def walls(n_wires):
    terminals = []
    for k in range(n_wires):
        terminals.append(Terminal(f"L{k}", f"n{k}", 60.0, 100.0 + 100 * k, 40.0))
        terminals.append(Terminal(f"R{k}", f"n{k}", 940.0, 100.0 + 100 * k, 40.0))
    nets = tuple(RouteNet(f"n{k}", 20.0) for k in range(n_wires))
    shut = (Keepout("lower wall", box(500, 110, 60, 220)), Keepout("upper wall", box(500, 490, 60, 220)))
    return RouteProblem(box(500, 300, 1000, 600), tuple(terminals), nets, 20.0, keepouts=shut)


def test_a_full_gap_is_named_and_the_rest_is_routed():
    problem = walls(5)
    answer = route(problem)
    check(problem, answer)
    assert answer.figures["nets_routed"] == 4  # 160 µm take 4 x 20 + 3 x 20
    (missing,) = answer.unrouted
    assert set(missing.gap_between) == {"lower wall", "upper wall"}
    assert missing.gap_um == pytest.approx(160.0)
    assert missing.needed_um == pytest.approx(180.0, abs=0.1)
    assert "lower wall" in missing.message


def test_wires_go_round_a_keepout_at_its_clearance():
    terminals = (Terminal("a", "n", 60.0, 500.0, 40.0), Terminal("b", "n", 1140.0, 500.0, 40.0))
    around = (Keepout("sensor", box(600, 520, 400, 500), 10.0),)
    problem = RouteProblem(box(600, 500, 1200, 1000), terminals, (RouteNet("n", 20.0),), 20.0, keepouts=around)
    answer = route(problem)
    check(problem, answer)
    # exact: from (60, 500) below the corners (400, 270) and (800, 270) at 20 µm, wrapped by an arc
    corner = np.hypot(340, 230)
    tangent = np.sqrt(corner**2 - 20.0**2)
    turn = np.arcsin(20.0 / corner) + np.arctan2(230, 340)
    best = 2 * tangent + 400 + 2 * 20.0 * turn
    assert best < answer.figures["wire_um"] < best + 6.0


def test_three_terminals_meet_in_a_branch_point():
    spots = [(100.0, 100.0), (900.0, 100.0), (500.0, 100.0 + 400 * np.sqrt(3))]
    terminals = tuple(Terminal(f"t{k}", "n", x, y, 60.0) for k, (x, y) in enumerate(spots))
    problem = RouteProblem(box(500, 500, 1000, 1000), terminals, (RouteNet("n", 20.0),), 20.0)
    answer = route(problem)
    check(problem, answer)
    assert answer.figures["wire_um"] == pytest.approx(800 * np.sqrt(3), rel=2e-3)  # Fermat point: side x sqrt(3)


def test_the_check_sees_what_is_wrong():
    problem = walls(2)
    crossing = (
        Wire("n0", 20.0, np.array([[60.0, 100.0], [940.0, 200.0]])),
        Wire("n1", 20.0, np.array([[60.0, 200.0], [940.0, 100.0]])),
    )
    seen = {v.other for v in violations(problem, crossing)}
    assert {"wire of n1", "lower wall"} <= seen


@st.composite
def small_arrays(draw):
    n = draw(st.integers(2, 4))
    pitch = draw(st.sampled_from([120.0, 150.0, 200.0]))
    land = draw(st.sampled_from([50.0, 70.0]))
    count = draw(st.integers(1, 8))
    width = draw(st.sampled_from([8.0, 12.0, 20.0]))
    space = draw(st.sampled_from([8.0, 12.0]))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    size = (n + 1) * pitch
    spots = [((i + 1) * pitch, (j + 1) * pitch) for i in range(n) for j in range(n)]
    steps = np.linspace(60, size - 60, max(2, n + 1))
    rim = [(x, 30.0) for x in steps] + [(x, size - 30.0) for x in steps]
    names = [None if v >= count else f"n{v}" for v in rng.integers(0, count + 2, len(spots) + len(rim))]
    lands = [Terminal(f"b{k}", names[k], *p, diameter_um=land) for k, p in enumerate(spots)]
    pads = [Terminal(f"p{k}", names[len(spots) + k], *p, outline=box(*p, 30.0, 24.0)) for k, p in enumerate(rim)]
    nets = tuple(RouteNet(f"n{k}", width * (1 + k % 2)) for k in range(count))
    shut = (Keepout("k", box(size / 2, size / 2, 20, 20), 4.0),) if n % 2 == 0 and draw(st.booleans()) else ()
    return RouteProblem(box(size / 2, size / 2, size, size), tuple(lands + pads), nets, space, keepouts=shut)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(small_arrays())
def test_any_answer_is_legal_and_what_it_calls_routed_is_connected(problem):
    answer = route(problem)
    check(problem, answer)
    for name, net, _ in teardrops(problem, answer):
        assert any(t.name == name and t.net == net for t in problem.terminals)


@pytest.mark.slow
def test_walled_in_pads_are_named_without_searching():
    terminals, keepouts = [], []
    for k in range(12):
        y = 100.0 + 100 * k
        terminals += [Terminal(f"L{k}", f"n{k}", 60.0, y, 40.0), Terminal(f"R{k}", f"n{k}", 940.0, y, 40.0)]
        sides = ((60.0, y + 38, 84.0, 8.0), (60.0, y - 38, 84.0, 8.0), (98.0, y, 8.0, 84.0), (22.0, y, 8.0, 84.0))
        keepouts += [Keepout(f"wall {k}.{i}", box(*side)) for i, side in enumerate(sides)]
    nets = tuple(RouteNet(f"n{k}", 20.0) for k in range(12))
    problem = RouteProblem(box(500, 650, 1000, 1300), tuple(terminals), nets, 20.0, keepouts=tuple(keepouts))
    answer = route(problem)
    check(problem, answer)
    assert answer.figures["nets_routed"] == 0
    assert answer.figures["iterations"] == 0  # no search at all before the reasons are looked up
    assert all(u.message for u in answer.unrouted)


def test_pads_nearer_than_the_rule_are_named_at_once() -> None:
    pads = [Terminal(f"p{i}", f"n{i}", 100.0 + 50.0 * i, 50.0, 30.0) for i in range(8)]
    balls = [Terminal(f"b{i}", f"n{i}", 100.0 + 200.0 * i, 500.0, 60.0) for i in range(8)]
    rim = np.array([[0.0, 0.0], [1700.0, 0.0], [1700.0, 700.0], [0.0, 700.0]])
    nets = tuple(RouteNet(f"n{i}", 10.0) for i in range(8))
    tight = route(RouteProblem(rim, (*pads, *balls), nets, 60.0))
    assert tight.wires == ()
    assert all("nearer than the rule" in item.message for item in tight.unrouted)
    assert tight.figures["iterations"] == 0
    assert route(RouteProblem(rim, (*pads, *balls), nets, 20.0)).unrouted == ()
