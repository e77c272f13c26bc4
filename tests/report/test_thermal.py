"""The thermal section of a real package: curves are those of the answers, marks where they say, nothing said twice."""

import base64
import gzip
import json
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

import chipscale
from chipscale.design import Design
from chipscale.physics.thermal.mission import Mission
from chipscale.physics.thermal.steady import Steady
from chipscale.physics.thermal.structure import Structure
from chipscale.physics.thermal.theta import Theta
from chipscale.physics.thermal.transient import Transient
from chipscale.report.figures.curves import Axis, Curve, Mark, curves_svg
from chipscale.report.html import report_html
from chipscale.report.input import ReportInput
from chipscale.report.model_temperature import MOST_CELLS, MOST_PLANES, Box, _thinned, boxes_of, temperature_script
from chipscale.report.parts.model import model
from chipscale.report.parts.thermal import thermal
from chipscale.report.parts.thermal_mission import spans, stairs
from chipscale.report.wording import THIN, number
from chipscale.results import Result
from chipscale.stack.glb import glb_bytes
from chipscale.stack.volume import z_range_um

COARSE = {"per_pitch": 1.0}
TRACE = "time_s,power_W\n0,0.2\n20,1.5\n22,0.2\n40,0\n60,0\n"


@pytest.fixture(scope="module")
def design():
    return chipscale.load("examples/flash/chip.yaml")


@pytest.fixture(scope="module")
def answers(design, tmp_path_factory):
    trace = tmp_path_factory.mktemp("trace") / "busy.csv"
    trace.write_text(TRACE, encoding="utf-8")
    view = {"package": design.package, "stack": design.stack, "materials": design.materials}
    asked = (
        Theta(power_W=0.5, **COARSE),
        Steady(power_W=0.5, per_pitch=3.0),
        Transient(power_W=0.5, first_s=1e-3, **COARSE),
        Structure(power_W=0.5, first_s=1e-3, **COARSE),
        Mission(trace=str(trace), **COARSE),
    )
    return {item.name: item.run(view) for item in asked}


@pytest.fixture(scope="module")
def data(design, answers):
    return ReportInput(design.package, design.layout, design.stack, glb_bytes(design.stack), dict(answers))


@pytest.fixture(scope="module")
def body(data):
    return thermal(data).body


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html))).replace(THIN, " ")


def drawn(html, label):
    """Return the points of the curves of the plot with this label, by name."""
    plot = html[html.index(f"<title>{label}</title>") :]
    plot = plot[: plot.index("</svg>")]
    found = re.findall(r'<path d="M([^"]*)" class="curve"[^>]*><title>([^<]*)</title>', plot)
    return {unescape(name): np.array(path.split(), dtype=float).reshape(-1, 2) for path, name in found}


def test_every_answer_has_its_place_and_its_state(data, body, answers):
    page = report_html(data)
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    for name in answers:
        assert f'id="thermal-{name.partition(".")[2]}"' in body
    assert 'id="analyses"' not in page
    said = text_of(body)
    assert "Not asked" not in said
    assert said.count("conductivity of PI is assumed") == 1
    sure = {name: replace(answer, state="ok") for name, answer in answers.items()}
    assert thermal(replace(data, results=sure)).state == "good"
    unsure = sure | {"thermal.steady": replace(answers["thermal.steady"], state="doubtful")}
    assert thermal(replace(data, results=unsure)).state == "doubtful"


def test_the_impedance_is_drawn_as_it_is(body, answers):
    found = answers["thermal.transient"]
    curves = drawn(body, "Rise per watt over time after power is switched on")
    assert list(curves) == ["junction, hottest", "junction, mean", "top", "board, 1 mm off"]
    times, z = found.fields["times_s"], found.fields["hottest_K_W"]
    at = curves["junction, hottest"]
    wide = (at[-1, 0] - at[0, 0]) / np.log10(times[-1] / times[0])
    k = len(times) // 3
    low, high = np.log10(0.1 * z[0]), np.log10(z[-1])
    tall = np.ceil(high) - np.floor(low)
    assert at[k, 0] - at[0, 0] == pytest.approx(wide * np.log10(times[k] / times[0]), abs=0.2)
    inside = (at[0, 1] - at[-1, 1]) / np.log10(z[-1] / z[0])  # drawing units per decade
    assert at[0, 1] - at[k, 1] == pytest.approx(inside * np.log10(z[k] / z[0]), abs=0.2)
    assert inside * tall == pytest.approx(at[0, 1] + inside * (np.log10(z[0]) - np.floor(low)) - 14, abs=0.5)
    assert len(curves["board, 1 mm off"]) < len(at)  # the board follows later


