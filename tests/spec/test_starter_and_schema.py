from __future__ import annotations

import re

import pytest

from chipscale.errors import InputError
from chipscale.spec.fields import keys_of
from chipscale.spec.model import Spec
from chipscale.spec.read import read_spec
from chipscale.spec.schema import json_schema, reference_markdown
from chipscale.spec.starter import starter, starters


@pytest.mark.parametrize("family", starters())
def test_starter_reads_and_names_its_family(tmp_path, family):
    path = tmp_path / "chip.yaml"
    path.write_text(starter(family), encoding="utf-8")
    assert read_spec(path).spec.family == family
    assert starter(family).count("#") > 20


@pytest.mark.parametrize("family", starters())
def test_keys_shown_as_comments_are_keys_of_the_model(tmp_path, family):
    """Every commented key of the starter exists: `# key: value` lines are tried against the reference page."""
    known = set(re.findall(r"^\| `([a-z0-9_]+)` \|", reference_markdown(), re.MULTILINE))
    shown = re.findall(r"^\s*#\s{1,3}([a-z0-9_]+): ", starter(family), re.MULTILINE)
    assert len(shown) > 8
    assert set(shown) <= known


def test_unknown_starter_names_the_known_ones():
    with pytest.raises(InputError) as error:
        starter("fan_in_wlcps")
    assert error.value.problems[0].remedy == "did you mean 'fan_in_wlcsp'?"


def test_every_key_has_a_meaning_on_the_reference_page():
    rows = [line for line in reference_markdown().splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    assert [row for row in cells if len(row) != 5 or not row[4].strip()] == []


def test_every_key_of_the_model_is_on_the_page():
    page = reference_markdown()
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert set(keys_of(Spec)) == set(re.findall(r"^\| `(.+?)` \|", sections["The file"], re.MULTILINE))
    for name in (
        "`die`",
        "`die.pads.per_side`",
        "`balls.missing`",
        "`nets.NAME`",
        "`die.keepouts[]`",
        "`targets.NAME`",
    ):
        assert name in sections
    assert "| `pitch_um` | number |  | > 0, <= 1,000,000 |" in sections["`balls`"]
    assert "`def`" in sections["`die.pads`"]


def test_json_schema_says_the_same():
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"chipscale", "name", "die", "balls"}
    assert schema["$defs"]["PerSide"]["properties"]["left"]["maximum"] == 5000
    assert "def" in schema["$defs"]["Pads"]["properties"]
