import dataclasses
import math

import pytest
import shapely
import two_groove_die as die

from chipscale.process.kinds.conformal import ConformalFilm
from chipscale.process.kinds.groove import Groove
from chipscale.process.kinds.notch import SawNotch
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, StepError
from chipscale.stack.volume import overlaps, volume_um3, z_range_um
from chipscale.units import unit_of

MASKS = Masks(die.drawn(per_side=2))
BATCH = Batch(300.0, 5000, 40, 3400.0, 3000.0, 80.0, 80.0, 130.0)
LEAN = 1.0 / math.tan(math.radians(65.0))


@pytest.fixture(scope="module")
def wafer():
    return die.covered_wafer(MASKS)


def masks_of(**changes):
    return Masks(die.drawn(per_side=2, **changes))


def held(work):
    return sum(volume_um3(body) for body in work.bodies)


def refused(step, work, masks=MASKS):
    with pytest.raises(StepError) as caught:
        step.effect(work, masks)
    return caught.value


def test_the_mouth_is_the_mask_and_the_floor_narrower_by_the_wall(wafer):
    work = Groove().effect(wafer, MASKS)
    silicon = work.stack().body("DIE")
    aside = 130.0 * LEAN
    assert z_range_um(silicon) == pytest.approx((0.0, 130.0))
    assert silicon.top.bounds == pytest.approx((190.0, 190.0, 3210.0, 2810.0))
    assert silicon.bottom.bounds == pytest.approx((190 - aside, 190 - aside, 3210 + aside, 2810 + aside))
    figures = work.note.figures
    assert figures["depth_um"] == 130.0
    assert figures["floor_um"] == pytest.approx(190 - aside, abs=2e-3)
    assert figures["bared_pads_count"] == 8
    assert figures["least_bared_um2"] == pytest.approx(90 * 90)
    assert [z for z, _ in work.front.levels] == pytest.approx([0.0, 130.0])


def test_what_is_taken_is_a_frustum(wafer):
    work = Groove().effect(wafer, MASKS)
    (w, h), aside = (3400.0 - 380.0, 3000.0 - 380.0), 130.0 * LEAN
    low, high, middle = (w + 2 * aside) * (h + 2 * aside), w * h, (w + aside) * (h + aside)
    left = 130.0 / 6 * (low + 4 * middle + high)
    assert held(wafer) - held(work) == pytest.approx(3400 * 3000 * 130.0 - left)


def test_an_upright_groove_to_a_depth(wafer):
    work = Groove(wall_deg=90.0, stops_at="depth", depth_um=100.0, least_pad_um2=0.0).effect(wafer, MASKS)
    assert [body.name for body in work.bodies if body.layer == "DIE"] == ["DIE", "DIE.2"]
    assert work.stack().body("DIE.2").top is work.stack().body("DIE.2").bottom
    assert work.front.levels[0][0] == pytest.approx(30.0)
    assert "bared_pads_count" not in work.note.figures


def test_a_groove_that_cuts_into_the_circuit_is_refused(wafer):
    error = refused(Groove(), wafer, masks_of(mouth=950.0))
    assert "cuts into the circuit" in error.what
    assert error.value.endswith("µm² of SENSING")
    Groove(spare="").effect(wafer, masks_of(mouth=950.0))


def test_a_groove_that_never_reaches_a_pad_is_refused(wafer):
    error = refused(Groove(), wafer, masks_of(mouth=85.0))
    assert "never reaches PAD." in error.what
    assert "7 more" in error.what
    assert error.value == "0 µm² bare"
    hardly = refused(Groove(), wafer, masks_of(mouth=93.0))  # the floor is 32 µm wide, pads begin at 30
    assert (hardly.value, hardly.limit) == ("214 µm² bare", "at least 400 µm²")
    assert Groove(least_pad_um2=200.0).effect(wafer, masks_of(mouth=93.0)).note.figures["least_bared_um2"] > 200.0


def test_a_groove_to_a_depth_that_ends_above_or_below_the_pads_is_refused(wafer):
    error = refused(Groove(stops_at="depth", depth_um=60.0), wafer)
    assert "never reaches PAD." in error.what
    assert (error.value, error.limit) == ("60 µm deep: its floor is 70 µm above the pad", "130 µm")
    assert error.option == "depth_um"
    through = refused(Groove(stops_at="depth", depth_um=135.0), wafer)
    assert "goes through PAD." in through.what
    assert through.limit == "less than 131 µm"  # pads are 1 µm thick
    into = Groove(stops_at="depth", depth_um=130.5).effect(wafer, MASKS)
    assert into.note.figures["least_bared_um2"] > 0.9 * 90 * 90


def test_walls_that_meet_before_the_floor_are_refused_with_the_least_width(wafer):
    error = refused(Groove(), wafer, masks_of(mouth=55.0))
    assert "walls meet" in error.what
    assert (error.value, error.limit) == ("mouth 55 µm wide", "more than 60.62 µm for 130 µm at 65°")
    Groove(wall_deg=80.0, least_pad_um2=0.0).effect(wafer, masks_of(mouth=80.0))


def test_no_silicon_no_groove(wafer):
    covered = ConformalFilm().effect(wafer, MASKS)
    error = refused(Groove(), covered)
    assert "no bare silicon" in error.what
    assert error.value == "INS"
    assert "nothing is drawn on" in refused(Groove(mask="NOWHERE"), wafer).what


def test_a_groove_through_everything_is_refused(wafer):
    error = refused(Groove(wall_deg=90.0, stops_at="depth", depth_um=700.0), wafer)
    assert error.option == "depth_um"
    assert error.limit == "less than 588 µm"


