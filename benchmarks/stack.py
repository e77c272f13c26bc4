"""Stack, GLB and STEP of a die with 60 balls and 60 wires of 1,000 corners, and of one with 900 of each."""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import drc
from benchmarks.row import Row
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.joint import reflowed
from chipscale.package.types import Die, LayerPlan, Package, RuleSet, Terminal
from chipscale.process.flow import nominal_stack
from chipscale.stack.glb import write_glb
from chipscale.stack.section import section
from chipscale.stack.step import write_step
from chipscale.stack.volume import overlaps

COLUMNS, ROWS, PITCH_UM, VERTICES = 6, 10, 500.0, 305
GLB_LIMIT_MB = 5.0
TERMINAL_900 = Terminal(250.0, *reflowed(250.0, 220.0), 220.0, 180.0, 240.0, 60.0, 35.0)


def package() -> Package:
    """Return the package of the benchmark."""
    terminal = Terminal(300.0, *reflowed(300.0, 250.0), 250.0, 220.0, 270.0, 60.0, 40.0)
    films = LayerPlan(1.0, 1.0, 6.0, 6.0, 6.0, 8.0, 25.0, {})
    die = Die(COLUMNS * PITCH_UM, ROWS * PITCH_UM, 250.0, 10.0, 5.0)
    rules = RuleSet("none", "none", "none", {})
    return Package("bench", "", "bench", die, (), (), (), (), rules, terminal, films, PITCH_UM, PITCH_UM, PITCH_UM)


def layout(terminal: Terminal, cells: int = COLUMNS * ROWS) -> Layout:
    """Return a ball, a pad and a winding wire between them in each of the first cells of the array."""
    circles, polygons, traces = [], [], []
    run = np.linspace(0.0, 1.0, VERTICES)
    h = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) / 2
    for number in range(cells):
        col, row = number % COLUMNS, number // COLUMNS
        x, y, net = (col + 0.5) * PITCH_UM, (row + 0.5) * PITCH_UM, f"net{number}"
        pad = np.array([x - 200.0, y - 200.0])
        for layer, d in (("RDL", terminal.land_d_um), ("PI2", terminal.pi2_d_um), ("UBM", terminal.ubm_d_um)):
            circles.append(Circle(layer, "land", x, y, d, net, f"B{number}"))
        circles.append(Circle("BALL", "ball", x, y, terminal.ball_d_um, net, f"B{number}"))
        for layer, side in (("PAD", 60.0), ("PI1", terminal.pi1_size_um), ("RDL", terminal.pad_capture_um)):
            polygons.append(Polygon(layer, "pad", pad + h * side, net, f"P{number}"))
        wave = (20.0 + number / 12.0) * np.sin(6 * np.pi * run) * np.sin(np.pi * run)
        line = pad + np.column_stack((380.0 * run, wave))
        traces.append(Trace("RDL", net, 20.0, np.vstack((line, [(x + 180.0, y - 90.0), (x, y)]))))
    return Layout(COLUMNS * PITCH_UM, ROWS * PITCH_UM, tuple(circles), tuple(polygons), tuple(traces), ())


def layout_900() -> Layout:
    """Return 30 x 30 balls at 400 µm, each with a wire of its own to a pad: no two wires are alike."""
    drawn = drc.layout()
    rng = np.random.default_rng(1)
    traces = []
    for trace in drawn.traces:
        points = trace.points.copy()
        points[2:4, 0] += rng.uniform(-6.0, 6.0)
        points[3, 1] += rng.uniform(-20.0, 20.0)
        traces.append(replace(trace, points=points))
    return replace(drawn, traces=tuple(traces))


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return (answer, seconds by the clock, seconds of the processor)."""
    started, busy = time.perf_counter(), time.process_time()
    answer = work()
    return answer, time.perf_counter() - started, time.process_time() - busy


def made(bench: Package, drawn: Layout) -> dict[str, Any]:
    """Make stack, GLB and STEP; return each with its times, and the sizes in MB."""
    with tempfile.TemporaryDirectory() as folder:
        stack = timed(lambda: nominal_stack(bench, drawn))
        glb = timed(lambda: write_glb(stack[0], Path(folder) / "p.glb"))
        step = timed(lambda: write_step(stack[0], Path(folder) / "p.step"))
        data = glb[0].read_bytes()
        return {
            "stack": stack,
            "glb": glb,
            "step": step,
            "glb_mb": len(data) / 1e6,
            "packed_mb": len(gzip.compress(data, 7)) / 1e6,
            "step_mb": step[0].stat().st_size / 1e6,
        }


def said(seconds: float, busy: float) -> str:
    """Return the times as words: other work on the machine shows in the first only."""
    return f"{seconds:.2f} s (processor {busy:.2f} s)"


def rows() -> list[Row]:
    """Return the lines of the table. Limits are held against the processor's time, which others' work leaves alone."""
    small = package()
    made(small, layout(small.terminal, 1))  # libraries are loaded before the clock starts
    few = made(small, layout(small.terminal))
    stack = few["stack"][0]
    corners = len(stack.body("RDL.net0").bottom.exterior.coords) - 1
    middle = ROWS * PITCH_UM / 2 + PITCH_UM / 2
    cut = timed(lambda: section(stack, (0.0, middle), (COLUMNS * PITCH_UM, middle)))
    pairs = timed(lambda: overlaps(stack))
    lines = [
        _time(f"stack: 60 balls, 60 wires of {corners} corners", 3.0, *few["stack"][1:]),
        _time("stack: its GLB", None, *few["glb"][1:]),
        _size("stack: size of its GLB", GLB_LIMIT_MB, few["glb_mb"]),
        _time(f"stack: its STEP of {few['step_mb']:.1f} MB", 15.0, *few["step"][1:]),
        _time("stack: a section through it", None, *cut[1:]),
        _time("stack: search for bodies that overlap", None, *pairs[1:]),
        Row("stack: pairs that overlap", "0", str(len(pairs[0])), not pairs[0]),
    ]
    drawn = layout_900()
    many = made(replace(small, terminal=TERMINAL_900), drawn)
    whole = [sum(many[name][k] for name in ("stack", "glb", "step")) for k in (1, 2)]
    return [
        *lines,
        _time("stack: 900 balls, 900 wires", None, *many["stack"][1:]),
        _time("stack: GLB of 900 balls", None, *many["glb"][1:]),
        _time("stack: STEP of 900 balls", None, *many["step"][1:]),
        _time("stack: 900 balls, stack + GLB + STEP", 15.0, *whole),
        _size(f"stack: GLB of 900 balls, packed (plain: {many['glb_mb']:.1f} MB)", 6.0, many["packed_mb"]),
    ]


def _time(what: str, limit_s: float | None, seconds: float, busy: float) -> Row:
    asked = "reported" if limit_s is None else f"<= {limit_s:g} s"
    return Row(what, asked, said(seconds, busy), None if limit_s is None else busy <= limit_s)


def _size(what: str, limit_mb: float, size_mb: float) -> Row:
    return Row(what, f"<= {limit_mb:g} MB", f"{size_mb:.2f} MB", size_mb <= limit_mb)


if __name__ == "__main__":
    for row in rows():
        print(row)
