"""The wafer as it comes from the foundry: silicon, bond pads, seal ring, and what covers them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import shapely

from chipscale.process.kinds.own_stress import OWN_STRESS, stressed
from chipscale.process.masks import Masks
from chipscale.process.relief.front import Front, Layer, Wall
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Silicon, Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Slab

_ASSUMED = "assumed: usual practice"
_PARTS = (("fill", "fill"), ("", ""))  # around the pads, over them
_AROUND = (("around", ""), ("", ""))  # the die's wiring dielectric holds its pads: both parts are the film


@dataclass(frozen=True, slots=True)
class IncomingWafer:
    """Silicon up to z = 0, pad metal on it, passivation levelled around and over the pads' edges.

    The wiring layers of the die are part of its silicon body; pads and seal ring stand on z = 0. With `device_um` the
    dielectric that holds the die's wiring is a body of its own (layer DEVICE) with the pads in it, closed over them:
    for dies whose pads are reached from the back.
    """

    name: ClassVar[str] = "incoming_wafer"
    title: ClassVar[str] = "Incoming wafer"
    tool: ClassVar[str] = "incoming inspection"
    needs: ClassVar[frozenset[str]] = frozenset()
    never: ClassVar[frozenset[str]] = frozenset({"wafer"})
    makes: ClassVar[frozenset[str]] = frozenset({"wafer"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("scratch", "die", "handling at the foundry"),
        Defect("edge chip", "wafer", "handling, transport"),
    )

    pad_metal_um: float = option(1.0, "thickness of the pad metal", 0.05, 10)
    passivation_um: float = option(1.0, "thickness of the passivation over the pads' edges", 0.05, 20)
    wafer_um: float = option(775.0, "thickness of the wafer", 20, 1000, "SEMI M1: 775 µm at 300 mm")
    wafer_tolerance_um: float = option(20.0, "thickness from wafer to wafer, +/- (3 sigma)", 0, 50, "SEMI M1")
    diameter_mm: float = option(300.0, "diameter of the wafer", 50, 450, "SEMI M1")
    pad_overlap_um: float = option(2.0, "passivation over the edge of the pad metal, per side", 0, 50, _ASSUMED)
    device_um: float = option(
        0.0, "dielectric with the die's wiring over the silicon, in place of the passivation; 0: none", 0, 50, _ASSUMED
    )
    inspection_s: float = option(60.0, "time to look at one wafer", 0, 3600, _ASSUMED)
    pad_stress_MPa: float = option(0.0, f"of the pad metal, {OWN_STRESS}", -2000, 2000)
    passivation_stress_MPa: float = option(0.0, f"of the passivation, {OWN_STRESS}", -2000, 2000)
    device_stress_MPa: float = option(0.0, f"of the dielectric with the wiring, {OWN_STRESS}", -2000, 2000)
    silicon: str = "Si"
    pad_material: str = "Al"
    passivation_material: str = "SiN"
    device_material: str = "SiO2"

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the wafer piece of one die."""
        silicon = Slab("DIE", "DIE", self.silicon, -self.wafer_um, self.wafer_um, masks.die, masks.die)
        metal = self._metal(masks)
        raised = shapely.union_all([body.bottom for body in metal]) if metal else shapely.Polygon()
        _, front = Front(((0.0, masks.die),)).filled(Wall(raised), self.pad_metal_um)
        if self.device_um > 0:
            films, after = self._device(masks, front)
        else:
            films, after = self._passivation(masks, front)
        wafer = Silicon(diameter_mm=self.diameter_mm)
        made = work.with_bodies([silicon, *metal, *films], after).but(silicon=wafer)
        for layer in ("PAD", "SEAL"):
            made = stressed(made, layer, self.pad_material, self.pad_stress_MPa)
        if self.device_um > 0:
            return stressed(made, "DEVICE", self.device_material, self.device_stress_MPa)
        drawn_um = sum(film.h_um for film in films)  # levelled: around the pads it is drawn thicker than it is
        share = self.passivation_um / drawn_um if drawn_um > 0 else 1.0
        return stressed(made, "PASSIVATION", self.passivation_material, self.passivation_stress_MPa, share)

    def time_s(self, batch: Batch) -> float:
        """Return the time of the inspection in s."""
        return self.inspection_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the wafer's thickness varies."""
        return (Spread("thickness_um", "DIE", {"wafer": self.wafer_tolerance_um / 3.0}, "SEMI M1"),)

    def _metal(self, masks: Masks) -> list[Slab]:
        """Return pads and seal ring."""
        metal = []
        for layer in ("PAD", "SEAL"):
            for piece in masks.pieces(layer):
                net = piece.net if layer == "PAD" else None
                name = f"{layer}.{piece.name}" if layer == "PAD" else piece.name.replace("metal", "SEAL")
                slab = Slab(name, layer, self.pad_material, 0.0, self.pad_metal_um, piece.region, piece.region, net)
                metal.append(slab)
        return metal

    def _passivation(self, masks: Masks, front: Front) -> tuple[list[Slab], Front]:
        """Return the passivation, open over the pads, and the surface with it."""
        covered = shapely.difference(masks.die, shapely.union_all(self._openings(masks)))
        layers, after = front.filled(Wall(covered), self.pad_metal_um + self.passivation_um)
        return _slabs("PASSIVATION", self.passivation_material, layers), after

    def _device(self, masks: Masks, front: Front) -> tuple[list[Slab], Front]:
        """Return the dielectric that holds the wiring, closed over the pads, and the surface with it."""
        if self.device_um < self.pad_metal_um + Z_EPS_UM:
            raise StepError(
                "the device layer does not cover its pads",
                value=f"{self.device_um:g} µm",
                limit=f"more than {self.pad_metal_um:g} µm of pad metal",
                option="device_um",
            )
        layers, after = front.filled(Wall(masks.die), self.device_um)
        return _slabs("DEVICE", self.device_material, layers, _AROUND), after

    def _openings(self, masks: Masks) -> list[object]:
        """Return the passivation's opening over each pad."""
        openings = []
        for piece in masks.pieces("PAD"):
            opening = shapely.buffer(piece.region, -self.pad_overlap_um, join_style="mitre")
            if opening.is_empty:
                x0, y0, x1, y1 = piece.region.bounds
                size = f"{x1 - x0:g} x {y1 - y0:g} µm"
                raise StepError(
                    f"pad {piece.name} is too small for the passivation's overlap of {self.pad_overlap_um:g} µm",
                    value=size,
                    remedy="lower pad_overlap_um of the incoming wafer",
                    option="pad_overlap_um",
                )
            openings.append(opening)
        return openings


def _slabs(layer: str, material: str, films: list[Layer], names: tuple[tuple[str, str], ...] = _PARTS) -> list[Slab]:
    """Return a film around the pads and over them as bodies; on a die without pads there is only the second."""
    parts = names[len(names) - len(films) :]
    return [
        Slab(f"{layer}.{suffix}" if suffix else layer, layer, material, z_um, h_um, bottom, top, None, part)
        for (suffix, part), (z_um, h_um, bottom, top) in zip(parts, films, strict=True)
    ]
