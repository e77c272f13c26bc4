"""Exposure, development, strip: the whole sequence equals the drawing; bias, walls, refusals."""

import dataclasses
import math

import pytest
import shapely

from chipscale.layout.types import Circle, Layout, Polygon
from chipscale.process.kinds.coating import ApplyCoat, Cure, HardBake, SoftBake
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.litho import Develop, Expose
from chipscale.process.kinds.plating import Plate
from chipscale.process.kinds.seed_etch import EtchSeed
from chipscale.process.kinds.sputter import Sputter
from chipscale.process.kinds.strip import EtchBack, Strip
from chipscale.process.masks import Masks
from chipscale.process.models.resists import resist
from chipscale.process.relief.front import Front
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Blanket, Note, Work
from chipscale.stack.volume import overlaps

BATCH = Batch(300.0, 3000, 60, 1000.0, 600.0, 80.0, 80.0)


@pytest.fixture
def masks(layout):
    return Masks(layout)


@pytest.fixture
def wafer(masks):
    return IncomingWafer().effect(Work("w", 1000.0, 600.0), masks)


def after(work, masks, *steps):
    for step in steps:
        work = step.effect(work.but(note=Note()), masks)
    return work


def mold(mask="RDL", thickness_um=8.0, **exposed):
    return ApplyCoat(thickness_um=thickness_um), SoftBake(), Expose(mask=mask, **exposed), Develop()


def plated(wafer, masks, layer="RDL", thickness_um=5.0, **exposed):
    steps = (Sputter(), *mold(layer, **exposed), Plate(layer=layer, thickness_um=thickness_um), Strip())
    return after(wafer, masks, *steps, EtchSeed(undercut_um=0.0))


def shape(work, layer):
    return shapely.union_all([body.bottom for body in work.bodies if body.layer == layer and not body.part])


def test_the_whole_sequence_equals_the_drawing(wafer, masks):
    """Coat, expose, develop, plate, strip, etch at zero bias: the XOR with what is drawn has no area at all."""
    done = plated(wafer, masks, edge="given")
    assert shapely.symmetric_difference(shape(done, "RDL"), masks.region("RDL")).area == 0.0
    assert done.coat is None
    assert done.blanket is None
    assert overlaps(done.stack(), 1e-3) == []
    for body in done.bodies:
        if body.layer == "RDL" and not body.part:
            assert body.top is body.bottom


def test_the_latent_image_is_the_mask_s_own_region_where_nothing_moves_it(wafer, masks):
    exposed = after(wafer, masks, *mold(edge="given")[:-1])
    assert exposed.coat.exposed.region is masks.region("RDL")
    assert exposed.coat.exposed.lean_ratio == 0.0
    assert exposed.coat.opened is None
    compensated = after(wafer, masks, *mold()[:-1])
    assert compensated.coat.exposed.region is masks.region("RDL")
    assert compensated.coat.exposed.lean_ratio > 0.0


@pytest.mark.parametrize("bias", [1.0, 0.25, -0.5, -2.0])
def test_with_a_bias_the_difference_is_perimeter_times_bias(wafer, masks, bias):
    done = plated(wafer, masks, edge="given", bias_um=bias, compensate=False)
    drawn = masks.region("RDL")
    difference = shapely.symmetric_difference(shape(done, "RDL"), drawn).area
    assert difference == pytest.approx(drawn.length * abs(bias), rel=0.02)
    assert (shape(done, "RDL").area > drawn.area) == (bias > 0)


def test_every_layer_of_the_stack_at_zero_bias(wafer, masks):
    """Two dielectrics and two metals in a row, each exactly as drawn."""
    work = wafer
    for layer, mask, um in (("PI1", "PI1", 6.0), ("PI2", "PI2", 7.0)):
        steps = (ApplyCoat(layer=layer, kind="polymer", material="PI", thickness_um=um), SoftBake())
        work = after(work, masks, *steps, Expose(mask=mask, wavelength_nm=365.0, edge="given"), Develop(), Cure())
        kept = shapely.difference(masks.die, masks.region(mask))
        assert shapely.symmetric_difference(shape(work, layer), kept).area == 0.0
        metal = "RDL" if layer == "PI1" else "UBM"
        work = plated(work, masks, metal, edge="given")
        assert shapely.symmetric_difference(shape(work, metal), masks.region(metal)).area == 0.0
    assert overlaps(work.stack(), 1e-3) == []


