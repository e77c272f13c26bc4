"""The cache gives back what it was given, and only for the same content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from chipscale.layout.types import Circle, Label, Layout, OpenNet, Polygon, Trace
from chipscale.results import Check, Result
from chipscale.store import Store, code_digest, digest


def _layout(x_um: float = 1.0) -> Layout:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    return Layout(
        size_x_um=10.0,
        size_y_um=20.0,
        circles=(Circle("RDL", "land", x_um, 2.0, 3.0, net=None, name="A1"),),
        polygons=(Polygon("RDL", "wire", square, "n", holes=(square * 0.5,)),),
        traces=(Trace("RDL", "n", 10.0, square),),
        labels=(Label("MARK", 0.0, 0.0, "A1"),),
        unrouted=(OpenNet("n", ("a", "b"), ("c", "d"), 1.0, 2.0, (3.0, 4.0), "narrow"),),
        figures={"wire_um": 5.0},
    )


def test_a_layout_comes_back_equal(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("layout", "k", _layout())
    back = store.load("layout", "k", Layout)
    assert digest(back) == digest(_layout())
    assert isinstance(back.polygons[0].holes[0], np.ndarray)


def test_a_result_comes_back_equal(tmp_path: Path) -> None:
    check = Check("c", "m_um", 1.0, 2.0, True, "fine", where_um=(1.0, 2.0))
    result = Result("layout.drc", {"a_um": 1.5}, (check,), tables={"t": [{"x": 1}]}, fields={"f": np.eye(2)})
    store = Store(tmp_path)
    store.save("result", "k", result)
    back = store.load("result", "k", Result)
    assert back.as_dict() == result.as_dict()
    assert np.array_equal(back.fields["f"], np.eye(2))


def test_digest_sees_every_field() -> None:
    assert digest(_layout(1.0)) != digest(_layout(1.0000001))
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    assert digest([1, 2]) != digest([2, 1])
    assert digest("1") != digest(1)


def test_a_broken_entry_is_made_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.load("layout", "absent", Layout) is None
    store.save("layout", "k", _layout())
    (tmp_path / "layout" / "k" / "data.json").write_text("{ not json")
    assert store.load("layout", "k", Layout) is None


def test_an_unwritable_folder_does_not_stop_the_run(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    Store(blocker).save("layout", "k", _layout())
    assert blocker.read_text() == "x"


def test_code_digest_follows_imports() -> None:
    assert code_digest("chipscale.layout.wiring") != code_digest("chipscale.layout.types")
    assert code_digest("chipscale.absent") == digest({})


@pytest.mark.parametrize(
    "how", ["from chipscale.room import b as other", "from chipscale.room import (\n    a,\n    b,\n)"]
)
def test_code_digest_sees_every_way_to_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text(how + "\n")
    monkeypatch.setattr("chipscale.store._SOURCE", tmp_path)
    found = []
    for value in (1, 2):
        (tmp_path / "room" / "b.py").write_text(f"VALUE = {value}\n")
        code_digest.cache_clear()
        found.append(code_digest("chipscale.room.a"))
    code_digest.cache_clear()
    assert found[0] != found[1]


def test_saving_twice_leaves_one_entry(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Small:
        value: int

    store = Store(tmp_path)
    store.save("s", "k", Small(1))
    store.save("s", "k", Small(2))
    assert [place.name for place in (tmp_path / "s").iterdir()] == ["k"]
    assert store.load("s", "k", Small) == Small(2)
