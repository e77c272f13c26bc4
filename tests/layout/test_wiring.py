"""Lengths and bounds against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.layout.route.figures import bends, octilinear_um, spanning_um

points = st.lists(
    st.tuples(st.floats(-1e4, 1e4, allow_nan=False), st.floats(-1e4, 1e4, allow_nan=False)), min_size=2, max_size=7
)


def test_a_knight_s_move() -> None:
    assert octilinear_um(np.array([1.0, 2.0])) == pytest.approx(1 + math.sqrt(2))


def test_spanning_tree_of_a_square_leaves_out_the_diagonal() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert spanning_um(square) == pytest.approx(3.0)
    assert spanning_um(square[:1]) == 0.0


@given(points)
def test_spanning_is_at_least_the_farthest_pair_and_at_most_a_chain(pairs: list[tuple[float, float]]) -> None:
    array = np.array(pairs)
    distance = octilinear_um(array[:, None] - array[None])
    chain = sum(distance[i, i + 1] for i in range(len(array) - 1))
    assert distance.max() - 1e-6 <= spanning_um(array) <= chain + 1e-6


def test_bends_count_only_changes_of_direction() -> None:
    line = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 1.0], [3.0, 1.0], [3.0, 2.0]])
    assert bends(line) == 2
    assert bends(line[:2]) == 0
