import math

import pytest
import shapely

from chipscale.process.kinds.electroless import CHEMISTRIES, Electroless
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.masks import Masks
from chipscale.process.relief.bare_metal import bare_places
from chipscale.process.relief.front import Front, Wall
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work
from chipscale.stack.contact import net_pieces
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

BATCH = Batch(300.0, 2000, 60, 3588.0, 5188.0, 80.0, 80.0)


def wafer(layout):
    masks = Masks(layout)
    return IncomingWafer().effect(Work("w", 1000.0, 600.0), masks), masks


def stack(work):
    return Stack("s", work.size_x_um, work.size_y_um, work.bodies)


def test_nickel_rises_in_the_passivation_s_opening_and_over_its_rim(layout):
    work, masks = wafer(layout)
    after = Electroless(thickness_um=5.0).effect(work, masks)
    plug, cap = (body for body in after.bodies if body.name.startswith("UBM.pin"))
    assert (plug.name, plug.part, plug.z_um, plug.h_um) == ("UBM.pin.plug", "plug", 1.0, 1.0)
    assert (cap.name, cap.part, cap.z_um, cap.h_um, cap.net) == ("UBM.pin", "", 2.0, 4.0, "in")
    assert plug.bottom.area == pytest.approx(76.0**2)  # the pad less its overlap
    assert cap.bottom.bounds[2] - plug.bottom.bounds[2] == pytest.approx(4.0)
    section = cap.h_um * (cap.bottom.bounds[2] + cap.top.bounds[2] - 2 * plug.bottom.bounds[2]) / 2
    assert section == pytest.approx(math.pi / 4 * 4.0**2, rel=1e-9)
    assert overlaps(stack(after), 1e-3) == []
    assert {net: len(found) for net, found in net_pieces(stack(after)).items()} == {"in": 1, "out": 1}
    assert after.front.levels[-1][0] == 6.0
    assert after.note.figures["bath_time_min"] == pytest.approx(5.0 / 0.47)
    assert after.note.figures["aside_um"] == pytest.approx(4.0)


def test_thin_metal_stays_in_the_opening(layout):
    work, masks = wafer(layout)
    after = Electroless(thickness_um=0.5).effect(work, masks)
    (body,) = (body for body in after.bodies if body.name.startswith("UBM.pin"))
    assert (body.name, body.h_um, body.part) == ("UBM.pin", 0.5, "")
    assert after.note.figures["aside_um"] == 0.0


def test_gold_on_nickel(layout):
    work, masks = wafer(layout)
    work = Electroless(thickness_um=5.0).effect(work, masks)
    after = Electroless(on="UBM", layer="UBM", material="Au", thickness_um=0.05).effect(work, masks)
    gold = [body for body in after.bodies if body.material == "Au"]
    assert [(body.name, z_range_um(body)[1]) for body in gold] == [
        ("UBM.pin.Au", pytest.approx(6.05)),
        ("UBM.pout.Au", pytest.approx(6.05)),
    ]
    assert overlaps(stack(after), 1e-3) == []


def test_free_standing_metal_grows_on_its_sides(layout):
    masks = Masks(layout)
    region = shapely.box(100, 100, 200, 180)
    post = Slab("RDL.a", "RDL", "Cu_plated", 0.0, 10.0, region, region, "a")
    _, front = Front(((0.0, masks.die),)).filled(Wall(region), 10.0)
    after = Electroless(on="RDL", layer="UBM", thickness_um=3.0).effect(Work("w", 1000.0, 600.0, (post,), front), masks)
    side, top = after.bodies[1:]
    assert (side.part, z_range_um(side), top.part, z_range_um(top)) == ("side", (0.0, 10.0), "", (10.0, 13.0))
    assert volume_um3(side) == pytest.approx((106.0 * 86.0 - 8000.0) * 10.0)
    assert overlaps(stack(after), 1e-3) == []
    assert after.note.figures["aside_um"] == 3.0


def test_several_openings_on_one_wire_are_numbered(layout):
    masks = Masks(layout)
    region = shapely.box(100, 100, 400, 180)
    wire = Slab("RDL.a", "RDL", "Cu_plated", 0.0, 5.0, region, region, "a")
    _, front = Front(((0.0, masks.die),)).filled(Wall(region), 5.0)
    holes = shapely.union(shapely.box(120, 110, 160, 150), shapely.box(300, 110, 340, 150))
    layers, front = front.filled(Wall(holes, 0.0, 0.2, masks.die), 10.0)
    film = [Slab(f"PI2.{k}", "PI2", "PI", *layer) for k, layer in enumerate(layers)]
    work = Work("w", 1000.0, 600.0, (wire, *film), front)
    assert [place.piece.name for place in bare_places(work, "RDL")] == ["a.1", "a.2"]
    after = Electroless(on="RDL", thickness_um=7.0).effect(work, masks)
    plug = next(body for body in after.bodies if body.name == "UBM.a.1.plug")
    assert plug.top.area > plug.bottom.area  # the opening leans
    assert overlaps(stack(after), 1e-3) == []


def test_what_it_can_t_do(layout):
    work, masks = wafer(layout)
    with pytest.raises(StepError, match="no metal of RDL lies bare"):
        Electroless(on="RDL").effect(work, masks)
    with pytest.raises(StepError, match="immersion gold does not grow that thick") as caught:
        Electroless(material="Au", thickness_um=1.0).effect(work, masks)
    assert caught.value.limit.startswith("0.1 µm")
    closed = IncomingWafer(device_um=3.0).effect(Work("w", 1000.0, 600.0), masks)
    with pytest.raises(StepError, match="lies bare"):
        Electroless().effect(closed, masks)
    near = shapely.union(shapely.box(100, 100, 180, 180), shapely.box(186, 100, 260, 180))
    posts = [
        Slab(f"RDL.{k}", "RDL", "Cu_plated", 0.0, 5.0, part, part) for k, part in enumerate(shapely.get_parts(near))
    ]
    _, front = Front(((0.0, masks.die),)).filled(Wall(near), 5.0)
    with pytest.raises(StepError, match="grows into its neighbour"):
        Electroless(on="RDL", thickness_um=4.0).effect(Work("w", 1e3, 6e2, tuple(posts), front), masks)


def test_time_and_spread():
    assert Electroless(thickness_um=4.7).time_s(BATCH) == pytest.approx(300.0 + 600.0)
    assert Electroless(within_wafer_pct=6.0).spreads()[0].by_level["die"] == 2.0
    assert all(bath.source for bath in CHEMISTRIES.values())
