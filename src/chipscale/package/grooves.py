"""Where the grooves of a package with its wiring on the back begin and end, and what they leave for metal and balls.

All lengths are µm from the die's edge inwards, on the side of the die the pads of a row belong to. A groove's wall
leans outwards with height: it is `width + height / tan(wall angle)` wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from chipscale.package.types import Die, Grooves, Keepout, Package, Pad, Terminal

SIDES = ("left", "bottom", "right", "top")
_METAL_TO_OUTLINE_UM = 10.0  # where the rule set has no rule for it; assumed
_METAL_TO_GROOVE_UM = 10.0  # assumed
_METAL_BEYOND_OPENING_UM = 10.0  # assumed


def lean_um(height_um: float, wall_deg: float) -> float:
    """Return how far a groove's wall moves out over a height.

    >>> round(lean_um(130.0, 65.0), 2)
    60.62
    """
    return height_um / math.tan(math.radians(wall_deg))


def floor_um(grooves: Grooves, silicon_um: float) -> float:
    """Return the width of the first groove at the device layer; not positive when its walls meet above it."""
    return grooves.first_width_um - lean_um(silicon_um, grooves.first_wall_deg)


def level_um(grooves: Grooves, silicon_um: float) -> float:
    """Return the width of the first groove's floor on the insulation: less than bare, by what lies on the wall.

    A film of thickness t on floor and wall (square to each) fills a corner of angle a up to t tan(a / 2) from it.
    """
    corner = grooves.insulation_um * math.tan(math.radians(grooves.first_wall_deg) / 2)
    return floor_um(grooves, silicon_um) - corner


def cut_um(grooves: Grooves) -> tuple[float, float]:
    """Return the second groove's width on top of the insulation, and at its bottom (not positive: its walls meet)."""
    top = grooves.second_width_um + lean_um(grooves.insulation_um, grooves.second_wall_deg)
    depth = grooves.device_um + grooves.second_depth_um
    return top, grooves.second_width_um - lean_um(depth, grooves.second_wall_deg)


def span_um(pad: Pad, die_um: tuple[float, float]) -> tuple[float, float]:
    """Return where a pad begins and ends, from the die's edge on its side inwards."""
    middle = {"left": pad.x_um, "right": die_um[0] - pad.x_um, "bottom": pad.y_um, "top": die_um[1] - pad.y_um}
    half = (pad.size_x_um if pad.side in ("left", "right") else pad.size_y_um) / 2
    return middle[pad.side] - half, middle[pad.side] + half


def along_um(pad: Pad) -> float:
    """Return a pad's width along the die's edge."""
    return pad.size_y_um if pad.side in ("left", "right") else pad.size_x_um


def reach_um(rules: Mapping[str, float], widest_um: float) -> float:
    """Return how far the metal from a pad goes on the back beyond the groove's mouth: room for the widest wire."""
    return rules.get("rdl_to_groove1_um", _METAL_TO_GROOVE_UM) + widest_um


def metal_from_um(grooves: Grooves, rules: Mapping[str, float], pad_middle_um: float) -> float:
    """Return where the metal of a pad begins: near the outline in the second groove, or beyond the opening on a pad."""
    if grooves.second:
        return rules.get("rdl_to_outline_um", _METAL_TO_OUTLINE_UM)
    beyond = rules.get("rdl_enc_ins_open_um", _METAL_BEYOND_OPENING_UM)
    return pad_middle_um - grooves.contact_d_um / 2 - beyond


def land_edge_um(grooves: Grooves, side: str, rules: Mapping[str, float], widest_um: float) -> float:
    """Return the least distance of a land's edge from the die's edge: clear of the groove and the metal out of it."""
    if side not in grooves.sides:
        return rules.get("rdl_to_outline_um", _METAL_TO_OUTLINE_UM)
    space = rules.get("rdl_min_space_um", 0.0)
    return grooves.first_width_um + reach_um(rules, widest_um) + space


def least_um(
    grooves: Grooves, terminal: Terminal, rules: Mapping[str, float], widest_um: float
) -> tuple[float, float, float, float]:
    """Return the least distance of a ball's centre from the die's left, bottom, right and top edge."""
    ball = rules.get("bump_to_groove1_um", 0.0) + terminal.ball_d_um / 2
    found = []
    for side in SIDES:
        mouth = grooves.first_width_um if side in grooves.sides else 0.0
        found.append(max(land_edge_um(grooves, side, rules, widest_um) + terminal.land_d_um / 2, mouth + ball))
    return found[0], found[1], found[2], found[3]


def widest_um(package: Package) -> float:
    """Return the width of the package's widest wires."""
    return max((item.width_um for item in package.classes), default=0.0)


def strips(grooves: Grooves, die: Die, width_um: float) -> list[tuple[float, float, float, float]]:
    """Return (x0, y0, x1, y1) of the strips `width_um` wide along the die's edges that have a groove."""
    w, h = die.size_x_um, die.size_y_um
    boxes = {
        "left": (0.0, 0.0, width_um, h),
        "bottom": (0.0, 0.0, w, width_um),
        "right": (w - width_um, 0.0, w, h),
        "top": (0.0, h - width_um, w, h),
    }
    return [boxes[side] for side in SIDES if side in grooves.sides]


def turned_pads(pads: Sequence[Pad], size_x_um: float) -> tuple[Pad, ...]:
    """Return pads given in the active-face view as they lie seen from the die's back: mirrored in x."""
    from dataclasses import replace

    other = {"left": "right", "right": "left"}
    return tuple(replace(pad, x_um=size_x_um - pad.x_um, side=other.get(pad.side, pad.side)) for pad in pads)


def turned_keepouts(areas: Sequence[Keepout], size_x_um: float) -> tuple[Keepout, ...]:
    """Return keep-outs given in the active-face view as they lie seen from the die's back."""
    return tuple(Keepout(area.name, tuple((size_x_um - x, y) for x, y in reversed(area.points_um))) for area in areas)
