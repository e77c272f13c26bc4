import dataclasses
import math

import pytest
import shapely

from chipscale.process.kinds.etching import DryEtch, WetEtch
from chipscale.process.kinds.incoming import IncomingWafer
from chipscale.process.kinds.plating import Plate
from chipscale.process.kinds.seed_etch import EtchSeed
from chipscale.process.kinds.sputter import Sputter
from chipscale.process.masks import Masks
from chipscale.process.models.etch_profile import undercut_um
from chipscale.process.relief.front import Front, Wall
from chipscale.process.step import Batch, StepError
from chipscale.process.work import Blanket, Coat, Work
from chipscale.stack.contact import net_pieces
from chipscale.stack.types import Slab, Stack
from chipscale.stack.volume import overlaps, volume_um3

BATCH = Batch(300.0, 2000, 60, 3588.0, 5188.0, 80.0, 80.0)


def resist(work, masks, mask, keep=False, thickness_um=10.0, lean_ratio=0.0):
    """Return the workpiece with a resist, open where the mask is drawn or (keep) everywhere else."""
    film = 0.0 if work.blanket is None or work.blanket.is_seed else work.blanket.thickness_um
    foot = work.front.lowest_um(masks.die) + film
    wall = Wall(masks.region(mask), foot, lean_ratio, masks.die if keep else None)
    top = work.front.top_um + film + thickness_um
    return work.but(coat=Coat("RESIST", "AZ P4620", "resist", top, thickness_um, mask, wall, wall))


def plated(masks, *platings, mask="UBM", current_A_dm2=2.0):
    work = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)), None, Blanket("", "Ti/Cu", 0.4, 0.2, True))
    work = resist(work, masks, mask, thickness_um=60.0)
    for layer, material, thickness in platings:
        work = Plate(layer, material, thickness, current_A_dm2).effect(work, masks)
    return work.but(coat=None)


def sound(work):
    return overlaps(Stack("s", work.size_x_um, work.size_y_um, work.bodies), 1e-3) == []


# ---- the seed's etch


def test_without_undercut_and_loss_nothing_changes(layout):
    masks = Masks(layout)
    work = plated(masks, ("UBM", "Cu_plated", 8.0))
    after = EtchSeed(undercut_um=0.0, loss_um=0.0).effect(work, masks)
    assert after.blanket is None
    assert after.bodies == work.bodies
    assert after.front is work.front


def test_the_undercut_is_the_foot_s_outline(layout):
    masks = Masks(layout)
    after = EtchSeed(undercut_um=0.8).effect(plated(masks, ("UBM", "Cu_plated", 8.0)), masks)
    foot, metal = after.bodies[:2]
    assert (foot.name, foot.part, foot.z_um, foot.h_um) == ("UBM.A1.foot", "foot", 0.0, 0.4)
    assert (metal.name, metal.z_um, metal.h_um) == ("UBM.A1", 0.4, 7.6)
    assert metal.bottom.bounds[2] - foot.bottom.bounds[2] == pytest.approx(0.8, abs=1e-6)
    assert after.note.figures["foot_left_pct"] == pytest.approx(100 * (1 - 1.6 / 215) ** 2, abs=1e-3)
    assert sound(after)
    assert {net: len(found) for net, found in net_pieces(Stack("s", 1e3, 6e2, after.bodies)).items()} == {
        "in": 1,
        "out": 1,
    }


def test_only_what_stands_on_this_seed_is_undercut(layout):
    masks = Masks(layout)
    work = plated(masks, ("UBM", "Cu_plated", 5.0), ("UBM", "Ni", 2.5), ("BUMP", "SnAg", 20.0))
    old = Slab("RDL.x", "RDL", "Cu_plated", 0.0, 5.0, shapely.box(10, 10, 50, 50), shapely.box(10, 10, 50, 50))
    after = EtchSeed().effect(work.but(bodies=(old, *work.bodies)), masks)
    assert [body.name for body in after.bodies if body.part == "foot"] == ["UBM.A1.foot", "UBM.A2.foot"]
    assert after.bodies[0] is old


def test_copper_lost_to_the_etch(layout):
    masks = Masks(layout)
    after = EtchSeed(undercut_um=0.0, loss_um=0.5).effect(plated(masks, ("UBM", "Cu_plated", 8.0)), masks)
    disc = after.bodies[0]
    assert disc.h_um == 7.5
    assert disc.bottom.bounds[2] - disc.bottom.bounds[0] == pytest.approx(215.0 - 1.0, abs=1e-2)
    assert after.front.levels[-1][0] == 7.5
    assert after.front.levels[-1][1].area == pytest.approx(sum(body.bottom.area for body in after.bodies), rel=1e-9)


