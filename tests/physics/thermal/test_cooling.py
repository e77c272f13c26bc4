"""Base plate and columns: against exact answers, and balanced on a board."""

import math

import numpy as np
import pytest
import shapely

import chipscale
from chipscale.errors import InputError
from chipscale.physics.thermal.base_plate import BasePlate
from chipscale.physics.thermal.columns import Column
from chipscale.physics.thermal.cooling import Cooling
from chipscale.physics.thermal.grid_lines import Fineness
from chipscale.physics.thermal.mounted import mounted
from chipscale.physics.thermal.power_map import power_map
from chipscale.physics.thermal.scene import scene
from chipscale.physics.thermal.steady import Steady
from chipscale.physics.thermal.steady_field import Film, faces, steady
from chipscale.physics.thermal.substances import substance
from chipscale.physics.thermal.theta import Theta
from chipscale.solvers.plate_series import Area, Layer, Plate, resistances
from chipscale.stack.types import Slab, Stack

COARSE = {"per_pitch": 3.0}


@pytest.fixture(scope="module")
def view():
    design = chipscale.load("examples/flash/chip.yaml")
    return {"package": design.package, "stack": design.stack, "materials": design.materials}


def _bare_die(make_package, side_um=3000.0, t_um=250.0):
    package = make_package(cols=6, rows=6, pitch_um=500.0, size_um=(side_um, side_um))
    outline = shapely.box(0, 0, side_um, side_um)
    die = Slab("DIE", "DIE", "Si", -t_um, t_um, outline, outline)
    return {"package": package, "stack": Stack("bare", side_um, side_um, (die,)), "materials": {}}


def _exact(block, t_plate_um, tim_m2K_W, h):
    k = {name: substance(name).k_W_mK[0] for name in ("Si", "Cu")}
    tim = 50e-6 / (tim_m2K_W)
    layers = (
        Layer(1e-6 * t_plate_um, k["Cu"], k["Cu"], k["Cu"]),
        Layer(50e-6, tim, tim, tim),
        Layer(250e-6, k["Si"], k["Si"], k["Si"]),
    )
    area = Area(*(1e-6 * block[i] for i in (0, 2, 1, 3)), 3)
    return float(resistances(Plate(3e-3, 3e-3, layers, h), [area])[0, 0])


@pytest.mark.parametrize("t_plate_um", [30.0, 500.0])
def test_a_plate_as_large_as_the_die_is_the_exact_series(make_package, t_plate_um):
    block, h = (1000.0, 1000.0, 2000.0, 2000.0), 2e4
    bare = _bare_die(make_package)
    cooling = Cooling(plate=BasePlate((3000.0, 3000.0), t_plate_um, 1.25e-5))
    size = (3000.0, 3000.0)
    power = power_map(",".join(str(v) for v in (*block, 1)), size)
    found = scene(bare, None, power, fine=Fineness(12.0, 0.3, 3.0, 50.0, 500.0), cooling=cooling)
    field = steady(found, 1.0, {"plate": Film(lambda t: h, 25.0)}, with_temperature=False)
    heat = found.heat[found.junction]
    mean = float((field.t_C[found.junction] * heat).sum() - 25.0)
    assert mean == pytest.approx(_exact(block, t_plate_um, 1.25e-5, h), rel=0.005)
    assert field.balance_ratio < 1e-6


def test_a_plate_on_the_die_alone_has_its_faces(make_package):
    cooling = Cooling(plate=BasePlate((6000.0, 5000.0), 400.0, 1.25e-5))
    found = scene(_bare_die(make_package), None, cooling=cooling)
    areas = {}
    for face in faces(found):
        areas[face.name] = areas.get(face.name, 0.0) + 1e6 * face.area_m2.sum()
    assert areas["plate"] == pytest.approx(30.0)
    assert areas["plate underside"] == pytest.approx(30.0 - 9.0)
    assert areas["plate sides"] == pytest.approx(2 * 0.4 * 11.0 + 4 * 3.0 * 0.05)  # and what joins it
    assert areas["package sides"] == pytest.approx(4 * 3.0 * 0.25)
    assert "case" not in areas
    volume = (found.solid * np.einsum("i,j,k->ijk", *found.sides_m[::-1])).sum() * 1e9
    assert volume == pytest.approx(30.0 * 0.4 + 9.0 * 0.3)


