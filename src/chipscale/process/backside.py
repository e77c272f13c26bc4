"""The wafer's back: thinning, and the film that covers it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from chipscale.process.masks import Masks
from chipscale.process.step import StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Slab


@dataclass(frozen=True, slots=True)
class Thin:
    """Grind the wafer from the back to its final thickness."""

    name: ClassVar[str] = "thin"
    title: ClassVar[str] = "Back grind"
    tool: ClassVar[str] = "grinder"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "backside", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"thin"})
    takes: ClassVar[frozenset[str]] = frozenset()

    thickness_um: float = option(250.0, "silicon that is left", 20, 1000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with less silicon."""
        bodies = []
        for body in work.bodies:
            if isinstance(body, Slab) and body.layer == "DIE":
                if self.thickness_um > body.h_um + 1e-9:
                    raise StepError(
                        "the wafer is thinner than that already",
                        value=f"{self.thickness_um:g} µm",
                        limit=f"{body.h_um:g} µm",
                        remedy="a thicker incoming wafer",
                    )
                top = body.z_um + body.h_um
                body = dataclasses.replace(body, z_um=top - self.thickness_um, h_um=self.thickness_um)
            bodies.append(body)
        return dataclasses.replace(work, bodies=tuple(bodies))


@dataclass(frozen=True, slots=True)
class BacksideCoat:
    """Laminate or coat the back with a protective film."""

    name: ClassVar[str] = "backside_coat"
    title: ClassVar[str] = "Backside film"
    tool: ClassVar[str] = "laminator"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"resist", "backside", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"backside"})
    takes: ClassVar[frozenset[str]] = frozenset()

    material: str = "BacksideCoating"
    thickness_um: float = option(25.0, "thickness of the film", 1, 200)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the film below the silicon."""
        low = min(body.z_um for body in work.bodies if isinstance(body, Slab))
        z = low - self.thickness_um
        film = Slab("BACKSIDE", "BACKSIDE", self.material, z, self.thickness_um, masks.die, masks.die)
        return dataclasses.replace(work, bodies=(film, *work.bodies))
