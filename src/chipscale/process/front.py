"""The front of the wafer as a relief: which region of the die lies open at which height, and how films fill it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.stack.outline import Z_EPS_UM, polygons

SLIVER_UM2 = 1e-3  # smaller remnants of an overlay are rounding of the mask grid


class Layer(NamedTuple):
    """A layer of a film between two heights: its outline at its bottom and its top (the same object: upright walls)."""

    z_um: float
    h_um: float
    bottom: Any
    top: Any


@dataclass(frozen=True, slots=True)
class Wall:
    """A shape with walls: its outline is `region` at height z_um and moves out by `lean_ratio` per µm of height.

    With `within` it is what `within` has outside of that (a film with openings); the outer edge does not move.
    """

    region: Any
    z_um: float = 0.0
    lean_ratio: float = 0.0
    within: Any = None


@dataclass(frozen=True, slots=True)
class Front:
    """The open surface: (z_um, region) with growing z; the regions are disjoint and cover the die."""

    levels: tuple[tuple[float, Any], ...]

    @property
    def whole(self) -> Any:
        """Return the region all of it covers."""
        return shapely.union_all([region for _, region in self.levels])

    def outside(self, opened: Wall | None, whole: Any = None) -> Wall:
        """Return the shape of a film over everything (or `whole`) that is open where `opened` is."""
        within = self.whole if whole is None else whole
        if opened is None:
            return Wall(within)
        return Wall(opened.region, opened.z_um, opened.lean_ratio, within)

    def filled(self, shape: Wall, z_top_um: float) -> tuple[list[Layer], Front]:
        """Return the layers that fill the shape level up to z_top_um, the lowest first, and the surface after that.

        Higher places stay as they are.
        """
        region = shape.region if shape.within is None else shapely.difference(shape.within, shape.region)
        return self.layers(region, z_top_um), self._risen(region, z_top_um)

    def covered(self, thickness_um: float, wall_thickness_um: float, within: Any = None) -> tuple[list[Layer], Front]:
        """Return the layers of a film that follows the relief, and the surface after it.

        It is `thickness_um` thick on level places and `wall_thickness_um`, square to the wall, on walls; with
        `within` only there, with upright ends.
        """
        raise NotImplementedError

    def highest_um(self, region: Any) -> float:
        """Return the highest z in µm on which the region lies; ValueError when it lies nowhere."""
        for z_um, open_region in reversed(self.levels):
            if _cleaned(shapely.intersection(open_region, region)) is not None:
                return float(z_um)
        raise ValueError("the region lies outside the die")

    def layers(self, region: Any, z_top_um: float) -> list[Layer]:
        """Return what fills the region from the surface up to z_top_um, cut into layers at every height of the relief.

        The region of each layer contains the one below it. Empty where the surface is higher already.
        """
        under = []
        for z, open_region in self.levels:
            if z < z_top_um - Z_EPS_UM:
                part = _cleaned(shapely.intersection(open_region, region))
                if part is not None:
                    under.append((z, part))
        return _grown(under, region, z_top_um)

    def layers_of(self, regions: list[Any], z_top_um: float) -> list[list[Layer]]:
        """Return `layers` of many small regions inside the die, in their order; the time grows with what they meet.

        The surface is searched polygon by polygon. Its most intricate one (the field around all openings or wires)
        is not cut with every region: as the levels cover the die, a region has there what it has nowhere else.
        """
        grounds = [(z, part) for z, open_region in self.levels for part in polygons(open_region)]
        shapes = np.array([part for _, part in grounds], dtype=object)
        field = int(np.argmax(shapely.get_num_coordinates(shapes)))
        pieces = np.array(regions, dtype=object)
        hits: list[list[int]] = [[] for _ in regions]
        for k, j in np.array(shapely.STRtree(shapes).query(pieces, predicate="intersects")).T.tolist():
            if j != field:
                hits[k].append(j)
        found = []
        for region, near in zip(regions, hits, strict=True):
            under: dict[float, list[Any]] = {grounds[field][0]: [region]}
            if near:
                under[grounds[field][0]] = [shapely.difference(region, shapely.union_all(shapes[near]))]
                for j, part in zip(near, shapely.intersection(region, shapes[near]), strict=True):
                    under.setdefault(grounds[j][0], []).append(part)
            parts = [(z, _cleaned(*under[z])) for z in sorted(under)]
            low = [(z, part) for z, part in parts if part is not None and z < z_top_um - Z_EPS_UM]
            found.append(_grown(low, region, z_top_um))
        return found

    def _risen(self, region: Any, z_top_um: float) -> Front:
        """Return the surface after the region was filled level up to z_top_um; higher places stay as they are."""
        levels: list[tuple[float, Any]] = []
        risen = []
        for z, open_region in self.levels:
            if z >= z_top_um - Z_EPS_UM:
                levels.append((z, open_region))
                continue
            risen.append(_cleaned(shapely.intersection(open_region, region)))
            levels.append((z, _cleaned(shapely.difference(open_region, region))))
        top = [part for part in risen if part is not None]
        top += [part for z, part in levels if abs(z - z_top_um) <= Z_EPS_UM and part is not None]
        rest = [(z, part) for z, part in levels if part is not None and abs(z - z_top_um) > Z_EPS_UM]
        if top:
            rest.append((z_top_um, region if _same_area(top, region) else shapely.union_all(top)))
        return Front(tuple(sorted(rest, key=lambda level: level[0])))


def _grown(under: list[tuple[float, Any]], region: Any, z_top_um: float) -> list[Layer]:
    """Return the layers that fill the region up to z_top_um above its parts (z_um, part), the lowest first."""
    whole = _same_area([part for _, part in under], region)
    found: list[Layer] = []
    grown = None
    for k, (z, part) in enumerate(under):
        last = k == len(under) - 1
        z_next = z_top_um if last else under[k + 1][0]
        if last and whole:
            grown = region
        else:
            grown = part if grown is None else shapely.union_all([grown, part])
        found.append(Layer(z, z_next - z, grown, grown))
    return found


def _same_area(parts: list[Any], region: Any) -> bool:
    """True when disjoint parts of the region are all of it."""
    return bool(abs(sum(part.area for part in parts) - region.area) <= max(SLIVER_UM2, 1e-9 * region.area))


def _cleaned(*regions: Any) -> Any | None:
    """Return the polygons of disjoint regions without slivers, None when nothing is left."""
    parts = [part for region in regions for part in polygons(region) if part.area > SLIVER_UM2]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
