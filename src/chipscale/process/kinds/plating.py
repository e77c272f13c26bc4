"""Electroplating: metal grows in the openings of a resist as the current brings it, one metal or several in turn."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from chipscale.process.kinds.own_stress import OWN_STRESS, stressed
from chipscale.process.kinds.plated_metal import Metal, foundations, grown
from chipscale.process.masks import Masks, Piece
from chipscale.process.models.faraday import minutes
from chipscale.process.models.plating_baths import SOLDERS, bath_of, check_current
from chipscale.process.models.plating_profile import shares, thickness_factors
from chipscale.process.models.resists import remedy_for
from chipscale.process.models.terminal_effect import plated_edge_rise
from chipscale.process.outcome import Outcome
from chipscale.process.relief.narrowest import narrow_place
from chipscale.process.relief.opening import Openings, named, region_at
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Blanket, Work

SLOW_BELOW_UM = 20.0  # mems-talk 22697: 35 µm of copper in narrower openings grows more slowly
_MARGIN_RATIO = 0.1  # resist over the metal plated into it (assumed: usual practice)
_TLMI = "tlmicorp.com, solder-bumping layout guidelines"
_SPREAD = f"{_TLMI}, read as 3 sigma"


@dataclass(frozen=True, slots=True)
class Plate:
    """Plate metal into the resist's openings, levelled: it fills the openings of the dielectric below.

    The thickness is the mean over the wafer and counts from the highest place inside the openings, seed included.
    Several platings in a row stand one upon the other in one resist. Metal inside an opening of the dielectric is a
    body of its own, its `part` is "plug". Walls are drawn upright at the opening's width halfway up the metal.
    """

    name: ClassVar[str] = "plate"
    title: ClassVar[str] = "Electroplate"
    tool: ClassVar[str] = "plater"
    needs: ClassVar[frozenset[str]] = frozenset({"seed", "opened"})
    never: ClassVar[frozenset[str]] = frozenset({"joints", "diced"})
    makes: ClassVar[Outcome] = Outcome(
        frozenset({"metal", "solder"}),
        lambda step: frozenset({"metal", "solder"} if step.material in SOLDERS else {"metal"}),
    )
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("missing metal", "ball", "resist residue or a gap of the seed keeps the current away"),
        Defect("nodule", "wire", "a particle or a burnt place grows faster than the rest"),
        Defect("plating under the resist", "wire", "the resist lifts at its foot and metal creeps below it"),
        Defect("void", "ball", "a bubble or a closed mouth of a narrow opening"),
    )

    layer: str = "RDL"
    material: str = "Cu_plated"
    thickness_um: float = option(6.0, "mean thickness over the highest place in the openings, seed included", 0.1, 150)
    current_density_A_dm2: float = option(2.0, "current over plated area; the bath has a range of its own", 0.05, 30)
    efficiency_ratio: float = option(0.0, "share of the current that deposits metal; 0: the bath's own", 0, 1)
    within_die_pct: float = option(5.0, "+/- thickness within a die, pattern included", 0, 50, _SPREAD)
    within_wafer_pct: float = option(
        15.0, "+/- thickness within a wafer", 0, 60, f"{_SPREAD}; best below 5 % (acemap.info 316904499)"
    )
    wafer_to_wafer_pct: float = option(20.0, "+/- thickness from wafer to wafer", 0, 60, _SPREAD)
    radial_ratio: float = option(
        0.5, "share of the variance within a wafer that is a bowl, thicker at the edge", 0, 1, "assumed"
    )
    pattern_window_um: float = option(500.0, "width of the window the open share is counted in", 20, 5000, "assumed")
    density_exponent_ratio: float = option(
        0.1, "exponent of (mean open share / local open share)", 0, 0.5, f"0.05 to 0.25, to be fitted; {_TLMI}"
    )
    mushroom: bool = option(False, "metal may grow over its resist, then as far sideways as up")
    stress_MPa: float = option(0.0, OWN_STRESS, -2000, 2000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the metal, one body per connected piece and per plug."""
        check_current(self.material, self.current_density_A_dm2)
        coat = work.coat
        if coat is None or coat.opened is None:
            raise StepError("there is no opened resist to plate into", remedy="coat, expose and develop first")
        opened = region_at(coat.opened, coat.opened.z_um, masks.die)
        if opened.is_empty:
            return work.noted(f"nothing is open in the resist of {coat.mask or 'the coat'}: nothing is plated")
        foot = work.front.highest_um(opened)
        if abs(coat.opened.lean_ratio) > 0:
            low = foot if coat.wall_um is None else coat.opened.z_um
            opened = region_at(coat.opened, low + self.thickness_um / 2, masks.die)
        openings = named(opened, masks, coat.mask)
        pieces = self._on_metal(work, foot, openings.pieces)
        metal = Metal(self.layer, self.material, foot, coat.top_over_um(foot), foot + self.thickness_um)
        self._check_room(metal, coat.thickness_um)
        bodies, front = grown(work, metal, pieces)
        told = self._told(work, masks, pieces, metal, openings)
        return stressed(self._seeded(told.with_bodies(bodies, front)), self.layer, self.material, self.stress_MPa)

    def _on_metal(self, work: Work, foot_um: float, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        """Return the pieces, with the outline of the metal plated before in the same resist."""
        seed = work.blanket
        if seed is None or not seed.layer:
            return pieces
        return foundations(work, set(seed.layer.split("+")), foot_um, pieces)

    def _seeded(self, work: Work) -> Work:
        """Return the workpiece whose seed knows what was plated on it; its etch asks for it."""
        seed = work.blanket
        if seed is None or not seed.is_seed or self.layer in seed.layer.split("+"):
            return work
        layer = f"{seed.layer}+{self.layer}" if seed.layer else self.layer
        return work.but(blanket=dataclasses.replace(seed, layer=layer))

    def _check_room(self, metal: Metal, resist_um: float) -> None:
        room = metal.room_um - metal.foot_um
        if metal.top_um <= metal.room_um + 1e-9 or (self.mushroom and room > 0):
            return
        below = max(0.0, resist_um - room)  # metal plated before in this resist
        resist, bump = room + below, self.thickness_um + below
        wanted = bump * (1.0 + _MARGIN_RATIO)
        raise StepError(
            "the resist is too thin: the metal grows over its resist",
            value=f"{resist:.4g} µm of resist",
            limit=f"{bump:.4g} µm of metal and {100 * _MARGIN_RATIO:g} % over it (assumed): {wanted:.4g} µm",
            remedy=f"a resist of {wanted:.4g} µm: {remedy_for(wanted)}; or less metal, or mushroom: true",
            option="thickness_um",
        )

    def _told(self, work: Work, masks: Masks, pieces: tuple[Piece, ...], metal: Metal, openings: Openings) -> Work:
        """Return the workpiece with what the step finds out; its seed is as it was before."""
        seed = work.blanket
        regions = [piece.region for piece in pieces]
        area = shapely.area(np.array(regions, dtype=object))
        found = shares(regions, (masks.size_x_um, masks.size_y_um), self.pattern_window_um)
        factor = thickness_factors(found, self.pattern_window_um, self.density_exponent_ratio)
        open_ratio = float(area.sum()) / (masks.size_x_um * masks.size_y_um)
        growth = bath_of(self.material).growth_um_min(self.current_density_A_dm2, self.efficiency_ratio)
        narrow = narrow_place(shapely.GeometryCollection(regions), SLOW_BELOW_UM)
        figures = {
            "growth_um_min": growth,
            "plated_um": self.thickness_um - self._seed_um(seed),
            "bath_time_min": minutes(self.thickness_um - self._seed_um(seed), growth),
            "die_current_mA": 1000.0 * self.current_density_A_dm2 * float(area.sum()) * 1e-10,
            "open_area_pct": 100.0 * open_ratio,
            "pattern_spread_pct": 50.0 * float(np.ptp(factor)),
            "resist_left_um": max(0.0, metal.room_um - metal.top_um),
        }
        figures |= self._edge_rise(seed, work.silicon.diameter_mm, open_ratio)
        warnings = list(openings.warnings("metal"))
        if narrow is not None:
            figures["narrowest_um"] = narrow.width_um
            warnings.append(
                f"{narrow.pieces_count} of {len(pieces)} openings are narrower than {SLOW_BELOW_UM:g} µm (down to "
                f"{narrow.width_um:.1f} µm): metal grows more slowly there (mems-talk 22697)"
            )
        return work.noted(*warnings, **figures)

    def _seed_um(self, seed: Blanket | None) -> float:
        """Return what of the thickness lay there as seed; under a metal plated before it is counted there."""
        if seed is None or seed.layer or not seed.is_seed:
            return 0.0
        return min(self.thickness_um, seed.thickness_um)

    def _edge_rise(self, seed: Blanket | None, diameter_mm: float, open_ratio: float) -> dict[str, float]:
        """Return the rise of thickness from centre to edge that a bare seed's resistance makes, where it is known."""
        if seed is None or seed.layer or seed.thickness_um <= 0:
            return {}
        rise = plated_edge_rise(
            diameter_mm, seed.thickness_um, self.thickness_um, open_ratio, self.current_density_A_dm2
        )
        return {"edge_rise_pct": 100.0 * rise}

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in the bath; where nothing was plated yet, as if the seed had to grow too."""
        growth = bath_of(self.material).growth_um_min(self.current_density_A_dm2, self.efficiency_ratio)
        return 60.0 * batch.told("bath_time_min", minutes(self.thickness_um, growth))

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies; "+/-" of the source counts as 3 sigma.

        A bowl over the wafer's area, r squared from 0 at the centre to B at the edge, has the standard deviation
        B / sqrt(12): `radial_ratio` of the variance within a wafer becomes such a bowl, the rest varies die by die.
        """
        wafer = self.within_wafer_pct / 3
        levels = {
            "wafer": self.wafer_to_wafer_pct / 3,
            "radius": math.sqrt(12 * self.radial_ratio) * wafer,
            "die": math.sqrt(1 - self.radial_ratio) * wafer,
            "feature": self.within_die_pct / 3,
        }
        return (Spread("thickness_pct", self.layer, levels, _SPREAD),)
