"""A groove and a film in it, seen across: against sums by hand, and against a level-set simulation if it is there."""

import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from chipscale.process.models.groove_across import groove_across, outline_across
from chipscale.validation import case_folder, run_cases

SCRIPT = case_folder() / "geometry" / "level_set.py"
CASES = {
    "conformal_film": (10.0, 10.0),
    "film_thin_on_walls": (10.0, 6.0),
    "tapered_groove": (0.0, 0.0),
}
COARSE_UM = 2.0  # of the grid: seconds, where the recorded runs take up to a minute


def test_the_section_of_a_bare_groove():
    found = groove_across(200.0, 100.0, 65.0)
    lean = 1.0 / math.tan(math.radians(65.0))
    assert found["width_4_um"] == pytest.approx(200.0 - 200.0 * lean)
    assert found["groove_um2"] == pytest.approx(100.0 * (200.0 - 100.0 * lean))
    assert found["wall_deg"] == pytest.approx(65.0)


def test_a_film_of_even_thickness_fills_the_corner_at_the_floor():
    found = groove_across(200.0, 100.0, 60.0, 5.0, 5.0)
    bare = groove_across(200.0, 100.0, 60.0)
    assert found["covered_4_um"] == pytest.approx(bare["width_4_um"] - 2 * 5.0 * math.tan(math.radians(30.0)))
    assert (found["wall_um"], found["level_um"]) == pytest.approx((5.0, 5.0))


def test_the_outline_is_that_of_the_figures():
    points = outline_across(200.0, 100.0, 65.0, 5.0, 4.0)
    found = groove_across(200.0, 100.0, 65.0, 5.0, 4.0)
    assert len(points) == 6
    assert points[3, 0] - points[2, 0] == pytest.approx(found["covered_4_um"])
    assert points[:, 1].tolist() == pytest.approx([5.0, 5.0, -95.0, -95.0, 5.0, 5.0])


def test_the_recorded_runs_agree_with_ours():
    rows = run_cases("geometry")
    assert {row.case.split("/")[1] for row in rows} == set(CASES)
    assert [str(row) for row in rows if not row.ok] == []


@pytest.mark.parametrize("case", list(CASES))
def test_a_level_set_simulation_finds_the_same_on_a_coarse_grid(case):
    if importlib.util.find_spec("viennaps") is None:
        pytest.skip("ViennaPS is not installed (pip install 'chipscale[level-set]')")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), case, str(COARSE_UM)], capture_output=True, text=True, timeout=300, check=True
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    ours = groove_across(210.0, 130.0, 65.0, *CASES[case])
    for name, value in seen.items():
        if name.endswith("_um2"):
            close = 0.01 * ours[name]
        elif case == "tapered_groove":
            close = 0.3 if name == "wall_deg" else 2 * COARSE_UM
        else:
            close = COARSE_UM / 10
        assert ours[name] == pytest.approx(value, abs=close), name


def test_the_script_says_how_it_is_called():
    done = subprocess.run([sys.executable, str(SCRIPT), "nothing"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "conformal_film|film_thin_on_walls|tapered_groove" in done.stderr
    assert Path(SCRIPT).name in done.stderr
