"""The resistance of a solder ball between its under-bump metal and the board, from its outline."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Profile = npt.NDArray[np.float64]
_FINE_RATIO = 0.06  # side of a triangle over the ball's height
_RIM_RATIO = 0.05  # of it at the rims, where the current is crowded


def ball_ohm(profile: Profile, end_um: float, sigma_S_m: float) -> float:
    """Return the resistance in ohm of a ball between level equipotential faces at its foot and at the height `end_um`.

    `profile` (n, 2) holds (r_um, z_um) from the foot up. The field in the ball is solved (half a section, triangles
    weighted with their circumference): currents spread from the narrow faces, so that it is more than the sum of
    slices at even potential gives. Within 0.5 % of the exact field for balls cut at a third of their width and more.
    """
    shape = np.round(profile - [0.0, profile[0, 1]], 3)
    return _unit_ohm(shape.tobytes(), round(float(end_um - profile[0, 1]), 3)) / sigma_S_m


def slices_ohm(profile: Profile, end_um: float, sigma_S_m: float) -> float:
    """Return the resistance in ohm were every level slice of the ball at one potential: a lower bound."""
    r, z = _cut(np.asarray(profile, dtype=np.float64), end_um).T
    # over a frustum: the integral of dz / (pi r^2) is h / (pi r0 r1)
    return float(np.sum(np.diff(z) / (np.pi * r[:-1] * r[1:])) * 1e6 / sigma_S_m)


def _cut(profile: Profile, end_um: float) -> Profile:
    """Return the outline up to a height."""
    r, z = profile.T
    below = z < end_um - 1e-9
    last = [float(np.interp(end_um, z, r)), end_um]
    return np.vstack((profile[below], last))


@lru_cache(maxsize=512)
def _unit_ohm(shape: bytes, end_um: float) -> float:
    """Return the resistance times the conductivity, 1/m, of an outline that starts at z = 0."""
    import shapely

    from chipscale.solvers.sheet import Electrode, solve, stiffness
    from chipscale.solvers.sheet_mesh import Size, mesh

    side = _cut(np.frombuffer(shape).reshape(-1, 2), end_um) * 1e-6
    section = shapely.Polygon(np.vstack(([0.0, 0.0], side, [0.0, side[-1, 1]])))
    height = float(side[-1, 1])
    faces = tuple(shapely.LineString([(0.0, z), (r, z)]) for r, z in (side[0], side[-1]))
    sheet = mesh(section, Size(_FINE_RATIO * height, _RIM_RATIO, 2.0, 0.3), faces)
    low = np.flatnonzero(sheet.points[:, 1] < 1e-6 * height)
    high = np.flatnonzero(sheet.points[:, 1] > (1 - 1e-6) * height)
    around = 2 * np.pi * sheet.centroids[:, 0]
    answer = solve(stiffness(sheet, around), [Electrode(low, 1.0), Electrode(high, 0.0)])
    return float(1.0 / answer.current[0])
