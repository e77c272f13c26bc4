import math
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.process.relief.carve import carve
from chipscale.process.relief.front import Front, Wall
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, region_at, volume_um3

DIE = shapely.box(0, 0, 100, 100)
boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, min(x + w, 100), min(y + h, 100)),
    st.integers(0, 90),
    st.integers(0, 90),
    st.integers(1, 60),
    st.integers(1, 60),
)
leans = st.sampled_from([0.0, 0.0, 0.268, 0.577, 1.0])


def lean_of(wall_deg):
    return 1.0 / math.tan(math.radians(wall_deg))


def area(front):
    return sum(region.area for _, region in front.levels)


def held(front):
    """Return the volume below the relief."""
    return front.top_um * front.whole.area - sum(volume(band) for band in front.bands)


def volume(layer):
    return volume_um3(slab("layer", layer))


def slab(name, layer):
    return Slab(name, "PI1", "PI", *layer)


@given(st.lists(st.tuples(boxes, st.integers(1, 20)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_filled_is_what_the_relief_grows_by(fills):
    front = Front(((0.0, DIE),))
    for region, z_top in fills:
        films, after = front.filled(Wall(region), float(z_top))
        added = sum(film.h_um * film.bottom.area for film in films)
        assert held(after) - held(front) == pytest.approx(added, abs=0.2)
        assert area(after) == pytest.approx(100.0**2, abs=0.02)
        assert sum(z * region.area for z, region in after.levels) == pytest.approx(held(after), abs=0.2)
        assert [z for z, _ in after.levels] == sorted({z for z, _ in after.levels})
        for lower, upper in pairwise(films):
            assert upper.z_um == pytest.approx(lower.z_um + lower.h_um)
            assert upper.bottom.buffer(1e-6).covers(lower.bottom)
        front = after


def test_a_relief_made_of_levels_is_the_one_that_was_filled():
    low, high = shapely.box(0, 0, 40, 100), shapely.box(40, 0, 100, 100)
    front = Front(((3.0, high), (1.0, low)))
    _, filled = Front(((1.0, DIE),)).filled(Wall(high), 3.0)
    assert (front.top_um, front.whole.area) == (3.0, 1e4)
    assert [(z, region.area) for z, region in front.levels] == [(z, region.area) for z, region in filled.levels]
    assert held(front) == held(filled)
    assert Front(()).levels == ()


def test_a_hole_is_filled_from_its_floor():
    _, front = Front(((0.0, DIE),)).filled(Wall(DIE.difference(shapely.box(40, 40, 60, 60))), 6.0)
    lower, upper = front.layers(shapely.box(30, 30, 70, 70), 11.0)
    assert (lower.z_um, lower.h_um, lower.bottom.area) == (0.0, 6.0, 400.0)
    assert (upper.z_um, upper.h_um, upper.bottom.area) == (6.0, 5.0, 1600.0)


def test_nothing_is_filled_below_the_surface():
    front = Front(((5.0, DIE),))
    assert front.layers(DIE, 5.0) == []
    assert front.filled(Wall(DIE), 4.0) == ([], front)


def test_the_highest_and_lowest_place_under_a_region():
    _, front = Front(((0.0, DIE),)).filled(Wall(shapely.box(0, 0, 50, 100)), 3.0)
    assert front.highest_um(shapely.box(40, 0, 60, 10)) == 3.0
    assert front.highest_um(shapely.box(60, 0, 70, 10)) == 0.0
    assert front.lowest_um(shapely.box(40, 0, 60, 10)) == 0.0
    assert front.lowest_um(shapely.box(10, 0, 50, 10)) == 3.0
    for ask in (front.highest_um, front.lowest_um):
        with pytest.raises(ValueError, match="outside the die"):
            ask(shapely.box(200, 0, 210, 10))


def test_the_height_of_a_leaning_wall_is_found_where_the_region_lies():
    front = Front(((0.0, DIE),)).cut(Wall(shapely.box(0, 0, 50, 100), 0.0, 0.5), -40.0)  # floor 30, mouth 50 wide
    strip = shapely.box(35, 10, 45, 20)  # on the wall, from 5 to 15 µm beyond its foot
    assert front.lowest_um(strip) == pytest.approx(-30.0, abs=2e-3)
    assert front.highest_um(strip) == pytest.approx(-10.0, abs=2e-3)
    assert front.open_at(-20.0).area == pytest.approx(4000.0)
    assert front.open_at(-41.0).is_empty
    assert front.open_at(0.0) is front.whole


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


def test_an_opening_is_its_mask_at_the_foot_and_wider_above():
    feet = shapely.MultiPolygon([shapely.box(20, 20, 40, 40), shapely.Point(70, 70).buffer(10, quad_segs=16)])
    front = Front(((1.0, DIE),))
    (film,), after = front.filled(front.outside(Wall(feet, 1.0, lean_of(60))), 7.0)
    assert shapely.symmetric_difference(film.bottom, DIE.difference(feet)).area < 1e-9
    side = 20 + 2 * 6 * lean_of(60)
    assert DIE.difference(film.top).intersection(shapely.box(0, 0, 50, 50)).area == pytest.approx(side**2)
    assert [z for z, _ in after.levels] == [1.0, 7.0]
    assert shapely.symmetric_difference(after.levels[0][1], feet).area < 1e-9


def test_a_plug_fills_its_leaning_opening_without_gap_or_overlap():
    foot = shapely.Point(50, 50).buffer(15, quad_segs=16)
    front = Front(((0.0, DIE),))
    (film,), front = front.filled(front.outside(Wall(foot, 0.0, lean_of(65))), 6.0)
    (plug, land), after = front.filled(Wall(shapely.box(25, 25, 75, 75)), 10.0)
    assert shapely.symmetric_difference(plug.bottom, foot).area < 1e-9
    assert volume(plug) + volume(film) == pytest.approx(6.0 * 1e4, rel=1e-12)
    assert overlaps(Stack("s", 100.0, 100.0, (slab("film", film), slab("plug", plug), slab("land", land))), 1e-6) == []
    assert after.bands[0].z_um == 6.0


def test_a_wall_that_hardly_leans_is_upright():
    front = Front(((0.0, DIE),))
    (film,), _ = front.filled(front.outside(Wall(shapely.box(20, 20, 40, 40), 0.0, 1e-4)), 5.0)
    assert film.upright
    assert film.bottom.area == pytest.approx(1e4 - 400.0, abs=0.05)


def test_a_film_with_a_wall_on_the_dies_edge_leans_only_inside():
    front = Front(((0.0, DIE),)).cut(Wall(shapely.box(0, 0, 60, 100), 0.0, 0.5), -40.0)
    ((z_floor, floor), (z_top, rest)) = front.levels
    assert (z_floor, floor.bounds) == (-40.0, (0.0, 0.0, 40.0, 100.0))
    assert (z_top, rest.bounds) == (0.0, (60.0, 0.0, 100.0, 100.0))


def groove(lean=0.47, width=50.0, depth=40.0):
    return Front(((0.0, DIE),)).cut(Wall(shapely.box(0, 0, width, 100), 0.0, lean), -depth)


def test_a_conformal_film_is_as_thick_square_to_the_wall_as_on_the_level():
    front, t = groove(), 4.0
    films, after = front.covered(t, t)
    ring = after.bands[0]
    slope = math.hypot(1.0, 0.47)
    at_middle = -20.0
    outer, inner = front.open_at(at_middle).bounds[2], after.open_at(at_middle).bounds[2]
    assert (outer - inner) / slope == pytest.approx(t)
    assert (ring.z_um, after.top_um) == (-36.0, 4.0)
    # a film of even thickness over floor, wall and top: t times the length of the faces, plus the corner at the mouth
    # and less the one at the floor, which are alike
    floor, wall, top = 50.0 - 0.47 * 40.0, 40.0 * slope, 50.0
    assert sum(map(volume, films)) == pytest.approx(100.0 * t * (floor + wall + top), rel=1e-9)
    assert held(after) - held(front) == pytest.approx(sum(map(volume, films)), rel=1e-9)


def test_a_film_thin_on_walls():
    front = groove(lean=0.0)
    films, after = front.covered(4.0, 1.0)
    assert sum(map(volume, films)) == pytest.approx(100.0 * (4.0 * 49.0 + 1.0 * 40.0 + 4.0 * 51.0))
    assert after.levels[0][1].bounds[2] == pytest.approx(49.0)


def test_a_wire_down_the_wall_is_a_layer_that_moves_along_the_slope():
    front = groove()
    strip = shapely.box(5, 30, 90, 50)
    films, after = front.covered(3.0, 3.0, strip)
    wall = next(film for film in films if not film.upright and film.h_um > 30)
    shift = shapely.get_coordinates(wall.top) - shapely.get_coordinates(wall.bottom)
    assert shift[:, 0] == pytest.approx(0.47 * wall.h_um, abs=1e-9)
    assert shift[:, 1] == pytest.approx(0.0, abs=1e-9)
    assert sum(map(volume, films)) == pytest.approx(20 * 3.0 * (50 - 0.47 * 40 - 5 + 40 * math.hypot(1, 0.47) + 40))
    assert held(after) - held(front) == pytest.approx(sum(map(volume, films)))
    assert after.lowest_um(shapely.box(10, 0, 20, 100)) == -40.0  # beside the wire


def test_a_gap_narrower_than_two_walls_closes():
    slot = shapely.box(40, 0, 46, 100)
    front = Front(((0.0, DIE),)).cut(Wall(slot), -20.0)
    films, after = front.covered(4.0, 4.0)
    assert after.bands == ()
    assert after.top_um == 4.0
    assert sum(map(volume, films)) == pytest.approx(1e4 * 4.0 + 600 * 20.0)
    leaning = Front(((0.0, DIE),)).cut(Wall(shapely.box(30, 0, 60, 100), 0.0, 0.5), -28.0)
    films, after = leaning.covered(4.0, 4.0)  # a floor of 2 µm: the film meets above it
    assert after.levels[0][0] > -24.0 + 1.0
    assert held(after) - held(leaning) == pytest.approx(sum(map(volume, films)), rel=1e-4)


def test_a_second_groove_cuts_through_the_film_of_the_first():
    first, wall = Front(((100.0, DIE),)), Wall(shapely.box(0, 0, 60, 100), 100.0, 0.47)
    silicon = Slab("DIE", "DIE", "Si", 0.0, 100.0, DIE, DIE)
    device = Slab("DEVICE", "DEVICE", "SiO2", -20.0, 20.0, DIE, DIE)
    bodies, front = carve((device, silicon), wall, 0.0, DIE), first.cut(wall, 0.0)
    films, front = front.covered(5.0, 4.0)
    bodies += tuple(Slab(f"INS{k}", "INS", "PI", *film) for k, film in enumerate(films))
    before, notch = held(front), Wall(shapely.box(0, 0, 8, 100), 0.0, lean_of(75))
    left, after = carve(bodies, notch, -15.0, DIE), front.cut(notch, -15.0)
    taken = sum(map(volume_um3, bodies)) - sum(map(volume_um3, left))
    assert before - held(after) == pytest.approx(taken, rel=1e-9)
    assert after.levels[0][0] == -15.0
    assert overlaps(Stack("s", 100.0, 100.0, left), 1e-3) == []
    assert [body.name for body in left] == ["DEVICE", "DEVICE.2", "DIE", "INS0", "INS1", "INS2"]


def test_an_opening_partly_over_a_step_does_not_fall():
    front = Front(((0.0, DIE),))
    _, front = front.filled(Wall(shapely.box(0, 0, 50, 100)), 2.0)
    opening = Wall(shapely.Point(52, 50).buffer(12, quad_segs=16), 0.0, lean_of(50))
    films, after = front.filled(front.outside(opening), 8.0)
    assert held(after) - held(front) == pytest.approx(sum(map(volume, films)), rel=1e-6)
    for z in (0.5, 1.9, 2.1, 5.0, 7.9):
        hole = opening.at(z, DIE)
        open_room = hole if z > 2 else shapely.difference(hole, shapely.box(0, 0, 50, 100))
        assert shapely.symmetric_difference(after.open_at(z), open_room).area < 0.05
    assert len(films) < 12


def test_openings_that_meet_above_their_feet_become_one():
    feet = shapely.MultiPolygon([shapely.box(20, 40, 40, 60), shapely.box(44, 40, 64, 60)])
    front = Front(((0.0, DIE),))
    films, after = front.filled(front.outside(Wall(feet, 0.0, 1.0)), 6.0)
    assert len(shapely.get_parts(films[0].bottom.interiors)) == 2
    assert len(shapely.get_parts(films[-1].top.interiors)) == 1
    assert films[-1].z_um == pytest.approx(2.0, abs=1e-3)
    assert held(after) - held(front) == pytest.approx(sum(map(volume, films)), rel=1e-6)


steps = st.one_of(
    st.tuples(st.just("fill"), boxes, st.integers(-6, 6), st.just(0.0)),
    st.tuples(st.just("open"), boxes, st.integers(1, 6), leans),
    st.tuples(st.just("cover"), st.none() | boxes, st.sampled_from([0.5, 1.0, 2.0]), st.sampled_from([1.0, 0.6])),
    st.tuples(st.just("cut"), boxes, st.integers(1, 12), leans),
)


def worked(front, bodies, step, number):
    """Return the relief and the bodies after one of the random steps."""
    kind, region, size, lean = step
    if kind == "cut":
        wall, floor = Wall(region, front.top_um, lean), front.top_um - size
        return front.cut(wall, floor), carve(bodies, wall, floor, DIE)
    if kind == "cover":
        films, after = front.covered(size, size * lean, region)
    elif kind == "open":
        films, after = front.filled(front.outside(Wall(region, front.levels[0][0], lean)), front.top_um + size)
    else:
        films, after = front.filled(Wall(region), front.top_um + size)
    return after, (*bodies, *(Slab(f"{kind}{number}.{k}", "PI1", "PI", *film) for k, film in enumerate(films)))


@given(st.lists(steps, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_whatever_is_done_volumes_balance_and_bodies_fill_all_below_the_surface(steps):
    front = Front(((0.0, DIE),))
    bodies = (Slab("DIE", "DIE", "Si", -60.0, 60.0, DIE, DIE),)
    for number, step in enumerate(steps):
        after, made = worked(front, bodies, step, number)
        grown = sum(map(volume_um3, made)) - sum(map(volume_um3, bodies))
        assert held(after) - held(front) == pytest.approx(grown, rel=1e-4, abs=0.5)
        front, bodies = after, made
    assert len({body.name for body in bodies}) == len(bodies)
    assert overlaps(Stack("s", 100.0, 100.0, bodies), 0.5) == []
    for k in range(12):
        z = -59.5 + (front.top_um + 59.0) * (k + 0.37) / 12
        sections = [region_at(body, z) for body in bodies if body.z_um <= z < body.z_um + body.h_um]
        solid = shapely.union_all(sections, grid_size=1e-6)
        assert sum(part.area for part in sections) == pytest.approx(solid.area, abs=0.5)
        assert solid.area + front.open_at(z).area == pytest.approx(1e4, abs=1.0)
    tops = [region.area for z, region in front.levels if abs(z - front.top_um) < 1e-9]
    assert all(area > 0 for area in tops)
