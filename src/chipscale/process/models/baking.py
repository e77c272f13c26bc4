"""What heat does to a coat: the solvent a soft bake leaves in it, and how far a hard bake lets its edges flow."""

from __future__ import annotations

import math

DIFFUSION_100C_UM2_S = 0.3  # of PGMEA in novolak at 100 °C (assumed)
BOUND_PCT = 3.0  # solvent no usual bake drives out (assumed)
DOUBLES_PER_K = 10.0  # heating that doubles it (assumed)
REFLOW_S = 300.0  # at 5 K over the softening point (assumed)
REFLOW_DOUBLES_PER_K = 5.0  # heating that doubles the speed of the flow (assumed)
FLOWED_WALL_DEG = 30.0  # wall of a coat that has flowed out: its contact angle (assumed)


def solvent_left_pct(at_start_pct: float, thickness_um: float, temperature_C: float, bake_s: float) -> float:
    """Return the solvent left in % of the film after a bake on a hotplate.

    Diffusion to the open face of a film on a tight ground, Crank, The Mathematics of Diffusion, eq. 4.18 with one face
    sealed: the share Σ 8 / (m π)² exp(-(m π)² D t / 4 h²) over odd m of all that is not bound. D is assumed, so the
    trend with thickness, temperature and time is what counts.

    >>> round(solvent_left_pct(30.0, 10.0, 100.0, 600.0), 1), round(solvent_left_pct(40.0, 40.0, 100.0, 600.0), 1)
    (3.3, 26.0)
    """
    if bake_s <= 0.0:
        return at_start_pct
    diffusion = DIFFUSION_100C_UM2_S * 2.0 ** ((temperature_C - 100.0) / DOUBLES_PER_K)
    part = math.pi**2 * diffusion * bake_s / (4.0 * thickness_um**2)
    share = sum(8.0 / (m * math.pi) ** 2 * math.exp(-(m**2) * part) for m in range(1, 80, 2))
    bound = min(BOUND_PCT, at_start_pct)
    return bound + (at_start_pct - bound) * min(1.0, share)


def flowed_share(temperature_C: float, bake_s: float, softening_C: float) -> float:
    """Return how far a resist's edges have flowed after a hard bake (0: not at all, 1: to a lens).

    Nothing up to the softening point; above it the melt flows faster by 2 every REFLOW_DOUBLES_PER_K. The pace is
    assumed, set to what is told of 20 µm AZ P4620: shape lost after 5 min at 120 °C (MEMS-talk 17621).

    >>> flowed_share(100.0, 300.0, 108.0), round(flowed_share(120.0, 300.0, 108.0), 2)
    (0.0, 0.99)
    """
    over_K = temperature_C - softening_C
    if over_K <= 0.0:
        return 0.0
    return 1.0 - math.exp(-bake_s / REFLOW_S * (2.0 ** (over_K / REFLOW_DOUBLES_PER_K) - 1.0))


def flowed_wall_deg(wall_deg: float, share: float) -> float:
    """Return the wall's angle after a flow of this share: on its way to FLOWED_WALL_DEG, the foot in place.

    >>> flowed_wall_deg(86.0, 0.25)
    72.0
    """
    return wall_deg + share * (FLOWED_WALL_DEG - wall_deg)
