from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.spec.read import MAX_BYTES, SpecFile, read_spec
from chipscale.spec.starter import starter

SMALL = """chipscale: 1
name: small
die:
  size_x_um: 1000
  size_y_um: 1000
  pads: {per_side: {left: 2, right: 2}}
balls:
  rows: 2
  cols: 2
  pitch_um: 400
  sphere_d_um: 250
"""


def write(folder: Path, text: str | bytes, name: str = "chip.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(path: Path) -> list[dict[str, object]]:
    with pytest.raises(InputError) as error:
        read_spec(path)
    assert all(item.file == str(path) for item in error.value.problems)
    return [item.as_dict() for item in error.value.problems]


def only(folder: Path, text: str) -> dict[str, object]:
    found = problems(write(folder, text))
    assert len(found) == 1
    return found[0]


def test_reads_with_lines_and_makes_problems_at_them(tmp_path):
    found = read_spec(write(tmp_path, SMALL))
    assert isinstance(found, SpecFile)
    assert found.folder == tmp_path
    assert found.spec.balls.pitch_um == 400.0
    assert (found.lines["balls.pitch_um"], found.lines["die"]) == (10, 3)
    assert found.line("balls.nets.A1") == 7
    assert found.line("wafer.diameter_mm") == 1
    problem = found.problem("x.y", "die.size_x_um", "odd", "1", "2", "3")
    assert str(problem).startswith(f"{tmp_path / 'chip.yaml'}:4: die.size_x_um: odd")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.path = tmp_path  # type: ignore[misc]


def test_yaml_traps_read_right(tmp_path):
    text = SMALL + "  nets: {A1: NO, A2: 1e3, B1: 5, B2: true, 007: 0x1F}\nrule_overrides: {rdl_min_width_um: 1e-6}\n"
    spec = read_spec(write(tmp_path, text)).spec
    assert spec.balls.nets == {"A1": "NO", "A2": "1e3", "B1": "5", "B2": "true", "007": "0x1F"}
    assert spec.rule_overrides == {"rdl_min_width_um": 1e-6}
    assert spec.die.size_x_um == 1000.0
    assert isinstance(spec.die.size_x_um, float)


def test_numbers_as_text_in_lists_and_where_a_list_is_possible(tmp_path):
    text = SMALL.replace("{left: 2, right: 2}", "{left: 2, nets: [5, on]}").replace("pads: {", "pads: {lef: 7, ")
    spec = read_spec(write(tmp_path, text)).spec
    assert spec.die.pads.per_side is not None
    assert (spec.die.pads.per_side.nets, spec.die.pads.lef) == (["5", "on"], "7")


def test_all_problems_at_once_in_the_order_of_lines(tmp_path):
    text = (
        SMALL.replace("size_y_um: 1000", "size_y_um: -5")
        .replace("left: 2", "lefft: 2")
        .replace("cols: 2", "cols: 2.5")
        .replace("pitch_um: 400", "pitch_um: 400um")
        .replace("  sphere_d_um: 250\n", "  nets: {A1: ~}\n")
        .replace("chipscale: 1", "chipscale: 2")
    )
    found = problems(write(tmp_path, text + "wafer: {diameter_mm: 310}\nrdl: [1]\nrules: ''\n"))
    assert [(item["code"], item.get("line"), item["key"]) for item in found] == [
        ("spec.choice", 1, "chipscale"),
        ("spec.range", 5, "die.size_y_um"),
        ("spec.unknown_key", 6, "die.pads.per_side.lefft"),
        ("spec.missing_key", 7, "balls.sphere_d_um"),
        ("spec.type", 9, "balls.cols"),
        ("spec.type", 10, "balls.pitch_um"),
        ("spec.type", 11, "balls.nets.A1"),
        ("spec.choice", 12, "wafer.diameter_mm"),
        ("spec.type", 13, "rdl"),
        ("spec.length", 14, "rules"),
    ]
    assert all(item["remedy"] for item in found)
    said = {item["key"]: item for item in found}
    assert said["die.size_y_um"] | {"file": ""} == {
        "code": "spec.range",
        "what": "out of range",
        "file": "",
        "line": 5,
        "key": "die.size_y_um",
        "value": "-5",
        "limit": "> 0",
        "remedy": "give a number > 0 (µm)",
    }
    assert said["die.pads.per_side.lefft"]["remedy"] == "did you mean 'left'?"
    assert "add 'sphere_d_um:' to balls" in str(said["balls.sphere_d_um"]["remedy"])
    assert "no unit" in str(said["balls.pitch_um"]["remedy"])
    assert said["wafer.diameter_mm"]["limit"] == "one of 100, 150, 200, 300"


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ("size_x_um: 1000", "size_x_um: .nan", "spec.range", "die.size_x_um"),
        ("size_x_um: 1000", "size_x_um: .inf", "spec.range", "die.size_x_um"),
        ("size_x_um: 1000", "size_x_um: 1e9", "spec.range", "die.size_x_um"),
        ("size_x_um: 1000", "size_x_um: 1,000", "spec.type", "die.size_x_um"),
        ("size_x_um: 1000", "size_x_um: true", "spec.type", "die.size_x_um"),
        ("size_x_um: 1000", "size_x_um: '1000'", "spec.type", "die.size_x_um"),
        ("rows: 2", "rows: 0", "spec.range", "balls.rows"),
        ("rows: 2", "rows: 501", "spec.range", "balls.rows"),
        ("name: small", "name: ../evil", "spec.pattern", "name"),
        ("name: small", "name: [a]", "spec.type", "name"),
        ("rows: 2", "rows: 2\n  letters: rws", "spec.choice", "balls.letters"),
        ("rows: 2", "rows: 2\n  missing: {areas: [[A1]]}", "spec.length", "balls.missing.areas.0"),
        ("chipscale: 1", "chipscale: 1\ntargets: {a: {max: .nan}}", "spec.range", "targets.a.max"),
        ("chipscale: 1", "chipscale: 1\nfilms: {rdl_um: 5000}", "spec.range", "films.rdl_um"),
        ("chipscale: 1", "chipscale: 1\nwafer: {partial_dies: {RDL: keap}}", "spec.choice", "wafer.partial_dies.RDL"),
        ("chipscale: 1\n", "", "spec.missing_key", "chipscale"),
        ("pads: {per_side: {left: 2, right: 2}}", "pads: pads.csv", "spec.type", "die.pads"),
    ],
)
def test_one_fault_gives_one_problem(tmp_path, old, new, code, key):
    assert old in SMALL
    found = problems(write(tmp_path, SMALL.replace(old, new, 1)))
    mine = [item for item in found if item["key"] == key]
    assert [item["code"] for item in mine] == [code]
    assert mine[0]["remedy"]
    assert mine[0]["line"]
    assert len(found) <= 2


