"""What solder wets: the bare metal under it, as its outline and as a disc of the same area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.process.models.plating_baths import SOLDERS
from chipscale.process.relief.front import Front
from chipscale.stack.outline import Z_EPS_UM, disc_of, polygons, rings_of
from chipscale.stack.types import Body, Slab

NOT_METAL = {"DIE", "DEVICE", "PASSIVATION", "PI1", "PI_MID", "PI2", "INS", "MASK", "MOLD", "GLASS", "WALL"}
NOT_METAL |= {"BACKSIDE", "RESIST", "BALL"}  # layers solder does not wet, or is itself
_SAME_RATIO = 1e-6


class Base(NamedTuple):
    """A round base: centre and diameter in µm, height, and the net of the metal."""

    x_um: float
    y_um: float
    d_um: float
    z_um: float
    net: str | None


def bases(bodies: Sequence[Body], front: Front, sites: Sequence[tuple[float, float, float]]) -> list[Base | None]:
    """Return what is wetted at each site (x_um, y_um, z_um): the metal that ends at that height and lies open there.

    None where there is none. A drawn circle (a 64-gon around it on the masks) gives the drawn diameter, any other
    outline that of the disc of the same area, about its centroid.
    """
    metals = [b for b in bodies if isinstance(b, Slab) and b.layer not in NOT_METAL and b.material not in SOLDERS]
    if not metals or not sites:
        return [None] * len(sites)
    tree = shapely.STRtree([body.top for body in metals])
    found: list[Base | None] = [None] * len(sites)
    opened: dict[int, Any] = {}
    points = shapely.points([(x, y) for x, y, _ in sites])
    for k, j in sorted(np.array(tree.query(points, predicate="intersects")).T.tolist()):
        body, z_um = metals[j], sites[k][2]
        if found[k] is None and abs(body.z_um + body.h_um - z_um) < Z_EPS_UM * 10:
            key = round(z_um / Z_EPS_UM)
            if key not in opened:
                opened[key] = _level(front, z_um)
            found[k] = _base(body, opened[key], points[k], z_um)
    return found


def _level(front: Front, z_um: float) -> tuple[Any, list[Any]]:
    """Return a search tree of the polygons that lie open at a height, and these polygons."""
    parts = [part for z, region in front.levels if abs(z - z_um) < Z_EPS_UM * 10 for part in polygons(region)]
    return shapely.STRtree(parts), parts


def _base(body: Slab, level: tuple[Any, list[Any]], point: Any, z_um: float) -> Base | None:
    tree, parts = level
    near = tree.query(point, predicate="intersects")
    if not len(near):
        return None
    whole = body.top
    wetted = shapely.intersection(whole, parts[int(near[0])])
    if wetted.area >= (1 - _SAME_RATIO) * whole.area:
        wetted = whole
    own = [part for part in polygons(wetted) if shapely.intersects(part, point)]
    if not own:
        return None
    x, y, d = disc(own[0])
    return Base(x, y, d, z_um, body.net)


def disc(outline: Any) -> tuple[float, float, float]:
    """Return (x, y, diameter) in µm of the disc a polygon stands for, as drawn, or of the disc of the same area."""
    ring, *holes = rings_of(outline)
    drawn = None if holes else disc_of(ring)
    if drawn is None:
        centre = outline.centroid
        return round(centre.x, 6), round(centre.y, 6), 2 * math.sqrt(outline.area / math.pi)
    sides = np.hypot(*((ring + np.roll(ring, -1, axis=0)) / 2 - (drawn.x_um, drawn.y_um)).T)
    return round(drawn.x_um, 6), round(drawn.y_um, 6), 2 * float(sides.mean())
