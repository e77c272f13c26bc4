"""The vertical way of the current: metal in openings, under balls and the balls themselves, as bars of equal area."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from chipscale.physics.electrical.ball_resistance import ball_ohm, slices_ohm
from chipscale.physics.electrical.conductor_types import Draft, Segment, SegmentKind
from chipscale.stack.outline import polygons
from chipscale.stack.revolve import radius_at
from chipscale.stack.types import Body, Revolved, Slab, Stack
from chipscale.stack.volume import region_at, z_range_um

_GAUSS = np.polynomial.legendre.leggauss(16)
LEAST_UM = 0.3  # a film that is thinner (gold on nickel, the undercut seed) adds nothing to the way upwards
BALL_SLICES = 4  # the inductance of a ball then is within 1 % of that of 16


class Column(NamedTuple):
    """What is stacked over a point: where, whose, and the bodies from the lowest up."""

    net: str
    x_um: float
    y_um: float
    bodies: tuple[Body, ...]


class Sites:
    """Finds the bodies of a layer that stand over a point."""

    def __init__(self, stack: Stack, layers: tuple[str, ...]) -> None:
        self._bodies = [body for body in stack.bodies if body.layer in layers and body.net is not None]
        feet = [_footprint(body) for body in self._bodies]
        self._tree = shapely.STRtree(feet) if feet else None

    def over(self, net: str, x_um: float, y_um: float) -> tuple[Body, ...]:
        """Return the net's bodies over a point, by height."""
        if self._tree is None:
            return ()
        hits = sorted(self._tree.query(shapely.Point(x_um, y_um), predicate="intersects").tolist())
        found = [self._bodies[k] for k in hits if self._bodies[k].net == net]
        return tuple(sorted(found, key=lambda body: (z_range_um(body)[0], body.name)))


def climb(draft: Draft, column: Column, bottom: int, z_um: float, end_um: float | None = None) -> int:
    """Draw the column's bars from the node `bottom` at height z_um; return the node at its top (or at `end_um`).

    Bodies of one kind and material make one bar, except that a ball is cut in BALL_SLICES. The bar of a part has its
    height, and the square section that gives it the part's resistance with even current at each height; a ball's bars
    conduct as much less as the current's spreading in it takes (`ball_resistance.ball_ohm`).
    """
    node, z = bottom, z_um
    groups = _groups(column.bodies)
    for group in groups:
        low = max(min(z_range_um(body)[0] for body in group), z)
        high = max(z_range_um(body)[1] for body in group)
        last = group is groups[-1]
        top = high if end_um is None else end_um if last else min(high, end_um)
        if top - low <= 1e-6:
            continue
        count = BALL_SLICES if isinstance(group[-1], Revolved) else 1
        cuts = np.linspace(low, top, count + 1)
        spread = _spread_ratio(group[-1], low, top)
        for lower, upper in pairwise(cuts.tolist()):
            side = math.sqrt(even_area_um2(group, lower, upper))
            node, z = _up(draft, column, group[-1], (node, z, upper), side, spread), upper
    return node


def even_area_um2(bodies: tuple[Body, ...], low_um: float, high_um: float) -> float:
    """Return the area of the upright bar with the resistance of stacked bodies between two heights.

    Each height is taken as one potential: with spreading the resistance is larger.
    """
    height, total = 0.0, 0.0
    for body in bodies:
        low, high = (min(max(z, low_um), high_um) for z in z_range_um(body))
        if high > low:
            height += high - low
            total += _inverse_area(body, low, high)
    return height / total


def _spread_ratio(body: Body, low_um: float, high_um: float) -> float:
    """Return the resistance of level slices of a ball over that of its field; 1 for other bodies."""
    if not isinstance(body, Revolved) or body.profile[0, 1] < low_um - 1e-6:
        return 1.0
    return slices_ohm(body.profile, high_um, 1.0) / ball_ohm(body.profile, high_um, 1.0)


def _inverse_area(body: Body, low_um: float, high_um: float) -> float:
    """Return the integral of dz/area between two heights in 1/µm."""
    half = (high_um - low_um) / 2
    heights = low_um + half * (_GAUSS[0] + 1)
    if isinstance(body, Revolved):
        areas = math.pi * radius_at(body, heights) ** 2
    elif body.top is body.bottom:
        areas = np.full(len(heights), body.bottom.area)
    else:
        ends = np.sqrt([region_at(body, z).area for z in (low_um, high_um)])
        areas = (ends[0] + (heights - low_um) / (2 * half) * (ends[1] - ends[0])) ** 2
    return float(half * (_GAUSS[1] / areas).sum())


def _groups(bodies: tuple[Body, ...]) -> list[tuple[Body, ...]]:
    """Return runs of bodies of one kind and material; other films thinner than LEAST_UM are left out."""
    found: list[list[Body]] = []
    for body in bodies:
        low, high = z_range_um(body)
        if found and _word(found[-1][-1]) == _word(body) and not isinstance(body, Revolved):
            found[-1].append(body)
        elif high - low >= LEAST_UM or isinstance(body, Revolved):
            found.append([body])
    return [tuple(group) for group in found]


def _word(body: Body) -> tuple[str, str]:
    return kind_of(body), body.material


def kind_of(body: Body) -> SegmentKind:
    """Return what a body is to the current."""
    if body.part.startswith("plug"):
        return "via"
    return {"UBM": "ubm", "BALL": "ball"}.get(body.layer, "via")  # type: ignore[return-value]


def _up(draft: Draft, column: Column, body: Body, way: tuple[int, float, float], side_um: float, spread: float) -> int:
    node, low, high = way
    top = draft.node((column.x_um, column.y_um, high))
    draft.bar(
        Segment(
            column.net,
            kind_of(body),
            body.layer,
            node,
            top,
            (column.x_um, column.y_um, low),
            (column.x_um, column.y_um, high),
            (1.0, 0.0, 0.0),
            side_um,
            side_um,
            body.material,
            spread * draft.sigma_S_m[body.material],
        )
    )
    return top


def ball_end_um(ball: Revolved, land_d_um: float) -> float:
    """Return the height at which a ball ends on a board land of that width: where it has narrowed to it."""
    low, high = z_range_um(ball)
    heights = np.linspace(high, low, 2001)
    wide = np.flatnonzero(radius_at(ball, heights) >= land_d_um / 2)
    return float(heights[wide[0]]) if len(wide) else low + 0.9 * (high - low)


def _footprint(body: Body) -> object:
    if isinstance(body, Slab):
        return (
            body.bottom if body.top is body.bottom else shapely.union_all([*polygons(body.bottom), *polygons(body.top)])
        )
    return shapely.Point(body.x_um, body.y_um).buffer(float(np.max(body.profile[:, 0])))
