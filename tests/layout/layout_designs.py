"""Small packages the layout tests draw: a grid of balls with pads around it, and the Caravel chip where its data is."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from chipscale.layout.route.problem import RouteAnswer, Wire
from chipscale.package.rules import load_rules
from chipscale.package.types import Ball, Die, LayerPlan, Net, NetClass, Package, Pad, Terminal

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
FILMS = LayerPlan(1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 0.0, {})


def small_package(**changes: object) -> Package:
    """Return a 2 x 2 array at 500 µm under the Caravel rules with two pads left, two right, straight to its balls."""
    balls = (
        Ball("A1", 500.0, 1000.0, "a", 0, 0),
        Ball("A2", 1000.0, 1000.0, "b", 0, 1),
        Ball("B1", 500.0, 500.0, "c", 1, 0),
        Ball("B2", 1000.0, 500.0, "d", 1, 1),
    )
    pads = (
        Pad("P1", 100.0, 1000.0, 60.0, 60.0, "a", "left"),
        Pad("P2", 1400.0, 1000.0, 60.0, 60.0, "b", "right"),
        Pad("P3", 100.0, 500.0, 60.0, 60.0, "c", "left"),
        Pad("P4", 1400.0, 500.0, 60.0, 60.0, "d", "right"),
    )
    nets = tuple(
        Net(pad.net or "", "signal", "signal", (pad.name,), (ball.name,)) for pad, ball in zip(pads, balls, strict=True)
    )
    return package_of("small", (1500.0, 1500.0), pads, balls, nets, **changes)


def straight_answer(package: Package, width_um: float = 40.0) -> RouteAnswer:
    """Return one straight wire per net, from its first pad to its first ball."""
    pads = {pad.name: pad for pad in package.pads}
    balls = {ball.name: ball for ball in package.balls}
    wires = []
    for net in package.nets:
        pad, ball = pads[net.pads[0]], balls[net.balls[0]]
        wires.append(Wire(net.name, width_um, np.array([(pad.x_um, pad.y_um), (ball.x_um, ball.y_um)])))
    return RouteAnswer(tuple(wires), ())


def package_of(
    name: str,
    size_um: tuple[float, float],
    pads: tuple[Pad, ...],
    balls: tuple[Ball, ...],
    nets: tuple[Net, ...],
    **changes: object,
) -> Package:
    """Return a package with the metal sizes of the Caravel bump layout."""
    fields: dict[str, object] = {
        "name": name,
        "title": name,
        "family": "fan_in_wlcsp",
        "die": Die(*size_um, 300.0, 10.0, 5.0),
        "pads": pads,
        "balls": balls,
        "nets": nets,
        "classes": (NetClass("signal", "signal", 40.0, 35.0),),
        "rules": load_rules("micross_caravel_500"),
        "terminal": Terminal(250.0, 300.0, 200.0, 250.0, 220.0, 270.0, 60.0, 40.0),
        "layers": FILMS,
        "pitch_x_um": 500.0,
        "pitch_y_um": 500.0,
        "min_ball_distance_um": 500.0,
        "teardrops": False,
        "package_size_um": size_um,
    }
    return Package(**(fields | changes))  # type: ignore[arg-type]


def caravel() -> tuple[Package, RouteAnswer]:
    """Return the Caravel chip and its hand-drawn wires; skips the test where the shared data is absent."""
    folder = SHARED / "caravel"
    if not folder.is_dir():
        pytest.skip("the Caravel data is not beside this checkout")
    pads = tuple(
        Pad(row["pad"], float(row["x_um"]), float(row["y_um"]), 60.0, 60.0, row["net"], row["side"])
        for row in _rows(folder / "pads.csv")
    )
    balls = tuple(
        Ball(
            row["ball"],
            float(row["x_um"]),
            float(row["y_um"]),
            row["net"],
            int(row["ball"][1:]) - 1,
            ord(row["ball"][0]) - 65,
        )
        for row in _rows(folder / "balls.csv")
    )
    names = sorted({ball.net for ball in balls if ball.net})
    nets = tuple(
        Net(
            name,
            "signal",
            "signal",
            tuple(pad.name for pad in pads if pad.net == name),
            tuple(ball.name for ball in balls if ball.net == name),
        )
        for name in names
    )
    drawn = json.loads((folder / "hand_routes.json").read_text())["routes"]
    wires = tuple(Wire(item["net"], item["width"], np.array(item["pts"], dtype=float)) for item in drawn)
    return package_of("caravel", (3588.0, 5188.0), pads, balls, nets), RouteAnswer(wires, ())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