def test_pulses_and_networks_are_those_of_the_answer(body, answers):
    found = answers["thermal.transient"]
    said = text_of(body)
    pulses = drawn(body, "Rise at the end of a pulse, per watt of the pulse")
    assert set(pulses) == {"one pulse", *(f"duty {d}{THIN}%" for d in (1, 5, 10, 20, 50))}
    assert (pulses[f"duty 50{THIN}%"][:, 1] <= pulses["one pulse"][:, 1]).all()  # higher: y grows downwards
    for kind in ("foster", "cauer"):
        for row in found.tables[kind]:
            assert number(row["r_K_W"], 5).replace(THIN, " ") in said
    assert said.count("Rise of the junction after") == 8  # four maps: title and caption
    assert f"Rise at rest {number(found.metrics['theta_ja_K_W'])} K/W" in said


def test_the_structure_function_marks_package_and_board(body, answers):
    found = answers["thermal.structure"]
    (line,) = drawn(body, "Heat capacity summed over resistance from the junction").values()
    assert len(line) == len(found.fields["r_sum_K_W"])
    plot = body[body.index("<title>Heat capacity summed over resistance") :]
    plot = plot[: plot.index("</svg>")]
    marks = re.findall(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="[\d.]+" class="level">', plot)
    assert len(marks) == 3
    c, r = (np.asarray(found.fields[name]) for name in ("c_sum_J_K", "r_sum_K_W"))
    for mark, name in zip(marks, ("r_die_K_W", "r_package_K_W"), strict=False):
        assert mark[0] == mark[2]
        per_K_W = (line[-1, 0] - line[0, 0]) / (r[-1] - r[0])
        assert float(mark[0]) == pytest.approx(line[0, 0] + per_K_W * (found.metrics[name] - r[0]), abs=0.3)
    whole = found.metrics["c_package_J_K"] + found.metrics["c_board_J_K"]
    assert float(marks[2][1]) == pytest.approx(np.interp(np.log(whole), np.log(c), line[:, 1]), abs=0.3)
    assert 0.5 * found.metrics["c_package_J_K"] < found.metrics["c_die_J_K"] < found.metrics["c_package_J_K"]


def test_a_mission_shows_power_as_stairs_and_every_peak(body, answers):
    found = answers["thermal.mission"]
    (power,) = drawn(body, "Power over time").values()
    assert len(power) == 2 * 4  # the last power holds from 40 s to the end
    assert len(set(power[:, 1].round(1))) == 3
    curves = drawn(body, "Temperatures over time")
    peak = curves["junction, hottest"][:, 1].argmin()
    end = curves["junction, hottest"][-1, 0]
    start = curves["junction, hottest"][0, 0]
    share = (curves["junction, hottest"][peak, 0] - start) / (end - start)
    assert share == pytest.approx(found.metrics["t_max_at_s"] / 60.0, abs=2e-3)
    assert f"{number(found.metrics['t_max_C'])} °C after" in text_of(body)


def test_of_many_times_every_peak_is_kept():
    x = np.arange(100_000.0)
    y = np.zeros(len(x))
    y[[1234, 70_001]] = 3.0, -2.0
    kept_x, kept_y = spans(x, y)
    assert len(kept_x) < 800
    assert {1234.0, 70_001.0} <= set(kept_x)
    assert (kept_y.max(), kept_y.min()) == (3.0, -2.0)
    at, value = stairs(np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0, 2.0]))
    assert at.tolist() == [0.0, 2.0, 2.0, 3.0]
    assert value.tolist() == [1.0, 1.0, 2.0, 2.0]


def test_what_was_not_asked_says_how_and_what_was_refused_says_why(data, answers):
    few = {name: answers[name] for name in ("thermal.theta", "thermal.steady")}
    said = text_of(thermal(replace(data, results=few)).body)
    assert "thermal.transient.z_1s_K_W" in said
    assert "analyses: {thermal.transient: {}, thermal.structure: {}}" in said
    reason = "a mission needs a file of power over time"
    refused = few | {"thermal.mission": Result("thermal.mission", warnings=(reason,), state="failed")}
    told = thermal(replace(data, results=refused))
    assert told.state == "bad"
    assert reason in text_of(told.body)


