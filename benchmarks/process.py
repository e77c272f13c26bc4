"""The process: joints, rates, masks against what is built, volumes, bow, time to build, variation, each as asked for.

The Monte Carlo of `benchmarks.variation` is part of it. Times are held against the processor's, which others' work on
the machine leaves alone.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from benchmarks import solid_kernel, stack, variation
from benchmarks.row import Row
from chipscale.design import Design
from chipscale.layout.types import Layout
from chipscale.package.joint import reflowed
from chipscale.package.types import Package, Terminal
from chipscale.process.flow import built_stack, nominal_stack, plan
from chipscale.process.flows import flow_of
from chipscale.process.models.faraday import rate_um_min
from chipscale.process.models.plate_bow import layered_bow, stoney_bow_um
from chipscale.process.models.plating_baths import BATHS
from chipscale.process.questions.as_built import AsBuilt
from chipscale.stack.glb import glb_bytes
from chipscale.stack.section import section
from chipscale.stack.step import write_step
from chipscale.stack.types import Revolved, Stack
from chipscale.stack.volume import overlaps, volume_um3
from chipscale.store import Store

EXAMPLES = Path(__file__).parents[1] / "examples"
JOINTS = ((250.0, 215.0, 260.9, "published rule 261"), (300.0, 250.0, 311.4, "published rule 310, within 0.5 %"))
RATES = (("Cu", 0.2205), ("Ni", 0.2049), ("Sn", 0.5065))  # µm/min per A/dm²
STONEY = ((775.0, 187.2), (300.0, 1249.6))  # µm of silicon, µm of bow: 10 µm at 30 MPa, 300 mm
SI_GPA, SI_NU = 130.0, 0.278
STACK_LIMIT_S, SENSOR_LIMIT_S, GLB_LIMIT_MB = 3.0, 5.0, 5.0
VOLUME_LIMIT, CONSERVED_LIMIT, SECTION_LIMIT = 1e-4, 1e-9, 1e-9
SECTIONS, SLICES = 9, 60


def rows() -> list[Row]:
    """Return the lines of the table."""
    caravel, sensor = _design("caravel"), _design("image_sensor")
    return [
        *_joints(caravel),
        *_rates(),
        *_masks(caravel),
        *_solids("Caravel as built", caravel.stack),
        *_solids("two grooves as built", sensor.stack),
        *_bow(),
        *_times(sensor),
        *variation.rows(),
    ]


def _design(example: str) -> Design:
    folder = Path(tempfile.mkdtemp(prefix="chipscale_bench_"))
    return Design.load(EXAMPLES / example / "chip.yaml", store=Store(folder))


def _joints(caravel: Design) -> list[Row]:
    """Return the width of joints as steps of a flow melt them, and how well the solder's volume is kept."""
    found, worst = [], 0.0
    for sphere_um, ubm_um, asked_um, why in JOINTS:
        terminal = Terminal(sphere_um, *reflowed(sphere_um, ubm_um), ubm_um, ubm_um - 30, ubm_um + 20, 60.0, 40.0)
        made = nominal_stack(replace(stack.package(), terminal=terminal), stack.layout(terminal, 4))
        wide = 2 * max(float(ball.profile[:, 0].max()) for ball in _balls(made))
        worst = max(worst, _lost(made, sphere_um))
        name = f"process: {sphere_um:g} µm ball on {ubm_um:g} µm, diameter"
        found.append(Row(name, f"{asked_um} µm ({why})", f"{wide:.2f} µm", abs(wide / asked_um - 1) < 5e-4))
    worst = max(worst, _lost(caravel.stack, caravel.package.terminal.sphere_d_um))
    text = f"{worst:.1e} (worst of {len(_balls(caravel.stack))} balls of Caravel and these)"
    return [*found, Row("process: solder's volume kept", f"{CONSERVED_LIMIT:g}", text, worst <= CONSERVED_LIMIT)]


def _balls(made: Stack) -> list[Revolved]:
    return [body for body in made.bodies if isinstance(body, Revolved)]


def _lost(made: Stack, sphere_um: float) -> float:
    """Return the largest relative difference between a ball's volume and its sphere's."""
    sphere_um3 = math.pi * sphere_um**3 / 6
    return max(abs(volume_um3(ball) / sphere_um3 - 1) for ball in _balls(made))


def _rates() -> list[Row]:
    found = []
    for metal, asked in RATES:
        got = rate_um_min({metal: 1.0}, BATHS[metal].density_kg_m3, 1.0)
        text = f"{got:.4f} µm/min ({got / asked - 1:+.2%})"
        found.append(
            Row(f"process: growth of {metal} at 1 A/dm²", f"{asked} ± 0.5 %", text, abs(got / asked - 1) < 5e-3)
        )
    return found


