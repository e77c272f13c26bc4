"""Which balls a test board leads out: rows, gaps, widths, vias to the plane."""

from types import SimpleNamespace

import pytest

from chipscale.package.types import Ball, Net
from chipscale.physics.thermal.boards import board
from chipscale.physics.thermal.fan_out import to_plane, top_copper, trace_share, trace_width_um, ways_out

LAND_UM = 200.0


def _package(count, pitch_um=400.0):
    balls = tuple(
        Ball(f"{'ABCDEFGH'[row]}{col + 1}", 300.0 + pitch_um * col, 300.0 + pitch_um * row, "GND", row, col)
        for row in range(count)
        for col in range(count)
    )
    side = 600.0 + pitch_um * (count - 1)
    net = Net("GND", "", "ground", (), ("A1", "B2"))
    named = tuple(
        ball if ball.name in net.balls else Ball(ball.name, ball.x_um, ball.y_um, None, ball.row, ball.col)
        for ball in balls
    )
    return SimpleNamespace(balls=named, nets=(net,), min_ball_distance_um=pitch_um, package_size_um=(side, side))


@pytest.mark.parametrize(("count", "led"), [(2, 4), (3, 9), (4, 16), (5, 24), (6, 32), (7, 40)])
def test_the_outer_two_rows_are_led_out(count, led):
    package = _package(count)
    ways = ways_out(package, board("jesd51_9_2s2p"), LAND_UM)
    assert len(ways) == len({way.ball for way in ways}) == led
    side = package.package_size_um[0]
    for way in ways:
        assert min(*way.points_um[-1], side - way.points_um[-1][0], side - way.points_um[-1][1]) == pytest.approx(0.0)


def test_no_two_traces_touch():
    package = _package(6)
    ways = ways_out(package, board("jesd51_9_2s2p"), LAND_UM)
    assert len(top_copper(package, ways, LAND_UM).geoms) == len(package.balls)


def test_widths_follow_the_standard():
    area, leaded = board("jesd51_9_2s2p"), board("jesd51_7_2s2p")
    assert trace_width_um(_package(3, 500.0), area, LAND_UM) == pytest.approx(200.0)
    assert trace_width_um(_package(3, 500.0), leaded, LAND_UM) == pytest.approx(250.0)
    assert trace_width_um(_package(3, 400.0), leaded, LAND_UM) == pytest.approx(LAND_UM)


def test_only_grounds_reach_the_plane_and_none_on_leaded_boards():
    package = _package(3)
    assert to_plane(package, board("jesd51_9_2s2p")) == {"A1", "B2"}
    assert to_plane(package, board("jesd51_7_2s2p")) == frozenset()
    assert len(to_plane(package, board("jesd51_5_2s2p"))) == 9


def test_copper_is_kept_as_traces_spread():
    package = _package(3)
    rim = sum(package.package_size_um) * 2
    for off_um in (0.0, 500.0, 25_000.0):
        assert trace_share(package, 9, 160.0, off_um) * (rim + 8 * off_um) == pytest.approx(9 * 160.0)
