"""The electrical section: figures with their meaning in their places, pictures true to values, refusals told."""

import base64
import re
import struct
import zlib
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from chipscale.report.figures.color_scale import STEPS, Scale, level_color, scale_of
from chipscale.report.figures.curves import Axis, Curve, curves_svg
from chipscale.report.figures.matrix import matrix_svg
from chipscale.report.figures.net_values import net_shapes, net_values
from chipscale.report.figures.pixels import image_address, levels_of, triangle_levels
from chipscale.report.html import report_html
from chipscale.report.parts.electrical import NAMES, electrical
from chipscale.report.verdict import verdict
from chipscale.results import Check, Result

NETS = ("clk", "d[0]", "d[1]", "vss")
BALLS = ("A1", "A2", "B1", "B2")


def rl():
    l_nH = np.array([[0.5, 0.1, 0.05, 0.02], [0.1, 0.6, 0.1, 0.05], [0.05, 0.1, 0.7, 0.1], [0.02, 0.05, 0.1, 0.8]])
    r_mohm = np.diag([50.0, 60.0, 70.0, 80.0]) + 0.5
    rows = [
        {"net": net, "inductance": "partial", "balls_count": 1, "path_um": 400.0 + k, "r_dc_mohm": 41.5 + k,
         "r_mohm": 50.5 + 10 * k, "l_dc_nH": 0.55 + 0.1 * k, "l_nH": 0.5 + 0.1 * k}
        for k, net in enumerate(NETS)
    ]  # fmt: skip
    balls = [row | {"ball": ball} for row, ball in zip(rows, BALLS, strict=True)]
    order = [{"row": k, "net": net, "terminal": f"ball {BALLS[k]}"} for k, net in enumerate(NETS)]
    fields = {"f_Hz": np.array([2.5e9]), "r_dc_mohm": r_mohm, "l_dc_nH": l_nH, "r_mohm": r_mohm, "l_nH": l_nH}
    check = Check("rl.passive", "r_least_mohm", 50.0, -1e-9, True, "R at DC: its least eigenvalue")
    return Result(
        "electrical.rl", {"l_max_nH": 0.8}, (check,), {"nets": rows, "balls": balls, "order": order}, fields
    )  # fmt: skip


def capacitance():
    matrix = np.diag([0.2, 0.3, 0.4, 1.1]) - 0.001 * (1 - np.eye(4))
    rows = [{"net": net, "c_pF": matrix[k, k], "coupled_pct": 1.5} for k, net in enumerate(NETS)]
    told = ("the die's ground is taken 4 µm below its pads (assumed)",)
    return Result("electrical.capacitance", {}, (), {"nets": rows}, {"matrix_pF": matrix}, warnings=told)


def delay():
    rows = [
        {"net": net, "inductance": "loop, return vss", "r_loop_mohm": 100.0, "l_loop_nH": 1.25 + k, "c_pF": 0.2,
         "delay_ps": 11.5 + k, "z_ohm": 48.5, "q_ratio": 30.0}
        for k, net in enumerate(NETS[:3])
    ]  # fmt: skip
    return Result("electrical.delay", {"delay_max_ps": 13.5}, tables={"nets": rows})


def supply(limit=None):
    net = {
        "net": "vss", "kind": "ground", "current_mA": 100.0, "drop_worst_mV": 2.625, "worst_pad": "pad3",
        "x_um": 1340.0, "y_um": 450.0, "r_mohm": 26.25, "power_mW": 0.2625, "pads_count": 1,
        "balls_count": 1, "lost_pads": "", "mesh_error_pct": 0.125,
    }  # fmt: skip
    opening = {
        "net": "vss", "place": "via", "name": "pad3", "layer": "RDL", "x_um": 0.0, "y_um": 0.0, "area_um2": 2000.0,
        "r_mohm": 0.1, "current_mA": 100.0, "j_A_cm2": 5000.0, "j_peak_A_cm2": None,
    }  # fmt: skip
    wire = {
        "net": "vss", "place": "wire", "name": "wire 1", "layer": "RDL", "x_um": 0.0, "y_um": 0.0, "width_um": 40.0,
        "thick_um": 5.0, "current_mA": 100.0, "j_A_cm2": 50000.0, "fuse_A": 2.5, "heat_out_ms": 0.4,
    }  # fmt: skip
    ball = {"net": "vss", "ball": "B2", "x_um": 950.0, "y_um": 450.0, "current_mA": 100.0, "share_ratio": 1.0}
    pad = {"net": "vss", "pad": "pad3", "x_um": 0.0, "y_um": 0.0, "current_mA": 100.0, "drop_mV": 2.625}
    fields = {
        "x_um": np.array([0.0, 1400.0, 0.0, 1400.0]), "y_um": np.array([0.0, 0.0, 1400.0, 1400.0]),
        "drop_mV": np.array([0.0, 1.0, 1.0, 2.625]), "triangles": np.array([[0.0, 1, 2], [1, 3, 2]]),
        "j_A_cm2": np.array([100.0, 1000.0]), "triangle_net": np.zeros(2), "triangle_layer": np.zeros(2),
    }  # fmt: skip
    checks = ()
    if limit is not None:
        ok = limit >= 50000.0
        checks = (
            Check("supply.density_wire", "j_wire_A_cm2", 5e4, limit, ok, "vss: 5e4 A/cm²", source="given by the user"),
        )
    tables = {"nets": [net], "openings": [opening], "wires": [wire], "balls": [ball], "pads": [pad]}
    return Result("electrical.supply", {"drop_worst_mV": 2.625}, checks, tables, fields)


