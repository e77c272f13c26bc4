import dataclasses

import numpy as np
import pytest
import shapely

from chipscale.layout.types import Circle, Layout, Polygon
from chipscale.process.kinds.plating import Plate
from chipscale.process.masks import Masks
from chipscale.process.models.plating_profile import (
    density_factor,
    local_density,
    shares,
    spread_pct,
    thickness_factors,
    thickness_ratio,
)
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.overgrowth import overgrown
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Blanket, Coat, Work
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, volume_um3

BATCH = Batch(300.0, 2000, 60, 3588.0, 5188.0, 80.0, 80.0)
SEED = Blanket("", "Ti/Cu", 0.4, 0.2, True)


def ground(masks, z_um=0.0, holes=None):
    """Return a dielectric with holes 5 µm deep, and the open surface on it."""
    front = Front(((z_um, masks.die),))
    if holes is None:
        return (), front
    layers, front = front.filled(Wall(shapely.difference(masks.die, holes)), z_um + 5.0)
    return tuple(Slab("PI1", "PI1", "PI", part.z_um, part.h_um, part.bottom, part.top) for part in layers), front


def opened(masks, mask="UBM", resist_um=40.0, opening=None, lean_ratio=0.0, front=None, bodies=(), seed=SEED):
    """Return the workpiece with a seed and an opened resist."""
    front = front or Front(((0.0, masks.die),))
    wall = Wall(masks.region(mask) if opening is None else opening, front.top_um, lean_ratio)
    coat = Coat("RESIST", "AZ P4620", "resist", front.top_um + resist_um, resist_um, mask, wall, wall)
    return Work("w", masks.size_x_um, masks.size_y_um, bodies, front, coat, seed)


def different(bodies, masks, mask):
    region = shapely.union_all([body.top for body in bodies if not body.part])
    return shapely.area(shapely.symmetric_difference(region, masks.region(mask)))


def refused(step, work, masks, match):
    with pytest.raises(StepError, match=match) as caught:
        step.effect(work, masks)
    return caught.value


def test_what_is_plated_is_what_is_drawn(layout):
    masks = Masks(layout)
    for mask in ("RDL", "UBM"):
        work = Plate(mask, thickness_um=8.0).effect(opened(masks, mask), masks)
        assert different(work.bodies, masks, mask) == 0.0
        assert [body.net for body in work.bodies] == ["in", "out"]
        assert {(body.z_um, body.h_um) for body in work.bodies} == {(0.0, 8.0)}
        assert work.front.levels[-1][0] == 8.0


def test_metal_fills_the_openings_below_level(layout):
    masks = Masks(layout)
    bodies, front = ground(masks, 0.0, masks.region("PI1"))
    work = Plate("RDL", thickness_um=6.0).effect(opened(masks, "RDL", front=front, bodies=bodies), masks)
    plugs = [body for body in work.bodies if body.part == "plug"]
    assert [(body.name, body.z_um, body.h_um) for body in plugs] == [
        ("RDL.in.plug", 0.0, 5.0),
        ("RDL.out.plug", 0.0, 5.0),
    ]
    assert overlaps(Stack("s", 1000.0, 600.0, work.bodies), 1e-6) == []
    assert work.front.lowest_um(masks.region("RDL")) == pytest.approx(11.0)


def test_plugs_lean_with_the_walls_of_the_opening(layout):
    masks = Masks(layout)
    front = Front(((0.0, masks.die),))
    layers, front = front.filled(Wall(masks.region("PI1"), 0.0, 0.5, masks.die), 5.0)
    pi = [Slab("PI1", "PI1", "PI", *layer) for layer in layers]
    work = Plate("RDL", thickness_um=6.0).effect(opened(masks, "RDL", front=front, bodies=tuple(pi)), masks)
    plug = next(body for body in work.bodies if body.part == "plug")
    assert plug.bottom.area == pytest.approx(60.0**2)
    assert plug.top.area == pytest.approx(65.0**2)
    assert overlaps(Stack("s", 1000.0, 600.0, work.bodies), 1e-3) == []


