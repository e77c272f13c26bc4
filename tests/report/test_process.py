"""What the process' analyses found, in the report: figures at the right places, verdicts, sections only when asked."""

import re
from dataclasses import replace

import numpy as np
import pytest

from chipscale.layout.wafer_map import WaferMap
from chipscale.report.figures.bars import Bar, bars_svg
from chipscale.report.figures.bow import bow_svg
from chipscale.report.figures.spread_histogram import Limit, spread_histogram
from chipscale.report.figures.value_map import bump_values, wafer_values
from chipscale.report.figures.window import window_svg
from chipscale.report.html import report_html
from chipscale.report.parts.process import process
from chipscale.report.parts.variation import quantity_words, variation
from chipscale.report.verdict import verdict
from chipscale.results import Check, Result


def bow_row(step, small, bow, limit, held=True):
    return {
        "step": step, "silicon_um": 775.0, "small_bow_um": small, "bow_um": bow, "kappa_x_per_m": 0.1,
        "kappa_y_per_m": 0.1, "state": "cap", "next": "next tool", "limit_um": limit, "limit_source": "a maker",
        "held": held,
    }  # fmt: skip


BOW = [
    bow_row("step 0 clk", 0.0, 0.0, 1000.0),
    bow_row("step 1 clk", 410.0, 400.0, 1000.0),
    bow_row("step 3 clk", -900.0, -800.0, -500.0, False),
]


@pytest.fixture
def bow_result():
    metrics = {"largest_bow_um": 800.0, "largest_small_bow_um": 900.0, "last_bow_um": -800.0, "largest_load_ratio": 0.4}
    return Result("process.bow", metrics, tables={"bow": BOW}, warnings=("next tool can't hold the wafer",))


@pytest.fixture
def variation_result():
    edges = np.linspace(0, 10, 11)
    counts = np.array([0, 0, 5, 20, 40, 20, 10, 5, 0, 0], float)
    metrics = {
        "dies_count": 100.0, "limit_um": 6.0, "ball_drop_limit_um": 50.0, "coplanarity_mean_um": 4.6,
        "coplanarity_sd_um": 1.1, "coplanarity_p99_um": 7.4, "coplanarity_max_um": 7.9, "coplanarity_cpk_ratio": 0.42,
        "within_limit_pct": 85.0, "within_limit_low_pct": 76.7, "within_limit_high_pct": 90.7,
        "within_ball_drop_pct": 100.0, "height_mean_um": 300.0, "height_sd_um": 2.0, "height_low_limit_um": 290.0,
        "height_high_limit_um": 310.0, "height_cp_ratio": 1.67, "height_cpk_ratio": 1.67,
    }  # fmt: skip
    failed = Check("variation.coplanarity", "process.variation.within_limit_pct", 85.0, 99.0, False, "85 % of the dies")
    cause = {
        "step": "ball drop", "quantity": "sphere_d_um", "layer": "BALL", "height_sd_um": 1.5, "share_pct": 90.0,
        "coplanarity_alone_um": 4.0, "coplanarity_without_um": 1.0, "source": "a data sheet",
    }  # fmt: skip
    tables = {
        "histogram": [
            {"from_um": a, "to_um": b, "dies_count": int(n)} for a, b, n in zip(edges, edges[1:], counts, strict=False)
        ],
        "levels": [
            {"level": "lot", "height_sd_um": 0.5, "share_pct": 10.0, "seen_sd_um": 0.4},
            {"level": "feature", "height_sd_um": 1.5, "share_pct": 90.0, "seen_sd_um": float("nan")},
        ],
        "causes": [cause, cause | {"step": "plate RDL", "quantity": "thickness_pct", "coplanarity_alone_um": 1.0}],
        "films": [{"layer": "RDL", "mean_um": 6.0, "sd_um": 0.2, "sd_pct": 3.3}],
        "widths": [
            {"layer": "RDL", "feature": "wire", "drawn_um": 40.0, "mean_um": 40.1, "off_um": 0.1, "sd_um": 0.5,
             "low_um": 36.0, "high_um": 44.0, "cp_ratio": 2.7, "cpk_ratio": 2.6}
        ],
        "wafers": [
            {"lot": 1, "wafer": 1, "coplanarity_mean_um": 4.6, "coplanarity_p99_um": 7.4, "within_limit_pct": 85.0,
             "height_mean_um": 300.0, "within_die_sd_um": 1.4}
        ],
    }  # fmt: skip
    fields = {
        "map_x_mm": np.array([-2.0, 0.0, 2.0]), "map_y_mm": np.zeros(3), "map_one_um": np.array([4.0, 5.0, 6.0]),
        "map_mean_um": np.array([4.0, 4.5, 5.0]), "height_edges_um": np.array([298.0, 300.0, 302.0]),
        "height_count": np.array([7.0, 9.0]), "ball_x_um": np.array([450.0, 950.0]),
        "ball_y_um": np.array([450.0, 950.0]), "ball_mean_um": np.array([299.9, 300.1]),
    }  # fmt: skip
    return Result("process.variation", metrics, (failed,), tables, fields)


