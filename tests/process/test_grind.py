import dataclasses
import math

import pytest
import shapely

from chipscale.process.kinds.bonding import Bond, Flip
from chipscale.process.kinds.grind import CoarseGrind, FineGrind, Polish, back_face
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.masks import Masks
from chipscale.process.models.grind_damage import (
    bearable_MPa,
    bend_radius_mm,
    failing_ratio,
    least_um,
    scaled_strength_MPa,
    strength_MPa,
)
from chipscale.process.relief.front import Front
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work
from chipscale.stack.types import Slab
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

BATCH = Batch(300.0, 3000, 60, 3588.0, 5188.0, 80.0, 80.0)


@pytest.fixture
def wafer(layout):
    return IncomingWafer().effect(Work("two", 1000.0, 600.0), Masks(layout))


@pytest.fixture
def turned(layout):
    work, masks = Work("two", 1000.0, 600.0), Masks(layout)
    for step in (IncomingWafer(device_um=10.0), Bond(), Flip()):
        work = step.effect(work, masks)
    return work


def ground(work, *steps):
    for step in steps:
        work = step.effect(work.but(note=type(work.note)()), None)
    return work


def test_775_to_250_takes_the_published_time():
    steps = (CoarseGrind(thickness_um=290.0, feed_um_s=5.0), FineGrind(feed_um_s=0.5, spark_out_s=20.0))
    after = dataclasses.replace(BATCH, wafer_um=290.0)
    assert steps[0].time_s(BATCH) + steps[1].time_s(after) == pytest.approx(197.0)
    assert Polish(removal_um_min=2.0).time_s(dataclasses.replace(BATCH, wafer_um=250.0)) == pytest.approx(60.0)


def test_each_step_leaves_its_thickness_and_its_damage(wafer):
    work = ground(wafer, CoarseGrind())
    assert z_range_um(work.stack().body("DIE")) == (-290.0, 0.0)
    assert (work.silicon.damage_um, work.note.warnings) == (20.0, ())
    work = ground(work, FineGrind())
    assert (work.silicon.damage_um, work.silicon.strength_MPa, work.note.warnings) == (1.5, 500.0, ())
    work = ground(work, Polish())
    assert z_range_um(work.stack().body("DIE")) == (-248.0, 0.0)
    assert (work.silicon.damage_um, work.silicon.strength_MPa, work.note.warnings) == (0.0, 1000.0, ())
    assert work.note.figures["removed_um"] == 2.0
    assert work.front is wafer.front
    assert overlaps(work.stack(), 1e-3) == []


def test_damage_that_is_left_is_told_with_what_would_take_it(wafer):
    work = ground(wafer, CoarseGrind(), FineGrind(thickness_um=280.0))
    assert work.silicon.damage_um == 10.0
    (told,) = work.note.warnings
    assert "leaves 10 µm" in told
    assert "at least 20 µm" in told
    work = ground(wafer, FineGrind(), Polish(thickness_um=249.0))
    assert work.silicon.damage_um == pytest.approx(0.5)
    assert work.silicon.strength_MPa == pytest.approx(500 * math.sqrt(3.0))
    assert len(work.note.warnings) == 1


def test_with_the_back_up_the_front_drops(turned):
    work = ground(turned, CoarseGrind(thickness_um=170.0), FineGrind(thickness_um=130.0))
    assert z_range_um(work.stack().body("DIE")) == (0.0, 130.0)
    assert [z for z, _ in work.front.levels] == [130.0]
    assert shapely.area(work.front.levels[0][1]) == pytest.approx(1000.0 * 600.0)
    assert back_face(work) == (130.0, True)
    assert overlaps(work.stack(), 1e-3) == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (FineGrind(thickness_um=800.0), "thinner than that already"),
        (CoarseGrind(thickness_um=20.0, damage_um=30.0), "thinner than its damage layer"),
        (FineGrind(thickness_um=40.0), "300 mm can't be held so thin"),
        (FineGrind(thickness_um=20.0, support="carrier"), "can't be held so thin"),
    ],
)
def test_what_can_not_be_ground_is_refused(wafer, step, said):
    with pytest.raises(StepError, match=said) as caught:
        step.effect(wafer, None)
    assert caught.value.option == "thickness_um"
    assert "µm" in caught.value.limit


