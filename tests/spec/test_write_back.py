from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import ChipscaleError, InputError
from chipscale.spec import write_back
from chipscale.spec.read import read_spec
from chipscale.spec.starter import starter
from chipscale.spec.write_back import write_ball_nets

STARTER = starter("fan_in_wlcsp")
NETS = {f"{row}{col}": f"io[{col}]" for row in "ABCD" for col in range(1, 5)}


def written(folder: Path, text: str, nets: dict[str, str | None]) -> str:
    path = folder / "chip.yaml"
    path.write_bytes(text.encode())
    write_ball_nets(path, nets)
    assert [item.name for item in folder.iterdir() if item.name.startswith(".")] == []
    return path.read_bytes().decode()


def test_only_the_nets_and_the_mode_change(tmp_path):
    text = written(tmp_path, STARTER, NETS)
    old, new = STARTER.splitlines(), text.splitlines()
    added = [line for line in new if line not in old]
    removed = [line for line in old if line not in new]
    assert removed == [line for line in old if line.startswith("  mode: free")]
    assert added[0] == "  nets:"
    assert added[1:17] == [f"    {ball}: {net}" for ball, net in NETS.items()]
    assert added[17:] == [removed[0].replace("free", "fixed", 1)]
    assert [line for line in new if line in old] == [line for line in old if line in new]


def test_writing_twice_changes_nothing_more(tmp_path):
    once = written(tmp_path, STARTER, NETS)
    assert written(tmp_path, once, NETS) == once


def test_a_block_of_nets_keeps_its_comments(tmp_path):
    head, tail = STARTER.split("  # nets: {A1: VDD")[0], STARTER[STARTER.index("# ---- who connects") :]
    block = "  nets:   # by hand\n    A1: vdd   # the corner\n    # two more\n    A2: clk\n    Z9: gone\n    A3: x\n\n"
    text = written(tmp_path, head + block + tail, NETS)
    wanted = "  nets:   # by hand\n    A1: io[1]   # the corner\n    # two more\n    A2: io[2]\n    A3: io[3]\n"
    assert wanted + "    A4: io[4]\n" in text
    assert "Z9" not in text


@pytest.mark.parametrize(
    "balls",
    [
        "balls: {rows: 4, cols: 4, pitch_um: 400, sphere_d_um: 250}",
        "balls: {rows: 4, cols: 4, pitch_um: 400, sphere_d_um: 250, nets: {A1: x, A2: y}}",
        "balls: {nets_csv: balls.csv, rows: 4, cols: 4, pitch_um: 400, sphere_d_um: 250}",
        "balls: {rows: 4, cols: 4, nets: {A1: x}, pitch_um: 400, sphere_d_um: 250 , nets_csv: balls.csv}",
        "balls: {nets_csv: balls.csv, sphere_d_um: 250}",
        "balls:\n  rows: 4\n  nets_csv: balls.csv   # from the board\n  cols: 4\n  pitch_um: 400\n  sphere_d_um: 250",
        "balls:\n  rows: 4\n  nets: {A1: x}\n  nets_csv: balls.csv\n  cols: 4\n  pitch_um: 400\n  sphere_d_um: 250",
        "balls:\n  rows: 4\n  nets:\n    A1: x\n  nets_csv: balls.csv\n  cols: 4\n  pitch_um: 400\n  sphere_d_um: 250",
        "balls:\n    nets: {}\n    rows: 4\n    cols: 4\n    pitch_um: 400\n    sphere_d_um: 250\n"
        "    missing:\n      names:\n      - D4   # not here\n      rows: []   # none",
    ],
)
@pytest.mark.parametrize(
    "assignment",
    [
        "",
        "assignment: {}\n",
        "assignment: {mode: partial, keep: [A1]}\n",
        "assignment:\n  mode: free\n  supply_pattern: center  # why\n",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_way_a_file_may_be_written(tmp_path, balls, assignment, ending):
    head = "chipscale: 1\nname: t\ndie: {size_x_um: 2000, size_y_um: 2000, pads: {csv: p.csv}}\n"
    text = (head + assignment + balls).replace("\n", ending)
    nets = {"A1": "NO", "A2": "5", "A3": None, "A4": "a b: #c", "B1": "é]", "B2": "~{RST}"}
    new = written(tmp_path, text, nets)
    spec = read_spec(tmp_path / "chip.yaml").spec
    assert spec.balls.nets == {ball: net for ball, net in nets.items() if net is not None}
    assert spec.balls.nets_csv is None
    assert (spec.assignment.mode, spec.assignment.keep) == ("fixed", ["A3"])
    assert ("\r\n" in new) == (ending == "\r\n")
    assert "\r\r" not in new
    assert new.count("\n") == new.count("\r\n") or ending == "\n"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.one_of(st.none(), NAMES), min_size=1))
def test_any_names_read_back(tmp_path_factory, nets):
    folder = tmp_path_factory.mktemp("back")
    written(folder, STARTER, nets)
    found = read_spec(folder / "chip.yaml").spec
    assert found.balls.nets == ({ball: net for ball, net in nets.items() if net is not None})


def test_file_mode_and_byte_order_mark_stay(tmp_path):
    path = tmp_path / "chip.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + STARTER.encode())
    path.chmod(0o640)
    write_ball_nets(path, NETS)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_nothing_is_written_when_the_result_does_not_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(write_back, "with_ball_nets", lambda text, nets: text + "\nseed: 7\n")
    with pytest.raises(ChipscaleError, match="read back"):
        written(tmp_path, STARTER, NETS)
    assert (tmp_path / "chip.yaml").read_text() == STARTER
    monkeypatch.setattr(write_back, "with_ball_nets", lambda text, nets: text + "\nseed: [7\n")
    with pytest.raises(ChipscaleError, match="failed"):
        written(tmp_path, STARTER, NETS)
    assert [item.name for item in tmp_path.iterdir()] == ["chip.yaml"]


def test_a_ball_list_with_other_nets_is_refused(tmp_path):
    (tmp_path / "balls.csv").write_text("ball,x_um,y_um,net\nA1,400,400,old\n")
    text = STARTER.replace("  rows: 4\n  cols: 4\n", "  csv: balls.csv\n")
    with pytest.raises(InputError) as error:
        written(tmp_path, text, {"A1": "new"})
    assert "remove the column 'net'" in error.value.problems[0].remedy
    assert (tmp_path / "chip.yaml").read_text() == text
    written(tmp_path, text, {"A1": "old"})
