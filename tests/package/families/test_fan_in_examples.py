"""The examples resolve into the packages they stand for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chipscale.errors import InputError
from chipscale.package.families.fan_in_wlcsp import FanInWlcsp
from chipscale.spec.read import read_spec
from chipscale.spec.starter import starter
from chipscale.spec.write_back import write_ball_nets

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data" / "caravel"


def example(name: str) -> Path:
    return ROOT / "examples" / name / "chip.yaml"


def test_caravel():
    made = FanInWlcsp().build(read_spec(example("caravel")))
    assert (len(made.pads), len(made.balls), len(made.nets)) == (63, 60, 57)
    at = {ball.name: (ball.x_um, ball.y_um) for ball in made.balls}
    assert (at["A1"], at["F10"]) == ((544, 4844), (3044, 344))
    xs, ys = zip(*at.values(), strict=True)
    assert ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2) == (1794, 2594)
    t = made.terminal
    assert (t.ubm_d_um, t.pi2_d_um, t.land_d_um, t.pad_capture_um, t.pi1_size_um) == (250, 220, 270, 60, 40)
    assert {(item.width_um, item.space_um) for item in made.classes} == {(40, 35)}
    assert sum(len(net.pads) + len(net.balls) - 1 for net in made.nets) == 66  # routes of the drawing by hand
    assert made.net("vssd").kind == "ground"
    assert {ball.doc_name for ball in made.balls if ball.net == "vssd"} == {"GND"}


@pytest.mark.skipif(not SHARED.exists(), reason="the Caravel source data is not beside the checkout")
def test_caravel_against_its_source():
    made = FanInWlcsp().build(read_spec(example("caravel")))
    routes = json.loads((SHARED / "hand_routes.json").read_text())["routes"]
    assert {net.name for net in made.nets} == {route["net"] for route in routes}
    rows = [line.split(",") for line in (SHARED / "balls.csv").read_text().splitlines()[1:]]
    given = {ball.name: (ball.x_um, ball.y_um, ball.net) for ball in made.balls}
    assert given == {row[0]: (float(row[1]), float(row[2]), row[3]) for row in rows}
    rows = [line.split(",") for line in (SHARED / "pads.csv").read_text().splitlines()[1:]]
    assert [(pad.name, pad.side, pad.x_um, pad.y_um, pad.net) for pad in made.pads] == [
        (row[0], row[1], float(row[2]), float(row[3]), row[4]) for row in rows
    ]


def test_too_small_is_refused_and_the_remedy_is_a_fan_out():
    with pytest.raises(InputError) as error:
        FanInWlcsp().build(read_spec(example("too_small")))
    (found,) = error.value.problems
    assert found.code == "balls.outside"
    assert "48 of 64 balls" in found.what
    assert "fan-out" in found.remedy


def test_starter_builds_and_stays_the_same_after_writing_back(tmp_path):
    path = tmp_path / "chip.yaml"
    path.write_text(starter("fan_in_wlcsp"), encoding="utf-8")
    made = FanInWlcsp().build(read_spec(path))
    assert (len(made.pads), len(made.balls), len(made.nets)) == (20, 16, 16)
    nets = [net.name for net in made.nets]
    write_ball_nets(path, {ball.name: net for ball, net in zip(made.balls, nets, strict=True)})
    again = FanInWlcsp().build(read_spec(path))
    assert [ball.net for ball in again.balls] == nets
    assert again.assignment.mode == "fixed"
