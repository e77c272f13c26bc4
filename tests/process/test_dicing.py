import dataclasses
import math

import pytest
import shapely

from chipscale.layout.types import Polygon
from chipscale.process.kinds.bonding import Bond, Flip
from chipscale.process.kinds.dicing import Dice
from chipscale.process.kinds.grind import FineGrind
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.masks import Masks
from chipscale.process.models.dicing_methods import METHODS, cutting_s
from chipscale.process.relief.front import Front
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Note, Work
from chipscale.stack.outline import tapered
from chipscale.stack.types import Slab
from chipscale.stack.volume import overlaps, volume_um3

BATCH = Batch(300.0, 5000, 60, 2480.0, 4080.0, 80.0, 80.0, wafer_um=250.0)


@pytest.fixture
def wafer(layout):
    work, masks = Work("two", 1000.0, 600.0), Masks(layout)
    for step in (IncomingWafer(), FineGrind()):
        work = step.effect(work, masks)
    return work.but(note=Note())


def test_cutting_a_published_wafer_takes_its_time():
    assert cutting_s(300.0, 2.56, 4.16, 50.0, spindles_count=2.0) / 60 == pytest.approx(9.4, abs=0.06)
    bare = Dice(turnaround_s=0.0, align_s=0.0)
    assert bare.time_s(BATCH) == pytest.approx(cutting_s(300.0, 2.56, 4.16, 50.0, spindles_count=2.0))
    assert Dice().time_s(BATCH) == pytest.approx(bare.time_s(BATCH) + 30.0 + 189 * 0.5 / 2)


def test_time_goes_with_the_method():
    assert Dice(method="plasma", align_s=0.0, etch_um_min=10.0).time_s(BATCH) == pytest.approx(25.0 * 60)
    laser, stealth = (Dice(method=name, turnaround_s=0.0, align_s=0.0) for name in ("laser", "stealth"))
    assert laser.time_s(BATCH) == pytest.approx(10 * 189 * 300 / 200 / 2)  # passes of 25 µm
    assert stealth.time_s(BATCH) == pytest.approx(5 * 189 * 300 / 300 / 2)
    assert Dice(feed_mm_s=25.0, turnaround_s=0.0, align_s=0.0).time_s(BATCH) == pytest.approx(189 * 300 / 25 / 2)


def test_a_cut_wider_than_its_street_is_refused_with_numbers(wafer, layout):
    with pytest.raises(StepError, match="wider than the street") as caught:
        Dice(street_um=50.0).effect(wafer, Masks(layout))
    assert caught.value.value.startswith("52 µm: kerf 30, chips 2 x 8, placing 2 x 3")
    assert caught.value.limit == "street 50 µm"
    assert Dice(street_um=52.0).effect(wafer, Masks(layout))
    assert Dice(street_um=10.0, method="stealth").effect(wafer, Masks(layout))


def test_chips_at_the_back_are_told(wafer, layout):
    (told,) = Dice(street_um=75.0).effect(wafer, Masks(layout)).note.warnings
    assert "76 of 75 µm" in told
    assert Dice().effect(wafer, Masks(layout)).note.warnings == ()


def under_glass(wafer, layout, layer="GLASS", material="Glass_EagleXG", thickness_um=400.0):
    die = Masks(layout).die
    return wafer.with_bodies([Slab(layer, layer, material, 10.0, thickness_um, die, die)])


def test_glass_in_the_street_sets_feed_kerf_chips_and_depth(wafer, layout):
    masks = Masks(layout)
    plain, glass = (Dice(street_um=120.0).effect(w, masks).note for w in (wafer, under_glass(wafer, layout)))
    assert plain.figures["feed_mm_s"] == 50.0
    assert glass.figures["feed_mm_s"] == pytest.approx(5.0)
    assert (glass.figures["kerf_um"], glass.figures["back_chipping_um"]) == (40.0, 25.0)
    assert glass.figures["cut_um"] == pytest.approx(plain.figures["cut_um"] + 400.0)
    slow = Dice(align_s=0.0, turnaround_s=0.0).time_s(dataclasses.replace(BATCH, figures=glass.figures))
    passes = math.ceil(glass.figures["cut_um"] / 1000.0)
    assert slow == pytest.approx(passes * 189 * 300 / 5 / 2)