def test_by_powers_of_ten_both_ways_a_power_law_is_a_straight_line():
    x = np.geomspace(1e-5, 10.0, 60)
    art = curves_svg([Curve("root", x, np.sqrt(x))], Axis("t", True), Axis("z", True), "law", [Mark("half", 1e-2, "y")])
    path = re.search(r'<path d="M([^"]*)" class="curve"[^>]*><title>', art).group(1)
    points = np.array(path.split(), dtype=float).reshape(-1, 2)
    slope = np.diff(points[:, 1]) / np.diff(points[:, 0])
    assert slope == pytest.approx(slope.mean(), rel=0.05)
    mark = float(re.search(r'y1="([\d.]+)" x2="[\d.]+" y2="[\d.]+" class="level"', art).group(1))
    assert mark == pytest.approx(np.interp(-2.0, np.log10(np.sqrt(x)), points[:, 1]), abs=0.2)


def picture_of(html, label):
    """Return the drawing whose label begins so."""
    at = html.index(f"<title>{label}: ")
    return html[at : html.index("</svg>", at)]


def boxes_in(art, words):
    """Return x, y, width, height of what carries these words, in drawing units."""
    found = re.findall(rf"<rect ([^>]*)><title>{words}</title>", art)
    return [
        [float(re.search(rf'\b{name}="([-\d.]+)"', item)[1]) for name in ("x", "y", "width", "height")]
        for item in found
    ]


def test_no_line_of_the_axes_runs_over_the_colours(body):
    for label in ("junction", "cut through the middle", "board", "board near the package"):
        word = "a" if label.startswith("cut") else "the"
        art = picture_of(body, f"Temperature of {word} {label}")
        assert art.count("<image ") == 1
        last = art.rindex('class="grid"')
        assert last < art.index('class="map-ground"') < art.index("<image ")


def test_the_board_shows_where_the_package_is(data, body, answers):
    wide, tall = (size / 1e3 for size in data.package.package_size_um)
    f = answers["thermal.steady"].fields
    spans_mm = {
        "Temperature of the board": float(np.ptp(f["x_mm"])),
        "Temperature of the board near the package": 3 * wide,
    }
    for label, span in spans_mm.items():
        art = picture_of(body, label)
        image = float(re.search(r'<image [^>]*\bwidth="([\d.]+)"', art)[1])
        (outline,), (field,) = boxes_in(art, "package"), boxes_in(art, "field of the balls")
        per_mm = image / span
        assert outline[2:] == pytest.approx([wide * per_mm, tall * per_mm], rel=0.02)
        x = [ball.x_um / 1e3 for ball in data.package.balls]
        left = (min(x) - data.package.terminal.ball_d_um / 2e3) * per_mm
        assert field[0] - outline[0] == pytest.approx(left, abs=0.05)
    near = picture_of(body, "Temperature of the board near the package")
    assert f"<title>balls: {len(data.package.balls)}</title>" in near
    assert "<title>balls: " not in picture_of(body, "Temperature of the board")
    low, high = (float(word) for word in re.match(r"<title>[^:]*: ([\d.]+) to ([\d.]+)", near).groups())
    assert float(f["board_C"].min()) + 1.0 < low < high
    assert high == pytest.approx(float(f["board_C"].max()), abs=0.01)
    assert "Where 0.5 W leaves" in text_of(body)


# ---- temperature on the 3D model --------------------------------------------------------------------------------


def unpacked(box):
    level = np.frombuffer(gzip.decompress(base64.b64decode(box["levels"])), np.uint8)
    t_C = box["low"] + level.reshape(box["cells"][::-1]) / 255.0 * (box["high"] - box["low"])
    return np.array(box["z"]), t_C


def seen(box, place):
    """Return the temperature the page's shader finds at (x, y, z): linear between planes, nearest across."""
    z, t_C = unpacked(box)
    nx, ny, _ = box["cells"]
    i = min(int((place[0] - box["x"][0]) / (box["x"][1] - box["x"][0]) * nx), nx - 1)
    j = min(int((place[1] - box["y"][0]) / (box["y"][1] - box["y"][0]) * ny), ny - 1)
    return float(np.interp(place[2], z, t_C[:, j, i]))


