"""Steps, as-built figures and resists in the report: every figure with its unit, every judgement where it belongs."""

import re
from dataclasses import replace

import pytest

from chipscale.report.html import report_html
from chipscale.report.parts.as_built import as_built
from chipscale.report.parts.flow import flow
from chipscale.report.parts.process import process
from chipscale.report.parts.resist import resist
from chipscale.results import Check, Result


def step_row(place, label, **more):
    return {
        "place": place, "label": label, "step": "plate", "title": "Electroplate", "tool": "plater", "time_s": 816.0,
        "recipe": {"thickness_um": 6.0, "mushroom": False, "material": "Cu"}, "given": ["material", "thickness_um"],
        "figures": {"open_area_pct": 32.0}, "warnings": [], "varies": [],
        "defects": [{"name": "void", "on": "ball", "cause": "a bubble", "rate_ppm": None, "source": ""}],
    } | more  # fmt: skip


@pytest.fixture
def flow_result():
    rows = [
        step_row(1, "step 0 clk", step="incoming_wafer", title="Incoming wafer"),
        step_row(2, "step 1 clk", warnings=["openings are narrow"]),
        step_row(
            9,
            "not filmed",
            defects=[{"name": "chip", "on": "die", "cause": "saw", "rate_ppm": 250.0, "source": "book"}],
        ),
    ]
    tools = [{"tool": "plater", "steps_count": 3, "time_s": 2448.0, "steps": [row["label"] for row in rows]}]
    metrics = {"steps_count": 3.0, "time_s": 2448.0, "longest_s": 816.0, "tools_count": 1.0, "dies_count": 3364.0}
    about = [{"flow": "thin_film", "thinning": "after_bumping", "edits": 2}]
    return Result("process.flow", metrics, tables={"steps": rows, "tools": tools, "flow": about})


@pytest.fixture
def built_result():
    figures = [
        {"layer": "RDL", "what": "width", "places_count": 111, "drawn_um": 40.0, "mean_um": 40.25, "min_um": 40.2,
         "max_um": 40.3, "delta_um": 0.25},
        {"layer": "RDL", "what": "space", "places_count": 39, "drawn_um": 65.0, "mean_um": 64.75, "min_um": 34.7,
         "max_um": 98.0, "delta_um": -0.25},
        {"layer": "PI1", "what": "opening", "places_count": 63, "drawn_um": 40.0, "mean_um": 40.0, "min_um": 40.0,
         "max_um": 40.0, "delta_um": 0.0},
    ]  # fmt: skip
    rules = [
        {"rule": "rdl_min_space_um", "layer": "RDL", "meaning": "least space", "limit": 35.0, "drawn": 35.01,
         "built": 34.75, "violations_count": 59, "missed": True, "source": "a rule book"},
        {"rule": "rdl_min_width_um", "layer": "RDL", "meaning": "least width", "limit": 20.0, "drawn": 40.0,
         "built": 40.2, "violations_count": 0, "missed": False, "source": "a rule book"},
    ]  # fmt: skip
    walls = [{"layer": "PI1", "mean_deg": 80.6, "min_deg": 80.6, "max_deg": 80.6}]
    metrics = {"rules_checked_count": 2.0, "rules_missed_count": 1.0, "closed_count": 0.0, "rdl_differs_um2": 120.0}
    return Result("process.as_built", metrics, tables={"figures": figures, "rules": rules, "walls": walls})


@pytest.fixture
def resist_result():
    row = {
        "resist": "AZ P4620",
        "coats_count": 2,
        "coat_um": 15.0,
        "speed_rpm": 900,
        "time_s": 5400,
        "reserve_um": 2.5,
        "assumed": "",
    }
    rows = [row, row | {"resist": "AZ 9260", "coats_count": 3, "time_s": 2700, "assumed": "bake_s"}]
    less = [{"resist": "AZ 50XT", "coats_count": 1, "possible": False, "why": "one coat holds 100 µm"}]
    check = Check("resist.reach", "thickness_um", 30.0, 32.5, True, "AZ P4620, 2 coats of 15 µm at 900 rpm")
    metrics = {
        "thickness_um": 30.0,
        "coats_count": 2.0,
        "speed_rpm": 900.0,
        "time_s": 5400.0,
        "one_coat_less_s": -600.0,
    }
    tables = {"resists": rows, "one_coat_less": less, "wanted": [{"thickness_um": 30.0, "why": "1.25 x 24 µm of UBM"}]}
    return Result("process.resist", metrics, (check,), tables)


