"""The three questions: what they answer, what they refuse, what they say when the answer is no."""

import dataclasses
import math

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.process.variation.analysis import Variation
from chipscale.process.variation.coplanarity import expected_range
from chipscale.process.variation.influence import Influence
from chipscale.process.variation.window import Window


def flow(stand, tolerance_um=0.0, film_pct=0.0, **more):
    return (
        stand.Film("PI1", 6.0, feature_pct=film_pct, **more),
        stand.Posts(cd_um=0.3),
        stand.Drop(sphere_tolerance_um=tolerance_um),
        stand.Melt(),
    )


def test_variation_tells_what_theory_says(ask, stand):
    result, seen = ask(Variation(wafers_count=5, dies_count=800), *flow(stand, 10.0))
    d_height = 1.1705 * 10.0 / 3
    assert result.metrics["dies_count"] == 4000
    assert result.metrics["coplanarity_mean_um"] == pytest.approx(expected_range(20) * d_height, rel=0.02)
    assert result.metrics["height_sd_um"] == pytest.approx(math.hypot(d_height, 0.41 * 0.3), rel=0.02)
    room, mean = 20.435, result.metrics["height_mean_um"]
    assert result.metrics["height_cp_ratio"] == pytest.approx(room / (3 * result.metrics["height_sd_um"]), rel=1e-3)
    assert result.metrics["ubm_width_sd_um"] == pytest.approx(0.3, rel=0.02)
    assert mean == pytest.approx(14.0 + 204.35, abs=0.2)
    assert [text for _, text in seen] == [f"wafer {k} of 5" for k in range(1, 6)]
    assert set(result.metrics) <= set(Variation.metrics)
    (check,) = result.checks
    assert (check.ok, check.value) == (True, 100.0)
    assert "within 50 µm, the limit of dropped or printed balls" in check.message
    assert "Cirrus Logic" in check.source
    assert result.metrics["within_plated_pct"] == 0.0
    assert result.metrics["plated_cpk_ratio"] < 0 < result.metrics["coplanarity_cpk_ratio"]
    (warning,) = result.warnings
    assert warning.startswith("0 % of the dies have all bumps within 5 µm, the limit of plated bumps")
    assert result.state == "ok"


def test_a_limit_that_is_asked_for_decides(ask, stand):
    question = Variation(wafers_count=2, dies_count=200, limit_um=14.0)
    result, _ = ask(question, *flow(stand, 10.0))
    (check,) = result.checks
    share = result.metrics["within_limit_pct"]
    assert 5.0 < share < 95.0
    assert (check.ok, check.value, check.source) == (False, share, "limit_um")
    assert np.mean(result.fields["map_mean_um"] < 14.0) > 0.0
    assert result.warnings == ()  # the limit of dropped balls, 50 µm, is kept
    other, _ = ask(dataclasses.replace(question, limit_um=60.0, ball_drop_limit_um=2.0), *flow(stand, 10.0))
    assert other.ok
    assert "within 2 µm, the limit of dropped or printed balls (ball_drop_limit_um)" in other.warnings[0]


def test_posts_without_solder_are_held_to_the_limit_of_plated_bumps(ask, stand):
    even, _ = ask(Variation(wafers_count=2, dies_count=100), stand.Posts(feature_pct=2.0))
    rough, _ = ask(Variation(wafers_count=2, dies_count=100), stand.Posts(feature_pct=40.0))
    assert (even.ok, rough.ok) == (True, False)
    (check,) = rough.checks
    assert "the limit of plated bumps" in check.message
    assert rough.metrics["limit_um"] == rough.metrics["plated_limit_um"] == 5.0
    assert rough.metrics["within_plated_pct"] == rough.metrics["within_limit_pct"]
    assert (rough.metrics["within_ball_drop_pct"], rough.warnings) == (100.0, ())


