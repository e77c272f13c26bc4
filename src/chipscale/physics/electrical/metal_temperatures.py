"""Between which temperatures the metals of a package are solid and their resistances grow linearly."""

from __future__ import annotations

import math

COLDEST_C, HOTTEST_C = -100.0, 215.0  # below, resistivities bend away from the line; SAC solder melts at 217 °C
METAL_LIMIT = f"{COLDEST_C:g} to {HOTTEST_C:g}"
METAL_WHY = "resistances are linear in the temperature between these, and solder is solid"


def is_for_metal(t_C: float) -> bool:
    """Tell whether resistances at a temperature in °C are answered.

    >>> is_for_metal(125.0), is_for_metal(-270.0), is_for_metal(float("nan"))
    (True, False, False)
    """
    return math.isfinite(t_C) and COLDEST_C <= t_C <= HOTTEST_C
