"""Solder that has melted: every sphere, plated slab or print becomes a ball on what it wets, its volume kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.package.joint import reflowed
from chipscale.process.kinds.sunken import Well, wells
from chipscale.process.models.plating_baths import SOLDERS
from chipscale.process.relief.front import Wall
from chipscale.process.relief.wetted import Base, bases
from chipscale.process.step import StepError
from chipscale.process.work import Work
from chipscale.stack.outline import polygons
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Body, Revolved, Slab
from chipscale.stack.volume import volume_um3, z_range_um

_WETS_UM = 0.5  # a base wider than its metal by less is rounding
SPREAD_RATIO = 1.5  # a base wider than so many spheres: solder runs along the metal


class Joint(NamedTuple):
    """The solder of one ball before it melts: the body whose name it keeps, all its bodies, their volume."""

    main: Body
    bodies: tuple[Body, ...]
    volume_um3: float

    @property
    def sphere_d_um(self) -> float:
        """Return the diameter of a sphere of that volume."""
        return float((6 * self.volume_um3 / math.pi) ** (1 / 3))


class Given(NamedTuple):
    """What the recipe gives of the balls in µm; 0 where it is to be found."""

    base_d_um: float = 0.0
    ball_d_um: float = 0.0
    ball_h_um: float = 0.0


def joints(bodies: Sequence[Body]) -> list[Joint]:
    """Return the solder by ball, in the order of the bodies: spheres, and slabs of solder with what lies on them.

    Solder in the opening of a dielectric below (part "plug") stays where it is; flux is no solder.
    """
    found = [Joint(b, (b,), volume_um3(b)) for b in bodies if isinstance(b, Revolved) and b.layer == "BALL"]
    slabs = [b for b in bodies if isinstance(b, Slab) and b.material in SOLDERS and b.part not in ("plug", "flux")]
    if not slabs:
        return found
    outlines = np.array([b.bottom for b in slabs], dtype=object)
    lowest = list(range(len(slabs)))
    points = shapely.point_on_surface(outlines)
    for k, j in sorted(np.array(shapely.STRtree(outlines).query(points, predicate="intersects")).T.tolist()):
        if slabs[j].z_um < slabs[lowest[k]].z_um:
            lowest[k] = j
    for j in sorted(set(lowest)):
        own = tuple(slabs[k] for k in range(len(slabs)) if lowest[k] == j)
        found.append(Joint(slabs[j], own, sum(volume_um3(b) for b in own)))
    return found


def melted(work: Work, given: Given) -> tuple[Work, list[tuple[Joint, Revolved]], list[Slab]]:
    """Return the workpiece with balls in place of the solder, each joint with its ball, and solder in openings.

    Where the metal lies in an opening (a land under solder mask) the solder fills it and the ball stands on its rim.
    StepError where there is no metal under solder, or where neighbouring balls flow together.
    """
    found = joints(work.bodies)
    front = work.front
    slabs = [joint.main for joint in found if isinstance(joint.main, Slab)]
    for z_um in sorted({body.z_um for body in slabs}):
        taken = [part for joint in found for body in joint.bodies for part in _footing(joint, body, z_um)]
        front = front.cut(Wall(_together(taken)), z_um)
    sites = [_site(joint.main) for joint in found]
    under = bases(work.bodies, front, sites)
    filled = wells(front, under) if not given.base_d_um else [None] * len(found)
    balls = [_ball(joint, base, well, given) for joint, base, well in zip(found, under, filled, strict=True)]
    _check_apart(balls)
    plugs = [plug for joint, well in zip(found, filled, strict=True) for plug in _plugs(joint, well)]
    gone = {body.name for joint in found for body in joint.bodies}
    new = {joint.main.name: ball for joint, ball in zip(found, balls, strict=True)}
    flux = {body.name for body in work.bodies if body.part == "flux"}
    bodies = [new.get(b.name, b) for b in work.bodies if b.name in new or b.name not in gone | flux]
    return work.but(bodies=(*bodies, *plugs), front=front), list(zip(found, balls, strict=True)), plugs


def spread_far(pairs: list[tuple[Joint, Revolved]]) -> list[str]:
    """Return the names of the joints whose base is far wider than their solder."""
    return [
        joint.main.name for joint, ball in pairs if 2 * float(ball.profile[0, 0]) > SPREAD_RATIO * joint.sphere_d_um
    ]


def _footing(joint: Joint, body: Body, z_um: float) -> list[Any]:
    """Return the body's outlines when its joint stands at z_um."""
    if not (isinstance(body, Slab) and isinstance(joint.main, Slab) and joint.main.z_um == z_um):
        return []
    return polygons(body.bottom)


