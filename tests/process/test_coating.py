"""Coats: heights, figures and warnings; bakes; a polymer's cure and the stress it leaves."""

import dataclasses
import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.process.kinds.coating import ApplyCoat, Cure, HardBake, SoftBake
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.litho import Develop, Expose
from chipscale.process.masks import Masks
from chipscale.process.models.baking import flowed_share, solvent_left_pct
from chipscale.process.models.film_stress import cured_stress
from chipscale.process.models.resists import resist, resist_for
from chipscale.process.relief.front import Front, Wall
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Blanket, Note, Work
from chipscale.stack.volume import overlaps, volume_um3

BATCH = Batch(300.0, 3000, 60, 1000.0, 600.0, 80.0, 80.0)


@pytest.fixture
def masks(layout):
    return Masks(layout)


@pytest.fixture
def wafer(masks):
    return IncomingWafer(pad_metal_um=1.0, passivation_um=1.2).effect(Work("w", 1000.0, 600.0), masks)


def after(work, masks, *steps):
    for step in steps:
        work = step.effect(work.but(note=Note()), masks)
    return work


def film(layer, mask, material, thickness_um, **exposed):
    return (
        ApplyCoat(layer=layer, kind="polymer", material=material, thickness_um=thickness_um),
        SoftBake(),
        Expose(mask=mask, wavelength_nm=365.0, **exposed),
        Develop(),
        Cure(),
    )


def test_a_resist_stands_on_the_highest_place_and_on_an_unpatterned_film(wafer, masks):
    coat = ApplyCoat(thickness_um=8.0).effect(wafer, masks).coat
    assert (coat.z_top_um, coat.thickness_um, coat.opened) == (pytest.approx(10.2), 8.0, None)
    metal = wafer.but(blanket=Blanket("RDL", "Al", 2.0, 1.0, is_seed=False))
    assert ApplyCoat(thickness_um=8.0).effect(metal, masks).coat.z_top_um == pytest.approx(12.2)
    seed = wafer.but(blanket=Blanket("", "Ti/Cu", 0.4, 0.2, is_seed=True))
    assert ApplyCoat(thickness_um=8.0).effect(seed, masks).coat.z_top_um == pytest.approx(10.2)


@pytest.mark.parametrize(("material", "shrinkage"), [("PI", 0.45), ("PBO", 0.25), ("BCB", 0.05)])
def test_a_polymer_is_coated_thicker_by_what_its_cure_takes(wafer, masks, material, shrinkage):
    coated = ApplyCoat(layer="PI1", kind="polymer", material=material, thickness_um=6.0).effect(wafer, masks)
    assert coated.coat.thickness_um == pytest.approx(6.0 / (1 - shrinkage))
    cured = after(wafer, masks, *film("PI1", "PI1", material, 6.0))
    assert cured.coat is None
    assert cured.front.top_um == pytest.approx(2.2 + 6.0, abs=1e-9)
    assert cured.note.figures["thickness_um"] == pytest.approx(6.0, abs=1e-9)


def test_the_cured_film_is_named_and_leaves_its_openings(wafer, masks):
    ideal = after(wafer, masks, *film("PI1", "PI1", "PI", 6.0, edge="given"))
    (body,) = [item for item in ideal.bodies if item.name == "PI1"]
    assert (body.layer, body.material, body.part) == ("PI1", "PI", "")
    assert body.z_um == pytest.approx(2.2)
    assert body.top is body.bottom
    open_area = masks.region("PI1").area
    assert body.bottom.area == pytest.approx(600_000.0 - open_area, rel=1e-12)
    assert overlaps(ideal.stack(), 1e-3) == []


def test_a_film_over_relief_is_cut_into_fills_and_the_uppermost(masks):
    die = masks.die
    wires = shapely.union_all([shapely.box(100, 0, 130, 600), shapely.box(400, 0, 430, 600)])
    work = Work("w", 1000.0, 600.0, front=Front(((0.0, shapely.difference(die, wires)), (5.0, wires))))
    steps = (ApplyCoat(layer="PI2", kind="polymer", material="PBO", thickness_um=7.0), SoftBake(), Cure())
    cured = after(work, masks, *steps)
    assert [(body.name, body.part) for body in cured.bodies] == [("PI2.fill1", "fill"), ("PI2", "")]
    volume = sum(volume_um3(body) for body in cured.bodies)
    assert volume == pytest.approx(600_000.0 * 12.0 - wires.area * 5.0, rel=1e-12)


