"""Thin metal over everything: sputtered or evaporated, as a seed to plate on or as a film to etch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.kinds.own_stress import OWN_STRESS, stressed
from chipscale.process.masks import Masks
from chipscale.process.models.seed_coverage import evaporated_ratio, sputtered_ratio
from chipscale.process.outcome import Outcome
from chipscale.process.relief.open_walls import OpenWall, open_walls, thinnest
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Blanket, Work

ADHESION = frozenset({"Ti", "TiW", "Cr", "Ta", "TaN", "W"})  # hardly conduct: not counted as seed
NO_FILM_RATIO = 0.02  # a wall with less has gaps: the film is not connected (assumed)
_WET = frozenset({"coat", "dry", "latent", "opened", "solder", "joints", "diced"})
_MAKES = Outcome(frozenset({"seed", "film"}), lambda step: frozenset({"seed" if step.is_seed else "film"}))
_GAP = Defect("gap on a wall", "pad", "the wall is steep or undercut and the film too thin: nothing plates, or an open")
_FLAKE = Defect("particle", "wire", "a flake of the shields, or a spit of the source")
_LOOSE = Defect("poor adhesion", "die", "water or residue left on the dielectric before the film")
_CLUSTER = "25 wafers/h of a production cluster (assumed: tool brochures) at 0.4 µm"


@dataclass(frozen=True, slots=True)
class Sputter:
    """Sputter metal over the whole wafer: adhesion layer and seed, or a film that is patterned by an etch.

    A seed is no body of its own: it ends as the foot of the plated metal and is counted in that metal's thickness.
    On walls the film is thinner by what they see of the target; `wall_coverage_ratio` replaces that figure.
    """

    name: ClassVar[str] = "sputter"
    title: ClassVar[str] = "Sputter"
    tool: ClassVar[str] = "sputter"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = _WET
    makes: ClassVar[Outcome] = _MAKES
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (_GAP, _FLAKE, _LOOSE)

    material: str = "Ti/Cu"
    thickness_um: float = option(
        0.4, "thickness on level ground, adhesion layer included", 0.01, 6, "0.1 µm Ti + 0.3 µm Cu: mems-talk 22682"
    )
    is_seed: bool = option(True, "a seed to plate on; false: a film, patterned by an etch")
    layer: str = option("", "layer of the bodies a film becomes (RDL, say); a seed has none")
    adhesion_um: float = option(
        0.1, "adhesion layer in the thickness; it carries no current worth counting", 0, 1, "assumed: 50 to 200 nm"
    )
    wall_coverage_ratio: float = option(
        0.0, "film on walls over film on level ground; 0: from what the walls see", 0, 1, "assumed: 0.05 to 0.5 usual"
    )
    least_wall_nm: float = option(50.0, "thinnest seed that plates without gaps", 0, 500, "assumed")
    growth_um_min: float = option(0.17, "growth on level ground", 0.002, 2, _CLUSTER)
    within_wafer_pct: float = option(5.0, "+/- thickness over the wafer, 3 sigma", 0, 50, "assumed: usual practice")
    stress_MPa: float = option(0.0, f"of a film, {OWN_STRESS}", -2000, 2000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece under the metal."""
        given = self.wall_coverage_ratio

        def ratio(wall: OpenWall) -> float:
            return given or sputtered_ratio(wall.wall_deg, wall.depth_um, wall.width_um)

        return _covered(work, self, ratio, "slope the wall, sputter more, or evaporate it on sloped walls")

    def time_s(self, batch: Batch) -> float:
        """Return the time in s under the target."""
        return 60.0 * self.thickness_um / self.growth_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return how a film's thickness varies; a seed's is part of the plated metal's."""
        return _spreads(self)


