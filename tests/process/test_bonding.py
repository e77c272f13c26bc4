import numpy as np
import pytest
import shapely

from chipscale.process.kinds.bonding import Bond, Flip, turned
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.mold import Mold
from chipscale.process.masks import Masks
from chipscale.process.relief.front import Front, Wall
from chipscale.process.step import StepError
from chipscale.process.work import Work
from chipscale.stack.outline import tapered
from chipscale.stack.revolve import outline
from chipscale.stack.types import Revolved, Slab, Spheroid
from chipscale.stack.volume import overlaps, region_at, volume_um3, z_range_um


@pytest.fixture
def wafer(layout):
    return IncomingWafer(device_um=10.0).effect(Work("two", 1000.0, 600.0), Masks(layout))


@pytest.fixture
def walled(wafer):
    ring = shapely.box(0, 0, 1000, 600).difference(shapely.box(200, 150, 900, 450))
    (layer,), front = wafer.front.filled(Wall(ring), 50.0)
    return wafer.with_bodies([Slab("WALL", "WALL", "SolderMask", *layer)], front)


def test_the_cover_lies_on_the_highest_places(walled, layout):
    work = Bond(thickness_um=300.0).effect(walled, Masks(layout))
    assert z_range_um(work.stack().body("GLASS")) == (50.0, 350.0)
    assert [z for z, _ in work.front.levels] == [350.0]
    figures = work.note.figures
    assert figures["bonded_pct"] == pytest.approx(100 * (600000 - 700 * 300) / 600000)
    assert figures["cavity_um"] == pytest.approx(40.0)
    assert overlaps(work.stack(), 1e-3) == []


def test_the_cover_holds_what_its_mismatch_to_silicon_gives(walled, layout):
    masks = Masks(layout)
    hot = Bond(material="EMC", bond_C=175.0).effect(walled, masks).residual["GLASS"].stress_MPa
    assert hot == pytest.approx(22e3 / 0.7 * (8.0 - 3.1) * 1e-6 * 150.0)
    unknown = Bond(material="Unobtainium").effect(walled, masks)
    assert "GLASS" not in unknown.residual
    assert "stress is not known" in unknown.note.warnings[0]


def test_a_cover_on_next_to_nothing_is_told(wafer, layout):
    (layer,), front = wafer.front.filled(Wall(shapely.box(0, 0, 30, 30)), 50.0)
    work = wafer.with_bodies([Slab("WALL", "WALL", "SolderMask", *layer)], front)
    (told,) = Bond().effect(work, Masks(layout)).note.warnings
    assert "0.15 % of the die" in told


def ball(x_um=100.0, z_um=10.0):
    shape = Spheroid(50.0, 50.0, z_um + 50.0)
    profile = outline(shape, z_um, z_um + 100.0)
    return Revolved("BALL.A1", "BALL", "SAC305", x_um, 300.0, profile, "in", "", shape)


def test_nothing_is_bonded_or_molded_over_balls(wafer, layout):
    bumped = wafer.with_bodies([ball()])
    for step in (Bond(), Mold()):
        with pytest.raises(StepError, match="above the surface"):
            step.effect(bumped, Masks(layout))


def test_a_flip_turns_everything_about_the_active_face(walled, layout):
    masks = Masks(layout)
    before = Bond().effect(walled.with_bodies([]), masks)
    after = Flip().effect(before, masks)
    assert z_range_um(after.stack().body("DIE")) == (0.0, 775.0)
    assert z_range_um(after.stack().body("GLASS")) == (-450.0, -50.0)
    assert [z for z, _ in after.front.levels] == [775.0]
    assert overlaps(after.stack(), 1e-3) == []
    for body in before.bodies:
        twin = after.stack().body(body.name)
        assert volume_um3(twin) == pytest.approx(volume_um3(body), rel=1e-12)
        x0, y0, x1, y1 = body.bottom.bounds
        assert twin.top.bounds == pytest.approx((1000 - x1, y0, 1000 - x0, y1))
        assert (twin.top is twin.bottom) == (body.top is body.bottom)


def test_a_flip_keeps_tapered_walls_and_turns_them(layout):
    low = shapely.box(100, 100, 300, 200).difference(shapely.box(150, 120, 250, 180))
    slab = Slab("T", "INS", "PI", 5.0, 10.0, low, tapered(low, -4.0))
    (twin,) = turned((slab,), 1000.0)
    assert (twin.z_um, twin.h_um) == (-15.0, 10.0)
    assert volume_um3(twin) == pytest.approx(volume_um3(slab), rel=1e-12)
    for z in (5.0, 8.0, 12.5, 15.0):
        seen = shapely.transform(
            region_at(slab, z), lambda points: np.column_stack((1000 - points[:, 0], points[:, 1]))
        )
        assert shapely.area(shapely.symmetric_difference(seen, region_at(twin, -z))) < 1e-6
    (back,) = turned((twin,), 1000.0)
    assert shapely.area(shapely.symmetric_difference(back.bottom, slab.bottom)) < 1e-9


def test_a_flip_turns_balls(layout):
    (twin,) = turned((ball(),), 1000.0)
    assert (twin.x_um, z_range_um(twin)) == (900.0, (-110.0, -10.0))
    assert volume_um3(twin) == pytest.approx(volume_um3(ball()), rel=1e-12)
    assert twin.spheroid.z_um == -60.0
    assert np.all(np.diff(twin.profile[:, 1]) > 0)


def test_a_wafer_is_turned_once_and_with_a_bare_back(wafer, layout):
    masks = Masks(layout)
    covered = Bond().effect(wafer, masks)
    with pytest.raises(StepError, match="upside down already"):
        Flip().effect(Flip().effect(covered, masks), masks)
    film = Slab("BACKSIDE", "BACKSIDE", "PI", -800.0, 25.0, masks.die, masks.die)
    with pytest.raises(StepError, match="lies on the back"):
        Flip().effect(covered.with_bodies([film]), masks)


def test_mold_levels_what_lies_under_it(walled):
    work = Mold(thickness_um=30.0).effect(walled, None)
    mold = [body for body in work.bodies if body.layer == "MOLD"]
    assert sum(volume_um3(body) for body in mold) == pytest.approx(600000 * 30.0 + 700 * 300 * 40.0)
    assert [z for z, _ in work.front.levels] == [80.0]
    assert work.residual["MOLD"].stress_MPa == pytest.approx(22e3 / 0.7 * ((8.0 - 2.6) * 1e-6 * 100 + 1e-3))
    assert overlaps(work.stack(), 1e-3) == []


def test_mold_on_a_plain_face_is_one_body():
    die = shapely.box(0, 0, 1000, 600)
    silicon = Slab("DIE", "DIE", "Si", -300.0, 300.0, die, die)
    work = Mold().effect(Work("m", 1000.0, 600.0, (silicon,), Front(((0.0, die),))), None)
    assert [body.name for body in work.bodies] == ["DIE", "MOLD"]
