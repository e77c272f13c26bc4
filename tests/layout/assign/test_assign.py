"""Assignment: optimal, without crossings, supplies by pattern, deterministic, and what is refused."""

import itertools
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.layout.assign import assign
from chipscale.layout.assign.ball_nets import with_ball_nets
from chipscale.layout.assign.demand import demand_of
from chipscale.layout.assign.figures import Assign, total_um
from chipscale.layout.assign.matching import lengths_um, match
from chipscale.layout.assign.segments import cross, octilinear_um
from chipscale.layout.assign.solve import Weights, score_of, solve
from chipscale.layout.assign.supply_sites import supply_sites
from chipscale.layout.assign.touching import touched
from chipscale.layout.assign.trial import Tried, sketched
from chipscale.layout.draw_wires import land_problem
from chipscale.layout.route.router import route
from chipscale.package.rules import load_rules
from chipscale.package.types import (
    AssignmentPlan,
    Ball,
    Die,
    LayerPlan,
    Net,
    NetClass,
    Package,
    Pad,
    Terminal,
)  # fmt: skip


def ring_package(n: int, signals: int, supplies: dict[str, int], **plan) -> Package:
    """Return an n x n array at 400 µm with one-pad signals around the die and supplies with so many pads each."""
    size = n * 400.0 + 400.0
    order = [f"s{i}" for i in range(signals)]
    place = 0
    for name, count in sorted(supplies.items()):  # each supply's pads side by side
        order[place:place] = [name] * count
        place += (signals + sum(supplies.values())) // max(len(supplies), 1)
    per_side = -(-len(order) // 4)
    pads = []
    for i, net in enumerate(order):
        side, t = divmod(i, per_side)
        u = 200 + (t + 0.5) * (size - 400) / per_side
        x, y = [(100, size - u), (u, 100), (size - 100, u), (size - u, size - 100)][side]
        pads.append(Pad(f"p{i}", x, y, 20.0, 20.0, net))
    balls = tuple(
        Ball(f"{r}:{c}", 400 + c * 400.0, size - 400 - r * 400.0, None, r, c) for r in range(n) for c in range(n)
    )
    kinds = {"VCC": "power", "VSS": "ground"}
    nets = tuple(
        Net(name, "all", kinds.get(name, "signal"), tuple(pad.name for pad in pads if pad.net == name), ())
        for name in sorted(set(order))
    )
    return Package(
        "ring", "", "fan_in_wlcsp", Die(size, size, 200.0, 10.0, 5.0), tuple(pads), balls, nets,
        (NetClass("all", "signal", 10.0, 10.0),), load_rules("skywater_amkor_400"),
        Terminal(250.0, 261.0, 204.0, 215.0, 170.0, 235.0, 0.0, 35.0),
        LayerPlan(1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 0.0, {}), 400.0, 400.0, 400.0,
        assignment=AssignmentPlan(mode="free", **plan),
    )  # fmt: skip


def no_trial(package):
    return Tried({}, 0, 0)


def nets_of(package):
    return {ball.name: ball.net for ball in package.balls if ball.net is not None}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=9, max_size=9, unique=True))
def test_matching_is_the_shortest_of_all_and_without_crossings(points):
    pads, balls = np.array(points[:4]), np.array(points[4:])
    chosen = match(lengths_um([pad[None] for pad in pads], balls))
    length = octilinear_um(balls[chosen] - pads).sum()
    best = min(octilinear_um(balls[list(way)] - pads).sum() for way in itertools.permutations(range(5), 4))
    assert length <= best * (1 + 1e-3) + 1e-6
    edges = np.hstack((pads, balls[chosen]))
    if np.min(np.abs(np.diff(np.sort(np.array(points), axis=0), axis=0))) > 1.0:  # points in general position
        assert not cross(edges, edges).any()


def test_crossing_of_segments():
    lines = np.array([[0.0, 0, 10, 10], [0, 10, 10, 0], [10, 10, 20, 0], [2, 2, 8, 8], [30, 0, 40, 0]])
    found = cross(lines, lines)
    assert np.argwhere(found).tolist() == [[0, 1], [1, 0], [1, 3], [3, 1]]


