"""What a level-set simulation (ViennaPS, MIT) makes of the grooves and films of the cases here.

    python validation/geometry/level_set.py CASE [GRID_UM]

prints the figures as JSON. The simulation is two-dimensional: a groove in silicon, a film growing at the same rate
everywhere or faster from above, an etch that goes down and sideways under a mask.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

MOUTH_UM, DEPTH_UM, WALL_DEG, FILM_UM, PITCH_UM = 210.0, 130.0, 65.0, 10.0, 500.0
MASK_UM = 10.0
CASES = ("conformal_film", "film_thin_on_walls", "tapered_groove")
THIN_RATIO = 0.6  # film on the wall over film on the floor, in the second case


def figures(case: str, grid_um: float) -> dict[str, float]:
    """Return the figures of a case on a grid."""
    if case == "tapered_groove":
        found = _widths(etched(grid_um), "width", 0.0)
        found["wall_deg"] = math.degrees(math.atan2(DEPTH_UM, found["width_1_um"] - found["width_3_um"]))
        return found
    before, after = deposited(grid_um, 1.0 if case == "conformal_film" else THIN_RATIO)
    found = _widths(after, "covered", FILM_UM)
    half = -DEPTH_UM / 2
    aside = (_width(before, half) - _width(after, half)) / 2
    found["wall_um"] = aside * math.sin(math.radians(WALL_DEG))
    found["level_um"] = float(after[:, :, 1].min() - before[:, :, 1].min())
    found["film_um2"] = _below(after) - _below(before)
    return found


def deposited(grid_um: float, wall_ratio: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the surface, (n, 2, 2) pieces of line, before and after a film grew on a groove with leaning walls.

    The rate is isotropic plus a part from above, of which a face gets the cosine of its tilt: the floor grows at 1,
    the wall at `wall_ratio`.
    """
    ps, d2 = _loaded()
    domain = d2.Domain(gridDelta=grid_um, xExtent=PITCH_UM, boundary=ps.ls.BoundaryConditionEnum.REFLECTIVE_BOUNDARY)
    d2.MakeTrench(domain, MOUTH_UM, DEPTH_UM, 90.0 - WALL_DEG).apply()
    before = _surface(domain.getSurface())
    domain.duplicateTopLevelSet(ps.Material.SiO2)
    tilt = math.cos(math.radians(WALL_DEG))
    down = (1.0 - wall_ratio) / (1.0 - tilt)
    if down == 0:
        model = d2.IsotropicProcess(rate=1.0)
    else:  # nothing stands in the flux's way: the walls lean out
        model = d2.DirectionalProcess([0.0, -1.0, 0.0], down, 1.0 - down, ps.Material.Mask, False)
    d2.Process(domain, model, FILM_UM).apply()
    return before, _surface(domain.getSurface())


def etched(grid_um: float) -> np.ndarray:
    """Return the surface, (n, 2, 2) pieces of line, after an etch through a mask as wide as the floor is to be.

    Down it etches at 1, sideways under the mask at cos(wall angle): the wall is the envelope of the circles that
    spread from the mask's shadow line, which goes down at 1.
    """
    ps, d2 = _loaded()
    domain = d2.Domain(gridDelta=grid_um, xExtent=300.0, boundary=ps.ls.BoundaryConditionEnum.REFLECTIVE_BOUNDARY)
    d2.MakeTrench(domain, floor_um(), 0.0, 0.0, MASK_UM).apply()
    aside = math.cos(math.radians(WALL_DEG))
    model = d2.DirectionalProcess([0.0, -1.0, 0.0], -(1.0 - aside), -aside, ps.Material.Mask, True)
    d2.Process(domain, model, DEPTH_UM).apply()
    return _surface(domain.getLevelSets()[-1])


def floor_um() -> float:
    """Return the width of the groove's floor."""
    return MOUTH_UM - 2 * DEPTH_UM / math.tan(math.radians(WALL_DEG))


def _widths(lines: np.ndarray, name: str, lifted_um: float) -> dict[str, float]:
    """Return the open width at quarters of the depth; the mouth, rounded, is left to the outline."""
    heights = {k: lifted_um - DEPTH_UM * k / 4 for k in (1, 2, 3)}
    return {f"{name}_{k}_um": _width(lines, z) for k, z in heights.items()}


def _width(lines: np.ndarray, z_um: float) -> float:
    """Return how far apart the outermost places are at which the surface crosses a height."""
    (x0, z0), (x1, z1) = lines[:, 0].T, lines[:, 1].T
    hit = (np.minimum(z0, z1) <= z_um) & (np.maximum(z0, z1) >= z_um) & (z0 != z1)
    x = x0[hit] + (z_um - z0[hit]) / (z1[hit] - z0[hit]) * (x1[hit] - x0[hit])
    return float(x.max() - x.min())


def _below(lines: np.ndarray) -> float:
    """Return the area below the surface, down to an arbitrary zero: pieces of line in any order and direction."""
    width = np.abs(lines[:, 1, 0] - lines[:, 0, 0])
    return float(np.sum(width * lines[:, :, 1].mean(axis=1)))


def _surface(level_set: Any) -> np.ndarray:
    import viennals.d2 as l2
    import viennaps as ps

    mesh = ps.ls.Mesh()
    l2.ToSurfaceMesh(level_set, mesh).apply()
    return np.array(mesh.getNodes())[:, :2][np.array(mesh.getLines())]


def _loaded() -> tuple[Any, Any]:
    import viennaps as ps
    import viennaps.d2 as d2

    ps.Logger.setLogLevel(ps.LogLevel.ERROR)
    ps.setNumThreads(1)
    return ps, d2


def main() -> int:
    """Print one case's figures."""
    if len(sys.argv) < 2 or sys.argv[1] not in CASES:
        sys.stderr.write(f"{Path(sys.argv[0]).name} {'|'.join(CASES)} [GRID_UM]\n")
        return 2
    grid_um = float(sys.argv[2]) if len(sys.argv) > 2 else 0.25
    sys.stdout.write(json.dumps(figures(sys.argv[1], grid_um)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
