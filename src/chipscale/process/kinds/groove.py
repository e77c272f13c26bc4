"""The groove etched from the wafer's back down to the device layer, its walls leaning out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import shapely

from chipscale.process.masks import Masks
from chipscale.process.relief.carve import carve
from chipscale.process.relief.front import Wall
from chipscale.process.relief.narrowest import narrow_place
from chipscale.process.relief.walls import beyond
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Work
from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.types import Slab
from chipscale.stack.volume import z_range_um

_ASSUMED = "assumed: usual practice"
_SLIVER_UM2 = 1.0


class _Cut(NamedTuple):
    """What is etched: the mask's region, from which height to which, as a shape with walls."""

    region: Any
    top_um: float
    floor_um: float
    wall: Wall

    @property
    def depth_um(self) -> float:
        return self.top_um - self.floor_um

    @property
    def aside_um(self) -> float:
        """Return by how much the floor is narrower than the mouth, per wall."""
        return self.depth_um * self.wall.lean_ratio


@dataclass(frozen=True, slots=True)
class Groove:
    """Etch a groove into the back through a hard mask, down to the first face that is not silicon, or to a depth.

    The mask's outline is that of the mouth; the floor is narrower by depth / tan(wall) on each side. On the die's
    edge the groove goes on into the neighbour.
    """

    name: ClassVar[str] = "groove"
    title: ClassVar[str] = "Etch a groove from the back"
    tool: ClassVar[str] = "silicon etcher"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer", "flipped"})
    never: ClassVar[frozenset[str]] = frozenset(
        {"seed", "film", "resist", "coat", "dry", "latent", "opened", "solder", "joints", "diced"}
    )
    makes: ClassVar[frozenset[str]] = frozenset({"grooved"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("silicon left on the pads", "pad", "too short an etch, or thicker silicon at the wafer's edge"),
        Defect("notch at the floor", "die", "over-etch on a dielectric: ions turn aside at the charged floor"),
        Defect("rough wall", "die", "scallops of the etch cycles, a ragged mask: the film on the wall has pinholes"),
    )

    mask: str = mask_option("GROOVE1", "mask of the groove's mouth")
    wall_deg: float = option(
        65.0, "between the groove's floor and its wall; 90: upright", 45, 90, f"55 to 80 degrees {_ASSUMED}"
    )
    stops_at: str = option("device", "what ends the etch", choices=("device", "depth"))
    depth_um: float = option(100.0, "depth, where it does not end at the device layer", 1, 800, _ASSUMED)
    spare: str = mask_option("SENSING", "mask of what neither mouth nor floor may reach; empty: nothing", optional=True)
    least_pad_um2: float = option(
        400.0, "least area of each pad that must lie bare on the floor; 0: no pad need", 0, 1e6, _ASSUMED
    )
    etch_um_min: float = option(15.0, "rate downward", 0.5, 50, f"10 to 25 µm/min of a plasma {_ASSUMED}")
    over_etch_ratio: float = option(0.1, "time after the floor is reached, as a share", 0, 1, _ASSUMED)
    mask_s: float = option(600.0, "hard mask on and off, its share of one wafer's time", 0, 7200, _ASSUMED)
    wall_tolerance_deg: float = option(3.0, "wall angle over the wafer, +/- (3 sigma)", 0, 15, _ASSUMED)
    mouth_um: float = option(5.0, "width of the mouth, +/- (3 sigma)", 0, 50, _ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the groove; refused where it meets no silicon, closes, misses pads or cuts more."""
        cut = self._planned(work, masks)
        self._refuse_circuit(cut, masks)
        floor = self._refuse_closed(cut, masks)
        bared = self._bared(work, floor, cut.floor_um)
        bodies = tuple(carve(work.bodies, cut.wall, cut.floor_um, masks.die))
        after = work.but(bodies=bodies, front=work.front.cut(cut.wall, cut.floor_um))
        figures = {"depth_um": cut.depth_um, "floor_um": _narrowest_um(floor), "wall_deg": self.wall_deg}
        if bared:
            figures |= {"bared_pads_count": float(len(bared)), "least_bared_um2": min(bared)}
        return after.noted(**figures)

    def time_s(self, batch: Batch) -> float:
        """Return the time in s: the hard mask, and the etch through the wafer as it comes (or to the depth)."""
        depth_um = batch.wafer_um if self.stops_at == "device" else self.depth_um
        return self.mask_s + 60.0 * depth_um * (1 + self.over_etch_ratio) / self.etch_um_min

    def spreads(self) -> tuple[Spread, ...]:
        """Return how the wall's angle and the mouth's width vary."""
        return (
            Spread("wall_deg", "DIE", {"wafer": self.wall_tolerance_deg / 3.0}, _ASSUMED),
            Spread("cd_um", "DIE", {"wafer": self.mouth_um / 3.0}, _ASSUMED),
        )

    def _planned(self, work: Work, masks: Masks) -> _Cut:
        """Return what will be etched; StepError when nothing is drawn or there is no silicon."""
        if not masks.has(self.mask):
            raise StepError(f"nothing is drawn on {self.mask}", remedy="draw the groove's mouth", option="mask")
        region = masks.region(self.mask)
        top_um = work.front.highest_um(region)
        silicon = [body for body in work.bodies if isinstance(body, Slab) and body.layer == "DIE"]
        met = [body for body in silicon if shapely.area(shapely.intersection(body.top, region)) > _SLIVER_UM2]
        bare = [body for body in met if abs(z_range_um(body)[1] - top_um) < 10 * Z_EPS_UM]
        if not bare:
            lying = sorted({body.layer for body in work.bodies if abs(z_range_um(body)[1] - top_um) < 10 * Z_EPS_UM})
            raise StepError(
                f"there is no bare silicon where {self.mask} is drawn",
                value=", ".join(lying),
                remedy="put the groove before the films on the back",
                option="mask",
            )
        deepest_um = min(body.z_um for body in met)
        floor_um = deepest_um if self.stops_at == "device" else top_um - self.depth_um
        lowest_um = min(z_range_um(body)[0] for body in work.bodies)
        if floor_um <= lowest_um:
            raise StepError(
                "the groove goes through the whole wafer",
                value=f"{self.depth_um:g} µm",
                limit=f"less than {top_um - lowest_um:g} µm",
                option="depth_um" if self.stops_at == "depth" else "stops_at",
            )
        lean = 0.0 if self.wall_deg >= 90 else 1.0 / math.tan(math.radians(self.wall_deg))
        return _Cut(region, top_um, floor_um, Wall(region, top_um, lean))

    def _refuse_circuit(self, cut: _Cut, masks: Masks) -> None:
        """Raise StepError where the mouth, and with it floor or wall, reaches into what must be spared."""
        if not (self.spare and masks.has(self.spare)):
            return
        shared = shapely.area(shapely.intersection(cut.region, masks.region(self.spare)))
        if shared > _SLIVER_UM2:
            raise StepError(
                "the groove cuts into the circuit",
                value=f"{shared:.0f} µm² of {self.spare}",
                remedy=f"a narrower {self.mask}, or a steeper wall that needs less room",
                option="mask",
            )

    def _refuse_closed(self, cut: _Cut, masks: Masks) -> Any:
        """Return the floor's outline; StepError where the walls meet above it."""
        for part in polygons(cut.region):
            wide = beyond(part, masks.die, cut.aside_um)
            on_edge = wide is not part
            found = narrow_place(wide, 2 * cut.aside_um)
            if found is not None:
                raise StepError(
                    f"the walls meet before the floor, at ({found.x_um:.0f}, {found.y_um:.0f}) µm",
                    value=f"mouth {found.width_um - (cut.aside_um if on_edge else 0.0):.4g} µm wide",
                    limit=f"more than {cut.aside_um * (1 if on_edge else 2):.4g} µm for {cut.depth_um:g} µm at "
                    f"{self.wall_deg:g}°",
                    remedy=f"a wider {self.mask}, a steeper wall or thinner silicon",
                    option="wall_deg",
                )
        return cut.wall.at(cut.floor_um, masks.die)

    def _bared(self, work: Work, floor: Any, floor_um: float) -> list[float]:
        """Return the bare area in µm² of each connected pad; StepError when the groove does not reach one."""
        if self.least_pad_um2 <= 0:
            return []
        pads = [body for body in work.bodies if isinstance(body, Slab) and body.layer == "PAD" and body.net is not None]
        self._refuse_gone(pads, floor, floor_um)
        shapely.prepare(floor)
        areas = [
            float(shapely.area(shapely.intersection(floor, pad.top)))
            if pad.z_um + pad.h_um > floor_um - 10 * Z_EPS_UM
            else 0.0
            for pad in pads
        ]
        missed = [(area, pad) for area, pad in zip(areas, pads, strict=True) if area < self.least_pad_um2]
        if missed:
            area, pad = min(missed, key=lambda item: (item[0], item[1].name))
            above_um = floor_um - pad.z_um - pad.h_um
            if above_um > 10 * Z_EPS_UM:
                raise StepError(
                    f"the groove never reaches {pad.name}" + (f" and {len(missed) - 1} more" if missed[1:] else ""),
                    value=f"{self.depth_um:g} µm deep: its floor is {above_um:.4g} µm above the pad",
                    limit=f"{self.depth_um + above_um:.4g} µm",
                    remedy="let it stop at the device layer, or least_pad_um2: 0 for a groove that bares no pads",
                    option="depth_um" if self.stops_at == "depth" else "stops_at",
                )
            more = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
            raise StepError(
                f"the groove never reaches {pad.name}{more}",
                value=f"{area:.0f} µm² bare",
                limit=f"at least {self.least_pad_um2:g} µm²",
                remedy=f"a wider {self.mask}, a steeper wall, thinner silicon, or pads nearer to the edge",
                option="least_pad_um2" if area > 0 else "mask",
            )
        return areas

    def _refuse_gone(self, pads: list[Slab], floor: Any, floor_um: float) -> None:
        """Raise StepError where the groove goes through a pad."""
        for pad in pads:
            if pad.z_um > floor_um - 10 * Z_EPS_UM and shapely.intersects(floor, pad.top):
                raise StepError(
                    f"the groove goes through {pad.name}",
                    value=f"{self.depth_um:g} µm",
                    limit=f"less than {self.depth_um - pad.z_um + floor_um:.4g} µm",
                    remedy="let it stop at the device layer",
                    option="depth_um" if self.stops_at == "depth" else "stops_at",
                )


def _narrowest_um(floor: Any) -> float:
    """Return the width in µm of the narrowest place of the floor on this die."""
    mean = min(2 * part.area / part.length for part in polygons(floor))
    found = narrow_place(floor, 4 * mean)
    return float(2 * mean if found is None else found.width_um)