def _masks(caravel: Design) -> list[Row]:
    """Return how much the masks and what is built by every step without bias differ."""
    package, layout = caravel.package, caravel.layout
    made = nominal_stack(package, layout)
    metrics = AsBuilt().run({"package": package, "layout": layout, "stack": made}).metrics
    differs = {
        name.removesuffix("_differs_um2"): value for name, value in metrics.items() if name.endswith("_differs_um2")
    }
    worst = max(differs.values())
    text = f"{worst:g} µm² of {', '.join(sorted(differs))}"
    return [Row("process: Caravel's masks against what ideal steps build", "XOR area 0", text, worst == 0.0)]


def _solids(name: str, made: Stack) -> list[Row]:
    """Return volumes against another kernel, overlaps, and whether sections add up, of a stack."""
    found, stacked = overlaps(made), f"process: {name}"
    text = (
        str(len(found)) if not found else f"{len(found)}, the largest {max(pair.volume_um3 for pair in found):.2g} µm³"
    )
    off_area, off_volume = _section_sums(made)
    summed = f"{off_area:.1e}; {SLICES} of them give the volume within {off_volume:.1e}"
    return [
        _kernel(f"{stacked}, {len(made.bodies)} bodies against OCCT", made),
        Row(f"{stacked}, overlapping bodies", "0", text, not found),
        Row(f"{stacked}, sections add up", f"{SECTION_LIMIT:g}", summed, off_area <= SECTION_LIMIT),
    ]


def _kernel(name: str, made: Stack) -> Row:
    asked = f"volumes within {VOLUME_LIMIT:g}"
    if not solid_kernel.installed():
        return Row(name, asked, "OCP is not installed", None)
    with tempfile.TemporaryDirectory() as folder:
        other = solid_kernel.volumes_um3(write_step(made, Path(folder) / "made.step"))
    off = {body.name: abs(other[body.name] / volume_um3(body) - 1) for body in made.bodies}
    worst = max(off, key=lambda body: off[body])
    return Row(name, asked, f"{off[worst]:.1e} ({worst})", off[worst] <= VOLUME_LIMIT)


def _section_sums(made: Stack) -> tuple[float, float]:
    """Return (areas of a section's pieces against that of their union, areas over the die against the volume)."""
    width, depth = made.size_x_um, made.size_y_um
    worst = 0.0
    for y_um in (np.arange(SECTIONS) + 0.37) * depth / SECTIONS:
        pieces = section(made, (0.0, float(y_um)), (width, float(y_um)))
        shapes = [shapely.make_valid(shapely.Polygon(piece.polygon, piece.holes)) for piece in pieces]
        worst = max(worst, abs(sum(piece.area_um2 for piece in pieces) / shapely.union_all(shapes).area - 1))
    areas = [
        sum(piece.area_um2 for piece in section(made, (0.0, float(y_um)), (width, float(y_um))))
        for y_um in (np.arange(SLICES) + 0.5) * depth / SLICES
    ]
    volume = sum(volume_um3(body) for body in made.bodies)
    return worst, abs(float(np.mean(areas)) * depth / volume - 1)


def _bow() -> list[Row]:
    """Return Stoney's bow and, beside it, that of the layered plate with large deflections."""
    found = []
    for silicon_um, asked_um in STONEY:
        small = stoney_bow_um(10.0, 30.0, silicon_um, 300.0, biaxial_GPa=SI_GPA / (1 - SI_NU))
        large = layered_bow([(silicon_um, SI_GPA, SI_NU, 0.0), (10.0, 3.4, 0.34, 30.0)], 300.0)
        text = f"{small:.1f} µm; large deflections {large.bow_um:.1f} µm ({large.state})"
        name = f"process: bow of 10 µm at 30 MPa on {silicon_um:g} µm, 300 mm"
        found.append(Row(name, f"{asked_um:,.1f} µm, large beside it", text, round(small, 1) == asked_um))
    return found


def _times(sensor: Design) -> list[Row]:
    """Return the time to build stacks by every step of their flows, and the size of the 3D model."""
    bench = stack.package()
    _build(bench, stack.layout(bench.terminal, 1))  # libraries are loaded before the clock starts
    made, *taken = stack.timed(lambda: _build(bench, stack.layout(bench.terminal)))
    size_mb = len(glb_bytes(made)) / 1e6
    balls, wires = len(_balls(made)), sum(body.layer == "RDL" and body.part == "" for body in made.bodies)
    name = f"process: as-built stack, {balls} balls, {wires} routes"
    _, *grooved = stack.timed(lambda: _build(sensor.package, sensor.layout))
    return [
        Row(name, f"<= {STACK_LIMIT_S:g} s", stack.said(*taken), taken[1] <= STACK_LIMIT_S),
        Row("process: its GLB", f"<= {GLB_LIMIT_MB:g} MB", f"{size_mb:.2f} MB", size_mb <= GLB_LIMIT_MB),
        Row(
            f"process: image sensor with two grooves, {len(sensor.package.pads)} pads",
            f"<= {SENSOR_LIMIT_S:g} s",
            stack.said(*grooved),
            grooved[1] <= SENSOR_LIMIT_S,
        ),
    ]


def _build(package: Package, layout: Layout) -> Stack:
    return built_stack(package, layout, plan(flow_of(package)))


if __name__ == "__main__":
    for line in rows():
        print(line)