def test_walls_of_an_opening_lean_more_after_cure(wafer, masks):
    developed = after(wafer, masks, *film("PI1", "PI1", "PI", 6.0)[:-1])
    before = developed.coat.opened.lean_ratio
    cured = Cure().effect(developed.but(note=Note()), masks)
    assert before > 0
    assert cured.note.figures["wall_deg"] == pytest.approx(math.degrees(math.atan2(1.0, before / 0.55)))
    (body,) = [item for item in cured.bodies if item.name == "PI1"]
    assert body.top.area < body.bottom.area


def test_cure_leaves_the_published_stress_and_says_whose(wafer, masks):
    for material, stress in (("PI", 34.0), ("BCB", 28.0)):
        held = after(wafer, masks, *film("PI1", "PI1", material, 6.0)).residual["PI1"]
        assert held.stress_MPa == pytest.approx(stress)
        assert "published" in held.source


def test_stress_from_mismatch_from_the_recipe_and_at_another_cure(wafer, masks):
    developed = after(wafer, masks, *film("PI1", "PI1", "BCB", 6.0)[:-1])
    computed = Cure(stress="computed").effect(developed, masks).residual["PI1"].stress_MPa
    assert computed == pytest.approx(2900 / 0.66 * (42 - 3.1) * 1e-6 * 225, rel=1e-9)
    assert Cure(stress="given", stress_MPa=12.0).effect(developed, masks).residual["PI1"].stress_MPa == 12.0
    cooler = Cure(cure_C=210.0).effect(developed, masks).residual["PI1"]
    assert cooler.stress_MPa == pytest.approx(28.0 * 185 / 225)
    assert "210" in cooler.source


def test_the_elastic_stress_is_above_the_published_one():
    for material in ("PI", "PBO", "BCB"):
        usual = resist(material).cure_C
        published, elastic = (cured_stress(material, usual, usual, known).stress_MPa for known in (True, False))
        assert published < elastic < 2.2 * published


def test_a_material_without_modulus_leaves_no_stress_but_says_so(wafer, masks):
    steps = (ApplyCoat(layer="WALL", kind="polymer", material="Dam", thickness_um=40.0), SoftBake(), Cure())
    done = after(wafer, masks, *steps)
    assert "WALL" not in done.residual
    assert any("stress not known" in said for said in done.note.warnings)
    coated = ApplyCoat(layer="WALL", kind="polymer", material="Dam", thickness_um=40.0).effect(wafer, masks)
    assert any("no process data for 'Dam'" in said for said in coated.note.warnings)


def test_the_usual_cavity_wall_has_data_of_its_own(wafer, masks):
    steps = (ApplyCoat(layer="WALL", kind="polymer", material="SU8", method="laminate", thickness_um=40.0), SoftBake())
    coated = steps[0].effect(wafer, masks)
    assert coated.note.warnings == ()
    done = after(wafer, masks, *steps, Cure())
    assert [body.h_um for body in done.bodies if body.layer == "WALL" and not body.part] == [pytest.approx(40.0)]
    assert resist_for("SU8", "polymer")[0].name == "SU8"
    assert resist("SU8").assumed("dose_mJ_cm2")


def test_a_resist_is_not_cured(wafer, masks):
    dried = after(wafer, masks, ApplyCoat(), SoftBake())
    with pytest.raises(StepError, match="not cured"):
        Cure().effect(dried, masks)


def test_a_polymer_does_not_stay_on_a_seed(wafer, masks):
    seeded = wafer.but(blanket=Blanket("", "Ti/Cu", 0.4, 0.2, is_seed=True))
    with pytest.raises(StepError, match="still to be etched"):
        ApplyCoat(layer="PI2", kind="polymer", material="PI").effect(seeded, masks)


def test_speed_follows_the_spin_curve_and_relief_needs_more(masks):
    flat = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    figures = ApplyCoat(material="AZ P4330", thickness_um=3.3).effect(flat, masks).note.figures
    assert figures["speed_rpm"] == pytest.approx(4000.0)
    assert (figures["relief_um"], figures["planarised_pct"]) == (0.0, 100.0)
    wires = shapely.box(0, 0, 200, 600)
    high = Work("w", 1000.0, 600.0, front=Front(((0.0, shapely.difference(masks.die, wires)), (2.0, wires))))
    over = ApplyCoat(material="AZ P4330", thickness_um=3.3).effect(high, masks).note.figures
    assert over["speed_rpm"] == pytest.approx(4000.0 * (3.3 / (3.3 + 1.6)) ** 2)


