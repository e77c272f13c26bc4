"""Coats: spun, sprayed or laminated, dried, hardened, and polymers cured into films that stay."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.kinds.coat_range import product_of, refuse_thickness, speed_told
from chipscale.process.masks import Masks
from chipscale.process.models.baking import flowed_share, flowed_wall_deg, solvent_left_pct
from chipscale.process.models.film_stress import FilmStress, cured_stress
from chipscale.process.models.planarise import Levelled, Relief, levelled, relief_of
from chipscale.process.models.resists import Resist, resist_for
from chipscale.process.models.spin import SpinLaw, edge_bead, solution_law
from chipscale.process.relief.front import Front, Layer, Wall
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Coat, Work
from chipscale.stack.types import Slab

ASSUMED = "assumed: usual practice"
TYPICAL_UM = 10.0  # the coat whose times stand for a step that leaves its time to the coat
_BUMP_RESIST = "acemap.info 316904499 (1999, plated bumps): +/- 2 µm in 45 µm, read as 3 sigma"
_MUCH_SOLVENT_PCT = 20.0  # more makes bubbles under light (assumed)
_FLOW_SEEN = 0.1


@dataclass(frozen=True, slots=True)
class ApplyCoat:
    """Spin, spray or laminate a resist or a polymer over the wafer.

    What is spun or laminated is drawn level; what is sprayed follows the relief, on walls `wall_ratio` times as thick.
    A polymer is coated thicker than `thickness_um`, by what it will shrink in its cure. What the relief leaves of
    itself on the surface is told as a figure, not drawn.
    """

    name: ClassVar[str] = "coat"
    title: ClassVar[str] = "Coat"
    tool: ClassVar[str] = "coater"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"coat", "resist", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"coat"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("comet", "die", "a particle in the resist or on the wafer"),
        Defect("pinhole", "die", "a bubble in the resist, a hydrophobic spot"),
        Defect("edge bead", "wafer", "no or too little removal at the rim: the mask stands off"),
        Defect("striation", "wafer", "solvent leaves the surface too fast"),
    )

    layer: str = "RESIST"
    kind: str = option("resist", "a resist is stripped, a polymer stays", choices=("resist", "polymer"))
    material: str = "AZ P4620"
    method: str = option("spin", "how it is put on", choices=("spin", "spray", "laminate"))
    thickness_um: float = option(
        10.0, "over the highest place, of a polymer after cure; 0: what speed and coats give", 0, 250
    )
    coats_count: int = option(0, "coats, with a bake between; 0: the fewest its range allows", 0, 10)
    speed_rpm: float = option(0.0, "speed of the spin; 0: the one the thickness needs", 0, 8000)
    solids_pct: float = option(0.0, "solids of the solution, in place of its spin curve; 0: the curve", 0, 80)
    viscosity_mPas: float = option(0.0, "viscosity that goes with solids_pct", 0, 50000)
    shrinkage_pct: float = option(0.0, "what a polymer will lose of its thickness in cure; 0: its usual", 0, 80)
    wall_ratio: float = option(0.8, "sprayed: thickness on walls over that on level places", 0.05, 1.5, ASSUMED)
    ebr_mm: float = option(3.0, "bare rim left by edge bead removal", 0, 10, "edge exclusion, tlmicorp.com: 3 to 5 mm")
    within_wafer_pct: float = option(4.5, "+/- thickness within a wafer", 0, 30, _BUMP_RESIST)
    wafer_to_wafer_pct: float = option(3.0, "+/- thickness from wafer to wafer", 0, 30, ASSUMED)
    spin_s: float = option(60.0, "dispense and spin of one coat", 5, 600, ASSUMED)
    between_s: float = option(300.0, "bake and cooling between two coats", 0, 7200, ASSUMED)
    finish_s: float = option(45.0, "priming, edge bead and back rinse, of one wafer", 0, 600, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the coat on it."""
        product, warning = product_of(self.material, self.kind)
        if self.kind == "polymer" and work.blanket is not None:
            raise StepError(
                "a polymer that stays can't be coated on metal that is still to be etched",
                value=self.material,
                remedy="etch the seed or film first",
                option="kind",
            )
        relief = relief_of(work.front)
        left = 1.0 - self._shrinkage(product)
        spun = self.method == "spin"
        law = self._law(product)
        fill = 0.0 if self.method == "spray" else relief.fill_um
        coats = self._coats(product, fill, left)
        coated = self.thickness_um / left
        if self.thickness_um <= 0.0:
            coated = self._by_speed(law, coats, fill)
        flat = coated + fill  # what the same coats give on a level wafer
        speed = (self.speed_rpm or law.speed_rpm(flat / coats)) if spun else 0.0
        wet = flat / coats / (1.0 - product.solvent_pct / 100.0 if spun else 1.0)
        level = self._levelled(work, relief, product, wet, speed)
        coat = Coat(self.layer, self.material, product.kind, self._top(work, coated), coated)
        if self.method == "spray":
            coat = dataclasses.replace(coat, wall_um=self.wall_ratio * coated)
        work = work.but(coat=coat)
        work = work.noted(
            *([warning] if warning else []),
            thickness_um=coated * left,
            coated_um=coated,
            coats_count=float(coats),
            relief_um=relief.step_um,
            residual_step_um=level.residual_um,
            planarised_pct=level.planarised_pct,
        )
        refuse_thickness(product, (coated, flat), coats, spun)
        return self._spin_told(work, product, law, flat / coats, speed) if spun else work

    def _levelled(self, work: Work, relief: Relief, product: Resist, wet_um: float, speed_rpm: float) -> Levelled:
        """Return the step left of the relief, of a polymer after cure; what melts in its cure levels its drying."""
        if self.method == "spray":
            return Levelled(relief.step_um, 0.0)
        dries = speed_rpm > 0.0 and product.flow_um <= 0.0
        left = (1.0 - product.solvent_pct / 100.0 if dries else 1.0) * (1.0 - self._shrinkage(product))
        radius = work.silicon.diameter_mm / 4.0
        return levelled(relief, wet_um, speed_rpm, radius, 100.0 * (1.0 - left), product.flow_um)

    def _top(self, work: Work, coated_um: float) -> float:
        return work.front.top_um + film_um(work) + coated_um

    def _shrinkage(self, product: Resist) -> float:
        if self.kind == "resist":
            return 0.0
        return (self.shrinkage_pct or product.shrinkage_pct) / 100.0

    def _law(self, product: Resist) -> SpinLaw:
        if self.solids_pct > 0.0 and self.viscosity_mPas > 0.0:
            return solution_law(self.solids_pct, self.viscosity_mPas)
        return product.law

    def _by_speed(self, law: SpinLaw, coats: int, fill_um: float) -> float:
        """Return what the coats give over the highest place at the recipe's speed."""
        if self.speed_rpm <= 0.0 or self.method != "spin":
            raise StepError(
                "a coat needs a thickness or a speed to be spun at",
                remedy="give thickness_um, or speed_rpm with coats_count",
                option="thickness_um",
            )
        flat = coats * law.thickness_um(self.speed_rpm)
        if flat <= fill_um:
            raise StepError(
                "the coat is too thin for the relief below it",
                value=f"{flat:.3g} µm on a level wafer",
                limit=f"more than {fill_um:.3g} µm, which fill the relief",
                remedy="more coats or a slower spin",
                option="speed_rpm",
            )
        return flat - fill_um

    def _coats(self, product: Resist, fill_um: float, left: float) -> int:
        if self.coats_count or self.thickness_um <= 0.0:
            return self.coats_count or 1
        return max(1, math.ceil((self.thickness_um / left + fill_um) / product.coat_max_um - 1e-9))

    def _spin_told(self, work: Work, product: Resist, law: SpinLaw, flat_um: float, speed_rpm: float) -> Work:
        """Return the workpiece with speed and edge bead; a stand-in is thinned to suit, its speed says nothing."""
        if not product.listed and self.solids_pct <= 0.0:
            return work
        said = speed_told(product, speed_rpm, self.speed_rpm > 0.0) if self.solids_pct <= 0.0 else []
        gives = law.thickness_um(speed_rpm)
        if abs(gives - flat_um) > 0.1 * flat_um:
            said.append(f"{speed_rpm:g} rpm gives {gives:.3g} µm for each coat, the recipe wants {flat_um:.3g} µm")
        bead_um, bead_mm = edge_bead(flat_um, speed_rpm, work.silicon.diameter_mm)
        if bead_mm > self.ebr_mm:
            said.append(f"a bead {bead_um:.0f} µm high stays on the rim: it is {bead_mm:.1f} mm wide, the removal less")
            return work.noted(*said, speed_rpm=speed_rpm, edge_bead_um=bead_um, edge_bead_mm=bead_mm)
        return work.noted(*said, speed_rpm=speed_rpm, edge_bead_um=0.0, edge_bead_mm=bead_mm)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s on the coater, bakes between coats included; on level ground where it was not done."""
        product, _ = resist_for(self.material, self.kind)
        coats = batch.told("coats_count", self._coats(product, 0.0, 1.0 - self._shrinkage(product)))
        return self.finish_s + coats * self.spin_s + (coats - 1) * self.between_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the thickness varies; "+/-" counts as 3 sigma."""
        by_level = {"wafer": self.wafer_to_wafer_pct / 3.0, "die": self.within_wafer_pct / 3.0}
        return (Spread("thickness_pct", self.layer, by_level, f"{_BUMP_RESIST}; from wafer to wafer {ASSUMED}"),)


