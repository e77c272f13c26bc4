import dataclasses
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.layout.types import Circle
from chipscale.package.joint import reflowed
from chipscale.process.kinds.plating import Plate
from chipscale.process.kinds.solder import BallDrop, Reflow, ScreenPrint
from chipscale.process.masks import Masks
from chipscale.process.models.joint_sensitivity import height_change
from chipscale.process.models.reflow_profile import check_profile, profile_s
from chipscale.process.relief.front import Front, Wall
from chipscale.process.relief.wetted import disc
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Blanket, Coat, Work
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

BATCH = Batch(300.0, 2000, 60, 3588.0, 5188.0, 80.0, 80.0)
DIE = shapely.box(0, 0, 1000, 600)


def posts(masks, mask="UBM", h_um=8.0):
    """Return under-bump metal standing on a level wafer."""
    front = Front(((0.0, masks.die),))
    bodies = [
        Slab(f"UBM.{piece.name}", "UBM", "Cu_plated", 0.0, h_um, piece.region, piece.region, piece.net)
        for piece in masks.pieces(mask)
    ]
    _, front = front.filled(Wall(masks.region(mask)), h_um)
    return Work("w", 1000.0, 600.0, tuple(bodies), front)


def solder_um3(work):
    return sum(volume_um3(body) for body in work.bodies if body.layer in ("BALL", "BUMP") and body.part != "flux")


def plated_solder(masks, thickness_um=40.0, resist_um=60.0, mushroom=False):
    seed = Blanket("", "Ti/Cu", 0.4, 0.2, True)
    wall = Wall(masks.region("UBM"), 0.0)
    coat = Coat("RESIST", "AZ P4620", "resist", resist_um, resist_um, "UBM", wall, wall)
    work = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)), coat, seed)
    for layer, material, height in (
        ("UBM", "Cu_plated", 5.0),
        ("UBM", "Ni", 2.5),
        ("BUMP", "SnAg", thickness_um),
    ):
        work = Plate(layer, material, height, 1.5, mushroom=mushroom).effect(work, masks)
    return work.but(coat=None, blanket=None)


# ---- the joint's figures


@pytest.mark.parametrize(("sphere", "ubm", "width"), [(250.0, 215.0, 260.93), (300.0, 250.0, 311.4)])
def test_published_joints(layout, sphere, ubm, width):
    circles = tuple(dataclasses.replace(c, d_um=ubm) if c.layer == "UBM" else c for c in layout.circles)
    masks = Masks(dataclasses.replace(layout, circles=circles))
    work = BallDrop(sphere_d_um=sphere).effect(posts(masks), masks)
    after = Reflow().effect(work, masks)
    assert after.note.figures["ball_d_um"] == pytest.approx(width, abs=0.05)
    assert after.note.figures["base_d_um"] == pytest.approx(ubm, abs=2e-3)  # as built, on the masks' 1 nm grid
    assert solder_um3(after) == pytest.approx(solder_um3(work), rel=1e-9)


def test_sensitivities_are_those_published_and_those_of_finite_differences():
    step = 1e-3
    by_sphere, by_ubm = height_change(250.0, 215.0)
    assert (by_sphere, by_ubm) == (pytest.approx(1.17, abs=0.005), pytest.approx(-0.41, abs=0.005))
    for sphere, ubm in ((250.0, 215.0), (300.0, 250.0), (100.0, 150.0)):
        by_sphere, by_ubm = height_change(sphere, ubm)
        ahead, behind = (reflowed(sphere + s, ubm)[1] for s in (step, -step))
        assert by_sphere == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)
        ahead, behind = (reflowed(sphere, ubm + s)[1] for s in (step, -step))
        assert by_ubm == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)


# ---- balls