def emission():
    metrics = {
        "loop_area_um2": 1.25e6, "loop_length_um": 5500.0, "path_um": 1500.0, "e_loop_uV_m": 5.5, "e_wire_uV_m": 0.0,
        "e_total_uV_m": 5.5, "path_over_wavelength_ratio": 0.0123, "distance_over_near_ratio": 0.5,
    }  # fmt: skip
    row = {
        "signal": "clk", "signal_ball": "A1", "signal_pad": "pad0", "return_net": "vss", "return_pad": "pad3",
        "return_ball": "B2", "e_total_dBuV_m": 14.8,
    }  # fmt: skip
    loops = [
        {"signal": net, "signal_ball": "A1", "return_net": "vss", "return_ball": "B2", "loop_area_um2": 1e6 - k,
         "loop_length_um": 5000.0, "e_loop_uV_m": 5.0}
        for k, net in enumerate(NETS[:3])
    ]  # fmt: skip
    told = ("3 m is nearer than 6 m: the near field there is larger",)
    return Result(
        "electrical.emission", metrics, (), {"loop": [row], "loops": loops}, warnings=told, state="doubtful"
    )  # fmt: skip


def signals():
    f_Hz = np.concatenate(([0.0], np.geomspace(1e6, 5e9, 40)))
    s = np.zeros((41, 6, 6), complex)
    x = 2j * np.pi * f_Hz * 1e-9 / 100.0
    for k in range(3):
        s[:, k, k] = s[:, 3 + k, 3 + k] = x / (1 + x)
        s[:, k, 3 + k] = s[:, 3 + k, k] = 1 / (1 + x)
    s[:, 0, 1] = s[:, 1, 0] = 0.01 * x
    paths = [
        {"net": net, "ball": ball, "inductance": "loop, return vss", "path_um": 400.0, "r_dc_mohm": 40.0,
         "r_mohm": 60.0, "l_nH": 1.25, "c_pF": 0.2, "delay_ps": 15.8, "z0_ohm": 79.0, "tdr_least_ohm": 50.0,
         "tdr_most_ohm": 61.5}
        for net, ball in zip(NETS[:3], BALLS[:3], strict=True)
    ]  # fmt: skip
    eyes = [
        {"net": row["net"], "ball": row["ball"], "bit_ps": 1000.0, "eye_height_V": 0.45 + k / 100,
         "eye_width_ps": 990.0, "alone_height_V": 0.5, "alone_width_ps": 995.0}
        for k, row in enumerate(paths)
    ]  # fmt: skip
    level = np.full((3, 3), -300.0)
    level[0, 1] = level[1, 0] = -34.5
    at = np.linspace(0.0, 100.0, 20)
    fields = {
        "f_Hz": f_Hz, "s_real": s.real, "s_imag": s.imag, "next_dB": level, "fext_dB": level, "step_ps": at,
        "step_V": np.tile(at / 200.0, (3, 1)), "tdr_ps": at, "tdr_ohm": np.tile(50.0 + at / 10.0, (3, 1)),
        "eye_ps": at, "eye_V": np.tile(at / 200.0, (5, 1)),
    }  # fmt: skip
    ports = [f"ball {ball}" for ball in BALLS[:3]] + [f"die {net}" for net in NETS[:3]]
    given = [{"what": "driver_ohm", "value": "50", "source": "assumed"}]
    tables = {
        "paths": paths, "eyes": eyes, "ports": [{"row": k, "port": port} for k, port in enumerate(ports)],
        "given": given,
    }  # fmt: skip
    return Result("electrical.signals", {"holds_to_Hz": 8e9, "next_most_dB": -34.5}, (), tables, fields)


