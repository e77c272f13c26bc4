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
    """Return the heights at a ball: films one on another, the ball on the under-bump metal.

    The pad metal is not counted: a pad lies beside the balls and passivation covers it to the same level.
    """
    films, die = package.layers, package.die
    over_silicon = films.passivation_um + films.pi1_um + package.rdl_layers * films.rdl_um + films.pi2_um
    over_silicon += (package.rdl_layers - 1) * films.pi2_um
    standoff = films.ubm_um + package.terminal.ball_h_um
    body = films.backside_um + die.thickness_um + over_silicon
    return Heights(total_um=standoff + body, standoff_um=standoff, body_um=body, ball_top_um=standoff + over_silicon)