def test_spheres_stand_on_their_metal(layout):
    masks = Masks(layout)
    work = BallDrop().effect(posts(masks), masks)
    ball = work.bodies[-1]
    assert (ball.name, ball.net, z_range_um(ball)) == ("BALL.A2", "out", (8.0, 258.0))
    assert work.note.figures["least_pitch_um"] == 400.0
    sphere, place = BallDrop(sphere_tolerance_um=9.0, mount_um=24.0).spreads()
    assert (sphere.by_level["feature"], place.by_level["feature"]) == (3.0, 8.0)
    assert BallDrop().defects[0].rate_ppm == 30.0
    assert BallDrop().time_s(BATCH) == 60.0


def test_spheres_that_can_t_be_dropped(layout):
    masks = Masks(layout)
    with pytest.raises(StepError, match="spheres touch") as caught:
        BallDrop(sphere_d_um=420.0).effect(posts(masks), masks)
    assert (caught.value.value, caught.value.option) == ("spheres of 420 µm", "sphere_d_um")
    assert "may touch" in BallDrop(sphere_d_um=380.0, mount_um=30.0).effect(posts(masks), masks).note.warnings[0]
    bare = Masks(dataclasses.replace(layout, circles=()))
    with pytest.raises(StepError, match="no ball site"):
        BallDrop().effect(posts(masks), bare)
    away = dataclasses.replace(layout, circles=(Circle("BALL", "ball", 1200.0, 300.0, 250.0, None, "Z9"),))
    with pytest.raises(StepError, match="outside the die") as caught:
        BallDrop().effect(posts(masks), Masks(away))
    assert caught.value.value == "Z9"


def test_given_balls(layout):
    masks = Masks(layout)
    work = BallDrop().effect(posts(masks), masks)
    after = Reflow(base_d_um=215.0, ball_d_um=262.0, ball_h_um=230.0).effect(work, masks)
    assert after.note.figures["ball_h_um"] == pytest.approx(230.0)
    assert after.note.figures["ball_d_um"] == pytest.approx(262.0)
    assert "of the solder there was" in after.note.warnings[0]


def test_a_given_base_wider_than_its_metal_is_refused(layout):
    masks = Masks(layout)
    work = BallDrop().effect(posts(masks), masks)
    with pytest.raises(StepError, match="wider than the metal") as caught:
        Reflow(base_d_um=300.0).effect(work, masks)
    assert (caught.value.value, caught.value.option) == ("300 µm", "base_d_um")
    assert caught.value.limit.endswith("µm of bare metal")


def test_the_base_is_what_was_built(layout):
    """A base that came out smaller gives a higher ball; one in an opening of the mask is as wide as the opening."""
    masks = Masks(layout)
    small = posts(masks)
    shrunk = [dataclasses.replace(b, bottom=(r := b.bottom.buffer(-5.0, quad_segs=64)), top=r) for b in small.bodies]
    front = Front(((0.0, masks.die),))
    _, front = front.filled(Wall(shapely.union_all([body.top for body in shrunk])), 8.0)
    work = BallDrop().effect(small.but(bodies=tuple(shrunk), front=front), masks)
    after = Reflow().effect(work, masks)
    assert after.note.figures["base_d_um"] == pytest.approx(205.0, abs=0.15)
    assert after.note.figures["ball_h_um"] == pytest.approx(reflowed(250.0, 205.0)[1], abs=0.1)
    wide = posts(masks, "RDL")
    layers, front = wide.front.filled(Wall(masks.region("PI2"), 0.0, 0.0, masks.die), 20.0)
    covered = wide.with_bodies([Slab(f"MASK.{k}", "MASK", "SolderMask", *a) for k, a in enumerate(layers)], front)
    opening = Reflow().effect(BallDrop().effect(covered, masks), masks)
    assert opening.note.figures["base_d_um"] == pytest.approx(180.0, abs=2e-3)
    assert z_range_um(opening.bodies[-1])[0] == 8.0


