import math

import numpy as np
import pytest
import shapely

from chipscale.process.kinds.sputter import Evaporate, Sputter
from chipscale.process.masks import Masks
from chipscale.process.models.seed_coverage import evaporated_ratio, sputtered_ratio
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.open_walls import OpenWall, open_walls, thinnest
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work
from chipscale.stack.types import Slab

BATCH = Batch(300.0, 2000, 60, 3588.0, 5188.0, 80.0, 80.0)


def work_of(masks, wall_deg=90.0, depth_um=6.0, mask="PI1"):
    """Return a dielectric with the mask's openings in it, their walls at that angle."""
    lean = 0.0 if wall_deg == 90.0 else 1 / math.tan(math.radians(wall_deg))
    layers, front = Front(((0.0, masks.die),)).filled(Wall(masks.region(mask), 0.0, lean, masks.die), depth_um)
    bodies = tuple(Slab(mask, mask, "PI", *layer) for layer in layers)
    return Work("w", masks.size_x_um, masks.size_y_um, bodies, front)


# ---- what walls get


@pytest.mark.parametrize("wall_deg", [0.0, 30.0, 60.0, 85.0, 90.0])
def test_straight_from_above_it_is_the_cosine(wall_deg):
    assert evaporated_ratio(wall_deg) == pytest.approx(math.cos(math.radians(wall_deg)), abs=1e-12)


@pytest.mark.parametrize("tilt_deg", [10.0, 30.0, 50.0])
def test_an_upright_wall_under_a_turning_wafer(tilt_deg):
    assert evaporated_ratio(90.0, tilt_deg) == pytest.approx(math.tan(math.radians(tilt_deg)) / math.pi, rel=1e-5)


def test_the_other_rim_stands_in_the_way_of_a_tilted_flux():
    free, deep = evaporated_ratio(90.0, 45.0), evaporated_ratio(90.0, 45.0, 30.0, 20.0)
    assert deep == 0.0 < free  # the rim stands higher than the flux is steep
    assert evaporated_ratio(90.0, 45.0, 10.0, 1000.0) == pytest.approx(free, rel=1e-2)


@pytest.mark.parametrize("aspect", [0.1, 0.5, 1.0, 2.0, 4.0])
def test_an_upright_round_opening_sees_the_known_share_of_the_sky(aspect):
    """View factor from a place on a cylinder's wall to its open end, Z below it in diameters."""
    exact = (aspect**2 + 0.5) / math.sqrt(aspect**2 + 1) - aspect
    assert sputtered_ratio(90.0, 20.0 * aspect, 20.0) == pytest.approx(exact, rel=4e-3, abs=2e-5)


def test_a_wall_in_the_open_sees_half_the_sky_and_more():
    assert sputtered_ratio(90.0) == pytest.approx(0.5)
    assert sputtered_ratio(60.0) == pytest.approx(0.75)
    assert sputtered_ratio(60.0, 5.0, 3000.0) == pytest.approx(0.75, rel=1e-2)
    assert sputtered_ratio(60.0, 5.0, 20.0) > sputtered_ratio(80.0, 5.0, 20.0) > sputtered_ratio(80.0, 10.0, 20.0)


# ---- which walls there are


@pytest.mark.parametrize("wall_deg", [90.0, 75.0, 55.0])
def test_walls_of_openings_are_found_as_they_are(layout, wall_deg):
    (found,) = open_walls(work_of(Masks(layout), wall_deg))
    assert (found.layer, found.depth_um) == ("PI1", 6.0)
    assert found.wall_deg == pytest.approx(wall_deg, abs=0.2)
    assert found.width_um == pytest.approx(60.0)


def test_covered_walls_don_t_count(layout):
    masks = Masks(layout)
    work = work_of(masks, 80.0)
    layers, front = work.front.filled(Wall(masks.die), 10.0)
    assert open_walls(work.with_bodies([Slab("X", "X", "PI", *layer) for layer in layers], front)) == ()
    plug, front = work.front.filled(Wall(shapely.box(150, 50, 250, 150)), 6.0)
    left = open_walls(work.with_bodies([Slab("P", "RDL", "Cu", *layer) for layer in plug], front))
    assert len(left) == 1  # of two openings alike, one is filled level


def test_a_groove_at_the_edge_has_a_wall(layout):
    masks = Masks(layout)
    wall = Wall(shapely.box(0, 0, 60, 600), -40.0, 0.5)
    front = Front(((0.0, masks.die),)).cut(wall, -40.0)
    from chipscale.process.relief.carve import carve

    die = Slab("DIE", "DIE", "Si", -100.0, 100.0, masks.die, masks.die)
    found = open_walls(Work("w", 1000.0, 600.0, carve((die,), wall, -40.0, masks.die), front))
    assert [(wall.layer, wall.depth_um, wall.width_um) for wall in found] == [("DIE", 40.0, math.inf)]
    assert found[0].wall_deg == pytest.approx(63.4, abs=0.5)


def test_the_thinnest_place():
    walls = (OpenWall("PI1", 60.0, 5.0, 20.0), OpenWall("PI1", 80.0, 5.0, 20.0))
    share, where = thinnest(walls, lambda wall: evaporated_ratio(wall.wall_deg))
    assert (round(share, 4), where.wall_deg) == (0.1736, 80.0)
    assert thinnest((), lambda wall: 0.0) == (1.0, None)


# ---- the steps


