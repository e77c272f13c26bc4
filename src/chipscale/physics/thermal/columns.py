"""Copper columns in place of solder balls: a plated pillar with a cap of solder that joins it to the board's land."""

from __future__ import annotations

import math
from dataclasses import dataclass

import shapely

from chipscale.errors import InputError, Problem
from chipscale.stack.types import Revolved, Slab

_SIDES = 16  # per quarter of a circle


@dataclass(frozen=True, slots=True)
class Column:
    """A pillar `d_um` wide and its cap of the ball's solder, `cap_um` high; `h_um` is the height of both (0: that of
    the ball's joint, so that the package stands as high as with balls). Straight walls; the cap as wide as the pillar.
    """

    d_um: float
    h_um: float = 0.0
    cap_um: float = 30.0
    material: str = "Cu_plated"

    def resistance_K_W(self, k_W_mK: float, k_cap_W_mK: float) -> float:
        """Return the upright resistance of pillar and cap, L / (k A) of each; `h_um` must be set.

        >>> round(Column(100.0, 100.0, 20.0).resistance_K_W(401.0, 58.0), 1)
        69.3
        """
        area_m2 = math.pi / 4 * (1e-6 * self.d_um) ** 2
        return 1e-6 * ((self.h_um - self.cap_um) / k_W_mK + self.cap_um / k_cap_W_mK) / area_m2

    def bodies(self, ball: Revolved, z_land_um: float) -> tuple[Slab, Slab]:
        """Return pillar and cap on the ball's under-bump metal up to the land; InputError where only a cap is left."""
        low, cap = float(ball.profile[0, 1]), z_land_um - self.cap_um
        if cap <= low + 1.0:
            what = f"a column {z_land_um - low:.0f} µm high has no room for a cap of {self.cap_um:g} µm"
            remedy = "a thinner cap, or a higher column (column_h_um)"
            raise InputError([Problem("thermal.column", what, key="column_cap_um", remedy=remedy)])
        ring = shapely.Point(ball.x_um, ball.y_um).buffer(self._buffer_um(), quad_segs=_SIDES)
        pillar = Slab(f"{ball.name}.pillar", ball.layer, self.material, low, cap - low, ring, ring, ball.net)
        return pillar, Slab(f"{ball.name}.cap", ball.layer, ball.material, cap, self.cap_um, ring, ring, ball.net)

    def _buffer_um(self) -> float:
        """Return the radius at which a polygon has the circle's area."""
        turn = math.tau / (4 * _SIDES)
        return self.d_um / 2 * math.sqrt(turn / math.sin(turn))
