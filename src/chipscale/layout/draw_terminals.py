"""The metal stack at every pad and ball: pad, openings, capture, land, under-bump metal, ball and vias."""

from __future__ import annotations

from collections.abc import Collection

from chipscale.layout.draw_grooves import finger_end
from chipscale.layout.seal_ring import square
from chipscale.layout.types import Circle, Polygon
from chipscale.package.types import Package, Pad

_VIA_ENCLOSURE_UM = 10.0  # metal beyond a via where the rule set has no rule for it; assumed


def net_of_pads(package: Package) -> dict[str, str]:
    """Return net by pad name for the pads that are connected."""
    return {pad: net.name for net in package.nets for pad in net.pads}


def net_of_balls(package: Package) -> dict[str, str]:
    """Return net by ball name for the balls that are connected."""
    return {ball: net.name for net in package.nets for ball in net.balls}


def capture_size(package: Package, pad: Pad) -> tuple[float, float]:
    """Return the sides (x, y) in µm of the redistribution metal over a pad."""
    side = package.terminal.pad_capture_um
    return (side, side) if side > 0 else (pad.size_x_um, pad.size_y_um)


def wire_end(package: Package, pad: Pad) -> tuple[float, float]:
    """Return the point at which a wire to a pad ends: the pad's middle, or where its metal comes out of a groove."""
    return (pad.x_um, pad.y_um) if package.grooves is None else finger_end(package, package.grooves, pad)


def via_sizes(package: Package) -> tuple[float, float]:
    """Return (opening, metal around it) in µm of a via between two redistribution layers.

    The opening is the rule set's least, or that of a pad's first opening; the metal exceeds it on every side by
    the rule for vias, for PI1 openings, or 10 µm.
    """
    rules = package.rules.values
    opening = rules.get("via_min_width_um", package.terminal.pi1_size_um)
    beyond = rules.get("rdl_enc_via_um", rules.get("rdl_enc_pi1_um", _VIA_ENCLOSURE_UM))
    return opening, opening + 2.0 * beyond


def pads(package: Package, upper_nets: Collection[str]) -> list[Polygon]:
    """Return pad metal, and at connected pads the PI1 opening and the capture (neither without redistribution).

    For nets in `upper_nets` a via and a second capture carry the pad up to RDL2.
    """
    nets, size = net_of_pads(package), package.terminal.pi1_size_um
    shapes: list[Polygon] = []
    for pad in package.pads:
        net = nets.get(pad.name)
        metal = square(pad.x_um, pad.y_um, pad.size_x_um, pad.size_y_um)
        shapes.append(Polygon("PAD", "pad", metal, net if net is not None else pad.net, pad.name))
        if net is None or package.rdl_layers == 0:
            continue
        capture = square(pad.x_um, pad.y_um, *capture_size(package, pad))
        shapes.append(Polygon("PI1", "opening", square(pad.x_um, pad.y_um, size, size), net, pad.name))
        shapes.append(Polygon("RDL", "capture", capture, net, pad.name))
        if net in upper_nets:
            opening, metal_um = via_sizes(package)
            shapes.append(Polygon("VIA", "via", square(pad.x_um, pad.y_um, opening, opening), net, pad.name))
            sides = [max(side, metal_um) for side in capture_size(package, pad)]
            shapes.append(Polygon("RDL2", "capture", square(pad.x_um, pad.y_um, *sides), net, pad.name))
    return shapes


def balls(package: Package, land_layer: str, lower_nets: Collection[str]) -> list[Circle]:
    """Return land, PI2 opening, UBM and ball at every site, used or not.

    Lands of nets in `lower_nets` get a via under their centre and metal around it on RDL. Where `land_layer` is ""
    (balls on pads) there is no land, and a ball without a net has no opening either: it stands on the dielectric.
    """
    nets, terminal = net_of_balls(package), package.terminal
    shapes: list[Circle] = []
    for ball in package.balls:
        net = nets.get(ball.name)
        at = (ball.x_um, ball.y_um)
        if land_layer:
            shapes.append(Circle(land_layer, "land", *at, terminal.land_d_um, net, ball.name))
        if land_layer or net is not None:
            shapes.append(Circle("PI2", "opening", *at, terminal.pi2_d_um, net, ball.name))
        shapes.append(Circle("UBM", "ubm", *at, terminal.ubm_d_um, net, ball.name))
        shapes.append(Circle("BALL", "ball", *at, terminal.ball_d_um, net, ball.name))
        if net is not None and net in lower_nets:
            opening, metal = via_sizes(package)
            shapes.append(Circle("VIA", "via", *at, opening, net, ball.name))
            shapes.append(Circle("RDL", "capture", *at, metal, net, ball.name))
    return shapes