def compare():
    names = ("WLCSP (this package)", "QFN, wire-bonded")
    packages = [
        {"package": name, "body_mm": "1 x 1", "path_mean_um": 400.0, "path_max_um": 500.0, "r_dc_mohm": 40.0,
         "r_mohm": 50.0, "l_least_nH": 0.1, "l_nH": 0.65 + k, "l_most_nH": 0.9, "loop_nH": 1.0, "c_pF": 0.3,
         "z0_ohm": 55.0, "resonance_GHz": 9.0}
        for k, name in enumerate(names)
    ]  # fmt: skip
    published = [
        {"id": "P11", "item": "bond wire", "what": "L in nH", "published": 4.5, "ours": 1.75,
         "why_it_differs": "longer", "ours_over_published_ratio": 0.389, "ours_is": "mean wire", "kind": "data sheet",
         "confidence": "high", "source": "a data sheet of 1999"}
    ]  # fmt: skip
    return Result("electrical.compare", {"l_qfn_nH": 1.65}, (), {"packages": packages, "published": published})


@pytest.fixture
def data(report_data):
    made = (rl(), capacitance(), delay(), supply(), signals(), emission(), compare())
    results = report_data.results | {result.analysis: result for result in made}
    return replace(report_data, results=results, only_shown=frozenset(NAMES))


def text_of(html):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).replace("\u202f", " "))


def test_every_block_is_there_with_its_figures(data):
    body = electrical(data).body
    for ident in ("paths", "maps", "matrices", "supply", "signals", "emission", "compare"):
        assert f'id="electrical-{ident}"' in body
    said = text_of(body)
    assert "Largest resistance of a net at DC 44.5 mΩ vss" in said
    assert "Largest inductance of a net at 2.5 GHz, partial 0.8 nH vss" in said
    assert "Longest delay of a net, return vss 13.5 ps d[1]" in said
    assert "Largest supply drop, 100 mA per net 2.625 mV vss" in said
    assert "the die's ground is taken 4 µm below its pads (assumed)" in said
    assert "a data sheet of 1999" in said
    assert "Assumed: driver 50 Ω." in said


def test_no_inductance_stands_without_its_kind(data):
    """Every column of an inductance says what it is: in its title, or in the hint a pointer shows."""
    body = electrical(data).body
    heads = re.findall(r"<th[^>]*?(?: title=\"([^\"]*)\")?>(.*?)</th>", body)
    found = [(hint, text_of(title)) for hint, title in heads if re.match(r"\s*L\b", text_of(title))]
    assert len(found) >= 3
    for hint, title in found:
        assert any(word in hint + title for word in ("partial", "loop", "mean", "L, nH")), (hint, title)
    assert "Paths as lines, loop, return vss" in text_of(body)


def test_limits_are_the_users(data):
    plain = text_of(electrical(data).body)
    assert plain.count("no limit given") == 3  # the badge and both kinds of places
    kept = replace(data, results=data.results | {"electrical.supply": supply(6e4)})
    assert "limits kept" in text_of(electrical(kept).body)
    lost = replace(data, results=data.results | {"electrical.supply": supply(4e4)})
    said = text_of(electrical(lost).body)
    assert "beyond" in said
    assert "a limit or a path fails" in said
    assert electrical(lost).state == "doubtful"
    assert electrical(replace(lost, only_shown=frozenset())).state == "bad"


def test_refused_answers_say_why_and_stop_nothing(data):
    reason = "the package has no ground net with pads and balls: its loops would stay open"
    refused = {name: Result(name, warnings=(reason,), state="failed") for name in NAMES}
    told = replace(data, results=data.results | refused)
    said = text_of(electrical(told).body)
    assert said.count(reason) == len(NAMES)
    assert "<table" not in electrical(told).body
    judged = verdict(told)
    assert judged.state == verdict(replace(data, results=data.results)).state
    assert "Good" in judged.headline
    assert report_html(told).count('id="electrical"') == 1


def test_what_was_not_asked_says_how_to_ask(data):
    results = {name: result for name, result in data.results.items() if name != "electrical.signals"}
    said = text_of(electrical(replace(data, results=results)).body)
    assert "electrical.signals.insertion_loss_most_dB" in said


def test_without_an_answer_there_is_no_section(report_data):
    assert electrical(report_data) is None