def test_a_speed_gives_its_thickness_and_a_wrong_one_is_told(masks):
    flat = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    spun = ApplyCoat(material="AZ P4330", thickness_um=0.0, speed_rpm=1000.0, coats_count=2).effect(flat, masks)
    assert spun.coat.thickness_um == pytest.approx(13.2)
    wrong = ApplyCoat(material="AZ P4330", thickness_um=6.0, speed_rpm=4000.0).effect(flat, masks)
    assert any("4000 rpm gives 3.3" in said for said in wrong.note.warnings)
    with pytest.raises(StepError, match="thickness or a speed"):
        ApplyCoat(thickness_um=0.0).effect(flat, masks)


def test_a_coat_thinner_than_its_relief_is_refused(masks):
    wires = shapely.box(0, 0, 200, 600)
    high = Work("w", 1000.0, 600.0, front=Front(((0.0, shapely.difference(masks.die, wires)), (9.0, wires))))
    with pytest.raises(StepError, match="too thin for the relief"):
        ApplyCoat(material="AZ P4330", thickness_um=0.0, speed_rpm=5000.0).effect(high, masks)


def test_a_solution_by_its_solids_and_viscosity(masks):
    flat = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    spun = ApplyCoat(thickness_um=0.0, speed_rpm=3000.0, solids_pct=40.0, viscosity_mPas=400.0).effect(flat, masks)
    assert spun.coat.thickness_um == pytest.approx(6.8, abs=0.05)


@pytest.mark.parametrize(
    ("recipe", "what", "limit", "remedy", "option"),
    [
        (("AZ P4330", 24.0, 1), "a coat of 24 µm", "2.7 to 7 µm (", "coats_count: 4", "coats_count"),
        (("AZ 9260", 120.0, 0), "more than AZ 9260 reaches", "65 µm in ", "at most 100 µm (AZ 50XT)", "thickness_um"),
        (("AZ 9260", 90.0, 0), "more than AZ 9260 reaches", "65 µm in ", "AZ 50XT in 2 coats", "thickness_um"),
        (("AZ 50XT", 20.0, 0), "a coat of 20 µm", "40 to 80 µm (", "in one coat", "thickness_um"),
    ],
)
def test_outside_a_resist_s_range_is_refused_with_the_range(wafer, masks, recipe, what, limit, remedy, option):
    material, thickness, coats = recipe
    with pytest.raises(StepError, match=what) as caught:
        ApplyCoat(material=material, thickness_um=thickness, coats_count=coats).effect(wafer, masks)
    assert caught.value.limit.startswith(limit)
    assert "µm" in caught.value.value
    assert remedy in caught.value.remedy
    assert caught.value.option == option


def test_a_speed_out_of_range_is_refused(masks):
    flat = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    with pytest.raises(StepError, match="a speed of 100 rpm is outside the range of AZ P4330") as caught:
        ApplyCoat(material="AZ P4330", thickness_um=6.0, speed_rpm=100.0).effect(flat, masks)
    assert caught.value.option == "speed_rpm"
    assert "speed_rpm: 0" in caught.value.remedy
    assert resist("AZ P4330").sources["speed_min_rpm"] in caught.value.limit


@pytest.mark.parametrize(
    ("kind", "material", "what", "remedy"),
    [
        ("resist", "AZ 9620", "no process data for the resist 'AZ 9620'", "AZ 9260"),
        ("resist", "PI", "PI is a polymer", "kind: polymer"),
        ("polymer", "AZ 9260", "AZ 9260 is a resist", "kind: resist"),
    ],
)
def test_a_material_that_is_none_of_its_kind_is_refused(wafer, masks, kind, material, what, remedy):
    with pytest.raises(StepError, match=what) as caught:
        ApplyCoat(kind=kind, material=material).effect(wafer, masks)
    assert caught.value.option == "material"
    assert remedy in caught.value.remedy


def test_what_is_sprayed_may_be_thin_and_what_is_in_range_is_quiet(wafer, masks):
    assert ApplyCoat(material="AZ 9260", method="spray", thickness_um=4.0).effect(wafer, masks).coat is not None
    good = ApplyCoat(material="AZ P4330", thickness_um=24.0).effect(wafer, masks)
    assert good.note.warnings == ()
    assert good.note.figures["coats_count"] == 4.0


def test_an_edge_bead_that_stays_is_told(masks):
    flat = Work("w", 1000.0, 600.0, front=Front(((0.0, masks.die),)))
    left = ApplyCoat(material="AZ 50XT", thickness_um=70.0, ebr_mm=0.0).effect(flat, masks)
    assert left.note.figures["edge_bead_um"] > 0
    assert any("bead" in said for said in left.note.warnings)
    assert ApplyCoat(material="AZ 50XT", thickness_um=70.0).effect(flat, masks).note.figures["edge_bead_um"] == 0.0


