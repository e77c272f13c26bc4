"""A photo-definable dielectric: spun on, levelled, opened by its mask, cured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import shapely

from chipscale.process.front import Wall
from chipscale.process.masks import Masks
from chipscale.process.step import option
from chipscale.process.work import Work
from chipscale.stack.types import Slab


@dataclass(frozen=True, slots=True)
class Polymer:
    """Coat, expose, develop and cure one dielectric: level top, straight walls, openings down to what lies below.

    The thickness counts from the highest place of the wafer: over metal, where there is metal.
    """

    name: ClassVar[str] = "polymer"
    title: ClassVar[str] = "Dielectric: coat, expose, develop, cure"
    tool: ClassVar[str] = "coater, proximity aligner, developer, oven"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "resist", "solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset()

    layer: str = "PI1"
    mask: str = "PI1"
    material: str = "PI"
    thickness_um: float = option(6.0, "thickness over the highest place after cure", 0.5, 100)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film, cut into layers at every height it fills."""
        top = work.front.levels[-1][0] + self.thickness_um
        covered = shapely.difference(masks.die, masks.region(self.mask))
        films, after = work.front.filled(Wall(covered), top)
        bodies = []
        for index, film in enumerate(films, start=1):
            last = index == len(films)
            name, part = (self.layer, "") if last else (f"{self.layer}.fill{index}", "fill")
            bodies.append(
                Slab(name, self.layer, self.material, film.z_um, film.h_um, film.bottom, film.top, None, part)
            )
        return work.with_bodies(bodies, after)
