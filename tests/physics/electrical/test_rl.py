"""Resistance and inductance of a package's paths: what must hold at every frequency, and what is refused or doubted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.physics.electrical.conductor_types import Conductors, Segment, Terminal
from chipscale.physics.electrical.conductors import conductors
from chipscale.physics.electrical.filament_model import skin_depth_um
from chipscale.physics.electrical.rl import PathRL
from chipscale.store import Store

CHIP = Path(__file__).parents[3] / "examples" / "flash" / "chip.yaml"
NETS = "A0,A1,A2,VCC"


@pytest.fixture(scope="module")
def flash(tmp_path_factory):
    design = Design.load(CHIP, store=Store(tmp_path_factory.mktemp("cache")))
    return {name: getattr(design, name) for name in ("package", "layout", "stack", "materials")}


@pytest.fixture(scope="module")
def partial(flash):
    return PathRL(nets=NETS).run(flash)


def _row(result, net):
    return next(row for row in result.tables["nets"] if row["net"] == net)


def _without_wires(view, net):
    """Return the design with a net's wires not drawn and not made."""
    layout, stack = view["layout"], view["stack"]
    kept = tuple(trace for trace in layout.traces if trace.net != net)
    bodies = tuple(body for body in stack.bodies if body.net != net or body.layer != "RDL")
    return {**view, "layout": replace(layout, traces=kept), "stack": replace(stack, bodies=bodies)}


def _code(caught):
    return [problem.code for problem in caught.value.problems]


def test_at_dc_the_resistance_is_the_sum_of_the_bars(flash, partial):
    drawn = conductors(*(flash[name] for name in ("package", "layout", "stack", "materials")))
    for net in ("A0", "A1", "A2"):
        bars = [item for item in drawn.segments if item.net == net]
        assert len({item.a for item in bars} | {item.b for item in bars}) == len(bars) + 1  # one way, no branch
        assert _row(partial, net)["r_dc_mohm"] == pytest.approx(1e3 * sum(item.r_ohm for item in bars), rel=1e-5)


def test_resistance_rises_and_inductance_falls_from_dc(partial):
    assert partial.state == "ok"
    for row in partial.tables["balls"]:
        assert row["inductance"] == "partial"
        assert row["r_mohm"] > row["r_dc_mohm"]
        assert 0 < row["l_nH"] < row["l_dc_nH"]


def test_the_patterns_answer_is_that_of_all_filaments(flash):
    whole = PathRL(nets="A0,A1", patterns_count=0, across_count=5, up_count=3).run(flash)
    few = PathRL(nets="A0,A1", across_count=5, up_count=3).run(flash)
    for name, tolerance in (("r_mohm", 3e-3), ("l_nH", 1e-3)):
        own = np.sqrt(np.outer(np.diag(whole.fields[name]), np.diag(whole.fields[name])))
        assert (np.abs(few.fields[name] - whole.fields[name]) / own).max() < tolerance


def test_loops_close_through_the_return(flash, partial):
    made = PathRL(nets="A0,A1", return_net="A2").run(flash)
    order = [row["net"] for row in partial.tables["order"]]
    a, b, back = (order.index(net) for net in ("A0", "A1", "A2"))
    l_nH = partial.fields["l_dc_nH"]
    own = l_nH[a, a] + l_nH[back, back] - 2 * l_nH[a, back]
    between = l_nH[a, b] - l_nH[a, back] - l_nH[b, back] + l_nH[back, back]
    assert {row["inductance"] for row in made.tables["balls"]} == {"loop, return A2"}
    assert made.fields["l_dc_nH"] == pytest.approx(np.array([[own, between], [between, made.fields["l_dc_nH"][1, 1]]]))


def test_passive_and_symmetric_at_every_frequency(flash):
    made = PathRL(nets="A0,A1", sweep_to_Hz=2e10, across_count=5, up_count=3, patterns_count=3).run(flash)
    assert made.ok
    assert all(check.ok for check in made.checks)
    assert {check.code for check in made.checks} == {"rl.symmetric", "rl.passive", "rl.positive"}
    f_Hz, r, l_nH = (made.fields[name] for name in ("sweep_f_Hz", "sweep_r_mohm", "sweep_l_nH"))
    assert f_Hz[-1] == pytest.approx(2e10)
    assert len(f_Hz) == len(r) == len(l_nH) >= 5
    for each in (*r, *l_nH):
        assert np.array_equal(each, each.T)
        assert np.linalg.eigvalsh(each).min() > 0
    own_r, own_l = (np.diagonal(item, axis1=1, axis2=2) for item in (r, l_nH))
    assert (np.diff(own_r, axis=0) > 0).all()
    assert (np.diff(own_l, axis=0) < 1e-6 * own_l[:-1]).all()


def test_a_net_without_a_path_is_left_out_and_told(flash):
    made = PathRL(nets="A0,A1", f_Hz=0.0).run(_without_wires(flash, "A1"))
    assert made.state == "doubtful"
    assert "without a way through the metal" in made.warnings[0]
    assert {row["net"] for row in made.tables["open"]} == {"A1"}
    assert {row["net"] for row in made.tables["balls"]} == {"A0"}


