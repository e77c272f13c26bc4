"""The resist advisor: the brief's table, the fewest coats, one coat less, out of everything's range."""

import dataclasses

import pytest

from chipscale.errors import InputError
from chipscale.package.types import FlowChange, FlowPlan, FlowStep
from chipscale.process.flows import flow_of
from chipscale.process.kinds.coating import ApplyCoat, SoftBake
from chipscale.process.kinds.litho import Develop, Expose
from chipscale.process.models.resists import resist
from chipscale.process.questions.advisor import METRICS, ResistAdvisor, thickest_metal, ways
from chipscale.process.step import Batch
from chipscale.units import unit_of

BATCH = Batch(300.0, 1, 0, 1000.0, 600.0, 80.0, 80.0)


@pytest.fixture
def package(package):
    films = dataclasses.replace(package.layers, materials={"ball": "SAC387"})
    return dataclasses.replace(package, layers=films, flow=FlowPlan("thin_film"))


def ask(package, **options):
    return ResistAdvisor(**options).run({"package": package})


def test_the_thickest_metal_asks_for_a_quarter_more_and_says_why(package):
    assert thickest_metal(package) == (8.0, "UBM")
    result = ask(package)
    assert result.metrics["thickness_um"] == pytest.approx(10.0)
    assert "UBM" in result.tables["wanted"][0]["why"]
    assert "15 %" in result.tables["wanted"][0]["why"]
    assert result.state == "ok"
    assert result.ok


def test_metals_plated_into_one_resist_add_up(package):
    more = FlowChange(
        "insert_after", "plate UBM", new=FlowStep("plate", "plate Ni", {"material": "Ni", "thickness_um": 3.0})
    )
    edited = dataclasses.replace(package, flow=FlowPlan("thin_film", changes=(more,)))
    assert thickest_metal(edited)[0] == pytest.approx(11.0)


@pytest.mark.parametrize(
    ("thickness", "reaching"),
    [
        (5.0, {"AZ P4330", "SPR 955"}),
        (25.0, {"AZ P4330", "SPR 955", "AZ P4620", "SPR 220", "JSR THB-611P", "AZ PLP-100XT", "AZ 9260"}),
        (60.0, {"JSR THB-611P", "AZ PLP-100XT", "AZ 9260", "AZ 50XT"}),
        (65.0, {"AZ 9260", "AZ 50XT"}),
        (100.0, {"AZ 50XT"}),
    ],
)
def test_all_that_reach_it_are_listed(package, thickness, reaching):
    rows = ask(package, thickness_um=thickness).tables["resists"]
    assert {row["resist"] for row in rows} == reaching
    order = [(row["coats_count"], row["time_s"]) for row in rows]
    assert order == sorted(order)
    for row in rows:
        item = resist(row["resist"])
        assert row["coat_um"] <= item.coat_max_um
        assert item.speed_min_rpm <= row["speed_rpm"] <= item.speed_max_rpm
        assert row["coats_count"] * row["coat_um"] == pytest.approx(thickness, abs=0.01)


def test_the_time_is_that_of_the_steps(package):
    way = next(way for way in ways(15.0, BATCH) if way.resist == "AZ P4330")
    item = resist("AZ P4330")
    each = item.bake_time_s(5.0)
    steps = (
        ApplyCoat(material="AZ P4330", thickness_um=15.0, coats_count=3, between_s=each),
        SoftBake(bake_s=each),
        Expose(dose_mJ_cm2=item.dose_at(15.0)),
        Develop(develop_s=item.develop_time_s(15.0)),
    )
    assert way.time_s == pytest.approx(sum(step.time_s(BATCH) for step in steps))


def test_what_one_coat_less_would_change(package):
    result = ask(package, thickness_um=15.0, resist="AZ P4330")
    assert result.metrics["coats_count"] == 3.0
    rows = {(row["resist"], row["coats_count"]): row for row in result.tables["one_coat_less"]}
    own = rows[("AZ P4330", 2)]
    assert not own["possible"]
    assert "7.5 µm a coat" in own["why"]
    assert "774 rpm" in own["why"]
    other = rows[("AZ P4620", 2)]
    assert other["possible"]
    assert other["speed_rpm"] == 2734
    least = min(row["time_s"] for row in rows.values() if row["possible"] and row["coats_count"] == 2)
    assert result.metrics["one_coat_less_s"] == pytest.approx(least - result.metrics["time_s"], abs=1.0)
    assert result.metrics["one_coat_more_s"] > 0


def test_one_coat_less_can_save_time(package):
    result = ask(package, thickness_um=60.0, resist="AZ 9260")
    assert result.metrics["coats_count"] == 3.0
    assert result.metrics["one_coat_less_s"] < 0
    assert any("less for a wafer" in row["why"] for row in result.tables["one_coat_less"])


