"""How bowed a wafer each class of tool can still hold, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class BowLimit:
    """The largest bow of a free wafer a tool takes: edges up (concave seen from the balls' side), edges down."""

    concave_um: float
    convex_um: float
    source: str

    @property
    def assumed(self) -> bool:
        """True when no maker of the tool stands behind the numbers."""
        return self.source == ASSUMED

    def holds(self, bow_um: float) -> bool:
        """True when a wafer of this bow (positive: edges towards +z) can be held."""
        return -self.convex_um <= bow_um <= self.concave_um

    def beside_um(self, bow_um: float) -> float:
        """Return the limit on the side this bow is on, in its sign."""
        return self.concave_um if bow_um >= 0 else -self.convex_um


OTHER_TOOL = BowLimit(1000.0, 1000.0, ASSUMED)  # vacuum chucks and arms made for wafers of full thickness
_FLATTENED = BowLimit(500.0, 500.0, ASSUMED)  # the mask hangs some 20 µm over the wafer: the chuck must flatten it
_PRESSED = BowLimit(2000.0, 2000.0, ASSUMED)  # the tape or the pad presses it flat
_LYING = BowLimit(5000.0, 5000.0, ASSUMED)  # in a frame, in a slot or on a belt: nothing draws it down
LIMITS: dict[str, BowLimit] = {
    "ball mounter": BowLimit(6000.0, 3000.0, "minder-semicon.com, wafer ball mounter MDSY-ZQ6076"),
    "dicing saw": _LYING,
    "grinder": _PRESSED,
    "laminator": BowLimit(3000.0, 3000.0, ASSUMED),
    "laser marker": BowLimit(3000.0, 3000.0, ASSUMED),
    "oven": _LYING,
    "polisher": _PRESSED,
    "proximity aligner": _FLATTENED,
    "reflow oven": _LYING,
    "wafer handler": _LYING,
    "wet bench": BowLimit(3000.0, 3000.0, ASSUMED),
}


def limit_of(tool: str) -> BowLimit:
    """Return the limit of a class of tool; tools not in the table have that of an ordinary vacuum chuck.

    Where a step needs several ("coater, developer") the tightest counts.

    >>> limit_of("ball mounter").holds(-3500.0), limit_of("ball mounter").holds(3500.0)
    (False, True)
    >>> limit_of("coater, proximity aligner, developer").concave_um
    500.0
    """
    found = [LIMITS.get(name.strip(), OTHER_TOOL) for name in tool.split(",")]
    return min(found, key=lambda limit: min(limit.concave_um, limit.convex_um))
