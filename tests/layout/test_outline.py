"""Discs and wires as polygons: sizes exact, nothing lost on the grid."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import unary_union

from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.outline import circle_points, trace_pieces
from chipscale.layout.types import Circle, Layout, Trace


def test_disc_is_exact_across_axes_and_diagonals() -> None:
    points = circle_points(Circle("UBM", "ubm", 10.0, 20.0, 250.0))
    assert points.shape == (64, 2)
    centered = points - (10.0, 20.0)
    for angle in (0.0, 45.0, 90.0, 135.0):
        direction = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
        assert float((centered @ direction).max()) == pytest.approx(125.0, abs=1e-9)
    assert Polygon(points).contains(Polygon(circle_points(Circle("UBM", "ubm", 10.0, 20.0, 249.99))))
    assert Polygon(points).exterior.is_ccw


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=7, unique=True),
    st.sampled_from([10.0, 25.0, 40.0]),
)
def test_wire_is_its_centre_line_made_wide(points: list[tuple[int, int]], width: float) -> None:
    line = np.array(points, dtype=float)
    drawn = unary_union([Polygon(piece).buffer(1e-9) for piece in trace_pieces(Trace("RDL", "n", width, line))])
    exact = unary_union([LineString(ends).buffer(width / 2, quad_segs=200) for ends in pairwise(points)])
    assert (
        drawn.difference(exact.buffer(0.0013 * width / 2)).area < 1e-3
    )  # µm²; ends reach 0.12 % of half a width beyond
    assert exact.buffer(-0.0013 * width / 2).difference(drawn).area < 1e-3  # µm²; the reference is rounded itself


NEAR = st.floats(0, 400).map(lambda um: round(um, 6))  # shapely's own buffer, the reference, fails at 1e-246 µm


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NEAR, NEAR), min_size=2, max_size=8))
def test_wire_on_the_grid_has_no_slits(points: list[tuple[float, float]]) -> None:
    line = np.array(points, dtype=float)
    layout = Layout(500.0, 500.0, (), (), (Trace("RDL", "n", 20.0, line),), ())
    region = layer_region(to_klayout(layout), "RDL").merged()
    assert region.count() == 1
    exact = LineString(line).buffer(10.0, quad_segs=64)
    holes = [hole.area() * 1e-6 for hole in region.holes().each()]
    shape = MultiPolygon([exact]) if isinstance(exact, Polygon) else exact
    true_holes = [Polygon(ring).area for part in shape.geoms for ring in part.interiors]
    assert sum(area > 0.5 for area in holes) <= sum(area > 0.01 for area in true_holes)
    assert not [area for area in holes if area < 1e-5]


def test_a_wire_of_one_point_is_a_disc() -> None:
    [piece] = trace_pieces(Trace("RDL", "n", 20.0, np.array([(5.0, 5.0), (5.0, 5.0)])))
    assert Polygon(piece).area == pytest.approx(math.pi * 100.0, rel=2e-3)
