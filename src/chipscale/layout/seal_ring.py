"""The die's outline and its seal ring as polygons."""

from __future__ import annotations

import numpy as np

from chipscale.layout.types import Points, Polygon
from chipscale.package.types import Die


def outline(die: Die) -> Polygon:
    """Return the die outline, origin at the lower left."""
    return Polygon("OUTLINE", "outline", rectangle(0.0, 0.0, die.size_x_um, die.size_y_um))


def seal_ring(die: Die) -> tuple[Polygon, ...]:
    """Return the seal ring as one polygon with a hole; nothing when its width is zero."""
    width, inset = die.seal_ring_width_um, die.seal_ring_inset_um
    if width <= 0:
        return ()
    outer = rectangle(inset, inset, die.size_x_um - inset, die.size_y_um - inset)
    reach = inset + width
    inner = rectangle(reach, reach, die.size_x_um - reach, die.size_y_um - reach)
    return (Polygon("SEAL", "seal_ring", outer, holes=(inner[::-1],)),)


def rectangle(x0_um: float, y0_um: float, x1_um: float, y1_um: float) -> Points:
    """Return the corners (4, 2) of a rectangle, counter-clockwise."""
    return np.array([(x0_um, y0_um), (x1_um, y0_um), (x1_um, y1_um), (x0_um, y1_um)], dtype=np.float64)


def square(x_um: float, y_um: float, side_x_um: float, side_y_um: float) -> Points:
    """Return a rectangle by its centre and sides, (4, 2) counter-clockwise."""
    half_x, half_y = side_x_um / 2.0, side_y_um / 2.0
    return rectangle(x_um - half_x, y_um - half_y, x_um + half_x, y_um + half_y)
