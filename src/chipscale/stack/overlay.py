"""Overlays of two regions that don't fail on what rounding leaves behind: tried as they are, else on a fine grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely
from shapely.errors import GEOSException

GRID_UM = 1e-6


def difference(region: Any, other: Any) -> Any:
    """Return what a region has outside of the other."""
    return _surely(shapely.difference, region, other)


def intersection(region: Any, other: Any) -> Any:
    """Return what a region has inside of the other."""
    return _surely(shapely.intersection, region, other)


def union(region: Any, other: Any) -> Any:
    """Return what belongs to either region."""
    return _surely(shapely.union, region, other)


def apart_um2(region: Any, other: Any) -> float:
    """Return the area in µm² that belongs to one of two regions only."""
    return float(shapely.area(_surely(shapely.symmetric_difference, region, other)))


def _surely(operation: Callable[..., Any], region: Any, other: Any) -> Any:
    try:
        return operation(region, other)
    except GEOSException:
        return operation(shapely.make_valid(region), shapely.make_valid(other), grid_size=GRID_UM)
