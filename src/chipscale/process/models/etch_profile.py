"""How far an etch goes sideways under its resist: isotropic, slower sideways, or not at all.

Model: the etch starts at the edge of the resist and goes the same distance R in all directions (or `lateral_ratio`
times that sideways), so that the wall is a quarter of an ellipse: at depth d it lies lateral_ratio sqrt(R^2 - d^2)
under the edge. R is the film's thickness and what the over-etch adds. Range: a film that is thin against its openings,
a rate that is the same everywhere, no galvanic attack at a second metal.
"""

from __future__ import annotations

import math


def undercut_um(thickness_um: float, over_etch_ratio: float, lateral_ratio: float = 1.0) -> tuple[float, float, float]:
    """Return (at the film's top, at its foot, mean over its thickness) the wall's distance under the resist's edge, µm.

    The mean is the width at which an upright wall has the same section.

    >>> [round(value, 3) for value in undercut_um(2.0, 0.1)]
    [2.2, 0.917, 1.839]
    """
    reach = thickness_um * (1 + over_etch_ratio)
    foot = math.sqrt(max(0.0, reach**2 - thickness_um**2))
    mean = (thickness_um * foot + reach**2 * math.asin(min(1.0, thickness_um / reach))) / (2 * thickness_um)
    return lateral_ratio * reach, lateral_ratio * foot, lateral_ratio * mean