def test_mask_making_takes_the_bias_back_or_leaves_it(wafer, masks):
    taken = after(wafer, masks, *mold()[:-1]).note.figures
    assert taken["net_bias_um"] == 0.0
    assert taken["mask_bias_um"] == -taken["bias_um"] != 0.0
    left = after(wafer, masks, *mold(compensate=False)[:-1])
    assert left.note.figures["net_bias_um"] == left.note.figures["bias_um"]
    drawn, region = masks.region("RDL"), left.coat.exposed.region
    assert region.area - drawn.area == pytest.approx(drawn.length * left.note.figures["bias_um"], rel=0.02)
    other = after(wafer, masks, *mold(mask_bias_um=-1.0)[:-1]).note
    assert other.figures["net_bias_um"] == pytest.approx(other.figures["bias_um"] - 1.0)
    assert any("against the drawing" in said for said in other.warnings)


def test_the_foot_of_the_walls_is_the_lowest_place_along_the_outline(wafer, masks):
    exposed = after(wafer, masks, *mold("PI1")[:-1])
    assert exposed.coat.exposed.z_um == pytest.approx(1.0)  # on the pads, below the passivation's top at 2
    assert exposed.note.figures["exposed_um"] == pytest.approx(9.0)
    film = wafer.but(blanket=Blanket("RDL", "Al", 2.0, 1.0, is_seed=False))
    assert after(film, masks, *mold("PI1")[:-1]).coat.exposed.z_um == pytest.approx(3.0)


def test_walls_over_a_via_stand_on_the_dielectric_and_the_dose_is_for_the_via(wafer, masks):
    """Wires are wider than the via below: their walls stand on PI1's top, the light must reach the pad."""
    dielectric = (ApplyCoat(layer="PI1", kind="polymer", material="PI", thickness_um=6.0), SoftBake())
    opened = Expose(mask="PI1", wavelength_nm=365.0, edge="given")
    work = after(wafer, masks, *dielectric, opened, Develop(), Cure())
    exposed = after(work, masks, *mold("RDL", edge="given", wall_deg=80.0)[:-1])
    assert exposed.coat.exposed.z_um == pytest.approx(8.0)
    figures = exposed.note.figures
    assert figures["exposed_um"] == pytest.approx(8.0 + 7.0)
    assert figures["dose_mJ_cm2"] == pytest.approx(resist("AZ P4620").dose_at(15.0))
    made = after(work, masks, *mold("RDL")[:-1]).note.figures
    assert made["bias_um"] > after(wafer, masks, *mold("RDL")[:-1]).note.figures["bias_um"]  # over-exposed on the PI


def test_the_opening_widens_upward_by_its_wall(wafer, masks):
    opened = after(wafer, masks, *mold("UBM", edge="given", wall_deg=80.0)).coat
    assert opened.opened.lean_ratio == pytest.approx(1 / math.tan(math.radians(80.0)))
    work = wafer.but(coat=opened)
    body = work.passing()[-1]  # over the passivation, where the openings have their foot
    low, high = (600_000.0 - region.area for region in (body.bottom, body.top))
    ring = masks.region("UBM")
    assert low == pytest.approx(ring.area, rel=1e-6)
    assert high == pytest.approx(ring.area + ring.length * opened.thickness_um * opened.opened.lean_ratio, rel=0.02)


def test_shapes_stay_where_they_are_drawn(wafer, masks):
    for bias in (0.0, 1.0):
        keep = Expose(mask="RDL", tone="shapes", edge="given", bias_um=bias, compensate=False)
        kept = after(wafer, masks, ApplyCoat(), SoftBake(), keep, Develop())
        top = [body for body in kept.passing() if body.z_um + body.h_um == pytest.approx(kept.coat.z_top_um)]
        area = sum(body.top.area for body in top)
        drawn = masks.region("RDL")
        assert area == pytest.approx(drawn.area - bias * drawn.length, rel=2e-3)
    upright = after(wafer, masks, ApplyCoat(), SoftBake(), Expose(tone="shapes", edge="given"), Develop())
    assert upright.coat.opened.region is masks.region("RDL")


def test_an_opening_on_the_die_s_edge_stays_on_it():
    square = Polygon("PI1", "street", [(0.0, 0.0), (50.0, 0.0), (50.0, 600.0), (0.0, 600.0)])
    masks = Masks(Layout(1000.0, 600.0, (), (square,), (), ()))
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    for bias in (2.0, -2.0):
        exposed = after(work, masks, *mold("PI1", edge="given", bias_um=bias, compensate=False)[:-1])
        assert exposed.coat.exposed.region.bounds == pytest.approx((0.0, 0.0, 50.0 + bias, 600.0))


