from pathlib import Path

import klayout.db as db
import pytest

from chipscale.design import Design
from chipscale.layout.drc_check import check_masks
from chipscale.layout.lvs import compare
from chipscale.layout.masks import to_klayout
from chipscale.layout.types import LAYER
from chipscale.process.flow import nominal_stack
from chipscale.stack.contact import net_pieces
from chipscale.stack.volume import overlaps, z_range_um
from chipscale.store import Store

CHIP = Path(__file__).parents[2] / "examples" / "bump_on_pad" / "chip.yaml"


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    return Design.load(CHIP, store=Store(tmp_path_factory.mktemp("cache")))


def layers(layout):
    return {shape.layer for shape in (*layout.circles, *layout.polygons, *layout.traces)}


def test_nothing_of_a_redistribution_is_drawn(design):
    assert layers(design.layout) == {"OUTLINE", "SEAL", "PAD", "PI2", "UBM", "BALL", "MARK"}
    assert design.layout.unrouted == ()


def test_every_check_holds(design):
    results = design.results()
    assert [check.message for result in results.values() for check in result.checks if not check.ok] == []
    assert results["layout.lvs"].state == "ok"
    assert results["layout.lvs"].metrics["matched_count"] == 12
    assert results["layout.lvs"].metrics["pieces_count"] == 20
    assert results["layout.wiring"].metrics["wire_um"] == 0


def test_pad_metal_beyond_the_last_opening_is_checked(design):
    rows = {row["rule"]: row for row in design.run("layout.drc").tables["rules"]}
    assert rows["pad_enc_pi1_um"]["least"] == pytest.approx((210 - 185) / 2, abs=0.002)
    assert "rdl_enc_pi2_um" not in rows


def masks_with(design, layer, box_um):
    masks = to_klayout(design.layout)
    index = masks.find_layer(LAYER[layer].gds_layer, LAYER[layer].gds_datatype)
    masks.top_cell().shapes(index).insert(db.Box(*(round(value * 1000) for value in box_um)))
    return masks


def test_a_bridge_between_balls_is_a_short_found_by_drc_and_lvs(design):
    masks = masks_with(design, "UBM", (300, 1490, 700, 1510))  # joins A1 (VIN) and A2 (VIN), then A3 (SW)
    assert compare(masks, design.package).metrics["shorts_count"] == 0  # both carry VIN
    masks = masks_with(design, "UBM", (700, 1490, 1100, 1510))
    found = compare(masks, design.package)
    assert found.metrics["shorts_count"] == 1
    assert "SW and VIN" in next(check.message for check in found.checks if not check.ok)


def test_a_pad_that_is_not_opened_is_an_open(design):
    masks = to_klayout(design.layout)
    index = masks.find_layer(LAYER["PI2"].gds_layer, LAYER["PI2"].gds_datatype)
    for cell in masks.each_cell():
        for shape in list(cell.shapes(index).each()):
            if shape.bbox().contains(db.Point(300_000, 1_500_000)):
                shape.delete()
    found = compare(masks, design.package)
    messages = [check.message for check in found.checks if not check.ok]
    assert any("pad P1" in message for message in messages), messages
    assert found.metrics["matched_count"] == 11


def test_a_dielectric_over_pads_alone_is_not_taken_for_a_lack_of_metal(design):
    found = check_masks(to_klayout(design.layout), design.package.rules, only=("rdl_enc_ubm_um", "land_min_width_um"))
    assert found.checks == ()


def test_balls_conduct_to_their_pads_in_the_stack(design):
    stack = nominal_stack(design.package, design.layout)
    assert overlaps(stack) == []
    assert stack.on("RDL") == stack.on("PI1") == ()
    for net, pieces in net_pieces(stack).items():
        balls = design.package.net(net).balls
        assert [sum(f"BALL.{ball}" in piece for ball in balls) for piece in pieces] == [1] * len(balls)
        assert all(any(name.startswith("PAD.") for name in piece) for piece in pieces)
    low = min(z_range_um(body)[0] for body in stack.on("UBM"))
    assert low == pytest.approx(design.package.layers.pad_metal_um)
