"""Metal by the semi-additive way: sputter a seed, open a resist, plate, strip the resist, etch the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.front import Wall
from chipscale.process.masks import Masks
from chipscale.process.step import StepError, option
from chipscale.process.work import Coat, Work
from chipscale.stack.outline import polygons
from chipscale.stack.types import Slab


@dataclass(frozen=True, slots=True)
class Sputter:
    """Sputter adhesion and seed metal over the whole wafer.

    The seed is under 1 µm thick and ends as the foot of the plated metal; nominally it is counted in that metal's
    thickness and is no body of its own.
    """

    name: ClassVar[str] = "sputter"
    title: ClassVar[str] = "Sputter seed"
    tool: ClassVar[str] = "sputter"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "resist", "solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"seed"})
    takes: ClassVar[frozenset[str]] = frozenset()

    material: str = "Ti/Cu"
    thickness_um: float = option(
        0.3, "adhesion and seed metal together, counted in the plated metal (assumed)", 0.02, 2
    )

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece as it is."""
        return work


@dataclass(frozen=True, slots=True)
class ResistMold:
    """Coat a resist and open it where metal is drawn: the mold the metal is plated into."""

    name: ClassVar[str] = "resist"
    title: ClassVar[str] = "Resist mold: coat, expose, develop"
    tool: ClassVar[str] = "coater, proximity aligner, developer"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"coat", "solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"coat", "dry", "opened"})
    takes: ClassVar[frozenset[str]] = frozenset()

    mask: str = "RDL"
    material: str = "Resist"
    thickness_um: float = option(10.0, "thickness over the highest place", 0.5, 150)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the opened resist on it."""
        top = work.front.levels[-1][0] + self.thickness_um
        opened = Wall(masks.region(self.mask))
        coat = Coat("RESIST", self.material, "resist", top, self.thickness_um, self.mask, opened, opened)
        return work.but(coat=coat)


@dataclass(frozen=True, slots=True)
class Plate:
    """Plate metal into the resist's openings, levelled: it fills the openings of the dielectric below.

    The thickness counts from the highest place inside the openings. Metal inside an opening of the dielectric is a
    body of its own, its `part` is "plug".
    """

    name: ClassVar[str] = "plate"
    title: ClassVar[str] = "Electroplate"
    tool: ClassVar[str] = "plater"
    needs: ClassVar[frozenset[str]] = frozenset({"seed", "resist"})
    never: ClassVar[frozenset[str]] = frozenset({"solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"metal"})
    takes: ClassVar[frozenset[str]] = frozenset()

    layer: str = "RDL"
    material: str = "Cu_plated"
    thickness_um: float = option(6.0, "thickness over the highest place in the openings, seed included", 0.1, 150)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the metal, one body per connected piece and per plug."""
        assert work.coat is not None  # the flow's order is checked before
        pieces = masks.pieces(work.coat.mask)
        if not pieces:
            return work
        drawn = masks.region(work.coat.mask)
        top = work.front.highest_um(drawn) + self.thickness_um
        room = work.coat.z_top_um
        if top > room + 1e-9:
            raise StepError(
                "the metal grows over its resist",
                value=f"{self.thickness_um:g} µm of metal",
                limit=f"{room - top + self.thickness_um:g} µm of resist above its foot",
                remedy="a thicker resist or less metal",
            )
        bodies: list[Slab] = []
        films = work.front.layers_of([piece.region for piece in pieces], top)
        for piece, (*inner, upper) in zip(pieces, films, strict=True):
            name = f"{self.layer}.{piece.name}"
            plugs = [(film, part) for film in inner for part in polygons(film.bottom)]
            for number, (film, part) in enumerate(plugs, start=1):
                plug = f"{name}.plug{number}" if len(plugs) > 1 else f"{name}.plug"
                bodies.append(
                    Slab(plug, self.layer, self.material, film.z_um, film.h_um, part, part, piece.net, "plug")
                )
            region = upper.bottom
            bodies.append(Slab(name, self.layer, self.material, upper.z_um, upper.h_um, region, region, piece.net))
        _, front = work.front.filled(Wall(drawn), top)
        return work.with_bodies(bodies, front)


@dataclass(frozen=True, slots=True)
class Strip:
    """Strip the resist."""

    name: ClassVar[str] = "strip"
    title: ClassVar[str] = "Strip resist"
    tool: ClassVar[str] = "wet bench"
    needs: ClassVar[frozenset[str]] = frozenset({"resist"})
    never: ClassVar[frozenset[str]] = frozenset({"diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset({"resist"})

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece without resist."""
        return work.but(coat=None)


@dataclass(frozen=True, slots=True)
class EtchSeed:
    """Etch the seed between the plated shapes; without it every net would be one."""

    name: ClassVar[str] = "etch_seed"
    title: ClassVar[str] = "Etch seed"
    tool: ClassVar[str] = "wet bench"
    needs: ClassVar[frozenset[str]] = frozenset({"seed"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset()
    takes: ClassVar[frozenset[str]] = frozenset({"seed"})

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece as it is: nominally no undercut."""
        return work
