"""Sheets against exact answers: bend, radial plane, constrictions; order of convergence; electrodes and cuts."""

import math

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from chipscale.solvers import sheet_mesh
from chipscale.solvers.sheet import (
    Electrode,
    error_ratio,
    gradients,
    lumped,
    node_areas,
    resistance_squares,
    sheet_current,
    solve,
    squares_between,
    stiffness,
    through,
)
from chipscale.solvers.sheet_mesh import Mesh, Size, TooFineError, mesh

BEND = 1 - 2 / math.pi * math.log(2)  # squares of the corner of a bend: P. M. Hall, Thin Solid Films 1, 1967, 277
ELBOW = Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)])
ENDS = LineString([(3, 0), (3, 1)]), LineString([(0, 3), (1, 3)])


def test_the_corner_of_a_bend_counts_0_5587_squares():
    assert pytest.approx(0.558728799694697, rel=1e-12) == BEND
    corner = resistance_squares(ELBOW, *ENDS, Size(0.08)) - 4
    assert corner == pytest.approx(BEND, rel=5e-3)
    assert corner < BEND  # given potentials: the power is never too small, so the resistance never too large


def test_the_corner_converges_from_below_at_the_order_of_its_field():
    """Even triangles: order 4/3, twice the exponent 2/3 of the field at the corner. Finer at the corner: order 2."""
    even = [_short_of_bend(Size(edge, 1.0, 1.0, 0.0)) for edge in (0.2, 0.1, 0.05)]
    assert np.log2(np.array(even[:-1]) / even[1:]) == pytest.approx([4 / 3, 4 / 3], abs=0.1)
    finer = [_short_of_bend(Size(edge, edge**2 * 1.25, 4.0, edge)) for edge in (0.2, 0.1)]
    assert finer[1] > 0
    assert math.log2(finer[0] / finer[1]) > 1.8


def _short_of_bend(size):
    return BEND - (resistance_squares(ELBOW, *ENDS, size) - 4)


def test_a_radial_plane():
    exact = math.log(1.0 / 0.1) / (2 * math.pi)
    found = squares_between([0, 0, 1.0], [0, 0, 1.0], [0, 0, 0.1], 0.2, [[0, 0, 0.1]])
    assert found == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize("open_ratio", [0.1, 0.25, 0.5])
def test_a_slit_across_a_strip(open_ratio):
    """A thin cut from both sides leaves the middle `open_ratio` of a strip: -2/pi ln sin(pi a / 2) squares more.

    Conformal map of the half strip by the sine, as for the capacitive window between parallel plates (N. Marcuvitz,
    Waveguide Handbook, 1951, sec. 5.1): there a sheet's electrodes are its walls.
    """
    shut = (1 - open_ratio) / 2
    cut = 2e-4
    strip = box(0, 0, 4, 1) - box(2 - cut, 0, 2 + cut, shut) - box(2 - cut, 1 - shut, 2 + cut, 1)
    ends = LineString([(0, 0), (0, 1)]), LineString([(4, 0), (4, 1)])
    more = resistance_squares(strip, *ends, Size(0.1, 0.01, 4.0, 0.12)) - 4
    assert more == pytest.approx(-2 / math.pi * math.log(math.sin(math.pi * open_ratio / 2)), rel=1e-2)


@pytest.mark.parametrize("a", [0.25, 0.5])
def test_a_step_in_width(a):
    """From width 1 to width a, both in line: 1/pi ln((1 - a²)/4a ((1 + a)/(1 - a))^((a + 1/a)/2)) squares more.

    Schwarz-Christoffel; Marcuvitz 1951, sec. 5.26, change in height, in its static limit.
    """
    exact = math.log((1 - a * a) / (4 * a) * ((1 + a) / (1 - a)) ** ((a + 1 / a) / 2)) / math.pi
    strip = box(0, 0, 2, 1) | box(2, (1 - a) / 2, 4, (1 + a) / 2)
    ends = LineString([(0, 0), (0, 1)]), LineString([(4, (1 - a) / 2), (4, (1 + a) / 2)])
    more = resistance_squares(strip, *ends, Size(0.1, 0.02, 4.0, 0.12)) - 2 - 2 / a
    assert more == pytest.approx(exact, rel=1e-2)


def test_a_smooth_field_converges_at_second_order():
    """exp(x) cos(y) solves Laplace's equation: given on the edge, found inside."""
    wrong = []
    for edge in (0.2, 0.1, 0.05):
        sheet = mesh(box(0, 0, 1, 1), Size(edge, 1.0, 1.0, 0.0))
        x, y = sheet.points.T
        exact = np.exp(x) * np.cos(y)
        outer = np.flatnonzero((np.abs(sheet.points - 0.5) > 0.5 - 1e-9).any(axis=1))
        ends = [Electrode(np.array([node]), float(exact[node])) for node in outer]
        found = solve(stiffness(sheet, np.ones(len(sheet.triangles))), ends).potential
        wrong.append(math.sqrt(float(node_areas(sheet, np.ones(len(sheet.triangles), bool)) @ (found - exact) ** 2)))
    orders = np.log2(np.array(wrong[:-1]) / wrong[1:])
    assert orders == pytest.approx([2.0, 2.0], abs=0.35)


def test_the_estimate_of_the_error_is_near_the_error():
    sheet = mesh(ELBOW, Size(0.2), ENDS)
    ones = np.ones(len(sheet.triangles))
    answer = solve(
        stiffness(sheet, ones),
        [Electrode(sheet.nodes_in(end, 1e-6), level) for end, level in zip(ENDS, (1.0, 0.0), strict=True)],
    )
    true = 1 - (1 / answer.current[0]) / (4 + BEND)
    told = error_ratio(sheet, ones, sheet_current(sheet, ones, answer.potential))
    assert 0.5 * true < told < 3 * true


