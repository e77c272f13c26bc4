"""Packages of real footprints, turned from KiCad's view into the die view by hand."""

from dataclasses import replace

import pytest

from chipscale.package.types import Ball


def _real_package(name, row, places, template):
    """Return the package of a real footprint: KiCad's x right, y down, mm, seen from above the board."""
    size = (float(row["body_x"]) * 1000, float(row["body_y"]) * 1000)
    balls = [
        Ball(ball, size[0] / 2 - x * 1000, size[1] / 2 - y * 1000, None, 0, 0)
        for ball, (x, y) in sorted(places.items())
    ]
    return replace(
        template,
        name=name,
        balls=tuple(balls),
        nets=(),
        die=replace(template.die, size_x_um=size[0], size_y_um=size[1]),
        package_size_um=size,
        pitch_x_um=float(row["pitch_x"]) * 1000,
        pitch_y_um=float(row["pitch_y"]) * 1000,
        min_ball_distance_um=float(row["min_ball_distance"]) * 1000,
        a1_corner="top_right",
    )


@pytest.fixture(scope="session")
def real_package():
    """Return a maker: (name, table row, positions by ball, template package) -> Package."""
    return _real_package