def test_an_opening_finer_than_light_prints_is_refused_with_both_widths():
    fine = Circle("UBM", "ubm", 300.0, 300.0, 3.0, None, "A1")
    masks = Masks(Layout(1000.0, 600.0, (fine,), (), (), ()))
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    with pytest.raises(StepError, match="finer than this exposure prints") as caught:
        after(work, masks, *mold("UBM")[:-1])
    assert caught.value.value == "3.00 µm"
    assert caught.value.limit.startswith("4.68 µm")
    assert "smaller gap" in caught.value.remedy
    assert caught.value.option == "gap_um"
    assert "(300, 300)" in caught.value.what
    near = after(work, masks, *mold("UBM", gap_um=2.0)[:-1])
    assert near.note.figures["resolution_um"] < 3.0


@pytest.mark.parametrize(("gap", "fine"), [(3.0, True), (8.0, False)])
def test_coat_between_openings_finer_than_light_prints_is_refused(gap, fine):
    pair = tuple(
        Polygon("RDL", "w", [(x, 100.0), (x + 50.0, 100.0), (x + 50.0, 500.0), (x, 500.0)], net, "")
        for x, net in ((100.0, "a"), (150.0 + gap, "b"))
    )
    masks = Masks(Layout(1000.0, 600.0, (), pair, (), ()))
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    if fine:
        with pytest.raises(StepError, match="the coat between openings") as caught:
            after(work, masks, *mold()[:-1])
        assert float(caught.value.value.split()[0]) == pytest.approx(3.0, abs=0.01)
    else:
        after(work, masks, *mold()[:-1])


def test_a_neck_in_a_wire_is_found_and_a_wide_wire_is_not():
    neck = [
        (0, 0),
        (400, 0),
        (400, 48),
        (500, 48),
        (500, 0),
        (900, 0),
        (900, 100),
        (500, 100),
        (500, 52),
        (400, 52),
        (400, 100),
        (0, 100),
    ]
    wire = Polygon("RDL", "w", [(x + 50.0, y + 200.0) for x, y in neck], "a", "")
    masks = Masks(Layout(1000.0, 600.0, (), (wire,), (), ()))
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    with pytest.raises(StepError, match="an opening of RDL") as caught:
        after(work, masks, *mold()[:-1])
    assert float(caught.value.value.split()[0]) == pytest.approx(4.0, abs=0.01)
    after(work, masks, *mold(gap_um=5.0)[:-1])


def test_too_little_light_is_refused_with_the_dose_needed(wafer, masks):
    with pytest.raises(StepError, match="does not clear") as caught:
        after(wafer, masks, *mold(dose_mJ_cm2=50.0)[:-1])
    needed = resist("AZ P4620").clearing_mJ_cm2(9.0)
    assert caught.value.limit.startswith(f"{needed:.0f} mJ/cm²")
    polymer = (ApplyCoat(layer="PI1", kind="polymer", material="PI"), SoftBake())
    with pytest.raises(StepError, match="does not hold"):
        after(wafer, masks, *polymer, Expose(mask="PI1", dose_mJ_cm2=5.0))


def test_an_aspect_ratio_beyond_the_resist_s_is_told(masks):
    layout = Layout(1000.0, 600.0, (Circle("UBM", "ubm", 300.0, 300.0, 12.0, None, "A1"),), (), (), ())
    small = Masks(layout)
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, small.die),)))
    told = after(work, small, *mold("UBM", thickness_um=48.0)[:-1]).note.warnings
    assert any("aspect ratio 4.0" in said and "AZ P4620's 3" in said for said in told)


def test_a_dose_for_another_line_is_told(wafer, masks):
    coated = (ApplyCoat(layer="PI1", kind="polymer", material="PI"), SoftBake())
    told = after(wafer, masks, *coated, Expose(mask="PI1", wavelength_nm=405.0)).note.warnings
    assert any("for 365 nm" in said for said in told)


def test_nothing_drawn_opens_nothing_and_says_so(wafer, masks):
    opened = after(wafer, masks, *mold("VIA"))
    assert opened.coat.opened.region.is_empty
    exposed = after(wafer, masks, *mold("VIA")[:-1])
    assert any("nothing is drawn on VIA" in said for said in exposed.note.warnings)


