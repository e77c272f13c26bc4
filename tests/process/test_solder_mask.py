"""The solder mask fills or bridges a groove; balls on lands in its openings hold all their solder."""

import math

import numpy as np
import pytest
import shapely

from chipscale.layout.outline import circle_points
from chipscale.layout.types import Circle, Layout, Polygon
from chipscale.package.groove_terminals import masked_ball
from chipscale.process.kinds.solder import BallDrop, Reflow
from chipscale.process.kinds.solder_mask import SolderMask
from chipscale.process.masks import Masks
from chipscale.process.relief.front import Front, Wall
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Work
from chipscale.stack.types import Revolved, Slab
from chipscale.stack.volume import overlaps, volume_um3, z_range_um

DIE = shapely.box(0, 0, 1000, 600)
BACK, FLOOR = 130.0, 10.0  # heights of the back and of the groove's floor
SITES = ((500.0, 300.0), (800.0, 300.0))


@pytest.fixture
def masks():
    circles = []
    for k, (x, y) in enumerate(SITES, start=1):
        circles += [Circle("RDL", "land", x, y, 220.0, f"n{k}", f"A{k}")]
        circles += [Circle("SMO", "opening", x, y, 180.0, f"n{k}", f"A{k}")]
        circles += [Circle("BALL", "ball", x, y, 248.0, f"n{k}", f"A{k}")]
    corners = np.array([(0, 0), (200, 0), (200, 600), (0, 600)], dtype=float)
    return Masks(Layout(1000.0, 600.0, tuple(circles), (Polygon("GROOVE1", "groove", corners),), (), ()))


@pytest.fixture
def grooved():
    """Silicon with a groove on the left whose wall leans from 140 µm at its floor to 200 µm, and two lands on it."""
    floor = shapely.box(0, 0, 140, 600)
    front = Front(((FLOOR, floor), (BACK, DIE.difference(floor)))).cut(Wall(floor, FLOOR, 60 / (BACK - FLOOR)), FLOOR)
    lands = [shapely.Polygon(circle_points(Circle("RDL", "land", x, y, 220.0))) for x, y in SITES]
    _, front = front.filled(Wall(shapely.MultiPolygon(lands)), BACK + 4)
    metal = [Slab(f"RDL.n{k}", "RDL", "Cu_plated", BACK, 4.0, land, land, f"n{k}") for k, land in enumerate(lands, 1)]
    return Work("grooved", 1000.0, 600.0).with_bodies(metal, front)


def mask_volume(work):
    return sum(volume_um3(body) for body in work.bodies if body.layer == "MASK")


def test_full_fills_the_groove_to_the_brim(grooved, masks):
    work = SolderMask(thickness_um=25.0).effect(grooved, masks)
    top = BACK + 4 + 25
    land, opening = (shapely.Polygon(circle_points(Circle("", "land", 0, 0, d))).area for d in (220.0, 180.0))
    groove = (BACK - FLOOR) * 600 * (140 + 200) / 2
    wanted = groove + 600_000 * (top - BACK) - 2 * land * 4 - 2 * opening * 25
    assert mask_volume(work) == pytest.approx(wanted, rel=1e-6)
    assert work.front.top_um == pytest.approx(top)
    assert work.note.figures["thickest_um"] == pytest.approx(top - FLOOR)
    assert work.note.figures["hollow_um"] == 0
    assert overlaps(work.stack(), 1e-3) == []


@pytest.mark.parametrize("sag_um", [0.0, 30.0])
def test_hollow_bridges_the_groove(grooved, masks, sag_um):
    full = SolderMask().effect(grooved, masks)
    work = SolderMask(fill="hollow", sag_um=sag_um).effect(grooved, masks)
    assert min(z_range_um(body)[0] for body in work.bodies if body.layer == "MASK") == pytest.approx(BACK - sag_um)
    wide = 140 + 60 * (BACK - sag_um - FLOOR) / (BACK - FLOOR)
    empty = (BACK - sag_um - FLOOR) * 600 * (140 + wide) / 2
    assert mask_volume(full) - mask_volume(work) == pytest.approx(empty, rel=1e-6)
    assert work.note.figures["hollow_um"] == pytest.approx(BACK - sag_um - FLOOR)
    assert work.front.top_um == full.front.top_um


def test_stress_and_time_are_told(grooved, masks):
    work = SolderMask().effect(grooved, masks)
    assert work.residual["MASK"].stress_MPa > 0
    batch = Batch(200.0, 500, 16, 3000.0, 2600.0, 100.0, 100.0)
    assert SolderMask().time_s(batch) == 90 + 60 + 120 + 3600 / 25


def test_a_mask_without_openings_is_refused(grooved, masks):
    with pytest.raises(StepError, match="nothing is drawn on NOTHING"):
        SolderMask(mask="NOTHING").effect(grooved, masks)


@pytest.mark.parametrize("wall_deg", [90.0, 75.0])
def test_solder_fills_the_opening_and_stands_on_its_rim(grooved, masks, wall_deg):
    work = SolderMask(thickness_um=25.0, wall_deg=wall_deg).effect(grooved, masks)
    work = BallDrop(sphere_d_um=250.0).effect(work.but(), masks)
    work = Reflow().effect(work, masks)
    solder = [body for body in work.bodies if body.layer == "BALL"]
    balls = [body for body in solder if isinstance(body, Revolved)]
    plugs = [body for body in solder if isinstance(body, Slab)]
    assert [len(balls), len(plugs)] == [2, 2]
    assert {plug.part for plug in plugs} == {"plug"}
    assert sum(volume_um3(body) for body in solder) == pytest.approx(2 * math.pi / 6 * 250.0**3, rel=1e-9)
    assert work.note.figures["solder_kept_ratio"] == pytest.approx(1.0, rel=1e-9)
    assert not work.note.warnings
    for ball, plug in zip(balls, plugs, strict=True):
        assert z_range_um(plug) == pytest.approx((BACK + 4, BACK + 29))
        assert z_range_um(ball)[0] == pytest.approx(BACK + 29)
        assert ball.net == plug.net
    assert overlaps(work.stack(), 1.0) == []
    if wall_deg == 90:
        _, height = masked_ball(250.0, 180.0, 25.0)
        low, high = z_range_um(balls[0])
        assert high - low == pytest.approx(height, rel=2e-3)  # the opening is a 64-gon


def test_too_little_solder_for_the_opening_is_refused(grooved, masks):
    work = BallDrop(sphere_d_um=100.0).effect(SolderMask().effect(grooved, masks), masks)
    with pytest.raises(StepError, match="does not fill the opening"):
        Reflow().effect(work, masks)
