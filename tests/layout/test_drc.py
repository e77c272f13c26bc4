"""The design-rule check finds every kind of planted error with its figure, and nothing in clean layouts."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from drc_planted import PLANTED, TOL_UM, Shape, box, check, disc, masks, of, wire
from layout_designs import caravel, small_package, straight_answer

from chipscale.errors import InputError
from chipscale.layout.draw import draw, given
from chipscale.layout.drc import Drc
from chipscale.layout.drc_check import check_masks
from chipscale.layout.drc_grooves import GROOVE_CHECKS
from chipscale.layout.drc_markers import write_json, write_lyrdb
from chipscale.layout.drc_rules import CHECKS, PARAMETERS
from chipscale.layout.pictures import violation_pictures, worst, write_pictures
from chipscale.layout.types import Circle, Polygon
from chipscale.package.rule_names import RULE_MEANINGS
from chipscale.package.types import Die, RuleSet


@pytest.mark.parametrize(("rule", "limit", "bad", "value", "good"), PLANTED)
def test_planted_error_is_found_with_its_figure(
    rule: str, limit: float, bad: list[Shape], value: float, good: list[Shape]
) -> None:
    found = of(check(masks(*bad), **{rule: limit}), rule)
    assert found
    # discs reach at most 0.12 % of their radius beyond the drawn circle, between axes and diagonals
    slack = 0.25 if "space" in rule and rule.startswith("rdl_min") and any(isinstance(s, Circle) for s in bad) else 0.0
    assert min(float(item["value"]) for item in found) == pytest.approx(value, abs=TOL_UM + slack)
    assert check(masks(*good), **{rule: limit}).metrics["violations_count"] == 0


@pytest.mark.parametrize(
    ("rule", "limit", "size", "value"),
    [
        ("die_min_short_um", 1000.0, (999.0, 1500.0), 999.0),
        ("die_min_long_um", 1000.0, (900.0, 990.0), 990.0),
        ("die_max_short_um", 1200.0, (1300.0, 1500.0), 1300.0),
        ("die_max_long_um", 1200.0, (1300.0, 1100.0), 1300.0),
    ],
)
def test_die_size(rule: str, limit: float, size: tuple[float, float], value: float) -> None:
    [found] = of(check(masks(die=Die(*size, 300.0, 10.0, 5.0)), **{rule: limit}), rule)
    assert found["value"] == pytest.approx(value, abs=TOL_UM)
    assert check(masks(die=Die(limit, limit, 300.0, 10.0, 5.0)), **{rule: limit}).metrics["violations_count"] == 0


def test_a_truncated_opening_keeps_its_part() -> None:
    points = np.array([(300 + 100 * math.cos(a), 300 + 100 * math.sin(a)) for a in np.linspace(0, math.pi, 60)])
    half = Polygon("PI2", "opening", points)
    [found] = of(check(masks(half), pi2_min_remaining_ratio=0.51), "pi2_min_remaining_ratio")
    assert found["value"] == pytest.approx(0.5, abs=0.002)
    assert not of(check(masks(half), pi2_min_remaining_ratio=0.49), "pi2_min_remaining_ratio")
    assert not of(check(masks(disc("PI2", 300, 300, 200)), pi2_min_remaining_ratio=1.0), "pi2_min_remaining_ratio")


def test_wide_metal_needs_more_space_along_a_long_run() -> None:
    rules = {"rdl_wide_space_um": 15.0, "rdl_wide_width_um": 30.0, "rdl_wide_run_um": 60.0}
    wide = wire("RDL", 40, (200, 300), (600, 300))
    thin = wire("RDL", 12, (200, 338), (600, 338))
    [found] = of(check(masks(wide, thin), **rules), "rdl_wide_space_um")
    assert found["value"] == pytest.approx(12.0, abs=TOL_UM)
    short = wire("RDL", 12, (200, 338), (240, 338))
    neighbour = wire("RDL", 12, (200, 360), (600, 360))
    assert not of(check(masks(wide, short), **rules), "rdl_wide_space_um")
    assert not of(check(masks(thin, neighbour), **rules), "rdl_wide_space_um")


def test_every_known_rule_has_a_check_and_a_planted_error() -> None:
    assert set(CHECKS) | set(PARAMETERS) == set(RULE_MEANINGS)
    planted = {rule for rule, *_ in PLANTED} | {"pi2_min_remaining_ratio", "rdl_wide_space_um"}
    sides = {"die_min_short_um", "die_min_long_um", "die_max_short_um", "die_max_long_um"}
    assert set(CHECKS) - planted - set(GROOVE_CHECKS) == sides


def test_same_net_wires_and_acute_corners_are_no_space_violation() -> None:
    land = disc("RDL", 500, 500, 270)
    fan = [wire("RDL", 40, (500, 500), (800, 500)), wire("RDL", 40, (500, 500), (780, 680))]
    bent = wire("RDL", 40, (500, 500), (300, 500), (300, 340), (420, 220))
    result = check(masks(land, *fan, bent), rdl_min_space_um=35.0, rdl_min_width_um=40.0)
    assert result.metrics["violations_count"] == 0
    assert any(row["rule"] == "rdl_notch_min_um" for row in result.tables["rules"])  # checked, at the space rule


def test_missing_rules_are_listed_not_checked() -> None:
    result = check(masks(disc("UBM", 300, 300, 250)), ubm_min_width_um=250.0, via_min_width_um=20.0)
    skipped = {row["rule"]: row["why"] for row in result.tables["not_checked"]}
    assert "ubm_min_width_um" not in skipped
    assert skipped["via_min_width_um"] == "no shapes the rule speaks of"
    assert skipped["rdl_min_space_um"] == "the rule set has no such rule"
    assert result.metrics["rules_checked_count"] == 1
    [held] = result.checks
    assert held.ok
    assert held.value == pytest.approx(250.0, abs=TOL_UM)


def test_a_violation_names_net_ball_rule_and_source() -> None:
    package = small_package()
    layout = draw(package, router=given(straight_answer(package)))
    stray = wire("RDL", 40, (200, 935), (330, 935))
    result = Drc().run({"package": package, "layout": replace(layout, traces=(*layout.traces, stray))})
    [bad] = [item for item in result.checks if not item.ok]
    assert bad.code == "drc.rdl_min_space_um"
    assert bad.value == pytest.approx(25.0, abs=TOL_UM)
    assert bad.limit == 35.0
    assert bad.layer == "RDL"
    assert "net a" in bad.message
    assert "ball A1" in bad.message
    assert "efabless" in bad.source
    assert bad.where_um is not None
    assert bad.where_um[1] == pytest.approx(967.5, abs=0.1)


def test_clean_small_design_and_another_rule_set() -> None:
    package = small_package()
    view = {"package": package, "layout": draw(package, router=given(straight_answer(package)))}
    assert Drc().run(view).metrics["violations_count"] == 0
    strict = Drc(rules="skywater_amkor_500").run(view)
    assert {item.metric for item in strict.checks if not item.ok} == {"bump_min_width_um"}  # balls of 300 under 310
    assert strict.metrics["violations_count"] == 4


def test_dies_are_checked_across_the_street() -> None:
    layout = masks(
        box("RDL", 40, 750, 60), box("RDL", 960, 750, 60), box("RDL", 500, 1165, 60), box("RDL", 500, 300, 30)
    )
    rules = {"rdl_min_space_um": 35.0, "rdl_min_width_um": 40.0}  # the width rule is the single die's own
    package = replace(small_package(), rules=RuleSet("planted", "planted", "test", rules))
    single = Drc().run({"package": package, "layout": layout})
    far = Drc(street_x_um=20.0, street_y_um=80.0).run({"package": package, "layout": layout})
    near = Drc(street_x_um=10.0, street_y_um=80.0).run({"package": package, "layout": layout})
    assert single.metrics["violations_count"] == far.metrics["violations_count"] == 1
    street = [item for item in near.checks if item.code.startswith("drc.street.")]
    assert [item.code for item in street] == ["drc.street.rdl_min_space_um"] * 2  # two rows of dies
    assert street[0].value == pytest.approx(30.0, abs=TOL_UM)
    assert near.metrics["violations_count"] == 3


def test_markers_as_report_database_and_json(tmp_path: Path) -> None:
    import klayout.rdb as rdb

    result = check(masks(disc("UBM", 300, 300, 240), disc("UBM", 700, 300, 240)), ubm_min_width_um=250.0)
    first = write_lyrdb(result, tmp_path / "drc.lyrdb").read_bytes()
    assert write_lyrdb(result, tmp_path / "again.lyrdb").read_bytes() == first
    database = rdb.ReportDatabase()
    database.load(str(tmp_path / "drc.lyrdb"))
    assert database.num_items() == 2
    [category] = [item for item in database.each_category() if item.num_items()]
    assert category.name() == "ubm_min_width_um UBM"
    data = json.loads(write_json(result, tmp_path / "drc.json").read_text("utf-8"))
    assert data["metrics"]["layout.drc.violations_count"] == 2
    assert len(data["tables"]["markers"]) == 2
    assert data["ok"] is False


def test_pictures_show_the_worst_first(tmp_path: Path) -> None:
    layout = masks(disc("UBM", 300, 300, 240), disc("UBM", 700, 300, 200), wire("RDL", 12, (300, 700), (700, 700)))
    result = check(layout, ubm_min_width_um=250.0, rdl_min_width_um=20.0)
    assert [(item["rule"], item["value"]) for item in worst(result, 3)] == [
        ("rdl_min_width_um", pytest.approx(12.0, abs=TOL_UM)),
        ("ubm_min_width_um", pytest.approx(200.0, abs=TOL_UM)),
        ("ubm_min_width_um", pytest.approx(240.0, abs=TOL_UM)),
    ]
    pictures = violation_pictures(layout, result, 2)
    assert pictures[0].startswith("<svg")
    assert "12.000 µm" in pictures[0]
    assert 'fill="#d9822b"' in pictures[0]  # the metal itself
    assert [path.name for path in write_pictures(layout, result, tmp_path, 2)] == ["violation_1.svg", "violation_2.svg"]
    assert violation_pictures(layout, check(layout, ubm_min_width_um=10.0)) == []


def test_hand_drawn_caravel_keeps_its_rules() -> None:
    package, answer = caravel()
    result = Drc().run({"package": package, "layout": draw(package, router=given(answer))})
    assert result.metrics["violations_count"] == 0
    assert result.metrics["rdl_space_um"] == pytest.approx(35.0, abs=TOL_UM)
    assert result.metrics["rdl_width_um"] == pytest.approx(40.0, abs=TOL_UM)


def test_a_tolerance_below_zero_is_refused():
    with pytest.raises(InputError, match="must be a length"):
        check_masks(None, RuleSet("planted", "planted", "test", {}), tolerance_um=-1.0)
