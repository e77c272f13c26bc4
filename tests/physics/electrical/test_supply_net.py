"""Supply sheets against series resistances known by hand, and against the field in three dimensions."""

import math

import numpy as np
import pytest
import shapely
from shapely import Point, box

from chipscale.physics.electrical.ball_resistance import ball_ohm, slices_ohm
from chipscale.physics.electrical.supply_net import solve_net
from chipscale.physics.electrical.supply_sheets import Joint, Metals, NetSheets, Piece, net_sheets
from chipscale.solvers import diffusion
from chipscale.stack.types import Revolved, Slab, Stack

CU, AL, AU, SAC = 5.8e7, 3.6e7, 4.5e7, 7.6e6
SIGMA = {"Cu": CU, "Al": AL, "Au": AU, "SAC": SAC}


def _slab(name, layer, material, z_um, h_um, bottom, **more):
    top = more.pop("top", bottom)
    return Slab(name, layer, material, z_um, h_um, bottom, top, "vdd", more.get("part", ""))


def _stack(*bodies):
    return Stack("sample", 1000.0, 1000.0, bodies)


def _metals(*balls):
    return Metals(SIGMA, 100.0, balls)


def _contact_ohm(ra_ohm_um2, sheet_ohm, width_um, length_um):
    """Return the resistance of a contact over the end of a strip, fed from the strip's other end (exact in one
    dimension: the current goes over within the transfer length sqrt(ra / sheet))."""
    reach = math.sqrt(ra_ohm_um2 / sheet_ohm)
    return sheet_ohm * reach / width_um / math.tanh(length_um / reach)


def _bar(*more, length=400.0):
    pad, wire = box(0, 0, 40, 40), box(0, 0, length, 40)
    return _stack(
        _slab("PAD.p1", "PAD", "Al", 0.0, 1.0, pad),
        _slab("RDL.vdd.plug", "RDL", "Cu", 1.0, 7.0, pad, part="plug"),
        _slab("RDL.vdd", "RDL", "Cu", 8.0, 6.0, wire),
        _slab("BUMP.A1", "BUMP", "Au", 14.0, 16.0, box(length - 40, 0, length, 40)),
        *more,
    )


def test_a_wire_between_two_contacts():
    sheets = net_sheets(_bar(), "vdd", _metals(("A1", 380.0, 20.0)))
    assert [joint.kind for joint in sheets.joints] == ["via", "ball"]
    assert [joint.name for joint in sheets.joints] == ["p1", "A1"]
    found = solve_net(sheets, {"p1": 100.0}, 5.0)
    sheet = 1 / (CU * 6e-6)
    via = (1 / AL + 7 / CU + 3 / CU) * 1e6
    bump = (3 / CU + 16 / AU) * 1e6
    exact = sheet * 320 / 40 + _contact_ohm(via, sheet, 40, 40) + _contact_ohm(bump, sheet, 40, 40)
    assert found.pad_drop["p1"] / 0.1 == pytest.approx(exact, rel=2e-3)
    assert found.ball_current == {"A1": pytest.approx(0.1, rel=1e-9)}
    assert found.power_W == pytest.approx(0.1 * found.pad_drop["p1"])
    film = found.films[0]
    middle = np.abs(found.plan.points[film.triangles].mean(axis=1)[:, 0] - 200e-6) < 50e-6
    assert film.density[middle] == pytest.approx(0.1 / (40e-6 * 6e-6), rel=1e-3)
    # at the opening's inner edge the density is coth(length / reach) length / reach times the mean
    reach = math.sqrt(via / sheet)
    assert found.joints[0].peak_A_cm2 == pytest.approx(
        0.1 / 1600e-12 * 1e-4 * 40 / reach / math.tanh(40 / reach), rel=0.03
    )


