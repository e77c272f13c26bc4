"""Capacitance: four balls against finite volumes, 64 nets over polyimide, all of Caravel's nets.

`python -m benchmarks capacitance`. Times by the clock and of the processor; the limit holds for the lesser of the clock
and the processor's time over two cores, as others may work on the same machine.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from shapely import LineString, Point, box, union

from benchmarks.electrical_cases import route
from benchmarks.row import Row
from chipscale.design import Design
from chipscale.layout.types import Circle, Layout, Trace
from chipscale.materials.library import material
from chipscale.materials.types import Material, Value
from chipscale.physics.electrical.capacitance import Capacitance
from chipscale.results import Result
from chipscale.stack.types import Body, Revolved, Slab, Stack
from chipscale.store import Store

ROOT = Path(__file__).parents[1]
FOUR = ROOT.parent / "shared" / "data" / "reference" / "capacitance_4ball.json"
CHIP = ROOT / "examples" / "caravel" / "chip.yaml"
CORES = 2
FILM_um, WIRE_um, LAND_um, BALL_um = (0.0, 20.0), (8.0, 13.0), 110.0, 125.0


def rows() -> list[Row]:
    """Return the lines of the table; compiled kernels are made before the clock starts."""
    Capacitance().run(array(2))
    return [*_four(), *_array(), *_caravel()]


def array(count: int) -> dict[str, Any]:
    """Return what the question reads of count x count balls at 400 µm on wires in polyimide on silicon."""
    half = 200.0 * count + 60.0
    bodies: list[Body] = []
    circles, traces = [], []
    for k in range(count * count):
        net, points = f"n{k:02d}", np.array(route(k // count, k % count, count, 40.0)) + half
        x, y = points[0]
        wire = LineString(points).buffer(10.0, cap_style="flat", join_style="mitre")
        metal = union(wire, Point(x, y).buffer(LAND_um))
        bodies.append(Slab(f"{net} wire", "RDL", "Cu", WIRE_um[0], WIRE_um[1] - WIRE_um[0], metal, metal, net))
        foot = Point(x, y).buffer(LAND_um - 10.0)
        bodies.append(Slab(f"{net} foot", "UBM", "Cu", WIRE_um[1], FILM_um[1] - WIRE_um[1], foot, foot, net))
        angle = np.linspace(-0.6, 0.6, 25)
        profile = np.column_stack((BALL_um * np.sqrt(1 - angle**2), FILM_um[1] + BALL_um * (angle + 0.6)))
        bodies.append(Revolved(f"{net} ball", "BALL", "SAC305", x, y, profile, net))
        circles.append(Circle("RDL", "land", x, y, 2 * LAND_um, net))
        traces.append(Trace("RDL", net, 20.0, points))
    die = box(0.0, 0.0, 2 * half, 2 * half)
    ground = Slab("die", "DIE", "Si", -200.0, 200.0, die, die)
    film = Slab("film", "PI1", "PI", FILM_um[0], FILM_um[1] - FILM_um[0], die, die)
    stack = Stack(f"{count} x {count}", 2 * half, 2 * half, (ground, film, *bodies))
    layout = Layout(2 * half, 2 * half, tuple(circles), (), tuple(traces), ())
    return {"stack": stack, "layout": layout, "materials": {m: material(m) for m in ("Si", "PI", "Cu", "SAC305")}}


def _timed(view: dict[str, Any], **options: Any) -> tuple[Result, str, float]:
    started, busy = time.perf_counter(), time.process_time()
    found = Capacitance(**options).run(view)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - busy
    return found, f"{seconds:.1f} s ({cpu_s:.1f} s of the processor)", min(seconds, cpu_s / CORES)


def _held(name: str, found: Result) -> Row:
    matrix = found.fields["matrix_pF"]
    least = float(np.linalg.eigvalsh(matrix).min())
    good = bool(np.array_equal(matrix, matrix.T)) and least > 0 and found.ok
    told = f"smallest eigenvalue {least:.3g} pF, found unsymmetric by {found.metrics['asymmetry_pct']:.2g} %"
    return Row(f"{name}: matrix", "symmetric, positive definite", told, good)


def _four() -> list[Row]:
    if not FOUR.exists():
        return [Row("four balls against finite volumes", "<= 2 %", "skipped: no reference data", None)]
    wanted = json.loads(FOUR.read_text())
    half = wanted["ball_as_square_post"]["side_um"] / 2
    die = box(-2000, -2000, 2000, 2000)
    bodies: list[Body] = [
        Slab("die", "DIE", "Si", -100.0, 100.0, die, die),
        Slab("film", "PI1", "PI", 0.0, 20.0, die, die),
    ]
    for net in wanted["nets"]:
        name, (x, y), (_, end) = net["name"], net["ball_xy_um"], net["trace_to_um"]
        low, high = sorted((y + half * np.sign(end - y), end))
        post, wire = box(x - half, y - half, x + half, y + half), box(x - 10, low, x + 10, high)
        bodies.append(Slab(f"{name} post", "RDL", "Cu", 8.0, 212.0, post, post, name))
        bodies.append(Slab(f"{name} wire", "RDL", "Cu", 8.0, 5.0, wire, wire, name))
    view = {
        "stack": Stack("four", 4000.0, 4000.0, tuple(bodies)),
        "layout": Layout(4000.0, 4000.0, (), (), (), ()),
        "materials": {m: material(m) for m in ("Si", "Cu")}
        | {"PI": _with_eps(material("PI"), wanted["polymer"]["eps_r"])},
    }
    found = Capacitance(tolerance_pct=1.0).run(view).fields["matrix_pF"][0, 0]
    off = found / (1e12 * wanted["C_self_F"]) - 1
    return [Row("four balls against finite volumes", "<= 2 %", f"{100 * off:+.2f} %", abs(off) <= 0.02)]


def _with_eps(base: Material, eps: float) -> Material:
    value = Value("permittivity_ratio", "constant", (eps,), "the reference", "READ")
    return replace(base, default_set="reference", sets={"reference": (value,)})


def _array() -> list[Row]:
    found, took, seconds = _timed(array(8))
    name = f"64 nets over polyimide ({found.metrics['panels_count']:.0f} panels)"
    return [Row(name, "<= 15 s", took, seconds <= 15.0), _held("64 nets over polyimide", found)]


def _caravel() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        design = Design.load(CHIP, store=Store(Path(folder)))
        view = {name: getattr(design, name) for name in Capacitance.reads}
    found, took, seconds = _timed(view)
    name = f"Caravel, {found.metrics['nets_count']:.0f} nets ({found.metrics['panels_count']:.0f} panels)"
    fine, fine_took, _ = _timed(view, tolerance_pct=0.3)
    own = np.diag(fine.fields["matrix_pF"])
    worst = float((np.abs(np.diag(found.fields["matrix_pF"]) / own - 1)).max())
    return [
        Row(name, "<= 10 s", took, seconds <= 10.0),
        _held("Caravel", found),
        Row("Caravel: nets against fine panels", "<= 2 %", f"{100 * worst:.2f} % ({fine_took})", worst <= 0.02),
    ]
