"""Nominal heights of the package for drawing, name and 3D placement, from its films and ball."""

from __future__ import annotations

from dataclasses import dataclass

from chipscale.package.types import Package


@dataclass(frozen=True, slots=True)
class Heights:
    """Heights in µm: `total_um` (A) = `standoff_um` (A1) + `body_um` (A2)."""

    total_um: float
    standoff_um: float  # last dielectric's surface to the ball's top
    body_um: float  # back of the package to the last dielectric's surface, over redistribution metal
    ball_top_um: float  # active face of the silicon to the ball's top


def heights(package: Package) -> Heights:
    """Return the heights of the package with level films: each counts over the highest place of the one below.

    A second redistribution layer lies on a dielectric as thick as the first. With the wiring on the die's back (`body`
    from the glass up) the ball stands on the solder mask.
    """
    films, die = package.layers, package.die
    if package.grooves is not None:
        cover = package.grooves.glass_um + package.grooves.wall_um + package.grooves.device_um
        over_face = die.thickness_um + films.pi1_um + films.rdl_um + films.pi2_um
        ball = package.terminal.ball_h_um
        return Heights(cover + over_face + ball, ball, cover + over_face, over_face + ball)
    wiring = package.rdl_layers * (films.pi1_um + films.rdl_um) + films.pi2_um
    over_silicon = films.pad_metal_um + films.passivation_um + wiring
    standoff = films.ubm_um + package.terminal.ball_h_um
    body = films.backside_um + die.thickness_um + over_silicon
    return Heights(total_um=standoff + body, standoff_um=standoff, body_um=body, ball_top_um=standoff + over_silicon)