def test_duplicate_key_names_both_lines(tmp_path):
    said = only(tmp_path, SMALL.replace("  cols: 2\n", "  cols: 2\n  rows: 3\n"))
    assert (said["code"], said["line"], said["key"]) == ("spec.duplicate_key", 10, "balls.rows")
    assert "lines 8 and 10" in str(said["what"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"# only a comment\n", "file.empty"),
        (b"---\n", "file.empty"),
        (b"just text\n", "spec.type"),
        (b"- a\n- b\n", "spec.type"),
        (b"5\n", "spec.type"),
        (bytes(range(256)), "file.not_text"),
        (b"a: \0\n", "file.not_text"),
        (b"a: \x07\n", "spec.syntax"),
        (b"\x89PNG\r\n\x1a\n", "file.not_text"),
        (b"a: \xe9\n", "file.not_text"),
        (b"#" * (MAX_BYTES + 1), "file.too_large"),
    ],
)
def test_files_that_are_no_package_file(tmp_path, content, code):
    found = problems(write(tmp_path, content))
    assert [item["code"] for item in found] == [code]
    assert found[0]["remedy"]


def test_missing_file_and_folder(tmp_path):
    write(tmp_path, SMALL)
    (missing,) = problems(tmp_path / "chp.yaml")
    assert (missing["code"], missing["remedy"]) == ("file.missing", "did you mean 'chip.yaml'?")
    assert problems(tmp_path / "no" / "chip.yaml")[0]["code"] == "file.missing"
    assert problems(tmp_path)[0]["code"] == "file.unreadable"
    assert problems(tmp_path / "a\0b")[0]["code"] == "file.unreadable"
    assert problems(write(tmp_path, SMALL) / "chip.yaml")[0]["code"] == "file.unreadable"


def test_a_byte_order_mark_and_windows_lines(tmp_path):
    text = "\ufeff" + SMALL.replace("\n", "\r\n")
    assert read_spec(write(tmp_path, text)).spec == read_spec(write(tmp_path, SMALL, "b.yaml")).spec


STARTER = starter("fan_in_wlcsp")


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good file with a few characters, words or lines removed, repeated or replaced."""
    text = draw(st.sampled_from([SMALL, STARTER]))
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["char", "cut", "line", "word"]))
        lines = text.splitlines(keepends=True) or [""]
        at = draw(st.integers(0, max(len(text) - 1, 0)))
        row = draw(st.integers(0, len(lines) - 1))
        if kind == "char":
            new = draw(st.one_of(st.sampled_from(list("[]{}:,#&*!|>'\"%@`-\t\n 0.~")), st.characters(codec="utf-8")))
            text = text[:at] + new + text[at + 1 :]
        elif kind == "cut":
            text = text[:at] + text[at + draw(st.integers(1, 30)) :]
        elif kind == "line":
            text = "".join(lines[:row] + draw(st.sampled_from([[], [lines[row]] * 2])) + lines[row + 1 :])
        else:
            word = draw(
                st.sampled_from(["-1", "1e999", ".nan", "null", "[]", "{}", "[[1]]", "yes", "{a: {b: 1}}", "''"])
            )
            key = lines[row].split(":")[0]
            text = "".join([*lines[:row], f"{key}: {word}\n", *lines[row + 1 :]])
    return text


@settings(max_examples=250, deadline=None)
@given(damaged())
def test_any_damage_reads_or_is_explained(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("spec") / "chip.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    said = ()
    try:
        found = read_spec(path)
    except InputError as error:
        found, said = None, error.problems
    assert (found is None) == bool(said)
    assert all(item.what and item.file == str(path) for item in said)
