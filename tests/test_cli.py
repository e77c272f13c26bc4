"""The command line as a user meets it: answers, exit codes, one clear message for a mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chipscale.cli import cli

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPSCALE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def _starter(folder: Path) -> Path:
    path = folder / "chip.yaml"
    assert call("new", "fan_in_wlcsp", path).exit_code == 0
    return path


def test_the_starter_builds_as_written(tmp_path: Path) -> None:
    done = call("build", _starter(tmp_path), "--quick", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    folder = next((tmp_path / "out").iterdir())
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names - {"manifest.json"} == set(listed)
    wanted = {"layout.gds", "layout.oas", "wafer.oas", "package.glb", "package.step", "footprint.kicad_mod"}
    assert wanted | {"symbol.kicad_sym", "balls.csv", "outline.svg", "outline.pdf", "report.html"} <= names


@pytest.mark.slow
def test_two_builds_are_equal_byte_by_byte(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    for out in ("one", "two"):
        assert call("build", path, "--quick", "--out", tmp_path / out).exit_code == 0
    one, two = (json.loads(next((tmp_path / out).glob("*/manifest.json")).read_text()) for out in ("one", "two"))
    timed = {name for name in one["files"] if name.startswith("results/")} | {"report.html"}
    for name in set(one["files"]) - timed:
        assert one["files"][name] == two["files"][name], name


def test_json_is_json_and_names_are_full(tmp_path: Path) -> None:
    done = call("check", _starter(tmp_path), "--json")
    data = json.loads(done.stdout)
    assert data["ok"] is (done.exit_code == 0)
    wiring = data["results"]["layout.wiring"]["metrics"]
    assert wiring["layout.wiring.routed_count"] == wiring["layout.wiring.nets_count"] > 0


def test_too_small_a_die_is_said_before_anything_is_drawn() -> None:
    done = call("check", EXAMPLES / "too_small" / "chip.yaml")
    assert done.exit_code == 1
    assert "fan out" in done.output
    assert "layout.drc" not in done.output


def test_a_wrong_value_is_refused_with_line_and_remedy(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    text = path.read_text()
    path.write_text(text.replace("family:", "famly:").replace("pitch_um:", "pich_um:"))
    done = call("build", path, "--quick", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "did you mean" in done.output
    assert "Traceback" not in done.output
    assert done.output.count("chip.yaml:") >= 2
    assert not (tmp_path / "out").exists()


def test_set_replaces_a_value(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    done = call("check", path, "--set", "balls.pitch_um=-3")
    assert done.exit_code == 2
    assert "balls.pitch_um" in done.output
    assert call("check", path, "--set", "nonsense").exit_code == 2


def test_an_option_reaches_the_analysis(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    answers = [
        json.loads(call("run", path, "layout.density", "-o", f"window_um={size}", "--json").stdout)
        for size in (200, 400)
    ]
    assert answers[0]["results"] != answers[1]["results"]
    assert call("run", path, "layout.densty").exit_code == 2
    assert call("run", path, "layout.density", "-o", "windw_um=1").exit_code == 2


def test_a_stranger_s_folder_is_left_alone(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    folder = tmp_path / "out" / "my_package"
    name = json.loads(call("check", path, "--json").stdout)["name"]
    folder = tmp_path / "out" / name
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("keep")
    assert call("build", path, "--quick", "--out", tmp_path / "out").exit_code == 2
    assert (folder / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("kind", ["families", "analyses", "materials", "rules"])
def test_lists_name_and_explain(kind: str) -> None:
    listed = json.loads(call("list", kind, "--json").stdout)
    assert listed
    name = sorted(listed)[0]
    assert json.loads(call("list", kind, name).stdout)
    assert call("list", kind, "no-such-thing").exit_code == 2


def test_new_never_overwrites(tmp_path: Path) -> None:
    path = _starter(tmp_path)
    assert call("new", "fan_in_wlcsp", path).exit_code == 2
    assert call("new", "fan_in_wlcsp", tmp_path / "no" / "folder.yaml").exit_code == 2
    assert call("new", "fan_in_wlscp", tmp_path / "x.yaml").exit_code == 2
    assert "did you mean" in call("chekc", path).output


def test_published_cases_hold() -> None:
    done = call("validate", "joint", "--json")
    rows = json.loads(done.stdout)
    assert rows
    assert all(row["ok"] for row in rows), done.output
    assert call("validate", "no-such-topic").exit_code == 2
