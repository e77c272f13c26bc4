"""Sizes of metal and openings at balls and pads: what the file gives, else the rule set, else assumed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chipscale.package.joint import reflowed
from chipscale.package.types import Assumption, Pad, RuleSet, Terminal
from chipscale.spec.nets import Rdl, TerminalBlock


class _Defaults:
    """Rules with a fallback; every fallback used is recorded as an assumption."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.assumptions: list[Assumption] = []

    def get(self, rule: str, fallback_um: float, what: str, why: str) -> float:
        if rule in self.rules.values:
            return self.rules.values[rule]
        reason = f"rule set {self.rules.name} has no {rule}; {why}"
        self.assumptions.append(Assumption(what, f"{fallback_um:g} µm", reason))
        return fallback_um

    def at_least(self, rule: str, value_um: float) -> float:
        return max(value_um, self.rules.values.get(rule, 0.0))


def terminal(
    block: TerminalBlock, sphere_d_um: float, rules: RuleSet, pads: Sequence[Pad]
) -> tuple[Terminal, tuple[Assumption, ...]]:
    """Return the sizes in µm at balls and pads, and what was assumed.

    UBM: the rules' least width. PI2: UBM less its enclosure. Land: UBM plus the metal's enclosure. PI1: the
    smallest connected pad less its enclosure, narrowed (never under the least width) where captures of
    neighbouring pads would come closer than the metal's space. Capture: PI1 plus the metal's enclosure.
    """
    use = _Defaults(rules)
    ubm = block.ubm_d_um
    if ubm is None:
        guess = round(0.8 * sphere_d_um)
        ubm = use.get("ubm_min_width_um", guess, "UBM diameter", "80 % of the solder sphere taken")
    pi2 = block.pi2_d_um
    if pi2 is None:
        pi2 = ubm - 2 * use.get("ubm_enc_pi2_um", min(15.0, 0.1 * ubm), "UBM beyond the PI2 opening", "usual value")
    land = block.land_d_um
    if land is None:
        if "rdl_enc_ubm_um" not in rules.values and "rdl_enc_pi2_um" in rules.values:
            land = pi2 + 2 * rules.values["rdl_enc_pi2_um"]
        else:
            land = ubm + 2 * use.get("rdl_enc_ubm_um", 10.0, "land beyond the UBM", "usual value")
        land = use.at_least("land_min_width_um", land)
    enclosure = (
        use.get("rdl_enc_pi1_um", 10.0, "metal beyond the PI1 opening", "usual value")
        if (block.pi1_size_um is None or block.pad_capture_um is None)
        else 0.0
    )
    pi1 = block.pi1_size_um if block.pi1_size_um is not None else _pi1(use, enclosure, pads)
    capture = block.pad_capture_um
    if capture is None:
        capture = use.at_least("rdl_pad_min_width_um", pi1 + 2 * enclosure)
        if "rdl_enc_pad_um" in rules.values and pads:
            largest = max(max(pad.size_x_um, pad.size_y_um) for pad in _connected(pads))
            capture = max(capture, largest + 2 * rules.values["rdl_enc_pad_um"])
    ball_d_um, ball_h_um = reflowed(sphere_d_um, ubm)
    made = Terminal(sphere_d_um, ball_d_um, ball_h_um, ubm, pi2, land, capture, pi1)
    return made, tuple(use.assumptions)


def wire(block: Rdl, rules: RuleSet) -> tuple[tuple[float, float], tuple[Assumption, ...]]:
    """Return the default (width, space) of redistribution wires in µm, and what was assumed."""
    use = _Defaults(rules)
    width = block.width_um or use.get("rdl_min_width_um", 20.0, "wire width", "usual value")
    space = block.space_um or use.get("rdl_min_space_um", 20.0, "wire space", "usual value")
    return (width, space), tuple(use.assumptions)


def _pi1(use: _Defaults, enclosure_um: float, pads: Sequence[Pad]) -> float:
    least = use.rules.values.get("pi1_min_width_um", 0.0)
    if not pads:
        return max(least, 40.0)
    inside = use.get("pad_enc_pi1_um", 10.0, "pad metal beyond the PI1 opening", "usual value")
    size = min(min(pad.size_x_um, pad.size_y_um) for pad in _connected(pads)) - 2 * inside
    room = closest_pads_um(_connected(pads)) - use.rules.values.get("rdl_min_space_um", 0.0) - 2 * enclosure_um
    size = min(size, room)
    return max(least, size) if max(least, size) > 0 else 10.0


def _connected(pads: Sequence[Pad]) -> Sequence[Pad]:
    return [pad for pad in pads if pad.net is not None] or pads


def closest_pads_um(pads: Sequence[Pad]) -> float:
    """Return the least distance of two pads' centres in µm, the larger of its x and y part; inf for one pad."""
    if len(pads) < 2:
        return float("inf")
    from scipy.spatial import cKDTree

    xy = np.array([(pad.x_um, pad.y_um) for pad in pads])
    return float(cKDTree(xy).query(xy, k=2, p=np.inf)[0][:, 1].min())
