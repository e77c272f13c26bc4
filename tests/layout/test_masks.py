"""Masks on file: same bytes every time, and what two programs read back."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from layout_designs import small_package, straight_answer

from chipscale.errors import InputError
from chipscale.layout.draw import draw, given
from chipscale.layout.masks import (
    NET_PROPERTY,
    cell_name,
    layer_region,
    layer_texts,
    merged_polygons,
    read_masks,
    to_klayout,
    write_masks,
)
from chipscale.layout.types import LAYERS, Layout, Polygon

_WRITE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from layout_designs import small_package, straight_answer
from chipscale.layout.draw import draw, given
from chipscale.layout.masks import write_masks
package = small_package()
write_masks(draw(package, router=given(straight_answer(package))), Path(sys.argv[2]))
"""


@pytest.fixture
def layout() -> Layout:
    package = small_package()
    return draw(package, router=given(straight_answer(package)))


@pytest.mark.parametrize("ending", ["gds", "oas"])
def test_same_bytes_from_two_processes(layout: Layout, tmp_path: Path, ending: str) -> None:
    mine = write_masks(layout, tmp_path / f"mine.{ending}")
    other = tmp_path / f"other.{ending}"
    folder = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", _WRITE, folder, str(other)], check=True)
    assert hashlib.sha256(mine.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


@pytest.mark.parametrize("ending", ["gds", "gds.gz", "oas"])
def test_klayout_reads_back_every_layer(layout: Layout, tmp_path: Path, ending: str) -> None:
    masks = read_masks(write_masks(layout, tmp_path / f"layout.{ending}"))
    drawn = to_klayout(layout)
    assert masks.top_cell().name == "small"
    for info in LAYERS:
        assert (layer_region(masks, info.name) ^ layer_region(drawn, info.name)).is_empty()
    assert layer_region(masks, "UBM").count() == 4
    nets = {text for text, _, _ in layer_texts(masks, "RDL")}
    assert nets == {"a", "b", "c", "d"}
    assert ("A1", 500.0, 1000.0) in layer_texts(masks, "BALL")
    [cell] = [cell for cell in masks.each_cell() if cell.name == "small_RDL"]
    index = masks.find_layer(10, 0)
    assert {shape.property(NET_PROPERTY) for shape in cell.shapes(index).each() if not shape.is_text()} == set("abcd")


@pytest.mark.parametrize("ending", ["gds", "oas"])
def test_another_program_reads_the_same_areas(layout: Layout, tmp_path: Path, ending: str) -> None:
    gdstk = pytest.importorskip("gdstk", reason="gdstk is not installed")
    path = write_masks(layout, tmp_path / f"layout.{ending}")
    library = gdstk.read_gds(str(path)) if ending == "gds" else gdstk.read_oas(str(path))
    [top] = library.top_level()
    drawn = to_klayout(layout)
    for info in LAYERS:
        polygons = top.get_polygons(layer=info.gds_layer, datatype=info.gds_datatype)
        merged = gdstk.boolean(polygons, [], "or", precision=1e-4) if polygons else []
        area = sum(polygon.area() for polygon in merged)
        expected = layer_region(drawn, info.name).merged().area() * 1e-6
        assert area == pytest.approx(expected, rel=1e-6, abs=1e-6), info.name


def test_discs_are_never_smaller_than_drawn(layout: Layout) -> None:
    for polygon in layer_region(to_klayout(layout), "UBM").each():
        assert polygon.bbox().width() == polygon.bbox().height() == 250_000


def test_merged_polygons_are_counter_clockwise_with_clockwise_holes(layout: Layout) -> None:
    [(hull, holes)] = merged_polygons(layout, "SEAL")
    assert _area(hull) > 0
    assert [_area(hole) < 0 for hole in holes] == [True]
    assert _area(hull) + _area(holes[0]) == pytest.approx(1490.0**2 - 1470.0**2)


def test_a_polygon_with_a_hole_survives_the_file(tmp_path: Path) -> None:
    ring = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], dtype=float)
    shape = Polygon("RDL", "fill", ring, "n", holes=(ring[::-1] * 0.5 + 2.0,))
    layout = Layout(10.0, 10.0, (), (shape,), (), ())
    masks = read_masks(write_masks(layout, tmp_path / "ring.gds"))
    assert layer_region(masks, "RDL").merged().area() == 75_000_000


def test_bad_files_and_names(layout: Layout, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="GDS or OASIS"):
        write_masks(layout, tmp_path / "layout.dxf")
    assert not list(tmp_path.iterdir())
    good = write_masks(layout, tmp_path / "layout.gds")
    (tmp_path / "cut.gds").write_bytes(good.read_bytes()[:2000])
    for name in ("cut.gds", "absent.gds"):
        with pytest.raises(InputError) as error:
            read_masks(tmp_path / name)
        assert error.value.problems[0].code == "masks.unreadable"
    assert cell_name("a.b-c d") == "a_b_c_d"


def _area(points: np.ndarray) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2.0)
