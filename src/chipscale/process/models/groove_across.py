"""A long groove and a film in it, seen across: widths, thicknesses and areas of what the relief makes of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import shapely

from chipscale.process.relief.front import Front, Wall
from chipscale.stack.types import Points, Slab
from chipscale.stack.volume import volume_um3

_LONG_UM = 100.0  # how much of the groove is made; all its sections are alike


def groove_across(
    mouth_um: float,
    depth_um: float,
    wall_deg: float,
    film_um: float = 0.0,
    wall_film_um: float = 0.0,
    pitch_um: float = 500.0,
) -> Mapping[str, float]:
    """Return the figures of a groove `mouth_um` wide at the surface (z = 0) and of a film on all of it.

    width_Q_um is the open width at Q quarters of the depth, measured from the surface down (4: the floor), covered_Q_um
    that of the room with the film; level_um and wall_um are the film's thickness on the floor and, square to the wall,
    half way up; groove_um2 and film_um2 are areas of the section over one pitch.

    >>> bare = groove_across(200.0, 100.0, 65.0)
    >>> round(bare["width_4_um"], 3), round(bare["groove_um2"])
    (106.738, 15337)
    """
    bare, covered, film_um2 = _made(mouth_um, depth_um, wall_deg, (film_um, wall_film_um), pitch_um)
    found = {f"width_{k}_um": _width_um(bare, -depth_um * k / 4) for k in range(5)}
    found["wall_deg"] = math.degrees(math.atan2(depth_um, found["width_1_um"] - found["width_3_um"]))
    found["groove_um2"] = sum(_volume(band) for band in bare.bands) / _LONG_UM
    if film_um > 0:
        half = -depth_um / 2
        found |= {f"covered_{k}_um": _width_um(covered, film_um - depth_um * k / 4) for k in range(5)}
        aside = (_width_um(bare, half) - _width_um(covered, half)) / 2
        found["wall_um"] = aside * math.sin(math.radians(wall_deg))
        found["level_um"] = covered.bands[0].z_um - bare.bands[0].z_um
        found["film_um2"] = film_um2
    return found


def outline_across(
    mouth_um: float, depth_um: float, wall_deg: float, film_um: float = 0.0, wall_film_um: float = 0.0
) -> Points:
    """Return the surface's outline (n, 2), (distance from the groove's middle, height) in µm, left to right."""
    _, front, _ = _made(mouth_um, depth_um, wall_deg, (film_um, wall_film_um), 500.0)
    right = [(_width_um(front, z) / 2, z) for band in front.bands for z in (band.z_um, band.top_um)]
    side = np.array([*right, (250.0, front.top_um)])
    return np.vstack((side[::-1] * [-1, 1], side))


def _made(
    mouth_um: float, depth_um: float, wall_deg: float, film: tuple[float, float], pitch_um: float
) -> tuple[Front, Front, float]:
    """Return the surface with the groove, the surface with the film on it, the film's area in the section."""
    die = shapely.box(-pitch_um / 2, 0.0, pitch_um / 2, _LONG_UM)
    mouth = shapely.box(-mouth_um / 2, 0.0, mouth_um / 2, _LONG_UM)
    lean = 0.0 if wall_deg >= 90 else 1.0 / math.tan(math.radians(wall_deg))
    bare = Front(((0.0, die),)).cut(Wall(mouth, 0.0, lean), -depth_um)
    layers, covered = bare.covered(*film) if film[0] > 0 else ([], bare)
    return bare, covered, sum(_volume(layer) for layer in layers) / _LONG_UM


def _volume(layer: tuple[float, float, object, object]) -> float:
    return volume_um3(Slab("", "", "", *layer))


def _width_um(front: Front, z_um: float) -> float:
    """Return how wide the room is open at a height; 0 below its floor."""
    for band in front.bands:
        if band.z_um - 1e-9 <= z_um <= band.top_um + 1e-9:
            return float(shapely.area(band.at(z_um))) / _LONG_UM
    return 0.0
