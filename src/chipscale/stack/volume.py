"""How much of what is where: volumes of bodies, areas at a height, bodies that overlap."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import polygon_of, prisms, signed_area
from chipscale.stack.overlay import intersection
from chipscale.stack.revolve import radius_at, revolved_volume_um3
from chipscale.stack.types import Body, Revolved, Slab, Stack

_HALVINGS = 6


class Overlap(NamedTuple):
    """Two bodies that claim the same room, and about how much of it."""

    first: str
    second: str
    volume_um3: float


def volume_um3(body: Body) -> float:
    """Return the body's volume in µm³, exact.

    A tapered slab is a prismatoid: its section's area is a quadratic of the height, which Simpson's rule integrates
    exactly. Solids of revolution: see `revolve`.
    """
    if isinstance(body, Revolved):
        return revolved_volume_um3(body)
    if body.top is body.bottom:
        return float(body.bottom.area) * body.h_um
    total = 0.0
    for prism in prisms(body):
        for low, high in zip(prism.bottom, prism.top, strict=True):
            total += signed_area(low) + 4 * signed_area((low + high) / 2) + signed_area(high)
    return total * body.h_um / 6


def z_range_um(body: Body) -> tuple[float, float]:
    """Return the body's lowest and highest z in µm."""
    if isinstance(body, Slab):
        return body.z_um, body.z_um + body.h_um
    return float(body.profile[0, 1]), float(body.profile[-1, 1])


def region_at(body: Body, z_um: float) -> Any:
    """Return the body's horizontal section at z_um as a shapely region (balls as 64-gons of the circle's area)."""
    low, high = z_range_um(body)
    if not low <= z_um <= high:
        return shapely.Polygon()
    if isinstance(body, Revolved):
        radius = float(radius_at(body, np.array([z_um]))[0])
        angle = np.arange(64) * math.tau / 64
        radius *= math.sqrt(math.pi / (32 * math.sin(math.tau / 64)))
        return shapely.Polygon(
            np.column_stack((body.x_um + radius * np.cos(angle), body.y_um + radius * np.sin(angle)))
        )
    if body.top is body.bottom:
        return body.bottom
    t = (z_um - body.z_um) / body.h_um
    parts = []
    for prism in prisms(body):
        rings = [low + t * (high - low) for low, high in zip(prism.bottom, prism.top, strict=True)]
        parts.append(polygon_of(rings))
    return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]


def areas_um2(stack: Stack, z_um: float) -> dict[str, float]:
    """Return the area in µm² each body has at height z_um; where films fill the die, they add up to its area."""
    cut = {body.name: float(region_at(body, z_um).area) for body in stack.bodies}
    return {name: area for name, area in cut.items() if area > 0}


def overlaps(stack: Stack, tolerance_um3: float = 1.0) -> list[Overlap]:
    """Return the pairs of bodies that share more room than the tolerance; empty for a sound stack.

    Upright slabs are exact. Where a wall leans or is round, the shared area is integrated over the height by Simpson's
    rule, in halves until the answer stays: exact while the same walls cross at all heights.
    """
    bodies = stack.bodies
    tree = shapely.STRtree([_footprint(body) for body in bodies])
    first, second = tree.query(tree.geometries)
    at = cache(lambda number, z_um: region_at(bodies[number], z_um))
    found = []
    for i, j in sorted({(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b}):
        shared = _shared_um3(bodies, (i, j), at, tolerance_um3)
        if shared > tolerance_um3:
            found.append(Overlap(bodies[i].name, bodies[j].name, shared))
    return found


def _footprint(body: Body) -> Any:
    if isinstance(body, Revolved):
        r = float(radius_at(body, np.linspace(*z_range_um(body), 65)).max())
        return shapely.box(body.x_um - r, body.y_um - r, body.x_um + r, body.y_um + r)
    return shapely.box(*shapely.total_bounds([body.bottom, body.top]))


def _shared_um3(
    bodies: tuple[Body, ...], pair: tuple[int, int], at: Callable[[int, float], Any], tolerance_um3: float
) -> float:
    """Return the common volume of two bodies; `at(number, z_um)` gives their sections."""
    ranges = [z_range_um(bodies[k]) for k in pair]
    low, high = max(z for z, _ in ranges), min(z for _, z in ranges)
    if high - low < 1e-6:
        return 0.0

    @cache
    def area(z_um: float) -> float:
        one, other = (at(k, z_um) for k in pair)
        return float(shapely.area(intersection(one, other)))

    if all(isinstance(bodies[k], Slab) and bodies[k].top is bodies[k].bottom for k in pair):  # type: ignore[union-attr]
        return area((low + high) / 2) * (high - low)
    return _integral(area, low, high, (tolerance_um3 / 10, _HALVINGS))


def _integral(area: Callable[[float], float], low: float, high: float, until: tuple[float, int]) -> float:
    """Return the integral of area(z) by Simpson's rule, halved until it changes by less than the first of `until`."""
    half, height = (low + high) / 2, high - low
    ends = area(low) + area(high)
    coarse = (ends + 4 * area(half)) * height / 6
    quarters = area(low + height / 4) + area(high - height / 4)
    fine = (ends + 2 * area(half) + 4 * quarters) * height / 12
    tolerance, times = until
    if abs(fine - coarse) <= tolerance or times == 0:
        return fine
    rest = (tolerance / 2, times - 1)
    return _integral(area, low, half, rest) + _integral(area, half, high, rest)
