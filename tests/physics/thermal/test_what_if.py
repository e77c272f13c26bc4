"""What each cooling measure buys: no change is no difference, trends, meanings of more balls, refusals."""

from dataclasses import replace

import pytest

import chipscale
from chipscale.errors import InputError
from chipscale.layout.types import LAYER
from chipscale.physics.thermal.what_if import WhatIf, _Way, carried
from chipscale.physics.thermal.what_if_balls import free_sites, more_ground
from chipscale.physics.thermal.what_if_measures import MEASURES, measure
from chipscale.physics.thermal.what_if_package import conducting, thicker_rdl, thinner_die

COARSE = {"per_pitch": 2.0, "power_W": 0.1}
AIR_k_W_mK = 0.0263


@pytest.fixture(scope="module")
def view():
    design = chipscale.load("examples/flash/chip.yaml")
    return {"package": design.package, "layout": design.layout, "stack": design.stack, "materials": design.materials}


@pytest.fixture(scope="module")
def answer(view):
    asked = WhatIf(**COARSE, measures="underfill, vias, plate, coat")
    return asked.run(view)


def _row(answer, title):
    return next(row for row in answer.tables["measures"] if row["measure"] == title)


def test_a_measure_that_changes_nothing_differs_by_nothing(view):
    found = WhatIf(**COARSE, measures="underfill", try_under_k_W_mK=AIR_k_W_mK).run(view)
    assert found.metrics["underfill_K_W"] == 0.0
    row = _row(found, "underfill")
    assert (row["change_K_W"], row["change_pct"], row["change_K"], row["mesh_K_W"]) == (0.0, 0.0, 0.0, 0.0)


def test_measures_cool_and_balance(answer):
    m = answer.metrics
    assert answer.state == "ok"
    assert m["balance_ratio"] < 1e-6
    assert m["vias_K_W"] < m["underfill_K_W"] < 0
    assert m["plate_K_W"] < 0
    assert abs(m["coat_K_W"]) < 0.01 * m["theta_ja_K_W"]  # hardly any heat goes by the back
    assert m["best_K_W"] == -min(m["vias_K_W"], m["plate_K_W"])
    assert m["measures_count"] == 4
    assert set(m) <= set(WhatIf.metrics)


def test_rows_hold_what_they_say(answer):
    before = _row(answer, "as it is")
    for row in answer.tables["measures"]:
        assert row["theta_ja_K_W"] - before["theta_ja_K_W"] == pytest.approx(row["change_K_W"], abs=2e-3)
        assert row["change_K"] == pytest.approx(0.1 * row["change_K_W"], abs=1e-4)
        assert row["change_pct"] == pytest.approx(100 * row["change_K_W"] / before["theta_ja_K_W"], abs=0.01)
        assert row["t_junction_C"] == pytest.approx(25 + 0.1 * row["theta_ja_K_W"], abs=1e-3)
    assert _row(answer, "plate on the back")["psi_jt_K_W"] > before["psi_jt_K_W"]  # now over plate and joint


@pytest.mark.slow
def test_as_it_is_is_near_the_question_on_resistances(view, answer):
    from chipscale.physics.thermal.theta import Theta

    alone = Theta(**COARSE).run(view).metrics["theta_ja_K_W"]
    assert answer.metrics["theta_ja_K_W"] == pytest.approx(alone, rel=0.02)  # more grid lines: plate's and columns'


def test_the_flow_builds_the_package_again(view):
    thick, told = thicker_rdl(view, 2.0)
    assert told == "redistribution metal 12 µm instead of 6 µm"
    assert thick["stack"].extent_z_um()[1] == pytest.approx(view["stack"].extent_z_um()[1] + 6.0, abs=0.5)
    thin, told = thinner_die(view, 0.6)
    assert told == "silicon 150 µm instead of 250 µm"
    assert thin["stack"].extent_z_um()[0] == pytest.approx(view["stack"].extent_z_um()[0] + 100.0)
    same, told = thinner_die(view, 0.2)  # no wafer with balls on it is ground so thin
    assert same["stack"] is view["stack"]
    assert told.startswith("the flow can't make it")


def test_more_balls_are_unused_ones_then_free_sites_then_signals(view):
    package, layout = view["package"], view["layout"]
    assert free_sites(package) == []
    given_up, told = more_ground(view, 3, True)
    assert told.startswith("no unused ball, no free site: 3 signals given up")
    assert _grounds(given_up) == _grounds(view) + 3
    spare = replace(package, balls=tuple(replace(b, net=None) if b.name in ("A1", "F6") else b for b in package.balls))
    tied, told = more_ground({**view, "package": spare}, 8, True)
    assert told.startswith("2 unused balls tied to")
    assert _grounds(tied) == _grounds({"package": spare}) + 2
    inner = next(ball for ball in package.balls if ball.name == "C3")
    fewer = replace(package, balls=tuple(b for b in package.balls if b is not inner))
    bare = replace(layout, circles=tuple(item for item in layout.circles if item.name != "C3"))
    grown, told = more_ground({**view, "package": fewer, "layout": bare}, 8, False)
    assert told.startswith("1 more balls")
    ball = grown["stack"].body("BALL.thermal1")
    assert (ball.x_um, ball.y_um) == pytest.approx((inner.x_um, inner.y_um))
    assert len(grown["package"].balls) == len(package.balls)
    assert {item.layer for item in grown["layout"].circles if item.name == "thermal1"} <= set(LAYER)


def _grounds(view):
    kinds = {net.name: net.kind for net in view["package"].nets}
    return sum(kinds.get(ball.net or "") == "ground" for ball in view["package"].balls)


def test_what_is_not_possible_is_told_with_its_reason(view):
    one_layer = WhatIf(board="jesd51_9_1s", column_d_um=180.0, under="Underfill", plate_t_um=100.0, **COARSE)
    plan = one_layer.plan({})
    for key in ("underfill", "vias", "filled_vias", "columns", "plate"):
        made = measure(key, one_layer, view, plan)
        assert made.asked is None
        assert made.changed
    assert measure("balls", one_layer, view, plan).asked is None  # no plane to tie them to
    with pytest.raises(InputError) as caught:
        WhatIf(measures="undrfill, plate", try_die_ratio=0.0).run(view)
    assert {problem.key for problem in caught.value.problems} == {"measures", "try_die_ratio"}


def test_every_measure_has_its_figure():
    assert {f"{key}_K_W" for key in MEASURES} <= set(WhatIf.metrics)


def test_conductivity_asked_for_is_taken(view):
    known = conducting(view["materials"], "PI", 2.5)
    assert known["PI"].number("k_W_mK") == 2.5
    assert view["materials"]["PI"].number("k_W_mK") != 2.5


def test_an_answer_is_carried_onto_other_layers(view):
    asked = WhatIf(**COARSE)
    like = asked._lines_like(view)
    plain = _Way(measure("coat", asked, view, asked.plan({})), like, 2.0)
    scene, field = plain.cold()
    plate = _Way(measure("plate", asked, view, asked.plan({})), like, 2.0)
    moved = carried(scene, field, plate.scene)
    assert moved.t_C.shape == plate.scene.solid.shape
    same = carried(scene, field, scene)
    assert same.t_C[scene.solid] == pytest.approx(field.t_C[scene.solid], abs=1e-9)
