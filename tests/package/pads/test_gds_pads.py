from __future__ import annotations

from pathlib import Path

import klayout.db as kdb
import pytest

from chipscale.errors import InputError
from chipscale.package.pads import read_pads


def draw(path: Path, dbu: float = 0.001) -> None:
    """A pad of two touching boxes, an octagon, one pad inside a turned cell, one pad without a label."""
    layout = kdb.Layout()
    layout.dbu = dbu
    top = layout.create_cell("CHIP")
    pad, label, other = layout.layer(76, 20), layout.layer(76, 5), layout.layer(68, 0)
    top.shapes(pad).insert(kdb.DBox(100, 900, 130, 960).to_itype(dbu))
    top.shapes(pad).insert(kdb.DBox(130, 900, 160, 960).to_itype(dbu))
    top.shapes(label).insert(kdb.DText("vss", 130, 930).to_itype(dbu))
    octagon = kdb.DPolygon.ellipse(kdb.DBox(300, 900, 370, 970), 8)
    top.shapes(pad).insert(octagon.to_itype(dbu))
    top.shapes(label).insert(kdb.DText("vss", 335, 935).to_itype(dbu))
    cell = layout.create_cell("PADCELL")
    cell.shapes(pad).insert(kdb.DBox(0, 0, 80, 40).to_itype(dbu))
    cell.shapes(label).insert(kdb.DText("io[3]", 40, 20).to_itype(dbu))
    top.insert(kdb.DCellInstArray(cell.cell_index(), kdb.DTrans(1, False, 200, 100)))
    top.shapes(pad).insert(kdb.DBox(500, 100, 560, 160).to_itype(dbu))
    top.shapes(other).insert(kdb.DBox(0, 0, 1000, 1000).to_itype(dbu))
    layout.write(str(path))


@pytest.mark.parametrize("name", ["die.gds", "die.oas", "die.gds.gz"])
@pytest.mark.parametrize("dbu", [0.001, 0.005])
def test_pads_sizes_and_nets(tmp_path, design, name, dbu):
    draw(tmp_path / name, dbu)
    pads = read_pads(design(f"{{gds: {name}, pad_layer: 76/20}}"))
    found = {pad.name: (pad.x_um, pad.y_um, pad.size_x_um, pad.size_y_um, pad.net) for pad in pads}
    assert list(found) == ["vss.1", "vss.2", "io[3]", "P1"]
    assert found["vss.1"][:4] == pytest.approx((335, 935, 70, 70), abs=0.02)
    assert found["vss.2"][:4] == pytest.approx((130, 930, 60, 60))
    assert found["io[3]"][:4] == pytest.approx((180, 140, 40, 80))
    assert found["P1"][:4] == pytest.approx((530, 130, 60, 60))
    assert [found[name][4] for name in ("vss.1", "vss.2", "io[3]", "P1")] == ["vss", "vss", "io[3]", None]


def fails(design, pads: str) -> tuple[str, str]:
    with pytest.raises(InputError) as error:
        read_pads(design(pads))
    problem = error.value.problems[0]
    assert len(error.value.problems) == 1
    return problem.code, f"{problem.what} / {problem.remedy}"


def test_wrong_layer_and_labels_list_what_the_drawing_has(tmp_path, design):
    draw(tmp_path / "die.gds")
    code, said = fails(design, "{gds: die.gds, pad_layer: 70/0}")
    assert code == "gds.no_layer"
    assert "68/0, 76/5, 76/20" in said
    code, said = fails(design, "{gds: die.gds, pad_layer: 76/20, text_layer: 70/5}")
    assert code == "gds.no_labels"
    assert "layers with labels: 76/5" in said


def test_nets_of_the_package_file_instead_of_labels(tmp_path, design):
    draw(tmp_path / "die.gds")
    pads = read_pads(design("{gds: die.gds, pad_layer: 76/20, text_layer: 70/5, nets: {P1: a, P4: d}}"))
    assert {pad.name: pad.net for pad in pads} == {"P1": "a", "P2": None, "P3": None, "P4": "d"}


def test_cells(tmp_path, design):
    draw(tmp_path / "die.gds")
    code, said = fails(design, "{gds: die.gds, pad_layer: 76/20, top: CHIIP}")
    assert (code, "did you mean 'CHIP'" in said) == ("gds.no_cell", True)
    pads = read_pads(design("{gds: die.gds, pad_layer: 76/20, top: PADCELL}"))
    assert [(pad.name, pad.size_x_um) for pad in pads] == [("io[3]", 80)]
    layout = kdb.Layout()
    layout.create_cell("A")
    layout.create_cell("B")
    layout.write(str(tmp_path / "two.gds"))
    code, said = fails(design, "{gds: two.gds, pad_layer: 76/20}")
    assert (code, "A, B" in said) == ("gds.top_cells", True)


def test_two_labels_on_one_pad(tmp_path, design):
    layout = kdb.Layout()
    top = layout.create_cell("T")
    layer = layout.layer(1, 0)
    top.shapes(layer).insert(kdb.Box(0, 0, 60000, 60000))
    for text in ("a", "b"):
        top.shapes(layer).insert(kdb.Text(text, 100, 100))
    layout.write(str(tmp_path / "die.gds"))
    code, _ = fails(design, "{gds: die.gds, pad_layer: 1/0}")
    assert code == "gds.two_labels"


@pytest.mark.parametrize("name", ["die.gds", "die.oas"])
def test_truncated_anywhere(tmp_path, design, name):
    draw(tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for part in (0.3, 0.5, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * part)])
        code, said = fails(design, f"{{gds: {name}, pad_layer: 76/20}}")
        assert code == "gds.unreadable"
        assert "cut off" in said


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "gds.wrong_file"), (b"pad,x_um,y_um,net\n", "gds.wrong_file"), (b"\x1f\x8b\x08\x00", "file.unreadable")],
)
def test_wrong_file(tmp_path, design, content, code):
    (tmp_path / "die.gds").write_bytes(content)
    assert fails(design, "{gds: die.gds, pad_layer: 76/20}")[0] == code
    assert fails(design, "{gds: missing.gds, pad_layer: 76/20}")[0] == "file.missing"
