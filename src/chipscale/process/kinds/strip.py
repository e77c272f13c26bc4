"""An opened resist goes: thinned from its top, stripped."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.kinds.coating import ASSUMED, coat_of
from chipscale.process.kinds.litho import widened
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Work


@dataclass(frozen=True, slots=True)
class EtchBack:
    """Thin the opened resist from its top in a plasma, to bare what stands in it."""

    name: ClassVar[str] = "etch_back"
    title: ClassVar[str] = "Thin resist"
    tool: ClassVar[str] = "plasma asher"
    needs: ClassVar[frozenset[str]] = frozenset({"coat", "opened"})
    never: ClassVar[frozenset[str]] = frozenset({"diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (Defect("residue", "ball", "resist left on the bared metal"),)

    depth_um: float = option(5.0, "resist taken from the top", 0.01, 200)
    rate_um_min: float = option(1.0, "rate of the plasma", 0.01, 20, ASSUMED)
    lateral_ratio: float = option(
        0.0, "widening of the openings per edge over the depth", 0, 2, "assumed: downward only"
    )
    uniformity_pct: float = option(5.0, "+/- depth within a wafer", 0, 50, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with a thinner coat."""
        coat = coat_of(work)
        assert coat.opened is not None  # the flow's order is checked before
        lowest = work.front.levels[0][0] if coat.wall_um is None else coat.z_top_um - coat.thickness_um
        top = coat.z_top_um - self.depth_um
        if top <= lowest:
            raise StepError(
                "this takes all of the resist",
                value=f"{self.depth_um:g} µm",
                limit=f"less than {coat.z_top_um - lowest:g} µm",
                remedy="a smaller depth, or strip",
                option="depth_um",
            )
        side = self.lateral_ratio * self.depth_um
        opened = widened(coat.opened, side, masks.die) if side > 0.0 else coat.opened
        left = coat.thickness_um - self.depth_um
        coat = dataclasses.replace(coat, z_top_um=top, thickness_um=left, opened=opened)
        return work.but(coat=coat).noted(left_um=left, bared_um=max(0.0, work.front.top_um - top), widened_um=side)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in the plasma."""
        return 60.0 * self.depth_um / self.rate_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the depth varies; "+/-" counts as 3 sigma."""
        return (Spread("depth_pct", "RESIST", {"die": self.uniformity_pct / 3.0}, ASSUMED),)


@dataclass(frozen=True, slots=True)
class Strip:
    """Strip the resist."""

    name: ClassVar[str] = "strip"
    title: ClassVar[str] = "Strip resist"
    tool: ClassVar[str] = "wet bench"
    needs: ClassVar[frozenset[str]] = frozenset({"coat"})
    never: ClassVar[frozenset[str]] = frozenset({"diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset({"coat", "dry", "latent", "opened"})
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("resist residue", "wire", "hardened resist, a fence along the metal"),
        Defect("attacked metal", "wire", "remover left on too long"),
    )

    strip_s: float = option(600.0, "time in the remover", 10, 7200, ASSUMED)
    rinse_s: float = option(120.0, "rinse and dry", 0, 1200, ASSUMED)
    bath_count: float = option(25.0, "wafers stripped together", 1, 100, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece without its coat."""
        return work.but(coat=None)

    def time_s(self, batch: Batch) -> float:
        """Return this wafer's share in s of the bath's time."""
        return (self.strip_s + self.rinse_s) / self.bath_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing."""
        return ()
