"""Published facts on board pads under wafer-level balls, as data: pad by pitch, mask, stencil, limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PadFact:
    """Copper pad (NSMD), mask opening and stencil aperture in µm which one source gives for a pitch and ball."""

    pitch_um: float
    ball_d_um: float
    pad_d_um: float
    mask_d_um: float
    paste_d_um: float
    source: str


# One row a pitch: the one taken by default. Other published rows for the same pitch scatter by about 10 %.
PADS: tuple[PadFact, ...] = (
    PadFact(350.0, 215.0, 180.0, 245.0, 210.0, "TI YKE0004 (pad, mask), TI YKA0006 (ball, aperture)"),
    PadFact(400.0, 250.0, 220.0, 300.0, 250.0, "ST DocID027100 (STM32L072 WLCSP49): 0.220, 0.300 min, 0.22 to 0.25"),
    PadFact(500.0, 320.0, 280.0, 380.0, 340.0, "NXP SOT1450-2 (WLCSP100) as in KiCad's package data"),
)
SAME_PITCH_RATIO = 0.05  # a row serves pitches this near its own

PAD_TO_BALL_RATIO = (0.8, 1.0)
PAD_TO_BALL_SOURCE = "Amkor CSPnl guideline, in PNI SENtral data sheet p. 37: pad 0.8 to 1.0 of the ball"
PAD_TO_BALL_DEFAULT_RATIO = 0.85  # assumed, inside Amkor's range

MASK_OVER_PAD_UM = (50.0, 100.0)  # by diameter
MASK_SOURCE = "footprint statistics of 60 packages up to 0.5 mm pitch: mask opening = pad + 50 to 100 µm"
SMD_COPPER_OVER_MASK_UM = 65.0  # by diameter
SMD_SOURCE = "TI YKA0006: copper 0.265 under a mask opening of 0.200 mm"

TRACE_TO_PAD_RATIO = 2.0 / 3.0
TRACE_SOURCE = "WLCSP board guidelines: a trace into the pad at most 2/3 of its diameter"

AREA_RATIO_MIN = 0.66
AREA_RATIO_SOURCE = "ST LDBL20 (STSTAMP): stencil area ratio >= 0.66"
STENCILS_UM = (125.0, 100.0, 80.0, 75.0, 60.0, 50.0)  # foils on the market, thick to thin
MASK_WEB_MIN_UM = 75.0  # assumed: solder mask bridge of a common board process
PASTE_GAP_MIN_UM = 100.0  # assumed: between stencil apertures
COURTYARD_SOURCE = "IPC-7351: 1 mm beyond the body for ball grid arrays"
COURTYARD_GRID_UM = 10.0


def pad_fact(pitch_um: float, ball_d_um: float) -> PadFact | None:
    """Return the published row for a pitch (within 5 %) whose pad suits the ball (0.8 to 1.0 of it), or None."""
    low, high = PAD_TO_BALL_RATIO
    near = [
        fact
        for fact in PADS
        if abs(fact.pitch_um / pitch_um - 1.0) <= SAME_PITCH_RATIO and low <= fact.pad_d_um / ball_d_um <= high
    ]
    return min(near, key=lambda fact: abs(fact.pitch_um - pitch_um)) if near else None