@dataclass(frozen=True, slots=True)
class Evaporate:
    """Evaporate metal over the whole wafer, from one direction: upright and overhanging walls get nothing.

    With a tilt the wafer turns about its normal under the flux.
    """

    name: ClassVar[str] = "evaporate"
    title: ClassVar[str] = "Evaporate"
    tool: ClassVar[str] = "evaporator"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = _WET
    makes: ClassVar[Outcome] = _MAKES
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (_GAP, _FLAKE, _LOOSE)

    material: str = "Ti/Cu"
    thickness_um: float = option(0.4, "thickness on level ground, adhesion layer included", 0.01, 6, "assumed")
    is_seed: bool = option(True, "a seed to plate on; false: a film, patterned by an etch")
    layer: str = option("", "layer of the bodies a film becomes (RDL, say); a seed has none")
    adhesion_um: float = option(
        0.1, "adhesion layer in the thickness; it carries no current worth counting", 0, 1, "assumed"
    )
    tilt_deg: float = option(0.0, "between the flux and the wafer's normal", 0, 60, "assumed: straight from above")
    least_wall_nm: float = option(50.0, "thinnest seed that plates without gaps", 0, 500, "assumed")
    growth_um_min: float = option(
        0.06, "growth on level ground", 0.002, 2, "assumed: 1 nm/s of an electron-beam source"
    )
    within_wafer_pct: float = option(5.0, "+/- thickness over the wafer, 3 sigma", 0, 50, "assumed: usual practice")
    stress_MPa: float = option(0.0, f"of a film, {OWN_STRESS}", -2000, 2000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece under the metal."""

        def ratio(wall: OpenWall) -> float:
            return evaporated_ratio(wall.wall_deg, self.tilt_deg, wall.depth_um, wall.width_um)

        return _covered(work, self, ratio, "slope the walls, tilt the wafer, or sputter")

    def time_s(self, batch: Batch) -> float:
        """Return the time in s under the source."""
        return 60.0 * self.thickness_um / self.growth_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return how a film's thickness varies; a seed's is part of the plated metal's."""
        return _spreads(self)


def _covered(work: Work, step: Sputter | Evaporate, ratio: Callable[[OpenWall], float], remedy: str) -> Work:
    """Return the workpiece under the film, with what is on the thinnest place of its walls."""
    if not step.is_seed and not step.layer:
        raise StepError("a film needs the layer its bodies will be on", remedy="layer: RDL, say", option="layer")
    share, where = thinnest(open_walls(work), ratio)
    if share < NO_FILM_RATIO and where is not None:
        raise StepError(
            f"walls of {where.layer} get no metal: the film is not connected",
            value=f"{where.wall_deg:g}° walls, {where.depth_um:g} µm deep, get {100 * share:.1f} % of the film",
            limit=f"{100 * NO_FILM_RATIO:g} % (assumed)",
            remedy=remedy,
        )
    film = Blanket(step.layer, step.material, step.thickness_um, step.thickness_um * share, step.is_seed)
    figures = {"on_walls_nm": 1000.0 * film.wall_thickness_um, "wall_coverage_ratio": share}
    warnings = []
    if step.is_seed:
        film = dataclasses.replace(film, layer="")
        figures["seed_on_walls_nm"] = seed_nm = 1000.0 * share * _conducting_um(step)
        if where is not None and seed_nm < step.least_wall_nm and step.material not in ADHESION:
            warnings.append(
                f"only {seed_nm:.0f} nm of seed on the walls of {where.layer} ({where.wall_deg:g}°, "
                f"{where.depth_um:g} µm deep); plating without gaps wants {step.least_wall_nm:g} nm"
            )
    after = work.but(blanket=_joined(work.blanket, film)).noted(*warnings, **figures)
    return after if step.is_seed else stressed(after, step.layer, step.material, step.stress_MPa)


def _conducting_um(step: Sputter | Evaporate) -> float:
    """Return the thickness without the adhesion layer below (or without all of it, when it is nothing else)."""
    if step.material in ADHESION:
        return 0.0
    return max(0.0, step.thickness_um - (step.adhesion_um if "/" in step.material else 0.0))


def _joined(before: Blanket | None, film: Blanket) -> Blanket:
    """Return one film over the other as one; only seeds are that, a film has to be patterned first."""
    if before is None:
        return film
    if not (before.is_seed and film.is_seed):
        raise StepError(
            "a film already lies on the wafer",
            value=f"{film.material} on {before.material}",
            remedy="etch the first one, or give both as one film",
        )
    return Blanket(
        before.layer,
        f"{before.material}/{film.material}",
        before.thickness_um + film.thickness_um,
        before.wall_thickness_um + film.wall_thickness_um,
        True,
    )


def _spreads(step: Sputter | Evaporate) -> tuple[Spread, ...]:
    if step.is_seed:
        return ()
    return (Spread("thickness_pct", step.layer, {"die": step.within_wafer_pct / 3}, "assumed: usual practice"),)
