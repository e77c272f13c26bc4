"""The wafer as it comes from the foundry: silicon, bond pads, seal ring, passivation open over the pads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import shapely

from chipscale.process.front import Front, Wall
from chipscale.process.masks import Masks
from chipscale.process.step import StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab

_NAMES = (("PASSIVATION.fill", "fill"), ("PASSIVATION", ""))  # around the pads, over them


@dataclass(frozen=True, slots=True)
class IncomingWafer:
    """Silicon up to z = 0, pad metal on it, passivation levelled around and over the pads' edges.

    The wiring layers of the die are part of its silicon body; pads and seal ring stand on z = 0.
    """

    name: ClassVar[str] = "incoming_wafer"
    title: ClassVar[str] = "Incoming wafer"
    tool: ClassVar[str] = "incoming inspection"
    needs: ClassVar[frozenset[str]] = frozenset()
    never: ClassVar[frozenset[str]] = frozenset({"wafer"})
    makes: ClassVar[frozenset[str]] = frozenset({"wafer"})
    takes: ClassVar[frozenset[str]] = frozenset()

    pad_metal_um: float = option(1.0, "thickness of the pad metal", 0.05, 10)
    passivation_um: float = option(1.0, "thickness of the passivation over the pads' edges", 0.05, 20)
    wafer_um: float = option(775.0, "thickness of the wafer", 20, 1000, "SEMI M1: 775 µm at 300 mm")
    pad_overlap_um: float = option(2.0, "passivation over the edge of the pad metal, per side (assumed)", 0, 50)
    silicon: str = "Si"
    pad_material: str = "Al"
    passivation_material: str = "SiN"

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the wafer piece of one die."""
        silicon = Slab("DIE", "DIE", self.silicon, -self.wafer_um, self.wafer_um, masks.die, masks.die)
        metal: list[Slab] = []
        for layer in ("PAD", "SEAL"):
            for piece in masks.pieces(layer):
                net = piece.net if layer == "PAD" else None
                name = f"{layer}.{piece.name}" if layer == "PAD" else piece.name.replace("metal", "SEAL")
                slab = Slab(name, layer, self.pad_material, 0.0, self.pad_metal_um, piece.region, piece.region, net)
                metal.append(slab)
        raised = shapely.union_all([body.bottom for body in metal]) if metal else shapely.Polygon()
        _, front = Front(((0.0, masks.die),)).filled(Wall(raised), self.pad_metal_um)
        top = self.pad_metal_um + self.passivation_um
        covered = shapely.difference(masks.die, shapely.union_all(self._openings(masks)))
        layers, after = front.filled(Wall(covered), top)
        material = self.passivation_material
        films = [
            Slab(name, "PASSIVATION", material, film.z_um, film.h_um, film.bottom, film.top, None, part)
            for (name, part), film in zip(_NAMES, _two(layers), strict=True)
            if film is not None
        ]
        return work.with_bodies([silicon, *metal, *films], after)

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
                )
            openings.append(opening)
        return openings


def _two(films: list) -> list:  # type: ignore[type-arg]
    """Return (film around the pads, film over them); the first is None on a die without pads."""
    return [None] * (2 - len(films)) + films
