"""What is done to cool a package besides its board: columns in place of balls, a plate on its back."""

from __future__ import annotations

from dataclasses import dataclass

from chipscale.physics.thermal.base_plate import BasePlate
from chipscale.physics.thermal.columns import Column


@dataclass(frozen=True, slots=True)
class Cooling:
    """Columns and plate of a scene (None: solder balls, no plate).

    `lines_like`: others whose edges the grid has lines at as well, so that answers to be compared share their cells.
    """

    column: Column | None = None
    plate: BasePlate | None = None
    lines_like: tuple[Cooling, ...] = ()

    def faces_um(self, z_low_um: float, z_land_um: float) -> list[float]:
        """Return the heights at which there are faces: of the plate, and of the columns' caps."""
        own = self.plate.faces_um(z_low_um) if self.plate else []
        return own + [z_land_um - item.column.cap_um for item in (self, *self.lines_like) if item.column]

    def reach_um(self, axis: int) -> set[float]:
        """Return how far plates reach from the package's middle along an axis (0: x, 1: y)."""
        return {item.plate.size_um[axis] / 2 for item in (self, *self.lines_like) if item.plate}
