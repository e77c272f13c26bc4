"""Etching through a resist: wet, which takes a metal film and goes sideways; dry, which opens a dielectric straight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import shapely

from chipscale.process.masks import Masks
from chipscale.process.models.etch_profile import undercut_um
from chipscale.process.relief.front import Wall
from chipscale.process.relief.opening import kept_at, named, region_at, shrunk
from chipscale.process.step import Batch, Defect, Spread, StepError, option
from chipscale.process.work import Blanket, Coat, Work
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Slab
from chipscale.stack.volume import z_range_um

_ASSUMED = "assumed: usual practice"


@dataclass(frozen=True, slots=True)
class WetEtch:
    """Etch a metal film where the resist is open, down to the dielectric, which stops the etch.

    The film stays under the resist, less what the etch takes sideways. Walls are drawn upright at their mean width.
    """

    name: ClassVar[str] = "wet_etch"
    title: ClassVar[str] = "Wet etch of a metal film"
    tool: ClassVar[str] = "wet bench"
    needs: ClassVar[frozenset[str]] = frozenset({"film", "opened"})
    never: ClassVar[frozenset[str]] = frozenset({"joints", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"metal"})
    takes: ClassVar[frozenset[str]] = frozenset({"film"})
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("metal left", "wire", "resist residue or a bubble: a short between nets"),
        Defect("wire too narrow", "wire", "etched too long, or the resist has lifted at its edge"),
        Defect("open", "wire", "a scratch or a pinhole of the resist"),
    )

    lateral_ratio: float = option(1.0, "sideways over downward rate; 1: the same in all directions", 0, 1, _ASSUMED)
    over_etch_ratio: float = option(0.1, "time after the film is through, as a share", 0, 1, _ASSUMED)
    etch_um_min: float = option(
        0.54,
        "rate downward",
        0.01,
        20,
        "90 Å/s: Al in phosphoric, nitric and acetic acid, 50 °C (Burns in Ghodssi, Lin, MEMS Materials, table 8.19)",
    )
    film_um: float = option(2.0, "film the time is reckoned with", 0.01, 20, "assumed")
    undercut_within_um: float = option(0.3, "+/- undercut over the wafer, 3 sigma", 0, 3, "assumed")

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film's pieces as bodies, still under their resist."""
        film, coat = work.blanket, work.coat
        if film is None or film.is_seed or coat is None or coat.opened is None:
            raise StepError("there is no film under an opened resist", remedy="sputter a film, coat, expose, develop")
        top, foot, mean = undercut_um(film.thickness_um, self.over_etch_ratio, self.lateral_ratio)
        kept = shrunk(kept_at(coat, coat.opened.z_um, masks.die), mean, masks.die)
        if kept.is_empty:
            raise StepError(
                "the etch leaves no metal: it meets under the resist from both sides",
                value=f"{mean:.2f} µm per side",
                remedy="a thinner film, wider shapes or a dry etch",
                option="lateral_ratio",
            )
        openings = named(kept, masks, coat.mask)
        layers, front = work.front.covered(film.thickness_um, film.wall_thickness_um, kept)
        bodies = _film_bodies(film, layers, openings.pieces)
        figures = {"undercut_top_um": top, "undercut_foot_um": foot, "undercut_mean_um": mean}
        time = {"etch_time_min": film.thickness_um * (1 + self.over_etch_ratio) / self.etch_um_min}
        work = work.with_bodies(bodies, front).but(blanket=None)
        return work.noted(*openings.warnings("metal"), **figures, **time)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in the bath."""
        return 60.0 * self.film_um * (1 + self.over_etch_ratio) / self.etch_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the undercut varies."""
        return (Spread("undercut_um", "", {"die": self.undercut_within_um / 3}, "assumed"),)


def _film_bodies(film: Blanket, layers: list[Any], pieces: tuple[Any, ...]) -> list[Slab]:
    """Return the bodies of a film's pieces; of each the highest has the piece's name, what is below is its plug."""
    from chipscale.process.relief.carve import cut_to

    bodies = []
    for piece, parts in zip(pieces, cut_to(layers, [piece.region for piece in pieces]), strict=True):
        name = f"{film.layer}.{piece.name}"
        *inner, upper = sorted(parts, key=lambda part: part.z_um + part.h_um)
        for number, part in enumerate(inner, start=1):
            called = f"{name}.plug{number}" if len(inner) > 1 else f"{name}.plug"
            z, h = part.z_um, part.h_um
            bodies.append(Slab(called, film.layer, film.material, z, h, part.bottom, part.top, piece.net, "plug"))
        z, h = upper.z_um, upper.h_um
        bodies.append(Slab(name, film.layer, film.material, z, h, upper.bottom, upper.top, piece.net))
    return bodies


