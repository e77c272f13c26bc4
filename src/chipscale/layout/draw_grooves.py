"""The masks of a package with grooves: cavity, grooves, the metal out of each groove, openings, lands and balls."""

from __future__ import annotations

import numpy as np

from chipscale.layout.route.problem import Terminal
from chipscale.layout.seal_ring import rectangle, square
from chipscale.layout.types import Circle, Points, Polygon
from chipscale.package.grooves import SIDES, along_um, land_edge_um, metal_from_um, reach_um, span_um, strips, widest_um
from chipscale.package.types import Grooves, Package, Pad


def cover(package: Package, grooves: Grooves) -> list[Polygon]:
    """Return the cavity and the sensing area under the glass; nothing else on the masks keeps clear of them."""
    width, die = grooves.wall_width_um, package.die
    cavity = rectangle(width, width, die.size_x_um - width, die.size_y_um - width)
    return [Polygon("CAVITY", "opening", cavity), Polygon("SENSING", "area", rectangle(*grooves.sensing))]


def groove_strips(package: Package, grooves: Grooves) -> list[Polygon]:
    """Return the strips of both grooves along the edges that have pads."""
    found = [
        Polygon("GROOVE1", "groove", rectangle(*box)) for box in strips(grooves, package.die, grooves.first_width_um)
    ]
    if grooves.second:
        boxes = strips(grooves, package.die, grooves.second_width_um)
        found += [Polygon("GROOVE2", "groove", rectangle(*box)) for box in boxes]
    return found


def groove_pads(package: Package, grooves: Grooves) -> list[Polygon]:
    """Return pad metal, and at connected pads the metal out of the groove; with one groove the opening on the pad."""
    nets = {pad: net.name for net in package.nets for pad in net.pads}
    shapes = []
    for pad in package.pads:
        net = nets.get(pad.name)
        metal = square(pad.x_um, pad.y_um, pad.size_x_um, pad.size_y_um)
        shapes.append(Polygon("PAD", "pad", metal, net if net is not None else pad.net, pad.name))
        if net is None:
            continue
        if not grooves.second:
            d = grooves.contact_d_um
            shapes.append(Polygon("INS_OPEN", "opening", square(pad.x_um, pad.y_um, d, d), net, pad.name))
        shapes.append(Polygon("RDL", "capture", finger(package, grooves, pad), net, pad.name))
    return shapes


def groove_balls(package: Package) -> list[Circle]:
    """Return land, opening of the solder mask and ball at every site, used or not."""
    nets, terminal = {ball: net.name for net in package.nets for ball in net.balls}, package.terminal
    shapes = []
    for ball in package.balls:
        net, at = nets.get(ball.name), (ball.x_um, ball.y_um)
        shapes.append(Circle("RDL", "land", *at, terminal.land_d_um, net, ball.name))
        shapes.append(Circle("SMO", "opening", *at, terminal.pi2_d_um, net, ball.name))
        shapes.append(Circle("BALL", "ball", *at, terminal.ball_d_um, net, ball.name))
    return shapes


def finger(package: Package, grooves: Grooves, pad: Pad) -> Points:
    """Return the metal of a pad (4, 2): straight out of the groove, square to the die's edge, onto the back."""
    size = (package.die.size_x_um, package.die.size_y_um)
    begin = metal_from_um(grooves, package.rules.values, sum(span_um(pad, size)) / 2)
    end = grooves.first_width_um + reach_um(package.rules.values, widest_um(package))
    return _across(package, pad, begin, end)


def finger_ends(package: Package, grooves: Grooves) -> list[Terminal]:
    """Return where wires meet the metal of each connected pad: its part on the back, clear of the groove's mouth."""
    nets = {pad: net.name for net in package.nets for pad in net.pads}
    found = []
    for pad in package.pads:
        if pad.name in nets:
            x, y = finger_end(package, grooves, pad)
            found.append(Terminal(f"pad {pad.name}", nets[pad.name], x, y, outline=_end(package, grooves, pad)))
    return found


def finger_end(package: Package, grooves: Grooves, pad: Pad) -> tuple[float, float]:
    """Return the point at which a wire to a pad ends, the middle of its metal on the back."""
    x, y = _end(package, grooves, pad).mean(axis=0)
    return float(x), float(y)


def groove_line(package: Package, grooves: Grooves) -> tuple[str, tuple[float, float], tuple[float, float]]:
    """Return a connected pad's name and a line through its middle, from the die's edge to beyond the groove's mouth."""
    connected = {name for net in package.nets for name in net.pads}
    pad = min((pad for pad in package.pads if pad.name in connected), key=lambda pad: (SIDES.index(pad.side), pad.name))
    end = grooves.first_width_um + reach_um(package.rules.values, widest_um(package))
    low, high = _across(package, pad, 0.0, 1.2 * end).min(axis=0), _across(package, pad, 0.0, 1.2 * end).max(axis=0)
    middle = (low + high) / 2
    upright = pad.side in ("bottom", "top")
    ends = (
        [(float(middle[0]), float(y)) for y in (low[1], high[1])]
        if upright
        else [(float(x), float(middle[1])) for x in (low[0], high[0])]
    )
    return pad.name, *(ends if pad.side in ("left", "bottom") else ends[::-1])


def back(package: Package, grooves: Grooves) -> Points:
    """Return the rectangle (4, 2) wires stay inside: the back between the grooves' mouths."""
    die, rules = package.die, package.rules.values
    reach = reach_um(rules, 0.0)
    edges = {
        side: grooves.first_width_um + reach if side in grooves.sides else land_edge_um(grooves, side, rules, 0.0)
        for side in SIDES
    }
    right, top = die.size_x_um - edges["right"], die.size_y_um - edges["top"]
    return rectangle(edges["left"], edges["bottom"], right, top)


def _end(package: Package, grooves: Grooves, pad: Pad) -> Points:
    rules, mouth = package.rules.values, grooves.first_width_um
    return _across(package, pad, mouth + reach_um(rules, 0.0), mouth + reach_um(rules, widest_um(package)))


def _across(package: Package, pad: Pad, begin_um: float, end_um: float) -> Points:
    """Return the rectangle (4, 2) as wide as a pad's metal, between two distances from the edge on its side."""
    half = (package.terminal.pad_capture_um or along_um(pad)) / 2
    w, h = package.die.size_x_um, package.die.size_y_um
    boxes = {
        "left": (begin_um, pad.y_um - half, end_um, pad.y_um + half),
        "right": (w - end_um, pad.y_um - half, w - begin_um, pad.y_um + half),
        "bottom": (pad.x_um - half, begin_um, pad.x_um + half, end_um),
        "top": (pad.x_um - half, h - end_um, pad.x_um + half, h - begin_um),
    }
    return np.asarray(rectangle(*boxes[pad.side]))