def test_a_groove_takes_time_for_its_depth():
    assert Groove(mask_s=0.0, over_etch_ratio=0.0).time_s(BATCH) == pytest.approx(60 * 130 / 15)
    assert Groove(mask_s=5.0, stops_at="depth", depth_um=15.0, over_etch_ratio=0.5).time_s(BATCH) == pytest.approx(95.0)


def test_insulation_lies_on_floor_wall_and_back(wafer):
    grooved = Groove().effect(wafer, MASKS)
    work = ConformalFilm(thickness_um=5.0, wall_ratio=0.8).effect(grooved, MASKS)
    films = [body for body in work.bodies if body.layer == "INS"]
    assert [(film.name, film.part) for film in films] == [("INS.fill1", "fill"), ("INS.fill2", "fill"), ("INS", "")]
    assert work.front.top_um == pytest.approx(135.0)
    assert work.note.figures["wall_um"] == pytest.approx(4.0)
    at = 65.0  # half way up: the film is 4 µm thick square to the wall
    width = (grooved.front.open_at(at).area - work.front.open_at(at).area) / _rim_um(grooved.front.open_at(at))
    assert width * math.sin(math.radians(65.0)) == pytest.approx(4.0, rel=5e-3)
    assert held(work) - held(grooved) == pytest.approx(_room(grooved.front) - _room(work.front))


def _rim_um(open_room):
    """Return how long the groove's inner wall is, between its outline and that of the film."""
    (hole,) = open_room.interiors
    return hole.length


def _room(front):
    """Return the open room below 1 mm."""
    bands = sum(
        band.h_um / 6 * (band.bottom.area + 4 * band.at(band.z_um + band.h_um / 2).area + band.top.area)
        for band in front.bands
    )
    return bands + (1000.0 - front.top_um) * front.whole.area


def test_a_film_is_opened_by_its_mask(wafer):
    grooved = Groove().effect(wafer, MASKS)
    layout = die.drawn(per_side=2)
    opening = dataclasses.replace(layout.polygons[-1], layer="INS_OPEN", points=die.box(40, 740, 100, 800))
    masks = Masks(dataclasses.replace(layout, polygons=(*layout.polygons, opening)))
    work = ConformalFilm(openings="INS_OPEN").effect(grooved, masks)
    assert work.front.lowest_um(shapely.box(50, 750, 60, 760)) == pytest.approx(0.0)
    assert work.front.lowest_um(shapely.box(50, 900, 60, 910)) == pytest.approx(5.0)
    assert work.note.figures["opened_um2"] == pytest.approx(3600.0)
    assert "nothing is drawn" in refused(ConformalFilm(openings="INS_OPEN"), grooved).what


def test_the_films_stress_is_given_or_the_mismatch_to_silicon(wafer):
    assert ConformalFilm(stress_MPa=-80.0).effect(wafer, MASKS).residual["INS"].stress_MPa == -80.0
    assert ConformalFilm(material="PI").effect(wafer, MASKS).residual["INS"].stress_MPa > 10.0
    unknown = ConformalFilm(material="Unobtainium").effect(wafer, MASKS)
    assert "INS" not in unknown.residual
    assert "stress is not known" in unknown.note.warnings[0]


def test_films_of_one_layer_keep_names_of_their_own(wafer):
    work = ConformalFilm().effect(ConformalFilm().effect(wafer, MASKS), MASKS)
    assert [body.name for body in work.bodies if body.layer == "INS"] == ["INS", "INS.2"]


def test_the_whole_die_is_sound_with_two_grooves_and_with_one():
    for layout in (die.drawn(per_side=2), die.drawn(per_side=2, notch=0)):
        work, _ = die.made(layout, wall_deg=60.0)
        assert overlaps(work.stack(), 1e-2) == []
        assert len({body.name for body in work.bodies}) == len(work.bodies)


def test_a_second_groove_may_be_etched_too(wafer):
    work = Groove().effect(wafer, MASKS)
    work = SawNotch(depth_um=5.0).effect(ConformalFilm().effect(work, MASKS), MASKS)
    assert work.front.levels[0][0] == pytest.approx(-13.0)


FLOOR = 75.0 - 13.0 / math.tan(math.radians(75.0))  # 8 µm of device layer and 5 µm below it, bevel of 75 degrees


@pytest.mark.parametrize(
    ("sides", "wide"), [((0, 1, 2, 3), 2 * FLOOR + 80.0), ((0, 2), 2 * FLOOR + 80.0), ((0,), FLOOR + 80.0)]
)
def test_a_blade_must_fit_between_the_strips_walls_not_just_in_their_corners(wafer, sides, wide):
    layout = die.drawn(per_side=2)
    strips = [shape for shape in layout.polygons if shape.layer == "GROOVE2"]
    kept = [shape for shape in layout.polygons if shape.layer != "GROOVE2"] + [strips[side] for side in sides]
    masks = Masks(dataclasses.replace(layout, polygons=tuple(kept)))
    work = ConformalFilm().effect(Groove().effect(wafer, masks), masks)
    notched = SawNotch(depth_um=5.0, blade_um=wide - 0.1).effect(work, masks)
    assert notched.note.figures["floor_um"] == pytest.approx(FLOOR, abs=0.01)
    error = refused(SawNotch(depth_um=5.0, blade_um=wide + 0.1), work, masks)
    assert error.limit.startswith(f"{wide:.4g} µm at (")
    assert error.option == "blade_um"


@pytest.mark.parametrize("kind", [Groove, ConformalFilm])
def test_options_carry_units_meaning_and_source(kind):
    for field in dataclasses.fields(kind):
        if field.type in ("float", float):
            assert unit_of(field.name) is not None, field.name
            assert field.metadata["meaning"]
            assert field.metadata["low"] is not None
    assert kind().time_s(BATCH) > 0
    assert all(spread.by_level for spread in kind().spreads())
