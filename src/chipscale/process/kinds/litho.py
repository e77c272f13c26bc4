"""A coat is patterned: exposed through a mask across a gap, and developed."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import shapely

from chipscale.process.kinds.coating import ASSUMED, TYPICAL_UM, coat_of, film_um, out_of
from chipscale.process.kinds.sprayed import below_um, light_path_um, sunk
from chipscale.process.masks import Masks
from chipscale.process.models.proximity import Edge, Print, film_resolution_um, gap_resolution_um, printed_edge
from chipscale.process.models.resists import Resist, resist_for
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.narrowest import Narrow, narrow_place, narrow_space
from chipscale.process.relief.walls import leaned
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Coat, Work

_BUMP_LITHO = "acemap.info 316904499 (1999, plated bumps), +/- read as 3 sigma"
_TOUCH_UM = 1e-3  # outlines that share less with a place don't stand on it
_SEEN_UM = 0.5  # a size that is off by more is told
_LINE_NM = 5.0  # doses of one line of the mercury lamp hold for this distance
_TYPICAL_DOSE_MJ_CM2 = 600.0
_TYPICAL_DEVELOP_S_UM = 12.0


class _Shot(NamedTuple):
    """An exposure as planned: the film it must reach through, where walls stand, its dose, its edge on the wafer.

    `floor_gap_um` and `floor_edge` are those on the lowest floor a sprayed coat has something drawn on.
    """

    thickness_um: float  # the longest way of its light
    film_um: float  # the film it resolves in
    foot_um: float  # z of the walls' foot
    dose_mJ_cm2: float
    clearing_mJ_cm2: float
    edge: Edge
    mask_bias_um: float
    floor_gap_um: float = 0.0
    floor_edge: Edge | None = None

    @property
    def net_um(self) -> float:
        """Return by how much the opening is wider than drawn, per edge, at its foot."""
        return self.edge.bias_um + self.mask_bias_um


@dataclass(frozen=True, slots=True)
class Expose:
    """Expose the coat through a 1:1 mask across a gap, collimated, without lenses.

    Drawn sizes count at the foot of the opening. What light and developer add to an edge, mask-making takes back
    with `compensate`; the wall leans as computed. With `edge: given` bias and wall are those of the recipe.
    """

    name: ClassVar[str] = "expose"
    title: ClassVar[str] = "Expose"
    tool: ClassVar[str] = "proximity aligner"
    needs: ClassVar[frozenset[str]] = frozenset({"coat", "dry"})
    never: ClassVar[frozenset[str]] = frozenset({"latent", "opened", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"latent"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("misalignment", "wafer", "overlay out of tolerance"),
        Defect("mask defect", "die", "a particle or scratch of the mask prints on every die it covers"),
        Defect("underexposure", "wafer", "lamp aged, dose too low for the film"),
    )

    mask: str = mask_option("RDL", "mask that is printed")
    tone: str = option(
        "openings", "the coat is taken away where drawn, or stays where drawn", choices=("openings", "shapes")
    )
    gap_um: float = option(20.0, "mask to the top of the coat", 0.5, 300, "semi1source glossary: about 20 µm")
    wavelength_nm: float = option(405.0, "line of the lamp: i 365, h 405, g 436 nm", 350, 450)
    dose_mJ_cm2: float = option(0.0, "dose; 0: the resist's usual for the thickness", 0, 20000)
    irradiance_mW_cm2: float = option(20.0, "light on the wafer", 1, 200, ASSUMED)
    collimation_deg: float = option(1.5, "half angle of the light", 0, 5, "mems-talk 21077: a few degrees; assumed")
    k_ratio: float = option(1.5, "k of the resolution k sqrt(λ (g + t/2))", 0.5, 3, "textbook form; 0.7 to 1.5 in use")
    edge: str = option("computed", "bias and wall from light and developer, or given", choices=("computed", "given"))
    bias_um: float = option(0.0, "given: the opening wider per edge, at its foot", -20, 20)
    wall_deg: float = option(90.0, "given: wall to floor; under 90 it widens upward", 30, 150)
    compensate: bool = option(True, "mask-making takes the bias back")
    mask_bias_um: float = option(
        0.0,
        "what it adds to the drawn opening per edge; 0: exactly the bias, taken back",
        -20,
        20,
        "a bumping house: RDL -1, PI -1, UBM -8 µm",
    )
    etch_um: float = option(
        0.0, "what an etch through the coat will take under its edge; the mask keeps the coat as much wider", 0, 20
    )
    overlay_um: float = option(1.5, "+/- overlay to the layer below", 0, 20, f"1.5 to 3; {_BUMP_LITHO}")
    cd_within_wafer_um: float = option(1.0, "+/- opening within a wafer", 0, 20, _BUMP_LITHO)
    cd_wafer_to_wafer_um: float = option(2.0, "+/- opening from wafer to wafer", 0, 20, _BUMP_LITHO)
    align_s: float = option(60.0, "loading, alignment and gap of one wafer", 0, 900, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with a latent image of the mask in its coat."""
        coat = coat_of(work)
        product, _ = resist_for(coat.material, coat.kind)
        drawn = masks.region(self.mask)
        if drawn.is_empty:
            said = f"nothing is drawn on {self.mask}: " + ("nothing opens" if self.tone == "openings" else "all opens")
            shot = self._shot(work, coat, product, drawn, masks.die)
            work = work.but(coat=self._latent(coat, drawn, shot, masks.die))
            return work.noted(said, dose_mJ_cm2=shot.dose_mJ_cm2, exposed_um=shot.thickness_um)
        shot = self._shot(work, coat, product, drawn, masks.die)
        self._check_resolution(work, drawn, masks.die, shot)
        work = work.but(coat=self._latent(coat, drawn, shot, masks.die))
        return self._told(work, coat, product, drawn, shot)

    def _shot(self, work: Work, coat: Coat, product: Resist, drawn: Any, die: Any) -> _Shot:
        """Return the exposure: its dose for the deepest film it must change, its edge where the walls stand."""
        film = film_um(work)
        if coat.wall_um is not None:
            foot, wall, thickness = work.front.top_um + film, coat.thickness_um, light_path_um(work, coat)
        else:
            foot = _walls_foot_um(work.front, drawn) + film
            wall = thickness = coat.z_top_um - foot
            if product.tone == "positive":
                opened = drawn if self.tone == "openings" and not drawn.is_empty else die
                thickness = coat.z_top_um - work.front.lowest_um(opened) - film
        clearing = product.clearing_mJ_cm2(thickness)
        dose = self.dose_mJ_cm2 or product.dose_at(thickness)
        if dose < clearing:
            does = "does not clear" if product.tone == "positive" else "does not hold"
            raise StepError(
                f"{product.name} {does} down to its foot at this dose",
                value=f"{dose:.0f} mJ/cm²",
                limit=f"{clearing:.0f} mJ/cm² for {thickness:.3g} µm ({product.sources['dose_mJ_cm2']})",
                remedy="a higher dose or a thinner coat",
                option="dose_mJ_cm2",
            )
        edge = self._edge(product, (wall, thickness), dose / clearing, self.gap_um)
        added = ((self.mask_bias_um or -edge.bias_um) if self.compensate else 0.0) - self.etch_um
        if coat.wall_um is None:
            return _Shot(thickness, thickness, foot, dose, clearing, edge, added)
        floor_gap = self.gap_um + below_um(work, drawn)
        floor_edge = self._edge(product, (wall, thickness), dose / clearing, floor_gap)
        return _Shot(thickness, wall, foot, dose, clearing, edge, added, floor_gap, floor_edge)

    def _edge(self, product: Resist, films_um: tuple[float, float], dose_ratio: float, gap_um: float) -> Edge:
        """Return the edge printed in a film (its thickness, the one the dose is counted for) across a gap."""
        if self.edge == "given":
            lean = 0.0 if self.wall_deg == 90.0 else 1.0 / math.tan(math.radians(self.wall_deg))
            return Edge(self.bias_um, lean, self.wall_deg)
        wall_um, clear_um = films_um
        found = Print(
            gap_um,
            self.wavelength_nm,
            wall_um,
            dose_ratio,
            product.contrast_ratio,
            product.penetration_um,
            product.index_ratio,
            self.collimation_deg,
            product.tone == "negative",
            clear_um,
        )
        return printed_edge(found)

    def _check_resolution(self, work: Work, drawn: Any, die: Any, shot: _Shot) -> None:
        """Refuse openings, and coat between them, narrower than a line that can be printed there."""
        shape, space = ("an opening", "the coat between openings")
        if self.tone == "shapes":
            shape, space = "the coat", "an opening"
        checks: list[tuple[float, Any]] = [(self.gap_um, None)]
        if shot.floor_gap_um > self.gap_um:
            checks.append((shot.floor_gap_um, sunk(work)))
        for gap, on in checks:
            limit = film_resolution_um(gap, self.wavelength_nm, shot.film_um, self.k_ratio)
            for what, place in ((shape, narrow_place(drawn, limit, on)), (space, narrow_space(drawn, die, limit, on))):
                if place is not None:
                    raise _too_narrow(what, self.mask, place, limit)

    def _latent(self, coat: Coat, drawn: Any, shot: _Shot, die: Any) -> Coat:
        """Return the coat with the shape the developer will open; the mask's own region where nothing moves it."""
        if self.tone == "shapes":
            region, within, lean = leaned(drawn, -shot.net_um, die), die, -shot.edge.lean_ratio
        else:
            region, within, lean = leaned(drawn, shot.net_um, die), None, shot.edge.lean_ratio
        return dataclasses.replace(coat, mask=self.mask, exposed=Wall(region, shot.foot_um, lean + 0.0, within))

    def _told(self, work: Work, coat: Coat, product: Resist, drawn: Any, shot: _Shot) -> Work:
        """Return the workpiece with the exposure's figures and warnings."""
        said = []
        narrow = narrow_place(drawn, shot.film_um / product.aspect_ratio) if self.tone == "openings" else None
        if narrow is not None:
            said.append(
                f"aspect ratio {shot.film_um / narrow.width_um:.1f} of {narrow.pieces_count} openings is beyond "
                f"{product.name}'s {product.aspect_ratio:g} ({product.sources['aspect_ratio']})"
            )
        if self.dose_mJ_cm2 == 0.0 and abs(product.dose_nm - self.wavelength_nm) > _LINE_NM:
            said.append(
                f"the usual dose of {product.name} is for {product.dose_nm:g} nm, light has {self.wavelength_nm:g}"
            )
        if abs(shot.net_um + self.etch_um) > 1e-9:
            said.append(f"openings of {self.mask} come out {shot.net_um:+.2f} µm per edge against the drawing")
        work = self._floor_told(work, shot)
        return work.noted(
            *said,
            resolution_um=film_resolution_um(self.gap_um, self.wavelength_nm, shot.film_um, self.k_ratio),
            gap_resolution_um=gap_resolution_um(self.gap_um, self.wavelength_nm),
            dose_mJ_cm2=shot.dose_mJ_cm2,
            clearing_mJ_cm2=shot.clearing_mJ_cm2,
            exposed_um=shot.thickness_um,
            bias_um=shot.edge.bias_um,
            mask_bias_um=shot.mask_bias_um,
            net_bias_um=shot.net_um,
            wall_deg=shot.edge.wall_deg,
            expose_s=shot.dose_mJ_cm2 / self.irradiance_mW_cm2,
        )

    def _floor_told(self, work: Work, shot: _Shot) -> Work:
        """Return the workpiece with what the exposure does on the floor of the relief under a sprayed coat."""
        if shot.floor_edge is None or shot.floor_gap_um <= self.gap_um:
            return work
        off = shot.floor_edge.bias_um - shot.edge.bias_um
        resolution = film_resolution_um(shot.floor_gap_um, self.wavelength_nm, shot.film_um, self.k_ratio)
        said = f"on the floor {shot.floor_gap_um - self.gap_um:.0f} µm down openings come out {off:+.2f} µm per edge"
        return work.noted(
            *([f"{said} against those on top; drawn as on top"] if abs(off) > _SEEN_UM else []),
            floor_gap_um=shot.floor_gap_um,
            floor_resolution_um=resolution,
            floor_bias_um=shot.floor_edge.bias_um,
        )

    def time_s(self, batch: Batch) -> float:
        """Return the time in s on the aligner; where no coat is there yet, with the dose of a usual thick one."""
        dose = self.dose_mJ_cm2 or batch.told("dose_mJ_cm2", _TYPICAL_DOSE_MJ_CM2)
        return self.align_s + dose / self.irradiance_mW_cm2

    def spreads(self) -> tuple[Spread, ...]:
        """Return how openings and overlay vary; "+/-" of the source counts as 3 sigma."""
        size = {"wafer": self.cd_wafer_to_wafer_um / 3.0, "die": self.cd_within_wafer_um / 3.0}
        return (
            Spread("cd_um", self.mask, size, _BUMP_LITHO),
            Spread("overlay_um", self.mask, {"wafer": self.overlay_um / 3.0}, _BUMP_LITHO),
        )