def test_a_seed_lies_on_everything_and_is_no_body(layout):
    masks = Masks(layout)
    work = Sputter().effect(work_of(masks), masks)
    assert work.blanket.is_seed
    assert (work.blanket.material, work.blanket.thickness_um) == ("Ti/Cu", 0.4)
    assert len(work.bodies) == 1
    figures = work.note.figures
    assert figures["wall_coverage_ratio"] == pytest.approx(sputtered_ratio(90.0, 6.0, 60.0))
    assert figures["seed_on_walls_nm"] == pytest.approx(300.0 * figures["wall_coverage_ratio"])
    assert figures["on_walls_nm"] == pytest.approx(1000 * work.blanket.wall_thickness_um)
    assert not work.note.warnings


def test_titanium_then_copper_are_one_seed(layout):
    masks = Masks(layout)
    work = Sputter("Ti", 0.1).effect(work_of(masks), masks)
    assert not work.note.warnings
    work = Sputter("Cu", 0.3).effect(work, masks)
    assert (work.blanket.material, work.blanket.thickness_um) == ("Ti/Cu", pytest.approx(0.4))


def test_too_little_seed_on_walls_is_told(layout):
    masks = Masks(layout)
    work = Sputter(thickness_um=0.2).effect(work_of(masks), masks)
    assert "nm of seed on the walls of PI1 (90°, 6 µm deep)" in work.note.warnings[0]
    given = Sputter(wall_coverage_ratio=0.1).effect(work_of(masks), masks)
    assert given.note.figures["seed_on_walls_nm"] == pytest.approx(30.0)


def test_evaporation_wants_sloped_walls(layout):
    masks = Masks(layout)
    with pytest.raises(StepError, match="walls of PI1 get no metal") as caught:
        Evaporate().effect(work_of(masks), masks)
    assert caught.value.value == "90° walls, 6 µm deep, get 0.0 % of the film"
    assert "sputter" in caught.value.remedy
    work = Evaporate().effect(work_of(masks, 60.0), masks)
    assert work.note.figures["wall_coverage_ratio"] == pytest.approx(0.5, abs=2e-3)
    tilted = Evaporate(tilt_deg=30.0).effect(work_of(masks), masks)
    assert tilted.note.figures["wall_coverage_ratio"] > 0.15


def test_a_film_to_etch(layout):
    masks = Masks(layout)
    step = Sputter("Al", 2.0, is_seed=False, layer="RDL", growth_um_min=1.0)
    work = step.effect(work_of(masks, 70.0), masks)
    assert (work.blanket.is_seed, work.blanket.layer) == (False, "RDL")
    share = work.blanket.wall_thickness_um / 2.0
    assert 0.5 < share < 0.67
    film = [body for body in work.stack().bodies if body.layer == "RDL"]
    assert film
    assert all(body.material == "Al" for body in film)
    with pytest.raises(StepError, match="a film already lies"):
        step.effect(work, masks)
    with pytest.raises(StepError, match="needs the layer"):
        Sputter("Al", 2.0, is_seed=False).effect(work_of(masks), masks)
    assert step.time_s(BATCH) == pytest.approx(120.0)
    assert step.spreads()[0].layer == "RDL"
    assert Sputter().spreads() == ()


@pytest.mark.parametrize("kind", [Sputter, Evaporate])
def test_what_it_makes_depends_on_its_options(kind):
    assert kind(is_seed=True).makes == {"seed"}
    assert kind(is_seed=False).makes == {"film"}
    assert kind.makes == {"seed", "film"}
    assert kind().time_s(BATCH) > 0


def test_flux_over_a_hemisphere_of_tilts_gives_the_sputtered_share():
    """Sputtering is evaporation from all directions at once, weighted by the cosine: the two models agree."""
    tilts = (np.arange(400) + 0.5) / 400 * math.pi / 2
    weight = 2 * np.sin(tilts) * np.cos(tilts)
    for wall_deg, depth, width in ((90.0, 0.0, math.inf), (70.0, 0.0, math.inf), (80.0, 10.0, 12.0)):
        shares = [evaporated_ratio(wall_deg, math.degrees(t), depth, width) for t in tilts]
        assert np.sum(weight * shares) * math.pi / 800 == pytest.approx(
            sputtered_ratio(wall_deg, depth, width), rel=5e-3
        )


@pytest.mark.parametrize(("round_stud", "layer"), [(True, "BUMP"), (False, "RDL")])
def test_studs_and_wires_have_walls_too(layout, round_stud, layer):
    masks = Masks(layout)
    stands = shapely.Point(500, 300).buffer(40.0) if round_stud else shapely.box(0, 280, 500, 300)
    layers, front = Front(((0.0, masks.die),)).filled(Wall(stands), 20.0)
    stud = Slab(layer, layer, "Au", *layers[0])
    work = Work("w", 1000.0, 600.0, (stud,), front)
    assert set(open_walls(work)) == {OpenWall(layer, 90.0, 20.0, math.inf)}
    figures = Sputter().effect(work, masks).note.figures
    assert figures["wall_coverage_ratio"] == pytest.approx(0.5)
    assert figures["seed_on_walls_nm"] == pytest.approx(150.0)
    with pytest.raises(StepError, match=f"walls of {layer} get no metal"):
        Evaporate().effect(work, masks)


def test_where_a_die_ends_is_no_wall(layout):
    masks = Masks(layout)
    layers, front = Front(((0.0, masks.die),)).filled(Wall(masks.die), 20.0)
    assert open_walls(Work("w", 1000.0, 600.0, (Slab("PI1", "PI1", "PI", *layers[0]),), front)) == ()