def test_a_carrier_and_a_smaller_wafer_allow_less(wafer):
    assert ground(wafer, FineGrind(thickness_um=30.0, support="carrier")).silicon.damage_um == 1.5
    small = wafer.but(silicon=dataclasses.replace(wafer.silicon, diameter_mm=200.0))
    assert ground(small, FineGrind(thickness_um=40.0)).silicon.damage_um == 1.5
    assert least_um("tape", True, 300.0)[0] > least_um("tape", False, 300.0)[0] > least_um("carrier", True, 300.0)[0]


def test_balls_on_the_wafer_need_more_silicon(wafer):
    ball = Slab("BALL.A1", "BALL", "SAC305", 2.0, 9.0, shapely.box(0, 0, 9, 9), shapely.box(0, 0, 9, 9))
    with pytest.raises(StepError, match="with balls on it") as caught:
        FineGrind(thickness_um=100.0).effect(wafer.with_bodies([ball]), None)
    assert caught.value.limit.startswith("150 µm on tape")


def test_a_covered_back_is_not_ground(wafer, turned):
    box = shapely.box(0, 0, 9, 9)
    with pytest.raises(StepError, match="FILM lies on the back"):
        CoarseGrind().effect(wafer.with_bodies([Slab("FILM", "INS", "PI", -785.0, 10.0, box, box)]), None)
    with pytest.raises(StepError, match="FILM lies on the back"):
        CoarseGrind().effect(turned.with_bodies([Slab("FILM", "INS", "PI", 775.0, 10.0, box, box)]), None)
    with pytest.raises(StepError, match="no silicon"):
        CoarseGrind().effect(Work("none", 1.0, 1.0, front=Front(((0.0, box),))), None)


def test_removed_silicon_is_what_the_volume_loses(wafer):
    before, after = (volume_um3(work.stack().body("DIE")) for work in (wafer, ground(wafer, CoarseGrind())))
    assert before - after == pytest.approx(1000 * 600 * 485.0)


def test_strength_is_weibulls():
    assert failing_ratio(300.0, 300.0, 7.0) == pytest.approx(1 - math.exp(-1))
    assert failing_ratio(0.0, 300.0, 7.0) == 0.0
    stress = bearable_MPa(1e-6, 500.0, 4.0)
    assert failing_ratio(stress, 500.0, 4.0) == pytest.approx(1e-6)
    big = scaled_strength_MPa(500.0, 4.0, 3.0)
    assert failing_ratio(100.0, big, 4.0) == pytest.approx(failing_ratio(100.0, 500.0, 4.0, area_ratio=3.0))
    weaker = [strength_MPa(damage) for damage in (0.0, 0.5, 1.5, 5.0, 20.0)]
    assert weaker == sorted(weaker, reverse=True)


def test_thin_silicon_bends_further(wafer):
    assert bend_radius_mm(50.0, 200.0, 130.0) == pytest.approx(130e9 * 50e-6 / (2 * 200e6) * 1e3)
    thick, thin = (ground(wafer, FineGrind(thickness_um=h)).note.figures for h in (250.0, 100.0))
    ratio = thin["one_in_100_breaks_radius_mm"] / thick["one_in_100_breaks_radius_mm"]
    assert ratio == pytest.approx(0.4)


def test_what_varies_comes_from_the_recipe():
    (spread,) = FineGrind(ttv_um=3.0, wafer_to_wafer_um=6.0).spreads()
    assert spread.by_level == {"wafer": 2.0, "die": 0.5}