def shown(data, *results):
    return replace(data, results=data.results | {result.analysis: result for result in results})


def plain(html):
    return re.sub(r"<[^>]*>", "", html).replace("\u202f", " ")


def test_steps_lead_to_their_pictures(report_data, flow_result):
    body = flow(shown(report_data, flow_result))
    assert re.findall(r'data-step="(\d+)"', body) == ["1", "2"]
    text = plain(body)
    assert "Flow “thin film”, thinned after bumping, with 2 edits of the package file." in text
    assert "0.68 h" in text
    assert text.count("13.6") == 4  # a row's time in minutes, and the longest step
    assert "openings are narrow" in text
    assert "open area 32 %" in text


def test_options_tell_their_source(report_data, flow_result):
    body = flow(shown(report_data, flow_result))
    options = re.findall(r'<ul class="options">(.*?)</ul>', body)
    assert len(options) == 3
    assert [plain(item) for item in re.findall(r"<li>(.*?)</li>", options[1])] == [
        "thickness 6 µm (given)", "mushroom no (default)", "material Cu (given)",
    ]  # fmt: skip
    assert "mean thickness over the highest place" in options[1]  # the meaning, from the step itself


def test_defects_of_one_cause_stand_once(report_data, flow_result):
    text = plain(flow(shown(report_data, flow_result)))
    assert "What may go wrong: 2 kinds of defects" in text
    assert "step 0 clk, step 1 clk" in text
    assert "250 ppm" in text
    assert "no rate given" in text


def test_a_rule_only_kept_as_drawn_is_shown_first(report_data, built_result):
    body = as_built(shown(report_data, built_result))
    assert "1 rule kept as drawn is broken as built" in body
    table = body[body.index("Design rules on what is built") :]
    assert table.index("only drawn") < table.index("holds")
    text = plain(body)
    assert "+0.250" in text
    assert "−0.250" in text
    assert "120 µm²" in text
    assert body.count('class="bar-within"') == 2  # what equals the drawing has no bar


def test_resist_is_advised_in_words(report_data, resist_result):
    text = plain(resist(shown(report_data, resist_result)))
    assert "AZ P4620, 2 coats of 15 µm at 900 rpm" in text
    assert "1.25 x 24 µm of UBM" in text
    assert "With one coat less" in text
    assert "−600 s" in text
    assert "not possible" in text
    assert "90 min" in text
    assert "bake_s" in text


def test_where_nothing_is_plated_no_resist_is_advised(report_data):
    none = Result("process.resist", {"metal_um": 0.0}, tables={"wanted": [{"thickness_um": 0.0, "why": "no metal"}]})
    text = plain(resist(shown(report_data, none)))
    assert "no metal." in text
    assert "advised" not in text
    assert "Wanted" not in text


def test_process_section_has_all_and_its_state(report_data, flow_result, built_result, resist_result):
    data = shown(report_data, flow_result, built_result, resist_result)
    assert process(data).state == "good"
    assert process(shown(data, replace(built_result, warnings=("rule",)))).state == "doubtful"
    broken = Check("as_built.nets", "nets", 1.0, 0.0, False, "short")
    assert process(shown(data, replace(built_result, checks=(broken,)))).state == "bad"
    text = report_html(data)
    for ident in ("process-flow", "as-built", "resist"):
        assert text.count(f'id="{ident}"') == 1
    analyses = text[text.index('id="analyses"') : text.index('id="assumptions"')]
    assert "process." not in analyses