def test_a_feed_too_fast_for_the_glass_is_told(wafer, layout):
    told = Dice(street_um=120.0, feed_mm_s=40.0).effect(under_glass(wafer, layout), Masks(layout)).note
    assert told.figures["feed_mm_s"] == 40.0
    assert any("400 µm of glass in the street: 40 mm/s is faster" in said for said in told.warnings)


def test_thick_polymer_slows_the_blade_a_thin_film_does_not(wafer, layout):
    masks = Masks(layout)
    for thickness, feed in ((10.0, 50.0), (80.0, 25.0)):
        work = under_glass(wafer, layout, "MOLD", "EMC", thickness)
        assert Dice().effect(work, masks).note.figures["feed_mm_s"] == pytest.approx(feed)


def test_plasma_does_not_part_glass(wafer, layout):
    with pytest.raises(StepError, match="stops at glass") as caught:
        Dice(method="plasma").effect(under_glass(wafer, layout), Masks(layout))
    assert caught.value.option == "method"


def test_stealth_does_not_part_glass_and_says_what_polymer_it_leaves(wafer, layout):
    masks, stealth = Masks(layout), Dice(method="stealth")
    with pytest.raises(StepError, match="leaves glass in the street whole") as caught:
        stealth.effect(under_glass(wafer, layout), masks)
    assert (caught.value.option, caught.value.value) == ("method", "400 µm of glass in the street")
    assert "assumed" in caught.value.limit
    polymer = under_glass(wafer, layout, "MOLD", "EMC", 80.0)
    assert any("leaves 80 µm of polymer" in said for said in stealth.effect(polymer, masks).note.warnings)
    assert stealth.effect(wafer, masks).note.warnings == ()


def test_a_value_outside_the_methods_range_is_refused(wafer, layout):
    with pytest.raises(StepError, match="range of dicing by stealth") as caught:
        Dice(method="stealth", kerf_um=30.0).effect(wafer, Masks(layout))
    assert caught.value.option == "kerf_um"
    assert "0 to 3" in caught.value.limit


def test_the_way_of_dicing_decides_the_strength(wafer, layout):
    made = {name: Dice(method=name).effect(wafer, Masks(layout)) for name in METHODS}
    assert {name: work.silicon.strength_MPa for name, work in made.items()} == pytest.approx(
        {"blade": 500.0, "laser": 150.0, "stealth": 500.0, "plasma": 555.0}
    )
    assert made["laser"].note.figures["breaking_ppm"] > 50 * made["blade"].note.figures["breaking_ppm"] > 0
    unknown = wafer.but(silicon=dataclasses.replace(wafer.silicon, strength_MPa=0.0))
    assert "breaking_ppm" not in Dice().effect(unknown, Masks(layout)).note.figures


def test_the_edge_that_is_lost(wafer, layout):
    work = Dice(edge_loss_um=20.0).effect(wafer, Masks(layout))
    assert work.stack().body("DIE").bottom.bounds == (20.0, 20.0, 980.0, 580.0)
    with pytest.raises(StepError, match=r"kerf cuts into PAD\.pin"):
        Dice(edge_loss_um=100.0).effect(wafer, Masks(layout))


def test_the_edge_is_lost_from_tapered_bodies_too(wafer, layout):
    pytest.importorskip("chipscale.process.relief.carve")
    low = shapely.orient_polygons(shapely.box(0, 0, 1000, 600).difference(shapely.box(300, 200, 700, 400)))
    film = Slab("FILM", "INS", "PI", 5.0, 10.0, low, tapered(low, -4.0))
    lean = wafer.but(bodies=(film,))
    kept = Dice(edge_loss_um=20.0).effect(lean, Masks(layout)).bodies
    before = shapely.box(20, 20, 980, 580).area
    assert before * 10.0 > sum(volume_um3(body) for body in kept) > 0
    assert all(shapely.box(19.99, 19.99, 980.01, 580.01).covers(body.bottom) for body in kept)


# ---- the notch ----------------------------------------------------------------------------------------------------


def strip(layer, x0, x1, name="strip"):
    import numpy as np

    return Polygon(layer, name, np.array([(x0, 0.0), (x1, 0.0), (x1, 600.0), (x0, 600.0)]), None, "")


