"""The land pattern: copper, mask and paste under every ball, in the board view, with where each value is from.

The board view looks through the package at the board; x is mirrored against the die view (see
`assembly.array`). NSMD (non solder mask defined): the mask opening is larger than the copper pad, which bounds
the joint. SMD: the copper is larger and the mask opening bounds the joint.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from chipscale.assembly import land_rules as rules
from chipscale.assembly.array import array_facts, board_view_um, body_size_um
from chipscale.package.types import Ball, NetKind, Package
from chipscale.results import Check
from chipscale.spec.model import Board

Origin = Literal["given", "published", "derived", "assumed"]


@dataclass(frozen=True, slots=True)
class LandPad:
    """A board pad: the ball's name, its centre in µm of the board view (from the package centre, y up), its net."""

    ball: str
    x_um: float
    y_um: float
    net: str | None  # as the board calls it
    kind: NetKind | None


@dataclass(frozen=True, slots=True)
class LandValue:
    """A figure of the pattern and where it is from; `assumed` ones are shown in the report."""

    name: str
    value: float
    origin: Origin
    source: str


@dataclass(frozen=True, slots=True)
class LandPattern:
    """Board pads of one package; all diameters in µm are the same for every ball."""

    pads: tuple[LandPad, ...]
    definition: Literal["NSMD", "SMD"]
    pad_d_um: float  # copper
    mask_d_um: float  # opening of the solder mask
    paste_d_um: float  # stencil aperture
    stencil_um: float  # foil thickness
    trace_max_um: float  # widest trace that may enter a pad
    body_um: tuple[float, float]
    courtyard_um: tuple[float, float]
    values: tuple[LandValue, ...]
    checks: tuple[Check, ...]

    @property
    def joint_d_um(self) -> float:
        """Diameter of the soldered area: the copper (NSMD) or the mask opening (SMD)."""
        return min(self.pad_d_um, self.mask_d_um)


def board_net(ball: Ball) -> str | None:
    """Return the net's name on the board: the documented name where it differs from the die's."""
    return ball.doc_name or ball.net


def land_pattern(package: Package, board: Board | None = None) -> LandPattern:
    """Return the land pattern of a package; what `board` leaves open follows published practice for the pitch.

    Sources of the defaults stand in `assembly.land_rules` and beside each value.
    """
    board = board or Board()
    values = land_values(array_facts(package).pitch_um, package.terminal.ball_d_um, board)
    by_name = {value.name: value.value for value in values}
    body = body_size_um(package)
    kinds = {net.name: net.kind for net in package.nets}
    pads = tuple(
        LandPad(ball.name, *board_view_um(package, ball), board_net(ball), kinds.get(ball.net or ""))
        for ball in package.balls
    )
    margin = LandValue("courtyard_um", board.courtyard_um, *_courtyard_origin(board))
    return LandPattern(
        pads=pads,
        definition=board.definition,
        pad_d_um=by_name["pad_d_um"],
        mask_d_um=by_name["mask_d_um"],
        paste_d_um=by_name["paste_d_um"],
        stencil_um=by_name["stencil_um"],
        trace_max_um=by_name["trace_max_um"],
        body_um=body,
        courtyard_um=(_courtyard(body[0], board.courtyard_um), _courtyard(body[1], board.courtyard_um)),
        values=(*values, margin),
        checks=_checks(package, board, by_name),
    )


def _courtyard_origin(board: Board) -> tuple[Origin, str]:
    if "courtyard_um" in board.model_fields_set:
        return "given", "package file"
    return "published", rules.COURTYARD_SOURCE


def _courtyard(size_um: float, margin_um: float) -> float:
    """Return the courtyard's size: body plus margins, each half rounded up to the 10 µm grid."""
    half = size_um / 2 + margin_um
    return 2 * math.ceil(round(half / rules.COURTYARD_GRID_UM, 6)) * rules.COURTYARD_GRID_UM


def land_values(pitch_um: float, ball_d_um: float, board: Board) -> tuple[LandValue, ...]:
    """Return pad, mask, paste, stencil and trace values in µm with their origins, for balls of one pitch and size."""
    fact = rules.pad_fact(pitch_um, ball_d_um)
    joint = _joint(pitch_um, ball_d_um, fact)
    copper, mask = _nsmd(fact, board, joint) if board.definition == "NSMD" else _smd(board, joint)
    soldered = min(copper.value, mask.value)
    paste = _paste(fact, board, soldered)
    area = [foil for foil in rules.STENCILS_UM if paste.value / (4 * foil) >= rules.AREA_RATIO_MIN]
    foil = area[0] if area else rules.STENCILS_UM[-1]
    stencil = LandValue(
        "stencil_um", foil, "derived", f"thickest foil that keeps the aperture's area ratio; {rules.AREA_RATIO_SOURCE}"
    )
    trace = LandValue("trace_max_um", soldered * rules.TRACE_TO_PAD_RATIO, "derived", rules.TRACE_SOURCE)
    return (copper, mask, paste, stencil, trace)


