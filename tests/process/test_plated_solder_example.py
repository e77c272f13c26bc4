"""The example of plated solder: real pads, every bump's resist and height from the flow, refused when too high."""

import dataclasses
from pathlib import Path

import pytest

from chipscale.design import Design
from chipscale.errors import InputError
from chipscale.process.plated_reach import largest_sphere_um, plated_remedy
from chipscale.process.questions.advisor import MARGIN_RATIO, ResistAdvisor
from chipscale.process.questions.flow_facts import FlowFacts
from chipscale.store import Store

CHIP = Path(__file__).parents[2] / "examples" / "plated_solder" / "chip.yaml"


def test_the_example_checks_good_and_plates_what_a_sphere_holds(tmp_path):
    design = Design.load(CHIP, store=Store(tmp_path))
    package, layout = design.package, design.layout
    result = FlowFacts().run({"package": package, "layout": layout})
    rows = {row["label"]: row for row in result.tables["steps"]}
    solder_um = 2 * 180**3 / (3 * 250**2)
    assert rows["plate solder"]["recipe"]["thickness_um"] == pytest.approx(solder_um)
    assert rows["coat resist for bumps"]["recipe"]["thickness_um"] == pytest.approx(MARGIN_RATIO * (solder_um + 8.0))
    assert rows["coat resist for bumps"]["figures"]["coats_count"] == 2
    advised = ResistAdvisor().run({"package": package})
    assert advised.metrics["thickness_um"] == pytest.approx(rows["coat resist for bumps"]["recipe"]["thickness_um"])
    assert advised.metrics["coats_count"] == 2
    assert advised.tables["advice"][0]["resist"] == rows["coat resist for bumps"]["recipe"]["material"]
    assert [row["label"] for row in rows.values() if row["warnings"]] == ["probe map"]  # no map is given
    assert len(package.balls) == 60
    assert design.run("layout.drc").ok
    assert design.run("layout.lvs").ok
    assert design.run("process.as_built").ok


def test_a_bump_higher_than_any_resist_is_refused_with_what_there_is(tmp_path):
    design = Design.load(CHIP, overrides={"balls.sphere_d_um": 240}, store=Store(tmp_path))
    with pytest.raises(InputError) as caught:
        FlowFacts().run({"package": design.package, "layout": design.layout})
    (problem,) = caught.value.problems
    assert "more than AZ 50XT reaches" in problem.what
    assert problem.limit.startswith("100 µm in 2 coats (")
    assert "at most 100 µm" in problem.remedy


@pytest.mark.parametrize("sphere_um", [200, 300])
def test_a_sphere_too_large_is_refused_with_the_largest_that_does(sphere_um, tmp_path):
    good = Design.load(CHIP, overrides={"balls.sphere_d_um": 188}, store=Store(tmp_path))
    assert FlowFacts().run({"package": good.package, "layout": good.layout}).metrics["steps_count"] > 0
    assert largest_sphere_um(good.package) is None
    assert plated_remedy(good.package) == ""
    terminal = dataclasses.replace(good.package.terminal, sphere_d_um=float(sphere_um))
    large = dataclasses.replace(good.package, terminal=terminal)
    assert largest_sphere_um(large) == 188
    assert MARGIN_RATIO * (2 * 188**3 / (3 * 250**2) + 8.0) <= 100.0 < MARGIN_RATIO * (2 * 189**3 / (3 * 250**2) + 8.0)
    assert "balls.sphere_d_um: 188 or less" in plated_remedy(large)


def test_the_sphere_that_does_is_named_where_the_file_sets_it(tmp_path):
    with pytest.raises(InputError) as caught:
        Design.load(CHIP, overrides={"balls.sphere_d_um": 300}, store=Store(tmp_path)).run("process.flow")
    assert all("balls.sphere_d_um: 188 or less" in problem.remedy for problem in caught.value.problems)