def test_leaning_resist_gives_metal_of_its_mean_width(layout):
    masks = Masks(layout)
    work = Plate("UBM", thickness_um=10.0).effect(opened(masks, lean_ratio=0.1), masks)
    (low, _, high, _), drawn = work.bodies[0].bottom.bounds, masks.pieces("UBM")[0].region.bounds
    assert high - low == pytest.approx(drawn[2] - drawn[0] + 2 * 0.1 * 5.0)
    assert work.bodies[0].top is work.bodies[0].bottom


def test_several_metals_in_one_resist(layout):
    masks = Masks(layout)
    work = opened(masks, lean_ratio=0.05)
    for layer, material, thickness, current in (
        ("UBM", "Cu_plated", 5.0, 2.0),
        ("UBM", "Ni", 2.5, 2.0),
        ("BUMP", "SnAg", 25.0, 1.5),
    ):
        work = Plate(layer, material, thickness, current).effect(work, masks)
    names = [body.name for body in work.bodies]
    assert names == ["UBM.A1", "UBM.A2", "UBM.A1.Ni", "UBM.A2.Ni", "BUMP.A1", "BUMP.A2"]
    assert [body.z_um for body in work.bodies[::2]] == [0.0, 5.0, 7.5]
    outline = work.bodies[0].top
    assert all(body.bottom.equals(outline) for body in work.bodies[::2])
    assert work.blanket.layer == "UBM+BUMP"
    again = Plate("BUMP", "SnAg", 1.0, 1.5).effect(work.but(note=type(work.note)()), masks)
    assert "edge_rise_pct" not in again.note.figures  # told of the plating on the bare seed only


def test_solder_makes_solder(layout):
    assert Plate(material="SnAg").makes == {"metal", "solder"}
    assert Plate().makes == {"metal"}
    assert Plate.makes == {"metal", "solder"}


def test_a_resist_too_thin_is_refused(layout):
    masks = Masks(layout)
    error = refused(Plate("UBM", thickness_um=60.0), opened(masks, resist_um=40.0), masks, "resist is too thin")
    assert (error.value, error.limit, error.option) == (
        "40 µm of resist",
        "60 µm of metal and 10 % over it (assumed): 66 µm",
        "thickness_um",
    )
    assert "a resist of 66 µm: AZ 50XT in one coat" in error.remedy


def test_the_bump_is_all_that_is_plated_into_one_resist(layout):
    masks = Masks(layout)
    first = Plate("UBM", thickness_um=30.0).effect(opened(masks, resist_um=40.0), masks)
    error = refused(Plate("BALL", "SnAg", 50.0), first, masks, "resist is too thin")
    assert error.value == "40 µm of resist"
    assert error.limit.startswith("80 µm of metal and 10 % over it")
    assert "AZ 50XT in 2 coats" in error.remedy


def test_a_mushroom_grows_sideways_as_far_as_up(layout):
    masks = Masks(layout)
    work = Plate("UBM", thickness_um=60.0, mushroom=True).effect(opened(masks, resist_um=40.0), masks)
    foot, cap = work.bodies[0], work.bodies[2]
    assert (foot.name, foot.h_um, cap.name, cap.z_um, cap.h_um) == ("UBM.A1", 40.0, "UBM.A1.cap", 40.0, 20.0)
    assert cap.bottom.bounds[2] - foot.bottom.bounds[2] == pytest.approx(20.0, abs=1e-6)
    assert overlaps(Stack("s", 1000.0, 600.0, work.bodies), 1e-6) == []
    r, g = 107.5, 20.0  # a disc of radius r at the top, its rim a quarter circle of radius g (Pappus)
    exact = np.pi * (r**2 * g + 2 * (r + 4 * g / (3 * np.pi)) * np.pi * g**2 / 4)
    assert volume_um3(cap) == pytest.approx(exact, rel=2e-3)


def test_mushrooms_that_meet_are_refused(layout):
    masks = Masks(layout)
    step = Plate("UBM", thickness_um=140.0, mushroom=True, current_density_A_dm2=2.0)
    error = refused(step, opened(masks, resist_um=20.0), masks, "grows into its neighbour")
    assert error.value == "A1 and A2"


def test_the_section_of_a_shoulder_is_that_of_a_quarter_circle():
    low, high = overgrown(shapely.box(0, 0, 1000, 1000), 10.0)
    section = 10.0 * (low.bounds[2] + high.bounds[2] - 2 * 1000) / 2
    assert section == pytest.approx(np.pi * 10.0**2 / 4, rel=1e-9)


