"""Board blocks no board could be made by are refused; those left to published practice never are."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipscale.assembly.land_problems import land_problems
from chipscale.errors import Problem
from chipscale.spec.read import read_spec

TEXT = """chipscale: 1
name: t
die: {{size_x_um: 1800, size_y_um: 1800, pads: {{per_side: {{left: 4}}}}}}
board: {0}
balls: {{rows: 2, cols: 2, pitch_um: 400, sphere_d_um: 250}}
"""


def problems(folder: Path, board: str, array_um: tuple[float, float] = (400.0, 260.0)) -> list[Problem]:
    path = folder / "chip.yaml"
    path.write_text(TEXT.format(board))
    found = land_problems(read_spec(path), array_um)
    assert all(item.file == str(path) and item.line == 4 and item.remedy for item in found)
    return found


@pytest.mark.parametrize(
    ("board", "keys"),
    [
        ("{pad_d_um: 400, mask_d_um: 410}", ["pad_d_um", "mask_d_um"]),
        ("{pad_d_um: 250, mask_d_um: 240}", ["mask_d_um"]),
        ("{mask_d_um: 150}", ["mask_d_um"]),
        ("{definition: SMD, pad_d_um: 200, mask_d_um: 210}", ["pad_d_um"]),
        ("{definition: SMD, pad_d_um: 60}", ["pad_d_um"]),
        ("{paste_d_um: 401}", ["paste_d_um"]),
    ],
)
def test_refused(tmp_path, board, keys):
    assert [item.key for item in problems(tmp_path, board)] == [f"board.{key}" for key in keys]


def test_good_blocks(tmp_path):
    for board in ("{}", "{pad_d_um: 220, mask_d_um: 300, paste_d_um: 250}", "{definition: SMD, mask_d_um: 200}"):
        assert problems(tmp_path, board) == []
    for pitch_um in (20.0, 75.0, 130.0, 350.0, 1000.0):
        assert problems(tmp_path, "{}", (pitch_um, 0.8 * pitch_um)) == []
