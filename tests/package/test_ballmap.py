"""Ball maps: every pattern's places and names, views, and what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.package.ballmap import ball_map, min_distance_um, positions, to_board_view
from chipscale.spec.balls import Balls

SIZE = (4000.0, 5000.0)


def make(tmp_path=None, **block):
    return ball_map(Balls.model_validate({"sphere_d_um": 100.0, **block}), *SIZE, tmp_path)


def places(balls):
    return {ball.name: (round(ball.x_um, 6), round(ball.y_um, 6)) for ball in balls}


def problems(tmp_path=None, **block):
    with pytest.raises(InputError) as caught:
        make(tmp_path, **block)
    return caught.value.problems


def test_rectangular_a1_top_left_of_the_die_view():
    found = places(make(rows=2, cols=3, pitch_um=400.0))
    assert found == {
        "A1": (1600, 2700), "A2": (2000, 2700), "A3": (2400, 2700),
        "B1": (1600, 2300), "B2": (2000, 2300), "B3": (2400, 2300),
    }  # fmt: skip


def test_board_view_is_the_mirror_image_of_the_die_view():
    die = places(make(rows=2, cols=3, pitch_um=400.0))
    board = places(make(rows=2, cols=3, pitch_um=400.0, view="board"))
    assert {name: (SIZE[0] - x, y) for name, (x, y) in board.items()} == die


@pytest.mark.parametrize(
    ("corner", "a1"),
    [("top_left", (1800, 2600)), ("top_right", (2200, 2600)), ("bottom_left", (1800, 2400)),
     ("bottom_right", (2200, 2400))],
)  # fmt: skip
def test_a1_at_each_corner(corner, a1):
    assert places(make(rows=2, cols=2, pitch_x_um=400.0, pitch_y_um=200.0, a1_corner=corner))["A1"] == a1


def test_staggered_first_ball_and_compact_numbers():
    site = make(pattern="staggered", rows=2, cols=4, pitch_um=300.0)
    assert [ball.name for ball in site] == ["A1", "A3", "B2", "B4"]
    assert [b.name for b in make(pattern="staggered", rows=2, cols=4, pitch_um=300.0, first="A2")] == [
        "A2", "A4", "B1", "B3"]  # fmt: skip
    first_b1 = make(pattern="staggered", rows=2, cols=4, pitch_um=300.0, first="B1")
    assert [b.name for b in first_b1] == ["A2", "A4", "B1", "B3"]
    compact = make(pattern="staggered", rows=2, cols=4, pitch_um=300.0, numbering="compact")
    assert [ball.name for ball in compact] == ["A1", "A2", "B1", "B2"]
    assert np.allclose(positions(compact), positions(site))
    down = make(pattern="staggered", rows=4, cols=2, pitch_um=300.0, numbering="compact", stagger="y")
    assert sorted(ball.name for ball in down) == ["A1", "A2", "B1", "B2"]


@pytest.mark.parametrize("stagger", ["x", "y"])
def test_hexagonal_has_six_neighbours_at_one_pitch(stagger):
    xy = positions(make(pattern="hexagonal", rows=9, cols=9, pitch_um=400.0, stagger=stagger))
    centre = xy[np.argmin(np.hypot(*(xy - np.array(SIZE) / 2).T))]
    away = np.sort(np.hypot(*(xy - centre).T))
    assert away[1:7] == pytest.approx([400.0] * 6)
    assert away[7] == pytest.approx(400.0 * math.sqrt(3))


def test_rotation_keeps_names_and_centre():
    straight = make(rows=3, cols=3, pitch_um=300.0, offset_x_um=50.0)
    turned = make(rows=3, cols=3, pitch_um=300.0, offset_x_um=50.0, rotation_deg=90.0)
    a, b = places(straight), places(turned)
    assert b["B2"] == a["B2"] == (2050, 2500)
    assert b["A1"] == a["C1"]  # counter-clockwise: the top left corner goes to the bottom left
    assert min_distance_um(make(rows=3, cols=3, pitch_um=300.0, rotation_deg=45.0)) == pytest.approx(300.0)


def test_rotation_turns_the_other_way_when_written_in_the_board_view():
    die = places(make(rows=3, cols=3, pitch_um=300.0, rotation_deg=30.0, a1_corner="top_right"))
    board = places(make(rows=3, cols=3, pitch_um=300.0, rotation_deg=-30.0, view="board"))
    assert list(board) == list(die)
    assert np.allclose(list(board.values()), list(die.values()), atol=1e-5)


def test_missing_by_name_row_column_and_area():
    missing = {"names": ["A1"], "rows": ["E"], "cols": [5], "areas": [["B2", "C3"]]}
    left = {ball.name for ball in make(rows=5, cols=5, pitch_um=300.0, missing=missing)}
    assert left == {"A2", "A3", "A4", "B1", "B4", "C1", "C4", "D1", "D2", "D3", "D4"}


def test_secondary_grid_takes_its_own_row():
    second = {"rows": 1, "cols": 3, "pitch_um": 800.0, "first_row": "B"}
    found = places(make(rows=3, cols=6, pitch_um=400.0, missing={"rows": ["B"]}, secondary=[second]))
    assert len(found) == 15
    assert [found[name][0] for name in ("B1", "B2", "B3")] == [1200, 2000, 2800]


def test_list_from_csv_in_both_views(tmp_path):
    (tmp_path / "balls.csv").write_text("ball,x_um,y_um,net\nA1,-100,200,VCC\nB7,300,-50,\n")
    die = make(tmp_path, csv="balls.csv", origin="center")
    assert places(die) == {"A1": (1900, 2700), "B7": (2300, 2450)}
    assert [ball.net for ball in die] == ["VCC", None]
    assert (die[1].row, die[1].col) == (1, 6)
    assert places(make(tmp_path, csv="balls.csv", origin="center", view="board"))["A1"] == (2100, 2700)
    (tmp_path / "balls.csv").write_text("ball,x_um,y_um\nA1,1900,2700\n")
    assert places(make(tmp_path, csv="balls.csv")) == {"A1": (1900, 2700)}


def test_nets_by_name_and_from_csv(tmp_path):
    (tmp_path / "nets.csv").write_text("ball,net\nA2,b\n")
    found = make(tmp_path, rows=1, cols=3, pitch_um=300.0, nets={"A1": "a"}, nets_csv="nets.csv")
    assert [ball.net for ball in found] == ["a", "b", None]


def test_all_problems_at_once(tmp_path):
    found = problems(
        rows=3,
        cols=3,
        pitch_um=300.0,
        missing={"names": ["A11"], "rows": ["I"], "cols": [9], "areas": [["A1", "Z9"]]},
        secondary=[{"rows": 1, "cols": 1, "first_row": "I"}],
        nets={"D1": "x"},
    )
    assert [problem.key for problem in found] == [
        "balls.missing.names",
        "balls.missing.rows",
        "balls.missing.cols",
        "balls.missing.areas[0]",
        "balls.secondary[0].first_row",
        "balls.nets",
    ]
    assert "did you mean 'A1'" in found[0].remedy


def test_double_names_between_grids():
    found = problems(rows=2, cols=2, pitch_um=300.0, secondary=[{"rows": 1, "cols": 1, "offset_x_um": 900.0}])
    assert [problem.code for problem in found] == ["balls.double_name"]
    assert found[0].value == "A1"


def test_touching_balls_are_named():
    (found,) = problems(rows=1, cols=2, pitch_um=90.0)
    assert found.code == "balls.touching"
    assert "A1 and A2" in found.what
    same_place = {"rows": 1, "cols": 1, "first_row": "B", "offset_x_um": -150.0}
    (found,) = problems(rows=1, cols=2, pitch_um=300.0, secondary=[same_place])
    assert "at one place" in found.what


def test_a_grid_without_pitch_and_a_hexagon_with_two():
    assert [p.code for p in problems(rows=2, cols=2)] == ["balls.no_pitch"]
    assert [p.code for p in problems(pattern="hexagonal", rows=2, cols=2, pitch_um=300.0, pitch_x_um=200.0)] == [
        "balls.hexagonal_pitch"
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("ball,x_um\nA1,1\n", "csv.no_column", 1),
        ("ball,x_um,y_um\nA1,1,2\nA1,900,2\n", "csv.double_ball", 3),
        ("ball,x_um,y_um\nA1,one,2\n", "csv.not_a_number", 2),
        ("ball,x_um,y_um\nA1,nan,2\n", "csv.not_a_number", 2),
        ("ball,x_um,y_um\nA1,1\n", "csv.cells", 2),
        ("ball,x_um,y_um\n,1,2\n", "csv.no_name", 2),
        ("ball,x_um,y_um\n", "csv.empty", 1),
        ("", "csv.empty", None),
    ],
)
def test_faulty_lists_are_named_with_their_line(tmp_path, text, code, line):
    (tmp_path / "balls.csv").write_text(text)
    (found,) = problems(tmp_path, csv="balls.csv")
    assert (found.code, found.line) == (code, line)


def test_a_list_that_is_not_there(tmp_path):
    (found,) = problems(tmp_path, csv="none.csv")
    assert found.code == "file.missing"


GRIDS = st.fixed_dictionaries(
    {
        "pattern": st.sampled_from(["rectangular", "staggered", "hexagonal"]),
        "rows": st.integers(2, 12),
        "cols": st.integers(2, 12),
        "pitch_um": st.floats(250, 800),
        "stagger": st.sampled_from(["x", "y"]),
        "first": st.sampled_from(["A1", "A2", "B1"]),
        "rotation_deg": st.floats(-360, 360),
        "offset_x_um": st.floats(-500, 500),
        "offset_y_um": st.floats(-500, 500),
        "view": st.sampled_from(["die", "board"]),
        "a1_corner": st.sampled_from(["top_left", "top_right", "bottom_left", "bottom_right"]),
        "letters": st.sampled_from(["rows", "columns"]),
        "numbering": st.sampled_from(["site", "compact"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(GRIDS)
def test_every_grid_keeps_count_names_and_distance(block):
    balls = make(**block)
    sites = block["rows"] * block["cols"]
    odd = 0 if block["first"] == "A1" else 1
    assert len(balls) == (sites if block["pattern"] == "rectangular" else (sites + 1 - odd) // 2)
    assert len({ball.name for ball in balls}) == len(balls)
    if len(balls) > 1 and block["pattern"] != "staggered":
        assert min_distance_um(balls) >= block["pitch_um"] * (1 - 1e-9)
    xy = positions(make(**{**block, "rotation_deg": 0.0}))
    away, straight = (np.sort(np.hypot(*(p - p.mean(axis=0)).T)) for p in (positions(balls), xy))
    assert away == pytest.approx(straight, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(GRIDS)
def test_mirrored_twice_is_the_same(block):
    balls = make(**block)
    once = to_board_view(balls, *SIZE)
    twice = np.column_stack((SIZE[0] / 2 - once[:, 0], once[:, 1] + SIZE[1] / 2))
    assert np.allclose(twice, positions(balls), atol=1e-9)
    other = "board" if block["view"] == "die" else "die"
    flipped = {ball.name: ball.x_um for ball in make(**{**block, "view": other})}
    assert all(ball.x_um + flipped[ball.name] == pytest.approx(SIZE[0]) for ball in balls)


def test_the_largest_array_is_made_in_time():
    assert len(make(rows=500, cols=500, pitch_um=250.0)) == 250_000
