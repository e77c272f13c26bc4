import dataclasses
import math

import numpy as np
import pytest
import shapely

from chipscale.package.joint import profile, reflowed
from chipscale.stack.outline import tapered
from chipscale.stack.revolve import cap, outline
from chipscale.stack.types import Revolved, Slab, Spheroid
from chipscale.stack.volume import areas_um2, overlaps, region_at, volume_um3, z_range_um


def revolved(points, spheroid=None):
    return Revolved("r", "BALL", "SAC305", 0.0, 0.0, np.asarray(points, float), None, "", spheroid)


def test_reflowed_ball_holds_the_sphere_it_was():
    for sphere, base in ((250.0, 215.0), (300.0, 250.0), (80.0, 200.0)):
        d, h = reflowed(sphere, base)
        shape = cap(base, d, h, 12.0)
        ball = revolved(outline(shape, 12.0, 12.0 + h), shape)
        assert volume_um3(ball) == pytest.approx(math.pi * sphere**3 / 6, rel=1e-9)
        assert ball.profile[0] == pytest.approx([base / 2, 12.0])
        assert ball.profile[-1] == pytest.approx([0.0, 12.0 + h])


def test_the_ball_is_the_joint_shape_of_the_package():
    d, h = reflowed(250.0, 215.0)
    shape = cap(215.0, d, h, 0.0)
    assert outline(shape, 0.0, h, 33) == pytest.approx(profile(250.0, 215.0, 33), abs=1e-6)


def test_given_width_and_height_are_kept_where_no_sphere_has_them():
    shape = cap(200.0, 300.0, 180.0, 5.0)
    points = outline(shape, 5.0, 185.0, 2001)
    assert points[0] == pytest.approx([100.0, 5.0])
    assert points[:, 0].max() == pytest.approx(150.0, rel=1e-6)
    frusta = revolved(points)
    assert volume_um3(frusta) == pytest.approx(volume_um3(revolved(points, shape)), rel=1e-5)


def test_frusta_of_a_profile():
    cone = revolved([(3.0, 0.0), (0.0, 4.0)])
    assert volume_um3(cone) == pytest.approx(math.pi * 9 * 4 / 3, rel=1e-14)


def test_a_tapered_slab_is_a_prismatoid():
    bottom = shapely.box(0, 0, 10, 20)
    slab = Slab("t", "PI1", "PI", 1.0, 5.0, bottom, tapered(bottom, -2.0))
    low, high = 200.0, 6.0 * 16.0
    middle = 8.0 * 18.0
    assert volume_um3(slab) == pytest.approx(5 / 6 * (low + 4 * middle + high), rel=1e-14)
    assert region_at(slab, 3.5).area == pytest.approx(middle, rel=1e-14)


def test_a_tapered_hole_widens_when_the_material_shrinks():
    bottom = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    top = tapered(bottom, -1.0)
    assert top.area == pytest.approx(28**2 - 12**2)


def test_areas_add_up_to_the_die_wherever_films_fill_it(small):
    top = max(z_range_um(body)[1] for body in small.on("PI2"))
    for z in np.linspace(-249.0, top - 0.1, 40):
        assert sum(areas_um2(small, float(z)).values()) == pytest.approx(1300.0**2, rel=1e-9)
    low = min(z_range_um(body)[0] for body in small.bodies)
    filled = sum(volume_um3(body) for body in small.bodies if z_range_um(body)[1] <= top + 1e-9)
    assert filled == pytest.approx(1300.0**2 * (top - low), rel=1e-9)


def test_no_two_bodies_claim_the_same_room(small, caravel):
    assert overlaps(small) == []
    assert overlaps(caravel) == []


def test_overlaps_are_found_and_measured(small):
    rdl = next(body for body in small.on("RDL") if body.net == "vss" and not body.part)
    raised = dataclasses.replace(rdl, name="raised", z_um=rdl.z_um + 1.0)
    ball = next(body for body in small.on("BALL") if body.name == "BALL.A1")
    sunk = dataclasses.replace(ball, name="sunk", x_um=ball.x_um + 100.0, spheroid=None, profile=ball.profile.copy())
    found = overlaps(dataclasses.replace(small, bodies=(rdl, raised, ball, sunk)))
    assert [(pair.first, pair.second) for pair in found] == [(rdl.name, "raised"), ("BALL.A1", "sunk")]
    assert found[0].volume_um3 == pytest.approx(rdl.bottom.area * (rdl.h_um - 1.0), rel=1e-9)


def test_a_full_sphere():
    shape = Spheroid(5.0, 5.0, 5.0)
    assert volume_um3(revolved(outline(shape, 0.0, 10.0), shape)) == pytest.approx(math.pi * 1000 / 6, rel=1e-12)
    assert region_at(revolved(outline(shape, 0.0, 10.0), shape), 5.0).area == pytest.approx(25 * math.pi, rel=1e-12)


def test_a_ball_needs_measures():
    with pytest.raises(ValueError, match="positive"):
        cap(0.0, 10.0, 5.0, 0.0)
