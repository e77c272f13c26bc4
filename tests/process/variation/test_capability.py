"""Capability indices and the interval of a share."""

import math

import pytest
from scipy.stats import binom

from chipscale.process.variation.capability import cp, cpk, share_interval_pct


def test_closed_forms():
    assert cp(2.0, 90.0, 110.0) == pytest.approx(20.0 / 12.0)
    assert cpk(104.0, 2.0, 90.0, 110.0) == pytest.approx(1.0)
    assert cpk(96.0, 2.0, 90.0, 110.0) == pytest.approx(1.0)
    assert cpk(100.0, 2.0, 90.0, 110.0) == cp(2.0, 90.0, 110.0)
    assert cpk(3.0, 0.5, None, 5.0) == pytest.approx(2.0 / 1.5)
    assert cpk(7.0, 0.5, None, 5.0) < 0


def test_nothing_varies():
    assert cp(0.0, 0.0, 1.0) == math.inf
    assert cpk(0.5, 0.0, 0.0, 1.0) == math.inf
    assert cpk(2.0, 0.0, None, 1.0) == -math.inf
    with pytest.raises(ValueError, match="limit"):
        cpk(0.0, 1.0, None, None)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_the_interval_holds_the_share_about_95_times_of_100(share):
    n = 400
    held = sum(
        binom.pmf(k, n, share) for k in range(n + 1) if (ends := share_interval_pct(k, n))[0] <= 100 * share <= ends[1]
    )
    assert 0.92 < held < 0.98


def test_the_ends():
    assert share_interval_pct(0, 50)[0] == 0.0
    assert share_interval_pct(50, 50)[1] == pytest.approx(100.0)
    assert 90.0 < share_interval_pct(50, 50)[0] < 100.0
