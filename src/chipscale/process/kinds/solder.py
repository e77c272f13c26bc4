"""Solder: spheres dropped, or paste printed, on the under-bump metal, and the reflow that makes balls of any solder."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from chipscale.layout.types import Circle
from chipscale.process.kinds.melted import Given, melted, spread_far
from chipscale.process.masks import Masks
from chipscale.process.models.reflow_profile import SOURCE, check_profile, profile_s
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Work
from chipscale.stack.outline import polygons
from chipscale.stack.revolve import outline
from chipscale.stack.types import Revolved, Slab, Spheroid
from chipscale.stack.volume import volume_um3, z_range_um

_LOG = logging.getLogger(__name__)
_MOUNTER = "minder-semicon.com, MDSY-ZQ6076 wafer ball mounter"
_TOPLINE = "topline.tv, BGA solder ball: ±10 µm from 150 to 500 µm, ±5 µm at 100"
_NOT_BEFORE_SOLDER = frozenset({"seed", "film", "coat", "dry", "latent", "opened", "solder", "diced"})
_NO_SITE = "no ball site is drawn"


@dataclass(frozen=True, slots=True)
class BallDrop:
    """Drop a solder sphere on every ball site, through a flux stencil."""

    name: ClassVar[str] = "ball_drop"
    title: ClassVar[str] = "Flux and ball drop"
    tool: ClassVar[str] = "ball mounter"
    needs: ClassVar[frozenset[str]] = frozenset({"metal"})
    never: ClassVar[frozenset[str]] = _NOT_BEFORE_SOLDER
    makes: ClassVar[frozenset[str]] = frozenset({"solder"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect(
            "missing ball", "ball", "no sphere in the hole, or it is lost before reflow", 30.0, f"{_MOUNTER}: at most"
        ),
        Defect("double ball", "ball", "two spheres through one hole"),
        Defect("shifted ball", "ball", "the sphere lies beside its flux"),
    )

    mask: str = mask_option("BALL", "mask whose circles are the sites")
    material: str = option("SAC305", "the spheres' solder")
    sphere_d_um: float = option(250.0, "diameter of the sphere", 20, 1000, f"mounter: 60 to 760 µm, {_MOUNTER}")
    sphere_tolerance_um: float = option(10.0, "+/- diameter of a sphere, 3 sigma", 0, 50, _TOPLINE)
    mount_um: float = option(25.0, "+/- place of a sphere, 3 sigma", 0, 100, f"13 to 25 µm, {_MOUNTER}")
    cycle_s: float = option(60.0, "time to print flux and drop all balls of a wafer", 5, 600, "assumed: usual practice")

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with a sphere standing on each site."""
        sites, ground = _sites(self.mask, work, masks)
        least = _least_pitch_um(sites)
        if least <= self.sphere_d_um:
            raise StepError(
                "neighbouring spheres touch",
                value=f"spheres of {self.sphere_d_um:g} µm",
                limit=f"{least:g} µm between the nearest sites",
                remedy="smaller spheres or a wider pitch",
                option="sphere_d_um",
            )
        r = self.sphere_d_um / 2
        bodies = []
        for site, z in zip(sites, ground, strict=True):
            shape = Spheroid(r, r, z + r)
            profile = outline(shape, z, z + 2 * r)
            name = f"BALL.{_called(site)}"
            bodies.append(Revolved(name, "BALL", self.material, site.x_um, site.y_um, profile, site.net, "", shape))
        warnings = []
        if self.mount_um + r > least - r:
            warnings.append(f"a sphere {self.mount_um:g} µm off its site may touch its neighbour")
        return work.with_bodies(bodies).noted(*warnings, least_pitch_um=least)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s for one wafer: all balls at once."""
        return self.cycle_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the spheres vary in size and place, ball by ball."""
        return (
            Spread("sphere_d_um", "BALL", {"feature": self.sphere_tolerance_um / 3}, f"{_TOPLINE}, read as 3 sigma"),
            Spread("mount_um", "BALL", {"feature": self.mount_um / 3}, f"{_MOUNTER}, read as 3 sigma"),
        )


