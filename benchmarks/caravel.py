"""The Caravel chip: its own ball map routed, under the 500 µm rules, and with a free assignment."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.row import Row
from chipscale.design import Design
from chipscale.spec.read import read_spec
from chipscale.store import Store

CHIP = Path(__file__).parents[1] / "examples" / "caravel" / "chip.yaml"
HAND_UM, HAND_BENDS = 70_968.0, 194  # the redistribution drawn by hand for this chip (efabless/caravel, Apache-2.0)


def _design(**overrides: object) -> Design:
    return Design(read_spec(CHIP, overrides), store=Store(Path(tempfile.mkdtemp())))


def rows() -> list[Row]:
    """Return the lines of the table."""
    _design().layout  # noqa: B018  compiled kernels are read from their cache, so that the second run is a warm one
    return [*_own_map(), *_octilinear(), *_rules_500(), *_free()]


def _routed(design: Design) -> tuple[float, dict[str, float]]:
    design.package  # noqa: B018
    started = time.perf_counter()
    design.layout  # noqa: B018
    seconds = time.perf_counter() - started
    return seconds, design.run("layout.wiring").metrics


def _own_map() -> list[Row]:
    design = _design()
    seconds, wiring = _routed(design)
    route_s = design.layout.figures.get("seconds", seconds)
    drc, lvs = design.run("layout.drc"), design.run("layout.lvs")
    wire, bend_count = wiring["wire_um"], wiring["bends_count"]
    violations = sum(not check.ok for check in drc.checks)
    lands = {shape.name for shape in design.layout.circles if shape.kind == "land"}
    dropped = {shape.name for shape in design.layout.polygons if shape.kind == "teardrop"} & lands
    done = wiring["routed_count"]
    length = f"{wire / 1e3:.2f} mm ({wire / HAND_UM - 1:+.1%} of hand)"
    return [
        Row("Caravel, own map: nets routed", "57 of 57", f"{done:.0f} of {wiring['nets_count']:.0f}", done == 57),
        Row("Caravel, own map: DRC violations", "0", str(violations), violations == 0),
        Row("Caravel, own map: LVS", "clean", "clean" if lvs.ok else "NOT clean", lvs.ok),
        Row("Caravel, own map: lands with teardrop", "60 of 60", f"{len(dropped)} of {len(lands)}", len(dropped) == 60),
        Row("Caravel, own map: wire", "<= 67.5 mm", length, wire <= 67_500),
        Row("Caravel, own map: octilinear spanning bound", "64.5 mm", f"{wiring['bound_um'] / 1e3:.2f} mm", None),
        Row("Caravel, own map: bends", f"< {HAND_BENDS}", f"{bend_count:.0f}", bend_count < HAND_BENDS),
        Row("Caravel, own map: routing", "<= 5 s", f"{route_s:.2f} s", route_s <= 5),
    ]


def _octilinear() -> list[Row]:
    design = _design(**{"rdl.angles": "octilinear"})
    seconds, wiring = _routed(design)
    text = f"{wiring['wire_um'] / 1e3:.2f} mm, {wiring['bends_count']:.0f} bends, {wiring['routed_count']:.0f} of 57"
    bad = sum(not check.ok for check in design.run("layout.drc").checks)
    return [Row("Caravel, 45° wires only", "reported", f"{text}, {bad} violations, {seconds:.1f} s", None)]


def _rules_500() -> list[Row]:
    drc = _design(rules="skywater_amkor_500").run("layout.drc")
    bad = [check for check in drc.checks if not check.ok]
    named = "; ".join(sorted({f"{check.code}: {check.message}" for check in bad})) or "0"
    return [Row("Caravel under the 500 µm rule set: violations", "0 or named", named, not bad)]


def _free() -> list[Row]:
    real = _design().run("layout.wiring").metrics
    design = _design(**{"assignment.mode": "free"})
    free = design.run("layout.wiring").metrics
    saving = 1 - free["wire_um"] / real["wire_um"]
    text = f"{free['wire_um'] / 1e3:.2f} mm, {saving:.1%} less than the real map, {free['routed_count']:.0f} routed"
    return [Row("Caravel, free assignment: wire", "reported", text, None)]
