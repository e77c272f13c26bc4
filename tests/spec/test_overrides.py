"""What --set takes: plain values, lists and blocks in flow style; what is wrong is told at the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from chipscale.errors import InputError, Problem
from chipscale.spec.overrides import MOST_CHARACTERS, override, parse_settings
from chipscale.spec.read import read_spec

CHIP = Path(__file__).parents[2] / "examples" / "bump_on_pad" / "chip.yaml"


def refused(*settings: str) -> Problem:
    with pytest.raises(InputError) as caught:
        read_spec(CHIP, parse_settings(settings))
    return caught.value.problems[0]


def test_a_list_of_edits_arrives() -> None:
    edit = "flow.edits=[{change: plate UBM, recipe: {thickness_um: 8, mushroom: true}}, {remove: laser mark}]"
    edits = read_spec(CHIP, parse_settings((edit,))).spec.flow.edits
    assert edits[0].recipe == {"thickness_um": 8, "mushroom": True}
    assert edits[1].remove == "laser mark"


def test_quotes_make_text() -> None:
    assert parse_settings(('title="[a]: b"',)) == {"title": "[a]: b"}


def test_entries_of_a_list_are_set_by_number() -> None:
    data = {"flow": {"edits": [{"remove": "a"}, {"remove": "b"}]}}
    override(data, {"flow.edits.1.remove": "c"})
    assert data["flow"]["edits"][1] == {"remove": "c"}
    with pytest.raises(InputError, match="0 to 1"):
        override(data, {"flow.edits.2": {}})


@pytest.mark.parametrize("text", ["[{remove: a", "{a: 1}}", "[&a 1, *a]", "[" * 40 + "]" * 40, "[!!python/name:os 1]"])
def test_what_is_no_plain_yaml_is_refused_with_an_example(text: str) -> None:
    problem = refused(f"flow.edits={text}")
    assert problem.key == "--set flow.edits"
    assert "--set 'flow.edits=" in problem.remedy


def test_a_long_value_is_refused() -> None:
    assert refused(f"flow.edits=[{'1,' * MOST_CHARACTERS}]").code == "set.too_long"


def test_problems_name_the_setting_and_say_it_well() -> None:
    problem = refused("flow.edits=5")
    assert (problem.file, problem.line) == ("--set flow.edits", None)
    assert "a list of blocks of keys" in problem.what
    problem = refused("flow.edits=[{insert: beside, at: dicing, step: {step: laser_mark}}]")
    assert problem.remedy == "did you mean 'after' or 'before'?"
