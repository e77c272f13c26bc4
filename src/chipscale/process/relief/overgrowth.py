"""Metal that grows over the rim of its opening: as far sideways as it grows up, with a rounded shoulder.

Growth is the same in all directions, so that a section through the rim is a quarter of a circle of radius g, the
height above the rim. It is drawn as a leaning wall from g at the foot to (pi/2 - 1) g at the top: the same width and
the same area as the quarter circle.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

from chipscale.process.masks import Piece
from chipscale.process.step import StepError
from chipscale.stack.outline import tapered

SHOULDER_RATIO = math.pi / 2 - 1


def overgrown(region: Any, height_um: float) -> tuple[Any, Any]:
    """Return (outline at the rim, outline at the top) in µm of metal that stands height_um above its opening.

    >>> foot, top = overgrown(shapely.box(0, 0, 40, 40), 10.0)
    >>> foot.bounds, round(top.bounds[2], 3)
    ((-10.0, -10.0, 50.0, 50.0), 45.708)
    """
    foot = shapely.buffer(region, height_um, join_style="mitre", mitre_limit=2.0)
    try:
        return foot, tapered(foot, -(1 - SHOULDER_RATIO) * height_um)
    except ValueError:  # a shape whose inner corners close up: upright, of the same mean width
        upright = shapely.buffer(region, math.pi / 4 * height_um, join_style="mitre", mitre_limit=2.0)
        return upright, upright


def check_apart(pieces: list[Piece], feet: list[Any], what: str) -> None:
    """Raise StepError when metal that grew sideways meets its neighbour's."""
    outlines = np.array(feet, dtype=object)
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    met = sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b)
    if met:
        names = ", ".join(f"{pieces[a].name} and {pieces[b].name}" for a, b in met[:4])
        raise StepError(f"{what} grows into its neighbour", value=names, remedy="less metal or more space")
