"""Wafer blocks that can't be made are refused with their key, those that can are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError, Problem
from chipscale.layout.wafer_map import wafer_map
from chipscale.layout.wafer_problems import wafer_problems
from chipscale.spec.read import read_spec

HEAD = "chipscale: 1\nname: t\ndie: {{size_x_um: {0}, size_y_um: {1}, pads: {{per_side: {{left: 4}}}}}}\n"
TAIL = "balls: {rows: 2, cols: 2, pitch_um: 400, sphere_d_um: 250}\n"


def problems(folder: Path, wafer: str, die: tuple[float, float] = (1800, 1800)) -> list[Problem]:
    path = folder / "chip.yaml"
    path.write_text(f"{HEAD.format(*die)}wafer: {wafer}\n{TAIL}")
    found = wafer_problems(read_spec(path))
    assert all(item.file == str(path) and item.line == 4 for item in found)
    return found


@pytest.mark.parametrize(
    ("wafer", "key"),
    [
        ("{partial_dies: {RDL: keep, PI9: drop}}", "wafer.partial_dies.PI9"),
        ("{street_x_um: 300000}", "wafer.street_x_um"),
        ("{knock_outs: [[0, 0, 5, 5], [5, 5, 0, 0]]}", "wafer.knock_outs.1"),
        ("{knock_outs: [[0, 0, 0, 5]]}", "wafer.knock_outs.0"),
        ("{knock_outs: [[150, 0, 160, 5]]}", "wafer.knock_outs.0"),
        ("{knock_outs: [[-150, -150, 150, 150]]}", "wafer.knock_outs"),
    ],
)
def test_refused(tmp_path, wafer, key):
    (found,) = problems(tmp_path, wafer)
    assert (found.key, bool(found.remedy)) == (key, True)


def test_good_blocks(tmp_path):
    for wafer in ("{}", "{partial_dies: {RDL: keep}, knock_outs: [[0, 0, 5, 5]]}", "{diameter_mm: 100}"):
        assert problems(tmp_path, wafer) == []


@settings(max_examples=60, deadline=None)
@given(
    die=st.tuples(st.integers(10_000, 70_000), st.integers(10_000, 70_000)),
    offset=st.tuples(st.integers(-90_000, 90_000), st.integers(-90_000, 90_000)),
)
def test_no_whole_die_is_what_the_map_says(tmp_path_factory, die, offset):
    folder = tmp_path_factory.mktemp("wafer")
    wafer = f"{{diameter_mm: 100, offset_x_um: {offset[0]}, offset_y_um: {offset[1]}}}"
    found = problems(folder, wafer, die)
    block = read_spec(folder / "chip.yaml").spec.wafer
    try:
        wafer_map((float(die[0]), float(die[1])), block)
        fits = True
    except InputError:
        fits = False
    too_large = (die[0] ** 2 + die[1] ** 2) ** 0.5 > 94_000  # told by the die itself
    assert (not found) is (fits or too_large)
