from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.package.pads import read_pad_source, read_pads
from chipscale.package.pads.csv_pads import read_csv_pads

GOOD = "pad,x_um,y_um,net\na,100,200,vdd\nb,300,200,vss\n"


def write(folder: Path, text: str | bytes, name: str = "pads.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(path: Path, **options: bool) -> list[tuple[str, int | None, str]]:
    try:
        found = read_csv_pads(path, **options)[1]
    except InputError as error:
        found = error.problems
    assert found
    return [(item.code, item.line, item.what + " / " + item.remedy) for item in found]


def test_columns_in_any_order_with_bom_comments_blank_lines_and_extras(tmp_path):
    text = (
        "\ufeff# from the fab\n\nNet, y_um ,x_um,pad,remark\r\nvdd,200,1e2,a,hello\r\n  # later\r\n\r\nvss,2.5,3,b,\r\n"
    )
    pads, _ = read_csv_pads(write(tmp_path, text))
    assert [(pad.name, pad.x_um, pad.y_um, pad.net, pad.line) for pad in pads] == [
        ("a", 100.0, 200.0, "vdd", 4),
        ("b", 3.0, 2.5, "vss", 7),
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators(tmp_path, mark):
    assert len(read_csv_pads(write(tmp_path, GOOD.replace(",", mark)))[0]) == 2


def test_sizes_sides_and_unconnected_pads(tmp_path):
    text = "pad,x_um,y_um,net,size_x_um,size_y_um,side\na,1,2,-,60,80,left\nb,3,4,,,,\n"
    a, b = read_csv_pads(write(tmp_path, text))[0]
    assert (a.size_x_um, a.size_y_um, a.side, a.net) == (60, 80, "left", None)
    assert (b.size_x_um, b.net) == (None, None)


def test_every_fault_at_once_with_its_line(tmp_path):
    text = (
        "pad,x_um,y_um,net,size_x_um,side\n"
        "a,1,2,n,60,left\n"
        "a,3,2,n,60,left\n"
        "b,1O,2,n,60,left\n"
        "c,1,,n,0,lefft\n"
        ",1,2,n,60,left\n"
        "d,1,2,n\n"
        "e,nan,1e9,n,-5,top\n"
    )
    found = problems(write(tmp_path, text))
    assert [(code, line) for code, line, _ in found] == [
        ("pads.duplicate", 3),
        ("pads.number", 4),
        ("pads.number", 5),
        ("pads.range", 5),
        ("pads.side", 5),
        ("pads.name", 6),
        ("pads.columns", 7),
        ("pads.number", 8),
        ("pads.range", 8),
        ("pads.range", 8),
    ]
    assert "lines 2 and 3" in found[0][2]
    assert "did you mean 'left'" in found[4][2]


def test_missing_columns_name_the_one_that_is_nearly_right(tmp_path):
    found = problems(write(tmp_path, "pad,x_um,y-um,nett\na,1,2,n\n"))
    assert [code for code, _, _ in found] == ["pads.column", "pads.column"]
    assert "rename column 'y-um' to 'y_um'" in found[0][2]
    assert "rename column 'nett' to 'net'" in found[1][2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "pads.empty"),
        ("# nothing\n\n", "pads.empty"),
        ("pad,x_um,y_um,net\n", "pads.empty"),
        (b"\x00\x06\x00\x02\x00\x05\xff\xfe", "file.not_text"),
        (b"pad,x_um,y_um,net\na,1,2,\xff\n", "file.not_text"),
        ('pad,x_um,y_um,net\n"a,1,2,n\n', "pads.csv"),
        ("pad,pad,x_um,y_um,net\na,a,1,2,n\n", "pads.column"),
        ("just some text\nand more\n", "pads.column"),
    ],
)
def test_wrong_files(tmp_path, content, code):
    assert problems(write(tmp_path, content))[0][0] == code


def test_missing_file_names_the_near_one(tmp_path):
    write(tmp_path, GOOD, "pads.csv")
    assert "did you mean 'pads.csv'" in problems(tmp_path / "pad.csv")[0][2]


def test_net_column_may_be_absent_when_the_package_file_gives_nets(tmp_path, design):
    write(tmp_path, "pad,x_um,y_um\na,100,200\nb,300,200\n")
    pads = read_pads(design("{csv: pads.csv, nets: {a: NO, b: 5}}"))
    assert [pad.net for pad in pads] == ["NO", "5"]
    with pytest.raises(InputError, match="column 'net' is missing"):
        read_pads(design("{csv: pads.csv}"))


def test_sizes_of_the_package_file_else_assumed(tmp_path, design):
    write(tmp_path, GOOD)
    given = read_pad_source(design("{csv: pads.csv, size_x_um: 70, size_y_um: 50}"))
    assert (given.pads[0].size_x_um, given.pads[0].size_y_um, given.assumptions) == (70, 50, ())
    one = read_pads(design("{csv: pads.csv, size_x_um: 70}"))
    assert one[0].size_y_um == 70
    assumed = read_pad_source(design("{csv: pads.csv}"))
    assert (assumed.pads[0].size_x_um, assumed.pads[0].size_y_um) == (60, 60)
    assert [item.value for item in assumed.assumptions] == ["60 x 60 µm"]


def test_override_of_a_pad_that_is_not_there(tmp_path, design):
    write(tmp_path, "pad,x_um,y_um,net\nvdd1,100,200,vdd\n")
    with pytest.raises(InputError) as error:
        read_pads(design("{csv: pads.csv, nets: {vdd2: x}}"))
    assert error.value.problems[0].key == "die.pads.nets.vdd2"
    assert "did you mean 'vdd1'" in error.value.problems[0].remedy


def test_side_is_the_nearest_edge_and_offset_moves_pads(tmp_path, design):
    write(tmp_path, "pad,x_um,y_um,net\na,-400,0,n\nb,0,440,m\n")
    a, b = read_pads(design("{csv: pads.csv, offset_x_um: 500, offset_y_um: 500}"))
    assert ((a.x_um, a.y_um, a.side), (b.x_um, b.y_um, b.side)) == ((100, 500, "left"), (500, 940, "top"))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_damage_reads_or_is_explained(tmp_path_factory, data):
    text = bytearray(b"# c\npad,x_um,y_um,net,size_x_um,size_y_um,side\na,1,2,n,60,60,left\nb,3,4,m,60,60,top\n")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        text = text or bytearray(b"x")
    path = tmp_path_factory.mktemp("csv") / "pads.csv"
    path.write_bytes(bytes(text))
    found = []
    try:
        pads, found = read_csv_pads(path)
    except InputError as error:
        pads, found = (), error.problems
    assert pads or found
    assert all(problem.what and problem.file for problem in found)
