"""Heights of the package, against the solids the flow makes."""

from dataclasses import replace

import pytest

from chipscale.assembly.heights import heights
from chipscale.layout.types import Circle, Layout
from chipscale.package.joint import reflowed


def drawn(package):
    t = package.terminal
    circles = []
    for ball in package.balls:
        for layer, kind, d in (
            ("RDL", "land", t.land_d_um),
            ("PI2", "opening", t.pi2_d_um),
            ("UBM", "ubm", t.ubm_d_um),
            ("BALL", "ball", t.ball_d_um),
        ):
            circles.append(Circle(layer, kind, ball.x_um, ball.y_um, d, ball.net, ball.name))
    return Layout(package.die.size_x_um, package.die.size_y_um, tuple(circles), (), (), ())


@pytest.mark.parametrize("backside_um", [0.0, 25.0])
def test_heights_are_those_of_the_flow(make_package, backside_um):
    from chipscale.process.flow import nominal_stack

    package = make_package(2, 2)
    wide, high = reflowed(package.terminal.sphere_d_um, package.terminal.ubm_d_um)
    terminal = replace(package.terminal, ball_d_um=wide, ball_h_um=high)
    package = replace(package, layers=replace(package.layers, backside_um=backside_um), terminal=terminal)
    low, top = nominal_stack(package, drawn(package)).extent_z_um()
    high = heights(package)
    assert top == pytest.approx(high.ball_top_um, abs=0.01)
    assert top - low == pytest.approx(high.total_um, abs=0.01)
    assert high.total_um == pytest.approx(high.standoff_um + high.body_um)
