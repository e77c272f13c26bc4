"""BLAS is held to one thread inside, and only there."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from chipscale.solvers.one_thread import one_thread


def _threads():
    np.linalg.inv(np.eye(2))  # BLAS is loaded
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_one_inside_and_as_before_outside():
    with threadpool_limits(2, "blas"):
        before = _threads()
        assert before
        assert set(before) == {2}
        with one_thread():
            assert set(_threads()) == {1}
        assert _threads() == before


def test_as_before_also_after_an_error():
    with threadpool_limits(2, "blas"):
        with pytest.raises(ValueError, match="inside"), one_thread():
            raise ValueError("inside")
        assert set(_threads()) == {2}


def test_numbers_do_not_depend_on_it():
    matrix = np.random.default_rng(5).normal(size=(40, 40))
    with one_thread():
        inside = np.linalg.inv(matrix)
    assert inside == pytest.approx(np.linalg.inv(matrix), rel=1e-12, abs=1e-12)
