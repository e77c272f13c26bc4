import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chipscale.stack.outline import tapered
from chipscale.stack.revolve import cap, outline
from chipscale.stack.section import joined, section, section_area_um2
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import volume_um3


def stack_of(*bodies):
    return Stack("s", 100.0, 100.0, bodies)


def test_a_cut_through_a_hole_gives_two_rectangles():
    region = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    pieces = section(stack_of(Slab("f", "PI1", "PI", 2.0, 6.0, region, region)), (0, 50), (100, 50))
    assert [piece.polygon.tolist() for piece in pieces] == [
        [[0, 2], [40, 2], [40, 8], [0, 8]],
        [[60, 2], [100, 2], [100, 8], [60, 8]],
    ]


def test_s_counts_along_a_slanted_line_from_its_start():
    region = shapely.box(0, 0, 100, 100)
    (piece,) = section(stack_of(Slab("f", "PI1", "PI", 0.0, 1.0, region, region)), (-30, -40), (130, 140))
    length = math.hypot(160, 180)
    inside = shapely.LineString([(-30, -40), (130, 140)]).intersection(region).length
    assert piece.area_um2 == pytest.approx(inside)
    assert 0 < piece.polygon[:, 0].min() < piece.polygon[:, 0].max() < length


def test_a_cut_along_a_wall_is_one_piece():
    region = shapely.union_all([shapely.box(0, 0, 50, 10), shapely.box(50, 0, 100, 20)])
    pieces = section(stack_of(Slab("f", "RDL", "Cu", 0.0, 5.0, region, region)), (0, 10), (100, 10))
    assert sum(piece.area_um2 for piece in pieces) == pytest.approx(500.0)
    assert len(pieces) == 1


def test_a_tapered_slab_shows_a_trapezium():
    bottom = shapely.box(0, 0, 100, 100)
    slab = Slab("t", "RDL", "Cu", 0.0, 10.0, bottom, tapered(bottom, -5.0))
    (piece,) = section(stack_of(slab), (-10, 50), (110, 50))
    assert piece.area_um2 == pytest.approx((100 + 90) / 2 * 10)
    assert sorted(map(tuple, np.round(piece.polygon, 6).tolist())) == [(10, 0), (15, 10), (105, 10), (110, 0)]


def test_near_the_edge_a_tapered_slab_does_not_reach_the_top():
    bottom = shapely.box(0, 0, 100, 100)
    slab = Slab("t", "RDL", "Cu", 0.0, 10.0, bottom, tapered(bottom, -5.0))
    (piece,) = section(stack_of(slab), (-10, 2), (110, 2))
    assert piece.polygon[:, 1].max() == pytest.approx(4.0)
    assert piece.area_um2 == pytest.approx((100 + 96) / 2 * 4)


def test_a_tapered_hole_shows_two_pieces():
    bottom = shapely.box(0, 0, 100, 100).difference(shapely.Point(50, 50).buffer(20, quad_segs=16))
    slab = Slab("t", "PI1", "PI", 0.0, 10.0, bottom, tapered(bottom, -5.0))
    pieces = section(stack_of(slab), (0, 50), (100, 50))
    assert len(pieces) == 2
    assert sum(piece.area_um2 for piece in pieces) == pytest.approx((60 + 40) / 2 * 10, rel=0.01)


def test_slices_of_a_tapered_slab_add_up_to_its_volume():
    bottom = shapely.union_all([shapely.box(0, 0, 80, 30), shapely.box(20, 20, 50, 90)])
    slab = Slab("t", "RDL", "Cu", 3.0, 8.0, bottom, tapered(bottom, 2.5))
    slices = (np.arange(200) + 0.5) / 200 * 100 - 5
    areas = [sum(section_area_um2(section(stack_of(slab), (-20, y), (120, y))).values()) for y in slices]
    assert np.mean(areas) * 100 == pytest.approx(volume_um3(slab), rel=2e-3)


@pytest.mark.parametrize("as_profile", [False, True])
def test_slices_of_a_ball_add_up_to_its_volume(as_profile):
    shape = cap(215.0, 260.925, 204.309, 0.0)
    points = outline(shape, 0.0, 204.309, 60)
    ball = Revolved("b", "BALL", "SAC305", 150.0, 150.0, points, None, "", None if as_profile else shape)
    slices = (np.arange(120) + 0.5) / 120 * 270 + 15
    areas = [sum(section_area_um2(section(stack_of(ball), (0, y), (300, y))).values()) for y in slices]
    assert np.mean(areas) * 270 == pytest.approx(volume_um3(ball), rel=1e-3)


def test_a_cut_through_the_middle_of_a_ball_is_its_profile():
    shape = cap(215.0, 260.925, 204.309, 0.0)
    ball = Revolved("b", "BALL", "SAC305", 150.0, 150.0, outline(shape, 0.0, 204.309), None, "", shape)
    (piece,) = section(stack_of(ball), (0, 150), (300, 150))
    r, k = 260.925 / 2, 215.0 / 260.925
    angle = math.pi / 2 + math.acos(k)
    exact = r * r * (angle + math.sin(angle) * -math.cos(angle))
    assert piece.area_um2 == pytest.approx(exact, rel=1e-3)
    assert np.ptp(piece.polygon[:, 0]) == pytest.approx(260.925, rel=1e-4)


