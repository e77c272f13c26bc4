"""The reflow oven's profile against J-STD-020: how long it takes, and whether a solder melts in it."""

from __future__ import annotations

from chipscale.process.models.plating_baths import SOLDERS
from chipscale.process.step import StepError

SOURCE = "J-STD-020, profile table for lead-free"
ROOM_C, SOAK_LOW_C, SOAK_HIGH_C, LIQUIDUS_C = 25.0, 150.0, 200.0, 217.0
RISE_K_S, FALL_K_S = 2.0, 4.0  # assumed; J-STD-020 allows 3 up, 6 down
MOST_TO_PEAK_S = 480.0
LEAST_OVER_K = 10.0  # peak over liquidus for wetting (assumed: usual practice, 15 to 40 K)


def profile_s(peak_C: float, preheat_s: float, above_liquidus_s: float) -> tuple[float, float]:
    """Return (time from 25 °C to the peak, whole time down to 25 °C) in s.

    Heated at 2 K/s around the soak from 150 to 200 °C; half of the time above 217 °C lies before the peak.

    >>> profile_s(250.0, 90.0, 75.0)
    (198.5, 284.0)
    """
    up = (SOAK_LOW_C - ROOM_C) / RISE_K_S + preheat_s + max(0.0, min(peak_C, LIQUIDUS_C) - SOAK_HIGH_C) / RISE_K_S
    melted = above_liquidus_s if peak_C > LIQUIDUS_C else 0.0
    down = (min(peak_C, LIQUIDUS_C) - ROOM_C) / FALL_K_S
    return up + melted / 2, up + melted + down


def check_profile(materials: set[str], peak_C: float, preheat_s: float, above_liquidus_s: float) -> list[str]:
    """Return warnings about a profile; StepError when a solder does not melt in it or it takes too long."""
    warnings = []
    for name in sorted(materials):
        liquidus = SOLDERS.get(name)
        if liquidus is None:
            warnings.append(f"the melting point of {name} is not known: not checked against the peak")
        elif peak_C <= liquidus:
            raise StepError(
                f"{name} does not melt",
                value=f"{peak_C:g} °C at the peak",
                limit=f"liquidus {liquidus:g} °C",
                remedy=f"at least {liquidus + LEAST_OVER_K:g} °C",
                option="peak_C",
            )
        elif peak_C < liquidus + LEAST_OVER_K:
            warnings.append(f"the peak is only {peak_C - liquidus:g} K over the liquidus of {name} ({liquidus:g} °C)")
    to_peak, _ = profile_s(peak_C, preheat_s, above_liquidus_s)
    if to_peak > MOST_TO_PEAK_S:
        raise StepError(
            "the way to the peak takes too long",
            value=f"{to_peak:.0f} s from 25 °C",
            limit=f"{MOST_TO_PEAK_S:g} s ({SOURCE})",
            option="preheat_s",
        )
    return warnings