def test_two_balls_share_by_their_way():
    """From a pad in the middle a long and a short arm: currents as the arms' conductances."""
    bodies = (
        _slab("PAD.p1", "PAD", "Al", 0.0, 1.0, box(200, 0, 240, 40)),
        _slab("RDL.vdd.plug", "RDL", "Cu", 1.0, 7.0, box(200, 0, 240, 40), part="plug"),
        _slab("RDL.vdd", "RDL", "Cu", 8.0, 6.0, box(0, 0, 840, 40)),
        _slab("BUMP.A1", "BUMP", "Au", 14.0, 16.0, box(0, 0, 40, 40)),
        _slab("BUMP.A2", "BUMP", "Au", 14.0, 16.0, box(800, 0, 840, 40)),
    )
    sheets = net_sheets(_stack(*bodies), "vdd", _metals(("A1", 20.0, 20.0), ("A2", 820.0, 20.0)))
    found = solve_net(sheets, {"p1": 90.0}, 10.0)
    sheet = 1 / (CU * 6e-6)
    end = _contact_ohm((3 / CU + 16 / AU) * 1e6, sheet, 40, 40)
    arms = [sheet * 160 / 40 + end, sheet * 560 / 40 + end]
    assert sum(found.ball_current.values()) == pytest.approx(0.09, rel=1e-9)
    # the wire over the opening, a tenth of the short arm, belongs to both arms in part
    assert found.ball_current["A1"] / found.ball_current["A2"] == pytest.approx(arms[1] / arms[0], rel=0.08)
    for joint in found.joints[1:]:
        assert joint.current_A == pytest.approx(found.ball_current[joint.joint.name], rel=1e-6)


@pytest.mark.parametrize("lean_um", [0.0, 30.0])
def test_film_up_a_wall_counts_its_true_length(lean_um):
    """Floor, wall 40 µm high, floor: the wall's resistance is its length over its true thickness and width."""
    foot, thick = box(98, 0, 100, 50), 2.0
    head = box(98 + lean_um, 0, 100 + lean_um, 50)
    bodies = (
        _slab("PAD.p1", "PAD", "Al", -1.0, 1.0, box(0, 0, 20, 50)),
        _slab("RDL.vdd.plug1", "RDL", "Al", 0.0, 4.0, box(0, 0, 100, 50), part="plug"),
        _slab("RDL.vdd.plug2", "RDL", "Al", 4.0, 40.0, foot, top=head, part="plug"),
        _slab("RDL.vdd", "RDL", "Al", 44.0, 4.0, box(98 + lean_um, 0, 400, 50)),
        _slab("BUMP.A1", "BUMP", "Au", 48.0, 4.0, box(380, 0, 400, 50)),
    )
    sheets = net_sheets(_stack(*bodies), "vdd", _metals(("A1", 390.0, 25.0)))
    (wall,) = [piece for piece in sheets.pieces if piece.wall]
    slope = math.hypot(40, lean_um)
    assert wall.rise_um == pytest.approx(slope)
    assert wall.thick_um == pytest.approx(thick * 40 / slope)
    assert wall.length_um == pytest.approx(50.0, rel=1e-3)
    found = solve_net(sheets, {"p1": 100.0}, 10.0)
    floor, film = 1 / (AL * 4e-6), 1 / (AL * wall.thick_um * 1e-6)
    ends = _contact_ohm((1 / AL + 2 / AL) * 1e6, floor, 50, 20) + _contact_ohm((2 / AL + 4 / AU) * 1e6, floor, 50, 20)
    # the film's foot and head stand 2 µm deep on the floors
    exact = floor * (78 + (280 - lean_um)) / 50 + film * slope / 50 + ends
    assert found.pad_drop["p1"] / 0.1 == pytest.approx(exact, rel=0.015)
    (field,) = found.films
    on_wall = shapely.contains_xy(wall.region, *(found.plan.points[field.triangles].mean(axis=1) * 1e6).T)
    assert field.density[on_wall].mean() == pytest.approx(0.1 / (50 * wall.thick_um) * 1e12, rel=0.02)


