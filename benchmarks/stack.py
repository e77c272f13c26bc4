"""Time stack, GLB and STEP of a die with 60 balls and 60 wires of 1,000 corners: `python -m benchmarks.stack`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.row import Row
from chipscale.layout.types import Circle, Layout, Polygon, Trace
from chipscale.package.joint import reflowed
from chipscale.package.types import Die, LayerPlan, Package, RuleSet, Terminal
from chipscale.process.flow import nominal_stack
from chipscale.process.masks import Masks
from chipscale.stack.glb import write_glb
from chipscale.stack.section import section
from chipscale.stack.step import write_step
from chipscale.stack.volume import overlaps

COLUMNS, ROWS, PITCH_UM, VERTICES = 6, 10, 500.0, 250
LIMITS = {"stack": 3.0, "step": 15.0}
GLB_LIMIT_MB = 5.0


def package() -> Package:
    """Return the package of the benchmark."""
    terminal = Terminal(300.0, *reflowed(300.0, 250.0), 250.0, 220.0, 270.0, 60.0, 40.0)
    films = LayerPlan(1.0, 1.0, 6.0, 6.0, 6.0, 8.0, 25.0, {})
    die = Die(COLUMNS * PITCH_UM, ROWS * PITCH_UM, 250.0, 10.0, 5.0)
    rules = RuleSet("none", "none", "none", {})
    return Package("bench", "", "bench", die, (), (), (), (), rules, terminal, films, PITCH_UM, PITCH_UM, PITCH_UM)


def layout(terminal: Terminal) -> Layout:
    """Return a ball, a pad and a winding wire between them in each cell of the array."""
    circles, polygons, traces = [], [], []
    run = np.linspace(0.0, 1.0, VERTICES)
    h = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) / 2
    for number in range(COLUMNS * ROWS):
        col, row = number % COLUMNS, number // COLUMNS
        x, y, net = (col + 0.5) * PITCH_UM, (row + 0.5) * PITCH_UM, f"net{number}"
        pad = np.array([x - 200.0, y - 200.0])
        for layer, d in (("RDL", terminal.land_d_um), ("PI2", terminal.pi2_d_um), ("UBM", terminal.ubm_d_um)):
            circles.append(Circle(layer, "land", x, y, d, net, f"B{number}"))
        circles.append(Circle("BALL", "ball", x, y, terminal.ball_d_um, net, f"B{number}"))
        for layer, side in (("PAD", 60.0), ("PI1", terminal.pi1_size_um), ("RDL", terminal.pad_capture_um)):
            polygons.append(Polygon(layer, "pad", pad + h * side, net, f"P{number}"))
        wave = 25.0 * np.sin(6 * np.pi * run) * np.sin(np.pi * run)
        line = pad + np.column_stack((380.0 * run, wave))
        traces.append(Trace("RDL", net, 20.0, np.vstack((line, [(x + 180.0, y - 90.0), (x, y)]))))
    return Layout(COLUMNS * PITCH_UM, ROWS * PITCH_UM, tuple(circles), tuple(polygons), tuple(traces), ())


def timed(name: str, work: Callable[[], Any]) -> Any:
    """Run, print the seconds by the clock and of the processor, and return the answer."""
    started, busy = time.perf_counter(), time.process_time()
    answer = work()
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    limit = LIMITS.get(name)
    verdict = "" if limit is None else f"  (limit {limit:g} s: {'ok' if seconds <= limit else 'MISSED'})"
    print(f"{name:10s} {seconds:8.2f} s  (processor {busy:.2f} s){verdict}")
    return answer


def rows() -> list[Row]:
    """Return stack, GLB and STEP as lines of the table."""
    bench = package()
    drawn = layout(bench.terminal)
    Masks(drawn).region("PAD")  # the libraries are loaded before the clock starts
    what = "60 balls, 60 wires of 250 corners"
    stack, seconds = _clocked(lambda: nominal_stack(bench, drawn))
    found = [Row(f"{what}: stack", f"<= {LIMITS['stack']:g} s", f"{seconds:.2f} s", seconds <= LIMITS["stack"])]
    with tempfile.TemporaryDirectory() as folder:
        glb, seconds = _clocked(lambda: write_glb(stack, Path(folder) / "p.glb"))
        size_mb = glb.stat().st_size / 1e6
        text = f"{size_mb:.2f} MB in {seconds:.2f} s"
        found.append(Row(f"{what}: GLB", f"<= {GLB_LIMIT_MB:g} MB", text, size_mb <= GLB_LIMIT_MB))
        _, seconds = _clocked(lambda: write_step(stack, Path(folder) / "p.step"))
    found.append(Row(f"{what}: STEP", f"<= {LIMITS['step']:g} s", f"{seconds:.2f} s", seconds <= LIMITS["step"]))
    return found


def _clocked(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - started


def main() -> None:
    """Print times and sizes."""
    bench = package()
    drawn = layout(bench.terminal)
    Masks(drawn).region("PAD")  # the libraries are loaded before the clock starts
    stack = timed("stack", lambda: nominal_stack(bench, drawn))
    print(f"{len(stack.bodies)} bodies")
    with tempfile.TemporaryDirectory() as folder:
        glb = timed("glb", lambda: write_glb(stack, Path(folder) / "p.glb"))
        size_mb = glb.stat().st_size / 1e6
        print(f"  {size_mb:.2f} MB  (limit {GLB_LIMIT_MB:g} MB: {'ok' if size_mb <= GLB_LIMIT_MB else 'MISSED'})")
        step = timed("step", lambda: write_step(stack, Path(folder) / "p.step"))
        print(f"  {step.stat().st_size / 1e6:.2f} MB")
    middle = drawn.size_y_um / 2 + PITCH_UM / 2
    timed("section", lambda: section(stack, (0.0, middle), (drawn.size_x_um, middle)))
    found = timed("overlaps", lambda: overlaps(stack))
    print(f"  {len(found)} overlapping pairs")


if __name__ == "__main__":
    main()