def test_pieces_the_resist_joined_lost_or_split_are_told(layout):
    masks = Masks(layout)
    one, two = (piece.region for piece in masks.pieces("UBM"))
    joined = shapely.union(shapely.union(one, two), shapely.box(300, 340, 700, 360))
    work = Plate("UBM", thickness_um=8.0).effect(opened(masks, opening=joined), masks)
    assert [body.name for body in work.bodies] == ["UBM.A1"]
    assert work.note.warnings[0] == "one piece of metal: A1 and A2"
    half = shapely.difference(one, shapely.box(299, 0, 301, 600))
    work = Plate("UBM", thickness_um=8.0).effect(opened(masks, opening=half), masks)
    assert [(body.name, body.net) for body in work.bodies] == [("UBM.A1.1", "in"), ("UBM.A1.2", "in")]
    assert work.note.warnings[0] == "not opened, no metal: A2"
    smaller = shapely.buffer(masks.region("UBM"), -2.0, join_style="mitre")
    work = Plate("UBM", thickness_um=8.0).effect(opened(masks, opening=smaller), masks)
    assert [(body.name, body.net) for body in work.bodies] == [("UBM.A1", "in"), ("UBM.A2", "out")]
    assert not work.note.warnings


def test_nothing_open_nothing_plated(layout):
    masks = Masks(layout)
    work = Plate("RDL2").effect(opened(masks, "RDL2"), masks)
    assert work.bodies == ()
    assert "nothing is open" in work.note.warnings[0]
    refused(Plate(), opened(masks).but(coat=None), masks, "no opened resist")


def test_the_step_says_time_current_and_evenness(layout):
    masks = Masks(layout)
    step = Plate("UBM", thickness_um=5.0)
    figures = step.effect(opened(masks), masks).note.figures
    assert figures["plated_um"] == pytest.approx(4.6)  # 0.4 µm lay there as seed
    assert figures["bath_time_min"] == pytest.approx(11.34 * 4.6 / 5.0, rel=1e-3)
    told = dataclasses.replace(BATCH, figures=figures)
    assert step.time_s(told) == pytest.approx(60 * figures["bath_time_min"])
    assert step.time_s(BATCH) == pytest.approx(11.34 * 60, rel=1e-3)  # nothing known of a seed
    area = masks.region("UBM").area
    assert figures["die_current_mA"] == pytest.approx(0.2 * area * 1e-6)  # 2 A/dm² are 0.2 mA/mm²
    assert figures["open_area_pct"] == pytest.approx(100 * area / 6e5)
    assert "narrowest_um" not in figures
    assert 0 < figures["edge_rise_pct"] < 30
    assert figures["resist_left_um"] == 35.0


def test_the_second_metal_in_a_resist_has_no_seed_to_count(layout):
    masks = Masks(layout)
    first = Plate("UBM", thickness_um=5.0).effect(opened(masks), masks)
    second = Plate("UBM", material="Ni", thickness_um=2.0).effect(first, masks).note.figures
    assert second["plated_um"] == 2.0


def test_narrow_openings_are_told(layout):
    thin = dataclasses.replace(layout.traces[0], width_um=12.0)
    masks = Masks(Layout(1000.0, 600.0, (), (), (thin,), ()))
    work = Plate("RDL").effect(opened(masks, "RDL"), masks)
    assert work.note.figures["narrowest_um"] == pytest.approx(12.0, abs=0.02)
    assert "narrower than 20 µm" in work.note.warnings[0]


def test_a_plus_minus_counts_as_three_sigma():
    (spread,) = Plate("UBM", within_die_pct=6.0, within_wafer_pct=15.0, wafer_to_wafer_pct=21.0).spreads()
    levels = spread.by_level
    assert (spread.quantity, spread.layer) == ("thickness_pct", "UBM")
    assert (levels["wafer"], levels["feature"]) == (7.0, 2.0)
    u = np.random.default_rng(1).random(400_000)  # r squared over the wafer's area
    bowl = levels["radius"] * u
    assert np.hypot(bowl.std(), levels["die"]) == pytest.approx(5.0, rel=3e-3)


# ---- the pattern's own evenness