@pytest.fixture
def influence_result():
    def row(rank, name, move):
        return {
            "rank": rank, "parameter": name, "meaning": f"meaning of {name}", "unit": "µm", "value": 250.0,
            "low": 225.0, "high": 275.0, "range": "225 to 275 µm", "source": "a source", "mu_star_um": move,
            "mu_star_half_um": 0.1, "sigma_um": 0.2, "first_ratio": None, "first_half_ratio": None,
            "total_ratio": None, "total_half_ratio": None,
        }  # fmt: skip

    rows = [row(k, f"step {k}.thickness_um", 2.0 / k) for k in range(1, 8)]
    return Result(
        "process.influence", {"answer_um": 7.4, "runs_count": 80.0}, tables={"parameters": rows, "first_five": rows[:5]}
    )


@pytest.fixture
def window_result():
    shares = ((0.0, 100.0), (2.0, 99.5), (3.0, 99.0), (4.0, 90.0), (6.0, 40.0))
    points = [
        {"value": v, "share_pct": s, "share_low_pct": max(0.0, s - 2), "share_high_pct": min(100.0, s + 1)}
        for v, s in shares
    ]
    answer = {
        "parameter": "ball drop.sphere_tolerance_um", "meaning": "spheres differ", "unit": "µm", "value": 3.0,
        "share_pct": 99.0, "verdict": "99 % of the dies within 5 µm: up to 3 µm",
    }  # fmt: skip
    metrics = {
        "found_count": 1.0,
        "recipe_value": 5.0,
        "recipe_share_pct": 70.0,
        "dies_count": 2000.0,
        "goal_pct": 99.0,
    }
    return Result("process.window", metrics, tables={"points": points, "answer": [answer]})


@pytest.fixture
def told(report_data, bow_result, variation_result, influence_result, window_result):
    made = (bow_result, variation_result, influence_result, window_result)
    wafer = WaferMap(300.0, 3.0, 1.4, 1.4, 1.5, 1.5, ())
    return replace(report_data, results=report_data.results | {r.analysis: r for r in made}, wafer=wafer)


def test_sections_come_only_with_their_results(report_data, told):
    assert process(report_data) is None
    assert variation(report_data) is None
    text = report_html(told)
    for ident in ("process", "variation", "bow", "heights", "influence", "recipe-window"):
        assert text.count(f'id="{ident}"') == 1
    analyses = text[text.index('id="analyses"') :]
    assert "process.bow" not in analyses[: analyses.index('id="assumptions"')]


