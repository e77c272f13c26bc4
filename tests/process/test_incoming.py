import dataclasses

import pytest
import shapely

from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.masks import Masks
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

START = Work("two", 1000.0, 600.0)


def made(layout, **recipe):
    return IncomingWafer(**recipe).effect(START, Masks(layout))


def test_pads_lie_open_in_the_passivation(layout):
    work = made(layout)
    assert [z for z, _ in work.front.levels] == pytest.approx([1.0, 2.0])
    assert shapely.area(work.front.levels[0][1]) == pytest.approx(2 * 76.0**2)
    assert overlaps(work.stack(), 1e-3) == []


def test_the_device_layer_holds_the_pads_and_covers_them(layout):
    work = made(layout, device_um=10.0)
    assert {body.layer for body in work.bodies} == {"DIE", "PAD", "DEVICE"}
    assert {z_range_um(body) for body in work.bodies if body.layer == "DEVICE"} == {(0.0, 1.0), (1.0, 10.0)}
    assert [z for z, _ in work.front.levels] == [10.0]
    held = sum(volume_um3(body) for body in work.bodies if body.layer in ("PAD", "DEVICE"))
    assert held == pytest.approx(1000 * 600 * 10.0)
    assert overlaps(work.stack(), 1e-3) == []


def test_a_device_layer_thinner_than_its_pads_is_refused(layout):
    with pytest.raises(StepError, match="does not cover its pads") as caught:
        made(layout, device_um=0.8)
    assert caught.value.option == "device_um"


def test_a_device_layer_without_pads_is_one_body(layout):
    bare = dataclasses.replace(layout, polygons=())
    assert [body.name for body in made(bare, device_um=10.0).bodies] == ["DIE", "DEVICE"]


def test_the_wafer_has_its_diameter_and_varies(layout):
    assert made(layout, diameter_mm=200.0).silicon.diameter_mm == 200.0
    (spread,) = IncomingWafer(wafer_tolerance_um=15.0).spreads()
    assert (spread.layer, spread.by_level) == ("DIE", {"wafer": 5.0})
    assert IncomingWafer().time_s(Batch(300, 1, 1, 1, 1, 1, 1)) > 0
