"""The front of the wafer as a relief: the open room above it, height by height, and how films fill or follow it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import shapely

from chipscale.process.relief.slices import SLIVER_UM2, Layer, cleaned, edges, joined, shared_out, sliced
from chipscale.process.relief.walls import Film, Wall, lifted
from chipscale.stack.outline import Z_EPS_UM, polygons
from chipscale.stack.overlay import difference, intersection, union

__all__ = ["Front", "Layer", "Solid", "Wall"]
_NONE = shapely.Polygon()


class Solid(NamedTuple):
    """What is filled or cut: at each height `within` without `hole`, or `hole` alone where `within` is None.

    `hole(low, high)` gives the hole between two heights as a function of the height, and whether it changes there.
    """

    within: Any
    hole: Callable[[float, float], tuple[Callable[[float], Any], bool]]

    def cut(self, band: Layer, take: Callable[[Any, Any, Any], Any]) -> list[Layer]:
        """Return take(the band's region, within, hole) of a band: one layer where neither band nor hole leans."""
        hole, leans = self.hole(band.z_um, band.top_um)
        if band.upright and not leans:
            part = cleaned(take(band.bottom, self.within, hole(band.z_um + band.h_um / 2)))
            return [] if part is None else [Layer(band.z_um, band.h_um, part, part)]
        return sliced(lambda z: take(band.at(z), self.within, hole(z)), band.z_um, band.top_um)


def common(region: Any, within: Any, hole: Any) -> Any:
    """Return what a solid has of a region."""
    if within is None:
        return hole if shapely.covers(region, hole) else intersection(region, hole)
    return _without(_inside(within, region), hole)


def beside(region: Any, within: Any, hole: Any) -> Any:
    """Return what a region has outside of a solid."""
    if within is None:
        return _without(region, hole)
    if _inside(within, region) is not region:
        return difference(region, _without(within, hole))
    return hole if shapely.covers(region, hole) else intersection(region, _near(region, hole))


def either(region: Any, within: Any, hole: Any) -> Any:
    """Return what belongs to a region or a solid."""
    return union(region, hole if within is None else _without(within, hole))


def _inside(within: Any, region: Any) -> Any:
    if region is within or shapely.covers(within, region):
        return region
    return intersection(within, region)


def _near(region: Any, other: Any) -> Any:
    """Return the other region's polygons that meet the region."""
    parts = polygons(other)
    if len(parts) < 2:
        return other
    shapely.prepare(region)
    near = [part for part, meets in zip(parts, shapely.intersects(region, parts), strict=True) if meets]
    return other if len(near) == len(parts) else shapely.MultiPolygon(near)


def _without(region: Any, hole: Any) -> Any:
    near = _near(region, hole)
    return region if near.is_empty else difference(region, near)


@dataclass(frozen=True, init=False)  # no slots: `levels` is worked out once, when somebody asks
class Front:
    """The open surface. `bands` is the open room above it from its lowest to its highest place (`top_um`), one upon
    the other; above that all of `whole` (the die) is open. A band's outline goes in straight lines from its bottom to
    its top. Made of `levels`, disjoint regions that cover the die, each with the height at which it lies open.
    """

    bands: tuple[Layer, ...]
    top_um: float
    whole: Any

    def __init__(self, levels: tuple[tuple[float, Any], ...] = ()) -> None:
        rising = sorted(levels, key=lambda level: level[0])
        opens = [region for _, region in rising]
        whole = opens[0] if len(opens) == 1 else shapely.union_all(opens)
        bands = []
        for k, ((z, _), (z_next, _)) in enumerate(pairwise(rising)):
            room = opens[0] if k == 0 else shapely.union_all(opens[: k + 1])
            bands.append(Layer(z, z_next - z, room, room))
        self._set(tuple(bands), rising[-1][0] if rising else 0.0, whole)

    def _set(self, bands: tuple[Layer, ...], top_um: float, whole: Any) -> None:
        for name, value in (("bands", bands), ("top_um", top_um), ("whole", whole)):
            object.__setattr__(self, name, value)

    def _with(self, bands: list[Layer], top_um: float) -> Front:
        """Return the front with this open room below top_um; where all is open it is no surface."""
        bands = joined(bands)
        while bands and bands[-1].upright and self.whole.area - bands[-1].bottom.area <= SLIVER_UM2:
            top_um = bands.pop().z_um
        front = Front.__new__(Front)
        front._set(tuple(bands), top_um, self.whole)
        return front

    @cached_property
    def levels(self) -> tuple[tuple[float, Any], ...]:
        """Return the level places: (z_um, region) with growing z. Without leaning walls they cover the die."""
        found = []
        below: Layer | None = None
        for band in (*self.bands, Layer(self.top_um, 1.0, self.whole, self.whole)):
            met = below is not None and abs(below.top_um - band.z_um) <= Z_EPS_UM
            floor = cleaned(difference(band.bottom, below.top) if below and met else band.bottom)
            if floor is not None:
                found.append((band.z_um, floor))
            below = band
        return tuple(found)

    def open_at(self, z_um: float) -> Any:
        """Return the open region just above a height."""
        if z_um >= self.top_um - Z_EPS_UM:
            return self.whole
        for band in self.bands:
            if band.z_um - Z_EPS_UM <= z_um < band.top_um - Z_EPS_UM:
                return band.at(max(z_um, band.z_um))
        return _NONE

    def highest_um(self, region: Any) -> float:
        """Return the highest z in µm on which the region lies; ValueError when it lies nowhere."""
        inside = self._on_die(region)
        z_um = self.top_um
        for band in reversed(self.bands):
            if _is_some(difference(inside, band.top)):
                break
            z_um = band.z_um
            if not band.upright and _is_some(difference(inside, band.bottom)):
                return _turning(band, lambda region: not _is_some(difference(inside, region)))
        return float(z_um)

    def lowest_um(self, region: Any) -> float:
        """Return the lowest z in µm on which the region lies; ValueError when it lies nowhere."""
        inside = self._on_die(region)
        for band in self.bands:
            if _is_some(intersection(inside, band.bottom)):
                return float(band.z_um)
            if not band.upright and _is_some(intersection(inside, band.top)):
                return _turning(band, lambda region: _is_some(intersection(inside, region)))
        return float(self.top_um)

    def _on_die(self, region: Any) -> Any:
        inside = region if shapely.covers(self.whole, region) else intersection(self.whole, region)
        if not _is_some(inside):
            raise ValueError("the region lies outside the die")
        return inside

    def outside(self, opened: Wall | None, whole: Any = None) -> Wall:
        """Return the shape of a film over everything (or `whole`) that is open where `opened` is.

        With `opened.within` all is open but a shape: the film is that shape.
        """
        within = self.whole if whole is None else whole
        if opened is None:
            return Wall(within)
        if opened.within is not None:
            return Wall(opened.region, opened.z_um, opened.lean_ratio)
        return Wall(opened.region, opened.z_um, opened.lean_ratio, within)

    def filled(self, shape: Wall, z_top_um: float) -> tuple[list[Layer], Front]:
        """Return the layers that fill the shape level up to z_top_um, the lowest first, and the surface after that.

        Higher places stay as they are.
        """
        return self._filled(self.solid(shape), (), z_top_um)

    def covered(self, thickness_um: float, wall_thickness_um: float, within: Any = None) -> tuple[list[Layer], Front]:
        """Return the layers of a film that follows the relief, and the surface after it.

        It is `thickness_um` thick on level places and `wall_thickness_um`, square to the wall, on walls, its faces
        meeting in sharp edges; with `within` only there, with upright ends.
        """
        room = lifted(self.bands, Film(thickness_um, wall_thickness_um), self.whole)
        top = self.top_um + thickness_um
        after = self._with(room, top)
        solid = Solid(self.whole if within is None else within, after.hole)
        return self._filled(solid, [band.z_um for band in room], top)

    def layers(self, region: Any, z_top_um: float) -> list[Layer]:
        """Return what fills the region from the surface up to z_top_um, cut into layers at every height of the relief.

        Empty where the surface is higher already.
        """
        solid = self.solid(Wall(region))
        return joined(part for band in self._room(z_top_um) for part in solid.cut(band, common))

    def layers_of(self, regions: list[Any], z_top_um: float) -> list[list[Layer]]:
        """Return `layers` of many small regions inside the die, in their order; the time grows with what they meet."""
        found: list[list[Layer]] = [[] for _ in regions]
        for band in self._room(z_top_um):
            for own, parts in zip(found, shared_out(band, regions), strict=True):
                own += parts
        return [joined(own) for own in found]

    def cut(self, shape: Wall, z_floor_um: float) -> Front:
        """Return the surface after all of the shape above z_floor_um was taken away (an etched or sawn room)."""
        solid = self.solid(shape)
        low = min([z_floor_um, *(band.z_um for band in self.bands[:1])])
        bands = []
        for z, top in edges([z_floor_um, *(band.z_um for band in self.bands)], low, max(low, self.top_um)):
            band = self._open(z, top)
            if z < z_floor_um - Z_EPS_UM:
                bands += [band] if band else []
                continue
            room = Layer(z, top - z, _NONE, _NONE) if band is None else band
            bands += solid.cut(room, either)
        return self._with(bands, self.top_um)

    def solid(self, shape: Wall) -> Solid:
        """Return the shape as far as it lies on the die."""
        within = None if shape.within is None else self._clipped(shape.within)
        at = cache(lambda z: self._clipped(shape.at(z, self.whole)))
        return Solid(within, lambda low, high: (at, shape.leans(low, high)))

    def hole(self, low_um: float, high_um: float) -> tuple[Callable[[float], Any], bool]:
        """Return the open room between two heights within one band, and whether it changes there."""
        band = self._open(low_um, high_um)
        return (lambda z: _NONE, False) if band is None else (band.at, not band.upright)

    def _clipped(self, region: Any) -> Any:
        return region if shapely.covers(self.whole, region) else intersection(self.whole, region)

    def _open(self, z_um: float, top_um: float) -> Layer | None:
        """Return the open room between two heights within one band (or above the surface)."""
        middle = (z_um + top_um) / 2
        if middle > self.top_um:
            return Layer(z_um, top_um - z_um, self.whole, self.whole)
        for band in self.bands:
            if band.z_um < middle < band.top_um:
                return band.part(z_um, top_um)
        return None

    def _room(self, z_top_um: float, heights: Any = ()) -> list[Layer]:
        """Return the open room below z_top_um, cut at the bands' ends and at more heights."""
        low = self.bands[0].z_um if self.bands else self.top_um
        if z_top_um <= low + Z_EPS_UM:
            return []
        cuts = [*heights, self.top_um, *(band.z_um for band in self.bands), *(band.top_um for band in self.bands)]
        found = (self._open(z, top) for z, top in edges(cuts, low, z_top_um))
        return [band for band in found if band is not None]

    def _filled(self, solid: Solid, heights: Any, z_top_um: float) -> tuple[list[Layer], Front]:
        room = self._room(z_top_um, heights)
        if not room:
            return [], self
        layers = [part for band in room for part in solid.cut(band, common)]
        bands = [part for band in room for part in solid.cut(band, beside)]
        for band in self.bands:
            if band.top_um > z_top_um + Z_EPS_UM:
                bands.append(band.part(max(band.z_um, z_top_um), band.top_um))
        return joined(layers), self._with(bands, max(self.top_um, z_top_um))


def _is_some(region: Any) -> bool:
    return cleaned(region) is not None


def _turning(band: Layer, holds: Callable[[Any], bool]) -> float:
    """Return the height in a band from which on something holds for its outline, within 1 nm."""
    low, high = band.z_um, band.top_um
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(band.at(middle)) else (middle, high)
    return high