def test_a_ball_on_the_rim_of_an_opening_may_melt_again(layout):
    masks = Masks(layout)
    wide = posts(masks, "RDL")
    layers, front = wide.front.filled(Wall(masks.region("PI2"), 0.0, 0.0, masks.die), 20.0)
    covered = wide.with_bodies([Slab(f"MASK.{k}", "MASK", "SolderMask", *a) for k, a in enumerate(layers)], front)
    once = Reflow().effect(BallDrop().effect(covered, masks), masks)
    twice = Reflow().effect(once, masks)
    assert solder_um3(twice) == pytest.approx(solder_um3(once), rel=1e-9)


def test_without_metal_there_is_no_joint(layout):
    masks = Masks(layout)
    bare = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)))
    with pytest.raises(StepError, match=r"no bare metal under BALL\.A1"):
        Reflow().effect(BallDrop().effect(bare, masks), masks)
    with pytest.raises(StepError, match="no solder on the wafer"):
        Reflow().effect(bare, masks)


def test_solder_that_runs_along_a_wire_is_told(layout):
    masks = Masks(layout)
    work = BallDrop(sphere_d_um=100.0).effect(posts(masks, "RDL"), masks)
    assert "runs along bare metal: BALL.A1" in Reflow().effect(work, masks).note.warnings[0]


def test_balls_that_flow_together_are_refused(layout):
    circles = tuple(
        dataclasses.replace(c, x_um=c.x_um + (120.0 if c.name == "A1" else 0.0)) if c.layer in ("UBM", "BALL") else c
        for c in layout.circles
    )
    masks = Masks(dataclasses.replace(layout, circles=circles))
    work = BallDrop(sphere_d_um=275.0).effect(posts(masks), masks)
    with pytest.raises(StepError, match="flow together") as caught:
        Reflow().effect(work, masks)
    assert caught.value.value.startswith("they overlap by")


# ---- plated solder and paste


def test_plated_solder_becomes_balls(layout):
    masks = Masks(layout)
    work = plated_solder(masks)
    after = Reflow().effect(work, masks)
    assert [body.name for body in after.bodies][-2:] == ["BUMP.A1", "BUMP.A2"]
    ball = after.bodies[-1]
    assert z_range_um(ball)[0] == 7.5
    assert (ball.layer, ball.material, ball.net) == ("BUMP", "SnAg", "out")
    assert solder_um3(after) == pytest.approx(solder_um3(work), rel=1e-9)
    assert 2 * ball.profile[0, 0] == pytest.approx(215.0, abs=2e-3)
    assert overlaps(Stack("s", 1e3, 6e2, after.bodies), 1.0) == []
    assert after.front.levels[-1][0] == 7.5  # the surface is that of the metal again


def test_a_mushroom_of_solder_melts_as_one(layout):
    masks = Masks(layout)
    work = plated_solder(masks, thickness_um=70.0, resist_um=50.0, mushroom=True)
    assert {body.part for body in work.bodies} == {"", "cap"}
    after = Reflow().effect(work, masks)
    assert len([body for body in after.bodies if body.layer == "BUMP"]) == 2
    assert solder_um3(after) == pytest.approx(solder_um3(work), rel=1e-9)


@given(st.floats(40, 300), st.floats(1, 80), st.integers(3, 9))
@settings(max_examples=25, deadline=None)
def test_volume_is_kept_whatever_the_outline(size_um, height_um, corners):
    angle = np.arange(corners) * math.tau / corners
    region = shapely.Polygon(np.column_stack((500 + size_um / 2 * np.cos(angle), 300 + size_um / 2 * np.sin(angle))))
    metal = Slab("UBM.A1", "UBM", "Ni", 0.0, 5.0, region, region, "a")
    solder = Slab("BUMP.A1", "BUMP", "SnAg", 5.0, height_um, region, region, "a")
    _, front = Front(((0.0, DIE),)).filled(Wall(region), 5.0 + height_um)
    work = Work("w", 1000.0, 600.0, (metal, solder), front)
    after = Reflow().effect(work, None)
    assert solder_um3(after) == pytest.approx(solder_um3(work), rel=1e-9)
    assert math.pi / 4 * after.note.figures["base_d_um"] ** 2 == pytest.approx(region.area, rel=1e-9)


