"""What people read on the die: the A1 mark, name and ball names as geometry, and labels naming nets and balls."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chipscale.layout.free_places import CLEARANCE_UM, FreePlaces, from_corner
from chipscale.layout.types import Circle, Label, Points, Polygon, Trace
from chipscale.package.types import Package

_MARK_RATIO, _MARK_UM = 0.05, (20.0, 100.0)  # of the die's shorter side; least and most
_NAME_RATIO, _NAME_UM = 0.02, (10.0, 80.0)
_BALL_RATIO, _BALL_UM = 0.12, (10.0, 40.0)  # of the least ball distance
_SMALLER = (1.0, 0.7, 0.5, 0.35, 0.25)  # sizes tried one after the other
_NEAR_RATIO = 0.1  # the name is rather half as high than farther from the A1 corner than this
_CORNER_RATIO = 0.25  # of the die's shorter side: the A1 mark is no farther from its corner along either side


class Marks(NamedTuple):
    """The A1 mark, if there is room for it, and the texts."""

    discs: tuple[Circle, ...]
    texts: tuple[Polygon, ...]


def marks(package: Package, circles: list[Circle], polygons: list[Polygon], traces: list[Trace]) -> Marks:
    """Return the A1 mark in its corner, the design's name near it and the balls' names, clear of all shapes given.

    Marks lie inside the seal ring, over no pad, land, ball or wire: there nobody could read them, and a laser that
    writes them must not hit metal. Each is tried in smaller sizes and farther away (ball names: on the four sides of
    their ball); one that has no room at its least size is left out. All texts read in the die view.
    """
    from klayout.db import TextGenerator

    generator = TextGenerator.default_generator()
    inset = package.die.seal_ring_inset_um + package.die.seal_ring_width_um + CLEARANCE_UM
    free = FreePlaces(circles, polygons, traces)
    disc = _a1_mark(package, free, inset)
    texts = _name(package, free, inset, generator)
    for ball in package.balls:
        texts += _ball_name(package, free, (ball.name, ball.x_um, ball.y_um), generator)
    return Marks((disc,) if disc else (), tuple(texts))


def _sizes(ratio: float, of_um: float, limits_um: tuple[float, float]) -> list[float]:
    """Return the sizes to try in µm, the largest first."""
    low, high = limits_um
    most = min(high, max(low, ratio * of_um))
    return sorted({max(low, most * share) for share in _SMALLER}, reverse=True)


def _corner(package: Package, inset_um: float) -> tuple[tuple[float, float], tuple[int, int]]:
    """Return the A1 corner of the area inside the ring, and which way is inward."""
    left, bottom = "left" in package.a1_corner, "bottom" in package.a1_corner
    x = inset_um if left else package.die.size_x_um - inset_um
    y = inset_um if bottom else package.die.size_y_um - inset_um
    return (x, y), (1 if left else -1, 1 if bottom else -1)


def _a1_mark(package: Package, free: FreePlaces, inset_um: float) -> Circle | None:
    """Return the disc nearest to the A1 corner."""
    shorter = min(package.die.size_x_um, package.die.size_y_um)
    (x, y), inward = _corner(package, inset_um)
    for d in _sizes(_MARK_RATIO, shorter, _MARK_UM):
        start = (x + inward[0] * d / 2, y + inward[1] * d / 2)
        place = free.first(from_corner(start, inward, _CORNER_RATIO * shorter - d, d / 4), d, d)
        if place:
            return Circle("MARK", "mark", *place, d, name="A1")
    return None


def _name(package: Package, free: FreePlaces, inset_um: float, generator: Any) -> list[Polygon]:
    """Return the design's name: in the A1 corner, smaller if need be, else wherever it has room."""
    size = np.array([package.die.size_x_um, package.die.size_y_um])
    corner, inward = _corner(package, inset_um)
    sizes = _sizes(_NAME_RATIO, min(size), _NAME_UM)
    tries = [
        (ratio * min(size), height)
        for ratio, some in ((_NEAR_RATIO, sizes[:3]), (_CORNER_RATIO, sizes))
        for height in some
    ]
    for reach, height in tries + [(max(size), height) for height in sizes]:
        text = _Text(package.name, height, generator)
        half = text.size / 2
        start = (corner[0] + inward[0] * half[0], corner[1] + inward[1] * half[1])
        centres = from_corner(start, inward, reach, height / 2 if reach < max(size) else height)
        inside = (centres >= inset_um + half) & (centres <= size - inset_um - half)
        place = free.first(centres[inside.all(axis=1)], *text.size)
        if place:
            return text.drawn(place)
    return []


def _ball_name(package: Package, free: FreePlaces, ball: tuple[str, float, float], generator: Any) -> list[Polygon]:
    """Return a ball's name below, above, right or left of the ball and its land."""
    name, x, y = ball
    terminal = package.terminal
    r = max(terminal.land_d_um, terminal.ball_d_um, terminal.ubm_d_um) / 2 + 2 * CLEARANCE_UM
    for height in _sizes(_BALL_RATIO, package.min_ball_distance_um, _BALL_UM):
        text = _Text(name, height, generator)
        dx, dy = text.size / 2 + r
        place = free.first(np.array([(x, y - dy), (x, y + dy), (x + dx, y), (x - dx, y)]), *text.size)
        if place:
            return text.drawn(place, name)
    return []


def labels(package: Package, land_layer: str) -> tuple[Label, ...]:
    """Return net names on the metal of lands and pads, pad names on pads and ball names on balls.

    Without lands (`land_layer` is "") net names are on the under-bump metal alone.
    """
    found: list[Label] = []
    for net in sorted(package.nets, key=lambda item: item.name):
        pads, balls = set(net.pads), set(net.balls)
        found += [
            Label(land_layer or "UBM", ball.x_um, ball.y_um, net.name) for ball in package.balls if ball.name in balls
        ]
        found += [Label("RDL", pad.x_um, pad.y_um, net.name) for pad in package.pads if pad.name in pads and land_layer]
    found += [Label("PAD", pad.x_um, pad.y_um, pad.name) for pad in package.pads]
    found += [Label("BALL", ball.x_um, ball.y_um, ball.name) for ball in package.balls]
    return tuple(found)


class _Text:
    """A text as outlines about its own centre, and its size (2,) in µm."""

    def __init__(self, text: str, height_um: float, generator: Any) -> None:
        self._region = generator.text(text, 0.001, height_um / (generator.dheight() - generator.dline_width()))
        self._region.merge()
        box = self._region.bbox()
        self._centre = np.array([box.center().x, box.center().y]) * 1e-3
        self.size = np.array([box.width(), box.height()]) * 1e-3

    def drawn(self, at: tuple[float, float], name: str = "") -> list[Polygon]:
        """Return the text's polygons about a point."""
        move = np.array(at) - self._centre
        found = []
        for polygon in self._region.each():
            hull = _points(polygon.each_point_hull())[::-1] + move
            holes = tuple(_points(polygon.each_point_hole(i))[::-1] + move for i in range(polygon.holes()))
            found.append(Polygon("MARK", "text", hull, name=name, holes=holes))
        return found


def _points(points: object) -> Points:
    return np.array([(point.x, point.y) for point in points], dtype=np.float64) * 1e-3  # type: ignore[attr-defined]