def test_free_assignment_gives_every_net_its_balls():
    package = ring_package(6, 28, {"VCC": 2, "VSS": 2}, supply_balls={"VCC": 3, "VSS": 4}, keep=("0:0",))
    found = assign(package, trial=no_trial)
    assert {net.name: len(net.balls) for net in found.nets} == {
        "VCC": 3, "VSS": 4, **{f"s{i}": 1 for i in range(28)}}  # fmt: skip
    assert "0:0" not in nets_of(found)
    assert sorted(nets_of(found)) == sorted(name for net in found.nets for name in net.balls)
    assert found == assign(package, trial=no_trial)


def test_signals_alone_are_matched_optimally_without_crossings():
    package = ring_package(7, 40, {})
    found = assign(package, trial=no_trial)
    assert score_of(found).crossings == 0
    rng = np.random.default_rng(0)
    nets = nets_of(found)
    for _ in range(200):
        a, b = rng.choice(sorted(nets), 2, replace=False)
        traded = with_ball_nets(found, {**nets, a: nets[b], b: nets[a]})
        assert total_um(traded) >= total_um(found) - 1e-6


def test_partial_keeps_what_is_given():
    package = ring_package(5, 20, {})
    balls = tuple(replace(ball, net="s7") if ball.name == "2:2" else ball for ball in package.balls)
    found = assign(replace(package, balls=balls, assignment=AssignmentPlan(mode="partial")), trial=no_trial)
    assert nets_of(found)["2:2"] == "s7"
    assert len(nets_of(found)) == 20


def test_fixed_is_left_alone():
    package = replace(ring_package(3, 4, {}), assignment=AssignmentPlan(mode="fixed"))
    assert assign(package) is package


def test_free_forgets_given_nets_and_keeps_them_to_compare():
    package = ring_package(4, 8, {})
    far = dict(zip([ball.name for ball in package.balls[4:12]], [f"s{i}" for i in range(8)], strict=True))
    plan = package.assignment
    given = replace(with_ball_nets(package, far), assignment=plan)
    found = assign(given, trial=no_trial)
    result = Assign().run({"package": found})
    assert result.metrics["given_um"] == pytest.approx(total_um(given))
    assert result.metrics["saving_um"] > 0
    assert result.tables["assignment"][0]["mode"] == "free"


