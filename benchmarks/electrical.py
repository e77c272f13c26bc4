"""The electrical solvers against exact values and FastHenry, large arrays, and all of Caravel's nets."""

from __future__ import annotations

import math
import resource
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from shapely import LineString, Polygon, box

from benchmarks import electrical_cases as cases
from benchmarks.row import Row
from chipscale.design import Design
from chipscale.physics.electrical.ball_resistance import slices_ohm
from chipscale.physics.electrical.filament_model import skin_depth_um
from chipscale.registry import names, question
from chipscale.solvers.bar_network import by_filaments, by_patterns, path_currents
from chipscale.solvers.inductance import Bars, partial_inductance
from chipscale.solvers.layered_images import Space
from chipscale.solvers.round_wire import inner_ohm_m
from chipscale.solvers.sheet import resistance_squares, squares_between
from chipscale.solvers.sheet_mesh import Size
from chipscale.store import Store

CHIP = Path(__file__).parents[1] / "examples" / "caravel" / "chip.yaml"
F_Hz = 1e9
CORES = 2


def rows() -> list[Row]:
    """Return the lines of the table. Times are by the clock and of the processor; a limit is held against the lesser,
    as others may work on the same machine."""
    _patterns(2), _filaments(2)  # compiled kernels are made before the clock starts
    return [*_inductances(), *_skin(), *_resistances(), *_lines(), *_sheets(), *_fasthenry(), *_arrays(), *_caravel()]


# ---- exact values; sources as in tests/solvers/test_inductance.py: Hoer and Love 1965, eq. 14, extended precision ----


def _upright(x: float, low: float, high: float, width: float, thick: float) -> tuple[Any, ...]:
    return ((x, 0, low), (x, 0, high), (1, 0, 0), width, thick)


def _bars(*found: tuple[Any, ...]) -> Bars:
    start, end, across, width, thick = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    return Bars(start * 1e-6, end * 1e-6, across, width * 1e-6, thick * 1e-6)


INDUCTANCES = {
    "L01 wire 20 x 5 x 1000 µm": ((_upright(0, 0, 1000, 20, 5),), 9.77330806452168e-10),
    "L03 plate 500 x 5 x 1000 µm": ((_upright(0, 0, 1000, 500, 5),), 4.06470498543007e-10),
    "L04 post 222 x 222 x 200 µm": ((_upright(0, 0, 200, 222, 222),), 3.50823309995456e-11),
    "L05 wires side by side": ((_upright(0, 0, 1000, 20, 5), _upright(40, 0, 1000, 20, 5)), 5.94429724427175e-10),
    "L07 wires end to end": ((_upright(0, 0, 500, 20, 5), _upright(0, 500, 1000, 20, 5)), 6.86062871425157e-11),
    "L09 neighbouring posts": ((_upright(0, 0, 200, 222, 222), _upright(400, 0, 200, 222, 222)), 1.00243989322049e-11),
    "L11 short bars far apart": ((_upright(0, 0, 10, 5, 5), _upright(3000, 0, 10, 5, 5)), 3.33333101852259e-15),
    "L12 filaments": ((_upright(0, 0, 1000, 0.01, 0.01), _upright(40, 0, 1000, 0.01, 0.01)), 5.90324617077102e-10),
}


def _inductances() -> list[Row]:
    found = [
        _near(name, float(partial_inductance(_bars(*bars))[0, -1]), exact, 1e-6)
        for name, (bars, exact) in INDUCTANCES.items()
    ]
    image = partial_inductance(_bars(_upright(0, 0, 1000, 20, 5), ((0, 25, 0), (0, 25, 1000), (1, 0, 0), 20, 5)))
    return [*found, _near("L13 wire 10 µm over a plane", float(image[0, 0] - image[0, 1]), 3.04733071577659e-10, 1e-6)]