def test_tables_and_fields_hold_together(ask, stand):
    result, _ = ask(Variation(wafers_count=3, dies_count=500), *flow(stand, 4.0, 3.0, bowl_pct=6.0, wafer_pct=2.0))
    tables, fields = result.tables, result.fields
    assert sum(row["dies_count"] for row in tables["histogram"]) == 1500
    assert fields["hist_count"].sum() == 1500
    assert fields["height_count"].sum() == 1500 * 20
    assert fields["map_x_mm"].shape == fields["map_one_um"].shape == fields["map_mean_um"].shape == (500,)
    assert fields["ball_mean_um"].shape == (20,)
    assert all(field.dtype == np.float64 for field in fields.values())
    assert np.mean([row["within_limit_pct"] for row in tables["wafers"]]) == pytest.approx(
        result.metrics["within_limit_pct"], abs=1e-9
    )
    assert sum(row["share_pct"] for row in tables["levels"]) == pytest.approx(100.0)
    assert sum(row["share_pct"] for row in tables["causes"]) == pytest.approx(100.0)
    first = tables["causes"][0]
    assert (first["step"], first["quantity"]) == ("drop", "sphere_d_um")
    assert first["coplanarity_without_um"] < 0.3 * first["coplanarity_alone_um"]
    levels = {row["level"]: row for row in tables["levels"]}
    assert levels["wafer"]["coplanarity_alone_um"] < 1e-3 < levels["radius"]["coplanarity_alone_um"]
    assert levels["feature"]["coplanarity_alone_um"] > 4.0
    assert [row["layer"] for row in tables["films"]] == ["PI1", "UBM"]
    assert tables["films"][0]["sd_um"] == pytest.approx(6.0 * 0.01 * math.hypot(3.0, 6.0 / math.sqrt(12)), rel=0.15)
    assert [(row["layer"], row["drawn_um"]) for row in tables["widths"]] == [("UBM", 215.0)]
    assert tables["widths"][0]["cp_ratio"] == pytest.approx(21.5 / (3 * 0.3), rel=0.05)


def test_a_flow_that_does_not_vary_is_flat_and_says_so(ask, stand):
    result, _ = ask(Variation(wafers_count=2, dies_count=10), stand.Film(), stand.Posts(), stand.Drop(), stand.Melt())
    assert result.metrics["coplanarity_max_um"] < 1e-6
    assert result.metrics["within_limit_pct"] == 100.0
    assert result.metrics["height_cp_ratio"] > 1e6
    assert any("no step" in text for text in result.warnings)
    assert result.state == "doubtful"


def test_steps_that_do_not_say_how_they_vary_are_named(ask, stand):
    @dataclasses.dataclass(frozen=True)
    class Silent:
        name = "silent"
        makes = frozenset()

        def effect(self, work, masks):
            return work

    result, _ = ask(Variation(wafers_count=1, dies_count=10), *flow(stand, 4.0), Silent())
    assert any("silent" in text for text in result.warnings)
    assert result.state == "doubtful"


def test_the_same_question_gets_the_same_answer_and_another_seed_another(ask, stand):
    steps = flow(stand, 4.0)
    one, _ = ask(Variation(wafers_count=2, dies_count=50), *steps)
    two, _ = ask(Variation(wafers_count=2, dies_count=50), *steps)
    other, _ = ask(Variation(wafers_count=2, dies_count=50, seed=8), *steps)
    assert one.metrics == two.metrics
    assert all(np.array_equal(one.fields[name], two.fields[name]) for name in one.fields)
    assert one.metrics["coplanarity_mean_um"] != other.metrics["coplanarity_mean_um"]


def test_one_row_of_balls_has_no_seating_plane(ask, stand):
    result, _ = ask(Variation(wafers_count=1, dies_count=20), *flow(stand, 4.0), rows=1)
    assert "seating_mean_um" not in result.metrics
    assert result.metrics["coplanarity_mean_um"] > 1.0


@pytest.mark.parametrize(
    "options",
    [
        {"wafers_count": 0},
        {"dies_count": -1},
        {"dies_count": 10**6},
        {"limit_um": 0.0},
        {"plated_limit_um": -5.0},
        {"ball_drop_limit_um": 0.0},
        {"goal_pct": 101.0},
        {"correlation_mm": 0.0},
        {"height_tolerance_um": -1.0},
        {"width_tolerance_pct": 0.0},
        {"seed": -1},
    ],
    ids=str,
)
def test_options_out_of_range_are_refused(ask, options):
    with pytest.raises(InputError, match=next(iter(options))):
        ask(Variation(**options))


def test_influence_ranks_what_matters_first(ask, stand):
    question = Influence(trajectories_count=6, wafers_count=2, dies_count=60)
    result, seen = ask(question, *flow(stand, 6.0, 2.0, bowl_pct=4.0))
    rows = result.tables["parameters"]
    assert rows[0]["parameter"] == "drop.sphere_tolerance_um"
    assert (rows[0]["low"], rows[0]["high"], rows[0]["value"]) == (3.0, 9.0, 6.0)
    assert rows[0]["source"] == "the test"
    assert rows[0]["range"] == "3 to 9 µm"
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert result.tables["first_five"] == rows[:5]
    moves = [row["mu_star_um"] for row in rows]
    assert moves == sorted(moves, reverse=True)
    assert {row["parameter"] for row in rows} >= {"film PI1.feature_pct", "film PI1.bowl_pct", "melt.base_d_um"}
    assert all(row["total_ratio"] is None for row in rows)
    assert result.metrics["runs_count"] == 6 * (len(rows) + 1)
    assert seen
    # the 99 % quantile is close to proportional to the largest deviation: 2/3 of it between half and one and a half
    assert rows[0]["mu_star_um"] == pytest.approx(result.metrics["answer_um"], rel=0.15)