def test_a_conformal_film_reaches_the_pad_by_the_walls_of_its_opening():
    """Floor in the opening, film on its four walls, wire around it: nothing fills the opening."""
    hole, inner = box(20, 20, 60, 60), box(21, 21, 59, 59)
    bodies = (
        _slab("PAD.p1", "PAD", "Al", 0.0, 1.0, box(15, 15, 65, 65)),
        _slab("RDL.vdd.plug1", "RDL", "Al", 1.0, 2.0, hole, part="plug"),
        _slab("RDL.vdd.plug2", "RDL", "Al", 3.0, 5.0, hole - inner, part="plug"),
        _slab("RDL.vdd", "RDL", "Al", 8.0, 2.0, box(0, 0, 400, 80) - inner),
        _slab("BUMP.A1", "BUMP", "Au", 10.0, 4.0, box(360, 0, 400, 80)),
    )
    sheets = net_sheets(_stack(*bodies), "vdd", _metals(("A1", 380.0, 40.0)))
    (ring,) = [piece for piece in sheets.pieces if piece.wall]
    assert ring.thick_um == pytest.approx(1.0, rel=0.01)
    assert ring.length_um == pytest.approx(4 * 39, rel=0.01)
    found = solve_net(sheets, {"p1": 50.0}, 10.0)
    assert found.lost_pads == ()
    assert found.pad_drop["p1"] > 0.05 * 300 / 80 / (AL * 2e-6)  # more than the wire alone, without the ring around


def test_a_pad_without_metal_to_a_ball_is_named_and_a_ball_without_pad_idle():
    more = (
        _slab("PAD.p2", "PAD", "Al", 0.0, 1.0, box(0, 200, 40, 240)),
        _slab("RDL.vdd.far", "RDL", "Cu", 8.0, 6.0, box(0, 300, 40, 340)),
        _slab("BUMP.A2", "BUMP", "Au", 14.0, 16.0, box(0, 300, 40, 340)),
    )
    sheets = net_sheets(_bar(*more), "vdd", _metals(("A1", 380.0, 20.0), ("A2", 20.0, 320.0)))
    found = solve_net(sheets, {"p1": 50.0, "p2": 50.0}, 10.0)
    assert found.lost_pads == ("p2",)
    assert found.idle_balls == ("A2",)
    assert found.pad_drop.keys() == {"p1"}
    assert found.ball_current["A1"] == pytest.approx(0.05)
    assert found.ball_current["A2"] == pytest.approx(0.0, abs=1e-12)


def test_a_finer_mesh_changes_little_and_the_estimate_tells_it():
    sheets = net_sheets(_bar(length=200.0), "vdd", _metals(("A1", 180.0, 20.0)))
    coarse, fine = (solve_net(sheets, {"p1": 100.0}, edge) for edge in (20.0, 4.0))
    change = fine.pad_drop["p1"] / coarse.pad_drop["p1"] - 1
    assert 0 < change < 0.01
    assert fine.error_ratio < coarse.error_ratio < 0.02


# ---- the ball -----------------------------------------------------------------------------------------------------


def _sphere(r_um, cut_um, count=129):
    angle = np.linspace(-1, 1, count) * math.asin(cut_um / r_um)
    return np.column_stack((r_um * np.cos(angle), r_um * np.sin(angle)))


def test_slices_of_a_sphere_are_the_integral():
    exact = math.log((125 + 100) / (125 - 100)) / (math.pi * 125e-6 * SAC)
    assert slices_ohm(_sphere(125.0, 100.0, 2001), 100.0, SAC) == pytest.approx(exact, rel=1e-5)


def test_a_ball_has_more_than_its_slices_and_a_cylinder_just_as_much():
    post = np.array([[50.0, 0.0], [50.0, 100.0]])
    exact = 100e-6 / (math.pi * (50e-6) ** 2 * SAC)
    assert ball_ohm(post, 100.0, SAC) == pytest.approx(exact, rel=1e-5)
    assert slices_ohm(post, 100.0, SAC) == pytest.approx(exact, rel=1e-12)
    ball = _sphere(125.0, 100.0)
    assert 1.1 < ball_ohm(ball, 100.0, SAC) / slices_ohm(ball, 100.0, SAC) < 1.2