def _skin() -> list[Row]:
    here = np.zeros((1, 2))
    gold = cases.round_wires(25e-6, 1e-3, here, 2.486e-6)
    r_filaments = cases.wires_impedance(gold, 1, 4.1e7, 1e9)[0, 0].real
    r_gold = 1e-3 * inner_ohm_m(12.5e-6, 4.1e7, 1e9).real
    r_copper = 1e-3 * inner_ohm_m(12.5e-6, 5.8e7, 1e10).real
    l_low = cases.wires_impedance(gold, 1, 4.1e7, 1e3)[0, 0].imag / (2e3 * math.pi)
    depth = float(skin_depth_um(np.array([5.8e7]), 1e9)[0]) * 1e-6
    return [
        _near("S01 gold wire 25 µm at 1 GHz: R", r_gold, 0.138254803057765, 0.01),
        _near("S01 the same by filaments in rings", r_filaments, 0.138254803057765, 0.02),
        _near("S03 copper wire 25 µm at 10 GHz: R", r_copper, 0.34113662014086, 0.01),
        _near("S05 skin depth", depth, 2.08980678493889e-6, 1e-6),
        _near("L15 round wire 25 µm, 1 mm, at DC", l_low, 8.67526950699345e-10, 1e-3),
        _near("L16 two wires at 100 µm, per m", _pair_H_m(), 8.25374827558224e-7, 5e-3),
    ]


def _pair_H_m() -> float:
    """Return the inductance per metre of two round wires, current on their faces alone."""
    found = []
    for length in (10e-3, 20e-3):
        bars = cases.round_wires(25e-6, length, np.array([(0.0, 0.0), (100e-6, 0.0)]), 0.2e-6)
        z = cases.wires_impedance(bars, 2, 1e12, 1e10)  # nearly perfect metal
        found.append((z[0, 0] + z[1, 1] - 2 * z[0, 1]).imag / (2e10 * math.pi))
    return float(found[1] - found[0]) / 10e-3


def _resistances() -> list[Row]:
    bar = _bars(_upright(0, 0, 1000, 20, 5))
    heights = np.linspace(0.0, 100.0, 2001)  # the formula of this row is that of half the ball
    profile = np.column_stack((np.sqrt(125.0**2 - heights**2), heights))
    wire = float(1e-3 / (1 / 1.72e-8 * bar.width_m[0] * bar.thick_m[0]))
    return [
        _near("R01 wire 20 x 5 x 1000 µm", wire, 0.172, 5e-3),
        _near(
            "R02 half a ball between level faces", slices_ohm(profile, 100.0, 1 / 1.3e-7), 0.000363687118668702, 5e-3
        ),
    ]


def _lines() -> list[Row]:
    """Per-length values by panels. Limits: the formula's own error, and what this mesh leaves (1 %)."""
    um = 1e-6
    strip = [(-10 * um, 10 * um, 10 * um, 10 * um)]
    on_polymer = _z0(strip, Space((3.2, 1.0), (10 * um,)), 10 * um)
    on_silicon = _z0([(-5 * um, 5 * um, 10 * um, 10 * um)], Space((11.7, 1.0), (10 * um,)), 10 * um)
    between = _z0([(-10 * um, 10 * um, 20 * um, 20 * um)], Space((3.2,), (), 0.0, 40 * um), 5 * um)
    edges = (10.0, 30.0, 60.0, 250.0)  # grounds of 220 µm, in two strips each, for cells that are fine at the gap
    right = [(a * um, b * um, 0.0, 0.0) for a, b in pairwise(edges[1:])]
    beside = [(-10 * um, 10 * um, 0.0, 0.0), *right, *((-b, -a, 0.0, 0.0) for a, b, _, _ in right)]
    coplanar = cases.line_F_m(beside, Space((11.7, 1.0), (0.0,), None), 20 * um)[0, 0]
    box_ = [(0.0, 20 * um, 8 * um, 13 * um), (40 * um, 60 * um, 8 * um, 13 * um)]
    alone = cases.line_F_m(box_[:1], Space((3.2,)), 8 * um)[0, 0]
    pair = cases.line_F_m(box_, Space((3.2,)), 8 * um)[0, 0]
    return [
        _near("T01 coplanar line on eps 11.7: F/m", coplanar, 1.43850642181456e-10, 0.01),
        _near("T03 stripline: Z0", between, 56.1823140442409, 0.01),
        _near("T04 microstrip on polyimide: Z0", on_polymer, 56.062128170152, 0.01),
        _near("T06 microstrip on silicon: Z0", on_silicon, 45.3307480025737, 0.01),
        _near("T07 line over a plane: F/m (formula within 6 %)", alone, 1.52931543082712e-10, 0.06),
        # the formula's second term is what a grounded neighbour adds to a line's whole capacitance
        _near("T07 + T08 the same beside a second, grounded (10 %)", pair, 1.57335853e-10, 0.10),
    ]


