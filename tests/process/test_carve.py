import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from chipscale.process.relief.carve import carve, cut_to
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.slices import Layer
from chipscale.stack.outline import tapered
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Slab, Stack
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

DIE = shapely.box(0, 0, 100, 80)


def slab(name, z, h, bottom=DIE, top=None):
    return Slab(name, name.split(".")[0], "Si", z, h, bottom, bottom if top is None else top)


def test_a_body_is_cut_at_the_floor_and_keeps_its_name_below_it():
    die = slab("DIE", 0.0, 50.0)
    pit = shapely.box(20, 20, 60, 60)
    low, high = carve((die,), Wall(pit, 50.0, 0.5), 30.0)
    assert (low.name, z_range_um(low), low.bottom.area) == ("DIE", (0.0, 30.0), 8000.0)
    assert (high.name, z_range_um(high)) == ("DIE.2", (30.0, 50.0))
    assert high.bottom.area == pytest.approx(8000 - 20.0**2)
    assert high.top.area == pytest.approx(8000 - 40.0**2)
    assert (low.layer, high.layer, high.material) == ("DIE", "DIE", "Si")


def test_names_stay_unique_when_it_is_cut_again():
    bodies = carve((slab("DIE", 0.0, 50.0),), Wall(shapely.box(0, 0, 40, 80)), 30.0)
    bodies = carve(bodies, Wall(shapely.box(0, 0, 20, 80)), 10.0)
    bodies = carve(bodies, Wall(shapely.box(90, 0, 100, 80)), 40.0)
    assert [body.name for body in bodies] == ["DIE", "DIE.3", "DIE.2", "DIE.2.2"]
    assert sum(map(volume_um3, bodies)) == pytest.approx(50 * 8000 - 20 * 40 * 80 - 20 * 20 * 80 - 10 * 10 * 80)
    assert overlaps(Stack("s", 100.0, 80.0, bodies), 1e-6) == []


def test_what_lies_in_the_cut_as_a_whole_is_gone_and_the_rest_is_untouched():
    inside, beside = slab("PAD.a", 10.0, 1.0, shapely.box(30, 30, 40, 40)), slab("PAD.b", 10.0, 1.0)
    below = slab("GLASS", -5.0, 5.0)
    far = slab("PAD.c", 10.0, 1.0, shapely.box(80, 60, 90, 70))
    left = carve((below, inside, beside, far), Wall(shapely.box(20, 20, 60, 60)), 5.0)
    assert [body.name for body in left] == ["GLASS", "PAD.b", "PAD.c"]
    assert left[0] is below
    assert left[2] is far


def test_the_rest_of_the_die_can_be_cut_away():
    kept = shapely.box(10, 10, 90, 70)
    (body,) = carve((slab("DIE", 0.0, 50.0),), Wall(kept, within=DIE), -1.0)
    assert shapely.symmetric_difference(body.bottom, kept).area < 1e-9


def test_a_leaning_body_met_between_its_ends_only():
    """A wire that runs down a slope passes the cut on its way, with neither end in it."""
    wire = shapely.box(10, 30, 15, 40)
    body = slab("RDL", 0.0, 40.0, wire, translate(wire, 60.0))
    left = carve((body,), Wall(shapely.box(38, 0, 44, 80)), -1.0)
    taken = volume_um3(body) - sum(map(volume_um3, left))
    # a slanted strip 5 wide that moves 1.5 µm per µm: the time both overlap, as areas of a trapezium
    assert taken == pytest.approx(10.0 * 5.0 * 6.0 / 1.5, rel=1e-3)


def test_a_leaning_film_is_cut_exactly():
    film = slab("PI1", 0.0, 6.0, DIE.difference(shapely.box(40, 30, 60, 50)))
    film = Slab("PI1", "PI1", "PI", 0.0, 6.0, film.bottom, tapered(film.bottom, -2.0))
    left = carve((film,), Wall(shapely.box(0, 0, 10, 80)), 2.0, DIE)
    taken = volume_um3(film) - sum(map(volume_um3, left))
    x0, x1, y0, y1 = 2 / 3, 2.0, 80 - 4 / 3, 76.0  # the film's own outer wall leans: at 2 and at 6 µm
    low, high = (10 - x0) * y0, (10 - x1) * y1
    middle = (10 - (x0 + x1) / 2) * (y0 + y1) / 2
    assert taken == pytest.approx(4 / 6 * (low + 4 * middle + high))


def test_a_cut_through_a_ball_is_refused():
    shape = cap(50.0, 60.0, 45.0, 10.0)
    ball = Revolved("BALL.A1", "BALL", "SAC305", 50.0, 40.0, outline(shape, 10.0, 55.0), None, "", shape)
    with pytest.raises(ValueError, match=r"through BALL\.A1"):
        carve((ball,), Wall(shapely.box(0, 0, 30, 80)), 0.0, DIE)
    assert carve((ball,), Wall(shapely.box(0, 0, 10, 80)), 0.0, DIE) == (ball,)


def test_a_film_is_shared_out_among_regions():
    front = Front(((0.0, DIE),)).cut(Wall(shapely.box(0, 0, 50, 80), 0.0, 0.5), -40.0)
    strips = [shapely.box(5, y, 95, y + 4) for y in range(2, 78, 8)]
    every = shapely.MultiPolygon(strips)
    layers, _ = front.covered(3.0, 2.0, every)
    whole = sum(volume_um3(Slab("f", "RDL", "Cu", *layer)) for layer in layers)
    wires = cut_to(layers, strips)
    volumes = [sum(volume_um3(Slab("w", "RDL", "Cu", *part)) for part in wire) for wire in wires]
    assert volumes == pytest.approx([whole / len(strips)] * len(strips))
    for wire in wires:
        assert [part.z_um for part in wire] == [layer.z_um for layer in layers]
        assert all(len(shapely.get_parts(part.bottom)) == 1 for part in wire)


def test_shared_out_where_nothing_is():
    ring = DIE.difference(shapely.box(20, 20, 80, 60))
    layer = Layer(0.0, 5.0, ring, ring)
    nothing, all_of_it, edge = cut_to([layer], [shapely.box(30, 30, 40, 40), DIE, shapely.box(0, 0, 30, 30)])
    assert nothing == []
    assert all_of_it[0].bottom.area == pytest.approx(ring.area)
    assert edge[0].bottom.area == pytest.approx(900 - 100)


def test_same_cut_same_bodies():
    opening = Wall(shapely.Point(50, 40).buffer(20, quad_segs=16), 50.0, 0.5)
    one, two = (carve((slab("DIE", 0.0, 50.0),), opening, 20.0) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(shapely.get_coordinates(a.bottom), shapely.get_coordinates(b.bottom))
        assert np.array_equal(shapely.get_coordinates(a.top), shapely.get_coordinates(b.top))
