"""Power maps: what is read adds up, what is wrong is refused with file and line."""

import numpy as np
import pytest

from chipscale.errors import InputError
from chipscale.physics.thermal.power_map import blocks, power_map

SIZE = (2000.0, 1000.0)


def test_even_needs_no_map():
    assert power_map("", SIZE) is None
    assert power_map("even", SIZE) is None
    assert blocks("", SIZE) == [(0.0, 0.0, 2000.0, 1000.0, 1.0)]


def test_blocks_keep_their_heat_and_their_place():
    found = power_map("100.3,200,433,450,0.75; 1500,0,2000,500,0.25", SIZE)
    assert found.sum() == pytest.approx(1.0, rel=1e-12)
    ny, nx = found.shape
    x, y = (np.arange(nx) + 0.5) * SIZE[0] / nx, (np.arange(ny) + 0.5) * SIZE[1] / ny
    low = found[:, x < 1000]
    assert low.sum() == pytest.approx(0.75, rel=1e-12)
    assert (low.sum(axis=0) @ x[x < 1000]) / 0.75 == pytest.approx((100.3 + 433) / 2, abs=SIZE[0] / nx / 4)
    assert (low.sum(axis=1) @ y) / 0.75 == pytest.approx(325.0, abs=SIZE[1] / ny / 4)


def test_a_table_and_the_same_inline(tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("# hot spot\npower_W,x0_um,y0_um,x1_um,y1_um\n\n0.75,100,200,433,450\n")
    assert np.array_equal(power_map(str(path), SIZE), power_map("100,200,433,450,0.75", SIZE))
    assert blocks(str(path), SIZE) == [(100.0, 200.0, 433.0, 450.0, 0.75)]


def test_a_grid_has_its_first_line_on_top(tmp_path):
    path = tmp_path / "grid.csv"
    path.write_text("0,1\n2,3\n")
    assert power_map(str(path), SIZE).tolist() == [[2.0, 3.0], [0.0, 1.0]]
    with pytest.raises(InputError, match="wants blocks"):
        blocks("some.png", SIZE)


def test_an_image(tmp_path):
    from matplotlib.image import imsave

    grey = np.zeros((3, 4, 3))
    grey[0, 1] = 1.0
    path = tmp_path / "map.png"
    imsave(path, grey)
    found = power_map(str(path), SIZE)
    assert found.shape == (3, 4)
    assert found[2, 1] == pytest.approx(found.sum())


@pytest.mark.parametrize(
    ("rows", "line", "what"),
    [
        ("0,0,100,100,1\n1900,0,2100,100,1", 3, "outside the die"),
        ("0,0,100,100,-1", 2, "below 0"),
        ("100,0,100,100,1", 2, "no area"),
        ("0,0,100,100,nan", 2, "out of range"),
        ("0,0,100,wide,1", 2, "no number"),
        ("0,0,100,100,0", 2, "no block has any heat"),
    ],
)
def test_a_bad_block_is_named_with_its_line(tmp_path, rows, line, what):
    path = tmp_path / "map.csv"
    path.write_text("x0_um,y0_um,x1_um,y1_um,power_W\n" + rows + "\n")
    with pytest.raises(InputError) as told:
        power_map(str(path), SIZE)
    problem = told.value.problems[0]
    assert what in problem.what
    assert (problem.file, problem.line) == (str(path), line)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"x0_um,y0_um\n1,2\n", "needs the columns"),
        ("a.csv", b"1,2\n3\n", "the first line has 2"),
        ("a.csv", b"0,0\n0,0\n", "no pixel has any heat"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "not a picture"),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\0\0\0\0", "are more than"),
    ],
)
def test_a_bad_file_is_refused(tmp_path, name, data, what):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=what):
        power_map(str(path), SIZE)


def test_no_file():
    with pytest.raises(InputError):
        power_map("nowhere.csv", SIZE)
    with pytest.raises(InputError, match="five"):
        power_map("1,2,3", SIZE)


def test_a_changed_file_is_a_new_question(tmp_path):
    from chipscale.physics.thermal.plate import PlateSizing
    from chipscale.physics.thermal.steady import Steady

    path = tmp_path / "map.csv"
    path.write_text("1,2\n")
    before = PlateSizing(power=str(path)), Steady(power=str(path))
    path.write_text("1,3\n")
    after = PlateSizing(power=str(path)), Steady(power=str(path))
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert PlateSizing(power="0,0,1,1,1").power_bytes == b""
