"""Masks of a package with grooves: what is drawn where, and a netlist check that finds what is broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from groove_designs import small_sensor

from chipscale.layout.density import Density
from chipscale.layout.draw import draw
from chipscale.layout.drc import Drc
from chipscale.layout.edge_contact import cut_contacts
from chipscale.layout.lvs import Lvs, compare
from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.seal_ring import rectangle, square
from chipscale.layout.types import Layout, Polygon, Trace
from chipscale.layout.wiring import Wiring
from chipscale.package.types import Package
from chipscale.results import Result

METHODS = pytest.mark.parametrize("second", [True, False], ids=["two_grooves", "one_groove"])


def drawn(folder: Path, second: bool = True) -> tuple[Package, Layout]:
    package = small_sensor(folder, **{"sensor.second": second})
    return package, draw(package)


def lvs(package: Package, layout: Layout) -> Result:
    return Lvs().run({"package": package, "layout": layout})


def without(layout: Layout, layer: str, name: str) -> Layout:
    """Return the layout without one pad's or ball's shapes on a layer."""
    return replace(
        layout,
        polygons=tuple(item for item in layout.polygons if (item.layer, item.name) != (layer, name)),
        circles=tuple(item for item in layout.circles if (item.layer, item.name) != (layer, name)),
    )


def finger(layout: Layout, name: str) -> Polygon:
    return next(item for item in layout.polygons if (item.layer, item.kind, item.name) == ("RDL", "capture", name))


def replaced(layout: Layout, old: Polygon, points: np.ndarray) -> Layout:
    new = replace(old, points=points)
    return replace(layout, polygons=tuple(new if item is old else item for item in layout.polygons))


@METHODS
def test_a_good_layout_passes_every_check(tmp_path, second):
    package, layout = drawn(tmp_path, second)
    view = {"package": package, "layout": layout}
    assert not layout.unrouted
    result = lvs(package, layout)
    assert (result.ok, result.state) == (True, "ok")
    assert result.metrics["matched_count"] == 4
    rules = Drc().run(view)
    assert rules.metrics["violations_count"] == 0
    told = {row["rule"] for row in rules.tables["rules"]}
    assert ({"pad_cut_min_um", "edge_contact_min_um"} <= told) == second
    assert ("pad_enc_ins_open_um" in told) == (not second)
    assert 0 < Density().run(view).metrics["rdl_mean_ratio"] < 0.5
    wiring = Wiring().run(view)
    assert wiring.metrics["routed_count"] == 4
    assert wiring.metrics["wire_to_bound_ratio"] < 1.2  # counted from where the metal comes out of the groove


def test_strips_follow_the_sides_that_have_pads(tmp_path):
    package, layout = drawn(tmp_path)
    masks, grooves = to_klayout(layout), package.grooves
    first, second = (layer_region(masks, name).merged() for name in ("GROOVE1", "GROOVE2"))
    assert first.area() * 1e-6 == pytest.approx(2 * grooves.first_width_um * 1600)
    assert second.area() * 1e-6 == pytest.approx(2 * grooves.second_width_um * 1600)
    cavity = layer_region(masks, "CAVITY")
    assert cavity.bbox().left == grooves.wall_width_um * 1000
    assert not (layer_region(masks, "SENSING") - cavity).area()


def test_metal_leaves_the_groove_straight_and_wires_stay_on_the_back(tmp_path):
    package, layout = drawn(tmp_path)
    g = package.grooves
    for pad in package.pads:
        low, high = finger(layout, pad.name).points.min(axis=0), finger(layout, pad.name).points.max(axis=0)
        assert low[1] < pad.y_um < high[1]
        edge = low[0] if pad.side == "left" else 2000 - high[0]
        reach = high[0] if pad.side == "left" else 2000 - low[0]
        assert 0 < edge < g.second_width_um  # begins in the second groove
        assert reach > g.first_width_um
    for trace in layout.traces:
        half = trace.width_um / 2
        assert (trace.points[:, 0] - half >= g.first_width_um).all()
        assert (trace.points[:, 0] + half <= 2000 - g.first_width_um).all()


def test_every_ball_has_land_opening_and_no_under_bump_metal(tmp_path):
    package, layout = drawn(tmp_path)
    layers = {name: [item for item in layout.circles if item.layer == name] for name in ("RDL", "SMO", "BALL", "UBM")}
    assert [len(found) for found in layers.values()] == [4, 4, 4, 0]
    assert {item.d_um for item in layers["SMO"]} == {package.terminal.pi2_d_um}


def test_contact_needs_pad_and_metal_on_both_sides_of_the_edge():
    import klayout.db as db

    def region(*box_um: float) -> db.Region:
        return db.Region(db.Box(*(round(value * 1000) for value in box_um)))

    groove, metal = region(0, 0, 80, 500), region(10, 200, 300, 260)
    assert cut_contacts(region(30, 190, 110, 270), groove, metal).area() == 1000 * 60_000
    for pad in (region(80, 190, 110, 270), region(30, 190, 80, 270), region(90, 190, 120, 270)):
        assert cut_contacts(pad, groove, metal).is_empty()
    assert cut_contacts(region(30, 190, 110, 270), groove, region(80, 200, 300, 260)).is_empty()
    assert cut_contacts(region(30, 190, 110, 270), db.Region(), metal).is_empty()


def ends_at(layout: Layout, name: str, edge_um: float) -> Layout:
    """Return the layout with a left pad's metal beginning so far from the die's edge."""
    old = finger(layout, name)
    high = old.points.max(axis=0)
    return replaced(layout, old, rectangle(edge_um, old.points[0, 1], high[0], high[1]))


def test_metal_that_ends_before_the_cut_edge_is_missing(tmp_path):
    """Over the pad's inner end lies insulation: metal there is no contact."""
    package, layout = drawn(tmp_path)
    pad = next(pad for pad in package.pads if pad.side == "left")
    result = lvs(package, ends_at(layout, pad.name, 80.0))
    (found,) = [check for check in result.checks if check.code == "lvs.missing"]
    assert pad.name in found.message
    assert "cut edge" in found.message
    assert found.layer == "GROOVE2"
    assert result.metrics["matched_count"] == 3


