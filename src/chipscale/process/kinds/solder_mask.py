"""The solder mask on the die's back: it fills the grooves or bridges them, opened over the lands by its own mask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import shapely

from chipscale.process.masks import Masks
from chipscale.process.models.film_mismatch import mismatch_MPa
from chipscale.process.models.film_stress import stress_free_C
from chipscale.process.relief.front import Layer, Wall
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Slab

_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class SolderMask:
    """Coat, expose, develop and cure the solder mask: level on top, `thickness_um` above the highest metal.

    `full`: it fills the grooves down to what lies in them. `hollow`: it bridges them; its lower face over a groove is
    level with the lowest place of the back beside it, less `sag_um`, and the room below stays empty.
    """

    name: ClassVar[str] = "solder_mask"
    title: ClassVar[str] = "Solder mask: coat, expose, develop, cure"
    tool: ClassVar[str] = "screen printer, exposer, developer, oven"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "coat", "seed", "film", "solder", "joints", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("void in the groove", "die", "air under the mask where it should fill the groove"),
        Defect("metal pulled off the pad", "pad", "a filled groove expands more than the wafer (US 10,325,946)"),
        Defect("opening not clear", "ball", "mask left on the land"),
    )

    mask: str = mask_option("SMO", "mask of the openings")
    layer: str = "MASK"
    material: str = "SolderMask"
    thickness_um: float = option(25.0, "mask above the highest metal", 5, 200, f"15 to 40 µm {_ASSUMED}")
    fill: str = option("full", "what becomes of the grooves", choices=("full", "hollow"))
    groove: str = mask_option("GROOVE1", "mask of what a hollow one bridges; empty: nothing", optional=True)
    sag_um: float = option(0.0, "how far a bridge sinks into the groove's mouth", 0, 200, _ASSUMED)
    wall_deg: float = option(90.0, "wall of the openings; 90: upright", 45, 90, _ASSUMED)
    cure_C: float = option(150.0, "temperature of the cure", 80, 260, _ASSUMED)
    tolerance_um: float = option(5.0, "thickness within a wafer, +/- (3 sigma)", 0, 50, _ASSUMED)
    opening_um: float = option(5.0, "width of the openings, +/- (3 sigma)", 0, 50, _ASSUMED)
    coat_s: float = option(90.0, "time to coat one wafer", 0, 3600, _ASSUMED)
    expose_s: float = option(60.0, "time to align and expose one wafer", 0, 3600, _ASSUMED)
    develop_s: float = option(120.0, "time to develop one wafer", 0, 3600, _ASSUMED)
    cure_h: float = option(1.0, "time in the oven", 0, 24, _ASSUMED)
    oven_count: float = option(25.0, "wafers cured together in the oven", 1, 200, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the mask on it; refused without openings or without metal in one of them."""
        openings = [piece.region for piece in masks.pieces(self.mask)]
        if not openings:
            raise StepError(
                f"nothing is drawn on {self.mask}", remedy="draw the openings over the lands", option="mask"
            )
        region = masks.region(self.mask)
        foot = work.front.highest_um(region)
        lean = 0.0 if self.wall_deg >= 90 else 1.0 / math.tan(math.radians(self.wall_deg))
        top = work.front.top_um + self.thickness_um
        lowest = work.front.bands[0].z_um if work.front.bands else work.front.top_um
        layers, front = work.front.filled(work.front.outside(Wall(region, foot, lean)), top)
        deep = work.front.top_um - lowest
        hollow_um = 0.0
        if self.fill == "hollow" and masks.has(self.groove):
            back = shapely.difference(masks.die, masks.region(self.groove))
            under = work.front.lowest_um(back) - self.sag_um
            layers, hollow_um = _above(layers, under), max(0.0, under - lowest)
        after = work.with_bodies(_slabs(self.layer, self.material, layers), front)
        told = []
        stress = mismatch_MPa(self.material, stress_free_C(self.material, self.cure_C))
        if stress is None:
            told.append(f"the library has no modulus or expansion of {self.material}: its stress is not known")
        else:
            after = after.strained(self.layer, stress, f"thermal mismatch to silicon from {self.cure_C:g} °C")
        thickest = deep + self.thickness_um - hollow_um
        return after.noted(*told, thickest_um=thickest, hollow_um=hollow_um)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s for one wafer, its share of the oven's counted."""
        return self.coat_s + self.expose_s + self.develop_s + 3600.0 * self.cure_h / self.oven_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the mask's thickness and its openings vary."""
        return (
            Spread("thickness_um", self.layer, {"radius": self.tolerance_um / 3.0}, _ASSUMED),
            Spread("cd_um", self.layer, {"wafer": self.opening_um / 3.0}, _ASSUMED),
        )


def _above(layers: list[Layer], z_um: float) -> list[Layer]:
    """Return what the layers have above a height."""
    found = []
    for layer in layers:
        if layer.z_um >= z_um - Z_EPS_UM:
            found.append(layer)
        elif layer.top_um > z_um + Z_EPS_UM:
            found.append(layer.part(z_um, layer.top_um))
    return found


def _slabs(name: str, material: str, layers: list[Layer]) -> list[Slab]:
    """Return the layers as bodies: the highest is the mask, those below it fill what is lower."""
    names = [f"{name}.fill{k}" for k in range(1, len(layers))] + [name]
    return [
        Slab(
            called,
            name,
            material,
            layer.z_um,
            layer.h_um,
            layer.bottom,
            layer.top,
            None,
            "" if called == name else "fill",
        )
        for called, layer in zip(names, layers, strict=True)
    ]