@dataclass(frozen=True, slots=True)
class SoftBake:
    """Dry a coat on the hotplate."""

    name: ClassVar[str] = "soft_bake"
    title: ClassVar[str] = "Soft bake"
    tool: ClassVar[str] = "hotplate"
    needs: ClassVar[frozenset[str]] = frozenset({"coat"})
    never: ClassVar[frozenset[str]] = frozenset({"dry", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"dry"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("bubble", "die", "solvent left in a thick coat boils under light or in the next bake"),
        Defect("crack", "wafer", "a thick coat cooled too fast"),
    )

    temperature_C: float = option(0.0, "temperature of the hotplate; 0: the resist's usual", 0, 200)
    bake_s: float = option(0.0, "time; 0: the resist's usual for its thickness", 0, 14400, "photoresists.eu: 1 min/µm")
    thickness_um: float = option(
        TYPICAL_UM, "the coat an estimate of the time counts for while no coat is there", 0.1, 250
    )

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with its coat dry; the solvent left is a figure."""
        coat = coat_of(work)
        product, _ = resist_for(coat.material, coat.kind)
        temperature = self.temperature_C or product.bake_C
        time = self.bake_s or product.bake_time_s(coat.thickness_um)
        left = solvent_left_pct(product.solvent_pct, coat.thickness_um, temperature, time)
        said = []
        if left > _MUCH_SOLVENT_PCT:
            said.append(f"{left:.0f} % of solvent are left in {coat.thickness_um:.3g} µm after {time:.0f} s: bubbles")
        if product.softening_C < temperature and coat.kind == "resist" and temperature > product.bake_C:
            said.append(
                f"{temperature:g} °C is over the softening point of {product.name} ({product.softening_C:g} °C)"
            )
        return work.noted(*said, temperature_C=temperature, bake_s=time, solvent_pct=left)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s on the hotplate; where there is no coat yet, 1 min/µm of `thickness_um`."""
        return self.bake_s or batch.told("bake_s", 60.0 * self.thickness_um)

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: what a bake varies is counted in the opening's size."""
        return ()


@dataclass(frozen=True, slots=True)
class HardBake:
    """Bake the opened resist to make it adhere and last; above its softening point its edges flow."""

    name: ClassVar[str] = "hard_bake"
    title: ClassVar[str] = "Hard bake"
    tool: ClassVar[str] = "hotplate"
    needs: ClassVar[frozenset[str]] = frozenset({"coat", "opened"})
    never: ClassVar[frozenset[str]] = frozenset({"diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (Defect("reflowed edge", "wafer", "hotter than the softening point"),)

    temperature_C: float = option(
        100.0, "temperature of the hotplate", 20, 250, "photoresists.eu: softening 100 to 130 °C"
    )
    bake_s: float = option(300.0, "time", 0, 7200, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the walls as the bake leaves them."""
        coat = coat_of(work)
        assert coat.opened is not None  # the flow's order is checked before
        product, _ = resist_for(coat.material, coat.kind)
        share = flowed_share(self.temperature_C, self.bake_s, product.softening_C)
        before = math.degrees(math.atan2(1.0, out_of(coat.opened)))
        if share <= 0.0:
            return work.noted(flowed_pct=0.0, wall_deg=before)
        after = flowed_wall_deg(before, share)
        said = []
        if share > _FLOW_SEEN:
            said.append(
                f"edges of {product.name} flow at {self.temperature_C:g} °C (softens at {product.softening_C:g} °C): "
                f"wall {before:.0f}° to {after:.0f}°"
            )
        opened = leaning(coat.opened, 1.0 / math.tan(math.radians(after)))
        work = work.but(coat=dataclasses.replace(coat, opened=opened))
        return work.noted(*said, flowed_pct=100.0 * share, wall_deg=after)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s on the hotplate."""
        return self.bake_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: what a bake varies is counted in the opening's size."""
        return ()


@dataclass(frozen=True, slots=True)
class Cure:
    """Cure a polymer: it shrinks to its thickness, its walls lean more, it stays and holds a stress."""

    name: ClassVar[str] = "cure"
    title: ClassVar[str] = "Cure"
    tool: ClassVar[str] = "oven"
    needs: ClassVar[frozenset[str]] = frozenset({"coat", "dry"})
    never: ClassVar[frozenset[str]] = frozenset({"latent", "seed", "film", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset({"coat", "dry", "opened"})
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("delamination", "die", "poor adhesion, too much stress"),
        Defect("incomplete cure", "wafer", "oven too cold or oxygen in it"),
    )

    cure_C: float = option(0.0, "temperature of the cure; 0: the polymer's usual", 0, 450)
    cure_h: float = option(0.0, "time at it; 0: the polymer's usual", 0, 24)
    ramp_h: float = option(3.0, "heating and cooling", 0, 24, ASSUMED)
    oven_count: float = option(50.0, "wafers cured together", 1, 200, ASSUMED)
    shrinkage_pct: float = option(0.0, "loss of thickness; 0: the polymer's usual", 0, 80)
    stress: str = option(
        "published",
        "the film's stress: published, thermal mismatch, or stress_MPa",
        choices=("published", "computed", "given"),
    )
    stress_MPa: float = option(0.0, "the film's stress at room temperature where it is given", -500, 500)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film, cut into layers at every height it fills."""
        coat = coat_of(work)
        if coat.kind != "polymer":
            raise StepError(f"a resist is not cured: {coat.material}", remedy="a polymer in the coat, or a hard bake")
        product, _ = resist_for(coat.material, coat.kind)
        left = 1.0 - (self.shrinkage_pct or product.shrinkage_pct) / 100.0
        thickness = coat.thickness_um * left
        opened = coat.opened
        if opened is not None and opened.lean_ratio != 0.0:
            opened = Wall(opened.region, opened.z_um, opened.lean_ratio / left, opened.within)
        films, after = self._films(work, work.front.outside(opened, coat.whole), thickness)
        bodies = []
        for index, film in enumerate(films, start=1):
            last = index == len(films)
            name, part = (coat.layer, "") if last else (f"{coat.layer}.fill{index}", "fill")
            bodies.append(
                Slab(name, coat.layer, coat.material, film.z_um, film.h_um, film.bottom, film.top, None, part)
            )
        work = work.with_bodies(bodies, after).but(coat=None)
        if opened is not None:
            work = work.noted(wall_deg=math.degrees(math.atan2(1.0, out_of(opened))))
        work = work.noted(
            thickness_um=thickness,
            shrinkage_pct=100.0 * (1.0 - left),
            cure_C=self.cure_C or product.cure_C,
            cure_h=self.cure_h or product.cure_s / 3600.0,
        )
        return self._strained(work, coat, product)

    def _films(self, work: Work, shape: Wall, thickness_um: float) -> tuple[list[Layer], Front]:
        """Return the cured film's layers in a shape, and the surface after it: level, or following the relief."""
        coat, front = coat_of(work), work.front
        if coat.wall_um is None:
            return front.filled(shape, front.top_um + round(thickness_um, 9))
        wall = coat.wall_um * thickness_um / coat.thickness_um
        return front.covered(thickness_um, wall, shape.section(shape.z_um, front.whole))

    def _strained(self, work: Work, coat: Coat, product: Resist) -> Work:
        cure_C = self.cure_C or product.cure_C
        found: FilmStress | None
        if self.stress == "given":
            found = FilmStress(self.stress_MPa, "recipe")
        else:
            found = cured_stress(coat.material, cure_C, product.cure_C, self.stress == "published")
        if found is None:
            return work.noted(f"the library knows no film stress and no modulus of {coat.material}: stress not known")
        return work.strained(coat.layer, found.stress_MPa, found.source).noted(stress_MPa=found.stress_MPa)

    def time_s(self, batch: Batch) -> float:
        """Return this wafer's share in s of the oven's time; an hour at temperature where nothing is known."""
        return 3600.0 * ((self.cure_h or batch.told("cure_h", 1.0)) + self.ramp_h) / self.oven_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: the film's thickness varies as its coat's."""
        return ()


def coat_of(work: Work) -> Coat:
    """Return the coat; StepError when there is none."""
    if work.coat is None:
        raise StepError("there is no coat on the wafer", remedy="coat first")
    return work.coat


def film_um(work: Work) -> float:
    """Return the thickness in µm of the metal film the coat lies on; a seed counts as metal to come, not as a film."""
    return 0.0 if work.blanket is None or work.blanket.is_seed else work.blanket.thickness_um


def out_of(opened: Wall) -> float:
    """Return by how much per µm the opening widens upward: against the lean of a shape that stays."""
    return opened.lean_ratio if opened.within is None else -opened.lean_ratio


def leaning(opened: Wall, out_ratio: float) -> Wall:
    """Return the opening with walls that widen it upward by `out_ratio` per µm."""
    lean = out_ratio if opened.within is None else -out_ratio
    return Wall(opened.region, opened.z_um, lean, opened.within)