def test_a_ball_on_small_contacts_spreads_as_between_discs():
    """Small discs on a large ball: each spreads as into a half space, 1 / (4 sigma a)."""
    ball = _sphere(200.0, math.sqrt(200.0**2 - 20.0**2), 1025)
    two_discs = 2 / (4 * SAC * 20e-6)
    assert ball_ohm(ball, float(ball[-1, 1]), SAC) == pytest.approx(two_discs, rel=0.08)


# ---- a ball's landing, in three dimensions ------------------------------------------------------------------------

LAND, UBM, OPENING, R_BALL, Z_BALL = 135.0, 125.0, 110.0, 178.4, 127.2  # µm; centre of the ball over the UBM's top


def _ball_profile():
    angle = np.linspace(-math.atan2(Z_BALL, UBM), math.pi / 2, 200)
    profile = np.column_stack((R_BALL * np.cos(angle), Z_BALL + R_BALL * np.sin(angle)))
    profile[0] = math.sqrt(R_BALL**2 - Z_BALL**2), 0.0
    return profile, Z_BALL + math.sqrt(R_BALL**2 - UBM**2)


def _landing_3d_ohm(cell_um):
    """Return the resistance of a wire 40 x 6 µm, its land, opening, under-bump metal and ball, half of it in cells."""
    profile, end = _ball_profile()
    x = np.arange(-400, 190, cell_um) + cell_um / 2
    y = np.arange(0, 190, cell_um) + cell_um / 2
    up = 20 + end * (1 - np.cos(np.linspace(0, math.pi, 25))) / 2
    z = np.concatenate((np.linspace(0, 6, 4)[:-1], np.linspace(6, 12, 4)[:-1], np.linspace(12, 20, 5)[:-1], up))
    X, Y = np.meshgrid(x, y)
    inside = (np.arange(5) + 0.5) / 5 - 0.5

    def part(where):
        return np.mean([where(X + u * cell_um, Y + v * cell_um) for u in inside for v in inside], axis=0)

    def disc(radius):
        return part(lambda a, b: np.hypot(a, b) < radius)

    wire = part(lambda a, b: (np.hypot(a, b) < LAND) | ((a < 0) & (np.abs(b) < 20)))
    layers = []
    for middle in (z[1:] + z[:-1]) / 2:
        if middle < 20:
            layers.append(CU * (wire if middle < 6 else disc(OPENING) if middle < 12 else disc(UBM)))
        else:
            layers.append(SAC * disc(float(np.interp(middle - 20, profile[:, 1], profile[:, 0]))))
    k = np.maximum(np.array(layers), 1e-3)
    sides = (np.full(len(x), cell_um * 1e-6), np.full(len(y), cell_um * 1e-6), np.diff(z) * 1e-6)
    level = diffusion.cells(k, k, k, sides)
    level.out[-1] = disc(UBM) * (cell_um * 1e-6) ** 2 * SAC / (0.5e-6 * (z[-1] - z[-2]))
    source = np.zeros_like(k)
    source[:3] = np.where(-400 + cell_um > X, wire, 0.0)
    source *= 0.5 / source.sum()
    return float((diffusion.solve(level, source, tolerance_ratio=1e-8).value * source).sum() / 0.5)


def test_a_balls_landing_as_sheets_and_in_three_dimensions():
    profile, end = _ball_profile()
    rings = [Point(0, 0).buffer(r, 64) for r in (LAND, UBM, OPENING, float(profile[0, 0]))]
    wire = box(-400, -20, 0, 20) | rings[0]
    pieces = (Piece("RDL", "r", wire, 6.0, CU), Piece("UBM", "u", rings[1], 8.0, CU))
    feet = {"ubm": (3 + 6 + 4) / CU * 1e6, "ball": 4 / CU * 1e6 + ball_ohm(profile, end, SAC) * rings[3].area}
    joints = (
        Joint("via", "p", box(-400, -20, -396, 20), (("pad", "p"), ("film", "RDL")), 1e-6, 1.0),
        Joint("ubm", "A1", rings[2], (("film", "RDL"), ("film", "UBM")), feet["ubm"], rings[2].area),
        Joint("ball", "A1", rings[3], (("film", "UBM"), ("ball", "A1")), feet["ball"], rings[3].area),
    )
    sheets = solve_net(NetSheets("vdd", pieces, joints), {"p": 1000.0}, 10.0).pad_drop["p"]
    end_ohm = 2e-6 * 2 / (CU * 40e-6 * 6e-6)  # the feed is 4 µm deep here, a cell there
    coarse, fine = _landing_3d_ohm(10.0), _landing_3d_ohm(5.0)
    exact = 2 * fine - coarse  # the cells' error halves with them
    assert sheets + end_ohm / 2 == pytest.approx(exact, rel=8e-3)


