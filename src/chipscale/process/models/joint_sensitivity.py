"""How much the height of a reflowed ball changes with its sphere and with its base: the joint's equation derived.

From h^3 + 3 a^2 h = d^3 (`package.joint`): dh/dd = d^2 / (h^2 + a^2) and dh/d(2a) = -a h / (h^2 + a^2).
"""

from __future__ import annotations

from chipscale.package.joint import reflowed


def height_change(sphere_d_um: float, ubm_d_um: float) -> tuple[float, float]:
    """Return (height per sphere diameter, height per base diameter), µm per µm.

    >>> [round(value, 2) for value in height_change(250.0, 215.0)]
    [1.17, -0.41]
    """
    _, h = reflowed(sphere_d_um, ubm_d_um)
    a = ubm_d_um / 2
    return sphere_d_um**2 / (h * h + a * a), -a * h / (h * h + a * a)