def test_no_path_at_all_is_refused(flash):
    with pytest.raises(InputError, match="has a way from a ball to a pad") as caught:
        PathRL(nets="A1").run(_without_wires(flash, "A1"))
    assert _code(caught) == ["rl.no_path"]


def test_an_open_loop_is_refused(flash):
    with pytest.raises(InputError, match="loops stay open") as caught:
        PathRL(nets="A0", return_net="A1").run(_without_wires(flash, "A1"))
    assert _code(caught) == ["rl.open_loop"]


def test_currents_out_of_step_are_doubted(flash):
    made = PathRL(nets="A0", f_Hz=5e10, across_count=5, up_count=3).run(flash)
    assert made.state == "doubtful"
    assert any("tenth of the wavelength" in text for text in made.warnings)


def test_filaments_wider_than_the_skin_are_doubted(flash):
    made = PathRL(nets="A0", f_Hz=1e9, across_count=1, up_count=1).run(flash)
    copper = 5.8e7
    assert made.metrics["outer_filament_over_skin_ratio"] > 10.0 / skin_depth_um(np.array([copper]), 1e9)[0]
    assert made.state == "doubtful"
    assert any("resistances are too low" in text for text in made.warnings)


def test_a_system_larger_than_memory_is_refused(flash):
    with pytest.raises(InputError, match="GB") as caught:
        PathRL(nets="A*", patterns_count=0, across_count=99, up_count=99).run(flash)
    assert _code(caught) == ["rl.too_large"]
    assert "fewer" in caught.value.problems[0].remedy


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"f_Hz": 2e12}, "rl.option"),
        ({"f_Hz": -1.0}, "rl.option"),
        ({"patterns_count": 15}, "rl.option"),
        ({"return_net": "GND"}, "rl.return_net"),
        ({"nets": "B*"}, "rl.nets"),
    ],
)
def test_options_that_make_no_sense_are_refused(flash, options, code):
    with pytest.raises(InputError) as caught:
        PathRL(**options).run(flash)
    assert _code(caught) == [code]


def _bar(net, a, b, ends):
    (x0, y0), (x1, y1) = ends
    across = (0.0, 1.0, 0.0) if y0 == y1 else (1.0, 0.0, 0.0)
    return Segment(net, "trace", "RDL", a, b, (x0, y0, 0.0), (x1, y1, 0.0), across, 20.0, 6.0, "Cu", 5.8e7)


def test_pads_far_apart_close_no_loop_through_the_die():
    corners = [(0.0, 0.0), (2000.0, 0.0), (0.0, 75.0), (2000.0, 75.0), (0.0, 1000.0), (2000.0, 1000.0)]
    ways = [("one", 0, 1), ("two", 2, 3), ("two", 2, 4), ("two", 4, 5)]
    bars = tuple(_bar(net, a, b, (corners[a], corners[b])) for net, a, b in ways)
    ends = [
        ("ball A1", "one", 0),
        ("pad p1", "one", 1),
        ("ball A2", "two", 2),
        ("pad p2", "two", 3),
        ("pad p3", "two", 5),
    ]
    nodes = np.array([(x, y, 0.0) for x, y in corners])
    both = Conductors(bars, nodes, tuple(Terminal(*end) for end in ends))
    found = PathRL().solved(both)
    alone = _row(PathRL().solved(both.of_nets(["one"])), "one")
    # what is left is eddies in the neighbour; a loop through the die would take 8 %
    assert _row(found, "one")["l_nH"] == pytest.approx(alone["l_nH"], rel=0.004)
    near, far = 2000.0, 2000.0 + 925.0
    split = near * far / (near + far) / (5.8e7 * 20.0 * 6.0) * 1e9  # mohm: the pads side by side
    assert _row(found, "two")["r_dc_mohm"] == pytest.approx(split, rel=1e-5)


def test_a_wire_over_a_plane_has_the_loop_of_its_image():
    """20 x 5 x 1000 µm, its face 10 µm off a perfect plane: 0.304733 nH (Hoer and Love, with the image)."""
    bar = Segment("one", "trace", "RDL", 0, 1, (0, 0, 0), (1000, 0, 0), (0.0, 1.0, 0.0), 20.0, 5.0, "Cu", 5.8e7)
    ends = (Terminal("ball A1", "one", 0), Terminal("pad p1", "one", 1))
    drawn = Conductors((bar,), np.array([(0.0, 0.0, 0.0), (1000.0, 0.0, 0.0)]), ends)
    row = _row(PathRL(f_Hz=0.0, board_gap_um=12.5).solved(drawn), "one")
    assert row["l_dc_nH"] == pytest.approx(0.304733071577659, rel=1e-5)
    assert row["inductance"] == "partial, over the board's plane"


@pytest.mark.parametrize("patterns_count", [0, 5])
def test_a_plane_far_away_changes_nothing_and_a_near_one_takes_from_l(flash, patterns_count):
    def l_nH(gap_um):
        return PathRL(nets="A0,A1", patterns_count=patterns_count, board_gap_um=gap_um).run(flash).fields["l_nH"]

    none, near, far = l_nH(None), l_nH(50.0), l_nH(1e5)
    assert far == pytest.approx(none, rel=2e-3)
    assert (np.diag(near) < 0.95 * np.diag(none)).all()
    assert np.linalg.eigvalsh(near).min() > 0