def test_triangles_fill_the_region_and_none_is_a_sliver():
    plate = Point(0, 0).buffer(1.0) - box(-0.3, -0.2, 0.1, 0.25) - Point(0.5, 0.4).buffer(0.1)
    inner = box(0.2, -0.6, 0.5, -0.3)
    sheet = mesh(plate, Size(0.1), (inner,))
    assert sheet.areas.min() > 0
    assert sheet.areas.sum() == pytest.approx(plate.area, rel=1e-6)
    p = sheet.points[sheet.triangles]
    sides = np.stack([np.hypot(*(p[:, k] - p[:, k - 1]).T) for k in range(3)])
    angle = np.arcsin(np.clip(2 * sheet.areas * sides.min(axis=0) / sides.prod(axis=0), 0, 1))
    assert np.rad2deg(angle).min() > 10
    inside = shapely.contains_xy(inner, *sheet.centroids.T)
    assert sheet.areas[inside].sum() == pytest.approx(inner.area, rel=1e-6)  # the mesh follows inner lines
    assert np.array_equal(mesh(plate, Size(0.1), (inner,)).triangles, sheet.triangles)


def test_a_mesh_that_would_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(sheet_mesh, "MOST_POINTS", 1000)
    with pytest.raises(TooFineError, match="larger triangles"):
        mesh(box(0, 0, 1, 1), Size(0.005, 1.0, 1.0))


def test_conductance_along_and_across_may_differ():
    sheet = mesh(box(0, 0, 2, 1), Size(0.3))
    tensor = np.tile(np.diag([3.0, 0.2]), (len(sheet.triangles), 1, 1))
    ends = [Electrode(np.flatnonzero(np.abs(sheet.points[:, 0] - x) < 1e-9), v) for x, v in ((0, 1.0), (2, 0.0))]
    assert solve(stiffness(sheet, tensor), ends).current == pytest.approx([1.5, -1.5], rel=1e-9)


def test_a_given_current_floats_to_its_potential():
    sheet = mesh(box(0, 0, 2, 1), Size(0.3))
    left, right = (np.flatnonzero(np.abs(sheet.points[:, 0] - x) < 1e-9) for x in (0, 2))
    matrix = stiffness(sheet, np.full(len(sheet.triangles), 0.5))
    answer = solve(matrix, [Electrode(left, current_A=3.0), Electrode(right, 0.0)])
    assert answer.potential[left] == pytest.approx(12.0, rel=1e-9)
    assert answer.current == pytest.approx([3.0, -3.0], rel=1e-9)


def test_a_cut_through_one_of_two_branches_carries_its_share():
    """A frame with branches of 2 and 6 squares more: cuts of both add up to the whole, exactly."""
    frame = box(0, 0, 8, 5) - box(1, 1, 7, 3)
    ends = LineString([(0, 0), (0, 5)]), LineString([(8, 0), (8, 5)])
    sheet = mesh(frame, Size(0.4), ends)
    ones = np.ones(len(sheet.triangles))
    answer = solve(
        stiffness(sheet, ones),
        [Electrode(sheet.nodes_in(end, 1e-6), level) for end, level in zip(ends, (1.0, 0.0), strict=True)],
    )
    current = sheet_current(sheet, ones, answer.potential)
    y = sheet.centroids[:, 1]
    ramp = np.clip((sheet.points[:, 0] - 3) / 2, 0, 1)
    low, high = (through(sheet, current, ramp, np.flatnonzero(side)) for side in (y < 1, y > 3))
    assert low + high == pytest.approx(answer.current[0], rel=1e-9)
    assert low < high / 1.5


def test_resistors_join_sheets():
    links, values = np.array([[0, 1], [1, 2]]), np.array([2.0, 4.0])
    answer = solve(lumped(3, links, values), [Electrode(np.array([0]), 1.0), Electrode(np.array([2]), 0.0)])
    assert answer.current[0] == pytest.approx(1 / (1 / 2 + 1 / 4))


def test_gradients_are_those_of_a_plane():
    sheet = Mesh(np.array([[0.0, 0.0], [2.0, 0.5], [0.3, 1.0]]), np.array([[0, 1, 2]]))
    values = sheet.points @ [3.0, -2.0] + 7.0
    assert np.einsum("a,ai->i", values, gradients(sheet)[0]) == pytest.approx([3.0, -2.0])


def test_electrodes_that_make_no_sense_are_refused():
    matrix = lumped(4, np.array([[0, 1], [2, 3]]), np.ones(2))
    with pytest.raises(ValueError, match="touches no node"):
        solve(matrix, [Electrode(np.array([], dtype=int), 1.0)])
    with pytest.raises(ValueError, match="shares"):
        solve(matrix, [Electrode(np.array([0, 1]), 1.0), Electrode(np.array([1]), 0.0)])
    with pytest.raises(ValueError, match="level"):
        solve(matrix, [Electrode(np.array([0]), current_A=1.0)])
    with pytest.raises(ValueError, match="no way"):
        solve(matrix, [Electrode(np.array([0]), 1.0)])


def test_a_region_smaller_than_its_triangles_is_meshed_along_its_outline():
    assert resistance_squares(
        box(0, 0, 1, 1), LineString([(0, 0), (0, 1)]), LineString([(1, 0), (1, 1)]), Size(400.0)
    ) == (pytest.approx(1.0, rel=1e-6))
