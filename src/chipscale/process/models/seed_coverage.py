"""How thick a sputtered or evaporated film is on a wall, as a share of its thickness on level ground.

Both are geometry: what a place on the wall sees of the source (I. A. Blech, Thin Solid Films 6 (1970) 113), atoms stay
where they land. Evaporated atoms come along one direction, at the tilt to the wafer's normal, and the wafer turns
about its normal: the film grows with the cosine of the angle between the flux and the wall. Sputtered atoms come from
a wide target through a gas, from all sides alike (the cosine law): the film grows with what the wall sees of the sky.
The place looked at is the foot of the wall, which sees least. `wall_deg` is between floor and wall: 90 is upright.
Range: no re-sputtering by bias, no ionised metal (both put more on walls), no surface diffusion.
"""

from __future__ import annotations

import math

import numpy as np

_RINGS, _SPOKES = 60, 120  # of the opening's disc in the sum over what the wall sees
_TURNS = 1440  # of the wafer under a tilted source


def evaporated_ratio(
    wall_deg: float, tilt_deg: float = 0.0, depth_um: float = 0.0, width_um: float = math.inf
) -> float:
    """Return film on the wall over film on level ground.

    `depth_um` and `width_um` are those of a round opening at its foot, whose other rim may stand in the way of a
    tilted flux. Straight from above the answer is cos(wall). An upright wall in the open gets tan(tilt) / pi.

    >>> round(evaporated_ratio(60.0), 4), round(evaporated_ratio(90.0, 30.0), 4)
    (0.5, 0.1838)
    """
    wall, tilt = math.radians(wall_deg), math.radians(tilt_deg)
    if tilt_deg == 0:
        return max(0.0, math.cos(wall))
    turn = (np.arange(_TURNS) + 0.5) / _TURNS * math.tau
    flux = np.maximum(0.0, math.sin(wall) * math.sin(tilt) * np.cos(turn) + math.cos(wall) * math.cos(tilt))
    if depth_um > 0 and math.isfinite(width_um):
        r, rim = width_um / 2, width_um / 2 + depth_um / max(math.tan(wall), 1e-9)
        way = depth_um * math.tan(tilt)
        flux = flux * (np.hypot(r - way * np.cos(turn), way * np.sin(turn)) <= rim)
    return float(flux.mean()) / math.cos(tilt)


def sputtered_ratio(wall_deg: float, depth_um: float = 0.0, width_um: float = math.inf) -> float:
    """Return film on the wall's foot over film on level ground, in a round opening `width_um` wide at its foot.

    In the open a wall sees (1 + cos(wall)) / 2 of the sky. In an opening it is summed over the opening's disc.

    >>> round(sputtered_ratio(90.0), 3), round(sputtered_ratio(90.0, 10.0, 10.0), 3)
    (0.5, 0.061)
    """
    wall = math.radians(wall_deg)
    if depth_um <= 0 or not math.isfinite(width_um):
        return (1 + math.cos(wall)) / 2
    foot = width_um / 2
    rim = foot + depth_um / math.tan(wall) if wall_deg < 90 else foot
    # radius and angle seen from the rim point above the wall, where the sum is steep
    share = (np.arange(_RINGS) + 0.5) / _RINGS
    angle = ((np.arange(_SPOKES) + 0.5) / _SPOKES - 0.5) * math.pi
    reach = 2 * rim * np.cos(angle)[:, None]
    rho = reach * share**2
    area = rho * reach * 2 * share / _RINGS * (math.pi / _SPOKES)
    x = rim - rho * np.cos(angle)[:, None] - foot
    y = rho * np.sin(angle)[:, None]
    square = x**2 + y**2 + depth_um**2
    lean = -x * math.sin(wall) + depth_um * math.cos(wall)
    return float(np.sum(np.maximum(0.0, lean) * depth_um / square**2 * area)) / math.pi