def test_nickel_and_solder_stand_and_cover_the_copper(layout):
    masks = Masks(layout)
    work = plated(masks, ("UBM", "Cu_plated", 5.0), ("UBM", "Ni", 2.5))
    after = EtchSeed(undercut_um=0.0, loss_um=0.5).effect(work, masks)
    copper, nickel = after.bodies[0], after.bodies[2]
    assert (copper.h_um, nickel.h_um, nickel.z_um) == (5.0, 2.5, 5.0)
    assert copper.bottom.area < nickel.bottom.area
    assert sound(after)


def test_a_gold_seed_s_etch_takes_gold(layout):
    masks = Masks(layout)
    work = plated(masks, ("BUMP", "Au", 15.0), current_A_dm2=0.5)
    work = work.but(blanket=dataclasses.replace(work.blanket, material="TiW/Au"))
    after = EtchSeed(undercut_um=0.0, loss_um=0.2).effect(work, masks)
    assert after.bodies[0].h_um == pytest.approx(14.8)
    copper_etch = EtchSeed(undercut_um=0.0, loss_um=0.2).effect(
        work.but(blanket=dataclasses.replace(work.blanket, material="Ti/Cu")), masks
    )
    assert copper_etch.bodies[0].h_um == 15.0


def test_an_undercut_that_meets_is_refused(layout):
    masks = Masks(layout)
    with pytest.raises(StepError, match="loses its foot") as caught:
        EtchSeed(undercut_um=120.0).effect(plated(masks, ("UBM", "Cu_plated", 8.0)), masks)
    assert caught.value.option == "undercut_um"
    work = EtchSeed(undercut_um=35.0).effect(plated(masks, ("UBM", "Cu_plated", 8.0)), masks)
    assert "less than half of the foot is left under UBM.A1, UBM.A2" in work.note.warnings
    with pytest.raises(StepError, match="takes all of"):
        EtchSeed(undercut_um=0.0, loss_um=2.0).effect(plated(masks, ("UBM", "Cu_plated", 1.5)), masks)


def test_a_seed_without_metal_just_goes(layout):
    masks = Masks(layout)
    work = plated(masks)
    after = EtchSeed().effect(work, masks)
    assert (after.blanket, after.bodies) == (None, ())
    assert EtchSeed().time_s(BATCH) == 120.0
    assert EtchSeed().spreads()[0].by_level["die"] == pytest.approx(0.1)


# ---- a film, wet


def test_the_quarter_circle_under_the_resist():
    top, foot, mean = undercut_um(3.0, 0.25)
    assert (top, foot) == (3.75, pytest.approx(2.25))
    n = 20_000
    depth = [(k + 0.5) / n * 3.0 for k in range(n)]
    assert mean == pytest.approx(sum(math.sqrt(3.75**2 - d * d) for d in depth) / n, rel=1e-6)
    assert undercut_um(3.0, 0.25, 0.0) == (0.0, 0.0, 0.0)
    assert undercut_um(2.0, 0.0)[2] == pytest.approx(math.pi / 4 * 2.0)


def test_a_film_etched_straight_is_what_is_drawn(layout):
    masks = Masks(layout)
    work = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)), None, Blanket("RDL", "Al", 2.0, 2.0, False))
    after = WetEtch(lateral_ratio=0.0).effect(resist(work, masks, "RDL", keep=True), masks)
    metal = shapely.union_all([body.bottom for body in after.bodies])
    assert shapely.area(shapely.symmetric_difference(metal, masks.region("RDL"))) < 1e-9
    assert [(body.name, body.net, body.material, body.h_um) for body in after.bodies] == [
        ("RDL.in", "in", "Al", 2.0),
        ("RDL.out", "out", "Al", 2.0),
    ]
    assert after.blanket is None
    assert after.coat is not None
    assert after.front.levels[-1][0] == 2.0


def test_an_isotropic_etch_narrows_the_wires(layout):
    masks = Masks(layout)
    work = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)), None, Blanket("RDL", "Al", 2.0, 2.0, False))
    after = WetEtch().effect(resist(work, masks, "RDL", keep=True), masks)
    _, _, mean = undercut_um(2.0, 0.1)
    x0, _, x1, _ = masks.pieces("RDL")[0].region.bounds
    low, _, high, _ = after.bodies[0].bottom.bounds
    assert (x1 - x0) - (high - low) == pytest.approx(2 * mean, abs=1e-3)
    assert after.note.figures["undercut_mean_um"] == mean
    assert after.note.figures["etch_time_min"] == pytest.approx(2.2 / 0.54)