def _walls_foot_um(front: Front, drawn: Any) -> float:
    """Return the lowest level place in µm along the outlines of a region; the surface's top for an empty one."""
    if drawn.is_empty:
        return front.top_um
    outline = shapely.boundary(drawn)
    for z_um, floor in front.levels:
        if shapely.length(shapely.intersection(outline, floor)) > _TOUCH_UM:
            return z_um
    return front.lowest_um(drawn)


def _too_narrow(what: str, mask: str, place: Narrow, limit_um: float) -> StepError:
    return StepError(
        f"{what} of {mask} at ({place.x_um:.0f}, {place.y_um:.0f}) µm is finer than this exposure prints",
        value=f"{place.width_um:.2f} µm",
        limit=f"{limit_um:.2f} µm: k sqrt(wavelength (gap + thickness / 2))",
        remedy="a smaller gap, a thinner coat, or a wider opening or space",
        option="gap_um",
    )


@dataclass(frozen=True, slots=True)
class Develop:
    """Develop the exposed coat: it opens."""

    name: ClassVar[str] = "develop"
    title: ClassVar[str] = "Develop"
    tool: ClassVar[str] = "developer"
    needs: ClassVar[frozenset[str]] = frozenset({"coat", "latent"})
    never: ClassVar[frozenset[str]] = frozenset({"opened", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"opened"})
    takes: ClassVar[frozenset[str]] = frozenset({"latent"})
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("residue", "ball", "opening not cleared: too little dose or developer"),
        Defect("lifted resist", "wire", "poor adhesion, developed too long"),
    )

    develop_s: float = option(0.0, "time; 0: what the resist needs for its thickness", 0, 7200)
    rinse_s: float = option(40.0, "rinse and dry", 0, 600, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with its coat open; what is developed too long widens by the dark erosion."""
        coat = coat_of(work)
        if coat.exposed is None:
            raise StepError("the coat has not been exposed", remedy="expose first")
        product, _ = resist_for(coat.material, coat.kind)
        opened = masks.die if coat.exposed.within is not None or coat.exposed.region.is_empty else coat.exposed.region
        film = coat.thickness_um
        if coat.wall_um is None:
            film = coat.z_top_um - work.front.lowest_um(opened) - film_um(work)
        needed = product.develop_time_s(film)
        time = self.develop_s or needed
        if time < needed * (1.0 - 1e-9):
            raise StepError(
                f"{product.name} is not developed through in this time",
                value=f"{time:.0f} s",
                limit=f"{needed:.0f} s for {film:.3g} µm ({product.sources['develop_s']})",
                remedy="a longer development or a thinner coat",
                option="develop_s",
            )
        over = product.dark_um_min * (time - needed) / 60.0
        opened = coat.exposed if over <= 0.0 else widened(coat.exposed, over, masks.die)
        loss = product.dark_um_min * time / 60.0
        work = work.but(coat=dataclasses.replace(coat, exposed=opened, opened=opened))
        wall = math.degrees(math.atan2(1.0, out_of(opened)))
        said = []
        if wall > 95.0:
            said.append(f"the openings' walls hang over ({wall:.0f}°): metal sputtered on them will not be closed")
        return work.noted(*said, develop_s=time, widened_um=over, dark_loss_um=loss, wall_deg=wall)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s in the developer; where no coat is there yet, that of a usual coat of 10 µm."""
        return (self.develop_s or batch.told("develop_s", _TYPICAL_DEVELOP_S_UM * TYPICAL_UM)) + self.rinse_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing: the opening's size varies with the exposure's numbers."""
        return ()


def widened(opened: Wall, by_um: float, die: Any) -> Wall:
    """Return the opening wider by so much per edge."""
    out = by_um if opened.within is None else -by_um
    return Wall(leaned(opened.region, out, die), opened.z_um, opened.lean_ratio, opened.within)