def test_a_real_ball_closes_the_column():
    profile, end = _ball_profile()
    profile = profile + np.array([0.0, 20.0])
    bodies = (
        _slab("RDL.vdd", "RDL", "Cu", 0.0, 6.0, Point(0, 0).buffer(LAND)),
        _slab("UBM.A1.plug", "UBM", "Cu", 6.0, 6.0, Point(0, 0).buffer(OPENING), part="plug"),
        _slab("UBM.A1", "UBM", "Cu", 12.0, 8.0, Point(0, 0).buffer(UBM)),
        Revolved("BALL.A1", "BALL", "SAC", 0.0, 0.0, profile, "vdd"),
    )
    sheets = net_sheets(_stack(*bodies), "vdd", Metals(SIGMA, 2 * UBM, (("A1", 0.0, 0.0),)))
    ubm, ball = sheets.joints
    assert (ubm.kind, ball.kind, ball.name) == ("ubm", "ball", "A1")
    assert ubm.ra_ohm_um2 == pytest.approx((3 + 6 + 4) / CU * 1e6)
    assert ubm.area_um2 == pytest.approx(math.pi * OPENING**2, rel=0.01)
    assert ball.ra_ohm_um2 / ball.region.area == pytest.approx(ball_ohm(profile, 20 + end, SAC), rel=0.01)


def test_films_one_above_the_other_with_nearly_the_same_outline():
    """Two wires in parallel, the upper 0.4 µm narrower on both sides: no slivers between their edges."""
    ends = [box(0, 0, 40, 40), box(560, 0, 600, 40)]
    vias = [_slab(f"RDL2.plug{k}", "RDL2", "Cu", 14.0, 5.0, end.buffer(-2), part="plug") for k, end in enumerate(ends)]
    bodies = (
        _slab("PAD.p1", "PAD", "Al", 0.0, 1.0, ends[0]),
        _slab("RDL.vdd.plug", "RDL", "Cu", 1.0, 7.0, ends[0], part="plug"),
        _slab("RDL.vdd", "RDL", "Cu", 8.0, 6.0, box(0, 0, 600, 40)),
        *vias,
        _slab("RDL2.vdd", "RDL2", "Cu", 19.0, 6.0, box(0, 0.4, 600, 39.6)),
        _slab("BUMP.A1", "BUMP", "Au", 25.0, 5.0, ends[1].buffer(-2)),
    )
    sheets = net_sheets(_stack(*bodies), "vdd", _metals(("A1", 580.0, 20.0)))
    assert sorted(joint.kind for joint in sheets.joints) == ["ball", "via", "via", "via"]
    found = solve_net(sheets, {"p1": 100.0}, 20.0)
    assert len(found.plan.points) < 1500
    both = (520 / 40) / (CU * 6e-6 * (1 + 39.2 / 40))
    assert both < found.pad_drop["p1"] / 0.1 < 1.2 * both
    middle = [np.abs(found.plan.points[film.triangles].mean(axis=1)[:, 0] - 300e-6) < 50e-6 for film in found.films]
    lower, upper = (film.density[here] for film, here in zip(found.films, middle, strict=True))
    assert lower == pytest.approx(0.1 / (2 * 240e-12), rel=0.05)  # vias at the ends alone: the upper way is longer
    assert upper == pytest.approx(0.1 / (2 * 240e-12), rel=0.05)
