"""The image sensor as its flow builds it: both methods, full and hollow; every net whole, nothing overlapping."""

import math
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from chipscale.design import Design
from chipscale.spec.starter import starter
from chipscale.stack.contact import contacts, net_pieces
from chipscale.stack.section import section
from chipscale.stack.types import Slab
from chipscale.stack.volume import overlaps, region_at, volume_um3, z_range_um
from chipscale.store import Store

ROOT = Path(__file__).parents[2]
T = 130.0  # silicon


@pytest.fixture(scope="module")
def sensor(tmp_path_factory):
    """Return a maker of the starter's design, by the keys that are changed; each is built once."""
    folder = tmp_path_factory.mktemp("sensor")
    path = folder / "chip.yaml"
    path.write_text(starter("image_sensor_wlcsp"), encoding="utf-8")
    made = {}

    def make(second=True, mask_fill="full"):
        key = (second, mask_fill)
        if key not in made:
            changes = {"sensor.second": second, "sensor.mask_fill": mask_fill}
            made[key] = Design.load(path, changes, store=Store(folder / "cache"))
        return made[key]

    return make


KINDS = pytest.mark.parametrize(
    ("second", "fill"), [(True, "full"), (True, "hollow"), (False, "full"), (False, "hollow")]
)


def layers(stack, layer):
    return [body for body in stack.bodies if body.layer == layer]


@KINDS
def test_every_net_is_one_piece_from_pad_to_ball_and_nothing_overlaps(sensor, second, fill):
    design = sensor(second, fill)
    stack = design.stack
    assert overlaps(stack, 1.0) == []
    nets = net_pieces(stack)
    joined = [net for net in design.package.nets if net.pads]
    assert len(joined) == 16
    for net in joined:
        (piece,) = nets[net.name]
        assert {name for name in piece if name.startswith("PAD.")} == {f"PAD.{pad}" for pad in net.pads}
        assert {f"BALL.{ball}" for ball in net.balls} <= set(piece)
        assert not [other for other in joined if other is not net and piece in nets[other.name]]


@KINDS
def test_wiring_metal_never_touches_the_silicon(sensor, second, fill):
    """Insulation lies between them on the back, on the mouth's edge, on the wall and on the groove's floor."""
    stack = sensor(second, fill).stack
    for z_um in (1.0, 5.0, 30.0, 80.0, 125.0, 129.9):
        metal = [region_at(b, z_um) for b in layers(stack, "RDL") if z_range_um(b)[0] < z_um < z_range_um(b)[1]]
        silicon = shapely.union_all([region_at(body, z_um) for body in layers(stack, "DIE")])
        if metal:
            assert shapely.distance(shapely.union_all(metal), silicon) > 5.0, z_um


def test_cut_pads_touch_the_metal_at_their_edge(sensor):
    design = sensor()
    pads = [pad for pad in design.package.pads if pad.net]
    touching = {
        pair.lower: pair for pair in contacts(design.stack) if pair.lower.startswith("PAD.") and "RDL." in pair.upper
    }
    assert len(touching) == len(pads)
    wide = design.package.terminal.pad_capture_um
    slope = 1.0 / math.sin(math.radians(design.package.grooves.second_wall_deg))
    for pair in touching.values():
        assert -1.0 < pair.z_um < 0.0  # the middle of 1 µm of pad metal under the silicon
        assert pair.area_um2 == pytest.approx(wide * 1.0 * slope, rel=0.03)


def test_the_older_method_touches_the_pads_from_above(sensor):
    design = sensor(second=False)
    side = design.package.grooves.contact_d_um
    found = [pair for pair in contacts(design.stack) if pair.lower.startswith("PAD.") and pair.upper.startswith("RDL.")]
    assert len(found) == 16
    for pair in found:
        assert pair.z_um == pytest.approx(0.0)
        assert pair.area_um2 == pytest.approx(side**2, rel=1e-6)
    device = design.stack.body("DEVICE")
    assert device.bottom.area == pytest.approx(3000 * 2600)  # whole


