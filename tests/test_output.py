"""An output folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from chipscale.output import fresh_folder, parent_of


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "a", {"name": "a"}) as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "x.txt").write_text("hello")
    data = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert data["name"] == "a"
    assert data["files"]["sub/x.txt"] == {"bytes": 5, "sha256": hashlib.sha256(b"hello").hexdigest()}


def _stopped_half_way(target: Path) -> None:
    with fresh_folder(target) as folder:
        (folder / "new").write_text("2")
        raise KeyboardInterrupt


def test_a_failure_leaves_the_old_output(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "a") as folder:
        (folder / "old").write_text("1")
    with pytest.raises(KeyboardInterrupt):
        _stopped_half_way(tmp_path / "a")
    assert sorted(place.name for place in (tmp_path / "a").iterdir()) == ["manifest.json", "old"]
    assert [place.name for place in tmp_path.iterdir()] == ["a"]


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with fresh_folder(tmp_path / "a") as folder:
            (folder / name).write_text(name)
    assert sorted(place.name for place in (tmp_path / "a").iterdir()) == ["manifest.json", "two"]
    assert [place.name for place in tmp_path.iterdir()] == ["a"]


def _write_into(target: Path) -> None:
    with fresh_folder(target):
        pass


def test_a_stranger_s_files_are_never_removed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError):
        _write_into(tmp_path / "a")
    assert (tmp_path / "a" / "thesis.tex").read_text() == "years of work"
    (tmp_path / "b").write_text("a file")
    with pytest.raises(FileExistsError):
        _write_into(tmp_path / "b")


def _stopped(place: Path) -> None:
    with parent_of(place):
        assert place.parent.is_dir()
        raise KeyboardInterrupt


def test_folders_made_for_a_file_go_again_when_it_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(KeyboardInterrupt):
        _stopped(tmp_path / "old" / "new" / "deep" / "report.html")
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]
    with parent_of(tmp_path / "new" / "report.html"):
        pass
    assert (tmp_path / "new").is_dir()