def test_columns_conduct_as_their_length_over_section(view):
    """Held at one end, heated at the other: bodies cut out of the mounted package give L / (k A) again."""
    column = Column(180.0, 100.0, 20.0)
    bodies, z_land = mounted(view["stack"], 230.0, column)
    ball = view["stack"].on("BALL")[0]
    pillar, cap = (next(b for b in bodies if b.name == f"{ball.name}.{part}") for part in ("pillar", "cap"))
    assert pillar.z_um == pytest.approx(ball.profile[0, 1])
    assert pillar.h_um + cap.h_um == pytest.approx(100.0)
    assert cap.z_um + cap.h_um == pytest.approx(z_land)
    assert pillar.bottom.area == pytest.approx(math.pi * 90**2, rel=1e-12)
    k, k_cap = (substance(name).k_W_mK[2] for name in ("Cu_plated", ball.material))
    stack = Stack("one", 400.0, 400.0, (Slab("DIE", "DIE", "Si", -10.0, 10.0, *2 * [shapely.box(0, 0, 400, 400)]),))
    moved = [_moved(body, (200 - ball.x_um, 200 - ball.y_um, -pillar.z_um)) for body in (pillar, cap)]
    one = Stack("one", 400.0, 400.0, (*stack.bodies, *moved))
    asked = {"package": view["package"], "stack": one, "materials": {}}
    found = scene(asked, None, fine=Fineness(10.0, 0.2, 5.0, 10.0, 50.0))
    shape = found.solid.shape
    k_up = found.k_W_mK[2].reshape(shape)
    dx, dy, dz = found.sides_m
    first = int(np.searchsorted(found.lines_m[2], -1e-9))
    each = 1.0 / (k_up[first:] * np.outer(dy, dx)).sum(axis=(1, 2)) * dz[first:]
    air = 0.0263 * (400e-6**2 - math.pi * 90e-6**2) / 1e-4
    with_air = 1.0 / each.sum()
    assert with_air - air == pytest.approx(1.0 / column.resistance_K_W(k, k_cap), rel=0.01)


def _moved(body, by):
    shape = shapely.affinity.translate(body.bottom, by[0], by[1])
    return Slab(body.name, body.layer, body.material, body.z_um + by[2], body.h_um, shape, shape)


def test_columns_as_high_as_joints_keep_the_package_where_it_is(view):
    assert mounted(view["stack"], 230.0, Column(180.0))[1] == mounted(view["stack"], 230.0)[1]
    assert mounted(view["stack"], 230.0, Column(180.0, 80.0))[1] == pytest.approx(28.0 + 80.0, abs=0.5)
    with pytest.raises(InputError, match="cap"):
        mounted(view["stack"], 230.0, Column(180.0, 30.0, 30.0))


@pytest.mark.slow
def test_plate_columns_and_vias_are_options_of_every_question_on_a_board(view):
    plain = Theta(power_W=0.1, **COARSE).run(view).metrics
    plate = {"plate_t_um": 500.0, "plate_side_mm": 8.0}
    cooled = Theta(power_W=0.1, **COARSE, **plate).run(view).metrics
    assert cooled["balance_ratio"] < 1e-6
    assert cooled["theta_ja_K_W"] < plain["theta_ja_K_W"]
    assert cooled["theta_jc_K_W"] > plain["theta_jc_K_W"]  # the plate and what joins it lie between
    for better in ({"column_d_um": 215.0}, {"vias": "all"}, {"via_fill": "copper"}):
        found = Steady(power_W=0.1, **COARSE, **better).run(view)
        assert found.state == "ok"
        assert found.metrics["t_junction_C"] < plain["t_junction_C"]
        assert found.metrics["balls_pct"] > 90.0


def test_what_does_not_fit_is_refused(view):
    for wrong, key in (
        ({"plate_t_um": 100.0, "plate_side_mm": 1.0}, "plate_side_mm"),
        ({"column_d_um": 500.0}, "column_d_um"),
        ({"vias": "some"}, "vias"),
        ({"tim_m2K_W": 0.0}, "tim_m2K_W"),
    ):
        with pytest.raises(InputError) as caught:
            Steady(**COARSE, **wrong).run(view)
        assert [problem.key for problem in caught.value.problems] == [key]
