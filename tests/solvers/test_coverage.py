"""Shares of cells under outlines, against shapely's own intersections."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from chipscale.solvers.coverage import coverage


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_shares_are_those_of_the_intersections(seed):
    rng = np.random.default_rng(seed)
    x, y = np.sort(rng.uniform(-1, 5, 9)), np.sort(rng.uniform(-1, 4, 7))
    region = shapely.Point(rng.uniform(0, 4, 2)).buffer(rng.uniform(0.5, 3))
    region = region.difference(shapely.box(*rng.uniform(0, 1.5, 2), *rng.uniform(1.5, 3, 2)))
    region = region.union(shapely.box(3.6, 2, 9, 9)).union(shapely.box(-3, -3, 0.2, 0.1))
    cells = shapely.box(x[None, :-1], y[:-1, None], x[None, 1:], y[1:, None])
    exact = shapely.area(shapely.intersection(region, cells)) / shapely.area(cells)
    assert coverage(region, x, y) == pytest.approx(exact, abs=1e-9)


def test_nothing_covers_nothing():
    edges = np.arange(4.0)
    assert not coverage(shapely.Polygon(), edges, edges).any()
    assert coverage(shapely.box(-9, -9, 9, 9), edges, edges).min() == 1.0
