"""Time the design-rule check of a die with 900 balls: 30 x 30 lands at 400 µm, each with a wire past the next row."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np

from benchmarks.row import Row
from chipscale.layout.drc import Drc
from chipscale.layout.seal_ring import outline, rectangle, seal_ring
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.rules import load_rules
from chipscale.package.types import Die

ROWS = COLS = 30
PITCH_UM = 400.0
LIMIT_S = 3.0


def layout() -> Layout:
    """Return 900 lands with openings, UBM, balls and a bent wire each to a pad in the channel beside it."""
    size = PITCH_UM * (ROWS + 1)
    die = Die(size, size, 300.0, 10.0, 5.0)
    circles: list[Circle] = []
    polygons: list[Polygon] = [outline(die), *seal_ring(die)]
    traces: list[Trace] = []
    for row in range(ROWS):
        for col in range(COLS):
            x, y, name = PITCH_UM * (col + 1), PITCH_UM * (row + 1), f"R{row}C{col}"
            for layer, kind, d in (("RDL", "land", 240.0), ("PI2", "opening", 180.0), ("UBM", "ubm", 220.0)):
                circles.append(Circle(layer, kind, x, y, d, name, name))  # type: ignore[arg-type]
            circles.append(Circle("BALL", "ball", x, y, 270.0, name, name))
            lane, end = x + 220.0, max(y - 540.0, 100.0)  # past the row below, to a pad beside it
            for layer, half in (("PAD", 30.0), ("PI1", 17.5), ("RDL", 30.0)):
                square = rectangle(lane - half, end - half, lane + half, end + half)
                polygons.append(Polygon(layer, "capture", square, name, name))
            path = [
                (x, y),
                (x + 130.0, y),
                (x + 150.0, y - 30.0),
                (x + 150.0, y - 220.0),
                (lane, y - 260.0),
                (lane, end),
            ]
            traces.append(Trace("RDL", name, 20.0, np.array(path)))
    return Layout(size, size, tuple(circles), tuple(polygons), tuple(traces), ())


def run() -> dict[str, float | bool]:
    """Return seconds, violations and whether the limit is kept."""

    class _Rules:
        rules = load_rules("skywater_amkor_400")

    drawn = layout()
    Drc().run(
        {"package": _Rules, "layout": replace(drawn, circles=drawn.circles[:4], polygons=(), traces=())}
    )  # imports
    start = time.perf_counter()
    result = Drc().run({"package": _Rules, "layout": drawn})
    seconds = time.perf_counter() - start
    return {
        "drc_s": round(seconds, 3),
        "limit_s": LIMIT_S,
        "ok": seconds <= LIMIT_S,
        "balls_count": ROWS * COLS,
        "violations_count": result.metrics["violations_count"],
        "rules_broken": sorted({check.metric for check in result.checks if not check.ok}),
    }


def rows() -> list[Row]:
    """Return one line of the table."""
    found = run()
    text = f"{found['drc_s']:.2f} s, {found['violations_count']:.0f} violations"
    return [Row("DRC of a 900-ball die: time", f"<= {LIMIT_S:g} s", text, bool(found["ok"]))]


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
