"""What people read on the die: the A1 mark, name and ball names as geometry, and labels naming nets and balls."""

from __future__ import annotations

import numpy as np

from chipscale.layout.types import Circle, Label, Points, Polygon
from chipscale.package.types import Package

_NAME_HEIGHT_RATIO = 0.02  # of the die's shorter side
_NAME_HEIGHT_UM = (10.0, 80.0)  # least and most
_BALL_HEIGHT_RATIO = 0.12  # of the least ball distance
_BALL_HEIGHT_UM = 40.0  # most


def a1_mark(package: Package) -> Circle:
    """Return the disc that marks the A1 corner, inside the seal ring."""
    die = package.die
    d = min(100.0, 0.05 * min(die.size_x_um, die.size_y_um))
    reach = die.seal_ring_inset_um + die.seal_ring_width_um + d
    x = reach if "left" in package.a1_corner else die.size_x_um - reach
    y = reach if "bottom" in package.a1_corner else die.size_y_um - reach
    return Circle("MARK", "mark", x, y, d, name="A1")


def texts(package: Package) -> tuple[Polygon, ...]:
    """Return the design's name beside the A1 mark and each ball's name below its land, readable in the die view."""
    die, mark = package.die, a1_mark(package)
    low, high = _NAME_HEIGHT_UM
    height = min(high, max(low, _NAME_HEIGHT_RATIO * min(die.size_x_um, die.size_y_um)))
    left = "left" in package.a1_corner
    start = (mark.x_um + mark.d_um, mark.y_um) if left else (mark.x_um - mark.d_um, mark.y_um)
    polygons = _text(package.name, start, height, 0.0 if left else 1.0)
    height = min(_BALL_HEIGHT_UM, _BALL_HEIGHT_RATIO * package.min_ball_distance_um)
    for ball in package.balls:
        below = ball.y_um - package.terminal.land_d_um / 2.0 - 0.7 * height
        polygons += _text(ball.name, (ball.x_um, below), height, 0.5, ball.name)
    return tuple(polygons)


def labels(package: Package, land_layer: str) -> tuple[Label, ...]:
    """Return net names on the metal of lands and pads, pad names on pads and ball names on balls."""
    found: list[Label] = []
    for net in sorted(package.nets, key=lambda item: item.name):
        pads, balls = set(net.pads), set(net.balls)
        found += [Label(land_layer, ball.x_um, ball.y_um, net.name) for ball in package.balls if ball.name in balls]
        found += [Label("RDL", pad.x_um, pad.y_um, net.name) for pad in package.pads if pad.name in pads]
    found += [Label("PAD", pad.x_um, pad.y_um, pad.name) for pad in package.pads]
    found += [Label("BALL", ball.x_um, ball.y_um, ball.name) for ball in package.balls]
    return tuple(found)


def _text(text: str, at: tuple[float, float], height_um: float, align: float, name: str = "") -> list[Polygon]:
    """Return `text` as polygons of capital height `height_um`, centred in y; align 0: starts at x, 1: ends there."""
    import klayout.db as db

    generator = db.TextGenerator.default_generator()
    region = generator.text(text, 0.001, height_um / (generator.dheight() - generator.dline_width()))
    region.merge()
    box = region.bbox()
    move = np.array([at[0] - align * box.right * 1e-3 - (1.0 - align) * box.left * 1e-3, at[1] - box.center().y * 1e-3])
    drawn = []
    for polygon in region.each():
        hull = _points(polygon.each_point_hull())[::-1] + move
        holes = tuple(_points(polygon.each_point_hole(i))[::-1] + move for i in range(polygon.holes()))
        drawn.append(Polygon("MARK", "text", hull, name=name, holes=holes))
    return drawn


def _points(points: object) -> Points:
    return np.array([(point.x, point.y) for point in points], dtype=np.float64) * 1e-3  # type: ignore[attr-defined]
