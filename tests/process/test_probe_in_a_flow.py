"""A probe map that a package file names: its content counts, and what is odd about it is said."""

from pathlib import Path

import pytest

from chipscale.design import Design
from chipscale.store import Store

CHIP = Path(__file__).parents[2] / "examples" / "bump_on_pad" / "chip.yaml"


@pytest.fixture
def told(tmp_path):
    place = tmp_path / "map.csv"
    edits = {"flow.edits": [{"change": "probe map", "recipe": {"map": str(place)}}]}

    def of(dies):
        place.write_text("x,y,bin\n" + "".join(f"{x},{y},{name}\n" for x, y, name in dies))
        result = Design.load(CHIP, edits, store=Store(tmp_path / "cache")).run("process.flow")
        (row,) = [row for row in result.tables["steps"] if row["step"] == "probe_map"]
        return row["figures"]["probe_yield_pct"], " ".join(result.warnings)

    return of


def test_another_content_of_the_same_file_gives_another_answer(told):
    assert told([(0, 0, 1), (1, 0, 1)])[0] == 100.0
    assert told([(0, 0, 1), (1, 0, 2)])[0] == 50.0


def test_a_map_that_fits_no_wafer_of_this_plan_is_told(told):
    _, warned = told([(0, 0, 1), (5000, 0, 1)])
    assert "the probe map has 2 dies" in warned
    assert "reaches over 5001 columns" in warned


def test_a_map_without_a_good_die_is_told(told):
    share, warned = told([(x, y, "X" if (x, y) != (0, 0) else 1) for x in range(3) for y in range(3)])
    assert share == pytest.approx(100 / 9)
    assert "no die" not in warned


def test_a_whole_wafer_of_good_dies_gives_no_warning(told):
    plan = Design.load(CHIP)
    from chipscale.process.questions.flow_facts import plan_of_wafer

    dies = [(die.col, die.row, 1) for die in plan_of_wafer(plan.package, plan.layout).dies if die.state == "full"]
    share, warned = told(dies)
    assert (share, "probe" in warned) == (100.0, False)
