"""Where the dies stand on the wafer, and how a bowl lies over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chipscale.errors import InputError, Problem
from chipscale.layout.types import Layout
from chipscale.layout.wafer_map import wafer_map
from chipscale.package.types import Package
from chipscale.spec.model import Wafer

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Places:
    """Dies on a wafer and bumps on a die: centres of the dies from the wafer's centre, bumps from the die's centre."""

    x_mm: Array  # (dies,)
    y_mm: Array
    bump_x_mm: Array  # (bumps,)
    bump_y_mm: Array
    radius_mm: float  # of the wafer

    @property
    def bowl(self) -> npt.NDArray[np.float32]:
        """Return (r / R)² - 1/2 at every bump, (dies, bumps): a parabola, zero on average over the wafer."""
        x = self.x_mm[:, None] + self.bump_x_mm[None, :]
        y = self.y_mm[:, None] + self.bump_y_mm[None, :]
        return ((x * x + y * y) / self.radius_mm**2 - 0.5).astype(np.float32)

    def few(self, count: int) -> Places:
        """Return the same with at most `count` dies, evenly picked."""
        keep = _even(len(self.x_mm), min(count, len(self.x_mm)))
        return Places(self.x_mm[keep], self.y_mm[keep], self.bump_x_mm, self.bump_y_mm, self.radius_mm)


def places_of(package: Package, layout: Layout, bumps_um: Array, dies_count: int = 0) -> Places:
    """Return the full dies of the package's wafer, or `dies_count` of them evenly picked over the wafer.

    InputError when the wafer holds fewer.
    """
    facts = package.wafer
    block = Wafer.model_construct(
        diameter_mm=int(facts.diameter_mm),  # type: ignore[arg-type]
        street_x_um=facts.street_x_um,
        street_y_um=facts.street_y_um,
        edge_exclusion_mm=facts.edge_exclusion_mm,
    )
    found = wafer_map((layout.size_x_um, layout.size_y_um), block)
    full = [die for die in found.dies if die.state == "full"]
    if dies_count < 0 or dies_count > len(full):
        limit = f"0 (all) to {len(full)}: full dies on a wafer of {facts.diameter_mm:g} mm"
        what = "the wafer does not hold so many dies"
        raise InputError([Problem("variation.dies", what, key="dies_count", value=str(dies_count), limit=limit)])
    keep = _even(len(full), dies_count or len(full))
    x = np.array([die.x_mm for die in full])[keep] + found.die_x_mm / 2.0
    y = np.array([die.y_mm for die in full])[keep] + found.die_y_mm / 2.0
    offset = (bumps_um - np.array([layout.size_x_um, layout.size_y_um]) / 2.0) / 1000.0
    return Places(x, y, offset[:, 0], offset[:, 1], facts.diameter_mm / 2.0)


def _even(total: int, count: int) -> npt.NDArray[np.int64]:
    """Return `count` indices evenly spread over `total`."""
    return (np.arange(count, dtype=np.int64) * total) // max(count, 1)
