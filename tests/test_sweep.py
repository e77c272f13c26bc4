"""Sweeps: points in order, options and values of the file, refusals in their row, files."""

import csv
import json

import pytest
from click.testing import CliRunner

from chipscale.cli import cli
from chipscale.errors import InputError
from chipscale.report.sweep_files import table_text, write_sweep
from chipscale.sweep import asked, swept

CHIP = "examples/flash/chip.yaml"
METRIC = "package.fan_in.escape_wires_count"


def test_points_come_in_order_and_a_refused_one_stops_nothing(tmp_path):
    wanted = asked(CHIP, ("balls.pitch_um=400,500,-3", METRIC))
    found = swept(wanted, jobs=1)
    assert [row["balls.pitch_um"] for row in found.rows] == [400, 500, -3]
    assert [row["state"] for row in found.rows][2] == "refused"
    assert found.rows[0][METRIC] is not None
    assert found.rows[2][METRIC] is None
    assert "pitch_um" in found.rows[2]["told"]
    assert not found.ok
    assert "refused" in table_text(found)[3]
    write_sweep(found, tmp_path / "out")
    with (tmp_path / "out" / "sweep.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 3
    assert json.loads((tmp_path / "out" / "sweep.json").read_text())["metrics"] == [METRIC]
    assert (tmp_path / "out" / f"{METRIC}.svg").read_text().startswith("<svg")


def test_processes_give_what_one_gives():
    wanted = asked(CHIP, ("balls.pitch_um=350:450:3", METRIC))
    assert swept(wanted, jobs=2).rows == swept(wanted, jobs=1).rows


def test_options_of_analyses_run_too():
    wanted = asked(CHIP, ("window_um=200,400", "layout.density.rdl_max_ratio"))
    assert wanted.option_keys == {"window_um"}
    found = swept(wanted, jobs=1)
    assert found.rows[0]["layout.density.rdl_max_ratio"] > found.rows[1]["layout.density.rdl_max_ratio"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("balls.pitch_um=400,500",), "no figure is asked for"),
        (("balls.pitch_um=4:5", METRIC), None),
        (("balls.pitch_um=1:2:x", METRIC), "from:to:count"),
        (("balls.pitch_um=1:2:900000", METRIC), "from:to:count"),
        (("package.fan_in.escape_wire_count", "balls.pitch_um=1,2"), "escape_wires_count"),
        ((METRIC,), "one or two keys"),
    ],
)
def test_wrong_words_are_told(words, said):
    if said is None:
        assert asked(CHIP, words).values["balls.pitch_um"] == ("4:5",)
        return
    with pytest.raises(InputError, match=said):
        asked(CHIP, words)


def test_an_option_nobody_has_is_refused(tmp_path):
    done = CliRunner().invoke(
        cli, ["sweep", CHIP, "balls.pitch_um=400,450", METRIC, "-o", "powr_W=1", "--out", str(tmp_path / "o")]
    )
    assert done.exit_code == 2
    assert not (tmp_path / "o").exists()
