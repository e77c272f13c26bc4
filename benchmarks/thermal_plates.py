"""A source of heat on a plate of layers: the exact series, and the boxes the thermal analyses make by default."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from benchmarks.row import Row
from chipscale.materials.library import material
from chipscale.physics.thermal.grid_lines import Fineness
from chipscale.physics.thermal.scene import Scene, scene
from chipscale.physics.thermal.steady_field import Film, steady
from chipscale.physics.thermal.what_if_package import conducting
from chipscale.solvers.plate_series import Area, Layer, Plate, resistances, rises
from chipscale.stack.types import Slab, Stack

Array = npt.NDArray[np.float64]
_PITCH_UM = 400.0  # the common one; a plate has no balls, but the cells' width is told by them
_NAMES = ("Si", "PI", "Cu")  # their conductivities are set to the layers'


class Case(NamedTuple):
    """Sides of plate and source and the source's centre in mm, layers from the source (mm, W/(m K)), film, and the
    rise in K/W of the source's mean and centre."""

    side_mm: float
    source_mm: float
    centre_mm: tuple[float, float]
    layers: tuple[tuple[float, float], ...]
    film_W_m2K: float
    mean_K_W: float
    centre_K_W: float


# Insulated but for a film below: Yovanovich, Muzychka and Culham's series, computed twice (truncation below 1e-4) and
# checked with finite volumes.
_LAYERS = ((0.3, 130.0), (0.05, 4.0), (1.0, 390.0))
CASES = {
    "A": Case(10.0, 2.0, (5.0, 5.0), ((1.0, 100.0),), 1e4, 3.3167, 3.8225),
    "B": Case(10.0, 1.0, (5.0, 5.0), _LAYERS, 5e3, 6.4339, 7.3302),
    "C": Case(10.0, 1.0, (2.0, 3.0), _LAYERS, 5e3, 6.7704, 7.6659),
}


class Found(NamedTuple):
    """Rise of mean and centre, how many cells, and what is missing of the heat over the heat."""

    mean_K_W: float
    centre_K_W: float
    cells_count: int
    balance_ratio: float


def rows() -> list[Row]:
    """Return the lines of the table: series, boxes by the default rule, and their error over that of wider ones."""
    found = []
    for name, case in CASES.items():
        boxes, wide = by_boxes(case), by_boxes(case, 2.0)
        for what, (value, spot), limit in (
            ("series", by_series(case), 1e-4),
            (f"default cells ({boxes.cells_count})", boxes[:2], 5e-3),
        ):
            for part, got, exact in (("mean", value, case.mean_K_W), ("centre", spot, case.centre_K_W)):
                off = abs(got / exact - 1)
                said = f"{got:.5g} (off {100 * off:.3f} %)"
                asked = f"{exact:.5g} K/W within {100 * limit:g} %"
                found.append(Row(f"plate {name}: {what}, {part}", asked, said, off <= limit))
        missing = boxes.balance_ratio
        found.append(Row(f"plate {name}: balance", "<= 1e-6", f"{missing:.1e}", missing <= 1e-6))
        fell = (wide.mean_K_W / case.mean_K_W - 1) / (boxes.mean_K_W / case.mean_K_W - 1)
        said = f"{fell:.1f} (second order: 4)"
        found.append(Row(f"plate {name}: mean's error on cells twice as wide over it", ">= 3", said, fell >= 3))
    return found


def by_series(case: Case) -> tuple[float, float]:
    """Return the rise of mean and centre by the series."""
    layers = tuple(Layer(t * 1e-3, k, k, k) for t, k in case.layers[::-1])
    plate = Plate(case.side_mm * 1e-3, case.side_mm * 1e-3, layers, case.film_W_m2K)
    x, y = (value * 1e-3 for value in case.centre_mm)
    half = case.source_mm * 5e-4
    area = Area(x - half, x + half, y - half, y + half, len(layers))
    spot = rises(plate, [area], np.ones(1), np.array([[x, y]]), len(layers))
    return float(resistances(plate, [area])[0, 0]), float(spot[0])


def by_boxes(case: Case, wider: float = 1.0) -> Found:
    """Return the answer of the scene that analyses make of a die with layers on its back, no board, all at 25 °C; its
    cells `wider` times as wide and thick as by default."""
    side = 1e3 * case.side_mm
    box = shapely.box(0, 0, side, side)
    slabs, known, z_um = [], {name: material(name) for name in _NAMES}, 0.0
    for name, (t, k) in zip(_NAMES, case.layers, strict=False):
        slabs.append(Slab(name, "DIE" if not slabs else "BACKSIDE", name, z_um, 1e3 * t, box, box))
        known, z_um = conducting(known, name, k), z_um + 1e3 * t
    package = SimpleNamespace(
        terminal=SimpleNamespace(ubm_d_um=0.0),
        balls=(),
        min_ball_distance_um=_PITCH_UM,
        package_size_um=(side, side),
    )
    view = {"package": package, "stack": Stack("plate", side, side, tuple(slabs)), "materials": known}
    x, y = (1e3 * at for at in case.centre_mm)
    half = 500.0 * case.source_mm
    made = scene(view, None, fine=Fineness().wider(wider), blocks=[(x - half, y - half, x + half, y + half, 1.0)])
    films = {"landing": Film(lambda t: case.film_W_m2K, 25.0)}
    field = steady(made, 1.0, films, with_temperature=False, tolerance_ratio=1e-8)
    mean, centre = _at_source(made, field.t_C - 25.0, (1e-6 * x, 1e-6 * y))
    return Found(mean, centre, made.cells_count, field.balance_ratio)


def _at_source(made: Scene, rise: Array, centre_m: tuple[float, float]) -> tuple[float, float]:
    """Return mean and centre at the heated face, half a cell above the middles of the first layer."""
    dx, dy, dz = made.sides_m
    layer = made.junction
    area, heat = np.outer(dy, dx), made.heat[layer]
    surface = rise[layer] + heat / area * dz[layer] / (2 * made.k_W_mK[2, layer])
    value = surface
    for edges, at in zip(made.lines_m[:2], centre_m, strict=True):
        middles = (edges[:-1] + edges[1:]) / 2
        low = int(np.searchsorted(middles, at))
        near = slice(low - 2, low + 2)  # a cubic through four middles
        weights = [np.prod([(at - b) / (a - b) for b in middles[near] if b != a]) for a in middles[near]]
        value = value[..., near] @ np.array(weights) if value.ndim == 2 else value[near] @ np.array(weights)
    return float((surface * heat).sum()), float(value)
