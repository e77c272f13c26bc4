"""Where on the die nothing is drawn yet: free places for marks and texts among the shapes of all masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from chipscale.layout.types import Circle, Points, Polygon, Trace

CLEARANCE_UM = 5.0  # between a mark and anything else (assumed)


class FreePlaces:
    """The shapes on the die and, added one by one, the boxes already taken."""

    def __init__(self, circles: list[Circle], polygons: list[Polygon], traces: list[Trace]) -> None:
        import shapely

        shapes = [shapely.Point(c.x_um, c.y_um).buffer(c.d_um / 2 + CLEARANCE_UM, quad_segs=8) for c in circles]
        shapes += [shapely.Polygon(p.points, p.holes).buffer(CLEARANCE_UM, join_style="mitre") for p in polygons]
        shapes += [shapely.LineString(t.points).buffer(t.width_um / 2 + CLEARANCE_UM, quad_segs=4) for t in traces]
        self._shapes = shapely.STRtree(shapes)
        self._taken = np.empty((0, 4))  # x0, y0, x1, y1

    def first(self, centres: Points, width_um: float, height_um: float) -> tuple[float, float] | None:
        """Return the first of the centres (n, 2) about which a box is free, and take it; None when there is none."""
        import shapely

        low, high = (np.asarray(centres) + sign * np.array([width_um, height_um]) / 2 for sign in (-1, 1))
        boxes: Any = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        free = np.ones(len(boxes), dtype=bool)
        free[self._shapes.query(boxes, predicate="intersects")[0]] = False
        low_taken, high_taken = self._taken[:, :2], self._taken[:, 2:]
        free &= np.all(np.any((low[:, None] > high_taken) | (high[:, None] < low_taken), axis=2), axis=1)
        if not free.any():
            return None
        k = int(np.argmax(free))
        c = CLEARANCE_UM
        self._taken = np.vstack((self._taken, np.concatenate((low[k] - c, high[k] + c))))
        return float(centres[k][0]), float(centres[k][1])


def from_corner(corner: tuple[float, float], inward: tuple[int, int], reach_um: float, step_um: float) -> Points:
    """Return (n, 2) points on a grid from a corner inward, at most 64 either way, the nearest first."""
    step_um = max(step_um, reach_um / 63)
    run = np.round(np.arange(0.0, reach_um + step_um / 2, step_um), 3)
    x, y = (grid.ravel() for grid in np.meshgrid(run, run))
    order = np.lexsort((x, y, x * x + y * y))
    return np.column_stack((corner[0] + inward[0] * x[order], corner[1] + inward[1] * y[order]))