@pytest.mark.parametrize("pattern", ["spread", "center", "checkerboard"])
def test_supply_patterns(pattern):
    package = ring_package(8, 16, {})
    sites = supply_sites(package.balls, package.balls, 8, pattern)
    assert len(set(sites.tolist())) == 8
    rows = np.array([package.balls[i].row for i in sites])
    cols = np.array([package.balls[i].col for i in sites])
    apart = np.hypot(rows[:, None] - rows, cols[:, None] - cols)[~np.eye(8, dtype=bool)]
    if pattern == "spread":
        assert apart.min() >= 2.0
        assert {(r // 4, c // 4) for r, c in zip(rows, cols, strict=True)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    elif pattern == "checkerboard":
        assert len(set((rows + cols) % 2)) == 1
    else:
        assert np.hypot(rows - 3.5, cols - 3.5).max() < 2.2


def test_pads_between_two_pads_of_a_net_stay_on_their_side():
    package = ring_package(6, 24, {})
    pads = tuple(replace(pad, net="s2") if pad.name == "p5" else pad for pad in package.pads)
    nets = tuple(
        replace(net, pads=tuple(pad.name for pad in pads if pad.net == net.name))
        for net in package.nets
        if net.name != "s5"
    )
    found = with_ball_nets(
        package, solve(replace(package, pads=pads, nets=nets), demand_of(replace(package, nets=nets)))
    )
    found = replace(found, pads=pads, nets=tuple(replace(n, balls=found.net(n.name).balls) for n in nets))
    assert score_of(found).crossings == 0


def test_other_answers_are_tried_until_nothing_is_open():
    package = ring_package(5, 20, {})
    asked, told = [], []

    def stubborn(package):
        asked.append(package)
        return Tried({"s0": ("ball 0:0", "pad p0")} if len(asked) < 4 else {}, 4 - len(asked), 10)

    found = assign(package, lambda part, text: told.append((part, text)), stubborn)
    assert len(asked) == 4
    assert found is asked[-1]
    assert len(nets_of(found)) == 20
    assert [part for part, _ in told] == sorted(part for part, _ in told)
    assert {text for _, text in told} >= {"assignment", "assignment: trial 1", "assignment: trial 3"}


def test_work_bounds_the_trials():
    asked = []

    def costly(package):
        asked.append(package)
        return Tried({"s0": ("ball 0:0", "pad p0")}, 1, 2_000_000)

    assert assign(ring_package(5, 20, {}), trial=costly) is asked[0]
    assert len(asked) == 1


@pytest.mark.slow
def test_a_trial_leaves_open_what_the_router_leaves_open():
    easy = assign(ring_package(6, 28, {"VCC": 2, "VSS": 2}, supply_balls={"VCC": 3, "VSS": 4}))
    assert sketched(easy).open_nets == {}
    assert sketched(easy).missing_count == 0
    assert route(land_problem(easy, "RDL")).unrouted == ()
    nets = nets_of(easy)
    far = dict(zip(sorted(nets), [nets[name] for name in sorted(nets)[::-1]], strict=True))
    mixed = with_ball_nets(easy, far)
    tried = sketched(mixed)
    assert 0 < len(tried.open_nets) <= tried.missing_count
    assert len(route(land_problem(mixed, "RDL")).unrouted) > 0
    assert sketched(easy).better_than(tried)
    assert not tried.better_than(sketched(easy))


def test_a_land_on_a_pad_carries_its_net():
    package = ring_package(5, 20, {})
    ball = next(ball for ball in package.balls if ball.name == "2:2")
    pads = tuple(
        replace(pad, x_um=ball.x_um + 100.0, y_um=ball.y_um - 60.0) if pad.name == "p7" else pad for pad in package.pads
    )
    under = replace(package, pads=pads)
    assert nets_of(assign(under, trial=no_trial))["2:2"] == "s7"
    two = tuple(replace(pad, x_um=ball.x_um + 120.0, y_um=ball.y_um) if pad.name == "p3" else pad for pad in pads)
    demand = touched(replace(package, pads=two), demand_of(package))
    assert demand.fixed == {"2:2": "s7"}  # 116.6 µm from the middle; s3 is 120 µm from it
    assert "s7" not in demand.count
    assert "2:2" not in demand.free
    spare = replace(package, pads=tuple(pad for pad in pads if pad.name != "p3"))
    only = replace(demand_of(package), count={"s1": 1})
    assert "2:2" not in touched(spare, only).free
    assert touched(package, demand_of(package)) == demand_of(package)


def test_every_land_on_a_pad_leaves_nothing_to_find():
    package = ring_package(3, 4, {})
    spots = {f"p{i}": package.balls[i] for i in range(4)}
    pads = tuple(replace(pad, x_um=spots[pad.name].x_um, y_um=spots[pad.name].y_um) for pad in package.pads)
    found = assign(replace(package, pads=pads))
    assert nets_of(found) == {spots[f"p{i}"].name: f"s{i}" for i in range(4)}


def test_supply_balls_beside_their_pads():
    package = ring_package(8, 16, {"VCC": 4, "VSS": 4}, supply_balls={"VCC": 3, "VSS": 4})
    found = with_ball_nets(package, solve(package, demand_of(package), Weights(at_pads=True)))
    rim = {ball.name for ball in package.balls if {ball.row, ball.col} & {0, 7}}
    assert set(found.net("VCC").balls) | set(found.net("VSS").balls) <= rim
    assert (len(found.net("VCC").balls), len(found.net("VSS").balls)) == (3, 4)
    assert sketched(found).open_nets == {}


def test_all_faults_of_the_plan_at_once():
    package = ring_package(4, 8, {"VCC": 1}, keep=("9:9",), supply_balls={"VDD": 2, "VCC": 0})
    with pytest.raises(InputError) as caught:
        assign(package)
    assert [problem.code for problem in caught.value.problems] == [
        "assignment.unknown_ball", "assignment.unknown_supply", "assignment.no_supply_ball"]  # fmt: skip


def test_too_few_balls():
    with pytest.raises(InputError) as caught:
        assign(ring_package(3, 12, {}))
    assert caught.value.problems[0].code == "assignment.too_few_balls"


def test_supply_balls_nobody_asked_for_make_room():
    package = ring_package(4, 14, {"VCC": 4, "VSS": 4})
    assert demand_of(package).count["VCC"] + demand_of(package).count["VSS"] == 2


@pytest.mark.slow
def test_nine_hundred_balls_take_seconds():
    package = ring_package(30, 860, {"VCC": 5, "VSS": 5}, supply_balls={"VCC": 10, "VSS": 10})
    begin = time.process_time()
    found = with_ball_nets(package, solve(package, demand_of(package), Weights()))
    assert time.process_time() - begin < 30.0
    assert len(nets_of(found)) == 880