def test_the_whole_stack_leaves_no_gap_under_a_cut(small):
    pieces = section(small, (0, 400), (1300, 400))
    top = max(body.z_um + body.h_um for body in small.on("PI2"))
    box = shapely.box(0, -275.0, 1300, top)
    films = [shapely.Polygon(piece.polygon, piece.holes) for piece in pieces if piece.polygon[:, 1].max() <= top + 1e-9]
    assert shapely.union_all(films, grid_size=1e-6).area == pytest.approx(box.area, rel=1e-9)
    assert sum(film.area for film in films) == pytest.approx(box.area, rel=1e-9)


def test_a_ball_beyond_the_ends_of_the_line_gives_no_piece():
    shape = cap(215.0, 260.925, 204.309, 0.0)
    ball = Revolved("b", "BALL", "SAC305", 1500.0, 774.0, outline(shape, 0.0, 204.309), None, "", shape)
    profile = Revolved("p", "BALL", "SAC305", 1500.0, 774.0, outline(shape, 0.0, 204.309), None, "", None)
    assert section(stack_of(ball, profile), (0.0, 950.5), (900.0, 844.0)) == ()
    assert len(section(stack_of(ball, profile), (0.0, 950.5), (1800.0, 737.5))) == 2


# on no wall: a cut along one has the body on either of its sides
places = st.integers(-1000, 14000).map(lambda tenth: tenth / 10 + 0.0137)
ends = st.tuples(places, places)


@given(ends, ends, st.floats(0.05, 0.95))
@settings(max_examples=60, deadline=None)
def test_every_piece_has_an_area_and_two_half_cuts_add_up(small, start, end, share):
    length = math.dist(start, end)
    assume(length > 1.0)
    middle = tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))
    whole, first, second = (section(small, *cut) for cut in ((start, end), (start, middle), (middle, end)))
    for pieces in (whole, first, second):
        assert all(len(piece.polygon) >= 3 and piece.area_um2 > 0 for piece in pieces)
    parts = {}
    for body, area in (*section_area_um2(first).items(), *section_area_um2(second).items()):
        parts[body] = parts.get(body, 0.0) + area
    for body, area in section_area_um2(whole).items():
        assert parts.pop(body, 0.0) == pytest.approx(area, rel=1e-3, abs=1e-2), body
    assert sum(parts.values()) < 1e-2


@given(st.floats(0, math.tau), st.floats(-600, 600))
@settings(max_examples=40, deadline=None)
def test_the_films_fill_every_oblique_cut(small, angle, aside):
    """Below the last dielectric's top there is no gap: the areas add up to the cut's length times the height."""
    along = np.array([math.cos(angle), math.sin(angle)])
    centre = np.array([650.0, 650.0]) + aside * np.array([-along[1], along[0]])
    start, end = (tuple((centre + sign * 2000.0 * along).tolist()) for sign in (-1, 1))
    inside = shapely.intersection(shapely.LineString([start, end]), shapely.box(0, 0, 1300, 1300)).length
    top = max(body.z_um + body.h_um for body in small.on("PI2"))
    pieces = [piece for piece in section(small, start, end) if piece.polygon[:, 1].max() <= top + 1e-9]
    assert sum(piece.area_um2 for piece in pieces) == pytest.approx(inside * (top + 275.0), rel=1e-6, abs=0.5)


def test_two_points_are_needed(small):
    with pytest.raises(ValueError, match="two different points"):
        section(small, (5, 5), (5, 5))


def test_bodies_of_one_film_that_touch_are_joined_as_one_sees_them():
    low, high = shapely.box(20, 0, 80, 100), shapely.box(0, 0, 100, 100)
    stack = stack_of(
        Slab("MASK.fill1", "MASK", "SolderMask", 0.0, 4.0, low, low, part="fill"),
        Slab("MASK", "MASK", "SolderMask", 4.0, 6.0, high, high),
        Slab("RDL.a", "RDL", "Al", 10.0, 2.0, shapely.box(0, 0, 50, 100), shapely.box(0, 0, 50, 100), "a"),
        Slab("RDL.b", "RDL", "Al", 10.0, 2.0, shapely.box(50, 0, 100, 100), shapely.box(50, 0, 100, 100), "b"),
    )
    pieces = section(stack, (0, 50), (100, 50))
    faces = joined(pieces)
    assert [(face.body, face.net) for face in faces] == [("MASK", None), ("RDL.a", "a"), ("RDL.b", "b")]
    assert len(faces[0].polygon) == 8  # a T: no line between stem and bar
    assert faces[0].area_um2 == pytest.approx(60 * 4 + 100 * 6)
    assert sum(face.area_um2 for face in faces) == pytest.approx(sum(piece.area_um2 for piece in pieces))


def test_bodies_of_one_film_that_are_apart_stay_apart():
    one, other = shapely.box(0, 0, 40, 100), shapely.box(41, 0, 100, 100)
    stack = stack_of(Slab("A", "MASK", "PI", 0.0, 4.0, one, one), Slab("B", "MASK", "PI", 0.0, 4.0, other, other))
    assert [face.body for face in joined(section(stack, (0, 50), (100, 50)))] == ["A", "B"]