def test_a_film_follows_its_openings(layout):
    masks = Masks(layout)
    work = IncomingWafer().effect(Work("w", 1000.0, 600.0), masks)
    work = Sputter("Al", 0.6, is_seed=False, layer="RDL").effect(work, masks)
    after = WetEtch(lateral_ratio=0.0).effect(resist(work, masks, "RDL", keep=True), masks)
    assert sound(after)
    assert {net: len(found) for net, found in net_pieces(Stack("s", 1e3, 6e2, after.bodies)).items()} == {
        "in": 1,
        "out": 1,
    }
    metal = [body for body in after.bodies if body.layer == "RDL"]
    assert min(body.z_um for body in metal) == 1.0  # on the pad
    assert max(body.z_um + body.h_um for body in metal) == pytest.approx(2.6)  # over the passivation
    film = work.front.covered(0.6, work.blanket.wall_thickness_um)[0]
    share = masks.region("RDL").area / 6e5
    assert sum(map(volume_um3, metal)) == pytest.approx(
        share * sum(part.bottom.area * part.h_um for part in film), rel=0.02
    )


def test_what_a_wet_etch_can_t_do(layout):
    masks = Masks(layout)
    work = Work("w", 1000.0, 600.0, (), Front(((0.0, masks.die),)), None, Blanket("RDL", "Al", 5.0, 5.0, False))
    with pytest.raises(StepError, match="no film under"):
        WetEtch().effect(work, masks)
    thin = Masks(dataclasses.replace(layout, circles=(), polygons=(), traces=layout.traces[:1]))
    thick = work.but(blanket=Blanket("RDL", "Al", 20.0, 20.0, False))
    with pytest.raises(StepError, match="leaves no metal"):
        WetEtch().effect(resist(thick, thin, "RDL", keep=True), thin)
    assert WetEtch().time_s(BATCH) == pytest.approx(60 * 2.2 / 0.54)
    assert WetEtch().spreads()


# ---- a dielectric, dry


def test_a_dry_etch_opens_the_passivation_over_pads(layout):
    masks = Masks(layout)
    closed = dataclasses.replace(IncomingWafer(device_um=3.0))
    work = closed.effect(Work("w", 1000.0, 600.0), masks)
    after = DryEtch("DEVICE", resist_selectivity_ratio=3.0).effect(resist(work, masks, "PI1"), masks)
    assert after.front.lowest_um(masks.region("PI1")) == 1.0  # the pad stops it
    left = sum(volume_um3(body) for body in work.bodies) - sum(volume_um3(body) for body in after.bodies)
    assert left == pytest.approx(masks.region("PI1").area * 2.0, rel=1e-9)
    assert sound(after)
    figures = after.note.figures
    assert figures["etched_um"] == pytest.approx(2.0)
    assert figures["resist_loss_um"] == pytest.approx(2.0 * 1.2 / 3.0)


def test_beside_the_pads_it_goes_on(layout):
    masks = Masks(layout)
    work = IncomingWafer(device_um=3.0).effect(Work("w", 1000.0, 600.0), masks)
    after = DryEtch("DEVICE", resist_selectivity_ratio=3.0).effect(resist(work, masks, "UBM"), masks)
    assert after.front.lowest_um(masks.region("UBM")) == 0.0
    assert after.note.figures["etched_um"] == pytest.approx(3.0)


def test_what_a_dry_etch_can_t_do(layout):
    masks = Masks(layout)
    work = IncomingWafer(device_um=8.0).effect(Work("w", 1000.0, 600.0), masks)
    with pytest.raises(StepError, match="the resist is gone") as caught:
        DryEtch("DEVICE").effect(resist(work, masks, "PI1", thickness_um=5.0), masks)
    assert caught.value.option == "resist_selectivity_ratio"
    with pytest.raises(StepError, match="no PI1 in the openings"):
        DryEtch("PI1").effect(resist(work, masks, "PI1"), masks)
    layers, front = work.front.filled(Wall(masks.die), work.front.top_um + 2.0)
    under = work.with_bodies([Slab("PI1", "PI1", "PI", *layer) for layer in layers], front)
    with pytest.raises(StepError, match="PI1 lies on the DEVICE"):
        DryEtch("DEVICE", resist_selectivity_ratio=9.0).effect(resist(under, masks, "PI1"), masks)
    with pytest.raises(StepError, match="no opened resist"):
        DryEtch().effect(work, masks)
    assert DryEtch().time_s(BATCH) == pytest.approx(60 * 1.2 / 0.05)
    assert DryEtch().spreads() == ()