def squares(step, side, size):
    x = np.arange(step / 2, size, step)
    return [shapely.box(a - side / 2, b - side / 2, a + side / 2, b + side / 2) for a in x for b in x]


def test_a_regular_pattern_plates_evenly():
    found = shares(squares(100.0, 40.0, 2000.0), (2000.0, 2000.0), 400.0)
    assert local_density(found, 400.0) == pytest.approx(0.16)
    assert thickness_factors(found, 400.0, 0.2) == pytest.approx(1.0)


def test_areas_of_pieces_are_shared_out_exactly():
    regions = [shapely.Point(333.0, 444.0).buffer(150.0), shapely.box(10, 10, 900, 37)]
    found = shares(regions, (1000.0, 800.0), 200.0)
    assert np.bincount(found.piece, found.area_um2) == pytest.approx([region.area for region in regions], rel=1e-12)
    assert shares([], (1000.0, 800.0), 200.0).piece.size == 0
    assert thickness_factors(shares([], (1000.0, 800.0), 200.0), 200.0, 0.1).size == 0


def test_dense_places_get_less_by_the_law():
    dense = squares(100.0, 60.0, 2000.0)
    thin = squares(100.0, 30.0, 2000.0)
    left = [box for box in dense if box.bounds[2] < 1000]
    right = [box for box in thin if box.bounds[0] > 1000]
    factors = thickness_factors(shares(left + right, (2000.0, 2000.0), 200.0), 200.0, 0.1)
    middle = [k for k, box in enumerate(left) if 300 < box.bounds[0] < 700]
    sparse = [len(left) + k for k, box in enumerate(right) if 1300 < box.bounds[0] < 1700]
    assert factors[sparse].mean() / factors[middle].mean() == pytest.approx((0.36 / 0.09) ** 0.1, rel=1e-9)
    area = np.array([box.area for box in left + right])
    assert np.average(factors, weights=area) == pytest.approx(1.0)  # the charge is given
    assert thickness_factors(shares(left + right, (2000.0, 2000.0), 200.0), 200.0, 0.0) == pytest.approx(1.0)


def test_a_window_is_a_mean_over_its_width():
    one = shares([shapely.box(500, 500, 600, 600)], (2000.0, 2000.0), 400.0)
    density = local_density(one, 400.0)
    assert density.max() == pytest.approx(100.0**2 / 400.0**2)
    assert density.mean() == pytest.approx(100.0**2 / 2000.0**2)
    with pytest.raises(ValueError, match="window"):
        shares([], (1.0, 1.0), 0.0)


def test_factors_of_a_mask(layout):
    factors = density_factor(Masks(layout), "UBM", 500.0, 0.1)
    assert factors.shape == (2,)
    assert factors == pytest.approx(1.0, abs=0.02)
    lonely = Circle("UBM", "ubm", 500.0, 80.0, 40.0, "in", "A3")
    *balls, small = density_factor(
        Masks(dataclasses.replace(layout, circles=(*layout.circles, lonely))), "UBM", 300.0, 0.1
    )[[0, 2, 1]]
    assert small > 1.05 * max(balls)


def test_the_law_and_its_spread():
    assert thickness_ratio(18.0, 25.0, 0.1) == pytest.approx((25 / 18) ** 0.1)
    assert spread_pct(25.0, 7.0, 0.1) == pytest.approx(10.0, abs=0.05)
    assert spread_pct(25.0, 0.5, 0.1) == pytest.approx(300 * 0.1 * 0.5 / 25, rel=1e-2)  # linear when small
    with pytest.raises(ValueError, match="positive"):
        thickness_ratio(0.0, 25.0, 0.1)


def test_extra_metal_beside_everything_drawn(layout):
    masks = Masks(layout)
    work = Plate("UBM", thickness_um=8.0).effect(opened(masks, opening=shapely.box(10, 500, 40, 540)), masks)
    assert [(body.name, body.net) for body in work.bodies] == [("UBM.extra", None)]
    bare = Masks(Layout(1000.0, 600.0, (), (Polygon("PAD", "pad", np.array([(0, 0), (9, 0), (9, 9)]), None),), (), ()))
    work = Plate("UBM", thickness_um=8.0).effect(opened(bare, opening=shapely.box(10, 500, 40, 540)), bare)
    assert [body.name for body in work.bodies] == ["UBM.extra.1"]