def test_paste_holds_half_solder(layout):
    masks = Masks(layout)
    step = ScreenPrint(aperture_d_um=250.0, stencil_um=75.0, release_ratio=0.8, metal_ratio=0.5)
    work = step.effect(posts(masks), masks)
    one = math.pi / 4 * 250.0**2 * 75.0 * 0.8
    assert work.note.figures["paste_um3"] == pytest.approx(one)
    assert solder_um3(work) == pytest.approx(2 * 0.5 * one, rel=1e-9)
    assert sum(volume_um3(b) for b in work.bodies if b.part == "flux") == pytest.approx(one, rel=1e-9)
    after = Reflow().effect(work, masks)
    assert [body.name for body in after.bodies] == ["UBM.A1", "UBM.A2", "BALL.A1", "BALL.A2"]
    assert solder_um3(after) == pytest.approx(solder_um3(work), rel=1e-9)
    assert after.note.figures["solder_kept_ratio"] == pytest.approx(1.0, rel=1e-9)


def test_what_the_stencil_says(layout):
    masks = Masks(layout)
    assert not ScreenPrint(aperture_d_um=300.0).effect(posts(masks), masks).note.warnings
    warnings = ScreenPrint(aperture_d_um=100.0, stencil_um=80.0).effect(posts(masks), masks).note.warnings
    assert [text.split(" of ")[0] for text in warnings] == ["area ratio 0.31", "aspect ratio 1.25"]
    with pytest.raises(StepError, match="apertures meet"):
        ScreenPrint(aperture_d_um=400.0).effect(posts(masks), masks)
    assert ScreenPrint(volume_within_pct=15.0).spreads()[0].by_level["feature"] == 5.0
    assert ScreenPrint().time_s(BATCH) == 45.0


# ---- the oven


def test_the_profile_is_within_the_standard():
    to_peak, whole = profile_s(250.0, 90.0, 90.0)
    assert 150 < to_peak < 480
    assert whole > to_peak + 45
    assert Reflow().time_s(BATCH) == whole


def test_a_peak_too_low_is_refused(layout):
    masks = Masks(layout)
    work = BallDrop().effect(posts(masks), masks)
    with pytest.raises(StepError, match="SAC305 does not melt") as caught:
        Reflow(peak_C=215.0).effect(work, masks)
    assert (caught.value.value, caught.value.limit) == ("215 °C at the peak", "liquidus 220 °C")
    assert "only 5 K" in Reflow(peak_C=225.0).effect(work, masks).note.warnings[0]
    assert (
        not Reflow(peak_C=215.0).effect(BallDrop(material="Sn63Pb37").effect(posts(masks), masks), masks).note.warnings
    )
    assert "not known" in check_profile({"Unobtainium"}, 250.0, 90.0, 90.0)[0]
    assert "air" in Reflow(atmosphere="air").effect(work, masks).note.warnings[0]
    assert Reflow().spreads() == ()


def test_reflow_twice_changes_nothing(layout):
    masks = Masks(layout)
    once = Reflow().effect(BallDrop().effect(posts(masks), masks), masks)
    twice = Reflow().effect(once.but(note=type(once.note)()), masks)
    assert twice.note.figures["ball_h_um"] == pytest.approx(once.note.figures["ball_h_um"], rel=1e-9)


def test_a_disc_is_the_drawn_circle_or_one_of_the_same_area(layout):
    piece = Masks(layout).pieces("UBM")[0]
    assert disc(piece.region) == pytest.approx((300.0, 350.0, 215.0), abs=2e-3)
    x, y, d = disc(shapely.box(0, 0, 40, 20))
    assert (x, y) == (20.0, 10.0)
    assert math.pi / 4 * d**2 == pytest.approx(800.0)