@pytest.fixture
def cut_layout(layout):
    """Pads 160 to 240 µm seen from the back, a notch 200 µm wide on the left, the sensing area in the middle."""
    return dataclasses.replace(
        layout, polygons=(*layout.polygons, strip("GROOVE2", 0, 200), strip("SENSING", 400, 500))
    )


@pytest.fixture
def opened(cut_layout):
    """The wafer on glass, turned over, its silicon gone on the left 300 µm."""
    masks = Masks(cut_layout)
    work = Work("two", 1000.0, 600.0)
    for step, seen in ((IncomingWafer(device_um=10.0), masks.mirrored()), (Bond(), masks), (Flip(), masks)):
        work = step.effect(work, seen)
    rest = shapely.box(300, 0, 1000, 600)
    bodies = [
        dataclasses.replace(body, bottom=rest, top=rest, h_um=130.0) if body.layer == "DIE" else body
        for body in work.bodies
    ]
    front = Front(((0.0, shapely.box(0, 0, 300, 600)), (130.0, rest)))
    return work.but(bodies=tuple(bodies), front=front, note=Note())


@pytest.fixture
def notch():
    pytest.importorskip("chipscale.process.relief.carve")
    from chipscale.process.kinds.notch import SawNotch

    return SawNotch


def test_an_upright_notch_takes_what_is_drawn(opened, cut_layout, notch):
    work = notch(wall_deg=90.0, depth_um=20.0).effect(opened, Masks(cut_layout))
    lost = sum(map(volume_um3, opened.bodies)) - sum(map(volume_um3, work.bodies))
    assert lost == pytest.approx(200 * 600 * 30.0, rel=1e-9)
    assert work.front.levels[0][0] == pytest.approx(-30.0)
    assert work.note.figures["cut_pads_count"] == 1
    assert work.note.figures["floor_um"] == pytest.approx(200.0, abs=0.05)
    assert work.note.figures["left_below_um"] == pytest.approx(380.0)
    assert overlaps(work.stack(), 1e-3) == []


def test_a_bevelled_notch_is_narrower_below(opened, cut_layout, notch):
    work = notch(wall_deg=60.0, depth_um=20.0).effect(opened, Masks(cut_layout))
    lost = sum(map(volume_um3, opened.bodies)) - sum(map(volume_um3, work.bodies))
    assert lost == pytest.approx((200 - 15 / 3**0.5) * 600 * 30.0, rel=1e-3)  # half its lean over 30 µm
    assert overlaps(work.stack(), 0.5) == []


@pytest.mark.parametrize(
    ("x1", "recipe", "said"),
    [
        (150, {}, "never reaches a pad"),
        (240, {}, "takes away PAD.pin"),
        (450, {}, "takes away"),
        (200, {"depth_um": 400.0}, "goes through the cover"),
        (200, {"clear_of": "PAD"}, "cuts into the circuit"),
        (200, {"blade_um": 300.0, "street_um": 0.0, "wall_deg": 30.0, "depth_um": 150.0}, "does not fit the notch"),
        (200, {"mask": "GROOVE7"}, "nothing is drawn on GROOVE7"),
    ],
)
def test_a_wrong_notch_is_refused(opened, cut_layout, notch, x1, recipe, said):
    polygons = tuple(item for item in cut_layout.polygons if item.layer != "GROOVE2")
    masks = Masks(dataclasses.replace(cut_layout, polygons=(*polygons, strip("GROOVE2", 0, x1))))
    with pytest.raises(StepError, match=said):
        notch(**recipe).effect(opened, masks)


def test_a_notch_into_the_hollow_is_refused(opened, cut_layout, notch):
    hollow = dataclasses.replace(cut_layout, polygons=(*cut_layout.polygons, strip("CAVITY", 190, 900)))
    with pytest.raises(StepError, match="opens the cavity") as caught:
        notch().effect(opened, Masks(hollow))
    assert caught.value.value == "6000 µm² of CAVITY"


def test_a_notch_is_cut_at_its_feed(notch):
    step = notch(feed_mm_s=20.0, turnaround_s=0.0, align_s=0.0)
    assert step.time_s(BATCH) == pytest.approx(189 * 300 / 20 / 2)
    assert [spread.quantity for spread in step.spreads()] == ["depth_um", "place_um"]
