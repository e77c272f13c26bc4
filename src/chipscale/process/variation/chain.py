"""What the height of a bump's apex adds up from: the films under it, level by level, and the solder on top."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from chipscale.errors import InputError, Problem
from chipscale.process.variation.cap_height import cap_height_um
from chipscale.process.variation.made import Made, solder_um3
from chipscale.stack.outline import Z_EPS_UM
from chipscale.stack.types import Revolved, Slab

Array = npt.NDArray[np.float64]
GROUND = frozenset({"DIE", "DEVICE", "GLASS", "MOLD"})  # heights count from the face of these
_MOST_LEVELS = 60
_SITE_UM = 1.0  # a ball stands on its site within this


class Site(NamedTuple):
    """A bump: its name and its centre in µm of the die view."""

    name: str
    x_um: float
    y_um: float


@dataclass(frozen=True, slots=True)
class Term:
    """A film below the bumps: its layer, the step (index) that made it, its thickness under each bump (µm, (n,))."""

    layer: str
    maker: int
    mean_um: Array


@dataclass(frozen=True, slots=True)
class Joint:
    """The solder of the bumps: volume (µm³) and base diameter (µm) of each, (n,), and what is known of their making.

    The volume is that of the dropped sphere, or what plated or printed solder melts to. `offset_um` is how much higher
    the drawn ball is than its volume on its base gives (its height was prescribed). `sphere` is True where spheres were
    dropped; otherwise `solder_layer` was plated or printed, `mold_d_um` wide, in a resist exposed with `mold_mask`.
    `rim_layer` is the layer whose outline bounds the base, made by the step `rim_maker`; where that is an opening the
    solder fills, `plug_um3` of the volume stay in it below the base, `plug_um` deep.
    """

    volume_um3: Array
    base_d_um: Array
    offset_um: Array
    sphere: bool
    solder_layer: str
    solder_maker: int
    mold_d_um: Array
    mold_mask: str
    rim_layer: str
    rim_maker: int
    plug_um3: Array
    plug_um: Array

    @property
    def sphere_d_um(self) -> Array:
        """Return the diameter of a sphere of the same volume."""
        return np.asarray(np.cbrt(6.0 * self.volume_um3 / math.pi), dtype=np.float64)

    @property
    def cap_um3(self) -> Array:
        """Return the volume above the base."""
        return self.volume_um3 - self.plug_um3

    @property
    def height_um(self) -> Array:
        """Return the height of the apex above the base."""
        return cap_height_um(self.cap_um3, self.base_d_um) + self.offset_um

    @property
    def solder_um(self) -> Array:
        """Return the thickness of plated solder of that volume in its mold."""
        return np.asarray(4.0 * self.volume_um3 / (math.pi * self.mold_d_um**2), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Chain:
    """All bumps of a die: sites, the films below them and, where they are soldered, their joints."""

    sites: tuple[Site, ...]
    terms: tuple[Term, ...]
    joint: Joint | None

    @property
    def places_um(self) -> Array:
        """Return the centres (n, 2)."""
        return np.array([(site.x_um, site.y_um) for site in self.sites], dtype=np.float64)

    @property
    def apex_um(self) -> Array:
        """Return the nominal height of each apex above the die's face, (n,)."""
        total = np.zeros(len(self.sites))
        for term in self.terms:
            total += term.mean_um
        if self.joint is not None:
            total += self.joint.height_um
        return total


def chain_of(made: Made, sites: tuple[Site, ...]) -> Chain:
    """Return the chain of the bumps at `sites`; InputError where one of them has no bump."""
    balls = [body for body in made.bodies if isinstance(body, Revolved)]
    slabs = [body for body in made.bodies if isinstance(body, Slab)]
    if balls:
        own = _balls_at(balls, sites)
        ground_um = np.array([ball.profile[0, 1] for ball in own])
        return Chain(sites, _terms(made, slabs, sites, ground_um), _joint(made, own, slabs))
    points = [shapely.Point(site.x_um, site.y_um) for site in sites]
    tops = [[s.z_um + s.h_um for s in slabs if shapely.covers(s.top, point)] for point in points]
    apex_um = np.array([max(found, default=math.nan) for found in tops])
    _all_found(sites, ~np.isnan(apex_um))
    return Chain(sites, _terms(made, slabs, sites, apex_um), None)


def _balls_at(balls: list[Revolved], sites: tuple[Site, ...]) -> list[Revolved]:
    """Return the ball of each site."""
    from scipy.spatial import cKDTree

    tree = cKDTree(np.array([(ball.x_um, ball.y_um) for ball in balls]))
    distance, index = tree.query(np.array([(site.x_um, site.y_um) for site in sites]))
    _all_found(sites, distance <= _SITE_UM)
    return [balls[k] for k in index.tolist()]


def _all_found(sites: tuple[Site, ...], found: npt.NDArray[np.bool_]) -> None:
    missing = [site.name for site, there in zip(sites, found, strict=True) if not there]
    if missing or not sites:
        value = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
        what = "the flow leaves no bump on these sites" if missing else "the package has no balls"
        raise InputError([Problem("variation.no_bump", what, key="balls", value=value)])