def test_metal_that_ends_before_the_opening_is_open(tmp_path):
    package, layout = drawn(tmp_path, second=False)
    pad = next(pad for pad in package.pads if pad.side == "left")
    found = [check for check in lvs(package, ends_at(layout, pad.name, 115.0)).checks if not check.ok]
    assert [(check.code, check.net) for check in found] == [("lvs.open", pad.net)]
    found = [check for check in lvs(package, without(layout, "INS_OPEN", pad.name)).checks if not check.ok]
    assert [check.code for check in found] == ["lvs.missing"]
    assert "no opening on the pad" in found[0].message


def test_without_the_second_groove_no_pad_is_reached(tmp_path):
    package, layout = drawn(tmp_path)
    bare = replace(layout, polygons=tuple(item for item in layout.polygons if item.layer != "GROOVE2"))
    result = lvs(package, bare)
    assert result.metrics["missing_count"] == 4
    assert result.state == "doubtful"
    assert "GROOVE2" in result.warnings[0]


@METHODS
def test_metal_over_a_neighbours_contact_is_a_short(tmp_path, second):
    package, layout = drawn(tmp_path, second)
    one, two = sorted((pad for pad in package.pads if pad.side == "left"), key=lambda pad: pad.y_um)
    old = finger(layout, one.name)
    low, high = old.points.min(axis=0), old.points.max(axis=0)
    end = 100.0  # in the grooves, over the neighbour's pad and its contact
    both = np.array(
        [(low[0], low[1]), high * (1, 0) + low * (0, 1), high, (end, high[1]), (end, two.y_um), (low[0], two.y_um)]
    )
    checks = [check for check in lvs(package, replaced(layout, old, both)).checks if check.code == "lvs.short"]
    assert len(checks) == 1
    assert set(checks[0].net.split(" / ")) == {one.net, two.net}


@METHODS
def test_a_cut_wire_is_open_and_a_bridge_is_a_short(tmp_path, second):
    package, layout = drawn(tmp_path, second)
    cut = replace(
        layout,
        traces=tuple(item for item in layout.traces if item.net != "a"),
        polygons=tuple(item for item in layout.polygons if not (item.kind == "teardrop" and item.net == "a")),
    )
    found = [check for check in lvs(package, cut).checks if not check.ok]
    assert [check.code for check in found] == ["lvs.open"]
    assert found[0].net == "a"
    lands = {item.net: (item.x_um, item.y_um) for item in layout.circles if item.layer == "RDL"}
    bridge = Trace("RDL", "a", 30.0, np.array([lands["a"], lands["b"]]))
    shorted = replace(layout, traces=(*layout.traces, bridge))
    assert {check.code for check in lvs(package, shorted).checks if not check.ok} == {"lvs.short"}


@pytest.mark.parametrize("layer", ["SMO", "BALL"])
def test_a_ball_without_opening_or_a_missing_ball_is_found(tmp_path, layer):
    package, layout = drawn(tmp_path)
    result = lvs(package, without(layout, layer, "A1"))
    assert not result.ok
    told = [check.message for check in result.checks if not check.ok]
    assert any("A1" in message for message in told), told
    assert result.metrics["matched_count"] == 3


def test_masks_without_pads_take_them_from_the_package(tmp_path):
    package, layout = drawn(tmp_path)
    bare = replace(layout, polygons=tuple(item for item in layout.polygons if item.layer != "PAD"))
    assert compare(to_klayout(bare), package).ok


def test_an_opening_beside_its_pad_is_no_contact(tmp_path):
    package, layout = drawn(tmp_path, second=False)
    pad = package.pads[0]
    old = next(item for item in layout.polygons if (item.layer, item.name) == ("INS_OPEN", pad.name))
    away = square(pad.x_um, pad.y_um + 90, 40, 40)
    result = lvs(package, replaced(layout, old, away))
    assert any(check.code == "lvs.missing" and pad.name in check.message for check in result.checks)
