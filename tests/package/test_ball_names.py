"""Ball names: JEDEC letters, both orientations, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.package.ball_names import ALPHABETS, Naming, letter_index, letter_label


def test_jedec_leaves_out_six_letters_and_goes_on_with_aa():
    labels = [letter_label(i) for i in range(22)]
    assert labels == [*"ABCDEFGHJKLMNPRTUVWY", "AA", "AB"]


@pytest.mark.parametrize("letter", [*"IOQSXZ"])
def test_left_out_letters_are_no_labels(letter):
    assert letter_index(letter) is None
    assert letter_index(letter, "full") is not None


@given(index=st.integers(0, 100_000), alphabet=st.sampled_from(sorted(ALPHABETS)))
def test_labels_count_without_gap_or_double(index, alphabet):
    assert letter_index(letter_label(index, alphabet), alphabet) == index


@given(st.integers(0, 600), st.integers(0, 600), st.sampled_from(["rows", "columns"]))
def test_name_and_place_undo_each_other(row, col, letters):
    naming = Naming(letters)
    assert naming.place(naming.name(row, col)) == (row, col)


def test_letters_as_columns():
    assert Naming("columns").name(9, 0) == "A10"
    assert Naming("rows").name(9, 0) == "K1"


@pytest.mark.parametrize("name", ["", "A", "1", "A0", "I1", "A1B", "a1", "A-1", "A01"])
def test_other_names_have_no_place(name):
    assert Naming().place(name) is None