def _terms(made: Made, slabs: list[Slab], sites: tuple[Site, ...], start_um: Array) -> tuple[Term, ...]:
    """Return the films from each site's `start_um` down to the die's face.

    A height is where a film ends: the nearest film whose top is there gives the next lower height. Fillings and plugs
    are levelled with such a film and stand in only where no film ends at that height.
    """
    points = shapely.points(np.array([(site.x_um, site.y_um) for site in sites]))
    z = start_um.copy()
    found: dict[tuple[str, int], Array] = {}
    for _ in range(_MOST_LEVELS):
        low = z.copy()
        for level in np.unique(np.round(z[~np.isnan(z)], 6)).tolist():
            here = np.flatnonzero(np.abs(z - level) <= 2 * Z_EPS_UM)
            body = _ending_at(slabs, level, points[here])
            low[here] = np.nan
            for k, film in zip(here.tolist(), body, strict=True):
                if film is not None and film.layer not in GROUND:
                    key = (film.layer, made.maker[film.name])
                    found.setdefault(key, np.zeros(len(sites)))[k] += film.h_um
                    low[k] = film.z_um
        z = low
        if np.isnan(z).all():
            break
    order = sorted(found, key=lambda key: (key[1], key[0]))
    return tuple(Term(layer, maker, found[layer, maker]) for layer, maker in order)


def _ending_at(slabs: list[Slab], z_um: float, points: Any) -> list[Slab | None]:
    """Return for each point the nearest film that ends at z_um."""
    ends = [slab for slab in slabs if abs(slab.z_um + slab.h_um - z_um) <= 3 * Z_EPS_UM]
    films = [slab for slab in ends if not slab.part] or ends
    if not films:
        return [None] * len(points)
    tree = shapely.STRtree([film.top for film in films])
    which, nearest = tree.query_nearest(points, all_matches=True)
    chosen: list[Slab | None] = [None] * len(points)
    for k, j in sorted(zip(which.tolist(), nearest.tolist(), strict=True), reverse=True):
        chosen[k] = films[j]
    return chosen


def _joint(made: Made, balls: list[Revolved], slabs: list[Slab]) -> Joint:
    """Return the joints of the balls, in their order."""
    before = [made.solder_before(ball) or (ball,) for ball in balls]
    sphere = isinstance(before[0][0], Revolved)
    volume = np.array([solder_um3(first[0] if sphere else ball) for first, ball in zip(before, balls, strict=True)])
    base_d = np.array([2.0 * ball.profile[0, 0] for ball in balls])
    height = np.array([ball.profile[-1, 1] - ball.profile[0, 1] for ball in balls])
    wide = [
        max((2.0 * math.sqrt(b.top.area / math.pi) for b in first if isinstance(b, Slab)), default=0.0)
        for first in before
    ]
    if not (base_d > 0).all():
        raise InputError([Problem("variation.no_base", "balls without a base: the flow has no reflow", key="flow")])
    plugs = [_plug_under(ball, slabs) if sphere else None for ball in balls]
    plug_um3 = np.array([solder_um3(plug) if plug is not None else 0.0 for plug in plugs])
    maker = _first_with(made, before[0][0].name)
    coat, rim = made.works[maker].coat, _rim(balls[0], slabs)
    return Joint(
        volume_um3=volume,
        base_d_um=base_d,
        offset_um=height - cap_height_um(volume - plug_um3, base_d),
        sphere=sphere,
        solder_layer=before[0][0].layer,
        solder_maker=maker,
        mold_d_um=np.array(wide),
        mold_mask=coat.mask if coat is not None and not sphere else "",
        rim_layer=rim.layer if rim is not None else "",
        rim_maker=made.maker[rim.name] if rim is not None else -1,
        plug_um3=plug_um3,
        plug_um=np.array([plug.h_um if plug is not None else 1.0 for plug in plugs]),
    )


def _first_with(made: Made, name: str) -> int:
    """Return the index of the step that brought the body."""
    return next(k for k, work in enumerate(made.works) if any(body.name == name for body in work.bodies))


def _plug_under(ball: Revolved, slabs: list[Slab]) -> Slab | None:
    """Return the solder that stays in the opening below the ball, if any."""
    site = shapely.Point(ball.x_um, ball.y_um)
    own = [slab for slab in slabs if slab.part == "plug" and slab.layer == ball.layer]
    return next((slab for slab in own if shapely.covers(slab.bottom, site)), None)


def _rim(ball: Revolved, slabs: list[Slab]) -> Slab | None:
    """Return the body at the ball's foot whose outline is nearest to the ball's rim."""
    site, foot = shapely.Point(ball.x_um, ball.y_um), float(ball.profile[0, 1])
    best, found = math.inf, None
    for slab in slabs:
        if slab.z_um <= foot + Z_EPS_UM and slab.z_um + slab.h_um >= foot - 3 * Z_EPS_UM and slab.layer not in GROUND:
            away = abs(float(shapely.distance(slab.top.boundary, site)) - float(ball.profile[0, 0]))
            if away < best - 1e-9:
                best, found = away, slab
    return found
