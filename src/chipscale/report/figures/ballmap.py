"""Draw the ball map in the colours of the net classes, in the die view or in the board view."""

from __future__ import annotations

from typing import Literal

from chipscale.package.types import Ball, Package
from chipscale.report.colors import FREE, class_colors, ink_on
from chipscale.report.markup import Html, tag
from chipscale.report.svg import picture, rect, short, text

View = Literal["die", "board"]
VIEW_TEXT = {
    "die": "Die view: looking at the balls",
    "board": "Board view: looking down through the package, as on the board",
}


def ball_map_svg(package: Package, view: View) -> Html:
    """Return the package's outline with every ball, its name and, where there is room, its net."""
    size_x, size_y = package.die.size_x_um, package.die.size_y_um
    scale = 600 / max(size_x, size_y * 0.9)
    edge = 26.0
    width, height = size_x * scale + 2 * edge, size_y * scale + 2 * edge
    colors = class_colors(package)
    classes = {net.name: net.net_class for net in package.nets}
    radius = 0.40 * package.min_ball_distance_um * scale
    dots = []
    for ball in package.balls:
        x = edge + (ball.x_um if view == "die" else size_x - ball.x_um) * scale
        y = edge + (size_y - ball.y_um) * scale
        dots.append(_dot(ball, (x, y, radius), classes.get(ball.net or "", ""), colors))
    corner = _corner(package, view, (edge, width, height))
    frame = rect(edge, edge, size_x * scale, size_y * scale, class_="body", rx=3)
    label = f"Ball map, {VIEW_TEXT[view].lower()}: {len(package.balls)} balls"
    return picture(width, height, label, frame, corner, dots, class_="ballmap", data_view=view)


def _dot(ball: Ball, place: tuple[float, float, float], net_class: str, colors: dict[str, str]) -> Html:
    x, y, radius = place
    color = colors.get(net_class, FREE)
    ink = ink_on(color)
    size = min(radius * 0.8, 1.9 * radius / max(2.0, 0.72 * len(ball.name)))
    net = ball.net or "not connected"
    parts = [tag("title", f"{ball.name}: {net}"), tag("circle", cx=short(x), cy=short(y), r=short(radius), fill=color)]
    small = _net_size(net, radius) if ball.net else 0.0
    rise = 0.05 if small else 0.35
    parts.append(text(x, y + size * rise, ball.name, class_="mid", font_size=short(size), style=f"fill:{ink}"))
    if small:
        style = f"fill:{ink};font-weight:400"
        parts.append(text(x, y + radius * 0.52, net, class_="mid", font_size=short(small), style=style))
    return tag("g", parts, data_ball=ball.name, data_net=ball.net, class_="dot" if ball.net else "dot free")


def _net_size(net: str, radius: float) -> float:
    """Return the type size at which a net's name fits the lower part of its disc; 0 when that is too small to read."""
    size = min(radius * 0.36, 1.68 * radius / (0.55 * len(net)))
    return size if size >= 6.2 else 0.0


def _corner(package: Package, view: View, frame: tuple[float, float, float]) -> Html:
    """Return the A1 mark: a triangle in the package's corner, mirrored with the view."""
    edge, width, height = frame
    vertical, _, side = package.a1_corner.partition("_")
    if view == "board":
        side = "right" if side == "left" else "left"
    x, dx = (edge, 1) if side == "left" else (width - edge, -1)
    y, dy = (edge, 1) if vertical == "top" else (height - edge, -1)
    size = 14
    mark = tag("path", d=f"M{short(x)} {short(y)}h{dx * size}L{short(x)} {short(y + dy * size)}Z", class_="a1")
    label_y = y - 7 if dy == 1 else y + 16
    return tag("g", mark, text(x, label_y, "A1", class_="a1-text " + ("" if dx == 1 else "end")))
