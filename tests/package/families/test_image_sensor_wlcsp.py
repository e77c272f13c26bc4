"""The image-sensor family: what the file gives and leaves out, the mirrored view, and everything that can't be."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from chipscale.design import Design
from chipscale.errors import InputError, Problem
from chipscale.package.families.image_sensor_wlcsp import ImageSensorWlcsp
from chipscale.package.fan_in import fan_in
from chipscale.package.groove_terminals import masked_ball
from chipscale.package.grooves import cut_um, floor_um, lean_um, level_um, span_um
from chipscale.package.types import Package
from chipscale.spec.read import read_spec
from chipscale.spec.starter import starter

ROOT = Path(__file__).parents[3]
GOOD = """chipscale: 1
name: t
family: image_sensor_wlcsp
die:
  size_x_um: 3000
  size_y_um: 2600
  pads: {csv: pads.csv}
sensor:
  area_um: [800, 700, 2300, 1900]
balls:
  rows: 2
  cols: 2
  pitch_um: 700
  sphere_d_um: 250
  nets: {A1: out, A2: in, B1: GND, B2: VDD}
"""
# In the active-face view: 80 long and 60 wide along the edge, from 30 to 110 µm.
PADS = """pad,x_um,y_um,net,size_x_um,size_y_um
p1,70,1600,in,80,60
p2,70,1000,VDD,80,60
p3,2930,1600,out,80,60
p4,2930,1000,GND,80,60
p5,2930,700,,80,60
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def make(text: str = GOOD, pads: str = PADS) -> Path:
        (tmp_path / "chip.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "pads.csv").write_text(pads, encoding="utf-8")
        return tmp_path / "chip.yaml"

    return make


@pytest.fixture
def build(write) -> Callable[..., Package]:
    return lambda text=GOOD, pads=PADS: ImageSensorWlcsp().build(read_spec(write(text, pads)))


@pytest.fixture
def problems(build) -> Callable[..., list[Problem]]:
    def make(text: str = GOOD, pads: str = PADS) -> list[Problem]:
        with pytest.raises(InputError) as error:
            build(text, pads)
        found = list(error.value.problems)
        assert all(item.file and item.line and item.what and item.remedy for item in found), found
        return found

    return make


def sensor(**values: object) -> str:
    """Return the good file with more keys in its sensor block."""
    lines = "".join(f"  {key}: {str(value).lower()}\n" for key, value in values.items())
    return GOOD.replace("balls:\n", lines + "balls:\n", 1)


def codes(found: list[Problem]) -> list[str]:
    return [item.code for item in found]


def test_the_package_is_seen_from_the_back(build):
    made = build()
    assert {pad.name: (pad.x_um, pad.y_um, pad.side) for pad in made.pads} == {
        "p1": (2930, 1600, "right"),
        "p2": (2930, 1000, "right"),
        "p3": (70, 1600, "left"),
        "p4": (70, 1000, "left"),
        "p5": (70, 700, "left"),
    }
    assert made.grooves.sides == ("left", "right")
    assert made.grooves.sensing == (3000 - 2300, 700, 3000 - 800, 1900)
    where = {ball.name: ball.x_um for ball in made.balls}
    assert where["A1"] < where["A2"]  # balls are given as seen from their own side


def test_an_area_left_of_the_middle_is_right_of_it_from_the_back(build):
    made = build(GOOD.replace("[800, 700, 2300, 1900]", "[500, 700, 1500, 1900]"))
    assert made.grooves.sensing == (1500, 700, 2500, 1900)


def test_what_the_file_leaves_out_is_assumed_and_said(build):
    made = build()
    g = made.grooves
    assert (g.glass_um, g.wall_um, g.first_wall_deg, g.insulation_um, g.mask_um) == (400, 40, 65, 10, 25)
    assert made.die.thickness_um == 130
    assert made.layers.rdl_um == 4
    told = {item.what: item for item in made.assumptions}
    for what in ("glass cover", "silicon thickness", "rdl thickness", "width of the first groove", "solder mask"):
        assert told[what].why.startswith("assumed"), what
    assert "opening of the insulation" not in told  # there is none with a second groove


def test_what_the_file_gives_is_taken_and_not_called_assumed(build):
    text = sensor(glass_um=300, first_width_um=260, second_width_um=60, second_wall_deg=80, mask_fill="hollow")
    made = build(text + "films: {rdl_um: 3}\n")
    g = made.grooves
    assert (g.glass_um, g.first_width_um, g.second_width_um, g.second_wall_deg) == (300, 260, 60, 80)
    assert (g.mask_fill, made.layers.rdl_um) == ("hollow", 3)
    told = {item.what for item in made.assumptions}
    assert not told & {"glass cover", "width of the first groove", "width of the second groove", "rdl thickness"}


def test_worked_out_widths_bare_and_cut_every_pad(build):
    made = build()
    g, size = made.grooves, (3000.0, 2600.0)
    spans = [span_um(pad, size) for pad in made.pads]
    assert spans == [(30, 110)] * 5
    assert level_um(g, 130) >= 110  # the level floor of the first groove reaches past the pads' inner ends
    assert floor_um(g, 130) == pytest.approx(g.first_width_um - 130 / math.tan(math.radians(65)))
    assert g.second_width_um == 70  # the middle of the pads
    top, bottom = cut_um(g)
    assert bottom < g.second_width_um < top < level_um(g, 130)
    assert lean_um(30, 45) == pytest.approx(30)


def test_older_method_has_openings_and_no_second_groove(build):
    made = build(sensor(second=False))
    assert made.grooves.second is False
    assert made.grooves.contact_d_um == 36  # 60 % of the pad's 60 µm
    told = {item.what for item in made.assumptions}
    assert "opening of the insulation" in told
    assert not any("second groove" in what for what in told)


def test_ball_on_a_masked_land_keeps_the_spheres_volume():
    d, h = masked_ball(250.0, 180.0, 25.0)
    a = 90.0
    volume = math.pi * h * (3 * a * a + h * h) / 6 + math.pi * a * a * 25.0
    assert volume == pytest.approx(math.pi / 6 * 250.0**3, rel=1e-9)
    assert d > 180
    assert masked_ball(100.0, 180.0, 25.0) is None


def test_fits_counts_only_the_back_between_the_mouths(build):
    made = build()
    result = fan_in(made)
    g, t = made.grooves, made.terminal
    border = g.first_width_um + 10 + 20 + 20 + t.land_d_um / 2  # mouth, metal to it, widest wire, space, land
    assert result.metrics["edge_um"] == pytest.approx(border)
    high = 2600 - 2 * max(10 + t.land_d_um / 2, t.ball_d_um / 2)
    assert result.metrics["fits_count"] == ((3000 - 2 * border) // 700 + 1) * (high // 700 + 1)


def test_feasible_says_no_where_lands_reach_over_a_groove(write, problems):
    text = (
        GOOD.replace("pitch_um: 700", "pitch_um: 2450")
        .replace("rows: 2", "rows: 1")
        .replace(
            "  nets: {A1: out, A2: in, B1: GND, B2: VDD}\n",
            "  secondary: [{rows: 1, cols: 2, pitch_um: 900, first_row: B}]\n",
        )
        .replace("balls:\n", "assignment: {mode: free}\nballs:\n")
    )
    text = text.replace("first_row: B}", "first_row: B, offset_y_um: -400}")
    found = problems(text)
    assert codes(found) == ["sensor.land_over_groove"] * 2
    assert "left side: A1" in found[0].what
    assert "reach over" in found[0].what
    result = ImageSensorWlcsp().feasible(read_spec(write(text)))
    assert not result.ok
    assert result.metrics["balls_off_count"] == 2


@pytest.mark.parametrize(
    ("text", "wanted", "words"),
    [
        (sensor(first_width_um=55), "walls_meet", ["walls meet", "130 µm of silicon", "> 60.6 µm"]),
        (sensor(first_width_um=255).replace("  size_y_um: 2600\n", "  size_y_um: 2600\n  thickness_um: 600\n"),
         "walls_meet", ["600 µm of silicon"]),
        (sensor(second_depth_um=35, second_wall_deg=30), "walls_meet", ["45 µm deep"]),
        (sensor(first_width_um=95), "never_reaches", ["never reaches pads: p1, p2, p3, p4"]),
        (sensor(second_width_um=30), "misses_pads", ["misses pads"]),
        (sensor(second_width_um=112, first_width_um=300), "swallows_pads", ["leaves nothing of pads"]),
        (sensor(second_width_um=105, first_width_um=160), "second_too_wide", ["wider than the first one's floor"]),
        (sensor(first_width_um=780), "cuts_circuit", ["cuts into the sensing area", "left side"]),
        (sensor(wall_width_um=720), "wall_on_area", ["covers the sensing area"]),
        (sensor(wall_width_um=65), "opens_cavity", ["into the cavity"]),
        (sensor(second_depth_um=450, second_width_um=90, second_wall_deg=90), "through_glass", ["wall and glass"]),
        (GOOD.replace("[800, 700, 2300, 1900]", "[800, 700, 700, 1900]"), "area", ["empty or reaches outside"]),
        (GOOD.replace("[800, 700, 2300, 1900]", "[800, 700, 3300, 1900]"), "area", ["empty or reaches outside"]),
        (sensor(second=False, contact_d_um=70), "opening", ["larger than pads"]),
        (sensor(second=False, first_width_um=150), "opening_off_floor", ["beyond the first groove's floor"]),
        (sensor(mask_um=400), "opening_too_deep", ["more solder than the sphere has"]),
    ],
)  # fmt: skip
def test_impossible_grooves(problems, text, wanted, words):
    found = problems(text)
    assert f"sensor.{wanted}" in codes(found), found
    told = next(str(item) for item in found if item.code == f"sensor.{wanted}")
    assert all(word in told for word in words), told


def test_pads_in_a_corner_or_too_far_inside(problems):
    four = PADS + "p6,1500,60,in,60,80\n"  # a pad at the bottom makes a groove there
    found = problems(pads=four + "p7,300,150,VDD,80,60\n".replace("300,150", "70,150"))
    (corner,) = [item for item in found if item.code == "sensor.pad_in_corner"]
    assert corner.what.endswith(": p7")
    inside = PADS.replace("p1,70,1600", "p1,500,1600")
    found = problems(sensor(first_width_um=200), inside)
    assert "never reaches pads: p1" in next(item.what for item in found if item.code == "sensor.never_reaches")


def test_pads_too_close_for_their_metal(problems, build):
    close = PADS.replace("p2,70,1000", "p2,70,1530")
    assert build(pads=close).terminal.pad_capture_um == 50  # 70 µm apart less 20 µm space
    found = problems(GOOD + "terminal: {pad_capture_um: 60}\n", close)
    assert codes(found) == ["sensor.pads_too_close"]


def test_everything_wrong_is_told_at_once_with_its_line(problems):
    text = sensor(first_width_um=55, wall_width_um=720).replace("[800, 700, 2300, 1900]", "[650, 600, 2300, 1900]")
    text += "films: {pi1_um: 5, dielectric: PBO}\nterminal: {ubm_d_um: 200}\nrdl: {layers: 2}\n"
    text = text.replace("  pads: {csv: pads.csv}\n", "  pads: {csv: pads.csv}\n  seal_ring: {width_um: 10}\n")
    found = problems(text)
    assert {"sensor.walls_meet", "sensor.wall_on_area", "sensor.unused_key", "sensor.layers"} <= set(codes(found))
    lines = text.splitlines()
    for item in found:
        assert item.key.rsplit(".", 1)[-1] in lines[item.line - 1], item
    unused = [item.key for item in found if item.code == "sensor.unused_key"]
    assert sorted(unused) == ["die.seal_ring", "films.dielectric", "films.pi1_um", "terminal.ubm_d_um"]


def test_the_block_belongs_to_this_family_alone(problems, write):
    without = GOOD[: GOOD.index("sensor:")] + GOOD[GOOD.index("balls:") :]
    assert codes(problems(without)) == ["sensor.missing"]
    path = write(GOOD.replace("family: image_sensor_wlcsp\n", ""))
    with pytest.raises(InputError) as error:
        Design.load(path).package  # noqa: B018
    assert "sensor.foreign" in codes(error.value.problems)


def test_unknown_material_is_told_where_it_stands(problems):
    (found,) = problems(sensor(glass_material="Glas"))
    assert (found.code, found.key) == ("films.unknown_material", "sensor.glass_material")


def test_keepouts_are_mirrored_too(build):
    text = GOOD.replace(
        "  pads: {csv: pads.csv}\n",
        "  pads: {csv: pads.csv}\n  keepouts: [{name: k, rect_um: [800, 800, 1000, 900]}]\n",
    )
    (area,) = build(text).keepouts
    assert sorted({x for x, _ in area.points_um}) == [2000, 2200]


def test_the_example_is_a_whole_package():
    made = ImageSensorWlcsp().build(read_spec(ROOT / "examples" / "image_sensor" / "chip.yaml"))
    assert len(made.pads) == 40
    assert made.package_size_um == (5820, 5220)
    g = made.grooves
    height = g.glass_um + g.wall_um + g.device_um + made.die.thickness_um
    height += g.insulation_um + made.layers.rdl_um + g.mask_um + made.terminal.ball_h_um
    assert height == pytest.approx(850, abs=25)  # the published package


def test_the_starter_builds(tmp_path):
    path = tmp_path / "chip.yaml"
    path.write_text(starter("image_sensor_wlcsp"), encoding="utf-8")
    made = ImageSensorWlcsp().build(read_spec(path))
    assert made.grooves.second
    assert all(line.strip() for line in starter("image_sensor_wlcsp").splitlines()[:1])
