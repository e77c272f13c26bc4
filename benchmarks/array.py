"""The large array: 26 x 26 lands at 173 µm, 270 signals given in advance, 10/10 µm; masks drawn and checked.

`python -m benchmarks array` runs the cases in CASES; `python -m benchmarks.array outer 100` runs one.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.planar_cases import with_planar_nets
from benchmarks.route_cases import array_problem
from benchmarks.row import Row
from chipscale.layout.draw import draw
from chipscale.layout.drc import Drc
from chipscale.layout.lvs import Lvs
from chipscale.layout.wiring import Wiring
from chipscale.package.types import Ball, Die, LayerPlan, Net, NetClass, Package, Pad, RuleSet, Terminal

CASES = (("outer", 90.0), ("outer", 100.0), ("planar", 90.0), ("radial", 90.0))
REPORTED = {"radial"}  # pairs by angle alone: no planar answer is known, so nothing is asked of it
LIMIT_S, LIMIT_RATIO, SIGNALS = 60.0, 1.10, 270
PAD_UM, WIDTH_UM, SPACE_UM = 45.0, 10.0, 10.0
RULES = {"rdl_min_width_um": WIDTH_UM, "rdl_min_space_um": SPACE_UM, "rdl_to_sealring_outer_um": 15.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one array came to: seconds by the clock and of the processor, nets, violations, length over its bound."""

    seconds: float
    cpu_s: float
    nets_count: int
    routed_count: int
    violations_count: int
    lvs_ok: bool
    wire_mm: float
    ratio: float


def package(kind: str, land_um: float, count: int = 26, signals: int = SIGNALS) -> Package:
    """Return the package of an array of `count` x `count` lands; balls are B<n>, pads P<n> as in route_cases."""
    if kind == "planar":  # balls anywhere, pairs from a flow that proves an answer exists
        problem = with_planar_nets(array_problem("radial", count, land_um, signals), WIDTH_UM)
    else:
        problem = array_problem(kind, count, land_um, signals)
    size_um = float(np.ptp(problem.boundary[:, 0])) + 40.0
    pads, balls = [], []
    by_net: dict[str, tuple[list[str], list[str]]] = {}
    for item in problem.terminals:
        if item.outline is None:
            row, col = divmod(len(balls), count)
            balls.append(Ball(item.name, item.x_um, item.y_um, item.net, row, col))
        else:
            pads.append(Pad(item.name, item.x_um, item.y_um, PAD_UM, PAD_UM, item.net))
        if item.net is not None:
            by_net.setdefault(item.net, ([], []))[item.outline is None].append(item.name)
    nets = [Net(name, "signal", "signal", tuple(p), tuple(b)) for name, (p, b) in sorted(by_net.items())]
    return Package(
        name=f"array_{kind}",
        title="",
        family="none",
        die=Die(size_um, size_um, 300.0, 8.0, 5.0),
        pads=tuple(pads),
        balls=tuple(balls),
        nets=tuple(nets),
        classes=(NetClass("signal", "signal", WIDTH_UM, SPACE_UM),),
        rules=RuleSet("array", "10/10 µm", "the benchmark's own", RULES),
        terminal=Terminal(80.0, 88.0, 62.0, land_um - 20.0, land_um - 30.0, land_um, PAD_UM, 25.0),
        layers=LayerPlan(1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 0.0, {}),
        pitch_x_um=173.0,
        pitch_y_um=173.0,
        min_ball_distance_um=173.0,
        teardrops=False,
        package_size_um=(size_um, size_um),
    )


def measure(kind: str, land_um: float, **size: int) -> Measured:
    """Route, draw and check one array; teardrops are off, so that the clock sees routing."""
    made = package(kind, land_um, **size)
    started, busy = time.perf_counter(), time.process_time()
    drawn = draw(made)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - busy
    view = {"package": made, "layout": drawn}
    wiring, drc, lvs = Wiring().run(view).metrics, Drc().run(view), Lvs().run(view)
    return Measured(
        seconds,
        cpu_s,
        int(wiring["nets_count"]),
        int(wiring["routed_count"]),
        int(drc.metrics["violations_count"]),
        lvs.ok,
        wiring["wire_um"] / 1e3,
        wiring["wire_to_bound_ratio"],
    )


def rows(cases: tuple[tuple[str, float], ...] = CASES) -> list[Row]:
    """Return the lines of the table; compiled kernels are made before the clock starts."""
    measure("outer", 90.0, count=6, signals=12)
    return [row for kind, land_um in cases for row in _case(kind, land_um)]


def _case(kind: str, land_um: float) -> list[Row]:
    got = measure(kind, land_um)
    name = f"26 x 26 array, {kind}, {land_um:g} µm lands"
    load = os.getloadavg()[0]
    took = f"{got.seconds:.1f} s ({got.cpu_s:.1f} s of the processor, load {load:.1f})"
    length = f"{got.ratio:.3f} ({got.wire_mm:.1f} mm)"
    routed = f"{got.routed_count} of {got.nets_count}"
    clean = f"{got.violations_count} violations, LVS {'clean' if got.lvs_ok else 'NOT clean'}"
    all_routed = got.routed_count == got.nets_count == SIGNALS
    found = (
        ("nets routed", "270 of 270", routed, all_routed),
        ("DRC and LVS of the masks", "0, clean", clean, got.violations_count == 0 and got.lvs_ok),
        ("wire / octilinear bound", f"<= {LIMIT_RATIO}", length, got.ratio <= LIMIT_RATIO),
        ("routing and drawing", f"<= {LIMIT_S:g} s", took, got.seconds <= LIMIT_S),
    )
    if kind in REPORTED:
        return [Row(f"{name}: {what}", "reported", text, None) for what, _, text, _ in found]
    return [Row(f"{name}: {what}", asked, text, ok) for what, asked, text, ok in found]


if __name__ == "__main__":
    for line in rows(((sys.argv[1], float(sys.argv[2])),) if len(sys.argv) > 2 else CASES):
        print(line)