def test_sobol_puts_nearly_all_on_the_sphere(ask, stand):
    question = Influence(method="sobol", base_count=64, trajectories_count=3, wafers_count=1, dies_count=40)
    result, _ = ask(question, *flow(stand, 6.0, 1.0))
    first = result.tables["parameters"][0]
    assert first["parameter"] == "drop.sphere_tolerance_um"
    assert first["total_ratio"] > 0.8
    assert result.tables["parameters"][-1]["total_ratio"] < 0.02


def test_an_option_at_zero_is_not_turned(ask, stand):
    result, _ = ask(Influence(trajectories_count=2, wafers_count=1, dies_count=10), *flow(stand, 6.0))
    assert "film PI1.feature_pct" not in {row["parameter"] for row in result.tables["parameters"]}


@pytest.mark.parametrize("options", [{"base_count": 100}, {"trajectories_count": 1}, {"spread_span_pct": 0.0}], ids=str)
def test_influence_refuses_what_it_can_not_do(ask, options):
    with pytest.raises(InputError, match=next(iter(options))):
        ask(Influence(**options))


def test_the_window_is_where_the_quantile_of_the_range_says(ask, stand):
    steps = (stand.Film("PI1", 6.0), stand.Posts(), stand.Drop(sphere_tolerance_um=10.0), stand.Melt())
    result, _ = ask(Window("drop.sphere_tolerance_um", wafers_count=4, dies_count=1000), *steps)
    # 5 µm over the 99 % quantile of the range of 20 normal values in their deviations (about 5.65: tables of the
    # studentized range with infinite degrees of freedom), over the slope
    from scipy.stats import studentized_range

    expected = 3 * 5.0 / studentized_range.ppf(0.99, 20, 1e6) / 1.1705
    assert result.metrics["answer_value"] == pytest.approx(expected, rel=0.02)
    assert result.metrics["answer_share_pct"] >= 99.0
    assert result.metrics["recipe_share_pct"] == 0.0
    assert "up to" in result.tables["answer"][0]["verdict"]
    assert (result.checks, result.ok) == ((), True)  # an answer, not a rule
    values = [point["value"] for point in result.tables["points"]]
    shares = [point["share_pct"] for point in result.tables["points"]]
    assert values == sorted(values)
    assert shares == sorted(shares, reverse=True)
    assert all(p["share_low_pct"] <= p["share_pct"] <= p["share_high_pct"] for p in result.tables["points"])


def test_where_even_zero_would_not_do_the_rest_is_named(ask, stand):
    result, _ = ask(Window("film PI1.feature_pct", wafers_count=1, dies_count=200), *flow(stand, 10.0, 5.0))
    assert result.metrics["found_count"] == 0.0
    assert "answer_value" not in result.metrics
    verdict = result.tables["answer"][0]["verdict"]
    assert "not even film PI1.feature_pct = 0" in verdict
    assert "drop: sphere_d_um" in verdict
    assert result.tables["causes"][0]["step"] == "drop"


def test_where_the_whole_range_would_do_it_says_so(ask, stand):
    result, _ = ask(
        Window("film PI1.feature_pct", wafers_count=1, dies_count=200, limit_um=50.0), *flow(stand, 4.0, 2.0)
    )
    assert result.metrics["found_count"] == 0.0
    assert "from one end of the range to the other" in result.tables["answer"][0]["verdict"]


def test_a_mean_may_be_searched_too_and_good_may_lie_above(ask, stand):
    question = Window("drop.sphere_d_um", 50.0, 14.0, low=250.0, high=400.0, wafers_count=1, dies_count=400)
    result, _ = ask(question, *flow(stand, 10.0))
    assert result.metrics["found_count"] == 1.0
    assert " from " in result.tables["answer"][0]["verdict"]


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Window("drop.sphere_tolerence_um"), "sphere_tolerance_um"),
        (Window("nobody.layer"), "knob"),
        (Window("drop.sphere_tolerance_um", low=-1.0), "low"),
        (Window("drop.sphere_tolerance_um", high=80.0), "high"),
        (Window("drop.sphere_tolerance_um", low=4.0, high=4.0), "low"),
        (Window("drop.sphere_tolerance_um", goal_pct=0.0), "goal_pct"),
    ],
    ids=["typo", "unknown", "below", "above", "empty", "goal"],
)
def test_windows_that_make_no_sense_are_refused(ask, stand, question, told):
    with pytest.raises(InputError, match=told):
        ask(dataclasses.replace(question, wafers_count=1, dies_count=10), *flow(stand, 4.0))


def test_the_kind_of_step_may_stand_for_its_label(ask, stand):
    result, _ = ask(Window("posts.cd_um", wafers_count=1, dies_count=10, limit_um=50.0), *flow(stand, 4.0))
    assert result.tables["answer"][0]["parameter"] == "posts UBM.cd_um"
