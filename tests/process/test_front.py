from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.process.front import Front, Wall

DIE = shapely.box(0, 0, 100, 100)
boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, min(x + w, 100), min(y + h, 100)),
    st.integers(0, 90),
    st.integers(0, 90),
    st.integers(1, 60),
    st.integers(1, 60),
)


def area(front):
    return sum(region.area for _, region in front.levels)


def held(front):
    """Return the volume below the relief."""
    return sum(z * region.area for z, region in front.levels)


@given(st.lists(st.tuples(boxes, st.integers(1, 20)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_filled_is_what_the_relief_grows_by(fills):
    front = Front(((0.0, DIE),))
    for region, z_top in fills:
        films, after = front.filled(Wall(region), float(z_top))
        added = sum(film.h_um * film.bottom.area for film in films)
        assert held(after) - held(front) == pytest.approx(added, abs=0.2)
        assert area(after) == pytest.approx(100.0**2, abs=0.02)
        assert [z for z, _ in after.levels] == sorted({z for z, _ in after.levels})
        for lower, upper in pairwise(films):
            assert upper.z_um == pytest.approx(lower.z_um + lower.h_um)
            assert upper.bottom.buffer(1e-6).covers(lower.bottom)
        front = after


def test_a_hole_is_filled_from_its_floor():
    _, front = Front(((0.0, DIE),)).filled(Wall(DIE.difference(shapely.box(40, 40, 60, 60))), 6.0)
    lower, upper = front.layers(shapely.box(30, 30, 70, 70), 11.0)
    assert (lower.z_um, lower.h_um, lower.bottom.area) == (0.0, 6.0, 400.0)
    assert (upper.z_um, upper.h_um, upper.bottom.area) == (6.0, 5.0, 1600.0)


def test_nothing_is_filled_below_the_surface():
    front = Front(((5.0, DIE),))
    assert front.layers(DIE, 5.0) == []
    assert front.filled(Wall(DIE), 4.0) == ([], front)


def test_the_highest_place_under_a_region():
    _, front = Front(((0.0, DIE),)).filled(Wall(shapely.box(0, 0, 50, 100)), 3.0)
    assert front.highest_um(shapely.box(40, 0, 60, 10)) == 3.0
    assert front.highest_um(shapely.box(60, 0, 70, 10)) == 0.0
    with pytest.raises(ValueError, match="outside the die"):
        front.highest_um(shapely.box(200, 0, 210, 10))


@given(st.lists(st.tuples(boxes, st.integers(1, 9)), min_size=1, max_size=6), st.lists(boxes, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_many_regions_at_once_are_filled_like_each_alone(fills, regions):
    front = Front(((0.0, DIE),))
    for region, z_top in fills:
        _, front = front.filled(Wall(region), float(z_top))
    for region, films in zip(regions, front.layers_of(regions, 10.0), strict=True):
        alone = front.layers(region, 10.0)
        assert [(film.z_um, film.h_um) for film in films] == [(film.z_um, film.h_um) for film in alone]
        for film, other in zip(films, alone, strict=True):
            assert shapely.symmetric_difference(film.bottom, other.bottom).area < 1e-2
