"""What must be known to ask whether a device is a fan-in; taken from a Package or from a package file's blocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from chipscale.package.ballmap import min_distance_um
from chipscale.package.grids import site_pitch
from chipscale.package.grooves import least_um, widest_um
from chipscale.package.joint import reflowed
from chipscale.package.types import Ball, Package, Pad, RuleSet
from chipscale.spec.balls import Balls
from chipscale.spec.die import SealRing
from chipscale.spec.model import Spec


@dataclass(frozen=True, slots=True)
class FanInQuestion:
    """Facts in µm: die and package, array as asked, balls needed, rules. Nothing here has to be valid together.

    `balls` is the ball map as asked, () where there is none; `pattern` and the site pitches describe its array.
    """

    die_um: tuple[float, float]
    package_um: tuple[float, float]
    seal_ring_inset_um: float
    pattern: str  # rectangular, staggered, hexagonal
    pitch_x_um: float  # of the sites
    pitch_y_um: float
    ball_d_um: float
    land_d_um: float
    width_um: float
    space_um: float
    signals_count: int
    supply_balls_count: int
    rules: RuleSet
    balls: tuple[Ball, ...] = ()
    pads: tuple[Pad, ...] = ()
    rdl_layers: int = 1
    least_um: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # of a ball's centre from left, bottom, right,
    # top edge of the die, where grooves ask for more than `edge_um`

    @property
    def needed_count(self) -> int:
        """Balls the device needs: one per signal and those of its supplies."""
        return self.signals_count + self.supply_balls_count

    @property
    def ball_pitch_um(self) -> float:
        """Distance of the nearest two balls of the array as asked."""
        if self.pattern == "rectangular":
            return min(self.pitch_x_um, self.pitch_y_um)
        diagonal = math.hypot(self.pitch_x_um, self.pitch_y_um)
        return min(diagonal, 2 * self.pitch_x_um, 2 * self.pitch_y_um)

    @property
    def edge_um(self) -> float:
        """Least distance of a ball's centre from the die's edge: the larger of the two seal-ring rules."""
        by_centre = self.rules.values.get("ubm_center_to_sealring_outer_um", 0.0)
        by_ball = self.ball_d_um / 2 + self.rules.values.get("bump_to_sealring_outer_um", 0.0)
        return self.seal_ring_inset_um + max(by_centre, by_ball)

    @property
    def borders_um(self) -> tuple[float, float, float, float]:
        """Least distance of a ball's centre from the die's left, bottom, right and top edge."""
        left, bottom, right, top = (max(self.edge_um, least) for least in self.least_um)
        return left, bottom, right, top


def question_of_package(package: Package) -> FanInQuestion:
    """Return the question for a package that was built; supply balls are counted as its map gives them."""
    supply = [net for net in package.nets if net.kind != "signal" and (net.pads or net.balls)]
    planned = package.assignment.supply_balls or {}
    widths = [item.width_um for item in package.classes] or [package.rules.values.get("rdl_min_width_um", 0.0)]
    spaces = [item.space_um for item in package.classes] or [package.rules.values.get("rdl_min_space_um", 0.0)]
    return FanInQuestion(
        die_um=(package.die.size_x_um, package.die.size_y_um),
        package_um=package.package_size_um if min(package.package_size_um) > 0 else _die_size(package),
        seal_ring_inset_um=package.die.seal_ring_inset_um,
        pattern=_pattern(package),
        pitch_x_um=package.pitch_x_um,
        pitch_y_um=package.pitch_y_um,
        ball_d_um=package.terminal.ball_d_um,
        land_d_um=package.terminal.land_d_um,
        width_um=min(widths),
        space_um=min(spaces),
        signals_count=sum(1 for net in package.nets if net.kind == "signal" and net.pads),
        supply_balls_count=sum(max(len(net.balls), planned.get(net.name, 0), 1) for net in supply),
        rules=package.rules,
        balls=package.balls,
        pads=package.pads,
        rdl_layers=package.rdl_layers,
        least_um=_least_um(package),
    )


def question_of_spec(spec: Spec, pads: Sequence[Pad], rules: RuleSet, balls: Sequence[Ball] = ()) -> FanInQuestion:
    """Return the question for the blocks of a package file, before anything is built.

    `pads` as read (their nets decide what is needed); `balls` the map where one could be made. A list of balls
    (csv) counts as a rectangular array of its smallest distance.
    """
    nets = sorted({pad.net for pad in pads if pad.net})
    supply = [net for net in nets if _is_supply(net, spec)]
    planned = spec.assignment.supply_balls or {}
    given = [ball.net for ball in balls if ball.net]
    ubm_um = spec.terminal.ubm_d_um or rules.values.get("ubm_min_width_um") or 0.8 * spec.balls.sphere_d_um
    pitch = _spec_pitch(spec.balls, balls)
    ring = spec.die.seal_ring or SealRing()
    size = (spec.die.size_x_um, spec.die.size_y_um)
    return FanInQuestion(
        die_um=size,
        package_um=size,
        seal_ring_inset_um=ring.inset_um,
        pattern="rectangular" if spec.balls.csv else spec.balls.pattern,
        pitch_x_um=pitch[0],
        pitch_y_um=pitch[1],
        ball_d_um=reflowed(spec.balls.sphere_d_um, ubm_um)[0],
        land_d_um=spec.terminal.land_d_um or ubm_um + 2 * rules.values.get("rdl_enc_ubm_um", 0.0),
        width_um=spec.rdl.width_um or rules.values.get("rdl_min_width_um", 0.0),
        space_um=spec.rdl.space_um or rules.values.get("rdl_min_space_um", 0.0),
        signals_count=len(nets) - len(supply),
        supply_balls_count=sum(max(planned.get(net, 0), given.count(net), 1) for net in supply),
        rules=rules,
        balls=tuple(balls if spec.assignment.mode == "fixed" else (replace(ball, net=None) for ball in balls)),
        pads=tuple(pads),
        rdl_layers=spec.rdl.layers,
    )


def _least_um(package: Package) -> tuple[float, float, float, float]:
    if package.grooves is None:
        return 0.0, 0.0, 0.0, 0.0
    return least_um(package.grooves, package.terminal, package.rules.values, widest_um(package))


def _die_size(package: Package) -> tuple[float, float]:
    return package.die.size_x_um, package.die.size_y_um


def _is_supply(net: str, spec: Spec) -> bool:
    return any(
        block.kind != "signal" and any(fnmatchcase(net, pattern) for pattern in block.nets)
        for block in spec.nets.values()
    )


def _spec_pitch(block: Balls, balls: Sequence[Ball]) -> tuple[float, float]:
    pitch = None if block.csv else site_pitch(block)
    if pitch is not None:
        return pitch
    near = min_distance_um(balls) if len(balls) > 1 else block.sphere_d_um * 1.6
    return near, near


def _pattern(package: Package) -> str:
    """Return the array's pattern from its sites: a checkerboard of sites means staggered."""
    balls = package.balls
    if len(balls) < 3 or len({(ball.row + ball.col) % 2 for ball in balls}) > 1:
        return "rectangular"
    return "staggered"
