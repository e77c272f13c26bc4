"""A sprayed coat under light: the way light takes through it on walls, and how far below the mask its floors lie."""

from __future__ import annotations

import math
from typing import Any

import shapely

from chipscale.process.relief.open_walls import open_walls
from chipscale.process.work import Coat, Work

_TOUCH_UM2 = 1.0  # a level place that shares less with the drawing has nothing of it


def light_path_um(work: Work, coat: Coat) -> float:
    """Return the longest way in µm that light from above takes through a sprayed coat.

    On level places that is its thickness, on a wall its thickness there over the wall's cosine; never more than from
    the coat over the rim down to the wall's foot.
    """
    assert coat.wall_um is not None
    longest = coat.thickness_um
    for wall in open_walls(work):
        cosine = math.cos(math.radians(min(wall.wall_deg, 90.0)))
        whole = wall.depth_um + coat.thickness_um
        longest = max(longest, min(whole, coat.wall_um / cosine) if cosine > 1e-9 else whole)
    return longest


def below_um(work: Work, drawn: Any) -> float:
    """Return how far in µm the lowest level place with something drawn lies below the highest place."""
    for z_um, floor in work.front.levels:
        if shapely.area(shapely.intersection(floor, drawn)) > _TOUCH_UM2:
            return max(0.0, work.front.top_um - z_um)
    return 0.0


def sunk(work: Work) -> Any:
    """Return the region that lies below the highest place."""
    return shapely.difference(work.front.whole, work.front.levels[-1][1])