def _z0(strips: list[tuple[float, float, float, float]], space: Space, pitch_m: float) -> float:
    empty = Space(tuple(1.0 for _ in space.eps_ratio), space.faces_m, space.ground_m, space.lid_m)
    filled, free = (float(cases.line_F_m(strips, one, pitch_m)[0, 0]) for one in (space, empty))
    return 1.0 / (cases.C_m_s * math.sqrt(filled * free))


def _sheets() -> list[Row]:
    elbow = Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])
    ends = LineString([(3, 0), (3, 1)]), LineString([(0, 3), (1, 3)])
    corner = resistance_squares(elbow, *ends, Size(0.08)) - 4
    radial = float(squares_between([0, 0, 1.0], [0, 0, 1.0], [0, 0, 0.1], 0.2, [[0, 0, 0.1]]))
    narrow = box(0, 0, 2, 1) | box(2, 0.25, 4, 0.75)
    sides = LineString([(0, 0), (0, 1)]), LineString([(4, 0.25), (4, 0.75)])
    step = resistance_squares(narrow, *sides, Size(0.05, 0.01, 4.0, 0.1)) - 6
    a = 0.5
    exact = math.log((1 - a * a) / (4 * a) * ((1 + a) / (1 - a)) ** ((a + 1 / a) / 2)) / math.pi
    return [
        _near("R05 sheet: corner of a bend in squares", corner, 0.558728799694697, 5e-3),
        _near("sheet: radial plane in squares", radial, math.log(10) / (2 * math.pi), 5e-3),
        _near("sheet: step to half the width in squares", 6 + step, 6 + exact, 5e-3),
    ]


# ---- arrays ------------------------------------------------------------------------------------------------------


def _fasthenry() -> list[Row]:
    found = cases.fasthenry()
    if found is None:
        return [Row("16 balls against FastHenry", "0.1 %, 0.1 %, 0.5 %", "skipped: its matrices are not at hand", None)]
    data, made, path = found
    z = by_filaments(made, path_currents(path), 16, data["frequency_Hz"])
    l_H, r_ohm = z.imag / (2 * np.pi * data["frequency_Hz"]), z.real
    exact, held = np.array(data["L_H"]), np.diag(np.array(data["R_ohm"]))
    scale = np.sqrt(np.outer(np.diag(exact), np.diag(exact)))
    own = float(np.abs(np.diag(l_H) / np.diag(exact) - 1).max())
    mutual = float((np.abs(l_H - exact) / scale).max())
    loss = float(np.abs(np.diag(r_ohm) / held - 1).max())
    return [
        Row("16 balls against FastHenry: L", "<= 0.1 %", f"{100 * own:.4f} %", own <= 1e-3),
        Row("16 balls against FastHenry: mutual", "<= 0.1 % of sqrt(Li Lj)", f"{100 * mutual:.4f} %", mutual <= 1e-3),
        Row("16 balls against FastHenry: R", "<= 0.5 %", f"{100 * loss:.3f} %", loss <= 5e-3),
    ]


def _patterns(count: int) -> Any:
    made, path = cases.array(count)
    return by_patterns(made, path_currents(path), count * count, F_Hz)


def _filaments(count: int) -> Any:
    made, path = cases.array(count)
    return by_filaments(made, path_currents(path), count * count, F_Hz)