def test_bow_tells_what_can_not_be_held(told, bow_result):
    body = process(told).body
    assert "1 tool can&#x27;t hold it" in body
    assert body.count("too bowed") == 1
    assert "−800\u202fµm" in body
    places = re.findall(r'<td class="num">(\d+)</td><td>step', body)
    assert places == ["1", "2", "4"]  # places in the flow, as the film has them
    fine = replace(bow_result, tables={"bow": BOW[:2]}, warnings=())
    assert "every tool can hold it" in process(replace(told, results={"process.bow": fine})).body


def test_bow_plot_puts_bows_and_limits_to_scale():
    drawing = bow_svg(BOW, [1, 2, 4])
    dots = [
        float(y)
        for y in re.findall(r'class="dot-(?:ok|bad)"><title>[^<]*</title><circle cx="[\d.]+" cy="([\d.]+)"', drawing)
    ]
    if not dots:
        dots = [float(y) for y in re.findall(r'<circle cx="[\d.]+" cy="([\d.]+)"', drawing)]
    per_um = (dots[2] - dots[1]) / 1200.0
    assert dots[1] - dots[0] == pytest.approx(-400 * per_um, abs=0.05)
    marks = [float(y) + 1 for y in re.findall(r'<rect x="[\d.]+" y="([\d.]+)"[^>]*class="limit-mark"', drawing)]
    assert marks[-1] - dots[0] == pytest.approx(500 * per_um, abs=0.05)
    assert drawing.count("dot-bad") == 1


def test_histogram_draws_every_die_and_marks_what_is_beyond():
    edges, counts = np.arange(0.0, 11.0), np.array([0, 1, 4, 9, 16, 9, 4, 1, 0, 0])
    drawing = spread_histogram(
        edges, counts, ("coplanarity of a die, µm", "die"), [Limit(6.0, "limit 6 µm"), Limit(500.0, "far")]
    )
    told_counts = [int(n) for n in re.findall(r"<title>[^<]*: (\d+)\u202fdies?</title>", drawing)]
    assert told_counts[1:] == [1, 4, 9, 16, 9, 4, 1]
    assert told_counts[0] == 44  # the whole picture's title
    assert drawing.count('class="bar-beyond"') == 2
    assert "limit 6 µm" in drawing
    assert "far" not in drawing
    low = spread_histogram(edges, counts, ("height, µm", "bump"), [Limit(4.0, "low", upper=False)])
    assert low.count('class="bar-beyond"') == 3
    all_beyond = spread_histogram(edges, counts, ("coplanarity, µm", "die"), [Limit(0.5, "limit")])
    assert all_beyond.count('class="bar-beyond"') == 7
    heights = [float(h) for h in re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', drawing)]
    assert heights[3] / heights[1] == pytest.approx(4.0, rel=1e-2)
    fine = spread_histogram(np.linspace(0, 1, 201), np.ones(200), ("x, µm", "bump"))
    assert fine.count("<rect") == 50


def test_bars_are_as_long_as_their_values():
    drawing = bars_svg([Bar("a", "", 4.0, 1.0), Bar("b", "more", 1.0), Bar("c", "", -1.0)], "effect, µm", "µm", "label")
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawing)
    (x_a, a), (x_b, b), (x_c, c) = [(float(x), float(w)) for x, w in bars]
    assert a / b == pytest.approx(4.0, rel=1e-2)
    assert b == pytest.approx(c, rel=1e-2)
    assert x_a == x_b == pytest.approx(x_c + c)
    assert drawing.count("whisker") == 3


def test_maps_color_every_place_once():
    x, y = (part.ravel() for part in np.meshgrid(np.arange(-5.0, 6.0), np.arange(-5.0, 6.0)))
    drawing = wafer_values((x, y), np.arange(121.0), (1.0, 1.0), 20.0, ("height", "µm"))
    cells = drawing[drawing.index('class="cells"') :] if 'class="cells"' in drawing else drawing
    assert sum(d.count("M") for d in re.findall(r'<path d="([^"]*)" fill', drawing)) == 121
    assert "0 to 120 µm" in drawing
    assert cells
    many = np.random.default_rng(1).uniform(-140, 140, (2, 90000))
    drawn = wafer_values((many[0], many[1]), many[0], (0.9, 0.9), 300.0, ("height", "µm"))
    assert len(drawn) < 200_000
    bumps = bump_values(
        (np.array([100.0, 300.0]), np.array([100.0, 300.0])), np.array([-1.0, 1.0]), (400.0, 400.0), 80.0, ("h", "µm")
    )
    assert len(re.findall(r"<title>[^<]*: 1</title>", bumps)) == 2


