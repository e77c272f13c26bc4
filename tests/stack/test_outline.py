import math

import numpy as np
import pytest
import shapely

from chipscale.layout.outline import circle_points
from chipscale.layout.types import Circle
from chipscale.stack.outline import Prism, disc_of, offset, prisms, signed_area, simplified, tapered
from chipscale.stack.types import Slab


def prism_of(region):
    return prisms(Slab("s", "RDL", "Cu", 0.0, 1.0, region, region))


def test_a_mask_circle_is_recognised_with_its_area():
    ring = circle_points(Circle("UBM", "ubm", 100.0, 50.0, 215.0))
    disc = disc_of(np.round(ring, 3))
    assert disc is not None
    assert (disc.x_um, disc.y_um) == pytest.approx((100.0, 50.0), abs=1e-3)
    assert math.pi * disc.r_um**2 == pytest.approx(signed_area(ring), rel=1e-5)


def test_other_rings_are_no_circles():
    ellipse = circle_points(Circle("UBM", "ubm", 0.0, 0.0, 200.0)) * [1.0, 1.01]
    assert disc_of(ellipse) is None
    assert disc_of(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float)) is None
    line = np.column_stack((np.linspace(0, 100, 40), np.zeros(40)))
    assert disc_of(np.vstack((line, line[::-1] + np.array([0, 40])))) is None


@pytest.mark.parametrize(("tolerance_um", "at_least"), [(0.2, 5), (1.0, 100)])
def test_simplifying_keeps_areas_and_shared_walls(small, tolerance_um, at_least):
    metal = [body for body in small.on("RDL") if not body.part]
    film = next(body for body in small.on("PI2") if body.part == "fill")
    holes = {}
    for prism in prisms(film):
        for ring in simplified(prism, tolerance_um).bottom:
            holes[frozenset(map(tuple, np.round(ring, 6)))] = ring
    fewer = 0
    for body in metal:
        (prism,) = prisms(body)
        less = simplified(prism, tolerance_um)
        fewer += len(prism.bottom[0]) - len(less.bottom[0])
        assert signed_area(less.bottom[0]) == pytest.approx(signed_area(prism.bottom[0]), rel=1e-6)
        assert frozenset(map(tuple, np.round(less.bottom[0], 6))) in holes
        moved = shapely.hausdorff_distance(shapely.LinearRing(less.bottom[0]), shapely.LinearRing(prism.bottom[0]))
        assert moved < 2 * tolerance_um
    assert fewer >= at_least


def test_a_tapered_prism_keeps_its_vertex_pairs():
    bottom = shapely.Point(0, 0).buffer(100, quad_segs=32)
    (prism,) = prisms(Slab("s", "PI1", "PI", 0.0, 5.0, bottom, tapered(bottom, -3.0)))
    less = simplified(prism, 0.5)
    assert len(less.bottom[0]) == len(less.top[0]) < len(prism.bottom[0])
    gap = np.hypot(*(less.bottom[0] - less.top[0]).T)
    assert gap == pytest.approx(np.full(len(gap), gap[0]), rel=0.02)


def test_offset_moves_sides_not_corners():
    square = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], float)
    assert sorted(map(tuple, offset(square, 1.0).tolist())) == [(-1, -1), (-1, 11), (11, -1), (11, 11)]


def test_taper_that_closes_a_shape_is_refused():
    with pytest.raises(ValueError, match="closes the shape"):
        tapered(shapely.box(0, 0, 10, 3), -2.0)


def test_outlines_must_match():
    slab = Slab("s", "PI1", "PI", 0.0, 1.0, shapely.box(0, 0, 4, 4), shapely.Point(2, 2).buffer(1))
    with pytest.raises(ValueError, match="vertex by vertex"):
        prisms(slab)


def test_nothing_is_done_without_tolerance():
    (prism,) = prism_of(shapely.Point(0, 0).buffer(10))
    assert simplified(prism, 0.0) is prism
    assert isinstance(prism, Prism)
    assert prism.straight