def test_developing_too_short_is_refused_too_long_widens(wafer, masks):
    exposed = after(wafer, masks, *mold(edge="given")[:-1])
    usual = Develop().effect(exposed, masks)
    assert usual.coat.opened is exposed.coat.exposed
    assert usual.note.figures["develop_s"] == pytest.approx(resist("AZ P4620").develop_time_s(9.0))
    with pytest.raises(StepError, match="not developed through"):
        Develop(develop_s=30.0).effect(exposed, masks)
    long = Develop(develop_s=1800.0).effect(exposed.but(note=Note()), masks)
    over = long.note.figures["widened_um"]
    assert over == pytest.approx(0.03 * (1800.0 - 120.0) / 60.0)
    drawn = masks.region("RDL")
    assert long.coat.opened.region.area - drawn.area == pytest.approx(over * drawn.length, rel=0.02)


def test_develop_without_exposure_and_strip_without_coat(wafer, masks):
    with pytest.raises(StepError, match="not been exposed"):
        Develop().effect(ApplyCoat().effect(wafer, masks), masks)
    with pytest.raises(StepError, match="no coat"):
        Expose().effect(wafer, masks)
    assert Strip().effect(ApplyCoat().effect(wafer, masks), masks).coat is None


def test_the_order_of_steps_is_in_their_states():
    assert Expose.needs == {"coat", "dry"}
    assert Develop.needs >= Expose.makes
    assert "latent" in Cure.never
    assert "seed" in Cure.never
    state = {"wafer"}
    for kind in (ApplyCoat, SoftBake, Expose, Develop, HardBake, EtchBack, Strip):
        assert kind.needs <= state, kind.name
        assert not kind.never & state, kind.name
        state = (state | kind.makes) - kind.takes
    assert state == {"wafer"}


def test_thinning_bares_what_stands_in_the_resist(masks):
    stud = shapely.box(280, 330, 320, 370)
    front = Front(((0.0, shapely.difference(masks.die, stud)), (20.0, stud)))
    work = Work("w", 1000.0, 600.0, front=front)
    opened = after(work, masks, *mold("UBM", thickness_um=6.0, edge="given"))
    thin = EtchBack(depth_um=8.0).effect(opened, masks)
    assert thin.coat.z_top_um == pytest.approx(18.0)
    assert thin.note.figures["bared_um"] == pytest.approx(2.0)
    assert thin.coat.opened is opened.coat.opened
    wide = EtchBack(depth_um=8.0, lateral_ratio=0.5).effect(opened, masks)
    assert wide.coat.opened.region.area > opened.coat.opened.region.area
    with pytest.raises(StepError, match="all of the resist"):
        EtchBack(depth_um=26.0).effect(opened, masks)
    assert EtchBack(depth_um=8.0, rate_um_min=2.0).time_s(BATCH) == pytest.approx(240.0)


def test_times_of_the_recipe(wafer, masks):
    assert Expose(dose_mJ_cm2=600.0, irradiance_mW_cm2=20.0, align_s=60.0).time_s(BATCH) == pytest.approx(90.0)
    assert Develop(develop_s=120.0, rinse_s=40.0).time_s(BATCH) == pytest.approx(160.0)
    assert Strip(strip_s=600.0, rinse_s=120.0, bath_count=24.0).time_s(BATCH) == pytest.approx(30.0)
    exposed = after(wafer, masks, *mold(irradiance_mW_cm2=10.0)[:-1]).note.figures
    assert exposed["expose_s"] == pytest.approx(exposed["dose_mJ_cm2"] / 10.0)


def test_spreads_are_one_sigma_of_the_recipe():
    size, overlay = Expose(mask="UBM", overlay_um=3.0, cd_within_wafer_um=1.5, cd_wafer_to_wafer_um=2.4).spreads()
    assert (size.quantity, size.layer, dict(size.by_level)) == (
        "cd_um",
        "UBM",
        {"wafer": pytest.approx(0.8), "die": 0.5},
    )
    assert (overlay.quantity, dict(overlay.by_level)) == ("overlay_um", {"wafer": 1.0})


@pytest.mark.parametrize("kind", [ApplyCoat, SoftBake, HardBake, Cure, Expose, Develop, EtchBack, Strip])
def test_a_step_says_what_it_is(kind):
    from chipscale.units import unit_of

    step = kind()
    assert step.time_s(BATCH) > 0
    assert isinstance(step.spreads(), tuple)
    assert kind.defects
    for field in dataclasses.fields(kind):
        if field.type == "float":
            assert unit_of(field.name) is not None, field.name
            assert field.metadata["meaning"]
            assert field.metadata["low"] <= field.default <= field.metadata["high"]