def test_the_model_has_the_temperatures_of_the_answer(data, answers):
    steady, stack = answers["thermal.steady"], data.stack
    script = temperature_script(steady, stack)
    heat = json.loads(re.search(r">(.*)<", script, re.S).group(1))
    package, board = heat["package"], heat["board"]
    step = (package["high"] - package["low"]) / 255.0
    hottest = unpacked(package)[1].max()
    assert hottest == pytest.approx(steady.metrics["t_junction_C"], abs=step + 0.01)
    middle = (stack.size_x_um / 2, stack.size_y_um / 2)
    assert seen(package, (*middle, -1e4)) == pytest.approx(steady.metrics["t_case_C"], abs=0.3)
    solder = {row["ball"]: row for row in steady.tables["balls"]}
    top = max(z_range_um(body)[1] for body in stack.on("BALL"))
    base = min(z_range_um(body)[0] for body in stack.on("BALL"))
    assert board["z"][0] > top > package["z"][-1]
    for ball in data.package.balls[::5]:
        told = solder[ball.name]
        found = seen(package, (ball.x_um, ball.y_um, (base + top) / 2))
        assert told["t_board_side_C"] - 0.3 < found < told["t_die_side_C"] + 0.3
    x, y = board["x"], board["y"]
    assert x[0] < -0.2 * stack.size_x_um
    assert x[1] > 1.2 * stack.size_x_um
    on_board = np.asarray(steady.fields["board_C"])
    assert seen(board, (*middle, -1e4)) == pytest.approx(float(on_board.max()), abs=4.0)
    assert seen(board, (x[0], y[0], -1e4)) < seen(board, (*middle, -1e4))


def test_air_between_balls_does_not_colour_them(answers, data):
    """A ball's cells hold solder; the gap's cells beside them take its temperature, not the air's."""
    steady = answers["thermal.steady"]
    assert np.isnan(steady.fields["near_C"]).any()
    package, board = boxes_of(steady, data.stack)
    assert np.isfinite(package.t_C).all()
    assert np.isfinite(board.t_C).all()
    below = [row["t_board_side_C"] for row in steady.tables["balls"]]
    assert package.t_C[-1].min() > min(below) - 1.0


def test_the_size_of_the_temperatures_is_bounded():
    rng = np.random.default_rng(0)
    z = np.cumsum(rng.uniform(1.0, 9.0, 90))
    made = _thinned(Box((0.0, 1.0), (0.0, 1.0), z, rng.uniform(20.0, 90.0, (90, 4, 5))))
    assert len(made.z_um) == MOST_PLANES
    even = _thinned(Box((0.0, 1.0), (0.0, 1.0), z, np.tile(z[:, None, None], (1, 4, 5))))
    assert even.z_um.tolist() == [z[0], z[-1]]
    assert MOST_CELLS**2 * MOST_PLANES < 400_000


def test_buttons_come_with_temperatures_only(data):
    with_heat = model(data)
    assert 'data-colours="temperature"' in with_heat.body
    assert "at 0.5 W, room at 25 °C, on " in text_of(with_heat.body)
    without = model(replace(data, results={}))
    assert "data-colours" not in without.body
    assert 'id="model-heat"' not in without.body


# ---- how it gets there --------------------------------------------------------------------------------------------


def test_a_target_brings_what_takes_long_into_the_report(monkeypatch):
    """Nothing is asked here: which questions there are is what counts."""
    monkeypatch.setattr(Design, "run", lambda self, name, **options: Result(name))
    plain = Design.load("examples/flash/chip.yaml")
    assert not {"thermal.transient", "thermal.structure"} & set(plain.results(shown=True))
    aimed = Design.load(
        "examples/flash/chip.yaml",
        {"targets": {"thermal.transient.z_1s_K_W": {"max": 60}, "thermal.structure.r_package_K_W": {"max": 20}}},
    )
    assert {"thermal.transient", "thermal.structure"} <= set(aimed.results())
    named = Design.load("examples/flash/chip.yaml", {"analyses": {"thermal.transient": {}, "thermal.structure": {}}})
    assert {"thermal.transient", "thermal.structure"} <= set(named.results(shown=True))
    aimed.feasibility()  # both names are known figures