def test_variation_tells_its_figures_with_limits(told):
    body = variation(told).body
    plain = body.replace("\u202f", " ")
    for words in ("85 %", "76.7 to 90.7 %", "4.60 ± 1.10 µm", "7.4 µm", "limit not kept", "Dies within 6 µm", "0.42"):
        assert words in plain, words
    assert "limit 6 µm" in body
    assert body.count("wafermap") == 3  # the first wafer, the mean of all wafers, the bumps of the die
    assert "a data sheet" in body
    assert variation(told).state == "bad"


def test_what_is_only_shown_is_noted_and_decides_nothing(told):
    names = frozenset({"process.variation", "process.bow", "process.window", "process.influence"})
    assert verdict(told).state == "bad"
    beside = verdict(replace(told, only_shown=names))
    assert beside.state == "good"
    assert beside.headline.replace("\u202f", " ") == "Good: 1 of 1 checks hold; 1 figure to look at"
    assert [(reason.anchor, reason.state) for reason in beside.reasons] == [("heights", "noted")]
    assert variation(replace(told, only_shown=names)).state == "doubtful"
    text = report_html(replace(told, only_shown=names))
    assert "look" in text[text.index('id="verdict"') : text.index('class="tiles"')]
    assert "85\u202f% of dies within 6\u202fµm" in text


def test_tornado_shows_the_first_five_and_the_table_all(told):
    body = variation(told).body
    block = body[body.index('id="influence"') :]
    art = block[: block.index("</svg>")]
    assert len(re.findall(r"step \d\.thickness_um</text>", art)) == 5
    assert len(re.findall(r"<code>step \d\.thickness_um</code>", block)) == 7


def test_window_answers_in_words_and_draws_the_goal(told, window_result):
    body = variation(told).body
    block = body[body.index('id="recipe-window"') :].replace("\u202f", " ")
    assert "99 % of the dies within 5 µm: up to 3 µm" in block
    assert "wanted 99 %" in block
    assert "goes to 3 µm" in block
    points = window_result.tables["points"]
    drawing = window_svg(points, ("option", "µm"), 99.0, 5.0, None)
    assert "goes to" not in drawing
    cy = [float(y) for y in re.findall(r'cy="([\d.]+)"', drawing)]
    assert cy == sorted(cy)


def test_quantities_are_said_in_words():
    assert quantity_words("cd_um") == "width"
    assert quantity_words("thickness_pct") == "thickness"
    assert quantity_words("pattern") == "pattern"
    assert quantity_words("mold_d_um") == "mold d"


def test_hostile_words_of_analyses_stay_text(told, variation_result):
    evil = "<img src=x onerror=alert(1)>"
    causes = [row | {"step": evil, "source": evil} for row in variation_result.tables["causes"]]
    result = replace(variation_result, tables=variation_result.tables | {"causes": causes}, warnings=(evil,))
    text = report_html(replace(told, results=told.results | {"process.variation": result}))
    assert "<img src=x" not in text


def test_a_bow_beyond_assumed_limits_is_noted(told):
    bow = replace(told.results["process.bow"], metrics={"too_bowed_count": 4.0}, checks=(), state="ok")
    results = {key: value for key, value in told.results.items() if not key.startswith("process.")}
    beside = verdict(replace(told, results=results | {"process.bow": bow}))
    assert beside.state == "good"
    [reason] = beside.reasons
    assert "after 4\u202fsteps the wafer is more bowed" in reason.text