def _joint(pitch_um: float, ball_d_um: float, fact: rules.PadFact | None) -> LandValue:
    """Return the diameter of the soldered area that suits pitch and ball."""
    if fact is not None:
        return LandValue("pad_d_um", fact.pad_d_um, "published", fact.source)
    d = 5.0 * max(round(rules.PAD_TO_BALL_DEFAULT_RATIO * ball_d_um / 5.0), 1)
    case = f"a ball of {ball_d_um:.0f} µm at {pitch_um:g} µm pitch"
    why = f"no published pad for {case}: 0.85 of the ball; {rules.PAD_TO_BALL_SOURCE}"
    return LandValue("pad_d_um", d, "assumed", why)


def _nsmd(fact: rules.PadFact | None, board: Board, joint: LandValue) -> tuple[LandValue, LandValue]:
    """Return copper pad and mask opening, the opening larger."""
    copper = _given("pad_d_um", board.pad_d_um) or joint
    if board.mask_d_um is not None:
        return copper, LandValue("mask_d_um", board.mask_d_um, "given", "package file")
    if fact is not None and copper.value == fact.pad_d_um:
        return copper, LandValue("mask_d_um", fact.mask_d_um, "published", fact.source)
    opening = copper.value + sum(rules.MASK_OVER_PAD_UM) / 2
    return copper, LandValue("mask_d_um", opening, "derived", rules.MASK_SOURCE)


def _smd(board: Board, joint: LandValue) -> tuple[LandValue, LandValue]:
    """Return copper pad and mask opening, the copper larger."""
    mask = _given("mask_d_um", board.mask_d_um)
    if mask is None and board.pad_d_um is not None:
        mask = LandValue("mask_d_um", board.pad_d_um - rules.SMD_COPPER_OVER_MASK_UM, "derived", rules.SMD_SOURCE)
    if mask is None:
        mask = LandValue("mask_d_um", joint.value, joint.origin, joint.source)
    copper = _given("pad_d_um", board.pad_d_um)
    if copper is None:
        d = mask.value + rules.SMD_COPPER_OVER_MASK_UM
        copper = LandValue("pad_d_um", d, "derived", rules.SMD_SOURCE)
    return copper, mask


def _paste(fact: rules.PadFact | None, board: Board, soldered_um: float) -> LandValue:
    """Return the stencil aperture's diameter."""
    given = _given("paste_d_um", board.paste_d_um)
    if given is not None:
        return given
    if fact is not None and soldered_um == fact.pad_d_um:
        return LandValue("paste_d_um", fact.paste_d_um, "published", fact.source)
    return LandValue("paste_d_um", soldered_um, "assumed", "aperture equal to the soldered area")


def _given(name: str, value: float | None) -> LandValue | None:
    return None if value is None else LandValue(name, value, "given", "package file")


def _checks(package: Package, board: Board, by_name: dict[str, float]) -> tuple[Check, ...]:
    """Return the rule checks of the pattern; the run goes on whatever they say."""
    pitch = array_facts(package).pitch_um
    copper, mask, paste = by_name["pad_d_um"], by_name["mask_d_um"], by_name["paste_d_um"]
    soldered = min(copper, mask)
    over = mask - copper if board.definition == "NSMD" else copper - mask
    low, high = rules.PAD_TO_BALL_RATIO
    ratio = soldered / package.terminal.ball_d_um
    area = paste / (4 * by_name["stencil_um"])
    ring = rules.MASK_OVER_PAD_UM[0]
    return (
        _at_least("definition", over, ring, f"{board.definition}: larger less smaller diameter", rules.MASK_SOURCE),
        _at_least("mask_web", pitch - mask, rules.MASK_WEB_MIN_UM, "solder mask between two openings", "assumed"),
        _at_least("copper_gap", pitch - copper, rules.MASK_WEB_MIN_UM, "copper between two pads", "assumed"),
        _at_least("paste_gap", pitch - paste, rules.PASTE_GAP_MIN_UM, "between two stencil apertures", "assumed"),
        _at_least("area_ratio", area, rules.AREA_RATIO_MIN, "aperture area to wall", rules.AREA_RATIO_SOURCE),
        Check(
            code="assembly.pad_to_ball",
            metric="pad_to_ball_ratio",
            value=round(ratio, 4),
            limit=f"{low:g} ... {high:g}",
            ok=low - 1e-9 <= ratio <= high + 1e-9,
            message=f"soldered area {soldered:g} µm under a ball of {package.terminal.ball_d_um:.0f} µm",
            source=rules.PAD_TO_BALL_SOURCE,
        ),
    )


def _at_least(code: str, value: float, limit: float, message: str, source: str) -> Check:
    unit = "ratio" if code == "area_ratio" else "um"
    return Check(
        code=f"assembly.{code}",
        metric=code if unit == "ratio" else f"{code}_um",
        value=round(value, 4),
        limit=limit,
        ok=value >= limit - 1e-9,
        message=f"{message}: {value:.3g}, at least {limit:g}" + (" µm" if unit == "um" else ""),
        source=source,
    )