def _together(parts: list[Any]) -> Any:
    whole = shapely.MultiPolygon(parts)
    return whole if whole.is_valid else shapely.union_all(parts)


def _site(body: Body) -> tuple[float, float, float]:
    if isinstance(body, Revolved):
        return body.x_um, body.y_um, float(body.profile[0, 1])
    point = shapely.point_on_surface(body.bottom)
    return float(point.x), float(point.y), body.z_um


def _plugs(joint: Joint, well: Well | None) -> list[Slab]:
    """Return the solder of a joint that fills the opening its metal lies in."""
    if well is None:
        return []
    main = joint.main
    name = f"{main.name}.plug"
    names = [name if k == 0 else f"{name}{k + 1}" for k in range(len(well.layers))]
    return [
        Slab(called, main.layer, main.material, layer.z_um, layer.h_um, layer.bottom, layer.top, main.net, "plug")
        for called, layer in zip(names, well.layers, strict=True)
    ]


def _ball(joint: Joint, base: Base | None, well: Well | None, given: Given) -> Revolved:
    """Return one joint's solder as a ball: a cap of a sphere, or the spheroid of the width and height given."""
    main = joint.main
    x, y, z = _site(main)
    if given.base_d_um:
        base_d_um = given.base_d_um
        if base is not None and base_d_um > base.d_um + _WETS_UM:
            raise StepError(
                f"the base given is wider than the metal under {main.name}: solder wets metal only",
                value=f"{base_d_um:g} µm",
                limit=f"{base.d_um:.4g} µm of bare metal",
                remedy="a smaller base_d_um, wider under-bump metal, or 0 for the metal's own width",
                option="base_d_um",
            )
        if isinstance(main, Slab):
            x, y = round(main.bottom.centroid.x, 6), round(main.bottom.centroid.y, 6)
    elif base is None and isinstance(main, Revolved) and main.profile[0, 0] > 0:  # it has melted before
        base_d_um = 2 * float(main.profile[0, 0])
    elif base is None:
        raise StepError(
            f"there is no bare metal under {main.name}",
            value=f"at ({x:.1f}, {y:.1f}), {z:.2f} µm high",
            remedy="plate under-bump metal there, or open the film over it",
        )
    else:
        x, y, base_d_um = base.x_um, base.y_um, base.d_um
    sphere_d_um = joint.sphere_d_um
    if well is not None:
        x, y, z, base_d_um = well.rim.x_um, well.rim.y_um, well.rim.z_um, well.rim.d_um
        left_um3 = joint.volume_um3 - well.volume_um3
        if left_um3 <= 0:
            raise StepError(
                f"the solder of {main.name} does not fill the opening it lies in",
                value=f"{joint.volume_um3:.0f} µm³",
                limit=f"more than {well.volume_um3:.0f} µm³",
                remedy="more solder, a smaller opening or a thinner mask",
            )
        sphere_d_um = (6 * left_um3 / math.pi) ** (1 / 3)
    free_d_um, free_h_um = reflowed(sphere_d_um, base_d_um)
    shape = cap(base_d_um, given.ball_d_um or free_d_um, given.ball_h_um or free_h_um, z)
    profile = outline(shape, z, shape.z_um + shape.semi_z_um)
    return Revolved(main.name, main.layer, main.material, x, y, profile, main.net, "", shape)


def _check_apart(balls: list[Revolved]) -> None:
    """Raise StepError when two balls overlap after reflow."""
    if len(balls) < 2:
        return
    reach = np.array([_radius(ball) for ball in balls])
    x, y = np.array([(ball.x_um, ball.y_um) for ball in balls]).T
    boxes = shapely.box(x - reach, y - reach, x + reach, y + reach)
    first, second = shapely.STRtree(boxes).query(boxes)
    for i, j in sorted((int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b):
        gap = math.hypot(x[i] - x[j], y[i] - y[j]) - reach[i] - reach[j]
        low, high = (z_range_um(ball) for ball in (balls[i], balls[j]))
        if gap < 0 and low[0] < high[1] and high[0] < low[1]:
            raise StepError(
                f"{balls[i].name} and {balls[j].name} flow together",
                value=f"they overlap by {-gap:.1f} µm",
                remedy="less solder, smaller under-bump metal or a wider pitch",
            )


def _radius(ball: Revolved) -> float:
    """Return the greatest radius of a ball."""
    shape = ball.spheroid
    low, high = z_range_um(ball)
    if shape is not None and low <= shape.z_um <= high:
        return shape.semi_r_um
    return float(ball.profile[:, 0].max())
