import pytest

from chipscale.errors import InputError
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.package.pads_under import gap_um, pads_under
from chipscale.package.types import Ball, Pad
from chipscale.spec.read import read_spec

CHIP = """chipscale: 1
name: t
die:
  size_x_um: 1300
  size_y_um: 1300
  pads: {csv: pads.csv, size_x_um: 200}
balls: {rows: 2, cols: 2, pitch_um: 500, sphere_d_um: 250}
terminal: {ubm_d_um: 200, pi2_d_um: 170}
rdl: {layers: 0}
"""
PADS = "pad,x_um,y_um,net\np1,400,900,VDD\np2,900,900,a\np3,400,400,VDD\np4,900,400,b\n"


def build(folder, text=CHIP, pads=PADS):
    (folder / "chip.yaml").write_text(text, encoding="utf-8")
    (folder / "pads.csv").write_text(pads, encoding="utf-8")
    return FanInWlcsp().build(read_spec(folder / "chip.yaml"))


def problems(folder, text=CHIP, pads=PADS):
    with pytest.raises(InputError) as caught:
        build(folder, text, pads)
    return caught.value.problems


def test_a_ball_takes_the_net_of_its_pad(tmp_path):
    package = build(tmp_path)
    assert {ball.name: ball.net for ball in package.balls} == {"A1": "VDD", "A2": "a", "B1": "VDD", "B2": "b"}
    assert package.net("VDD").balls == ("A1", "B1")
    assert package.assignment.mode == "fixed"
    assert package.flow.base == "bump_on_pad"


def test_free_assignment_has_nothing_to_find(tmp_path):
    package = build(tmp_path, CHIP + "assignment: {mode: free}\n")
    assert {ball.net for ball in package.balls} == {"VDD", "a", "b"}


def test_a_ball_beside_its_pad_is_refused_with_place_and_distance(tmp_path):
    pads = PADS.replace("p2,900,900,a", "p2,900,700,a")
    found, other = sorted(problems(tmp_path, pads=pads), key=lambda item: item.code)
    assert (found.code, other.code) == ("balls.off_pad", "nets.net_without_ball")
    assert "A2" in found.what
    assert found.value == "(900, 900) µm"
    assert "p2, begins 100.0 µm away" in found.limit
    assert found.line == 7


def test_a_ball_half_over_its_pad_is_refused_with_what_reaches_beyond(tmp_path):
    (found,) = problems(tmp_path, pads=PADS.replace("p2,900,900,a", "p2,925,900,a"))
    assert found.what == "the PI2 opening of ball A2 reaches 10.0 µm beyond its pad p2"
    assert "25.0 µm off the pad's centre (x -25.0, y +0.0)" in found.value


def test_balls_off_alike_are_one_problem(tmp_path):
    (found,) = problems(tmp_path, CHIP.replace("sphere_d_um: 250", "sphere_d_um: 250, offset_x_um: 30"))
    assert "balls A1, A2, B1, B2 reach 15.0 µm beyond their pads" in found.what


def test_a_ball_given_another_net_than_its_pad_is_refused(tmp_path):
    text = CHIP.replace("sphere_d_um: 250", "sphere_d_um: 250, nets: {A2: b}")
    wrong = [item for item in problems(tmp_path, text) if item.code == "balls.wrong_pad"]
    assert len(wrong) == 1
    assert wrong[0].key == "balls.nets.A2"
    assert "stands on pad p2 of net a" in wrong[0].what


def test_a_pad_that_gets_no_ball_is_named(tmp_path):
    found = problems(tmp_path, pads=PADS + "p5,650,650,c\n")
    assert [item.code for item in found] == ["nets.net_without_ball"]
    assert "p5" in found[0].what
    assert "put a ball on one of them" in found[0].remedy


def test_a_kept_ball_may_stand_on_the_dielectric(tmp_path):
    pads = PADS.replace("p2,900,900,a\n", "")
    assert any(item.code == "balls.off_pad" for item in problems(tmp_path, pads=pads))
    package = build(tmp_path, CHIP + "assignment: {keep: [A2]}\n", pads)
    assert [ball.net for ball in package.balls if ball.name == "A2"] == [None]


def test_sizes_of_metal_that_is_not_there_are_refused(tmp_path):
    found = problems(tmp_path, CHIP.replace("pi2_d_um: 170", "pi2_d_um: 170, land_d_um: 220, pi1_size_um: 40"))
    assert [item.key for item in found] == ["terminal.land_d_um", "terminal.pi1_size_um"]


def test_the_pad_under_a_ball_is_the_one_whose_metal_is():
    pads = (Pad("p", 0.0, 0.0, 100.0, 60.0, "a"), Pad("q", 200.0, 0.0, 100.0, 60.0, "b"))
    balls = (Ball("A1", 49.0, 29.0, None, 0, 0), Ball("A2", 90.0, 70.0, None, 0, 1), Ball("A3", 151.0, 0.0, None, 0, 2))
    assert {name: pad.name for name, pad in pads_under(balls, pads).items()} == {"A1": "p", "A3": "q"}
    assert gap_um(balls[1], pads[0]) == pytest.approx((40**2 + 40**2) ** 0.5)