def test_the_second_groove_parts_the_device_layer_and_the_first_leaves_a_mesa(sensor):
    design = sensor()
    g = design.package.grooves
    lean = T / math.tan(math.radians(g.first_wall_deg))
    mesa = 2600 * (3000 * T - 2 * T * (2 * g.first_width_um - lean) / 2)
    assert sum(volume_um3(body) for body in layers(design.stack, "DIE")) == pytest.approx(mesa, rel=1e-9)
    for z_um in (-1.5, -5.0, -9.5):
        device = shapely.union_all([region_at(body, z_um) for body in layers(design.stack, "DEVICE")])
        away = g.second_width_um + z_um / math.tan(math.radians(g.second_wall_deg))
        assert device.bounds == pytest.approx((away, 0, 3000 - away, 2600), abs=1e-6)
    (glass,) = layers(design.stack, "GLASS")
    assert glass.bottom.area == pytest.approx(3000 * 2600)  # the groove ends in the cavity wall


def test_from_glass_to_balls(sensor):
    design = sensor()
    stack, g = design.stack, design.package.grooves
    low, high = stack.extent_z_um()
    assert low == pytest.approx(-(g.device_um + g.wall_um + g.glass_um))
    ball = design.package.terminal.ball_h_um
    assert high == pytest.approx(T + g.insulation_um + design.package.layers.rdl_um + g.mask_um + ball, abs=0.2)
    from chipscale.assembly.heights import heights

    assert heights(design.package).total_um == pytest.approx(high - low, abs=0.2)


def test_pads_of_the_file_are_mirrored_in_the_stack(sensor):
    """The starter's left pads, seen through the glass, lie on the right from the ball side."""
    stack = sensor().stack
    assert stack.body("PAD.L1").bottom.centroid.x > 2800
    assert stack.body("PAD.R1").bottom.centroid.x < 200


def test_a_hollow_groove_is_empty_and_a_full_one_is_not(sensor):
    spot = shapely.Point(60.0, 150.0)  # in the groove, beside the metal

    def held(stack, z_um):
        return {
            body.layer
            for body in stack.bodies
            if isinstance(body, Slab)
            and z_range_um(body)[0] < z_um < z_range_um(body)[1]
            and shapely.covers(region_at(body, z_um), spot)
        }

    assert held(sensor().stack, 80.0) == {"MASK"}
    assert held(sensor(mask_fill="hollow").stack, 80.0) == set()
    assert held(sensor(mask_fill="hollow").stack, T + 20.0) == {"MASK"}


@KINDS
def test_a_section_through_a_pad_adds_up(sensor, second, fill):
    """Along the middle of a pad everything between glass and solder mask is full, but for cavity and hollow groove."""
    design = sensor(second, fill)
    pad = next(pad for pad in design.package.pads if pad.side == "left")
    pieces = section(design.stack, (0.0, pad.y_um), (400.0, pad.y_um))
    g = design.package.grooves
    covered = sum(piece.area_um2 for piece in pieces)
    low, top = -(g.device_um + g.wall_um + g.glass_um), T + g.insulation_um + design.package.layers.rdl_um + g.mask_um
    cavity = (400.0 - g.wall_width_um) * g.wall_um
    hollow = shapely.union_all([shapely.Polygon(piece.polygon, piece.holes) for piece in pieces])
    window = shapely.box(0, low, 400, top)
    empty = [part.area for part in shapely.get_parts(shapely.difference(window, hollow)) if part.area > 1.0]
    assert covered + sum(empty) == pytest.approx(window.area, rel=1e-6)
    assert len(empty) == (2 if fill == "hollow" else 1)
    assert np.min(np.abs(np.array(empty) / cavity - 1.0)) < 0.02  # its wall leans by a few degrees


def test_the_example_is_built_within_five_seconds(tmp_path):
    design = Design.load(ROOT / "examples" / "image_sensor" / "chip.yaml", store=Store(tmp_path))
    design.layout  # noqa: B018
    started = time.process_time()
    stack = design.stack
    assert time.process_time() - started < 5.0
    assert len(net_pieces(stack)) == len(design.package.nets)
