"""The grid router: exact legality, short wires, named failures, trees and 45° wires."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from chipscale.layout.route.figures import bends, wire_um
from chipscale.layout.route.problem import Keepout, RouteNet, RouteProblem, Terminal, Wire
from chipscale.layout.route.verify import parts_of_net, violations
from chipscale.layout.route_grid.field import Field
from chipscale.layout.route_grid.polish import polish
from chipscale.layout.route_grid.router import route_on_grid as route
from chipscale.layout.route_grid.spreading import spread
from chipscale.layout.route_grid.tree import parts, tidy

CARAVEL = Path(__file__).parents[4] / "shared" / "data" / "caravel"


def rect(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=float)


def two_pins(*nets, obstacles=(), keepouts=(), **options):
    """Nets given as (name, (x, y), (x, y)) with 20 µm lands and 10/10 µm wires in 600 x 400 µm."""
    pins = []
    for name, a, b in nets:
        pins += [Terminal(f"{name}.a", name, *a, 20.0), Terminal(f"{name}.b", name, *b, 20.0)]
    rules = tuple(RouteNet(name, 10.0) for name, _, _ in nets)
    return RouteProblem(rect(0, 0, 600, 400), (*pins, *obstacles), rules, 10.0, tuple(keepouts), **options)


def wall(low, high):
    return (Keepout("low", rect(280, -1, 320, low)), Keepout("high", rect(280, high, 320, 401)))


def test_lone_wire_is_straight():
    answer = route(two_pins(("n", (50, 50), (500, 300))))
    assert len(answer.wires) == 1
    assert answer.figures["wire_um"] == pytest.approx(math.hypot(450, 250), abs=1e-6)
    assert answer.figures["bends"] == 0


def test_way_round_a_land_is_near_the_taut_string():
    ball = Terminal("ball", None, 300.0, 200.0, 100.0)
    answer = route(two_pins(("n", (100, 200), (500, 200)), obstacles=(ball,), spread=False))
    r, d = 50.0 / math.cos(math.pi / 64) + 15.0, 200.0
    exact = 2 * math.sqrt(d * d - r * r) + r * (math.pi - 2 * math.acos(r / d))
    assert violations(two_pins(("n", (100, 200), (500, 200)), obstacles=(ball,)), answer.wires) == ()
    assert exact <= answer.figures["wire_um"] < exact * 1.004


def test_crossing_order_forces_a_way_round_the_end():
    nets = (("a", (100, 100), (400, 300)), ("b", (100, 300), (400, 100)))
    problem = two_pins(*nets)
    answer = route(problem)
    assert answer.unrouted == ()
    assert violations(problem, answer.wires) == ()
    straight = 2 * math.hypot(300, 200)
    assert straight < answer.figures["wire_um"] < 1.5 * straight


@pytest.mark.parametrize("angles", ["any", "octilinear"])
def test_bundle_through_a_gap_that_just_fits(angles):
    nets = tuple((f"n{i}", (50, 100 + 40 * i), (550, 100 + 40 * i)) for i in range(4))
    problem = two_pins(*nets, keepouts=wall(164, 235), angles=angles)
    answer = route(problem)
    assert answer.unrouted == ()
    assert violations(problem, answer.wires) == ()


def test_too_many_wires_name_the_gap_and_the_rest_is_routed():
    nets = tuple((f"n{i}", (50, 100 + 40 * i), (550, 100 + 40 * i)) for i in range(6))
    problem = two_pins(*nets, keepouts=wall(164, 235))
    answer = route(problem)
    assert answer.figures["nets_routed"] == 4
    assert violations(problem, answer.wires) == ()
    assert len(answer.unrouted) == 2
    for item in answer.unrouted:
        assert set(item.gap_between) == {"low", "high"}
        assert item.gap_um == pytest.approx(71.0, abs=0.01)
        assert item.needed_um == pytest.approx(110.0)
        assert "low" in item.message
        assert "71.0" in item.message


def test_walled_in_terminal_is_reported():
    ring = Keepout("ring", rect(80, 80, 90, 300))
    lid = [Keepout("lid", rect(-1, 295, 90, 305)), Keepout("floor", rect(-1, 75, 90, 85))]
    answer = route(two_pins(("n", (40, 200), (500, 200)), keepouts=[ring, *lid]))
    assert answer.wires == ()
    assert [u.net for u in answer.unrouted] == ["n"]


def test_net_of_four_terminals_becomes_one_tree_shorter_than_a_star():
    xy = [(100, 100), (500, 100), (300, 150), (300, 330)]
    pins = tuple(Terminal(f"t{i}", "n", x, y, 20.0) for i, (x, y) in enumerate(xy))
    problem = RouteProblem(rect(0, 0, 600, 400), pins, (RouteNet("n", 10.0),), 10.0)
    answer = route(problem)
    assert violations(problem, answer.wires) == ()
    spanning = 2 * math.hypot(200, 50) + 180
    assert answer.figures["wire_um"] <= spanning + 1e-6


def test_widths_and_space_wishes_are_kept():
    pins = []
    for i in range(3):
        pins += [Terminal(f"a{i}", f"n{i}", 50, 150 + 60 * i, 20.0), Terminal(f"z{i}", f"n{i}", 550, 90 + 90 * i, 20.0)]
    nets = (RouteNet("n0", 10.0), RouteNet("n1", 25.0, 18.0), RouteNet("n2", 10.0))
    problem = RouteProblem(rect(0, 0, 600, 400), tuple(pins), nets, 10.0, wall(150, 260))
    answer = route(problem)
    assert answer.unrouted == ()
    assert violations(problem, answer.wires) == ()


def test_same_question_same_answer():
    problem = two_pins(("a", (100, 100), (400, 300)), ("b", (100, 300), (400, 100)))
    first, second = route(problem), route(problem)
    for a, b in zip(first.wires, second.wires, strict=True):
        assert np.array_equal(a.points, b.points)


def test_polish_alone_makes_a_detour_taut_and_keeps_a_legal_neighbour():
    problem = two_pins(("a", (50, 100), (550, 100)), ("b", (50, 300), (550, 300)))
    bent = np.array([(50, 100), (200, 250), (400, 250), (550, 100)], dtype=float)
    flat = np.array([(50, 300), (550, 300)], dtype=float)
    wires = polish(problem, (Wire("a", 10.0, bent), Wire("b", 10.0, flat)))
    assert wire_um(wires) == pytest.approx(1000.0, abs=1e-6)
    assert sum(bends(wire.points) for wire in wires) == 0


def test_polish_changes_pairs_that_block_each_other():
    problem = two_pins(("a", (100, 200), (500, 200)), ("b", (300, 150), (300, 60)), spread=False)
    round_b = np.array([(100, 200), (120, 20), (480, 20), (500, 200)], dtype=float)
    straight = np.array([(300, 150), (300, 60)], dtype=float)
    wires = polish(problem, (Wire("a", 10.0, round_b), Wire("b", 10.0, straight)))
    assert wire_um(wires) == pytest.approx(490.0, abs=1e-6)


def test_spread_uses_free_room_within_one_percent():
    ball = Terminal("ball", None, 300.0, 200.0, 100.0)
    problem = two_pins(("n", (50, 262), (550, 262)), obstacles=(ball,))
    taut = polish(problem, (Wire("n", 10.0, np.array([(50, 262), (300, 300), (550, 262)], dtype=float)),))
    wide = spread(problem, taut)

    def gap(wires):
        field = Field(problem, wires)
        return max(f for f in (1.0, 1.1, 1.25, 1.5, 2.0) if field.legal(0, field.lines[0][0], f))

    assert gap(wide) > gap(taut)
    assert wire_um(wide) <= 1.01 * wire_um(taut)
    assert violations(problem, wide) == ()


def test_tree_splits_at_branches_and_drops_loose_ends():
    pins = [np.array(p, dtype=float) for p in ((0, 0), (100, 0), (50, 80))]
    lines = [np.array(p, dtype=float) for p in ([(0, 0), (100, 0)], [(50, 0), (50, 80)], [(20, 0), (20, 30)])]
    done = tidy(lines, pins)
    assert len(done) == 3
    assert sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in done) == pytest.approx(180.0)
    assert len(parts(done, pins)) == 1
    assert len(parts(done[:1], pins)) == 3


def test_octilinear_answer_has_only_multiples_of_45_degrees():
    ball = Terminal("ball", None, 300.0, 210.0, 100.0)
    problem = two_pins(("n", (103, 200), (500, 231)), obstacles=(ball,), angles="octilinear")
    answer = route(problem)
    assert violations(problem, answer.wires) == ()
    for w in answer.wires:
        turn = np.degrees(np.arctan2(*np.diff(w.points, axis=0).T[::-1])) % 45
        assert np.all(np.minimum(turn, 45 - turn) < 1e-6)


def test_random_nets_are_legal_or_named():
    rng = np.random.default_rng(7)
    spots = [(60 + 80 * i, 60 + 70 * j) for i, j in itertools.product(range(7), range(5))]
    pick = [spots[k] for k in rng.permutation(len(spots))[:16]]
    problem = two_pins(*((f"n{i}", pick[2 * i], pick[2 * i + 1]) for i in range(8)))
    answer = route(problem)
    assert violations(problem, answer.wires) == ()
    apart = {net.name for net in problem.nets if len(parts_of_net(problem, answer.wires, net.name)) > 1}
    assert apart == {u.net for u in answer.unrouted}
    assert len(answer.unrouted) <= 1


@pytest.mark.skipif(not CARAVEL.exists(), reason="the shared Caravel data is not here")
def test_caravel_beats_the_hand_drawn_redistribution():
    with open(CARAVEL / "balls.csv") as f:
        balls = list(csv.DictReader(f))
    with open(CARAVEL / "pads.csv") as f:
        pads = list(csv.DictReader(f))
    terms = [Terminal(b["ball"], b["net"], float(b["x_um"]), float(b["y_um"]), 270.0) for b in balls]
    for p in pads:
        x, y = float(p["x_um"]), float(p["y_um"])
        terms.append(Terminal(p["pad"], p["net"], x, y, 0.0, rect(x - 30, y - 30, x + 30, y + 30)))
    nets = tuple(RouteNet(n, 40.0) for n in sorted({t.net for t in terms}))
    problem = RouteProblem(rect(20, 20, 3568, 5168), tuple(terms), nets, 35.0, angles="octilinear")
    answer = route(problem)
    assert violations(problem, answer.wires) == ()
    assert answer.figures["nets_routed"] == 57
    assert answer.figures["bound_octilinear_um"] == pytest.approx(64_533.6, abs=1.0)
    assert answer.figures["wire_um"] < 70_968  # drawn by hand, at free angles near the pads
    assert answer.figures["bends"] < 194  # drawn by hand: 194
    assert answer.figures["min_space_um"] >= 35.0