def _arrays() -> list[Row]:
    full, *full_s = _timed(lambda: _filaments(8))
    few, *few_s = _timed(lambda: _patterns(8))
    scale = np.sqrt(np.abs(np.outer(np.diag(full), np.diag(full))))
    error = float((np.abs(few - full) / scale).max())
    _, *large_s = _timed(lambda: _patterns(14))
    peak_GB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    whole, *whole_s = _timed(lambda: _filaments(14))
    whole_GB = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    least = float(np.linalg.eigvalsh(whole.real).min())
    return [
        _time("64 balls with routes, R and L at 1 GHz, all filaments", 4.0, *full_s),
        _time("64 balls, by current patterns", 1.5, *few_s),
        Row("64 balls, patterns against all filaments", "<= 1e-4", f"{error:.1e}", error <= 1e-4),
        _time("196 balls, by current patterns", 30.0, *large_s),
        Row("196 balls, by current patterns: memory", "<= 6 GB", f"{peak_GB:.2f} GB", peak_GB <= 6),
        _time("196 balls, all filaments", 30.0, *whole_s),
        Row("196 balls, all filaments: memory", "<= 6 GB", f"{whole_GB:.2f} GB", whole_GB <= 6),
        Row("196 balls: least eigenvalue of R", "> 0", f"{1e3 * least:.3f} mohm", least > 0),
    ]


# ---- a whole chip ------------------------------------------------------------------------------------------------


def _caravel() -> list[Row]:
    """All 57 nets and four supply nets; asked twice, as kernels not yet compiled would be timed at first."""
    design = Design.load(CHIP, store=Store(Path(tempfile.mkdtemp())))
    view = {part: getattr(design, part) for part in ("package", "layout", "stack", "materials")}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("electrical.rl", {"f_Hz": F_Hz}),
        ("electrical.supply", {"nets": ("vssd", "vdda1", "vccd", "vdda"), "current_mA": 100.0}),
    ]
    if "electrical.capacitance" in names("analyses"):
        asked.append(("electrical.capacitance", {}))
    question("electrical.rl", {"nets": "vccd*", "f_Hz": F_Hz}).run(view)
    found, clock_s, busy_s, lines = {}, 0.0, 0.0, []
    for name, options in asked:
        answer, seconds, busy = _timed(lambda name=name, options=options: question(name, options).run(view))
        found[name], clock_s, busy_s = answer, clock_s + seconds, busy_s + busy
        lines.append(_time(f"Caravel, all nets: {name}", None, seconds, busy))
    rl, supply = found["electrical.rl"], found["electrical.supply"]
    nets = len({row["net"] for row in rl.tables["nets"]})
    drop = supply.metrics["drop_worst_mV"]
    return [
        *lines,
        Row("Caravel: nets with R and L", "57", str(nets), nets == 57),
        Row("Caravel: matrices symmetric, positive, passive", "yes", "yes" if rl.ok else "no", rl.ok),
        Row("Caravel: worst drop of four supplies at 100 mA", "reported", f"{drop:.2f} mV", None),
        _time(f"Caravel, all nets: R, L{', C' if len(asked) > 2 else ''} and supply drop", 30.0, clock_s, busy_s),
    ]


# ---- lines of the table ------------------------------------------------------------------------------------------


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    started, busy = time.perf_counter(), time.process_time()
    answer = work()
    return answer, time.perf_counter() - started, time.process_time() - busy


def _time(what: str, limit_s: float | None, seconds: float, busy: float) -> Row:
    said = f"{seconds:.2f} s (processor {busy:.2f} s)"
    if limit_s is None:
        return Row(what, "reported", said, None)
    return Row(what, f"<= {limit_s:g} s on {CORES} cores", said, min(seconds, busy) <= limit_s)


def _near(what: str, value: float, exact: float, limit_ratio: float) -> Row:
    off = abs(value / exact - 1)
    return Row(what, f"{exact:.6g} within {limit_ratio:g}", f"{value:.9g} (off {off:.1e})", off <= limit_ratio)


if __name__ == "__main__":
    for line in rows():
        print(line)
