"""Assignment: which ball carries which net."""

from chipscale.layout.assign.assignment import assign

__all__ = ["assign"]
