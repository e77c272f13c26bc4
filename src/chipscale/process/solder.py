"""Solder: drop spheres on the under-bump metal, reflow them to balls."""

from __future__ import annotations

import dataclasses
import logging
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from chipscale.package.joint import reflowed
from chipscale.process.masks import Masks
from chipscale.process.step import StepError, option
from chipscale.process.work import Work
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Spheroid
from chipscale.stack.volume import volume_um3

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BallDrop:
    """Drop a solder sphere on every ball site, through a flux stencil."""

    name: ClassVar[str] = "ball_drop"
    title: ClassVar[str] = "Flux and ball drop"
    tool: ClassVar[str] = "ball mounter"
    needs: ClassVar[frozenset[str]] = frozenset({"metal"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "resist", "solder", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"solder"})
    takes: ClassVar[frozenset[str]] = frozenset()

    mask: str = "BALL"
    material: str = "SAC305"
    sphere_d_um: float = option(250.0, "diameter of the sphere", 20, 1000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with a sphere standing on each site."""
        sites = masks.circles(self.mask)
        if not sites:
            raise StepError("no ball site is drawn", remedy=f"draw circles on the layer {self.mask}")
        x, y = np.array([(site.x_um, site.y_um) for site in sites]).T
        ground = np.full(len(sites), np.nan)
        for z, region in work.front.levels:
            ground[shapely.contains_xy(region, x, y)] = z
        lost = [
            site.name or f"({site.x_um:g}, {site.y_um:g})" for site, z in zip(sites, ground, strict=True) if np.isnan(z)
        ]
        if lost:
            raise StepError("balls outside the die", value=", ".join(lost))
        r = self.sphere_d_um / 2
        bodies = []
        for site, z in zip(sites, ground, strict=True):
            shape = Spheroid(r, r, float(z) + r)
            profile = outline(shape, float(z), float(z) + 2 * r)
            name = f"BALL.{site.name}" if site.name else f"BALL.{site.x_um:g}_{site.y_um:g}"
            bodies.append(Revolved(name, "BALL", self.material, site.x_um, site.y_um, profile, site.net, "", shape))
        return work.with_bodies(bodies)


@dataclass(frozen=True, slots=True)
class Reflow:
    """Melt the spheres: each becomes a ball of the given width and height on its round under-bump metal.

    Width and height of 0 are found from the sphere and the base, volume conserved.
    """

    name: ClassVar[str] = "reflow"
    title: ClassVar[str] = "Reflow"
    tool: ClassVar[str] = "reflow oven"
    needs: ClassVar[frozenset[str]] = frozenset({"solder"})
    never: ClassVar[frozenset[str]] = frozenset({"diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"joints"})
    takes: ClassVar[frozenset[str]] = frozenset()

    base_d_um: float = option(215.0, "diameter the solder wets: the under-bump metal", 10, 1000)
    ball_d_um: float = option(0.0, "widest diameter after reflow; 0: from the sphere's volume", 0, 1000)
    ball_h_um: float = option(0.0, "height above the under-bump metal; 0: from the sphere's volume", 0, 1000)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with balls in place of spheres."""
        bodies = tuple(self._melted(body) if body.layer == "BALL" else body for body in work.bodies)
        balls = [(old, new) for old, new in zip(work.bodies, bodies, strict=True) if old.layer == "BALL"]
        before, after = (sum(volume_um3(pair[k]) for pair in balls) for k in (0, 1))
        if abs(after / before - 1) > 0.01:
            _LOG.warning(
                "balls hold %+.1f %% of the spheres' solder: width and height were given", 100 * (after / before - 1)
            )
        return dataclasses.replace(work, bodies=bodies)

    def _melted(self, body: object) -> Revolved:
        """Return one sphere after reflow."""
        assert isinstance(body, Revolved)
        z = float(body.profile[0, 1])
        sphere_d_um = (6 * volume_um3(body) / math.pi) ** (1 / 3)
        free_d_um, free_h_um = reflowed(sphere_d_um, self.base_d_um)
        shape = cap(self.base_d_um, self.ball_d_um or free_d_um, self.ball_h_um or free_h_um, z)
        profile = outline(shape, z, shape.z_um + shape.semi_z_um)
        return dataclasses.replace(body, profile=profile, spheroid=shape)