@dataclass(frozen=True, slots=True)
class ScreenPrint:
    """Print solder paste through a stencil on every site.

    What is printed is the aperture's volume times the release. It is drawn as two slabs of the aperture's outline:
    the solder of the paste below, its flux above (part "flux"), so that each has its true volume; in the paste they
    are mixed.
    """

    name: ClassVar[str] = "screen_print"
    title: ClassVar[str] = "Print solder paste"
    tool: ClassVar[str] = "stencil printer"
    needs: ClassVar[frozenset[str]] = frozenset({"metal"})
    never: ClassVar[frozenset[str]] = _NOT_BEFORE_SOLDER
    makes: ClassVar[frozenset[str]] = frozenset({"solder"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("too little paste", "ball", "a clogged aperture, or one too small for its stencil"),
        Defect("bridge", "ball", "paste slumps or is smeared between neighbours"),
    )

    mask: str = mask_option("BALL", "mask whose circles are the sites")
    material: str = option("SAC305", "the paste's solder")
    aperture_d_um: float = option(250.0, "diameter of the stencil's apertures", 30, 1000, "assumed")
    stencil_um: float = option(75.0, "thickness of the stencil", 20, 300, "assumed; 38 to 63 µm electroformed")
    release_ratio: float = option(0.8, "paste that leaves the aperture", 0.1, 1, "assumed: 0.8 above area ratio 0.66")
    metal_ratio: float = option(
        0.5, "solder in the paste by volume; the rest is flux", 0.1, 0.9, "assumed: usual practice"
    )
    volume_within_pct: float = option(15.0, "+/- printed volume, 3 sigma", 0, 80, "assumed")
    cycle_s: float = option(45.0, "time to print one wafer and wipe the stencil", 5, 600, "assumed: usual practice")

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the paste on each site."""
        sites, ground = _sites(self.mask, work, masks)
        least = _least_pitch_um(sites)
        if least <= self.aperture_d_um:
            raise StepError(
                "neighbouring apertures meet",
                value=f"apertures of {self.aperture_d_um:g} µm",
                limit=f"{least:g} µm between the nearest sites",
                remedy="smaller apertures",
                option="aperture_d_um",
            )
        height = self.stencil_um * self.release_ratio
        solder = height * self.metal_ratio
        bodies: list[Slab] = []
        for site, z in zip(sites, ground, strict=True):
            region = shapely.Polygon(_ring(site.x_um, site.y_um, self.aperture_d_um))
            name = f"BALL.{_called(site)}"
            bodies.append(Slab(name, "BALL", self.material, z, solder, region, region, site.net))
            flux = Slab(f"{name}.flux", "BALL", "Flux", z + solder, height - solder, region, region, None, "flux")
            bodies.append(flux)
        paste = math.pi / 4 * self.aperture_d_um**2 * height
        area_ratio = self.aperture_d_um / (4 * self.stencil_um)
        figures = {"paste_um3": paste, "solder_um3": paste * self.metal_ratio, "area_ratio": area_ratio}
        return work.with_bodies(bodies).noted(*self._doubts(area_ratio, least), **figures)

    def _doubts(self, area_ratio: float, least_pitch_um: float) -> list[str]:
        found = []
        if area_ratio < 0.66:
            found.append(f"area ratio {area_ratio:.2f} of the apertures is below 0.66 (IPC-7525): paste stays in them")
        if self.aperture_d_um / self.stencil_um < 1.5:
            found.append(
                f"aspect ratio {self.aperture_d_um / self.stencil_um:.2f} of the apertures is below 1.5 (IPC-7525)"
            )
        if least_pitch_um < 200:
            found.append("paste is printed down to a pitch of 200 µm (Pac Tech, studylib 18197776)")
        return found

    def time_s(self, batch: Batch) -> float:
        """Return the time in s for one wafer."""
        return self.cycle_s

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the printed volume varies."""
        return (Spread("volume_pct", "BALL", {"feature": self.volume_within_pct / 3}, "assumed"),)


@dataclass(frozen=True, slots=True)
class Reflow:
    """Melt the solder: spheres, plated solder and paste become balls on what they wet, their volume kept.

    The base is the bare metal under the solder as it was built, taken for a disc of its area; `base_d_um` replaces it.
    Width and height of 0 are found from volume and base.
    """

    name: ClassVar[str] = "reflow"
    title: ClassVar[str] = "Reflow"
    tool: ClassVar[str] = "reflow oven"
    needs: ClassVar[frozenset[str]] = frozenset({"solder"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "coat", "dry", "latent", "opened", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"joints"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("void", "ball", "gas of flux or plating; up to 10 % of the volume is usually allowed (tlmicorp.com)"),
        Defect("bridge", "ball", "neighbours flow together"),
        Defect("not wetted", "ball", "oxide on the metal, or too little flux"),
    )

    base_d_um: float = option(0.0, "diameter the solder wets; 0: the bare metal under it", 0, 1000)
    ball_d_um: float = option(0.0, "widest diameter after reflow; 0: from the solder's volume", 0, 1000)
    ball_h_um: float = option(0.0, "height above the metal; 0: from the solder's volume", 0, 1000)
    peak_C: float = option(250.0, "peak temperature", 180, 260, f"highest 260 °C: {SOURCE}")
    above_liquidus_s: float = option(90.0, "time above 217 °C", 60, 150, SOURCE)
    preheat_s: float = option(90.0, "time from 150 to 200 °C", 60, 120, SOURCE)
    atmosphere: str = option("nitrogen", "gas in the oven", choices=("nitrogen", "forming gas", "formic acid", "air"))

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with balls in place of the solder."""
        work, pairs, plugs = melted(work, Given(self.base_d_um, self.ball_d_um, self.ball_h_um))
        if not pairs:
            raise StepError("there is no solder on the wafer", remedy="drop balls, print paste or plate solder first")
        materials = {joint.main.material for joint, _ in pairs}
        warnings = check_profile(materials, self.peak_C, self.preheat_s, self.above_liquidus_s)
        if self.atmosphere == "air":
            warnings.append("in air the solder oxidises: it wets badly unless the flux is strong")
        before = sum(joint.volume_um3 for joint, _ in pairs)
        after = sum(volume_um3(body) for body in (*(ball for _, ball in pairs), *plugs))
        if abs(after / before - 1) > 0.01:
            gain = 100 * (after / before - 1)
            warnings.append(f"balls hold {gain:+.1f} % of the solder there was: width and height were given")
            _LOG.warning("balls hold %+.1f %% of the spheres' solder: width and height were given", gain)
        far = spread_far(pairs)
        if far:
            warnings.append(f"solder runs along bare metal: {', '.join(far[:4])}")
        return work.noted(*warnings, **_figures([ball for _, ball in pairs], after / before))

    def time_s(self, batch: Batch) -> float:
        """Return the time in s a wafer spends in the oven."""
        return profile_s(self.peak_C, self.preheat_s, self.above_liquidus_s)[1]

    def spreads(self) -> tuple[Spread, ...]:
        """Return nothing of its own: the balls follow from solder and base."""
        return ()


def _figures(balls: list[Revolved], kept: float) -> dict[str, float]:
    """Return mean sizes of the balls, and how much higher the highest top is than the lowest."""
    heights = np.array([z_range_um(ball) for ball in balls])
    widths = [2 * float(ball.profile[:, 0].max()) for ball in balls]
    for k, ball in enumerate(balls):
        shape = ball.spheroid
        if shape is not None and shape.z_um >= heights[k, 0]:
            widths[k] = 2 * shape.semi_r_um
    return {
        "base_d_um": float(np.mean([2 * ball.profile[0, 0] for ball in balls])),
        "ball_d_um": float(np.mean(widths)),
        "ball_h_um": float(np.mean(heights[:, 1] - heights[:, 0])),
        "tops_range_um": float(np.ptp(heights[:, 1])),
        "solder_kept_ratio": kept,
    }


def _sites(mask: str, work: Work, masks: Masks) -> tuple[tuple[Circle, ...], list[float]]:
    """Return the sites and the height of the ground at each; StepError without sites, or with one beside the die."""
    sites = masks.circles(mask)
    if not sites:
        raise StepError(_NO_SITE, remedy=f"draw circles on the layer {mask}", option="mask")
    x, y = np.array([(site.x_um, site.y_um) for site in sites]).T
    ground = np.full(len(sites), np.nan)
    for z, region in work.front.levels:
        for part in polygons(region):
            shapely.prepare(part)
            ground[shapely.contains_xy(part, x, y)] = z
    lost = [_called(site) for site, z in zip(sites, ground, strict=True) if np.isnan(z)]
    if lost:
        raise StepError("balls outside the die, or on a slope", value=", ".join(lost))
    return sites, [float(z) for z in ground]


def _called(site: Circle) -> str:
    return site.name or f"{site.x_um:g}_{site.y_um:g}"


def _least_pitch_um(sites: tuple[Circle, ...]) -> float:
    """Return the least distance between two sites; infinite for one."""
    if len(sites) < 2:
        return math.inf
    points = shapely.points([(site.x_um, site.y_um) for site in sites])
    tree = shapely.STRtree(points)
    _, distance = tree.query_nearest(points, exclusive=True, return_distance=True, all_matches=False)
    return float(np.min(distance))


def _ring(x_um: float, y_um: float, d_um: float) -> Any:
    """Return (64, 2) a 64-gon of the disc's area."""
    angle = np.arange(64) * math.tau / 64
    r = d_um / 2 * math.sqrt(math.pi / (32 * math.sin(math.tau / 64)))
    return np.column_stack((x_um + r * np.cos(angle), y_um + r * np.sin(angle)))
