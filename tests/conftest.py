"""Packages made by hand, for tests that need one without going through a package file."""

import csv
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest

from chipscale.package.types import Ball, Die, LayerPlan, Net, NetClass, Package, RuleSet, Terminal

SHARED = Path(__file__).parents[2] / "shared" / "data"
# The same examples at every run: a failure that comes and goes tells nobody what changed.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")
LETTERS = "ABCDEFGHJKLMNPRTUVWY"


def _row(index: int) -> str:
    return LETTERS[index] if index < 20 else LETTERS[index // 20 - 1] + LETTERS[index % 20]


def _package(balls, nets, size_um, pitch_um, **changes) -> Package:
    made = Package(
        name="sample",
        title="sample chip",
        family="fan_in_wlcsp",
        die=Die(size_um[0], size_um[1], 300.0, 10.0, 5.0),
        pads=(),
        balls=tuple(balls),
        nets=tuple(nets),
        classes=(NetClass("signal", "signal", 20, 20), NetClass("power", "power", 40, 20)),
        rules=RuleSet("none", "none", "none", {}),
        terminal=Terminal(250.0, 262.0, 205.0, 215.0, 180.0, 235.0, 0.0, 50.0),
        layers=LayerPlan(1.0, 1.0, 5.0, 5.0, 7.5, 8.0, 25.0, {"ball": "SAC305"}),
        pitch_x_um=pitch_um,
        pitch_y_um=pitch_um,
        min_ball_distance_um=pitch_um,
        package_size_um=size_um,
    )
    return replace(made, **changes)


@pytest.fixture(scope="session")
def make_package():
    """Return a maker of grid packages: JEDEC names, A1 at the top left of the die view, supplies in the corner."""

    def make(cols=4, rows=4, pitch_um=400.0, size_um=None, **changes):
        size = size_um or ((cols + 0.5) * pitch_um, (rows + 0.5) * pitch_um)
        balls, nets = [], {}
        for row in range(rows):
            for col in range(cols):
                kind = "power" if row == 0 and col < 2 else "ground" if row == 1 and col < 2 else "signal"
                net = {"power": "VDD", "ground": "VSS"}.get(kind, f"io[{row * cols + col}]")
                name = f"{_row(row)}{col + 1}"
                x = size[0] / 2 + (col - (cols - 1) / 2) * pitch_um
                y = size[1] / 2 - (row - (rows - 1) / 2) * pitch_um
                balls.append(Ball(name, x, y, net, row, col))
                nets.setdefault(net, (kind, []))[1].append(name)
        made = [Net(n, "power" if k != "signal" else k, k, (), tuple(b)) for n, (k, b) in nets.items()]
        return _package(balls, made, size, pitch_um, **changes)

    return make


def _kind(net):
    return "ground" if net.startswith("vss") else "power" if net.startswith(("vdd", "vcc")) else "signal"


@pytest.fixture(scope="session")
def caravel_package():
    """Return the fabricated chip of the shared data: 60 balls, letters are columns, numbers are rows."""
    table = SHARED / "caravel" / "balls.csv"
    if not table.exists():
        pytest.skip("the chip's ball table is not beside the checkout")
    balls, nets = [], {}
    for line in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        name, net = line["ball"], line["net"]
        row, col = int(name[1:]) - 1, LETTERS.index(name[0])
        balls.append(Ball(name, float(line["x_um"]), float(line["y_um"]), net, row, col, line["pcb_net"]))
        nets.setdefault(net, []).append(name)
    made = [Net(n, _kind(n), _kind(n), (), tuple(b)) for n, b in nets.items()]
    return _package(
        balls,
        made,
        (3588.0, 5188.0),
        500.0,
        name="caravel",
        title="Caravel",
        terminal=Terminal(300.0, 320.0, 240.0, 250.0, 220.0, 270.0, 0.0, 50.0),
    )
