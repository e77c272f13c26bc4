"""How level a film lies over relief: what spinning leaves of a step, what drying and cure bring back of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chipscale.process.models.spin import SURFACE_TENSION_N_M

_HARMONICS = 64
_MASK_GRID_UM = 1e-3


@dataclass(frozen=True, slots=True)
class Relief:
    """A surface as a periodic one: lines `width_um` wide and `space_um` apart stand `step_um` above the rest."""

    step_um: float
    width_um: float
    space_um: float
    fill_um: float = 0.0  # mean depth of the whole surface below its highest place


@dataclass(frozen=True, slots=True)
class Levelled:
    """A film over relief: the step left on its surface and the degree of planarisation (1: level)."""

    residual_um: float
    planarised_pct: float


def relief_of(front: Any) -> Relief:
    """Return the relief of a Front: its highest level as lines over the mean of the others.

    Lines are as wide as twice their area over their edge's length, so a long wire has its own width; spaces likewise.
    """
    top_um, lines = front.levels[-1]
    others = [(z, region.area) for z, region in front.levels[:-1]]
    low_area = sum(area for _, area in others)
    if low_area <= 0.0:
        return Relief(0.0, 0.0, 0.0, 0.0)
    mean = sum(z * area for z, area in others) / low_area
    area = lines.area
    edge = max(lines.length, _MASK_GRID_UM)
    step = top_um - mean
    return Relief(step, 2.0 * area / edge, 2.0 * low_area / edge, step * low_area / (low_area + area))


def spun_share(
    width_um: float, film_um: float, speed_rpm: float, radius_mm: float, density_kg_m3: float = 1050.0
) -> float:
    """Return how much of a ripple of half period `width_um` a spinning film copies (0: level, 1: conformal).

    Linear lubrication theory of a film that drains by the centrifugal force while surface tension levels it
    (Stillwagon, Larson, Phys. Fluids A 2 (1990) 1937): |T| = 1 / sqrt(1 + q²) with q = k³ γ h / (3 ρ ω² r),
    k = π / width. `film_um` is the wet film h at the end of drainage, `radius_mm` where on the wafer.

    >>> round(spun_share(50.0, 2.0, 3000.0, 50.0), 2)
    0.72
    """
    omega = speed_rpm * 2.0 * math.pi / 60.0
    k = math.pi / (width_um * 1e-6)
    force = density_kg_m3 * omega**2 * radius_mm * 1e-3
    return 1.0 / math.hypot(1.0, k**3 * SURFACE_TENSION_N_M * film_um * 1e-6 / (3.0 * force))


def followed_width_um(film_um: float, speed_rpm: float, radius_mm: float, density_kg_m3: float = 1050.0) -> float:
    """Return the half period of relief in µm from which on a spinning film follows it more than it levels it (q = 1).

    >>> round(followed_width_um(2.0, 3000.0, 50.0), 1)
    49.3
    """
    omega = speed_rpm * 2.0 * math.pi / 60.0
    force = density_kg_m3 * omega**2 * radius_mm * 1e-3
    return math.pi * 1e6 * math.cbrt(SURFACE_TENSION_N_M * film_um * 1e-6 / (3.0 * force))


def flow_share(width_um: float, film_um: float, flow_um: float) -> float:
    """Return how much of a ripple of half period `width_um` is left after the film has flowed without spinning.

    Orchard, Appl. Sci. Res. A 11 (1963) 451: exp(-γ h³ k⁴ t / 3 η). `flow_um` is γ t / 3 η, a length: 0 for a film
    that sets at once.

    >>> round(flow_share(100.0, 8.0, 6000.0), 2)
    0.05
    """
    return math.exp(-min(700.0, flow_um * film_um**3 * (math.pi / width_um) ** 4))


def levelled(
    relief: Relief, film_um: float, speed_rpm: float, radius_mm: float, dry_pct: float, flow_um: float = 0.0
) -> Levelled:
    """Return the step left on a film over relief, once dry: its surface mid line less its surface mid space.

    Every harmonic of the lines is copied by `spun_share` (a `speed_rpm` of 0: the film is laid level, as a laminate)
    times `flow_share`. Then the film sets and shrinks by `dry_pct`: where it is thicker it sinks more (LaVergne,
    Hofer, Proc. SPIE 539 (1985) 115), which brings back that share of what was levelled. `film_um` is the wet film.
    The wake downstream of a line is left out.
    """
    if relief.step_um <= 0.0 or relief.width_um <= 0.0 or relief.space_um <= 0.0:
        return Levelled(0.0, 100.0)
    period = relief.width_um + relief.space_um
    n = np.arange(1, _HARMONICS + 1)
    half = period / (2.0 * n)
    kept = np.array([_kept(width, film_um, speed_rpm, radius_mm, flow_um) for width in half])
    strength = 2.0 * np.sin(math.pi * n * relief.width_um / period) / (math.pi * n) * kept
    share = float(np.clip(strength @ (1.0 - np.cos(math.pi * n)), 0.0, 1.0))  # mid line less mid space
    flat = (1.0 - share) * (1.0 - dry_pct / 100.0)
    return Levelled(relief.step_um * (1.0 - flat), 100.0 * flat)


def _kept(width_um: float, film_um: float, speed_rpm: float, radius_mm: float, flow_um: float) -> float:
    spun = spun_share(width_um, film_um, speed_rpm, radius_mm) if speed_rpm > 0.0 else 0.0
    return spun * flow_share(width_um, film_um, flow_um)


def level_lines(
    width_um: float,
    space_um: float,
    step_um: float,
    film_um: float,
    speed_rpm: float,
    dry_pct: float,
    flow_um: float = 0.0,
) -> Levelled:
    """Return `levelled` for lines given by numbers, halfway to the rim of a 300 mm wafer.

    >>> lines = level_lines(20.0, 20.0, 5.0, 16.0, 2000.0, dry_pct=30.0)
    >>> round(lines.planarised_pct), round(lines.residual_um, 1)
    (70, 1.5)
    """
    return levelled(Relief(step_um, width_um, space_um), film_um, speed_rpm, 75.0, dry_pct, flow_um)