def test_hostile_names_stay_text(hostile_data):
    names = [net.name for net in hostile_data.package.nets]
    rows = [row | {"net": name} for row, name in zip(rl().tables["nets"], names, strict=True)]
    order = [{"row": k, "net": name, "terminal": f"ball {name}"} for k, name in enumerate(names)]
    answer = replace(rl(), tables={"nets": rows, "balls": rl().tables["balls"], "order": order}, warnings=(names[0],))
    shown = report_html(replace(hostile_data, results=hostile_data.results | {"electrical.rl": answer}))
    assert "<img src=x" not in shown
    assert shown.count("<script") == 4


# ---- figures ----------------------------------------------------------------------------------------------------


def unpacked(address):
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    columns, rows = struct.unpack(">II", data[16:24])
    at, packed, palette = 8, b"", b""
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size]) == (zlib.crc32(kind + body),)
        packed += body if kind == b"IDAT" else b""
        palette += body if kind == b"PLTE" else b""
        at += 12 + size
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(rows, columns + 1)
    return lines[:, 1:], palette


def test_an_image_holds_the_levels_it_was_made_of():
    levels = levels_of([[0.0, 0.5, np.nan], [1.0, 2.0, -1.0]], Scale(0.0, 1.0))
    pixels, palette = unpacked(image_address(levels))
    assert pixels.tolist() == [[0, STEPS // 2, STEPS], [STEPS - 1, STEPS - 1, 0]]
    assert "#" + palette[:3].hex() == level_color(0)


def test_triangles_cover_what_they_cover():
    """Two triangles that tile a square leave no hole, and their values run evenly across it."""
    corners = np.array([[[0.0, 0], [60, 0], [0, 40]], [[60, 0], [60, 40], [0, 40]]])
    levels = corners[:, :, 0] * STEPS / 60.0
    image = triangle_levels(corners, levels, (60, 40))
    assert (image < STEPS).all()
    wanted = np.tile((np.arange(60) + 0.5) * STEPS / 60.0, (40, 1))
    assert np.abs(image - wanted).max() <= 1.6
    half = triangle_levels(corners[:1], levels[:1], (60, 40))
    assert 0.49 < (half < STEPS).mean() < 0.54


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ((3.0, 97.0), (0.0, 100.0)), ((0.11, 1.03), (0.0, 1.2)), ((-2.0, 2.0), (-2.0, 2.0)), ((5.0, 5.0), None),
    ],
)  # fmt: skip
def test_scales_have_round_ends(values, ends):
    scale = scale_of(values, powers=False)
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert scale.low < scale.high
    if ends:
        assert (scale.low, scale.high) == pytest.approx(ends)


def test_wide_values_go_by_powers_of_ten():
    scale = scale_of((0.03, 700.0))
    assert scale.powers
    assert (scale.low, scale.high) == pytest.approx((0.02, 1000.0))
    assert scale.place(0.02 * np.sqrt(50000.0)) == pytest.approx(0.5)
    assert scale.marks() == pytest.approx([0.1, 1.0, 10.0, 100.0, 1000.0])


def test_nets_take_the_colour_of_their_value(report_data):
    numbers = {net: k for k, net in enumerate(NETS)}
    shapes = net_shapes(report_data.layout, numbers)
    assert shapes.count('id="metal-') == 5
    values = {"clk": 1.0, "d[0]": 2.0, "vss": 4.0}
    scale = scale_of((0.0, 4.0))
    drawn = net_values((1400.0, 1400.0), numbers, values, scale, ("resistance", "mΩ"))
    for net, value in values.items():
        color = scale.color(value)
        assert f'color="{color}"><title>{net}: {value:g} mΩ</title><use href="#metal-{numbers[net]}">' in drawn
    assert "d[1]: no value" in drawn


def test_matrix_names_all_rows_and_shows_all_cells():
    values = np.arange(9.0).reshape(3, 3)
    drawn = matrix_svg(values, ("a", "b", "c"), Scale(0.0, 8.0), ("what", "nH"))
    assert [drawn.count(f">{name}</text>") for name in "abc"] == [2, 2, 2]
    pixels, _ = unpacked(re.search(r'href="(data:image/png[^"]*)"', drawn).group(1))
    assert pixels.ravel().tolist() == [min(int(k / 8 * STEPS), STEPS - 1) for k in range(9)]


def test_curves_name_the_first_and_keep_the_rest_behind():
    x = np.geomspace(0.001, 5.0, 50)
    drawn = curves_svg(
        [Curve("one", x, x), Curve("", x, 2 * x)], Axis("frequency, GHz", powers=True), Axis("loss, dB"), "losses"
    )
    assert drawn.count('class="curve"') == 2  # the curve, and the sample beside its name
    assert drawn.count('class="curve thin"') == 1
    assert all(f">{tick}</text>" in drawn for tick in ("0.001", "0.01", "0.1", "1"))