def test_how_it_is_put_on_decides_how_level_it_lies(masks):
    wires = shapely.union_all([shapely.box(x, 0, x + 20, 600) for x in range(20, 1000, 40)])
    front = Front(((0.0, shapely.difference(masks.die, wires)), (5.0, wires)))
    work = Work("w", 1000.0, 600.0, front=front)
    left = {
        m: ApplyCoat(method=m).effect(work, masks).note.figures["residual_step_um"]
        for m in ("laminate", "spin", "spray")
    }
    assert left["laminate"] == 0.0
    assert 0.0 < left["spin"] < 2.5
    assert left["spray"] == 5.0


def test_more_coats_take_more_time(masks):
    one, four = (ApplyCoat(material="AZ P4330", thickness_um=um).time_s(BATCH) for um in (6.0, 24.0))
    assert four == pytest.approx(one + 3 * (60.0 + 300.0))


def test_soft_bake_takes_its_time_from_the_thickness_and_tells_wet_films(wafer, masks):
    coated = ApplyCoat(material="AZ P4620", thickness_um=18.0).effect(wafer, masks)
    usual = SoftBake().effect(coated.but(note=Note()), masks).note
    assert usual.figures["bake_s"] == pytest.approx(600.0)
    assert usual.warnings == ()
    hasty = SoftBake(bake_s=30.0).effect(coated.but(note=Note()), masks).note
    assert hasty.figures["solvent_pct"] > 20
    assert any("bubbles" in said for said in hasty.warnings)
    assert SoftBake(thickness_um=18.0).time_s(BATCH) == pytest.approx(1080.0)


@settings(max_examples=30)
@given(st.floats(1, 100), st.floats(70, 130), st.floats(1, 3600))
def test_solvent_only_leaves(thickness, temperature, time):
    left = solvent_left_pct(30.0, thickness, temperature, time)
    assert 0 < left <= 30.0 + 1e-6
    assert solvent_left_pct(30.0, thickness, temperature, 2 * time) <= left + 1e-9
    assert solvent_left_pct(30.0, thickness, temperature + 5, time) <= left + 1e-9
    assert solvent_left_pct(30.0, thickness, temperature, 0.0) == 30.0


def test_a_hard_bake_above_softening_lets_the_edges_flow(wafer, masks):
    opened = after(wafer, masks, ApplyCoat(material="AZ P4620"), SoftBake(), Expose(), Develop())
    cool = HardBake(temperature_C=100.0).effect(opened.but(note=Note()), masks)
    assert cool.coat.opened is opened.coat.opened
    hot = HardBake(temperature_C=115.0).effect(opened.but(note=Note()), masks)
    assert hot.coat.opened.lean_ratio > opened.coat.opened.lean_ratio
    assert hot.note.figures["wall_deg"] < cool.note.figures["wall_deg"]
    assert any("flow" in said for said in hot.note.warnings)
    assert flowed_share(120.0, 300.0, 108.0) > 0.9  # 20 µm AZ P4620 lost its shape so (MEMS-talk 17621)


def test_a_hard_bake_narrows_the_top_of_a_shape_that_stays(wafer, masks):
    opened = after(wafer, masks, ApplyCoat(material="AZ P4620"), SoftBake(), Expose(tone="shapes"), Develop())
    hot = HardBake(temperature_C=115.0).effect(opened, masks)
    assert opened.coat.opened.lean_ratio < 0
    assert hot.coat.opened.lean_ratio < opened.coat.opened.lean_ratio


def test_spreads_are_one_sigma_of_the_recipe():
    (spread,) = ApplyCoat(layer="PI1", within_wafer_pct=6.0, wafer_to_wafer_pct=3.0).spreads()
    assert (spread.quantity, spread.layer) == ("thickness_pct", "PI1")
    assert spread.by_level == {"wafer": 1.0, "die": 2.0}


def test_a_coat_may_cover_a_part_only(wafer, masks):
    coated = after(wafer, masks, ApplyCoat(layer="WALL", kind="polymer", material="Dam", thickness_um=40.0), SoftBake())
    ring = shapely.difference(masks.die, shapely.buffer(masks.die, -100.0, join_style="mitre"))
    part = coated.but(coat=dataclasses.replace(coated.coat, whole=ring, opened=Wall(shapely.Polygon())))
    cured = Cure().effect(part, masks)
    wall = [body for body in cured.bodies if body.name == "WALL"]
    assert wall[0].bottom.area == pytest.approx(ring.area)