def test_one_coat_can_not_be_less(package):
    result = ask(package, thickness_um=30.0)
    assert result.metrics["coats_count"] == 1.0
    assert "one_coat_less_s" not in result.metrics
    assert any("none less" in row["why"] for row in result.tables["one_coat_less"])


@pytest.mark.parametrize(("thickness", "remedy"), [(0.5, "at least"), (101.0, "at most 100 µm (AZ 50XT)")])
def test_outside_everything_s_range_is_refused_with_the_limits(package, thickness, remedy):
    with pytest.raises(InputError, match="outside the range") as caught:
        ask(package, thickness_um=thickness)
    (problem,) = caught.value.problems
    assert problem.value == f"{thickness:g} µm"
    assert "AZ 50XT 40 to 100 µm (" in problem.limit
    assert remedy in problem.remedy


@pytest.mark.parametrize("thickness", [-5.0, float("nan")])
def test_what_is_no_thickness_is_refused(package, thickness):
    with pytest.raises(InputError, match="must be a thickness"):
        ask(package, thickness_um=thickness)


def test_a_thickness_the_house_s_resist_lacks(package):
    with pytest.raises(InputError, match="outside the range of AZ P4330") as caught:
        ask(package, thickness_um=40.0, resist="AZ P4330")
    assert "in one coat" in caught.value.problems[0].remedy
    assert resist("AZ P4330").sources["total_max_um"] in caught.value.problems[0].limit


def with_metal(package, thickness_um):
    films = dataclasses.replace(package.layers, ubm_um=thickness_um, rdl_um=thickness_um)
    return dataclasses.replace(package, layers=films)


def test_metal_thicker_than_any_resist_is_a_failed_check(package):
    result = ask(with_metal(package, 100.0))
    assert result.metrics["resists_count"] == 0.0
    assert result.state == "doubtful"
    assert not result.ok
    assert "AZ 50XT 40 to 100 µm" in result.warnings[0]
    assert "coats_count" not in result.metrics


def test_thin_metal_takes_the_thinnest_coat_there_is(package):
    result = ask(with_metal(package, 0.4))
    assert result.ok
    assert result.metrics["thickness_um"] == min(resist(row["resist"]).coat_min_um for row in result.tables["resists"])


def test_a_faster_way_with_more_coats_is_offered_unasked(package):
    result = ask(package, thickness_um=10.0)
    (faster,) = result.tables["faster"]
    assert faster["coats_count"] > result.metrics["coats_count"] == 1.0
    saved = result.metrics["time_s"] - faster["time_s"]
    assert result.metrics["fastest_saves_s"] == pytest.approx(saved, abs=1.0)
    assert saved > 60
    assert f"faster: {faster['resist']}" in result.checks[0].message
    assert result.metrics["fastest_s"] == pytest.approx(faster["time_s"], abs=0.5)


def test_where_the_advised_way_is_the_fastest_nothing_is_offered(package):
    result = ask(package, thickness_um=5.0)
    assert "faster" not in result.tables
    assert result.metrics["fastest_s"] == result.metrics["time_s"]


def test_an_unknown_resist_is_refused_with_the_nearest_name(package):
    with pytest.raises(InputError, match="no such resist") as caught:
        ask(package, resist="AZ P4621")
    assert "AZ P4620" in caught.value.problems[0].remedy
    with pytest.raises(InputError):
        ask(package, resist="PI")


def test_a_guessed_spin_curve_is_told(package):
    assert any("assumed" in said for said in ask(package, thickness_um=70.0).warnings)
    assert ask(package, thickness_um=5.0).warnings == ()


def test_metrics_have_units_and_meanings(package):
    for options in ({}, {"thickness_um": 10.0}, {"thickness_um": 15.0, "resist": "AZ P4330"}):
        for name in ask(package, **options).metrics:
            assert METRICS[name]
            assert unit_of(name) is not None


def test_the_same_answer_twice(package):
    assert ask(package).as_dict() == ask(dataclasses.replace(package)).as_dict()


def test_a_flow_that_plates_nothing_is_advised_nothing_unless_a_thickness_is_asked_for(package):
    bare = dataclasses.replace(package, flow=FlowPlan("rdl_aluminium"))
    bare = dataclasses.replace(
        bare,
        flow=FlowPlan(
            "rdl_aluminium",
            changes=tuple(FlowChange("remove", step.title) for step in flow_of(bare) if step.step == "plate"),
        ),
    )
    assert thickest_metal(bare) == (0.0, "")
    result = ask(bare)
    assert result.metrics == {"metal_um": 0.0}
    assert result.checks == ()
    assert "no plated metal in this flow: nothing to advise" in result.tables["wanted"][0]["why"]
    assert ask(bare, thickness_um=10.0).metrics["coats_count"] >= 1.0
