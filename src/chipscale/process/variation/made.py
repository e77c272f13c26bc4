"""Run a flow once and keep what stood after every step: which step made which body, what solder a ball came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chipscale.layout.types import Layout
from chipscale.package.types import Package
from chipscale.process.flow import Planned, run, start
from chipscale.process.masks import Masks
from chipscale.process.work import Work
from chipscale.stack.types import Body, Revolved
from chipscale.stack.volume import volume_um3

_SAME_UM = 1e-6  # lengths below are nothing


@dataclass(frozen=True, slots=True)
class Made:
    """A flow that was run: steps, masks, the workpiece after each step, and by body's name the step that made it."""

    steps: Planned
    masks: Masks
    works: tuple[Work, ...]
    maker: dict[str, int]  # name of a body of the last workpiece -> index of the step that made it

    @property
    def bodies(self) -> tuple[Body, ...]:
        """Return the bodies of the finished package."""
        return self.works[-1].bodies

    def label(self, index: int) -> str:
        """Return what the flow calls the step."""
        return self.steps[index][0].title

    def laid_um(self, index: int, layer: str) -> float | None:
        """Return the thickness of the unpatterned metal of `layer` this step laid, None when it laid none."""
        film, before = self.works[index].blanket, self.works[index - 1].blanket if index else None
        if film is None or film.layer != layer or (before is not None and before.thickness_um == film.thickness_um):
            return None
        return film.thickness_um

    def solder_before(self, ball: Revolved) -> tuple[Body, ...]:
        """Return what the ball was before it was melted: the sphere, or the plated or printed solder, on its site."""
        index = self._melted_at(ball.name)
        if index == 0:
            return ()
        import shapely

        after = {id(body) for body in self.works[index].bodies}
        site = shapely.Point(ball.x_um, ball.y_um)
        found: list[Body] = []
        for body in self.works[index - 1].bodies:
            if id(body) in after:
                continue
            if isinstance(body, Revolved):
                if abs(body.x_um - ball.x_um) < 1.0 and abs(body.y_um - ball.y_um) < 1.0:
                    found.append(body)
            elif body.z_um + body.h_um > ball.profile[0, 1] + _SAME_UM and shapely.covers(body.bottom, site):
                found.append(body)
        return tuple(found)

    def _melted_at(self, name: str) -> int:
        """Return the index of the step after which the solder has a base for the first time; 0: it never got one."""
        for index, work in enumerate(self.works):
            for body in work.bodies:
                if body.name == name and isinstance(body, Revolved) and body.profile[0, 0] > _SAME_UM:
                    return index
        return 0


def made(package: Package, layout: Layout, steps: Planned) -> Made:
    """Return the planned steps run on the masks of `layout`; InputError where one can't be done."""
    masks = Masks(layout)
    works: list[Work] = []
    maker: dict[str, int] = {}
    kind: dict[str, tuple[str, str]] = {}
    for index, (_, work) in enumerate(run(steps, start(package, layout), masks)):
        same = {id(body) for body in works[-1].bodies} if works else set()
        changed = {body.name: kind[body.name] for body in work.bodies if body.name in kind and id(body) not in same}
        for body in work.bodies:
            if body.name not in maker:
                maker[body.name] = maker.get(_root(body, changed), index)
                kind[body.name] = (body.layer, body.material)
        works.append(work)
    return Made(steps, masks, tuple(works), {body.name: maker[body.name] for body in works[-1].bodies})


def _root(body: Body, changed: dict[str, tuple[str, str]]) -> str:
    """Return the name of the body a new one was cut from (X.foot from X, of one layer and material), else its own.

    `changed` has layer and material of the bodies that the step has changed.
    """
    name = body.name
    while "." in name:
        name = name.rpartition(".")[0]
        if changed.get(name) == (body.layer, body.material):
            return name
    return body.name


def solder_um3(body: Any) -> float:
    """Return the volume of a piece of solder in µm³."""
    return float(volume_um3(body))
