"""Sizes at balls and pads where the wiring is on the die's back: opening of the solder mask, land, metal on a pad."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from chipscale.errors import Problem
from chipscale.package.grooves import along_um
from chipscale.package.joint import reflowed
from chipscale.package.types import Assumption, Pad, RuleSet, Terminal
from chipscale.spec.read import SpecFile

_OPENING_RATIO = 0.8  # of the solder sphere; assumed
_LAND_BEYOND_UM = 20.0  # assumed


def masked_ball(sphere_d_um: float, opening_d_um: float, deep_um: float) -> tuple[float, float] | None:
    """Return (widest diameter, height above the solder mask) in µm of a ball whose land lies in a mask's opening.

    The solder fills the opening; what is left of the sphere stands on its rim as on an under-bump metal. None when
    nothing is left.

    >>> [round(value, 1) for value in masked_ball(250.0, 200.0, 25.0)]
    [248.1, 197.4]
    """
    left_um3 = math.pi / 6 * sphere_d_um**3 - math.pi / 4 * opening_d_um**2 * deep_um
    if left_um3 <= 0:
        return None
    return reflowed((6 * left_um3 / math.pi) ** (1 / 3), opening_d_um)


def groove_terminal(
    specfile: SpecFile, deep_um: float, rules: RuleSet, pads: Sequence[Pad]
) -> tuple[Terminal, tuple[Assumption, ...], list[Problem]]:
    """Return the sizes in µm, what was assumed and what is wrong with them; solder has to fill openings `deep_um` deep.

    Opening of the solder mask (`pi2_d_um`, and the base of the ball): as given, or the rules' least, or 80 % of the
    sphere. Land: opening plus the metal's enclosure. Metal on a pad (`pad_capture_um`, its width along the edge): as
    wide as the narrowest pad, narrower where neighbours would come too close.
    """
    block, sphere = specfile.spec.terminal, specfile.spec.balls.sphere_d_um
    assumed = []
    opening = block.pi2_d_um or rules.values.get("smo_min_width_um")
    if opening is None:
        opening = round(_OPENING_RATIO * sphere)
        why = f"rule set {rules.name} has no smo_min_width_um; 80 % of the solder sphere taken"
        assumed.append(Assumption("opening of the solder mask", f"{opening:g} µm", why))
    land = block.land_d_um
    if land is None:
        land = opening + 2 * rules.values.get("rdl_enc_smo_um", _LAND_BEYOND_UM)
        if "rdl_enc_smo_um" not in rules.values:
            why = f"rule set {rules.name} has no rdl_enc_smo_um; usual value"
            assumed.append(Assumption("land beyond the opening", f"{_LAND_BEYOND_UM:g} µm", why))
    metal = block.pad_capture_um or _metal_um(pads, rules)
    ball = masked_ball(sphere, opening, deep_um)
    problems = _problems(specfile, (opening, land, metal), pads, rules)
    if ball is None:
        what = "the opening of the solder mask holds more solder than the sphere has"
        remedy = "a larger sphere, a smaller opening (terminal.pi2_d_um) or a thinner mask (sensor.mask_um)"
        limit = f"an opening {opening:g} µm wide and {deep_um:g} µm deep"
        problems.append(
            specfile.problem("sensor.opening_too_deep", "balls.sphere_d_um", what, f"{sphere:g} µm", limit, remedy)
        )
    ball_d, ball_h = ball or reflowed(sphere, opening)
    made = Terminal(sphere, ball_d, ball_h, opening, opening, land, metal, 0.0)
    return made, tuple(assumed), problems


def _metal_um(pads: Sequence[Pad], rules: RuleSet) -> float:
    wanted = [pad for pad in pads if pad.net is not None]
    if not wanted:
        return 60.0
    room = _closest_um(wanted) - rules.values.get("rdl_min_space_um", 0.0)
    return max(min(min(along_um(pad) for pad in wanted), room), 1.0)


def _closest_um(pads: Sequence[Pad]) -> float:
    """Return the least distance along the edge of the middles of two pads on one side; infinity without two."""
    gaps = [math.inf]
    for side in {pad.side for pad in pads}:
        at = sorted(pad.y_um if side in ("left", "right") else pad.x_um for pad in pads if pad.side == side)
        gaps += [high - low for low, high in pairwise(at)]
    return min(gaps)


def _problems(
    specfile: SpecFile, sizes: tuple[float, float, float], pads: Sequence[Pad], rules: RuleSet
) -> list[Problem]:
    opening, land, metal = sizes
    problems = []
    if opening > land:
        what = "the opening of the solder mask is larger than the land"
        limit, remedy = f"<= {land:g} µm", "make it smaller, or the land larger"
        problems.append(specfile.problem("terminal.larger", "terminal.pi2_d_um", what, f"{opening:g}", limit, remedy))
    wanted = [pad for pad in pads if pad.net is not None]
    room = _closest_um(wanted) - rules.values.get("rdl_min_space_um", 0.0)
    if metal > room + 1e-6:
        what = "the metal of neighbouring pads comes closer than the rule set's least space"
        remedy = "narrower metal (terminal.pad_capture_um) or pads farther apart"
        problems.append(
            specfile.problem("sensor.pads_too_close", "terminal", what, f"{metal:g} µm", f"<= {room:g} µm", remedy)
        )
    least = rules.values.get("rdl_min_width_um", 0.0)
    if metal < least - 1e-6:
        what = "the metal on pads is narrower than the rule set's minimum"
        remedy = "wider or farther pads, or a smaller rule"
        problems.append(
            specfile.problem("sensor.pads_too_close", "terminal", what, f"{metal:g} µm", f">= {least:g} µm", remedy)
        )
    return problems
