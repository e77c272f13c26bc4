"""The package on its board: solder joints between under-bump metal and land, with the balls' volume, or columns."""

from __future__ import annotations

import dataclasses
import math

from chipscale.physics.thermal.columns import Column
from chipscale.stack.revolve import outline, revolved_volume_um3
from chipscale.stack.types import Body, Revolved, Spheroid, Stack

BALL = "BALL"


def joint_height_um(volume_um3: float, base_d_um: float, land_d_um: float) -> float:
    """Return the height of a free joint: a sphere cut by two circles, pi h (3 a² + 3 b² + h²) / 6 its volume.

    Surface tension alone (L. S. Goldmann, IBM J. Res. Dev. 13 (1969) 251): no weight of the package, no paste.
    The cubic h³ + 3 (a² + b²) h = 6 V / pi has one real root.

    >>> round(joint_height_um(math.pi / 6 * 250**3, 215.0, 230.0), 1)
    161.9
    """
    c = math.hypot(base_d_um, land_d_um) / 2
    return 2 * c * math.sinh(math.asinh(3 * volume_um3 / (math.pi * c**3)) / 3)


def mounted(stack: Stack, land_d_um: float, column: Column | None = None) -> tuple[tuple[Body, ...], float]:
    """Return the bodies with every ball as a joint, or as a column, and the height of the lands.

    Balls of different size would tilt the package or be stretched: each keeps its base, and the standoff is the mean.
    Columns have their own height, or that of the balls' joints. InputError for columns without room for their caps.
    A stack without balls stands with its highest body on the board.
    """
    balls = [body for body in stack.bodies if body.layer == BALL and isinstance(body, Revolved)]
    if not balls:
        return stack.bodies, stack.extent_z_um()[1]
    lands = []
    for ball in balls:
        base_d_um, low = 2 * float(ball.profile[0, 0]), float(ball.profile[0, 1])
        lands.append(low + joint_height_um(revolved_volume_um3(ball), base_d_um, land_d_um))
    z_land_um = sum(lands) / len(lands)
    changed: dict[str, tuple[Body, ...]]
    if column is None:
        changed = {ball.name: (_joint(ball, z_land_um, land_d_um),) for ball in balls}
    else:
        if column.h_um:
            z_land_um = sum(float(ball.profile[0, 1]) for ball in balls) / len(balls) + column.h_um
        changed = {ball.name: column.bodies(ball, z_land_um) for ball in balls}
    return tuple(part for body in stack.bodies for part in changed.get(body.name, (body,))), z_land_um


def _joint(ball: Revolved, z_land_um: float, land_d_um: float) -> Revolved:
    """Return a ball as a zone of the sphere through its base and its land."""
    a, b, low = float(ball.profile[0, 0]), land_d_um / 2, float(ball.profile[0, 1])
    h = z_land_um - low
    up = (b * b - a * a + h * h) / (2 * h)  # of the sphere's centre over the base
    shape = Spheroid(math.hypot(a, up), math.hypot(a, up), low + up)
    return dataclasses.replace(ball, profile=outline(shape, low, z_land_um), spheroid=shape)
