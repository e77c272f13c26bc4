"""The saw notch: a bevelled blade cuts through neighbouring pads and the device layer between them, along the row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import shapely

from chipscale.process.masks import Masks
from chipscale.process.models.dicing_methods import ASSUMED, cutting_s, lines_count
from chipscale.process.relief.carve import carve
from chipscale.process.relief.front import Wall
from chipscale.process.relief.narrowest import narrow_place
from chipscale.process.relief.walls import beyond
from chipscale.process.step import Batch, Defect, Spread, StepError, mask_option, option
from chipscale.process.work import Work
from chipscale.stack.outline import polygons
from chipscale.stack.types import Slab
from chipscale.stack.volume import z_range_um

_WHOLE_RATIO = 1.0 - 1e-6  # a pad of which this much is gone is gone
_SLIVER_UM2 = 1.0


@dataclass(frozen=True, slots=True)
class SawNotch:
    """Cut a notch along a mask's strips with a bevelled blade, `depth_um` deeper than the device layer.

    The mask's outline holds at the active face of the silicon (z = 0). On the die's edge the notch goes on over the
    street into the neighbour's: blade and street must fit in it.
    """

    name: ClassVar[str] = "saw_notch"
    title: ClassVar[str] = "Saw notch"
    tool: ClassVar[str] = "dicing saw"
    needs: ClassVar[frozenset[str]] = frozenset({"wafer", "flipped", "grooved"})
    never: ClassVar[frozenset[str]] = frozenset({"seed", "film", "resist", "coat", "notched", "diced"})
    makes: ClassVar[frozenset[str]] = frozenset({"notched"})
    takes: ClassVar[frozenset[str]] = frozenset()
    defects: ClassVar[tuple[Defect, ...]] = (
        Defect("cracked device layer", "pad", "feed too high, worn blade"),
        Defect("smeared pad edge", "pad", "soft pad metal in the blade"),
        Defect("pad missed", "pad", "placing of the cut"),
    )

    mask: str = mask_option("GROOVE2", "mask of the strips that are cut")
    depth_um: float = option(20.0, "depth below the device layer's lower face", 0, 400, ASSUMED)
    wall_deg: float = option(75.0, "between the notch's floor and its wall: the blade's bevel", 30, 90, ASSUMED)
    blade_um: float = option(30.0, "width of the blade at its tip", 10, 300, ASSUMED)
    street_um: float = option(80.0, "street between die outlines that the notch goes on over", 0, 2000, ASSUMED)
    clear_of: str = mask_option("SENSING", "mask of what must not be cut; empty: nothing", optional=True)
    cavity: str = mask_option("CAVITY", "mask of the hollow below the device layer; empty: none", optional=True)
    feed_mm_s: float = option(10.0, "feed along the row", 1, 100, f"{ASSUMED}; silicon on glass 3 (UCSB nanofab wiki)")
    spindles_count: float = option(2.0, "spindles that cut at once", 1, 4)
    turnaround_s: float = option(0.5, "back, lift and index per cut and spindle", 0, 10, ASSUMED)
    align_s: float = option(60.0, "time to align the wafer", 0, 600, ASSUMED)
    depth_tolerance_um: float = option(5.0, "depth, +/- (3 sigma)", 0, 50, ASSUMED)
    placing_um: float = option(3.0, "cut beside its place, +/- (3 sigma)", 0, 20, ASSUMED)

    def effect(self, work: Work, masks: Masks) -> Work:
        """Return the workpiece with the notch cut; refused where it misses the pads, takes them away, or cuts more."""
        region = masks.region(self.mask) if masks.has(self.mask) else None
        if region is None:
            raise StepError(f"nothing is drawn on {self.mask}", remedy="draw the strips of the notch", option="mask")
        low = min((z_range_um(body)[0] for body in work.bodies if body.layer == "DEVICE"), default=0.0)
        floor_um = low - self.depth_um
        wall = Wall(region, 0.0, 1.0 / math.tan(math.radians(self.wall_deg)) if self.wall_deg < 90 else 0.0)
        floor = self._refuse_closed(wall, floor_um, masks)
        cut, shares = self._pads(work, region)
        self._refuse_wrong_cuts(work, masks, wall, floor_um)
        depth = floor_um - min(z_range_um(body)[0] for body in work.bodies)
        after = work.but(
            bodies=tuple(carve(work.bodies, wall, floor_um, masks.die)), front=work.front.cut(wall, floor_um)
        )
        return after.noted(
            cut_pads_count=float(cut), least_cut_pct=100 * min(shares, default=0.0), floor_um=floor, left_below_um=depth
        )

    def time_s(self, batch: Batch) -> float:
        """Return the time in s for all streets of both directions, over the full diameter."""
        pitches = ((batch.die_x_um + batch.street_x_um) / 1000, (batch.die_y_um + batch.street_y_um) / 1000)
        cutting = cutting_s(batch.diameter_mm, *pitches, self.feed_mm_s, spindles_count=self.spindles_count)
        lines = sum(lines_count(batch.diameter_mm, pitch) for pitch in pitches)
        return self.align_s + cutting + lines * self.turnaround_s / self.spindles_count

    def spreads(self) -> tuple[Spread, ...]:
        """Return how depth and place of the cut vary."""
        return (
            Spread("depth_um", "DEVICE", {"wafer": self.depth_tolerance_um / 3.0}, ASSUMED),
            Spread("place_um", "DEVICE", {"wafer": self.placing_um / 3.0}, ASSUMED),
        )

    def _refuse_closed(self, wall: Wall, floor_um: float, masks: Masks) -> float:
        """Return the width in µm of the narrowest place of the floor on this die; StepError when no blade fits."""
        floor = wall.at(floor_um, masks.die)
        parts = polygons(floor)
        widths = [_width_um(part) for part in parts]
        for part, width in zip(parts, widths, strict=True):
            aside_um = self.street_um + (width if _faces_itself(floor, masks.die) else 0.0)
            narrow = narrow_place(beyond(part, masks.die, aside_um), self.blade_um)
            if narrow is not None:
                raise self._too_wide(f"{narrow.width_um:.4g} µm at ({narrow.x_um:.0f}, {narrow.y_um:.0f})", floor_um)
        if not parts:
            raise self._too_wide("0 µm: the walls meet above the floor", floor_um)
        return min(widths)

    def _too_wide(self, limit: str, floor_um: float) -> StepError:
        return StepError(
            "the blade does not fit the notch at its floor",
            value=f"blade {self.blade_um:g} µm, floor {-floor_um:g} µm below the silicon at {self.wall_deg:g}°",
            limit=f"{limit}, the street of {self.street_um:g} µm and the neighbour's notch counted",
            remedy="a wider notch, a steeper bevel, a smaller depth, or a thinner blade",
            option="blade_um",
        )

    def _pads(self, work: Work, region: Any) -> tuple[int, list[float]]:
        """Return how many pads the notch cuts and which share of each; StepError when it misses or takes them."""
        pads = [body for body in work.bodies if isinstance(body, Slab) and body.layer == "PAD"]
        shapely.prepare(region)
        shares = {pad.name: shapely.area(shapely.intersection(region, pad.bottom)) / pad.bottom.area for pad in pads}
        gone = sorted(name for name, share in shares.items() if share >= _WHOLE_RATIO)
        if gone:
            raise StepError(
                f"the notch takes away {gone[0]}" + (f" and {len(gone) - 1} more pads" if len(gone) > 1 else ""),
                remedy="a narrower notch: its wall must cut through the pads",
                option="mask",
            )
        cut = [float(share) for share in shares.values() if share > 1e-9]
        if pads and not cut:
            raise StepError("the notch never reaches a pad", remedy="a wider notch", option="mask")
        return len(cut), cut

    def _refuse_wrong_cuts(self, work: Work, masks: Masks, wall: Wall, floor_um: float) -> None:
        """Raise StepError when the notch cuts into the circuit, opens the cavity or goes through the cover."""
        lowest = min(z_range_um(body)[0] for body in work.bodies)
        if floor_um <= lowest:
            raise StepError(
                "the notch goes through the cover",
                value=f"floor {-floor_um:g} µm below the silicon",
                limit=f"less than {-lowest:g} µm",
                option="depth_um",
            )
        told = ((self.clear_of, "the notch cuts into the circuit"), (self.cavity, "the notch opens the cavity"))
        for layer, what in told:
            if masks.has(layer):
                shared = shapely.area(shapely.intersection(wall.region, masks.region(layer)))
                if shared > _SLIVER_UM2:
                    raise StepError(
                        what, value=f"{shared:.0f} µm² of {layer}", remedy="a narrower notch", option="mask"
                    )


def _width_um(part: Any) -> float:
    """Return the width in µm of the narrowest place of a strip or a frame of strips."""
    mean = float(2 * part.area / part.length)
    found = narrow_place(part, 2 * mean)
    return mean if found is None else found.width_um


def _faces_itself(floor: Any, die: Any) -> bool:
    """Tell whether every edge of the die that the floor runs along has the floor along the opposite edge, too.

    Then the neighbour over the street brings a strip of its own.
    """
    x0, y0, x1, y1 = die.bounds
    edges = [[(x0, y0), (x0, y1)], [(x1, y0), (x1, y1)], [(x0, y0), (x1, y0)], [(x0, y1), (x1, y1)]]
    rim = shapely.boundary(floor)
    along = [shapely.length(shapely.intersection(rim, shapely.LineString(edge))) for edge in edges]
    runs = [length > 0.5 * shapely.LineString(edge).length for length, edge in zip(along, edges, strict=True)]
    return bool(runs[0] == runs[1] and runs[2] == runs[3])
