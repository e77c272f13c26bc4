"""Dicing: the wafer becomes dies."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

import shapely

from chipscale.process.masks import Masks
from chipscale.process.step import StepError, option
from chipscale.process.work import Work
from chipscale.stack.types import Body, Slab


@dataclass(frozen=True, slots=True)
class Dice:
    """Saw along the streets. Nominally the cut ends at the die's outline; a wider kerf takes `edge_loss_um` off it."""

    name: ClassVar[str] = "dice"
    title: ClassVar[str] = "Dice"
    tool: ClassVar[str] = "dicing saw"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "resist", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"diced"})
    takes: ClassVar[frozenset[str]] = frozenset()

    edge_loss_um: float = option(0.0, "what the kerf takes off the die's outline on each side", 0, 200)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the die."""
        if self.edge_loss_um == 0:
            return work
        e = self.edge_loss_um
        kept = shapely.box(e, e, masks.size_x_um - e, masks.size_y_um - e)
        return dataclasses.replace(work, bodies=tuple(_cut(body, kept) for body in work.bodies))


def _cut(body: Body, kept: object) -> Body:
    """Return the body as far as the cut leaves it; a conductor in the kerf is refused."""
    if not isinstance(body, Slab) or shapely.covers(kept, body.bottom):
        return body
    if body.net is not None:
        raise StepError(f"the kerf cuts into {body.name}", remedy="less edge_loss_um or a wider street")
    bottom = shapely.intersection(body.bottom, kept)
    top = bottom if body.top is body.bottom else shapely.intersection(body.top, kept)
    return dataclasses.replace(body, bottom=bottom, top=top)