@dataclass(frozen=True, slots=True)
class DryEtch:
    """Etch a film straight down where the resist is open, to what lies below it.

    It takes the bodies of one layer (the passivation, a dielectric) inside the openings. What is above them there
    must be gone before; the resist has to last longer than the film.
    """

    name: ClassVar[str] = "dry_etch"
    title: ClassVar[str] = "Dry etch"
    tool: ClassVar[str] = "plasma etcher"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer", "opened"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "film", "joints", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("film left in an opening", "pad", "too short an etch, or polymer on the floor: an open"),
        Defect("residue", "pad", "etched resist and metal on the walls: high contact resistance"),
    )

    layer: str = option("PASSIVATION", "layer of the bodies that are etched")
    etch_um_min: float = option(
        0.05, "rate of the film", 0.005, 20, "silicon nitride by SF6 and O2, 30 W: DTU Nanolab, LabAdviser"
    )
    over_etch_ratio: float = option(0.2, "time after the film is through, as a share", 0, 1, _ASSUMED)
    resist_selectivity_ratio: float = option(
        1.0, "rate of the film over that of the resist", 0.05, 100, "nitride to resist about 1: DTU Nanolab, LabAdviser"
    )
    stop_selectivity_ratio: float = option(10.0, "rate of the film over that of what is below", 1, 1000, "assumed")
    film_um: float = option(1.0, "film the time is reckoned with", 0.01, 100, "assumed")

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film gone in the openings."""
        coat = work.coat
        if coat is None or coat.opened is None:
            raise StepError("there is no opened resist to etch through", remedy="coat, expose and develop first")
        opened = region_at(coat.opened, coat.opened.z_um, masks.die)
        films = [body for body in work.bodies if isinstance(body, Slab) and body.layer == self.layer]
        touched = [body for body in films if shapely.intersects(body.bottom, opened)]
        if not touched:
            raise StepError(
                f"there is no {self.layer} in the openings",
                limit=", ".join(sorted({body.layer for body in work.bodies})),
                option="layer",
            )
        self._check_bare(work, opened, touched)
        depth = self._depth_um(touched, opened)
        loss = self._check_resist(coat, depth)
        work = self._carved(work, opened, touched)
        return work.noted(
            etched_um=depth,
            etch_time_min=depth * (1 + self.over_etch_ratio) / self.etch_um_min,
            resist_loss_um=loss,
            stop_loss_um=depth * self.over_etch_ratio / self.stop_selectivity_ratio,
        )

    def _check_bare(self, work: Work, opened: Any, touched: list[Slab]) -> None:
        """Raise StepError where something else lies on the film in the openings."""
        top = max(body.z_um + body.h_um for body in touched)
        for body in work.bodies:
            if isinstance(body, Slab) and body.layer != self.layer and z_range_um(body)[1] > top + Z_EPS_UM:
                share = shapely.area(shapely.intersection(body.bottom, opened))
                if share > 1.0:
                    raise StepError(
                        f"{body.layer} lies on the {self.layer} in the openings",
                        value=f"{body.name}, {share:.0f} µm²",
                        remedy=f"open {body.layer} first",
                        option="layer",
                    )

    def _depth_um(self, touched: list[Slab], opened: Any) -> float:
        """Return the greatest thickness that has to be etched."""
        heights = {round(body.z_um, 6): body.h_um for body in touched}
        return sum(heights.values())

    def _check_resist(self, coat: Coat, depth_um: float) -> float:
        """Return what the etch takes of the resist; StepError when that is all of it."""
        loss = depth_um * (1 + self.over_etch_ratio) / self.resist_selectivity_ratio
        if loss >= coat.thickness_um:
            raise StepError(
                "the resist is gone before the film is through",
                value=f"{loss:.2f} µm of resist etched",
                limit=f"{coat.thickness_um:g} µm of resist",
                remedy="a thicker resist, or a gas that spares it",
                option="resist_selectivity_ratio",
            )
        return loss

    def _carved(self, work: Work, opened: Any, touched: list[Slab]) -> Work:
        from chipscale.process.relief.carve import carve

        front, shape = work.front, Wall(opened)
        gone = {body.name for body in touched}
        bodies: list[Any] = []
        for body in work.bodies:
            bodies += carve((body,), shape, z_range_um(body)[0]) if body.name in gone else (body,)
        for body in sorted(touched, key=lambda item: -item.z_um):
            front = front.cut(Wall(shapely.intersection(opened, body.bottom)), body.z_um)
        return work.but(bodies=tuple(bodies), front=front)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s under plasma."""
        return 60.0 * self.film_um * (1 + self.over_etch_ratio) / self.etch_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: walls are straight, and the depth ends at what is below."""
        return ()
