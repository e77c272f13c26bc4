import dataclasses
import logging

import numpy as np
import pytest

from chipscale.layout.masks import layer_region, to_klayout
from chipscale.layout.types import Circle
from chipscale.process.masks import Masks


@pytest.mark.parametrize("layer", ["PAD", "PI1", "RDL", "PI2", "UBM"])
def test_regions_are_what_klayout_writes_on_the_mask(layout, layer):
    import klayout.db as db

    ours = db.Region()
    for piece in Masks(layout).pieces(layer):
        rings = [piece.region.exterior, *piece.region.interiors]
        hull, *holes = ([db.Point(round(x * 1000), round(y * 1000)) for x, y in ring.coords[:-1]] for ring in rings)
        polygon = db.Polygon(hull)
        for hole in holes:
            polygon.insert_hole(hole)
        ours.insert(polygon)
    theirs = layer_region(to_klayout(layout), layer).merged()
    different = (ours ^ theirs).sized(-2).area()  # beyond 2 nm
    assert different == 0
    assert abs(ours.area() / theirs.area() - 1) < 1e-6


def test_wires_are_named_by_net_and_terminals_by_pad_or_ball(layout):
    masks = Masks(layout)
    assert [(piece.name, piece.net) for piece in masks.pieces("RDL")] == [("in", "in"), ("out", "out")]
    assert [(piece.name, piece.net) for piece in masks.pieces("UBM")] == [("A1", "in"), ("A2", "out")]
    assert [piece.name for piece in masks.pieces("PAD")] == ["pin", "pout"]


def test_metal_of_no_net_comes_last_under_its_own_name(layout):
    spare = Circle("RDL", "land", 900.0, 500.0, 100.0, None, "A3")
    masks = Masks(dataclasses.replace(layout, circles=(spare, *layout.circles)))
    assert [(piece.name, piece.net) for piece in masks.pieces("RDL")][-1] == ("A3", None)


def test_a_net_in_two_pieces_is_numbered(layout):
    masks = Masks(dataclasses.replace(layout, traces=layout.traces[:1]))
    assert [piece.name for piece in masks.pieces("RDL")] == ["in", "out.1", "out.2"]


def test_a_short_gives_its_room_to_the_first_net_and_says_so(layout, caplog):
    bridge = dataclasses.replace(layout.traces[0], points=np.array([(200.0, 100.0), (600.0, 100.0)]))
    with caplog.at_level(logging.WARNING):
        pieces = Masks(dataclasses.replace(layout, traces=(*layout.traces, bridge))).pieces("RDL")
    assert "in and out overlap" in caplog.text
    regions = [piece.region for piece in pieces]
    assert regions[0].intersection(regions[1]).area == pytest.approx(0.0, abs=1e-9)


def test_metal_beyond_the_die_is_clipped(layout):
    outside = Circle("RDL", "land", 1000.0, 600.0, 100.0, None, "corner")
    pieces = Masks(dataclasses.replace(layout, circles=(*layout.circles, outside))).pieces("RDL")
    assert pieces[-1].region.bounds == pytest.approx((950.0, 550.0, 1000.0, 600.0), abs=1e-3)


def test_an_empty_layer(layout):
    masks = Masks(layout)
    assert masks.pieces("RDL2") == ()
    assert masks.region("RDL2").is_empty
    assert not masks.has("RDL2")


def test_a_wire_of_many_corners_is_merged_in_batches_to_what_the_mask_shows(layout):
    import klayout.db as db

    run = np.linspace(0.0, 1.0, 300)
    wave = np.column_stack((300.0 + 400.0 * run, 300.0 + 40.0 * np.sin(9 * np.pi * run)))
    winding = dataclasses.replace(layout.traces[0], points=wave)
    drawn = dataclasses.replace(layout, circles=(), polygons=(), traces=(winding,))
    (piece,) = Masks(drawn).pieces("RDL")
    ours = db.Region(db.Polygon([db.Point(round(x * 1000), round(y * 1000)) for x, y in piece.region.exterior.coords]))
    theirs = layer_region(to_klayout(drawn), "RDL").merged()
    assert not piece.region.interiors
    assert (ours ^ theirs).sized(-2).area() == 0
    assert abs(ours.area() / theirs.area() - 1) < 1e-6
