from __future__ import annotations

import math
import time

import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.spec.yaml_text import MAX_DEPTH, parse_yaml, plain_scalar


def problems(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as error:
        parse_yaml(text, "f.yaml")
    return [(item.code, item.line) for item in error.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("y", "y"),
        ("1e-6", 1e-6),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("-3", -3),
        ("+4.", 4.0),
        ("0o17", 15),
        ("017", 17),
        ("0x1F", 31),
        ("true", True),
        ("~", None),
        ("null", None),
        ("-.inf", -math.inf),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("0b1", "0b1"),
        ("1e400", math.inf),
    ],
)
def test_yaml_1_2_core_scalars(text, value):
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)
    assert parse_yaml(f"a: {text}", "f").data == {"a": value}


def test_quoted_scalars_are_text():
    assert parse_yaml("a: '5'\nb: \"true\"\nc: |\n  7\n", "f").data == {"a": "5", "b": "true", "c": "7\n"}


def test_lines_of_every_key_and_entry():
    text = parse_yaml("a:\n  b: 1\n\n  c: [2,\n    {d: 3}]\n1: x\n", "f")
    assert text.data == {"a": {"b": 1, "c": [2, {"d": 3}]}, "1": "x"}
    assert text.lines == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "c"): 4,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("a", "c", 1, "d"): 5,
        ("1",): 6,
    }


def test_every_duplicate_key_with_both_lines():
    with pytest.raises(InputError) as error:
        parse_yaml("a: 1\nb:\n  c: 1\n  c: {x: 1, x: 2}\na: 2\n", "f")
    said = [(item.line, item.key, item.what) for item in error.value.problems]
    assert said == [
        (4, "b.c", "key 'c' is given twice, on lines 3 and 4"),
        (4, "b.c.x", "key 'x' is given twice, on lines 4 and 4"),
        (5, "a", "key 'a' is given twice, on lines 1 and 5"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: &x 1\nb: 2\n", "spec.alias", 1),
        ("a: 1\nb: *x\n", "spec.alias", 2),
        ("a: !!python/object:os.system x\n", "spec.tag", 1),
        ("a: !mine {b: 1}\n", "spec.tag", 1),
        ("a: 1\n---\nb: 2\n", "spec.documents", 2),
        ("? [a, b]\n: 1\n", "spec.key", 1),
        ("a: [1, 2\nb: 3\n", "spec.syntax", 2),
        ("a:\n\t- b\n", "spec.syntax", 2),
        ("a: b: c\n", "spec.syntax", 1),
        ("a: 'x\n", "spec.syntax", 2),
    ],
)
def test_refused_with_its_line(text, code, line):
    assert problems(text) == [(code, line)]


def test_depth_is_bounded_and_bombs_are_refused_quickly():
    start = time.perf_counter()
    assert problems("a: " + "[" * 100_000)[0][0] == "spec.depth"
    assert problems("{a: " * 50_000)[0][0] == "spec.depth"
    assert problems("a: &a [x]\n" + "b: &b [*a,*a,*a,*a]\n" * 50)[0][0] == "spec.alias"
    assert time.perf_counter() - start < 5
    inside = "a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert parse_yaml(inside, "f").data


def test_a_number_with_very_many_digits_does_not_stop_the_reader():
    assert plain_scalar("9" * 5000) == math.inf
    assert isinstance(parse_yaml("a: 0x" + "f" * 5000, "f").data["a"], str)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        parse_yaml(text, "f")
    except InputError as error:
        said = error.problems
    else:
        said = ()
    assert all(item.what for item in said)


_SCALARS = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cc", "Zl", "Zp"]), max_size=8),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.none(),
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.text("abcxyz_[]019", min_size=1, max_size=5),
        st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
        max_size=5,
    )
)
def test_agrees_with_ruamels_own_yaml_1_2(data):
    """What ruamel writes as YAML 1.2 reads back as it was."""
    import io

    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.dump(data, stream)
    try:
        assume(yaml.load(stream.getvalue()) == data)  # its writer leaves a text such as ?0 in a flow list unquoted
    except YAMLError:
        reject()
    assert parse_yaml(stream.getvalue(), "f").data == data
