"""Dies on a wafer: counts by hand, knock-outs, partial dies per layer, and the masks with them."""

import math
from pathlib import Path

import pytest
from layout_designs import small_package, straight_answer

from chipscale.errors import InputError
from chipscale.layout.draw import draw, given
from chipscale.layout.masks import layer_region, read_masks
from chipscale.layout.types import Layout
from chipscale.layout.wafer import rectangles, wafer_map, write_wafer
from chipscale.spec.model import Wafer

BIG = {"diameter_mm": 100, "edge_exclusion_mm": 5.0, "street_x_um": 1000.0, "street_y_um": 1000.0}


@pytest.fixture
def layout() -> Layout:
    package = small_package()
    return draw(package, router=given(straight_answer(package)))


def test_count_against_brute_force() -> None:
    wafer = Wafer(diameter_mm=200, offset_x_um=-700.0, offset_y_um=300.0)
    found = wafer_map((3588.0, 5188.0), wafer)
    count = 0
    for col in range(-60, 60):
        for row in range(-60, 60):
            x, y = -0.7 + col * 3.668, 0.3 + row * 5.268
            corners = [(x + a, y + b) for a in (0.0, 3.588) for b in (0.0, 5.188)]
            count += all(math.hypot(*corner) <= 97.0 for corner in corners)
    assert found.gross_dies == count
    assert count == pytest.approx(math.pi * 97.0**2 / (3.668 * 5.268), rel=0.1)
    assert found.as_dict()["gross_dies_count"] == count


def test_four_dies_about_the_centre() -> None:
    wafer = Wafer(**BIG, offset_x_um=500.0, offset_y_um=500.0)
    found = wafer_map((30_000.0, 30_000.0), wafer)
    assert sorted((die.col, die.row) for die in found.dies if die.state == "full") == [
        (-1, -1),
        (-1, 0),
        (0, -1),
        (0, 0),
    ]
    assert {die.state for die in found.dies} == {"full", "partial"}
    corner = next(die for die in found.dies if (die.col, die.row) == (0, 0))
    assert (corner.x_mm, corner.y_mm) == (0.5, 0.5)


def test_knock_outs_take_what_they_touch() -> None:
    wafer = Wafer(**BIG, offset_x_um=500.0, offset_y_um=500.0, knock_outs=[[31.0, 31.0, 30.4, 30.4]])
    found = wafer_map((30_000.0, 30_000.0), wafer)
    assert [(die.col, die.row) for die in found.dies if die.state == "knocked_out"] == [(0, 0)]
    assert found.gross_dies == 3


def test_a_die_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="no whole die"):
        wafer_map((80_000.0, 80_000.0), Wafer(diameter_mm=100))


def test_masks_hold_the_dies_in_arrays(layout: Layout, tmp_path: Path) -> None:
    wafer = Wafer(diameter_mm=100, partial_dies={"RDL": "keep"})
    found = write_wafer(layout, wafer, tmp_path / "wafer.oas")
    masks = read_masks(tmp_path / "wafer.oas")
    assert masks.top_cell().name == "small_WAFER"
    assert layer_region(masks, "UBM").count() == 4 * found.gross_dies
    assert sum(1 for _ in masks.top_cell().each_inst()) < found.gross_dies / 20
    assert (tmp_path / "wafer.oas").stat().st_size < 200_000
    metal = layer_region(masks, "RDL").merged()
    reach = max(math.hypot(p.x, p.y) for polygon in metal.each() for p in polygon.each_point_hull())
    assert reach <= 47e6 + 2
    assert reach > 46.9e6
    layers = {name: (how, count) for name, how, count in found.layers}
    assert layers["UBM"] == ("drop", found.gross_dies)
    assert layers["RDL"] == ("keep", len(found.dies))
    box = layer_region(masks, "OUTLINE").bbox()
    assert max(abs(box.left), abs(box.right), abs(box.bottom), abs(box.top)) <= 47_000_000


def test_partial_dies_are_dropped_by_default(layout: Layout, tmp_path: Path) -> None:
    found = write_wafer(layout, Wafer(diameter_mm=100), tmp_path / "wafer.gds")
    masks = read_masks(tmp_path / "wafer.gds")
    assert layer_region(masks, "OUTLINE").count() == found.gross_dies
    assert len(found.dies) > found.gross_dies


def test_an_unknown_layer_is_named(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="RDL"):
        write_wafer(layout, Wafer(partial_dies={"RLD": "keep"}), tmp_path / "wafer.gds")
    assert not list(tmp_path.iterdir())


def test_rectangles_cover_every_site_once() -> None:
    sites = {(c, r) for c in range(-6, 7) for r in range(-6, 7) if c * c + r * r <= 38 and (c, r) != (2, 3)}
    seen = []
    for (col, row), (columns, rows) in rectangles(sites):
        seen += [(c, r) for c in range(col, col + columns) for r in range(row, row + rows)]
    assert sorted(seen) == sorted(sites)
    assert len(rectangles(sites)) < 20
