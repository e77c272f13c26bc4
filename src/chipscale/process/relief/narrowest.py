"""Where a shape is narrower than a width: pieces that vanish, part or lose a hole when their walls close in."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.stack.outline import polygons

_GRID_UM = 1e-3  # of the masks
_SEEN_UM2 = 1.0  # less is lost at rounded corners
_FIRST = 3  # pieces whose width is searched


class Narrow(NamedTuple):
    """The narrowest of the places found: its width, where it is, and how many pieces have such a place."""

    width_um: float
    x_um: float
    y_um: float
    pieces_count: int


def narrow_place(region: Any, limit_um: float, on: Any = None) -> Narrow | None:
    """Return the narrowest place of a region when it is narrower than `limit_um`, else None.

    Widths are found to the masks' grid; of many narrow pieces only the first few are measured. With `on` (a region)
    only pieces count that are too narrow there.
    """
    parts = np.array(polygons(region), dtype=object)
    if not len(parts) or limit_um <= 0.0:
        return None
    bad = parts[_breaks(parts, limit_um)]
    if on is not None and len(bad):
        bad = bad[shapely.area(shapely.intersection(_lost(bad, limit_um), on)) > _SEEN_UM2]
    if not len(bad):
        return None
    widths = [_width_um(part, limit_um) for part in bad[:_FIRST]]
    at = int(np.argmin(widths))
    point = shapely.point_on_surface(bad[at] if on is None else shapely.intersection(_lost(bad[at], limit_um), on))
    return Narrow(widths[at], float(point.x), float(point.y), len(bad))


def narrow_space(region: Any, die: Any, limit_um: float, on: Any = None) -> Narrow | None:
    """Return the narrowest space between (or notch in) shapes, when narrower than `limit_um`, else None."""
    if region.is_empty or limit_um <= 0.0:
        return None
    x0, y0, x1, y1 = die.bounds
    by = 2.0 * limit_um
    return narrow_place(shapely.difference(shapely.box(x0 - by, y0 - by, x1 + by, y1 + by), region), limit_um, on)


def _lost(parts: Any, width_um: float) -> Any:
    """Return what of polygons is gone when every wall moves in by half the width and out again."""
    shrunk = shapely.buffer(parts, _GRID_UM - width_um / 2.0, join_style="mitre", mitre_limit=5.0)
    back = shapely.buffer(shrunk, width_um / 2.0, join_style="mitre", mitre_limit=5.0)
    return shapely.difference(parts, back)


def _breaks(parts: npt.NDArray[np.object_], width_um: float) -> npt.NDArray[np.bool_]:
    """Return (n,) which polygons don't survive as they are when every wall moves in by half the width."""
    shrunk = shapely.buffer(parts, _GRID_UM - width_um / 2.0, join_style="mitre", mitre_limit=5.0)
    whole = shapely.get_type_id(shrunk) == int(shapely.GeometryType.POLYGON)
    same = shapely.get_num_interior_rings(shrunk) >= shapely.get_num_interior_rings(parts)
    found: npt.NDArray[np.bool_] = shapely.is_empty(shrunk) | ~whole | ~same
    return found


def _width_um(part: Any, limit_um: float) -> float:
    """Return the width of the narrowest place of a polygon that has one below the limit, by bisection."""
    one = np.array([part], dtype=object)
    low, high = 0.0, limit_um
    while high - low > 4.0 * _GRID_UM:
        middle = (low + high) / 2.0
        if _breaks(one, middle)[0]:
            high = middle
        else:
            low = middle
    return (low + high) / 2.0
