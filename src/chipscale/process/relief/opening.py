"""What an opened coat leaves open at a height, and which drawn piece each of its openings is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from chipscale.process.masks import Masks, Piece
from chipscale.process.relief.front import Wall
from chipscale.process.relief.walls import leaned
from chipscale.process.work import Coat
from chipscale.stack.outline import polygons

SLIVER_UM2 = 1e-3  # rounding of the mask grid


class Openings(NamedTuple):
    """The openings with the names and nets of what is drawn, and what the mask's pieces became where not the same.

    `lost` are names of pieces that did not open, `joined` pairs of names whose openings have become one.
    """

    pieces: tuple[Piece, ...]
    lost: tuple[str, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()

    def warnings(self, what: str) -> tuple[str, ...]:
        """Return what to say of them; `what` is what is there, "metal" say."""
        found = []
        if self.lost:
            found.append(f"not opened, no {what}: {_few(self.lost)}")
        if self.joined:
            found.append(f"one piece of {what}: {_few([' and '.join(pair) for pair in self.joined])}")
        return tuple(found)


def region_at(wall: Wall, z_um: float, die: Any) -> Any:
    """Return the section of a shape with walls at a height; the drawn region itself where nothing moves it."""
    region = wall.at(z_um, die)
    return region if wall.within is None else shapely.difference(wall.within, region)


def kept_at(coat: Coat, z_um: float, die: Any) -> Any:
    """Return where the coat still is at a height."""
    whole = die if coat.whole is None else coat.whole
    if coat.opened is None:
        return whole
    if coat.opened.within is not None:  # open is what lies outside of the region: the region itself is kept
        return coat.opened.at(z_um, die)
    return shapely.difference(whole, region_at(coat.opened, z_um, die))


def shrunk(region: Any, by_um: float, die: Any) -> Any:
    """Return the region with its walls moved in by `by_um`; polygons that close up are gone.

    What lies on the die's edge stays there.
    """
    if by_um <= 0:
        return region
    parts = polygons(region)
    left = [part for part in parts if _least_um(part) > 2 * by_um]
    if not left:
        return shapely.Polygon()
    return leaned(region if len(left) == len(parts) else shapely.MultiPolygon(left), -by_um, die)


def _least_um(part: Any) -> float:
    x0, y0, x1, y1 = part.bounds
    return float(min(x1 - x0, y1 - y0))


def named(region: Any, masks: Masks, layer: str) -> Openings:
    """Return the region's polygons as pieces, each named after the drawn piece it shares most area with.

    Where nothing has changed the drawn pieces themselves are returned. A polygon that shares nothing with any drawn
    piece is called "extra"; parts of one piece are numbered.
    """
    drawn = masks.pieces(layer)
    if region is masks.region(layer):
        return Openings(drawn)
    parts = [part for part in polygons(region) if part.area > SLIVER_UM2]
    if not parts or not drawn:
        return Openings(tuple(Piece(f"extra.{k}", None, part) for k, part in enumerate(parts, start=1)))
    outlines = np.array([piece.region for piece in drawn], dtype=object)
    near: list[list[tuple[float, int]]] = [[] for _ in parts]
    for k, j in np.array(shapely.STRtree(outlines).query(parts, predicate="intersects")).T.tolist():
        near[k].append((0.0, j))
    joined = []
    for k, found in enumerate(near):
        if len(found) > 1:
            shared = [(float(shapely.area(shapely.intersection(parts[k], outlines[j]))), j) for _, j in found]
            near[k] = sorted(((a, j) for a, j in shared if a > SLIVER_UM2), key=lambda item: (-item[0], item[1]))
            joined += [(drawn[near[k][0][1]].name, drawn[j].name) for _, j in sorted(near[k][1:], key=lambda i: i[1])]
    owner = [found[0][1] if found else len(drawn) for found in near]
    seen = {j for found in near for _, j in found}
    lost = tuple(piece.name for j, piece in enumerate(drawn) if j not in seen)
    return Openings(tuple(_called(drawn, owner, parts)), lost, tuple(joined))


def _called(drawn: tuple[Piece, ...], owner: list[int], parts: list[Any]) -> list[Piece]:
    """Return the parts in the order of the drawn pieces they belong to, numbered where a piece has several."""
    order = sorted(range(len(parts)), key=lambda k: (owner[k], parts[k].bounds))
    found, number = [], 0
    for place, k in enumerate(order):
        first = place == 0 or owner[order[place - 1]] != owner[k]
        alone = first and (place + 1 == len(order) or owner[order[place + 1]] != owner[k])
        number = 1 if first else number + 1
        name, net = (drawn[owner[k]].name, drawn[owner[k]].net) if owner[k] < len(drawn) else ("extra", None)
        found.append(Piece(name if alone else f"{name}.{number}", net, parts[k]))
    return found


def _few(names: Any) -> str:
    shown = list(names)[:6]
    return ", ".join(shown) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
